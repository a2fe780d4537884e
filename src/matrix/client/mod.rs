//! The one HTTPS client, on ureq: JSON in, JSON out. Only this folder names ureq, and only here are requests sent.

mod peer_certificate;
mod proxy;
mod response;
mod retry;
mod tls;
mod transport;
mod transport_error;

use std::cell::RefCell;
use std::io::Cursor;
use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;
use ureq::{Agent, SendBody};
use zeroize::Zeroizing;

pub use proxy::is_loopback;
pub use retry::Repeat;
pub use transport::Transport;
pub use ureq::http::Uri;

use crate::matrix::error::{Error, TransportError};
use crate::matrix::tls_error::TlsError;
use crate::secret::Secret;
use proxy::Route;
use response::Response;
use retry::RetryBudget;

/// The specification lets a discovery document be redirected; this many times is enough for anybody.
const DISCOVERY_REDIRECTS: u32 = 5;

/// Sends requests, one at a time, and reads answers of at most 1 MiB.
pub struct Client {
    transport: Transport,
    retries: RetryBudget,
    agents: RefCell<Vec<(Route, Agent)>>,
    guarded: RefCell<Vec<Secret>>,
}

struct Request<'a> {
    url: &'a str,
    /// `Bearer`, if not `Basic`.
    scheme: &'static str,
    /// What follows the scheme in the `Authorization` header.
    authorization: Option<&'a Secret>,
    content_type: &'static str,
    /// With it a `POST`; without it a `GET`.
    body: Option<Zeroizing<Vec<u8>>>,
    /// More than 0 only where the request holds no secret. A redirect to plain `http` is not followed.
    redirects: u32,
}

impl Client {
    /// A client that has not connected to anything yet. `wait_timeout` is how long it waits in all for servers
    /// that limit requests, start up or are out of order for a moment.
    pub fn new(transport: Transport, wait_timeout: Duration) -> Self {
        Self {
            transport,
            retries: RetryBudget::new(wait_timeout),
            agents: RefCell::default(),
            guarded: RefCell::default(),
        }
    }

    /// From now on this secret is redacted from every text that a server sends.
    pub fn guard(&self, secret: &Secret) {
        self.guarded.borrow_mut().push(secret.clone());
    }

    /// From now on the client waits this long in all, even if `wait_timeout` is less.
    pub fn persevere(&self, at_least: Duration) {
        self.retries.extend(at_least);
    }

    /// How long one request, or anything else that is asked for a session, may take.
    pub fn timeout(&self) -> Duration {
        self.transport.timeout
    }

    /// Every secret that was ever guarded.
    pub fn guarded(&self) -> Vec<Secret> {
        self.guarded.borrow().clone()
    }

    /// A text of a server, fit for a message: short, on one line, without secrets.
    pub fn words(&self, text: &str) -> String {
        response::words(text, &self.guarded.borrow())
    }

    /// `GET` with nothing secret in it.
    ///
    /// # Errors
    /// Every kind but [`Error::Discovery`]; so do all the requests.
    pub fn get<T: DeserializeOwned>(&self, url: &str) -> Result<T, Error> {
        self.send(&Request::get(url, None), Repeat::Harmless)?.success()
    }

    /// The same without a retry, for what only explains a failure.
    pub fn get_at_once<T: DeserializeOwned>(&self, url: &str) -> Result<T, Error> {
        self.attempt(&Request::get(url, None))?.success()
    }

    /// `GET` in the name of a user.
    pub fn get_as<T: DeserializeOwned>(&self, url: &str, access_token: &Secret) -> Result<T, Error> {
        self.send(&Request::get(url, Some(access_token)), Repeat::Harmless)?.success()
    }

    /// `POST` of a JSON body without authorization.
    pub fn post<T: DeserializeOwned>(&self, url: &str, body: &impl Serialize, repeat: Repeat) -> Result<T, Error> {
        self.send(&Request::post(url, body, None), repeat)?.success()
    }

    /// `POST` of a JSON body in the name of a user or an appservice.
    pub fn post_as<T: DeserializeOwned>(
        &self,
        url: &str,
        body: &impl Serialize,
        access_token: &Secret,
        repeat: Repeat,
    ) -> Result<T, Error> {
        self.send(&Request::post(url, body, Some(access_token)), repeat)?.success()
    }

    /// `POST` of a form, by a client that authenticates itself in the form or as HTTP has it.
    pub fn post_form<T: DeserializeOwned>(&self, url: &str, form: &Secret, basic: Option<&Secret>) -> Result<T, Error> {
        let request = Request {
            scheme: "Basic",
            content_type: "application/x-www-form-urlencoded",
            body: Some(Zeroizing::new(form.reveal().into())),
            ..Request::get(url, basic)
        };
        self.send(&request, Repeat::Harmless)?.success()
    }

    /// `GET` of a discovery document, following redirects as the specification asks but never to plain `http`.
    /// `None` stands for 404: this server name has no such document.
    pub fn discover<T: DeserializeOwned>(&self, url: &str) -> Result<Option<T>, Error> {
        let request = Request {
            redirects: DISCOVERY_REDIRECTS,
            ..Request::get(url, None)
        };
        let response = self.send(&request, Repeat::Harmless)?;
        if response.status() == 404 {
            Ok(None)
        } else {
            response.success().map(Some)
        }
    }

    fn send(&self, request: &Request, repeat: Repeat) -> Result<Response, Error> {
        self.retries.run(repeat, || self.attempt(request)?.unless_temporary())
    }

    fn attempt(&self, request: &Request) -> Result<Response, Error> {
        let agent = self.agent(request.url)?;
        let mut body = request.body.as_ref().map(|body| Cursor::new(body.as_slice()));
        let exchange = match &mut body {
            Some(body) => request.post_with(&agent, body),
            None => request.get_with(&agent),
        };
        // The library reads the body once the connection stands and the head is sent: until then nothing can have been done.
        let is_sent = body.map(|body| body.position() > 0);
        let proxy = agent.config().proxy();
        let error = |error| self.with_names(transport_error::error(request.url, error, is_sent, proxy), proxy.is_some());
        Response::read(request.url, exchange.map_err(error)?, error, &self.guarded.borrow())
    }

    /// A certificate for another name is the better explanation why nobody known signed it: both are true of a reverse proxy's default one.
    fn with_names(&self, error: Error, is_proxied: bool) -> Error {
        match error {
            Error::NotSent {
                url,
                error: TransportError::Tls(TlsError::UnknownIssuer),
            } if !is_proxied => {
                let error = transport_error::of_another_name(&url, self.transport.timeout).unwrap_or(TlsError::UnknownIssuer);
                let error = TransportError::Tls(error);
                Error::NotSent { url, error }
            }
            error => error,
        }
    }

    /// One agent a route, which keeps its connections. The trust store is read when the first one with TLS is made.
    fn agent(&self, url: &str) -> Result<Agent, Error> {
        let route = self.transport.route(url)?;
        let known = self
            .agents
            .borrow()
            .iter()
            .find(|(known, _)| *known == route)
            .map(|(_, agent)| agent.clone());
        if let Some(agent) = known {
            return Ok(agent);
        }
        let agent = self.transport.agent(&route)?;
        self.agents.borrow_mut().push((route, agent.clone()));
        Ok(agent)
    }
}

impl<'a> Request<'a> {
    fn get(url: &'a str, access_token: Option<&'a Secret>) -> Self {
        Self {
            url,
            scheme: "Bearer",
            authorization: access_token,
            content_type: "application/json",
            body: None,
            redirects: 0,
        }
    }

    fn post(url: &'a str, body: &impl Serialize, access_token: Option<&'a Secret>) -> Self {
        Self {
            body: Some(json(body)),
            ..Self::get(url, access_token)
        }
    }

    fn get_with(&self, agent: &Agent) -> Result<ureq::http::Response<ureq::Body>, ureq::Error> {
        let request = agent.get(self.url).config().max_redirects(self.redirects);
        self.authorized(request.https_only(self.redirects > 0).build()).call()
    }

    fn post_with(&self, agent: &Agent, body: &mut Cursor<&[u8]>) -> Result<ureq::http::Response<ureq::Body>, ureq::Error> {
        let request = agent
            .post(self.url)
            .content_type(self.content_type)
            .header("Content-Length", body.get_ref().len());
        self.authorized(request).send(SendBody::from_reader(body))
    }

    fn authorized<B>(&self, request: ureq::RequestBuilder<B>) -> ureq::RequestBuilder<B> {
        match self.authorization {
            Some(secret) => request.header(
                "Authorization",
                Zeroizing::new(format!("{} {}", self.scheme, secret.reveal())).as_str(),
            ),
            None => request,
        }
    }
}

/// Serializes into a buffer that is wiped afterwards. Request bodies are plain structs, for which serialization can't fail.
fn json(body: &impl Serialize) -> Zeroizing<Vec<u8>> {
    let mut bytes = Zeroizing::new(Vec::with_capacity(4096));
    if serde_json::to_writer(&mut *bytes, body).is_err() {
        bytes.clear();
    }
    bytes
}
