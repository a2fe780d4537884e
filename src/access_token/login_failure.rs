//! A login that failed, with all that helps to say why.

use super::options::Options;
use crate::matrix::error::Error;
use crate::matrix::login::Kind;
use crate::matrix::server_support::ServerSupport;

/// How far it came.
#[derive(Debug)]
pub(crate) enum Stage {
    /// The server gave no token. What it supports is there if that may explain why.
    Login(Option<ServerSupport>),
    /// It gave one, and does not accept it.
    Proof,
}

#[derive(Debug, thiserror::Error)]
#[error("{}: {error}", self.what())]
pub(crate) struct LoginFailure {
    pub(crate) stage: Stage,
    pub(crate) kind: Kind,
    /// As whom, or with what if the credential alone says who.
    who: String,
    pub(crate) error: Error,
    /// `session_file` keeps what a login yields.
    pub(crate) is_kept: bool,
    /// If the server acted on the request, there is a session on a device that nobody knows of.
    pub(crate) may_leave_session: bool,
    /// What is odd about the value of the credential.
    pub(crate) suspicion: Option<String>,
}

impl LoginFailure {
    pub(crate) fn new(options: &Options, kind: Kind, error: Error, stage: Stage, device_id: Option<&str>) -> Self {
        Self {
            stage,
            kind,
            who: options.user.as_ref().map_or_else(|| format!("with `{}`", kind.name()), |user| format!("as {user}")),
            error,
            is_kept: options.session_file.is_some(),
            // On a device that was named, another session is on the same one.
            may_leave_session: kind.login_type().is_some() && device_id.is_none(),
            suspicion: options.credential_suspicion.clone(),
        }
    }

    /// The login types that the server offers, if the one that was tried isn't among them.
    pub(crate) fn login_flows(&self) -> Option<&[String]> {
        match &self.stage {
            Stage::Login(Some(ServerSupport::LoginFlows { flows, .. })) if !is_offered(self.kind, flows) => Some(flows),
            _ => None,
        }
    }

    fn what(&self) -> String {
        let who = &self.who;
        match self.stage {
            Stage::Login(_) => format!("could not log in {who}"),
            Stage::Proof if self.error.api_error().is_some() => {
                format!("logged in {who}, but the homeserver does not accept the new token")
            }
            Stage::Proof => format!("logged in {who}, but could not check the new token"),
        }
    }
}

pub(crate) fn is_offered(kind: Kind, flows: &[String]) -> bool {
    flows.iter().any(|flow| kind.login_type() == Some(flow))
}
