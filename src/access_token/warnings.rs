//! What the user should know about a session that is fine for now.

use super::result::Origin;
use super::task::{Task, whose};
use crate::matrix::session::Session;

impl Task<'_> {
    /// Some servers put a session where they like.
    pub(super) fn device_warning(&self, session: &Session) -> Option<String> {
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

    /// A task that remembers nothing leaves something behind on each run.
    pub(super) fn growth_warning(&self, session: &Session, origin: Origin) -> Option<String> {
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

/// A token that works but is hardly worth handing out.
pub(super) fn soon_warning(session: &Session) -> Option<String> {
    let seconds = session.tokens.expires_in()?.as_secs();
    (seconds < 60).then(|| format!("the token ends in {seconds} seconds: run this task again then, to have it refreshed"))
}
