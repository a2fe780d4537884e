//! Requests over connections, one for each way to a server: opened when first needed, and used again for as long as it stays.

use std::cell::{OnceCell, RefCell};
use std::io::{BufReader, Write};
use std::sync::Arc;
use std::time::{Duration, Instant};

use rustls::ClientConfig;
use zeroize::Zeroizing;

use super::address::Address;
use super::body::{self, Unread};
use super::fault::at_proxy;
use super::head::Head;
use super::proxy::Proxy;
use super::stream::Stream;
use super::tls;
use super::transport::Transport;
use crate::matrix::error::{Error, Fault};
use crate::matrix::tls_fault::TlsFault;

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

/// A connection that a request may be sent over.
struct Idle {
    way: Way,
    connection: BufReader<Stream>,
    since: Instant,
}

#[derive(Default)]
pub(super) struct Connections {
    idle: RefCell<Vec<Idle>>,
    tls: OnceCell<Arc<ClientConfig>>,
}

impl Connections {
    /// # Errors
    /// [`Error::Setting`] if a file for TLS can't be used; nothing was sent then.
    pub(super) fn prepare(&self, way: &Way, transport: &Transport) -> Result<(), Error> {
        let tls = way.address.tls || way.proxy.as_ref().is_some_and(|proxy| proxy.address.tls);
        if tls && self.tls.get().is_none() {
            let _ = self.tls.set(Arc::new(tls::config(transport)?));
        }
        Ok(())
    }

    /// Sends a whole request and reads the whole answer, until `end`.
    pub(super) fn send(&self, way: &Way, message: &[u8], end: Instant) -> Result<Reply, Fault> {
        let mut connection = match self.idle(way) {
            Some(connection) => connection,
            None => BufReader::new(self.open(way, end)?),
        };
        connection.get_mut().wait_until(end);
        connection.get_mut().write_all(message)?;
        connection.get_mut().flush()?;
        let head = Head::read(&mut connection)?;
        let body = body::read(&mut connection, head.end, MAX_BODY);
        if head.persistent && body.is_ok() && connection.buffer().is_empty() {
            self.idle.borrow_mut().push(Idle {
                way: way.clone(),
                connection,
                since: Instant::now(),
            });
        }
        Ok(Reply { head, body })
    }

    fn idle(&self, way: &Way) -> Option<BufReader<Stream>> {
        let mut idle = self.idle.borrow_mut();
        let known = idle.iter().position(|idle| idle.way == *way)?;
        let mut known = idle.swap_remove(known);
        (known.since.elapsed() < IDLE && known.connection.get_mut().is_quiet()).then_some(known.connection)
    }

    fn open(&self, way: &Way, end: Instant) -> Result<Stream, Fault> {
        let stream = match &way.proxy {
            Some(proxy) => self.tunnel(proxy, &way.address, end).map_err(at_proxy)?,
            None => Stream::connect(&way.address, end)?,
        };
        self.secure(stream, &way.address)
    }

    /// <https://www.rfc-editor.org/rfc/rfc9110#name-connect>; plain http goes through it as well, so that the proxy sees no secret by itself.
    fn tunnel(&self, proxy: &Proxy, target: &Address, end: Instant) -> Result<Stream, Fault> {
        let stream = Stream::connect(&proxy.address, end)?;
        let mut connection = BufReader::new(self.secure(stream, &proxy.address)?);
        let target = target.authority();
        let authorization = proxy.authorization.as_ref();
        let authorization = authorization.map_or_else(String::new, |value| format!("Proxy-Authorization: {value}\r\n"));
        // At once: some proxies read no more than what comes first.
        let message = Zeroizing::new(format!("CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n{authorization}\r\n"));
        connection.get_mut().write_all(message.as_bytes())?;
        connection.get_mut().flush()?;
        match Head::read(&mut connection)?.status {
            200..=299 => Ok(connection.into_inner()),
            status => Err(Fault::Proxy(format!("it answered {status}"))),
        }
    }

    fn secure(&self, stream: Stream, address: &Address) -> Result<Stream, Fault> {
        if !address.tls {
            return Ok(stream);
        }
        let unprepared = || Fault::Tls(TlsFault::Other("TLS is not set up".into()));
        stream.secured(&address.host, self.tls.get().ok_or_else(unprepared)?)
    }
}
