//! A run that is killed at any moment: the file holds one of the two sessions, whole, and the next run heals the rest.
//! And one that is stopped for a while, as by Ctrl-Z, a debugger, or a machine that goes to sleep.

use std::collections::BTreeMap;
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex};
use std::thread::sleep;
use std::time::Instant;

use serde_json::{Value, json};

use crate::support::folder::Folder;
use crate::support::module::Module;
use crate::support::server::{Reply, Request, Server};

/// What a homeserver knows of its tokens: those that work with their devices, and how many it ever gave.
#[derive(Clone, Default)]
struct Tokens(Arc<Mutex<(BTreeMap<String, Value>, usize)>>);

impl Tokens {
    fn issue(&self, device_id: Option<&Value>) -> (String, Value) {
        let mut tokens = self.0.lock().unwrap();
        tokens.1 += 1;
        let token = format!("T{}", tokens.1);
        let device_id = device_id.cloned().unwrap_or(json!(token));
        tokens.0.insert(token.clone(), device_id.clone());
        (token, device_id)
    }

    fn works(&self, token: &str) -> bool {
        self.0.lock().unwrap().0.contains_key(token)
    }

    /// A device for each token, unless the login names one: its tokens share it and end together.
    fn answer(&self, request: &Request) -> Reply {
        let token = request.header("Authorization").unwrap_or_default().replace("Bearer ", "");
        match request.path.as_str() {
            "/_matrix/client/v3/login" => {
                let (token, device_id) = self.issue(request.json().get("device_id"));
                Reply::Json(200, json!({"user_id": "@alice:hs.test", "access_token": token, "device_id": device_id}))
            }
            "/_matrix/client/v3/logout" => {
                let tokens = &mut self.0.lock().unwrap().0;
                let ended = tokens.remove(&token);
                tokens.retain(|_, device_id| Some(&*device_id) != ended.as_ref());
                Reply::Json(200, json!({}))
            }
            _ if self.works(&token) => Reply::Json(200, json!({"user_id": "@alice:hs.test"})),
            _ => Reply::error(401, "M_UNKNOWN_TOKEN", "Invalid access token passed."),
        }
    }
}

/// Kills `runs` runs of the task, spread over the time that one takes and more; checks after each what `holds`.
fn kill_at_any_moment(runs: u32, folder: &Folder, task: impl Fn() -> Module, holds: impl Fn(&Value)) {
    let start = Instant::now();
    task().run().success();
    let mut longest = start.elapsed() * 2;
    let (mut too_early, mut late_enough) = (0, 0);
    // On a machine that has slowed down meanwhile, no run may have come far: then once more, with more time.
    while late_enough == 0 {
        for run in 0..runs {
            let before = folder.access_token();
            let running = task().start();
            sleep(longest * run / runs);
            running.kill();
            // `session` fails on anything but a whole JSON object.
            holds(&folder.session());
            assert!(
                folder.names().iter().all(|name| name == "session.json" || name == ".session.json.new"),
                "{:?}",
                folder.names()
            );
            assert_eq!(folder.path().metadata().unwrap().permissions().mode() & 0o777, 0o600);
            *(if folder.access_token() == before { &mut too_early } else { &mut late_enough }) += 1;
        }
        longest *= 2;
    }
    assert!(too_early > 0, "all {late_enough} runs were killed too late to find anything out");
    task().run().success();
    assert_eq!(folder.names(), ["session.json"]);
}

#[test]
fn the_file_always_holds_a_session_that_works_while_it_moves_from_device_to_device() {
    let tokens = Tokens::default();
    let server = Server::http({
        let tokens = tokens.clone();
        move |request| tokens.answer(request)
    });
    let folder = Folder::new();
    let task = || {
        let task = Module::login(&server.url(), "@alice:hs.test").with("session_file", folder.option());
        task.with("force", true)
    };
    kill_at_any_moment(240, &folder, task, |session| {
        let token = session["access_token"].as_str().unwrap();
        assert!(tokens.works(token), "{token} is lost");
        assert_eq!(
            *session,
            json!({"homeserver": server.url(), "user_id": "@alice:hs.test", "device_id": token, "access_token": token})
        );
    });
}

#[test]
fn the_file_always_holds_one_whole_session_while_a_device_is_cleared() {
    let tokens = Tokens::default();
    let server = Server::http(move |request| tokens.answer(request));
    let folder = Folder::new();
    let task = || {
        let task = Module::login(&server.url(), "@alice:hs.test").with("session_file", folder.option());
        task.with("force", true).with("device_id", "BOT")
    };
    kill_at_any_moment(60, &folder, task, |session| {
        let token = &session["access_token"];
        assert_eq!(
            *session,
            json!({"homeserver": server.url(), "user_id": "@alice:hs.test", "device_id": "BOT", "access_token": token})
        );
    });
    // Whichever token was left, the next run without `force` ends with one that works.
    let task = Module::login(&server.url(), "@alice:hs.test").with("session_file", folder.option());
    assert_eq!(task.run().success()["access_token"], folder.access_token());
}

/// A homeserver whose access tokens expire once they were proved: the refresh token it took last, and the one it gave for it.
/// The former may be sent again until the latter is used.
#[derive(Clone, Default)]
struct Pairs(Arc<Mutex<(usize, usize)>>, Arc<AtomicUsize>);

impl Pairs {
    fn takes(&self, refresh_token: &Value) -> bool {
        let (taken, given) = *self.0.lock().unwrap();
        [taken, given].iter().any(|number| *refresh_token == json!(format!("R{number}")))
    }

    fn answer(&self, request: &Request) -> Reply {
        if request.path != "/_matrix/client/v3/refresh" {
            let (_, given) = *self.0.lock().unwrap();
            if request.header("Authorization") == Some(&format!("Bearer T{given}")) && self.1.swap(given, Ordering::SeqCst) < given {
                return Reply::Json(200, json!({"user_id": "@alice:hs.test", "device_id": "BOT"}));
            }
            return Reply::Json(401, json!({"errcode": "M_UNKNOWN_TOKEN", "error": "Access token has expired", "soft_logout": true}));
        }
        let refresh_token = request.json()["refresh_token"].clone();
        if !self.takes(&refresh_token) {
            return Reply::error(401, "M_UNKNOWN_TOKEN", "refresh token does not exist");
        }
        let mut pairs = self.0.lock().unwrap();
        let (_, given) = *pairs;
        let taken = refresh_token.as_str().unwrap()[1..].parse().unwrap();
        *pairs = (taken, given + 1);
        Reply::Json(200, json!({"access_token": format!("T{}", given + 1), "refresh_token": format!("R{}", given + 1)}))
    }
}

#[test]
fn the_file_always_holds_a_refresh_token_that_the_server_still_takes() {
    let pairs = Pairs::default();
    let server = Server::http({
        let pairs = pairs.clone();
        move |request| pairs.answer(request)
    });
    let folder = Folder::with_session(&server.url(), "T0");
    let mut session = folder.session();
    session["refresh_token"] = json!("R0");
    folder.store(&session);
    fs::set_permissions(folder.path(), Permissions::from_mode(0o600)).unwrap();
    let task = || Module::new().with("session_file", folder.option()).with("wait_timeout", 0);
    kill_at_any_moment(60, &folder, task, |session| {
        assert!(pairs.takes(&session["refresh_token"]), "{session} can't be refreshed any more");
    });
}

#[test]
fn a_run_that_was_stopped_still_hears_the_answer() {
    let (tell_asked, asked) = channel();
    let (answer, may_answer) = channel();
    let may_answer = Mutex::new(may_answer);
    let server = Server::http(move |request| {
        if request.method == "POST" {
            tell_asked.send(()).unwrap();
            may_answer.lock().unwrap().recv().unwrap();
        }
        Reply::Json(200, json!({"user_id": "@alice:hs.test", "access_token": "T0", "device_id": "D"}))
    });
    let running = Module::login(&server.url(), "@alice:hs.test").start();
    asked.recv().unwrap();
    running.interrupt();
    answer.send(()).unwrap();
    assert_eq!(running.end().success()["access_token"], "T0");
}
