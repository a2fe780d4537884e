//! Runs a command without a shell, with nothing to read and few variables of the environment. When its time is up, or a signal ends this process,
//! it ends with its process group. What leaves the group is not waited for.

use std::env;
use std::io::{self, PipeReader, Read, pipe};
use std::os::unix::process::CommandExt;
use std::process::{Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use rustix::io::ioctl_fionbio;
use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process_group, waitid};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;
use signal_hook::low_level::emulate_default_handler;
use vte::{Parser, Perform};
use zeroize::Zeroizing;

/// What docker, podman and kubectl need. The rest may hold secrets.
const VARIABLES: &str = "PATH HOME USER LOGNAME LANG TMPDIR XDG_RUNTIME_DIR DBUS_SESSION_BUS_ADDRESS DOCKER_HOST DOCKER_CONFIG DOCKER_CONTEXT \
     CONTAINER_HOST KUBECONFIG";

/// More than any command has to say of one token, in bytes.
const MAX_OUTPUT: usize = 64 * 1024;

/// More than a pipe holds.
const MAX_PIPE: usize = 1024 * 1024;

/// For what was printed just before the end.
const GRACE: Duration = Duration::from_millis(200);

/// Between two looks at the command: nothing beside what it takes itself.
const PAUSE: Duration = Duration::from_millis(1);

/// The process group of the command that runs.
static GROUP: Mutex<Option<Pid>> = Mutex::new(None);

/// The status, if it ended in time, and the last part of what it printed on both streams, without colours. The first of `command` is the program; `arguments` follow the others.
pub(crate) fn run(command: &[String], arguments: &[&str], timeout: Duration) -> io::Result<(Option<ExitStatus>, Zeroizing<String>)> {
    let (program, first) = command.split_first().ok_or(io::ErrorKind::NotFound)?;
    end_with_this_process()?;
    let (mut reader, writer) = pipe()?;
    ioctl_fionbio(&reader, true)?;
    let mut started = group();
    let mut child = Command::new(program)
        .args(first)
        .args(arguments)
        .env_clear()
        .envs(VARIABLES.split(' ').filter_map(|name| Some((name, env::var_os(name)?))))
        .stdin(Stdio::null())
        .stdout(writer.try_clone()?)
        .stderr(writer)
        .process_group(0)
        .spawn()?;
    let pid = Pid::from_child(&child);
    *started = Some(pid);
    drop(started);
    let end = Instant::now() + timeout;
    // Room for all of it: a buffer that grows leaves an unwiped one behind.
    let mut output = Zeroizing::new(Vec::with_capacity(MAX_OUTPUT + MAX_PIPE));
    let is_in_time = loop {
        let found = read(&mut reader, &mut output);
        // Not reaped yet: until then no other process can get its id.
        let options = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT | WaitIdOptions::NOHANG;
        let has_ended = !matches!(waitid(WaitId::Pid(pid), options), Ok(None));
        if has_ended || Instant::now() >= end {
            break has_ended;
        }
        if found != Found::Something {
            thread::sleep(PAUSE);
        }
    };
    // With whatever it has left running.
    let _ = kill_process_group(pid, Signal::KILL);
    *group() = None;
    let end = Instant::now() + GRACE;
    // A daemon, in a session of its own, may hold the output open; a program of another user can't be killed.
    while read(&mut reader, &mut output) != Found::End && Instant::now() < end {
        thread::sleep(PAUSE);
    }
    let status = is_in_time.then(|| child.wait()).transpose()?;
    Ok((status, plain(&output)))
}

fn group() -> MutexGuard<'static, Option<Pid>> {
    GROUP.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What a look at the output found.
#[derive(PartialEq, Eq)]
enum Found {
    Something,
    Nothing,
    /// Nobody holds it open any more.
    End,
}

/// Reads what has been printed by now. Keeps the last part: the token, or what went wrong, comes last.
fn read(reader: &mut PipeReader, output: &mut Vec<u8>) -> Found {
    let before = output.len();
    let found = match reader.take(MAX_PIPE as u64).read_to_end(output) {
        Ok(length) if length < MAX_PIPE => Found::End,
        _ if output.len() > before => Found::Something,
        _ => Found::Nothing,
    };
    let excess = output.len().saturating_sub(MAX_OUTPUT);
    output.drain(..excess);
    found
}

/// A terminal that shows letters alone.
struct Plain(Zeroizing<String>);

impl Perform for Plain {
    fn print(&mut self, letter: char) {
        self.0.push(letter);
    }

    fn execute(&mut self, control: u8) {
        self.0.push(if control == b'\n' { '\n' } else { ' ' });
    }
}

fn plain(output: &[u8]) -> Zeroizing<String> {
    // Room for all of it here as well, even if each byte is replaced.
    let mut plain = Plain(Zeroizing::new(String::with_capacity(3 * output.len())));
    Parser::new().advance(&mut plain, output);
    plain.0
}

/// Whoever stops this process stops the process group, too: seen to once, however often a command runs.
fn end_with_this_process() -> io::Result<()> {
    static IS_SEEN_TO: AtomicBool = AtomicBool::new(false);
    if IS_SEEN_TO.swap(true, Ordering::Relaxed) {
        return Ok(());
    }
    let mut signals = Signals::new([SIGHUP, SIGINT, SIGTERM])?;
    thread::spawn(move || {
        for signal in signals.forever() {
            if let Some(pid) = *group() {
                let _ = kill_process_group(pid, Signal::KILL);
            }
            let _ = emulate_default_handler(signal);
        }
    });
    Ok(())
}
