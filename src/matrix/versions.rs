//! `GET /_matrix/client/versions`: which API the server speaks. Never asked with a token: Synapse would judge the token instead.
//! <https://spec.matrix.org/v1.18/client-server-api/#get_matrixclientversions>

use serde::Deserialize;

use super::client::Client;
use super::error::Error;
use super::homeserver_url::HomeserverUrl;

/// What the server supports.
#[derive(Debug, Deserialize)]
pub struct Versions {
    versions: Vec<String>,
}

impl Versions {
    /// Asks the server.
    ///
    /// # Errors
    /// Those of [`Client::get`].
    pub fn ask(client: &Client, homeserver: &HomeserverUrl) -> Result<Self, Error> {
        client.get(&homeserver.endpoint("/_matrix/client/versions"))
    }

    /// The same without patience, for what only explains a failure.
    ///
    /// # Errors
    /// Those of [`Client::get_at_once`].
    pub fn ask_at_once(client: &Client, homeserver: &HomeserverUrl) -> Result<Self, Error> {
        client.get_at_once(&homeserver.endpoint("/_matrix/client/versions"))
    }

    /// `/r0/` exists, and `/v3/` (Matrix 1.1 and later) does not.
    #[must_use]
    pub fn is_r0_only(&self) -> bool {
        self.versions.iter().any(|version| version.starts_with("r0.")) && !self.versions.iter().any(|version| version.starts_with("v1."))
    }
}

/// Sends a request to the API below `/v3`, and on servers so old that they know no `/v3` to the one below `/r0`.
///
/// # Errors
/// Those of the request.
pub fn with_r0_fallback<T>(
    client: &Client,
    homeserver: &HomeserverUrl,
    path: &str,
    request: impl Fn(&str) -> Result<T, Error>,
) -> Result<T, Error> {
    let answer = request(&homeserver.endpoint(&format!("/_matrix/client/v3{path}")));
    let missing = answer.as_ref().is_err_and(|error| error.http_status() == Some(404));
    if missing && Versions::ask_at_once(client, homeserver).is_ok_and(|versions| versions.is_r0_only()) {
        return request(&homeserver.endpoint(&format!("/_matrix/client/r0{path}")));
    }
    answer
}

#[cfg(test)]
mod tests {
    use super::Versions;

    #[test]
    fn a_server_that_knows_matrix_1_1_is_not_r0_only() {
        for (versions, r0_only) in [
            (vec!["r0.6.1"], true),
            (vec!["r0.6.1", "v1.1"], false),
            (vec!["v1.11"], false),
            (vec![], false),
        ] {
            let versions = Versions {
                versions: versions.into_iter().map(str::to_owned).collect(),
            };
            assert_eq!(versions.is_r0_only(), r0_only, "{versions:?}");
        }
    }
}
