//! A session that has died, or is to be replaced: one live token is left, and no stray device.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use serde_json::{Value, json};

use crate::support::bot::Bot;
use crate::support::folder::Folder;
use crate::support::module::Module;
use crate::support::server::{Reply, Server};

#[test]
fn a_session_that_died_is_replaced_on_its_device() {
    let bot = Bot::new("healed");
    let first = bot.task().run().success();
    let devices = bot.devices();
    bot.homeserver.log_out(&bot.folder.access_token());
    let second = bot.task().run().success();
    assert_eq!(
        second,
        json!({
            "changed": true,
            "msg": format!("logged in as {} on device {} at {}", bot.user_id, devices[0], bot.homeserver.url),
            "access_token": second["access_token"],
            "user_id": bot.user_id,
            "device_id": first["device_id"],
            "homeserver_url": bot.homeserver.url,
            "session": "new",
            "ansible_facts": {"matrix_access_token": second["access_token"]},
        })
    );
    assert_ne!(first["access_token"], second["access_token"]);
    assert_eq!((bot.works(), bot.devices()), (true, devices));
    assert_eq!(bot.folder.access_token(), second["access_token"]);
}

#[test]
fn a_session_that_died_and_no_credential_is_a_clear_failure() {
    let bot = Bot::new("helpless");
    let first = bot.task().with("device_id", "BOT").run().success();
    let bytes = bot.folder.bytes();
    bot.homeserver.log_out(&bot.folder.access_token());
    let token = first["access_token"].as_str().unwrap();
    assert_eq!(
        bot.task().without("password").secret(token).run().failure_msg(),
        format!(
            "the stored session of {} on device BOT at {} is no longer valid, and there is no credential to log in with: give `password` or another credential",
            bot.user_id, bot.homeserver.url
        )
    );
    assert_eq!(bot.folder.bytes(), bytes);
}

#[test]
fn force_on_a_pinned_device_leaves_one_live_token_and_none_of_the_old_keys() {
    let bot = Bot::new("rotated");
    let task = || bot.task().with("device_id", "BOT");
    let old = task().run().success();
    // The token has leaked, somebody else has logged in on the device, and it holds keys.
    let leaked = bot.homeserver.log_in(&bot.user_id, "BOT");
    bot.homeserver.upload_device_keys(&bot.user_id, "BOT", &leaked);
    let new = task().with("force", true).with("require_clean_device", true).run().success();
    assert_eq!((&new["changed"], &new["session"], &new["device_id"]), (&json!(true), &json!("new"), &json!("BOT")));
    let alive = |token: &Value| bot.homeserver.accepts(token.as_str().unwrap());
    assert_eq!((alive(&old["access_token"]), bot.homeserver.accepts(&leaked)), (false, false));
    assert_eq!(
        (alive(&new["access_token"]), bot.folder.access_token()),
        (true, new["access_token"].as_str().unwrap().into())
    );
    assert_eq!(bot.devices(), ["BOT"]);
}

#[test]
fn force_without_a_device_moves_to_a_new_one_and_ends_the_old() {
    let bot = Bot::new("moved");
    let old = bot.task().run().success();
    let new = bot.task().with("force", true).run().success();
    assert_ne!(old["device_id"], new["device_id"]);
    assert_eq!(bot.devices(), [new["device_id"].as_str().unwrap()]);
    assert!(bot.works() && !bot.homeserver.accepts(old["access_token"].as_str().unwrap()));
}

#[test]
fn another_device_id_ends_the_old_session_after_the_new_one_is_safe() {
    let bot = Bot::new("renamed");
    let old = bot.task().with("device_id", "OLD").run().success();
    let new = bot.task().with("device_id", "NEW").run().success();
    assert_eq!((&new["changed"], &new["device_id"]), (&json!(true), &json!("NEW")));
    assert_eq!(bot.devices(), ["NEW"]);
    assert!(bot.works() && !bot.homeserver.accepts(old["access_token"].as_str().unwrap()));
}

#[test]
fn taking_a_token_over_ends_the_session_that_the_file_held() {
    let bot = Bot::new("ousted");
    let old = bot.task().with("device_id", "OLD").run().success();
    let token = bot.homeserver.log_in(&bot.user_id, "GIVEN");
    bot.task().with("access_token", token.as_str()).run().success();
    assert_eq!(bot.devices(), ["GIVEN"]);
    assert!(bot.works() && !bot.homeserver.accepts(old["access_token"].as_str().unwrap()));
}

#[test]
fn an_old_session_that_cannot_be_ended_is_a_warning_for_the_new_one_is_safe() {
    let server = Server::http(|request| match request.path.as_str() {
        "/_matrix/client/v3/login" => Reply::Json(200, json!({"user_id": "@alice:hs.test", "access_token": "T2", "device_id": "NEW"})),
        "/_matrix/client/v3/logout" => Reply::error(500, "M_UNKNOWN", "Internal server error"),
        _ if request.header("Authorization") == Some("Bearer T2") => {
            Reply::Json(200, json!({"user_id": "@alice:hs.test", "device_id": "NEW"}))
        }
        _ => Reply::Json(200, json!({"user_id": "@alice:hs.test", "device_id": "BOT"})),
    });
    let folder = Folder::with_session(&server.url(), "syt_OLD_1");
    let task = Module::login(&server.url(), "@alice:hs.test").with("session_file", folder.option());
    let result = task.with("device_id", "NEW").secret("syt_OLD_1").run().success();
    let url = server.url();
    assert_eq!(
        result["warnings"],
        json!([format!(
            "the old session of @alice:hs.test on device BOT at {url} could not be logged out, log it out manually: \
             {url}/_matrix/client/v3/logout answered 500 M_UNKNOWN (Internal server error)"
        )])
    );
    assert_eq!(folder.access_token(), "T2");
}

/// Logs in once, then refuses it in this way so often.
fn grudging_server(refusal: Reply, times: usize) -> Server {
    let (logins, out) = (AtomicUsize::new(0), AtomicBool::new(false));
    Server::http(move |request| match request.path.as_str() {
        "/_matrix/client/v3/login" => match logins.fetch_add(1, Ordering::Relaxed) {
            number if (1..=times).contains(&number) => refusal.clone(),
            number => Reply::Json(200, json!({"user_id": "@alice:hs.test", "access_token": format!("T{number}"), "device_id": "BOT"})),
        },
        "/_matrix/client/v3/logout" => {
            out.store(true, Ordering::Relaxed);
            Reply::Json(200, json!({}))
        }
        _ if out.load(Ordering::Relaxed) && matches!(request.header("Authorization"), Some("Bearer T0" | "Bearer syt_OLD_1")) => {
            Reply::error(401, "M_UNKNOWN_TOKEN", "Invalid access token passed.")
        }
        _ => Reply::Json(200, json!({"user_id": "@alice:hs.test", "device_id": "BOT"})),
    })
}

fn replaced_on_its_device(server: &Server, folder: &Folder) -> Module {
    let task = Module::login(&server.url(), "@alice:hs.test").with("session_file", folder.option());
    task.with("device_id", "BOT").with("force", true).secret("syt_OLD_1").secret("T0")
}

#[test]
fn when_the_second_login_on_a_cleared_device_is_refused_what_is_left_is_said() {
    let server = grudging_server(Reply::error(500, "M_UNKNOWN", "Internal server error"), 1);
    let folder = Folder::with_session(&server.url(), "syt_OLD_1");
    let msg = replaced_on_its_device(&server, &folder).run().failure_msg();
    assert_eq!(
        msg,
        format!(
            "the device BOT and its old sessions are gone, but there is no new session yet: run the task again: \
             could not log in as @alice:hs.test: {}/_matrix/client/v3/login answered 500 M_UNKNOWN (Internal server error); \
             the homeserver has an internal error: see its log",
            server.url()
        )
    );
    assert_eq!(
        server.asked(),
        [
            "POST /_matrix/client/v3/login",
            "GET /_matrix/client/v3/account/whoami",
            "POST /_matrix/client/v3/logout",
            "GET /_matrix/client/v3/account/whoami",
            "GET /_matrix/client/v3/account/whoami",
            "POST /_matrix/client/v3/login"
        ]
    );
}

#[test]
fn the_second_login_on_a_cleared_device_is_waited_for_whatever_wait_timeout_says() {
    let server = grudging_server(Reply::http(429, "Retry-After: 1\r\n", r#"{"errcode":"M_LIMIT_EXCEEDED"}"#), 2);
    let folder = Folder::with_session(&server.url(), "syt_OLD_1");
    let task = replaced_on_its_device(&server, &folder).with("wait_timeout", 0);
    assert_eq!(task.run().success()["session"], "new");
    assert_eq!(folder.access_token(), "T3");
}

#[test]
fn a_wrong_password_with_force_harms_nothing() {
    let bot = Bot::new("unforced");
    bot.task().with("device_id", "BOT").run().success();
    let task = bot.task().with("device_id", "BOT").with("force", true).with("password", "wrong");
    assert_eq!(task.run().failure()["errcode"], "M_FORBIDDEN");
    assert!(bot.works());
}
