//! `POST /refresh`: a refresh token → the next pair of tokens.
//! <https://spec.matrix.org/v1.18/client-server-api/#post_matrixclientv3refresh>

use serde::Serialize;

use super::client::{Client, Retry};
use super::error::{ApiError, Error};
use super::homeserver_url::HomeserverUrl;
use super::session::{Tokens, TokensResponse};
use crate::secret::{Secret, expose_secret};

#[derive(Serialize)]
struct RefreshRequest<'a> {
    #[serde(serialize_with = "expose_secret")]
    refresh_token: &'a Secret,
}

/// `None` if the server refuses the refresh token. Each is good for one use.
pub fn refresh(client: &Client, homeserver: &HomeserverUrl, refresh_token: &Secret) -> Result<Option<Tokens>, Error> {
    let url = homeserver.endpoint("/_matrix/client/v3/refresh");
    match client.post::<TokensResponse>(&url, &RefreshRequest { refresh_token }, None, Retry::OnlyIfNotSent) {
        Ok(response) => response.tokens(client, &url).map(Some),
        Err(Error::Api(error)) if is_refused(&error) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Or the server has no such endpoint. A locked user, a limit or any other trouble says nothing about the token.
fn is_refused(error: &ApiError) -> bool {
    matches!(
        (error.status, error.errcode.as_str()),
        (401, "M_UNKNOWN_TOKEN") | (403, "M_FORBIDDEN") | (404, "M_UNRECOGNIZED")
    )
}
