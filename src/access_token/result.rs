//! What a playbook gets to see of a session.

use serde_json::Value;

use super::facts::Field;
use super::options::{Options, ReturnToken};
use crate::ansible::report::Report;
use crate::matrix::homeserver_url::HomeserverUrl;
use crate::matrix::session::Session;

/// A session that was just made.
pub(super) fn new(options: &Options, session: &Session) -> Report {
    let msg = format!("logged in as {} at {}", session.user_id, session.homeserver);
    let report = with_fields(Report::exit_json(true, msg), options, |field| value(session, field));
    match session.expires_in {
        Some(time) => report.with("expires_in_ms", u64::try_from(time.as_millis()).unwrap_or(u64::MAX)),
        None => report,
    }
}

/// A session that check mode did not make: its token is empty, never made up.
pub(super) fn predicted(options: &Options, homeserver: &HomeserverUrl) -> Report {
    let msg = format!("would log in as {} at {homeserver}", options.user);
    with_fields(Report::exit_json(true, msg), options, |field| match field {
        Field::AccessToken => "".into(),
        Field::UserId => options.user.as_str().into(),
        Field::DeviceId => options.device_id.as_deref().unwrap_or_default().into(),
        Field::HomeserverUrl => homeserver.as_str().into(),
    })
}

fn value(session: &Session, field: Field) -> Value {
    match field {
        Field::AccessToken => session.access_token.reveal().into(),
        Field::UserId => session.user_id.as_str().into(),
        Field::DeviceId => session.device_id.as_deref().unwrap_or_default().into(),
        Field::HomeserverUrl => session.homeserver.as_str().into(),
    }
}

/// Every field of the session and the facts made of them; with `return_token: never` all but the token.
fn with_fields(report: Report, options: &Options, value_of: impl Fn(Field) -> Value) -> Report {
    let shown = |field: &Field| *field != Field::AccessToken || options.return_token != ReturnToken::Never;
    let facts = options.facts.publish(shown, &value_of);
    let report = Field::ALL
        .iter()
        .filter(|(_, field)| shown(field))
        .fold(report, |report, (name, field)| report.with(name, value_of(*field)));
    report
        .with("session", "new")
        .with("ansible_facts", Value::Object(facts))
        .warnings(options.warnings.iter().cloned())
}
