//! The option table, and its typed form. Which option means what is documented in the collection's module file; a test holds the two together.

use std::time::Duration;

use serde_json::{Map, Value};

use super::facts::Facts;
use crate::ansible::argument_spec::{Argument, ArgumentSpec, DefaultValue, Parameters};
use crate::matrix::client::Transport;
use crate::matrix::homeserver_url::HomeserverUrl;
use crate::matrix::login::Credential;
use crate::matrix::user_id::User;
use crate::secret::Secret;

/// What the module accepts.
pub const ARGUMENT_SPEC: ArgumentSpec = ArgumentSpec {
    module_name: "matrix_access_token",
    arguments: &[
        Argument::str("homeserver_url").alias(&["hs_url"]),
        Argument::str("user_id").alias(&["user", "username"]).required(),
        Argument::str("password").required().secret(),
        Argument::str("device_id"),
        Argument::str("device_display_name")
            .alias(&["initial_device_display_name"])
            .default(DefaultValue::Str("Ansible matrix_access_token")),
        Argument::str("return_token")
            .choices(&["no_log", "always", "never"])
            .default(DefaultValue::Str("no_log")),
        Argument::dict("facts").default(DefaultValue::Dict(&[("matrix_access_token", "access_token")])),
        Argument::int("timeout").default(DefaultValue::Int(30)),
        Argument::bool("validate_certs").default(DefaultValue::Bool(true)),
        Argument::path("ca_path"),
        Argument::path("client_cert"),
        Argument::path("client_key"),
        Argument::bool("use_proxy").default(DefaultValue::Bool(true)),
        Argument::str("http_agent").default(DefaultValue::Str("ansible-httpget")),
    ],
    mutually_exclusive: &[],
    required_together: &[],
};

/// The options of one task, checked: what contradicts itself can't be expressed.
#[derive(Debug)]
pub struct Options {
    /// Whose session.
    pub user: User,
    /// Where; `None` is to be discovered, which only a full Matrix ID allows.
    pub homeserver: Option<HomeserverUrl>,
    /// What proves who the user is.
    pub credential: Credential,
    /// Which device.
    pub device_id: Option<String>,
    /// What people see in their list of sessions.
    pub device_display_name: String,
    /// Who may see the token.
    pub return_token: ReturnToken,
    /// What becomes a fact.
    pub facts: Facts,
    /// How to connect.
    pub transport: Transport,
    /// What the playbook's author should know.
    pub warnings: Vec<String>,
}

/// Whether the result holds the token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReturnToken {
    /// Only where Ansible hides the result.
    NoLog,
    /// Yes, even where it is shown.
    Always,
    /// No.
    Never,
}

impl Options {
    /// Checks the parameters as `AnsibleModule` would, then what only this module knows.
    ///
    /// # Errors
    /// The message for the playbook's author; it holds no secret.
    pub fn check(parameters: Map<String, Value>) -> Result<Self, String> {
        let mut parameters = ARGUMENT_SPEC.check(parameters).map_err(|error| error.to_string())?;
        let user = User::parse(&required_str(&mut parameters, "user_id")?).map_err(|reason| format!("`user_id` {reason}"))?;
        let homeserver = homeserver(&mut parameters, &user)?;
        Ok(Self {
            warnings: warnings(&parameters, homeserver.as_ref()),
            user,
            homeserver,
            credential: Credential::Password {
                password: parameters.secret("password").ok_or("missing required arguments: password")?,
            },
            device_id: parameters.str("device_id"),
            device_display_name: required_str(&mut parameters, "device_display_name")?,
            return_token: return_token(&required_str(&mut parameters, "return_token")?),
            facts: Facts::parse(parameters.dict("facts").unwrap_or_default())?,
            transport: transport(&mut parameters)?,
        })
    }

    /// Everything that no text may ever show.
    #[must_use]
    pub fn secrets(&self) -> Vec<Secret> {
        let Credential::Password { password } = &self.credential;
        vec![password.clone()]
    }
}

fn homeserver(parameters: &mut Parameters, user: &User) -> Result<Option<HomeserverUrl>, String> {
    match (parameters.str("homeserver_url"), user) {
        (Some(url), _) => HomeserverUrl::parse(&url)
            .map(Some)
            .map_err(|reason| format!("`homeserver_url` {reason}")),
        (None, User::Full(_)) => Ok(None),
        (None, User::Localpart(localpart)) => Err(format!(
            "`user_id` {localpart} doesn't say on which server: write @{localpart}:example.com, or give `homeserver_url`"
        )),
    }
}

fn warnings(parameters: &Parameters, homeserver: Option<&HomeserverUrl>) -> Vec<String> {
    let exposed = homeserver.filter(|homeserver| homeserver.is_exposed());
    let exposed =
        exposed.map(|homeserver| format!("{homeserver} is not encrypted: anybody on the way can read the password and the token"));
    parameters.warnings.iter().cloned().chain(exposed).collect()
}

fn transport(parameters: &mut Parameters) -> Result<Transport, String> {
    let seconds = parameters
        .int("timeout")
        .and_then(|seconds| u64::try_from(seconds).ok())
        .filter(|seconds| *seconds > 0);
    Ok(Transport {
        timeout: seconds.map(Duration::from_secs).ok_or("`timeout` must be at least one second")?,
        validate_certs: parameters.bool("validate_certs").unwrap_or(true),
        ca_path: parameters.path("ca_path"),
        client_cert: parameters.path("client_cert"),
        client_key: parameters.path("client_key"),
        use_proxy: parameters.bool("use_proxy").unwrap_or(true),
        http_agent: required_str(parameters, "http_agent")?,
    })
}

fn return_token(choice: &str) -> ReturnToken {
    match choice {
        "always" => ReturnToken::Always,
        "never" => ReturnToken::Never,
        _ => ReturnToken::NoLog,
    }
}

/// The table requires it or gives it a default, but a playbook may still say `null`.
fn required_str(parameters: &mut Parameters, name: &str) -> Result<String, String> {
    parameters.str(name).ok_or_else(|| format!("missing required arguments: {name}"))
}
