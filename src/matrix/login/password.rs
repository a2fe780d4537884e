//! `m.login.password`. <https://spec.matrix.org/v1.18/client-server-api/#password-based>

use serde::Serialize;

use super::identifier;
use crate::matrix::user_id::User;
use crate::secret::{Secret, expose_secret};

#[derive(Clone, Debug, Serialize)]
pub struct Password {
    #[serde(rename = "identifier", serialize_with = "identifier")]
    pub user: User,
    #[serde(serialize_with = "expose_secret")]
    pub password: Secret,
}
