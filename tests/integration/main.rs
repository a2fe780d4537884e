//! Drives the built binary as Ansible does: against a real homeserver for what it can do, and against a hostile one for what it can't.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test may stop at the first surprise"
)]

mod answers;
mod arguments;
mod binary;
mod check_mode;
mod clean_device;
mod credentials;
mod discovery;
mod documentation;
mod hostile;
mod login;
mod patience;
mod reports;
mod request_count;
mod role;
mod secrecy;
mod session_annotated;
mod session_interrupted;
mod session_kept;
mod session_refreshed;
mod session_replaced;
mod session_revoked;
mod session_shared;
mod session_storage;
mod session_unclear;
mod spared;
mod support;
mod transport;
