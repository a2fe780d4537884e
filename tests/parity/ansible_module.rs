//! The real `AnsibleModule`, in one long-lived Python process that gets our option table: never a copy of it.

use std::cell::RefCell;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use matrix_access_token::ansible::argument_spec::{Argument, ArgumentSpec};
use serde_json::{Map, Value, json};

use crate::verdict::Verdict;

/// It ends when its standard input does.
pub struct AnsibleModule {
    _process: Child,
    pipes: RefCell<(ChildStdin, BufReader<ChildStdout>)>,
}

impl AnsibleModule {
    /// One with this option table.
    pub fn of(table: &ArgumentSpec) -> Self {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut process = Command::new(folder.join(".venv/bin/python"))
            .arg(folder.join("tests/parity/ansible_module.py"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("AnsibleModule needs the Python environment that `make setup` makes");
        let mut stdin = process.stdin.take().unwrap();
        writeln!(stdin, "{}", keyword_arguments(table)).unwrap();
        let stdout = BufReader::new(process.stdout.take().unwrap());
        Self { _process: process, pipes: RefCell::new((stdin, stdout)) }
    }

    /// What it makes of an argument set, which is one line of JSON.
    pub fn judge(&self, arguments: &str) -> Verdict {
        let (stdin, stdout) = &mut *self.pipes.borrow_mut();
        writeln!(stdin, "{arguments}").unwrap();
        let mut answer = String::new();
        stdout.read_line(&mut answer).unwrap();
        Verdict::theirs(serde_json::from_str(&answer).unwrap_or_else(|_| panic!("no answer to {arguments}")))
    }
}

fn keyword_arguments(table: &ArgumentSpec) -> Value {
    json!({
        "argument_spec": table.arguments.iter().map(argument).collect::<Map<_, _>>(),
        "mutually_exclusive": table.mutually_exclusive,
        "required_together": table.required_together,
    })
}

fn argument(argument: &Argument) -> (String, Value) {
    let mut line = json!({
        "type": argument.kind.to_string(),
        "no_log": argument.no_log,
        "aliases": argument.aliases,
    });
    if let Some(default) = argument.default {
        line["default"] = default.into();
    }
    if !argument.choices.is_empty() {
        line["choices"] = json!(argument.choices);
    }
    (argument.name.into(), line)
}
