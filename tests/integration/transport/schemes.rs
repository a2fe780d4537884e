//! `http` and `https` where the other is spoken.

use std::net::TcpListener;

use serde_json::json;

use super::{logged_in, trusting};
use crate::support::certificates::Ca;
use crate::support::module::Module;
use crate::support::server::{Reply, Server};

const STRAY: &str =
    "; the server may have created a session all the same: give `device_id`, and a login can be repeated without a second device";

#[test]
fn plain_http_to_another_machine_earns_a_warning() {
    // The name never resolves, and check mode asks nothing.
    let module = Module::login("http://matrix.invalid", "@alice:hs.test").with("_ansible_check_mode", true);
    let result = module.run().success();
    assert_eq!(
        result["warnings"],
        json!(["http://matrix.invalid is not encrypted: anybody on the network path can read the secrets of this task"])
    );
}

#[test]
fn https_at_a_plain_port_is_recognised() {
    let server = Server::always(Reply::http(400, "", "this is not TLS"));
    let url = format!("https://localhost:{}", server.port);
    assert_eq!(
        Module::login(&url, "@alice:hs.test").with("timeout", 3).run().failure_msg(),
        format!(
            "could not log in as @alice:hs.test: {url}/_matrix/client/v3/login does not speak TLS; give the port that speaks TLS in \
             `homeserver_url`, or write http:// there"
        )
    );
}

#[test]
fn https_at_a_plain_port_that_waits_for_more_is_suspected() {
    // Nobody accepts: the connection stands, and nothing comes, as at a plain port that waits for the end of the first line.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("https://localhost:{}", silent.local_addr().unwrap().port());
    assert_eq!(
        Module::login(&url, "@alice:hs.test").with("timeout", 1).run().failure_msg(),
        format!(
            "could not log in as @alice:hs.test: {url}/_matrix/client/v3/login did not answer in time; raise `timeout`, or check that the homeserver \
             is well; if the port speaks no TLS, write http:// in `homeserver_url`"
        )
    );
}

#[test]
fn http_at_a_tls_port_is_suspected() {
    let ca = Ca::new();
    let server = Server::https(ca.certify("localhost").server(), logged_in);
    let url = format!("http://localhost:{}", server.port);
    assert_eq!(
        trusting(&ca, &url).run().failure_msg(),
        format!(
            "could not log in as @alice:hs.test: {url}/_matrix/client/v3/login does not speak HTTP/1.1: http parse fail: invalid HTTP version; \
             check the port in `homeserver_url`; if the port speaks TLS, write https:// in `homeserver_url`{STRAY}"
        )
    );
}
