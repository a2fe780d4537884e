//! How little a run asks for: the fewest requests, one connection, and CA certificates only where a certificate is to be checked.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::PathBuf;
use std::process::Command;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use rustix::fs::OFlags;
use rustix::io::Errno;
use serde_json::json;

use crate::support::certificates::Ca;
use crate::support::folder::Folder;
use crate::support::module::{Module, scratch_path};
use crate::support::server::{Reply, Request, Server};

const WHOAMI: &str = "GET /_matrix/client/v3/account/whoami";
const LOGIN: &str = "POST /_matrix/client/v3/login";
const LOGOUT: &str = "POST /_matrix/client/v3/logout";

/// A homeserver on which every token but `T-OLD` works until it is logged out.
fn homeserver() -> impl Fn(&Request) -> Reply + Send + Sync {
    let ended = Mutex::new(vec![Some("Bearer T-OLD".to_owned())]);
    move |request| match request.path.rsplit('/').next() {
        Some("login") => Reply::Json(200, json!({"user_id": "@alice:hs.test", "access_token": "T-NEW", "device_id": "NEW"})),
        Some("logout") => {
            ended.lock().unwrap().push(request.header("Authorization").map(str::to_owned));
            Reply::Json(200, json!({}))
        }
        _ if ended.lock().unwrap().contains(&request.header("Authorization").map(str::to_owned)) => {
            Reply::error(401, "M_UNKNOWN_TOKEN", "Unrecognised access token")
        }
        _ if request.header("Authorization") == Some("Bearer T-NEW") => {
            Reply::Json(200, json!({"user_id": "@alice:hs.test", "device_id": "NEW"}))
        }
        _ => Reply::Json(200, json!({"user_id": "@alice:hs.test", "device_id": "BOT"})),
    }
}

/// What is asked of a server when this task runs at it with this token in its session file.
fn asked(server: &Server, url: &str, token: &str, task: impl FnOnce(Module) -> Module) -> Vec<String> {
    let folder = Folder::with_session(url, token);
    let module = Module::login(url, "@alice:hs.test").with("session_file", folder.option());
    task(module).run().success();
    server.asked()
}

#[test]
fn each_state_takes_the_fewest_requests_and_one_connection() {
    let ca = Ca::new();
    let ca_path = ca.file();
    let ca_path = ca_path.to_str().unwrap();
    let kept = |module: Module| module;
    let absent = |module: Module| module.without("password").with("state", "absent");
    let replaced = |module: Module| module.with("force", true);
    for tls in [false, true] {
        let ask = |token, task: &dyn Fn(Module) -> Module| {
            let server = if tls {
                Server::https(ca.certify("localhost").server(), homeserver())
            } else {
                Server::http(homeserver())
            };
            let url = format!("{}://localhost:{}", if tls { "https" } else { "http" }, server.port);
            let asked = asked(&server, &url, token, |module| task(module.with("ca_path", ca_path)));
            assert_eq!(server.connections(), 1, "{asked:?}");
            asked
        };
        assert_eq!(ask("T-OK", &kept), [WHOAMI]);
        assert_eq!(ask("T-OK", &absent), [LOGOUT, WHOAMI]);
        assert_eq!(ask("T-OLD", &kept), [WHOAMI, LOGIN, WHOAMI]);
        assert_eq!(ask("T-OK", &replaced), [LOGIN, WHOAMI, LOGOUT]);
    }
}

#[test]
fn a_first_login_takes_two_requests() {
    let server = Server::http(homeserver());
    Module::login(&server.url(), "@alice:hs.test").run().success();
    assert_eq!(server.asked(), [LOGIN, WHOAMI]);
}

#[test]
fn a_connection_on_which_the_server_hung_up_is_not_used_again() {
    let server = Server::http(|request| match request.method.as_str() {
        // Nothing is said of that.
        "GET" if request.header("Authorization") == Some("Bearer T-OLD") => {
            Reply::Raw(b"HTTP/1.1 401 X\r\nContent-Length: 52\r\n\r\n{\"errcode\": \"M_UNKNOWN_TOKEN\", \"error\": \"Unknown\"}  ".to_vec())
        }
        _ => Reply::Json(200, json!({"user_id": "@alice:hs.test", "access_token": "T-NEW", "device_id": "NEW"})),
    });
    assert_eq!(asked(&server, &server.url(), "T-OLD", |module| module), [WHOAMI, LOGIN, WHOAMI]);
    assert_eq!(server.connections(), 2);
}

#[test]
fn an_answer_that_nobody_asked_for_is_none_to_the_next_question() {
    let ca = Ca::new();
    let session = json!({"user_id": "@alice:hs.test", "access_token": "T-NEW", "device_id": "NEW"});
    let stray = json!({"user_id": "@alice:hs.test", "access_token": "T-STRAY", "device_id": "D"}).to_string();
    let unknown = r#"{"errcode": "M_UNKNOWN_TOKEN"}"#;
    let unasked = format!("HTTP/1.1 200 X\r\nContent-Length: {}\r\n\r\n{stray}", stray.len());
    // The first one is as long as the client's buffer, so that the second one stays behind in what was decrypted.
    let head = |length| format!("HTTP/1.1 401 X\r\nContent-Length: {length}\r\n\r\n");
    let length = 8192 - head(8000).len();
    let head = format!("{}{unknown:<length$}{unasked}", head(length));
    let server = Server::https(ca.certify("localhost").server(), move |request| match request.method.as_str() {
        "GET" if request.header("Authorization") == Some("Bearer T-OLD") => Reply::endless(&head, "", 3_600_000),
        _ => Reply::Json(200, session.clone()),
    });
    let url = format!("https://localhost:{}", server.port);
    let ca_path = ca.file();
    let asked = asked(&server, &url, "T-OLD", |module| module.with("ca_path", ca_path.to_str().unwrap()));
    assert_eq!(asked, [WHOAMI, LOGIN, WHOAMI]);
    assert_eq!(server.connections(), 2);
}

/// A system store of CA certificates that notices whether anybody reads it.
struct Store {
    path: PathBuf,
    pem: String,
}

impl Store {
    /// Holds this CA.
    fn of(ca: &Ca) -> Self {
        let path = scratch_path("store.pem");
        assert!(Command::new("mkfifo").arg(&path).status().unwrap().success());
        let pem = fs::read_to_string(ca.file()).unwrap();
        Self { path, pem }
    }

    /// Whether it was read while the task ran, which must succeed.
    fn is_read_by(&self, module: Module) -> bool {
        let over = AtomicBool::new(false);
        let module = module.environment("SSL_CERT_FILE", self.path.to_str().unwrap());
        let module = module.environment("SSL_CERT_DIR", "/var/empty-for-the-test");
        thread::scope(|scope| {
            let reader = scope.spawn(|| self.wait_for_a_reader(&over));
            module.run().success();
            over.store(true, Ordering::SeqCst);
            reader.join().unwrap()
        })
    }

    /// A pipe can be opened for writing without waiting as soon as somebody has it open for reading.
    fn wait_for_a_reader(&self, over: &AtomicBool) -> bool {
        let nonblocking = i32::try_from(OFlags::NONBLOCK.bits()).unwrap();
        while !over.load(Ordering::SeqCst) {
            match OpenOptions::new().write(true).custom_flags(nonblocking).open(&self.path) {
                Ok(mut pipe) => {
                    pipe.write_all(self.pem.as_bytes()).unwrap();
                    return true;
                }
                Err(error) => assert_eq!(Errno::from_io_error(&error), Some(Errno::NXIO)),
            }
            thread::sleep(Duration::from_millis(1));
        }
        false
    }
}

#[test]
fn the_system_trust_store_is_read_only_where_a_certificate_is_to_be_checked() {
    let ca = Ca::new();
    let store = Store::of(&ca);
    let plain = Server::http(homeserver());
    let https = Server::https(ca.certify("localhost").server(), homeserver());
    let url = format!("https://localhost:{}", https.port);
    let over_tls = || Module::login(&url, "@alice:hs.test");
    assert!(!store.is_read_by(Module::login(&plain.url(), "@alice:hs.test")));
    assert!(!store.is_read_by(over_tls().with("validate_certs", false)));
    assert!(store.is_read_by(over_tls()));
    fs::remove_file(&store.path).unwrap();
}
