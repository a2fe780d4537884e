//! The JSON that a session file holds: the `credentials.json` that the examples of matrix-nio read, and what a refresh needs.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::{Result, bail};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use zeroize::Zeroizing;

use crate::matrix::homeserver_url::HomeserverUrl;
use crate::matrix::session::{Session, Tokens};
use crate::matrix::user_id::UserId;
use crate::secret::{Secret, expose_optional_secret, expose_secret};

/// The order is that of the file.
#[derive(Serialize, Deserialize)]
struct Stored {
    homeserver: HomeserverUrl,
    user_id: UserId,
    #[serde(skip_serializing_if = "Option::is_none")]
    device_id: Option<String>,
    #[serde(serialize_with = "expose_secret")]
    access_token: Secret,
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "expose_optional_secret")]
    refresh_token: Option<Secret>,
    /// Milliseconds since 1970, as all times of Matrix.
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_at: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    mas_personal_session_id: Option<String>,
}

/// The names in [`Stored`].
const NAMES: [&str; 7] = [
    "homeserver",
    "user_id",
    "device_id",
    "access_token",
    "refresh_token",
    "expires_at",
    "mas_personal_session_id",
];

/// The file: the session, and what other programs have added.
#[derive(Serialize)]
struct Contents<'a> {
    #[serde(flatten)]
    stored: Stored,
    #[serde(flatten)]
    unknown_fields: BTreeMap<String, &'a RawValue>,
}

/// What the file is to hold after `before`, of which it keeps what other programs have added, unless that was another user's session.
/// Wiped on drop.
pub(crate) fn to_json(session: &Session, before: &[u8]) -> Zeroizing<Vec<u8>> {
    let is_same_user = from_json(before).is_ok_and(|old| old.user_id == session.user_id);
    let mut unknown_fields: BTreeMap<String, &RawValue> = serde_json::from_slice(before).unwrap_or_default();
    unknown_fields.retain(|name, _| is_same_user && !NAMES.contains(&name.as_str()));
    let stored = stored(session);
    // Room for all of it: a buffer that grows leaves an unwiped one behind.
    let mut json = Zeroizing::new(Vec::with_capacity(before.len() + 4096));
    // A buffer takes everything.
    let _ = serde_json::to_writer_pretty(&mut *json, &Contents { stored, unknown_fields });
    json.push(b'\n');
    json
}

fn stored(session: &Session) -> Stored {
    let Session { homeserver, user_id, device_id, tokens, mas_personal_session_id } = session.clone();
    let since_1970 = tokens.expires_at.and_then(|end| end.duration_since(UNIX_EPOCH).ok());
    Stored {
        homeserver,
        user_id,
        device_id,
        access_token: tokens.access_token,
        refresh_token: tokens.refresh_token,
        expires_at: since_1970.and_then(|time| u64::try_from(time.as_millis()).ok()),
        mas_personal_session_id,
    }
}

/// Reads what [`to_json`] wrote, or other programs did; what they wrote beside is read over.
///
/// # Errors
/// Names the place at fault and never the content.
pub(crate) fn from_json(json: &[u8]) -> Result<Session> {
    let stored: Stored = match serde_json::from_slice(json) {
        Ok(stored) => stored,
        Err(error) if error.is_data() => bail!("homeserver, user_id or access_token is missing or not what it should be"),
        Err(error) => bail!("no JSON at line {}, column {}", error.line(), error.column()),
    };
    let tokens = Tokens {
        access_token: stored.access_token,
        refresh_token: stored.refresh_token,
        expires_at: stored.expires_at.and_then(|time| SystemTime::checked_add(&UNIX_EPOCH, Duration::from_millis(time))),
    };
    if !tokens.access_token.is_header_safe() {
        bail!("the access_token can't be one");
    }
    let device_id = stored.device_id.filter(|device_id| !device_id.is_empty());
    Ok(Session {
        homeserver: stored.homeserver,
        user_id: stored.user_id,
        device_id,
        tokens,
        mas_personal_session_id: stored.mas_personal_session_id,
    })
}

#[cfg(test)]
mod tests;
