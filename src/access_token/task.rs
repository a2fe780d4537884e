//! What every step of a task works with. Decides nothing.

use anyhow::Result;

use super::options::Options;
use super::session_file::SessionFile;
use crate::matrix::client::Client;
use crate::matrix::homeserver_url::HomeserverUrl;
use crate::matrix::session::{self, Session};

/// What every step works with.
pub(super) struct Task<'a> {
    pub(super) client: &'a Client,
    pub(super) options: &'a Options,
    pub(super) homeserver: &'a HomeserverUrl,
    pub(super) file: Option<&'a SessionFile>,
    pub(super) stored: Option<&'a Session>,
}

impl Task<'_> {
    /// Whether the session is the given one: its token may be stored with an address that is no longer asked for.
    pub(super) fn is_given(&self, session: &Session) -> bool {
        session.homeserver == *self.homeserver && Some(&session.tokens.access_token) == self.options.access_token.as_ref()
    }

    /// Whether both sessions share a device, as far as is known.
    pub(super) fn is_on_the_stored_device(&self, session: &Session) -> bool {
        let device = |session: &Session| (session.homeserver.clone(), session.user_id.canonical(), session.device_id.clone());
        session.device_id.is_some() && self.stored.is_some_and(|stored| device(stored) == device(session))
    }

    pub(super) fn log_out(&self, session: &Session) -> Result<()> {
        Ok(session::log_out(self.client, &session.homeserver, &session.tokens.access_token).map(drop)?)
    }
}

/// A session in words.
pub(super) fn whose(session: &Session) -> String {
    let Session {
        homeserver,
        user_id,
        device_id,
        ..
    } = session;
    match device_id {
        // A server may call a device anything.
        Some(device_id) => format!("{user_id} on device {} at {homeserver}", device_id.replace(char::is_control, " ")),
        None => format!("{user_id} at {homeserver}"),
    }
}
