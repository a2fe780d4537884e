//! The session on disk: private, atomic, durable, locked while in use. Sends no request and decides nothing.

mod draft;
mod own_file;

use std::ffi::{OsStr, OsString};
use std::fs::{self, OpenOptions};
use std::io::{self, ErrorKind, Read};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, anyhow, bail};
use draft::Draft;
use zeroize::Zeroizing;

use super::stored_session;
use crate::matrix::session::Session;

/// More than any session needs; what is larger is some other file.
const MAX_BYTES: usize = 64 * 1024;

/// A session file that no other run uses meanwhile.
pub(super) struct SessionFile {
    path: PathBuf,
    /// The reason if there is none: a session that is kept needs no writing.
    draft: io::Result<Draft>,
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
        let size = self.path.metadata().map_or(0, |metadata| metadata.len());
        self.draft()?.reserve(size).map_err(|error| self.unwritable(&error))
    }

    /// Puts the session in place of the old one, beside what other programs have added. Whenever this process is killed, the file holds
    /// one of the two, whole.
    pub(super) fn write(&self, session: &Session) -> Result<()> {
        let draft = self.draft()?;
        let before = read_bytes(&self.path).ok().flatten().unwrap_or_default();
        draft
            .fill(&stored_session::to_json(session, &before))
            .and_then(|()| draft.rename(&self.path))
            .map_err(|error| self.unwritable(&error))
    }

    /// Removes the session.
    pub(super) fn remove(&self) -> Result<()> {
        fs::remove_file(&self.path).with_context(|| format!("`session_file` {} can't be removed", self.path.display()))
    }

    fn draft(&self) -> Result<&Draft> {
        self.draft.as_ref().map_err(|error| self.unwritable(error))
    }

    fn unwritable(&self, error: &io::Error) -> anyhow::Error {
        let path = self.path.display();
        if error.kind() == ErrorKind::NotFound && !folder(&self.path).exists() {
            anyhow!("`session_file` {path} can't be written: its folder does not exist, create it first")
        } else {
            anyhow!("`session_file` {path} can't be written, check its folder: {error}")
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
    let Some(bytes) = read_bytes(path)? else {
        return Ok(None);
    };
    let session = stored_session::from_json(&bytes);
    session.map(Some).with_context(|| {
        format!(
            "`session_file` {} does not hold a session; move it away, or give another path",
            path.display()
        )
    })
}

fn read_bytes(path: &Path) -> Result<Option<Zeroizing<Vec<u8>>>> {
    file_name(path)?;
    let file = match own_file::open(OpenOptions::new().read(true), path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        file => file.with_context(|| format!("`session_file` {} can't be read", path.display()))?,
    };
    let metadata = file.metadata()?;
    if !metadata.is_file() {
        bail!("`session_file` {} is not a regular file; give the path of a file", path.display());
    }
    own_file::check_owner(path, &metadata).map_err(|error| anyhow!("`session_file` {error}"))?;
    // Room for all of it: a buffer that grows leaves an unwiped one behind.
    let mut bytes = Zeroizing::new(Vec::with_capacity(MAX_BYTES));
    file.take(MAX_BYTES as u64)
        .read_to_end(&mut bytes)
        .with_context(|| format!("`session_file` {} can't be read", path.display()))?;
    Ok(Some(bytes))
}

/// `folder/` and `folder/.` have a name too, but nothing could be renamed to them.
fn file_name(path: &Path) -> Result<&OsStr> {
    let bytes = path.as_os_str().as_bytes();
    let name = path.file_name().filter(|_| !bytes.ends_with(b"/") && !bytes.ends_with(b"/."));
    name.with_context(|| format!("`session_file` {} is not the path of a file", path.display()))
}

fn folder(path: &Path) -> &Path {
    path.parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or(Path::new("."))
}

fn draft_path(path: &Path) -> Result<PathBuf> {
    let mut draft = OsString::from(".");
    draft.push(file_name(path)?);
    draft.push(".new");
    Ok(path.with_file_name(draft))
}

#[cfg(test)]
mod tests;
