//! The module itself: the only place where Ansible and Matrix meet.

pub mod facts;
mod failure;
pub mod options;
mod present;
mod result;

use crate::ansible::invocation::Invocation;
use crate::ansible::report::Report;
use options::{Options, ReturnToken};

/// Runs the task and reports its end, whatever that is.
pub fn run(invocation: Invocation) -> Report {
    let Invocation { parameters, switches } = invocation;
    match Options::check(parameters) {
        Ok(options) if options.return_token == ReturnToken::NoLog && !switches.no_log => Report::fail_json(WOULD_BE_LOGGED),
        Ok(options) => present::present(&options, &switches)
            .unwrap_or_else(|error| failure::report(&error))
            .scrubbed(&options.secrets()),
        Err(message) => Report::fail_json(message),
    }
}

const WOULD_BE_LOGGED: &str = "the access token would be shown in Ansible's output, so nothing was done: add the line `no_log: true` to this task \
     (or set `return_token` to `always` to have it shown all the same)";
