//! Homeservers that are not there yet.

use std::thread;
use std::time::Duration;

use super::{login, logins, server_after, session};
use crate::support::module::{Module, PASSWORD};
use crate::support::server::{Reply, Server, silent_port};

#[test]
fn one_that_starts_three_seconds_later_is_waited_for_without_any_option() {
    let port = silent_port();
    let module = Module::new()
        .with("homeserver_url", format!("http://127.0.0.1:{port}"))
        .with("user_id", "@alice:hs.test")
        .with("password", PASSWORD);
    let later = thread::spawn(move || {
        thread::sleep(Duration::from_secs(3));
        Server::always_at(port, session())
    });
    assert_eq!(module.confined().run().success()["access_token"], "T0");
    assert_eq!(
        later.join().unwrap().asked(),
        ["POST /_matrix/client/v3/login", "GET /_matrix/client/v3/account/whoami"]
    );
}

#[test]
fn the_errors_of_a_gateway_are_waited_out() {
    let server = server_after(vec![
        Reply::http(502, "", "<html>Bad Gateway</html>"),
        Reply::http(503, "", "<html>Service Unavailable</html>"),
        Reply::error(503, "M_UNKNOWN", "Service unavailable"),
    ]);
    assert_eq!(login(&server, 10).run().success()["access_token"], "T0");
    assert_eq!(logins(&server), 4);
}

#[test]
fn one_that_never_comes_is_given_up_when_the_time_is_up() {
    let url = format!("http://127.0.0.1:{}", silent_port());
    let module = Module::login(&url, "@alice:hs.test").with("wait_timeout", 1).confined();
    assert_eq!(
        module.run().failure_msg(),
        format!(
            "could not log in as @alice:hs.test: {url}/_matrix/client/v3/login could not be reached: connection refused; \
             check `homeserver_url`, and that the homeserver runs and can be reached from the host that runs the task"
        )
    );
}

#[test]
fn what_explains_a_failure_is_not_waited_for() {
    let server = Server::http(|request| match request.method.as_str() {
        "POST" => Reply::error(404, "M_UNRECOGNIZED", "Unrecognized request"),
        _ => Reply::http(503, "", "<html>"),
    });
    login(&server, 60).run().failure();
    assert_eq!(logins(&server), 1);
}
