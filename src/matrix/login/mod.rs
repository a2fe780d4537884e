//! Credential → session: `POST /login` for most, one file a credential. <https://spec.matrix.org/v1.18/client-server-api/#post_matrixclientv3login>

mod admin_access_token;
mod as_token;
mod jwt;
mod login_token;
mod mas_cli;
mod mas_client;
mod password;
mod shared_secret;

use std::fmt::Display;

use ring::rand::{self, SystemRandom};
use serde::{Deserialize, Serialize, Serializer};
use serde_json::json;
use strum::{EnumDiscriminants, IntoStaticStr, VariantArray};

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

/// What proves to a homeserver who somebody is. Serializes as what its login type takes beside `type`.
#[derive(Clone, Debug, Serialize, EnumDiscriminants)]
#[serde(untagged)]
#[strum_discriminants(name(Kind), derive(VariantArray, IntoStaticStr), strum(serialize_all = "snake_case"))]
#[strum_discriminants(doc = "The credentials, the likeliest first. Each is named as its option, the secret one if there is another.")]
pub enum Credential {
    Password(Password),
    LoginToken(LoginToken),
    Jwt(Jwt),
    AsToken(AsToken),
    SharedSecret(SharedSecret),
    #[serde(skip)]
    AdminAccessToken(AdminAccessToken),
    #[serde(skip)]
    MasCli(MasCli),
    #[serde(skip)]
    #[strum_discriminants(strum(serialize = "mas_client_secret"))]
    MasClient(MasClient),
}

impl Kind {
    pub fn name(self) -> &'static str {
        self.into()
    }

    /// That of the specification, if it takes that way.
    pub const fn login_type(self) -> Option<&'static str> {
        match self {
            Self::Password => Some("m.login.password"),
            Self::LoginToken => Some("m.login.token"),
            Self::Jwt => Some("org.matrix.login.jwt"),
            Self::AsToken => Some("m.login.application_service"),
            Self::SharedSecret => Some("com.devture.shared_secret_auth"),
            Self::AdminAccessToken | Self::MasCli | Self::MasClient => None,
        }
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
struct LoginRequest<'a> {
    r#type: Option<&'static str>,
    #[serde(flatten)]
    credential: &'a Credential,
    #[serde(flatten)]
    wishes: Wishes<'a>,
}

/// <https://spec.matrix.org/v1.18/client-server-api/#matrix-user-id>
fn identifier<S: Serializer>(user: &impl Display, serializer: S) -> Result<S::Ok, S::Error> {
    json!({"type": "m.id.user", "user": user.to_string()}).serialize(serializer)
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
        Credential::AdminAccessToken(admin) => admin.log_in(client, homeserver),
        Credential::MasCli(mas_cli) => mas_cli.log_in(client, homeserver, wishes),
        Credential::MasClient(mas_client) => mas_client::log_in(mas_client, client, homeserver, wishes),
        _ => post(client, homeserver, credential, wishes),
    }
}

fn post(client: &Client, homeserver: &HomeserverUrl, credential: &Credential, wishes: Wishes) -> Result<Session, Error> {
    let url = homeserver.endpoint("/_matrix/client/v3/login");
    let kind = credential.kind();
    let request = LoginRequest { r#type: kind.login_type(), credential, wishes };
    let authorization = if let Credential::AsToken(AsToken { as_token, .. }) = credential { Some(as_token) } else { None };
    // What works once is used up, whatever became of the response. Any other login whose response was lost has perhaps made a device; only on the
    // same device can a second one not make another.
    let is_repeatable = wishes.device_id.is_some() && !kind.works_once();
    let repeat = if is_repeatable { Retry::Idempotent } else { Retry::OnlyIfNotSent };
    let LoginResponse { user_id, device_id, tokens } = client.post(&url, &request, authorization, repeat)?;
    let device_id = device_id.filter(|device_id| !device_id.is_empty());
    Ok(Session::new(homeserver, user_id, device_id, tokens.tokens(client, &url)?))
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
    Session::new(homeserver, user_id, Some(device_id), access_token)
}
