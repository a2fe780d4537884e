//! Runs a command without a shell, with nothing to read and few variables of the environment. Nothing of it outlives the time it has, or this process.

use std::io::{self, PipeReader, Read, pipe};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::thread;
use std::time::Duration;
use std::{env, os::unix::process::CommandExt};

use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process_group, waitid};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;
use signal_hook::low_level::emulate_default_handler;
use zeroize::Zeroizing;

/// What came of a command, and what it printed on both streams.
pub(crate) struct Ended {
    pub(crate) end: End,
    pub(crate) output: Zeroizing<String>,
}

pub(crate) enum End {
    Success,
    /// The status, in words.
    Failure(String),
    TimedOut,
    NotStarted(String),
}

/// What docker, podman and kubectl need. The rest may hold secrets.
const VARIABLES: [&str; 13] = [
    "PATH",
    "HOME",
    "USER",
    "LOGNAME",
    "LANG",
    "TMPDIR",
    "XDG_RUNTIME_DIR",
    "DBUS_SESSION_BUS_ADDRESS",
    "DOCKER_HOST",
    "DOCKER_CONFIG",
    "DOCKER_CONTEXT",
    "CONTAINER_HOST",
    "KUBECONFIG",
];

/// More than any command has to say of one token, in bytes.
const MAX_OUTPUT: usize = 64 * 1024;

/// The first of `command` is the program; `arguments` follow the others.
pub(crate) fn run(command: &[String], arguments: &[&str], timeout: Duration) -> Ended {
    match try_run(command, arguments, timeout) {
        Ok(ended) => ended,
        Err(error) => Ended {
            end: End::NotStarted(error.to_string()),
            output: Zeroizing::default(),
        },
    }
}

fn try_run(command: &[String], arguments: &[&str], timeout: Duration) -> io::Result<Ended> {
    let (program, first) = command.split_first().ok_or(io::ErrorKind::NotFound)?;
    let group = end_with_this_process()?;
    let (reader, writer) = pipe()?;
    let mut running = group.lock().unwrap_or_else(PoisonError::into_inner);
    let mut child = Command::new(program)
        .args(first)
        .args(arguments)
        .env_clear()
        .envs(VARIABLES.iter().filter_map(|name| Some((name, env::var_os(name)?))))
        .stdin(Stdio::null())
        .stdout(writer.try_clone()?)
        .stderr(writer)
        .process_group(0)
        .spawn()?;
    let pid = Pid::from_child(&child);
    *running = Some(pid);
    drop(running);
    let output = thread::spawn(|| read(reader));
    let (ended, end) = mpsc::channel();
    // Not reaped yet: until then no other process can get its id.
    thread::spawn(move || {
        let _ = waitid(WaitId::Pid(pid), WaitIdOptions::EXITED | WaitIdOptions::NOWAIT);
        ended.send(())
    });
    let is_in_time = end.recv_timeout(timeout).is_ok();
    // With whatever it has left running, which might hold the output open.
    let _ = kill_process_group(pid, Signal::KILL);
    *group.lock().unwrap_or_else(PoisonError::into_inner) = None;
    let status = child.wait()?;
    Ok(Ended {
        end: match status.success() {
            _ if !is_in_time => End::TimedOut,
            true => End::Success,
            false => End::Failure(status.to_string()),
        },
        output: output.join().unwrap_or_default(),
    })
}

/// The first part is kept, and the rest read as well, so that nobody waits for a full pipe.
fn read(mut reader: PipeReader) -> Zeroizing<String> {
    let mut bytes = Zeroizing::new(Vec::with_capacity(MAX_OUTPUT));
    let _ = reader.by_ref().take(MAX_OUTPUT as u64).read_to_end(&mut bytes);
    let _ = io::copy(&mut reader, &mut io::sink());
    Zeroizing::new(String::from_utf8_lossy(&bytes).into_owned())
}

/// Whoever stops this process stops the process group that is put into the result, too.
fn end_with_this_process() -> io::Result<Arc<Mutex<Option<Pid>>>> {
    let group = Arc::new(Mutex::new(None));
    let (mut signals, running) = (Signals::new([SIGHUP, SIGINT, SIGTERM])?, Arc::clone(&group));
    thread::spawn(move || {
        for signal in signals.forever() {
            if let Some(pid) = *running.lock().unwrap_or_else(PoisonError::into_inner) {
                let _ = kill_process_group(pid, Signal::KILL);
            }
            let _ = emulate_default_handler(signal);
        }
    });
    Ok(group)
}
