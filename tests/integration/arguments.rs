//! Arguments are treated as `AnsibleModule` treats them, seen from outside.

use serde_json::{Value, json};

use crate::support::module::{Module, PASSWORD, scratch_path};
use crate::support::server::{Reply, Server};

fn msg(module: Module) -> String {
    module.run().failure_msg()
}

const NOTHING_TO_LOG_IN_WITH: &str = "one of the following is required: password, login_token, jwt, as_token, shared_secret, \
                                      admin_access_token, mas_cli, mas_client_secret, access_token, session_file";

fn complete() -> Module {
    Module::login("http://127.0.0.1:9", "@alice:hs.test")
}

#[test]
fn what_is_wrong_is_said_in_the_words_of_ansible() {
    for (module, expected) in [
        (Module::new(), NOTHING_TO_LOG_IN_WITH),
        (Module::new().with("user_id", "@alice:hs.test").with("password", ""), NOTHING_TO_LOG_IN_WITH),
        (Module::new().with("password", "pw"), "missing parameter(s) required by 'password': user_id"),
        (
            complete().with("state", "absent"),
            "state is absent but any of the following are missing: access_token, session_file",
        ),
        (
            complete().with("return_token", "maybe"),
            "value of return_token must be one of: no_log, always, never, got: maybe",
        ),
        (
            complete().with("return_token", Value::Null),
            "value of return_token must be one of: no_log, always, never, got: ",
        ),
        (
            complete().with("timeout", "soon"),
            "argument 'timeout' is of type str and we were unable to convert to int: \"'soon'\" cannot be converted to an int",
        ),
        (
            complete().with("facts", "soon"),
            "argument 'facts' is of type str and we were unable to convert to dict: dictionary requested, could not parse JSON or key=value",
        ),
    ] {
        assert_eq!(msg(module), expected);
    }
    let unsupported = msg(complete().with("passwort", "x"));
    assert!(
        unsupported.starts_with("Unsupported parameters for (matrix_access_token) module: passwort. Supported parameters include: "),
        "{unsupported}"
    );
    assert!(unsupported.ends_with(" (hs_url)."), "{unsupported}");
}

#[test]
fn what_only_this_module_knows_names_its_option_too() {
    for (module, expected) in [
        (Module::login("matrix.example.com", "alice"), "`homeserver_url` must begin with https:// or http://"),
        (
            complete().with("homeserver_url", "https://bücher.example"),
            "`homeserver_url` must have its host name in ASCII: write the form with xn--, which the command idn2 prints",
        ),
        (
            complete().with("homeserver_url", "http://[fe80::1%25eth0]:8008"),
            "`homeserver_url` must not hold the zone of an IPv6 address (%25 and what follows): give another address of the server, or its name",
        ),
        (
            complete().with("user_id", "@alice:bücher.example"),
            "`user_id` must have its server name in ASCII: write the form with xn--, which the command idn2 prints",
        ),
        (
            Module::login("", "alice"),
            "`user_id` alice has no server name: write @alice:example.com, or give `homeserver_url`",
        ),
        (
            complete().with("user_id", "alice:hs.test"),
            "`user_id` is neither a Matrix ID like @alice:example.com nor a localpart like alice",
        ),
        (
            complete().with("user_id", "alice@hs.test"),
            "`user_id` is neither a Matrix ID like @alice:example.com nor a localpart like alice",
        ),
        (complete().with("timeout", 0), "`timeout` must be at least one second"),
        (complete().with("wait_timeout", -1), "`wait_timeout` must be a number of seconds, 0 or more"),
        (
            complete().with("access_token", "two words"),
            "`access_token` holds characters that a token cannot have: remove quotes, blanks and line breaks around the token",
        ),
        (
            complete().with("return_token", "never"),
            "`return_token: never` needs `session_file`: the token would be lost",
        ),
        (
            complete().with("facts", json!({"access_token": "matrix_bot_token"})),
            "`facts.access_token` must be a field of the session: access_token, user_id, device_id or homeserver_url; \
             names of variables stand on the left, fields on the right",
        ),
    ] {
        assert_eq!(msg(module), expected);
    }
}

#[test]
fn awkward_values_that_ansible_accepts_are_accepted() {
    let accepted = [
        ("timeout", json!("1")),
        ("timeout", json!(" 1 ")),
        ("timeout", json!(1.0)),
        ("use_proxy", json!("No")),
        ("validate_certs", json!("off")),
        ("validate_certs", json!(0)),
        ("facts", json!("{\"t\": \"access_token\"}")),
        ("device_id", json!(5)),
        ("device_id", Value::Null),
        ("ca_path", json!("")),
        ("_ansible_something_new", json!({"a": 1})),
    ];
    for (name, value) in accepted {
        complete().with(name, value).with("_ansible_check_mode", true).run().success();
    }
}

#[test]
fn the_alias_names_the_same_option() {
    let aliased = Module::new()
        .with("hs_url", "http://127.0.0.1:9")
        .with("user_id", "@alice:hs.test")
        .with("password", "pw")
        .with("_ansible_check_mode", true);
    assert_eq!(aliased.run().success()["user_id"], "@alice:hs.test");
}

#[test]
fn an_option_given_twice_earns_the_warning_that_ansible_gives() {
    let result = complete().with("hs_url", "http://127.0.0.1:8").with("_ansible_check_mode", true).run().success();
    assert_eq!(result["warnings"], json!(["Both option homeserver_url and its alias hs_url are set."]));
    assert_eq!(result["homeserver_url"], "http://127.0.0.1:8");
}

#[test]
fn for_ever_is_a_time_as_well() {
    let server = Server::always(Reply::Json(200, json!({"user_id": "@alice:hs.test", "access_token": "T0", "device_id": "D"})));
    let module = Module::login(&server.url(), "@alice:hs.test")
        .with("timeout", i64::MAX)
        .with("wait_timeout", i64::MAX)
        .with("session_file", scratch_path("session").to_str().unwrap());
    assert_eq!(module.run().success()["access_token"], "T0");
}

#[test]
fn a_refusal_comes_with_the_warnings_too() {
    let report = complete().with("hs_url", "http://127.0.0.1:8").with("timeout", "soon").run().failure();
    assert_eq!(report["warnings"], json!(["Both option homeserver_url and its alias hs_url are set."]));
}

#[test]
fn a_secret_that_another_option_repeats_is_not_quoted() {
    assert_eq!(
        msg(Module::new().with("user_id", PASSWORD).with("password", PASSWORD)),
        "`user_id` ******** has no server name: write @********:example.com, or give `homeserver_url`"
    );
}
