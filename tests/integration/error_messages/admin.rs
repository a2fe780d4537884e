//! Answers of Synapse's admin API.

use serde_json::json;

use super::{ADMIN, AUTH_METADATA, MATRIX, Row, VERSIONS, WHOAMI, seen, told};

const OTHER: &str = "the user must be another one than the administrator, and of this server: check `user_id`";

pub(super) fn rows() -> Vec<Row> {
    let admin = |what| seen("admin_access_token", what);
    vec![
        admin("a token that is gone")
            .answer(ADMIN, 401, r#"{"errcode":"M_UNKNOWN_TOKEN","error":"Invalid access token passed.","soft_logout":false}"#)
            .fails(
                "{admin} answered 401 M_UNKNOWN_TOKEN (Invalid access token passed.); `admin_access_token` is no longer valid: give a new one",
                json!({"http_status": 401, "errcode": "M_UNKNOWN_TOKEN"}),
            ),
        admin("the token of a user like any other").error(ADMIN, 403, "M_FORBIDDEN", "You are not a server admin").fails(
            "{admin} answered 403 M_FORBIDDEN (You are not a server admin); \
             `admin_access_token` is not that of a server administrator: give one that is",
            json!({"http_status": 403, "errcode": "M_FORBIDDEN"}),
        ),
        admin("an unknown user").error(ADMIN, 404, "M_NOT_FOUND", "User not found").fails(
                "{admin} answered 404 M_NOT_FOUND (User not found); the user does not exist on this server: check `user_id`, upper and \
                 lower case included",
                json!({"http_status": 404, "errcode": "M_NOT_FOUND"}),
            ),
        admin("the administrator itself").error(ADMIN, 400, "M_UNKNOWN", "Cannot use admin API to login as self").fails(
            &format!("{{admin}} answered 400 M_UNKNOWN (Cannot use admin API to login as self); {OTHER}"),
            json!({"http_status": 400, "errcode": "M_UNKNOWN"}),
        ),
        admin("a user of another server").error(ADMIN, 400, "M_UNKNOWN", "Only local users can be logged in as").fails(
            &format!("{{admin}} answered 400 M_UNKNOWN (Only local users can be logged in as); {OTHER}"),
            json!({"http_status": 400, "errcode": "M_UNKNOWN"}),
        ),
        admin("a locked user, whose token is of no use")
            .answer(ADMIN, 200, r#"{"access_token":"syt_LOCKED"}"#)
            .answer(WHOAMI, 401, r#"{"errcode":"M_USER_LOCKED","error":"User account has been locked","soft_logout":true}"#)
            .fails(
                "the new session of @alice:hs.test at {url} could not be logged out again ({url}/_matrix/client/v3/logout answered 404 \
                 M_UNRECOGNIZED (Unrecognized request)): logged in as @alice:hs.test, but the homeserver does not accept the new token: \
                 {url}/_matrix/client/v3/account/whoami answered 401 M_USER_LOCKED (User account has been locked); an administrator has \
                 locked this user: unlock it first",
                json!({"http_status": 401, "errcode": "M_USER_LOCKED"}),
            ),
        admin("the admin API is kept out, or this is no Synapse").answer(VERSIONS, 200, MATRIX).fails(
                "{admin} answered 404 M_UNRECOGNIZED (Unrecognized request); this homeserver is not Synapse, or the reverse proxy in \
                 front of it blocks /_synapse/admin: use an address that bypasses it, or another credential",
                json!({"http_status": 404, "errcode": "M_UNRECOGNIZED"}),
            ),
        admin("logins are delegated")
            .answer(VERSIONS, 200, MATRIX)
            .answer(AUTH_METADATA, 200, r#"{"issuer":"https://auth.hs.test/","token_endpoint":"https://auth.hs.test/oauth2/token"}"#)
            .fails(
                "{admin} answered 404 M_UNRECOGNIZED (Unrecognized request); this homeserver is not Synapse, or the reverse proxy in \
                 front of it blocks /_synapse/admin: use an address that bypasses it, or another credential",
                json!({"http_status": 404, "errcode": "M_UNRECOGNIZED"}),
            ),
        told("admin_access_token", "a token that does not work")
            .answer(ADMIN, 200, r#"{"access_token":"syt_DEAD"}"#)
            .answer(WHOAMI, 401, r#"{"errcode":"M_UNKNOWN_TOKEN","error":"Invalid access token passed.","soft_logout":false}"#)
            .answer(VERSIONS, 200, MATRIX)
            .fails(
                "logged in as @alice:hs.test, but the homeserver does not accept the new token: {url}/_matrix/client/v3/account/whoami \
                 answered 401 M_UNKNOWN_TOKEN (Invalid access token passed.); the homeserver refuses the token that it issued: see its log, and check that the user is not locked or deactivated",
                json!({"http_status": 401, "errcode": "M_UNKNOWN_TOKEN"}),
            ),
        told("admin_access_token", "a proxy that forbids the admin API")
            .answer(ADMIN, 403, "<html><title>403 Forbidden</title></html>")
            .answer(VERSIONS, 200, MATRIX)
            .fails(
                "{admin} answered 403 with a web page; this homeserver is not Synapse, or the reverse proxy in front of it blocks \
                 /_synapse/admin: use an address that bypasses it, or another credential",
                json!({"http_status": 403}),
            ),
        told("admin_access_token", "a web page in place of the admin API")
            .answer(ADMIN, 200, "<!doctype html><title>Synapse Admin</title>")
            .answer(VERSIONS, 200, MATRIX)
            .fails(
                "{admin} answered 200 with a web page; this homeserver is not Synapse, or the reverse proxy in front of it blocks \
                 /_synapse/admin: use an address that bypasses it, or another credential",
                json!({"http_status": 200}),
            ),
    ]
}
