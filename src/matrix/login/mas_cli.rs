//! A compatibility token for any user of Matrix Authentication Service, by its command `mas-cli manage issue-compatibility-token`.
//! <https://element-hq.github.io/matrix-authentication-service/reference/cli/manage.html>

use super::{Wishes, mas_device_id, mas_session};
use crate::matrix::client::Client;
use crate::matrix::error::Error;
use crate::matrix::homeserver_url::HomeserverUrl;
use crate::matrix::mas::command::{self, End};
use crate::matrix::session::Session;
use crate::matrix::user_id::User;
use crate::secret::{STARS, Secret};

#[derive(Clone, Debug)]
pub struct MasCli {
    /// Whose session.
    pub user: User,
    /// What runs `mas-cli`, and its arguments.
    pub command: Vec<String>,
}

/// What stands before the token in the line that the command logs.
const ISSUED: &str = "Compatibility token issued: ";

impl MasCli {
    pub(crate) fn log_in(&self, client: &Client, homeserver: &HomeserverUrl, wishes: Wishes) -> Result<Session, Error> {
        let (user, device_id) = (self.user.localpart(), mas_device_id(wishes)?);
        if user.starts_with('-') {
            let reason = "begins with -, which `mas-cli` takes for an option of its own".into();
            return Err(Error::Config { name: "user_id", reason });
        }
        let arguments = ["manage", "issue-compatibility-token", user, &device_id];
        let ended = command::run(&self.command, &arguments, client.timeout());
        let output = ended.output.as_str();
        let Some(token) = issued_token(output) else {
            return Err(self.failure(&ended.end, output));
        };
        client.guard(&token);
        Ok(mas_session(homeserver, &self.user, device_id, token))
    }

    fn failure(&self, end: &End, output: &str) -> Error {
        let name = self.command.join(" ");
        let (what, next_step) = match end {
            End::NotStarted(reason) if reason.contains("ermission denied") => (
                format!("can't be run: {reason}"),
                "make it executable, or run the task as another user (`become`)",
            ),
            End::NotStarted(reason) => (
                format!("can't be run: {reason}"),
                "check `mas_cli` on the host that runs the task, which may be another one (`delegate_to`)",
            ),
            End::TimedOut => (
                "did not end in time and was stopped".into(),
                "raise `timeout`, or run it manually to see what it waits for",
            ),
            End::Success => (
                "succeeded, but printed no token that this module can read".into(),
                "report it with the version of Matrix Authentication Service, and give the token as `access_token` until then",
            ),
            End::Failure(status) => (format!("failed ({status}): {}", error_line(output)), next_step(output)),
        };
        Error::Mas {
            problem: format!("the command `{name}` {what}"),
            next_step: next_step.into(),
            status: None,
        }
    }
}

/// Colours and line ends are no part of it.
fn issued_token(output: &str) -> Option<Secret> {
    let (_, rest) = output.split_once(ISSUED)?;
    let token = rest.split(|letter: char| !letter.is_ascii_graphic()).next()?;
    Some(Secret::new(token.to_owned())).filter(Secret::is_header_safe)
}

/// The line that says what went wrong: before a backtrace, if there is one. A word that is long enough to be a token is redacted.
fn error_line(output: &str) -> String {
    let mut parts = output.split('\u{1b}');
    let plain: String = parts
        .next()
        .into_iter()
        .chain(parts.map(|part| part.split_once('m').map_or(part, |(_, text)| text)))
        .collect();
    let lines = || plain.lines().map(str::trim).filter(|line| !line.is_empty());
    let line = lines()
        .rfind(|line| line.starts_with("Error") || line.contains(" ERROR "))
        .or_else(|| lines().next_back());
    let line = line.unwrap_or("it printed nothing");
    let words = line.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_');
    words
        .filter(|word| word.len() > LONGEST_WORD)
        .fold(line.to_owned(), |line, word| line.replace(word, STARS))
}

/// `matrix_authentication_service` is shown, a token is not.
const LONGEST_WORD: usize = 30;

fn next_step(output: &str) -> &'static str {
    let has = |text: &str| output.to_lowercase().contains(text);
    if has("user not found") {
        "check `user_id`, or create the user in Matrix Authentication Service first (it knows no users of bridges)"
    } else if has("permission denied") || has("dial unix") {
        "run the task as a user who may run commands in containers: as root (`become: true`), or in the group docker"
    } else if has("no such container") || has("is not running") || has("not found") || has("no container") {
        "check the names in `mas_cli`, and that the container of Matrix Authentication Service runs"
    } else if has("homeserver") {
        "check that the homeserver runs, and that Matrix Authentication Service can reach it"
    } else {
        "run it manually; the module itself adds `manage issue-compatibility-token`, the user and the device"
    }
}
