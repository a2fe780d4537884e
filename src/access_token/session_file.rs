//! The session on disk: private, atomic, durable, locked while in use. Sends no request and decides nothing.
//!
//! `.session.json.new` stands beside `session.json` while a run is at work: it is the lock, it proves that the folder can be written to, and renamed it is
//! the new session file. A run that is killed leaves at most this one file; the next run takes it over.

use std::ffi::{OsStr, OsString};
use std::fs::{self, File, Metadata, OpenOptions, Permissions, TryLockError};
use std::io::{self, ErrorKind, Read};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{FileExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow, bail};
use rustix::fs::OFlags;
use rustix::io::Errno;
use zeroize::Zeroizing;

use super::stored_session;
use crate::matrix::session::Session;

/// More than any session needs; what is larger is some other file.
const MAX_BYTES: usize = 64 * 1024;

/// Room for the next session, taken before a login is spent on it.
const RESERVED: usize = 16 * 1024;

/// Between two looks at a file that another run has locked.
const PAUSE: Duration = Duration::from_millis(10);

/// A session file that no other run uses meanwhile.
pub(crate) struct SessionFile {
    path: PathBuf,
    temp_path: PathBuf,
    /// The reason if there is none: a session that is kept needs no writing.
    temp_file: io::Result<File>,
}

impl SessionFile {
    pub(crate) fn lock(path: &Path, timeout: Duration) -> Result<Self> {
        let temp_path = temp_path(path)?;
        let temp_file = lock(&temp_path, timeout);
        if temp_file.as_ref().is_err_and(|error| error.kind() == ErrorKind::WouldBlock) {
            bail!("`session_file` {} is in use by another run; try again", path.display());
        }
        Ok(Self { path: path.to_owned(), temp_path, temp_file })
    }

    /// Fails now if the session couldn't be written later: takes the room that it will need beside what other programs have added to the old one.
    pub(crate) fn ensure_writable(&self) -> Result<()> {
        let size = self.path.metadata().map_or(0, |metadata| metadata.len());
        let size = usize::try_from(size).unwrap_or(MAX_BYTES).min(MAX_BYTES);
        self.with_temp_file(|temp_file| fill(temp_file, &vec![b' '; size + RESERVED]))
    }

    /// Puts the session in place of the old one, beside what other programs have added. Whenever this process is killed, the file holds
    /// one of the two, whole; and after a power cut it still does.
    pub(crate) fn write(&self, session: &Session) -> Result<()> {
        let before = read_bytes(&self.path).ok().flatten().unwrap_or_default();
        self.with_temp_file(|temp_file| {
            fill(temp_file, &stored_session::to_json(session, &before))?;
            fs::rename(&self.temp_path, &self.path)?;
            File::open(folder(&self.path))?.sync_all()
        })
    }

    /// Fails now if the file couldn't be removed later. Unlike writing, that needs no room.
    pub(crate) fn ensure_removable(&self) -> Result<()> {
        self.with_temp_file(|_| Ok(()))
    }

    pub(crate) fn remove(&self) -> Result<()> {
        fs::remove_file(&self.path).with_context(|| format!("`session_file` {} can't be removed", self.path.display()))
    }

    fn with_temp_file(&self, write: impl FnOnce(&File) -> io::Result<()>) -> Result<()> {
        let path = self.path.display();
        let written = self.temp_file.as_ref().map(write);
        let error = match &written {
            Ok(Ok(())) => return Ok(()),
            Ok(Err(error)) => error,
            Err(error) => *error,
        };
        if error.kind() == ErrorKind::NotFound && !folder(&self.path).exists() {
            bail!("`session_file` {path} can't be written: its folder does not exist, create it first");
        }
        bail!("`session_file` {path} can't be written, check its folder: {error}")
    }
}

impl Drop for SessionFile {
    /// Removes the temporary file unless it has become the session file, and with that lets the next run in.
    fn drop(&mut self) {
        if self.temp_file.as_ref().is_ok_and(|temp_file| is_at(&self.temp_path, temp_file)) {
            let _ = fs::remove_file(&self.temp_path);
        }
    }
}

/// Whether there is anything to remove: the file, or what a killed run has left beside it.
pub(crate) fn is_there(path: &Path) -> bool {
    let temp_file = temp_path(path).ok();
    [Some(path), temp_file.as_deref()].into_iter().flatten().any(|path| path.symlink_metadata().is_ok())
}

/// A warning if the file can be read by others, as one that another program wrote.
pub(crate) fn exposure_warning(path: &Path) -> Option<String> {
    let mode = path.metadata().ok()?.permissions().mode();
    (mode & 0o077 != 0).then(|| format!("`session_file` {} can be read by others: set its mode to 0600", path.display()))
}

/// The session in a file that may be in use, if there is one. Writes nothing.
pub(crate) fn read(path: &Path) -> Result<Option<Session>> {
    let session = read_bytes(path)?.map(|bytes| stored_session::from_json(&bytes)).transpose();
    session.with_context(|| format!("`session_file` {} does not hold a session: move it away, or give another path", path.display()))
}

fn read_bytes(path: &Path) -> Result<Option<Zeroizing<Vec<u8>>>> {
    file_name(path)?;
    let unreadable = || format!("`session_file` {} can't be read", path.display());
    let file = match open_nofollow(OpenOptions::new().read(true), path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        file => file.with_context(unreadable)?,
    };
    let metadata = file.metadata()?;
    if !metadata.is_file() {
        bail!("`session_file` {} is not a regular file; give the path of a file", path.display());
    }
    check_owner(path, &metadata).map_err(|error| anyhow!("`session_file` {error}"))?;
    // Room for all of it: a buffer that grows leaves an unwiped one behind.
    let mut bytes = Zeroizing::new(Vec::with_capacity(MAX_BYTES));
    file.take(MAX_BYTES as u64).read_to_end(&mut bytes).with_context(unreadable)?;
    Ok(Some(bytes))
}

/// `folder/` and `folder/.` have a name too, but nothing could be renamed to them.
fn file_name(path: &Path) -> Result<&OsStr> {
    let bytes = path.as_os_str().as_bytes();
    let name = path.file_name().filter(|_| !bytes.ends_with(b"/") && !bytes.ends_with(b"/."));
    name.with_context(|| format!("`session_file` {} is not the path of a file", path.display()))
}

fn folder(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

fn temp_path(path: &Path) -> Result<PathBuf> {
    let mut temp_file = OsString::from(".");
    temp_file.push(file_name(path)?);
    temp_file.push(".new");
    Ok(path.with_file_name(temp_file))
}

/// Waits until no other run has it.
fn lock(path: &Path, timeout: Duration) -> io::Result<File> {
    loop {
        let file = open_nofollow(OpenOptions::new().read(true).write(true).create(true), path)?;
        let end = Instant::now() + timeout;
        while let Err(error) = file.try_lock() {
            if matches!(error, TryLockError::Error(_)) || Instant::now() >= end {
                return Err(error.into());
            }
            thread::sleep(PAUSE);
        }
        // The run before may have renamed or removed it while we waited.
        if is_at(path, &file) {
            check_owner(path, &file.metadata()?)?;
            return Ok(file);
        }
    }
}

/// Whether this path still leads to the file.
fn is_at(path: &Path, file: &File) -> bool {
    let id = |metadata: Metadata| (metadata.dev(), metadata.ino());
    path.symlink_metadata()
        .is_ok_and(|current| file.metadata().is_ok_and(|held| id(held) == id(current)))
}

/// With this alone, for nobody else to read.
fn fill(file: &File, content: &[u8]) -> io::Result<()> {
    if content.len() > MAX_BYTES {
        return Err(io::Error::other("it would be larger than the 64 KiB that are read again"));
    }
    file.set_permissions(Permissions::from_mode(0o600))?;
    file.write_all_at(content, 0)?;
    file.set_len(content.len() as u64)?;
    file.sync_all()
}

/// A link could lead a privileged run to any file; a pipe would keep it waiting.
fn open_nofollow(options: &mut OpenOptions, path: &Path) -> io::Result<File> {
    let flags = (OFlags::NOFOLLOW | OFlags::NONBLOCK).bits().cast_signed();
    options
        .mode(0o600)
        .custom_flags(flags)
        .open(path)
        .map_err(|error| match Errno::from_io_error(&error) {
            Some(Errno::LOOP) => io::Error::other(format!("{} is a symbolic link, give the path that it leads to", path.display())),
            Some(Errno::ACCESS) => kept_out(path),
            _ => error,
        })
}

/// Whose the file is can be seen unless its folder is closed too.
fn kept_out(path: &Path) -> io::Error {
    let metadata = path.symlink_metadata().ok();
    let somebody_elses = metadata.and_then(|metadata| check_owner(path, &metadata).err());
    somebody_elses.unwrap_or_else(|| {
        io::Error::other(format!(
            "permission denied to the user with id {}, who runs this task: run it as another user with `become_user`, or change the owner or the mode of the file or its folder",
            rustix::process::geteuid().as_raw()
        ))
    })
}

/// # Errors
/// The file is somebody else's.
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

#[cfg(test)]
mod tests;
