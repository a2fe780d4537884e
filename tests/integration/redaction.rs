//! `return_token`, and what a drop-in task does when Ansible would show the token.

use std::fs;
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};

use crate::support::folder::Folder;
use crate::support::module::{ArgsFile, BINARY, Module};
use crate::support::server::{Reply, Server};

const TOKEN: &str = "syt_LEAK_4711";

fn server() -> Server {
    Server::always(Reply::Json(200, json!({"user_id": "@alice:hs.test", "access_token": TOKEN, "device_id": "D"})))
}

#[test]
fn without_no_log_nothing_is_asked_and_the_missing_line_is_named() {
    let server = server();
    for module in [
        Module::login(&server.url(), "@alice:hs.test").with("_ansible_no_log", false),
        Module::login(&server.url(), "@alice:hs.test").with("_ansible_no_log", Value::Null),
    ] {
        let msg = module.secret(TOKEN).run().failure_msg();
        assert_eq!(
            msg,
            "the access token would be shown in Ansible's output, so nothing was done: add `no_log: true` to this task \
             (or set `return_token` to `always` to have it shown all the same)"
        );
    }
    assert_eq!(server.asked(), [""; 0]);
}

#[test]
fn always_returns_the_token_whatever_the_task_says() {
    let result = Module::login(&server().url(), "@alice:hs.test")
        .with("_ansible_no_log", false)
        .with("return_token", "always")
        .run()
        .success();
    assert_eq!(
        (&result["access_token"], &result["ansible_facts"]),
        (&json!(TOKEN), &json!({"matrix_access_token": TOKEN}))
    );
}

#[test]
fn never_returns_no_token_even_if_the_task_hides_it() {
    for no_log in [true, false] {
        let folder = Folder::new();
        let module = Module::login(&server().url(), "@alice:hs.test")
            .with("session_file", folder.option())
            .with("_ansible_no_log", no_log)
            .with("return_token", "never")
            .secret(TOKEN);
        let result = module.run().success();
        assert_eq!((result.get("access_token"), &result["ansible_facts"]), (None, &json!({})));
        assert_eq!(folder.access_token(), TOKEN);
    }
}

#[test]
fn an_error_text_that_repeats_the_password_is_not_passed_on() {
    let server = Server::http(|request| {
        let password = request.json()["password"].clone();
        Reply::error(403, "M_FORBIDDEN", &format!("no user has the password {}", password.as_str().unwrap()))
    });
    let msg = Module::login(&server.url(), "@alice:hs.test").run().failure_msg();
    assert!(msg.contains("(no user has the password ********)"), "{msg}");
}

#[test]
fn a_crash_would_leave_no_image_of_the_memory() {
    let server = Server::always(Reply::Silence(Duration::from_secs(10)));
    let options = json!({"homeserver_url": server.url(), "user_id": "@alice:hs.test", "password": "x", "return_token": "always"});
    let file = ArgsFile::new(&options);
    let mut child = Command::new(BINARY).arg(&file.0).stdout(Stdio::null()).spawn().unwrap();
    while server.requests().is_empty() {
        thread::sleep(Duration::from_millis(5));
    }
    let limits = fs::read_to_string(format!("/proc/{}/limits", child.id())).unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    let core = limits.lines().find_map(|line| line.strip_prefix("Max core file size")).unwrap();
    assert_eq!(core.split_whitespace().collect::<Vec<_>>(), ["0", "0", "bytes"]);
}
