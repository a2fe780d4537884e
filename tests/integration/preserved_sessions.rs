//! What is not this run's to end: sessions and devices that somebody else may be using.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use serde_json::{Value, json};

use crate::support::folder::Folder;
use crate::support::module::Module;
use crate::support::server::{Reply, Request, Server};

fn session_of(user_id: &str, device_id: &str, token: &str) -> Value {
    json!({"user_id": user_id, "device_id": device_id, "access_token": token})
}

fn whose_token(request: &Request) -> &str {
    request.header("Authorization").unwrap_or_default().trim_start_matches("Bearer ")
}

fn unknown(soft_logout: bool) -> Reply {
    Reply::Json(401, json!({"errcode": "M_UNKNOWN_TOKEN", "error": "no", "soft_logout": soft_logout}))
}

#[test]
fn somebody_elses_device_is_not_deleted_when_the_wrong_user_was_logged_in_on_it() {
    let server = Server::always(Reply::Json(200, session_of("@bob:hs.test", "BOT", "T0")));
    let task = Module::as_user(&server.url(), "@alice:hs.test").with("jwt", "bobs-jwt").with("device_id", "BOT");
    assert_eq!(
        task.run().failure_msg(),
        format!(
            "@bob:hs.test on device BOT at {0} has one more session now, which was not logged out because that would delete the device (some homeservers log a device's other sessions out at a login): \
             {0} logged in @bob:hs.test instead of @alice:hs.test; check `user_id` and `homeserver_url`",
            server.url()
        )
    );
    assert_eq!(server.asked(), ["POST /_matrix/client/v3/login", "GET /_matrix/client/v3/account/whoami"]);
}

#[test]
fn an_expired_session_heals_on_its_own_device_although_that_has_come_to_use() {
    let server = Server::http(|request| match request.path.as_str() {
        "/_matrix/client/v3/account/whoami" if whose_token(request) == "T0" => unknown(true),
        "/_matrix/client/v3/account/whoami" | "/_matrix/client/v3/login" => Reply::Json(200, session_of("@alice:hs.test", "BOT", "T1")),
        _ => Reply::error(500, "M_UNKNOWN", "nobody should ask"),
    });
    let folder = Folder::with_session(&server.url(), "T0");
    let task = Module::login(&server.url(), "@alice:hs.test").with("session_file", folder.option());
    assert_eq!(task.with("require_clean_device", true).run().success()["session"], "new");
    assert_eq!(
        server.asked(),
        [
            "GET /_matrix/client/v3/account/whoami",
            "POST /_matrix/client/v3/login",
            "GET /_matrix/client/v3/account/whoami"
        ]
    );
}

#[test]
fn a_new_device_goes_away_again_if_nobody_can_say_whether_it_is_clean() {
    let server = Server::http(|request| match request.path.as_str() {
        "/_matrix/client/v3/login" | "/_matrix/client/v3/account/whoami" => Reply::Json(200, session_of("@alice:hs.test", "NEW", "T0")),
        "/_matrix/client/v3/logout" => Reply::Json(200, json!({})),
        _ => Reply::error(500, "M_UNKNOWN", "Internal server error"),
    });
    let task = Module::login(&server.url(), "@alice:hs.test").with("require_clean_device", true);
    let msg = task.run().failure_msg();
    assert!(
        msg.starts_with("the new session was logged out again: could not look for encryption keys of @alice:hs.test on device NEW"),
        "{msg}"
    );
    assert_eq!(server.asked().last().unwrap(), "POST /_matrix/client/v3/logout");
}

#[test]
fn the_new_session_is_not_ended_with_the_old_one_when_the_server_puts_both_on_one_device() {
    let server = Server::http(|request| match request.path.as_str() {
        "/_matrix/client/v3/account/whoami" => Reply::Json(200, json!({"user_id": "@alice:hs.test", "device_id": "BOT"})),
        _ => Reply::Json(200, session_of("@alice:hs.test", "BOT", "T1")),
    });
    let folder = Folder::with_session(&server.url(), "T0");
    let task = Module::login(&server.url(), "@alice:hs.test").with("session_file", folder.option());
    let result = task.with("device_id", "OTHER").run().success();
    assert_eq!(
        server.asked(),
        [
            "GET /_matrix/client/v3/account/whoami",
            "POST /_matrix/client/v3/login",
            "GET /_matrix/client/v3/account/whoami"
        ]
    );
    let warning = format!(
        "the homeserver did not use the device OTHER but created a session of @alice:hs.test on device BOT at {}",
        server.url()
    );
    assert_eq!(result["warnings"], json!([warning]));
}

#[test]
fn a_locked_user_is_not_logged_in_when_the_refresh_is_refused_for_that() {
    let server = Server::http(|request| match request.path.as_str() {
        "/_matrix/client/v3/account/whoami" => unknown(true),
        _ => Reply::error(401, "M_USER_LOCKED", "User account has been locked"),
    });
    let folder = Folder::with_session(&server.url(), "T0");
    let mut session = folder.session();
    session["refresh_token"] = json!("R0");
    folder.store(&session);
    let task = Module::login(&server.url(), "@alice:hs.test").with("session_file", folder.option());
    assert_eq!(task.run().failure()["errcode"], "M_USER_LOCKED");
    assert_eq!(server.asked(), ["GET /_matrix/client/v3/account/whoami", "POST /_matrix/client/v3/refresh"]);
}

#[test]
fn a_given_token_is_not_revoked_by_mistake() {
    let server = Server::always(Reply::Json(200, json!({"user_id": "@bob:hs.test", "device_id": "ELEMENT"})));
    let absent = || {
        Module::new()
            .with("state", "absent")
            .with("homeserver_url", server.url())
            .with("access_token", "T-BOB")
    };
    assert_eq!(
        absent().with("user_id", "@alice:hs.test").run().failure_msg(),
        "`access_token` holds a session of @bob:hs.test, so nothing was logged out: give another access_token, or the right `user_id`"
    );
    assert_eq!(
        absent().with("device_id", "BOT").run().failure_msg(),
        "`access_token` holds a session on another device than BOT, so nothing was logged out: give another access_token, or leave `device_id` out"
    );
    assert!(server.asked().iter().all(|asked| asked.starts_with("GET")), "{:?}", server.asked());
}

#[test]
fn a_given_token_that_was_taken_over_survives_the_session_that_replaces_it() {
    let server = Server::http(|request| match request.path.as_str() {
        "/_matrix/client/v3/account/whoami" if whose_token(request) == "T0" => {
            Reply::Json(200, json!({"user_id": "@alice:hs.test", "device_id": "ELEMENT"}))
        }
        _ => Reply::Json(200, session_of("@alice:hs.test", "NEW", "T1")),
    });
    let folder = Folder::with_session(&server.url(), "T0");
    let task = Module::login(&server.url(), "@alice:hs.test")
        .with("session_file", folder.option())
        .with("access_token", "T0");
    let result = task.with("device_id", "NEW").run().success();
    assert!(!server.asked().iter().any(|asked| asked.ends_with("/logout")), "{:?}", server.asked());
    assert_eq!(result["warnings"].as_array().unwrap().len(), 1, "{result}");
}

#[test]
fn an_expired_session_that_cannot_be_logged_out_is_refreshed_first() {
    let server = Server::http(|request| match (request.path.as_str(), whose_token(request)) {
        ("/_matrix/client/v3/refresh", _) => Reply::Json(200, json!({"access_token": "T1", "refresh_token": "R1"})),
        ("/_matrix/client/v3/logout", "T1") => Reply::Json(200, json!({})),
        _ => unknown(false),
    });
    let folder = Folder::with_session(&server.url(), "T0");
    let mut session = folder.session();
    session["refresh_token"] = json!("R0");
    folder.store(&session);
    let result = Module::new().with("state", "absent").with("session_file", folder.option()).run().success();
    assert_eq!((&result["changed"], &result["session"]), (&json!(true), &json!("revoked")));
    assert_eq!(
        server.asked(),
        [
            "POST /_matrix/client/v3/logout",
            "GET /_matrix/client/v3/account/whoami",
            "POST /_matrix/client/v3/refresh",
            "POST /_matrix/client/v3/logout",
            "GET /_matrix/client/v3/account/whoami",
        ]
    );
    assert_eq!(folder.names(), [""; 0]);
}

#[test]
fn a_session_file_that_others_can_read_earns_a_warning() {
    let server = Server::always(Reply::Json(200, json!({"user_id": "@alice:hs.test", "device_id": "BOT"})));
    let folder = Folder::with_session(&server.url(), "T0");
    let task = || Module::login(&server.url(), "@alice:hs.test").with("session_file", folder.option());
    assert_eq!(task().run().success().get("warnings"), None);
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o644)).unwrap();
    let warning = format!("`session_file` {} can be read by others: set its mode to 0600", folder.path().display());
    assert_eq!(task().run().success()["warnings"], json!([warning]));
}
