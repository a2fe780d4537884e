//! Any error, turned into the one report that Ansible shows: what happened, where, and the next step.

use crate::ansible::report::Report;
use crate::matrix::error::{Error, Fault, Oddity, Refusal};

pub(super) fn report(error: &anyhow::Error) -> Report {
    let Some(cause) = error
        .downcast_ref::<Error>()
        .or_else(|| error.chain().find_map(|cause| cause.downcast_ref()))
    else {
        return Report::fail_json(format!("{error:#}"));
    };
    let report = Report::fail_json(format!("{error:#}; {}", next_step(cause)));
    let report = cause
        .http_status()
        .into_iter()
        .fold(report, |report, status| report.with("http_status", status));
    cause.refusal().into_iter().fold(report, with_refusal)
}

fn with_refusal(report: Report, refusal: &Refusal) -> Report {
    let report = report.with("errcode", refusal.errcode.as_str());
    match refusal.retry_after {
        Some(wait) => report.with("retry_after_ms", u64::try_from(wait.as_millis()).unwrap_or(u64::MAX)),
        None => report,
    }
}

fn next_step(error: &Error) -> String {
    match error {
        Error::Setting { name, .. } => format!("correct `{name}`"),
        Error::NoAnswer { fault, .. } => after_fault(fault).into(),
        Error::Refused(refusal) => after_refusal(refusal),
        Error::NotMatrix { oddity, .. } => after_oddity(oddity).into(),
        Error::Discovery { .. } => "give `homeserver_url`".into(),
    }
}

fn after_fault(fault: &Fault) -> &'static str {
    match fault {
        Fault::UnknownHost => "check `homeserver_url`, and that the host that runs the task can look the name up",
        Fault::Refused | Fault::System(_) | Fault::Closed => {
            "check `homeserver_url`, and that the homeserver runs and can be reached from the host that runs the task"
        }
        Fault::TimedOut => "check that the homeserver is well, and `https` or `http` in `homeserver_url`; or raise `timeout`",
        Fault::Tls(_) => "check `homeserver_url`, and give the certificate of a private authority as `ca_path`",
        Fault::Proxy(_) => "check the proxy of the environment, or set `use_proxy: false`",
        Fault::NotHttp(_) => "check the port and `https` or `http` in `homeserver_url`",
    }
}

fn after_refusal(refusal: &Refusal) -> String {
    match (refusal.errcode.as_str(), refusal.status) {
        ("M_FORBIDDEN", _) => {
            "the server doesn't say which: check `password`, then that `user_id` exists on this server, is not deactivated and has a password".into()
        }
        ("M_USER_DEACTIVATED", _) => "a deactivated user can't log in: reactivate it, or give another `user_id`".into(),
        ("M_USER_LOCKED", _) => "unlock the user on the server first".into(),
        ("M_LIMIT_EXCEEDED", _) => match refusal.retry_after {
            Some(wait) => format!("the server limits logins: try again in {} seconds", wait.as_secs() + 1),
            None => "the server limits logins: try again later".into(),
        },
        ("M_UNRECOGNIZED", _) => "no login here: check `homeserver_url`, or the server leaves logins to another service".into(),
        (_, 500..) => "the homeserver has a problem of its own: see its log".into(),
        _ => "check the options of this task".into(),
    }
}

fn after_oddity(oddity: &Oddity) -> &'static str {
    match oddity {
        Oddity::Redirect(_) => {
            "a redirect is not followed with a secret in the request: give the address that it leads to as `homeserver_url`"
        }
        _ => "this is not the answer of a homeserver: check `homeserver_url` and what stands in front of the server",
    }
}
