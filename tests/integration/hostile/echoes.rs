//! Servers that repeat what was sent to them, in whatever part of the answer: every run is searched for the secrets.

use serde_json::json;

use crate::support::module::Module;
use crate::support::server::{Reply, Server};

const PASSWORD: &str = "p@ss LEAK/w\u{f6}rd";
const ENCODED: &str = "p%40ss%20LEAK%2Fw%C3%B6rd";

/// The message of a login at a server that answers the login like this, and 404 to what is asked to explain it.
fn msg(reply: Reply) -> String {
    let server = Server::http(move |request| match request.method.as_str() {
        "POST" => reply.clone(),
        _ => Reply::Json(200, json!({"flows": [{"type": format!("m.login.{PASSWORD}")}, {"type": "\u{1b}[31m"}]})),
    });
    let module = Module::login(&server.url(), "@alice:hs.test").with("password", PASSWORD).confined();
    let result = module.secret("LEAK").run().failure();
    let start = format!("could not log in as @alice:hs.test: {}/_matrix/client/v3/login answered ", server.url());
    result["msg"].as_str().unwrap().strip_prefix(&start).unwrap().to_owned()
}

#[test]
fn a_repeated_secret_is_redacted() {
    let which = "the server does not say which is wrong: check `password`, then that `user_id` exists on this server, is not deactivated and has a password";
    let redirect = "a login page or another web server is in front of the homeserver: use an address that bypasses it";
    let no_other = "this homeserver takes no login with `password` (it offers: m.login.********,  [31m): enable passwords in the homeserver, or give \
                    `admin_access_token` (Synapse), or the token of a session of a Matrix client as `access_token`";
    let web_site = "this is not a Matrix answer: a web site, a login page or a firewall answers instead of the homeserver: check `homeserver_url`, or use an address that bypasses it";
    for (reply, expected) in [
        (
            Reply::error(403, "M_FORBIDDEN", &format!("no user has {PASSWORD}{PASSWORD}!")),
            format!("403 M_FORBIDDEN (no user has ****************!); {which}"),
        ),
        (
            Reply::error(403, &format!("M_{PASSWORD}"), "no"),
            "403 M_******** (no); check the options of this task".into(),
        ),
        (
            Reply::error(403, "M_FORBIDDEN", &format!("{}{PASSWORD}", "x".repeat(295))),
            format!("403 M_FORBIDDEN ({}*****); {which}", "x".repeat(295)),
        ),
        (Reply::error(400, "M_UNKNOWN", "no"), format!("400 M_UNKNOWN (no); {no_other}")),
        (
            Reply::http(302, &format!("Location: https://hs.test/{ENCODED}?password={ENCODED}#{ENCODED}\r\n"), ""),
            format!("302 with a redirect to https://hs.test/********; {redirect}"),
        ),
        (
            Reply::http(302, &format!("Location: https://alice:{ENCODED}@hs.test/\r\n"), ""),
            format!("302 with a redirect to https://alice:********@hs.test/; {redirect}"),
        ),
        (
            Reply::http(200, &format!("X-Echo: {ENCODED}\r\n"), &format!("<html>{PASSWORD}</html>")),
            format!("200 with a web page; {web_site}"),
        ),
        (
            Reply::Raw(format!("HTTP/1.1 500 {PASSWORD}\r\nContent-Length: 0\r\n\r\n").into_bytes()),
            "500 with an empty body; the homeserver, or the reverse proxy in front of it, has an internal error: see their logs".into(),
        ),
    ] {
        assert_eq!(msg(reply), expected);
    }
}

#[test]
fn a_repeated_token_is_redacted_too() {
    for (credential, path) in [
        ("as_token", "/_matrix/client/v3/login"),
        ("admin_access_token", "/_synapse/admin/v1/users/%40alice%3Ahs%2Etest/login"),
    ] {
        let server = Server::http(|request| Reply::error(403, "M_FORBIDDEN", request.header("Authorization").unwrap_or_default()));
        let module = Module::as_user(&server.url(), "@alice:hs.test").with(credential, "syt_LEAK_3");
        let msg = module.secret("LEAK").run().failure_msg();
        let start = format!(
            "could not log in as @alice:hs.test: {}{path} answered 403 M_FORBIDDEN (Bearer ********); ",
            server.url()
        );
        assert!(msg.starts_with(&start), "{msg}");
    }
}

#[test]
fn the_proof_made_from_a_shared_secret_is_a_secret_as_well() {
    let server = Server::http(|request| Reply::error(403, "M_FORBIDDEN", request.json()["token"].as_str().unwrap()));
    let module = Module::as_user(&server.url(), "@alice:hs.test").with("shared_secret", "S3cret");
    // The HMAC of that user with that secret begins so.
    let msg = module.secret("S3cret").secret("9bbde870").run().failure_msg();
    assert!(msg.contains(" answered 403 M_FORBIDDEN (********); "), "{msg}");
}
