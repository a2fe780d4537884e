//! Rate limits: what the server asks for is waited for, in full or not at all.

use std::time::{Duration, SystemTime};

use serde_json::json;

use super::{login, logins, server_after};
use crate::support::folder::Folder;
use crate::support::module::Module;
use crate::support::server::{Reply, parallel};

fn limited(headers: &str, more: &str) -> Reply {
    Reply::http(429, headers, &format!(r#"{{"errcode":"M_LIMIT_EXCEEDED","error":"Too Many Requests"{more}}}"#))
}

#[test]
fn the_wait_is_the_one_that_the_server_asks_for() {
    let date = httpdate::fmt_http_date(SystemTime::now() + Duration::from_secs(3));
    let rows = [
        // A date says no more than the second.
        (limited(&format!("Retry-After: {date}\r\n"), ""), 1500),
        (limited("Retry-After: 1\r\n", ""), 1000),
        (limited("", r#","retry_after_ms":700"#), 700),
        // The header wins.
        (limited("Retry-After: 1\r\n", r#","retry_after_ms":60000"#), 1000),
        (limited("Retry-After: soon\r\n", r#","retry_after_ms":600"#), 600),
        (Reply::http(429, "Retry-After: 1\r\n", "<html>slow down</html>"), 1000),
        (
            Reply::http(400, "", r#"{"errcode":"M_LIMIT_EXCEEDED","error":"Slow down","retry_after_ms":600}"#),
            600,
        ),
        (Reply::http(503, "Retry-After: 1\r\n", "<html>maintenance</html>"), 1000),
    ];
    parallel(rows, |(refusal, least)| {
        let server = server_after(vec![refusal.clone()]);
        assert_eq!(login(&server, 10).run().success()["access_token"], "T0");
        assert_eq!(logins(&server), 2, "{refusal:?}");
        assert!(server.gaps()[0] >= Duration::from_millis(least), "{:?} after {refusal:?}", server.gaps());
    });
}

#[test]
fn without_a_hint_the_time_that_is_left_is_used_up_before_the_last_try() {
    let server = server_after(vec![limited("", "")]);
    assert_eq!(login(&server, 1).run().success()["access_token"], "T0");
    assert_eq!(logins(&server), 2);
    assert!(server.gaps()[0] >= Duration::from_millis(900), "{:?}", server.gaps());
}

#[test]
fn more_than_what_is_left_is_not_waited_for_and_told_in_seconds() {
    let server = server_after(vec![limited("", r#","retry_after_ms":61001"#)]);
    let result = login(&server, 60).run().failure();
    let msg = format!(
        "could not log in as @alice:hs.test: {}/_matrix/client/v3/login answered 429 M_LIMIT_EXCEEDED (Too Many Requests); the homeserver limits \
         logins, for each user and for each address that they come from (`rc_login` in Synapse), and asks to wait 62 seconds, more than what is left \
         of `wait_timeout`: keep the session in `session_file` so that logins are rare, raise `wait_timeout`, or use `admin_access_token`, which Synapse does not limit",
        server.url()
    );
    assert_eq!(
        result,
        json!({"failed": true, "msg": msg, "http_status": 429, "errcode": "M_LIMIT_EXCEEDED", "retry_after_ms": 61001})
    );
    assert_eq!(logins(&server), 1);
}

#[test]
fn who_keeps_the_session_already_is_not_told_to() {
    let (server, folder) = (server_after(vec![limited("", r#","retry_after_ms":61001"#)]), Folder::new());
    let msg = login(&server, 60).with("session_file", folder.option()).run().failure_msg();
    assert!(
        msg.ends_with(
            " asks to wait 62 seconds, more than what is left of `wait_timeout`: raise `wait_timeout`, or use `admin_access_token`, \
             which Synapse does not limit"
        ),
        "{msg}"
    );
    assert_eq!(logins(&server), 1);
}

#[test]
fn a_limit_of_something_else_than_logins_is_not_called_one_of_logins() {
    let server = server_after(vec![limited("", r#","retry_after_ms":61001"#)]);
    let task = Module::as_user(&server.url(), "@alice:hs.test").with("access_token", "T1");
    assert_eq!(
        task.run().failure_msg(),
        format!(
            "could not check the given `access_token`: {}/_matrix/client/v3/account/whoami answered 429 M_LIMIT_EXCEEDED (Too Many Requests); \
             the homeserver limits requests, and asks to wait 62 seconds, more than what is left of `wait_timeout`: raise `wait_timeout`",
            server.url()
        )
    );
}

#[test]
fn a_server_that_asks_for_no_wait_for_ever_is_given_up() {
    let server = server_after(vec![limited("Retry-After: 0\r\n", ""); 1000]);
    login(&server, 1).run().failure();
    assert!((2..=6).contains(&logins(&server)), "{} logins", logins(&server));
}

#[test]
fn a_wait_timeout_of_zero_never_waits() {
    for refusal in [
        limited("", ""),
        limited("", r#","retry_after_ms":1"#),
        limited("Retry-After: 0\r\n", ""),
        Reply::http(502, "", "<html>"),
        Reply::http(503, "Retry-After: 0\r\n", "<html>"),
        Reply::http(504, "", "<html>"),
        Reply::Raw(Vec::new()),
    ] {
        let server = server_after(vec![refusal.clone()]);
        login(&server, 0).with("device_id", "BOT").run().failure();
        assert_eq!(logins(&server), 1, "{refusal:?}");
    }
}
