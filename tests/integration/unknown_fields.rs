//! What other programs have added to the session file, as matrix-commander wants a `room_id` there: it stays as long as the file does.

use serde_json::json;

use crate::support::bot::Bot;
use crate::support::homeserver::Homeserver;
use crate::support::module::Module;

const ADDED_SECRET: &str = "recovery-LEAK-5e1d";

fn annotate(bot: &Bot) {
    let mut session = bot.folder.session();
    session["room_id"] = json!("!room:hs.test");
    session["recovery_key"] = json!(ADDED_SECRET);
    bot.folder.store(&session);
}

/// Runs a task that gets another token, and looks at what the file holds then.
fn replace(bot: &Bot, task: Module, session: &str) {
    let result = task.secret(ADDED_SECRET).with("_ansible_diff", true).run().success();
    assert_eq!((&result["session"], &result["changed"]), (&json!(session), &json!(true)));
    let stored = bot.folder.session();
    assert_eq!((&stored["access_token"], bot.works()), (&result["access_token"], true));
    assert_eq!((&stored["room_id"], &stored["recovery_key"]), (&json!("!room:hs.test"), &json!(ADDED_SECRET)));
}

#[test]
fn it_survives_each_new_session_and_goes_with_the_file() {
    let bot = Bot::new("annotated");
    bot.task().run().success();
    annotate(&bot);
    bot.homeserver.log_out(&bot.folder.access_token());
    replace(&bot, bot.task(), "new");
    replace(&bot, bot.task().with("force", true), "new");
    let given = bot.homeserver.log_in(&bot.user_id, "GIVEN");
    let take_over = bot.task().without("password").with("access_token", given.as_str());
    replace(&bot, take_over, "kept");
    bot.absent().secret(ADDED_SECRET).run().success();
    assert_eq!((bot.devices(), bot.folder.names()), (vec![], vec![]));
}

#[test]
fn it_survives_a_refresh() {
    let homeserver = Homeserver::start(&["--set", "refreshable_access_token_lifetime=3s"]);
    let bot = Bot::at(&homeserver, "annotated");
    bot.task().with("refresh_token", true).run().success();
    annotate(&bot);
    bot.outlive();
    replace(&bot, bot.task().without("password"), "refreshed");
}
