//! How a task ends: what a playbook gets to see of a session, or of any error.

use std::time::Duration;

use serde_json::{Map, Value};
use strum::IntoStaticStr;

use super::error_hints;
use super::facts::FIELDS;
use super::login_failure::LoginFailure;
use super::options::{Options, ReturnToken};
use crate::ansible::report::Report;
use crate::matrix::homeserver_url::HomeserverUrl;
use crate::matrix::session::{Session, Tokens};
use crate::secret::Secret;

/// How the session of the result came about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub(crate) enum SessionOrigin {
    Kept,
    Refreshed,
    New,
}

/// A session as far as it is known: check mode can't know the tokens of one that it didn't make.
#[derive(Clone, Debug)]
pub(crate) struct SessionView {
    pub(crate) homeserver: HomeserverUrl,
    pub(crate) user_id: String,
    pub(crate) device_id: Option<String>,
    pub(crate) tokens: Option<Tokens>,
}

impl From<Session> for SessionView {
    fn from(session: Session) -> Self {
        Self {
            homeserver: session.homeserver,
            user_id: session.user_id.to_string(),
            device_id: session.device_id,
            tokens: Some(session.tokens),
        }
    }
}

/// How `state: present` ended well.
#[derive(Clone, Debug)]
pub(crate) struct Success {
    pub(crate) changed: bool,
    pub(crate) msg: String,
    pub(crate) origin: SessionOrigin,
    pub(crate) session: SessionView,
    pub(crate) warnings: Vec<String>,
}

impl Success {
    /// Everything that the documentation promises; with `return_token: never` all but the tokens.
    pub(crate) fn report(self, options: &Options) -> Report {
        let session = &self.session;
        let has_tokens = options.return_token != ReturnToken::Never;
        let mut fields = session.fields();
        fields.retain(|name, _| has_tokens || name != "access_token");
        let facts = options.facts.publish(&fields);
        let tokens = session.tokens.as_ref();
        let refresh_token = tokens.and_then(|tokens| tokens.refresh_token.as_ref()).filter(|_| has_tokens);
        Report::exit_json(self.changed, self.msg)
            .with_all(fields)
            .with("session", <&str>::from(self.origin))
            .with("ansible_facts", facts)
            .with_some("expires_in_ms", tokens.and_then(Tokens::expires_in).map(milliseconds))
            .with_some("refresh_token", refresh_token.map(Secret::expose_secret))
            .warnings(options.warnings_at(Some(&session.homeserver)).chain(self.warnings))
    }
}

fn milliseconds(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

impl SessionView {
    /// Those that playbooks see; what is not known is empty.
    fn fields(&self) -> Map<String, Value> {
        let token = self.tokens.as_ref().map_or("", |tokens| tokens.access_token.expose_secret());
        let device_id = self.device_id.as_deref().unwrap_or_default();
        let values = [token, &self.user_id, device_id, self.homeserver.as_str()];
        FIELDS.into_iter().map(str::to_owned).zip(values.map(Value::from)).collect()
    }
}

/// Any error as the one report that Ansible shows: what happened, where, and the next step. `stored_at` is the homeserver of `session_file`, if the task
/// takes the URL from there.
pub(crate) fn failure(error: &anyhow::Error, stored_at: Option<&HomeserverUrl>) -> Report {
    let login: Option<&LoginFailure> = error.downcast_ref();
    let Some(cause) = login.map(|login| &login.error).or(error.downcast_ref()) else {
        return Report::fail_json(format!("{error:#}"));
    };
    let hint = login.map_or_else(|| error_hints::after(cause), error_hints::after_login);
    let mut msg = format!("{error:#}; {hint}");
    if let Some(url) = stored_at.filter(|_| msg.contains("check `homeserver_url`")) {
        msg = format!("{msg}; {url} comes from `session_file`: if the server has moved, give its new URL");
    }
    Report::fail_json(msg)
        .with_some("http_status", cause.http_status())
        .with_some("errcode", cause.api_error().map(|error| error.errcode.as_str()))
        .with_some("retry_after_ms", cause.retry_after().map(milliseconds))
        .with_some("login_flows", login.and_then(LoginFailure::login_flows))
}
