//! The checked arguments, to be taken out one by one with their type. Taking never fails: the check has seen to that.

use std::path::PathBuf;

use serde_json::{Map, Value};

use crate::secret::Secret;

/// What [`ArgumentSpec::check`](super::argument_spec::ArgumentSpec::check) lets through: coerced, and with the defaults filled in.
pub struct Parameters {
    values: Map<String, Value>,
    /// What the user should be told although nothing is wrong.
    pub warnings: Vec<String>,
}

impl Parameters {
    pub(super) const fn new(values: Map<String, Value>, warnings: Vec<String>) -> Self {
        Self { values, warnings }
    }

    /// Takes a text.
    pub fn str(&mut self, name: &str) -> Option<String> {
        match self.take(name)? {
            Value::String(text) => Some(text),
            _ => None,
        }
    }

    /// Takes a text that is secret from here on.
    pub fn secret(&mut self, name: &str) -> Option<Secret> {
        self.str(name).map(Secret::new)
    }

    /// Takes a whole number.
    pub fn int(&mut self, name: &str) -> Option<i64> {
        self.take(name)?.as_i64()
    }

    /// Takes a boolean.
    pub fn bool(&mut self, name: &str) -> Option<bool> {
        self.take(name)?.as_bool()
    }

    /// Takes a path.
    pub fn path(&mut self, name: &str) -> Option<PathBuf> {
        self.str(name).map(PathBuf::from)
    }

    /// Takes a mapping.
    pub fn dict(&mut self, name: &str) -> Option<Map<String, Value>> {
        match self.take(name)? {
            Value::Object(map) => Some(map),
            _ => None,
        }
    }

    /// Looks at a value without taking it.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.values.get(name).filter(|value| !value.is_null())
    }

    fn take(&mut self, name: &str) -> Option<Value> {
        self.values.shift_remove(name).filter(|value| !value.is_null())
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use serde_json::{Map, Value, json};

    use super::Parameters;
    use crate::secret::Secret;

    fn parameters(values: &[(&str, Value)]) -> Parameters {
        let values: Map<_, _> = values.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
        Parameters::new(values, Vec::new())
    }

    #[test]
    fn each_value_is_taken_once_with_its_type() {
        let mut taken = parameters(&[
            ("s", json!("x")),
            ("i", json!(5)),
            ("b", json!(false)),
            ("p", json!("/x")),
            ("d", json!({"a": 1})),
        ]);
        assert_eq!(taken.get("s"), Some(&json!("x")));
        assert_eq!((taken.str("s"), taken.str("s")), (Some("x".into()), None));
        assert_eq!((taken.int("i"), taken.bool("b")), (Some(5), Some(false)));
        assert_eq!(taken.path("p"), Some(PathBuf::from("/x")));
        assert_eq!(taken.dict("d").map(Value::Object), Some(json!({"a": 1})));
    }

    #[test]
    fn a_secret_is_taken_as_one() {
        assert_eq!(
            parameters(&[("password", json!("hunter2"))]).secret("password"),
            Some(Secret::new("hunter2".into()))
        );
    }

    #[test]
    fn what_is_absent_null_or_of_another_type_is_none() {
        let mut taken = parameters(&[("null", json!(null)), ("list", json!([1]))]);
        assert_eq!((taken.get("null"), taken.get("absent")), (None, None));
        for name in ["null", "list", "absent"] {
            assert_eq!(
                (taken.str(name), taken.int(name), taken.bool(name), taken.dict(name)),
                (None, None, None, None),
                "{name}"
            );
        }
    }
}
