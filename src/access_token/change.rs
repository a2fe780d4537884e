//! Carries a change out: the order of steps that loses no token and leaves no device behind. Decides nothing.

use anyhow::{Context, Result, anyhow, bail};

use super::login_failure::LoginFailure;
use super::options::Options;
use super::plan::{Change, Old};
use super::result::{Origin, Shown, Success};
use super::session_file::SessionFile;
use crate::matrix::admin;
use crate::matrix::client::Client;
use crate::matrix::credential::{Credential, Proof};
use crate::matrix::encryption_keys::has_keys;
use crate::matrix::homeserver_url::HomeserverUrl;
use crate::matrix::login::{self, Login};
use crate::matrix::session::{self, Identity, Session, Tokens};

/// What every step works with.
pub(super) struct Task<'a> {
    pub(super) client: &'a Client,
    pub(super) options: &'a Options,
    pub(super) homeserver: &'a HomeserverUrl,
    pub(super) file: Option<&'a SessionFile>,
    pub(super) stored: Option<&'a Session>,
}

/// Whose device a new session is on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Owner {
    /// This run's: the server made the device for it, or it was cleared just before.
    This,
    /// The playbook named the device, which perhaps somebody uses.
    Unknown,
}

impl Owner {
    /// After a login that asked for this device.
    fn of(device_id: Option<&str>) -> Self {
        if device_id.is_none() { Self::This } else { Self::Unknown }
    }
}

impl Task<'_> {
    /// `None` if the server refuses the refresh token: then something else has to be done.
    pub(super) fn carry_out(&self, change: Change) -> Result<Option<Success>> {
        self.file.map_or(Ok(()), SessionFile::prove_writable)?;
        match change {
            Change::TakeOver { identity, old } => self.take_over(identity, old).map(Some),
            Change::Refresh => self.refresh(),
            Change::LogIn { device_id, old } => {
                let session = self.log_in(device_id.as_deref())?;
                self.settle(session, old, Owner::of(device_id.as_deref())).map(Some)
            }
            Change::LogInAfresh { device_id, old } => {
                let session = self.log_in_afresh(&device_id)?;
                self.settle(session, old, Owner::This).map(Some)
            }
        }
    }

    fn take_over(&self, identity: Identity, old: Old) -> Result<Success> {
        let session = self.given(identity)?;
        self.check_clean(&session)?;
        self.file.map_or(Ok(()), |file| file.write(&session))?;
        let msg = format!("took over the session of {}", whose(&session));
        Ok(self.success(Origin::Kept, msg, session, old))
    }

    /// The session behind the option `access_token`.
    pub(super) fn given(&self, identity: Identity) -> Result<Session> {
        let access_token = self
            .options
            .access_token
            .clone()
            .context("missing required arguments: access_token")?;
        let tokens = Tokens {
            access_token,
            refresh_token: None,
            expires_at: None,
        };
        Ok(Session {
            homeserver: self.homeserver.clone(),
            user_id: identity.user_id,
            device_id: identity.device_id,
            tokens,
        })
    }

    /// The new pair is stored before anything else: the old one is used up.
    fn refresh(&self) -> Result<Option<Success>> {
        let (Some(stored), Some(file)) = (self.stored, self.file) else {
            return Ok(None);
        };
        let Some(refresh_token) = &stored.tokens.refresh_token else {
            return Ok(None);
        };
        let tokens = session::refresh(self.client, &stored.homeserver, refresh_token).context("could not refresh the session")?;
        let Some(mut tokens) = tokens else { return Ok(None) };
        // A server may let the refresh token be used again.
        tokens.refresh_token = tokens.refresh_token.or_else(|| Some(refresh_token.clone()));
        let session = Session { tokens, ..stored.clone() };
        file.write(&session)
            .context("the session was refreshed, so the tokens in the file are used up; remove the file, or run again with a credential")?;
        let msg = format!("refreshed the session of {}", whose(&session));
        Ok(Some(self.success(Origin::Refreshed, msg, session, Old::Forget)))
    }

    /// The credential is proven before the old session ends, and the device is gone in between.
    fn log_in_afresh(&self, device_id: &str) -> Result<Session> {
        let proof = self.log_in(Some(device_id))?;
        self.log_out(&proof)
            .with_context(|| format!("could not clear the device {device_id}, which has one more session now"))?;
        let left = || format!("the device {device_id} and its old sessions are gone, but there is no new session yet: run the task again");
        self.log_in(Some(device_id)).with_context(left)
    }

    fn log_in(&self, device_id: Option<&str>) -> Result<Session> {
        let credential = self.options.credential.as_ref().context("a login needs a credential")?;
        let session = match credential {
            Credential::Admin { user, admin_access_token } => admin::log_in(self.client, self.homeserver, user, admin_access_token),
            Credential::Login(proof) => login::log_in(self.client, self.homeserver, &self.login(proof, device_id)),
        };
        let session = session.map_err(|error| {
            let failure = LoginFailure::explain(self.client, self.homeserver, self.options, credential.kind(), error);
            failure.on_device(device_id)
        })?;
        match &self.options.user {
            Some(user) if !user.is(&session.user_id) => {
                let error = anyhow!(
                    "{} logged in {} instead of {user}; check `user_id` and `homeserver_url`",
                    self.homeserver,
                    session.user_id
                );
                Err(self.undo(&session, Owner::of(device_id), error))
            }
            _ => Ok(session),
        }
    }

    fn login<'b>(&'b self, proof: &'b Proof, device_id: Option<&'b str>) -> Login<'b> {
        let device_display_name = self.options.device_display_name.as_deref();
        Login {
            proof,
            device_id,
            device_display_name,
            refresh_token: self.options.refresh_token,
        }
    }

    /// A new session is stored before the old one ends; one that can't be stored is ended again.
    fn settle(&self, session: Session, old: Old, owner: Owner) -> Result<Success> {
        if let Err(error) = self.check_clean(&session) {
            return Err(self.undo(&session, owner, error));
        }
        if let Some(Err(error)) = self.file.map(|file| file.write(&session)) {
            return Err(self.undo(&session, Owner::This, error));
        }
        let msg = format!("logged in as {}", whose(&session));
        Ok(self.success(Origin::New, msg, session, old))
    }

    /// The device of the stored session was clean when it was taken; since then it may have come to use.
    pub(super) fn check_clean(&self, session: &Session) -> Result<()> {
        if !self.options.require_clean_device || self.is_on_the_stored_device(session) {
            return Ok(());
        }
        if !has_keys(self.client, session).with_context(|| format!("could not look for encryption keys of {}", whose(session)))? {
            return Ok(());
        }
        let device_id = session.device_id.as_deref().unwrap_or_default();
        bail!(
            "the device {device_id} has been used for encryption: give another `device_id`, or `force: true` to delete the device and start afresh"
        )
    }

    fn is_on_the_stored_device(&self, session: &Session) -> bool {
        let device = |session: &Session| (session.homeserver.clone(), session.user_id.canonical(), session.device_id.clone());
        session.device_id.is_some() && self.stored.is_some_and(|stored| device(stored) == device(session))
    }

    /// No orphan devices: a session that nobody will ever hear of is ended. But a device that was there before is somebody's,
    /// and logging out would delete it.
    fn undo(&self, session: &Session, owner: Owner, error: anyhow::Error) -> anyhow::Error {
        if owner == Owner::Unknown && session.device_id.is_some() {
            return error.context(format!(
                "{} has one more session now, left alone because the device may be in use",
                whose(session)
            ));
        }
        match self.log_out(session) {
            Ok(()) => error.context("the new session was logged out again"),
            Err(cause) => error.context(format!(
                "the new session of {} could not be logged out again ({cause:#})",
                whose(session)
            )),
        }
    }

    fn log_out(&self, session: &Session) -> Result<()> {
        Ok(session::log_out(self.client, &session.homeserver, &session.tokens.access_token).map(drop)?)
    }

    fn success(&self, origin: Origin, msg: String, session: Session, old: Old) -> Success {
        let warnings = self
            .end(old, &session)
            .into_iter()
            .chain(self.device_warning(&session))
            .chain(self.expiry_warning(&session))
            .chain(self.growth_warning(&session, origin))
            .collect();
        Success {
            changed: true,
            msg,
            origin,
            session: Shown::from(session),
            before: self.stored.cloned(),
            warnings,
        }
    }

    /// What became of the stored session, if somebody should know. The new one is safe already, so nothing fails here.
    fn end(&self, old: Old, new: &Session) -> Option<String> {
        let stored = self.stored?;
        match old {
            Old::Forget => None,
            Old::Leave => Some(format!("the old session of {} was left alone", whose(stored))),
            // The server put the new one there, whatever it was asked.
            Old::Revoke if self.is_on_the_stored_device(new) => None,
            Old::Revoke => {
                let error = self.log_out(stored).err()?;
                Some(format!(
                    "the old session of {} could not be logged out, remove it by hand: {error:#}",
                    whose(stored)
                ))
            }
        }
    }

    fn device_warning(&self, session: &Session) -> Option<String> {
        let wanted = self
            .options
            .device_id
            .as_ref()
            .filter(|wanted| session.device_id.as_ref() != Some(wanted))?;
        Some(format!(
            "the homeserver did not give the device {wanted} but made a session of {}",
            whose(session)
        ))
    }

    /// Nobody asked for a token that ends by itself. One that comes with a refresh token was asked for.
    pub(super) fn expiry_warning(&self, session: &Session) -> Option<String> {
        let asked_for = self.options.refresh_token || session.tokens.refresh_token.is_some();
        let seconds = session.tokens.expires_in().filter(|_| !asked_for)?.as_secs();
        Some(format!(
            "the token ends in {seconds} seconds: this server gives no lasting ones, so run this task again before that, or try `refresh_token: true`"
        ))
    }

    fn growth_warning(&self, session: &Session, origin: Origin) -> Option<String> {
        let grows = origin == Origin::New && self.file.is_none() && self.options.device_id.is_none();
        grows.then(|| match session.device_id {
            Some(_) => format!(
                "each run of this task logs {} in on one more device: give `session_file`, or `device_id` at least",
                session.user_id
            ),
            None => format!(
                "each run of this task makes one more token of {}, which lives until it is logged out: give `session_file`",
                session.user_id
            ),
        })
    }
}

/// A session in words.
pub(super) fn whose(session: &Session) -> String {
    let Session {
        homeserver,
        user_id,
        device_id,
        ..
    } = session;
    match device_id {
        // A server may call a device anything.
        Some(device_id) => format!("{user_id} on device {} at {homeserver}", device_id.replace(char::is_control, " ")),
        None => format!("{user_id} at {homeserver}"),
    }
}
