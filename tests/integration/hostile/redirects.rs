//! Redirects: whatever they lead to, no other server ever hears from us.

use serde_json::json;

use crate::support::certificates::Ca;
use crate::support::module::{Module, PASSWORD};
use crate::support::server::{Reply, Server};

fn to(status: u16, target: &str) -> Reply {
    Reply::http(status, &format!("Location: {target}\r\n"), "")
}

#[test]
fn no_request_is_sent_on_to_another_server() {
    let session = json!({"user_id": "@alice:hs.test", "access_token": "syt_X", "device_id": "D", "flows": [], "versions": ["v1.1"]});
    let other = Server::always(Reply::Json(200, session));
    // One with which a client may turn a POST into a GET, and one with which it may not.
    for status in [302, 307] {
        for credential in ["password", "login_token", "jwt", "as_token", "shared_secret", "admin_access_token", "access_token"] {
            let target = format!("{}/_matrix/client/v3/login", other.url());
            let server = Server::always(to(status, &target));
            let module = Module::as_user(&server.url(), "@alice:hs.test").with(credential, PASSWORD).confined();
            let result = module.run().failure();
            assert_eq!(result["http_status"], status, "{result}");
            let next = match credential {
                "admin_access_token" | "access_token" => {
                    "a login page or another web server is in front of the homeserver: use an address that bypasses it"
                }
                _ => {
                    "a redirect is not followed with a secret in the request: give the base URL of the redirect target as `homeserver_url`"
                }
            };
            let end = format!(" answered {status} with a redirect to {target}; {next}");
            assert!(result["msg"].as_str().unwrap().ends_with(&end), "{result}");
            assert_eq!(server.requests().len(), 1);
        }
    }
    assert_eq!(other.asked(), [""; 0]);
}

#[test]
fn nor_are_the_questions_that_explain_a_failure() {
    let other = Server::always(Reply::Json(200, json!({"flows": [], "versions": ["v1.1"]})));
    for status in [400, 404] {
        let target = format!("{}/", other.url());
        let server = Server::http(move |request| match request.method.as_str() {
            "POST" => Reply::error(status, "M_UNRECOGNIZED", "Unrecognized request"),
            _ => to(302, &target),
        });
        Module::login(&server.url(), "@alice:hs.test").confined().run().failure();
        assert!(server.requests().len() > 1);
    }
    assert_eq!(other.asked(), [""; 0]);
}

#[test]
fn a_downgrade_to_plain_http_is_neither_followed_nor_advised() {
    let ca = Ca::new();
    let plain = Server::always(Reply::Json(200, json!({})));
    for path in ["/_matrix/client/v3/login", ""] {
        let target = format!("http://localhost:{}{path}", plain.port);
        let answered = target.clone();
        let server = Server::https(ca.certify("localhost").server(), move |_| to(307, &answered));
        let url = format!("https://localhost:{}", server.port);
        let module = Module::login(&url, "@alice:hs.test").with("ca_path", ca.file().to_str().unwrap()).confined();
        assert_eq!(
            module.run().failure_msg(),
            format!(
                "could not log in as @alice:hs.test: {url}/_matrix/client/v3/login answered 307 with a redirect to {target}; \
                 a redirect to plain http is not followed, for nothing is encrypted there: have the server redirect to https://, \
                 or use an address that needs no redirect"
            )
        );
    }
    assert_eq!(plain.asked(), [""; 0]);
}

#[test]
fn a_loop_ends_at_its_first_step() {
    let server = Server::http(|request| to(302, &request.path));
    let msg = Module::login(&server.url(), "@alice:hs.test").confined().run().failure_msg();
    let url = format!("{}/_matrix/client/v3/login", server.url());
    assert_eq!(
        msg,
        format!(
            "could not log in as @alice:hs.test: {url} answered 302 with a redirect to {url}; redirects in a circle mostly come from a \
             reverse proxy that does not know that the request came by https (X-Forwarded-Proto): correct it, or use an address that \
             bypasses it"
        )
    );
    assert_eq!(server.asked(), ["POST /_matrix/client/v3/login"]);
}
