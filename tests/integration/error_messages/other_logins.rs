//! Answers to the other ways of `POST /login`.

use serde_json::json;

use super::{DEFAULT_FLOWS, FLOWS, LOGIN, Row, seen, told};

const NAMESPACE: &str = "the user is not in the namespaces of the appservice's registration; upper and lower case differ there";
const REGISTRATION: &str = "the homeserver knows no appservice with this `as_token`: check it, and that the registration file is loaded";
const JWT_CONFIG: &str = "check the token's signature, times, issuer and audience against the homeserver's `jwt_config`";

pub(super) fn rows() -> Vec<Row> {
    [as_token(), login_token(), jwt(), shared_secret()].into_iter().flatten().collect()
}

fn as_token() -> Vec<Row> {
    vec![
        seen("as_token", "a user outside the namespace")
            .error(LOGIN, 403, "M_FORBIDDEN", "Invalid access_token")
            .fails(
                &format!("{{login}} answered 403 M_FORBIDDEN (Invalid access_token); {NAMESPACE}"),
                json!({"http_status": 403, "errcode": "M_FORBIDDEN"}),
            ),
        told("as_token", "the same by the specification")
            .error(LOGIN, 403, "M_EXCLUSIVE", "Not in the namespace")
            .fails(
                &format!("{{login}} answered 403 M_EXCLUSIVE (Not in the namespace); {NAMESPACE}"),
                json!({"http_status": 403, "errcode": "M_EXCLUSIVE"}),
            ),
        told("as_token", "the same with another status, where GET /login offers the type")
            .error(LOGIN, 400, "M_EXCLUSIVE", "Not in the namespace")
            .answer(FLOWS, 200, DEFAULT_FLOWS)
            .fails(
                &format!("{{login}} answered 400 M_EXCLUSIVE (Not in the namespace); {NAMESPACE}"),
                json!({"http_status": 400, "errcode": "M_EXCLUSIVE"}),
            ),
        told("as_token", "a device_id that is too long, where GET /login offers the type")
            .error(LOGIN, 400, "M_INVALID_PARAM", "device_id cannot be longer than 512 characters")
            .answer(FLOWS, 200, DEFAULT_FLOWS)
            .fails(
                "{login} answered 400 M_INVALID_PARAM (device_id cannot be longer than 512 characters); shorten `device_id`",
                json!({"http_status": 400, "errcode": "M_INVALID_PARAM"}),
            ),
        seen("as_token", "a user who was never registered")
            .error(LOGIN, 404, "M_UNKNOWN", "No row found (users)")
            .fails(
                "{login} answered 404 M_UNKNOWN (No row found (users)); \
             the user is in the appservice's namespace, but does not exist: have the bridge register it first",
                json!({"http_status": 404, "errcode": "M_UNKNOWN"}),
            ),
        seen("as_token", "a token of nobody")
            .answer(
                LOGIN,
                401,
                r#"{"errcode":"M_UNKNOWN_TOKEN","error":"Invalid access token passed.","soft_logout":false}"#,
            )
            .fails(
                &format!("{{login}} answered 401 M_UNKNOWN_TOKEN (Invalid access token passed.); {REGISTRATION}"),
                json!({"http_status": 401, "errcode": "M_UNKNOWN_TOKEN"}),
            ),
        seen("as_token", "the token of a user")
            .error(
                LOGIN,
                401,
                "M_UNKNOWN_TOKEN",
                "This login method is only valid for application services",
            )
            .fails(
                &format!(
                    "{{login}} answered 401 M_UNKNOWN_TOKEN (This login method is only valid for application services); {REGISTRATION}"
                ),
                json!({"http_status": 401, "errcode": "M_UNKNOWN_TOKEN"}),
            ),
        seen("as_token", "a reverse proxy that takes the Authorization header away")
            .error(LOGIN, 401, "M_MISSING_TOKEN", "Missing access token")
            .fails(
                "{login} answered 401 M_MISSING_TOKEN (Missing access token); the reverse proxy in front of the homeserver removes the \
                 Authorization header: use an address that bypasses it, or correct it",
                json!({"http_status": 401, "errcode": "M_MISSING_TOKEN"}),
            ),
        seen("as_token", "an appservice that makes its devices itself")
            .error(
                LOGIN,
                400,
                "M_APPSERVICE_LOGIN_UNSUPPORTED",
                "This appservice has MSC4190 enabled, so appservice login cannot be used.",
            )
            .answer(FLOWS, 200, DEFAULT_FLOWS)
            .fails(
                "{login} answered 400 M_APPSERVICE_LOGIN_UNSUPPORTED (This appservice has MSC4190 enabled, so appservice login cannot \
                 be used.); this homeserver does not support appservice logins: use the `as_token` itself, with ?user_id=, or another credential",
                json!({"http_status": 400, "errcode": "M_APPSERVICE_LOGIN_UNSUPPORTED"}),
            ),
        seen("as_token", "a deactivated user")
            .error(LOGIN, 403, "M_USER_DEACTIVATED", "This account has been deactivated")
            .fails(
                "{login} answered 403 M_USER_DEACTIVATED (This account has been deactivated); \
                 the user is deactivated: reactivate it, or give another `user_id`",
                json!({"http_status": 403, "errcode": "M_USER_DEACTIVATED"}),
            ),
    ]
}

fn login_token() -> Vec<Row> {
    vec![
        seen("login_token", "one that was used, or is too old")
            .error(LOGIN, 403, "M_FORBIDDEN", "Invalid login token")
            .fails(
                "{login} answered 403 M_FORBIDDEN (Invalid login token); a login token works once and expires within minutes: get a new one",
                json!({"http_status": 403, "errcode": "M_FORBIDDEN"}),
            ),
        seen("login_token", "a server without such logins")
            .error(LOGIN, 400, "M_UNKNOWN", "Unknown login type m.login.token")
            .answer(FLOWS, 200, DEFAULT_FLOWS)
            .fails(
                "{login} answered 400 M_UNKNOWN (Unknown login type m.login.token); this homeserver takes no login with `login_token`: \
                 give `password` instead, `admin_access_token` (Synapse), or `access_token`",
                json!({"http_status": 400, "errcode": "M_UNKNOWN", "login_flows": ["m.login.password", "m.login.application_service"]}),
            ),
    ]
}

fn jwt() -> Vec<Row> {
    let refused = |what, error: &str| {
        seen("jwt", what).error(LOGIN, 403, "M_FORBIDDEN", error).fails(
            &format!("{{login}} answered 403 M_FORBIDDEN ({error}); {JWT_CONFIG}"),
            json!({"http_status": 403, "errcode": "M_FORBIDDEN"}),
        )
    };
    vec![
        refused("another key", "JWT validation failed: Signature verification failed"),
        refused("another audience", "JWT validation failed: invalid_claim: Invalid claim 'aud'"),
        refused("no subject", "Invalid JWT"),
        seen("jwt", "a full Matrix ID as the subject")
            .error(LOGIN, 400, "M_INVALID_USERNAME", "User ID can only contain characters a-z, 0-9, or '=_-./+'")
            .answer(FLOWS, 200, r#"{"flows":[{"type":"org.matrix.login.jwt"},{"type":"m.login.password"},{"type":"m.login.application_service"}]}"#)
            .fails(
                "{login} answered 400 M_INVALID_USERNAME (User ID can only contain characters a-z, 0-9, or '=_-./+'); \
                 set the `sub` of the token to the localpart, without @ and server name",
                json!({"http_status": 400, "errcode": "M_INVALID_USERNAME"}),
            ),
        told("jwt", "Tuwunel with JWT switched off")
            .error(LOGIN, 401, "M_UNAUTHORIZED", "JWT login is not enabled.")
            .answer(FLOWS, 200, DEFAULT_FLOWS)
            .fails(
                "{login} answered 401 M_UNAUTHORIZED (JWT login is not enabled.); this homeserver takes no login with `jwt`: give \
                 `password` instead, `admin_access_token` (Synapse), or `access_token`",
                json!({"http_status": 401, "errcode": "M_UNAUTHORIZED", "login_flows": ["m.login.password", "m.login.application_service"]}),
            ),
        seen("jwt", "a server without jwt_config")
            .error(LOGIN, 400, "M_INVALID_PARAM", "Invalid login submission")
            .answer(FLOWS, 200, DEFAULT_FLOWS)
            .fails(
                "{login} answered 400 M_INVALID_PARAM (Invalid login submission); this homeserver takes no login with `jwt`: give \
                 `password` instead, `admin_access_token` (Synapse), or `access_token`",
                json!({"http_status": 400, "errcode": "M_INVALID_PARAM", "login_flows": ["m.login.password", "m.login.application_service"]}),
            ),
    ]
}

fn shared_secret() -> Vec<Row> {
    vec![
        seen("shared_secret", "another secret, an unknown user, a line break too many")
            .error(LOGIN, 403, "M_FORBIDDEN", "Invalid username or password")
            .fails(
                "{login} answered 403 M_FORBIDDEN (Invalid username or password); the server does not say which is wrong: check `shared_secret`, \
                 that `user_id` exists on this server with these capitals, and that the server's module takes this kind of login",
                json!({"http_status": 403, "errcode": "M_FORBIDDEN"}),
            ),
        seen("shared_secret", "a locked user")
            .answer(
                LOGIN,
                401,
                r#"{"errcode":"M_USER_LOCKED","error":"User account has been locked","soft_logout":true}"#,
            )
            .fails(
                "{login} answered 401 M_USER_LOCKED (User account has been locked); an administrator has locked this user: unlock it first",
                json!({"http_status": 401, "errcode": "M_USER_LOCKED"}),
            ),
        seen("shared_secret", "a server without the module")
            .error(LOGIN, 400, "M_UNKNOWN", "Unknown login type com.devture.shared_secret_auth")
            .answer(FLOWS, 200, r#"{"flows":[]}"#)
            .fails(
                "{login} answered 400 M_UNKNOWN (Unknown login type com.devture.shared_secret_auth); this homeserver takes no login \
                 with `shared_secret` (it offers: none): give `admin_access_token` (Synapse), or the token of a session of a Matrix \
                 client as `access_token`",
                json!({"http_status": 400, "errcode": "M_UNKNOWN", "login_flows": []}),
            ),
    ]
}
