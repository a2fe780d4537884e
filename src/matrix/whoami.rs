//! `GET /account/whoami`: whether a token is valid, and whose it is. Here is decided that only `M_UNKNOWN_TOKEN` with 401 makes a token invalid:
//! whatever else goes wrong is an error, and never leads to a login.
//! <https://spec.matrix.org/v1.18/client-server-api/#get_matrixclientv3accountwhoami>

use serde::Deserialize;

use super::client::Client;
use super::error::Error;
use super::homeserver_url::HomeserverUrl;
use super::user_id::UserId;
use crate::secret::Secret;

/// Whom a token speaks for.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Identity {
    pub user_id: UserId,
    /// The device, where the token has one and the server tells it.
    pub device_id: Option<String>,
}

/// What a server says of a token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TokenStatus {
    Valid(Identity),
    /// It has expired; the device is still there.
    SoftLoggedOut,
    /// The server doesn't recognise it, or no longer. Behind Matrix Authentication Service that may mean expired, too.
    Unknown,
}

/// # Errors
/// Those of [`Client::get`], for whatever says nothing of the token.
pub fn whoami(client: &Client, homeserver: &HomeserverUrl, access_token: &Secret) -> Result<TokenStatus, Error> {
    match identity(client, homeserver, access_token) {
        Ok(identity) => Ok(TokenStatus::Valid(identity)),
        Err(Error::Api(error)) if error.is_unknown_token() && error.soft_logout => Ok(TokenStatus::SoftLoggedOut),
        Err(Error::Api(error)) if error.is_unknown_token() => Ok(TokenStatus::Unknown),
        Err(error) => Err(error),
    }
}

/// # Errors
/// Those of [`Client::get`], also for an invalid token.
pub fn identity(client: &Client, homeserver: &HomeserverUrl, access_token: &Secret) -> Result<Identity, Error> {
    let url = homeserver.endpoint("/_matrix/client/v3/account/whoami");
    let Identity { user_id, device_id } = client.get(&url, Some(access_token))?;
    let device_id = device_id.filter(|id| !id.is_empty());
    Ok(Identity { user_id, device_id })
}
