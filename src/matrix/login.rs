//! `POST /login`: proof → session. <https://spec.matrix.org/v1.18/client-server-api/#post_matrixclientv3login>

use serde::{Deserialize, Serialize};

use super::client::{Client, Repeat};
use super::credential::{Proof, shared_secret_token};
use super::error::Error;
use super::homeserver_url::HomeserverUrl;
use super::session::{Session, TokensAnswer};
use super::user_id::UserId;
use super::versions::with_r0_fallback;
use crate::secret::{Secret, reveal};

/// One login to ask for.
#[derive(Clone, Debug)]
pub struct Login<'a> {
    /// Who, and why to believe it.
    pub proof: &'a Proof,
    /// Which device; `None`: the server makes one.
    pub device_id: Option<&'a str>,
    /// What people see in their list of sessions, if the device is new.
    pub device_display_name: Option<&'a str>,
    /// Whether to ask for tokens that expire and can be refreshed.
    pub refresh_token: bool,
}

/// What is `None` or `false` is left out: Synapse takes an empty `device_id` for a name, and gives expiring tokens
/// as soon as `refresh_token` is true.
#[derive(Serialize)]
struct Body<'a> {
    #[serde(flatten)]
    typed: Typed,
    #[serde(skip_serializing_if = "Option::is_none")]
    identifier: Option<Identifier<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    device_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    initial_device_display_name: Option<&'a str>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    refresh_token: bool,
}

/// What differs from one login type to the next. An appservice proves itself in the `Authorization` header.
#[derive(Serialize)]
#[serde(tag = "type")]
enum Typed {
    #[serde(rename = "m.login.password")]
    Password {
        #[serde(serialize_with = "reveal")]
        password: Secret,
    },
    #[serde(rename = "m.login.token")]
    LoginToken {
        #[serde(serialize_with = "reveal")]
        token: Secret,
    },
    #[serde(rename = "org.matrix.login.jwt")]
    Jwt {
        #[serde(serialize_with = "reveal")]
        token: Secret,
    },
    #[serde(rename = "m.login.application_service")]
    AppService,
    #[serde(rename = "com.devture.shared_secret_auth")]
    SharedSecret {
        #[serde(serialize_with = "reveal")]
        token: Secret,
    },
}

/// <https://spec.matrix.org/v1.18/client-server-api/#matrix-user-id>
#[derive(Serialize)]
#[serde(tag = "type", rename = "m.id.user")]
struct Identifier<'a> {
    user: &'a str,
}

#[derive(Deserialize)]
struct LoggedIn {
    user_id: UserId,
    device_id: Option<String>,
    #[serde(flatten)]
    tokens: TokensAnswer,
}

/// Logs in: one request, two more on servers so old that they know no `/v3/`.
///
/// # Errors
/// Those of [`Client::post`], and [`Error::NotMatrix`] for a success without a usable session.
pub fn log_in(client: &Client, homeserver: &HomeserverUrl, login: &Login) -> Result<Session, Error> {
    let body = login.body();
    if let Typed::SharedSecret { token } = &body.typed {
        client.guard(token);
    }
    let send = |url: &str| match login.proof {
        Proof::AppService { as_token, .. } => client.post_as(url, &body, as_token, login.repeat()),
        _ => client.post(url, &body, login.repeat()),
    };
    let answer: LoggedIn = with_r0_fallback(client, homeserver, "/login", send)?;
    let unusable = || Error::incomplete(homeserver.endpoint("/_matrix/client/v3/login"), "a usable access_token");
    Ok(Session {
        homeserver: homeserver.clone(),
        user_id: answer.user_id,
        device_id: answer.device_id.filter(|device_id| !device_id.is_empty()),
        tokens: answer.tokens.tokens(client).ok_or_else(unusable)?,
    })
}

impl Login<'_> {
    fn body(&self) -> Body<'_> {
        Body {
            typed: typed(self.proof),
            identifier: identifier(self.proof),
            device_id: self.device_id,
            initial_device_display_name: self.device_display_name,
            refresh_token: self.refresh_token,
        }
    }

    /// A login whose answer was lost has perhaps made a device; only on the same device can a second one not make another.
    fn repeat(&self) -> Repeat {
        let once = matches!(self.proof, Proof::LoginToken(_));
        if self.device_id.is_some() && !once {
            Repeat::Harmless
        } else {
            Repeat::Never
        }
    }
}

fn typed(proof: &Proof) -> Typed {
    match proof {
        Proof::Password { password, .. } => Typed::Password {
            password: password.clone(),
        },
        Proof::LoginToken(token) => Typed::LoginToken { token: token.clone() },
        Proof::Jwt(token) => Typed::Jwt { token: token.clone() },
        Proof::AppService { .. } => Typed::AppService,
        Proof::SharedSecret { user_id, shared_secret } => Typed::SharedSecret {
            token: shared_secret_token(shared_secret, user_id),
        },
    }
}

fn identifier(proof: &Proof) -> Option<Identifier<'_>> {
    let user = match proof {
        Proof::Password { user, .. } | Proof::AppService { user, .. } => user.as_str(),
        Proof::SharedSecret { user_id, .. } => user_id.as_str(),
        Proof::LoginToken(_) | Proof::Jwt(_) => return None,
    };
    Some(Identifier { user })
}
