//! What a server that is in the place of Matrix Authentication Service may answer to `mas_client_id`.

use serde_json::{Value, json};

use crate::support::folder::Folder;
use crate::support::module::Module;
use crate::support::server::{Reply, Request, Server};

const METADATA: &str = "/_matrix/client/v1/auth_metadata";
const TOKEN: &str = "/oauth2/token";
const GRAPHQL: &str = "org.matrix.matrix-authentication-service.graphql_endpoint";
const USER: &str = "/api/admin/v1/users/by-username/alice";

/// That of a service at the homeserver's own address.
fn metadata(request: &Request) -> Reply {
    let here = format!("http://{}/", request.header("Host").unwrap());
    Reply::Json(200, json!({"issuer": here, "token_endpoint": format!("{here}oauth2/token"), GRAPHQL: here}))
}

/// A service that works but for one path, at a homeserver that is in the same place.
fn service(path: &'static str, reply: Reply) -> Server {
    Server::http(move |request| match request.path.as_str() {
        asked if asked == path => reply.clone(),
        METADATA => metadata(request),
        TOKEN => Reply::Json(200, json!({"access_token": "mat_LEAK", "expires_in": 300})),
        _ => Reply::http(404, "", "<html>not found</html>"),
    })
}

fn client_of(server: &Server) -> Module {
    let task = Module::as_user(&server.url(), "@alice:hs.test").with("mas_client_id", "01J44RKQYM4G3TNVANTMTDYTX6");
    task.with("mas_client_secret", "secret-LEAK").secret("LEAK")
}

#[test]
fn what_answers_instead_of_the_service_is_told_from_the_service_and_from_the_homeserver() {
    let page = |status| Reply::http(status, "", "<html>page</html>");
    let errors = |status, title: &str| Reply::Json(status, json!({"errors": [{"title": title}]}));
    let log = "see the log of Matrix Authentication Service";
    let gateway = "the reverse proxy answers instead of Matrix Authentication Service: check that Matrix Authentication Service runs, and raise `wait_timeout` if it \
                   takes long to start";
    let portal = "this is not an answer of Matrix Authentication Service: a login page or a firewall is in front of Matrix Authentication Service, use an address \
                  that bypasses it";
    let firewall = "this is not an answer of Matrix Authentication Service: the reverse proxy or a firewall in front of Matrix Authentication Service refuses the \
                    request, use an address that bypasses it";
    let web_site = |address| {
        format!(
            "this is not an answer of Matrix Authentication Service: a web site, a login page or a firewall answers instead of Matrix Authentication Service: \
             check {address}, or use an address that bypasses it"
        )
    };
    let public_base = web_site("`http.public_base` in the configuration of Matrix Authentication Service");
    let (mas_url, down) = (
        web_site("`mas_url`"),
        "the homeserver, or Matrix Authentication Service behind it, does not answer: check that both run",
    );
    let no_admin_api = "the admin API is not there: switch it on (the resource `adminapi` of a listener in the configuration of Matrix Authentication Service, in \
                        matrix-docker-ansible-deploy `matrix_authentication_service_admin_api_enabled`), or give its address as `mas_url`";
    let unusable = "another service answers there, or Matrix Authentication Service breaks the specification: check `http.public_base` in the configuration of \
                    Matrix Authentication Service, or report it to the developers of Matrix Authentication Service";
    let moved = Reply::http(301, &format!("Location: https://127.0.0.1{USER}\r\n"), "");
    let redirect = "a redirect is not followed with a secret in the request: give the base URL of the redirect target as `mas_url`";
    let oauth = Reply::Json(400, json!({"error": "invalid_request", "error_description": "no grant"}));
    for (path, reply, status, answered, next) in [
        (
            METADATA,
            Reply::error(500, "M_UNKNOWN", "Internal server error"),
            500,
            "500 M_UNKNOWN (Internal server error)",
            down,
        ),
        (METADATA, page(502), 502, "502 with a web page", down),
        (TOKEN, page(502), 502, "502 with a web page", gateway),
        (TOKEN, page(403), 403, "403 with a web page", portal),
        (TOKEN, page(401), 401, "401 with a web page", portal),
        (
            TOKEN,
            Reply::Json(403, json!({"message": "Forbidden"})),
            403,
            "403 with JSON that has no errcode",
            firewall,
        ),
        (TOKEN, page(200), 200, "200 with a web page", &public_base),
        (
            TOKEN,
            Reply::Json(200, json!({"access_token": "a b"})),
            200,
            "200 without a usable access_token",
            unusable,
        ),
        (TOKEN, oauth, 400, "400 (invalid_request: no grant)", log),
        (USER, page(502), 502, "502 with a web page", gateway),
        (USER, page(200), 200, "200 with a web page", &mas_url),
        (USER, moved, 301, &format!("301 with a redirect to https://127.0.0.1{USER}"), redirect),
        (USER, errors(401, "Missing urn:mas:admin scope"), 401, "401 (Missing urn:mas:admin scope)", log),
        (
            USER,
            Reply::Json(404, json!({"detail": "Not Found"})),
            404,
            "404 with JSON that has no errcode",
            no_admin_api,
        ),
        (USER, errors(410, "User is not active"), 410, "410 (User is not active)", log),
        (
            USER,
            Reply::http(429, "", r#"{"errcode":"M_LIMIT_EXCEEDED","error":"Too many"}"#),
            429,
            "429 M_LIMIT_EXCEEDED (Too many)",
            "Matrix Authentication Service limits requests, and doesn't say for how long: raise `wait_timeout`",
        ),
    ] {
        let server = service(path, reply);
        let mut result = client_of(&server).run().failure();
        result.as_object_mut().unwrap().remove("errcode");
        let msg = format!("could not log in as @alice:hs.test: {}{path} answered {answered}; {next}", server.url());
        assert_eq!(result, json!({"failed": true, "msg": msg, "http_status": status}));
    }
    let server = service(USER, page(404));
    let url = server.url().replace("http:", "https:");
    let msg = client_of(&server).with("mas_url", url.as_str()).run().failure_msg();
    assert_eq!(
        msg,
        format!(
            "could not log in as @alice:hs.test: {url}{USER} does not speak TLS; give the port that speaks TLS in `mas_url`, or write http:// there"
        )
    );
}

/// An admin API that has these sessions of the user, two on a page, on a homeserver whose `/logout` knows no token.
fn admin_api(compat_sessions: Vec<Value>, personal_sessions: Vec<Value>) -> Server {
    Server::http(move |request| {
        let (path, query) = request.path.split_once('?').unwrap_or((&request.path, ""));
        let page = |sessions: &[Value]| {
            let after = query.split('&').find_map(|pair| pair.strip_prefix("page[after]="));
            let start = after.map_or(0, |id| 1 + sessions.iter().position(|session| session["id"] == id).unwrap());
            let rest = &sessions[start..];
            let next = (rest.len() > 2).then_some("/next");
            Reply::Json(200, json!({"data": rest[..rest.len().min(2)], "links": {"next": next}}))
        };
        match path.strip_prefix("/api/admin/v1").unwrap_or(path) {
            METADATA => metadata(request),
            TOKEN => Reply::Json(200, json!({"access_token": "mat_ADMIN", "expires_in": 300})),
            "/_matrix/client/v3/account/whoami" => Reply::Json(200, json!({"user_id": "@alice:hs.test", "device_id": "BOT"})),
            "/_matrix/client/v3/logout" => Reply::error(401, "M_UNKNOWN_TOKEN", "Token is not active"),
            "/users/by-username/alice" => Reply::Json(200, json!({"data": {"id": "01USER", "attributes": {}}})),
            "/compat-sessions" => page(&compat_sessions),
            "/personal-sessions" => page(&personal_sessions),
            path if path.ends_with("/finish") || path.ends_with("/01MINE/revoke") => Reply::Json(200, json!({"data": {}})),
            _ => Reply::Json(404, json!({"errors": [{"title": "not found"}]})),
        }
    })
}

fn by_admin_api(server: &Server, folder: &Folder) -> Module {
    let task = Module::new().with("state", "absent").with("session_file", folder.option());
    let task = task
        .with("mas_client_id", "01CLIENT")
        .with("mas_client_secret", "s-LEAK")
        .secret("s-LEAK")
        .secret("mat_ADMIN");
    task.with("mas_url", server.url()).secret("mpt_OLD_1")
}

#[test]
fn a_session_on_a_later_page_or_of_the_unstable_scope_is_found() {
    let compat = |id: &str, device_id: &str| json!({"id": id, "attributes": {"device_id": device_id}});
    let pages = vec![compat("01A", "A"), compat("01B", "B"), compat("01C", "C"), compat("01D", "D"), compat("01E", "BOT")];
    let scope = "urn:matrix:org.matrix.msc2967.client:api:* urn:matrix:org.matrix.msc2967.client:device:BOT";
    let personal = json!({"id": "01MINE", "attributes": {"scope": scope}});
    for (compat_sessions, personal_sessions, ended) in [
        (pages, vec![], "POST /api/admin/v1/compat-sessions/01E/finish"),
        (vec![], vec![personal], "POST /api/admin/v1/personal-sessions/01MINE/revoke"),
    ] {
        let server = admin_api(compat_sessions, personal_sessions);
        let folder = Folder::with_session(&server.url(), "mpt_OLD_1");
        by_admin_api(&server, &folder).run().success();
        let posts: Vec<_> = server.asked().into_iter().filter(|asked| asked.contains("-sessions/")).collect();
        assert_eq!((posts, folder.names()), (vec![ended.to_owned()], Vec::new()));
    }
}

#[test]
fn a_page_that_comes_again_and_again_is_not_asked_for_without_end() {
    let page = json!({"data": [{"id": "01A", "attributes": {"device_id": "A"}}], "links": {"next": "/next"}});
    let server = Server::http(move |request| match request.path.as_str() {
        METADATA => metadata(request),
        TOKEN => Reply::Json(200, json!({"access_token": "mat_ADMIN", "expires_in": 300})),
        "/_matrix/client/v3/account/whoami" => Reply::Json(200, json!({"user_id": "@alice:hs.test", "device_id": "BOT"})),
        "/_matrix/client/v3/logout" => Reply::error(401, "M_UNKNOWN_TOKEN", "Token is not active"),
        USER => Reply::Json(200, json!({"data": {"id": "01USER", "attributes": {}}})),
        _ => Reply::Json(200, page.clone()),
    });
    let folder = Folder::with_session(&server.url(), "mpt_OLD_1");
    let msg = by_admin_api(&server, &folder).run().failure_msg();
    assert!(msg.contains("the token works, and yet Matrix Authentication Service has no session of it"), "{msg}");
    let pages = server.asked().into_iter().filter(|asked| asked.contains("page[first]")).count();
    assert_eq!(pages, 4, "two of each kind of session");
}

#[test]
fn a_token_that_works_is_never_called_dead_because_nothing_ends_it() {
    let server = admin_api(Vec::new(), Vec::new());
    for mas_personal_session_id in [None, Some("01ELSEWHERE")] {
        let folder = Folder::with_session(&server.url(), "mpt_OLD_1");
        let mut session = folder.session();
        if let Some(id) = mas_personal_session_id {
            session["mas_personal_session_id"] = json!(id);
        }
        folder.store(&session);
        assert_eq!(
            by_admin_api(&server, &folder).run().failure_msg().replace(&server.url(), "URL"),
            "the session of @alice:hs.test on device BOT at URL was not ended (if the homeserver no longer exists, remove the file): could not log out at URL: \
             the token works, and yet Matrix Authentication Service has no session of it that `mas_client_id` may end; end the session where the token came \
             from, or check that the client and `mas_url` are of the service that this homeserver uses"
        );
        assert_eq!(folder.session(), session);
    }
}

#[test]
fn a_service_that_repeats_what_it_was_sent_or_is_not_encrypted_gets_no_secret_shown() {
    let (id, secret) = ("01J44RKQYM4G3TNVANTMTDYTX6", "s+LEAK/=");
    let task = |issuer: Option<&str>| {
        let issuer = issuer.map(str::to_owned);
        let server = Server::http(move |request| {
            let here = issuer.clone().unwrap_or_else(|| format!("http://{}/", request.header("Host").unwrap()));
            match request.path.as_str() {
                METADATA => Reply::Json(
                    200,
                    json!({"issuer": here, "token_endpoint": format!("{here}oauth2/token"), "token_endpoint_auth_methods_supported": ["client_secret_post"],
                        GRAPHQL: here}),
                ),
                _ => Reply::error(403, "M_FORBIDDEN", &request.body),
            }
        });
        let task = Module::as_user(&server.url(), "@alice:hs.test")
            .with("mas_client_id", id)
            .with("mas_client_secret", secret);
        (task.secret("LEAK").run().failure_msg(), server.requests().len())
    };
    let (msg, _) = task(None);
    assert!(msg.contains("client_secret=********); add `mas_client_id` to `policy.data.admin_clients`"), "{msg}");
    let (msg, requests) = task(Some("http://mas.test/"));
    assert!(msg.contains("is no https:// URL, so nothing was sent there") && requests == 1, "{msg}");
}
