//! The values that options are tried with, as JSON: likely ones for their type, and awkward ones for any.

use matrix_access_token::ansible::argument_spec::{Argument, ArgumentType};
use proptest::collection::vec;
use proptest::prelude::{Strategy, any, prop_oneof};
use proptest::sample::select;
use proptest::strategy::BoxedStrategy;

use crate::argument_sets::quoted;

/// The usual suspects, from playbooks and from bug reports; one on each line.
const SUSPECTS: &str = include_str!("suspects.jsonl");

/// Of many scripts.
pub const CHARACTERS: &str = "[ -!#-&(-<>-\\[\\]-~ß-žΑ-Ρα-ωа-яא-ת一-丠가-갠😀-😎]{0,8}";

const PATH_PARTS: &str = "/etc/x / $HOME/ ${HOME} $CARGO_PKG_NAME/ ${CARGO_PKG_VERSION} $NO_SUCH/ ż x.json";

/// Anything at all.
pub fn awkward() -> BoxedStrategy<String> {
    prop_oneof![
        6 => select(SUSPECTS.lines().collect::<Vec<_>>()).prop_map(str::to_owned),
        1 => CHARACTERS.prop_map(|text| quoted(&text)),
        1 => number(),
        1 => vec(scalar(), 0..4).prop_map(|items| format!("[{}]", items.join(", "))),
        1 => object("\"[a-c' é]{0,3}\"".boxed(), scalar()),
    ]
    .boxed()
}

/// What an option of this kind would mostly accept.
pub fn likely(argument: &Argument) -> BoxedStrategy<String> {
    if !argument.choices.is_empty() {
        return choice(argument.choices);
    }
    match argument.kind {
        ArgumentType::Str if argument.no_log => secret(),
        ArgumentType::Str => prop_oneof![words("\"@bot:example.com\" \"alice\""), secret(), scalar()].boxed(),
        ArgumentType::Int => whole_number(),
        ArgumentType::Bool => boolean(),
        ArgumentType::Path => (words("~/ / ./ x"), vec(words(PATH_PARTS), 0..5))
            .prop_map(|(start, parts)| quoted(&[vec![start], parts].concat().concat()))
            .boxed(),
        ArgumentType::Dict => mapping(),
        ArgumentType::Raw => awkward(),
    }
}

/// Few, so that the same one comes up in several options, and in messages.
fn secret() -> BoxedStrategy<String> {
    let awkward = [r#""it's a secret""#, r#""hunter2 and more""#, r#"{"hunter2": "maybe"}"#];
    prop_oneof![
        words("\"hunter2\" \"maybe\" \"sęcret\" \"12345\" 12345 [\"hunter2\"]"),
        select(awkward.to_vec()).prop_map(str::to_owned)
    ]
    .boxed()
}

fn choice(choices: &'static [&'static str]) -> BoxedStrategy<String> {
    prop_oneof![
        8 => select(choices).prop_map(quoted),
        1 => select(choices).prop_map(|choice| quoted(&choice.to_uppercase())),
        1 => words("true false null \"hunter2\" \"maybe\""),
    ]
    .boxed()
}

/// No list and no mapping.
pub fn scalar() -> BoxedStrategy<String> {
    let text = "[a-z.:/@ -][a-z0-9.:/@ -]{3,8}".prop_map(|text| quoted(&text));
    prop_oneof![words(r#"null true false 1 1.0 -2.5 "xyz" "it's" "żół""#), text, number()].boxed()
}

/// As YAML hands them on, within 64 bits.
fn number() -> BoxedStrategy<String> {
    prop_oneof!["-?[1-9][0-9]{0,5}\\.[0-9]{0,3}[1-9]", any::<i64>().prop_map(|number| number.to_string())].boxed()
}

fn whole_number() -> BoxedStrategy<String> {
    let text = "[ \\n]?[+-]?[0-9]{1,6}(\\.0{1,3})?[ \\n]?".prop_map(|text| quoted(&text));
    prop_oneof![text, any::<i16>().prop_map(|number| number.to_string()), words("5 true 2.0")].boxed()
}

fn boolean() -> BoxedStrategy<String> {
    let text = "[ \\t]?(y|Y|yes|YES|Yes|on|On|t|true|TRUE|1|n|N|no|No|off|OFF|f|F|false|False|0)[ \\n]?";
    prop_oneof![text.prop_map(|text| quoted(&text)), words("true false 0 1 1.0")].boxed()
}

/// One of these, which spaces part.
pub fn words(words: &'static str) -> BoxedStrategy<String> {
    select(words.split(' ').collect::<Vec<_>>()).prop_map(str::to_owned).boxed()
}

/// A mapping as playbooks hand it on: as such, or as JSON in text.
fn mapping() -> BoxedStrategy<String> {
    let json = object("\"[a-c ]{0,2}\"".boxed(), scalar());
    let json_in_text = json.clone().prop_map(|json| quoted(&json));
    prop_oneof![json, json_in_text].boxed()
}

/// Of these keys and values.
fn object(key: BoxedStrategy<String>, value: BoxedStrategy<String>) -> BoxedStrategy<String> {
    let pair = (key, value).prop_map(|(key, value)| format!("{key}: {value}"));
    vec(pair, 0..4).prop_map(|pairs| format!("{{{}}}", pairs.join(", "))).boxed()
}
