//! Synapse's admin API: a token for any user, not limited in rate, tied to no device.
//! <https://element-hq.github.io/synapse/latest/admin_api/user_admin_api.html#login-as-a-user>

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::json;

use super::client::{Client, Repeat};
use super::error::Error;
use super::homeserver_url::HomeserverUrl;
use super::session::{Session, Standing, TokensAnswer, log_out, whoami};
use super::user_id::{User, UserId};
use crate::secret::Secret;

/// Two requests: the API tells neither whose token it gives nor whether it works, so that is asked. A localpart takes one more,
/// for only the administrator's own ID says how the server is called. The API folds no case, so that is done here.
///
/// # Errors
/// Those of [`Client::post_as`], and [`Error::NotMatrix`] for a success without a usable session.
pub fn log_in(client: &Client, homeserver: &HomeserverUrl, user: &User, admin_access_token: &Secret) -> Result<Session, Error> {
    let user_id = full_id(client, homeserver, user, admin_access_token)?;
    let encoded = utf8_percent_encode(&user_id, NON_ALPHANUMERIC);
    let url = homeserver.endpoint(&format!("/_synapse/admin/v1/users/{encoded}/login"));
    let answer: TokensAnswer = client.post_as(&url, &json!({}), admin_access_token, Repeat::Never)?;
    let unusable = || Error::incomplete(url.clone(), "a usable access_token");
    let tokens = answer.tokens(client).ok_or_else(unusable)?;
    let standing = whoami(client, homeserver, &tokens.access_token).inspect_err(|_| {
        // The first error is the one to report.
        let _ = log_out(client, homeserver, &tokens.access_token);
    });
    match standing? {
        Standing::Works(identity) => Ok(Session {
            homeserver: homeserver.clone(),
            user_id: identity.user_id,
            device_id: identity.device_id,
            tokens,
        }),
        Standing::Expired | Standing::Gone => Err(unusable()),
    }
}

fn full_id(client: &Client, homeserver: &HomeserverUrl, user: &User, admin_access_token: &Secret) -> Result<String, Error> {
    match user {
        User::Full(user_id) => Ok(user_id.canonical()),
        User::Localpart(localpart) => administrator(client, homeserver, admin_access_token)
            .map(|admin| format!("@{}:{}", localpart.to_lowercase(), admin.server_name())),
    }
}

fn administrator(client: &Client, homeserver: &HomeserverUrl, admin_access_token: &Secret) -> Result<UserId, Error> {
    let url = homeserver.endpoint("/_matrix/client/v3/account/whoami");
    match whoami(client, homeserver, admin_access_token)? {
        Standing::Works(identity) => Ok(identity.user_id),
        Standing::Expired | Standing::Gone => Err(Error::unknown_token(url)),
    }
}
