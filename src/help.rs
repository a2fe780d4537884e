//! What `--help` tells a person, made from the option table.

use std::fmt::Write;

use crate::access_token::options::ARGUMENT_SPEC;
use crate::ansible::argument_spec::Argument;

pub fn text() -> String {
    let mut text = String::from(INTRODUCTION);
    for Argument { name, kind, choices, aliases, .. } in ARGUMENT_SPEC.arguments {
        let _ = write!(text, "  {name:<22} {kind}");
        for (label, words) in [("one of", choices), ("also", aliases)] {
            if !words.is_empty() {
                let _ = write!(text, ", {label}: {}", words.join(", "));
            }
        }
        text.push('\n');
    }
    text
}

const INTRODUCTION: &str = "\
Logs in to a Matrix homeserver for an existing user and returns the access token.

Usage:
  matrix_access_token FILE     read the options from a JSON file, as Ansible does
  matrix_access_token -        read them from standard input
  matrix_access_token --help | --version

Example:
  matrix_access_token alice.json, where that file of mode 0600 holds
  {\"user_id\": \"@alice:example.com\", \"password\": \"…\", \"return_token\": \"always\"}

Options:
";
