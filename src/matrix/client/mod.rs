//! The one HTTPS client. Only this folder names the HTTP library, and only here are requests sent.

mod answer;
mod fault;
mod patience;
mod proxy;
mod tls;
mod transport;

use std::cell::RefCell;
use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;
use ureq::http::Response;
use ureq::{Agent, Proxy};
use zeroize::Zeroizing;

pub use patience::Repeat;
pub use transport::Transport;

use crate::matrix::error::Error;
use crate::secret::Secret;
use answer::Answer;
use patience::Patience;

/// The spec allows a discovery document to be redirected; this many times is enough for anybody.
const DISCOVERY_REDIRECTS: u32 = 5;

/// Sends requests, one at a time, and reads answers of at most 1 MiB.
pub struct Client {
    transport: Transport,
    patience: Patience,
    agents: RefCell<Vec<(WayOut, Agent)>>,
    guarded: RefCell<Vec<Secret>>,
}

impl Client {
    /// A client that has not connected to anything yet. `wait_timeout` is how long it waits in all for servers
    /// that limit requests, start up or are out of order for a moment.
    #[must_use]
    pub fn new(transport: Transport, wait_timeout: Duration) -> Self {
        Self {
            transport,
            patience: Patience::new(wait_timeout),
            agents: RefCell::default(),
            guarded: RefCell::default(),
        }
    }

    /// From now on this secret is starred out of every text that a server sends.
    pub fn guard(&self, secret: &Secret) {
        self.guarded.borrow_mut().push(secret.clone());
    }

    /// Every secret that was ever guarded.
    #[must_use]
    pub fn guarded(&self) -> Vec<Secret> {
        self.guarded.borrow().clone()
    }

    /// A server's words, fit for a message: short, on one line, without secrets.
    #[must_use]
    pub fn words(&self, text: &str) -> String {
        answer::words(text, &self.guarded.borrow())
    }

    /// `GET` with nothing secret in it.
    ///
    /// # Errors
    /// Every kind but [`Error::Discovery`]; so do all the requests.
    pub fn get<T: DeserializeOwned>(&self, url: &str) -> Result<T, Error> {
        self.answer(url, Repeat::Harmless, |agent| agent.get(url).call())?.success()
    }

    /// The same without patience, for what only explains a failure.
    ///
    /// # Errors
    /// As [`Client::get`].
    pub fn get_at_once<T: DeserializeOwned>(&self, url: &str) -> Result<T, Error> {
        Self::attempt(&self.agent(url)?, url, &self.guarded.borrow(), |agent| agent.get(url).call())?.success()
    }

    /// `GET` in the name of a user.
    ///
    /// # Errors
    /// As [`Client::get`].
    pub fn get_as<T: DeserializeOwned>(&self, url: &str, access_token: &Secret) -> Result<T, Error> {
        self.answer(url, Repeat::Harmless, |agent| {
            agent.get(url).header("Authorization", bearer(access_token).as_str()).call()
        })?
        .success()
    }

    /// `POST` of a JSON body without authorization.
    ///
    /// # Errors
    /// As [`Client::get`].
    pub fn post<T: DeserializeOwned>(&self, url: &str, body: &impl Serialize, repeat: Repeat) -> Result<T, Error> {
        self.answer(url, repeat, |agent| {
            agent.post(url).content_type("application/json").send(json(body).as_slice())
        })?
        .success()
    }

    /// `POST` of a JSON body in the name of a user or an appservice.
    ///
    /// # Errors
    /// As [`Client::get`].
    pub fn post_as<T: DeserializeOwned>(
        &self,
        url: &str,
        body: &impl Serialize,
        access_token: &Secret,
        repeat: Repeat,
    ) -> Result<T, Error> {
        let send = |agent: &Agent| {
            let request = agent
                .post(url)
                .content_type("application/json")
                .header("Authorization", bearer(access_token).as_str());
            request.send(json(body).as_slice())
        };
        self.answer(url, repeat, send)?.success()
    }

    /// `GET` of a discovery document, following redirects as the spec asks but never to plain `http`.
    /// `None` stands for 404: this server name has no such document.
    ///
    /// # Errors
    /// As [`Client::get`].
    pub fn discover<T: DeserializeOwned>(&self, url: &str) -> Result<Option<T>, Error> {
        let answer = self.answer(url, Repeat::Harmless, |agent| {
            agent
                .get(url)
                .config()
                .https_only(true)
                .max_redirects(DISCOVERY_REDIRECTS)
                .build()
                .call()
        })?;
        if answer.status() == 404 {
            Ok(None)
        } else {
            answer.success().map(Some)
        }
    }

    fn answer(
        &self,
        url: &str,
        repeat: Repeat,
        send: impl Fn(&Agent) -> Result<Response<ureq::Body>, ureq::Error>,
    ) -> Result<Answer, Error> {
        let agent = self.agent(url)?;
        self.patience.persist(repeat, || {
            Self::attempt(&agent, url, &self.guarded.borrow(), &send)?.unless_temporary()
        })
    }

    fn attempt(
        agent: &Agent,
        url: &str,
        guarded: &[Secret],
        send: impl Fn(&Agent) -> Result<Response<ureq::Body>, ureq::Error>,
    ) -> Result<Answer, Error> {
        let response = send(agent).map_err(|error| fault::error(url, error, agent.config().proxy().is_some()))?;
        Answer::read(url, response, guarded)
    }

    /// One agent for each way out. System roots are read and parsed only once a TLS connection is really made.
    fn agent(&self, url: &str) -> Result<Agent, Error> {
        let way_out = WayOut::new(url, self.transport.proxy(url)?);
        let known = self
            .agents
            .borrow()
            .iter()
            .find(|(known, _)| *known == way_out)
            .map(|(_, agent)| agent.clone());
        if let Some(agent) = known {
            return Ok(agent);
        }
        let agent = self.transport.agent(way_out.proxy.clone(), way_out.tls)?;
        self.agents.borrow_mut().push((way_out, agent.clone()));
        Ok(agent)
    }
}

/// What connections must share to be made by the same agent.
#[derive(PartialEq)]
struct WayOut {
    proxy: Option<Proxy>,
    tls: bool,
}

impl WayOut {
    fn new(url: &str, proxy: Option<Proxy>) -> Self {
        let tls = url.starts_with("https://") || proxy.as_ref().is_some_and(proxy::needs_tls);
        Self { proxy, tls }
    }
}

fn bearer(access_token: &Secret) -> Zeroizing<String> {
    Zeroizing::new(format!("Bearer {}", access_token.reveal()))
}

/// Serializes into a buffer that is wiped afterwards. Request bodies are plain structs, for which serialization can't fail.
fn json(body: &impl Serialize) -> Zeroizing<Vec<u8>> {
    let mut bytes = Zeroizing::new(Vec::with_capacity(4096));
    if serde_json::to_writer(&mut *bytes, body).is_err() {
        bytes.clear();
    }
    bytes
}
