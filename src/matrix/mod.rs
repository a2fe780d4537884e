//! The Matrix client-server API, as much of it as a session needs. Knows nothing of Ansible.

pub mod admin;
pub mod client;
pub mod credential;
pub mod diagnosis;
pub mod discovery;
pub mod encryption_keys;
pub mod error;
pub mod homeserver_url;
pub mod login;
pub mod session;
pub mod tls_fault;
pub mod user_id;
pub mod versions;
