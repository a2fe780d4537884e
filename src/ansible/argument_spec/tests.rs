//! Each rule of an option table, with none, each alone, and both.

use serde_json::{Map, Value, json};

use super::{Argument, ArgumentSpec, DefaultValue, Parameters};

const SPEC: ArgumentSpec = ArgumentSpec {
    module_name: "demo",
    arguments: &[
        Argument::str("state").choices(&["present", "absent"]).default(DefaultValue::Str("present")),
        Argument::str("user_id").alias(&["user", "username"]),
        Argument::str("password").secret(),
        Argument::str("jwt").secret().alias(&["assertion"]),
        Argument::str("mode").choices(&["fast", "no"]).secret(),
        Argument::int("timeout").default(DefaultValue::Int(30)),
        Argument::int("pin").secret(),
        Argument::bool("force"),
        Argument::dict("facts").default(DefaultValue::Dict(&[("fact", "access_token")])),
        Argument::path("client_cert"),
        Argument::path("client_key"),
    ],
    mutually_exclusive: &[&["password", "jwt"], &["user_id", "force", "pin"]],
    required_together: &[&["client_cert", "client_key"]],
};

fn value<'a>(parameters: &'a Parameters, name: &str) -> Option<&'a Value> {
    parameters.values.get(name).filter(|value| !value.is_null())
}

fn map(supplied: Value) -> Map<String, Value> {
    serde_json::from_value(supplied).unwrap()
}

fn accepted(supplied: Value) -> Parameters {
    SPEC.check(map(supplied)).unwrap_or_else(|error| panic!("{error}"))
}

fn refused(supplied: Value) -> String {
    SPEC.check(map(supplied)).err().map(|error| error.to_string()).unwrap_or_default()
}

#[test]
fn nothing_given_leaves_the_defaults() {
    let mut parameters = accepted(json!({}));
    assert_eq!(value(&parameters, "state"), Some(&json!("present")));
    assert_eq!(value(&parameters, "facts"), Some(&json!({"fact": "access_token"})));
    assert_eq!(
        (parameters.int("timeout"), parameters.str("user_id"), parameters.bool("force")),
        (Some(30), None, None)
    );
}

#[test]
fn an_empty_text_means_not_given_unless_the_option_is_unknown() {
    let mut parameters = accepted(json!({"state": "", "user": "", "timeout": "", "password": "", "jwt": "x", "client_key": ""}));
    assert_eq!((parameters.str("state"), parameters.int("timeout")), (Some("present".into()), Some(30)));
    assert_eq!((value(&parameters, "user_id"), value(&parameters, "password")), (None, None));
    assert!(refused(json!({"bogus": ""})).starts_with("Unsupported parameters for (demo) module: bogus."));
}

#[test]
fn an_alias_stands_for_the_name_and_the_last_one_wins_with_a_warning() {
    let cases = [
        (json!({"user": "a"}), "a", vec![]),
        (json!({"user": "a", "user_id": "b"}), "a", vec!["Both option user_id and its alias user are set."]),
        (
            json!({"username": "c", "user": "a"}),
            "c",
            vec!["Both option user_id and its alias username are set."],
        ),
    ];
    for (supplied, user_id, warnings) in cases {
        let mut parameters = accepted(supplied);
        assert_eq!((parameters.str("user_id"), parameters.str("user")), (Some(user_id.into()), None));
        assert_eq!(parameters.warnings, warnings);
    }
}

#[test]
fn exclusive_options_are_accepted_alone_and_refused_together() {
    for supplied in [json!({}), json!({"password": "hunter2"}), json!({"jwt": "eyJ0"})] {
        assert_eq!(refused(supplied), "");
    }
    for supplied in [json!({"password": "hunter2", "jwt": "eyJ0"}), json!({"password": null, "assertion": "eyJ0"})] {
        assert_eq!(refused(supplied), "parameters are mutually exclusive: password|jwt");
    }
}

#[test]
fn every_violated_group_of_exclusive_options_is_named() {
    let message = "parameters are mutually exclusive: password|jwt, user_id|force|pin";
    assert_eq!(refused(json!({"password": "hunter2", "jwt": "eyJ0", "user": "u", "force": true})), message);
}

#[test]
fn options_required_together_are_accepted_in_full_and_refused_alone() {
    for supplied in [
        json!({}),
        json!({"client_cert": "/c", "client_key": "/k"}),
        json!({"client_cert": "/c", "client_key": null}),
    ] {
        assert_eq!(refused(supplied), "");
    }
    for supplied in [json!({"client_cert": "/c"}), json!({"client_key": "/k"}), json!({"client_key": null})] {
        assert_eq!(refused(supplied), "parameters are required together: client_cert, client_key");
    }
}

#[test]
fn a_default_counts_where_options_are_required_together() {
    const SPEC: ArgumentSpec = ArgumentSpec {
        module_name: "demo",
        arguments: &[Argument::str("a").default(DefaultValue::Str("x")), Argument::str("b")],
        mutually_exclusive: &[&["a", "b"]],
        required_together: &[&["a", "b"]],
    };
    assert_eq!(SPEC.check(map(json!({}))).err().unwrap().to_string(), "parameters are required together: a, b");
    assert!(SPEC.check(map(json!({"b": "y"}))).is_ok());
}

#[test]
fn a_null_is_absent_only_for_an_option_without_default() {
    assert_eq!(value(&accepted(json!({"user_id": null, "client_cert": null, "client_key": null})), "user_id"), None);
    let message = "argument 'timeout' is of type NoneType and we were unable to convert to int: \"None\" cannot be converted to an int";
    assert_eq!(refused(json!({"timeout": null})), message);
}

#[test]
fn a_null_with_choices_is_refused_as_ansible_refuses_it() {
    assert_eq!(refused(json!({"state": null})), "value of state must be one of: present, absent, got: ");
    assert_eq!(refused(json!({"mode": null})), "value of mode must be one of: fast, no, got: None");
}

#[test]
fn a_value_outside_the_choices_is_refused() {
    assert_eq!(refused(json!({"state": "maybe"})), "value of state must be one of: present, absent, got: maybe");
}

#[test]
fn a_yaml_boolean_finds_the_one_choice_that_it_can_mean() {
    assert_eq!(accepted(json!({"mode": false})).str("mode"), Some("no".into()));
    assert_eq!(refused(json!({"mode": true})), "value of mode must be one of: fast, no, got: True");
}

#[test]
fn unsupported_names_come_with_all_that_are_supported() {
    let message = "Unsupported parameters for (demo) module: bogus, zzz. Supported parameters include: client_cert, client_key, facts, force, \
         jwt, mode, password, pin, state, timeout, user_id (assertion, user, username).";
    assert_eq!(refused(json!({"zzz": 1, "bogus": null, "user": "u"})), message);
}

#[test]
fn only_the_first_error_is_told() {
    let mut supplied = map(json!({"bogus": 1, "client_key": "/k", "state": "maybe", "timeout": "x", "password": "hunter2", "jwt": "eyJ0"}));
    let faults = [
        ("jwt", "parameters are mutually exclusive"),
        ("timeout", "argument 'timeout'"),
        ("state", "value of state"),
        ("client_key", "parameters are required together"),
        ("bogus", "Unsupported parameters"),
    ];
    for (repaired, message) in faults {
        assert!(refused(supplied.clone().into()).starts_with(message), "{message}");
        supplied.remove(repaired);
    }
    assert_eq!(refused(supplied.into()), "");
}

#[test]
fn no_message_shows_a_secret() {
    let cases = [
        json!({"mode": "hunter2"}),
        json!({"pin": ["it's hunter2"]}),
        json!({"pin": {"a": {"b": "hunter2"}}}),
        json!({"pin": "hunter2"}),
        json!({"pin": 1234.5}),
        json!({"password": "hunter2", "hunter2": 1}),
        json!({"assertion": "hunter2", "jwt": "other", "state": "hunter2"}),
        json!({"assertion": "other", "jwt": "hunter2", "state": "hunter2"}),
    ];
    for supplied in cases {
        let message = refused(supplied);
        assert!(
            message.contains("********") && !message.contains("hunter2") && !message.contains("1234"),
            "{message}"
        );
    }
}
