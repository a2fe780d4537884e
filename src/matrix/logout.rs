//! Ends a session: by `POST /logout`, which deletes its device, and with it every other token of that device; or by Matrix Authentication Service.
//! <https://spec.matrix.org/v1.18/client-server-api/#post_matrixclientv3logout>

use std::thread::sleep;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::client::{Client, Retry};
use super::error::Error;
use super::homeserver_url::HomeserverUrl;
use super::mas::admin_api::{AdminApi, MasClient};
use super::whoami::{Identity, TokenStatus, whoami};
use crate::secret::Secret;

/// What a logout came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Logout {
    Done,
    /// The token was invalid before.
    WasInvalid,
}

impl Logout {
    fn of(was_active: bool) -> Self {
        if was_active { Self::Done } else { Self::WasInvalid }
    }
}

#[derive(Serialize, Deserialize)]
struct Nothing {}

/// Ends the session of a token by what is at hand. A token that was invalid, or that nothing at hand can end, is told apart.
pub fn end_session(
    client: &Client,
    homeserver: &HomeserverUrl,
    access_token: &Secret,
    mas_personal_session_id: Option<&str>,
    mas_client: Option<&MasClient>,
) -> Result<Logout, Error> {
    if let (Some(id), Some(mas_client)) = (mas_personal_session_id, mas_client) {
        return Ok(Logout::of(AdminApi::authorize(client, homeserver, mas_client)?.revoke(id)?));
    }
    let logged_out = log_out(client, homeserver, access_token);
    match (&logged_out, mas_client) {
        (Ok(Logout::WasInvalid), _) => {}
        // Logouts are not routed to Matrix Authentication Service.
        (Err(error), Some(_)) if error.http_status() == Some(404) => {}
        _ => return logged_out,
    }
    // Matrix Authentication Service calls a token invalid when it merely can't be logged out this way.
    match (whoami(client, homeserver, access_token)?, mas_client) {
        (TokenStatus::Valid(Identity { user_id, device_id }), Some(mas_client)) if device_id.is_some() => {
            let admin_api = AdminApi::authorize(client, homeserver, mas_client)?;
            let is_ended = admin_api.end_device(user_id.localpart(), &device_id.unwrap_or_default())?;
            Ok(Logout::of(is_ended))
        }
        // It ended elsewhere a moment ago.
        (TokenStatus::Valid(_), _) if becomes_invalid(client, homeserver, access_token)? => logged_out,
        (TokenStatus::Valid(_), _) => Err(Error::mas(
            "the homeserver does not recognise this access token at /logout, and yet it works",
            "end the session where the token came from, or give `mas_client_id` and `mas_client_secret` if it is one of Matrix Authentication Service",
        )),
        _ => logged_out,
    }
}

fn log_out(client: &Client, homeserver: &HomeserverUrl, access_token: &Secret) -> Result<Logout, Error> {
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
pub fn becomes_invalid(client: &Client, homeserver: &HomeserverUrl, access_token: &Secret) -> Result<bool, Error> {
    let is_valid = || Ok(matches!(whoami(client, homeserver, access_token)?, TokenStatus::Valid(_)));
    for pause in PAUSES {
        if !is_valid()? {
            return Ok(true);
        }
        sleep(Duration::from_millis(pause));
    }
    Ok(!is_valid()?)
}
