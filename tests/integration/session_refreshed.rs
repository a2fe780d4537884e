//! Tokens that end by themselves: refreshed where that is possible, else replaced on the same device.

use serde_json::json;

use crate::support::bot::Bot;
use crate::support::folder::Folder;
use crate::support::homeserver::Homeserver;
use crate::support::module::Module;
use crate::support::server::{Reply, Server};

#[test]
fn an_expired_token_is_refreshed_and_a_refused_refresh_ends_in_a_login() {
    let homeserver = Homeserver::start(&["--set", "refreshable_access_token_lifetime=3s"]);
    let bot = Bot::at(&homeserver, "fresh");
    let task = || bot.task().with("refresh_token", true).with("device_id", "BOT");
    let first = task().run().success();
    assert!((0..=3000).contains(&first["expires_in_ms"].as_u64().unwrap()), "{first}");
    assert_eq!(first.get("warnings"), None);
    bot.outlive();

    // Neither URL nor credential is needed, and what was asked for once needs no asking again.
    let predicted = bot.task().without("password").check().run().success();
    assert_eq!((&predicted["changed"], &predicted["session"]), (&json!(true), &json!("refreshed")));
    let second = bot.task().without("password").run().success();
    assert_eq!((&second["changed"], &second["session"]), (&json!(true), &json!("refreshed")));
    assert_eq!(
        second["msg"],
        format!("refreshed the session of {} on device BOT at {}", bot.user_id, homeserver.url)
    );
    assert_ne!(second["refresh_token"], first["refresh_token"]);
    assert_eq!(second.get("warnings"), None);
    let stored = bot.folder.session();
    assert_eq!(
        (&stored["access_token"], &stored["refresh_token"]),
        (&second["access_token"], &second["refresh_token"])
    );
    assert!(stored["expires_at"].is_u64());
    assert!(homeserver.accepts(second["access_token"].as_str().unwrap()));
    assert_eq!(bot.devices(), ["BOT"]);
    bot.outlive();

    // Used by somebody else, the refresh token is worth nothing any more.
    let pair = homeserver.post("/_matrix/client/v3/refresh", "", &json!({"refresh_token": stored["refresh_token"]}));
    assert!(homeserver.accepts(pair["access_token"].as_str().unwrap()));
    let refresh_token = second["refresh_token"].as_str().unwrap();
    let msg = bot.task().without("password").secret(refresh_token).run().failure_msg();
    assert_eq!(
        msg,
        format!(
            "the stored session of {} on device BOT at {} is no longer valid, and there is no credential to log in with: give `password` or another credential",
            bot.user_id, homeserver.url
        )
    );
    let third = task().run().success();
    assert_eq!((&third["session"], &third["device_id"]), (&json!("new"), &json!("BOT")));
    assert_eq!((bot.works(), bot.devices()), (true, vec!["BOT".to_owned()]));
    bot.outlive();
    assert_eq!(bot.absent().run().success()["session"], "revoked");
    assert_eq!(bot.devices(), [""; 0]);
}

#[test]
fn a_session_whose_time_is_over_is_healed_on_its_device() {
    let homeserver = Homeserver::start(&["--set", "session_lifetime=3s"]);
    let bot = Bot::at(&homeserver, "soft");
    let first = bot.task().run().success();
    let warning = first["warnings"][0].as_str().unwrap();
    let without_number = warning.replace(|letter: char| letter.is_ascii_digit(), "");
    assert_eq!(
        without_number,
        "the token expires in  seconds: this server gives no lasting ones, so run this task again before that, or try `refresh_token: true`"
    );
    bot.outlive();
    let second = bot.task().run().success();
    assert_eq!((&second["session"], &second["device_id"]), (&json!("new"), &first["device_id"]));
    assert_eq!(homeserver.devices(&second["access_token"]).len(), 1);
}

/// As Matrix Authentication Service does for a locked user.
#[test]
fn a_refreshed_token_that_the_homeserver_refuses_is_stored_but_no_success() {
    for (proof, cause) in [
        (
            Reply::error(401, "M_UNKNOWN_TOKEN", "Token is not active"),
            "but the homeserver refuses the new token: check that the user is not locked or deactivated",
        ),
        (
            Reply::http(502, "", "<html>Bad Gateway</html>"),
            "but could not check the new token: URL/_matrix/client/v3/account/whoami answered 502 with a web page; \
             the reverse proxy answers instead of the homeserver: check that the homeserver runs, and raise `wait_timeout` if it takes long to start",
        ),
    ] {
        let server = Server::http(move |request| match (request.path.as_str(), request.header("Authorization")) {
            ("/_matrix/client/v3/refresh", _) => Reply::Json(200, json!({"access_token": "syt_NEW_1", "refresh_token": "syr_NEW_1"})),
            (_, Some("Bearer syt_NEW_1")) => proof.clone(),
            _ => Reply::error(401, "M_UNKNOWN_TOKEN", "Token is not active"),
        });
        let folder = Folder::with_session(&server.url(), "syt_OLD_1");
        let mut session = folder.session();
        session["refresh_token"] = json!("syr_OLD_1");
        folder.store(&session);
        let task = Module::new().with("session_file", folder.option()).with("wait_timeout", 0);
        let task = ["syt_OLD_1", "syr_OLD_1", "syt_NEW_1", "syr_NEW_1"].into_iter().fold(task, Module::secret);
        assert_eq!(
            task.run().failure_msg().replace(&server.url(), "URL"),
            format!("refreshed the session of @alice:hs.test on device BOT at URL, {cause}")
        );
        assert_eq!(folder.session()["refresh_token"], "syr_NEW_1");
    }
}
