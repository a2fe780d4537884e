//! A session: what a login yields and a playbook needs.

use std::time::Duration;

use super::homeserver_url::HomeserverUrl;
use super::user_id::UserId;
use crate::secret::Secret;

/// A working session of one user.
#[derive(Clone, Debug)]
pub struct Session {
    /// Where it lives.
    pub homeserver: HomeserverUrl,
    /// Whose it is.
    pub user_id: UserId,
    /// The device it belongs to; tokens of appservices and of the admin API have none.
    pub device_id: Option<String>,
    /// What requests are signed with.
    pub access_token: Secret,
    /// How long the token lives from now on, if it ends by itself.
    pub expires_in: Option<Duration>,
}
