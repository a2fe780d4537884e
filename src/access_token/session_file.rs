//! The session on disk: private, atomic, durable, locked while in use. Sends no request and decides nothing.
//!
//! Beside `session.json` stands `.session.json.new` while a run is at work: it is the lock, it proves that the folder can be
//! written to, and renamed it is the new session. A run that is killed leaves at most this one file; the next run takes it over.

use std::ffi::{OsStr, OsString};
use std::fs::{self, File, Metadata, OpenOptions, Permissions};
use std::io::{self, ErrorKind, Read};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{FileExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, anyhow, bail};
use rustix::fs::OFlags;
use rustix::io::Errno;
use zeroize::Zeroizing;

use super::stored_session;
use crate::matrix::session::Session;

/// More than any session needs; what is larger is some other file.
const MAX_BYTES: u64 = 64 * 1024;

/// Room for the next session, taken before a login is spent on it.
const RESERVED: usize = 16 * 1024;

/// A session file that no other run uses meanwhile.
pub(super) struct SessionFile {
    path: PathBuf,
    /// The reason if there is none: a session that is kept needs no writing.
    draft: io::Result<Draft>,
}

/// `.session.json.new`, locked.
struct Draft {
    path: PathBuf,
    file: File,
}

impl SessionFile {
    /// Waits until no other run uses the file.
    pub(super) fn lock(path: &Path, patience: Duration) -> Result<Self> {
        let draft = match Draft::lock(draft_path(path)?, patience) {
            Err(error) if error.kind() == ErrorKind::TimedOut => {
                bail!("`session_file` {} is in use by another run; try again", path.display())
            }
            draft => draft,
        };
        Ok(Self {
            path: path.to_owned(),
            draft,
        })
    }

    /// The session in the file, if there is one.
    pub(super) fn read(&self) -> Result<Option<Session>> {
        read(&self.path)
    }

    /// Fails now if the session couldn't be written later.
    pub(super) fn prove_writable(&self) -> Result<()> {
        let reserve = |draft: &Draft| {
            draft
                .file
                .write_all_at(&vec![b' '; RESERVED], 0)
                .and_then(|()| draft.file.sync_all())
        };
        self.draft().and_then(|draft| reserve(draft).with_context(|| self.unwritable()))
    }

    /// Puts the session in place of the old one. Whenever this process is killed, the file holds one of the two, whole.
    pub(super) fn write(&self, session: &Session) -> Result<()> {
        let draft = self.draft()?;
        draft
            .fill(&stored_session::to_json(session))
            .and_then(|()| rename(&draft.path, &self.path))
            .with_context(|| self.unwritable())
    }

    /// Removes the session.
    pub(super) fn remove(&self) -> Result<()> {
        fs::remove_file(&self.path).with_context(|| format!("`session_file` {} can't be removed", self.path.display()))
    }

    fn draft(&self) -> Result<&Draft> {
        self.draft.as_ref().map_err(|error| anyhow!("{error}").context(self.unwritable()))
    }

    fn unwritable(&self) -> String {
        format!("`session_file` {} can't be written, check its folder", self.path.display())
    }
}

impl Draft {
    fn lock(path: PathBuf, patience: Duration) -> io::Result<Self> {
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

    fn fill(&self, json: &[u8]) -> io::Result<()> {
        if json.len() as u64 > MAX_BYTES {
            return Err(io::Error::other("the session is larger than any that would be read again"));
        }
        self.file.set_permissions(Permissions::from_mode(0o600))?;
        self.file.write_all_at(json, 0)?;
        self.file.set_len(json.len() as u64)?;
        self.file.sync_all()
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

/// Whether there is anything to remove: the file, or what a killed run has left beside it.
pub(super) fn is_there(path: &Path) -> bool {
    let draft = draft_path(path).ok();
    [Some(path), draft.as_deref()]
        .into_iter()
        .flatten()
        .any(|path| path.symlink_metadata().is_ok())
}

/// A warning if the file can be read by others, as one that another program wrote.
pub(super) fn exposure_warning(path: &Path) -> Option<String> {
    let mode = path.metadata().ok()?.permissions().mode();
    (mode & 0o077 != 0).then(|| format!("`session_file` {} can be read by others: set its mode to 0600", path.display()))
}

/// The session in a file that may be in use, if there is one. Writes nothing.
pub(super) fn read(path: &Path) -> Result<Option<Session>> {
    file_name(path)?;
    let file = match open(OpenOptions::new().read(true), path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        file => file.with_context(|| format!("`session_file` {} can't be read", path.display()))?,
    };
    let metadata = file.metadata()?;
    if !metadata.is_file() {
        bail!("`session_file` {} is not a regular file; give the path of a file", path.display());
    }
    check_owner(path, &metadata).map_err(|error| anyhow!("`session_file` {error}"))?;
    let mut bytes = Zeroizing::new(Vec::new());
    file.take(MAX_BYTES)
        .read_to_end(&mut bytes)
        .with_context(|| format!("`session_file` {} can't be read", path.display()))?;
    let session = stored_session::from_json(&bytes);
    session.map(Some).with_context(|| {
        format!(
            "`session_file` {} does not hold a session; move it away, or give another path",
            path.display()
        )
    })
}

/// A link could lead a privileged run to any file; a pipe would keep it waiting.
fn open(options: &mut OpenOptions, path: &Path) -> io::Result<File> {
    let flags = (OFlags::NOFOLLOW | OFlags::NONBLOCK).bits().cast_signed();
    options
        .mode(0o600)
        .custom_flags(flags)
        .open(path)
        .map_err(|error| match Errno::from_io_error(&error) {
            Some(Errno::LOOP) => io::Error::other(format!("{} is a symbolic link, give the path that it leads to", path.display())),
            _ => error,
        })
}

fn check_owner(path: &Path, metadata: &Metadata) -> io::Result<()> {
    let (owner, user) = (metadata.uid(), rustix::process::geteuid().as_raw());
    if owner == user {
        return Ok(());
    }
    let advice = "run the task as its owner with `become_user`, or change the owner";
    Err(io::Error::other(format!(
        "{} belongs to the user with id {owner}, and this task runs as {user}; {advice}",
        path.display()
    )))
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

/// Atomic, and still there after a power cut.
fn rename(from: &Path, to: &Path) -> io::Result<()> {
    fs::rename(from, to)?;
    File::open(folder(to))?.sync_all()
}

fn folder(path: &Path) -> &Path {
    path.parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or(Path::new("."))
}

/// `folder/` and `folder/.` have a name too, but nothing could be renamed to them.
fn file_name(path: &Path) -> Result<&OsStr> {
    let bytes = path.as_os_str().as_bytes();
    let name = path.file_name().filter(|_| !bytes.ends_with(b"/") && !bytes.ends_with(b"/."));
    name.with_context(|| format!("`session_file` {} is not the path of a file", path.display()))
}

fn draft_path(path: &Path) -> Result<PathBuf> {
    let mut draft = OsString::from(".");
    draft.push(file_name(path)?);
    draft.push(".new");
    Ok(path.with_file_name(draft))
}

#[cfg(test)]
mod tests;
