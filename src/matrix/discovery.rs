//! Server name → base URL, by `.well-known`. <https://spec.matrix.org/v1.18/client-server-api/#well-known-uri>

use serde::Deserialize;

use super::client::Client;
use super::error::Error;
use super::homeserver_url::HomeserverUrl;
use super::user_id::UserId;
use super::versions::Versions;

#[derive(Deserialize)]
struct WellKnown {
    #[serde(rename = "m.homeserver")]
    homeserver: Homeserver,
}

#[derive(Deserialize)]
struct Homeserver {
    base_url: String,
}

/// Finds the homeserver of a user and makes sure that it answers: two requests.
///
/// # Errors
/// [`Error::Discovery`] whatever goes wrong: a broken document must not be guessed around.
pub fn discover(client: &Client, user_id: &UserId) -> Result<HomeserverUrl, Error> {
    let server_name = user_id.server_name();
    let broken = |reason: String| Error::Discovery {
        server_name: server_name.to_owned(),
        reason,
    };
    let url = format!("https://{}/.well-known/matrix/client", host(server_name));
    let document: Option<WellKnown> = client.discover(&url).map_err(|error| broken(error.to_string()))?;
    let base_url = document.map_or_else(|| format!("https://{server_name}"), |document| document.homeserver.base_url);
    let homeserver = HomeserverUrl::parse(&base_url).map_err(|reason| broken(format!("the base_url in {url} {reason}")))?;
    Versions::ask(client, &homeserver).map_err(|error| broken(error.to_string()))?;
    Ok(homeserver)
}

/// The host without its port; an IPv6 address keeps its brackets.
fn host(server_name: &str) -> &str {
    match server_name.rsplit_once(':') {
        Some((host, port)) if port.chars().all(|digit| digit.is_ascii_digit()) => host,
        _ => server_name,
    }
}

#[cfg(test)]
mod tests {
    use super::host;

    #[test]
    fn the_document_is_asked_for_at_the_host_without_its_port() {
        for (server_name, expected) in [
            ("example.com", "example.com"),
            ("example.com:8448", "example.com"),
            ("[::1]", "[::1]"),
            ("[::1]:8448", "[::1]"),
        ] {
            assert_eq!(host(server_name), expected);
        }
    }
}
