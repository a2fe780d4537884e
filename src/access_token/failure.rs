//! Any error, turned into the one report that Ansible shows: what happened, where, and the next step.

use super::advice;
use super::login_failure::LoginFailure;
use crate::ansible::report::Report;
use crate::matrix::error::Error;

pub(super) fn report(error: &anyhow::Error) -> Report {
    if let Some(login) = error.chain().find_map(|cause| cause.downcast_ref::<LoginFailure>()) {
        let report = with_cause(format!("{error:#}; {}", advice::after_login(login)), &login.error);
        return login
            .login_flows()
            .into_iter()
            .fold(report, |report, flows| report.with("login_flows", flows));
    }
    match error.chain().find_map(|cause| cause.downcast_ref::<Error>()) {
        Some(cause) => with_cause(format!("{error:#}; {}", advice::after(cause)), cause),
        None => Report::fail_json(format!("{error:#}")),
    }
}

fn with_cause(msg: String, cause: &Error) -> Report {
    let report = cause
        .http_status()
        .into_iter()
        .fold(Report::fail_json(msg), |report, status| report.with("http_status", status));
    let report = cause
        .refusal()
        .into_iter()
        .fold(report, |report, refusal| report.with("errcode", refusal.errcode.as_str()));
    let milliseconds = cause.retry_after().map(|wait| u64::try_from(wait.as_millis()).unwrap_or(u64::MAX));
    milliseconds
        .into_iter()
        .fold(report, |report, milliseconds| report.with("retry_after_ms", milliseconds))
}
