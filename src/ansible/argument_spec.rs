//! An option table, checked as `AnsibleModule` of ansible-core 2.19 checks it: the same order, the same words, only the first error told.
//! One rule is its own: an empty text means "not given", because playbooks are full of empty defaults.

use std::fmt;
use std::mem;
use std::path::PathBuf;

use serde_json::{Map, Value};

use super::coerce::{FALSE_WORDS, TRUE_WORDS, coerce, to_text, type_name};
use crate::secret::{Secret, redact};

/// The types that an option can have, of those that `AnsibleModule` knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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
    /// Whatever it is.
    Raw,
}

impl ArgumentType {
    /// The name as Ansible's messages and documentation spell it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Str => "str",
            Self::Int => "int",
            Self::Bool => "bool",
            Self::Path => "path",
            Self::Dict => "dict",
            Self::Raw => "raw",
        }
    }
}

/// What an option is when it isn't given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DefaultValue {
    None,
    Str(&'static str),
    Int(i64),
    Bool(bool),
    /// A mapping of text to text, in this order.
    Dict(&'static [(&'static str, &'static str)]),
}

impl DefaultValue {
    /// The default as a playbook would write it; `null` for none.
    pub fn to_json(&self) -> Value {
        match *self {
            Self::None => Value::Null,
            Self::Str(text) => text.into(),
            Self::Int(number) => number.into(),
            Self::Bool(flag) => flag.into(),
            Self::Dict(pairs) => pairs.iter().map(|&(key, value)| (key.to_owned(), value.into())).collect::<Map<_, _>>().into(),
        }
    }
}

/// An option of the module. A table of them reads one per line: `Argument::int("timeout").default(DefaultValue::Int(30))`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Argument {
    pub name: &'static str,
    pub aliases: &'static [&'static str],
    pub kind: ArgumentType,
    pub default: DefaultValue,
    /// The only values it takes; none listed means any.
    pub choices: &'static [&'static str],
    /// Whether its value is a secret, never to be shown.
    pub no_log: bool,
}

impl Argument {
    pub const fn str(name: &'static str) -> Self {
        Self::new(name, ArgumentType::Str)
    }

    pub const fn int(name: &'static str) -> Self {
        Self::new(name, ArgumentType::Int)
    }

    pub const fn bool(name: &'static str) -> Self {
        Self::new(name, ArgumentType::Bool)
    }

    pub const fn path(name: &'static str) -> Self {
        Self::new(name, ArgumentType::Path)
    }

    pub const fn dict(name: &'static str) -> Self {
        Self::new(name, ArgumentType::Dict)
    }

    pub const fn raw(name: &'static str) -> Self {
        Self::new(name, ArgumentType::Raw)
    }

    const fn new(name: &'static str, kind: ArgumentType) -> Self {
        Self { name, aliases: &[], kind, default: DefaultValue::None, choices: &[], no_log: false }
    }

    pub const fn alias(mut self, aliases: &'static [&'static str]) -> Self {
        self.aliases = aliases;
        self
    }

    pub const fn default(mut self, default: DefaultValue) -> Self {
        self.default = default;
        self
    }

    pub const fn choices(mut self, choices: &'static [&'static str]) -> Self {
        self.choices = choices;
        self
    }

    pub const fn secret(mut self) -> Self {
        self.no_log = true;
        self
    }

    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        std::iter::once(self.name).chain(self.aliases.iter().copied())
    }
}

pub struct ArgumentSpec {
    /// What messages call the module.
    pub module_name: &'static str,
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
    pub fn new(message: &str, warnings: Vec<String>, secrets: &[Secret]) -> Self {
        Self { message: redact(message, secrets), warnings }
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
    pub fn check(&self, mut values: Map<String, Value>) -> Result<Parameters, ArgumentError> {
        let secrets = self.secrets(&values);
        values.retain(|name, value| value != "" || !self.knows(name));
        let unsupported = self.unsupported(&values, &secrets);
        let warnings = self.resolve_aliases(&mut values);
        match self.validate(&mut values, &secrets).and(unsupported.map_or(Ok(()), Err)) {
            Ok(()) => Ok(Parameters { values, warnings }),
            Err(message) => Err(ArgumentError { message, warnings }),
        }
    }

    /// Only values are redacted: a secret of one letter would make the rest unreadable.
    fn validate(&self, values: &mut Map<String, Value>, secrets: &[Secret]) -> Result<(), String> {
        self.check_mutually_exclusive(values)?;
        self.fill_in_defaults(values);
        self.coerce(values, secrets)?;
        self.check_choices(values, secrets)?;
        self.check_required_together(values)
    }

    fn unsupported(&self, values: &Map<String, Value>, secrets: &[Secret]) -> Option<String> {
        let mut given = values.keys().map(String::as_str).filter(|name| !self.knows(name)).peekable();
        given.peek()?;
        let given = redact(&sorted(given), secrets);
        let options = sorted(self.arguments.iter().map(|argument| argument.name));
        let aliases = sorted(self.arguments.iter().flat_map(|argument| argument.aliases).copied());
        let aliases = if aliases.is_empty() { aliases } else { format!(" ({aliases})") };
        let module = self.module_name;
        Some(format!(
            "Unsupported parameters for ({module}) module: {given}. Supported parameters include: {options}{aliases}."
        ))
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

    fn fill_in_defaults(&self, values: &mut Map<String, Value>) {
        for argument in self.arguments.iter().filter(|argument| argument.default != DefaultValue::None) {
            values.entry(argument.name).or_insert_with(|| argument.default.to_json());
        }
    }

    /// With a default, `AnsibleModule` coerces a `null`; without one, it is no value.
    fn coerce(&self, values: &mut Map<String, Value>, secrets: &[Secret]) -> Result<(), String> {
        for &Argument { name, kind, default, .. } in self.arguments {
            let Some(value) = values.get_mut(name).filter(|value| !value.is_null() || default != DefaultValue::None) else {
                continue;
            };
            let found = type_name(value);
            *value = coerce(mem::take(value), kind).map_err(|reason| {
                let wanted = kind.name();
                // That of a text repeats no value.
                let reason = if kind == ArgumentType::Str { reason } else { redact(&reason, secrets) };
                format!("argument '{name}' is of type {found} and we were unable to convert to {wanted}: {reason}")
            })?;
        }
        Ok(())
    }

    fn check_choices(&self, values: &mut Map<String, Value>, secrets: &[Secret]) -> Result<(), String> {
        for &Argument { name, choices, .. } in self.arguments.iter().filter(|argument| !argument.choices.is_empty()) {
            let Some(value) = values.get_mut(name) else { continue };
            if !value.as_str().is_some_and(|text| choices.contains(&text)) {
                let meant = meant_by_yaml(value, choices);
                let got = redact(&to_text(value), secrets);
                let refused = || format!("value of {name} must be one of: {}, got: {got}", choices.join(", "));
                *value = meant.ok_or_else(refused)?.into();
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
    pub fn str(&mut self, name: &str) -> Option<String> {
        match self.take(name)? {
            Value::String(text) => Some(text),
            _ => None,
        }
    }

    pub fn secret(&mut self, name: &str) -> Option<Secret> {
        self.str(name).map(Secret::new)
    }

    pub fn int(&mut self, name: &str) -> Option<i64> {
        self.take(name)?.as_i64()
    }

    pub fn bool(&mut self, name: &str) -> Option<bool> {
        self.take(name)?.as_bool()
    }

    pub fn path(&mut self, name: &str) -> Option<PathBuf> {
        self.str(name).map(PathBuf::from)
    }

    pub fn dict(&mut self, name: &str) -> Option<Map<String, Value>> {
        match self.take(name)? {
            Value::Object(map) => Some(map),
            _ => None,
        }
    }

    pub fn raw(&mut self, name: &str) -> Option<Value> {
        self.take(name)
    }

    fn take(&mut self, name: &str) -> Option<Value> {
        self.values.shift_remove(name).filter(|value| !value.is_null())
    }
}

fn sorted<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let mut names: Vec<_> = names.collect();
    names.sort_unstable();
    names.join(", ")
}

#[cfg(test)]
mod tests;
