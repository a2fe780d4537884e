//! `password`: the user's own.

use serde_json::{Value, json};

use super::{assert_works, homeserver, logged_in, refused};
use crate::support::module::Module;

#[test]
fn a_full_id_and_a_localpart_are_sent_as_they_are() {
    let user_id = homeserver().register("alice");
    for written in [user_id.as_str(), user_id[1..].split(':').next().unwrap()] {
        let result = Module::login(&homeserver().url, written).with("device_id", "BOT").run().success();
        assert_eq!(result, logged_in(&user_id, &result["access_token"]));
        assert_works(&result["access_token"], &user_id);
    }
}

#[test]
fn where_only_the_case_differs_the_homeservers_own_id_is_named_and_nothing_is_left() {
    let user_id = homeserver().register("alice");
    let written = user_id.replace("alice", "Alice");
    let task = Module::login(&homeserver().url, &written);
    assert_eq!(
        task.run().failure_msg(),
        format!(
            "the new session was logged out again: {} logged in {user_id} instead of {written}: upper and lower case count, so write `user_id` as the \
             homeserver does",
            homeserver().url
        )
    );
}

const WHICH: &str = "the server does not say which is wrong: check `password`, then that `user_id` exists on this server, is not deactivated and has a password";

#[test]
fn whatever_the_server_hides_behind_one_answer_is_named_the_likeliest_first() {
    let (_, admin) = homeserver().administrator();
    let known = homeserver().register("alice");
    let deactivated = homeserver().register("gone");
    let (status, _) = homeserver().send("POST", &format!("/_synapse/admin/v1/deactivate/{deactivated}"), &admin, &json!({}));
    assert_eq!(status, 200);
    for (user_id, password) in [
        (known.as_str(), "pw-WRONG-55aa"),
        ("@nobody:hs.test", "pw-WRONG-55aa"),
        ("@alice:elsewhere.test", "pw-WRONG-55aa"),
        (&deactivated, crate::support::module::PASSWORD),
    ] {
        let result = Module::login(&homeserver().url, user_id)
            .with("password", password)
            .secret("pw-WRONG-55aa")
            .run()
            .failure();
        let msg = format!(
            "could not log in as {user_id}: {{url}}/_matrix/client/v3/login answered 403 M_FORBIDDEN (Invalid username or password); {WHICH}"
        );
        assert_eq!(result, refused(&msg, 403, "M_FORBIDDEN"));
    }
}

#[test]
fn a_line_break_at_its_end_is_pointed_out_when_it_fails() {
    let user_id = homeserver().register("alice");
    let result = Module::login(&homeserver().url, &user_id).with("password", "pw-LEAK-7f3a9c\n").run().failure();
    assert_eq!(
        result["warnings"],
        json!(["`password` ends with a line break, which is part of it for the homeserver: remove the line break"])
    );
}

#[test]
fn a_locked_user_is_named_as_such() {
    let (_, admin) = homeserver().administrator();
    let user_id = homeserver().register("locked");
    let (status, _) = homeserver().send("PUT", &format!("/_synapse/admin/v2/users/{user_id}"), &admin, &json!({"locked": true}));
    assert_eq!(status, 200);
    let result: Value = Module::login(&homeserver().url, &user_id).run().failure();
    let msg = format!(
        "could not log in as {user_id}: {{url}}/_matrix/client/v3/login answered 401 M_USER_LOCKED (User account has been locked); \
         an administrator has locked this user: unlock it first"
    );
    assert_eq!(result, refused(&msg, 401, "M_USER_LOCKED"));
}
