//! After a login that the homeserver refused, by what was tried.

use super::after_refusal;
use super::waiting::{after_login_limit, is_limit};
use crate::access_token::login_failure::LoginFailure;
use crate::matrix::credential::Kind;
use crate::matrix::error::Refusal;

pub(super) fn after_login_refusal(refusal: &Refusal, failure: &LoginFailure) -> String {
    if is_limit(refusal) && failure.kind != Kind::AdminAccessToken {
        return after_login_limit(refusal, failure);
    }
    let special = match (failure.kind, refusal.status, refusal.errcode.as_str()) {
        (Kind::AdminAccessToken, ..) => after_admin_refusal(refusal),
        (_, 403, "M_FORBIDDEN") if refusal.error.contains("device limit") => {
            Some("log sessions of this user out that nobody needs any more")
        }
        (_, 403, "M_FORBIDDEN") if refusal.error.contains("policy") => {
            Some("the authentication service has a policy against this login: ask its administrator")
        }
        (Kind::AsToken, 401, "M_UNKNOWN_TOKEN") => {
            Some("the homeserver knows no appservice with this `as_token`: check it, and that the registration file is loaded")
        }
        (Kind::AsToken, 403, "M_FORBIDDEN" | "M_EXCLUSIVE") => {
            Some("the user is not in the namespaces of the appservice's registration; upper and lower case differ there")
        }
        (Kind::AsToken, 404, _) => Some("the user is in the appservice's namespace, but does not exist: have the bridge register it first"),
        (Kind::Password, 403, "M_FORBIDDEN") => Some(
            "the server doesn't say which: check `password`, then that `user_id` exists on this server, is not deactivated and has a password",
        ),
        (Kind::LoginToken, 403, "M_FORBIDDEN") => Some("a login token works once and only for minutes: get a new one"),
        (Kind::Jwt, 403, "M_FORBIDDEN") => {
            Some("check the token's signature, times, issuer and audience against the homeserver's `jwt_config`")
        }
        (Kind::SharedSecret, 403, "M_FORBIDDEN") => Some(
            "the server doesn't say which: check `shared_secret`, that `user_id` exists on this server, and that the server's module takes this kind of login",
        ),
        _ => None,
    };
    special
        .map(str::to_owned)
        .or_else(|| after_refusal(refusal))
        .or_else(|| after_bad_request(refusal))
        .unwrap_or_else(|| "check the options of this task".into())
}

fn after_admin_refusal(refusal: &Refusal) -> Option<&'static str> {
    match (refusal.status, refusal.errcode.as_str()) {
        (401, "M_UNKNOWN_TOKEN") => Some("`admin_access_token` is no longer valid: give a new one"),
        (403, "M_FORBIDDEN") => Some("`admin_access_token` is not that of a server administrator: give one that is"),
        (404, "M_NOT_FOUND") => Some("the user does not exist on this server: check `user_id`"),
        (400, _) => Some("the user must be another one than the administrator, and of this server: check `user_id`"),
        _ => None,
    }
}

pub(super) fn after_bad_request(refusal: &Refusal) -> Option<String> {
    match refusal.errcode.as_str() {
        "M_APPSERVICE_LOGIN_UNSUPPORTED" => {
            Some("this appservice makes its devices itself (MSC4190) and can't log in: use another credential".into())
        }
        "M_TOO_LARGE" => Some("shorten `device_display_name`".into()),
        "M_INVALID_USERNAME" => Some("make the token's `sub` the localpart alone, without @ and the server's name".into()),
        "M_FORBIDDEN" => Some("give another `device_id`".into()),
        "M_INVALID_PARAM" if refusal.error.contains("device_id") => Some("shorten `device_id`".into()),
        _ => None,
    }
}
