//! The option table, and its typed form. Which option means what is documented in the collection's module file; a test holds the two together.

use std::path::PathBuf;
use std::time::Duration;

use serde::Deserialize;
use serde_json::{Map, Value};
use strum::VariantArray;

use super::credential;
use super::facts::Facts;
use crate::ansible::argument_spec::ArgumentType::{Bool, Dict, Int, Path, Raw, Str};
use crate::ansible::argument_spec::{Argument, ArgumentError, ArgumentSpec, Parameters};
use crate::matrix::client::Transport;
use crate::matrix::homeserver_url::HomeserverUrl;
use crate::matrix::login::{Credential, Kind};
use crate::matrix::mas::admin_api::MasClient;
use crate::matrix::user_id::User;
use crate::secret::Secret;

pub const ARGUMENT_SPEC: ArgumentSpec = ArgumentSpec {
    module_name: "matrix_access_token",
    arguments: &[
        Argument::new("state", Str).choices(&["present", "absent"]).default("present"),
        Argument::new("homeserver_url", Str).alias(&["hs_url"]),
        Argument::new("user_id", Str),
        Argument::new("password", Str).secret(),
        Argument::new("login_token", Str).secret(),
        Argument::new("jwt", Str).secret(),
        Argument::new("as_token", Str).secret(),
        Argument::new("shared_secret", Str).secret(),
        Argument::new("admin_access_token", Str).secret(),
        Argument::new("mas_cli", Raw),
        Argument::new("mas_client_id", Str),
        Argument::new("mas_client_secret", Str).secret(),
        Argument::new("mas_url", Str),
        Argument::new("access_token", Str).secret(),
        Argument::new("session_file", Path),
        Argument::new("device_id", Str),
        Argument::new("device_display_name", Str).default("Ansible matrix_access_token"),
        Argument::new("refresh_token", Bool).default("false"),
        Argument::new("require_clean_device", Bool).default("false"),
        Argument::new("force", Bool).default("false"),
        Argument::new("return_token", Str).choices(&["no_log", "always", "never"]).default("no_log"),
        Argument::new("facts", Dict).default(r#"{"matrix_access_token": "access_token"}"#),
        Argument::new("wait_timeout", Int).default("60"),
        Argument::new("timeout", Int).default("30"),
        Argument::new("validate_certs", Bool).default("true"),
        Argument::new("ca_path", Path),
        Argument::new("client_cert", Path),
        Argument::new("client_key", Path),
        Argument::new("use_proxy", Bool).default("true"),
        Argument::new("http_agent", Str).default("ansible-httpget"),
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

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// A working session exists.
    #[default]
    Present,
    /// The given session is revoked.
    Absent,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReturnToken {
    /// Only where Ansible hides the result.
    #[default]
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

    fn read(parameters: &mut Parameters, credential_suspicion: Option<String>) -> Result<Self, String> {
        let homeserver = parsed(parameters, "homeserver_url", HomeserverUrl::parse)?;
        let user = parsed(parameters, "user_id", User::parse)?;
        let credential = credential::read(parameters, user.as_ref())?;
        Ok(Self {
            warnings: warnings(parameters, credential.as_ref()),
            credential_suspicion,
            state: parameters.take("state").unwrap_or_default(),
            user,
            homeserver,
            credential,
            access_token: credential::access_token(parameters)?,
            session_file: parameters.take("session_file"),
            device_id: parsed(parameters, "device_id", device_id)?,
            // A playbook's `null` arrives as an empty text, which says nothing.
            device_display_name: parameters.take("device_display_name").filter(|name: &String| !name.is_empty()),
            // Every flag of the table has a default.
            refresh_token: parameters.take("refresh_token").unwrap_or_default(),
            require_clean_device: parameters.take("require_clean_device").unwrap_or_default(),
            force: parameters.take("force").unwrap_or_default(),
            return_token: parameters.take("return_token").unwrap_or_default(),
            facts: Facts::parse(parameters.take("facts").unwrap_or_default())?,
            wait_timeout: seconds(parameters, "wait_timeout").ok_or("`wait_timeout` must be a number of seconds, 0 or more")?,
            transport: transport(parameters)?,
        })
    }

    fn consistent(self) -> Result<Self, String> {
        let no_session = self.access_token.is_none() && self.session_file.is_none();
        if self.state == State::Absent {
            let missing = "state is absent but any of the following are missing: access_token, session_file";
            return if no_session { Err(missing.into()) } else { Ok(self) };
        }
        if no_session && self.credential.is_none() {
            let credentials: Vec<_> = Kind::VARIANTS.iter().map(|kind| kind.name()).collect();
            let credentials = credentials.join(", ");
            return Err(format!("one of the following is required: {credentials}, access_token, session_file"));
        }
        if self.return_token == ReturnToken::Never && self.session_file.is_none() {
            return Err("`return_token: never` needs `session_file`: the token would be lost".into());
        }
        // The admin API's tokens are tied to no device, and live until they are logged out.
        let is_deviceless = matches!(self.credential, Some(Credential::AdminAccessToken(_)));
        let asked = [
            ("device_id", self.device_id.is_some()),
            ("refresh_token", self.refresh_token),
            ("require_clean_device", self.require_clean_device),
        ];
        match asked.into_iter().find(|(_, asked)| is_deviceless && *asked) {
            Some((name, _)) => Err(format!(
                "`{name}` cannot be combined with `admin_access_token`, whose tokens are tied to no device: leave it out, or use another credential"
            )),
            None => Ok(self),
        }
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
    let line_break = credential.filter(|credential| credential.secrets().iter().any(ends)).map(|credential| {
        let name = credential.kind().name();
        format!("`{name}` ends with a line break, which is part of it for the homeserver: remove the line break")
    });
    parameters.warnings.iter().cloned().chain(line_break).collect()
}

fn transport(parameters: &mut Parameters) -> Result<Transport, String> {
    Ok(Transport {
        timeout: seconds(parameters, "timeout")
            .filter(|time| !time.is_zero())
            .ok_or("`timeout` must be at least one second")?,
        validate_certs: parameters.take("validate_certs").unwrap_or_default(),
        ca_path: parameters.take("ca_path"),
        client_cert: parameters.take("client_cert"),
        client_key: parameters.take("client_key"),
        use_proxy: parameters.take("use_proxy").unwrap_or_default(),
        http_agent: parsed(parameters, "http_agent", http_agent)?.unwrap_or_default(),
    })
}

fn http_agent(text: &str) -> Result<String, String> {
    if text.chars().all(|letter| letter == ' ' || letter.is_ascii_graphic()) {
        return Ok(text.to_owned());
    }
    Err("may hold printable ASCII only: correct it".into())
}

/// Synapse stores longer ones, and then behind Matrix Authentication Service answers 500 to their tokens for ever.
const MAX_DEVICE_ID: usize = 255;

fn device_id(text: &str) -> Result<String, String> {
    if text.chars().count() <= MAX_DEVICE_ID {
        return Ok(text.to_owned());
    }
    Err(format!("must have at most {MAX_DEVICE_ID} characters: shorten it"))
}

/// Ten years, in seconds: whoever means forever gets it, and no clock overflows.
const MAX_SECONDS: u64 = 10 * 365 * 24 * 60 * 60;

fn seconds(parameters: &mut Parameters, name: &str) -> Option<Duration> {
    parameters.take(name).map(|seconds: u64| Duration::from_secs(seconds.min(MAX_SECONDS)))
}

/// A text with a form of its own. Why it doesn't have that form follows the name of the option.
pub(crate) fn parsed<T>(parameters: &mut Parameters, name: &str, parse: fn(&str) -> Result<T, String>) -> Result<Option<T>, String> {
    let text: Option<String> = parameters.take(name);
    text.map(|text| parse(&text)).transpose().map_err(|reason| format!("`{name}` {reason}"))
}
