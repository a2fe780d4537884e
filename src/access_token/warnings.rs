//! Warnings about a session that works for now: another device than asked for, a token that expires, a session more in each run.

use super::result::SessionOrigin;
use super::task::Task;
use crate::matrix::session::Session;

impl Task<'_> {
    /// Some servers put a session where they like.
    pub(crate) fn device_warning(&self, session: &Session) -> Option<String> {
        let wanted = self.options.device_id.as_ref().filter(|wanted| session.device_id.as_ref() != Some(wanted))?;
        Some(format!("the homeserver did not use the device {wanted} but created a session of {session}"))
    }

    /// Nobody asked for a token that expires. One that comes with a refresh token was asked for.
    pub(crate) fn expiry_warning(&self, session: &Session) -> Option<String> {
        let asked_for = self.options.refresh_token || session.tokens.refresh_token.is_some();
        let seconds = session.tokens.expires_in().filter(|_| !asked_for)?.as_secs();
        Some(format!(
            "the token expires in {seconds} seconds: this server gives no lasting ones, so run this task again before that, or try `refresh_token: true`"
        ))
    }

    /// Some servers ignore the wish.
    pub(crate) fn refresh_warning(&self, session: &Session, origin: SessionOrigin) -> Option<String> {
        let is_ignored = self.options.refresh_token && origin == SessionOrigin::New && session.tokens.refresh_token.is_none();
        let lasts = if session.tokens.expires_at.is_none() { ": the token does not expire" } else { "" };
        is_ignored.then(|| format!("the homeserver gave no refresh token, although `refresh_token` asks for one{lasts}"))
    }

    /// A task that remembers nothing leaves something behind on each run.
    pub(crate) fn more_sessions_warning(&self, session: &Session, origin: SessionOrigin) -> Option<String> {
        let is_of_mas = self.is_of_mas();
        let grows = origin == SessionOrigin::New && self.file.is_none() && (self.options.device_id.is_none() || is_of_mas);
        let Session { user_id, device_id, .. } = session;
        grows.then(|| match device_id {
            Some(_) if !is_of_mas => {
                format!("each run of this task logs {user_id} in on one more device: give `session_file`, or `device_id` at least")
            }
            _ => format!(
                "each run of this task makes one more token of {user_id}, which is valid until it is logged out: give `session_file`"
            ),
        })
    }
}

/// A token that works but is hardly worth handing out.
pub(crate) fn expires_soon_warning(session: &Session) -> Option<String> {
    let seconds = session.tokens.expires_in()?.as_secs();
    (seconds < 60).then(|| format!("the token expires in {seconds} seconds: run this task again then, to have it refreshed"))
}

/// Matrix Authentication Service starts the access token of an OAuth client with `mat_`, and only that client can refresh it.
pub(crate) fn oauth_warning(session: &Session) -> Option<String> {
    let is_oauth = session.tokens.access_token.expose_secret().starts_with("mat_") && session.tokens.refresh_token.is_none();
    is_oauth.then(|| {
        "the token belongs to an OAuth session of Matrix Authentication Service (it starts with mat_): it expires within minutes to hours, \
         and only the client it was made for can refresh it; log in for a session of this task's own instead of giving `access_token`"
            .to_owned()
    })
}
