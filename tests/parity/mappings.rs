//! Mappings in every way that a playbook can write them: as such, as JSON in text, as a Python literal in text, as `key=value`.

use proptest::collection::vec;
use proptest::prelude::{Strategy, prop_oneof};
use proptest::strategy::BoxedStrategy;

use crate::argument_sets::quoted;
use crate::values::{scalar, words};

/// In any of the ways, and some that fail.
pub fn any() -> BoxedStrategy<String> {
    let json = object("\"[a-c ]{0,2}\"".boxed(), scalar());
    let json_in_text = json.clone().prop_map(|json| quoted(&json));
    prop_oneof![1 => json, 1 => json_in_text, 2 => python_literal(), 1 => tidy_pairs(), 1 => untidy_pairs()].boxed()
}

/// Of these keys and values.
pub fn object(key: BoxedStrategy<String>, value: BoxedStrategy<String>) -> BoxedStrategy<String> {
    let pair = (key, value).prop_map(|(key, value)| format!("{key}: {value}"));
    vec(pair, 0..4).prop_map(|pairs| format!("{{{}}}", pairs.join(", "))).boxed()
}

fn python_literal() -> BoxedStrategy<String> {
    let key = words(r#"'a' "b" 'c''d' 3 None True 1.50 '\x41' -2 a"#);
    let value = words(r#"None True false -1.5e3 7 'x' "it's" [1,'x'] (1,) (1) () {'n':{}} '\u017c\n' [1,,2] ' 007"#);
    object(key, value).prop_map(|literal| quoted(&literal)).boxed()
}

fn tidy_pairs() -> BoxedStrategy<String> {
    vec("[a-c]{1,2}=[a-z0-9.]{0,3}", 1..4)
        .prop_map(|pairs| quoted(&pairs.join(", ")))
        .boxed()
}

fn untidy_pairs() -> BoxedStrategy<String> {
    "[ab=, '\"\\\\]{0,10}=[ab=, '\"\\\\]{0,6}".prop_map(|text| quoted(&text)).boxed()
}
