//! `m.login.password`. <https://spec.matrix.org/v1.18/client-server-api/#password-based>

use serde::Serialize;

use super::Identifier;
use crate::matrix::user_id::User;
use crate::secret::{Secret, expose_secret};

#[derive(Clone, Debug, Serialize)]
#[serde(tag = "type", rename = "m.login.password")]
pub struct Password {
    identifier: Identifier,
    #[serde(serialize_with = "expose_secret")]
    pub(crate) password: Secret,
}

impl Password {
    pub fn new(user: &User, password: Secret) -> Self {
        let identifier = Identifier { user: user.to_string() };
        Self { identifier, password }
    }
}
