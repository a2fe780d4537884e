//! The next step after each failure, in words that an administrator can act on. Pure.

use std::time::Duration;

use super::login_failure::LoginFailure;
use crate::matrix::credential::Kind;
use crate::matrix::diagnosis::Diagnosis;
use crate::matrix::error::{Error, Fault, Oddity, Refusal};
use crate::matrix::tls_fault::TlsFault;

/// After a login.
pub(super) fn after_login(failure: &LoginFailure) -> String {
    match (&failure.diagnosis, &failure.error) {
        (Some(diagnosis), _) => after_diagnosis(diagnosis, failure),
        (None, Error::Refused(refusal)) => after_login_refusal(refusal, failure),
        (None, error) if is_lost(error) => [after(error).as_str(), after_lost_login(failure)].concat(),
        (None, error) => after(error),
    }
}

/// The server may have done what it was asked.
fn is_lost(error: &Error) -> bool {
    let lost = matches!(
        error,
        Error::NoAnswer {
            fault: Fault::Closed | Fault::TimedOut,
            ..
        }
    );
    lost || error.http_status() == Some(504)
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
        Error::NoAnswer { url, fault } => after_fault(fault, url.starts_with("https://")),
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

fn after_diagnosis(diagnosis: &Diagnosis, failure: &LoginFailure) -> String {
    match diagnosis {
        Diagnosis::Flows(flows) => after_flows(flows, failure),
        Diagnosis::Delegated => format!(
            "this server leaves logins to an OAuth 2.0 service (Matrix Authentication Service), which takes at most passwords, and only where the reverse proxy \
             leads it the login endpoint: run `mas-cli manage issue-compatibility-token {} DEVICE` there, and give the token that it prints as `access_token`",
            localpart(&failure.user)
        ),
        Diagnosis::NoLogin if failure.kind == Kind::AdminAccessToken => {
            "this homeserver is no Synapse, or what stands in front of it keeps /_synapse/admin out: use an address inside that, or another credential".into()
        }
        Diagnosis::NoLogin => "a homeserver answers here, but takes no logins: check what stands in front of it".into(),
        Diagnosis::ElsewhereAt(root) => format!("the client-server API is at {root}: give that as `homeserver_url`"),
        Diagnosis::FederationOnly => "this port serves other homeservers only: give the address that Matrix clients use as `homeserver_url`".into(),
        Diagnosis::NotMatrix => {
            "nothing of Matrix answers there: check `homeserver_url` (which is found by itself if you leave it out and give a full `user_id`), \
             and what stands in front of the server"
                .into()
        }
    }
}

fn localpart(user: &str) -> &str {
    let name = user.trim_start_matches('@').split(':').next().unwrap_or_default();
    if name.is_empty() { "USER" } else { name }
}

/// The server takes logins, but not this one.
fn after_flows(flows: &[String], failure: &LoginFailure) -> String {
    let options: Vec<String> = flows
        .iter()
        .filter_map(|flow| Kind::ALL.into_iter().find(|kind| kind.login_type() == Some(flow)))
        .map(|kind| format!("`{}`", kind.name()))
        .collect();
    match failure.kind.login_type() {
        Some(_) if failure.is_offered(flows) => {
            let refusal = failure
                .error
                .refusal()
                .and_then(|refusal| after_refusal(refusal).or_else(|| after_bad_request(refusal)));
            refusal.unwrap_or_else(|| "the homeserver takes this kind of login, but not this one: check the options of this task".into())
        }
        Some(_) if options.is_empty() => format!(
            "this homeserver takes no login with `{}`, nor any that this module knows (it offers: {}): log in with a Matrix client, and give the token of that session \
             as `access_token`",
            failure.kind.name(),
            list(flows)
        ),
        Some(_) => format!(
            "this homeserver takes no login with `{}`: give {} instead, or `access_token`",
            failure.kind.name(),
            options.join(" or ")
        ),
        None => failure
            .error
            .refusal()
            .map_or_else(String::new, |refusal| after_login_refusal(refusal, failure)),
    }
}

fn list(flows: &[String]) -> String {
    if flows.is_empty() { "none".into() } else { flows.join(", ") }
}

fn after_bad_request(refusal: &Refusal) -> Option<String> {
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

fn after_login_refusal(refusal: &Refusal, failure: &LoginFailure) -> String {
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

/// What means the same whatever was asked.
fn after_refusal(refusal: &Refusal) -> Option<String> {
    Some(match (refusal.errcode.as_str(), refusal.status) {
        ("M_LIMIT_EXCEEDED", _) | (_, 429) => after_limit(refusal),
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

fn after_limit(refusal: &Refusal) -> String {
    format!(
        "the homeserver limits logins, for each user and for each address that they come from (`rc_login` in Synapse), and {}: keep the session in \
         `session_file` so that logins are rare, raise `wait_timeout`, or use `admin_access_token`, which is not limited",
        asked(refusal.retry_after)
    )
}

fn asked(retry_after: Option<Duration>) -> String {
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

fn out_of_order(retry_after: Option<Duration>) -> String {
    let why = "something in front of the homeserver answers in its place";
    match retry_after {
        Some(_) => format!("{why}, and {}: raise `wait_timeout`", asked(retry_after)),
        None => format!("{why}: check that the homeserver runs, and raise `wait_timeout` if it takes long to start"),
    }
}

fn after_fault(fault: &Fault, is_https: bool) -> String {
    let (other, other_scheme) = if is_https {
        ("speaks no TLS", "http://")
    } else {
        ("speaks TLS", "https://")
    };
    match fault {
        Fault::UnknownHost => "check `homeserver_url`, and that the host that runs the task can look the name up".into(),
        Fault::Refused | Fault::System(_) => {
            "check `homeserver_url`, and that the homeserver runs and can be reached from the host that runs the task".into()
        }
        Fault::Closed => {
            format!("check that the homeserver runs; or perhaps the port {other}, then write {other_scheme} in `homeserver_url`")
        }
        Fault::TimedOut => format!(
            "check that the homeserver is well, or raise `timeout`; or perhaps the port {other}, then write {other_scheme} in `homeserver_url`"
        ),
        Fault::Tls(fault) => after_tls(fault).into(),
        Fault::Proxy(_) => "check the proxy of the environment, or set `use_proxy: false`".into(),
        Fault::NotHttp(_) => format!("check the port in `homeserver_url`; or perhaps it {other}, then write {other_scheme}"),
    }
}

fn after_tls(fault: &TlsFault) -> &'static str {
    match fault {
        TlsFault::NotTls => "give the port that speaks TLS in `homeserver_url`, or write http:// there",
        TlsFault::UnknownIssuer => {
            "give that authority's certificate as `ca_path`, or have the server send its whole chain of certificates"
        }
        TlsFault::Expired => "have it renewed on the server (`ca_path` does not help), or correct the clock of the host that runs the task",
        TlsFault::NotYetValid => "check the clock of the host that runs the task",
        TlsFault::OtherName => "give a name that the certificate holds in `homeserver_url` (`ca_path` does not help)",
        TlsFault::ClientCertWanted => "give it as `client_cert`, and its key as `client_key`",
        TlsFault::ClientCertRefused => "check `client_cert`",
        TlsFault::Other(_) => "check `homeserver_url`, and give the certificate of a private authority as `ca_path`",
    }
}

fn after_oddity(status: u16, oddity: &Oddity, retry_after: Option<Duration>) -> String {
    match (status, oddity) {
        (_, Oddity::Redirect(_)) => {
            "a redirect is not followed with a secret in the request: give the address that it leads to as `homeserver_url`".into()
        }
        (429, _) => format!(
            "something in front of the homeserver limits requests, and {}: raise `wait_timeout`, or use an address inside that",
            asked(retry_after)
        ),
        (502..=504, _) => out_of_order(retry_after),
        (500.., _) => "the homeserver, or what stands in front of it, has a problem of its own: see their logs".into(),
        _ => "this is not the answer of a homeserver: check `homeserver_url` and what stands in front of the server".into(),
    }
}
