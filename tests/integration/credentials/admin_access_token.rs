//! `admin_access_token`: Synapse's admin API gives a token for any user, tied to no device.

use serde_json::json;

use super::{homeserver, refused};
use crate::support::module::Module;

fn task(user_id: &str, admin_access_token: &str) -> Module {
    Module::as_user(&homeserver().url, user_id)
        .with("admin_access_token", admin_access_token)
        .secret(admin_access_token)
}

#[test]
fn it_yields_a_token_without_a_device_for_a_full_id_and_a_localpart() {
    let (_, admin) = homeserver().administrator();
    let user_id = homeserver().register("bob");
    let session = json!(homeserver().log_in(&user_id, "OTHER"));
    let devices = homeserver().devices(&session);
    let localpart = user_id[1..].split(':').next().unwrap();
    for written in [&user_id, localpart] {
        let result = task(written, &admin).run().success();
        let (url, token) = (&homeserver().url, &result["access_token"]);
        assert_eq!(
            result,
            json!({
                "changed": true,
                "msg": format!("logged in as {user_id} at {url}"),
                "access_token": token,
                "user_id": user_id,
                "device_id": "",
                "homeserver_url": url,
                "session": "new",
                "ansible_facts": {"matrix_access_token": token},
                "warnings": [format!(
                    "each run of this task makes one more token of {user_id}, which is valid until it is logged out: give `session_file`"
                )],
            })
        );
        assert_eq!(homeserver().whoami(token), json!({"user_id": user_id, "is_guest": false}));
    }
    assert_eq!(homeserver().devices(&session), devices);
}

#[test]
fn what_needs_a_device_is_refused_before_anything_is_sent() {
    for (name, value) in [("device_id", json!("BOT")), ("refresh_token", json!(true)), ("require_clean_device", json!(true))] {
        assert_eq!(
            task("@alice:hs.test", "x")
                .with("homeserver_url", "http://127.0.0.1:9")
                .with(name, value)
                .run()
                .failure_msg(),
            format!(
                "`{name}` cannot be combined with `admin_access_token`, whose tokens are tied to no device: leave it out, or use another credential"
            )
        );
    }
}

#[test]
fn whatever_the_admin_api_refuses_is_a_readable_failure() {
    let (admin_id, admin) = homeserver().administrator();
    let (bob, alice) = (homeserver().register("bob"), homeserver().register("alice"));
    let not_admin = homeserver().log_in(&alice, "OTHER");
    let encoded = |user_id: &str| user_id.replace('@', "%40").replace(':', "%3A").replace('.', "%2E");
    let other = "the user must be another one than the administrator, and of this server: check `user_id`";
    for (user_id, token, status, errcode, why) in [
        (
            bob.as_str(),
            "syt_WRONG_1",
            401,
            "M_UNKNOWN_TOKEN",
            "(Invalid access token passed.); `admin_access_token` is no longer valid: give a new one".to_owned(),
        ),
        (
            &bob,
            &not_admin,
            403,
            "M_FORBIDDEN",
            "(You are not a server admin); `admin_access_token` is not that of a server administrator: give one that is".into(),
        ),
        (
            "@nobody:hs.test",
            &admin,
            404,
            "M_NOT_FOUND",
            "(User not found); the user does not exist on this server: check `user_id`, upper and lower case included".into(),
        ),
        (&admin_id, &admin, 400, "M_UNKNOWN", format!("(Cannot use admin API to login as self); {other}")),
        (
            "@alice:elsewhere.test",
            &admin,
            400,
            "M_UNKNOWN",
            format!("(Only local users can be logged in as); {other}"),
        ),
    ] {
        let path = format!("/_synapse/admin/v1/users/{}/login", encoded(user_id));
        let msg = format!("could not log in as {user_id}: {{url}}{path} answered {status} {errcode} {why}");
        assert_eq!(task(user_id, token).run().failure(), refused(&msg, status, errcode));
    }
}

#[test]
fn a_token_that_is_no_administrators_cannot_complete_a_localpart() {
    let msg = "could not log in as bob: {url}/_matrix/client/v3/account/whoami answered 401 M_UNKNOWN_TOKEN (Invalid access token passed.); \
               `admin_access_token` is no longer valid: give a new one";
    assert_eq!(task("bob", "syt_WRONG_2").run().failure(), refused(msg, 401, "M_UNKNOWN_TOKEN"));
}
