//! What a session file holds, and what is read from one.

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
        tokens: Tokens { access_token: Secret::new("syt_1".into()), refresh_token: None, expires_at: None },
        mas_personal_session_id: None,
    }
}

/// With each member that a session can have.
fn full() -> Session {
    let mut session = session();
    session.tokens.refresh_token = Some(Secret::new("syr_1".into()));
    session.mas_personal_session_id = Some("01M8".into());
    session.tokens.expires_at = Some(UNIX_EPOCH + Duration::from_millis(1_790_000_000_123));
    session
}

/// With what matrix-commander needs, and what nobody would write.
const FOREIGN: &[u8] = br#"{"room_id": "!r:x", "homeserver": "https://matrix.example.com/", "a\u0062" : [1e400, {"user_id":  "\u00fc"}],
    "user_id": "@alice:example.com", "device\u005fid": "BOT", "access_token": "syt_1", "room_id": 123456789012345678901234567890}"#;

#[test]
fn a_session_has_the_shape_of_credentials_json() {
    let expected = "{\n  \"homeserver\": \"https://matrix.example.com\",\n  \"user_id\": \"@alice:example.com\",\n  \"device_id\": \"BOT\",\n  \"access_token\": \"syt_1\"\n}\n";
    assert_eq!(str::from_utf8(&to_json(&session(), b"")).unwrap(), expected);
}

#[test]
fn what_is_written_is_read_again() {
    assert_eq!(from_json(&to_json(&full(), b"")).unwrap(), full());
}

#[test]
fn members_of_other_programs_are_read_over() {
    assert_eq!(from_json(FOREIGN).unwrap(), session());
}

#[test]
fn members_of_other_programs_are_written_again_with_their_values_as_they_stood() {
    let own = String::from_utf8(to_json(&session(), b"").to_vec()).unwrap();
    let others = ",\n  \"ab\": [1e400, {\"user_id\":  \"\\u00fc\"}],\n  \"room_id\": 123456789012345678901234567890\n}";
    let written = to_json(&session(), FOREIGN);
    assert_eq!(str::from_utf8(&written).unwrap(), own.replace("\n}", others));
    assert_eq!(to_json(&session(), &written), written);
}

#[test]
fn no_member_of_a_session_is_taken_for_one_of_another_program() {
    let before = to_json(&full(), b"");
    assert_eq!(to_json(&full(), &before), before);
    assert_eq!(to_json(&session(), &before), to_json(&session(), b""));
}

#[test]
fn what_was_added_to_another_users_session_or_to_none_is_not_kept() {
    let alone = to_json(&session(), b"");
    let foreign = str::from_utf8(FOREIGN).unwrap();
    for before in [
        &foreign.replace("alice", "bob"),
        &foreign.replace("alice", "Alice"),
        &foreign.replace("syt_1", ""),
        "{\"room_id\": 1}",
        "[]",
        "",
    ] {
        assert_eq!(to_json(&session(), before.as_bytes()), alone, "{before}");
    }
    let moved = foreign.replace("matrix.example.com", "old.example.com");
    assert_ne!(to_json(&session(), moved.as_bytes()), alone);
}

#[test]
fn the_member_that_is_wrong_is_named() {
    let right = r#"{"homeserver":"https://x.org","user_id":"@a:x.org","device_id":"D","access_token":"T","refresh_token":"R","expires_at":1,"mas_personal_session_id":"M"}"#;
    assert!(from_json(right.as_bytes()).is_ok());
    for (old, new, expected) in [
        ("\"expires_at\":1", "\"expires_at\":\"1\"", "expires_at is not what it should be"),
        ("\"expires_at\":1", "\"expires_at\":1.5", "expires_at is not what it should be"),
        ("\"D\"", "7", "device_id is not what it should be"),
        ("\"R\"", "{}", "refresh_token is not what it should be"),
        ("\"M\"", "[]", "mas_personal_session_id is not what it should be"),
        ("\"T\"", "5", "access_token is not what it should be"),
        ("\"@a:x.org\"", "\"a\"", "user_id is not what it should be"),
        ("https", "ftp", "homeserver is not what it should be"),
        ("homeserver", "home_server", "homeserver is missing"),
        ("\"@a:x.org\"", "null", "user_id is missing"),
        ("access_token", "token", "access_token is missing"),
    ] {
        assert_eq!(format!("{:#}", from_json(right.replace(old, new).as_bytes()).unwrap_err()), expected);
    }
}

#[test]
fn a_list_of_the_values_is_no_session() {
    let list = br#"["https://x.org", "@a:x.org", "D", "T", null, null, null]"#;
    assert_eq!(from_json(list).unwrap_err().to_string(), "it is no JSON object");
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
