//! The way through a proxy, by `CONNECT`. Plain http goes through it as well, so that the proxy sees no secret by itself.
//! <https://www.rfc-editor.org/rfc/rfc9110#name-connect>

use std::io::{BufReader, Write};
use std::sync::Arc;
use std::time::Instant;

use rustls::ClientConfig;
use zeroize::Zeroizing;

use super::address::Address;
use super::head::Head;
use super::proxy::Proxy;
use super::stream::Stream;
use crate::matrix::error::Fault;

/// Opens one; `tls` is for the way to the proxy itself.
pub(super) fn tunnel(proxy: &Proxy, tls: Option<Arc<ClientConfig>>, target: &Address, end: Instant) -> Result<Stream, Fault> {
    let stream = Stream::connect(&proxy.address, end).and_then(|stream| stream.secured(&proxy.address.host, tls));
    stream.and_then(|stream| ask(stream, proxy, target)).map_err(at_proxy)
}

fn ask(stream: Stream, proxy: &Proxy, target: &Address) -> Result<Stream, Fault> {
    let mut connection = BufReader::new(stream);
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

/// What goes wrong on the way through a proxy is told of the proxy.
fn at_proxy(fault: Fault) -> Fault {
    match fault {
        Fault::Refused => Fault::Proxy("it refuses the connection".into()),
        Fault::UnknownHost => Fault::Proxy("its host name is not known".into()),
        Fault::TimedOut => Fault::Proxy("it does not answer in time".into()),
        Fault::Closed => Fault::Proxy("it closes the connection".into()),
        Fault::Tls(fault) => Fault::Proxy(format!("it {fault}")),
        Fault::NotHttp(reason) => Fault::Proxy(format!("it does not speak HTTP: {reason}")),
        fault => fault,
    }
}
