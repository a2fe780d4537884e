//! Argument sets as playbooks could write them: several options at a time, names and aliases, values good and bad, names that nobody knows.

use std::collections::BTreeMap;
use std::fmt;

use matrix_access_token::ansible::argument_spec::{Argument, ArgumentSpec};
use proptest::collection::vec;
use proptest::prelude::{Strategy, prop_oneof};
use proptest::sample::select;
use proptest::strategy::{BoxedStrategy, Union};

use crate::values::{CHARACTERS, awkward, likely};

/// Names, and the JSON texts of their values: text, because the spelling of a number matters.
#[derive(Clone, Debug)]
pub struct ArgumentSet(pub BTreeMap<String, String>);

impl ArgumentSet {
    /// The args file.
    pub fn to_json(&self) -> String {
        let entries: Vec<_> = self.0.iter().map(|(name, value)| format!("{}: {value}", quoted(name))).collect();
        format!("{{{}}}", entries.join(", "))
    }
}

impl fmt::Display for ArgumentSet {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.to_json())
    }
}

/// The text as JSON.
pub fn quoted(text: &str) -> String {
    serde_json::to_string(text).unwrap()
}

/// Sets for the options of a table.
pub fn argument_sets(table: &ArgumentSpec) -> impl Strategy<Value = ArgumentSet> + use<> {
    let options = Union::new(table.arguments.iter().map(entry));
    let entries = vec(prop_oneof![24 => options, 1 => unknown(), 2 => switch()], 0..6);
    entries.prop_map(|entries| ArgumentSet(entries.into_iter().collect()))
}

fn entry(argument: &Argument) -> BoxedStrategy<(String, String)> {
    let names: Vec<_> = argument.names().collect();
    let value = prop_oneof![7 => likely(argument), 1 => awkward()];
    (select(names).prop_map(str::to_owned), value).boxed()
}

fn unknown() -> impl Strategy<Value = (String, String)> {
    let name = prop_oneof![
        select(vec!["User", "passwort", "żółw", "state ", "a.b", "ansible_x"]).prop_map(str::to_owned),
        CHARACTERS.prop_filter("a switch of Ansible's", |name| !name.starts_with("_ansible_")),
    ];
    (name, awkward())
}

/// Of the type that Ansible itself gives them. Others crash `AnsibleModule`.
fn switch() -> impl Strategy<Value = (String, String)> {
    let switches = vec![
        ("_ansible_check_mode", "true"),
        ("_ansible_diff", "false"),
        ("_ansible_verbosity", "4"),
        ("_ansible_version", "\"2.19.14\""),
        ("_ansible_socket", "null"),
        ("_ansible_selinux_special_fs", "[\"nfs\"]"),
        ("_ansible_string_conversion_action", "\"warn\""),
        ("_ansible_of_tomorrow", "{\"a\": 1}"),
    ];
    select(switches).prop_map(|(name, value)| (name.to_owned(), value.to_owned()))
}
