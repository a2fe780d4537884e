//! Drives the built binary as Ansible does: against a real homeserver for what it can do, and against a hostile one for what it can't.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test may stop at the first surprise"
)]

mod ambiguous_responses;
mod arguments;
mod binary;
mod check_mode;
mod clean_device;
mod credentials;
mod discovery;
mod documentation;
mod error_messages;
mod hostile;
mod login;
mod mas;
mod preserved_sessions;
mod redaction;
mod reports;
mod request_count;
mod retry;
mod role;
mod session_interrupted;
mod session_kept;
mod session_refreshed;
mod session_replaced;
mod session_revoked;
mod session_shared;
mod session_storage;
mod support;
mod transport;
mod unknown_fields;
