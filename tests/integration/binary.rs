//! The binary as such: one JSON object whatever it is given, help for people.

use std::io::Write;
use std::os::unix::fs::MetadataExt;
use std::process::{Command, Stdio};
use std::{env, fs};

use serde_json::{Value, json};

use crate::support::module::{ArgsFile, BINARY, Outcome, PASSWORD};
use crate::support::server::{Reply, Server};

fn msg_of(arguments: &[&str]) -> Value {
    let output = Command::new(BINARY).args(arguments).output().unwrap();
    Outcome::of(&output, &[]).failure()["msg"].clone()
}

#[test]
fn without_exactly_one_argument_it_says_how_it_is_called() {
    let usage = json!("this module takes one argument, the path of a JSON file with its options, or - for standard input; see --help");
    assert_eq!(msg_of(&[]), usage);
    assert_eq!(msg_of(&["a", "b"]), usage);
}

#[test]
fn whatever_is_in_the_file_one_json_object_comes_out_and_nothing_is_echoed() {
    for bytes in [
        &b""[..],
        b"{\"password\": \"hunter2\"",
        b"[\"hunter2\"]",
        b"\"hunter2\"",
        b"{\"password\": \"hunter2\", \"timeout\": NaN}",
        b"{\"password\": \"hunter2\", \"user\": \"caf\\udce9\"}",
        b"{\"password\": \"hunter2\xff\"}",
        b"hunter2",
    ] {
        let file = ArgsFile::raw(bytes);
        let output = Command::new(BINARY).arg(&file.0).output().unwrap();
        Outcome::of(&output, &["hunter2".into()]).failure();
    }
}

#[test]
fn a_file_that_cannot_be_read_is_named() {
    let msg = msg_of(&["/nonexistent/args.json"]);
    assert!(msg.as_str().unwrap().contains("/nonexistent/args.json"), "{msg}");
}

#[test]
fn options_can_come_from_standard_input() {
    let server = Server::always(Reply::Json(200, json!({"user_id": "@a:hs.test", "access_token": "T0", "device_id": "D"})));
    let options = json!({"homeserver_url": server.url(), "user_id": "@a:hs.test", "password": "x", "return_token": "always"});
    let result = with_standard_input(Command::new(BINARY).arg("-"), &options).success();
    assert_eq!(result["access_token"], "T0");
}

#[test]
fn help_names_every_option_and_version_is_that_of_the_crate() {
    let help = Command::new(BINARY).arg("--help").output().unwrap();
    let text = String::from_utf8(help.stdout).unwrap();
    for argument in matrix_access_token::access_token::options::ARGUMENT_SPEC.arguments {
        assert!(text.contains(argument.name), "{} is missing in: {text}", argument.name);
    }
    let version = Command::new(BINARY).arg("--version").output().unwrap();
    assert_eq!(
        String::from_utf8(version.stdout).unwrap(),
        format!("matrix_access_token {}\n", env!("CARGO_PKG_VERSION"))
    );
}

#[test]
fn a_closed_standard_output_is_no_reason_to_panic() {
    let mut child = Command::new(BINARY).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), output.stderr.as_slice()), (Some(1), &b""[..]));
}

#[test]
fn even_a_panic_is_one_json_object() {
    let output = Command::new(BINARY).env("MATRIX_ACCESS_TOKEN_PANIC", "1").output().unwrap();
    let msg = "matrix_access_token internal error: please report what the task was doing, without its secrets";
    assert_eq!(Outcome::of(&output, &[]).failure()["msg"], msg);
}

#[test]
fn where_there_may_be_no_more_threads_a_failure_comes_out() {
    // Root always may have more.
    let folder = env::temp_dir().join(format!("matrix_access_token-thread-{}", std::process::id()));
    fs::create_dir(&folder).unwrap();
    let binary = folder.join("matrix_access_token");
    // By another process: a test beside may start one that inherits what is open for writing here, and then the copy could not be run.
    assert!(Command::new("cp").arg(BINARY).arg(&binary).status().unwrap().success());
    let is_root = fs::metadata("/proc/self").unwrap().uid() == 0;
    let as_nobody: &[&str] = if is_root { &["--reuid=65534", "--clear-groups"] } else { &[] };
    let server = Server::always(Reply::Json(200, json!({"user_id": "@a:hs.test", "access_token": "T0", "device_id": "D"})));
    let url = format!("http://localhost:{}", server.port);
    let options = json!({"homeserver_url": url, "user_id": "@a:hs.test", "password": PASSWORD, "_ansible_no_log": true});
    let mut command = Command::new("setpriv");
    command.args(as_nobody).args(["prlimit", "--nproc=1:1", "--"]).arg(&binary).arg("-");
    let outcome = with_standard_input(&mut command, &options);
    fs::remove_dir_all(&folder).unwrap();
    let msg = "matrix_access_token internal error: please report what the task was doing, without its secrets";
    assert_eq!(outcome.failure()["msg"], msg);
}

fn with_standard_input(command: &mut Command, options: &Value) -> Outcome {
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(options.to_string().as_bytes()).unwrap();
    Outcome::of(&child.wait_with_output().unwrap(), &[PASSWORD.into()])
}
