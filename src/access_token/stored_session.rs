//! The JSON that a session file holds: the `credentials.json` that the examples of matrix-nio read, and what a refresh needs.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result, bail};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;
use zeroize::Zeroizing;

use crate::matrix::homeserver_url::HomeserverUrl;
use crate::matrix::session::{Session, Tokens};
use crate::matrix::user_id::UserId;
use crate::secret::{Secret, expose_optional_secret, expose_secret};

/// The order is that of the file.
#[derive(Serialize)]
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
    let members: BTreeMap<String, &RawValue> = match serde_json::from_slice(json) {
        Ok(members) => members,
        Err(error) if error.is_data() => bail!("it is no JSON object"),
        Err(error) => bail!("no JSON at line {}, column {}", error.line(), error.column()),
    };
    let expires_at: Option<u64> = optional(&members, "expires_at")?;
    let device_id: Option<String> = optional(&members, "device_id")?;
    let session = Session {
        homeserver: required(&members, "homeserver")?,
        user_id: required(&members, "user_id")?,
        device_id: device_id.filter(|device_id| !device_id.is_empty()),
        tokens: Tokens {
            access_token: required(&members, "access_token")?,
            refresh_token: optional(&members, "refresh_token")?,
            expires_at: expires_at.and_then(|time| SystemTime::checked_add(&UNIX_EPOCH, Duration::from_millis(time))),
        },
        mas_personal_session_id: optional(&members, "mas_personal_session_id")?,
    };
    if !session.tokens.access_token.is_header_safe() {
        bail!("the access_token can't be one");
    }
    Ok(session)
}

fn required<T: DeserializeOwned>(members: &BTreeMap<String, &RawValue>, name: &str) -> Result<T> {
    optional(members, name)?.with_context(|| format!("{name} is missing"))
}

fn optional<T: DeserializeOwned>(members: &BTreeMap<String, &RawValue>, name: &str) -> Result<Option<T>> {
    let value = members.get(name).map_or("null", |value| value.get());
    serde_json::from_str(value).ok().with_context(|| format!("{name} is not what it should be"))
}

#[cfg(test)]
mod tests;
