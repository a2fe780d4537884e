//! What `ansible-doc` shows and what the binary accepts are the same options.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use matrix_access_token::access_token::options::{ARGUMENT_SPEC, Options};
use matrix_access_token::ansible::argument_spec::Argument;
use serde_json::{Map, Value, json};

use crate::support::homeserver::python;

const MODULE: &str = "selfhosted.matrix.matrix_access_token";

fn ansible_doc() -> Value {
    let output = Command::new(python().with_file_name("ansible-doc"))
        .args(["--json", MODULE])
        .env(
            "ANSIBLE_COLLECTIONS_PATH",
            Path::new(env!("CARGO_MANIFEST_DIR")).join(".cache/collections"),
        )
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
            "required": part(option, "required", json!(false)),
            "default": part(option, "default", Value::Null),
            "choices": part(option, "choices", json!([])),
            "aliases": part(option, "aliases", json!([])),
        })
    };
    options.iter().map(|(name, option)| (name.clone(), describe(option))).collect()
}

fn accepted(argument: &Argument) -> (String, Value) {
    let description = json!({
        "type": argument.kind.name(),
        "required": argument.required,
        "default": argument.default.to_json(),
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
    assert!(
        documentation["doc"]["short_description"]
            .as_str()
            .is_some_and(|text| !text.is_empty())
    );
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

/// Every task of this module in the YAML that users copy: the blocks of the README, and the examples that `ansible-doc` shows.
fn examples() -> Vec<(String, Map<String, Value>)> {
    let script = "import json, re, sys, yaml\n\
                  blocks = re.findall(r'```yaml\\n(.*?)```', open('README.md').read(), re.S) + [sys.stdin.read()]\n\
                  print(json.dumps([yaml.safe_load(block) for block in blocks]))";
    let mut child = Command::new(python())
        .args(["-c", script])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let shown = ansible_doc()["examples"].as_str().unwrap().to_owned();
    child.stdin.take().unwrap().write_all(shown.as_bytes()).unwrap();
    let blocks: Vec<Value> = serde_json::from_slice(&child.wait_with_output().unwrap().stdout).unwrap();
    let entries = blocks.iter().flat_map(|block| block.as_array().unwrap());
    let tasks = entries.flat_map(|entry| {
        entry
            .get("tasks")
            .map_or_else(|| vec![entry], |tasks| tasks.as_array().unwrap().iter().collect())
    });
    tasks
        .filter_map(|task| {
            [MODULE, "matrix_access_token"]
                .into_iter()
                .find_map(|name| task.get(name))
                .map(|options| (task.to_string(), as_run(options)))
        })
        .collect()
}

/// With some text in place of each template.
fn as_run(options: &Value) -> Map<String, Value> {
    let mut text = options.to_string();
    while let Some((before, after)) = text.split_once("{{") {
        text = format!("{before}x{}", after.split_once("}}").unwrap().1);
    }
    serde_json::from_str(&text).unwrap()
}

#[test]
fn every_example_is_one_that_the_module_takes() {
    let examples = examples();
    assert!(examples.len() > 10, "{}", examples.len());
    for (task, options) in examples {
        let refusal = Options::check(options).err();
        assert!(refusal.is_none(), "{}\n{task}", refusal.unwrap());
    }
}
