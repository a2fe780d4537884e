//! `matrix_access_token`: credentials of an existing Matrix user in, a working session out, as an Ansible module.
//!
//! The map of the house; arrows point down, and the two in the middle don't know each other:
//!
//! ```text
//!            main              argv in, one JSON object out
//!        access_token          the module itself: options, decisions, result
//!     ansible    matrix        the module protocol | the client-server API
//!            secret            the one type for passwords and tokens
//! ```

pub mod access_token;
pub mod ansible;
pub mod help;
pub mod matrix;
pub mod secret;

use std::path::Path;

use ansible::invocation::Invocation;
use ansible::report::Report;

/// Runs the module once: arguments in, report out. Prints nothing.
pub fn run(args_file: &Path) -> Report {
    secret::forbid_core_dumps();
    Invocation::read(args_file).map_or_else(|error| Report::fail_json(error.to_string()), access_token::run)
}
