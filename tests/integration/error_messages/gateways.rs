//! Answers of what stands in front of a homeserver: redirects, and errors in its place.

use serde_json::json;

use super::{LOGIN, Row, seen, told};

const ELSEWHERE: &str = "a redirect is not followed with a secret in the request, least of all to another host: check `homeserver_url`";
const STARTING: &str = "the reverse proxy answers instead of the homeserver: check that the homeserver runs, and raise `wait_timeout` if it takes long to start";

pub(super) fn rows() -> Vec<Row> {
    let redirect = |what, status: u16, location: &str, shown: &str| {
        told("password", what)
            .answer_with(LOGIN, status, &format!("Location: {location}\r\n"), "<html>moved</html>")
            .fails(
                &format!("{{login}} answered {status} with a redirect to {shown}; {ELSEWHERE}"),
                json!({"http_status": status}),
            )
    };
    let page = |status: u16, next: &str| {
        told("password", "a web page in place of the homeserver")
            .otherwise(status, "<html><title>Bad Gateway</title></html>")
            .fails(&format!("{{login}} answered {status} with a web page; {next}"), json!({"http_status": status}))
    };
    let login = "/_matrix/client/v3/login";
    vec![
        redirect("to https", 301, &format!("https://hs.test{login}"), &format!("https://hs.test{login}")),
        redirect("to www", 302, &format!("https://www.hs.test{login}?x=1"), &format!("https://www.hs.test{login}")),
        redirect("that keeps the method", 307, &format!("https://hs.test{login}"), &format!("https://hs.test{login}")),
        redirect("for ever", 308, &format!("https://hs.test{login}"), &format!("https://hs.test{login}")),
        seen("password", "to Synapse's own page")
            .answer_with(LOGIN, 302, "Location: /_matrix/static\r\n", "")
            .fails(
                "{login} answered 302 with a redirect to {url}/_matrix/static; a login page or another web server is in front of the \
                 homeserver: use an address that bypasses it",
                json!({"http_status": 302}),
            ),
        told("password", "to nowhere").answer(LOGIN, 302, "").fails(
            "{login} answered 302 with a redirect to nowhere; a redirect without a target is a mistake of the reverse proxy: correct it, \
                 or use an address that bypasses it",
            json!({"http_status": 302}),
        ),
        told("password", "to the same with a slash")
            .answer_with(LOGIN, 308, "Location: /_matrix/client/v3/login/\r\n", "")
            .fails(
                "{login} answered 308 with a redirect to {url}/_matrix/client/v3/login/; no endpoint of Matrix differs in a slash at its \
                 end: have the reverse proxy pass paths on as they are",
                json!({"http_status": 308}),
            ),
        told("password", "a cache").answer(LOGIN, 304, "").fails(
            "{login} answered 304 with an empty body; a cache in front of the homeserver answers in its place: exempt /_matrix from \
                 it, or use an address that bypasses it",
            json!({"http_status": 304}),
        ),
        page(502, STARTING),
        page(503, STARTING),
        page(
            504,
            &format!(
                "{STARTING}; the server may have created a session all the same: give `device_id`, and a login can be repeated without a second device"
            ),
        ),
        page(500, "the homeserver, or the reverse proxy in front of it, has an internal error: see their logs"),
        page(521, STARTING),
        page(
            520,
            &format!(
                "{STARTING}; the server may have created a session all the same: give `device_id`, and a login can be repeated without a second device"
            ),
        ),
        told("password", "maintenance, with its end")
            .answer_with(LOGIN, 503, "Retry-After: 120\r\n", "<html>soon</html>")
            .fails(
                "{login} answered 503 with a web page; the reverse proxy answers instead of the homeserver, and asks to wait 120 seconds, \
             more than what is left of `wait_timeout`: raise `wait_timeout`",
                json!({"http_status": 503, "retry_after_ms": 120_000}),
            ),
        told("password", "a standard error that is not the homeserver's")
            .error(LOGIN, 503, "M_UNKNOWN", "Service unavailable")
            .fails(
                &format!("{{login}} answered 503 M_UNKNOWN (Service unavailable); {STARTING}"),
                json!({"http_status": 503, "errcode": "M_UNKNOWN"}),
            ),
        told("password", "a limit of the reverse proxy")
            .answer_with(LOGIN, 429, "Retry-After: 60\r\n", "<html>slow down</html>")
            .fails(
                "{login} answered 429 with a web page; the reverse proxy or firewall in front of the homeserver limits requests, and \
                 asks to wait 60 seconds, more than what is left of `wait_timeout`: raise `wait_timeout`, or use an address that \
                 bypasses it",
                json!({"http_status": 429, "retry_after_ms": 60000}),
            ),
        told("password", "one without a time").answer(LOGIN, 429, "slow down").fails(
            "{login} answered 429 with a body that is not JSON; the reverse proxy or firewall in front of the homeserver limits \
                 requests, and doesn't say for how long: raise `wait_timeout`, or use an address that bypasses it",
            json!({"http_status": 429}),
        ),
    ]
}
