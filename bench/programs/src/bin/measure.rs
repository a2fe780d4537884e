//! Runs a program once and prints what it took, by the operating system's accounting:
//! nanoseconds by the clock, microseconds of CPU, KiB of memory at the peak, exit status.
//!
//! The benchmark can't do this by itself: a process inherits the peak memory of the one that started it, and Python's is large.

use std::env;
use std::process::{Command, ExitCode, Stdio};
use std::time::Instant;

use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeValLike;

fn main() -> ExitCode {
    let mut words = env::args_os().skip(1);
    let Some(program) = words.next() else {
        eprintln!("usage: measure PROGRAM ARGUMENT...");
        return ExitCode::FAILURE;
    };
    let mut command = Command::new(program);
    command.args(words).stdin(Stdio::null()).stdout(Stdio::null());
    let start = Instant::now();
    let status = command.status();
    let wall = start.elapsed().as_nanos();
    match (status, getrusage(UsageWho::RUSAGE_CHILDREN)) {
        (Ok(status), Ok(usage)) => {
            let cpu = (usage.user_time() + usage.system_time()).num_microseconds();
            println!("{wall} {cpu} {} {}", usage.max_rss(), status.code().unwrap_or(-1));
            ExitCode::SUCCESS
        }
        (Err(error), _) => fail(&error.to_string()),
        (_, Err(error)) => fail(error.desc()),
    }
}

fn fail(reason: &str) -> ExitCode {
    eprintln!("measure: {reason}");
    ExitCode::FAILURE
}
