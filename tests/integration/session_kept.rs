//! A session that works is kept, whichever way it was given, and somebody else's is left alone.

use serde_json::json;

use crate::support::bot::Bot;
use crate::support::folder::{Folder, session};
use crate::support::module::Module;
use crate::support::server::{Reply, Server};

#[test]
fn a_second_run_changes_nothing() {
    let bot = Bot::new("kept");
    let first = bot.task().run().success();
    let (bytes, devices) = (bot.folder.bytes(), bot.devices());
    let second = bot.task().run().success();
    let device_id = &first["device_id"];
    assert_eq!(
        second,
        json!({
            "changed": false,
            "msg": format!("the session of {} on device {} at {} works", bot.user_id, device_id.as_str().unwrap(), bot.homeserver.url),
            "access_token": first["access_token"],
            "user_id": bot.user_id,
            "device_id": device_id,
            "homeserver_url": bot.homeserver.url,
            "session": "kept",
            "ansible_facts": {"matrix_access_token": first["access_token"]},
        })
    );
    assert_eq!((bot.folder.bytes(), bot.devices()), (bytes, devices));
    assert_eq!(bot.folder.names(), ["session.json"]);
}

#[test]
fn the_file_is_enough_for_a_task_without_url_user_or_password() {
    let bot = Bot::new("alone");
    let first = bot.task().run().success();
    let second = Module::new().with("session_file", bot.folder.option()).run().success();
    assert_eq!(
        (&second["changed"], &second["access_token"], &second["user_id"]),
        (&json!(false), &first["access_token"], &json!(bot.user_id))
    );
}

#[test]
fn keeping_a_session_takes_one_request() {
    let server = Server::always(Reply::Json(200, json!({"user_id": "@alice:hs.test", "device_id": "BOT"})));
    let folder = Folder::with_session(&server.url(), "T1");
    let task = Module::login(&server.url(), "@alice:hs.test").with("session_file", folder.option());
    assert_eq!(task.run().success()["changed"], false);
    assert_eq!(server.asked(), ["GET /_matrix/client/v3/account/whoami"]);
    assert_eq!(server.requests()[0].header("Authorization"), Some("Bearer T1"));
}

#[test]
fn the_file_of_another_program_is_understood_and_its_missing_device_told() {
    let bot = Bot::new("nio");
    let token = bot.homeserver.log_in(&bot.user_id, "NIO");
    let foreign =
        json!({"homeserver": format!("{}/", bot.homeserver.url), "user_id": bot.user_id, "access_token": token, "room_id": "!r:x"});
    bot.folder.store(&foreign);
    let result = bot.task().run().success();
    assert_eq!(
        (&result["changed"], &result["device_id"], &result["access_token"]),
        (&json!(false), &json!("NIO"), &json!(token))
    );
    assert_eq!(bot.folder.session(), foreign);
}

#[test]
fn a_given_token_is_taken_over_into_the_file_and_then_kept() {
    let bot = Bot::new("given");
    let token = bot.homeserver.log_in(&bot.user_id, "BOT");
    let task = || bot.task().without("password").with("access_token", token.as_str());
    let first = task().run().success();
    let expected = json!({
        "changed": true,
        "msg": format!("took over the session of {} on device BOT at {}", bot.user_id, bot.homeserver.url),
        "access_token": token,
        "user_id": bot.user_id,
        "device_id": "BOT",
        "homeserver_url": bot.homeserver.url,
        "session": "kept",
        "ansible_facts": {"matrix_access_token": token},
    });
    assert_eq!(first, expected);
    let stored = json!({"homeserver": bot.homeserver.url, "user_id": bot.user_id, "device_id": "BOT", "access_token": token});
    assert_eq!(bot.folder.session(), stored);
    assert_eq!(task().run().success()["changed"], false);
    assert_eq!(bot.task().run().success()["access_token"], token.as_str());
    assert_eq!(bot.devices(), ["BOT"]);
}

#[test]
fn a_given_token_is_stored_again_when_its_homeserver_has_moved() {
    let server = || Server::always(Reply::Json(200, json!({"user_id": "@alice:hs.test", "device_id": "BOT"})));
    let (old, new) = (server(), server());
    let folder = Folder::with_session(&old.url(), "T1");
    let task = || {
        let task = Module::new().with("homeserver_url", new.url()).with("access_token", "T1");
        task.with("session_file", folder.option()).run().success()
    };
    assert_eq!(task()["changed"], true);
    assert_eq!(folder.session(), session(&new.url(), "T1"));
    assert_eq!(task()["changed"], false);
    assert_eq!(old.asked(), [""; 0]);
}

#[test]
fn a_given_token_of_an_oauth_session_earns_a_warning_that_it_will_not_last() {
    let server = Server::always(Reply::Json(200, json!({"user_id": "@alice:hs.test", "device_id": "BOT"})));
    let task = |token: &str| {
        let task = Module::new().with("homeserver_url", server.url()).with("access_token", token);
        task.run().success()
    };
    assert_eq!(
        task("mat_T1")["warnings"],
        json!([
            "the token belongs to an OAuth session of Matrix Authentication Service (it starts with mat_): it expires within minutes to hours, \
             and only the client it was made for can refresh it; log in for a session of this task's own instead of giving `access_token`"
        ])
    );
    assert_eq!(task("mct_T1").get("warnings"), None);
}

#[test]
fn a_working_session_of_another_user_is_refused_and_stays() {
    let (alice, bob) = (Bot::new("owner"), Bot::new("intruder"));
    alice.task().with("device_id", "BOT").run().success();
    let bytes = alice.folder.bytes();
    for force in [false, true] {
        let task = bob.task().with("session_file", alice.folder.option()).with("force", force);
        assert_eq!(
            task.run().failure_msg(),
            format!(
                "`session_file` holds a session of {} that works, and it may be the only copy: give another session_file, or the right `user_id`",
                alice.user_id
            )
        );
    }
    assert_eq!((alice.folder.bytes(), alice.works()), (bytes, true));
    assert_eq!(bob.devices(), [""; 0]);
}

#[test]
fn a_given_token_of_another_user_is_refused() {
    let bot = Bot::new("stranger");
    let token = bot.homeserver.log_in(&bot.homeserver.register("victim"), "BOT");
    let msg = bot.task().with("access_token", token.as_str()).secret(&token).run().failure_msg();
    assert!(msg.starts_with("`access_token` holds a session of @victim"), "{msg}");
    assert_eq!((bot.folder.names(), bot.devices()), (vec![], vec![]));
    assert!(bot.homeserver.accepts(&token));
}

#[test]
fn the_session_of_a_locked_user_is_neither_replaced_nor_dropped() {
    let bot = Bot::new("locked");
    bot.task().run().success();
    let bytes = bot.folder.bytes();
    bot.homeserver.lock(&bot.user_id, true);
    let result = bot.task().run().failure();
    assert_eq!((&result["errcode"], &result["http_status"]), (&json!("M_USER_LOCKED"), &json!(401)));
    assert!(
        result["msg"]
            .as_str()
            .unwrap()
            .ends_with("; an administrator has locked this user: unlock it first"),
        "{result}"
    );
    assert_eq!((bot.folder.bytes(), bot.devices().len()), (bytes, 1));
    bot.homeserver.lock(&bot.user_id, false);
    assert_eq!(bot.task().run().success()["changed"], false);
}

#[test]
fn a_stored_token_is_sent_to_no_other_homeserver() {
    let login = |request: &crate::support::server::Request| match request.path.as_str() {
        "/_matrix/client/v3/login" => Reply::Json(200, json!({"user_id": "@alice:hs.test", "access_token": "T2", "device_id": "NEW"})),
        _ if request.header("Authorization") == Some("Bearer T2") => {
            Reply::Json(200, json!({"user_id": "@alice:hs.test", "device_id": "NEW"}))
        }
        _ => Reply::error(401, "M_UNKNOWN_TOKEN", "Invalid access token passed."),
    };
    let (old, new) = (Server::http(login), Server::http(login));
    let folder = Folder::with_session(&old.url(), "syt_OLD_1");
    let task = || Module::login(&new.url(), "@alice:hs.test").with("session_file", folder.option());
    let msg = task().without("password").secret("syt_OLD_1").run().failure_msg();
    assert_eq!(
        msg,
        format!(
            "the stored session belongs to {}, and its token is not sent to {}, and there is no credential to log in with: give `password` or another credential",
            old.url(),
            new.url()
        )
    );
    let result = task().secret("syt_OLD_1").run().success();
    let warning = format!("the old session of @alice:hs.test on device BOT at {} was not logged out", old.url());
    assert_eq!((&result["changed"], &result["warnings"]), (&json!(true), &json!([warning])));
    assert_eq!(folder.session()["access_token"], "T2");
    assert_eq!(
        (old.asked(), new.asked()),
        (
            vec![],
            ["POST /_matrix/client/v3/login", "GET /_matrix/client/v3/account/whoami"]
                .map(str::to_owned)
                .to_vec()
        )
    );
}
