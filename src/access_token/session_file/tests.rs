//! What a session file is after each thing that a run does with it.

mod refused;
mod shared;

use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use super::{MAX_BYTES, SessionFile, read};
use crate::matrix::homeserver_url::HomeserverUrl;
use crate::matrix::session::{Session, Tokens};
use crate::matrix::user_id::UserId;
use crate::secret::Secret;

/// A folder that goes away with the test.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        static COUNTER: AtomicUsize = AtomicUsize::new(0);
        let unique = COUNTER.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("session-file-{}-{unique}", std::process::id()));
        fs::create_dir(&path).unwrap();
        Self(path)
    }

    fn path(&self) -> PathBuf {
        self.0.join("session.json")
    }

    fn draft(&self) -> PathBuf {
        self.0.join(".session.json.new")
    }

    fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(&self.0).unwrap();
        let mut names: Vec<String> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn session(access_token: &str) -> Session {
    Session {
        homeserver: HomeserverUrl::parse("https://matrix.example.com").unwrap(),
        user_id: UserId::parse("@alice:example.com").unwrap(),
        device_id: Some("BOT".into()),
        tokens: Tokens { access_token: Secret::new(access_token.into()), refresh_token: None, expires_at: None },
        mas_personal_session_id: None,
    }
}

fn json(access_token: &str) -> String {
    format!(
        "{{\n  \"homeserver\": \"https://matrix.example.com\",\n  \"user_id\": \"@alice:example.com\",\n  \"device_id\": \"BOT\",\n  \
         \"access_token\": \"{access_token}\"\n}}\n"
    )
}

fn lock(path: &Path) -> SessionFile {
    SessionFile::lock(path, Duration::from_secs(20)).unwrap()
}

fn read_locked(path: &Path) -> anyhow::Result<Option<Session>> {
    let _file = lock(path);
    read(path)
}

fn mode(path: &Path) -> u32 {
    path.metadata().unwrap().mode() & 0o777
}

/// The file's path as `PATH`, so that the whole message can be compared.
fn message<T>(result: anyhow::Result<T>, path: &Path) -> String {
    let error = result.map(drop).unwrap_err();
    format!("{error:#}").replace(path.to_str().unwrap(), "PATH")
}

#[test]
fn a_session_is_private_and_stands_alone_in_its_folder() {
    let folder = Folder::new();
    let file = lock(&folder.path());
    assert_eq!(read(&folder.path()).unwrap(), None);
    file.ensure_writable().unwrap();
    file.write(&session("T1")).unwrap();
    drop(file);
    assert_eq!(fs::read_to_string(folder.path()).unwrap(), json("T1"));
    assert_eq!(mode(&folder.path()), 0o600);
    assert_eq!(folder.names(), ["session.json"]);
}

#[test]
fn a_session_that_anybody_could_read_becomes_private_and_keeps_what_is_not_ours() {
    let folder = Folder::new();
    let with_room = |token: &str| json(token).replace("\n}", &format!(",\n  \"room_id\": \"{}\"\n}}", "r".repeat(20_000)));
    fs::write(folder.path(), with_room("T1")).unwrap();
    fs::set_permissions(folder.path(), Permissions::from_mode(0o644)).unwrap();
    let file = lock(&folder.path());
    assert_eq!(read(&folder.path()).unwrap(), Some(session("T1")));
    file.write(&session("T2")).unwrap();
    assert_eq!(fs::read_to_string(folder.path()).unwrap(), with_room("T2"));
    assert_eq!(mode(&folder.path()), 0o600);
}

#[test]
fn what_is_only_read_stays_as_it_is() {
    let folder = Folder::new();
    fs::write(folder.path(), json("T1")).unwrap();
    let before = folder.path().metadata().unwrap();
    let file = lock(&folder.path());
    file.ensure_writable().unwrap();
    assert_eq!(read(&folder.path()).unwrap(), Some(session("T1")));
    drop(file);
    let after = folder.path().metadata().unwrap();
    assert_eq!((before.ino(), before.mtime_nsec()), (after.ino(), after.mtime_nsec()));
    assert_eq!(fs::read_to_string(folder.path()).unwrap(), json("T1"));
    assert_eq!(folder.names(), ["session.json"]);
}

#[test]
fn a_session_is_removed_with_its_draft() {
    let folder = Folder::new();
    fs::write(folder.path(), json("T1")).unwrap();
    lock(&folder.path()).remove().unwrap();
    assert_eq!(folder.names(), [""; 0]);
}

#[test]
fn a_missing_folder_is_not_made() {
    let folder = Folder::new();
    let path = folder.0.join("missing/session.json");
    let file = lock(&path);
    assert_eq!(read(&path).unwrap(), None);
    assert_eq!(
        message(file.ensure_writable(), &path),
        "`session_file` PATH can't be written: its folder does not exist, create it first"
    );
    assert_eq!(folder.names(), [""; 0]);
}

#[test]
fn the_draft_of_a_killed_run_is_taken_over() {
    let folder = Folder::new();
    fs::write(folder.draft(), "x".repeat(100_000)).unwrap();
    fs::set_permissions(folder.draft(), Permissions::from_mode(0o644)).unwrap();
    lock(&folder.path()).write(&session("T1")).unwrap();
    assert_eq!(fs::read_to_string(folder.path()).unwrap(), json("T1"));
    assert_eq!((mode(&folder.path()), folder.names()), (0o600, vec!["session.json".to_owned()]));
}

#[test]
fn a_draft_that_leads_away_is_not_followed_and_a_session_can_still_be_read() {
    let folder = Folder::new();
    fs::write(folder.path(), json("T1")).unwrap();
    fs::write(folder.0.join("other"), "untouched").unwrap();
    symlink(folder.0.join("other"), folder.draft()).unwrap();
    let file = lock(&folder.path());
    assert_eq!(read(&folder.path()).unwrap(), Some(session("T1")));
    let draft = folder.draft().display().to_string();
    assert_eq!(
        message(file.write(&session("T2")), &folder.path()),
        format!("`session_file` PATH can't be written, check its folder: {draft} is a symbolic link, give the path that it leads to")
    );
    assert_eq!(fs::read_to_string(folder.0.join("other")).unwrap(), "untouched");
    assert_eq!(fs::read_to_string(folder.path()).unwrap(), json("T1"));
}

#[test]
fn a_session_too_large_to_be_read_again_is_not_written() {
    let folder = Folder::new();
    fs::write(folder.path(), json("T1")).unwrap();
    let token = "T".repeat(MAX_BYTES);
    assert_eq!(
        message(lock(&folder.path()).write(&session(&token)), &folder.path()),
        "`session_file` PATH can't be written, check its folder: it would be larger than the 64 KiB that are read again"
    );
    assert_eq!(fs::read_to_string(folder.path()).unwrap(), json("T1"));
    assert_eq!(folder.names(), ["session.json"]);
}

#[test]
fn what_leaves_no_room_for_the_next_session_is_found_out_before_there_is_one() {
    let folder = Folder::new();
    let full = json("T1").replace('}', &format!(", \"note\": \"{}\"}}", "n".repeat(60_000)));
    fs::write(folder.path(), &full).unwrap();
    let file = lock(&folder.path());
    assert_eq!(read(&folder.path()).unwrap(), Some(session("T1")));
    assert_eq!(
        message(file.ensure_writable(), &folder.path()),
        "`session_file` PATH can't be written, check its folder: it would be larger than the 64 KiB that are read again"
    );
    assert_eq!(fs::read_to_string(folder.path()).unwrap(), full);
}
