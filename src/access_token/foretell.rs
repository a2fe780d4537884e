//! What a change would end in: the answer of check mode, which carries none out.

use anyhow::Result;

use super::plan::Change;
use super::result::{Origin, Shown, Success};
use super::task::{Task, whose};

impl Task<'_> {
    pub(super) fn foretold(&self, change: Change) -> Result<Success> {
        let (origin, msg, session) = match change {
            Change::TakeOver { session, .. } => {
                self.check_clean(&session)?;
                (
                    Origin::Kept,
                    format!("would take over the session of {}", whose(&session)),
                    Shown::from(session),
                )
            }
            Change::Refresh(session) => (
                Origin::Refreshed,
                format!("would refresh the session of {}", whose(&session)),
                Shown {
                    tokens: None,
                    ..session.into()
                },
            ),
            Change::LogIn { device_id, .. } => self.foretold_login(device_id),
            Change::LogInAfresh { device_id, .. } => self.foretold_login(Some(device_id)),
        };
        Ok(Success {
            changed: true,
            msg,
            origin,
            session,
            before: self.stored.cloned(),
            warnings: Vec::new(),
        })
    }

    fn foretold_login(&self, device_id: Option<String>) -> (Origin, String, Shown) {
        let known = self.stored.map(|stored| &stored.user_id);
        let user_id = match &self.options.user {
            Some(user) => known
                .filter(|known| user.is(known))
                .map_or_else(|| user.to_string(), ToString::to_string),
            None => String::new(),
        };
        let msg = match &self.options.user {
            Some(user) => format!("would log in as {user} at {}", self.homeserver),
            None => format!("would log in at {}", self.homeserver),
        };
        (
            Origin::New,
            msg,
            Shown {
                homeserver: self.homeserver.clone(),
                user_id,
                device_id,
                tokens: None,
            },
        )
    }
}
