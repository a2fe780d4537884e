//! Logs in, and sees to it that a session that is not wanted leaves no device behind. Stores nothing.

use std::time::Duration;

use anyhow::{Context, Result, anyhow, bail};

use super::login_failure::LoginFailure;
use super::task::{Task, whose};
use crate::matrix::admin;
use crate::matrix::credential::{Credential, Proof};
use crate::matrix::encryption_keys::has_keys;
use crate::matrix::login::{self, Login};
use crate::matrix::session::Session;

/// How long a login is waited for whose device is gone already: a slow task is better than a dead bot. As configured by default,
/// Synapse asks for 333 seconds at most.
const NO_WAY_BACK: Duration = Duration::from_secs(15 * 60);

/// Whose device a new session is on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Owner {
    /// This run's: the server made the device for it, or it was cleared just before.
    This,
    /// The playbook named the device, which perhaps somebody uses.
    Unknown,
}

impl Owner {
    /// After a login that asked for this device.
    pub(super) fn of(device_id: Option<&str>) -> Self {
        if device_id.is_none() { Self::This } else { Self::Unknown }
    }
}

impl Task<'_> {
    /// The credential is proven before the old session ends, and the device is gone in between.
    pub(super) fn log_in_afresh(&self, device_id: &str) -> Result<Session> {
        let proof = self.log_in(Some(device_id))?;
        self.log_out(&proof)
            .with_context(|| format!("could not clear the device {device_id}, which has one more session now"))?;
        self.client.persevere(NO_WAY_BACK);
        let left = || format!("the device {device_id} and its old sessions are gone, but there is no new session yet: run the task again");
        self.log_in(Some(device_id)).with_context(left)
    }

    pub(super) fn log_in(&self, device_id: Option<&str>) -> Result<Session> {
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

    /// No orphan devices: a session that nobody will ever hear of is ended. But a device that was there before is somebody's,
    /// and logging out would delete it.
    pub(super) fn undo(&self, session: &Session, owner: Owner, error: anyhow::Error) -> anyhow::Error {
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
}
