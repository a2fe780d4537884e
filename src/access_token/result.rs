//! What a playbook gets to see of a session.

use serde_json::{Map, Value, json};

use super::facts::Field;
use super::options::{Options, ReturnToken};
use crate::ansible::report::Report;
use crate::matrix::homeserver_url::HomeserverUrl;
use crate::matrix::session::{Session, Tokens};

/// How the session of the result came about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Origin {
    /// It was there, and works.
    Kept,
    /// It was there, and has new tokens.
    Refreshed,
    /// It was logged in.
    New,
}

/// A session as far as it is known: check mode can't know the tokens of one that it didn't make.
#[derive(Clone, Debug)]
pub(super) struct Shown {
    pub(super) homeserver: HomeserverUrl,
    pub(super) user_id: String,
    pub(super) device_id: Option<String>,
    pub(super) tokens: Option<Tokens>,
}

impl From<Session> for Shown {
    fn from(session: Session) -> Self {
        let Session {
            homeserver,
            user_id,
            device_id,
            tokens,
        } = session;
        Self {
            homeserver,
            user_id: user_id.into(),
            device_id,
            tokens: Some(tokens),
        }
    }
}

/// How `state: present` ended well.
#[derive(Clone, Debug)]
pub(super) struct Success {
    pub(super) changed: bool,
    pub(super) msg: String,
    pub(super) origin: Origin,
    pub(super) session: Shown,
    /// The session that stood in `session_file` before.
    pub(super) before: Option<Session>,
    pub(super) warnings: Vec<String>,
}

impl Success {
    /// Everything that design and documentation promise; with `return_token: never` all but the tokens.
    pub(super) fn report(self, options: &Options, diff: bool) -> Report {
        let session = &self.session;
        let shown = |field: &Field| *field != Field::AccessToken || options.return_token != ReturnToken::Never;
        let facts = options.facts.publish(shown, |field| session.value(field));
        let report = Report::exit_json(self.changed, self.msg);
        let report = Field::ALL
            .iter()
            .filter(|(_, field)| shown(field))
            .fold(report, |report, (name, field)| report.with(name, session.value(*field)));
        let report = report.with("session", self.origin.name()).with("ansible_facts", facts);
        let report = with_expiry(report, session.tokens.as_ref(), options.return_token)
            .warnings(options.warnings_at(Some(&session.homeserver)).chain(self.warnings));
        if diff {
            report.with("diff", self::diff(self.before.map(Shown::from).as_ref(), Some(session), options))
        } else {
            report
        }
    }
}

impl Origin {
    fn name(self) -> &'static str {
        match self {
            Self::Kept => "kept",
            Self::Refreshed => "refreshed",
            Self::New => "new",
        }
    }
}

impl Shown {
    fn value(&self, field: Field) -> Value {
        match field {
            Field::AccessToken => self.tokens.as_ref().map_or("", |tokens| tokens.access_token.reveal()).into(),
            Field::UserId => self.user_id.as_str().into(),
            Field::DeviceId => self.device_id.as_deref().unwrap_or_default().into(),
            Field::HomeserverUrl => self.homeserver.as_str().into(),
        }
    }
}

fn with_expiry(report: Report, tokens: Option<&Tokens>, return_token: ReturnToken) -> Report {
    let expires_in = tokens.and_then(Tokens::expires_in);
    let refresh_token = tokens
        .and_then(|tokens| tokens.refresh_token.as_ref())
        .filter(|_| return_token != ReturnToken::Never);
    let report = expires_in.into_iter().fold(report, |report, time| {
        report.with("expires_in_ms", u64::try_from(time.as_millis()).unwrap_or(u64::MAX))
    });
    refresh_token
        .into_iter()
        .fold(report, |report, secret| report.with("refresh_token", secret.reveal()))
}

/// What diff mode shows: whose session on which device, and the file that holds it, before and after. Never a secret.
pub(super) fn diff(before: Option<&Shown>, after: Option<&Shown>, options: &Options) -> Value {
    let file = options.session_file.as_ref();
    let file = file.map(|path| ("session_file".to_owned(), Value::from(path.to_string_lossy())));
    let side = |session: Option<&Shown>| match session {
        Some(session) => [
            ("homeserver_url", Field::HomeserverUrl),
            ("user_id", Field::UserId),
            ("device_id", Field::DeviceId),
        ]
        .into_iter()
        .map(|(name, field)| (name.to_owned(), session.value(field)))
        .chain(file.clone())
        .collect(),
        None => Map::new(),
    };
    json!({"before": side(before), "after": side(after)})
}
