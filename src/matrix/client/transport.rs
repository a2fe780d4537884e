//! How to connect: the settings an administrator can turn, and the agent that follows them. Sends nothing.

use std::path::PathBuf;
use std::time::Duration;

use ureq::Agent;

use super::proxy::Route;
use super::tls;
use crate::matrix::error::Error;

/// The settings of a connection, with the meaning they have in `ansible.builtin.uri`.
#[derive(Clone, Debug)]
pub struct Transport {
    /// For one whole request, from the look-up of the name to the last byte of the answer.
    pub timeout: Duration,
    pub validate_certs: bool,
    /// PEM certificates trusted in addition to the system's.
    pub ca_path: Option<PathBuf>,
    /// PEM certificate chain; may hold the key as well.
    pub client_cert: Option<PathBuf>,
    /// PEM private key of `client_cert`.
    pub client_key: Option<PathBuf>,
    /// Whether `http_proxy`, `https_proxy` and `no_proxy` of the environment count.
    pub use_proxy: bool,
    /// The `User-Agent` header.
    pub http_agent: String,
}

impl Transport {
    pub(crate) fn route(&self, url: &str) -> Result<Route, Error> {
        Route::to(url, self.use_proxy)
    }

    /// Redirects are followed where a request says so: most hold a secret. Error statuses are answers, not errors: their bodies matter.
    pub(crate) fn agent(&self, route: &Route) -> Result<Agent, Error> {
        self.check_http_agent()?;
        let mut config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .timeout_global(Some(self.timeout))
            .user_agent(self.http_agent.as_str())
            .accept("application/json")
            .proxy(route.proxy.clone());
        if route.needs_tls() {
            config = config.tls_config(tls::config(self)?);
        }
        Ok(config.build().new_agent())
    }

    fn check_http_agent(&self) -> Result<(), Error> {
        if self.http_agent.chars().all(|letter| letter == ' ' || letter.is_ascii_graphic()) {
            return Ok(());
        }
        Err(Error::Config {
            name: "http_agent",
            reason: "may hold printable ASCII only".into(),
        })
    }
}
