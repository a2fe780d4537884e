//! How to connect: the settings an administrator can turn. Sends nothing.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use super::address::Address;
use super::proxy::{self, Proxy};
use crate::matrix::error::Error;

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
    pub(super) fn proxy(&self, address: &Address) -> Result<Option<Proxy>, Error> {
        if self.use_proxy {
            proxy::from_environment(address)
        } else {
            Ok(None)
        }
    }

    /// When a request that begins now is given up.
    pub(super) fn end(&self) -> Instant {
        Instant::now() + self.timeout
    }

    pub(super) fn check_http_agent(&self) -> Result<(), Error> {
        if self.http_agent.chars().all(|letter| letter == ' ' || letter.is_ascii_graphic()) {
            return Ok(());
        }
        Err(Error::Setting {
            name: "http_agent",
            reason: "may hold printable ASCII only".into(),
        })
    }
}
