//! The texts inside a secret option's value, which no message may show.

use serde_json::Value;

use super::python_repr;
use crate::secret::Secret;

/// Every text and number in the value, at any depth, also as Python quotes it in messages. Not booleans, nulls and the keys of mappings:
/// `AnsibleModule` shows those too.
#[must_use]
pub fn texts(value: &Value) -> Vec<Secret> {
    match value {
        Value::Null | Value::Bool(_) => Vec::new(),
        Value::Array(items) => items.iter().flat_map(texts).collect(),
        Value::Object(map) => map.values().flat_map(texts).collect(),
        Value::Number(_) => vec![Secret::new(python_repr::str(value))],
        Value::String(text) => vec![Secret::new(text.clone()), Secret::new(inside_quotes(value))],
    }
}

fn inside_quotes(value: &Value) -> String {
    let quoted = python_repr::repr(value);
    quoted[1..quoted.len() - 1].to_owned()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::texts;
    use crate::secret::Secret;

    #[test]
    fn texts_and_numbers_are_found_at_any_depth() {
        let found = texts(&json!({"key": ["a\nb", {"x": 5, "y": null}], "flag": true}));
        assert_eq!(found.iter().map(Secret::reveal).collect::<Vec<_>>(), ["a\nb", "a\\nb", "5"]);
    }
}
