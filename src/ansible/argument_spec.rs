//! An option table, checked as `AnsibleModule` of ansible-core 2.19 checks it: the same order, the same words, only the first error told.
//! One rule is its own: an empty text means "not given", because playbooks are full of empty defaults.

use std::mem;

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use strum::Display;
use thiserror::Error;

use super::coerce::{coerce, to_text, type_name};
use crate::secret::{Secret, redact};

/// The types that an option can have, of those that `AnsibleModule` knows. Shows the name as Ansible's messages and documentation spell it.
#[derive(Clone, Copy, Debug, Display, PartialEq, Eq)]
#[strum(serialize_all = "lowercase")]
pub enum ArgumentType {
    /// Scalars become the text that Python's `str()` makes of them; a mapping or a list is refused.
    Str,
    /// A whole number of 64 bits.
    Int,
    /// Also as `yes`, `off`, `1` and their like.
    Bool,
    /// Text in which `~` and environment variables are expanded.
    Path,
    /// Also as the JSON text of one.
    Dict,
    Raw,
}

/// An option of the module. A table of them reads one per line: `Argument::new("timeout", Int).default("30")`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Argument {
    pub name: &'static str,
    pub aliases: &'static [&'static str],
    pub kind: ArgumentType,
    /// What it is when it isn't given, as text: coerced like any other value, as `AnsibleModule` does.
    pub default: Option<&'static str>,
    /// The only values it takes; none listed means any.
    pub choices: &'static [&'static str],
    pub no_log: bool,
}

impl Argument {
    pub const fn new(name: &'static str, kind: ArgumentType) -> Self {
        Self { name, aliases: &[], kind, default: None, choices: &[], no_log: false }
    }

    pub const fn alias(self, aliases: &'static [&'static str]) -> Self {
        Self { aliases, ..self }
    }

    pub const fn default(self, default: &'static str) -> Self {
        Self { default: Some(default), ..self }
    }

    pub const fn choices(self, choices: &'static [&'static str]) -> Self {
        Self { choices, ..self }
    }

    pub const fn secret(self) -> Self {
        Self { no_log: true, ..self }
    }

    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        std::iter::once(self.name).chain(self.aliases.iter().copied())
    }
}

pub struct ArgumentSpec {
    pub module_name: &'static str,
    pub arguments: &'static [Argument],
    /// Groups of which at most one option may be given.
    pub mutually_exclusive: &'static [&'static [&'static str]],
    /// Groups of which all options must be given when one is.
    pub required_together: &'static [&'static [&'static str]],
}

/// Arguments that break a rule, of the table or of the module. Shows the message, which holds no secret.
#[derive(Debug, PartialEq, Eq, Error)]
#[error("{message}")]
pub struct ArgumentError {
    message: String,
    /// What the user should be told besides.
    pub warnings: Vec<String>,
}

impl ArgumentError {
    pub fn new(message: &str, warnings: Vec<String>, secrets: &[Secret]) -> Self {
        Self { message: redact(message, secrets), warnings }
    }
}

impl ArgumentSpec {
    /// The arguments by their proper names, coerced, with defaults.
    pub fn check(&self, mut values: Map<String, Value>) -> Result<Parameters, ArgumentError> {
        let secrets = self.secrets(&values);
        values.retain(|name, value| value != "" || !self.knows(name));
        let warnings = self.resolve_aliases(&mut values);
        match self.validate(&mut values, &secrets) {
            Ok(()) => Ok(Parameters { values, warnings }),
            Err(message) => Err(ArgumentError { message, warnings }),
        }
    }

    /// Only values are redacted: a secret of one letter would make the rest unreadable.
    fn validate(&self, values: &mut Map<String, Value>, secrets: &[Secret]) -> Result<(), String> {
        self.check_mutually_exclusive(values)?;
        self.fill_in_and_coerce(values, secrets)?;
        self.check_choices(values, secrets)?;
        self.check_required_together(values)?;
        self.check_supported(values, secrets)
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

    fn check_mutually_exclusive(&self, values: &Map<String, Value>) -> Result<(), String> {
        let violated = self.mutually_exclusive.iter().filter(|group| count(group, values) > 1);
        let violated: Vec<_> = violated.map(|group| group.join("|")).collect();
        if violated.is_empty() {
            return Ok(());
        }
        Err(format!("parameters are mutually exclusive: {}", violated.join(", ")))
    }

    /// With a default, `AnsibleModule` coerces a `null`; without one, it is no value.
    fn fill_in_and_coerce(&self, values: &mut Map<String, Value>, secrets: &[Secret]) -> Result<(), String> {
        for &Argument { name, kind, default, .. } in self.arguments {
            if let Some(default) = default {
                values.entry(name).or_insert_with(|| default.into());
            }
            let is_value = |value: &&mut Value| !value.is_null() || default.is_some();
            let Some(value) = values.get_mut(name).filter(is_value) else {
                continue;
            };
            let found = type_name(value);
            *value = coerce(mem::take(value), kind).map_err(|reason| {
                // That of a text repeats no value.
                let reason = if kind == ArgumentType::Str { reason } else { redact(&reason, secrets) };
                format!("argument '{name}' is of type {found} and we were unable to convert to {kind}: {reason}")
            })?;
        }
        Ok(())
    }

    fn check_choices(&self, values: &Map<String, Value>, secrets: &[Secret]) -> Result<(), String> {
        for &Argument { name, choices, .. } in self.arguments.iter().filter(|argument| !argument.choices.is_empty()) {
            let Some(value) = values.get(name) else { continue };
            if !value.as_str().is_some_and(|text| choices.contains(&text)) {
                let got = redact(&to_text(value), secrets);
                return Err(format!("value of {name} must be one of: {}, got: {got}", choices.join(", ")));
            }
        }
        Ok(())
    }

    /// A default counts as given here, as it does for `AnsibleModule`.
    fn check_required_together(&self, values: &Map<String, Value>) -> Result<(), String> {
        let mut groups = self.required_together.iter();
        let violated = groups.find(|group| (1..group.len()).contains(&count(group, values)));
        violated.map_or(Ok(()), |group| Err(format!("parameters are required together: {}", group.join(", "))))
    }

    fn check_supported(&self, values: &Map<String, Value>, secrets: &[Secret]) -> Result<(), String> {
        let mut given = values.keys().map(String::as_str).filter(|name| !self.knows(name)).peekable();
        if given.peek().is_none() {
            return Ok(());
        }
        let given = redact(&sorted(given), secrets);
        let options = sorted(self.arguments.iter().map(|argument| argument.name));
        let aliases = sorted(self.arguments.iter().flat_map(|argument| argument.aliases).copied());
        let aliases = if aliases.is_empty() { aliases } else { format!(" ({aliases})") };
        let module = self.module_name;
        Err(format!(
            "Unsupported parameters for ({module}) module: {given}. Supported parameters include: {options}{aliases}."
        ))
    }

    fn knows(&self, name: &str) -> bool {
        self.arguments.iter().any(|argument| argument.names().any(|known| known == name))
    }

    /// Every text inside the options that are secret, under whichever of their names: what no message may show.
    pub fn secrets(&self, supplied: &Map<String, Value>) -> Vec<Secret> {
        let names = self.arguments.iter().filter(|argument| argument.no_log).flat_map(Argument::names);
        names.filter_map(|name| supplied.get(name)).flat_map(texts).collect()
    }
}

/// A `null` counts as given here, as it does for `AnsibleModule`.
fn count(group: &[&str], values: &Map<String, Value>) -> usize {
    group.iter().filter(|name| values.contains_key(**name)).count()
}

/// Every text and number in the value of a secret option, at any depth. Not booleans, nulls and the keys of mappings: `AnsibleModule` shows those too.
fn texts(value: &Value) -> Vec<Secret> {
    match value {
        Value::Null | Value::Bool(_) => Vec::new(),
        Value::Array(items) => items.iter().flat_map(texts).collect(),
        Value::Object(map) => map.values().flat_map(texts).collect(),
        Value::Number(_) | Value::String(_) => vec![Secret::new(to_text(value))],
    }
}

/// What [`ArgumentSpec::check`] lets through, coerced and with the defaults filled in: to be taken out one by one.
pub struct Parameters {
    values: Map<String, Value>,
    /// What the user should be told although nothing is wrong.
    pub warnings: Vec<String>,
}

impl Parameters {
    /// The value, of the Rust type that the type in the table becomes; `None` if there is none.
    pub fn take<T: DeserializeOwned>(&mut self, name: &str) -> Option<T> {
        let value = self.values.shift_remove(name).filter(|value| !value.is_null())?;
        serde_json::from_value(value).ok()
    }
}

fn sorted<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let mut names: Vec<_> = names.collect();
    names.sort_unstable();
    names.join(", ")
}

#[cfg(test)]
mod tests;
