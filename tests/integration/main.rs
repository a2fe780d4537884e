//! Drives the built binary as Ansible does: against a real homeserver for what it can do, and against a hostile one for what it can't.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test may stop at the first surprise"
)]

mod error_messages;
mod arguments;
mod binary;
mod check_mode;
mod clean_device;
mod credentials;
mod discovery;
mod documentation;
mod hostile;
mod login;
mod mas;
mod retry;
mod request_count;
mod role;
mod redaction;
mod unknown_fields;
mod session_interrupted;
mod session_kept;
mod session_refreshed;
mod session_replaced;
mod session_revoked;
mod session_shared;
mod session_storage;
mod ambiguous_responses;
mod preserved_sessions;
mod support;
mod transport;
