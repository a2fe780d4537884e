//! What may stand in place of a session file, and is left as it is.

use std::fs;
use std::os::unix::fs::{chown, symlink};
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::{Folder, json, message, read_locked};
use crate::access_token::session_file::{SessionFile, read};

const NOBODY: u32 = 65_534;

/// Puts something where the session file should be.
type Maker<'a> = &'a dyn Fn(&Path);

#[test]
fn what_is_no_file_is_refused() {
    const LINK: &str = "`session_file` PATH can't be read: PATH is a symbolic link, give the path that it leads to";
    const SPECIAL: &str = "`session_file` PATH is not a regular file; give the path of a file";
    let pipe = |path: &Path| rustix::fs::mknodat(rustix::fs::CWD, path, rustix::fs::FileType::Fifo, 0o600.into(), 0).unwrap();
    let cases: [(Maker, &str); 4] = [
        (&|path| symlink("/etc/hostname", path).unwrap(), LINK),
        (&|path| symlink("/nowhere", path).unwrap(), LINK),
        (&|path| fs::create_dir(path).unwrap(), SPECIAL),
        (&pipe, SPECIAL),
    ];
    for (make, expected) in cases {
        let folder = Folder::new();
        make(&folder.path());
        assert_eq!(message(read(&folder.path()), &folder.path()), expected);
        assert_eq!(message(read_locked(&folder.path()), &folder.path()), expected);
        assert_eq!(folder.names(), ["session.json"]);
    }
}

#[test]
fn what_holds_no_session_is_refused_and_left_as_it_is() {
    let huge = " ".repeat(1_000_000) + &json("T1");
    let cases = [
        ("", "no JSON at line 1, column 0"),
        ("{\"access_token\": \"syt_LEAK", "no JSON at line 1, column 26"),
        ("{}", "homeserver is missing"),
        (huge.as_str(), "no JSON at line 1, column 65536"),
    ];
    for (content, reason) in cases {
        let folder = Folder::new();
        fs::write(folder.path(), content).unwrap();
        let expected = format!("`session_file` PATH does not hold a session: move it away, or give another path: {reason}");
        assert_eq!(message(read_locked(&folder.path()), &folder.path()), expected);
        assert_eq!(fs::read_to_string(folder.path()).unwrap(), content);
    }
}

#[test]
fn the_file_of_another_user_is_refused() {
    let folder = Folder::new();
    let user = rustix::process::geteuid().as_raw();
    // Only root can give a file away; for anybody else there are root's.
    let (path, owner) = if user == 0 {
        fs::write(folder.path(), json("T1")).unwrap();
        chown(folder.path(), Some(NOBODY), None).unwrap();
        (folder.path(), NOBODY)
    } else {
        (PathBuf::from("/etc/passwd"), 0)
    };
    assert_eq!(
        message(read(&path), &path),
        format!(
            "`session_file` PATH belongs to the user with id {owner}, and this task runs as {user}; \
             run the task as its owner with `become_user`, or change the owner"
        )
    );
}

#[test]
fn a_path_that_no_file_can_have_is_refused_before_anything_is_done() {
    let folder = Folder::new();
    for wrong in ["bot/", "bot/.", "..", "/"] {
        let path = folder.0.join(wrong);
        for error in [message(read(&path), &path), message(SessionFile::lock(&path, Duration::ZERO), &path)] {
            assert_eq!(error, "`session_file` PATH is not the path of a file");
        }
    }
    assert_eq!(folder.names(), [""; 0]);
}
