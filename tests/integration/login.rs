//! Logging in at a real homeserver.

use serde_json::json;

use crate::support::homeserver::Homeserver;
use crate::support::module::{Module, PASSWORD};
use crate::support::server::{Reply, Server};

#[test]
fn a_password_becomes_a_working_token() {
    let homeserver = Homeserver::shared();
    let user_id = homeserver.register("alice");
    let result = Module::login(&homeserver.url, &user_id).with("device_id", "BOT").run().success();
    let token = result["access_token"].clone();
    assert_eq!(
        result,
        json!({
            "changed": true,
            "msg": format!("logged in as {user_id} on device BOT at {}", homeserver.url),
            "access_token": token,
            "user_id": user_id,
            "device_id": "BOT",
            "homeserver_url": homeserver.url,
            "session": "new",
            "ansible_facts": {"matrix_access_token": token},
        })
    );
    assert_eq!(homeserver.whoami(&token), json!({"user_id": user_id, "device_id": "BOT", "is_guest": false}));
    assert_eq!(homeserver.devices(&token), [json!(["BOT", "Ansible matrix_access_token"])]);
}

#[test]
fn a_localpart_is_completed_by_the_homeserver() {
    let homeserver = Homeserver::shared();
    let user_id = homeserver.register("bob");
    let localpart = user_id.split(':').next().unwrap().trim_start_matches('@').to_owned();
    let result = Module::login(&format!("{}/_matrix/client/", homeserver.url), &localpart).run().success();
    assert_eq!(result["user_id"], user_id.as_str());
    assert_eq!(result["homeserver_url"], homeserver.url.as_str());
}

#[test]
fn without_a_device_id_the_server_chooses_one_and_an_empty_one_counts_as_none() {
    let homeserver = Homeserver::shared();
    let user_id = homeserver.register("carol");
    for module in [
        Module::login(&homeserver.url, &user_id),
        Module::login(&homeserver.url, &user_id).with("device_id", ""),
    ] {
        let result = module.with("device_display_name", "Carol's bridge").run().success();
        assert_eq!(result["device_id"].as_str().unwrap().len(), 10, "{result}");
        assert!(
            homeserver
                .devices(&result["access_token"])
                .contains(&json!([result["device_id"], "Carol's bridge"]))
        );
    }
}

#[test]
fn the_facts_are_those_asked_for() {
    let homeserver = Homeserver::shared();
    let user_id = homeserver.register("dora");
    let facts = json!({"bot_token": "access_token", "bot_device": "device_id", "bot_user": "user_id", "bot_url": "homeserver_url"});
    let result = Module::login(&homeserver.url, &user_id).with("device_id", "D").with("facts", facts).run().success();
    let expected = json!({"bot_token": result["access_token"], "bot_device": "D", "bot_user": user_id, "bot_url": homeserver.url});
    assert_eq!(result["ansible_facts"], expected);
}

#[test]
fn a_wrong_password_is_a_readable_failure() {
    let homeserver = Homeserver::shared();
    let user_id = homeserver.register("erin");
    let result = Module::login(&homeserver.url, &user_id)
        .with("password", "pw-WRONG-55aa")
        .secret("pw-WRONG-55aa")
        .run()
        .failure();
    assert_eq!(
        result,
        json!({
            "failed": true,
            "msg": format!(
                "could not log in as {user_id}: {}/_matrix/client/v3/login answered 403 M_FORBIDDEN (Invalid username or password); \
                 the server does not say which is wrong: check `password`, then that `user_id` exists on this server, is not deactivated and has a password",
                homeserver.url
            ),
            "http_status": 403,
            "errcode": "M_FORBIDDEN",
        })
    );
}

#[test]
fn check_mode_asks_for_nothing_and_invents_no_token() {
    let server = Server::always(Reply::Json(500, json!({})));
    let module = Module::login(&server.url(), "@alice:hs.test")
        .with("_ansible_check_mode", true)
        .with("device_id", "BOT");
    let result = module.run().success();
    assert_eq!(
        result,
        json!({
            "changed": true,
            "msg": format!("would log in as @alice:hs.test at {}", server.url()),
            "access_token": "",
            "user_id": "@alice:hs.test",
            "device_id": "BOT",
            "homeserver_url": server.url(),
            "session": "new",
            "ansible_facts": {"matrix_access_token": ""},
        })
    );
    assert_eq!(server.asked(), [""; 0]);
}

#[test]
fn the_request_is_the_one_that_the_specification_describes() {
    let server = Server::always(Reply::Json(200, json!({"user_id": "@alice:hs.test", "access_token": "T0", "device_id": "BOT"})));
    Module::login(&server.url(), "@alice:hs.test")
        .with("device_id", "BOT")
        .with("http_agent", "probe/1")
        .run()
        .success();
    let requests = server.requests();
    assert_eq!(server.asked(), ["POST /_matrix/client/v3/login", "GET /_matrix/client/v3/account/whoami"]);
    assert_eq!(
        requests[0].json(),
        json!({
            "type": "m.login.password",
            "identifier": {"type": "m.id.user", "user": "@alice:hs.test"},
            "password": PASSWORD,
            "device_id": "BOT",
            "initial_device_display_name": "Ansible matrix_access_token",
        })
    );
    assert_eq!(requests[0].header("Content-Type"), Some("application/json"));
    assert_eq!(requests[0].header("User-Agent"), Some("probe/1"));
    assert_eq!(requests[0].header("Authorization"), None);
}

#[test]
fn a_session_of_another_user_is_refused_and_logged_out_again() {
    let server = Server::always(Reply::Json(
        200,
        json!({"user_id": "@mallory:hs.test", "access_token": "syt_OTHER_1", "device_id": "D"}),
    ));
    let msg = Module::login(&server.url(), "@alice:hs.test").secret("syt_OTHER_1").run().failure_msg();
    assert_eq!(
        msg,
        format!(
            "the new session was logged out again: {} logged in @mallory:hs.test instead of @alice:hs.test; check `user_id` and `homeserver_url`",
            server.url()
        )
    );
    assert_eq!(
        server.asked(),
        [
            "POST /_matrix/client/v3/login",
            "GET /_matrix/client/v3/account/whoami",
            "POST /_matrix/client/v3/logout"
        ]
    );
    assert_eq!(server.requests()[2].header("Authorization"), Some("Bearer syt_OTHER_1"));
}

#[test]
fn expiry_is_reported_when_the_server_tells_it() {
    let server = Server::always(Reply::Json(
        200,
        json!({"user_id": "@alice:hs.test", "access_token": "T0", "device_id": "D", "expires_in_ms": 60_000}),
    ));
    let result = Module::login(&server.url(), "@alice:hs.test").run().success();
    let left = result["expires_in_ms"].as_u64().unwrap();
    assert!((50_000..=60_000).contains(&left), "{left}");
}
