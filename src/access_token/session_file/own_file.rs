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
            "permission denied to the user with id {}, as whom this task runs; run the task as another one with `become_user`, \
             or change the owner or the mode of the file or its folder",
            rustix::process::geteuid().as_raw()
        ))
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
