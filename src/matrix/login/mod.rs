//! Credential → session: `POST /login` for most, one file a credential. <https://spec.matrix.org/v1.18/client-server-api/#post_matrixclientv3login>

mod admin_access_token;
mod as_token;
mod jwt;
mod login_token;
mod mas_cli;
mod mas_client;
mod password;
mod shared_secret;

use ring::rand::{self, SystemRandom};
use serde::{Deserialize, Serialize};
use strum::{EnumDiscriminants, VariantArray};

pub use admin_access_token::AdminAccessToken;
pub use as_token::AsToken;
pub use jwt::Jwt;
pub use login_token::LoginToken;
pub use mas_cli::MasCli;
pub use password::Password;
pub use shared_secret::SharedSecret;

use super::client::{Client, Retry};
use super::error::Error;
use super::homeserver_url::HomeserverUrl;
use super::mas::admin_api::MasClient;
use super::session::{Session, TokensResponse};
use super::user_id::{User, UserId};
use crate::secret::Secret;

/// What proves to a homeserver who somebody is.
#[derive(Clone, Debug, EnumDiscriminants)]
#[strum_discriminants(name(Kind), derive(VariantArray), doc = "The credentials, the likeliest first.")]
pub enum Credential {
    Password(Password),
    LoginToken(LoginToken),
    Jwt(Jwt),
    AsToken(AsToken),
    SharedSecret(SharedSecret),
    AdminAccessToken(AdminAccessToken),
    MasCli(MasCli),
    MasClient(MasClient),
}

impl Kind {
    /// The name of the option, of the secret one if there is another; and the login type of the specification, if it takes that way.
    const fn names(self) -> (&'static str, Option<&'static str>) {
        match self {
            Self::Password => ("password", Some("m.login.password")),
            Self::LoginToken => ("login_token", Some("m.login.token")),
            Self::Jwt => ("jwt", Some("org.matrix.login.jwt")),
            Self::AsToken => ("as_token", Some("m.login.application_service")),
            Self::SharedSecret => ("shared_secret", Some("com.devture.shared_secret_auth")),
            Self::AdminAccessToken => ("admin_access_token", None),
            Self::MasCli => ("mas_cli", None),
            Self::MasClient => ("mas_client_secret", None),
        }
    }

    pub const fn name(self) -> &'static str {
        self.names().0
    }

    pub const fn login_type(self) -> Option<&'static str> {
        self.names().1
    }

    /// One login uses it up.
    pub const fn works_once(self) -> bool {
        matches!(self, Self::LoginToken)
    }

    /// It goes into the header `Authorization`.
    pub const fn is_in_header(self) -> bool {
        matches!(self, Self::AsToken | Self::AdminAccessToken)
    }

    /// Its sessions share a device without ending each other, and the device stays until the last one ends.
    pub const fn is_of_mas(self) -> bool {
        matches!(self, Self::MasCli | Self::MasClient)
    }
}

impl Credential {
    pub fn kind(&self) -> Kind {
        self.into()
    }

    /// What no text may ever show.
    pub fn secrets(&self) -> Vec<&Secret> {
        match self {
            Self::Password(Password { password: secret, .. })
            | Self::LoginToken(LoginToken { token: secret })
            | Self::Jwt(Jwt { token: secret })
            | Self::AsToken(AsToken { as_token: secret, .. })
            | Self::AdminAccessToken(AdminAccessToken { token: secret, .. })
            | Self::MasClient(MasClient { client_secret: secret, .. }) => vec![secret],
            Self::MasCli(_) => Vec::new(),
            Self::SharedSecret(SharedSecret { secret, token, .. }) => vec![secret, token],
        }
    }
}

/// What a login asks for beside the credential. What is `None` or `false` is left out: Synapse takes an empty `device_id` for a name, and gives
/// expiring tokens as soon as `refresh_token` is true.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Wishes<'a> {
    /// `None`: the server makes a device.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub device_id: Option<&'a str>,
    /// What people see in their list of sessions, if the device is new.
    #[serde(rename = "initial_device_display_name", skip_serializing_if = "Option::is_none")]
    pub device_display_name: Option<&'a str>,
    /// Ask for tokens that expire and can be refreshed.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub refresh_token: bool,
}

#[derive(Serialize)]
struct LoginRequest<'a, T> {
    #[serde(flatten)]
    login_type: &'a T,
    #[serde(flatten)]
    wishes: Wishes<'a>,
}

/// <https://spec.matrix.org/v1.18/client-server-api/#matrix-user-id>
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "type", rename = "m.id.user")]
pub(crate) struct Identifier {
    pub(crate) user: String,
}

#[derive(Deserialize)]
struct LoginResponse {
    user_id: UserId,
    device_id: Option<String>,
    #[serde(flatten)]
    tokens: TokensResponse,
}

/// Logs in: one request, or two for a localpart by Synapse's admin API. Whether the server accepts the new token is for `whoami` to say.
///
/// # Errors
/// Those of [`Client::post`], and [`Error::UnexpectedResponse`] for a success without a usable token.
pub fn log_in(client: &Client, homeserver: &HomeserverUrl, credential: &Credential, wishes: Wishes) -> Result<Session, Error> {
    match credential {
        Credential::Password(login_type) => post(client, homeserver, login_type, None, wishes, repeat(wishes)),
        // It is used up, whatever became of the response.
        Credential::LoginToken(login_type) => post(client, homeserver, login_type, None, wishes, Retry::OnlyIfNotSent),
        Credential::Jwt(login_type) => post(client, homeserver, login_type, None, wishes, repeat(wishes)),
        Credential::AsToken(login_type) => post(client, homeserver, login_type, Some(&login_type.as_token), wishes, repeat(wishes)),
        Credential::SharedSecret(login_type) => post(client, homeserver, login_type, None, wishes, repeat(wishes)),
        Credential::AdminAccessToken(admin) => admin.log_in(client, homeserver),
        Credential::MasCli(mas_cli) => mas_cli.log_in(client, homeserver, wishes),
        Credential::MasClient(mas_client) => mas_client::log_in(mas_client, client, homeserver, wishes),
    }
}

/// A login whose response was lost has perhaps made a device; only on the same device can a second one not make another.
fn repeat(wishes: Wishes) -> Retry {
    if wishes.device_id.is_some() { Retry::Idempotent } else { Retry::OnlyIfNotSent }
}

fn post(
    client: &Client,
    homeserver: &HomeserverUrl,
    login_type: &impl Serialize,
    authorization: Option<&Secret>,
    wishes: Wishes,
    repeat: Retry,
) -> Result<Session, Error> {
    let url = homeserver.endpoint("/_matrix/client/v3/login");
    let request = LoginRequest { login_type, wishes };
    let response: LoginResponse = client.post(&url, &request, authorization, repeat)?;
    Ok(Session {
        homeserver: homeserver.clone(),
        user_id: response.user_id,
        device_id: response.device_id.filter(|device_id| !device_id.is_empty()),
        tokens: response.tokens.tokens(client, &url)?,
        mas_personal_session_id: None,
    })
}

/// Matrix Authentication Service is told a device by name, or its session would be on one that nobody knows. In a scope and on a command line not every
/// name arrives.
fn mas_device_id(wishes: Wishes) -> Result<String, Error> {
    let Some(device_id) = wishes.device_id else {
        let letters = rand::generate::<[u8; 10]>(&SystemRandom::new()).map(rand::Random::expose);
        return Ok(letters.unwrap_or_default().map(|byte| char::from(b'A' + byte % 26)).iter().collect());
    };
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || "._~!/=+:-".contains(letter);
    if device_id.chars().all(is_plain) && !device_id.starts_with('-') {
        return Ok(device_id.to_owned());
    }
    Err(Error::Config {
        name: "device_id",
        reason: "may hold ASCII letters, digits and ._~!/=+:- alone with Matrix Authentication Service, and must not begin with -".into(),
    })
}

/// A new session there. A localpart is taken for one of this host, until `whoami` says who it is.
fn mas_session(homeserver: &HomeserverUrl, user: &User, device_id: String, access_token: Secret) -> Session {
    let user_id = match user {
        User::Full(user_id) => user_id.clone(),
        User::Localpart(localpart) => UserId::new(localpart, &homeserver.host()),
    };
    Session::lasting(homeserver, user_id, Some(device_id), access_token)
}
