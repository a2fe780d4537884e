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
use crate::secret::Secret;

type Members<'a> = BTreeMap<String, &'a RawValue>;

/// What the file holds, in this order.
#[derive(Serialize)]
struct Contents<'a> {
    homeserver: &'a HomeserverUrl,
    user_id: &'a UserId,
    #[serde(skip_serializing_if = "Option::is_none")]
    device_id: Option<&'a str>,
    access_token: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh_token: Option<&'a str>,
    /// Milliseconds since 1970, as all times of Matrix.
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_at: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    mas_personal_session_id: Option<&'a str>,
    /// What other programs have added.
    #[serde(flatten)]
    others: Members<'a>,
}

/// What the file is to hold after `before`, of which it keeps what other programs have added, unless that was another user's session.
/// Wiped on drop.
pub(crate) fn to_json(session: &Session, before: &[u8]) -> Zeroizing<Vec<u8>> {
    let Session { homeserver, user_id, device_id, tokens, mas_personal_session_id } = session;
    let before_it = parse(before).ok().filter(|(old, _)| old.user_id == *user_id);
    let since_1970 = tokens.expires_at.and_then(|end| end.duration_since(UNIX_EPOCH).ok());
    let contents = Contents {
        homeserver,
        user_id,
        device_id: device_id.as_deref(),
        access_token: tokens.access_token.expose_secret(),
        refresh_token: tokens.refresh_token.as_ref().map(Secret::expose_secret),
        expires_at: since_1970.and_then(|time| u64::try_from(time.as_millis()).ok()),
        mas_personal_session_id: mas_personal_session_id.as_deref(),
        others: before_it.map(|(_, others)| others).unwrap_or_default(),
    };
    // Room for all of it: a buffer that grows leaves an unwiped one behind.
    let mut json = Zeroizing::new(Vec::with_capacity(before.len() + 4096));
    // A buffer takes everything.
    let _ = serde_json::to_writer_pretty(&mut *json, &contents);
    json.push(b'\n');
    json
}

/// Reads what [`to_json`] wrote, or other programs did; what they wrote beside is read over.
///
/// # Errors
/// Names the place at fault and never the content.
pub(crate) fn from_json(json: &[u8]) -> Result<Session> {
    parse(json).map(|(session, _)| session)
}

/// The members of a session become one, and the others are left.
fn parse(json: &[u8]) -> Result<(Session, Members<'_>)> {
    let mut members: Members = match serde_json::from_slice(json) {
        Ok(members) => members,
        Err(error) if error.is_data() => bail!("it is no JSON object"),
        Err(error) => bail!("no JSON at line {}, column {}", error.line(), error.column()),
    };
    let expires_at: Option<u64> = optional(&mut members, "expires_at")?;
    let device_id: Option<String> = optional(&mut members, "device_id")?;
    let session = Session {
        homeserver: required(&mut members, "homeserver")?,
        user_id: required(&mut members, "user_id")?,
        device_id: device_id.filter(|device_id| !device_id.is_empty()),
        tokens: Tokens {
            access_token: required(&mut members, "access_token")?,
            refresh_token: optional(&mut members, "refresh_token")?,
            expires_at: expires_at.and_then(|time| SystemTime::checked_add(&UNIX_EPOCH, Duration::from_millis(time))),
        },
        mas_personal_session_id: optional(&mut members, "mas_personal_session_id")?,
    };
    if !session.tokens.access_token.is_header_safe() {
        bail!("the access_token can't be one");
    }
    Ok((session, members))
}

fn required<T: DeserializeOwned>(members: &mut Members, name: &str) -> Result<T> {
    optional(members, name)?.with_context(|| format!("{name} is missing"))
}

fn optional<T: DeserializeOwned>(members: &mut Members, name: &str) -> Result<Option<T>> {
    let value = members.remove(name).map_or("null", RawValue::get);
    serde_json::from_str(value).ok().with_context(|| format!("{name} is not what it should be"))
}

#[cfg(test)]
mod tests;
