//! Answers that no homeserver should give: each ends in a clear failure that holds no secret.

use std::time::Duration;

use serde_json::json;

use crate::support::module::Module;
use crate::support::server::{Reply, Server};

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
        json!(["http://matrix.invalid is not encrypted: anybody on the way can read the secrets of this task"])
    );
}
