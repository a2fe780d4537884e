//! What `ansible-doc` shows and what the binary accepts are the same options. The examples are run by tests/documentation.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use matrix_access_token::access_token::options::ARGUMENT_SPEC;
use matrix_access_token::ansible::argument_spec::Argument;
use serde_json::{Value, json};

use crate::support::homeserver::python;

const MODULE: &str = "selfhosted.matrix.matrix_access_token";

fn ansible_doc() -> Value {
    let output = Command::new(python().with_file_name("ansible-doc"))
        .args(["--json", MODULE])
        .env("ANSIBLE_COLLECTIONS_PATH", Path::new(env!("CARGO_MANIFEST_DIR")).join(".cache/collections"))
        .output()
        .unwrap();
    let documentation: Value =
        serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&output.stderr)));
    documentation[MODULE].clone()
}

/// Every option with all that playbooks depend on, so that a difference is shown side by side.
fn documented(documentation: &Value) -> BTreeMap<String, Value> {
    let options = documentation["doc"]["options"].as_object().unwrap();
    let part = |option: &Value, name, default| option.get(name).cloned().unwrap_or(default);
    let describe = |option: &Value| {
        json!({
            "type": part(option, "type", json!("str")),
            "default": part(option, "default", Value::Null),
            "choices": part(option, "choices", json!([])),
            "aliases": part(option, "aliases", json!([])),
        })
    };
    options.iter().map(|(name, option)| (name.clone(), describe(option))).collect()
}

fn accepted(argument: &Argument) -> (String, Value) {
    let default = argument.default.map(|text| serde_json::from_str(text).unwrap_or(json!(text)));
    let description = json!({
        "type": argument.kind.to_string(),
        "default": default,
        "choices": argument.choices,
        "aliases": argument.aliases,
    });
    (argument.name.to_owned(), description)
}

#[test]
fn the_documentation_and_the_option_table_agree() {
    let accepted: BTreeMap<String, Value> = ARGUMENT_SPEC.arguments.iter().map(accepted).collect();
    assert_eq!(documented(&ansible_doc()), accepted);
}

#[test]
fn the_documentation_has_a_synopsis_examples_and_every_field_of_the_result() {
    let documentation = ansible_doc();
    assert!(documentation["doc"]["short_description"].as_str().is_some_and(|text| !text.is_empty()));
    assert!(documentation["examples"].as_str().unwrap().contains(MODULE));
    let returned = documentation["return"].as_object().unwrap();
    for field in [
        "msg",
        "access_token",
        "user_id",
        "device_id",
        "homeserver_url",
        "session",
        "expires_in_ms",
        "errcode",
        "http_status",
        "retry_after_ms",
    ] {
        assert!(returned.contains_key(field), "{field} is not documented");
    }
}
