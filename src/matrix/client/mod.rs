//! The one HTTPS client: HTTP/1.1 as far as a homeserver is asked for JSON, over one connection at a time. Only here are requests sent.

mod address;
mod answer;
mod body;
mod connections;
mod fault;
mod head;
mod patience;
mod pem;
#[cfg(test)]
mod pieces;
mod proxy;
mod request;
mod stream;
mod system_store;
mod tls;
mod transport;
mod trust;
mod tunnel;

use std::cell::RefCell;
use std::time::{Duration, Instant};

use serde::Serialize;
use serde::de::DeserializeOwned;
use zeroize::Zeroizing;

pub use patience::Repeat;
pub use transport::Transport;

use crate::matrix::error::{Error, Fault};
use crate::secret::Secret;
use address::Target;
use answer::Answer;
use connections::{Connections, Unopened, Way};
use patience::Patience;
use request::Request;

/// The spec allows a discovery document to be redirected; this many times is enough for anybody.
const DISCOVERY_REDIRECTS: u32 = 5;

/// Sends requests, one at a time, and reads answers of at most 1 MiB.
pub struct Client {
    transport: Transport,
    patience: Patience,
    connections: Connections,
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
            connections: Connections::default(),
            guarded: RefCell::default(),
        }
    }

    /// From now on this secret is starred out of every text that a server sends.
    pub fn guard(&self, secret: &Secret) {
        self.guarded.borrow_mut().push(secret.clone());
    }

    /// There is no way back any more: from now on it waits this long in all, even if `wait_timeout` is less.
    pub fn persevere(&self, at_least: Duration) {
        self.patience.extend(at_least);
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
        self.answer(&Request::get(url), Repeat::Harmless)?.success()
    }

    /// The same without patience, for what only explains a failure.
    ///
    /// # Errors
    /// As [`Client::get`].
    pub fn get_at_once<T: DeserializeOwned>(&self, url: &str) -> Result<T, Error> {
        self.attempt(&Request::get(url))?.success()
    }

    /// `GET` in the name of a user.
    ///
    /// # Errors
    /// As [`Client::get`].
    pub fn get_as<T: DeserializeOwned>(&self, url: &str, access_token: &Secret) -> Result<T, Error> {
        self.answer(&Request::get(url).by(access_token), Repeat::Harmless)?.success()
    }

    /// `POST` of a JSON body without authorization.
    ///
    /// # Errors
    /// As [`Client::get`].
    pub fn post<T: DeserializeOwned>(&self, url: &str, body: &impl Serialize, repeat: Repeat) -> Result<T, Error> {
        self.answer(&Request::post(url, json(body)), repeat)?.success()
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
        self.answer(&Request::post(url, json(body)).by(access_token), repeat)?.success()
    }

    /// `GET` of a discovery document, following redirects as the spec asks but never to plain `http`.
    /// `None` stands for 404: this server name has no such document.
    ///
    /// # Errors
    /// As [`Client::get`].
    pub fn discover<T: DeserializeOwned>(&self, url: &str) -> Result<Option<T>, Error> {
        let request = Request {
            redirects: DISCOVERY_REDIRECTS,
            ..Request::get(url)
        };
        let answer = self.answer(&request, Repeat::Harmless)?;
        if answer.status() == 404 {
            Ok(None)
        } else {
            answer.success().map(Some)
        }
    }

    fn answer(&self, request: &Request, repeat: Repeat) -> Result<Answer, Error> {
        self.patience.persist(repeat, || self.attempt(request)?.unless_temporary())
    }

    /// One request, and those that it is redirected to.
    fn attempt(&self, request: &Request) -> Result<Answer, Error> {
        let end = self.transport.end();
        let mut target = Target::parse(request.url).ok_or_else(|| unreached(request, Fault::UnknownHost))?;
        let mut redirects = request.redirects;
        loop {
            let answer = self.ask(request, &target, end)?;
            match answer.location().filter(|_| redirects > 0) {
                // Which may only be a place that TLS leads to.
                Some(location) => {
                    let next = target.join(location).filter(|next| next.address.tls);
                    target = next.ok_or_else(|| answer.redirect())?;
                }
                None => return Ok(answer),
            }
            redirects -= 1;
        }
    }

    fn ask(&self, request: &Request, target: &Target, end: Instant) -> Result<Answer, Error> {
        self.transport.check_http_agent()?;
        let way = Way {
            proxy: self.transport.proxy(&target.address)?,
            address: target.address.clone(),
        };
        let message = request.message(target, &self.transport.http_agent);
        let message = message.map_err(|fault| unreached(request, fault))?;
        let opened = self.connections.open(way, &self.transport, end);
        let connection = opened.map_err(|unopened| match unopened {
            Unopened::Setting(error) => error,
            Unopened::Fault(fault) => unreached(request, fault),
        })?;
        let reply = self.connections.exchange(connection, &message);
        let reply = reply.map_err(|fault| Error::lost(request.url.to_owned(), fault))?;
        Answer::read(request.url, reply, &self.guarded.borrow())
    }
}

fn unreached(request: &Request, fault: Fault) -> Error {
    Error::Unreached {
        url: request.url.to_owned(),
        fault,
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
