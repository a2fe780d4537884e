//! `as_token`: a bridge logs in the users of its namespace, real ones too (double puppets).

use super::{AS_TOKEN, assert_works, homeserver, logged_in, refused};
use crate::support::module::Module;

fn task(user_id: &str) -> Module {
    Module::as_user(&homeserver().url, user_id).with("as_token", AS_TOKEN).secret(AS_TOKEN)
}

#[test]
fn it_logs_in_a_user_of_its_namespace() {
    let user_id = homeserver().register("puppet");
    let localpart = user_id[1..].split(':').next().unwrap();
    for written in [user_id.as_str(), localpart] {
        let result = task(written).with("device_id", "BOT").run().success();
        assert_eq!(result, logged_in(&user_id, &result["access_token"]));
        assert_works(&result["access_token"], &user_id);
    }
}

#[test]
fn whom_it_cannot_log_in_is_a_readable_failure() {
    let outside = homeserver().register("alice");
    let puppet = homeserver().register("puppet").to_uppercase();
    let namespace = "the user is not in the namespaces of the appservice's registration; upper and lower case differ there";
    for (user_id, status, errcode, why) in [
        (outside.as_str(), 403, "M_FORBIDDEN", format!("(Invalid access_token); {namespace}")),
        (&puppet, 403, "M_FORBIDDEN", format!("(Invalid access_token); {namespace}")),
        (
            "@puppet_unborn:hs.test",
            404,
            "M_UNKNOWN",
            "(No row found (users)); the user is in the appservice's namespace, but does not exist: have the bridge register it first"
                .into(),
        ),
    ] {
        let msg = format!("could not log in as {user_id}: {{url}}/_matrix/client/v3/login answered {status} {errcode} {why}");
        assert_eq!(task(user_id).run().failure(), refused(&msg, status, errcode));
    }
}

#[test]
fn one_that_no_appservice_has_is_a_readable_failure() {
    let user_id = homeserver().register("puppet");
    let next = "the homeserver knows no appservice with this `as_token`: check it, and that the registration file is loaded";
    let result = task(&user_id).with("as_token", "as-WRONG-33").secret("as-WRONG-33").run().failure();
    let msg = format!(
        "could not log in as {user_id}: {{url}}/_matrix/client/v3/login answered 401 M_UNKNOWN_TOKEN (Invalid access token passed.); {next}"
    );
    assert_eq!(result, refused(&msg, 401, "M_UNKNOWN_TOKEN"));
}
