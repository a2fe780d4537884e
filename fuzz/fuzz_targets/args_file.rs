//! Looks for an args file that breaks the promise.

#![no_main]

#[path = "../promise.rs"]
mod promise;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| promise::holds_for(bytes));
