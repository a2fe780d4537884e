//! `GET /auth_metadata`: which OAuth 2.0 server a homeserver has, and whether it is Matrix Authentication Service.
//! <https://spec.matrix.org/v1.18/client-server-api/#get_matrixclientv1auth_metadata>

use serde::Deserialize;

use super::admin_api::refused;
use crate::matrix::client::Client;
use crate::matrix::error::Error;
use crate::matrix::homeserver_url::HomeserverUrl;

#[derive(Deserialize)]
pub(crate) struct AuthMetadata {
    pub(crate) issuer: HomeserverUrl,
    pub(crate) token_endpoint: Option<HomeserverUrl>,
    #[serde(default, rename = "token_endpoint_auth_methods_supported")]
    pub(crate) auth_methods: Vec<String>,
    /// Only Matrix Authentication Service has this.
    #[serde(rename = "org.matrix.matrix-authentication-service.graphql_endpoint")]
    graphql_endpoint: Option<String>,
}

impl AuthMetadata {
    pub(crate) fn url(homeserver: &HomeserverUrl) -> String {
        homeserver.endpoint("/_matrix/client/v1/auth_metadata")
    }

    pub(crate) fn is_of_mas(&self) -> bool {
        self.graphql_endpoint.is_some()
    }

    /// # Errors
    /// Also where there is no Matrix Authentication Service.
    pub(crate) fn of_mas(client: &Client, homeserver: &HomeserverUrl) -> Result<Self, Error> {
        match client.get::<Self>(&Self::url(homeserver), None) {
            Ok(metadata) if metadata.is_of_mas() => Ok(metadata),
            // Synapse asks the service.
            Err(error) if matches!(error.http_status(), Some(500..=504)) => Err(refused(
                &error,
                "the homeserver, or Matrix Authentication Service behind it, does not answer: check that both run",
            )),
            Err(error) if error.http_status() != Some(404) => Err(error),
            Ok(_) | Err(_) => Err(Error::mas(
                format!("{homeserver} does not delegate authentication to Matrix Authentication Service"),
                "use another credential, or check `homeserver_url`",
            )),
        }
    }
}
