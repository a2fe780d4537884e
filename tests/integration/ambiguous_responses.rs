//! A homeserver that doesn't answer `whoami` as one: nobody logs in, and the session file stays as it is.

use std::cell::Cell;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use proptest::prelude::{Just, Strategy, any, prop_assert, prop_assert_eq, prop_oneof};
use proptest::sample::{select, subsequence};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use serde_json::{Value, json};

use crate::support::folder::Folder;
use crate::support::module::Module;
use crate::support::server::{Reply, Server};

/// Answers, and what a failure says after the URL.
fn answers() -> Vec<(Reply, &'static str)> {
    let introspection = Reply::error(503, "M_UNKNOWN", "Unable to introspect the access token");
    let limit = Reply::Json(429, json!({"errcode": "M_LIMIT_EXCEEDED", "error": "Too Many Requests", "retry_after_ms": 332_122}));
    let half = b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"user_id\": \"@alice";
    let half_refusal = b"HTTP/1.1 401 X\r\nContent-Length: 100\r\n\r\n{\"errcode\": \"M_UNKNOWN_TOKEN\"";
    vec![
        (
            Reply::error(500, "M_UNKNOWN", "Internal server error"),
            "answered 500 M_UNKNOWN (Internal server error); ",
        ),
        (Reply::http(500, "", "<html>oops</html>"), "answered 500 with a web page; "),
        (Reply::http(502, "", "<html>Bad Gateway</html>"), "answered 502 with a web page; "),
        (Reply::http(503, "", ""), "answered 503 with an empty body; "),
        (introspection, "answered 503 M_UNKNOWN (Unable to introspect the access token); "),
        (Reply::http(504, "", "timeout"), "answered 504 with a body that is not JSON; "),
        (limit, "answered 429 M_LIMIT_EXCEEDED (Too Many Requests); "),
        (Reply::http(200, "", "<html>Welcome</html>"), "answered 200 with a web page; "),
        (Reply::http(401, "", "<html>Log in to this network</html>"), "answered 401 with a web page; "),
        (Reply::http(401, "", "{}"), "answered 401 with JSON that has no errcode; "),
        (Reply::http(200, "", "\u{0}\u{1}garbage"), "answered 200 with a body that is not JSON; "),
        (Reply::http(200, "", "{}"), "answered 200 without user_id; "),
        (
            Reply::http(302, "Location: https://x.test/\r\n", ""),
            "answered 302 with a redirect to https://x.test/; ",
        ),
        (Reply::Raw(half.to_vec()), "closed the connection before the answer was complete; "),
        (Reply::Raw(half_refusal.to_vec()), "closed the connection before the answer was complete; "),
        (Reply::Raw(Vec::new()), "closed the connection before the answer was complete; "),
        (Reply::Silence(Duration::from_secs(5)), "did not answer in time; "),
        (
            Reply::error(401, "M_MISSING_TOKEN", "Missing access token"),
            "answered 401 M_MISSING_TOKEN (Missing access token); ",
        ),
        (Reply::error(403, "M_FORBIDDEN", "no"), "answered 403 M_FORBIDDEN (no); "),
        (Reply::error(403, "M_UNKNOWN_TOKEN", "no"), "answered 403 M_UNKNOWN_TOKEN (no); "),
        (
            Reply::error(401, "M_USER_LOCKED", "User account has been locked"),
            "answered 401 M_USER_LOCKED (User account has been locked); ",
        ),
    ]
}

/// Only silence is worth cutting short: a busy machine answers late.
fn timeout(reply: &Reply) -> u64 {
    if matches!(reply, Reply::Silence(_)) { 1 } else { 30 }
}

fn server(whoami: Reply) -> Server {
    Server::http(move |request| match request.path.as_str() {
        "/_matrix/client/v3/account/whoami" => whoami.clone(),
        _ => Reply::Json(200, json!({"user_id": "@alice:hs.test", "access_token": "syt_MINTED_1", "device_id": "NEW"})),
    })
}

#[test]
fn no_login_is_sent_and_the_file_stays() {
    for (reply, expected) in answers() {
        let timeout = timeout(&reply);
        let server = server(reply);
        let folder = Folder::with_session(&server.url(), "syt_OLD_1");
        let bytes = folder.bytes();
        let task = || {
            Module::login(&server.url(), "@alice:hs.test")
                .with("session_file", folder.option())
                .with("timeout", timeout)
        };
        for task in [task(), task().with("refresh_token", true), task().check()] {
            let msg = task.secret("syt_OLD_1").run().failure_msg();
            let url = server.url();
            let expected = format!(
                "could not check the stored session of @alice:hs.test on device BOT at {url}: {url}/_matrix/client/v3/account/whoami {expected}"
            );
            assert_eq!(msg.split_inclusive("; ").next(), Some(expected.as_str()));
        }
        assert!(
            server.asked().iter().all(|asked| asked == "GET /_matrix/client/v3/account/whoami"),
            "{:?}",
            server.asked()
        );
        assert_eq!((folder.bytes(), folder.names()), (bytes, vec!["session.json".to_owned()]));
    }
}

#[test]
fn a_given_token_that_cannot_be_checked_is_no_reason_to_log_in_either() {
    for (reply, expected) in answers() {
        let timeout = timeout(&reply);
        let server = server(reply);
        let task = Module::login(&server.url(), "@alice:hs.test")
            .with("access_token", "syt_GIVEN_1")
            .with("timeout", timeout);
        let msg = task.secret("syt_GIVEN_1").run().failure_msg();
        let url = server.url();
        let expected = format!("could not check the given `access_token`: {url}/_matrix/client/v3/account/whoami {expected}");
        assert_eq!(msg.split_inclusive("; ").next(), Some(expected.as_str()));
        assert_eq!(server.asked(), ["GET /_matrix/client/v3/account/whoami"]);
    }
}

#[test]
fn a_refresh_that_fails_for_any_other_reason_than_a_refusal_is_no_reason_to_log_in() {
    for (reply, _) in answers() {
        // These two refuse the refresh token itself.
        if matches!(&reply, Reply::Json(401 | 403, _)) {
            continue;
        }
        let timeout = timeout(&reply);
        let expired = json!({"errcode": "M_UNKNOWN_TOKEN", "error": "Access token has expired", "soft_logout": true});
        let server = Server::http(move |request| match request.path.as_str() {
            "/_matrix/client/v3/account/whoami" => Reply::Json(401, expired.clone()),
            _ => reply.clone(),
        });
        let folder = Folder::with_session(&server.url(), "syt_OLD_1");
        let mut session = folder.session();
        session["refresh_token"] = json!("syr_OLD_1");
        folder.store(&session);
        let task = Module::login(&server.url(), "@alice:hs.test")
            .with("session_file", folder.option())
            .with("timeout", timeout);
        let msg = task.secret("syt_OLD_1").secret("syr_OLD_1").run().failure_msg();
        assert!(msg.starts_with("could not refresh the session: "), "{msg}");
        assert_eq!(server.asked(), ["GET /_matrix/client/v3/account/whoami", "POST /_matrix/client/v3/refresh"]);
        assert_eq!((folder.session(), folder.names()), (session, vec!["session.json".to_owned()]));
    }
}

#[test]
fn a_server_that_is_back_in_time_is_waited_for() {
    let asked = std::sync::atomic::AtomicUsize::new(0);
    let server = Server::http(move |_| match asked.fetch_add(1, std::sync::atomic::Ordering::Relaxed) {
        0 => Reply::error(503, "M_UNKNOWN", "Unable to introspect the access token"),
        1 => Reply::Raw(Vec::new()),
        _ => Reply::Json(200, json!({"user_id": "@alice:hs.test", "device_id": "BOT"})),
    });
    let folder = Folder::with_session(&server.url(), "T1");
    let task = Module::login(&server.url(), "@alice:hs.test").with("session_file", folder.option());
    assert_eq!(task.with("wait_timeout", 30).run().success()["changed"], false);
    assert_eq!(server.asked(), ["GET /_matrix/client/v3/account/whoami"; 3]);
}

/// A status, a body and header lines.
type Answer = (u16, String, String);

const ERRCODES: [&str; 8] = [
    "M_UNKNOWN_TOKEN",
    "M_MISSING_TOKEN",
    "M_UNAUTHORIZED",
    "M_FORBIDDEN",
    "M_USER_LOCKED",
    "M_UNRECOGNIZED",
    "M_LIMIT_EXCEEDED",
    "ORG_MATRIX_EXPIRED_ACCOUNT",
];

/// Whatever may come back, with the name of another host wherever one fits.
fn any_answer() -> impl Strategy<Value = Answer> {
    let standard_error = (select(&ERRCODES), any::<bool>()).prop_map(|(errcode, soft_logout)| {
        json!({"errcode": errcode, "error": "see https://elsewhere.test/", "soft_logout": soft_logout}).to_string()
    });
    let other = [
        "",
        "{}",
        "[]",
        "null",
        "true",
        "<!doctype html><a href='https://elsewhere.test/'>log in</a>",
        "upstream https://elsewhere.test/ failed",
        "{\"errcode\": \"M_UNKNOWN_TOKEN\"",
        "{\"errcode\": 401}",
        "{\"error\": \"M_UNKNOWN_TOKEN\"}",
        "{\"user_id\": \"@bob:hs.test\", \"device_id\": \"D\"}",
        "{\"user_id\": 5}",
        "\u{0}\u{1}",
    ];
    let body = prop_oneof![standard_error, select(other.to_vec()).prop_map(str::to_owned)];
    let lines = [
        "Retry-After: 0\r\n",
        "Location: https://elsewhere.test/_matrix/client/v3/account/whoami\r\n",
        "Content-Type: text/html\r\n",
        "WWW-Authenticate: Bearer realm=\"https://elsewhere.test/\"\r\n",
        "Server: cloudflare\r\n",
    ];
    // Half of them are 401, or else there would be hardly any that allow a login.
    let status = prop_oneof![Just(401), 100_u16..600];
    (status, body, subsequence(lines.to_vec(), 0..=5).prop_map(|lines| lines.concat()))
}

fn says_that_the_token_is_invalid((status, body, _): &Answer) -> bool {
    let body: Value = serde_json::from_str(body).unwrap_or_default();
    *status == 401 && body["errcode"] == "M_UNKNOWN_TOKEN"
}

#[test]
fn whatever_whoami_answers_only_an_unknown_token_leads_to_a_login_and_no_advice_leads_to_another_host() {
    let answer = Arc::new(Mutex::new(Reply::Json(200, json!({}))));
    let current = Arc::clone(&answer);
    let server = Server::http(move |request| match (request.path.as_str(), request.header("Authorization")) {
        ("/_matrix/client/v3/account/whoami", Some("Bearer syt_OLD_1")) => current.lock().unwrap().clone(),
        _ => Reply::Json(200, json!({"user_id": "@alice:hs.test", "access_token": "syt_NEW_1", "device_id": "NEW"})),
    });
    let config = Config { cases: 400, failure_persistence: None, ..Config::default() };
    let runner = &mut TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha));
    let logins = Cell::new(0);
    let tested = runner.run(&any_answer(), |case| {
        let (status, body, headers) = &case;
        *answer.lock().unwrap() = Reply::http(*status, headers, body);
        let before = server.asked().len();
        let folder = Folder::with_session(&server.url(), "syt_OLD_1");
        let outcome = Module::login(&server.url(), "@alice:hs.test").with("session_file", folder.option()).run();
        let has_logged_in = server.asked()[before..].contains(&"POST /_matrix/client/v3/login".to_owned());
        prop_assert_eq!(has_logged_in, says_that_the_token_is_invalid(&case), "{}", outcome.result);
        logins.set(logins.get() + u32::from(has_logged_in));
        let advice = outcome.result["msg"].as_str().unwrap().split_once("; ").map_or("", |(_, advice)| advice);
        prop_assert!(!advice.contains("elsewhere.test"), "{}", outcome.result);
        Ok(())
    });
    assert_eq!(tested, Ok(()));
    assert!((10..390).contains(&logins.get()), "{} of 400 led to a login", logins.get());
}
