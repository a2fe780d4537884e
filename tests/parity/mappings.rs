//! Mappings as playbooks hand them on: as such, and as JSON in text.

use proptest::collection::vec;
use proptest::prelude::{Strategy, prop_oneof};
use proptest::strategy::BoxedStrategy;

use crate::argument_sets::quoted;
use crate::values::scalar;

/// In either way.
pub fn any() -> BoxedStrategy<String> {
    let json = object("\"[a-c ]{0,2}\"".boxed(), scalar());
    let json_in_text = json.clone().prop_map(|json| quoted(&json));
    prop_oneof![json, json_in_text].boxed()
}

/// Of these keys and values.
pub fn object(key: BoxedStrategy<String>, value: BoxedStrategy<String>) -> BoxedStrategy<String> {
    let pair = (key, value).prop_map(|(key, value)| format!("{key}: {value}"));
    vec(pair, 0..4).prop_map(|pairs| format!("{{{}}}", pairs.join(", "))).boxed()
}
