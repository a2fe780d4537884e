//! After a wait that was not long enough.

use std::time::Duration;

use crate::access_token::login_failure::LoginFailure;
use crate::matrix::error::Refusal;

pub(super) fn is_limit(refusal: &Refusal) -> bool {
    refusal.errcode == "M_LIMIT_EXCEEDED" || refusal.status == 429
}

pub(super) fn after_login_limit(refusal: &Refusal, failure: &LoginFailure) -> String {
    let keep = if failure.is_kept {
        ""
    } else {
        "keep the session in `session_file` so that logins are rare, "
    };
    format!(
        "the homeserver limits logins, for each user and for each address that they come from (`rc_login` in Synapse), and {}: \
         {keep}raise `wait_timeout`, or use `admin_access_token`, which is not limited",
        asked(refusal.retry_after)
    )
}

pub(super) fn after_limit(refusal: &Refusal) -> String {
    format!(
        "the homeserver limits requests, and {}: raise `wait_timeout`",
        asked(refusal.retry_after)
    )
}

pub(super) fn asked(retry_after: Option<Duration>) -> String {
    retry_after.map_or_else(
        || "doesn't say for how long".into(),
        |wait| {
            format!(
                "asks to wait {} seconds, more than what is left of `wait_timeout`",
                wait.as_millis().div_ceil(1000)
            )
        },
    )
}

pub(super) fn out_of_order(retry_after: Option<Duration>) -> String {
    let why = "something in front of the homeserver answers in its place";
    match retry_after {
        Some(_) => format!("{why}, and {}: raise `wait_timeout`", asked(retry_after)),
        None => format!("{why}: check that the homeserver runs, and raise `wait_timeout` if it takes long to start"),
    }
}
