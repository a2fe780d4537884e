//! Answers that no homeserver should give: each ends in a clear failure that holds no secret.

use std::time::Duration;

use serde_json::json;

use crate::support::module::Module;
use crate::support::server::{Reply, Server};

const CHECK_SERVER: &str = "this is not the answer of a homeserver: check `homeserver_url` and what stands in front of the server";

/// The answer to a login, and what the failure says after the URL.
fn cases() -> Vec<(Reply, String)> {
    let raw = |bytes: &str| Reply::Raw(bytes.as_bytes().to_vec());
    let closed = "closed the connection before the answer was complete; \
                  check `homeserver_url`, and that the homeserver runs and can be reached from the host that runs the task";
    vec![
        (
            Reply::http(200, "", "<!doctype html><title>Welcome to nginx!</title>"),
            format!("answered 200 with a web page; {CHECK_SERVER}"),
        ),
        (
            Reply::http(502, "", "<html><title>502 Bad Gateway</title></html>"),
            format!("answered 502 with a web page; {CHECK_SERVER}"),
        ),
        (
            Reply::http(200, "", "ok"),
            format!("answered 200 with something that is not JSON; {CHECK_SERVER}"),
        ),
        (
            Reply::http(200, "", ""),
            format!("answered 200 with something that is not JSON; {CHECK_SERVER}"),
        ),
        (
            Reply::Json(200, json!([])),
            format!("answered 200 without what the specification demands; {CHECK_SERVER}"),
        ),
        (
            Reply::Json(200, json!({"user_id": "@alice:hs.test"})),
            format!("answered 200 without what the specification demands; {CHECK_SERVER}"),
        ),
        (
            Reply::Json(200, json!({"user_id": "@alice:hs.test", "access_token": ""})),
            format!("answered 200 without a usable access_token; {CHECK_SERVER}"),
        ),
        (
            Reply::Json(200, json!({"user_id": "@alice:hs.test", "access_token": "T\r\nX-Evil: 1"})),
            format!("answered 200 without a usable access_token; {CHECK_SERVER}"),
        ),
        (
            Reply::Json(200, json!({"user_id": "alice", "access_token": "T0"})),
            format!("answered 200 without a valid user_id; {CHECK_SERVER}"),
        ),
        (
            Reply::Json(404, json!({"error": "nope"})),
            format!("answered 404 without an errcode; {CHECK_SERVER}"),
        ),
        (
            Reply::http(200, "", &"x".repeat(1024 * 1024 + 1)),
            format!("answered 200 with more than 1 MiB; {CHECK_SERVER}"),
        ),
        (
            Reply::Raw(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"user_id\"".to_vec()),
            closed.into(),
        ),
        (raw(""), closed.into()),
        (
            Reply::http(
                301,
                "Location: https://elsewhere.example/_matrix/client/v3/login?password=x\r\n",
                "",
            ),
            "answered 301 with a redirect to https://elsewhere.example/_matrix/client/v3/login; a redirect is not followed with a secret \
             in the request: give the address that it leads to as `homeserver_url`"
                .into(),
        ),
    ]
}

#[test]
fn an_answer_that_is_no_answer_is_told_apart() {
    for (reply, expected) in cases() {
        let server = Server::always(reply);
        let msg = Module::login(&server.url(), "@alice:hs.test").run().failure_msg();
        assert_eq!(
            msg,
            format!(
                "could not log in as @alice:hs.test: {}/_matrix/client/v3/login {expected}",
                server.url()
            )
        );
        let logins = server.asked().iter().filter(|asked| asked.starts_with("POST")).count();
        assert_eq!(logins, 1, "{msg}");
    }
}

#[test]
fn a_server_that_says_nothing_is_given_up_after_the_timeout() {
    let server = Server::always(Reply::Silence(Duration::from_secs(5)));
    let msg = Module::login(&server.url(), "@alice:hs.test")
        .with("timeout", 1)
        .run()
        .failure_msg();
    assert!(msg.contains("/_matrix/client/v3/login did not answer in time; "), "{msg}");
}

#[test]
fn a_port_where_nothing_listens_is_named() {
    let msg = Module::login("http://127.0.0.1:9", "@alice:hs.test").run().failure_msg();
    assert!(
        msg.contains("http://127.0.0.1:9/_matrix/client/v3/login could not be reached: connection refused; "),
        "{msg}"
    );
}

#[test]
fn a_rate_limit_is_reported_with_its_time() {
    let server = Server::always(Reply::Json(
        429,
        json!({"errcode": "M_LIMIT_EXCEEDED", "error": "Too Many Requests", "retry_after_ms": 5855}),
    ));
    let result = Module::login(&server.url(), "@alice:hs.test").run().failure();
    assert_eq!((&result["retry_after_ms"], &result["http_status"]), (&json!(5855), &json!(429)));
}

#[test]
fn plain_http_to_another_machine_earns_a_warning() {
    // The name never resolves, and check mode asks nothing.
    let module = Module::login("http://matrix.invalid", "@alice:hs.test").with("_ansible_check_mode", true);
    let result = module.run().success();
    assert_eq!(
        result["warnings"],
        json!(["http://matrix.invalid is not encrypted: anybody on the way can read the password and the token"])
    );
}
