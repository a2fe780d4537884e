//! `shared_secret`: any existing user, by an HMAC that a module of the homeserver checks.

use serde_json::json;

use super::{SHARED_SECRET, assert_works, homeserver, logged_in, refused};
use crate::support::module::Module;

fn task(user_id: &str) -> Module {
    Module::as_user(&homeserver().url, user_id)
        .with("shared_secret", SHARED_SECRET)
        .secret(SHARED_SECRET)
}

#[test]
fn it_logs_in_any_user() {
    let user_id = homeserver().register("alice");
    let result = task(&user_id).with("device_id", "BOT").run().success();
    assert_eq!(result, logged_in(&user_id, &result["access_token"]));
    assert_works(&result["access_token"], &user_id);
}

#[test]
fn a_localpart_is_not_enough() {
    assert_eq!(
        task("alice").run().failure_msg(),
        "`shared_secret` needs the full Matrix ID: write `user_id` like @alice:example.com"
    );
}

#[test]
fn a_wrong_one_is_a_readable_failure_and_a_line_break_at_its_end_is_pointed_out() {
    let user_id = homeserver().register("alice");
    let why = "answered 403 M_FORBIDDEN (Invalid username or password); the server does not say which is wrong: check `shared_secret`, that `user_id` exists on \
               this server with these capitals, and that the server's module takes this kind of login";
    let msg = |user_id: &str| format!("could not log in as {user_id}: {{url}}/_matrix/client/v3/login {why}");
    for (user_id, secret) in [(user_id.as_str(), "shared-WRONG-1"), ("@nobody:hs.test", SHARED_SECRET)] {
        let result = task(user_id).with("shared_secret", secret).secret("shared-WRONG-1").run().failure();
        assert_eq!(result, refused(&msg(user_id), 403, "M_FORBIDDEN"));
    }
    let mut expected = refused(&msg(&user_id), 403, "M_FORBIDDEN");
    expected["warnings"] = json!(["`shared_secret` ends with a line break, which is part of it for the homeserver: remove the line break"]);
    assert_eq!(task(&user_id).with("shared_secret", format!("{SHARED_SECRET}\n")).run().failure(), expected);
}

#[test]
fn a_server_without_the_module_names_what_it_takes_instead() {
    let plain = crate::support::homeserver::Homeserver::shared();
    let result = task("@alice:hs.test").with("homeserver_url", plain.url.as_str()).run().failure();
    assert_eq!(
        result,
        json!({
            "failed": true,
            "msg": format!(
                "could not log in as @alice:hs.test: {}/_matrix/client/v3/login answered 400 M_UNKNOWN (Unknown login type com.devture.shared_secret_auth); \
                 this homeserver takes no login with `shared_secret`: give `password` instead, `admin_access_token` (Synapse), or `access_token`",
                plain.url
            ),
            "http_status": 400,
            "errcode": "M_UNKNOWN",
            "login_flows": ["m.login.password", "m.login.application_service"],
        })
    );
}
