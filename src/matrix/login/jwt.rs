//! `org.matrix.login.jwt`: the server reads from the token whose it is.
//! <https://element-hq.github.io/synapse/latest/jwt.html>

use serde::Serialize;

use crate::secret::{Secret, expose_secret};

#[derive(Clone, Debug, Serialize)]
pub struct Jwt {
    #[serde(serialize_with = "expose_secret")]
    pub token: Secret,
}
