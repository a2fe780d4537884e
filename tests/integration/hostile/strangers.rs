//! A session of somebody else than the one asked for: it is never handed out, and ended again.

use serde_json::json;

use crate::support::module::Module;
use crate::support::server::{Reply, Request, Server};

const TOKEN: &str = "syt_STRANGER_1";

/// Logs in mallory, whoever is asked for.
fn mallory(request: &Request) -> Reply {
    match request.path.as_str() {
        "/_matrix/client/v3/logout" => Reply::Json(200, json!({})),
        _ => Reply::Json(200, json!({"user_id": "@mallory:hs.test", "access_token": TOKEN, "device_id": "D"})),
    }
}

#[test]
fn it_is_logged_out_again_whatever_the_credential() {
    let instead = "logged in @mallory:hs.test instead of @alice:hs.test; check `user_id` and `homeserver_url`";
    let login = "POST /_matrix/client/v3/login";
    let whoami = "GET /_matrix/client/v3/account/whoami";
    let admin = "POST /_synapse/admin/v1/users/%40alice%3Ahs%2Etest/login";
    for (credential, asked) in [
        ("password", login),
        ("login_token", login),
        ("jwt", login),
        ("as_token", login),
        ("shared_secret", login),
        ("admin_access_token", admin),
    ] {
        let server = Server::http(mallory);
        let module = Module::as_user(&server.url(), "@alice:hs.test").with(credential, "x-1").confined();
        let result = module.secret(TOKEN).run().failure();
        let msg = format!("the new session was logged out again: {} {instead}", server.url());
        assert_eq!(result, json!({"failed": true, "msg": msg}), "{credential}");
        assert_eq!(server.asked(), [asked, whoami, "POST /_matrix/client/v3/logout"]);
        let sent = server.requests().last().unwrap().header("Authorization").map(str::to_owned);
        assert_eq!(sent, Some(format!("Bearer {TOKEN}")));
    }
}

#[test]
fn one_that_can_not_be_logged_out_is_named() {
    let server = Server::http(|request| match request.path.as_str() {
        "/_matrix/client/v3/logout" => Reply::error(500, "M_UNKNOWN", TOKEN),
        _ => mallory(request),
    });
    let url = server.url();
    let msg = Module::login(&url, "@alice:hs.test").secret(TOKEN).confined().run().failure_msg();
    assert_eq!(
        msg,
        format!(
            "the new session of @mallory:hs.test on device D at {url} could not be logged out again ({url}/_matrix/client/v3/logout answered 500 \
             M_UNKNOWN (********)): {url} logged in @mallory:hs.test instead of @alice:hs.test; check `user_id` and `homeserver_url`"
        )
    );
}
