//! The verdict of the built binary, as far as it can be had without a homeserver.

use std::io::Write;
use std::process::{Command, Stdio};

use matrix_access_token::access_token::options::{Options, ReturnToken, State};
use matrix_access_token::ansible::invocation::Invocation;
use serde_json::Value;

use crate::argument_sets::ArgumentSet;
use crate::verdict::Verdict;

/// Its verdict, unless it would go on to a homeserver: without `no_log`, most sets end in a refusal to show the token.
pub fn judge(set: &ArgumentSet) -> Option<Verdict> {
    let invocation = Invocation::parse(set.to_json().as_bytes()).unwrap();
    match Options::check(invocation.parameters) {
        Ok(options) if options.state == State::Absent || options.return_token != ReturnToken::NoLog => None,
        _ => Some(run(&set.to_json())),
    }
}

fn run(arguments: &str) -> Verdict {
    let mut process = Command::new(env!("CARGO_BIN_EXE_matrix_access_token"))
        .arg("-")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    process.stdin.take().unwrap().write_all(arguments.as_bytes()).unwrap();
    let output = process.wait_with_output().unwrap();
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((&report["failed"], output.status.code()), (&Value::Bool(true), Some(1)), "{report}");
    Verdict::theirs(report)
}
