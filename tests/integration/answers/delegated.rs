//! Answers of homeservers that leave logins to Matrix Authentication Service (MAS), and of MAS itself.

use serde_json::json;

use super::{AUTH_METADATA, FLOWS, LOGIN, MATRIX, Row, VERSIONS, seen, told};

const MAS_FLOWS: &str = r#"{"flows":[{"type":"m.login.password"},{"type":"m.login.sso","oauth_aware_preferred":true,
    "org.matrix.msc3824.delegated_oidc_compatibility":true},{"type":"m.login.token"}]}"#;

pub(super) fn next_step(localpart: &str) -> String {
    format!(
        "this server leaves logins to an OAuth 2.0 service (Matrix Authentication Service), which takes at most passwords, and only where the reverse \
         proxy leads it the login endpoint: run `mas-cli manage issue-compatibility-token {localpart} DEVICE` there, and give the token that it \
         prints as `access_token`"
    )
}

pub(super) fn rows() -> Vec<Row> {
    let delegated = next_step("alice");
    let unrecognized = ["{login} answered 404 M_UNRECOGNIZED (Unrecognized request); ", &delegated].concat();
    let gone = |credential, what| {
        seen(credential, what)
            .answer(VERSIONS, 200, MATRIX)
            .fails(&unrecognized, json!({"http_status": 404, "errcode": "M_UNRECOGNIZED"}))
    };
    let metadata = r#"{"issuer":"https://auth.hs.test/","token_endpoint":"https://auth.hs.test/token","account_management_uri":"https://auth.hs.test/account"}"#;
    let down = r#"{"errcode":"M_UNKNOWN","error":"Internal server error"}"#;
    let mas = |what| told("password", what);
    vec![
        gone("password", "Synapse itself, MAS runs").answer(AUTH_METADATA, 200, metadata),
        gone("password", "Synapse itself, MAS is down").answer(AUTH_METADATA, 500, down),
        gone("as_token", "an appservice is no exception").answer(AUTH_METADATA, 200, metadata),
        gone("jwt", "nor is a JWT").answer(AUTH_METADATA, 200, metadata),
        told("password", "the words of the specification")
            .error(LOGIN, 404, "M_UNRECOGNIZED", "OAuth 2.0 authentication is in use on this homeserver.")
            .answer(VERSIONS, 200, MATRIX)
            .answer(AUTH_METADATA, 200, metadata)
            .fails(
                &["{login} answered 404 M_UNRECOGNIZED (OAuth 2.0 authentication is in use on this homeserver.); ", &delegated].concat(),
                json!({"http_status": 404, "errcode": "M_UNRECOGNIZED"}),
            ),
        told("as_token", "MAS takes no appservices")
            .error(LOGIN, 400, "M_UNKNOWN", "Invalid login type")
            .answer(FLOWS, 200, MAS_FLOWS)
            .fails(
                &["{login} answered 400 M_UNKNOWN (Invalid login type); ", &delegated].concat(),
                json!({"http_status": 400, "errcode": "M_UNKNOWN"}),
            ),
        told("as_token", "the same in the words of the specification")
            .error(LOGIN, 400, "M_APPSERVICE_LOGIN_UNSUPPORTED", "Use the OAuth 2.0 API")
            .answer(FLOWS, 200, MAS_FLOWS)
            .fails(
                &["{login} answered 400 M_APPSERVICE_LOGIN_UNSUPPORTED (Use the OAuth 2.0 API); ", &delegated].concat(),
                json!({"http_status": 400, "errcode": "M_APPSERVICE_LOGIN_UNSUPPORTED"}),
            ),
        mas("a wrong password").error(LOGIN, 403, "M_FORBIDDEN", "Invalid username/password").fails(
            "{login} answered 403 M_FORBIDDEN (Invalid username/password); the server doesn't say which: check `password`, \
             then that `user_id` exists on this server, is not deactivated and has a password",
            json!({"http_status": 403, "errcode": "M_FORBIDDEN"}),
        ),
        mas("a locked user").error(LOGIN, 401, "M_USER_LOCKED", "User account has been locked").fails(
            "{login} answered 401 M_USER_LOCKED (User account has been locked); an administrator has locked this user: unlock it first",
            json!({"http_status": 401, "errcode": "M_USER_LOCKED"}),
        ),
        mas("a limit that doesn't say how long it holds").error(LOGIN, 429, "M_LIMIT_EXCEEDED", "Too many login attempts").fails(
            "{login} answered 429 M_LIMIT_EXCEEDED (Too many login attempts); the homeserver limits logins, for each user and for each address that \
             they come from (`rc_login` in Synapse), and doesn't say for how long: keep the session in `session_file` so that logins are rare, \
             raise `wait_timeout`, or use `admin_access_token`, which is not limited",
            json!({"http_status": 429, "errcode": "M_LIMIT_EXCEEDED"}),
        ),
        mas("a policy").error(LOGIN, 403, "M_FORBIDDEN", "Login denied by the policy enforced by this service").fails(
            "{login} answered 403 M_FORBIDDEN (Login denied by the policy enforced by this service); \
             the authentication service has a policy against this login: ask its administrator",
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
                 log sessions of this user out that nobody needs any more",
                json!({"http_status": 403, "errcode": "M_FORBIDDEN"}),
            ),
        mas("a device that can't be made").error(LOGIN, 500, "M_UNKNOWN", "Internal server error").fails(
            "{login} answered 500 M_UNKNOWN (Internal server error); the homeserver has a problem of its own: see its log",
            json!({"http_status": 500, "errcode": "M_UNKNOWN"}),
        ),
    ]
}
