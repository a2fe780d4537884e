//! `k1=v1, k2="v 2"`: the short form in which Ansible takes a mapping.

use serde_json::{Map, Value};

use super::python_strip::strip;

/// The mapping that the pairs make, or `None` when one of them has no `=`. Commas and spaces part them, quotes keep them together.
#[must_use]
pub fn parse(text: &str) -> Option<Map<String, Value>> {
    fields(strip(text))
        .iter()
        .map(|field| field.split_once('='))
        .map(|pair| pair.map(|(key, value)| (key.to_owned(), value.into())))
        .collect()
}

fn fields(text: &str) -> Vec<String> {
    let mut fields = vec![String::new()];
    let mut quote = None;
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        match (character, quote) {
            ('\\', _) => append(&mut fields, characters.next()),
            ('\'' | '"', None) => quote = Some(character),
            (_, Some(open)) if open == character => quote = None,
            (',' | ' ', None) => fields.push(String::new()),
            _ => append(&mut fields, Some(character)),
        }
    }
    fields.retain(|field| !field.is_empty());
    fields
}

fn append(fields: &mut [String], character: Option<char>) {
    if let Some(field) = fields.last_mut() {
        field.extend(character);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::parse;

    #[test]
    fn pairs_become_a_mapping() {
        let cases = [
            ("a=1 b=2", json!({"a": "1", "b": "2"})),
            (" a=1,, b=2 ", json!({"a": "1", "b": "2"})),
            ("a='x y', b=\"z, \\\"\"", json!({"a": "x y", "b": "z, \""})),
            ("a=b=c a=", json!({"a": ""})),
            ("a=\\", json!({"a": ""})),
            ("=", json!({"": ""})),
        ];
        for (text, mapping) in cases {
            assert_eq!(parse(text).map(Value::Object), Some(mapping), "{text}");
        }
    }

    #[test]
    fn a_field_without_an_equals_sign_is_refused() {
        for text in ["a=1, b", "a =1"] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
