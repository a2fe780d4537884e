//! The next step after each failure, in words that an administrator can act on. Pure.

mod connection;
mod diagnosed;
mod refused;
mod waiting;

use super::login_failure::LoginFailure;
use crate::matrix::credential::Kind;
use crate::matrix::error::{Error, Refusal};
use connection::{after_fault, after_oddity};
use diagnosed::after_diagnosis;
use refused::after_login_refusal;
use waiting::{after_limit, is_limit, out_of_order};

/// After a login.
pub(super) fn after_login(failure: &LoginFailure) -> String {
    match (&failure.diagnosis, &failure.error) {
        (Some(diagnosis), _) => after_diagnosis(diagnosis, failure),
        (None, error) if error.is_lost() => [after(error).as_str(), after_lost_login(failure)].concat(),
        (None, Error::Refused(refusal)) => after_login_refusal(refusal, failure),
        (None, error) => after(error),
    }
}

fn after_lost_login(failure: &LoginFailure) -> &'static str {
    match failure.kind {
        Kind::LoginToken => "; the login token may be used up now: get a new one",
        _ if failure.may_stray => "; the server may have made a session all the same: with `device_id` a login is repeated without harm",
        _ => "",
    }
}

/// After anything else.
pub(super) fn after(error: &Error) -> String {
    match error {
        Error::Setting { name, .. } => format!("correct `{name}`"),
        Error::Unreached { url, fault } | Error::Lost { url, fault } => after_fault(fault, url.starts_with("https://")),
        Error::Refused(refusal) => after_refusal(refusal).unwrap_or_else(|| "see the log of the homeserver".into()),
        Error::NotMatrix {
            status,
            oddity,
            retry_after,
            ..
        } => after_oddity(*status, oddity, *retry_after),
        Error::Discovery { .. } => "give `homeserver_url`".into(),
    }
}

/// What means the same whatever was asked.
fn after_refusal(refusal: &Refusal) -> Option<String> {
    Some(match (refusal.errcode.as_str(), refusal.status) {
        _ if is_limit(refusal) => after_limit(refusal),
        ("M_USER_DEACTIVATED", _) => "a deactivated user can't log in: reactivate it, or give another `user_id`".into(),
        ("M_USER_LOCKED", _) => "an administrator has locked this user: unlock it first".into(),
        ("M_USER_SUSPENDED", _) => "an administrator has suspended this user: lift that first".into(),
        ("M_RESOURCE_LIMIT_EXCEEDED", _) => {
            "the homeserver takes no logins at present (a limit of users, or maintenance): ask its administrator".into()
        }
        ("ORG.MATRIX.MSC3866_USER_AWAITING_APPROVAL", _) => "an administrator must approve this user first".into(),
        ("M_MISSING_TOKEN", _) => {
            "something in front of the homeserver takes the Authorization header away: use an address inside that, or correct it".into()
        }
        ("M_UNRECOGNIZED", _) => "check `homeserver_url`".into(),
        (_, 503) if refusal.url.ends_with("/account/whoami") => {
            "the homeserver can't ask the service that knows its tokens (Matrix Authentication Service): check that this service runs"
                .into()
        }
        (_, 502..=504) => out_of_order(refusal.retry_after),
        (_, 500..) => "the homeserver has a problem of its own: see its log".into(),
        _ => return None,
    })
}
