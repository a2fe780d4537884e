//! Answers to the question whether a token works, where there is nothing to log in with.

use serde_json::json;

use super::{Row, WHOAMI, seen, told};

pub(super) fn rows() -> Vec<Row> {
    let token = |what| seen("access_token", what);
    vec![
        token("garbage, logged out, or of a deactivated user")
            .answer(WHOAMI, 401, r#"{"errcode":"M_UNKNOWN_TOKEN","error":"Invalid access token passed.","soft_logout":false}"#)
            .fails(
                "the given `access_token` is not valid, and there is no credential to log in with: give `password` or another credential",
                json!({}),
            ),
        token("expired")
            .answer(WHOAMI, 401, r#"{"errcode":"M_UNKNOWN_TOKEN","error":"Access token has expired","soft_logout":true}"#)
            .fails(
                "the given `access_token` is not valid, and there is no credential to log in with: give `password` or another credential",
                json!({}),
            ),
        token("of a locked user")
            .answer(WHOAMI, 401, r#"{"errcode":"M_USER_LOCKED","error":"User account has been locked","soft_logout":true}"#)
            .fails(
                "{whoami} answered 401 M_USER_LOCKED (User account has been locked); an administrator has locked this user: unlock it first",
                json!({"http_status": 401, "errcode": "M_USER_LOCKED"}),
            ),
        token("of another user, who may have no other").answer(WHOAMI, 200, r#"{"user_id":"@bob:hs.test","is_guest":false,"device_id":"BOT1"}"#).fails(
            "`access_token` holds a session of @bob:hs.test that works, and it may be the only copy: \
             give another access_token, or the right `user_id`",
            json!({}),
        ),
        token("while Matrix Authentication Service is down")
            .error(WHOAMI, 503, "M_UNKNOWN", "Unable to introspect the access token")
            .fails(
                "{whoami} answered 503 M_UNKNOWN (Unable to introspect the access token); the homeserver cannot reach Matrix Authentication Service, which validates its tokens: check that this service runs",
                json!({"http_status": 503, "errcode": "M_UNKNOWN"}),
            ),
        token("while the homeserver has a problem").error(WHOAMI, 500, "M_UNKNOWN", "Internal server error").fails(
            "{whoami} answered 500 M_UNKNOWN (Internal server error); the homeserver has an internal error: see its log",
            json!({"http_status": 500, "errcode": "M_UNKNOWN"}),
        ),
        token("that a reverse proxy takes away").error(WHOAMI, 401, "M_MISSING_TOKEN", "Missing access token").fails(
                "{whoami} answered 401 M_MISSING_TOKEN (Missing access token); the reverse proxy in front of the homeserver removes the \
                 Authorization header: use an address that bypasses it, or correct it",
                json!({"http_status": 401, "errcode": "M_MISSING_TOKEN"}),
            ),
        token("at a wrong address").fails(
            "{whoami} answered 404 M_UNRECOGNIZED (Unrecognized request); check `homeserver_url`",
            json!({"http_status": 404, "errcode": "M_UNRECOGNIZED"}),
        ),
        told("access_token", "at a web server").otherwise(404, "<html>Not Found</html>").fails(
                "{whoami} answered 404 with a web page; this is not a Matrix answer: the homeserver is not running, or the reverse \
                 proxy has no route to it; check that and `homeserver_url`",
                json!({"http_status": 404}),
            ),
        told("access_token", "of somebody without a name").answer(WHOAMI, 200, "{}").fails(
                "{whoami} answered 200 without user_id; another service answers there, or the homeserver breaks the specification: check `homeserver_url`, or report it to the developers of the homeserver",
                json!({"http_status": 200}),
            ),
    ]
}
