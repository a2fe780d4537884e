//! The recorded Matrix Authentication Service does what the real one was seen to do: else nothing that is tested on it would hold.

use std::thread::sleep;
use std::time::{Duration, Instant};

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
    assert_eq!(
        start["arguments"],
        json!(["manage", "issue-compatibility-token", localpart(&user_id), "BOT"])
    );
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
    let identifier = json!({"type": "m.id.user", "user": user_id});
    let login = json!({"type": "m.login.password", "identifier": identifier, "password": PASSWORD, "device_id": "BOT"});
    let (status, session) = mas.call("POST", "/_matrix/client/v3/login", "", &login.to_string());
    assert_eq!(status, 200, "{session}");
    session["access_token"].as_str().unwrap().to_owned()
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
