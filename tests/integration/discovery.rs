//! Finding the homeserver from the server name in `user_id`, over real TLS through a proxy that leads every name to the test's server.

use serde_json::{Value, json};

use crate::support::certificates::Ca;
use crate::support::module::{Module, Outcome};
use crate::support::proxy::Proxy;
use crate::support::server::{Reply, Request, Server};

const WELL_KNOWN: &str = "/.well-known/matrix/client";

fn homeserver(request: &Request) -> Reply {
    match request.path.as_str() {
        "/_matrix/client/versions" => Reply::Json(200, json!({"versions": ["v1.1"]})),
        "/_matrix/client/v3/login" | "/_matrix/client/v3/account/whoami" => {
            Reply::Json(200, json!({"user_id": "@alice:example.test", "access_token": "T0", "device_id": "D"}))
        }
        _ => Reply::error(404, "M_UNRECOGNIZED", "Unrecognized request"),
    }
}

/// Logs in without `homeserver_url`, at a server that answers this for the discovery document.
fn discover(user_id: &str, well_known: Reply) -> (Outcome, Vec<String>, Vec<String>) {
    let ca = Ca::new();
    let certificate = ca.certify("example.test");
    let server = Server::https(certificate.server(), move |request| {
        if request.path == WELL_KNOWN { well_known.clone() } else { homeserver(request) }
    });
    let proxy = Proxy::to(server.port);
    let module = Module::login("", user_id)
        .with("ca_path", ca.file().to_str().unwrap())
        .environment("https_proxy", &proxy.url);
    (module.run(), server.asked(), proxy.targets())
}

fn document(base_url: &str) -> Reply {
    Reply::Json(200, json!({"m.homeserver": {"base_url": base_url}}))
}

#[test]
fn the_document_leads_to_the_homeserver_in_two_requests_more() {
    let (outcome, asked, targets) = discover("@alice:example.test", document("https://example.test:8448/"));
    assert_eq!(outcome.success()["homeserver_url"], "https://example.test:8448");
    assert_eq!(
        asked,
        [
            "GET /.well-known/matrix/client",
            "GET /_matrix/client/versions",
            "POST /_matrix/client/v3/login",
            "GET /_matrix/client/v3/account/whoami"
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
    let ca = Ca::new();
    let server = Server::https(ca.certify("example.test").server(), |request| match request.path.as_str() {
        WELL_KNOWN => Reply::http(307, "Location: /login?next=https://example.test/\r\n", ""),
        "/login?next=https://example.test/" => Reply::http(302, "Location: https://example.test?matrix\r\n", "elsewhere"),
        "/?matrix" => document("https://example.test"),
        _ => homeserver(request),
    });
    let module = Module::login("", "@alice:example.test").with("ca_path", ca.file().to_str().unwrap());
    let result = module.environment("https_proxy", Proxy::to(server.port).url).run().success();
    assert_eq!(result["access_token"], "T0", "{:?}", server.asked());
}

#[test]
fn a_broken_document_is_not_guessed_around() {
    let url = "https://example.test/.well-known/matrix/client";
    let matrix = "https://example.test/sub/_matrix/client/versions";
    let unmatrix =
        "this is not a Matrix answer: check the server name in `user_id`, and the reverse proxy or firewall in front of the homeserver";
    let web_site = "this is not a Matrix answer: a web site, a login page or a firewall answers instead of the homeserver: check the server name in `user_id`, or use an address that bypasses it";
    let internal = "the homeserver, or the reverse proxy in front of it, has an internal error: see their logs";
    let gateway = "the reverse proxy answers instead of the homeserver: check that the homeserver runs, and raise `wait_timeout` if it takes long to start";
    let plain_http = "a redirect to plain http is not followed, for nothing is encrypted there: have the server redirect to https://, or use an address that needs no redirect";
    let nowhere = "a redirect without a target is a mistake of the reverse proxy: correct it, or use an address that bypasses it";
    let document_next = "correct the document";
    for (well_known, status, reason, next) in [
        (Reply::http(200, "", "<html>"), Some(200), format!("{url} answered 200 with a web page"), web_site),
        (
            Reply::error(401, "M_MISSING_TOKEN", "Missing access token"),
            Some(401),
            format!("{url} answered 401 M_MISSING_TOKEN (Missing access token)"),
            "see the log of the homeserver",
        ),
        (Reply::http(200, "", ""), Some(200), format!("{url} answered 200 with an empty body"), unmatrix),
        (
            Reply::http(500, "", "oops"),
            Some(500),
            format!("{url} answered 500 with a body that is not JSON"),
            internal,
        ),
        (Reply::http(502, "", "<html>"), Some(502), format!("{url} answered 502 with a web page"), gateway),
        (Reply::Json(200, json!({})), None, format!("{url} has no member m.homeserver"), document_next),
        (
            Reply::Json(200, json!({"m.homeserver": {"base_url": 5}})),
            None,
            format!("{url} has a base_url that is not a string"),
            document_next,
        ),
        (
            document("matrix.example.test"),
            None,
            format!("{url} has a base_url that must begin with https:// or http://"),
            document_next,
        ),
        (
            document("http://matrix.example.test:8008"),
            None,
            format!("{url} has the base_url http://matrix.example.test:8008, which is not encrypted, so nothing was sent there"),
            document_next,
        ),
        (
            document("https://example.test/sub"),
            Some(404),
            format!("{matrix} answered 404 M_UNRECOGNIZED (Unrecognized request)"),
            "check the base_url in https://example.test/.well-known/matrix/client",
        ),
        (
            Reply::http(307, "Location: http://example.test/x\r\n", ""),
            Some(307),
            format!("{url} answered 307 with a redirect to http://example.test/x"),
            plain_http,
        ),
        (
            Reply::http(302, "", ""),
            Some(302),
            format!("{url} answered 302 with a redirect to nowhere"),
            nowhere,
        ),
    ] {
        let (outcome, asked, _) = discover("@alice:example.test", well_known);
        let result = outcome.failure();
        assert_eq!(
            result["msg"],
            format!("found no homeserver for example.test: {reason}; {next}, or give `homeserver_url`")
        );
        assert_eq!(result.get("http_status").and_then(Value::as_u64), status, "{result}");
        assert!(!asked.iter().any(|asked| asked.starts_with("POST")), "{asked:?}");
    }
}

#[test]
fn redirects_in_a_circle_end() {
    let to_itself = "Location: https://example.test/.well-known/matrix/client\r\n";
    let (outcome, asked, _) = discover("@alice:example.test", Reply::http(302, to_itself, ""));
    let url = "https://example.test/.well-known/matrix/client";
    let expected = format!(
        "found no homeserver for example.test: {url} answered 302 with a redirect to {url}; redirects in a circle mostly come from a reverse \
         proxy that does not know that the request came by https (X-Forwarded-Proto): correct it, or use an address that bypasses it, or \
         give `homeserver_url`"
    );
    assert_eq!(outcome.failure_msg(), expected);
    assert_eq!(asked.len(), 6, "{asked:?}");
}

#[test]
fn a_homeserver_that_does_not_answer_is_told_from_a_document_that_leads_nowhere() {
    let ca = Ca::new();
    let run = |well_known: Reply| {
        let server = Server::https(ca.certify("example.test").server(), move |request| {
            if request.path == WELL_KNOWN {
                well_known.clone()
            } else {
                Reply::http(404, "", "<html>no</html>")
            }
        });
        let module = Module::login("", "@alice:example.test").with("ca_path", ca.file().to_str().unwrap());
        module.environment("https_proxy", Proxy::to(server.port).url).run().failure_msg()
    };
    for (well_known, address) in [
        (Reply::http(404, "", ""), "the server name in `user_id`"),
        (document("https://example.test"), "the base_url in https://example.test/.well-known/matrix/client"),
    ] {
        assert_eq!(
            run(well_known),
            format!(
                "found no homeserver for example.test: https://example.test/_matrix/client/versions answered 404 with a web page; this is not \
                 a Matrix answer: the homeserver is not running, or the reverse proxy has no route to it; check that and {address}, or give \
                 `homeserver_url`"
            )
        );
    }
}

#[test]
fn the_server_name_is_looked_up_in_lower_case_and_the_user_id_stays_as_it_is() {
    let (outcome, _, targets) = discover("@alice:EXAMPLE.test", document("https://example.test"));
    let msg = outcome.failure_msg();
    assert!(
        msg.ends_with("logged in @alice:example.test instead of @alice:EXAMPLE.test: upper and lower case count, so write `user_id` as the homeserver does"),
        "{msg}"
    );
    assert_eq!(targets[0], "example.test:443");
}

#[test]
fn check_mode_discovers_but_does_not_log_in() {
    let ca = Ca::new();
    let server = Server::https(ca.certify("example.test").server(), |request| match request.path.as_str() {
        WELL_KNOWN => document("https://example.test"),
        _ => homeserver(request),
    });
    let module = Module::login("", "@alice:example.test")
        .with("ca_path", ca.file().to_str().unwrap())
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
