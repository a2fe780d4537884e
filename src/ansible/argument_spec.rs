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
mod tests;
