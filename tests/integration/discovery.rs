//! Finding the homeserver from the server name in `user_id`, over real TLS through a proxy that leads every name to the test's server.

use serde_json::{Value, json};

use crate::support::certificates::Authority;
use crate::support::module::{Module, Outcome};
use crate::support::proxy::Proxy;
use crate::support::server::{Reply, Request, Server};

const WELL_KNOWN: &str = "/.well-known/matrix/client";

fn homeserver(request: &Request) -> Reply {
    match request.path.as_str() {
        "/_matrix/client/versions" => Reply::Json(200, json!({"versions": ["v1.1"]})),
        "/_matrix/client/v3/login" => Reply::Json(
            200,
            json!({"user_id": "@alice:example.test", "access_token": "T0", "device_id": "D"}),
        ),
        _ => Reply::error(404, "M_UNRECOGNIZED", "Unrecognized request"),
    }
}

/// Logs in without `homeserver_url`, at a server that answers this for the discovery document.
fn discover(user_id: &str, well_known: Reply) -> (Outcome, Vec<String>, Vec<String>) {
    let authority = Authority::new();
    let certificate = authority.certify("example.test");
    let server = Server::https(certificate.server(), move |request| {
        if request.path == WELL_KNOWN {
            well_known.clone()
        } else {
            homeserver(request)
        }
    });
    let proxy = Proxy::to(server.port);
    let module = Module::login("", user_id)
        .with("ca_path", authority.file().to_str().unwrap())
        .environment("https_proxy", &proxy.url);
    (module.run(), server.asked(), proxy.targets())
}

fn document(base_url: &str) -> Reply {
    Reply::Json(200, json!({"m.homeserver": {"base_url": base_url}}))
}

#[test]
fn the_document_leads_to_the_homeserver_in_three_requests() {
    let (outcome, asked, targets) = discover("@alice:example.test", document("https://example.test:8448/"));
    assert_eq!(outcome.success()["homeserver_url"], "https://example.test:8448");
    assert_eq!(
        asked,
        [
            "GET /.well-known/matrix/client",
            "GET /_matrix/client/versions",
            "POST /_matrix/client/v3/login"
        ]
    );
    assert_eq!(targets[0], "example.test:443");
    assert!(targets[1..].iter().all(|target| target == "example.test:8448"), "{targets:?}");
}

#[test]
fn without_a_document_the_server_name_itself_is_the_homeserver() {
    let (outcome, ..) = discover("@alice:example.test", Reply::error(404, "M_NOT_FOUND", "no"));
    assert_eq!(outcome.success()["homeserver_url"], "https://example.test");
}

#[test]
fn a_redirect_leads_to_the_document_by_whatever_path() {
    let authority = Authority::new();
    let server = Server::https(authority.certify("example.test").server(), |request| match request.path.as_str() {
        WELL_KNOWN => Reply::http(307, "Location: /login?next=https://example.test/\r\n", ""),
        "/login?next=https://example.test/" => Reply::http(302, "Location: https://example.test?matrix\r\n", "elsewhere"),
        "/?matrix" => document("https://example.test"),
        _ => homeserver(request),
    });
    let module = Module::login("", "@alice:example.test").with("ca_path", authority.file().to_str().unwrap());
    let result = module.environment("https_proxy", Proxy::to(server.port).url).run().success();
    assert_eq!(result["access_token"], "T0", "{:?}", server.asked());
}

#[test]
fn a_broken_document_is_not_guessed_around() {
    let url = "https://example.test/.well-known/matrix/client";
    let matrix = "https://example.test/sub/_matrix/client/versions";
    for (well_known, reason) in [
        (Reply::http(200, "", "<html>"), format!("{url} answered 200 with a web page")),
        (
            Reply::http(200, "", ""),
            format!("{url} answered 200 with something that is not JSON"),
        ),
        (
            Reply::http(500, "", "oops"),
            format!("{url} answered 500 with something that is not JSON"),
        ),
        (
            Reply::Json(200, json!({})),
            format!("{url} answered 200 without what the specification demands"),
        ),
        (
            Reply::Json(200, json!({"m.homeserver": {"base_url": 5}})),
            format!("{url} answered 200 without what the specification demands"),
        ),
        (
            document("matrix.example.test"),
            format!("the base_url in {url} must begin with https:// or http://"),
        ),
        (
            document("https://example.test/sub"),
            format!("{matrix} answered 404 M_UNRECOGNIZED (Unrecognized request)"),
        ),
        (
            Reply::http(302, "Location: http://example.test/x\r\n", ""),
            format!("{url} answered 302 with a redirect to http://example.test/x"),
        ),
        (
            Reply::http(308, "Location: https://example.test:99999/x\r\n", ""),
            format!("{url} answered 308 with a redirect to https://example.test:99999/x"),
        ),
        (
            Reply::http(302, "Location: https://example.test/.well-known/matrix/client\r\n", ""),
            format!("{url} answered 302 with a redirect to {url}"),
        ),
    ] {
        let (outcome, asked, _) = discover("@alice:example.test", well_known);
        assert_eq!(
            outcome.failure_msg(),
            format!("found no homeserver for example.test: {reason}; give `homeserver_url`")
        );
        assert!(!asked.iter().any(|asked| asked.starts_with("POST")), "{asked:?}");
    }
}

#[test]
fn check_mode_discovers_but_does_not_log_in() {
    let authority = Authority::new();
    let server = Server::https(authority.certify("example.test").server(), |request| match request.path.as_str() {
        WELL_KNOWN => document("https://example.test"),
        _ => homeserver(request),
    });
    let module = Module::login("", "@alice:example.test")
        .with("ca_path", authority.file().to_str().unwrap())
        .with("_ansible_check_mode", true);
    let result = module.environment("https_proxy", Proxy::to(server.port).url).run().success();
    assert_eq!(
        (&result["homeserver_url"], &result["access_token"]),
        (&Value::from("https://example.test"), &Value::from(""))
    );
    assert_eq!(server.asked(), ["GET /.well-known/matrix/client", "GET /_matrix/client/versions"]);
}

#[test]
fn the_way_to_this_machine_leads_through_no_proxy_unencrypted() {
    let server = Server::http(|_| Reply::Json(200, json!({"user_id": "@alice:hs.test", "access_token": "T0", "device_id": "D"})));
    let proxy = Proxy::to(server.port);
    for host in ["127.0.0.1", "localhost"] {
        let url = format!("http://{host}:{}", server.port);
        let module = Module::login(&url, "@alice:hs.test").environment("http_proxy", &proxy.url);
        module.run().success();
    }
    assert_eq!(proxy.targets(), [""; 0]);
}
