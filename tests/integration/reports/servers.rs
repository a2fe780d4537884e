//! Reports of what other homeservers and what stands in front of them answered.

use serde_json::{Value, json};

use super::{Row, check, fails};
use crate::support::folder::Folder;
use crate::support::module::{Module, PASSWORD};
use crate::support::server::{Reply, Request, Server};

const LOGIN: &str = "/_matrix/client/v3/login";

/// A server that answers logins like this, and recognizes nothing else.
fn login_answers(reply: Reply) -> Server {
    Server::http(move |request: &Request| match (request.method.as_str(), request.path.as_str()) {
        ("POST", LOGIN) => reply.clone(),
        _ => Reply::error(404, "M_UNRECOGNIZED", "Unrecognized request"),
    })
}

fn login_fails(what: &'static str, reply: Reply, answered: &str, next: &str, fields: Value) -> Row {
    let server = login_answers(reply);
    let report = Module::login(&server.url(), "@alice:hs.test").run().failure();
    let msg = format!("could not log in as @alice:hs.test: {{url}}{LOGIN} answered {answered}; {next}");
    fails(what, &server.url(), report, &msg, fields)
}

fn session() -> Reply {
    Reply::Json(
        200,
        json!({"user_id": "@alice:hs.test", "access_token": "T-1", "device_id": "D", "home_server": "hs.test"}),
    )
}

/// The report of a login of `@alice:hs.test` with the token `T-1`.
fn logged_in(url: &str, warnings: &[&str]) -> Value {
    let mut report = json!({
        "changed": true,
        "msg": format!("logged in as @alice:hs.test on device D at {url}"),
        "access_token": "T-1",
        "user_id": "@alice:hs.test",
        "device_id": "D",
        "homeserver_url": url,
        "session": "new",
        "ansible_facts": {"matrix_access_token": "T-1"},
    });
    if !warnings.is_empty() {
        report["warnings"] = json!(warnings);
    }
    report
}

fn refused_logins() -> Vec<Row> {
    let forbidden = json!({"http_status": 403, "errcode": "M_FORBIDDEN"});
    vec![
        login_fails(
            "Continuwuity does not know the user",
            Reply::error(404, "M_NOT_FOUND", "This account does not exist."),
            "404 M_NOT_FOUND (This account does not exist.)",
            "the user does not exist on this server: check `user_id`, upper and lower case included",
            json!({"http_status": 404, "errcode": "M_NOT_FOUND"}),
        ),
        login_fails(
            "Continuwuity gives a reason of its own",
            Reply::error(403, "M_FORBIDDEN", "This account is not permitted to log in."),
            "403 M_FORBIDDEN (This account is not permitted to log in.)",
            "that is the homeserver's reason: ask its administrator, or use another credential",
            forbidden.clone(),
        ),
        login_fails(
            "Authentik is in front",
            Reply::http(302, &format!("Location: https://auth.example.com/?rd=https://hs.test{LOGIN}\r\n"), ""),
            "302 with a redirect to https://auth.example.com/",
            "a login page or another web server is in front of the homeserver: use an address that bypasses it",
            json!({"http_status": 302}),
        ),
        login_fails(
            "a success without a token",
            Reply::Json(200, json!({"user_id": "@alice:hs.test", "device_id": "D"})),
            "200 without access_token",
            "another service answers there, or the homeserver breaks the specification: check `homeserver_url`, or report it to the developers of the homeserver",
            json!({"http_status": 200}),
        ),
        login_fails(
            "Tuwunel repeats the request, escaped",
            Reply::error(403, "M_FORBIDDEN", &format!("Wrong: Login {{ password: {PASSWORD:?} }}")),
            "403 M_FORBIDDEN (Wrong: Login { password: \"********\" })",
            "the server does not say which is wrong: check `password`, then that `user_id` exists on this server, is not deactivated and has a password",
            forbidden,
        ),
    ]
}

fn cloudflare() -> Row {
    let server = Server::http({
        let tries = std::sync::atomic::AtomicU32::new(0);
        move |_: &Request| match tries.fetch_add(1, std::sync::atomic::Ordering::SeqCst) {
            0 | 1 => Reply::http(521, "Server: cloudflare\r\n", "<html>Web server is down</html>"),
            _ => session(),
        }
    });
    let task = Module::login(&server.url(), "@alice:hs.test").with("device_id", "D");
    let report = task.with("wait_timeout", 30).run().success();
    assert_eq!(server.asked().len(), 4);
    Row { what: "Cloudflare's 521 is waited for", expected: logged_in(&server.url(), &[]), report }
}

fn no_refresh_token() -> Row {
    let server = Server::always(session());
    let folder = Folder::new();
    let task = Module::login(&server.url(), "@alice:hs.test").with("refresh_token", true);
    let report = task.with("session_file", folder.option()).run().success();
    Row {
        what: "a server ignores the wish for a refresh token",
        expected: logged_in(
            &server.url(),
            &["the homeserver gave no refresh token, although `refresh_token` asks for one: the token does not expire"],
        ),
        report,
    }
}

/// The Conduit family keeps a device's keys over a logout, and ends a device's other sessions at a login.
fn keys_that_stay() -> Vec<Row> {
    let server = Server::http(|request: &Request| match request.path.as_str() {
        LOGIN | "/_matrix/client/v3/account/whoami" if request.header("Authorization") == Some("Bearer T-OLD") => {
            Reply::error(401, "M_UNKNOWN_TOKEN", "Unknown access token.")
        }
        "/_matrix/client/v3/keys/query" => Reply::Json(200, json!({"device_keys": {"@alice:hs.test": {"D": {"keys": {}}}}})),
        "/_matrix/client/v3/logout" => Reply::Json(200, json!({})),
        _ => session(),
    });
    let task = || {
        Module::login(&server.url(), "@alice:hs.test")
            .with("require_clean_device", true)
            .with("device_id", "D")
    };
    let used =
        "the device D has been used for encryption: give another `device_id`, or `force: true` to delete the device and create it again";
    vec![fails(
        "a device that is in use is not clean",
        &server.url(),
        task().run().failure(),
        &format!(
            "@alice:hs.test on device D at {{url}} has one more session now, which was not logged out because that would delete the device (some homeservers log a device's other sessions out at a login): {used}"
        ),
        json!({}),
    )]
}

fn header_taken_away() -> Row {
    let server = Server::always(Reply::error(401, "M_UNAUTHORIZED", "Missing access token."));
    let report = Module::as_user(&server.url(), "@alice:hs.test").with("access_token", PASSWORD).run().failure();
    fails(
        "a proxy takes the Authorization header away from Continuwuity",
        &server.url(),
        report,
        "could not check the given `access_token`: {url}/_matrix/client/v3/account/whoami answered 401 M_UNAUTHORIZED (Missing access token.); \
         the reverse proxy in front of the homeserver removes the Authorization header: use an address that bypasses it, or correct it",
        json!({"http_status": 401, "errcode": "M_UNAUTHORIZED"}),
    )
}

fn unknown_host() -> Row {
    let url = "http://matrix-traefik.invalid:8008";
    let report = Module::login(url, "@alice:hs.test").run().failure();
    let mut row = fails(
        "the name of a container does not resolve on its host",
        url,
        report,
        "could not log in as @alice:hs.test: {url}/_matrix/client/v3/login could not be reached: the host name does not resolve; check `homeserver_url`, and that the \
         host that runs the task resolves the name by DNS or /etc/hosts: names of containers resolve only inside their own network, and .local names by mDNS alone",
        json!({}),
    );
    row.expected["warnings"] = json!([format!("{url} is not encrypted: anybody on the network path can read the secrets of this task")]);
    row
}

fn traefik() -> Row {
    let server = Server::always(Reply::http(404, "Content-Type: text/plain\r\n", "404 page not found\n"));
    fails(
        "Traefik has no route",
        &server.url(),
        Module::login(&server.url(), "@alice:hs.test").run().failure(),
        "could not log in as @alice:hs.test: {url}/_matrix/client/v3/login answered 404 with a body that is not JSON; this is not a Matrix answer: the homeserver \
         is not running, or the reverse proxy has no route to it; check that and `homeserver_url`",
        json!({"http_status": 404}),
    )
}

fn wrong_proxy() -> Row {
    let url = "https://hs.test";
    let task = Module::login(url, "@alice:hs.test").environment("https_proxy", "http://127.0.0.1:9");
    fails(
        "the proxy of the environment is not there",
        url,
        task.run().failure(),
        "could not log in as @alice:hs.test: {url}/_matrix/client/v3/login could not be reached through the proxy 127.0.0.1:9: connection refused; \
         check the proxy of the environment, or set `use_proxy: false`",
        json!({}),
    )
}

fn moved_homeserver() -> Row {
    let url = "http://127.0.0.1:9";
    let folder = Folder::with_session(url, "T-OLD");
    let task = Module::new().with("user_id", "@alice:hs.test").with("password", PASSWORD).with("wait_timeout", 0);
    fails(
        "the URL in the session file is out of date",
        url,
        task.with("session_file", folder.option()).run().failure(),
        "could not check the stored session of @alice:hs.test on device BOT at {url}: {url}/_matrix/client/v3/account/whoami could not be reached: connection \
         refused; check `homeserver_url`, and that the homeserver runs and can be reached from the host that runs the task; {url} comes from `session_file`: \
         if the server has moved, give its new URL",
        json!({}),
    )
}

fn oauth_token() -> Row {
    let server = Server::always(Reply::Json(200, json!({"user_id": "@alice:hs.test", "device_id": "D"})));
    let token = "mat_abcdefghijABCDEFGHIJabcdefghij_0a1B2c";
    let report = Module::as_user(&server.url(), "@alice:hs.test").with("access_token", token).run().success();
    let url = server.url();
    Row {
        what: "the token of an OAuth session is given",
        expected: json!({
            "changed": false,
            "msg": format!("the session of @alice:hs.test on device D at {url} works"),
            "access_token": token,
            "user_id": "@alice:hs.test",
            "device_id": "D",
            "homeserver_url": url,
            "session": "kept",
            "ansible_facts": {"matrix_access_token": token},
            "warnings": ["the token belongs to an OAuth session of Matrix Authentication Service (it starts with mat_): it expires within minutes to hours, and only \
                          the client it was made for can refresh it; log in for a session of this task's own instead of giving `access_token`"],
        }),
        report,
    }
}

#[test]
fn what_was_reported_of_other_servers_is_right() {
    let mut rows = vec![
        cloudflare(),
        no_refresh_token(),
        header_taken_away(),
        unknown_host(),
        wrong_proxy(),
        traefik(),
        moved_homeserver(),
        oauth_token(),
    ];
    rows.extend(refused_logins());
    rows.extend(keys_that_stay());
    check(rows);
}
