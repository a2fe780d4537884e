//! Answers of homeservers that leave logins to Matrix Authentication Service (MAS), and of MAS itself.

use serde_json::json;

use super::{AUTH_METADATA, FLOWS, LOGIN, MATRIX, Row, VERSIONS, seen, told};

const MAS_FLOWS: &str = r#"{"flows":[{"type":"m.login.password"},{"type":"m.login.sso","oauth_aware_preferred":true,
    "org.matrix.msc3824.delegated_oidc_compatibility":true},{"type":"m.login.token"}]}"#;

/// What follows when the service is there, and logins are not routed to it.
const NEXT_STEP: &str = "this homeserver delegates authentication to Matrix Authentication Service, and its reverse proxy routes no logins there: \
     use `mas_cli`, the command `mas-cli` where that service runs, or `mas_client_id` and `mas_client_secret` for its admin API";

/// What follows when the service does not answer the homeserver.
pub(super) const WHILE_DOWN: &str = "this homeserver delegates authentication to a service that does not answer it (Matrix Authentication Service): check that it \
     runs and that the reverse proxy routes logins there, or use `mas_cli`, the command `mas-cli` where that service runs, or `mas_client_id` and \
     `mas_client_secret` for its admin API";

pub(super) fn rows() -> Vec<Row> {
    let puppets = "this homeserver delegates authentication to Matrix Authentication Service, and its reverse proxy routes no logins there: \
                   use the `as_token` itself with ?user_id=, for that service knows no users of bridges";
    let gone = |credential, what, next: &str| {
        seen(credential, what).answer(VERSIONS, 200, MATRIX).fails(
            &["{login} answered 404 M_UNRECOGNIZED (Unrecognized request); ", next].concat(),
            json!({"http_status": 404, "errcode": "M_UNRECOGNIZED"}),
        )
    };
    let metadata = r#"{"issuer":"https://auth.hs.test/","token_endpoint":"https://auth.hs.test/token","account_management_uri":"https://auth.hs.test/account",
        "org.matrix.matrix-authentication-service.graphql_endpoint":"https://auth.hs.test/graphql"}"#;
    let conduit = r#"{"issuer":"https://hs.test/","authorization_endpoint":"https://hs.test/_continuwuity/oauth2/authorize"}"#;
    let own_oauth = "this homeserver has its own OAuth 2.0 server, and takes no logins: have it issue a token (Continuwuity: `!admin users issue-token`), \
                     and give that as `access_token`";
    let down = r#"{"errcode":"M_UNKNOWN","error":"Internal server error"}"#;
    let mas = |what| told("password", what);
    vec![
        gone("password", "Synapse itself, MAS runs", NEXT_STEP).answer(AUTH_METADATA, 200, metadata),
        gone("password", "Synapse itself, MAS is down", WHILE_DOWN).answer(AUTH_METADATA, 500, down),
        gone("as_token", "an appservice is no exception", puppets).answer(AUTH_METADATA, 200, metadata),
        gone("jwt", "nor is a JWT", NEXT_STEP).answer(AUTH_METADATA, 200, metadata),
        gone("password", "a server of the Conduit family", own_oauth).answer(AUTH_METADATA, 200, conduit),
        told("password", "the words of the specification")
            .error(LOGIN, 404, "M_UNRECOGNIZED", "OAuth 2.0 authentication is in use on this homeserver.")
            .answer(VERSIONS, 200, MATRIX)
            .answer(AUTH_METADATA, 200, conduit)
            .fails(
                "{login} answered 404 M_UNRECOGNIZED (OAuth 2.0 authentication is in use on this homeserver.); this homeserver has its \
                 own OAuth 2.0 server, and takes no logins: have it issue a token (Continuwuity: `!admin users issue-token`), and give \
                 that as `access_token`",
                json!({"http_status": 404, "errcode": "M_UNRECOGNIZED"}),
            ),
        told("as_token", "MAS takes no appservices")
            .error(LOGIN, 400, "M_UNKNOWN", "Invalid login type")
            .answer(FLOWS, 200, MAS_FLOWS)
            .fails(
                "{login} answered 400 M_UNKNOWN (Invalid login type); Matrix Authentication Service takes no login with `as_token`: use the `as_token` itself with ?user_id=, for that service knows no users of bridges",
                json!({"http_status": 400, "errcode": "M_UNKNOWN", "login_flows": ["m.login.password", "m.login.sso", "m.login.token"]}),
            ),
        told("as_token", "the same in the words of the specification")
            .error(LOGIN, 400, "M_APPSERVICE_LOGIN_UNSUPPORTED", "Use the OAuth 2.0 API")
            .answer(FLOWS, 200, MAS_FLOWS)
            .fails(
                "{login} answered 400 M_APPSERVICE_LOGIN_UNSUPPORTED (Use the OAuth 2.0 API); Matrix Authentication Service takes no \
                 login with `as_token`: use the `as_token` itself with ?user_id=, for that service knows no users of bridges",
                json!({"http_status": 400, "errcode": "M_APPSERVICE_LOGIN_UNSUPPORTED", "login_flows": ["m.login.password", "m.login.sso", "m.login.token"]}),
            ),
        mas("MAS is down, and the reverse proxy says so")
            .answer(LOGIN, 502, "<html>Bad Gateway</html>")
            .answer(AUTH_METADATA, 200, metadata)
            .fails(
                &format!("{{login}} answered 502 with a web page; {WHILE_DOWN}"),
                json!({"http_status": 502}),
            ),
        mas("a wrong password").error(LOGIN, 403, "M_FORBIDDEN", "Invalid username/password").fails(
            "{login} answered 403 M_FORBIDDEN (Invalid username/password); the server does not say which is wrong: check `password`, \
             then that `user_id` exists on this server, is not deactivated and has a password",
            json!({"http_status": 403, "errcode": "M_FORBIDDEN"}),
        ),
        mas("a locked user").error(LOGIN, 401, "M_USER_LOCKED", "User account has been locked").fails(
            "{login} answered 401 M_USER_LOCKED (User account has been locked); an administrator has locked this user: unlock it first",
            json!({"http_status": 401, "errcode": "M_USER_LOCKED"}),
        ),
        mas("a limit behind a proxy that says how long it holds")
            .answer_with(LOGIN, 429, "Retry-After: 20\r\n", r#"{"errcode":"M_LIMIT_EXCEEDED","error":"Too many login attempts"}"#)
            .answer(FLOWS, 200, MAS_FLOWS)
            .fails(
                "{login} answered 429 M_LIMIT_EXCEEDED (Too many login attempts); the homeserver limits logins, for each user and for \
                 each address that they come from (`rate_limiting.login` in Matrix Authentication Service), and asks to wait 20 seconds, more than what is \
                 left of `wait_timeout`: keep the session in `session_file` so that logins are rare, raise `wait_timeout`, or use `mas_cli` or \
                 `mas_client_id`, which it does not limit",
                json!({"http_status": 429, "errcode": "M_LIMIT_EXCEEDED", "retry_after_ms": 20000}),
            ),
        mas("a limit that doesn't say how long it holds").answer(FLOWS, 200, MAS_FLOWS).error(LOGIN, 429, "M_LIMIT_EXCEEDED", "Too many login attempts").fails(
                "{login} answered 429 M_LIMIT_EXCEEDED (Too many login attempts); the homeserver limits logins, for each user and for \
                 each address that they come from (`rate_limiting.login` in Matrix Authentication Service), and doesn't say for how \
                 long: keep the session in `session_file` so that logins are rare, raise `wait_timeout`, or use `mas_cli` or `mas_client_id`, which it does not limit",
                json!({"http_status": 429, "errcode": "M_LIMIT_EXCEEDED"}),
            ),
        mas("a policy").error(LOGIN, 403, "M_FORBIDDEN", "Login denied by the policy enforced by this service").fails(
            "{login} answered 403 M_FORBIDDEN (Login denied by the policy enforced by this service); \
             a policy of Matrix Authentication Service denies this login: ask its administrator",
            json!({"http_status": 403, "errcode": "M_FORBIDDEN"}),
        ),
        mas("too many devices")
            .error(
                LOGIN,
                403,
                "M_FORBIDDEN",
                "You have reached your hard device limit. Please visit your account page to sign some out.",
            )
            .fails(
                "{login} answered 403 M_FORBIDDEN (You have reached your hard device limit. Please visit your account page to sign some out.); \
                 log out sessions of this user that are no longer needed",
                json!({"http_status": 403, "errcode": "M_FORBIDDEN"}),
            ),
        mas("a device that can't be made").error(LOGIN, 500, "M_UNKNOWN", "Internal server error").fails(
            "{login} answered 500 M_UNKNOWN (Internal server error); the homeserver has an internal error: see its log",
            json!({"http_status": 500, "errcode": "M_UNKNOWN"}),
        ),
    ]
}
