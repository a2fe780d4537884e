//! `POST /logout`: ends a session and deletes its device, and with it every other token of that device.
//! <https://spec.matrix.org/v1.18/client-server-api/#post_matrixclientv3logout>

use std::thread::sleep;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::client::{Client, Retry};
use super::error::Error;
use super::homeserver_url::HomeserverUrl;
use super::whoami::{TokenStatus, whoami};
use crate::secret::Secret;

/// What a logout came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Logout {
    Done,
    /// The token was invalid before.
    WasInvalid,
}

#[derive(Serialize, Deserialize)]
struct Nothing {}

pub fn log_out(client: &Client, homeserver: &HomeserverUrl, access_token: &Secret) -> Result<Logout, Error> {
    let url = homeserver.endpoint("/_matrix/client/v3/logout");
    match client.post::<Nothing>(&url, &Nothing {}, Some(access_token), Retry::Idempotent) {
        Ok(Nothing {}) => Ok(Logout::Done),
        Err(Error::Api(error)) if error.is_unknown_token() => Ok(Logout::WasInvalid),
        Err(error) => Err(error),
    }
}

/// Matrix Authentication Service answers a logout before it is done, and Synapse caches for two minutes what that service said of a token;
/// each question after the device is gone clears the cache. The pauses add up to five seconds.
const PAUSES: [u64; 8] = [20, 50, 130, 300, 500, 1000, 1000, 2000];

/// Whether the server refuses the token by now, or within a few seconds after a logout that it called done.
pub fn is_refused_soon(client: &Client, homeserver: &HomeserverUrl, access_token: &Secret) -> Result<bool, Error> {
    let is_valid = || Ok(matches!(whoami(client, homeserver, access_token)?, TokenStatus::Valid(_)));
    for pause in PAUSES {
        if !is_valid()? {
            return Ok(true);
        }
        sleep(Duration::from_millis(pause));
    }
    Ok(!is_valid()?)
}
