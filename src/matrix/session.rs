//! A session: a user's access token on one device of theirs, and what belongs to it.

use std::fmt;
use std::time::{Duration, SystemTime};

use serde::Deserialize;

use super::client::Client;
use super::error::Error;
use super::homeserver_url::HomeserverUrl;
use super::user_id::UserId;
use crate::secret::Secret;

/// A session of one user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    pub homeserver: HomeserverUrl,
    pub user_id: UserId,
    /// Tokens of appservices and of Synapse's admin API have none.
    pub device_id: Option<String>,
    pub tokens: Tokens,
    /// What Matrix Authentication Service calls it, if it is a personal session: nothing else ends one.
    pub mas_personal_session_id: Option<String>,
}

/// The part of a session that a refresh replaces.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tokens {
    pub access_token: Secret,
    pub refresh_token: Option<Secret>,
    /// When the access token expires, if it does. Only for people: no decision depends on our clock.
    pub expires_at: Option<SystemTime>,
}

impl Session {
    /// Any but a personal session of Matrix Authentication Service.
    pub(crate) fn new(homeserver: &HomeserverUrl, user_id: UserId, device_id: Option<String>, tokens: impl Into<Tokens>) -> Self {
        let (homeserver, tokens) = (homeserver.clone(), tokens.into());
        Self { homeserver, user_id, device_id, tokens, mas_personal_session_id: None }
    }
}

/// Whose it is, and where.
impl fmt::Display for Session {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}", self.user_id)?;
        if let Some(device_id) = &self.device_id {
            // A server may call a device anything.
            write!(formatter, " on device {}", device_id.replace(char::is_control, " "))?;
        }
        write!(formatter, " at {}", self.homeserver)
    }
}

/// A token that does not expire, as far as anybody knows.
impl From<Secret> for Tokens {
    fn from(access_token: Secret) -> Self {
        Self { access_token, refresh_token: None, expires_at: None }
    }
}

impl Tokens {
    /// What no text may ever show.
    pub fn secrets(&self) -> impl Iterator<Item = &Secret> {
        [&self.access_token].into_iter().chain(&self.refresh_token)
    }

    /// How long the access token is still valid, if it expires.
    pub fn expires_in(&self) -> Option<Duration> {
        self.expires_at.map(|end| end.duration_since(SystemTime::now()).unwrap_or_default())
    }
}

/// Tokens as a login or a refresh answers them.
#[derive(Deserialize)]
pub(crate) struct TokensResponse {
    access_token: Secret,
    refresh_token: Option<Secret>,
    expires_in_ms: Option<u64>,
}

impl TokensResponse {
    /// Usable tokens, from now on kept out of every message.
    ///
    /// # Errors
    /// [`Error::UnexpectedResponse`] of `url` for tokens that no HTTP header can hold.
    pub(crate) fn tokens(self, client: &Client, url: &str) -> Result<Tokens, Error> {
        let expires_at = self.expires_in_ms.and_then(|time| SystemTime::now().checked_add(Duration::from_millis(time)));
        let tokens = Tokens { access_token: self.access_token, refresh_token: self.refresh_token, expires_at };
        client.add_secrets(tokens.secrets());
        let usable = tokens.secrets().all(Secret::is_header_safe);
        usable.then_some(tokens).ok_or_else(|| Error::missing(url.to_owned(), "a usable access_token"))
    }
}
