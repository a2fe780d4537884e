//! Check mode tells what a real run would do, and only reads; diff mode shows it.

use serde_json::{Value, json};

use crate::support::bot::Bot;
use crate::support::folder::Folder;
use crate::support::module::Module;
use crate::support::server::{Reply, Server};

/// Runs the task in check mode and then really: the first must predict the second and leave everything as it was.
#[track_caller]
fn predicted(bot: &Bot, task: impl Fn() -> Module) -> (Value, Value) {
    let world = || (bot.devices(), bot.folder.names(), bot.folder.path().exists().then(|| bot.folder.bytes()));
    let before = world();
    let check = task().check().run().success();
    assert_eq!(world(), before, "check mode changed something");
    let real = task().run().success();
    assert_eq!((&check["changed"], &check["session"]), (&real["changed"], &real["session"]));
    (check, real)
}

#[test]
fn each_step_in_the_life_of_a_session_is_predicted() {
    let bot = Bot::new("predicted");
    let summary = |(check, real): (Value, Value)| {
        let token = check["access_token"].as_str().unwrap_or_default();
        (real["changed"] == true, real["session"].as_str().unwrap().to_owned(), token == real["access_token"])
    };
    let step = |changed, session: &str, token_known| (changed, session.to_owned(), token_known);
    let on = |device_id: &'static str| bot.task().with("device_id", device_id);

    assert_eq!(summary(predicted(&bot, || on("BOT"))), step(true, "new", false), "nothing there");
    assert_eq!(summary(predicted(&bot, || on("BOT"))), step(false, "kept", true), "works");
    assert_eq!(summary(predicted(&bot, || on("BOT").with("force", true))), step(true, "new", false), "force");
    assert_eq!(summary(predicted(&bot, || on("NEW"))), step(true, "new", false), "another device");
    assert_eq!(
        summary(predicted(&bot, || bot.task().with("force", true))),
        step(true, "new", false),
        "force anywhere"
    );
    bot.homeserver.log_out(&bot.folder.access_token());
    assert_eq!(summary(predicted(&bot, || bot.task())), step(true, "new", false), "dead");
    let token = bot.homeserver.log_in(&bot.user_id, "GIVEN");
    let given = || bot.task().with("access_token", token.as_str());
    assert_eq!(summary(predicted(&bot, given)), step(true, "kept", true), "given");
    assert_eq!(summary(predicted(&bot, given)), step(false, "kept", true), "given again");

    let (check, real) = predicted(&bot, || bot.absent());
    assert_eq!((&check["changed"], &real["session"]), (&json!(true), &json!("revoked")), "absent");
    let (check, real) = predicted(&bot, || bot.absent());
    assert_eq!((&check["changed"], &real["session"]), (&json!(false), &json!("absent")), "absent again");
}

#[test]
fn clearing_a_dead_session_away_is_predicted() {
    let bot = Bot::new("cleared");
    bot.task().run().success();
    bot.homeserver.log_out(&bot.folder.access_token());
    let (check, _) = predicted(&bot, || bot.absent());
    let msg = check["msg"].as_str().unwrap();
    assert!(
        msg.starts_with("would remove the session of @cleared") && msg.ends_with(", which is no longer valid"),
        "{msg}"
    );
}

#[test]
fn check_mode_sends_nothing_that_writes_whatever_it_hears() {
    let works = Reply::Json(200, json!({"user_id": "@alice:hs.test", "device_id": "BOT"}));
    let expired = json!({"errcode": "M_UNKNOWN_TOKEN", "error": "Access token has expired", "soft_logout": true});
    for whoami in [works, Reply::error(401, "M_UNKNOWN_TOKEN", "gone"), Reply::Json(401, expired)] {
        for (name, value) in [
            ("force", json!(true)),
            ("device_id", json!("NEW")),
            ("access_token", json!("T2")),
            ("refresh_token", json!(true)),
            ("state", json!("absent")),
        ] {
            let server = Server::always(whoami.clone());
            let folder = Folder::with_session(&server.url(), "T1");
            let mut session = folder.session();
            session["refresh_token"] = json!("R1");
            folder.store(&session);
            let task = Module::login(&server.url(), "@alice:hs.test").with("session_file", folder.option()).check();
            task.with(name, value).run().success();
            let writes = server.asked().into_iter().filter(|asked| !asked.starts_with("GET "));
            assert_eq!(writes.collect::<Vec<_>>(), [""; 0], "{name} {whoami:?}");
            assert_eq!((folder.session(), folder.names()), (session, vec!["session.json".to_owned()]));
        }
    }
}

#[test]
fn a_refusal_is_predicted() {
    let server = Server::always(Reply::Json(200, json!({"user_id": "@bob:hs.test", "device_id": "BOT"})));
    let folder = Folder::with_session(&server.url(), "syt_OLD_1");
    let task = || {
        Module::login(&server.url(), "@alice:hs.test")
            .with("session_file", folder.option())
            .secret("syt_OLD_1")
    };
    assert_eq!(task().check().run().failure_msg(), task().run().failure_msg());
}
