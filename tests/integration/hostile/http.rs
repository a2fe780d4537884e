//! Broken HTTP, and too slow, too long or too short: one of each kind, for the parser is a library's, and what is said of what it refuses is ours.

use std::time::Duration;

use serde_json::json;

use super::{NOT_MATRIX, SPEAKS_TLS, STRAY, fault, login, raw};
use crate::support::server::{Reply, parallel};

const OK: &str = "HTTP/1.1 200 OK\r\n";
const SESSION: &str = r#"{"user_id":"@alice:hs.test","access_token":"T0","device_id":"D"}"#;

#[test]
fn what_is_no_http_is_said_to_be_none() {
    for reply in [
        raw("SSH-2.0-OpenSSH_9.2\r\n"),
        raw("HTTP/1.1 200 OK\r\nContent-Length: soon\r\n\r\n{}"),
        raw("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n"),
        Reply::endless("HTTP/1.1 200 OK\r\n", "X-Flood: 1\r\n", 0),
    ] {
        let mut shown = format!("{reply:?}");
        shown.truncate(300);
        let fault = fault(reply);
        assert!(fault.starts_with("does not speak HTTP/1.1: "), "{fault} {shown}");
        assert!(fault.ends_with(&format!("; check the port in `homeserver_url`; {SPEAKS_TLS}{STRAY}")), "{fault}");
    }
}

#[test]
fn another_protocol_that_nobody_asked_for_is_no_answer() {
    assert_eq!(
        fault(raw("HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\n\r\n")),
        "answered 101 with an empty body; this is not a Matrix answer: check `homeserver_url`, and the reverse proxy or firewall in front of the homeserver"
    );
}

#[test]
fn a_hundred_headers_are_no_reason_to_give_up() {
    let (module, _server) = login(Reply::http(200, &"X-Flood: 1\r\n".repeat(100), SESSION));
    assert_eq!(module.run().success()["access_token"], "T0");
}

#[test]
fn a_compressed_body_is_neither_asked_for_nor_unpacked() {
    let packed =
        b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\xabV*-N-\x8a\xcfLQ\xb2RrH\xcc\xc9LN\xb5\xca(\xd6+I-.Q\xd2QJLNN-.\x8e/\xc9\xcfN\xcd\x03\
        \xca\x87\x18\x00\xc5RR\xcb\x80\x8a \x1a\\\x94j\x01\x96r\xe8d@\x00\x00\x00";
    let head = format!("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {}\r\n\r\n", packed.len());
    let (module, server) = login(Reply::Raw([head.as_bytes(), packed].concat()));
    let result = module.run().failure();
    let msg = format!(
        "could not log in as @alice:hs.test: {}/_matrix/client/v3/login answered 200 with a body that is not JSON; {NOT_MATRIX}",
        server.url()
    );
    assert_eq!(result, json!({"failed": true, "msg": msg, "http_status": 200}));
    assert_eq!(server.requests()[0].header("Accept-Encoding"), None);
}

#[test]
fn a_success_without_a_body_is_none() {
    assert_eq!(fault(Reply::http(204, "", "")), format!("answered 204 with an empty body; {NOT_MATRIX}"));
}

#[test]
fn one_that_does_not_come_to_an_end_is_given_up_after_the_timeout() {
    let replies = [
        Reply::Silence(Duration::from_secs(10)),
        Reply::endless(&format!("{OK}Content-Length: 1000\r\n\r\n"), "x", 100),
        Reply::endless(&format!("{OK}X-Header: "), "x", 100),
        Reply::endless("", "HTTP/1.1 100 Continue\r\n\r\n", 10),
    ];
    parallel(replies, |reply| {
        assert_eq!(
            fault(reply),
            format!("did not answer in time; raise `timeout`, or check that the homeserver is well; {SPEAKS_TLS}{STRAY}")
        );
    });
}

#[test]
fn no_more_than_1_mib_is_read() {
    let piece = "x".repeat(64 * 1024);
    for reply in [
        Reply::endless(&format!("{OK}\r\n"), &piece, 0),
        Reply::endless(&format!("{OK}Content-Length: 104857600\r\n\r\n"), &piece, 0),
        Reply::http(200, "", &"x".repeat(1024 * 1024 + 1)),
    ] {
        assert_eq!(fault(reply), format!("answered 200 with more than 1 MiB; {NOT_MATRIX}"));
    }
}

#[test]
fn the_status_of_a_long_answer_is_told() {
    let starting = "the reverse proxy answers instead of the homeserver: check that the homeserver runs, and raise `wait_timeout` if it takes \
                    long to start";
    assert_eq!(
        fault(Reply::http(503, "", &"x".repeat(2 * 1024 * 1024))),
        format!("answered 503 with more than 1 MiB; {starting}")
    );
}

#[test]
fn an_answer_that_ends_early_is_no_answer() {
    for reply in [
        raw(""),
        raw(&format!("{OK}Content-Type: application/json\r\n")),
        raw(&format!("{OK}Content-Length: 100\r\n\r\n{{\"user_id\"")),
        raw(&format!("{OK}Transfer-Encoding: chunked\r\n\r\n5\r\n{{\"us")),
    ] {
        let shown = format!("{reply:?}");
        assert_eq!(
            fault(reply),
            format!("closed the connection before the answer was complete; check that the homeserver runs; {SPEAKS_TLS}{STRAY}"),
            "{shown}"
        );
    }
}
