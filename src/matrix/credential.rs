//! What proves to a homeserver who somebody is. Sends nothing.

use ring::hmac;

use super::user_id::{User, UserId};
use crate::secret::Secret;

/// One of the ways to a session, with all that it takes.
#[derive(Clone, Debug)]
pub enum Credential {
    /// `POST /login`
    Login(Proof),
    /// Synapse's admin API: a token for any user, tied to no device.
    Admin {
        /// Whose session.
        user: User,
        /// The token of a server administrator.
        admin_access_token: Secret,
    },
}

/// What `POST /login` takes.
#[derive(Clone, Debug)]
pub enum Proof {
    /// `m.login.password`
    Password {
        /// Who.
        user: User,
        /// As the user types it.
        password: Secret,
    },
    /// `m.login.token`: what an SSO redirect or `login/get_token` yields. Good for one login, and the server knows whose it is.
    LoginToken(Secret),
    /// `org.matrix.login.jwt`: the server reads from it whose it is.
    Jwt(Secret),
    /// `m.login.application_service`
    AppService {
        /// A user of the appservice's namespace.
        user: User,
        /// The appservice's own token.
        as_token: Secret,
    },
    /// `com.devture.shared_secret_auth`: any user. The secret itself is never sent.
    SharedSecret {
        /// Who; the proof is made from the full ID.
        user_id: UserId,
        /// What the server's module is configured with.
        shared_secret: Secret,
    },
}

/// The ways to a session, by the names of their options.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `password`
    Password,
    /// `login_token`
    LoginToken,
    /// `jwt`
    Jwt,
    /// `as_token`
    AsToken,
    /// `shared_secret`
    SharedSecret,
    /// `admin_access_token`
    AdminAccessToken,
}

impl Credential {
    /// Which way it is.
    #[must_use]
    pub fn kind(&self) -> Kind {
        match self {
            Self::Login(Proof::Password { .. }) => Kind::Password,
            Self::Login(Proof::LoginToken(_)) => Kind::LoginToken,
            Self::Login(Proof::Jwt(_)) => Kind::Jwt,
            Self::Login(Proof::AppService { .. }) => Kind::AsToken,
            Self::Login(Proof::SharedSecret { .. }) => Kind::SharedSecret,
            Self::Admin { .. } => Kind::AdminAccessToken,
        }
    }

    /// What no text may ever show.
    #[must_use]
    pub fn secret(&self) -> &Secret {
        match self {
            Self::Login(
                Proof::Password { password: secret, .. }
                | Proof::LoginToken(secret)
                | Proof::Jwt(secret)
                | Proof::AppService { as_token: secret, .. }
                | Proof::SharedSecret { shared_secret: secret, .. },
            )
            | Self::Admin {
                admin_access_token: secret,
                ..
            } => secret,
        }
    }

    /// One login uses it up.
    #[must_use]
    pub fn works_once(&self) -> bool {
        self.kind() == Kind::LoginToken
    }
}

impl Kind {
    /// Every kind, the likeliest first.
    pub const ALL: [Self; 6] = [
        Self::Password,
        Self::LoginToken,
        Self::Jwt,
        Self::AsToken,
        Self::SharedSecret,
        Self::AdminAccessToken,
    ];

    /// The name of the option.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Password => "password",
            Self::LoginToken => "login_token",
            Self::Jwt => "jwt",
            Self::AsToken => "as_token",
            Self::SharedSecret => "shared_secret",
            Self::AdminAccessToken => "admin_access_token",
        }
    }

    /// The login type of the specification; the admin API has none.
    #[must_use]
    pub const fn login_type(self) -> Option<&'static str> {
        match self {
            Self::Password => Some("m.login.password"),
            Self::LoginToken => Some("m.login.token"),
            Self::Jwt => Some("org.matrix.login.jwt"),
            Self::AsToken => Some("m.login.application_service"),
            Self::SharedSecret => Some("com.devture.shared_secret_auth"),
            Self::AdminAccessToken => None,
        }
    }
}

/// HMAC-SHA512 of the canonical user ID, in lower-case hex.
/// <https://github.com/devture/matrix-synapse-shared-secret-auth#usage>
#[must_use]
pub fn shared_secret_token(shared_secret: &Secret, user_id: &UserId) -> Secret {
    let key = hmac::Key::new(hmac::HMAC_SHA512, shared_secret.reveal().as_bytes());
    let tag = hmac::sign(&key, user_id.canonical().as_bytes());
    let digits = tag.as_ref().iter().flat_map(|byte| [byte >> 4, byte & 15]);
    Secret::new(digits.filter_map(|digit| char::from_digit(u32::from(digit), 16)).collect())
}

#[cfg(test)]
mod tests {
    use super::shared_secret_token;
    use crate::matrix::user_id::UserId;
    use crate::secret::Secret;

    #[test]
    fn the_token_of_a_shared_secret_is_the_one_that_the_servers_module_computes() {
        let secret = Secret::new("S3cret".into());
        for user_id in ["@alice:hs.test", "@ALICE:hs.test"] {
            let token = shared_secret_token(&secret, &UserId::parse(user_id).unwrap());
            assert_eq!(
                (token.reveal().len(), &token.reveal()[..8], &token.reveal()[122..]),
                (128, "9bbde870", "7febc7")
            );
        }
    }
}
