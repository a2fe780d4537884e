//! Our option tables against the real `AnsibleModule`, given the same tables: argument sets drawn at random have the same fate in both.
//! `PARITY_SEED=7 cargo test --test parity` draws others; `PARITY_CASES=100000` more of them.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test may stop at the first surprise"
)]

mod ansible_module;
mod argument_sets;
mod binary;
mod differences;
mod draw;
mod values;
mod verdict;

use ansible_module::AnsibleModule;
use argument_sets::argument_sets;
use draw::Draw;
use matrix_access_token::access_token::options::ARGUMENT_SPEC;
use matrix_access_token::ansible::argument_spec::ArgumentType::{Bool, Dict, Int, Path, Str};
use matrix_access_token::ansible::argument_spec::{Argument, ArgumentSpec};
use verdict::{Fate, Verdict};

/// A table with the rules that the module's own doesn't use.
const EVERY_RULE: ArgumentSpec = ArgumentSpec {
    module_name: "matrix_access_token",
    arguments: &[
        Argument::new("name", Str).alias(&["title"]),
        Argument::new("flag", Bool),
        Argument::new("mode", Str).choices(&["fast", "slow", "safe"]).alias(&["pace"]),
        Argument::new("answer", Str).choices(&["some", "all"]).default("some"),
        Argument::new("pin", Str).choices(&["none"]).secret(),
        Argument::new("limit", Int).secret().alias(&["most"]),
        Argument::new("count", Int).default("-1"),
        Argument::new("maybe", Bool),
        Argument::new("pairs", Dict).secret(),
        Argument::new("cert", Path),
        Argument::new("key", Path),
        Argument::new("store", Path).default("~/store"),
    ],
    mutually_exclusive: &[&["mode", "count"], &["limit", "pin"]],
    required_together: &[&["pairs", "maybe"], &["cert", "key"]],
};

#[test]
fn the_module_judges_its_arguments_as_ansible_does() {
    agree(&ARGUMENT_SPEC, &Draw::from_environment(5000));
}

#[test]
fn a_table_with_every_rule_judges_as_ansible_does() {
    agree(&EVERY_RULE, &Draw::from_environment(2000));
}

/// Runs both on every set that is drawn. A set that divides them is shrunk and shown, with the seed.
fn agree(table: &ArgumentSpec, draw: &Draw) {
    let ansible = AnsibleModule::of(table);
    let accepted = draw.check(&argument_sets(table), |set| {
        let theirs = ansible.judge(&differences::as_they_would_mean_it(set, table));
        let ours = Verdict::ours(table, set).redacted(table, set);
        differences::reconcile(&ours, &theirs, table).map(|()| ours.is_accepted())
    });
    assert!(accepted * 4 > draw.cases, "too few sets get past all the rules: {accepted}");
    assert!(accepted * 4 < draw.cases * 3, "too few sets break a rule: {accepted}");
}

#[test]
fn the_binary_says_what_the_option_table_says() {
    let ansible = AnsibleModule::of(&ARGUMENT_SPEC);
    let refused = Draw::from_environment(400).check(&argument_sets(&ARGUMENT_SPEC), |set| {
        let (ours, reported) = (
            Verdict::ours(&ARGUMENT_SPEC, set),
            binary::judge(set).map(|verdict| verdict.redacted(&ARGUMENT_SPEC, set)),
        );
        match (ours.fate, reported) {
            (Fate::Accepted(_), None) => Ok(false),
            (Fate::Accepted(_), Some(reported)) if !differences::is_in_ansibles_words(&reported) => Ok(false),
            (Fate::Refused(_), Some(reported)) => {
                let theirs = ansible.judge(&differences::as_they_would_mean_it(set, &ARGUMENT_SPEC));
                differences::reconcile(&reported, &theirs, &ARGUMENT_SPEC).map(|()| true)
            }
            (ours, reported) => Err(format!("ours: {ours:?}\nthe binary's: {reported:?}")),
        }
    });
    assert!(refused > 100, "the binary refused only {refused}");
}
