//! Whether a device has end-to-end encryption keys. Both questions only read.
//! <https://spec.matrix.org/v1.18/client-server-api/#key-management-api>

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Value, json};

use super::client::{Client, Retry};
use super::error::Error;
use super::session::Session;

/// What a server tells of keys: those of devices at `/keys/query`, and how many one-time keys this device has left at `/keys/upload`.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Keys {
    device_keys: BTreeMap<String, BTreeMap<String, Value>>,
    one_time_key_counts: BTreeMap<String, u64>,
}

/// Whether anybody has uploaded keys for the session's device: identity keys, or one-time keys, which exist without them too.
/// A session without a device has none.
pub fn has_keys(client: &Client, session: &Session) -> Result<bool, Error> {
    let Some(device_id) = &session.device_id else { return Ok(false) };
    let ask = |endpoint, body: &Value| -> Result<Keys, Error> {
        let url = session.homeserver.endpoint(&format!("/_matrix/client/v3/keys/{endpoint}"));
        client.post(&url, body, Some(&session.tokens.access_token), Retry::Idempotent)
    };
    let user_id = session.user_id.as_str();
    let devices = ask("query", &json!({"device_keys": {user_id: [device_id]}}))?.device_keys;
    if devices.get(user_id).is_some_and(|devices| devices.contains_key(device_id)) {
        return Ok(true);
    }
    Ok(ask("upload", &json!({}))?.one_time_key_counts.values().any(|count| *count > 0))
}
