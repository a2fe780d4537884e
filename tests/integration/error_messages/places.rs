//! Answers from where no client-server API is.

use serde_json::json;

use super::{AUTH_METADATA, FEDERATION, LOGIN, MATRIX, Row, VERSIONS, seen, told};

const WEB_SITE: &str = "this is not a Matrix answer: a web site, a login page or a firewall answers instead of the homeserver: check `homeserver_url`, or use an address that bypasses it";
const BREAKS: &str = "another service answers there, or the homeserver breaks the specification: check `homeserver_url`, or report it to the developers of the homeserver";
const REFUSES: &str = "this is not a Matrix answer: the reverse proxy or a firewall in front of the homeserver refuses the request, use an address that bypasses it";
const PORTAL: &str =
    "this is not a Matrix answer: a login page or a firewall is in front of the homeserver, use an address that bypasses it";
const NOT_MATRIX: &str =
    "this is not a Matrix answer: check `homeserver_url`, and the reverse proxy or firewall in front of the homeserver";

pub(super) fn rows() -> Vec<Row> {
    [places(), in_front_of_a_homeserver()].into_iter().flatten().collect()
}

/// Whoever answers a login there, the rest shows a homeserver with Matrix Authentication Service.
fn in_front_of_a_homeserver() -> Vec<Row> {
    let metadata =
        r#"{"issuer":"https://auth.hs.test/","org.matrix.matrix-authentication-service.graphql_endpoint":"https://auth.hs.test/graphql"}"#;
    let html = "<html><title>403 Forbidden</title></html>";
    let no_token = r#"{"user_id":"@alice:hs.test","device_id":"D"}"#;
    let float = r#"{"user_id":"@alice:hs.test","access_token":"T","expires_in_ms":300000.0}"#;
    [
        (403, html, "with a web page", PORTAL),
        (200, "<!doctype html><title>Making sure you're not a bot!</title>", "with a web page", WEB_SITE),
        (401, "401 Unauthorized\n", "with a body that is not JSON", REFUSES),
        (403, r#"{"message":"Forbidden"}"#, "with JSON that has no errcode", REFUSES),
        (403, "", "with an empty body", REFUSES),
        (413, "<html><title>413 Request Entity Too Large</title></html>", "with a web page", NOT_MATRIX),
        (200, no_token, "without access_token", BREAKS),
        (200, r#"{"access_token":"T","device_id":"D"}"#, "without user_id", BREAKS),
        (200, float, "with JSON that violates the specification", BREAKS),
    ]
    .into_iter()
    .map(|(status, body, what, next)| {
        told("password", "whoever is in front of a homeserver")
            .answer(LOGIN, status, body)
            .answer(VERSIONS, 200, MATRIX)
            .answer(AUTH_METADATA, 200, metadata)
            .fails(&format!("{{login}} answered {status} {what}; {next}"), json!({"http_status": status}))
    })
    .collect()
}

fn places() -> Vec<Row> {
    vec![
        seen("password", "a path too many at the end of the URL").below("/sub").answer(VERSIONS, 200, MATRIX).fails(
            "{login} answered 404 M_UNRECOGNIZED (Unrecognized request); the client-server API is at {root}: give that as `homeserver_url`",
            json!({"http_status": 404, "errcode": "M_UNRECOGNIZED"}),
        ),
        seen("password", "the same where Synapse answers with its web page")
            .below("/prefix")
            .answer(VERSIONS, 200, MATRIX)
            .otherwise(404, "\n<html><head><title>404 - No Such Resource</title></head></html>")
            .fails(
                "{login} answered 404 with a web page; the client-server API is at {root}: give that as `homeserver_url`",
                json!({"http_status": 404}),
            ),
        seen("password", "the port for other homeservers")
            .answer(FEDERATION, 200, r#"{"server":{"name":"Synapse","version":"1.163.2"}}"#)
            .fails(
                "{login} answered 404 M_UNRECOGNIZED (Unrecognized request); this port serves other homeservers only: \
                 give the URL for Matrix clients as `homeserver_url`",
                json!({"http_status": 404, "errcode": "M_UNRECOGNIZED"}),
            ),
        seen("password", "a part of Synapse without both APIs").fails(
                "{login} answered 404 M_UNRECOGNIZED (Unrecognized request); there is no Matrix API: check `homeserver_url` (without it, the module discovers the URL from a full `user_id`), and the reverse proxy in front of the homeserver",
                json!({"http_status": 404, "errcode": "M_UNRECOGNIZED"}),
            ),
        told("password", "a proxy that keeps the login endpoint out").answer(VERSIONS, 200, MATRIX).fails(
                "{login} answered 404 M_UNRECOGNIZED (Unrecognized request); the homeserver has no /login here: check the reverse proxy in front of it",
                json!({"http_status": 404, "errcode": "M_UNRECOGNIZED"}),
            ),
        seen("password", "an endpoint that is there, but not for POST")
            .error(LOGIN, 405, "M_UNRECOGNIZED", "Unrecognized request")
            .answer(VERSIONS, 200, MATRIX)
            .fails(
                "{login} answered 405 M_UNRECOGNIZED (Unrecognized request); the homeserver has no /login here: check the reverse proxy in front of it",
                json!({"http_status": 405, "errcode": "M_UNRECOGNIZED"}),
            ),
        told("password", "a web site").otherwise(200, "<!doctype html><title>Welcome to nginx!</title>").fails(
                &format!("{{login}} answered 200 with a web page; {WEB_SITE}"),
                json!({"http_status": 200}),
            ),
        told("password", "a web site that takes no POST").otherwise(405, "<html><title>405 Not Allowed</title></html>").fails(
                "{login} answered 405 with a web page; this is not a Matrix answer: check `homeserver_url`, and the reverse proxy or \
                 firewall in front of the homeserver",
                json!({"http_status": 405}),
            ),
        told("password", "a web site with a password of its own").otherwise(401, "<html><title>401 Authorization Required</title></html>").fails(
                "{login} answered 401 with a web page; this is not a Matrix answer: a login page or a firewall is in front of the \
                 homeserver, use an address that bypasses it",
                json!({"http_status": 401}),
            ),
        told("password", "another service's JSON").otherwise(404, r#"{"error":"not found"}"#).fails(
                "{login} answered 404 (not found); this is not a Matrix answer: check `homeserver_url`, and the \
                 reverse proxy or firewall in front of the homeserver",
                json!({"http_status": 404}),
            ),
        told("password", "a health check").otherwise(200, "OK").fails(
                "{login} answered 200 with a body that is not JSON; this is not a Matrix answer: check `homeserver_url`, and the \
                 reverse proxy or firewall in front of the homeserver",
                json!({"http_status": 200}),
            ),
        told("password", "nothing at all").otherwise(200, "").fails(
                "{login} answered 200 with an empty body; this is not a Matrix answer: check `homeserver_url`, and the reverse proxy or \
                 firewall in front of the homeserver",
                json!({"http_status": 200}),
            ),
    ]
}
