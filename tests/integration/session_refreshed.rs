//! Tokens that end by themselves: refreshed where that is possible, else replaced on the same device.

use serde_json::json;

use crate::support::bot::Bot;
use crate::support::homeserver::Homeserver;

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
