//! How a released binary is linked: small. Any other build is left as it is. What each part gains stands in docs/size.md.
//! Not in `.cargo/config.toml`, for what stands there is lost as soon as the environment sets `RUSTFLAGS`.

use std::env;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=no_unwinder/discard.ld");
    if variable("PROFILE") == "release" && variable("RUSTC_LINKER").ends_with("rust-lld") {
        let discard = format!("--script={}/no_unwinder/discard.ld", variable("CARGO_MANIFEST_DIR"));
        // Functions that are the same are kept once; relocations are packed; nothing is left that unwinds the stack.
        for argument in ["--icf=all", "--pack-dyn-relocs=relr", "--no-eh-frame-hdr", &discard] {
            println!("cargo::rustc-link-arg-bins={argument}");
        }
    }
}

fn variable(name: &str) -> String {
    env::var(name).unwrap_or_default()
}
