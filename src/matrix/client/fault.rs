//! What the HTTP and TLS libraries report, in the words of `matrix::error`.

use std::error::Error as _;
use std::io::{self, ErrorKind};

use rustls::{AlertDescription, CertificateError};

use crate::matrix::error::{Error, Fault, Oddity};
use crate::matrix::tls_fault::TlsFault;

pub(super) fn error(url: &str, error: ureq::Error, proxied: bool) -> Error {
    let url = url.to_owned();
    match error {
        ureq::Error::RequireHttpsOnly(_) => redirect(url, "plain http"),
        error => Error::NoAnswer {
            url,
            fault: if proxied { through_proxy(fault(error)) } else { fault(error) },
        },
    }
}

fn redirect(url: String, target: &str) -> Error {
    Error::NotMatrix {
        url,
        status: 302,
        oddity: Oddity::Redirect(target.into()),
        retry_after: None,
    }
}

fn fault(error: ureq::Error) -> Fault {
    match error {
        ureq::Error::HostNotFound => Fault::UnknownHost,
        ureq::Error::Timeout(_) => Fault::TimedOut,
        ureq::Error::Io(error) => io_fault(&error),
        ureq::Error::Rustls(error) => Fault::Tls(tls(&error)),
        ureq::Error::Tls(reason) => Fault::Tls(TlsFault::Other(reason.into())),
        ureq::Error::ConnectProxyFailed(reason) => Fault::Proxy(reason),
        ureq::Error::Protocol(error) => Fault::NotHttp(error.to_string()),
        ureq::Error::LargeResponseHeader(..) => Fault::NotHttp("the header is too large".into()),
        other => Fault::System(other.to_string()),
    }
}

/// Only the proxy is looked up and connected to by this host.
fn through_proxy(fault: Fault) -> Fault {
    match fault {
        Fault::Refused => Fault::Proxy("it refuses the connection".into()),
        Fault::UnknownHost => Fault::Proxy("its host name is not known".into()),
        fault => fault,
    }
}

fn io_fault(error: &io::Error) -> Fault {
    if let Some(error) = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>()) {
        return Fault::Tls(tls(error));
    }
    match error.kind() {
        ErrorKind::ConnectionRefused => Fault::Refused,
        ErrorKind::TimedOut | ErrorKind::WouldBlock => Fault::TimedOut,
        ErrorKind::UnexpectedEof | ErrorKind::ConnectionReset | ErrorKind::ConnectionAborted | ErrorKind::BrokenPipe => Fault::Closed,
        _ if error.to_string().contains("lookup address") => Fault::UnknownHost,
        _ => Fault::System(error.source().map_or_else(|| error.to_string(), ToString::to_string)),
    }
}

fn tls(error: &rustls::Error) -> TlsFault {
    match error {
        rustls::Error::InvalidCertificate(certificate) => certificate_fault(certificate),
        rustls::Error::InvalidMessage(_) => TlsFault::NotTls,
        rustls::Error::AlertReceived(AlertDescription::CertificateRequired) => TlsFault::ClientCertWanted,
        rustls::Error::AlertReceived(
            AlertDescription::UnknownCA
            | AlertDescription::DecryptError
            | AlertDescription::BadCertificate
            | AlertDescription::CertificateUnknown
            | AlertDescription::CertificateExpired
            | AlertDescription::CertificateRevoked
            | AlertDescription::UnsupportedCertificate,
        ) => TlsFault::ClientCertRefused,
        other => TlsFault::Other(format!("TLS failed: {other}")),
    }
}

fn certificate_fault(error: &CertificateError) -> TlsFault {
    match error {
        CertificateError::UnknownIssuer => TlsFault::UnknownIssuer,
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => TlsFault::Expired,
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => TlsFault::NotYetValid,
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => TlsFault::OtherName,
        other => TlsFault::Other(format!("its certificate is invalid: {other}")),
    }
}
