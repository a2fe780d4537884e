//! An HTTP answer, read whole and told apart: the JSON that was asked for, a standard error, or nothing Matrix.

use std::time::Duration;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use ureq::http::Response;
use ureq::http::header::{LOCATION, RETRY_AFTER};
use zeroize::Zeroizing;

use super::fault;
use super::transport::MAX_BODY;
use crate::matrix::error::{Error, Oddity, Refusal};
use crate::secret::{Secret, scrub};

/// As much of a server's own words as a message can bear, in characters.
const MAX_WORDS: usize = 300;

/// An answer whose texts are free of secrets; the body itself is wiped on drop.
pub(super) struct Answer {
    url: String,
    status: u16,
    location: Option<String>,
    retry_after: Option<Duration>,
    body: Zeroizing<Vec<u8>>,
    guarded: Vec<Secret>,
}

impl Answer {
    pub(super) fn read(url: &str, mut response: Response<ureq::Body>, guarded: &[Secret]) -> Result<Self, Error> {
        let header = |name| {
            response
                .headers()
                .get(name)
                .and_then(|value| value.to_str().ok())
                .map(str::to_owned)
        };
        let (location, retry_after) = (
            header(LOCATION),
            header(RETRY_AFTER)
                .and_then(|value| value.trim().parse().ok())
                .map(Duration::from_secs),
        );
        let status = response.status().as_u16();
        let body = response
            .body_mut()
            .with_config()
            .limit(MAX_BODY)
            .read_to_vec()
            .map_err(|error| fault::error(url, error))?;
        Ok(Self {
            url: url.to_owned(),
            status,
            location,
            retry_after,
            body: Zeroizing::new(body),
            guarded: guarded.to_vec(),
        })
    }

    pub(super) fn status(&self) -> u16 {
        self.status
    }

    /// The body of a 2xx answer.
    pub(super) fn success<T: DeserializeOwned>(self) -> Result<T, Error> {
        match self.status {
            200..=299 => self.json(),
            300..=399 => Err(self.redirect()),
            _ => Err(self.refusal()),
        }
    }

    fn json<T: DeserializeOwned>(self) -> Result<T, Error> {
        serde_json::from_slice(&self.body).map_err(|error| {
            let oddity = if error.is_data() {
                Oddity::Incomplete("what the specification demands")
            } else {
                self.unreadable()
            };
            self.not_matrix(oddity)
        })
    }

    /// Only the place is named: the rest of a redirect may repeat what was sent.
    fn redirect(&self) -> Error {
        let target = self.location.as_deref().unwrap_or("nowhere");
        let place = target.split(['?', '#']).next().unwrap_or_default();
        self.not_matrix(Oddity::Redirect(self.words(place)))
    }

    fn refusal(&self) -> Error {
        match serde_json::from_slice::<StandardError>(&self.body) {
            Ok(standard) => Error::Refused(Refusal {
                url: self.url.clone(),
                status: self.status,
                errcode: self.words(&standard.errcode),
                error: self.words(standard.error.as_str().unwrap_or_default()),
                soft_logout: standard.soft_logout == Value::Bool(true),
                retry_after: self
                    .retry_after
                    .or_else(|| standard.retry_after_ms.as_u64().map(Duration::from_millis)),
            }),
            Err(error) => self.not_matrix(if error.is_data() {
                Oddity::Incomplete("an errcode")
            } else {
                self.unreadable()
            }),
        }
    }

    fn unreadable(&self) -> Oddity {
        let start = self.body.trim_ascii_start();
        if start.first() == Some(&b'<') {
            Oddity::Html
        } else {
            Oddity::NotJson
        }
    }

    fn not_matrix(&self, oddity: Oddity) -> Error {
        Error::NotMatrix {
            url: self.url.clone(),
            status: self.status,
            oddity,
        }
    }

    /// The server's words without secrets, line breaks and terminal tricks. Secrets go first: half a secret would not be found.
    fn words(&self, text: &str) -> String {
        let plain = scrub(text, &self.guarded).replace(char::is_control, " ");
        plain.chars().take(MAX_WORDS).collect()
    }
}

/// <https://spec.matrix.org/v1.18/client-server-api/#standard-error-response>; only `errcode` is relied on.
#[derive(Deserialize)]
struct StandardError {
    errcode: String,
    #[serde(default)]
    error: Value,
    #[serde(default)]
    soft_logout: Value,
    #[serde(default)]
    retry_after_ms: Value,
}
