//! A session, and what a server does with one: `whoami`, `refresh`, `logout`.

use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};

use super::client::{Client, Repeat};
use super::error::{Error, Refusal};
use super::homeserver_url::HomeserverUrl;
use super::user_id::UserId;
use super::versions::with_r0_fallback;
use crate::secret::{Secret, reveal};

/// A session of one user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// Where it lives.
    pub homeserver: HomeserverUrl,
    /// Whose it is.
    pub user_id: UserId,
    /// The device it belongs to; tokens of appservices and of the admin API have none.
    pub device_id: Option<String>,
    /// What requests are signed with, and what prolongs it.
    pub tokens: Tokens,
}

/// The part of a session that a refresh replaces.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tokens {
    /// What requests are signed with.
    pub access_token: Secret,
    /// What the next pair is asked for with.
    pub refresh_token: Option<Secret>,
    /// When the access token ends by itself, if it does.
    pub expires_at: Option<SystemTime>,
}

impl Session {
    /// Everything that no text may ever show.
    pub fn secrets(&self) -> impl Iterator<Item = &Secret> {
        [&self.tokens.access_token].into_iter().chain(&self.tokens.refresh_token)
    }
}

impl Tokens {
    /// The access token has ended by the clock, whatever the server says: a server with delegated authentication
    /// doesn't tell an expired token from an unknown one.
    #[must_use]
    pub fn have_expired(&self) -> bool {
        self.expires_at.is_some_and(|end| end <= SystemTime::now())
    }

    /// What is left of the access token's life, if it ends by itself.
    #[must_use]
    pub fn expires_in(&self) -> Option<Duration> {
        self.expires_at.map(|end| end.duration_since(SystemTime::now()).unwrap_or_default())
    }
}

/// Tokens as a login or a refresh answers them.
#[derive(Deserialize)]
pub(super) struct TokensAnswer {
    access_token: Secret,
    refresh_token: Option<Secret>,
    expires_in_ms: Option<u64>,
}

impl TokensAnswer {
    /// Usable tokens, from now on kept out of every message; or `None`.
    pub(super) fn tokens(self, client: &Client) -> Option<Tokens> {
        let expires_at = self
            .expires_in_ms
            .and_then(|time| SystemTime::now().checked_add(Duration::from_millis(time)));
        let tokens = Tokens {
            access_token: self.access_token,
            refresh_token: self.refresh_token,
            expires_at,
        };
        client.guard(&tokens.access_token);
        tokens.refresh_token.iter().for_each(|secret| client.guard(secret));
        let usable = fits_a_header(&tokens.access_token) && tokens.refresh_token.as_ref().is_none_or(fits_a_header);
        usable.then_some(tokens)
    }
}

/// Whether a server can have given this token and take it back in an HTTP header.
#[must_use]
pub fn fits_a_header(token: &Secret) -> bool {
    !token.reveal().is_empty() && token.reveal().chars().all(|letter| letter.is_ascii_graphic())
}

/// Whom a token speaks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// The user.
    pub user_id: UserId,
    /// The device, where the token has one and the server tells it.
    pub device_id: Option<String>,
}

/// How a token stands with its server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It works.
    Works(Identity),
    /// Its time ran out; the device is still there.
    Expired,
    /// The server doesn't know it, or no longer.
    Gone,
}

#[derive(Deserialize)]
struct WhoAmI {
    user_id: UserId,
    device_id: Option<String>,
}

/// `GET /account/whoami`. Only `M_UNKNOWN_TOKEN` says anything against a token; whatever else goes wrong is an error.
/// <https://spec.matrix.org/v1.18/client-server-api/#get_matrixclientv3accountwhoami>
///
/// # Errors
/// Those of [`Client::get_as`].
pub fn whoami(client: &Client, homeserver: &HomeserverUrl, access_token: &Secret) -> Result<Standing, Error> {
    match with_r0_fallback(client, homeserver, "/account/whoami", |url| {
        client.get_as::<WhoAmI>(url, access_token)
    }) {
        Ok(WhoAmI { user_id, device_id }) => Ok(Standing::Works(Identity {
            user_id,
            device_id: device_id.filter(|id| !id.is_empty()),
        })),
        Err(Error::Refused(refusal)) if refusal.is_unknown_token() => {
            Ok(if refusal.soft_logout { Standing::Expired } else { Standing::Gone })
        }
        Err(error) => Err(error),
    }
}

#[derive(Serialize)]
struct RefreshRequest<'a> {
    #[serde(serialize_with = "reveal")]
    refresh_token: &'a Secret,
}

/// `POST /refresh`: the next pair of tokens, or `None` if the server refuses the refresh token. Each is good for one use.
/// <https://spec.matrix.org/v1.18/client-server-api/#post_matrixclientv3refresh>
///
/// # Errors
/// Those of [`Client::post`].
pub fn refresh(client: &Client, homeserver: &HomeserverUrl, refresh_token: &Secret) -> Result<Option<Tokens>, Error> {
    let url = homeserver.endpoint("/_matrix/client/v3/refresh");
    match client.post::<TokensAnswer>(&url, &RefreshRequest { refresh_token }, Repeat::Never) {
        Ok(answer) => match answer.tokens(client) {
            Some(tokens) => Ok(Some(tokens)),
            None => Err(Error::incomplete(url, "a usable access_token")),
        },
        Err(Error::Refused(refusal)) if refuses_the_token(&refusal) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Or knows no refresh at all. A locked user, a limit or any other trouble says nothing about the token.
fn refuses_the_token(refusal: &Refusal) -> bool {
    matches!(
        (refusal.status, refusal.errcode.as_str()),
        (401, "M_UNKNOWN_TOKEN") | (403, "M_FORBIDDEN") | (404, "M_UNRECOGNIZED")
    )
}

#[derive(Serialize, Deserialize)]
struct Nothing {}

/// `POST /logout`: ends the session and deletes its device, and with it every other token of that device.
/// `false` if the token was dead already.
/// <https://spec.matrix.org/v1.18/client-server-api/#post_matrixclientv3logout>
///
/// # Errors
/// Those of [`Client::post_as`].
pub fn log_out(client: &Client, homeserver: &HomeserverUrl, access_token: &Secret) -> Result<bool, Error> {
    match with_r0_fallback(client, homeserver, "/logout", |url| {
        client.post_as::<Nothing>(url, &Nothing {}, access_token, Repeat::Harmless)
    }) {
        Ok(Nothing {}) => Ok(true),
        Err(Error::Refused(refusal)) if refusal.is_unknown_token() => Ok(false),
        Err(error) => Err(error),
    }
}
