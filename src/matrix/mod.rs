//! The Matrix client-server API, as much of it as a login needs. Knows nothing of Ansible.

pub mod client;
pub mod discovery;
pub mod error;
pub mod homeserver_url;
pub mod login;
pub mod session;
pub mod user_id;
pub mod versions;
