//! `mas_client_id`: personal sessions, by MAS's admin API.

use serde_json::{Value, json};

use super::Bot;
use crate::support::folder::Folder;
use crate::support::mas::Mas;
use crate::support::module::Module;
use crate::support::server::{Reply, Server};

#[test]
fn a_session_is_made_kept_healed_replaced_and_ended_while_revocations_take_their_time() {
    for delay in [0.0, 2.0] {
        let mas = Mas::start(&json!({"revocation_delay": delay}));
        let bot = Bot::new(&mas);
        let revoke = || {
            let id = bot.folder.session()["mas_personal_session_id"].as_str().unwrap().to_owned();
            mas.set(&json!({}));
            mas.administer("POST", &format!("personal-sessions/{id}/revoke"), "");
            mas.set(&json!({"revocation_delay": delay}));
            assert_eq!(mas.whoami(&bot.token()), 401);
        };
        bot.live(|| bot.by_client(), revoke);
    }
}

#[test]
fn the_client_authenticates_in_either_way_and_an_admin_token_that_expires_is_renewed() {
    let mas = Mas::start(&json!({}));
    let (basic, post) = ("client_secret_basic", "client_secret_post");
    for (registered, offered) in [(basic, vec![basic]), (post, vec![post]), (post, vec![basic, post])] {
        mas.set(&json!({"client_auth_method": registered, "token_endpoint_auth_methods": offered, "admin_token_requests": 1}));
        let bot = Bot::new(&mas);
        bot.by_client().run().success();
        assert_eq!((bot.devices(), mas.whoami(&bot.token())), (vec!["BOT".to_owned()], 200));
        assert_eq!(bot.said(bot.as_client(bot.absent()).run()).1, "revoked");
    }
}

#[test]
fn a_new_session_has_a_device_of_its_own_and_takes_five_requests() {
    let mas = Mas::start(&json!({"admin_api": "elsewhere"}));
    let bot = Bot::new(&mas);
    let before = mas.requests().len();
    let task = bot.by_client().with("mas_url", mas.get("admin_url")).without("device_id");
    let result = task.with("user_id", &bot.user_id[1..bot.user_id.len() - 8]).run().success();
    assert_eq!((result["user_id"].as_str(), bot.devices().len()), (Some(bot.user_id.as_str()), 1));
    assert_eq!(mas.requests().len() - before, 5, "{:?}", mas.requests());
}

#[test]
fn a_refusal_names_the_setting() {
    let mas = Mas::start(&json!({}));
    let bot = Bot::new(&mas);
    let localpart = &bot.user_id[1..bot.user_id.len() - ":hs.test".len()];
    let refusal = |knobs: Value| {
        mas.set(&knobs);
        let result = bot.by_client().run().failure();
        let msg = bot.plain(result["msg"].as_str().unwrap());
        (result["http_status"].as_u64(), msg.strip_prefix("could not log in as BOT_ID: ").unwrap().to_owned())
    };
    let no_admin_api = "URL/api/admin/v1/users/by-username/LOCALPART answered 404 with a web page; the admin API is not there: switch it on (the resource \
                        `adminapi` of a listener in the configuration of Matrix Authentication Service, in matrix-docker-ansible-deploy \
                        `matrix_authentication_service_admin_api_enabled`), or give its address as `mas_url`";
    let name = "LOCALPART";
    for (knobs, status, expected) in [
        (json!({"admin_api": "absent"}), Some(404), no_admin_api.to_owned()),
        (json!({"admin_api": "elsewhere"}), Some(404), no_admin_api.to_owned()),
        (
            json!({"admin_client": false}),
            Some(403),
            "URL/oauth2/token answered 403 (invalid_scope: scope 'urn:mas:admin' not allowed); add `mas_client_id` to `policy.data.admin_clients` in the configuration of Matrix \
             Authentication Service, and restart it"
                .into(),
        ),
        (
            json!({"unknown": [localpart]}),
            None,
            format!(
                "Matrix Authentication Service has no user {name}; check `user_id`, or create the user in Matrix Authentication Service first (it knows no users \
                 of bridges)"
            ),
        ),
        (
            json!({"locked": [localpart]}),
            None,
            format!(
                "the user {name} is locked in Matrix Authentication Service; unlock it (`mas-cli manage unlock-user`), or give another `user_id`"
            ),
        ),
        (
            json!({"deactivated": [localpart]}),
            None,
            format!("the user {name} is deactivated in Matrix Authentication Service; reactivate it, or give another `user_id`"),
        ),
        (
            json!({"personal_sessions": false}),
            Some(404),
            "URL/api/admin/v1/personal-sessions answered 404 with a web page; this version has no personal sessions: update Matrix Authentication Service to 1.5 \
             or later, or use `mas_cli`"
                .into(),
        ),
    ] {
        assert_eq!(refusal(knobs), (status, expected));
    }
    mas.set(&json!({}));
    let wrong = bot.by_client().with("mas_client_secret", "wrong-LEAK").secret("wrong-LEAK");
    let msg = wrong.run().failure_msg();
    assert!(msg.ends_with("compare `mas_client_id` and `mas_client_secret` with `clients` in the configuration of Matrix Authentication Service, which reads it at its start"), "{msg}");
    let number = bot.by_client().with("mas_client_secret", 918_273_645).secret("918273645").run().failure_msg();
    assert!(
        number.contains(
            "; `mas_client_secret` came as a number, and may not be what was meant: quote it in YAML; else compare `mas_client_id`"
        ),
        "{number}"
    );
    let elsewhere = bot.by_client().with("homeserver_url", mas.synapse.url.as_str()).run().failure_msg();
    assert!(
        elsewhere.contains("does not delegate authentication to Matrix Authentication Service; use another credential"),
        "{elsewhere}"
    );
    let closed = bot.by_client().with("mas_url", "http://127.0.0.1:9").run().failure_msg();
    assert!(closed.contains("check `mas_url`"), "{closed}");
    assert_eq!((bot.folder.names(), bot.devices()), (Vec::<String>::new(), Vec::<String>::new()));
}

const METADATA: &str = "/_matrix/client/v1/auth_metadata";
const TOKEN: &str = "/oauth2/token";
const USER: &str = "/api/admin/v1/users/by-username/alice";

/// A service that works but for one path, at a homeserver that is in the same place.
fn service(path: &'static str, reply: Reply) -> Server {
    Server::http(move |request| {
        let here = format!("http://{}/", request.header("Host").unwrap());
        match request.path.as_str() {
            asked if asked == path => reply.clone(),
            METADATA => Reply::Json(
                200,
                json!({"issuer": here, "token_endpoint": format!("{here}oauth2/token"),
                    "org.matrix.matrix-authentication-service.graphql_endpoint": here}),
            ),
            TOKEN => Reply::Json(200, json!({"access_token": "mat_LEAK", "expires_in": 300})),
            _ => Reply::http(404, "", "<html>not found</html>"),
        }
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

#[test]
fn a_session_is_ended_by_the_admin_api_where_logouts_do_not_end_it() {
    let mas = Mas::start(&json!({}));
    let unrouted = json!({"routed": ["login", "refresh"]});

    let bot = Bot::new(&mas);
    bot.by_cli().run().success();
    mas.set(&unrouted);
    let msg = bot.absent().run().failure_msg();
    assert!(
        msg.contains("route /_matrix/client/*/logout to it") && msg.contains("mas-cli manage kill-sessions"),
        "{msg}"
    );
    assert_eq!(bot.said(bot.as_client(bot.absent()).run()).1, "revoked");
    assert_eq!((bot.devices(), bot.folder.names()), (Vec::<String>::new(), Vec::<String>::new()));

    // A personal session that somebody gives as a token, and one whose client isn't given.
    mas.set(&json!({}));
    bot.by_client().run().success();
    let (token, file) = (bot.token(), bot.folder.session());
    let msg = bot.absent().run().failure_msg();
    assert!(
        msg.contains("and yet it works; end the session where the token came from, or give `mas_client_id`"),
        "{msg}"
    );
    std::fs::remove_file(bot.folder.path()).unwrap();
    let given = || {
        Module::new()
            .with("homeserver_url", mas.url.as_str())
            .with("access_token", token.as_str())
            .with("state", "absent")
            .secret(&token)
    };
    let msg = given().run().failure_msg();
    assert!(msg.contains("give `mas_client_id` and `mas_client_secret`"), "{msg}");
    assert_eq!(bot.said(bot.as_client(given()).run()).1, "revoked");
    bot.folder.store(&file);
    assert_eq!(
        bot.said(bot.absent().run()).2,
        "removed the session of BOT_ID on device BOT at URL, which was no longer valid"
    );
}

#[test]
fn a_session_that_a_logout_ends_needs_no_admin_api_though_its_client_is_given() {
    let mas = Mas::start(&json!({}));
    let bot = Bot::new(&mas);
    bot.by_cli().run().success();
    let before = mas.requests().len();
    assert_eq!(bot.said(bot.as_client(bot.absent()).run()).1, "revoked");
    let asked: Vec<_> = mas
        .requests()
        .split_off(before)
        .into_iter()
        .filter(|request| !request.contains("/whoami "))
        .collect();
    assert_eq!(asked, ["POST /_matrix/client/v3/logout 200"]);
}

#[test]
fn a_session_of_another_credential_on_the_device_is_ended_as_well() {
    let mas = Mas::start(&json!({}));
    let bot = Bot::new(&mas);
    bot.by_cli().run().success();
    let first = bot.token();
    bot.by_client().with("force", true).run().success();
    let second = bot.token();
    assert_eq!([&first, &second].map(|token| mas.whoami(token)), [401, 200]);
    let msg = bot.by_cli().with("force", true).run().failure_msg();
    assert!(msg.contains("could not end the old session"), "{msg}");
    assert_eq!((mas.whoami(&second), bot.token()), (200, second));
}

#[test]
fn a_personal_session_that_the_file_misnames_is_ended_by_its_device() {
    let mas = Mas::start(&json!({}));
    let bot = Bot::new(&mas);
    bot.by_client().run().success();
    let mut session = bot.folder.session();
    session["mas_personal_session_id"] = json!("01AAAAAAAAAAAAAAAAAAAAAAAA");
    bot.folder.store(&session);
    let token = bot.token();
    assert_eq!(bot.said(bot.as_client(bot.absent()).run()).1, "revoked");
    assert_eq!((mas.whoami(&token), bot.folder.names()), (401, Vec::new()));
}

/// An admin API that has these sessions of the user, two on a page, on a homeserver whose `/logout` knows no token.
fn admin_api(compat_sessions: Vec<Value>, personal_sessions: Vec<Value>) -> Server {
    Server::http(move |request| {
        let here = format!("http://{}/", request.header("Host").unwrap());
        let (path, query) = request.path.split_once('?').unwrap_or((&request.path, ""));
        let page = |sessions: &[Value]| {
            let after = query.split('&').find_map(|pair| pair.strip_prefix("page[after]="));
            let start = after.map_or(0, |id| 1 + sessions.iter().position(|session| session["id"] == id).unwrap());
            let rest = &sessions[start..];
            let next = (rest.len() > 2).then_some("/next");
            Reply::Json(200, json!({"data": rest[..rest.len().min(2)], "links": {"next": next}}))
        };
        match path.strip_prefix("/api/admin/v1").unwrap_or(path) {
            "/_matrix/client/v1/auth_metadata" => Reply::Json(
                200,
                json!({"issuer": here, "token_endpoint": format!("{here}oauth2/token"),
                    "org.matrix.matrix-authentication-service.graphql_endpoint": here}),
            ),
            "/oauth2/token" => Reply::Json(200, json!({"access_token": "mat_ADMIN", "expires_in": 300})),
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
fn an_admin_access_token_logs_nobody_in_and_the_advice_names_what_does() {
    let mas = Mas::start(&json!({}));
    let bot = Bot::new(&mas);
    let flag = "--yes-i-want-to-grant-synapse-admin-privileges";
    let task = Module::as_user(&mas.url, &bot.user_id).with("admin_access_token", "syt_LEAK").secret("syt_LEAK");
    let msg = task.run().failure_msg();
    assert!(msg.contains(flag) && msg.contains("use `mas_cli`"), "{msg}");
}

#[test]
fn a_service_that_repeats_what_it_was_sent_or_is_not_encrypted_gets_no_secret_shown() {
    let (id, secret) = ("01J44RKQYM4G3TNVANTMTDYTX6", "s+LEAK/=");
    let task = |issuer: Option<&str>| {
        let issuer = issuer.map(str::to_owned);
        let server = Server::http(move |request| {
            let here = issuer.clone().unwrap_or_else(|| format!("http://{}/", request.header("Host").unwrap()));
            match request.path.as_str() {
                "/_matrix/client/v1/auth_metadata" => Reply::Json(
                    200,
                    json!({"issuer": here, "token_endpoint": format!("{here}oauth2/token"), "token_endpoint_auth_methods_supported": ["client_secret_post"],
                        "org.matrix.matrix-authentication-service.graphql_endpoint": here}),
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
