//! `state: absent`: the token dies, its device goes, and so does the file.

use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::{Value, json};

use crate::support::bot::Bot;
use crate::support::folder::Folder;
use crate::support::module::Module;
use crate::support::server::{Reply, Server};

fn nothing() -> Value {
    json!({"changed": false, "msg": "there is no session", "session": "absent"})
}

#[test]
fn a_session_is_revoked_once() {
    let bot = Bot::new("revoked");
    let token = bot.task().with("device_id", "BOT").run().success()["access_token"].clone();
    let token = token.as_str().unwrap();
    let msg = format!("logged out {} on device BOT at {}", bot.user_id, bot.homeserver.url);
    assert_eq!(
        bot.absent().secret(token).run().success(),
        json!({"changed": true, "msg": msg, "session": "revoked"})
    );
    assert!(!bot.homeserver.accepts(token));
    assert_eq!((bot.devices(), bot.folder.names()), (vec![], vec![]));
    assert_eq!(bot.absent().run().success(), nothing());
}

#[test]
fn a_session_that_is_dead_already_is_cleared_away() {
    let bot = Bot::new("stale");
    let token = bot.task().with("device_id", "BOT").run().success()["access_token"].clone();
    bot.homeserver.log_out(token.as_str().unwrap());
    let msg = format!(
        "removed the session of {} on device BOT at {}, which was no longer valid",
        bot.user_id, bot.homeserver.url
    );
    assert_eq!(bot.absent().run().success(), json!({"changed": true, "msg": msg, "session": "absent"}));
    assert_eq!(bot.folder.names(), [""; 0]);
}

#[test]
fn a_given_token_is_revoked_without_a_file() {
    let bot = Bot::new("tokenonly");
    let token = bot.homeserver.log_in(&bot.user_id, "BOT");
    let task = || {
        let task = Module::new().with("state", "absent").with("homeserver_url", bot.homeserver.url.as_str());
        task.with("access_token", token.as_str()).secret(&token).run().success()
    };
    let msg = "logged out the session of the given `access_token`";
    assert_eq!(task(), json!({"changed": true, "msg": msg, "session": "revoked"}));
    assert_eq!(bot.devices(), [""; 0]);
    assert_eq!(task(), nothing());
}

#[test]
fn a_given_token_and_a_stored_one_are_both_revoked() {
    let bot = Bot::new("both");
    bot.task().with("device_id", "STORED").run().success();
    let token = bot.homeserver.log_in(&bot.user_id, "GIVEN");
    assert_eq!(bot.absent().with("access_token", token.as_str()).run().success()["changed"], true);
    assert_eq!((bot.devices(), bot.folder.names()), (vec![], vec![]));
}

#[test]
fn the_session_of_a_locked_user_is_revoked() {
    let bot = Bot::new("lockedout");
    bot.task().run().success();
    bot.homeserver.lock(&bot.user_id, true);
    assert_eq!(bot.absent().run().success()["session"], "revoked");
    assert_eq!((bot.devices(), bot.folder.names()), (vec![], vec![]));
}

#[test]
fn a_server_that_cannot_be_reached_is_a_failure_and_the_file_stays() {
    let folder = Folder::with_session("http://127.0.0.1:9", "syt_OLD_1");
    let task = Module::new().with("state", "absent").with("session_file", folder.option()).with("wait_timeout", 0);
    assert_eq!(
        task.secret("syt_OLD_1").run().failure_msg(),
        "the session of @alice:hs.test on device BOT at http://127.0.0.1:9 was not ended (if the homeserver no longer exists, remove the file): \
         could not log out at http://127.0.0.1:9: http://127.0.0.1:9/_matrix/client/v3/logout could not be reached: connection refused; \
         check `homeserver_url`, and that the homeserver runs and can be reached from the host that runs the task; \
         http://127.0.0.1:9 comes from `session_file`: if the server has moved, give its new URL"
    );
    assert_eq!((folder.access_token(), folder.names()), ("syt_OLD_1".into(), vec!["session.json".into()]));
}

#[test]
fn a_token_that_outlives_its_logout_is_a_success_that_says_so() {
    let server = Server::http(|request| match request.path.as_str() {
        "/_matrix/client/v3/logout" => Reply::Json(200, json!({})),
        _ => Reply::Json(200, json!({"user_id": "@alice:hs.test", "device_id": "BOT"})),
    });
    let folder = Folder::with_session(&server.url(), "syt_OLD_1");
    let task = Module::new().with("state", "absent").with("session_file", folder.option());
    let msg = format!("logged out @alice:hs.test on device BOT at {}", server.url());
    let warning = "the session was logged out, but the homeserver still accepts its token: it may do so for up to two minutes";
    assert_eq!(
        task.secret("syt_OLD_1").run().success(),
        json!({"changed": true, "msg": msg, "session": "revoked", "warnings": [warning]})
    );
    assert_eq!(folder.names(), [""; 0]);
}

#[test]
fn a_token_that_is_accepted_for_a_moment_after_its_logout_is_waited_for() {
    let asked = AtomicUsize::new(0);
    let server = Server::http(move |request| match request.path.as_str() {
        "/_matrix/client/v3/logout" => Reply::Json(200, json!({})),
        _ if asked.fetch_add(1, Ordering::Relaxed) > 1 => Reply::error(401, "M_UNKNOWN_TOKEN", "Token is not active"),
        _ => Reply::Json(200, json!({"user_id": "@alice:hs.test", "device_id": "BOT"})),
    });
    let folder = Folder::with_session(&server.url(), "syt_OLD_1");
    let task = Module::new().with("state", "absent").with("session_file", folder.option());
    let result = task.secret("syt_OLD_1").run().success();
    assert_eq!((&result["session"], result.get("warnings")), (&json!("revoked"), None));
}

#[test]
fn a_token_that_the_server_can_not_log_out_is_a_failure_and_the_file_stays() {
    let server = Server::http(|request| match request.path.as_str() {
        "/_matrix/client/v3/logout" => Reply::error(401, "M_UNKNOWN_TOKEN", "Invalid access token"),
        _ => Reply::Json(200, json!({"user_id": "@alice:hs.test", "device_id": "BOT"})),
    });
    let folder = Folder::with_session(&server.url(), "syt_OLD_1");
    let task = Module::new().with("state", "absent").with("session_file", folder.option());
    assert_eq!(
        task.secret("syt_OLD_1").run().failure_msg(),
        format!(
            "the session of @alice:hs.test on device BOT at {0} was not ended (if the homeserver no longer exists, remove the file): \
             could not log out at {0}: the homeserver does not recognise this access token at /logout, and yet it works; end the session where the token came from, or give `mas_client_id` and `mas_client_secret` if it is one of Matrix \
             Authentication Service",
            server.url()
        )
    );
    assert_eq!(folder.access_token(), "syt_OLD_1");
}

#[test]
fn the_session_of_another_user_is_not_revoked_by_mistake() {
    let bot = Bot::new("spared");
    bot.task().run().success();
    for task in [bot.absent(), bot.absent().check()] {
        assert_eq!(
            task.with("user_id", "@somebody:hs.test").run().failure_msg(),
            format!(
                "`session_file` holds a session of {}, so nothing was logged out: give another session_file, or the right `user_id`",
                bot.user_id
            )
        );
    }
    assert!(bot.works());
    assert_eq!(bot.absent().with("user_id", bot.user_id.as_str()).run().success()["changed"], true);
}

#[test]
fn a_file_in_no_folder_is_absent() {
    let folder = Folder::new();
    let path = folder.path().join("missing/session.json");
    let task = Module::new().with("state", "absent").with("session_file", path.to_str().unwrap());
    assert_eq!(task.run().success(), nothing());
}
