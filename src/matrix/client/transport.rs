//! How to connect: the settings an administrator can turn, and the agent they make. Sends nothing.

use std::path::PathBuf;
use std::time::Duration;

use ureq::{Agent, Proxy};

use super::{proxy, tls};
use crate::matrix::error::Error;

/// The longest answer read.
pub(super) const MAX_BODY: u64 = 1024 * 1024;

/// The settings of a connection, with the meaning they have in `ansible.builtin.uri`.
#[derive(Clone, Debug)]
pub struct Transport {
    /// For one whole request, from the look-up of the name to the last byte of the answer.
    pub timeout: Duration,
    /// Whether the server's certificate is checked.
    pub validate_certs: bool,
    /// PEM certificates trusted in addition to the system's.
    pub ca_path: Option<PathBuf>,
    /// PEM certificate chain shown to the server; may hold the key as well.
    pub client_cert: Option<PathBuf>,
    /// PEM private key of `client_cert`.
    pub client_key: Option<PathBuf>,
    /// Whether `http_proxy`, `https_proxy` and `no_proxy` of the environment count.
    pub use_proxy: bool,
    /// The `User-Agent` header.
    pub http_agent: String,
}

impl Transport {
    pub(super) fn proxy(&self, url: &str) -> Result<Option<Proxy>, Error> {
        if self.use_proxy { proxy::from_environment(url) } else { Ok(None) }
    }

    /// No redirects: a request of ours usually holds a secret. Error statuses are answers, not errors: their bodies matter.
    pub(super) fn agent(&self, proxy: Option<Proxy>, needs_tls: bool) -> Result<Agent, Error> {
        self.check_http_agent()?;
        let mut config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .timeout_global(Some(self.timeout))
            .user_agent(self.http_agent.as_str())
            .accept("application/json")
            .proxy(proxy);
        if needs_tls {
            config = config.tls_config(tls::config(self)?);
        }
        Ok(config.build().new_agent())
    }

    fn check_http_agent(&self) -> Result<(), Error> {
        if self.http_agent.chars().all(|letter| letter == ' ' || letter.is_ascii_graphic()) {
            return Ok(());
        }
        Err(Error::Setting {
            name: "http_agent",
            reason: "may hold printable ASCII only".into(),
        })
    }
}
