//! Too slow, too long, too short.

use std::time::Duration;

use super::{NOT_MATRIX, SPEAKS_TLS, STRAY, fault, raw};
use crate::support::parallel::parallel;
use crate::support::server::Reply;

const OK: &str = "HTTP/1.1 200 OK\r\n";

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
