//! `m.login.application_service`: the appservice's own token goes into the `Authorization` header.
//! <https://spec.matrix.org/v1.18/client-server-api/#appservice-login>

use serde::Serialize;

use super::identifier;
use crate::matrix::user_id::User;
use crate::secret::Secret;

#[derive(Clone, Debug, Serialize)]
pub struct AsToken {
    /// One of the appservice's namespace.
    #[serde(rename = "identifier", serialize_with = "identifier")]
    pub user: User,
    #[serde(skip)]
    pub as_token: Secret,
}
