//! What every step of a task works with. Decides nothing.

use anyhow::Result;

use super::options::{Options, State};
use super::session_file::{self, SessionFile};
use crate::ansible::invocation::AnsibleParams;
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

/// The session file, unlocked in check mode because a lock is a file, and the session that it holds.
pub(crate) fn open(client: &Client, options: &Options, params: &AnsibleParams) -> Result<(Option<SessionFile>, Option<Session>)> {
    let path = options.session_file.as_deref();
    // Nothing to remove needs no lock, and perhaps there isn't even a folder for one.
    let has_use = options.state == State::Present || path.is_some_and(session_file::is_there);
    let locked = path.filter(|_| has_use && !params.check_mode);
    let file = locked.map(|path| SessionFile::lock(path, options.longest_run())).transpose()?;
    let session = path.map(session_file::read).transpose()?.flatten();
    client.add_secrets(session.iter().flat_map(|session| session.tokens.secrets()));
    Ok((file, session))
}

/// What to do about a user ID that would be the right one if capitals didn't count.
pub(crate) const MIND_THE_CASE: &str = "upper and lower case count, so write `user_id` as the homeserver does";

impl Task<'_> {
    pub(crate) fn end_session(&self, session: &Session) -> Result<Logout, Error> {
        end_session(self.client, session.into(), self.options.mas_client())
    }

    /// Whether both sessions share a device, as far as is known.
    pub(crate) fn is_on_the_stored_device(&self, session: &Session) -> bool {
        let device = |session: &Session| (session.homeserver.clone(), session.user_id.clone(), session.device_id.clone());
        session.device_id.is_some() && self.stored.is_some_and(|stored| device(stored) == device(session))
    }
}
