//! After a login was refused: what kind of server this is, by reading what anybody may read. Never sends a secret.

use serde::Deserialize;
use serde_json::Value;

use super::client::Client;
use super::credential::Kind;
use super::error::Error;
use super::homeserver_url::HomeserverUrl;
use super::versions::Versions;

/// What asking around has brought to light.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Diagnosis {
    /// The server logs people in, in these ways.
    Flows(Vec<String>),
    /// The server leaves logins to an OAuth 2.0 service, such as Matrix Authentication Service.
    Delegated,
    /// A homeserver answers, but there is no login at it.
    NoLogin,
    /// The client-server API is somewhere else on this host.
    ElsewhereAt(HomeserverUrl),
    /// Only other homeservers are served here.
    FederationOnly,
    /// Nothing of Matrix answers.
    NotMatrix,
}

/// More ways to log in than any server has.
const MAX_FLOWS: usize = 20;

#[derive(Deserialize)]
struct LoginFlows {
    flows: Vec<Flow>,
}

#[derive(Deserialize)]
struct Flow {
    r#type: String,
    #[serde(rename = "org.matrix.msc3824.delegated_oidc_compatibility", default)]
    delegated: Value,
    #[serde(default)]
    oauth_aware_preferred: Value,
}

/// Read only to be sure that it is one; so are the next two.
#[derive(Deserialize)]
struct AuthMetadata {
    #[serde(rename = "issuer")]
    _issuer: String,
}

/// <https://spec.matrix.org/v1.18/server-server-api/#get_matrixfederationv1version>
#[derive(Deserialize)]
struct FederationVersion {
    #[serde(rename = "server")]
    _server: Server,
}

#[derive(Deserialize)]
struct Server {
    #[serde(rename = "name")]
    _name: String,
}

impl Flow {
    fn is_delegated(&self) -> bool {
        [&self.delegated, &self.oauth_aware_preferred].contains(&&Value::Bool(true))
    }
}

/// Asks what may explain this error of a login; `None` if it explains itself. One to four requests, all without authorization.
#[must_use]
pub fn diagnose(client: &Client, homeserver: &HomeserverUrl, kind: Kind, error: &Error) -> Option<Diagnosis> {
    match (error, error.http_status()?) {
        (Error::Refused(_), 400) if kind.login_type().is_some() => flows(client, homeserver),
        (_, 429) => None,
        (Error::Refused(refusal), 404) if refusal.errcode == "M_UNRECOGNIZED" => Some(missing(client, homeserver)),
        (Error::Refused(_), 405) | (Error::NotMatrix { .. }, 200..=299 | 400..=499) => Some(missing(client, homeserver)),
        _ => None,
    }
}

/// `GET /login`. <https://spec.matrix.org/v1.18/client-server-api/#get_matrixclientv3login>
fn flows(client: &Client, homeserver: &HomeserverUrl) -> Option<Diagnosis> {
    let LoginFlows { flows } = client.get_at_once(&homeserver.endpoint("/_matrix/client/v3/login")).ok()?;
    if flows.iter().any(Flow::is_delegated) {
        return Some(Diagnosis::Delegated);
    }
    let names = flows.iter().take(MAX_FLOWS).map(|flow| client.words(&flow.r#type));
    Some(Diagnosis::Flows(names.collect()))
}

fn missing(client: &Client, homeserver: &HomeserverUrl) -> Diagnosis {
    if Versions::ask_at_once(client, homeserver).is_ok() {
        return if delegates(client, homeserver) {
            Diagnosis::Delegated
        } else {
            Diagnosis::NoLogin
        };
    }
    if let Some(root) = homeserver.root().filter(|root| Versions::ask_at_once(client, root).is_ok()) {
        return Diagnosis::ElsewhereAt(root);
    }
    let federation = client.get_at_once::<FederationVersion>(&homeserver.endpoint("/_matrix/federation/v1/version"));
    if federation.is_ok() {
        Diagnosis::FederationOnly
    } else {
        Diagnosis::NotMatrix
    }
}

/// The metadata of the OAuth 2.0 service; while that is down, the homeserver answers 500 instead of 404.
/// <https://spec.matrix.org/v1.18/client-server-api/#get_matrixclientv1auth_metadata>
fn delegates(client: &Client, homeserver: &HomeserverUrl) -> bool {
    match client.get_at_once::<AuthMetadata>(&homeserver.endpoint("/_matrix/client/v1/auth_metadata")) {
        Ok(_) => true,
        Err(error) => error.http_status() == Some(500),
    }
}
