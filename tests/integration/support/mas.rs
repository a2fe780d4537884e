//! Matrix Authentication Service as it was recorded, in front of a real homeserver of its own, and its `mas-cli`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::{Value, json};

use super::homeserver::{Homeserver, python};

/// A running MAS. It ends with its homeserver.
pub struct Mas {
    /// The real Synapse behind, which users are registered at and which lists devices.
    pub synapse: Homeserver,
    /// Where clients reach the homeserver, which is the issuer, too.
    pub url: String,
    description: Value,
}

impl Mas {
    /// With the knobs of `tests/homeserver/mas/knobs.py`.
    pub fn start(knobs: &Value) -> Self {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/homeserver");
        let synapse = Homeserver::start(&["--settings", folder.join("mas.yml").to_str().unwrap()]);
        let mut command = Command::new(python());
        command.arg(folder.join("start_mas.py")).arg(synapse.directory());
        let started = command.args(["--knobs", &knobs.to_string()]).stderr(Stdio::inherit()).output();
        let description: Value = serde_json::from_slice(&started.unwrap().stdout).expect("MAS did not start");
        Self { synapse, url: description["homeserver_url"].as_str().unwrap().to_owned(), description }
    }

    /// A member of the description: `client_id`, `client_secret`, `admin_url`, `mas_cli`, `folder`, among others.
    pub fn get(&self, name: &str) -> &str {
        self.description[name].as_str().unwrap()
    }

    /// Sets these knobs, and all others as they are without.
    pub fn set(&self, knobs: &Value) {
        let file = PathBuf::from(self.get("knobs"));
        let new = file.with_extension("new");
        fs::write(&new, knobs.to_string()).unwrap();
        fs::rename(new, file).unwrap();
    }

    /// `METHOD path status` of every request so far. One that differs from the recorded request stops the test.
    #[track_caller]
    pub fn requests(&self) -> Vec<String> {
        lines(self.get("requests")).iter().map(request).collect()
    }

    /// Every start of `mas-cli`: `arguments`, `environment`, `stdin`, `parent`, `pid`, `process_group`, `child`.
    pub fn cli_starts(&self) -> Vec<Value> {
        lines(self.get("cli_log"))
    }

    /// Runs `mas-cli` as nobody but a test does.
    pub fn run_cli(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new(self.get("mas_cli"));
        command.args(arguments).stdin(Stdio::null()).output().unwrap()
    }

    /// The status that `whoami` has with a token, through MAS.
    pub fn whoami(&self, access_token: &str) -> u16 {
        self.call("GET", "/_matrix/client/v3/account/whoami", access_token, "").0
    }

    /// A request in the name of a token, through MAS: status and body.
    pub fn call(&self, method: &str, path: &str, access_token: &str, body: &str) -> (u16, Value) {
        let authorization = format!("Bearer {access_token}");
        Self::send(method, &format!("{}{path}", self.url), &authorization, "application/json", body)
    }

    /// The answer of the token endpoint to the client.
    pub fn client_credentials(&self) -> (u16, Value) {
        const GRANT: &str = "grant_type=client_credentials&scope=urn%3Amas%3Aadmin";
        let url = format!("{}/oauth2/token", self.url);
        Self::send("POST", &url, self.get("client_authorization"), "application/x-www-form-urlencoded", GRANT)
    }

    /// A request to the admin API in the name of the client: status and body.
    pub fn administer(&self, method: &str, path: &str, body: &str) -> (u16, Value) {
        self.administer_at(&self.url, method, path, body)
    }

    /// The same at another address: `admin_url`, where nothing but the admin API is.
    pub fn administer_at(&self, url: &str, method: &str, path: &str, body: &str) -> (u16, Value) {
        let (_, token) = self.client_credentials();
        let authorization = format!("Bearer {}", token["access_token"].as_str().unwrap());
        let url = format!("{url}/api/admin/v1/{path}");
        Self::send(method, &url, &authorization, "application/json", body)
    }

    /// What users are called in the admin API.
    pub fn user_ulid(&self, localpart: &str) -> String {
        let (_, user) = self.administer("GET", &format!("users/by-username/{localpart}"), "");
        user["data"]["id"].as_str().unwrap().to_owned()
    }

    fn send(method: &str, url: &str, authorization: &str, content_type: &str, body: &str) -> (u16, Value) {
        let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).proxy(None).build().into();
        let request = ureq::http::Request::builder().method(method).uri(url).header("Authorization", authorization);
        let mut response = if body.is_empty() {
            agent.run(request.body(()).unwrap()).unwrap()
        } else {
            let request = request.header("Content-Type", content_type);
            agent.run(request.body(body.to_owned()).unwrap()).unwrap()
        };
        let body = response.body_mut().read_to_string().unwrap();
        (response.status().as_u16(), serde_json::from_str(&body).unwrap_or(json!(body)))
    }
}

#[track_caller]
fn request(line: &Value) -> String {
    assert_eq!(line["differs"], Value::Null, "{line}");
    let text = |name: &str| line[name].as_str().unwrap();
    format!("{} {} {}", text("method"), text("path"), line["status"])
}

/// None as long as there is no file.
fn lines(file: &str) -> Vec<Value> {
    let text = fs::read_to_string(file).unwrap_or_default();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}
