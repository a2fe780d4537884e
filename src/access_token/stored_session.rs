//! The JSON that a session file holds: the `credentials.json` that the examples of matrix-nio read, and what a refresh needs.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::{Result, bail};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::matrix::homeserver_url::HomeserverUrl;
use crate::matrix::session::{Session, Tokens, fits_a_header};
use crate::matrix::user_id::UserId;
use crate::secret::{Secret, reveal, reveal_if_known};

/// The order is that of the file.
#[derive(Serialize, Deserialize)]
struct Stored {
    homeserver: HomeserverUrl,
    user_id: UserId,
    #[serde(skip_serializing_if = "Option::is_none")]
    device_id: Option<String>,
    #[serde(serialize_with = "reveal")]
    access_token: Secret,
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "reveal_if_known")]
    refresh_token: Option<Secret>,
    /// Milliseconds since 1970, as all times of Matrix.
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_at: Option<u64>,
}

/// What the file holds; wiped on drop.
pub(super) fn to_json(session: &Session) -> Zeroizing<Vec<u8>> {
    let Session {
        homeserver,
        user_id,
        device_id,
        tokens,
    } = session.clone();
    let expires_at = tokens
        .expires_at
        .and_then(|end| end.duration_since(UNIX_EPOCH).ok())
        .map(|time| time.as_millis());
    let stored = Stored {
        homeserver,
        user_id,
        device_id,
        access_token: tokens.access_token,
        refresh_token: tokens.refresh_token,
        expires_at: expires_at.and_then(|time| u64::try_from(time).ok()),
    };
    let mut json = Zeroizing::new(Vec::with_capacity(4096));
    if serde_json::to_writer_pretty(&mut *json, &stored).is_ok() {
        json.push(b'\n');
    }
    json
}

/// Reads what [`to_json`] wrote, or other programs did; what they wrote beside is left out.
///
/// # Errors
/// Names the place at fault and never the content.
pub(super) fn from_json(json: &[u8]) -> Result<Session> {
    let stored: Stored = match serde_json::from_slice(json) {
        Ok(stored) => stored,
        Err(error) if error.is_data() => bail!("homeserver, user_id or access_token is missing or not what it should be"),
        Err(error) => bail!("no JSON at line {}, column {}", error.line(), error.column()),
    };
    let tokens = Tokens {
        access_token: stored.access_token,
        refresh_token: stored.refresh_token,
        expires_at: stored
            .expires_at
            .and_then(|time| SystemTime::checked_add(&UNIX_EPOCH, Duration::from_millis(time))),
    };
    if !fits_a_header(&tokens.access_token) {
        bail!("the access_token can't be one");
    }
    let device_id = stored.device_id.filter(|device_id| !device_id.is_empty());
    Ok(Session {
        homeserver: stored.homeserver,
        user_id: stored.user_id,
        device_id,
        tokens,
    })
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, UNIX_EPOCH};

    use super::{from_json, to_json};
    use crate::matrix::homeserver_url::HomeserverUrl;
    use crate::matrix::session::{Session, Tokens};
    use crate::matrix::user_id::UserId;
    use crate::secret::Secret;

    fn session() -> Session {
        Session {
            homeserver: HomeserverUrl::parse("https://matrix.example.com").unwrap(),
            user_id: UserId::parse("@alice:example.com").unwrap(),
            device_id: Some("BOT".into()),
            tokens: Tokens {
                access_token: Secret::new("syt_1".into()),
                refresh_token: None,
                expires_at: None,
            },
        }
    }

    #[test]
    fn a_session_has_the_shape_of_credentials_json() {
        let expected = "{\n  \"homeserver\": \"https://matrix.example.com\",\n  \"user_id\": \"@alice:example.com\",\n  \"device_id\": \"BOT\",\n  \"access_token\": \"syt_1\"\n}\n";
        assert_eq!(str::from_utf8(&to_json(&session())).unwrap(), expected);
    }

    #[test]
    fn what_is_written_is_read_again() {
        let mut session = session();
        session.tokens.refresh_token = Some(Secret::new("syr_1".into()));
        session.tokens.expires_at = Some(UNIX_EPOCH + Duration::from_millis(1_790_000_000_123));
        assert_eq!(from_json(&to_json(&session)).unwrap(), session);
    }

    #[test]
    fn keys_of_other_programs_are_left_out() {
        let json = br#"{"homeserver": "https://matrix.example.com/", "user_id": "@alice:example.com", "device_id": "BOT", "access_token": "syt_1", "room_id": "!r:x"}"#;
        assert_eq!(from_json(json).unwrap(), session());
    }

    #[test]
    fn what_is_no_session_is_refused_without_showing_it() {
        for json in [
            &b""[..],
            b"syt_LEAK",
            b"[]",
            b"{\"access_token\": \"syt_LEAK\"}",
            b"{\"homeserver\": \"https://x.org\", \"user_id\": \"@a:x.org\", \"access_token\": \"syt_LEAK\\n\"}",
            b"{\"homeserver\": \"https://x.org\", \"user_id\": \"syt_LEAK\", \"access_token\": \"T\"}",
            b"{\"homeserver\": \"https://x.org\", \"user_id\": \"@a:x.org\", \"access_token\": \"syt_LEAK",
        ] {
            let error = format!("{:#}", from_json(json).unwrap_err());
            assert!(!error.contains("LEAK"), "{error}");
        }
    }
}
