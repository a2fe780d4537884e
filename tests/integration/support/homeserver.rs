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
            _lifeline: process.stdin.take().unwrap(),
            _process: process,
        }
    }

    /// Registers a user of this name, made unique, with [`PASSWORD`]; returns its full Matrix ID.
    pub fn register(&self, name: &str) -> String {
        self.register_with(name, &[])
    }

    /// Registers a server administrator and logs it in; returns its full Matrix ID and its token.
    pub fn administrator(&self) -> (String, String) {
        let user_id = self.register_with("admin", &["--admin"]);
        let token = self.log_in(&user_id);
        (user_id, token)
    }

    /// Logs a registered user in without the module.
    pub fn log_in(&self, user_id: &str) -> String {
        let login = json!({"type": "m.login.password", "identifier": {"type": "m.id.user", "user": user_id}, "password": PASSWORD});
        let (status, session) = self.send("POST", "/_matrix/client/v3/login", "", &login);
        assert_eq!(status, 200, "{session}");
        session["access_token"].as_str().unwrap().to_owned()
    }

    fn register_with(&self, name: &str, flags: &[&str]) -> String {
        static COUNTER: AtomicUsize = AtomicUsize::new(0);
        let user = format!("{name}{}", COUNTER.fetch_add(1, Ordering::Relaxed));
        let status = Command::new(python())
            .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/homeserver/homeserver.py"))
            .args(["register", self.description["directory"].as_str().unwrap(), &user, PASSWORD])
            .args(flags)
            .stdout(Stdio::null())
            .status();
        assert!(status.unwrap().success());
        format!("@{user}:{}", self.description["server_name"].as_str().unwrap())
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

    fn call(access_token: &str, request: ureq::http::request::Builder, body: String) -> (u16, Value) {
        let agent: ureq::Agent = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .allow_non_standard_methods(true)
            .proxy(None)
            .build()
            .into();
        let request = request.header("Authorization", format!("Bearer {access_token}"));
        let mut response = agent.run(request.body(body).unwrap()).unwrap();
        let body = response.body_mut().read_to_string().unwrap();
        (response.status().as_u16(), serde_json::from_str(&body).unwrap())
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
