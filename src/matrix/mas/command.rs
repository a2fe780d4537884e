//! Runs a command without a shell, with nothing to read and few variables of the environment. When its time is up, or a signal ends this process,
//! it ends with its process group. What leaves the group is not waited for.

use std::env;
use std::io::{self, PipeReader, Read, pipe};
use std::os::unix::process::CommandExt;
use std::process::{Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, mpsc};
use std::thread;
use std::time::Duration;

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

/// For what was printed just before the end.
const GRACE: Duration = Duration::from_millis(200);

/// The status, if it ended in time, and the last part of what it printed on both streams, without colours. The first of `command` is the program; `arguments` follow the others.
pub(crate) fn run(command: &[String], arguments: &[&str], timeout: Duration) -> io::Result<(Option<ExitStatus>, Zeroizing<String>)> {
    let (program, first) = command.split_first().ok_or(io::ErrorKind::NotFound)?;
    let group = end_with_this_process()?;
    let (reader, writer) = pipe()?;
    let mut started = lock(&group);
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
    let output = Arc::new(Mutex::new(Zeroizing::new(Vec::with_capacity(MAX_OUTPUT))));
    let (read_all, all_read) = mpsc::channel();
    let last_part = Arc::clone(&output);
    thread::spawn(move || {
        read(reader, &last_part);
        read_all.send(())
    });
    let (ended, end) = mpsc::channel();
    thread::spawn(move || {
        // Not reaped yet: until then no other process can get its id.
        let _ = waitid(WaitId::Pid(pid), WaitIdOptions::EXITED | WaitIdOptions::NOWAIT);
        ended.send(())
    });
    let is_in_time = end.recv_timeout(timeout).is_ok();
    // With whatever it has left running.
    let _ = kill_process_group(pid, Signal::KILL);
    *lock(&group) = None;
    // A daemon, in a session of its own, may hold the output open; a program of another user can't be killed.
    let _ = all_read.recv_timeout(GRACE);
    let status = is_in_time.then(|| child.wait()).transpose()?;
    let text = plain(&lock(&output));
    Ok((status, text))
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Keeps the last part. The token, or what went wrong, comes last.
fn read(mut reader: PipeReader, output: &Mutex<Zeroizing<Vec<u8>>>) {
    let mut piece = Zeroizing::new([0; 4096]);
    while let Ok(length @ 1..) = reader.read(&mut *piece) {
        let mut output = lock(output);
        let excess = (output.len() + length).saturating_sub(MAX_OUTPUT);
        output.drain(..excess);
        output.extend_from_slice(&piece[..length]);
    }
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
    // Room for all of it, also if each byte is replaced: a buffer that grows leaves an unwiped one behind.
    let mut plain = Plain(Zeroizing::new(String::with_capacity(3 * output.len())));
    Parser::new().advance(&mut plain, output);
    plain.0
}

/// Whoever stops this process stops the process group that is put into the result, too.
fn end_with_this_process() -> io::Result<Arc<Mutex<Option<Pid>>>> {
    let group = Arc::new(Mutex::new(None));
    let (mut signals, running) = (Signals::new([SIGHUP, SIGINT, SIGTERM])?, Arc::clone(&group));
    thread::spawn(move || {
        for signal in signals.forever() {
            if let Some(pid) = *lock(&running) {
                let _ = kill_process_group(pid, Signal::KILL);
            }
            let _ = emulate_default_handler(signal);
        }
    });
    Ok(group)
}
