//! A login that failed, with all that helps to say why. Asks the server once more, and nothing else.

use std::fmt;

use super::options::Options;
use crate::matrix::client::Client;
use crate::matrix::credential::Kind;
use crate::matrix::diagnosis::{Diagnosis, diagnose};
use crate::matrix::error::Error;
use crate::matrix::homeserver_url::HomeserverUrl;

/// What was tried, what came of it, and what kind of server it was tried at.
#[derive(Debug)]
pub(super) struct LoginFailure {
    pub(super) kind: Kind,
    /// Empty if the credential alone says who.
    pub(super) user: String,
    pub(super) error: Error,
    pub(super) diagnosis: Option<Diagnosis>,
    /// `session_file` keeps what a login yields.
    pub(super) is_kept: bool,
    /// If the server acted on the request, there is a session on a device that nobody knows of.
    pub(super) may_stray: bool,
}

impl LoginFailure {
    pub(super) fn explain(client: &Client, homeserver: &HomeserverUrl, options: &Options, kind: Kind, error: Error) -> Self {
        let user = options.user.as_ref().map(ToString::to_string).unwrap_or_default();
        let diagnosis = diagnose(client, homeserver, kind, &error);
        Self {
            kind,
            user,
            error,
            diagnosis,
            is_kept: options.session_file.is_some(),
            may_stray: kind != Kind::AdminAccessToken,
        }
    }

    /// On a device that was named, another session is on the same one.
    pub(super) fn on_device(self, device_id: Option<&str>) -> Self {
        let may_stray = self.may_stray && device_id.is_none();
        Self { may_stray, ..self }
    }

    /// The ways to log in that the server offers, if the one that was tried isn't among them.
    pub(super) fn login_flows(&self) -> Option<&[String]> {
        match &self.diagnosis {
            Some(Diagnosis::Flows(flows)) if !self.is_offered(flows) => Some(flows),
            _ => None,
        }
    }

    pub(super) fn is_offered(&self, flows: &[String]) -> bool {
        flows.iter().any(|flow| self.kind.login_type() == Some(flow))
    }
}

impl fmt::Display for LoginFailure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.user.as_str() {
            "" => write!(formatter, "could not log in with `{}`: {}", self.kind.name(), self.error),
            user => write!(formatter, "could not log in as {user}: {}", self.error),
        }
    }
}

impl std::error::Error for LoginFailure {}
