//! `.session.json.new`, which stands beside `session.json` while a run is at work: it is the lock, it proves that the folder can be
//! written to, and renamed it is the new session file. A run that is killed leaves at most this one file; the next run takes it over.

use std::fs::{self, File, Metadata, OpenOptions, Permissions};
use std::io::{self, ErrorKind};
use std::os::unix::fs::{FileExt, MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use super::own_file::{check_owner, open};
use super::{MAX_BYTES, folder};

/// Room for the next session, taken before a login is spent on it.
const RESERVED: usize = 16 * 1024;

/// Locked for as long as it lives.
pub(super) struct Draft {
    path: PathBuf,
    file: File,
}

impl Draft {
    /// Waits until no other run has it.
    pub(super) fn lock(path: PathBuf, patience: Duration) -> io::Result<Self> {
        loop {
            let file = open(OpenOptions::new().read(true).write(true).create(true), &path)?;
            lock_within(patience, &file)?;
            // The run before may have renamed or removed it while we waited.
            if fs::symlink_metadata(&path).is_ok_and(|current| is_same_file(&current, &file)) {
                check_owner(&path, &file.metadata()?)?;
                return Ok(Self { path, file });
            }
        }
    }

    /// Takes the room that the session will need beside what other programs have added to the old one, which has this `size`.
    pub(super) fn reserve(&self, size: u64) -> io::Result<()> {
        let room = usize::try_from(size).unwrap_or(MAX_BYTES).saturating_add(RESERVED);
        check_size(room)?;
        self.file.write_all_at(&vec![b' '; room], 0)?;
        self.file.sync_all()
    }

    /// Becomes what will be the session file.
    pub(super) fn fill(&self, json: &[u8]) -> io::Result<()> {
        check_size(json.len())?;
        self.file.set_permissions(Permissions::from_mode(0o600))?;
        self.file.write_all_at(json, 0)?;
        self.file.set_len(json.len() as u64)?;
        self.file.sync_all()
    }

    /// Takes the place of the session file: atomic, and still there after a power cut.
    pub(super) fn rename(&self, session_file: &Path) -> io::Result<()> {
        fs::rename(&self.path, session_file)?;
        File::open(folder(session_file))?.sync_all()
    }
}

impl Drop for Draft {
    /// Removes the draft unless it has become the session file, and with that lets the next run in.
    fn drop(&mut self) {
        if fs::symlink_metadata(&self.path).is_ok_and(|current| is_same_file(&current, &self.file)) {
            let _ = fs::remove_file(&self.path);
        }
    }
}

fn check_size(size: usize) -> io::Result<()> {
    if size > MAX_BYTES {
        return Err(io::Error::other("it would be larger than the 64 KiB that are read again"));
    }
    Ok(())
}

fn is_same_file(current: &Metadata, file: &File) -> bool {
    file.metadata()
        .is_ok_and(|held| (held.dev(), held.ino()) == (current.dev(), current.ino()))
}

/// A lock can only be waited for without end, so a thread waits, and is left behind if that takes too long.
fn lock_within(patience: Duration, file: &File) -> io::Result<()> {
    if file.try_lock().is_ok() {
        return Ok(());
    }
    let (sender, receiver) = mpsc::channel();
    let waiting = file.try_clone()?;
    thread::Builder::new().spawn(move || sender.send(waiting.lock()))?;
    receiver.recv_timeout(patience).map_err(|_| io::Error::from(ErrorKind::TimedOut))?
}
