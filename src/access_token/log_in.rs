//! Logs in, proves the new token, and sees to it that a session that is not wanted leaves no device behind. Stores nothing.

use std::time::Duration;

use anyhow::{Context, Error, Result, anyhow, bail};

use super::login_failure::{LoginFailure, Stage};
use super::task::{MIND_THE_CASE, Task};
use crate::matrix::encryption_keys::has_keys;
use crate::matrix::error::ApiError;
use crate::matrix::login::{self, Kind, Wishes};
use crate::matrix::logout::{Logout, becomes_invalid};
use crate::matrix::server_support;
use crate::matrix::session::Session;
use crate::matrix::user_id::User;
use crate::matrix::whoami::{self, Identity};

/// How long a login is waited for whose device is gone already: a slow task is better than a dead bot. As configured by default,
/// Synapse asks for 333 seconds at most.
const AFTER_LOGOUT: Duration = Duration::from_secs(15 * 60);

impl Task<'_> {
    /// The credential is proven before the old session ends, and the device is deleted in between. The second value is a warning.
    pub(crate) fn replace_device(&self, device_id: &str) -> Result<(Session, Option<String>)> {
        let proof = self.log_in(Some(device_id))?;
        let replaced = self.stored.filter(|_| self.is_on_the_stored_device(&proof));
        // Those of Matrix Authentication Service would keep the device.
        let kept = replaced.filter(|stored| self.is_of_mas() || stored.mas_personal_session_id.is_some());
        if let Some(Err(error)) = kept.map(|stored| self.end_session(stored)) {
            let error = Error::from(error).context("could not end the old session");
            return Err(self.undo(&proof, Some(device_id), error));
        }
        self.end_session(&proof)
            .with_context(|| format!("could not delete the device {device_id}, which has one more session now"))?;
        self.client.retries.extend(AFTER_LOGOUT);
        let left = || format!("the device {device_id} and its old sessions are gone, but there is no new session yet: run the task again");
        // The new token of the device that was just deleted, and the stored one if it was on that device.
        let becomes_invalid = |session: &Session| becomes_invalid(self.client, session.into()).with_context(left);
        let is_refused = becomes_invalid(&proof)? && replaced.map_or(Ok(true), becomes_invalid)?;
        let warning = (!is_refused).then(|| {
            format!(
                "the old session on the device {device_id} was logged out, but the homeserver may accept its token for up to two minutes; \
                 a session of that device that was made elsewhere may go on working"
            )
        });
        let session = self.log_in(Some(device_id)).with_context(left)?;
        self.check_clean(&session, true).map_err(|error| self.undo(&session, None, error))?;
        Ok((session, warning))
    }

    pub(crate) fn log_in(&self, device_id: Option<&str>) -> Result<Session> {
        let credential = self.options.credential.as_ref().context("a login needs a credential")?;
        let wishes = Wishes {
            device_id,
            device_display_name: self.options.device_display_name.as_deref(),
            refresh_token: self.options.refresh_token,
        };
        let kind = credential.kind();
        let session = login::log_in(self.client, self.homeserver, credential, wishes).map_err(|error| {
            let support = server_support::ask(self.client, self.homeserver, kind, &error);
            LoginFailure::new(self.options, kind, error, Stage::Login(support), device_id)
        })?;
        let session = self.prove(session, kind, device_id)?;
        match &self.options.user {
            Some(user) if !user.is(&session.user_id) => Err(self.undo(&session, device_id, another_user(user, &session))),
            _ => Ok(session),
        }
    }

    /// Some servers give out tokens that they don't accept. What `whoami` says of the user and the device counts.
    fn prove(&self, session: Session, kind: Kind, named: Option<&str>) -> Result<Session> {
        let error = match whoami::identity(self.client, &session.homeserver, &session.tokens.access_token) {
            Ok(Identity { user_id, device_id }) => {
                let device_id = device_id.or(session.device_id);
                return Ok(Session { user_id, device_id, ..session });
            }
            Err(error) => error,
        };
        let is_unknown = error.api_error().is_some_and(ApiError::is_unknown_token);
        let failure = LoginFailure::new(self.options, kind, error, Stage::Proof, None).into();
        // With a token that the server doesn't recognise nothing can be undone, but Matrix Authentication Service ends that of a locked user.
        Err(if is_unknown && !kind.is_of_mas() { failure } else { self.undo(&session, named, failure) })
    }

    /// The device of the stored session was clean when it was taken; since then it may have come to use. One that was just deleted is looked at
    /// all the same: some servers keep a device's keys.
    pub(crate) fn check_clean(&self, session: &Session, is_replaced: bool) -> Result<()> {
        if !self.options.require_clean_device || (self.is_on_the_stored_device(session) && !is_replaced) {
            return Ok(());
        }
        if !has_keys(self.client, session).with_context(|| format!("could not look for encryption keys of {session}"))? {
            return Ok(());
        }
        let device_id = session.device_id.as_deref().unwrap_or_default();
        if is_replaced {
            bail!(
                "the device {device_id} still has its encryption keys, which this homeserver keeps over a logout: give another `device_id`"
            );
        }
        bail!(
            "the device {device_id} has been used for encryption: give another `device_id`, or `force: true` to delete the device and create it again"
        )
    }

    pub(crate) fn is_of_mas(&self) -> bool {
        self.options.credential.as_ref().is_some_and(|credential| credential.kind().is_of_mas())
    }

    /// No orphan devices: a session that nobody will ever hear of is ended. But `named`, the device that a login asked for, is perhaps somebody's,
    /// and logging out would delete it.
    pub(crate) fn undo(&self, session: &Session, named: Option<&str>, error: Error) -> Error {
        if named.is_some() && session.device_id.is_some() && !self.is_of_mas() {
            return error.context(format!(
                "{session} has one more session now, which was not logged out because that would delete the device (some homeservers log a device's other sessions out at a login)"
            ));
        }
        match self.end_session(session) {
            Ok(Logout::Done) => error.context("the new session was logged out again"),
            Ok(Logout::WasInvalid) => error,
            Err(cause) => error.context(format!("the new session of {session} could not be logged out again ({cause})")),
        }
    }
}

fn another_user(user: &User, session: &Session) -> Error {
    let Session { homeserver, user_id, .. } = session;
    if user.differs_only_in_case(user_id) {
        return anyhow!("{homeserver} logged in {user_id} instead of {user}: {MIND_THE_CASE}");
    }
    anyhow!("{homeserver} logged in {user_id} instead of {user}; check `user_id` and `homeserver_url`")
}
