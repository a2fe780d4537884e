//! A user of the real homeserver whose session is kept in a file.

use std::thread::sleep;
use std::time::{Duration, Instant};

use super::folder::Folder;
use super::homeserver::Homeserver;
use super::module::Module;

/// A user, its homeserver and its session file.
pub struct Bot<'a> {
    pub homeserver: &'a Homeserver,
    pub user_id: String,
    pub folder: Folder,
}

impl Bot<'static> {
    pub fn new(name: &str) -> Self {
        Self::at(Homeserver::shared(), name)
    }
}

impl<'a> Bot<'a> {
    pub fn at(homeserver: &'a Homeserver, name: &str) -> Self {
        Self { homeserver, user_id: homeserver.register(name), folder: Folder::new() }
    }

    /// The task that keeps its session.
    pub fn task(&self) -> Module {
        Module::login(&self.homeserver.url, &self.user_id).with("session_file", self.folder.option())
    }

    /// The task that ends it.
    pub fn absent(&self) -> Module {
        let absent = Module::new().with("state", "absent").with("session_file", self.folder.option());
        absent.with("wait_timeout", 0)
    }

    pub fn devices(&self) -> Vec<String> {
        self.homeserver.devices_of(&self.user_id)
    }

    /// Whether the stored token works.
    pub fn works(&self) -> bool {
        self.homeserver.accepts(&self.folder.access_token())
    }

    /// Waits until the server takes the stored token no longer.
    pub fn outlive(&self) {
        let deadline = Instant::now() + Duration::from_secs(20);
        while self.works() {
            assert!(Instant::now() < deadline, "the token never expires");
            sleep(Duration::from_millis(100));
        }
    }
}
