//! What becomes of an argument set: values or a message, and warnings either way.

use std::collections::BTreeMap;

use matrix_access_token::ansible::argument_spec::{Argument, ArgumentSpec, ArgumentType};
use matrix_access_token::ansible::invocation::Invocation;
use matrix_access_token::secret::redact;
use serde_json::{Value, from_value};

use crate::argument_sets::ArgumentSet;

#[derive(Debug, PartialEq)]
pub enum Fate {
    /// The coerced values of the options that have one.
    Accepted(BTreeMap<String, Value>),
    /// The message.
    Refused(String),
    /// Only `AnsibleModule` does this.
    Crashed(String),
}

#[derive(Debug, PartialEq)]
pub struct Verdict {
    pub fate: Fate,
    pub warnings: Vec<String>,
}

impl Verdict {
    /// That of our option table.
    pub fn ours(table: &ArgumentSpec, set: &ArgumentSet) -> Self {
        let invocation = Invocation::parse(set.to_json().as_bytes()).unwrap_or_else(|error| panic!("{error}"));
        match table.check(invocation.parameters) {
            Err(refusal) => Self::refused(refusal.to_string(), refusal.warnings),
            Ok(mut parameters) => {
                let values = table.arguments.iter().filter_map(|Argument { name, kind, .. }| {
                    let value = match kind {
                        ArgumentType::Str | ArgumentType::Path => parameters.str(name)?.into(),
                        ArgumentType::Int => parameters.int(name)?.into(),
                        ArgumentType::Bool => parameters.bool(name)?.into(),
                        ArgumentType::Dict => parameters.dict(name)?.into(),
                        ArgumentType::Raw => parameters.raw(name)?,
                    };
                    Some(((*name).to_owned(), value))
                });
                Self { fate: Fate::Accepted(values.collect()), warnings: parameters.warnings }
            }
        }
    }

    /// That of `AnsibleModule`, from the answer of `ansible_module.py`.
    pub fn theirs(mut answer: Value) -> Self {
        let fate = match (answer["msg"].take(), answer["params"].take()) {
            (Value::String(msg), _) => Fate::Refused(msg),
            (_, Value::Object(values)) => Fate::Accepted(values.into_iter().filter(|(_, value)| !value.is_null()).collect()),
            _ => Fate::Crashed(answer["crash"].to_string()),
        };
        Self { fate, warnings: from_value(answer["warnings"].take()).unwrap_or_default() }
    }

    pub fn refused(msg: String, warnings: Vec<String>) -> Self {
        Self { fate: Fate::Refused(msg), warnings }
    }

    /// With the secrets of the set redacted everywhere in the message, as `AnsibleModule` does; we redact values alone.
    pub fn redacted(mut self, table: &ArgumentSpec, set: &ArgumentSet) -> Self {
        let supplied = Invocation::parse(set.to_json().as_bytes()).unwrap_or_else(|error| panic!("{error}"));
        if let Fate::Refused(message) = &mut self.fate {
            *message = redact(message, &table.secrets(&supplied.parameters));
        }
        self
    }

    pub fn is_accepted(&self) -> bool {
        matches!(self.fate, Fate::Accepted(_))
    }
}
