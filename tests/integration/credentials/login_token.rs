//! `login_token`: what a session of the same user can ask the server for, good for one login.

use serde_json::json;

use super::{assert_works, homeserver, logged_in, refused};
use crate::support::module::Module;

/// A user, and a token that logs it in once.
fn user_with_token() -> (String, String) {
    let user_id = homeserver().register("sso");
    let session = homeserver().log_in(&user_id, "OTHER");
    let (status, answer) = homeserver().send("POST", "/_matrix/client/v1/login/get_token", &session, &json!({}));
    assert_eq!(status, 200, "{answer}");
    (user_id, answer["login_token"].as_str().unwrap().to_owned())
}

fn task(token: &str) -> Module {
    Module::new()
        .with("homeserver_url", homeserver().url.as_str())
        .with("login_token", token)
        .with("wait_timeout", 0)
        .secret(token)
}

#[test]
fn it_logs_in_whomever_it_was_made_for_once() {
    let (user_id, token) = user_with_token();
    let result = task(&token).with("device_id", "BOT").run().success();
    assert_eq!(result, logged_in(&user_id, &result["access_token"]));
    assert_works(&result["access_token"], &user_id);

    let msg = "could not log in with `login_token`: {url}/_matrix/client/v3/login answered 403 M_FORBIDDEN (Invalid login token); \
               a login token works once and expires within minutes: get a new one";
    assert_eq!(task(&token).run().failure(), refused(msg, 403, "M_FORBIDDEN"));
}

#[test]
fn one_of_another_user_than_the_one_asked_for_leaves_no_session_behind() {
    let (user_id, token) = user_with_token();
    let session = json!(homeserver().log_in(&user_id, "OTHER"));
    let before = homeserver().devices(&session);
    let result = task(&token).with("user_id", "@alice:hs.test").run().failure();
    let url = &homeserver().url;
    let msg = format!(
        "the new session was logged out again: {url} logged in {user_id} instead of @alice:hs.test; check `user_id` and `homeserver_url`"
    );
    assert_eq!(result, json!({"failed": true, "msg": msg}));
    assert_eq!(homeserver().devices(&session), before);
}
