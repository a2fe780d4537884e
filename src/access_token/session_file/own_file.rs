//! Opening a file of this user's own, and nothing that only looks like it.

use std::fs::{File, Metadata, OpenOptions};
use std::io;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::Path;

use rustix::fs::OFlags;
use rustix::io::Errno;

/// A link could lead a privileged run to any file; a pipe would keep it waiting.
pub(super) fn open(options: &mut OpenOptions, path: &Path) -> io::Result<File> {
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

/// # Errors
/// The file is somebody else's.
pub(super) fn check_owner(path: &Path, metadata: &Metadata) -> io::Result<()> {
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
