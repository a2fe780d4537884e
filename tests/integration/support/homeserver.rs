//! A real homeserver (Synapse), started by `tests/homeserver/`, and what a test asks it beside the module.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::{Value, json};

use super::module::PASSWORD;

/// A running homeserver. It ends when its standard input does: with this process at the latest, however that ends.
pub struct Homeserver {
    pub url: String,
    description: Value,
    admin: OnceLock<String>,
    _process: Child,
    _lifeline: ChildStdin,
}

impl Homeserver {
    /// The one that tests share: rate limits as good as off, every test has users of its own.
    pub fn shared() -> &'static Self {
        static SHARED: OnceLock<Homeserver> = OnceLock::new();
        SHARED.get_or_init(|| Self::start(&[]))
    }

    /// One for a single test, with flags of `homeserver.py serve`.
    pub fn start(flags: &[&str]) -> Self {
        let mut process = Command::new(python())
            .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/homeserver/homeserver.py"))
            .arg("serve")
            .args(flags)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the homeserver needs the Python environment that `make setup` makes");
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let description: Value = serde_json::from_str(&line).expect("the homeserver did not start; its log is above");
        let url = description["homeserver_url"].as_str().unwrap().to_owned();
        Self {
            url,
            description,
            admin: OnceLock::new(),
            _lifeline: process.stdin.take().unwrap(),
            _process: process,
        }
    }

    /// Where its files are.
    pub fn directory(&self) -> &str {
        self.description["directory"].as_str().unwrap()
    }

    /// Registers a user of this name, made unique, with [`PASSWORD`]; returns its full Matrix ID.
    pub fn register(&self, name: &str) -> String {
        self.register_with(name, &[])
    }

    /// Registers a server administrator and logs it in; returns its full Matrix ID and its token.
    pub fn administrator(&self) -> (String, String) {
        let user_id = self.register_with("admin", &["--admin"]);
        let token = self.log_in(&user_id, "ADMIN");
        (user_id, token)
    }

    fn register_with(&self, name: &str, flags: &[&str]) -> String {
        static COUNTER: AtomicUsize = AtomicUsize::new(0);
        let user = format!("{name}{}", COUNTER.fetch_add(1, Ordering::Relaxed));
        let status = Command::new(python())
            .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/homeserver/homeserver.py"))
            .args(["register", self.directory(), &user, PASSWORD])
            .args(flags)
            .stdout(Stdio::null())
            .status();
        assert!(status.unwrap().success());
        format!("@{user}:{}", self.description["server_name"].as_str().unwrap())
    }

    /// A token for the admin API.
    pub fn admin(&self) -> &str {
        self.admin.get_or_init(|| self.log_in(&self.register_with("admin", &["--admin"]), "ADMIN"))
    }

    /// A token as anybody gets it who knows the password.
    pub fn log_in(&self, user_id: &str, device_id: &str) -> String {
        let identifier = json!({"type": "m.id.user", "user": user_id});
        let login = json!({"type": "m.login.password", "identifier": identifier, "password": PASSWORD, "device_id": device_id});
        let session = self.post("/_matrix/client/v3/login", "", &login);
        session["access_token"].as_str().unwrap().to_owned()
    }

    /// `GET` of an endpoint in the name of a token: status and body.
    pub fn get(&self, path: &str, access_token: &str) -> (u16, Value) {
        Self::call(access_token, ureq::http::Request::get(format!("{}{path}", self.url)), String::new())
    }

    /// The same with a JSON body, by `POST` or `PUT`.
    pub fn send(&self, method: &str, path: &str, access_token: &str, body: &Value) -> (u16, Value) {
        let request = ureq::http::Request::builder().method(method).uri(format!("{}{path}", self.url));
        Self::call(access_token, request, body.to_string())
    }

    /// `POST` that must succeed.
    pub fn post(&self, path: &str, access_token: &str, body: &Value) -> Value {
        let (status, body) = self.send("POST", path, access_token, body);
        assert_eq!(status, 200, "{body}");
        body
    }

    fn call(access_token: &str, request: ureq::http::request::Builder, body: String) -> (u16, Value) {
        let agent: ureq::Agent = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .allow_non_standard_methods(true)
            .proxy(None)
            .build()
            .into();
        let request = request
            .header("Authorization", format!("Bearer {access_token}"))
            // The module has the rate limits of its own address for itself.
            .header("X-Forwarded-For", "192.0.2.1");
        let mut response = agent.run(request.body(body).unwrap()).unwrap();
        let body = response.body_mut().read_to_string().unwrap();
        (response.status().as_u16(), serde_json::from_str(&body).unwrap())
    }

    /// Lets nobody use the user's sessions, or lets them again.
    pub fn lock(&self, user_id: &str, locked: bool) {
        let path = format!("/_synapse/admin/v2/users/{user_id}");
        let (status, body) = self.send("PUT", &path, self.admin(), &json!({"locked": locked}));
        assert_eq!(status, 200, "{body}");
    }

    /// Uploads identity keys for the device, as an encrypting client does first of all.
    pub fn upload_device_keys(&self, user_id: &str, device_id: &str, access_token: &str) {
        let key = |algorithm: &str| format!("{algorithm}:{device_id}");
        let device_keys = json!({
            "user_id": user_id,
            "device_id": device_id,
            "algorithms": ["m.olm.v1.curve25519-aes-sha2"],
            "keys": {key("curve25519"): "C".repeat(43), key("ed25519"): "E".repeat(43)},
            "signatures": {user_id: {key("ed25519"): "S".repeat(86)}},
        });
        self.post("/_matrix/client/v3/keys/upload", access_token, &json!({"device_keys": device_keys}));
    }

    /// Uploads a one-time key for the token's device, which may have no identity keys.
    pub fn upload_one_time_key(&self, user_id: &str, access_token: &str) {
        let key = json!({"key": "O".repeat(43), "signatures": {user_id: {"ed25519:BOT": "S".repeat(86)}}});
        let keys = json!({"one_time_keys": {"signed_curve25519:AAAAAQ": key}});
        self.post("/_matrix/client/v3/keys/upload", access_token, &keys);
    }

    /// Whether the token works.
    pub fn accepts(&self, access_token: &str) -> bool {
        self.get("/_matrix/client/v3/account/whoami", access_token).0 == 200
    }

    /// Ends a session behind the module's back.
    pub fn log_out(&self, access_token: &str) {
        self.post("/_matrix/client/v3/logout", access_token, &json!({}));
    }

    /// The user's devices, sorted.
    pub fn devices_of(&self, user_id: &str) -> Vec<String> {
        let (_, body) = self.get(&format!("/_synapse/admin/v2/users/{user_id}/devices"), self.admin());
        let devices = body["devices"].as_array().unwrap().iter();
        let mut devices: Vec<String> = devices.map(|device| device["device_id"].as_str().unwrap().to_owned()).collect();
        devices.sort();
        devices
    }

    /// Whose the token is.
    pub fn whoami(&self, access_token: &Value) -> Value {
        let (status, body) = self.get("/_matrix/client/v3/account/whoami", access_token.as_str().unwrap());
        assert_eq!(status, 200, "{body}");
        body
    }

    /// The devices of the token's user, by name and sorted.
    pub fn devices(&self, access_token: &Value) -> Vec<Value> {
        let (_, body) = self.get("/_matrix/client/v3/devices", access_token.as_str().unwrap());
        let mut devices: Vec<Value> = body["devices"]
            .as_array()
            .unwrap()
            .iter()
            .map(|device| json!([device["device_id"], device["display_name"]]))
            .collect();
        devices.sort_by_key(ToString::to_string);
        devices
    }
}

/// The interpreter of the environment that `make setup` makes.
pub fn python() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(".venv/bin/python")
}
