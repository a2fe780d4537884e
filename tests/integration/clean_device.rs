//! `require_clean_device`: a bot that encrypts needs a device that never did.

use crate::support::bot::Bot;
use crate::support::module::Module;

fn clean(bot: &Bot) -> Module {
    bot.task().with("device_id", "BOT").with("require_clean_device", true)
}

const ADVICE: &str =
    "the device BOT has been used for encryption: give another `device_id`, or `force: true` to delete the device and create it again";

/// After a login on somebody's device, which logging out again would delete.
fn refused(bot: &Bot) -> String {
    let whose = format!("{} on device BOT at {}", bot.user_id, bot.homeserver.url);
    format!(
        "{whose} has one more session now, which was not logged out because that would delete the device (some homeservers log a device's other sessions out at a login): {ADVICE}"
    )
}

#[test]
fn a_device_that_never_encrypted_is_clean() {
    let bot = Bot::new("clean");
    assert_eq!(clean(&bot).run().success()["changed"], true);
    assert_eq!(clean(&bot).run().success()["changed"], false);
}

#[test]
fn a_device_with_identity_keys_is_refused_and_left_to_whoever_uses_it() {
    let bot = Bot::new("identity");
    let theirs = bot.homeserver.log_in(&bot.user_id, "BOT");
    bot.homeserver.upload_device_keys(&bot.user_id, "BOT", &theirs);
    assert_eq!(clean(&bot).run().failure_msg(), refused(&bot));
    assert!(bot.homeserver.accepts(&theirs));
    assert_eq!(bot.folder.names(), [""; 0]);
}

#[test]
fn a_device_with_nothing_but_one_time_keys_is_refused_too() {
    let bot = Bot::new("onetime");
    let theirs = bot.homeserver.log_in(&bot.user_id, "BOT");
    bot.homeserver.upload_one_time_key(&bot.user_id, &theirs);
    assert_eq!(clean(&bot).run().failure_msg(), refused(&bot));
    assert!(bot.homeserver.accepts(&theirs));
}

#[test]
fn force_makes_the_device_clean() {
    let bot = Bot::new("cleaned");
    let theirs = bot.homeserver.log_in(&bot.user_id, "BOT");
    bot.homeserver.upload_one_time_key(&bot.user_id, &theirs);
    clean(&bot).with("force", true).run().success();
    assert!(bot.works() && !bot.homeserver.accepts(&theirs));
}

#[test]
fn a_given_token_of_a_used_device_is_not_taken_over_and_check_mode_knows() {
    let bot = Bot::new("usedtoken");
    let token = bot.homeserver.log_in(&bot.user_id, "BOT");
    bot.homeserver.upload_device_keys(&bot.user_id, "BOT", &token);
    for task in [clean(&bot), clean(&bot).check()] {
        let task = task.without("password").with("access_token", token.as_str()).secret(&token);
        assert_eq!(task.run().failure_msg(), ADVICE);
    }
    assert!(bot.homeserver.accepts(&token));
    assert_eq!(bot.folder.names(), [""; 0]);
}
