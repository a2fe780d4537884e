//! One run of the built binary, as Ansible makes it: options in a file, one JSON object back.

use std::fs;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};

use rustix::process::{Pid, Signal, kill_process};
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
    wrapper: Vec<String>,
    secrets: Vec<String>,
}

/// A run that has begun.
pub struct Running {
    process: Child,
    _options: ArgsFile,
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
            wrapper: Vec::new(),
            secrets: vec![PASSWORD.into()],
        }
    }

    /// A task that logs `user_id` in at `homeserver_url` with [`PASSWORD`], without patience: what fails, fails at once.
    pub fn login(homeserver_url: &str, user_id: &str) -> Self {
        Self::as_user(homeserver_url, user_id).with("password", PASSWORD)
    }

    /// The same without a credential.
    pub fn as_user(homeserver_url: &str, user_id: &str) -> Self {
        Self::new().with("homeserver_url", homeserver_url).with("user_id", user_id).with("wait_timeout", 0)
    }

    /// The same task in check mode.
    pub fn check(self) -> Self {
        self.with("_ansible_check_mode", true)
    }

    /// Takes an option back.
    pub fn without(mut self, name: &str) -> Self {
        self.options.remove(name);
        self
    }

    /// Runs it by means of another program, which takes the command to run as its last arguments.
    pub fn through(mut self, wrapper: &[&str]) -> Self {
        self.wrapper = wrapper.iter().map(|&word| word.to_owned()).collect();
        self
    }

    /// Runs it as a user for whom permissions count, which they don't for root unless it gives that up.
    pub fn unprivileged(self) -> Self {
        if rustix::process::geteuid().is_root() {
            const NO_WAY_AROUND: [&str; 3] = [
                "setpriv",
                "--bounding-set=-dac_override,-dac_read_search",
                "--inh-caps=-dac_override,-dac_read_search",
            ];
            self.through(&NO_WAY_AROUND)
        } else {
            self
        }
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

    /// Ends the run, and with it the test, after 20 seconds or when it wants more than 16 MiB of memory.
    pub fn confined(self) -> Self {
        self.through(&["sh", "-c", "ulimit -d 16384 && exec timeout 20 \"$@\"", "sh"])
    }

    /// Runs it, and checks what holds for every run: one JSON object on one line, nothing on standard error, no secret anywhere.
    #[track_caller]
    pub fn run(self) -> Outcome {
        self.start().end()
    }

    /// Begins a run.
    pub fn start(self) -> Running {
        let options = ArgsFile::new(&Value::Object(self.options));
        let mut words = self.wrapper.iter().map(String::as_str).chain([BINARY]);
        let mut command = Command::new(words.next().unwrap());
        for proxy in ["http_proxy", "https_proxy", "no_proxy"] {
            command.env_remove(proxy).env_remove(proxy.to_uppercase());
        }
        let command = command.args(words).arg(&options.0).envs(self.environment);
        let process = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        Running { process, _options: options, secrets: self.secrets }
    }
}

impl Running {
    /// Waits for its end, and checks what holds for every run.
    #[track_caller]
    pub fn end(self) -> Outcome {
        Outcome::of(&self.process.wait_with_output().unwrap(), &self.secrets)
    }

    /// Stops it as soon as it waits for something, and lets it go on.
    pub fn interrupt(&self) {
        let process = Pid::from_child(&self.process);
        let state = || fs::read_to_string(format!("/proc/{}/stat", self.process.id())).unwrap();
        let wait_for = |letter: &str| while !state().contains(&format!(") {letter} ")) {};
        wait_for("S");
        kill_process(process, Signal::STOP).unwrap();
        wait_for("T");
        kill_process(process, Signal::CONT).unwrap();
    }

    /// Sends a signal, and waits: the number of the signal that has ended it.
    pub fn end_by(mut self, signal: Signal) -> Option<i32> {
        kill_process(Pid::from_child(&self.process), signal).unwrap();
        self.process.wait().unwrap().signal()
    }

    /// SIGKILL.
    pub fn kill(mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}

impl Outcome {
    /// Reads what a process left behind.
    #[track_caller]
    pub fn of(output: &Output, secrets: &[String]) -> Self {
        let stdout = String::from_utf8(output.stdout.clone()).unwrap();
        assert_eq!(String::from_utf8_lossy(&output.stderr), "", "stderr of a run that printed {stdout}");
        assert_eq!(stdout.matches('\n').count(), 1, "stdout is one line: {stdout:?}");
        for secret in secrets {
            assert!(!stdout.contains(secret.as_str()), "stdout shows a secret: {stdout}");
        }
        let result: Value = serde_json::from_str(&stdout).unwrap();
        assert!(result.is_object() && result.get("rc").is_none(), "{result}");
        Self { status: output.status.code().unwrap(), result }
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
        assert_eq!((self.status, self.result.get("failed")), (1, Some(&Value::Bool(true))), "{}", self.result);
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
