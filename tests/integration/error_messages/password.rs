//! Answers to `m.login.password`.

use serde_json::json;

use super::{DEFAULT_FLOWS, FLOWS, LOGIN, Row, seen, told};

pub(super) fn rows() -> Vec<Row> {
    [users(), elsewhere(), switched_off(), mistakes(), troubles()].into_iter().flatten().collect()
}

fn password(what: &'static str) -> Row {
    seen("password", what)
}

fn users() -> Vec<Row> {
    vec![
        password("a wrong password, an unknown user, a user of another server, one without a password")
            .error(LOGIN, 403, "M_FORBIDDEN", "Invalid username or password")
            .fails(
                "{login} answered 403 M_FORBIDDEN (Invalid username or password); the server does not say which is wrong: check `password`, \
                 then that `user_id` exists on this server, is not deactivated and has a password",
                json!({"http_status": 403, "errcode": "M_FORBIDDEN"}),
            ),
        password("a deactivated user with a password")
            .error(LOGIN, 403, "M_USER_DEACTIVATED", "This account has been deactivated")
            .fails(
                "{login} answered 403 M_USER_DEACTIVATED (This account has been deactivated); \
                 the user is deactivated: reactivate it, or give another `user_id`",
                json!({"http_status": 403, "errcode": "M_USER_DEACTIVATED"}),
            ),
        password("a locked user")
            .answer(LOGIN, 401, r#"{"errcode":"M_USER_LOCKED","error":"User account has been locked","soft_logout":true}"#)
            .fails(
                "{login} answered 401 M_USER_LOCKED (User account has been locked); an administrator has locked this user: unlock it first",
                json!({"http_status": 401, "errcode": "M_USER_LOCKED"}),
            ),
        told("password", "a suspended user")
            .error(LOGIN, 403, "M_USER_SUSPENDED", "User is suspended")
            .fails(
                "{login} answered 403 M_USER_SUSPENDED (User is suspended); an administrator has suspended this user: unsuspend it first",
                json!({"http_status": 403, "errcode": "M_USER_SUSPENDED"}),
            ),
        password("a user who awaits approval")
            .answer(
                LOGIN,
                403,
                r#"{"approval_notice_medium":"org.matrix.msc3866.none","errcode":"ORG.MATRIX.MSC3866_USER_AWAITING_APPROVAL","error":"This account needs approval"}"#,
            )
            .fails(
                "{login} answered 403 ORG.MATRIX.MSC3866_USER_AWAITING_APPROVAL (This account needs approval); \
                 an administrator must approve this user first",
                json!({"http_status": 403, "errcode": "ORG.MATRIX.MSC3866_USER_AWAITING_APPROVAL"}),
            ),
        password("a server that is closed for maintenance")
            .answer(
                LOGIN,
                403,
                r#"{"admin_contact":"mailto:a@b","errcode":"M_RESOURCE_LIMIT_EXCEEDED","error":"Maintenance until 5","limit_type":"hs_disabled"}"#,
            )
            .fails(
                "{login} answered 403 M_RESOURCE_LIMIT_EXCEEDED (Maintenance until 5); \
                 the homeserver accepts no logins at the moment (a limit of users, or maintenance): ask its administrator",
                json!({"http_status": 403, "errcode": "M_RESOURCE_LIMIT_EXCEEDED"}),
            ),
    ]
}

/// Where another server says it by another status, or means something else by the same words.
fn elsewhere() -> Vec<Row> {
    vec![
        told("password", "Dendrite refuses a password by 401")
            .error(LOGIN, 401, "M_FORBIDDEN", "Invalid password")
            .fails(
                "{login} answered 401 M_FORBIDDEN (Invalid password); the server does not say which is wrong: check `password`, then that \
                 `user_id` exists on this server, is not deactivated and has a password",
                json!({"http_status": 401, "errcode": "M_FORBIDDEN"}),
            ),
        told("password", "Dendrite doesn't know the server name")
            .error(LOGIN, 401, "M_INVALID_USERNAME", "The server name is not known.")
            .fails(
                "{login} answered 401 M_INVALID_USERNAME (The server name is not known.); check `user_id`: its server name, and which \
                 letters it has",
                json!({"http_status": 401, "errcode": "M_INVALID_USERNAME"}),
            ),
        told("password", "a policy that is not that of Matrix Authentication Service")
            .error(LOGIN, 403, "M_FORBIDDEN", "Registration policy: account blocked")
            .fails(
                "{login} answered 403 M_FORBIDDEN (Registration policy: account blocked); that is the homeserver's reason: ask its \
                 administrator, or use another credential",
                json!({"http_status": 403, "errcode": "M_FORBIDDEN"}),
            ),
    ]
}

fn switched_off() -> Vec<Row> {
    vec![
        password("password logins are switched off, nothing else is on")
            .error(LOGIN, 400, "M_UNKNOWN", "Password login has been disabled.")
            .answer(FLOWS, 200, r#"{"flows":[{"type":"m.login.application_service"}]}"#)
            .fails(
                "{login} answered 400 M_UNKNOWN (Password login has been disabled.); this homeserver takes no login with `password` (it \
                 offers: m.login.application_service): enable passwords in the homeserver, or give `admin_access_token` (Synapse), \
                 or the token of a session of a Matrix client as `access_token`",
                json!({"http_status": 400, "errcode": "M_UNKNOWN", "login_flows": ["m.login.application_service"]}),
            ),
        password("the password database is switched off, the shared-secret module is there")
            .error(LOGIN, 400, "M_UNKNOWN", "Unknown login type m.login.password")
            .answer(FLOWS, 200, r#"{"flows":[{"type":"com.devture.shared_secret_auth"},{"type":"m.login.application_service"}]}"#)
            .fails(
                "{login} answered 400 M_UNKNOWN (Unknown login type m.login.password); this homeserver takes no login with `password`: \
                 enable passwords in the homeserver, or give `shared_secret` instead, `admin_access_token` (Synapse), or \
                 `access_token`",
                json!({"http_status": 400, "errcode": "M_UNKNOWN", "login_flows": ["com.devture.shared_secret_auth", "m.login.application_service"]}),
            ),
        password("single sign-on only")
            .error(LOGIN, 400, "M_UNKNOWN", "Password login has been disabled.")
            .answer(
                FLOWS,
                200,
                r#"{"flows":[{"type":"m.login.sso","identity_providers":[{"id":"oidc-kc","name":"Keycloak","icon":"mxc://x/y","brand":"github"}]},{"type":"m.login.token"}]}"#,
            )
            .fails(
                "{login} answered 400 M_UNKNOWN (Password login has been disabled.); this homeserver takes no login with `password`: \
                 enable passwords in the homeserver, or give `login_token` instead, `admin_access_token` (Synapse), or \
                 `access_token`",
                json!({"http_status": 400, "errcode": "M_UNKNOWN", "login_flows": ["m.login.sso", "m.login.token"]}),
            ),
        password("CAS only")
            .error(LOGIN, 400, "M_UNKNOWN", "Password login has been disabled.")
            .answer(FLOWS, 200, r#"{"flows":[{"type":"m.login.cas"},{"type":"m.login.sso","identity_providers":[{"id":"cas","name":"CAS"}]}]}"#)
            .fails(
                "{login} answered 400 M_UNKNOWN (Password login has been disabled.); this homeserver takes no login with `password` (it \
                 offers: m.login.cas, m.login.sso): enable passwords in the homeserver, or give `admin_access_token` (Synapse), or \
                 the token of a session of a Matrix client as `access_token`",
                json!({"http_status": 400, "errcode": "M_UNKNOWN", "login_flows": ["m.login.cas", "m.login.sso"]}),
            ),
    ]
}

fn mistakes() -> Vec<Row> {
    vec![
        password("a device_id that is too long")
            .error(LOGIN, 400, "M_INVALID_PARAM", "device_id cannot be longer than 512 characters.")
            .answer(FLOWS, 200, DEFAULT_FLOWS)
            .fails(
                "{login} answered 400 M_INVALID_PARAM (device_id cannot be longer than 512 characters.); shorten `device_id`",
                json!({"http_status": 400, "errcode": "M_INVALID_PARAM"}),
            ),
        password("a device_id that is a cross-signing key")
            .error(LOGIN, 400, "M_FORBIDDEN", "The device ID is in use")
            .answer(FLOWS, 200, DEFAULT_FLOWS)
            .fails(
                "{login} answered 400 M_FORBIDDEN (The device ID is in use); give another `device_id`",
                json!({"http_status": 400, "errcode": "M_FORBIDDEN"}),
            ),
        password("a device_display_name that is too long")
            .error(LOGIN, 400, "M_TOO_LARGE", "Device display name is too long (max 100)")
            .answer(FLOWS, 200, DEFAULT_FLOWS)
            .fails(
                "{login} answered 400 M_TOO_LARGE (Device display name is too long (max 100)); shorten `device_display_name`",
                json!({"http_status": 400, "errcode": "M_TOO_LARGE"}),
            ),
        password("something in between mangles the request")
            .error(LOGIN, 400, "M_NOT_JSON", "Content not JSON.")
            .answer(FLOWS, 200, DEFAULT_FLOWS)
            .fails(
                "{login} answered 400 M_NOT_JSON (Content not JSON.); the homeserver offers this login type, but refused this login: check the options of this task",
                json!({"http_status": 400, "errcode": "M_NOT_JSON"}),
            ),
        password("a 400 whose cause GET /login can't explain")
            .error(LOGIN, 400, "M_UNKNOWN", "Missing JSON keys.")
            .otherwise(500, r#"{"errcode":"M_UNKNOWN","error":"Internal server error"}"#)
            .fails(
                "{login} answered 400 M_UNKNOWN (Missing JSON keys.); check the options of this task",
                json!({"http_status": 400, "errcode": "M_UNKNOWN"}),
            ),
    ]
}

fn troubles() -> Vec<Row> {
    vec![
        password("an error inside the homeserver")
            .error(LOGIN, 500, "M_UNKNOWN", "Internal server error")
            .fails(
                "{login} answered 500 M_UNKNOWN (Internal server error); the homeserver has an internal error: see its log",
                json!({"http_status": 500, "errcode": "M_UNKNOWN"}),
            ),
        password("a database that stays locked")
            .error(LOGIN, 500, "M_UNKNOWN", "Problem storing device.")
            .fails(
                "{login} answered 500 M_UNKNOWN (Problem storing device.); the homeserver has an internal error: see its log",
                json!({"http_status": 500, "errcode": "M_UNKNOWN"}),
            ),
        told("password", "a limit of Dendrite")
            .answer(LOGIN, 429, r#"{"errcode":"M_LIMIT_EXCEEDED","error":"You are sending too many requests too quickly!","retry_after_ms":2000}"#)
            .answer(FLOWS, 200, DEFAULT_FLOWS)
            .fails(
                "{login} answered 429 M_LIMIT_EXCEEDED (You are sending too many requests too quickly!); the homeserver limits logins, for each user \
                 and for each address that they come from, and asks to wait 2 seconds, more than what is left of `wait_timeout`: keep the session in \
                 `session_file` so that logins are rare, and raise `wait_timeout`",
                json!({"http_status": 429, "errcode": "M_LIMIT_EXCEEDED", "retry_after_ms": 2000}),
            ),
        told("password", "a limit of nobody knows whom")
            .error(LOGIN, 400, "M_LIMIT_EXCEEDED", "Slow down")
            .fails(
                "{login} answered 400 M_LIMIT_EXCEEDED (Slow down); the homeserver limits logins, for each user and for each address that they come \
                 from, and doesn't say for how long: keep the session in `session_file` so that logins are rare, and raise `wait_timeout`",
                json!({"http_status": 400, "errcode": "M_LIMIT_EXCEEDED"}),
            ),
        password("the sixth login in a row")
            .answer_with(
                LOGIN,
                429,
                "Retry-After: 333\r\n",
                r#"{"errcode":"M_LIMIT_EXCEEDED","error":"Too Many Requests","retry_after_ms":332122}"#,
            )
            .fails(
                "{login} answered 429 M_LIMIT_EXCEEDED (Too Many Requests); the homeserver limits logins, for each user and for each \
                 address that they come from (`rc_login` in Synapse), and asks to wait 333 seconds, more than what is left of \
                 `wait_timeout`: keep the session in `session_file` so that logins are rare, raise `wait_timeout`, or use \
                 `admin_access_token`, which Synapse does not limit",
                json!({"http_status": 429, "errcode": "M_LIMIT_EXCEEDED", "retry_after_ms": 333_000}),
            ),
        password("the fourth wrong password in a row")
            .answer(LOGIN, 429, r#"{"errcode":"M_LIMIT_EXCEEDED","error":"Too Many Requests","retry_after_ms":5405}"#)
            .fails(
                "{login} answered 429 M_LIMIT_EXCEEDED (Too Many Requests); the homeserver limits logins, for each user and for each \
                 address that they come from (`rc_login` in Synapse), and asks to wait 6 seconds, more than what is left of \
                 `wait_timeout`: keep the session in `session_file` so that logins are rare, raise `wait_timeout`, or use \
                 `admin_access_token`, which Synapse does not limit",
                json!({"http_status": 429, "errcode": "M_LIMIT_EXCEEDED", "retry_after_ms": 5405}),
            ),
    ]
}
