//! Matrix Authentication Service (MAS), where a homeserver delegates authentication to it.
//! <https://element-hq.github.io/matrix-authentication-service/>

pub mod admin_api;
pub(crate) mod auth_metadata;
pub(crate) mod command;
