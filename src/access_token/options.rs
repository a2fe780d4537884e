//! The option table, and its typed form. Which option means what is documented in the collection's module file; a test holds the two together.

use std::path::PathBuf;
use std::time::Duration;

use serde_json::{Map, Value};

use super::credential;
use super::facts::Facts;
use crate::ansible::argument_spec::{Argument, ArgumentError, ArgumentSpec, DefaultValue, Parameters};
use crate::matrix::client::Transport;
use crate::matrix::homeserver_url::HomeserverUrl;
use crate::matrix::login::{Credential, Kind};
use crate::matrix::mas::admin_api::MasClient;
use crate::matrix::user_id::User;
use crate::secret::Secret;

pub const ARGUMENT_SPEC: ArgumentSpec = ArgumentSpec {
    module_name: "matrix_access_token",
    arguments: &[
        Argument::str("state").choices(&["present", "absent"]).default(DefaultValue::Str("present")),
        Argument::str("homeserver_url").alias(&["hs_url"]),
        Argument::str("user_id"),
        Argument::str("password").secret(),
        Argument::str("login_token").secret(),
        Argument::str("jwt").secret(),
        Argument::str("as_token").secret(),
        Argument::str("shared_secret").secret(),
        Argument::str("admin_access_token").secret(),
        Argument::raw("mas_cli"),
        Argument::str("mas_client_id"),
        Argument::str("mas_client_secret").secret(),
        Argument::str("mas_url"),
        Argument::str("access_token").secret(),
        Argument::path("session_file"),
        Argument::str("device_id"),
        Argument::str("device_display_name").default(DefaultValue::Str("Ansible matrix_access_token")),
        Argument::bool("refresh_token").default(DefaultValue::Bool(false)),
        Argument::bool("require_clean_device").default(DefaultValue::Bool(false)),
        Argument::bool("force").default(DefaultValue::Bool(false)),
        Argument::str("return_token")
            .choices(&["no_log", "always", "never"])
            .default(DefaultValue::Str("no_log")),
        Argument::dict("facts").default(DefaultValue::Dict(&[("matrix_access_token", "access_token")])),
        Argument::int("wait_timeout").default(DefaultValue::Int(60)),
        Argument::int("timeout").default(DefaultValue::Int(30)),
        Argument::bool("validate_certs").default(DefaultValue::Bool(true)),
        Argument::path("ca_path"),
        Argument::path("client_cert"),
        Argument::path("client_key"),
        Argument::bool("use_proxy").default(DefaultValue::Bool(true)),
        Argument::str("http_agent").default(DefaultValue::Str("ansible-httpget")),
    ],
    mutually_exclusive: &[&[
        "password",
        "login_token",
        "jwt",
        "as_token",
        "shared_secret",
        "admin_access_token",
        "mas_cli",
        "mas_client_id",
    ]],
    required_together: &[&["mas_client_id", "mas_client_secret"]],
};

/// The options of one task, checked: what contradicts itself can't be expressed.
#[derive(Debug)]
pub struct Options {
    pub state: State,
    pub user: Option<User>,
    /// Where; `None` is to be found out.
    pub homeserver: Option<HomeserverUrl>,
    pub credential: Option<Credential>,
    /// What is odd about its value, for the hint if it is refused.
    pub credential_suspicion: Option<String>,
    pub access_token: Option<Secret>,
    pub session_file: Option<PathBuf>,
    pub device_id: Option<String>,
    pub device_display_name: Option<String>,
    pub refresh_token: bool,
    /// Fail on a new session whose device has encryption keys.
    pub require_clean_device: bool,
    pub force: bool,
    pub return_token: ReturnToken,
    pub facts: Facts,
    pub wait_timeout: Duration,
    pub transport: Transport,
    warnings: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// A working session exists.
    Present,
    /// The given session is revoked.
    Absent,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReturnToken {
    /// Only where Ansible hides the result.
    NoLog,
    Always,
    Never,
}

impl Options {
    /// Checks the parameters as `AnsibleModule` would, then what only this module knows.
    pub fn check(parameters: Map<String, Value>) -> Result<Self, ArgumentError> {
        let secrets = ARGUMENT_SPEC.secrets(&parameters);
        let suspicion = credential::suspicion(&parameters);
        let mut parameters = ARGUMENT_SPEC.check(parameters)?;
        let options = Self::read(&mut parameters, suspicion).and_then(Self::consistent);
        options.map_err(|message| ArgumentError::new(&message, parameters.warnings, &secrets))
    }

    fn consistent(self) -> Result<Self, String> {
        match self.state {
            State::Present => self.check_present()?,
            State::Absent => self.check_absent()?,
        }
        Ok(self)
    }

    fn read(parameters: &mut Parameters, credential_suspicion: Option<String>) -> Result<Self, String> {
        let homeserver = named("homeserver_url", text(parameters, "homeserver_url").map(|url| HomeserverUrl::parse(&url)))?;
        let user = named("user_id", text(parameters, "user_id").map(|user| User::parse(&user)))?;
        let credential = credential::read(parameters, user.as_ref())?;
        Ok(Self {
            warnings: warnings(parameters, credential.as_ref()),
            credential_suspicion,
            state: if text(parameters, "state").as_deref() == Some("absent") { State::Absent } else { State::Present },
            user,
            homeserver,
            credential,
            access_token: credential::access_token(parameters)?,
            session_file: parameters.path("session_file"),
            device_id: device_id(text(parameters, "device_id"))?,
            device_display_name: text(parameters, "device_display_name"),
            refresh_token: flag(parameters, "refresh_token"),
            require_clean_device: flag(parameters, "require_clean_device"),
            force: flag(parameters, "force"),
            return_token: return_token(text(parameters, "return_token").as_deref()),
            facts: Facts::parse(parameters.dict("facts").unwrap_or_default())?,
            wait_timeout: seconds(parameters, "wait_timeout").ok_or("`wait_timeout` must be a number of seconds, 0 or more")?,
            transport: transport(parameters)?,
        })
    }

    fn check_present(&self) -> Result<(), String> {
        if self.credential.is_none() && self.access_token.is_none() && self.session_file.is_none() {
            let credentials = Kind::ALL.map(Kind::name).join(", ");
            return Err(format!("one of the following is required: {credentials}, access_token, session_file"));
        }
        if self.return_token == ReturnToken::Never && self.session_file.is_none() {
            return Err("`return_token: never` needs `session_file`: the token would be lost".into());
        }
        match &self.credential {
            Some(Credential::AdminAccessToken(_)) => self.check_deviceless(),
            _ => Ok(()),
        }
    }

    /// The admin API's tokens are tied to no device, and live until they are logged out.
    fn check_deviceless(&self) -> Result<(), String> {
        let asked = [
            ("device_id", self.device_id.is_some()),
            ("refresh_token", self.refresh_token),
            ("require_clean_device", self.require_clean_device),
        ];
        match asked.into_iter().find(|(_, asked)| *asked) {
            Some((name, _)) => Err(format!(
                "`{name}` cannot be combined with `admin_access_token`, whose tokens are tied to no device: leave it out, or use another credential"
            )),
            None => Ok(()),
        }
    }

    fn check_absent(&self) -> Result<(), String> {
        if self.access_token.is_none() && self.session_file.is_none() {
            return Err("state is absent but any of the following are missing: access_token, session_file".into());
        }
        Ok(())
    }

    /// The client of Matrix Authentication Service, if that is the credential.
    pub fn mas_client(&self) -> Option<&MasClient> {
        match &self.credential {
            Some(Credential::MasClient(mas_client)) => Some(mas_client),
            _ => None,
        }
    }

    /// How long another run with such options may use the session file.
    pub fn longest_run(&self) -> Duration {
        self.wait_timeout + 2 * self.transport.timeout
    }

    /// What the playbook's author should know, with this homeserver or while none is known.
    pub fn warnings_at(&self, homeserver: Option<&HomeserverUrl>) -> impl Iterator<Item = String> {
        let mas = self.mas_client().and_then(|mas_client| mas_client.url.as_ref());
        let exposed = |url: &HomeserverUrl| {
            let warning = format!("{url} is not encrypted: anybody on the network path can read the secrets of this task");
            url.is_exposed().then_some(warning)
        };
        let exposed = homeserver.and_then(exposed).into_iter().chain(mas.and_then(exposed));
        self.warnings.iter().cloned().chain(exposed)
    }

    pub fn secrets(&self) -> impl Iterator<Item = &Secret> {
        self.credential.iter().flat_map(Credential::secrets).chain(&self.access_token)
    }
}

fn warnings(parameters: &Parameters, credential: Option<&Credential>) -> Vec<String> {
    let ends = |secret: &&Secret| secret.expose_secret().ends_with(['\n', '\r']);
    let line_break = credential.filter(|credential| credential.secrets().iter().any(ends));
    let line_break = line_break.map(|credential| {
        format!(
            "`{}` ends with a line break, which is part of it for the homeserver: remove the line break",
            credential.kind().name()
        )
    });
    parameters.warnings.iter().cloned().chain(line_break).collect()
}

fn transport(parameters: &mut Parameters) -> Result<Transport, String> {
    Ok(Transport {
        timeout: seconds(parameters, "timeout")
            .filter(|time| !time.is_zero())
            .ok_or("`timeout` must be at least one second")?,
        validate_certs: flag(parameters, "validate_certs"),
        ca_path: parameters.path("ca_path"),
        client_cert: parameters.path("client_cert"),
        client_key: parameters.path("client_key"),
        use_proxy: flag(parameters, "use_proxy"),
        http_agent: http_agent(text(parameters, "http_agent").unwrap_or_default())?,
    })
}

fn http_agent(http_agent: String) -> Result<String, String> {
    if http_agent.chars().all(|letter| letter == ' ' || letter.is_ascii_graphic()) {
        return Ok(http_agent);
    }
    Err("`http_agent` may hold printable ASCII only: correct it".into())
}

/// Synapse stores longer ones, and then behind Matrix Authentication Service answers 500 to their tokens for ever.
const MAX_DEVICE_ID: usize = 255;

fn device_id(device_id: Option<String>) -> Result<Option<String>, String> {
    match device_id {
        Some(device_id) if device_id.chars().count() > MAX_DEVICE_ID => {
            Err(format!("`device_id` must have at most {MAX_DEVICE_ID} characters: shorten it"))
        }
        device_id => Ok(device_id),
    }
}

fn return_token(choice: Option<&str>) -> ReturnToken {
    match choice {
        Some("always") => ReturnToken::Always,
        Some("never") => ReturnToken::Never,
        _ => ReturnToken::NoLog,
    }
}

/// A text that says something: a playbook's `null` arrives as an empty one.
pub(crate) fn text(parameters: &mut Parameters, name: &str) -> Option<String> {
    parameters.str(name).filter(|text| !text.is_empty())
}

/// Every flag of the table has a default, which a playbook's `null` doesn't take away.
fn flag(parameters: &mut Parameters, name: &str) -> bool {
    parameters.bool(name).unwrap_or_default()
}

/// Ten years, in seconds: whoever means forever gets it, and no clock overflows.
const MAX_SECONDS: u64 = 10 * 365 * 24 * 60 * 60;

fn seconds(parameters: &mut Parameters, name: &str) -> Option<Duration> {
    parameters
        .int(name)
        .and_then(|seconds| u64::try_from(seconds).ok())
        .map(|seconds| Duration::from_secs(seconds.min(MAX_SECONDS)))
}

pub(crate) fn named<T>(name: &str, value: Option<Result<T, String>>) -> Result<Option<T>, String> {
    value.transpose().map_err(|reason| format!("`{name}` {reason}"))
}
