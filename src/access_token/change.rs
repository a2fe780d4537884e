//! Carries a change out: the order of steps that loses no token and leaves no device behind. Decides nothing.

use anyhow::{Context, Result};

use super::new_session::Owner;
use super::plan::{Change, Old};
use super::result::{Origin, Shown, Success};
use super::session_file::SessionFile;
use super::task::{Task, whose};
use crate::matrix::session::{self, Session};

impl Task<'_> {
    /// `None` if the server refuses the refresh token: then something else has to be done.
    pub(super) fn carry_out(&self, change: Change) -> Result<Option<Success>> {
        self.file.map_or(Ok(()), SessionFile::prove_writable)?;
        match change {
            Change::TakeOver { session, old } => self.take_over(session, old).map(Some),
            Change::Refresh(session) => self.refresh(session),
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

    fn take_over(&self, session: Session, old: Old) -> Result<Success> {
        self.check_clean(&session)?;
        self.file.map_or(Ok(()), |file| file.write(&session))?;
        let ended = self.end(old, &session);
        let msg = format!("took over the session of {}", whose(&session));
        Ok(self.success(Origin::Kept, msg, session, ended))
    }

    /// The new pair is stored before anything else: the old one is used up.
    fn refresh(&self, stored: Session) -> Result<Option<Success>> {
        let (Some(refresh_token), Some(file)) = (&stored.tokens.refresh_token, self.file) else {
            return Ok(None);
        };
        let tokens = session::refresh(self.client, &stored.homeserver, refresh_token).context("could not refresh the session")?;
        let Some(mut tokens) = tokens else { return Ok(None) };
        // A server may let the refresh token be used again.
        tokens.refresh_token = tokens.refresh_token.or_else(|| Some(refresh_token.clone()));
        let session = Session { tokens, ..stored };
        file.write(&session)
            .context("the session was refreshed, so the tokens in the file are used up; remove the file, or run again with a credential")?;
        let msg = format!("refreshed the session of {}", whose(&session));
        Ok(Some(self.success(Origin::Refreshed, msg, session, None)))
    }

    /// A new session is stored before the old one ends; one that can't be stored is ended again.
    fn settle(&self, session: Session, old: Old, owner: Owner) -> Result<Success> {
        if let Err(error) = self.check_clean(&session) {
            return Err(self.undo(&session, owner, error));
        }
        if let Some(Err(error)) = self.file.map(|file| file.write(&session)) {
            return Err(self.undo(&session, Owner::This, error));
        }
        let ended = self.end(old, &session);
        let msg = format!("logged in as {}", whose(&session));
        Ok(self.success(Origin::New, msg, session, ended))
    }

    /// `ended` is what somebody should know of the old session.
    fn success(&self, origin: Origin, msg: String, session: Session, ended: Option<String>) -> Success {
        let warnings = ended
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

    /// Ends the old session if that was decided, and says of it what somebody should know. The new one is safe, so nothing fails here.
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
}
