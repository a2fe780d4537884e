//! A compatibility token for any user of Matrix Authentication Service, by its command `mas-cli manage issue-compatibility-token`.
//! <https://element-hq.github.io/matrix-authentication-service/reference/cli/manage.html>

use std::io::{self, ErrorKind};
use std::process::ExitStatus;

use super::{Wishes, mas_device_id, mas_session};
use crate::matrix::client::{Client, Retry};
use crate::matrix::error::Error;
use crate::matrix::homeserver_url::HomeserverUrl;
use crate::matrix::mas::admin_api::NO_USER;
use crate::matrix::mas::command;
use crate::matrix::session::Session;
use crate::matrix::user_id::User;
use crate::secret::{REDACTED, Secret};

#[derive(Clone, Debug)]
pub struct MasCli {
    /// Whose session.
    pub user: User,
    /// What runs `mas-cli`, and its arguments.
    pub command: Vec<String>,
}

/// What stands before the token in the line that the command logs.
const ISSUED: &str = "Compatibility token issued: ";

/// `matrix_authentication_service` is shown, a token is not.
const LONGEST_WORD: usize = 30;

/// What went wrong, the next step, and whether it may soon be over.
type Failure = (String, &'static str, bool);

const CONTAINERS: &str = "run the task as a user who may run commands in containers: as root (`become: true`), or in the group docker";
const CONTAINER: &str = "check the names in `mas_cli`, and that the container of Matrix Authentication Service runs";
const PAUSED: &str = "unpause the container of Matrix Authentication Service";
const DAEMON: &str = "check that the daemon of the containers, or the API server of Kubernetes, runs, and that the user of the task has the settings to reach it";
const FORBIDDEN: &str = "give the user of the kubeconfig a role that may get pods and create `pods/exec` in this namespace";
const FILE: &str = "let the user that this runs as, on the host (`become`) or in the container, read the file that it names";
const DATABASE: &str = "check that the database of Matrix Authentication Service runs";
const HOMESERVER: &str = "check that the homeserver runs, and that Matrix Authentication Service can reach it";
const MANUALLY: &str = "run it manually; the module itself adds `manage issue-compatibility-token`, the user and the device";

/// What the error line of docker, podman, kubectl or `mas-cli` may say, in lower case, and the rest of a [`Failure`]. The first that fits counts.
const KNOWN: [(&str, &str, bool); 21] = [
    ("user not found", NO_USER, false),
    ("create the device on the homeserver", HOMESERVER, true),
    ("connect to the database", DATABASE, true),
    ("is forbidden", FORBIDDEN, false),
    ("permission denied while trying to connect", CONTAINERS, false),
    ("connect: permission denied", CONTAINERS, false),
    ("permission denied", FILE, false),
    ("cannot connect to", DAEMON, true),
    ("connection to the server", DAEMON, true),
    ("dial tcp", DAEMON, true),
    ("dial unix", DAEMON, true),
    ("is paused", PAUSED, false),
    ("completed pod", CONTAINER, false),
    ("is restarting", CONTAINER, true),
    ("not running", CONTAINER, true),
    ("container state improper", CONTAINER, true),
    ("not created or running", CONTAINER, true),
    ("not have a host assigned", CONTAINER, true),
    ("no such container", CONTAINER, true),
    ("container not found", CONTAINER, true),
    ("not found", CONTAINER, false),
];

impl MasCli {
    pub(crate) fn log_in(&self, client: &Client, homeserver: &HomeserverUrl, wishes: Wishes) -> Result<Session, Error> {
        let (user, device_id) = (self.user.localpart(), mas_device_id(wishes)?);
        if user.starts_with('-') {
            let reason = "begins with -, which `mas-cli` takes for an option of its own".into();
            return Err(Error::Config { name: "user_id", reason });
        }
        let arguments = ["manage", "issue-compatibility-token", user, &device_id];
        let token = client.retries.run(Retry::Idempotent, || {
            let ended = command::run(&self.command, &arguments, client.transport.timeout);
            let (status, output) = ended.map_err(|error| self.failure(not_started(&error)))?;
            issued_token(&output).ok_or_else(|| self.failure(without_token(status, &output)))
        })?;
        client.add_secrets([&token]);
        Ok(mas_session(homeserver, &self.user, device_id, token))
    }

    fn failure(&self, (what, next_step, is_outage): Failure) -> Error {
        Error::Mas {
            // The program alone: its arguments may hold secrets.
            problem: format!("the command `{}` of `mas_cli` {what}", self.command.first().map_or("", String::as_str)),
            next_step: next_step.into(),
            status: None,
            is_outage,
        }
    }
}

fn issued_token(output: &str) -> Option<Secret> {
    let (_, rest) = output.split_once(ISSUED)?;
    let token = rest.split(|letter: char| !letter.is_ascii_graphic()).next()?;
    Some(Secret::new(token.to_owned())).filter(Secret::is_header_safe)
}

fn not_started(error: &io::Error) -> Failure {
    let next_step = match error.kind() {
        ErrorKind::PermissionDenied => "make it executable, or run the task as another user (`become`)",
        _ => "check `mas_cli` on the host that runs the task, which may be another one (`delegate_to`)",
    };
    (format!("can't be run: {error}"), next_step, false)
}

fn without_token(status: Option<ExitStatus>, output: &str) -> Failure {
    let Some(status) = status else {
        let next_step = "raise `timeout`, or run it manually to see what it waits for";
        return ("did not end in time and was stopped, but may have left a session".into(), next_step, false);
    };
    if status.success() {
        let next_step = "report it with the version of Matrix Authentication Service, and give the token as `access_token` until then; end the sessions of the user \
                         that nobody needs, for they never expire";
        return (
            "succeeded, but printed no token that this module can read: it may have left a session".into(),
            next_step,
            false,
        );
    }
    let line = error_line(output);
    let line_in_lower_case = line.to_lowercase();
    let known = KNOWN.iter().find(|(text, ..)| line_in_lower_case.contains(text));
    let (_, next_step, is_outage) = known.copied().unwrap_or(("", MANUALLY, false));
    (format!("failed ({status}): {line}"), next_step, is_outage)
}

/// The line that says what went wrong: before a backtrace, if there is one. A word that is long enough to be a token is redacted.
fn error_line(output: &str) -> String {
    // What kubectl adds below the command's own words.
    let is_cause = |line: &&str| !line.is_empty() && !line.starts_with("command terminated with");
    let lines = || output.lines().map(str::trim).filter(is_cause);
    let says_error = |line: &&str| line.to_lowercase().starts_with("error") || line.contains(" ERROR ");
    let line = lines().rfind(says_error).or_else(|| lines().next_back()).unwrap_or("it printed nothing");
    let words = line.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_');
    words
        .filter(|word| word.len() > LONGEST_WORD)
        .fold(line.to_owned(), |line, word| line.replace(word, REDACTED))
}

#[cfg(test)]
mod tests;
