//! One line of an option table: the name of an option and what it takes. How that is checked is not its business.

use serde_json::{Map, Value};

/// The types that an option can have, of those that `AnsibleModule` knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ArgumentType {
    /// Text; other values become the text that Python's `str()` makes of them.
    Str,
    /// A whole number of 64 bits.
    Int,
    /// A boolean, also as `yes`, `off`, `1` and their like.
    Bool,
    /// Text in which `~` and environment variables are expanded.
    Path,
    /// A mapping, also as JSON, as a Python literal or as `key=value` pairs.
    Dict,
}

impl ArgumentType {
    /// The name as Ansible's messages and documentation spell it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Str => "str",
            Self::Int => "int",
            Self::Bool => "bool",
            Self::Path => "path",
            Self::Dict => "dict",
        }
    }
}

/// What an option is when it isn't given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DefaultValue {
    /// Nothing: the option stays absent.
    None,
    /// A text or a path.
    Str(&'static str),
    /// A whole number.
    Int(i64),
    /// A boolean.
    Bool(bool),
    /// A mapping of text to text, in this order.
    Dict(&'static [(&'static str, &'static str)]),
}

impl DefaultValue {
    /// The default as a playbook would write it; `null` for none.
    #[must_use]
    pub fn to_json(&self) -> Value {
        match *self {
            Self::None => Value::Null,
            Self::Str(text) => text.into(),
            Self::Int(number) => number.into(),
            Self::Bool(flag) => flag.into(),
            Self::Dict(pairs) => pairs
                .iter()
                .map(|&(key, value)| (key.to_owned(), value.into()))
                .collect::<Map<_, _>>()
                .into(),
        }
    }
}

/// An option of the module. A table of them reads one per line: `Argument::int("timeout").default(DefaultValue::Int(30))`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Argument {
    /// The name that the module knows it by.
    pub name: &'static str,
    /// Other names that a playbook may use.
    pub aliases: &'static [&'static str],
    /// What its value is coerced to.
    pub kind: ArgumentType,
    /// Its value when it isn't given.
    pub default: DefaultValue,
    /// The only values it takes; none listed means any.
    pub choices: &'static [&'static str],
    /// Whether it must be given.
    pub required: bool,
    /// Whether its value is a secret, never to be shown.
    pub no_log: bool,
}

impl Argument {
    /// An option that takes text.
    #[must_use]
    pub const fn str(name: &'static str) -> Self {
        Self::new(name, ArgumentType::Str)
    }

    /// An option that takes a whole number.
    #[must_use]
    pub const fn int(name: &'static str) -> Self {
        Self::new(name, ArgumentType::Int)
    }

    /// An option that takes a boolean.
    #[must_use]
    pub const fn bool(name: &'static str) -> Self {
        Self::new(name, ArgumentType::Bool)
    }

    /// An option that takes a path.
    #[must_use]
    pub const fn path(name: &'static str) -> Self {
        Self::new(name, ArgumentType::Path)
    }

    /// An option that takes a mapping.
    #[must_use]
    pub const fn dict(name: &'static str) -> Self {
        Self::new(name, ArgumentType::Dict)
    }

    const fn new(name: &'static str, kind: ArgumentType) -> Self {
        Self {
            name,
            aliases: &[],
            kind,
            default: DefaultValue::None,
            choices: &[],
            required: false,
            no_log: false,
        }
    }

    /// May also be given under these names.
    #[must_use]
    pub const fn alias(mut self, aliases: &'static [&'static str]) -> Self {
        self.aliases = aliases;
        self
    }

    /// Has this value when it isn't given.
    #[must_use]
    pub const fn default(mut self, default: DefaultValue) -> Self {
        self.default = default;
        self
    }

    /// Takes one of these values only.
    #[must_use]
    pub const fn choices(mut self, choices: &'static [&'static str]) -> Self {
        self.choices = choices;
        self
    }

    /// Must be given.
    #[must_use]
    pub const fn required(mut self) -> Self {
        self.required = true;
        self
    }

    /// Is a secret: no message ever shows its value.
    #[must_use]
    pub const fn secret(mut self) -> Self {
        self.no_log = true;
        self
    }

    /// The name and every alias.
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        std::iter::once(self.name).chain(self.aliases.iter().copied())
    }

    /// Whether a `null` leaves it absent. With a default, or required, `AnsibleModule` coerces the `null` instead.
    #[must_use]
    pub fn null_means_absent(&self) -> bool {
        !self.required && self.default == DefaultValue::None
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{Argument, ArgumentType, DefaultValue};

    #[test]
    fn a_table_line_says_what_it_says() {
        const TIMEOUT: Argument = Argument::int("timeout").alias(&["patience"]).default(DefaultValue::Int(30));
        assert_eq!((TIMEOUT.kind, TIMEOUT.default), (ArgumentType::Int, DefaultValue::Int(30)));
        assert_eq!(TIMEOUT.names().collect::<Vec<_>>(), ["timeout", "patience"]);
        assert!(!TIMEOUT.required && !TIMEOUT.no_log && TIMEOUT.choices.is_empty());
    }

    #[test]
    fn a_default_is_written_as_json() {
        let cases = [
            (DefaultValue::None, Value::Null),
            (DefaultValue::Str("present"), json!("present")),
            (DefaultValue::Int(-1), json!(-1)),
            (DefaultValue::Bool(true), json!(true)),
            (DefaultValue::Dict(&[("b", "2"), ("a", "1")]), json!({"b": "2", "a": "1"})),
        ];
        for (default, written) in cases {
            assert_eq!(default.to_json(), written);
        }
    }
}
