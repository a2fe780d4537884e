//! Rate limits, of a server that plays them and of a real homeserver: what is asked for is waited for, in full or not at all.

use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use serde_json::{Value, json};

use super::{login, logins, server_after};
use crate::support::folder::Folder;
use crate::support::homeserver::Homeserver;
use crate::support::module::Module;
use crate::support::server::{Reply, Request, Server, parallel};

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

/// Logs in with the patience that a task has unless told otherwise.
fn task(url: &str, user_id: &str) -> Module {
    Module::login(url, user_id).with("wait_timeout", 60).with("device_id", "BOT").confined()
}

#[test]
fn by_default_the_sixth_login_is_refused_at_once_and_the_ways_out_are_named() {
    let homeserver = Homeserver::start(&["--default-limits"]);
    let (_, admin) = homeserver.administrator();
    let user_id = homeserver.register("alice");
    for _ in 0..5 {
        task(&homeserver.url, &user_id).run().success();
    }
    let mut result = task(&homeserver.url, &user_id).run().failure();
    let seconds = result["retry_after_ms"].as_u64().unwrap() / 1000;
    assert!((300..=334).contains(&seconds), "{result}");
    let msg = result["msg"].as_str().unwrap().replace(&format!(" {seconds} seconds"), " 333 seconds");
    result["msg"] = msg.into();
    result["retry_after_ms"] = 333_000.into();
    let msg = format!(
        "could not log in as {user_id}: {}/_matrix/client/v3/login answered 429 M_LIMIT_EXCEEDED (Too Many Requests); the homeserver limits logins, for \
         each user and for each address that they come from (`rc_login` in Synapse), and asks to wait 333 seconds, more than what is left of \
         `wait_timeout`: keep the session in `session_file` so that logins are rare, raise `wait_timeout`, or use `admin_access_token`, which Synapse \
         does not limit",
        homeserver.url
    );
    assert_eq!(
        result,
        json!({"failed": true, "msg": msg, "http_status": 429, "errcode": "M_LIMIT_EXCEEDED", "retry_after_ms": 333_000})
    );
    let way_out = Module::as_user(&homeserver.url, &user_id).with("admin_access_token", admin.as_str()).secret(&admin);
    assert_eq!(way_out.run().success()["user_id"], user_id.as_str());
}

/// Passes logins and what proves them on to a real homeserver, and notes the waits that it asks for.
fn relay(homeserver: &Homeserver) -> (Server, Arc<Mutex<Vec<u64>>>) {
    let asked = Arc::new(Mutex::new(Vec::new()));
    let (url, noted) = (homeserver.url.clone(), Arc::clone(&asked));
    let pass_on = move |request: &Request| {
        let config = ureq::Agent::config_builder().http_status_as_error(false).proxy(None);
        let agent = ureq::Agent::from(config.build());
        let sent = match request.header("Authorization") {
            Some(token) => agent.get(format!("{url}{}", request.path)).header("Authorization", token).call(),
            None => agent.post(format!("{url}{}", request.path)).send(&request.body),
        };
        let mut response = sent.unwrap();
        let wait = response.headers().get("Retry-After").map(|value| value.to_str().unwrap().to_owned());
        noted.lock().unwrap().extend(wait.iter().map(|wait| wait.parse::<u64>().unwrap()));
        let header = wait.map(|wait| format!("Retry-After: {wait}\r\n")).unwrap_or_default();
        Reply::http(response.status().as_u16(), &header, &response.body_mut().read_to_string().unwrap())
    };
    (Server::http(pass_on), asked)
}

#[test]
fn a_limit_that_passes_soon_is_waited_out_as_long_as_the_server_asks() {
    let limit = r#"{"per_second": 0.5, "burst_count": 1}"#;
    let homeserver = Homeserver::start(&["--set", &format!(r#"rc_login={{"address": {limit}, "account": {limit}}}"#)]);
    let user_id = homeserver.register("alice");
    let (relay, asked) = relay(&homeserver);
    task(&relay.url(), &user_id).run().success();
    let result: Value = task(&relay.url(), &user_id).run().success();
    assert_eq!(result["session"], "new");
    let asked = asked.lock().unwrap().clone();
    assert_eq!((logins(&relay), asked.len()), (3, 1), "one login, one that is refused, one more; waits: {asked:?}");
    assert!(relay.gaps()[2] >= Duration::from_secs(asked[0]), "{:?} after {asked:?}", relay.gaps());
}

#[test]
fn a_device_that_was_cleared_gets_its_new_session_however_strict_the_limit_is() {
    let limit = r#"{"per_second": 0.5, "burst_count": 1}"#;
    let homeserver = Homeserver::start(&["--set", &format!(r#"rc_login={{"address": {limit}, "account": {limit}}}"#)]);
    let user_id = homeserver.register("alice");
    let result = task(&homeserver.url, &user_id).with("force", true).with("wait_timeout", 0).run().success();
    assert!(homeserver.accepts(result["access_token"].as_str().unwrap()), "{result}");
}
