//! The Matrix client-server API, as much of it as a session needs. Knows nothing of Ansible.

pub mod client;
pub mod discovery;
pub mod encryption_keys;
pub mod error;
pub mod homeserver_url;
pub mod login;
pub mod logout;
pub mod mas;
pub mod refresh;
pub mod server_support;
pub mod session;
pub mod tls_error;
pub mod user_id;
pub mod whoami;
