//! The `_ansible_*` keys that Ansible adds to the options of a module: what it runs under. Unknown ones are for others.

use std::path::PathBuf;

use serde_json::{Map, Value};

use super::coerce;

const PREFIX: &str = "_ansible_";

/// The keys that matter here. One that is missing or of a wrong type has its default.
#[allow(clippy::struct_excessive_bools, reason = "each is one key of Ansible's own")]
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Switches {
    /// Nothing may be changed, only predicted.
    pub check_mode: bool,
    /// The task hides its result.
    pub no_log: bool,
    /// Before and after are to be shown.
    pub diff: bool,
    /// Ansible itself is being debugged.
    pub debug: bool,
    /// How many `-v` were given.
    pub verbosity: u64,
    /// The files that Ansible copied here are to stay.
    pub keep_remote_files: bool,
    /// The folder that Ansible copied them to.
    pub tmpdir: Option<PathBuf>,
    /// The version of ansible-core.
    pub version: Option<String>,
}

impl Switches {
    /// Takes every `_ansible_*` key out of the arguments, so that only the options are left.
    #[must_use]
    pub fn take_from(arguments: &mut Map<String, Value>) -> Self {
        let switches = Self::read(arguments);
        arguments.retain(|key, _| !key.starts_with(PREFIX));
        switches
    }

    fn read(arguments: &Map<String, Value>) -> Self {
        let value = |name: &str| arguments.get(&format!("{PREFIX}{name}"));
        let flag = |name| value(name).is_some_and(|value| coerce::to_bool(value) == Ok(true));
        let text = |name| value(name).and_then(Value::as_str).filter(|text| !text.is_empty());
        let count = |name| value(name).and_then(|value| coerce::to_int(value).ok()?.try_into().ok());
        Self {
            check_mode: flag("check_mode"),
            no_log: flag("no_log"),
            diff: flag("diff"),
            debug: flag("debug"),
            verbosity: count("verbosity").unwrap_or_default(),
            keep_remote_files: flag("keep_remote_files"),
            tmpdir: text("tmpdir").map(PathBuf::from),
            version: text("version").map(str::to_owned),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Map, Value, json};

    use super::Switches;

    fn map(arguments: Value) -> Map<String, Value> {
        serde_json::from_value(arguments).unwrap()
    }

    #[test]
    fn switches_are_taken_out_and_unknown_ones_ignored() {
        let mut arguments = map(json!({
            "state": "present", "_ansible_check_mode": true, "_ansible_no_log": "yes", "_ansible_verbosity": 4, "_ansible_diff": 1,
            "_ansible_tmpdir": "/tmp/x/", "_ansible_version": "2.19.14", "_ansible_tracebacks_for": [], "_ansible_tomorrow": null,
        }));
        let expected = Switches {
            check_mode: true,
            no_log: true,
            diff: true,
            verbosity: 4,
            tmpdir: Some("/tmp/x/".into()),
            version: Some("2.19.14".into()),
            ..Switches::default()
        };
        assert_eq!(Switches::take_from(&mut arguments), expected);
        assert_eq!(Value::from(arguments), json!({"state": "present"}));
    }

    #[test]
    fn a_wrong_type_is_the_default() {
        let mut arguments = map(json!({
            "_ansible_check_mode": null, "_ansible_no_log": "maybe", "_ansible_debug": [], "_ansible_keep_remote_files": {},
            "_ansible_verbosity": -1, "_ansible_tmpdir": 5, "_ansible_version": false,
        }));
        assert_eq!(Switches::take_from(&mut arguments), Switches::default());
    }
}
