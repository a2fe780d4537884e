//! The recorded Matrix Authentication Service does what the real one was seen to do: else nothing that is tested on it would hold.

use std::fs;
use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process_group};
use serde_json::{Value, json};

use crate::support::folder::Folder;
use crate::support::mas::Mas;
use crate::support::module::{Module, PASSWORD};

const LOGOUT: &str = "/_matrix/client/v3/logout";

#[test]
fn a_token_from_mas_cli_is_taken_over_and_kept() {
    let mas = Mas::start(&json!({}));
    let user_id = mas.synapse.register("bot");
    let token = issue(&mas, &user_id, "BOT");
    let folder = Folder::new();
    let task = || {
        let task = Module::as_user(&mas.url, &user_id).secret(&token);
        task.with("access_token", token.as_str()).with("session_file", folder.option())
    };
    task().with("_ansible_no_log", true).with("return_token", "never").run().success();
    let second = task().with("return_token", "never").run().success();

    assert_eq!((&second["changed"], &second["device_id"]), (&json!(false), &json!("BOT")));
    assert_eq!(mas.synapse.devices_of(&user_id), ["BOT"]);
    let [start] = mas.cli_starts().try_into().unwrap();
    assert_eq!(start["arguments"], json!(["manage", "issue-compatibility-token", localpart(&user_id), "BOT"]));
    assert_eq!((&start["stdin"], &start["child"]), (&json!("empty"), &Value::Null));
}

#[test]
fn the_old_token_lives_on_unless_it_is_used_before_the_next_login_on_its_device() {
    let mas = Mas::start(&json!({"logout_delay": 0.005}));
    let user_id = mas.synapse.register("bot");

    let early = log_in(&mas, &user_id);
    assert_eq!(mas.whoami(&early), 200);
    log_out(&mas, &early);
    let second = log_in(&mas, &user_id);
    sleep(Duration::from_millis(100));
    assert_eq!(mas.whoami(&early), 200, "the device is there again");

    log_out(&mas, &second);
    wait_until_refused(&mas, &early);
    let third = log_in(&mas, &user_id);
    assert_eq!((mas.whoami(&early), mas.whoami(&third)), (401, 200));
    mas.requests();
}

#[test]
fn a_logout_shows_after_the_delay_that_was_set() {
    let mas = Mas::start(&json!({"logout_delay": 0}));
    let user_id = mas.synapse.register("bot");
    for delay in [0.0, 2.0] {
        mas.set(&json!({"logout_delay": delay}));
        let token = log_in(&mas, &user_id);
        assert_eq!(mas.whoami(&token), 200);
        log_out(&mas, &token);
        let start = Instant::now();
        wait_until_refused(&mas, &token);
        let waited = start.elapsed().as_secs_f64();
        assert!((delay - 0.1..delay + 1.5).contains(&waited), "{waited} s");
        assert_eq!(mas.call("POST", LOGOUT, &token, "{}").0, 401);
    }
    assert_eq!(mas.synapse.devices_of(&user_id), [""; 0]);
}

#[test]
fn a_personal_session_lives_until_it_is_revoked() {
    let mas = Mas::start(&json!({}));
    let user_id = mas.synapse.register("bot");
    let wanted = personal_session(&mas.user_ulid(localpart(&user_id)), "BOT");
    let (status, made) = mas.administer("POST", "personal-sessions", &wanted);
    let (id, token) = (text(&made["data"]["id"]), text(&made["data"]["attributes"]["access_token"]));
    assert_eq!((status, mas.whoami(token)), (201, 200));
    assert_eq!(mas.synapse.devices_of(&user_id), ["BOT"]);
    assert_eq!(mas.call("POST", LOGOUT, token, "{}").0, 401, "logging out does not end it");

    let revoke = format!("personal-sessions/{id}/revoke");
    assert_eq!(mas.administer("POST", &revoke, "").0, 200);
    assert_eq!(mas.whoami(token), 401);
    assert_eq!(mas.administer("POST", &revoke, "").0, 409);
    assert_eq!(mas.synapse.devices_of(&user_id), [""; 0]);
    mas.requests();
}

#[test]
fn a_request_that_was_not_recorded_is_refused_with_the_reason() {
    let mas = Mas::start(&json!({}));
    let user_id = mas.synapse.register("bot");
    let ulid = mas.user_ulid(localpart(&user_id));
    let token = log_in(&mas, &user_id);
    let spaced = personal_session(&ulid, "BOT").replace(":\"", ": \"");
    let expiring = personal_session(&ulid, "BOT").replace('}', ",\"expires_in\":\"3600\"}");
    let no_device = personal_session(&ulid, "").replace(" urn:matrix:client:device:", "");
    for (body, reason) in [(spaced, "compact"), (expiring, "members"), (no_device, "scope must be")] {
        let (status, answer) = mas.administer("POST", "personal-sessions", &body);
        assert_eq!(status, 500);
        assert!(text(&answer["errors"][0]["title"]).contains(reason), "{answer}");
    }
    let (status, answer) = mas.call("GET", "/api/admin/v1/version", &token, "");
    assert_eq!((status, text(&answer["errors"][0]["title"]).contains("a Matrix access token")), (500, true));
}

#[test]
fn each_knob_turns_what_it_is_named_after() {
    let mas = Mas::start(&json!({}));
    let user_id = mas.synapse.register("bot");
    let (bot, ulid) = (localpart(&user_id), mas.user_ulid(localpart(&user_id)));
    let token = log_in(&mas, &user_id);
    let whoami = || mas.whoami(&token);
    let login = || mas.call("POST", "/_matrix/client/v3/login", "", &login(&user_id));
    let create = || mas.administer("POST", "personal-sessions", &personal_session(&ulid, "NEW")).0;
    let version = || mas.administer("GET", "version", "").0;
    let cli = || mas.run_cli(&["manage", "issue-compatibility-token", bot]).status.code();

    mas.set(&json!({"admin_api": "absent"}));
    assert_eq!(version(), 404);
    mas.set(&json!({"admin_api": "elsewhere"}));
    let elsewhere = mas.administer_at(mas.get("admin_url"), "GET", "version", "").0;
    assert_eq!((version(), elsewhere), (404, 200));
    mas.set(&json!({"admin_client": false}));
    assert_eq!(mas.client_credentials().0, 403);
    mas.set(&json!({"client_auth_method": "client_secret_post"}));
    assert_eq!(mas.client_credentials().0, 401);
    mas.set(&json!({"admin_token_requests": 0}));
    assert_eq!(version(), 401);
    mas.set(&json!({"personal_sessions": false}));
    assert_eq!((create(), version()), (404, 200));
    mas.set(&json!({"deactivated": [bot]}));
    assert_eq!((create(), whoami(), login().0, cli()), (410, 401, 403, Some(0)));
    mas.set(&json!({"locked": [bot]}));
    assert_eq!((create(), whoami(), login().0, cli()), (201, 401, 401, Some(0)));
    mas.set(&json!({"unknown": [bot]}));
    assert_eq!((login().0, cli()), (403, Some(1)));
    mas.set(&json!({"routed": ["login", "refresh"]}));
    let (status, answer) = mas.call("POST", LOGOUT, &token, "{}");
    assert_eq!((status, text(&answer["errcode"])), (404, "M_UNRECOGNIZED"));
    mas.set(&json!({"passwords": false}));
    assert_eq!(text(&login().1["error"]), "Invalid login type");
    mas.set(&json!({"login_burst": 1}));
    assert_eq!((login().0, login()), (200, too_many()));
    mas.set(&json!({"cli_homeserver": false}));
    assert_eq!(cli(), Some(1));
    mas.set(&json!({}));
    assert_eq!((version(), login().0, cli()), (200, 200, Some(0)));
}

#[test]
fn mas_cli_can_hang_with_a_child_that_ends_with_its_process_group() {
    let mas = Mas::start(&json!({"cli_hang": 60, "cli_child": true}));
    let mut command = Command::new(mas.get("mas_cli"));
    let mut hanging = command.stdin(Stdio::null()).process_group(0).spawn().unwrap();
    let deadline = Instant::now() + Duration::from_secs(10);
    while mas.cli_starts().is_empty() && Instant::now() < deadline {
        sleep(Duration::from_millis(20));
    }
    let child = mas.cli_starts()[0]["child"].to_string();
    assert_eq!((hanging.try_wait().unwrap(), runs(&child)), (None, true));

    kill_process_group(Pid::from_child(&hanging), Signal::KILL).unwrap();
    hanging.wait().unwrap();
    while runs(&child) {
        assert!(Instant::now() < deadline, "the child lives on");
        sleep(Duration::from_millis(20));
    }
}

#[test]
fn mas_cli_refuses_a_shell_and_an_open_standard_input() {
    let mas = Mas::start(&json!({}));
    let stderr = |command: &mut Command| String::from_utf8(command.output().unwrap().stderr).unwrap();
    let line = format!("{} manage; true", mas.get("mas_cli"));
    let by_shell = stderr(Command::new("sh").args(["-c", &line]).stdin(Stdio::null()));
    assert_eq!(by_shell, "Error: started by a shell: sh\n");
    let (input, _open) = std::io::pipe().unwrap();
    let with_input = stderr(Command::new(mas.get("mas_cli")).stdin(input));
    assert_eq!(with_input, "Error: standard input is open\n");
}

/// A zombie doesn't.
pub fn runs(pid: &str) -> bool {
    fs::read_to_string(format!("/proc/{pid}/stat")).is_ok_and(|stat| !stat.contains(") Z "))
}

fn too_many() -> (u16, Value) {
    (429, json!({"errcode": "M_LIMIT_EXCEEDED", "error": "Too many login attempts"}))
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

/// The members in the recorded order, which is that of the alphabet.
fn personal_session(ulid: &str, device_id: &str) -> String {
    let scope = format!("urn:matrix:client:api:* urn:matrix:client:device:{device_id}");
    json!({"actor_user_id": ulid, "human_name": "Bot by Ansible", "scope": scope}).to_string()
}

fn issue(mas: &Mas, user_id: &str, device_id: &str) -> String {
    let output = mas.run_cli(&["manage", "issue-compatibility-token", localpart(user_id), device_id]);
    let shown = String::from_utf8(output.stderr).unwrap();
    let token = shown.split_once("Compatibility token issued: ").expect(&shown).1;
    token.split_once(' ').unwrap().0.to_owned()
}

fn localpart(user_id: &str) -> &str {
    user_id.trim_start_matches('@').split_once(':').unwrap().0
}

fn log_in(mas: &Mas, user_id: &str) -> String {
    let post = || mas.call("POST", "/_matrix/client/v3/login", "", &login(user_id));
    let (mut status, mut session) = post();
    // Synapse, if it deletes the device meanwhile.
    while session["error"] == "Login raced against device deletion" {
        (status, session) = post();
    }
    assert_eq!(status, 200, "{session}");
    session["access_token"].as_str().unwrap().to_owned()
}

fn login(user_id: &str) -> String {
    let identifier = json!({"type": "m.id.user", "user": user_id});
    json!({"type": "m.login.password", "identifier": identifier, "password": PASSWORD, "device_id": "BOT"}).to_string()
}

fn log_out(mas: &Mas, token: &str) {
    assert_eq!(mas.call("POST", LOGOUT, token, "{}"), (200, json!({})));
}

fn wait_until_refused(mas: &Mas, token: &str) {
    let deadline = Instant::now() + Duration::from_secs(10);
    while mas.whoami(token) == 200 {
        assert!(Instant::now() < deadline, "the token lives on");
        sleep(Duration::from_millis(20));
    }
}
