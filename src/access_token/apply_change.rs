//! Carries a change out: the order of steps that loses no token and leaves no device behind. A new session is stored before the old one is logged out.
//! Decides nothing.

use anyhow::{Context, Result, bail};

use super::plan::{Change, PreviousSession};
use super::result::{SessionOrigin, Success};
use super::session_file::SessionFile;
use super::task::Task;
use super::warnings::oauth_warning;
use crate::matrix::refresh;
use crate::matrix::session::Session;
use crate::matrix::whoami::{TokenStatus, whoami};

impl Task<'_> {
    /// `None` if the server refuses the refresh token: then something else has to be done.
    pub(crate) fn apply(&self, change: Change) -> Result<Option<Success>> {
        self.file.map_or(Ok(()), SessionFile::ensure_writable)?;
        match change {
            Change::TakeOver { session, previous } => self.take_over(session, previous).map(Some),
            Change::Refresh(session) => self.refresh(session),
            Change::LogIn { device_id, previous } => {
                let session = self.log_in(device_id.as_deref())?;
                self.check_clean(&session, false)
                    .map_err(|error| self.undo(&session, device_id.as_deref(), error))?;
                self.store(session, previous, None).map(Some)
            }
            Change::ReplaceDevice { device_id, previous } => {
                let (session, warning) = self.replace_device(&device_id)?;
                self.store(session, previous, warning).map(Some)
            }
        }
    }

    fn take_over(&self, session: Session, previous: PreviousSession) -> Result<Success> {
        self.check_clean(&session, false)?;
        self.file.map_or(Ok(()), |file| file.write(&session))?;
        let warning = self.end(previous, &session);
        let msg = format!("took over the session of {session}");
        Ok(self.success(SessionOrigin::Kept, msg, session, warning))
    }

    /// The new pair is stored before anything else: the old one is used up.
    fn refresh(&self, stored: Session) -> Result<Option<Success>> {
        let (Some(refresh_token), Some(file)) = (&stored.tokens.refresh_token, self.file) else {
            return Ok(None);
        };
        let tokens = refresh::refresh(self.client, &stored.homeserver, refresh_token).context("could not refresh the session")?;
        let Some(mut tokens) = tokens else { return Ok(None) };
        // A server may let the refresh token be used again.
        tokens.refresh_token = tokens.refresh_token.or_else(|| Some(refresh_token.clone()));
        let session = Session { tokens, ..stored };
        file.write(&session)
            .context("the session was refreshed, so the tokens in the file are no longer valid: remove the file, or run the task again with a credential")?;
        let msg = format!("refreshed the session of {session}");
        match whoami(self.client, &session.homeserver, &session.tokens.access_token) {
            Ok(TokenStatus::Valid(_)) => Ok(Some(self.success(SessionOrigin::Refreshed, msg, session, None))),
            Ok(_) => bail!("{msg}, but the homeserver refuses the new token: check that the user is not locked or deactivated"),
            Err(error) => Err(error).context(format!("{msg}, but could not check the new token")),
        }
    }

    /// A new session that can't be stored is logged out again, whatever its device.
    fn store(&self, session: Session, previous: PreviousSession, warning: Option<String>) -> Result<Success> {
        let stored = self.file.map_or(Ok(()), |file| file.write(&session));
        stored.map_err(|error| self.undo(&session, None, error))?;
        let warning = warning.or_else(|| self.end(previous, &session));
        let msg = format!("logged in as {session}");
        Ok(self.success(SessionOrigin::New, msg, session, warning))
    }

    fn success(&self, origin: SessionOrigin, msg: String, session: Session, warning: Option<String>) -> Success {
        let warnings = warning
            .into_iter()
            .chain(self.device_warning(&session))
            .chain(self.expiry_warning(&session).or_else(|| oauth_warning(&session)))
            .chain(self.refresh_warning(&session, origin))
            .chain(self.more_sessions_warning(&session, origin))
            .collect();
        Success { changed: true, origin, msg, session: session.into(), warnings }
    }

    /// Logs the previous session out if that was decided, and returns a warning about it. The new one is safe, so nothing fails here.
    fn end(&self, previous: PreviousSession, new: &Session) -> Option<String> {
        let stored = self.stored?;
        match previous {
            PreviousSession::Forget => None,
            PreviousSession::Leave => Some(format!("the old session of {stored} was not logged out")),
            // The server put the new one there, whatever it was asked.
            PreviousSession::Revoke if self.is_on_the_stored_device(new) => None,
            PreviousSession::Revoke => {
                let error = self.end_session(stored).err()?;
                Some(format!("the old session of {stored} could not be logged out, log it out manually: {error}"))
            }
        }
    }
}
