//! Every args file that the fuzzer once learnt from, or broke the module with, is tried again.

#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

#[path = "../fuzz/promise.rs"]
mod promise;

use std::fs;
use std::path::Path;

#[test]
fn no_args_file_of_the_corpus_breaks_the_promise() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus/args_file");
    let files: Vec<_> = fs::read_dir(corpus).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert!(files.len() > 20, "the corpus is missing");
    for file in files {
        promise::holds_for(&fs::read(file).unwrap());
    }
}
