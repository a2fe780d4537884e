//! `m.login.token`: what an SSO redirect or `login/get_token` yields. It is good for one login, and the server knows whose it is.
//! <https://spec.matrix.org/v1.18/client-server-api/#token-based>

use serde::Serialize;

use crate::secret::{Secret, expose_secret};

#[derive(Clone, Debug, Serialize)]
pub struct LoginToken {
    #[serde(serialize_with = "expose_secret")]
    pub token: Secret,
}
