//! `POST /login`: credential → session. <https://spec.matrix.org/v1.18/client-server-api/#post_matrixclientv3login>

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::client::Client;
use super::error::{Error, Oddity};
use super::homeserver_url::HomeserverUrl;
use super::session::Session;
use super::user_id::{User, UserId};
use super::versions::Versions;
use crate::secret::{Secret, reveal};

/// What proves who the user is.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "type")]
pub enum Credential {
    /// `m.login.password`
    #[serde(rename = "m.login.password")]
    Password {
        /// The password as the user types it.
        #[serde(serialize_with = "reveal")]
        password: Secret,
    },
}

/// One login to ask for.
#[derive(Clone, Debug, Serialize)]
pub struct Login {
    /// Proof.
    #[serde(flatten)]
    pub credential: Credential,
    /// Who.
    pub identifier: Identifier,
    /// Which device; left out, the server makes one. Never empty: Synapse takes that for a name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub device_id: Option<String>,
    /// What people see in their list of sessions, if the device is new.
    pub initial_device_display_name: String,
}

/// <https://spec.matrix.org/v1.18/client-server-api/#matrix-user-id>
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "type", rename = "m.id.user")]
pub struct Identifier {
    user: String,
}

impl From<&User> for Identifier {
    fn from(user: &User) -> Self {
        Self {
            user: user.as_str().to_owned(),
        }
    }
}

#[derive(Deserialize)]
struct LoggedIn {
    user_id: String,
    access_token: Secret,
    device_id: Option<String>,
    expires_in_ms: Option<u64>,
}

/// Logs in: one request, two more on servers so old that they know no `/v3/`.
///
/// # Errors
/// Those of [`Client::post`], and [`Error::NotMatrix`] for a success without a usable session.
pub fn log_in(client: &Client, homeserver: &HomeserverUrl, login: &Login) -> Result<Session, Error> {
    let url = homeserver.endpoint("/_matrix/client/v3/login");
    let answer = match client.post(&url, login) {
        Err(error) if error.http_status() == Some(404) && speaks_r0_only(client, homeserver) => {
            client.post(&homeserver.endpoint("/_matrix/client/r0/login"), login)
        }
        answer => answer,
    };
    session(client, homeserver, &url, answer?)
}

fn speaks_r0_only(client: &Client, homeserver: &HomeserverUrl) -> bool {
    Versions::ask(client, homeserver).is_ok_and(|versions| versions.is_r0_only())
}

fn session(client: &Client, homeserver: &HomeserverUrl, url: &str, answer: LoggedIn) -> Result<Session, Error> {
    client.guard(&answer.access_token);
    let incomplete = |what| Error::NotMatrix {
        url: url.to_owned(),
        status: 200,
        oddity: Oddity::Incomplete(what),
    };
    if !is_usable(&answer.access_token) {
        return Err(incomplete("a usable access_token"));
    }
    Ok(Session {
        homeserver: homeserver.clone(),
        user_id: UserId::parse(&answer.user_id).map_err(|_| incomplete("a valid user_id"))?,
        device_id: answer.device_id.filter(|device_id| !device_id.is_empty()),
        access_token: answer.access_token,
        expires_in: answer.expires_in_ms.map(Duration::from_millis),
    })
}

/// A token has to fit into an HTTP header.
fn is_usable(access_token: &Secret) -> bool {
    let token = access_token.reveal();
    !token.is_empty() && token.chars().all(|letter| letter.is_ascii_graphic())
}
