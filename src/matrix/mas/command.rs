//! Runs a command without a shell, with nothing to read and few variables of the environment. When its time is up, or a signal ends this process,
//! it ends with all that it has started.

use std::env;
use std::io::{self, PipeReader, Read, pipe};
use std::os::unix::process::CommandExt;
use std::process::{Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::thread;
use std::time::Duration;

use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process_group, waitid};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;
use signal_hook::low_level::emulate_default_handler;
use zeroize::Zeroizing;

/// What docker, podman and kubectl need. The rest may hold secrets.
const VARIABLES: &str = "PATH HOME USER LOGNAME LANG TMPDIR XDG_RUNTIME_DIR DBUS_SESSION_BUS_ADDRESS DOCKER_HOST DOCKER_CONFIG DOCKER_CONTEXT \
     CONTAINER_HOST KUBECONFIG";

/// More than any command has to say of one token, in bytes.
const MAX_OUTPUT: usize = 64 * 1024;

/// The status, if it ended in time, and what it printed on both streams. The first of `command` is the program; `arguments` follow the others.
pub(crate) fn run(command: &[String], arguments: &[&str], timeout: Duration) -> io::Result<(Option<ExitStatus>, Zeroizing<String>)> {
    let (program, first) = command.split_first().ok_or(io::ErrorKind::NotFound)?;
    let group = end_with_this_process()?;
    let running = || group.lock().unwrap_or_else(PoisonError::into_inner);
    let (reader, writer) = pipe()?;
    let mut started = running();
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
    let output = thread::spawn(|| read(reader));
    let (ended, end) = mpsc::channel();
    thread::spawn(move || {
        // Not reaped yet: until then no other process can get its id.
        let _ = waitid(WaitId::Pid(pid), WaitIdOptions::EXITED | WaitIdOptions::NOWAIT);
        ended.send(())
    });
    let is_in_time = end.recv_timeout(timeout).is_ok();
    // With whatever it has left running, which might hold the output open.
    let _ = kill_process_group(pid, Signal::KILL);
    *running() = None;
    let status = child.wait()?;
    Ok((is_in_time.then_some(status), output.join().unwrap_or_default()))
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
