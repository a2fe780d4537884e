//! `mas_cli`: the command that issues compatibility tokens.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::thread::sleep;
use std::time::{Duration, Instant};

use rustix::process::Signal;
use serde_json::{Value, json};

use super::Bot;
use crate::support::mas::Mas;
use crate::support::module::{Module, scratch_path};
use crate::support::server::{Reply, Server};

/// A program of a test's own.
fn program(text: &str, mode: u32) -> String {
    let path = scratch_path("command");
    fs::write(&path, format!("#!/bin/sh\n{text}\n")).unwrap();
    fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
    path.to_str().unwrap().to_owned()
}

/// A login by that program at a homeserver that accepts every token.
fn by_program(text: &str) -> Module {
    let server = Server::always(Reply::Json(200, json!({"user_id": "@alice:hs.test", "device_id": "BOT"})));
    let task = Module::as_user(&server.url(), "@alice:hs.test").with("device_id", "BOT");
    task.with("mas_cli", json!([program(text, 0o700)])).with("timeout", 2)
}

#[test]
fn a_session_is_made_kept_healed_replaced_and_ended_while_logouts_take_their_time() {
    for delay in [0.005, 2.0] {
        let mas = Mas::start(&json!({"logout_delay": delay}));
        let bot = Bot::new(&mas);
        bot.live(
            || bot.by_cli(),
            || {
                mas.call("POST", "/_matrix/client/v3/logout", &bot.token(), "{}");
                while mas.whoami(&bot.token()) == 200 {
                    sleep(Duration::from_millis(100));
                }
            },
        );
        let localpart = &bot.user_id[1..bot.user_id.len() - ":hs.test".len()];
        for start in mas.cli_starts() {
            assert_eq!(start["arguments"], json!(["manage", "issue-compatibility-token", localpart, "BOT"]));
        }
    }
}

#[test]
fn the_command_gets_no_shell_no_input_and_no_secret_of_the_environment_and_its_output_may_be_any() {
    let mas = Mas::start(&json!({}));
    for knobs in [
        json!({}),
        json!({"cli_colours": true}),
        json!({"cli_stream": "stdout"}),
        json!({"cli_stream": "terminal"}),
        // What it leaves running holds the output open.
        json!({"cli_child": true}),
    ] {
        mas.set(&knobs);
        let bot = Bot::new(&mas);
        let before = Instant::now();
        let command = format!("env -u NOTHING '{}'", mas.get("mas_cli"));
        let task = bot.by_cli().with("mas_cli", command).without("device_id");
        let result = task.environment("PLANTED", "LEAK").environment("DOCKER_HOST", "unix:///x").run().success();
        assert_eq!(result["device_id"], bot.folder.session()["device_id"]);
        assert_eq!((bot.devices().len(), mas.whoami(&bot.token())), (1, 200), "{knobs}");
        assert!(before.elapsed() < Duration::from_secs(20), "{knobs}");
    }
    for start in mas.cli_starts() {
        let environment = start["environment"].as_object().unwrap();
        assert_eq!(environment.get("DOCKER_HOST"), Some(&json!("unix:///x")));
        assert!(!environment.contains_key("PLANTED"), "{environment:?}");
        assert_eq!(start["stdin"], "empty");
        assert_ne!(start["arguments"][3], "", "a device of its own is known beforehand");
    }
}

#[test]
fn a_failure_says_what_the_command_said_and_what_to_do() {
    let mas = Mas::start(&json!({}));
    let bot = Bot::new(&mas);
    let localpart = &bot.user_id[1..bot.user_id.len() - ":hs.test".len()];
    let refusal = |knobs: Value, command: &str| {
        mas.set(&knobs);
        let task = bot.by_cli().with("mas_cli", json!([command])).with("timeout", 2).secret("LEAK");
        bot.plain(&task.unprivileged().run().failure_msg()).replace(command, "COMMAND")
    };
    let cli = mas.get("mas_cli");
    let failed = |what: &str, next: &str| format!("could not log in as BOT_ID: the command `COMMAND` of `mas_cli` {what}; {next}");
    let container = "check the names in `mas_cli`, and that the container of Matrix Authentication Service runs";
    let plain = |text: String| text.replace("COMMAND", "MAS_CLI");
    for (said, expected) in [
        (
            refusal(json!({"unknown": [localpart]}), cli),
            plain(failed(
                "failed (exit status: 1): Error: User not found",
                "check `user_id`, or create the user in Matrix Authentication Service first (it knows no users of bridges)",
            )),
        ),
        (
            refusal(json!({"cli_token": "changed"}), cli),
            plain(failed(
                "succeeded, but printed no token that this module can read: it may have left a session",
                "report it with the version of Matrix Authentication Service, and give the token as `access_token` until then; end the sessions of the user that \
                 nobody needs, for they never expire",
            )),
        ),
        (
            refusal(json!({"cli_hang": 60, "cli_child": true}), cli),
            plain(failed(
                "did not end in time and was stopped, but may have left a session",
                "raise `timeout`, or run it manually to see what it waits for",
            )),
        ),
        (
            refusal(json!({"locked": [localpart]}), cli),
            "the new session was logged out again: logged in as BOT_ID, but the homeserver does not accept the new token: URL/_matrix/client/v3/account/whoami answered 401 M_UNKNOWN_TOKEN \
             (Token is not active); the homeserver refuses the token that it issued: see its log, and check that the user is not locked or deactivated"
                .into(),
        ),
        (
            refusal(json!({}), "/no/such/mas-cli"),
            failed(
                "can't be run: No such file or directory (os error 2)",
                "check `mas_cli` on the host that runs the task, which may be another one (`delegate_to`)",
            ),
        ),
        (
            refusal(json!({}), &program("", 0o600)),
            failed(
                "can't be run: Permission denied (os error 13)",
                "make it executable, or run the task as another user (`become`)",
            ),
        ),
        (
            refusal(json!({}), &program("echo 'permission denied while trying to connect to the Docker daemon socket' >&2; exit 1", 0o700)),
            failed(
                "failed (exit status: 1): permission denied while trying to connect to the Docker daemon socket",
                "run the task as a user who may run commands in containers: as root (`become: true`), or in the group docker",
            ),
        ),
        (
            refusal(json!({}), &program("echo 'Error: container 0123456789012345678901234567890123 is not running' >&2; exit 1", 0o700)),
            failed("failed (exit status: 1): Error: container ******** is not running", container),
        ),
        (
            refusal(json!({}), &program("printf '\\033[31mmct_LEAK5678901234567890123456_abcdef\\033[0m'; kill -9 $$", 0o700)),
            failed(
                "failed (signal: 9 (SIGKILL)): ********",
                "run it manually; the module itself adds `manage issue-compatibility-token`, the user and the device",
            ),
        ),
    ] {
        assert_eq!(said, expected);
    }
    let said = refusal(json!({"cli_homeserver": false}), cli);
    assert!(
        said.ends_with("; check that the homeserver runs, and that Matrix Authentication Service can reach it"),
        "{said}"
    );
    assert!(said.contains("Could not create the device on the homeserver, aborting"), "{said}");
    assert_eq!(bot.folder.names(), [""; 0]);
}

#[test]
fn what_a_command_line_does_not_carry_is_refused_before_it_runs() {
    let mas = Mas::start(&json!({}));
    let bot = Bot::new(&mas);
    for (name, value, expected) in [
        ("device_id", json!("a b"), "`device_id` may hold ASCII letters"),
        ("device_id", json!("-x"), "`device_id` may hold ASCII letters"),
        ("user_id", json!("-x"), "`user_id` begins with -"),
        ("mas_cli", json!("mas-cli 'x"), "`mas_cli` must be a command"),
        ("mas_cli", json!([]), "`mas_cli` names no command"),
        ("mas_cli", json!([["x"]]), "`mas_cli` must be a command"),
        ("mas_cli", json!("{{ command }}"), "`mas_cli` holds a Jinja expression"),
    ] {
        let msg = bot.by_cli().with(name, value).run().failure_msg();
        assert!(msg.contains(expected), "{msg}");
    }
    assert_eq!(mas.cli_starts(), [Value::Null; 0]);
}

#[test]
fn whoever_ends_the_module_ends_the_command_and_its_children() {
    let mas = Mas::start(&json!({"cli_hang": 60, "cli_child": true}));
    for (count, signal) in [(1, Signal::TERM), (2, Signal::INT), (3, Signal::HUP)] {
        let bot = Bot::new(&mas);
        let running = bot.by_cli().start();
        let deadline = Instant::now() + Duration::from_secs(10);
        while mas.cli_starts().len() < count && Instant::now() < deadline {
            sleep(Duration::from_millis(20));
        }
        let start = mas.cli_starts().pop().unwrap();
        assert_eq!(running.end_by(signal), Some(signal.as_raw()));
        for pid in [&start["pid"], &start["child"]] {
            while super::recorded::runs(&pid.to_string()) {
                assert!(Instant::now() < deadline, "{pid} lives on");
                sleep(Duration::from_millis(20));
            }
        }
        assert!(!bot.folder.path().exists());
    }
}

#[test]
fn output_is_read_as_fast_as_it_comes_and_for_a_moment_after_the_command() {
    let issued = "echo 'Compatibility token issued: mct_LEAK5678901234567890123456_abcdef'";
    for text in [
        format!("yes | head -c 100000000; {issued}"),
        format!("setsid sh -c \"sleep 0.4; {issued}\" & sleep 0.3"),
    ] {
        by_program(&text).with("timeout", 5).run().success();
    }
}

#[test]
fn whoever_ends_the_module_ends_the_command_that_is_tried_once_more() {
    // Which of several waits hears of a signal first is a matter of luck.
    for _ in 0..10 {
        let folder = scratch_path("tried");
        fs::create_dir(&folder).unwrap();
        let path = folder.display();
        let first = format!("[ -e {path}/first ] || {{ touch {path}/first; echo 'Error: container is restarting' >&2; exit 1; }}");
        let running = by_program(&format!("{first}\necho $$ >{path}/pid.new\nmv {path}/pid.new {path}/pid\nsleep 60"))
            .with("timeout", 30)
            .with("wait_timeout", 30)
            .start();
        let deadline = Instant::now() + Duration::from_secs(10);
        let pid = loop {
            match fs::read_to_string(folder.join("pid")) {
                Ok(pid) => break pid,
                Err(error) => assert!(Instant::now() < deadline, "{error}"),
            }
            sleep(Duration::from_millis(20));
        };
        assert_eq!(running.end_by(Signal::TERM), Some(Signal::TERM.as_raw()));
        while super::recorded::runs(pid.trim()) {
            assert!(Instant::now() < deadline, "the command lives on");
            sleep(Duration::from_millis(20));
        }
        fs::remove_dir_all(&folder).unwrap();
    }
}

#[test]
fn a_second_session_on_the_device_keeps_it_and_the_result_says_so() {
    let mas = Mas::start(&json!({}));
    let bot = Bot::new(&mas);
    bot.by_cli().run().success();
    let localpart = &bot.user_id[1..bot.user_id.len() - ":hs.test".len()];
    mas.run_cli(&["manage", "issue-compatibility-token", localpart, "BOT"]);
    assert_eq!(mas.whoami(&bot.token()), 200);
    let late = "the homeserver still accepts its token: it may do so for up to two minutes";
    let (changed, session, msg) = bot.said(bot.absent().run());
    assert_eq!((changed, session.as_str(), msg.contains(late)), (true, "revoked", true), "{msg}");
}

#[test]
fn a_homeserver_that_starts_is_waited_for() {
    let mas = Mas::start(&json!({"cli_homeserver": false}));
    let bot = Bot::new(&mas);
    let running = bot.by_cli().with("wait_timeout", 30).start();
    while mas.cli_starts().is_empty() {
        sleep(Duration::from_millis(20));
    }
    mas.set(&json!({}));
    running.end().success();
    assert_eq!(mas.whoami(&bot.token()), 200);
}

#[test]
fn a_daemon_that_the_command_leaves_behind_with_its_output_is_not_waited_for() {
    let before = Instant::now();
    let issued = "echo 'Compatibility token issued: mct_1'; setsid sleep 9 & sleep .5";
    assert_eq!(by_program(issued).run().success()["access_token"], "mct_1");
    let msg = by_program("setsid sleep 9 & sleep 100").run().failure_msg();
    assert!(msg.contains(" did not end in time and was stopped"), "{msg}");
    assert!(before.elapsed() < Duration::from_secs(7), "{:?}", before.elapsed());
}

#[test]
fn the_token_is_found_whatever_the_log_around_it_looks_like() {
    for text in [
        r"printf '\033[32m INFO\033[0m Compatibility token issued: \033[1mmct_1\033[0m compat_session.id=01\n' >&2",
        r"printf '\033[1mCompatibility token issued\033[0m: mct_1\r\n'",
        "head -c 100000 /dev/zero | tr '\\0' x; echo; echo 'Compatibility token issued: mct_1'",
    ] {
        assert_eq!(by_program(text).run().success()["access_token"], "mct_1", "{text}");
    }
}

#[test]
fn the_arguments_of_the_command_are_not_shown_for_they_may_hold_secrets() {
    for (command, what) in [
        (
            ["/bin/false", "--token=LEAK", "-e", "PGPASSWORD=LEAK"],
            "failed (exit status: 1): it printed nothing",
        ),
        (
            ["/no/such", "--token=LEAK", "-e", "PGPASSWORD=LEAK"],
            "can't be run: No such file or directory (os error 2)",
        ),
    ] {
        let program = command[0];
        let msg = by_program("").with("mas_cli", json!(command)).secret("LEAK").run().failure_msg();
        let expected = format!("could not log in as @alice:hs.test: the command `{program}` of `mas_cli` {what}; ");
        assert!(msg.starts_with(&expected), "{msg}");
    }
}

#[test]
fn a_container_that_restarts_is_waited_for() {
    let marker = scratch_path("restarted");
    let restarting = "Error response from daemon: Container mas is restarting, wait until the container is running";
    let marker = marker.display();
    let text = format!("[ -e {marker} ] && exec echo 'Compatibility token issued: mct_1'; touch {marker}; echo '{restarting}' >&2; exit 1");
    assert_eq!(by_program(&text).with("wait_timeout", 10).run().success()["access_token"], "mct_1");
}
