//! An option table, checked as `AnsibleModule` of ansible-core 2.19 checks it: the same order, the same words, only the first fault told.
//! One rule is its own: an empty text means "not given", because playbooks are full of empty defaults.

use std::fmt;
use std::mem;

use serde_json::{Map, Value};

pub use super::argument::{Argument, ArgumentType, DefaultValue};
use super::coerce::{FALSE_WORDS, TRUE_WORDS, coerce};
pub use super::parameters::Parameters;
use super::violation::Violation;
use super::{no_log, python_repr};
use crate::secret::{Secret, scrub};

/// The options of a module and the relations between them.
pub struct ArgumentSpec {
    /// What messages call the module.
    pub module_name: &'static str,
    /// The options.
    pub arguments: &'static [Argument],
    /// Groups of which at most one option may be given.
    pub mutually_exclusive: &'static [&'static [&'static str]],
    /// Groups of which all options must be given when one is.
    pub required_together: &'static [&'static [&'static str]],
}

/// Arguments that break a rule, of the table or of the module. Shows the message, which holds no secret.
#[derive(Debug, PartialEq, Eq)]
pub struct ArgumentError {
    message: String,
    /// What the user should be told besides.
    pub warnings: Vec<String>,
}

impl ArgumentError {
    /// With stars for the secrets.
    #[must_use]
    pub fn new(message: &str, warnings: Vec<String>, secrets: &[Secret]) -> Self {
        Self {
            message: scrub(message, secrets),
            warnings,
        }
    }
}

impl fmt::Display for ArgumentError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message)
    }
}

impl std::error::Error for ArgumentError {}

impl ArgumentSpec {
    /// The arguments by their proper names, coerced, with defaults.
    ///
    /// # Errors
    /// When they break a rule of the table.
    pub fn check(&self, mut values: Map<String, Value>) -> Result<Parameters, ArgumentError> {
        let secrets = self.secrets(&values);
        self.drop_empty(&mut values);
        let unsupported = self.unsupported(&values);
        let warnings = self.resolve_aliases(&mut values);
        match self.validate(&mut values).and(unsupported.map_or(Ok(()), Err)) {
            Ok(()) => Ok(Parameters::new(values, warnings)),
            Err(violation) => Err(ArgumentError::new(&violation.to_string(), warnings, &secrets)),
        }
    }

    fn validate(&self, values: &mut Map<String, Value>) -> Result<(), Violation> {
        self.check_mutually_exclusive(values)?;
        self.fill_in_defaults(values);
        self.check_required(values)?;
        self.coerce(values)?;
        self.check_choices(values)?;
        self.check_required_together(values)
    }

    fn drop_empty(&self, values: &mut Map<String, Value>) {
        values.retain(|name, value| value != "" || !self.knows(name));
    }

    fn unsupported(&self, values: &Map<String, Value>) -> Option<Violation> {
        let given: Vec<String> = values.keys().filter(|name| !self.knows(name)).cloned().collect();
        (!given.is_empty()).then(|| Violation::Unsupported {
            module: self.module_name,
            given,
            options: self.arguments.iter().map(|argument| argument.name).collect(),
            aliases: self.arguments.iter().flat_map(|argument| argument.aliases).copied().collect(),
        })
    }

    /// The last alias that is given wins, even over the name.
    fn resolve_aliases(&self, values: &mut Map<String, Value>) -> Vec<String> {
        let mut warnings = Vec::new();
        for argument in self.arguments {
            for alias in argument.aliases {
                let Some(value) = values.shift_remove(*alias) else { continue };
                if values.insert(argument.name.into(), value).is_some() {
                    warnings.push(format!("Both option {} and its alias {alias} are set.", argument.name));
                }
            }
        }
        warnings
    }

    fn check_mutually_exclusive(&self, values: &Map<String, Value>) -> Result<(), Violation> {
        let groups = self.mutually_exclusive.iter().copied();
        let violated: Vec<_> = groups.filter(|group| count(group, values) > 1).collect();
        if violated.is_empty() {
            Ok(())
        } else {
            Err(Violation::MutuallyExclusive(violated))
        }
    }

    fn fill_in_defaults(&self, values: &mut Map<String, Value>) {
        for argument in self.arguments.iter().filter(|argument| argument.default != DefaultValue::None) {
            values.entry(argument.name).or_insert_with(|| argument.default.to_json());
        }
    }

    fn check_required(&self, values: &Map<String, Value>) -> Result<(), Violation> {
        let required = self
            .arguments
            .iter()
            .filter(|argument| argument.required)
            .map(|argument| argument.name);
        let missing: Vec<_> = required.filter(|name| !values.contains_key(*name)).collect();
        if missing.is_empty() {
            Ok(())
        } else {
            Err(Violation::Missing(missing))
        }
    }

    fn coerce(&self, values: &mut Map<String, Value>) -> Result<(), Violation> {
        for &argument in self.arguments {
            let Some(value) = values.get_mut(argument.name) else { continue };
            if value.is_null() && argument.null_means_absent() {
                continue;
            }
            let found = python_repr::type_name(value);
            let coerced = coerce(mem::take(value), argument.kind);
            *value = coerced.map_err(|reason| Violation::IllTyped {
                option: argument.name,
                found,
                wanted: argument.kind,
                reason,
            })?;
        }
        Ok(())
    }

    fn check_choices(&self, values: &mut Map<String, Value>) -> Result<(), Violation> {
        for &Argument { name: option, choices, .. } in self.arguments.iter().filter(|argument| !argument.choices.is_empty()) {
            let Some(value) = values.get_mut(option) else { continue };
            if !is_choice(value, choices) {
                let got = python_repr::str(value);
                *value = meant_by_yaml(value, choices)
                    .ok_or(Violation::NotAChoice { option, choices, got })?
                    .into();
            }
        }
        Ok(())
    }

    /// A default counts as given here, as it does for `AnsibleModule`.
    fn check_required_together(&self, values: &Map<String, Value>) -> Result<(), Violation> {
        let mut groups = self.required_together.iter().copied();
        let violated = groups.find(|group| (1..group.len()).contains(&count(group, values)));
        violated.map_or(Ok(()), |group| Err(Violation::RequiredTogether(group)))
    }

    fn knows(&self, name: &str) -> bool {
        self.arguments.iter().any(|argument| argument.names().any(|known| known == name))
    }

    /// Every text inside the options that are secret, under whichever of their names: what no message may show.
    #[must_use]
    pub fn secrets(&self, supplied: &Map<String, Value>) -> Vec<Secret> {
        let names = self.arguments.iter().filter(|argument| argument.no_log).flat_map(Argument::names);
        names.filter_map(|name| supplied.get(name)).flat_map(no_log::texts).collect()
    }
}

/// A `null` counts as given here, as it does for `AnsibleModule`.
fn count(group: &[&str], values: &Map<String, Value>) -> usize {
    group.iter().filter(|name| values.contains_key(**name)).count()
}

fn is_choice(value: &Value, choices: &[&str]) -> bool {
    value.as_str().is_some_and(|text| choices.contains(&text))
}

/// YAML reads a bare `no` as false, which arrives here as "False". If only one of the choices is a word for false, that one was meant.
fn meant_by_yaml(value: &Value, choices: &[&'static str]) -> Option<&'static str> {
    let words = match value.as_str()? {
        "True" => TRUE_WORDS,
        "False" => FALSE_WORDS,
        _ => return None,
    };
    let mut meant = choices.iter().copied().filter(|choice| words.contains(choice));
    meant.next().filter(|_| meant.next().is_none())
}

#[cfg(test)]
mod tests {
    use serde_json::{Map, Value, json};

    use super::{Argument, ArgumentSpec, DefaultValue, Parameters};

    const SPEC: ArgumentSpec = ArgumentSpec {
        module_name: "demo",
        arguments: &[
            Argument::str("state")
                .choices(&["present", "absent"])
                .default(DefaultValue::Str("present")),
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
        assert_eq!(parameters.get("state"), Some(&json!("present")));
        assert_eq!(parameters.get("facts"), Some(&json!({"fact": "access_token"})));
        assert_eq!(
            (parameters.int("timeout"), parameters.str("user_id"), parameters.bool("force")),
            (Some(30), None, None)
        );
    }

    #[test]
    fn an_empty_text_means_not_given_unless_the_option_is_unknown() {
        let mut parameters = accepted(json!({"state": "", "user": "", "timeout": "", "password": "", "jwt": "x", "client_key": ""}));
        assert_eq!(
            (parameters.str("state"), parameters.int("timeout")),
            (Some("present".into()), Some(30))
        );
        assert_eq!((parameters.get("user_id"), parameters.get("password")), (None, None));
        assert!(refused(json!({"bogus": ""})).starts_with("Unsupported parameters for (demo) module: bogus."));
    }

    #[test]
    fn an_alias_stands_for_the_name_and_the_last_one_wins_with_a_warning() {
        let cases = [
            (json!({"user": "a"}), "a", vec![]),
            (
                json!({"user": "a", "user_id": "b"}),
                "a",
                vec!["Both option user_id and its alias user are set."],
            ),
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
        for supplied in [
            json!({"password": "hunter2", "jwt": "eyJ0"}),
            json!({"password": null, "assertion": "eyJ0"}),
        ] {
            assert_eq!(refused(supplied), "parameters are mutually exclusive: password|jwt");
        }
    }

    #[test]
    fn every_violated_group_of_exclusive_options_is_named() {
        let message = "parameters are mutually exclusive: password|jwt, user_id|force|pin";
        assert_eq!(
            refused(json!({"password": "hunter2", "jwt": "eyJ0", "user": "u", "force": true})),
            message
        );
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
        for supplied in [
            json!({"client_cert": "/c"}),
            json!({"client_key": "/k"}),
            json!({"client_key": null}),
        ] {
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
        assert_eq!(
            SPEC.check(map(json!({}))).err().unwrap().to_string(),
            "parameters are required together: a, b"
        );
        assert!(SPEC.check(map(json!({"b": "y"}))).is_ok());
    }

    #[test]
    fn what_is_required_must_be_given_even_if_as_null() {
        const SPEC: ArgumentSpec = ArgumentSpec {
            module_name: "demo",
            arguments: &[Argument::str("z").required(), Argument::str("a").required()],
            mutually_exclusive: &[],
            required_together: &[],
        };
        let message = |supplied| SPEC.check(map(supplied)).err().map(|error| error.to_string());
        assert_eq!(message(json!({})), Some("missing required arguments: a, z".into()));
        assert_eq!(message(json!({"a": "", "z": "x"})), Some("missing required arguments: a".into()));
        assert_eq!(
            SPEC.check(map(json!({"a": null, "z": "x"}))).ok().unwrap().get("a"),
            Some(&json!(""))
        );
    }

    #[test]
    fn a_null_is_absent_only_for_an_option_without_default() {
        assert_eq!(
            accepted(json!({"user_id": null, "client_cert": null, "client_key": null})).get("user_id"),
            None
        );
        let message = "argument 'timeout' is of type NoneType and we were unable to convert to int: \"None\" cannot be converted to an int";
        assert_eq!(refused(json!({"timeout": null})), message);
    }

    #[test]
    fn a_null_with_choices_is_refused_as_ansible_refuses_it() {
        assert_eq!(
            refused(json!({"state": null})),
            "value of state must be one of: present, absent, got: "
        );
        assert_eq!(refused(json!({"mode": null})), "value of mode must be one of: fast, no, got: None");
    }

    #[test]
    fn a_value_outside_the_choices_is_refused() {
        assert_eq!(
            refused(json!({"state": "maybe"})),
            "value of state must be one of: present, absent, got: maybe"
        );
        assert_eq!(
            refused(json!({"state": ["present"]})),
            "value of state must be one of: present, absent, got: ['present']"
        );
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
    fn only_the_first_fault_is_told() {
        let mut supplied =
            map(json!({"bogus": 1, "client_key": "/k", "state": "maybe", "timeout": "x", "password": "hunter2", "jwt": "eyJ0"}));
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
            json!({"mode": ["it's \n hunter2"]}),
            json!({"mode": {"a": {"b": "hunter2"}}}),
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
}
