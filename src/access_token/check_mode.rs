//! What a change would end in: the answer of check mode, which carries none out.

use anyhow::Result;

use super::plan::Change;
use super::result::{SessionOrigin, SessionView, Success};
use super::task::Task;

impl Task<'_> {
    pub(crate) fn predict(&self, change: Change) -> Result<Success> {
        let (origin, msg, session) = match change {
            Change::TakeOver { session, .. } => {
                self.check_clean(&session, false)?;
                let msg = format!("would take over the session of {session}");
                (SessionOrigin::Kept, msg, session.into())
            }
            Change::Refresh(session) => {
                let msg = format!("would refresh the session of {session}");
                let tokens = None;
                (SessionOrigin::Refreshed, msg, SessionView { tokens, ..session.into() })
            }
            Change::LogIn { device_id, .. } => self.predict_login(device_id),
            Change::ReplaceDevice { device_id, .. } => self.predict_login(Some(device_id)),
        };
        Ok(Success { changed: true, origin, msg, session, warnings: Vec::new() })
    }

    fn predict_login(&self, device_id: Option<String>) -> (SessionOrigin, String, SessionView) {
        let homeserver = self.homeserver.clone();
        let stored = self.stored.map(|stored| &stored.user_id);
        let (user_id, msg) = match &self.options.user {
            Some(user) => (
                stored.filter(|stored| user.is(stored)).map_or_else(|| user.to_string(), ToString::to_string),
                format!("would log in as {user} at {homeserver}"),
            ),
            None => (String::new(), format!("would log in at {homeserver}")),
        };
        let view = SessionView { homeserver, user_id, device_id, tokens: None };
        (SessionOrigin::New, msg, view)
    }
}
