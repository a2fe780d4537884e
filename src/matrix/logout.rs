//! Ends a session: by `POST /logout`, which deletes its device, and with it every other token of that device; or by Matrix Authentication Service.
//! <https://spec.matrix.org/v1.18/client-server-api/#post_matrixclientv3logout>

use std::thread::sleep;
use std::time::Duration;

use serde::Deserialize;
use serde_json::json;

use super::client::{Client, Retry};
use super::error::Error;
use super::homeserver_url::HomeserverUrl;
use super::mas::admin_api::{AdminApi, MasClient};
use super::session::Session;
use super::whoami::{Identity, TokenStatus, whoami};
use crate::secret::Secret;

/// What can be ended: a session of which perhaps no more is known than its token.
#[derive(Clone, Copy)]
pub struct Revocable<'a> {
    pub homeserver: &'a HomeserverUrl,
    pub access_token: &'a Secret,
    pub mas_personal_session_id: Option<&'a str>,
}

impl<'a> From<&'a Session> for Revocable<'a> {
    fn from(session: &'a Session) -> Self {
        Self {
            homeserver: &session.homeserver,
            access_token: &session.tokens.access_token,
            mas_personal_session_id: session.mas_personal_session_id.as_deref(),
        }
    }
}

/// What a logout came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Logout {
    Done,
    /// The token was invalid before.
    WasInvalid,
}

/// Ends the session of a token by what is at hand. One that nothing at hand ends is an error as long as its token works.
pub fn end_session(client: &Client, session: Revocable, mas_client: Option<&MasClient>) -> Result<Logout, Error> {
    let Revocable { homeserver, access_token, mas_personal_session_id } = session;
    let personal_session = mas_personal_session_id.zip(mas_client);
    let logout = match personal_session {
        Some((id, mas_client)) => {
            let was_there = AdminApi::authorize(client, homeserver, mas_client)?.revoke(id)?;
            Ok(if was_there { Logout::Done } else { Logout::WasInvalid })
        }
        None => log_out(client, homeserver, access_token),
    };
    match &logout {
        Ok(Logout::WasInvalid) => {}
        // Perhaps logouts are not routed to Matrix Authentication Service.
        Err(error) if personal_session.is_none() && error.http_status() == Some(404) => {}
        _ => return logout,
    }
    // That service calls a token invalid when it merely can't be logged out this way, and does not know another one's personal sessions.
    let Identity { user_id, device_id } = match whoami(client, homeserver, access_token) {
        Ok(TokenStatus::Valid(identity)) => identity,
        Ok(_) => return Ok(Logout::WasInvalid),
        Err(error) => return logout.and(Err(error)),
    };
    if let (Some(device_id), Some(mas_client)) = (device_id, mas_client)
        && AdminApi::authorize(client, homeserver, mas_client)?.end_device(user_id.localpart(), &device_id)?
    {
        return Ok(Logout::Done);
    }
    // It may have ended elsewhere a moment ago.
    if logout.is_err() || becomes_invalid(client, session)? {
        return logout;
    }
    let (problem, next_step) = match mas_client {
        Some(_) => (
            "the token works, and yet Matrix Authentication Service has no session of it that `mas_client_id` may end",
            "end the session where the token came from, or check that the client and `mas_url` are of the service that this homeserver uses",
        ),
        None => (
            "the homeserver does not recognise this access token at /logout, and yet it works",
            "end the session where the token came from, or give `mas_client_id` and `mas_client_secret` if it is one of Matrix Authentication Service",
        ),
    };
    Err(Error::mas(problem, next_step))
}

/// Whatever it holds: the logout is done.
#[derive(Deserialize)]
struct Nothing {}

fn log_out(client: &Client, homeserver: &HomeserverUrl, access_token: &Secret) -> Result<Logout, Error> {
    let url = homeserver.endpoint("/_matrix/client/v3/logout");
    match client.post::<Nothing>(&url, &json!({}), Some(access_token), Retry::Idempotent) {
        Ok(Nothing {}) => Ok(Logout::Done),
        Err(Error::Api(error)) if error.is_unknown_token() => Ok(Logout::WasInvalid),
        Err(error) => Err(error),
    }
}

/// Matrix Authentication Service answers a logout before it is done, and Synapse caches for two minutes what that service said of a token;
/// each question after the device is gone clears the cache. The pauses add up to five seconds.
const PAUSES: [u64; 9] = [0, 20, 50, 130, 300, 500, 1000, 1000, 2000];

/// Whether the server refuses the token by now, or within a few seconds after a logout that it called done.
pub fn becomes_invalid(client: &Client, session: Revocable) -> Result<bool, Error> {
    for pause in PAUSES {
        sleep(Duration::from_millis(pause));
        if !matches!(whoami(client, session.homeserver, session.access_token)?, TokenStatus::Valid(_)) {
            return Ok(true);
        }
    }
    Ok(false)
}
