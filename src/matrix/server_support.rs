//! After a login failed: what this server supports, by reading what anybody may read. Never sends a secret, never waits.

use serde::Deserialize;
use serde_json::Value;

use super::client::Client;
use super::discovery::Versions;
use super::error::{ApiError, Error, UnexpectedBody, is_gateway_status};
use super::homeserver_url::HomeserverUrl;
use super::login::Kind;
use super::mas::auth_metadata::AuthMetadata;

/// What a server shows of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ServerSupport {
    /// It takes logins, of these types.
    LoginFlows {
        flows: Vec<String>,
        is_mas: bool,
    },
    /// It delegates authentication to Matrix Authentication Service, and the reverse proxy routes no logins there.
    Mas,
    /// It delegates authentication to a service that is down.
    DelegationUnreachable,
    /// It has an OAuth 2.0 server of its own, as servers of the Conduit family do, and takes no logins.
    OwnOauthServer,
    /// It is a homeserver, but without this endpoint.
    NoLoginEndpoint,
    /// The client-server API is at the root of this host.
    ApiAtRoot(HomeserverUrl),
    /// Only other homeservers are served here.
    FederationOnly,
    NotMatrix,
}

/// More login types than any server has.
const MAX_FLOWS: usize = 20;

/// <https://spec.matrix.org/v1.18/client-server-api/#get_matrixclientv3login>
#[derive(Deserialize)]
struct LoginFlows {
    flows: Vec<Flow>,
}

#[derive(Deserialize)]
struct Flow {
    r#type: String,
    /// Only Matrix Authentication Service has this.
    #[serde(rename = "org.matrix.msc3824.delegated_oidc_compatibility", default)]
    delegated: Value,
}

/// What may explain this error of a login; `None` if it explains itself. One to four requests.
pub fn ask(client: &Client, homeserver: &HomeserverUrl, kind: Kind, error: &Error) -> Option<ServerSupport> {
    match error {
        // Not the homeserver's to explain.
        _ if kind.is_of_mas() => None,
        Error::Api(error) if error.errcode == "M_UNRECOGNIZED" || error.status == 405 => Some(missing(client, homeserver)),
        Error::Api(error) if depends_on_the_type(error, kind) => logins(client, homeserver),
        Error::UnexpectedResponse { status: 404 | 405, .. } => Some(missing(client, homeserver)),
        // Many reverse proxies have a web page where Synapse has its admin API.
        Error::UnexpectedResponse { status: 200 | 401 | 403, body: UnexpectedBody::Html, .. } if kind == Kind::AdminAccessToken => {
            Some(missing(client, homeserver))
        }
        // Logins go to Matrix Authentication Service, and Synapse answers this from its cache.
        error if error.http_status().is_some_and(is_gateway_status) => {
            let is_of_mas = auth_metadata(client, homeserver).is_ok_and(|metadata| metadata.is_of_mas());
            is_of_mas.then_some(ServerSupport::DelegationUnreachable)
        }
        _ => None,
    }
}

/// Synapse's admin API is no login type, so a list of those would explain nothing. Servers of the Conduit family refuse a type, or a token, by 401.
fn depends_on_the_type(error: &ApiError, kind: Kind) -> bool {
    let is_refused_type = error.status == 400 || error.errcode == "M_UNAUTHORIZED" && !kind.is_in_header();
    kind.login_type().is_some() && (is_refused_type || error.is_rate_limit())
}

fn logins(client: &Client, homeserver: &HomeserverUrl) -> Option<ServerSupport> {
    let url = homeserver.endpoint("/_matrix/client/v3/login");
    let LoginFlows { flows } = client.get_without_retry(&url).ok()?;
    let names = flows.iter().take(MAX_FLOWS).map(|flow| client.sanitize(&flow.r#type));
    Some(ServerSupport::LoginFlows { flows: names.collect(), is_mas: flows.iter().any(|flow| flow.delegated == Value::Bool(true)) })
}

fn missing(client: &Client, homeserver: &HomeserverUrl) -> ServerSupport {
    let answers = |homeserver: &HomeserverUrl| client.get_without_retry::<Versions>(&Versions::url(homeserver)).is_ok();
    if answers(homeserver) {
        return match auth_metadata(client, homeserver) {
            Ok(metadata) if metadata.is_of_mas() => ServerSupport::Mas,
            Ok(_) => ServerSupport::OwnOauthServer,
            // While Matrix Authentication Service is down, Synapse answers this instead of 404 where it is used.
            Err(error) if error.http_status() == Some(500) => ServerSupport::DelegationUnreachable,
            Err(_) => ServerSupport::NoLoginEndpoint,
        };
    }
    if let Some(root) = homeserver.root().filter(answers) {
        return ServerSupport::ApiAtRoot(root);
    }
    // <https://spec.matrix.org/v1.18/server-server-api/#get_matrixfederationv1version>
    let version = client.get_without_retry::<Value>(&homeserver.endpoint("/_matrix/federation/v1/version"));
    let is_version = version.is_ok_and(|version| version.get("server").is_some());
    if is_version { ServerSupport::FederationOnly } else { ServerSupport::NotMatrix }
}

fn auth_metadata(client: &Client, homeserver: &HomeserverUrl) -> Result<AuthMetadata, Error> {
    client.get_without_retry(&AuthMetadata::url(homeserver))
}
