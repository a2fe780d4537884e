//! Whether a device has end-to-end encryption keys. Both questions only read.
//! <https://spec.matrix.org/v1.18/client-server-api/#key-management-api>

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Value, json};

use super::client::{Client, Retry};
use super::error::Error;
use super::session::Session;

#[derive(Deserialize)]
struct Keys {
    #[serde(default)]
    device_keys: BTreeMap<String, BTreeMap<String, Value>>,
}

#[derive(Deserialize)]
struct Counts {
    #[serde(default)]
    one_time_key_counts: BTreeMap<String, u64>,
}

/// Whether anybody has uploaded keys for the session's device: identity keys, or one-time keys, which exist without them too.
/// A session without a device has none.
pub fn has_keys(client: &Client, session: &Session) -> Result<bool, Error> {
    let Some(device_id) = &session.device_id else { return Ok(false) };
    let (user_id, token) = (session.user_id.as_str(), Some(&session.tokens.access_token));
    let url = |path| session.homeserver.endpoint(&format!("/_matrix/client/v3/keys/{path}"));
    let body = json!({"device_keys": {user_id: [device_id]}});
    let keys: Keys = client.post(&url("query"), &body, token, Retry::Idempotent)?;
    if keys.device_keys.get(user_id).is_some_and(|devices| devices.contains_key(device_id)) {
        return Ok(true);
    }
    let counts: Counts = client.post(&url("upload"), &json!({}), token, Retry::Idempotent)?;
    Ok(counts.one_time_key_counts.values().any(|count| *count > 0))
}
