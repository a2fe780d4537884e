//! The one HTTPS client, on ureq: JSON in, JSON out. Only this folder names ureq, and only here are requests sent.

mod proxy;
mod redirect;
mod response;
mod retry;
mod tls;
mod transport_error;

use std::cell::{OnceCell, RefCell};
use std::io::Cursor;
use std::path::PathBuf;
use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;
use ureq::http::{self, Request};
use ureq::tls::TlsConfig;
use ureq::{Agent, Proxy, ProxyProtocol, SendBody};
use zeroize::Zeroizing;

pub use proxy::{host, is_loopback};
pub use retry::Retry;
pub use ureq::http::Uri;

use crate::matrix::error::{Error, TransportError};
use crate::matrix::tls_error::{TlsError, wrong_name::wrong_name};
use crate::secret::{Secret, redact};
use response::Response;
use retry::RetryBudget;

/// The specification lets a discovery document be redirected; this many times is enough for anybody.
const DISCOVERY_REDIRECTS: u32 = 5;

/// The longest text of a server in a message, in characters.
const MAX_TEXT: usize = 300;

/// The settings of a connection, with the meaning they have in `ansible.builtin.uri`.
#[derive(Clone, Debug)]
pub struct Transport {
    /// For one whole request, from the look-up of the name to the last byte of the answer, or anything else that is asked for a session.
    pub timeout: Duration,
    pub validate_certs: bool,
    /// PEM certificates trusted in addition to the system's.
    pub ca_path: Option<PathBuf>,
    /// PEM certificate chain; may hold the key as well.
    pub client_cert: Option<PathBuf>,
    pub client_key: Option<PathBuf>,
    /// Whether `http_proxy`, `https_proxy` and `no_proxy` of the environment count.
    pub use_proxy: bool,
    pub http_agent: String,
}

/// Sends requests, one at a time, and reads answers of at most 1 MiB.
pub struct Client {
    pub transport: Transport,
    agent: OnceCell<Result<Agent, Error>>,
    tls_agent: OnceCell<Result<Agent, Error>>,
    pub(crate) retries: RetryBudget,
    secrets: RefCell<Vec<Secret>>,
}

impl Client {
    /// A client that has not connected to anything yet. `wait_timeout` is how long it waits in all for servers
    /// that limit requests, start up or are out of order for a moment.
    pub fn new(transport: Transport, wait_timeout: Duration) -> Self {
        Self {
            transport,
            agent: OnceCell::new(),
            tls_agent: OnceCell::new(),
            retries: RetryBudget::new(wait_timeout),
            secrets: RefCell::default(),
        }
    }

    /// From now on these are redacted from every text that a server sends.
    pub fn add_secrets<'a>(&self, secrets: impl IntoIterator<Item = &'a Secret>) {
        self.secrets.borrow_mut().extend(secrets.into_iter().cloned());
    }

    pub fn secrets(&self) -> Vec<Secret> {
        self.secrets.borrow().clone()
    }

    /// A server's text, fit for a message: short, without secrets, line breaks and terminal escapes. Secrets go first: half a secret would not be found.
    pub fn sanitize(&self, text: &str) -> String {
        let plain = redact(text, &self.secrets.borrow()).replace(char::is_control, " ");
        plain.chars().take(MAX_TEXT).collect()
    }

    /// # Errors
    /// Every kind but [`Error::Discovery`]; so do all the requests.
    pub fn get<T: DeserializeOwned>(&self, url: &str, access_token: Option<&Secret>) -> Result<T, Error> {
        self.request(Retry::Idempotent, url, access_token.map(|token| ("Bearer", token)), None)?.success()
    }

    /// The same without a retry and without a secret, for what only explains a failure.
    pub fn get_without_retry<T: DeserializeOwned>(&self, url: &str) -> Result<T, Error> {
        self.send(url, None, None)?.success()
    }

    /// `POST` of a form, by a client that authenticates itself in the form or as HTTP has it.
    pub fn post_form<T: DeserializeOwned>(&self, url: &str, form: &Secret, basic: Option<&Secret>) -> Result<T, Error> {
        let body = ("application/x-www-form-urlencoded", form.expose_secret().as_bytes());
        self.request(Retry::Idempotent, url, basic.map(|basic| ("Basic", basic)), Some(body))?.success()
    }

    /// `GET` of a discovery document, following redirects as the specification asks but never to plain `http`.
    /// `None` stands for 404: this server name has no such document.
    pub fn discover<T: DeserializeOwned>(&self, url: &str) -> Result<Option<T>, Error> {
        let get = |url: &str| self.request(Retry::Idempotent, url, None, None);
        let (mut response, mut redirects) = (get(url)?, 0..DISCOVERY_REDIRECTS);
        while let Some(target) = response.target().filter(|target| target.starts_with("https://")) {
            redirects.next().ok_or_else(|| response.redirect(true))?;
            response = get(&target)?;
        }
        (response.status != 404).then(|| response.success()).transpose()
    }

    /// `POST` of a JSON body, perhaps in the name of a user or an appservice.
    pub fn post<T: DeserializeOwned>(&self, url: &str, body: &impl Serialize, token: Option<&Secret>, repeat: Retry) -> Result<T, Error> {
        let (auth, body) = (token.map(|token| ("Bearer", token)), json(body));
        self.request(repeat, url, auth, Some(("application/json", &body)))?.success()
    }

    fn request(&self, repeat: Retry, url: &str, auth: Option<(&str, &Secret)>, body: Option<(&str, &[u8])>) -> Result<Response<'_>, Error> {
        self.retries.run(repeat, || self.send(url, auth, body)?.unless_temporary())
    }

    /// `auth` is the scheme and what follows it, `body` the content type and the content. Follows no redirect.
    /// Errors name the URL without its query, which may be another server's.
    fn send(&self, url: &str, auth: Option<(&str, &Secret)>, body: Option<(&str, &[u8])>) -> Result<Response<'_>, Error> {
        let shown = url.split('?').next().unwrap_or_default();
        let not_sent = |_| Error::NotSent { url: shown.to_owned(), error: TransportError::UnknownHost };
        let uri: Uri = url.parse().map_err(not_sent)?;
        let proxy = if self.transport.use_proxy { proxy::from_environment(&uri)? } else { None };
        let agent = self.agent(&uri, proxy.as_ref())?;

        let mut request = Request::builder().uri(uri.clone());
        if let Some((scheme, secret)) = auth {
            request = request.header("Authorization", Zeroizing::new(format!("{scheme} {}", secret.expose_secret())).as_str());
        }
        let run = |request: http::Result<Request<SendBody>>| agent.run(agent.configure_request(request?).proxy(proxy.clone()).build());
        let mut reader = Cursor::new(body.unwrap_or_default().1);
        let exchange = match body {
            Some((content_type, bytes)) => {
                request = request.method("POST").header("Content-Type", content_type).header("Content-Length", bytes.len());
                run(request.body(SendBody::from_reader(&mut reader)))
            }
            None => run(request.body(SendBody::none())),
        };

        // The library reads the body once the connection stands and the head is sent: until then nothing can have been done.
        let is_sent = body.map(|_| reader.position() > 0);
        let error = |error| match transport_error::error(shown, error, is_sent, proxy.as_ref()) {
            Error::NotSent { url, error: TransportError::Tls(TlsError::UnknownIssuer) } if proxy.is_none() => {
                let wrong_name = wrong_name(uri.host().unwrap_or_default(), uri.port_u16().unwrap_or(443), self.transport.timeout);
                Error::NotSent { url, error: TransportError::Tls(wrong_name.unwrap_or(TlsError::UnknownIssuer)) }
            }
            error => error,
        };
        Response::read(self, shown, auth.is_some(), exchange.map_err(error)?, error)
    }

    /// The trust store takes time to read, so only what speaks TLS has it read.
    fn agent(&self, uri: &Uri, proxy: Option<&Proxy>) -> Result<&Agent, Error> {
        let is_https_proxy = proxy.is_some_and(|proxy| proxy.protocol() == ProxyProtocol::Https);
        let needs_tls = is_https_proxy || uri.scheme_str() == Some("https");
        let agent = if needs_tls { &self.tls_agent } else { &self.agent };
        let new_agent = || {
            let tls_config = if needs_tls { tls::config(&self.transport)? } else { TlsConfig::default() };
            // Error statuses are answers: their bodies matter.
            let config = Agent::config_builder()
                .http_status_as_error(false)
                .max_redirects(0)
                .timeout_global(Some(self.transport.timeout))
                .user_agent(self.transport.http_agent.as_str())
                .accept("application/json")
                .tls_config(tls_config);
            Ok(config.build().new_agent())
        };
        agent.get_or_init(new_agent).as_ref().map_err(Error::clone)
    }
}

/// Serializes into a buffer that is wiped afterwards. Request bodies are plain structs, for which serialization can't fail.
fn json(body: &impl Serialize) -> Zeroizing<Vec<u8>> {
    let mut bytes = Zeroizing::new(Vec::with_capacity(4096));
    let _ = serde_json::to_writer(&mut *bytes, body);
    bytes
}
