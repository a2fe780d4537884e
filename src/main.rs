//! argv in, one JSON object out, exit status. The only file that prints.

use std::env;
use std::io::{Write, stdout};
use std::panic;
use std::process::exit;

use matrix_access_token::ansible::report::Report;
use matrix_access_token::{help, run};

fn main() {
    panic::set_hook(Box::new(|_| finish(&Report::fail_json(PANICKED))));
    // How a test gets to see a panic. Not in a released binary.
    debug_assert!(env::var_os("MATRIX_ACCESS_TOKEN_PANIC").is_none(), "as asked");
    let mut arguments = env::args_os().skip(1);
    match (arguments.next(), arguments.next()) {
        (Some(flag), None) if flag == "--help" || flag == "-h" => tell(&help::text()),
        (Some(flag), None) if flag == "--version" || flag == "-V" => {
            tell(concat!(env!("CARGO_PKG_NAME"), " ", env!("CARGO_PKG_VERSION"), "\n"));
        }
        (Some(args_file), None) => finish(&run(args_file.as_ref())),
        _ => finish(&Report::fail_json(USAGE)),
    }
}

const USAGE: &str = "this module takes one argument, the path of a JSON file with its options, or - for standard input; see --help";

/// The panic's own message is left out: it could hold anything.
const PANICKED: &str = "matrix_access_token internal error: please report what the task was doing, without its secrets";

fn finish(report: &Report) -> ! {
    tell(&format!("{}\n", report.to_line()));
    exit(report.exit_status())
}

/// Nobody is left to hear that standard output is closed.
fn tell(text: &str) {
    let _ = stdout().write_all(text.as_bytes()).and_then(|()| stdout().flush());
}
