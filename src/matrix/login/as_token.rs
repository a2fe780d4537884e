//! `m.login.application_service`: the appservice's own token goes into the `Authorization` header.
//! <https://spec.matrix.org/v1.18/client-server-api/#appservice-login>

use serde::Serialize;

use super::Identifier;
use crate::matrix::user_id::User;
use crate::secret::Secret;

#[derive(Clone, Debug, Serialize)]
#[serde(tag = "type", rename = "m.login.application_service")]
pub struct AsToken {
    identifier: Identifier,
    #[serde(skip)]
    pub(crate) as_token: Secret,
}

impl AsToken {
    /// `user` is one of the appservice's namespace.
    pub fn new(user: &User, as_token: Secret) -> Self {
        let identifier = Identifier { user: user.to_string() };
        Self { identifier, as_token }
    }
}
