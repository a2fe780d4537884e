//! From the options to a credential: which one is given, and whether it comes with what it needs.

use crate::ansible::argument_spec::Parameters;
use crate::matrix::credential::{Credential, Kind, Proof};
use crate::matrix::session::fits_a_header;
use crate::matrix::user_id::{User, UserId};
use crate::secret::Secret;

/// The credential of the task, if it has one. That it has no more than one is checked by the option table.
pub(super) fn read(parameters: &mut Parameters, user: Option<&User>) -> Result<Option<Credential>, String> {
    for kind in Kind::ALL {
        if let Some(secret) = parameters.secret(kind.name()).filter(|secret| !secret.reveal().is_empty()) {
            return credential(kind, secret, user).map(Some);
        }
    }
    Ok(None)
}

/// A token that travels in an HTTP header.
pub(super) fn bearer(parameters: &mut Parameters, name: &str) -> Result<Option<Secret>, String> {
    parameters
        .secret(name)
        .filter(|secret| !secret.reveal().is_empty())
        .map(|secret| usable(name, secret))
        .transpose()
}

fn credential(kind: Kind, secret: Secret, user: Option<&User>) -> Result<Credential, String> {
    let name = kind.name();
    let user = || {
        user.cloned()
            .ok_or_else(|| format!("missing parameter(s) required by '{name}': user_id"))
    };
    Ok(match kind {
        Kind::Password => Credential::Login(Proof::Password {
            user: user()?,
            password: secret,
        }),
        Kind::LoginToken => Credential::Login(Proof::LoginToken(secret)),
        Kind::Jwt => Credential::Login(Proof::Jwt(secret)),
        Kind::AsToken => Credential::Login(Proof::AppService {
            user: user()?,
            as_token: usable(name, secret)?,
        }),
        Kind::SharedSecret => Credential::Login(Proof::SharedSecret {
            user_id: full(&user()?)?,
            shared_secret: secret,
        }),
        Kind::AdminAccessToken => Credential::Admin {
            user: user()?,
            admin_access_token: usable(name, secret)?,
        },
    })
}

/// The proof is made from the ID as the homeserver keeps it.
fn full(user: &User) -> Result<UserId, String> {
    match user {
        User::Full(user_id) => UserId::parse(&user_id.canonical()),
        User::Localpart(localpart) => Err(format!(
            "`shared_secret` needs the full Matrix ID: write `user_id` like @{localpart}:example.com"
        )),
    }
}

fn usable(name: &str, token: Secret) -> Result<Secret, String> {
    if fits_a_header(&token) {
        return Ok(token);
    }
    Err(format!(
        "`{name}` holds characters that no token has; was it copied with something around it?"
    ))
}
