//! What ureq and rustls report, in the terms of `matrix::error`.

use std::error::Error as _;
use std::io::{self, ErrorKind};

use ureq::{Proxy, ProxyProtocol};

use crate::matrix::error::{Error, TransportError, is_gateway_status};
use crate::matrix::tls_error::TlsError;

/// `is_sent`: whether the server may have the whole request; `None` for a `GET`, of which the library doesn't say.
pub(crate) fn error(url: &str, error: ureq::Error, is_sent: Option<bool>, proxy: Option<&Proxy>) -> Error {
    let url = url.to_owned();
    let error = match (transport_error(error, is_sent == Some(true)), proxy) {
        (error, Some(proxy)) if is_sent != Some(true) => through_proxy(error, proxy),
        (error, _) => error,
    };
    // With TLS 1.3 a client certificate is refused when the request is on its way already, and the server reads none of it then.
    let is_refused = error == TransportError::Tls(TlsError::ClientCertificate);
    if is_sent.unwrap_or(!error.is_before_sending()) && !is_refused {
        Error::ResponseLost { url, error }
    } else {
        Error::NotSent { url, error }
    }
}

fn transport_error(error: ureq::Error, is_sent: bool) -> TransportError {
    match error {
        ureq::Error::HostNotFound => TransportError::UnknownHost,
        ureq::Error::Timeout(_) => TransportError::TimedOut,
        ureq::Error::Io(error) => io_error(&error, is_sent),
        ureq::Error::Rustls(error) => TransportError::Tls(TlsError::new(&error, is_sent)),
        ureq::Error::Tls(_) => TransportError::Tls(TlsError::Certificate("can't be for this host: its name is no host name")),
        ureq::Error::ConnectProxyFailed(reason) => TransportError::Proxy {
            address: String::new(),
            is_temporary: reason.split([' ', '/']).any(|word| word.parse().is_ok_and(is_gateway_status)),
            reason,
        },
        ureq::Error::Protocol(error) => TransportError::NotHttp(error.to_string()),
        ureq::Error::LargeResponseHeader(..) => TransportError::NotHttp("the header is too large".into()),
        other => TransportError::System(other.to_string()),
    }
}

/// Only the proxy is looked up and connected to by this host. Of the rest, the library doesn't say at which of the two it happened.
fn through_proxy(error: TransportError, proxy: &Proxy) -> TransportError {
    let is_temporary = error.is_temporary();
    let reason = match error {
        TransportError::Refused => "connection refused".into(),
        TransportError::UnknownHost => "its host name does not resolve".into(),
        TransportError::NameServer => "temporary failure in name resolution".into(),
        TransportError::TimedOut => "no answer came in time".into(),
        TransportError::Closed => "the connection was closed".into(),
        TransportError::NotHttp(reason) => format!("it does not speak HTTP/1.1: {reason}"),
        TransportError::Proxy { reason, .. } => reason,
        TransportError::Tls(error) if proxy.protocol() == ProxyProtocol::Https => format!("it, or the server, {error}"),
        error => return error,
    };
    TransportError::Proxy { address: format!("{}:{}", proxy.host(), proxy.port()), reason, is_temporary }
}

fn io_error(error: &io::Error, is_sent: bool) -> TransportError {
    if let Some(error) = error.get_ref().and_then(|inner| inner.downcast_ref()) {
        return TransportError::Tls(TlsError::new(error, is_sent));
    }
    match error.kind() {
        ErrorKind::ConnectionRefused => TransportError::Refused,
        ErrorKind::TimedOut | ErrorKind::WouldBlock => TransportError::TimedOut,
        ErrorKind::UnexpectedEof | ErrorKind::ConnectionReset | ErrorKind::ConnectionAborted | ErrorKind::BrokenPipe => {
            TransportError::Closed
        }
        _ => name_resolution(&error.to_string())
            .unwrap_or_else(|| TransportError::System(error.source().map_or_else(|| error.to_string(), ToString::to_string))),
    }
}

/// The standard library passes on no code, only the text of `gai_strerror`: of musl, in releases, or of glibc.
fn name_resolution(text: &str) -> Option<TransportError> {
    let reason = text.strip_prefix("failed to lookup address information: ")?;
    Some(match reason {
        "Try again" | "Temporary failure in name resolution" => TransportError::NameServer,
        "Name does not resolve" | "Name or service not known" | "No address associated with hostname" | "Name has no usable address" => {
            TransportError::UnknownHost
        }
        _ => TransportError::System(format!("name resolution failed: {reason}")),
    })
}

#[cfg(test)]
mod tests {
    use std::io::ErrorKind;

    use ureq::Proxy;

    use super::{error, name_resolution};
    use crate::matrix::error::TransportError;

    #[test]
    fn a_proxy_that_fails_for_the_moment_is_worth_another_try_even_for_a_login() {
        let proxy = Proxy::new("http://127.0.0.1:3128").unwrap();
        for (cause, is_temporary) in [
            (ureq::Error::Io(ErrorKind::ConnectionRefused.into()), true),
            (ureq::Error::Timeout(ureq::Timeout::Connect), true),
            (ureq::Error::ConnectProxyFailed("proxy server responded 503/Service Unavailable".into()), true),
            (ureq::Error::ConnectProxyFailed("proxy server responded 403/Forbidden".into()), false),
            (ureq::Error::HostNotFound, false),
        ] {
            let text = cause.to_string();
            let error = error("https://hs.test/", cause, Some(false), Some(&proxy));
            assert_eq!(error.is_worth_repeating(false), is_temporary, "{text}");
        }
    }

    #[test]
    fn a_name_server_that_fails_for_the_moment_is_told_from_a_name_that_does_not_exist() {
        for (reason, expected) in [
            ("Try again", TransportError::NameServer),
            ("Temporary failure in name resolution", TransportError::NameServer),
            ("Name does not resolve", TransportError::UnknownHost),
            ("Name or service not known", TransportError::UnknownHost),
            ("No address associated with hostname", TransportError::UnknownHost),
            ("System error", TransportError::System("name resolution failed: System error".into())),
        ] {
            let text = format!("failed to lookup address information: {reason}");
            assert_eq!(name_resolution(&text), Some(expected), "{text}");
        }
        assert_eq!(name_resolution("No route to host"), None);
    }
}
