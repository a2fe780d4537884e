//! A login whose answer was lost may have made a device, so it is repeated only where it can't make another.

use std::time::Duration;

use super::{STRAY, login, logins, server_after};
use crate::support::folder::Folder;
use crate::support::module::Module;
use crate::support::server::{Reply, Server, parallel};

fn lost() -> Vec<Reply> {
    vec![
        Reply::Raw(Vec::new()),
        Reply::Raw(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{".to_vec()),
        Reply::Silence(Duration::from_secs(3)),
        Reply::http(504, "", "<html>Gateway Timeout</html>"),
    ]
}

/// Answers that came, or began to, but make no sense. Another try would bring no other.
fn senseless() -> Vec<Reply> {
    [
        "SSH-2.0-OpenSSH_9.2\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{\"use\r\nr_id\r\n",
    ]
    .map(|text| Reply::Raw(text.into()))
    .to_vec()
}

#[test]
fn with_a_device_id_it_is_repeated_on_the_same_device() {
    parallel(lost(), |reply| {
        let server = server_after(vec![reply.clone()]);
        let result = login(&server, 10).with("timeout", 1).with("device_id", "BOT").run().success();
        assert_eq!(result["access_token"], "T0");
        let devices: Vec<_> = server
            .requests()
            .iter()
            .filter(|request| request.method == "POST")
            .map(|request| request.json()["device_id"].clone())
            .collect();
        assert_eq!(devices, ["BOT", "BOT"], "{reply:?}");
    });
}

#[test]
fn without_one_it_is_not_repeated_and_the_possible_session_is_mentioned() {
    parallel([lost(), senseless()].concat(), |reply| {
        let server = server_after(vec![reply.clone()]);
        let msg = login(&server, 10).with("timeout", 1).run().failure_msg();
        assert!(msg.ends_with(STRAY), "{msg}");
        assert_eq!(logins(&server), 1, "{reply:?}");
    });
}

#[test]
fn a_login_token_is_used_up_so_it_is_never_repeated() {
    parallel([lost(), senseless()].concat(), |reply| {
        let server = server_after(vec![reply.clone()]);
        let module = Module::as_user(&server.url(), "@alice:hs.test").with("login_token", "syl_LEAK").secret("syl_LEAK");
        let module = module.with("wait_timeout", 10).with("timeout", 1).with("device_id", "BOT");
        let msg = module.run().failure_msg();
        assert!(msg.ends_with("; the login token may be used up now: get a new one"), "{msg}");
        assert_eq!(logins(&server), 1, "{reply:?}");
    });
}

#[test]
fn a_question_changes_nothing_so_it_is_always_repeated() {
    parallel(lost(), |reply| {
        let server = server_after(vec![reply.clone()]);
        let module = Module::as_user(&server.url(), "@alice:hs.test").with("access_token", "T0");
        let result = module.with("wait_timeout", 10).with("timeout", 1).run().success();
        assert_eq!(result["session"], "kept");
        assert_eq!(server.requests().len(), 2, "{reply:?}");
    });
}

#[test]
fn a_login_token_is_not_sent_again_when_a_connection_that_worked_before_dies_under_it() {
    let server = Server::http(|request| match request.method.as_str() {
        "GET" => Reply::error(401, "M_UNKNOWN_TOKEN", "Unrecognised access token"),
        _ => Reply::Raw(Vec::new()),
    });
    let folder = Folder::with_session(&server.url(), "T-OLD");
    let module = Module::as_user(&server.url(), "@alice:hs.test").with("login_token", "syl_LEAK");
    let module = module.secret("syl_LEAK").with("session_file", folder.option());
    let msg = module.with("wait_timeout", 10).run().failure_msg();
    assert!(msg.contains(" closed the connection before the answer was complete; "), "{msg}");
    assert_eq!((server.connections(), logins(&server)), (1, 1), "{msg}");
}

#[test]
fn on_the_device_of_the_stored_session_nothing_is_said_of_a_stray_one() {
    let server = Server::http(|request| match request.method.as_str() {
        "GET" => Reply::error(401, "M_UNKNOWN_TOKEN", "Unrecognised access token"),
        _ => Reply::Raw(Vec::new()),
    });
    let folder = Folder::with_session(&server.url(), "T-OLD");
    let msg = login(&server, 1).with("session_file", folder.option()).run().failure_msg();
    assert!(msg.contains(" closed the connection before the answer was complete; "), "{msg}");
    assert!(!msg.contains("may have made a session"), "{msg}");
    assert!(logins(&server) > 1, "{msg}");
}
