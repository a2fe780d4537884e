//! A way to one address, by TCP, TLS, or TLS through a proxy's tunnel: opened, and no longer waited for than the time for a request.
//! Knows no HTTP.

use std::io::{self, ErrorKind, IoSlice, Read, Write};
use std::net::{IpAddr, SocketAddr, TcpStream, ToSocketAddrs};
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use rustls::pki_types::ServerName;
use rustls::{ClientConfig, ClientConnection, StreamOwned};

use super::address::Address;
use super::fault::in_handshake;
use crate::matrix::error::Fault;
use crate::matrix::tls_fault::TlsFault;

/// Bytes to and from a server.
pub(super) enum Stream {
    Plain(Timed),
    Tls(Box<StreamOwned<ClientConnection, Stream>>),
}

/// A socket whose every wait is over when the time for the request is.
pub(super) struct Timed {
    socket: TcpStream,
    end: Instant,
}

impl Stream {
    pub(super) fn connect(address: &Address, end: Instant) -> Result<Self, Fault> {
        let socket = connect(&look_up(&address.host, address.port, end)?, end)?;
        socket.set_nodelay(true)?;
        Ok(Self::Plain(Timed { socket, end }))
    }

    /// The same with TLS inside where it is spoken, and its handshake done.
    pub(super) fn secured(mut self, host: &str, tls: Option<Arc<ClientConfig>>) -> Result<Self, Fault> {
        let Some(config) = tls else { return Ok(self) };
        let unfit = |_| Fault::Tls(TlsFault::Other(format!("{host} can't be the name in a certificate")));
        let name = ServerName::try_from(host.to_owned()).map_err(unfit)?;
        let mut session = ClientConnection::new(config, name).map_err(io::Error::other)?;
        let shaken = session.complete_io(&mut self);
        shaken.map_err(|error| in_handshake(error, session.peer_certificates().is_some()))?;
        // The library is content when the time runs out in the midst of it.
        if session.is_handshaking() {
            return Err(Fault::TimedOut);
        }
        Ok(Self::Tls(Box::new(StreamOwned::new(session, self))))
    }

    pub(super) fn wait_until(&mut self, end: Instant) {
        self.innermost().end = end;
    }

    /// Whether the other side has neither said anything more nor hung up.
    pub(super) fn is_quiet(&mut self) -> bool {
        match self {
            Self::Plain(Timed { socket, .. }) => {
                let heard = socket.set_nonblocking(true).and_then(|()| socket.peek(&mut [0]));
                let quiet = heard.is_err_and(|error| error.kind() == ErrorKind::WouldBlock);
                socket.set_nonblocking(false).is_ok() && quiet
            }
            // What is decrypted already has left the socket.
            Self::Tls(tls) => {
                let state = tls.conn.process_new_packets();
                state.is_ok_and(|state| state.plaintext_bytes_to_read() == 0 && !state.peer_has_closed()) && tls.sock.is_quiet()
            }
        }
    }

    fn innermost(&mut self) -> &mut Timed {
        match self {
            Self::Plain(timed) => timed,
            Self::Tls(tls) => tls.sock.innermost(),
        }
    }
}

/// Each address gets its share of the time, so that a dead one doesn't use up all of it.
fn connect(addresses: &[SocketAddr], end: Instant) -> Result<TcpStream, Fault> {
    let mut fault = Fault::UnknownHost;
    for (address, left) in addresses.iter().zip((1..=addresses.len()).rev()) {
        let share = time_left(end)? / u32::try_from(left).unwrap_or(u32::MAX);
        match TcpStream::connect_timeout(address, share.max(Duration::from_millis(1))) {
            Ok(socket) => return Ok(socket),
            // Somebody is there who may soon listen, whatever became of the other addresses.
            Err(_) if fault == Fault::Refused => {}
            Err(error) => fault = error.into(),
        }
    }
    Err(fault)
}

/// In a thread of its own, for nothing can interrupt a look-up; and without, where there may be no more threads.
fn look_up(host: &str, port: u16, end: Instant) -> Result<Vec<SocketAddr>, Fault> {
    if let Ok(address) = host.parse::<IpAddr>() {
        return Ok(vec![SocketAddr::new(address, port)]);
    }
    let (tell, hear) = mpsc::sync_channel(1);
    let name = host.to_owned();
    let asked = thread::Builder::new().spawn(move || tell.send((name.as_str(), port).to_socket_addrs()));
    let addresses = match asked {
        Ok(_) => hear.recv_timeout(time_left(end)?).map_err(|_| Fault::TimedOut)?,
        Err(_) => (host, port).to_socket_addrs(),
    };
    Ok(addresses?.collect())
}

fn time_left(end: Instant) -> io::Result<Duration> {
    let left = end.saturating_duration_since(Instant::now());
    if left.is_zero() {
        Err(ErrorKind::TimedOut.into())
    } else {
        Ok(left)
    }
}

impl Read for Timed {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        loop {
            self.socket.set_read_timeout(Some(time_left(self.end)?))?;
            match self.socket.read(bytes) {
                // The process was stopped for a while.
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                read => return read,
            }
        }
    }
}

impl Write for Timed {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.socket.set_write_timeout(Some(time_left(self.end)?))?;
        self.socket.write(bytes)
    }

    /// What TLS has to say in several records leaves as one segment.
    fn write_vectored(&mut self, pieces: &[IoSlice<'_>]) -> io::Result<usize> {
        self.socket.set_write_timeout(Some(time_left(self.end)?))?;
        self.socket.write_vectored(pieces)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Read for Stream {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Plain(timed) => timed.read(bytes),
            Self::Tls(tls) => tls.read(bytes),
        }
    }
}

impl Write for Stream {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Plain(timed) => timed.write(bytes),
            Self::Tls(tls) => tls.write(bytes),
        }
    }

    fn write_vectored(&mut self, pieces: &[IoSlice<'_>]) -> io::Result<usize> {
        match self {
            Self::Plain(timed) => timed.write_vectored(pieces),
            Self::Tls(tls) => tls.write_vectored(pieces),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Plain(timed) => timed.flush(),
            Self::Tls(tls) => tls.flush(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::{IoSlice, Write};
    use std::net::TcpListener;
    use std::time::{Duration, Instant};

    use super::{Stream, connect};
    use crate::matrix::client::address::Address;
    use crate::matrix::error::Fault;

    #[test]
    fn a_host_that_refuses_at_one_address_refuses() {
        // Nothing listens at port 1, and TCP leads to no broadcast address.
        let [closed, unreachable] = ["127.0.0.1:1", "255.255.255.255:1"].map(|address| address.parse().unwrap());
        for (addresses, refused) in [
            ([closed, unreachable], true),
            ([unreachable, closed], true),
            ([unreachable, unreachable], false),
        ] {
            let fault = connect(&addresses, Instant::now() + Duration::from_secs(10)).unwrap_err();
            assert_eq!(fault == Fault::Refused, refused, "{addresses:?} {fault}");
        }
        assert_eq!(connect(&[], Instant::now()).unwrap_err(), Fault::UnknownHost);
    }

    #[test]
    fn pieces_of_one_message_leave_together() {
        let server = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = Address {
            tls: false,
            host: "127.0.0.1".into(),
            port: server.local_addr().unwrap().port(),
        };
        let mut stream = Stream::connect(&address, Instant::now() + Duration::from_secs(10)).unwrap();
        let pieces = [b"one ".as_slice(), b"segment"].map(IoSlice::new);
        assert_eq!(stream.write_vectored(&pieces).unwrap(), 11);
    }
}
