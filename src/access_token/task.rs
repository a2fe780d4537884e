//! What every step of a task works with. Decides nothing.

use super::options::Options;
use super::session_file::SessionFile;
use crate::matrix::client::Client;
use crate::matrix::error::Error;
use crate::matrix::homeserver_url::HomeserverUrl;
use crate::matrix::logout::{Logout, end_session};
use crate::matrix::session::Session;

pub(crate) struct Task<'a> {
    pub(crate) client: &'a Client,
    pub(crate) options: &'a Options,
    pub(crate) homeserver: &'a HomeserverUrl,
    pub(crate) file: Option<&'a SessionFile>,
    pub(crate) stored: Option<&'a Session>,
}

impl Task<'_> {
    pub(crate) fn end_session(&self, session: &Session) -> Result<Logout, Error> {
        let Session { homeserver, tokens, mas_personal_session_id, .. } = session;
        end_session(
            self.client,
            homeserver,
            &tokens.access_token,
            mas_personal_session_id.as_deref(),
            self.options.mas_client(),
        )
    }

    /// Whether the session is the given one: its token may be stored with a URL that is no longer asked for.
    pub(crate) fn is_given(&self, session: &Session) -> bool {
        session.homeserver == *self.homeserver && Some(&session.tokens.access_token) == self.options.access_token.as_ref()
    }

    /// Whether both sessions share a device, as far as is known.
    pub(crate) fn is_on_the_stored_device(&self, session: &Session) -> bool {
        let device = |session: &Session| (session.homeserver.clone(), session.user_id.clone(), session.device_id.clone());
        session.device_id.is_some() && self.stored.is_some_and(|stored| device(stored) == device(session))
    }
}

/// A session in a message.
pub(crate) fn describe(session: &Session) -> String {
    let Session { homeserver, user_id, device_id, .. } = session;
    match device_id {
        // A server may call a device anything.
        Some(device_id) => format!("{user_id} on device {} at {homeserver}", device_id.replace(char::is_control, " ")),
        None => format!("{user_id} at {homeserver}"),
    }
}
