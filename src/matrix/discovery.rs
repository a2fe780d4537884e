//! Server name → base URL, by `.well-known`. <https://spec.matrix.org/v1.18/client-server-api/#well-known-uri>

use serde::Deserialize;
use serde_json::Value;

use super::client::{Client, host};
use super::error::Error;
use super::homeserver_url::HomeserverUrl;
use super::user_id::UserId;

/// Read only to be sure that it is one. <https://spec.matrix.org/v1.18/client-server-api/#get_matrixclientversions>
#[derive(Deserialize)]
pub(crate) struct Versions {
    #[serde(rename = "versions")]
    _versions: Vec<String>,
}

impl Versions {
    /// Never asked with a token: Synapse would judge the token instead.
    pub(crate) fn url(homeserver: &HomeserverUrl) -> String {
        homeserver.endpoint("/_matrix/client/versions")
    }
}

/// Finds the homeserver of a user and makes sure that it answers: two requests.
///
/// # Errors
/// [`Error::Discovery`] whatever goes wrong: a broken document must not be guessed around.
pub fn discover(client: &Client, user_id: &UserId) -> Result<HomeserverUrl, Error> {
    // Unlike the user ID, a host name is the same in any case.
    let server_name = user_id.server_name().to_ascii_lowercase();
    let failed = |document, error| Error::Discovery { server_name: server_name.clone(), document, error: Box::new(error) };
    let server_url = format!("https://{server_name}");
    let url = format!("https://{}/.well-known/matrix/client", host(&server_url));
    let document = client.discover::<Value>(&url).map_err(|error| failed(None, error))?;
    let homeserver = match &document {
        Some(document) => base_url(document),
        None => HomeserverUrl::parse(&server_url),
    };
    let homeserver = homeserver.map_err(|reason| failed(None, Error::Document { url: url.clone(), reason }))?;
    let versions = client.get::<Versions>(&Versions::url(&homeserver), None);
    versions.map(|_| homeserver).map_err(|error| failed(document.map(|_| url), error))
}

/// From what the document says, or what is wrong with it.
fn base_url(document: &Value) -> Result<HomeserverUrl, String> {
    let homeserver = document.get("m.homeserver").ok_or("has no member m.homeserver")?;
    let base_url = homeserver.get("base_url").ok_or("has no member base_url in m.homeserver")?;
    let base_url = base_url.as_str().ok_or("has a base_url that is not a string")?;
    let base_url = HomeserverUrl::parse(base_url).map_err(|reason| format!("has a base_url that {reason}"))?;
    if base_url.is_exposed() {
        return Err(format!("has the base_url {base_url}, which is not encrypted, so nothing was sent there"));
    }
    Ok(base_url)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{HomeserverUrl, base_url, host};

    #[test]
    fn the_document_is_asked_for_at_the_host_without_its_port() {
        for (server_url, expected) in [
            ("https://example.com", "example.com"),
            ("https://example.com:8448", "example.com"),
            ("https://[::1]", "[::1]"),
            ("https://[::1]:8448", "[::1]"),
        ] {
            assert_eq!(host(server_url), expected);
        }
    }

    #[test]
    fn what_is_wrong_with_a_document_is_named() {
        for (document, expected) in [
            (json!({"m.homeserver": {"base_url": "https://hs.test/"}}), Ok("https://hs.test")),
            (json!({"m.homeserver": {"base_url": "http://localhost:8008"}}), Ok("http://localhost:8008")),
            (json!({}), Err("has no member m.homeserver")),
            (json!("text"), Err("has no member m.homeserver")),
            (json!({"m.homeserver": {}}), Err("has no member base_url in m.homeserver")),
            (json!({"m.homeserver": {"base_url": 5}}), Err("has a base_url that is not a string")),
            (
                json!({"m.homeserver": {"base_url": "hs.test"}}),
                Err("has a base_url that must begin with https:// or http://"),
            ),
            (
                json!({"m.homeserver": {"base_url": "http://hs.test:8008"}}),
                Err("has the base_url http://hs.test:8008, which is not encrypted, so nothing was sent there"),
            ),
        ] {
            let base_url = base_url(&document);
            assert_eq!(base_url.as_ref().map(HomeserverUrl::as_str).map_err(String::as_str), expected, "{document}");
        }
    }
}
