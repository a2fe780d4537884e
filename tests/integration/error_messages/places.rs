//! Answers from where no client-server API is.

use serde_json::json;

use super::{FEDERATION, LOGIN, MATRIX, Row, VERSIONS, seen, told};

pub(super) fn rows() -> Vec<Row> {
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
        told("password", "a proxy that forbids it")
            .answer(LOGIN, 403, "<html><title>403 Forbidden</title></html>")
            .answer(VERSIONS, 200, MATRIX)
            .fails(
                "{login} answered 403 with a web page; the homeserver has no /login here: check the reverse proxy in front of it",
                json!({"http_status": 403}),
            ),
        seen("password", "an endpoint that is there, but not for POST")
            .error(LOGIN, 405, "M_UNRECOGNIZED", "Unrecognized request")
            .answer(VERSIONS, 200, MATRIX)
            .fails(
                "{login} answered 405 M_UNRECOGNIZED (Unrecognized request); the homeserver has no /login here: check the reverse proxy in front of it",
                json!({"http_status": 405, "errcode": "M_UNRECOGNIZED"}),
            ),
        told("password", "a web site").otherwise(200, "<!doctype html><title>Welcome to nginx!</title>").fails(
                "{login} answered 200 with a web page; this is not a Matrix answer: check `homeserver_url`, and the reverse proxy or \
                 firewall in front of the homeserver",
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
                "{login} answered 404 with JSON that has no errcode; this is not a Matrix answer: check `homeserver_url`, and the \
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
