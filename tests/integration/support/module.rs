//! One run of the built binary, as Ansible makes it: options in a file, one JSON object back.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::{Map, Value, json};

/// The binary under test.
pub const BINARY: &str = env!("CARGO_BIN_EXE_matrix_access_token");

/// A password that no output may ever show; every run is searched for it.
pub const PASSWORD: &str = "pw-LEAK-7f3a9c";

/// A task about to run.
#[must_use]
pub struct Module {
    options: Map<String, Value>,
    environment: Vec<(String, String)>,
    secrets: Vec<String>,
}

/// How a run ended.
#[derive(Debug)]
pub struct Outcome {
    pub status: i32,
    pub result: Value,
}

impl Module {
    /// A task with `no_log: true` and no options.
    pub fn new() -> Self {
        let options = json!({"_ansible_no_log": true, "_ansible_check_mode": false, "_ansible_version": "2.19.0"});
        Self {
            options: options.as_object().unwrap().clone(),
            environment: Vec::new(),
            secrets: vec![PASSWORD.into()],
        }
    }

    /// A task that logs `user_id` in at `homeserver_url` with [`PASSWORD`], without patience: what fails, fails at once.
    pub fn login(homeserver_url: &str, user_id: &str) -> Self {
        Self::as_user(homeserver_url, user_id).with("password", PASSWORD)
    }

    /// The same without a credential.
    pub fn as_user(homeserver_url: &str, user_id: &str) -> Self {
        Self::new()
            .with("homeserver_url", homeserver_url)
            .with("user_id", user_id)
            .with("wait_timeout", 0)
    }

    /// Sets an option or an `_ansible_` switch.
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.options.insert(name.into(), value.into());
        self
    }

    /// Sets a variable of the environment; proxies of the machine are always left out.
    pub fn environment(mut self, name: &str, value: impl Into<String>) -> Self {
        self.environment.push((name.into(), value.into()));
        self
    }

    /// One more text that no output may show.
    pub fn secret(mut self, secret: &str) -> Self {
        self.secrets.push(secret.into());
        self
    }

    /// Runs it, and checks what holds for every run: one JSON object on one line, nothing on standard error, no secret anywhere.
    pub fn run(self) -> Outcome {
        let file = ArgsFile::new(&Value::Object(self.options));
        let mut command = Command::new(BINARY);
        for proxy in ["http_proxy", "https_proxy", "no_proxy"] {
            command.env_remove(proxy).env_remove(proxy.to_uppercase());
        }
        Outcome::of(&command.arg(&file.0).envs(self.environment).output().unwrap(), &self.secrets)
    }
}

impl Outcome {
    /// Reads what a process left behind.
    pub fn of(output: &Output, secrets: &[String]) -> Self {
        let stdout = String::from_utf8(output.stdout.clone()).unwrap();
        assert_eq!(String::from_utf8_lossy(&output.stderr), "", "stderr of a run that printed {stdout}");
        assert_eq!(stdout.matches('\n').count(), 1, "stdout is one line: {stdout:?}");
        for secret in secrets {
            assert!(!stdout.contains(secret.as_str()), "stdout shows a secret: {stdout}");
        }
        let result: Value = serde_json::from_str(&stdout).unwrap();
        assert!(result.is_object() && result.get("rc").is_none(), "{result}");
        Self {
            status: output.status.code().unwrap(),
            result,
        }
    }

    /// The result of a run that must succeed.
    #[track_caller]
    pub fn success(self) -> Value {
        assert_eq!((self.status, self.result.get("failed")), (0, None), "{}", self.result);
        self.result
    }

    /// The result of a run that must fail.
    #[track_caller]
    pub fn failure(self) -> Value {
        assert_eq!(
            (self.status, self.result.get("failed")),
            (1, Some(&Value::Bool(true))),
            "{}",
            self.result
        );
        self.result
    }

    /// The message of a run that must fail.
    #[track_caller]
    pub fn failure_msg(self) -> String {
        self.failure()["msg"].as_str().unwrap().to_owned()
    }
}

/// A file of options that goes away with the test.
pub struct ArgsFile(pub PathBuf);

impl ArgsFile {
    pub fn new(options: &Value) -> Self {
        Self::raw(options.to_string().as_bytes())
    }

    pub fn raw(bytes: &[u8]) -> Self {
        let path = scratch_path("args");
        fs::write(&path, bytes).unwrap();
        Self(path)
    }
}

impl Drop for ArgsFile {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

/// A path that no other test uses, in a folder that cargo made for this test binary.
pub fn scratch_path(name: &str) -> PathBuf {
    static COUNTER: AtomicUsize = AtomicUsize::new(0);
    let unique = COUNTER.fetch_add(1, Ordering::Relaxed);
    Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}-{}-{unique}", std::process::id()))
}
