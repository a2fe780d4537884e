//! Synapse's admin API: a token for any user, not limited in rate, tied to no device.
//! <https://element-hq.github.io/synapse/latest/admin_api/user_admin_api.html#login-as-a-user>

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::json;

use crate::matrix::client::{Client, Retry};
use crate::matrix::error::Error;
use crate::matrix::homeserver_url::HomeserverUrl;
use crate::matrix::session::{Session, TokensResponse};
use crate::matrix::user_id::{User, UserId};
use crate::matrix::whoami;
use crate::secret::Secret;

#[derive(Clone, Debug)]
pub struct AdminAccessToken {
    /// Whose session.
    pub user: User,
    /// Of a server administrator.
    pub token: Secret,
}

impl AdminAccessToken {
    /// A localpart takes one more request: only the administrator's own ID says how the server is called.
    pub(crate) fn log_in(&self, client: &Client, homeserver: &HomeserverUrl) -> Result<Session, Error> {
        let user_id = match &self.user {
            User::Full(user_id) => user_id.clone(),
            User::Localpart(localpart) => {
                let administrator = whoami::identity(client, homeserver, &self.token)?.user_id;
                UserId::new(localpart, administrator.server_name())
            }
        };
        let encoded = utf8_percent_encode(user_id.as_str(), NON_ALPHANUMERIC);
        let url = homeserver.endpoint(&format!("/_synapse/admin/v1/users/{encoded}/login"));
        let response: TokensResponse = client.post(&url, &json!({}), Some(&self.token), Retry::OnlyIfNotSent)?;
        Ok(Session::new(homeserver, user_id, None, response.tokens(client, &url)?))
    }
}
