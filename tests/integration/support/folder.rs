//! A folder of a test's own with a session file in it. It goes away with the test.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use serde_json::{Value, json};

use super::module::scratch_path;

/// The folder of a session file.
pub struct Folder(PathBuf);

impl Folder {
    pub fn new() -> Self {
        let path = scratch_path("session");
        fs::create_dir(&path).unwrap();
        Self(path)
    }

    /// A folder that holds a session of `@alice:hs.test` already, as this module stores it.
    pub fn with_session(homeserver_url: &str, access_token: &str) -> Self {
        let folder = Self::new();
        folder.store(&session(homeserver_url, access_token));
        folder
    }

    pub fn path(&self) -> PathBuf {
        self.0.join("session.json")
    }

    /// The path as an option takes it.
    pub fn option(&self) -> Value {
        self.path().to_str().unwrap().into()
    }

    pub fn store(&self, session: &Value) {
        fs::write(self.path(), session.to_string()).unwrap();
        fs::set_permissions(self.path(), Permissions::from_mode(0o600)).unwrap();
    }

    pub fn session(&self) -> Value {
        serde_json::from_slice(&self.bytes()).unwrap()
    }

    pub fn access_token(&self) -> String {
        self.session()["access_token"].as_str().unwrap().to_owned()
    }

    pub fn bytes(&self) -> Vec<u8> {
        fs::read(self.path()).unwrap()
    }

    /// Everything in the folder, hidden files too.
    pub fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(&self.0).unwrap();
        let mut names: Vec<String> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    /// Sets what may be done in the folder.
    pub fn allow(&self, mode: u32) {
        fs::set_permissions(&self.0, Permissions::from_mode(mode)).unwrap();
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::set_permissions(&self.0, Permissions::from_mode(0o755));
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// A session of `@alice:hs.test` as it is stored.
pub fn session(homeserver_url: &str, access_token: &str) -> Value {
    json!({"homeserver": homeserver_url, "user_id": "@alice:hs.test", "device_id": "BOT", "access_token": access_token})
}
