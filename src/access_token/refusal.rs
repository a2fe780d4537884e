//! Why the plan refuses to do anything, in words that end with the next step.

use anyhow::anyhow;

use super::plan::{Candidate, Known, Reason, Token};
use super::task::{Task, whose};
use crate::matrix::session::Standing;

impl Task<'_> {
    pub(super) fn refused(&self, reason: Reason, known: &Known) -> anyhow::Error {
        match reason {
            Reason::AnotherUser(candidate) => {
                let (name, owner) = match (candidate, &known.given, self.stored) {
                    (Candidate::Given, Token::Asked(Standing::Works(identity)), _) => ("access_token", identity.user_id.to_string()),
                    (_, _, stored) => (
                        "session_file",
                        stored.map(|session| session.user_id.to_string()).unwrap_or_default(),
                    ),
                };
                anyhow!(
                    "`{name}` holds a session of {owner} that works, and it may be the only copy: give another {name}, or the right `user_id`"
                )
            }
            Reason::NoCredential => anyhow!(
                "{}, and there is nothing to log in with: give `password` or another credential",
                self.why_not(known)
            ),
            Reason::NeedsTwoLogins => {
                anyhow!("a credential that works only once can't replace a session on its own device: give another `device_id`")
            }
        }
    }

    /// Why none of the sessions there are will do.
    fn why_not(&self, known: &Known) -> String {
        match (&known.stored, &known.given, self.stored) {
            (_, _, Some(stored)) if stored.homeserver != *self.homeserver => {
                format!(
                    "the stored session lives at {}, and its token is not sent to {}",
                    stored.homeserver, self.homeserver
                )
            }
            _ if self.options.force => "`force` asks for a new session".into(),
            (Token::Asked(Standing::Works(_)), ..) | (_, Token::Asked(Standing::Works(_)), _) => {
                "the session is not on the device asked for".into()
            }
            (Token::Asked(_), _, Some(stored)) => format!("the stored session of {} is no longer valid", whose(stored)),
            (_, Token::Asked(_), _) => "the given `access_token` is not valid".into(),
            _ => "`session_file` holds no session yet".into(),
        }
    }
}
