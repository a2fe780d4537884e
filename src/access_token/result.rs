//! How a task ends: what a playbook gets to see of a session, or of any error, and the warnings about a session that is fine for now.

use std::time::Duration;

use serde_json::Value;

use super::facts::Field;
use super::hints;
use super::login_failure::LoginFailure;
use super::options::{Options, ReturnToken};
use super::task::{Task, describe};
use crate::ansible::report::Report;
use crate::matrix::error::Error;
use crate::matrix::homeserver_url::HomeserverUrl;
use crate::matrix::session::{Session, Tokens};
use crate::secret::Secret;

/// How the session of the result came about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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
            user_id: session.user_id.into(),
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
        let shown = |field: &Field| *field != Field::AccessToken || options.return_token != ReturnToken::Never;
        let facts = options.facts.publish(shown, |field| session.value(field));
        let report = Report::exit_json(self.changed, self.msg);
        let report = Field::ALL
            .iter()
            .filter(|(_, field)| shown(field))
            .fold(report, |report, (name, field)| report.with(name, session.value(*field)));
        let report = report.with("session", self.origin.name()).with("ansible_facts", facts);
        let tokens = session.tokens.as_ref();
        let refresh_token = tokens.and_then(|tokens| tokens.refresh_token.as_ref());
        let refresh_token = refresh_token.filter(|_| options.return_token != ReturnToken::Never);
        report
            .with_some("expires_in_ms", tokens.and_then(Tokens::expires_in).map(milliseconds))
            .with_some("refresh_token", refresh_token.map(Secret::expose_secret))
            .warnings(options.warnings_at(Some(&session.homeserver)).chain(self.warnings))
    }
}

fn milliseconds(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

impl SessionOrigin {
    fn name(self) -> &'static str {
        match self {
            Self::Kept => "kept",
            Self::Refreshed => "refreshed",
            Self::New => "new",
        }
    }
}

impl SessionView {
    fn value(&self, field: Field) -> Value {
        match field {
            Field::AccessToken => self.tokens.as_ref().map_or("", |tokens| tokens.access_token.expose_secret()).into(),
            Field::UserId => self.user_id.as_str().into(),
            Field::DeviceId => self.device_id.as_deref().unwrap_or_default().into(),
            Field::HomeserverUrl => self.homeserver.as_str().into(),
        }
    }
}

/// Any error as the one report that Ansible shows: what happened, where, and the next step. `stored_at` is the homeserver of `session_file`, if the task
/// takes the URL from there.
pub(crate) fn failure(error: &anyhow::Error, stored_at: Option<&HomeserverUrl>) -> Report {
    if let Some(login) = error.chain().find_map(|cause| cause.downcast_ref::<LoginFailure>()) {
        let report = with_cause(format!("{error:#}; {}", hints::after_login(login)), &login.error, stored_at);
        return report.with_some("login_flows", login.login_flows());
    }
    match error.chain().find_map(|cause| cause.downcast_ref::<Error>()) {
        Some(cause) => with_cause(format!("{error:#}; {}", hints::after(cause)), cause, stored_at),
        None => Report::fail_json(format!("{error:#}")),
    }
}

fn with_cause(msg: String, cause: &Error, stored_at: Option<&HomeserverUrl>) -> Report {
    let msg = match stored_at {
        Some(url) if msg.contains("check `homeserver_url`") => {
            format!("{msg}; {url} comes from `session_file`: if the server has moved, give its new URL")
        }
        _ => msg,
    };
    Report::fail_json(msg)
        .with_some("http_status", cause.http_status())
        .with_some("errcode", cause.api_error().map(|error| error.errcode.as_str()))
        .with_some("retry_after_ms", cause.retry_after().map(milliseconds))
}

impl Task<'_> {
    /// Some servers put a session where they like.
    pub(crate) fn device_warning(&self, session: &Session) -> Option<String> {
        let wanted = self
            .options
            .device_id
            .as_ref()
            .filter(|wanted| session.device_id.as_ref() != Some(wanted))?;
        Some(format!(
            "the homeserver did not use the device {wanted} but created a session of {}",
            describe(session)
        ))
    }

    /// Nobody asked for a token that expires. One that comes with a refresh token was asked for.
    pub(crate) fn expiry_warning(&self, session: &Session) -> Option<String> {
        let asked_for = self.options.refresh_token || session.tokens.refresh_token.is_some();
        let seconds = session.tokens.expires_in().filter(|_| !asked_for)?.as_secs();
        Some(format!(
            "the token expires in {seconds} seconds: this server gives no lasting ones, so run this task again before that, or try `refresh_token: true`"
        ))
    }

    /// Some servers ignore the wish.
    pub(crate) fn refresh_warning(&self, session: &Session, origin: SessionOrigin) -> Option<String> {
        let is_ignored = self.options.refresh_token && origin == SessionOrigin::New && session.tokens.refresh_token.is_none();
        let lasts = if session.tokens.expires_at.is_none() {
            ": the token does not expire"
        } else {
            ""
        };
        is_ignored.then(|| format!("the homeserver gave no refresh token, although `refresh_token` asks for one{lasts}"))
    }

    /// A task that remembers nothing leaves something behind on each run.
    pub(crate) fn more_sessions_warning(&self, session: &Session, origin: SessionOrigin) -> Option<String> {
        let is_of_mas = self.is_of_mas();
        let grows = origin == SessionOrigin::New && self.file.is_none() && (self.options.device_id.is_none() || is_of_mas);
        grows.then(|| match session.device_id {
            Some(_) if !is_of_mas => format!(
                "each run of this task logs {} in on one more device: give `session_file`, or `device_id` at least",
                session.user_id
            ),
            _ => format!(
                "each run of this task makes one more token of {}, which is valid until it is logged out: give `session_file`",
                session.user_id
            ),
        })
    }
}

/// A token that works but is hardly worth handing out.
pub(crate) fn expires_soon_warning(session: &Session) -> Option<String> {
    let seconds = session.tokens.expires_in()?.as_secs();
    (seconds < 60).then(|| format!("the token expires in {seconds} seconds: run this task again then, to have it refreshed"))
}

/// Matrix Authentication Service starts the access token of an OAuth client with `mat_`, and only that client can refresh it.
pub(crate) fn oauth_warning(session: &Session) -> Option<String> {
    let is_oauth = session.tokens.access_token.expose_secret().starts_with("mat_") && session.tokens.refresh_token.is_none();
    is_oauth.then(|| {
        "the token belongs to an OAuth session of Matrix Authentication Service (it starts with mat_): it expires within minutes to hours, \
         and only the client it was made for can refresh it; log in for a session of this task's own instead of giving `access_token`"
            .to_owned()
    })
}
