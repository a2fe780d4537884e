//! Broken JSON, and JSON that doesn't say what it should.

use serde_json::json;

use super::{NOT_MATRIX, fault, login};
use crate::support::server::Reply;

const BREAKS: &str = "another service answers there, or the homeserver breaks the specification: check `homeserver_url`, or report it to the developers of the homeserver";

fn ok(body: &[u8]) -> Reply {
    let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len());
    Reply::Raw([head.as_bytes(), body].concat())
}

#[test]
fn what_is_no_json_is_said_to_be_none() {
    let deep = [
        r#"{"user_id":"@alice:hs.test","access_token":"syt_X","a":"#,
        &"[".repeat(100_000),
        &"]".repeat(100_000),
        "}",
    ]
    .concat();
    for body in [
        b"{\"user_id\": \"@alice:hs.test\", \"access_token\": \"syt_\xff\xfe\"}".as_slice(),
        b"{\"user_id\": \"@alice:hs.test\", \"access_token\": \"syt_X\"} {}",
        b"{\"user_id\": \"@alice:hs.test\"",
        deep.as_bytes(),
    ] {
        assert_eq!(fault(ok(body)), format!("answered 200 with a body that is not JSON; {NOT_MATRIX}"));
    }
}

#[test]
fn an_answer_that_breaks_the_specification_is_not_guessed_at() {
    const BROKEN: &str = "with JSON that violates the specification";
    for (body, what) in [
        ("[]", BROKEN),
        ("{}", "without user_id"),
        (&"[".repeat(1024 * 1024), BROKEN),
        (r#"{"user_id": "@alice:hs.test"}"#, "without access_token"),
        (r#"{"access_token": "syt_X"}"#, "without user_id"),
        (r#"{"user_id": 5, "access_token": "syt_X"}"#, BROKEN),
        (r#"{"user_id": "alice", "access_token": "syt_X"}"#, BROKEN),
        (r#"{"user_id": "@ali\u0000ce:hs.test", "access_token": "syt_X"}"#, BROKEN),
        (r#"{"user_id": "@ali\u001b[31mce:hs.test", "access_token": "syt_X"}"#, BROKEN),
        (r#"{"user_id": "@alice:hs.test", "access_token": 5}"#, BROKEN),
        (r#"{"user_id": "@alice:hs.test", "access_token": "syt_X", "device_id": 5}"#, BROKEN),
        (r#"{"user_id": "@alice:hs.test", "access_token": "syt_X", "expires_in_ms": "60000"}"#, BROKEN),
        (r#"{"user_id": "@alice:hs.test", "access_token": "syt_X", "expires_in_ms": -1}"#, BROKEN),
        (r#"{"user_id": "@alice:hs.test", "access_token": "syt_X", "access_token": "syt_Y"}"#, BROKEN),
    ] {
        assert_eq!(fault(ok(body.as_bytes())), format!("answered 200 {what}; {BREAKS}"), "{:.100}", body);
    }
}

#[test]
fn a_token_that_fits_no_header_is_not_usable() {
    for token in ["", "syt_X\r\nX-Evil: 1", "syt X", "syt_\u{0}", "syt_\u{e9}", "syt_\u{1b}[31m"] {
        assert_eq!(
            fault(Reply::Json(200, json!({"user_id": "@alice:hs.test", "access_token": token}))),
            format!("answered 200 without a usable access_token; {BREAKS}")
        );
    }
}

#[test]
fn odd_types_in_a_standard_error_do_not_hide_it() {
    for (error, shown, fields) in [
        (json!({"error": 5, "retry_after_ms": "5000"}), "", json!({})),
        (json!({"error": ["no"], "retry_after_ms": -5}), "", json!({})),
        (json!({"error": null, "soft_logout": "yes"}), "", json!({})),
        (json!({"error": "line\nbreak \u{1b}[31m"}), " (line break  [31m)", json!({})),
        (json!({"retry_after_ms": u64::MAX}), "", json!({"retry_after_ms": u64::MAX})),
    ] {
        let mut body = json!({"errcode": "M_USER_LOCKED"});
        body.as_object_mut().unwrap().extend(error.as_object().unwrap().clone());
        let (module, server) = login(Reply::Json(401, body));
        let msg = format!(
            "could not log in as @alice:hs.test: {}/_matrix/client/v3/login answered 401 M_USER_LOCKED{shown}; \
             an administrator has locked this user: unlock it first",
            server.url()
        );
        let mut expected = json!({"failed": true, "msg": msg, "http_status": 401, "errcode": "M_USER_LOCKED"});
        expected.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        assert_eq!(module.run().failure(), expected);
    }
}

#[test]
fn a_server_that_cannot_stop_talking_is_cut_short() {
    let long = "no ".repeat(10_000);
    let (module, server) = login(Reply::Json(401, json!({"errcode": long, "error": long})));
    let (shown, url) = ("no ".repeat(100), server.url());
    let msg = format!(
        "could not log in as @alice:hs.test: {url}/_matrix/client/v3/login answered 401 {shown} ({shown}); check the options of this task"
    );
    assert_eq!(module.run().failure(), json!({"failed": true, "msg": msg, "http_status": 401, "errcode": shown}));
}
