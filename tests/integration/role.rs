//! The role takes the module's options and hands each of them on, and its documents say what is true.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

use matrix_access_token::access_token::options::{ARGUMENT_SPEC, Options};
use serde_json::{Map, Value, json};

use crate::support::homeserver::python;

const MODULE: &str = "selfhosted.matrix.matrix_access_token";

/// A file of the role; of a page, the list of its YAML blocks.
fn read(file: &str) -> Value {
    let script = "import json, re, sys, yaml\n\
                  text = open(sys.argv[1]).read()\n\
                  blocks = re.findall(r'```yaml\\n(.*?)```', text, re.S)\n\
                  is_page = sys.argv[1].endswith('.md')\n\
                  print(json.dumps([yaml.safe_load(block) for block in blocks] if is_page else yaml.safe_load(text)))";
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("ansible/roles/access_tokens").join(file);
    let output = Command::new(python()).args(["-c", script]).arg(path).output().unwrap();
    serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&output.stderr)))
}

fn variables() -> Map<String, Value> {
    object(&read("meta/argument_specs.yml")["argument_specs"]["main"]["options"])
}

fn object(value: &Value) -> Map<String, Value> {
    value.as_object().unwrap_or_else(|| panic!("{value}")).clone()
}

fn names<'a>(keys: impl IntoIterator<Item = &'a String>) -> BTreeSet<String> {
    keys.into_iter().cloned().collect()
}

/// Every name that the module knows, with what the role has to check about it. Aliases are options of their own in a role.
fn accepted() -> BTreeMap<String, Value> {
    let described = ARGUMENT_SPEC.arguments.iter().flat_map(|argument| {
        let description = json!({"type": argument.kind.to_string(), "choices": argument.choices});
        let names = [argument.name].into_iter().chain(argument.aliases.iter().copied());
        names.map(move |name| (name.to_owned(), description.clone()))
    });
    described.collect()
}

fn task(tasks: &str) -> Map<String, Value> {
    let tasks = read(tasks);
    let task = tasks.as_array().unwrap().iter().find_map(|task| task.get(MODULE));
    object(task.unwrap())
}

#[test]
fn an_account_takes_every_option_of_the_module() {
    for variable in ["access_tokens_accounts", "access_tokens_defaults"] {
        let options = object(&variables()[variable]["options"]);
        let described = options.into_iter().map(|(name, option)| {
            let choices = option.get("choices").cloned().unwrap_or(json!([]));
            (name, json!({"type": option["type"], "choices": choices}))
        });
        assert_eq!(described.collect::<BTreeMap<_, _>>(), accepted());
    }
}

#[test]
fn every_option_of_an_account_is_handed_on() {
    let mut expected = names(accepted().keys());
    // present.yml is the state
    expected.remove("state");
    assert_eq!(names(task("tasks/present.yml").keys()), expected);
}

#[test]
fn every_option_that_is_handed_on_is_the_one_of_that_name() {
    for tasks in ["tasks/present.yml", "tasks/absent.yml"] {
        for (name, value) in task(tasks) {
            let handed_on = json!(format!("{{{{ __access_tokens_options.{name} | default(omit) }}}}"));
            assert!(value == handed_on || ["state", "facts", "force"].contains(&name.as_str()), "{name}: {value}");
        }
    }
}

#[test]
fn a_session_is_revoked_without_a_credential() {
    let mut expected = names(accepted().keys());
    for of_no_use in [
        "password",
        "login_token",
        "jwt",
        "as_token",
        "shared_secret",
        "admin_access_token",
        "mas_cli",
        "device_display_name",
        "refresh_token",
        "require_clean_device",
        "force",
        "return_token",
    ] {
        assert!(expected.remove(of_no_use), "{of_no_use}");
    }
    assert_eq!(names(task("tasks/absent.yml").keys()), expected);
}

#[test]
fn the_defaults_are_the_documented_ones() {
    let documented: Map<String, Value> = variables()
        .into_iter()
        .filter_map(|(name, option)| option.get("default").map(|default| (name, default.clone())))
        .collect();
    assert_eq!(object(&read("defaults/main.yml")), documented);
}

#[test]
fn the_page_of_the_role_describes_every_variable() {
    let page = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("ansible/roles/access_tokens/README.md")).unwrap();
    for name in variables().keys() {
        assert!(page.contains(&format!("\n| `{name}` |")), "{name}");
    }
}

/// Wherever a block of the page sets variables: for a play, or by themselves.
fn shown_accounts() -> Vec<Map<String, Value>> {
    let blocks = read("README.md");
    let variables = blocks.as_array().unwrap().iter().map(|block| block[0].get("vars").unwrap_or(block));
    let accounts = variables.filter_map(|variables| variables.get("access_tokens_accounts")?.as_array());
    accounts.flatten().map(object).collect()
}

#[test]
fn every_account_on_the_page_is_one_that_the_module_takes() {
    let accounts = shown_accounts();
    assert!(accounts.len() > 2, "{}", accounts.len());
    for account in accounts {
        assert!(names(account.keys()).is_subset(&names(accepted().keys())), "{account:?}");
        let evaluated = account.iter().map(|(name, value)| match value.as_str() {
            Some(text) if text.contains("{{") => (name.clone(), json!("what Ansible makes of it")),
            _ => (name.clone(), value.clone()),
        });
        if let Err(refusal) = Options::check(evaluated.collect()) {
            panic!("{refusal}\n{account:?}");
        }
    }
}
