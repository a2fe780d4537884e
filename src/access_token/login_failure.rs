//! A login that failed, with all that helps to say why. Asks the server what it supports, and nothing else.

use std::fmt;

use super::options::Options;
use crate::matrix::client::Client;
use crate::matrix::error::Error;
use crate::matrix::homeserver_url::HomeserverUrl;
use crate::matrix::login::Kind;
use crate::matrix::server_support::{self, ServerSupport};

/// How far it came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stage {
    /// The server gave no token.
    Login,
    /// It gave one, and does not accept it.
    Proof,
}

#[derive(Debug)]
pub(crate) struct LoginFailure {
    pub(crate) stage: Stage,
    pub(crate) kind: Kind,
    /// Empty if the credential alone says who.
    pub(crate) user: String,
    pub(crate) error: Error,
    pub(crate) support: Option<ServerSupport>,
    /// `session_file` keeps what a login yields.
    pub(crate) is_kept: bool,
    /// If the server acted on the request, there is a session on a device that nobody knows of.
    pub(crate) may_leave_session: bool,
    /// What is odd about the value of the credential.
    pub(crate) suspicion: Option<String>,
}

impl LoginFailure {
    pub(crate) fn new(
        client: &Client,
        homeserver: &HomeserverUrl,
        options: &Options,
        kind: Kind,
        error: Error,
        device_id: Option<&str>,
    ) -> Self {
        Self {
            stage: Stage::Login,
            kind,
            user: options.user.as_ref().map(ToString::to_string).unwrap_or_default(),
            support: server_support::ask(client, homeserver, kind, &error),
            error,
            is_kept: options.session_file.is_some(),
            // On a device that was named, another session is on the same one.
            may_leave_session: kind.login_type().is_some() && device_id.is_none(),
            suspicion: options.credential_suspicion.clone(),
        }
    }

    /// Of a login whose token the server does not accept.
    pub(crate) fn of_proof(options: &Options, kind: Kind, error: Error) -> Self {
        Self {
            stage: Stage::Proof,
            kind,
            user: options.user.as_ref().map(ToString::to_string).unwrap_or_default(),
            support: None,
            error,
            is_kept: false,
            may_leave_session: false,
            suspicion: None,
        }
    }

    /// The login types that the server offers, if the one that was tried isn't among them.
    pub(crate) fn login_flows(&self) -> Option<&[String]> {
        match &self.support {
            Some(ServerSupport::LoginFlows { flows, .. }) if !self.is_offered(flows) => Some(flows),
            _ => None,
        }
    }

    pub(crate) fn is_offered(&self, flows: &[String]) -> bool {
        flows.iter().any(|flow| self.kind.login_type() == Some(flow))
    }
}

impl fmt::Display for LoginFailure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { stage, kind, user, error, .. } = self;
        let who = if user.is_empty() { format!("with `{}`", kind.name()) } else { format!("as {user}") };
        match stage {
            Stage::Login => write!(formatter, "could not log in {who}: {error}"),
            Stage::Proof => write!(formatter, "logged in {who}, but the homeserver does not accept the new token: {error}"),
        }
    }
}

impl std::error::Error for LoginFailure {}
