//! The module itself: the only place where Ansible and Matrix meet.

mod absent;
mod apply_change;
mod check_mode;
mod credential;
mod error_hints;
pub mod facts;
mod log_in;
mod login_failure;
pub mod options;
mod plan;
mod present;
mod result;
mod session_file;
mod stored_session;
mod task;
mod warnings;

use crate::ansible::invocation::Invocation;
use crate::ansible::report::Report;
use crate::matrix::client::Client;
use options::{Options, ReturnToken, State};

pub fn run(invocation: Invocation) -> Report {
    let Invocation { parameters, params } = invocation;
    let options = match Options::check(parameters) {
        Ok(options) => options,
        Err(error) => return Report::fail_json(error.to_string()).warnings(error.warnings),
    };
    if options.state == State::Present && options.return_token == ReturnToken::NoLog && !params.no_log {
        return Report::fail_json(WOULD_BE_LOGGED);
    }
    let client = Client::new(options.transport.clone(), options.wait_timeout);
    client.add_secrets(options.secrets());
    let report = match options.state {
        State::Present => present::present(&client, &options, &params),
        State::Absent => absent::absent(&client, &options, &params),
    };
    let report = report.unwrap_or_else(|error| {
        let stored = options.session_file.as_deref().filter(|_| options.homeserver.is_none());
        let stored = stored.and_then(|path| session_file::read(path).ok().flatten());
        let failure = result::failure(&error, stored.as_ref().map(|session| &session.homeserver));
        failure.warnings(options.warnings_at(options.homeserver.as_ref()))
    });
    report.redacted(&client.secrets())
}

const WOULD_BE_LOGGED: &str = "the access token would be shown in Ansible's output, so nothing was done: add `no_log: true` to this task \
     (or set `return_token` to `always` to have it shown all the same)";
