//! Requests over connections, one for each way to a server: opened when first needed, and used again for as long as it stays.

use std::cell::{OnceCell, RefCell};
use std::io::{BufReader, Write};
use std::sync::Arc;
use std::time::{Duration, Instant};

use rustls::ClientConfig;

use super::address::Address;
use super::body::{self, Unread};
use super::head::Head;
use super::proxy::Proxy;
use super::stream::Stream;
use super::tls;
use super::transport::Transport;
use super::tunnel::tunnel;
use crate::matrix::error::{Error, Fault};

/// The longest body read.
const MAX_BODY: u64 = 1024 * 1024;

/// Servers hang up on connections that nobody uses, some after 5 seconds and most not before 15.
const IDLE: Duration = Duration::from_secs(15);

/// An answer: its head, and the body or why there is none.
pub(super) struct Reply {
    pub(super) head: Head,
    pub(super) body: Result<Vec<u8>, Unread>,
}

/// How a server is reached.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Way {
    pub(super) address: Address,
    pub(super) proxy: Option<Proxy>,
}

/// One that a request may be sent over.
pub(super) struct Connection {
    way: Way,
    stream: BufReader<Stream>,
}

/// Why there is none.
pub(super) enum Unopened {
    /// A file for TLS can't be used; nobody was connected to.
    Setting(Error),
    Fault(Fault),
}

impl From<Error> for Unopened {
    fn from(error: Error) -> Self {
        Self::Setting(error)
    }
}

impl From<Fault> for Unopened {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

/// A connection that nobody uses.
struct Idle {
    connection: Connection,
    since: Instant,
}

#[derive(Default)]
pub(super) struct Connections {
    idle: RefCell<Vec<Idle>>,
    tls: OnceCell<Arc<ClientConfig>>,
}

impl Connections {
    /// One that stayed, or a new one on which nothing is left to do but to send the request: TLS has shaken hands.
    pub(super) fn open(&self, way: Way, transport: &Transport, end: Instant) -> Result<Connection, Unopened> {
        let stream = match self.idle(&way) {
            Some(mut stream) => {
                stream.get_mut().wait_until(end);
                stream
            }
            None => BufReader::new(self.connect(&way, transport, end)?),
        };
        Ok(Connection { way, stream })
    }

    /// Sends a whole request and reads the whole answer.
    pub(super) fn exchange(&self, connection: Connection, message: &[u8]) -> Result<Reply, Fault> {
        let Connection { way, mut stream } = connection;
        stream.get_mut().write_all(message)?;
        stream.get_mut().flush()?;
        let head = Head::read(&mut stream)?;
        let body = body::read(&mut stream, head.end, MAX_BODY);
        if head.persistent && body.is_ok() && stream.buffer().is_empty() {
            self.idle.borrow_mut().push(Idle {
                connection: Connection { way, stream },
                since: Instant::now(),
            });
        }
        Ok(Reply { head, body })
    }

    fn idle(&self, way: &Way) -> Option<BufReader<Stream>> {
        let mut idle = self.idle.borrow_mut();
        let known = idle.iter().position(|idle| idle.connection.way == *way)?;
        let Idle { connection, since } = idle.swap_remove(known);
        let mut stream = connection.stream;
        (since.elapsed() < IDLE && stream.get_mut().is_quiet()).then_some(stream)
    }

    fn connect(&self, way: &Way, transport: &Transport, end: Instant) -> Result<Stream, Unopened> {
        let tls = self.tls(&way.address, transport)?;
        let stream = match &way.proxy {
            Some(proxy) => tunnel(proxy, self.tls(&proxy.address, transport)?, &way.address, end)?,
            None => Stream::connect(&way.address, end)?,
        };
        Ok(stream.secured(&way.address.host, tls)?)
    }

    /// What TLS needs, where it is spoken; made when first needed.
    fn tls(&self, address: &Address, transport: &Transport) -> Result<Option<Arc<ClientConfig>>, Error> {
        if !address.tls {
            return Ok(None);
        }
        let config = match self.tls.get() {
            Some(known) => Arc::clone(known),
            None => Arc::new(tls::config(transport)?),
        };
        Ok(Some(Arc::clone(self.tls.get_or_init(|| config))))
    }
}
