//! After a failure that asking around has explained.

use super::after_refusal;
use super::refused::{after_bad_request, after_login_refusal};
use crate::access_token::login_failure::LoginFailure;
use crate::matrix::credential::Kind;
use crate::matrix::diagnosis::Diagnosis;

pub(super) fn after_diagnosis(diagnosis: &Diagnosis, failure: &LoginFailure) -> String {
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
