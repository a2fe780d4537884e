//! `com.devture.shared_secret_auth`: any user, without a password. The secret itself is never sent, but the HMAC-SHA512 of the user ID, in lower-case
//! hex. <https://github.com/devture/matrix-synapse-shared-secret-auth#usage>

use ring::hmac;
use serde::Serialize;

use super::identifier;
use crate::matrix::user_id::UserId;
use crate::secret::{Secret, expose_secret};

#[derive(Clone, Debug, Serialize)]
pub struct SharedSecret {
    #[serde(rename = "identifier", serialize_with = "identifier")]
    user_id: UserId,
    #[serde(serialize_with = "expose_secret")]
    pub(crate) token: Secret,
    #[serde(skip)]
    pub(crate) secret: Secret,
}

impl SharedSecret {
    /// The HMAC is of the ID letter by letter, so it has to be the one that the homeserver uses.
    pub fn new(user_id: &UserId, shared_secret: Secret) -> Self {
        let key = hmac::Key::new(hmac::HMAC_SHA512, shared_secret.expose_secret().as_bytes());
        let tag = hmac::sign(&key, user_id.as_str().as_bytes());
        let digits = tag.as_ref().iter().flat_map(|byte| [byte >> 4, byte & 15]);
        let token = digits.filter_map(|digit| char::from_digit(u32::from(digit), 16)).collect();
        Self { user_id: user_id.clone(), token: Secret::new(token), secret: shared_secret }
    }
}

#[cfg(test)]
mod tests {
    use super::SharedSecret;
    use crate::matrix::user_id::UserId;
    use crate::secret::Secret;

    #[test]
    fn the_token_is_the_one_that_the_servers_module_computes() {
        let user_id = UserId::parse("@alice:hs.test").unwrap();
        let SharedSecret { token, .. } = SharedSecret::new(&user_id, Secret::new("S3cret".into()));
        let token = token.expose_secret();
        assert_eq!((token.len(), &token[..8], &token[122..]), (128, "9bbde870", "7febc7"));
    }
}
