//! What ureq and rustls report, in the terms of `matrix::error`.

use std::error::Error as _;
use std::io::{self, ErrorKind};

use rustls::{AlertDescription, CertificateError, OtherError};
use ureq::{Proxy, ProxyProtocol};

use crate::matrix::error::{Error, Fault, Oddity};
use crate::matrix::tls_fault::TlsFault;

/// `is_sent`: the server may have the whole request.
pub(crate) fn error(url: &str, error: ureq::Error, is_sent: bool, proxy: Option<&Proxy>) -> Error {
    let url = url.to_owned();
    if let ureq::Error::RequireHttpsOnly(target) = error {
        let place = target.split(['?', '#']).next().unwrap_or_default().to_owned();
        return Error::NotMatrix {
            url,
            status: 302,
            oddity: Oddity::Redirect(place),
            retry_after: None,
        };
    }
    let fault = fault(error, is_sent);
    let fault = match proxy {
        Some(proxy) if !is_sent => through_proxy(fault, proxy.protocol()),
        _ => fault,
    };
    match fault {
        // With TLS 1.3 that is said when the request is on its way already, and the server reads none of it then.
        fault @ Fault::Tls(TlsFault::ClientCert) => Error::Unreached { url, fault },
        fault if is_sent => Error::Lost { url, fault },
        fault => Error::Unreached { url, fault },
    }
}

fn fault(error: ureq::Error, is_sent: bool) -> Fault {
    match error {
        ureq::Error::HostNotFound => Fault::UnknownHost,
        ureq::Error::Timeout(_) => Fault::TimedOut,
        ureq::Error::Io(error) => io_fault(&error, is_sent),
        ureq::Error::Rustls(error) => Fault::Tls(tls_fault(&error, is_sent)),
        ureq::Error::Tls(reason) => Fault::Tls(TlsFault::Other(reason.into())),
        ureq::Error::ConnectProxyFailed(reason) => Fault::Proxy(reason),
        ureq::Error::Protocol(error) => Fault::NotHttp(error.to_string()),
        ureq::Error::LargeResponseHeader(..) => Fault::NotHttp("the header is too large".into()),
        other => Fault::System(other.to_string()),
    }
}

/// Only the proxy is looked up and connected to by this host. Of the rest, the library doesn't say at which of the two it happened.
fn through_proxy(fault: Fault, protocol: ProxyProtocol) -> Fault {
    match fault {
        Fault::Refused => Fault::Proxy("it refuses the connection".into()),
        Fault::UnknownHost => Fault::Proxy("its host name is not known".into()),
        Fault::TimedOut => Fault::Proxy("no answer came in time".into()),
        Fault::Closed => Fault::Proxy("the connection was closed".into()),
        Fault::NotHttp(reason) => Fault::Proxy(format!("it does not speak HTTP: {reason}")),
        Fault::Tls(fault) if protocol == ProxyProtocol::Https => Fault::Proxy(format!("it, or the server, {fault}")),
        fault => fault,
    }
}

fn io_fault(error: &io::Error, is_sent: bool) -> Fault {
    if let Some(error) = error.get_ref().and_then(|inner| inner.downcast_ref()) {
        return Fault::Tls(tls_fault(error, is_sent));
    }
    match error.kind() {
        ErrorKind::ConnectionRefused => Fault::Refused,
        ErrorKind::TimedOut | ErrorKind::WouldBlock => Fault::TimedOut,
        ErrorKind::UnexpectedEof | ErrorKind::ConnectionReset | ErrorKind::ConnectionAborted | ErrorKind::BrokenPipe => Fault::Closed,
        _ if error.to_string().contains("lookup address") => Fault::UnknownHost,
        _ => Fault::System(error.source().map_or_else(|| error.to_string(), ToString::to_string)),
    }
}

/// With TLS 1.3 the server judges the client's certificate when the client is done.
fn tls_fault(error: &rustls::Error, is_sent: bool) -> TlsFault {
    match error {
        rustls::Error::AlertReceived(alert) if is_about_client_cert(*alert) => TlsFault::ClientCert,
        other if is_sent => TlsFault::Broken(other.to_string()),
        rustls::Error::InvalidCertificate(certificate) => certificate_fault(certificate),
        rustls::Error::InvalidMessage(_) => TlsFault::NotTls,
        rustls::Error::AlertReceived(AlertDescription::HandshakeFailure) => TlsFault::HandshakeFailure,
        other => TlsFault::Other(format!("TLS failed: {other}")),
    }
}

fn is_about_client_cert(alert: AlertDescription) -> bool {
    matches!(
        alert,
        AlertDescription::CertificateRequired
            | AlertDescription::UnknownCA
            | AlertDescription::DecryptError
            | AlertDescription::BadCertificate
            | AlertDescription::CertificateUnknown
            | AlertDescription::CertificateExpired
            | AlertDescription::CertificateRevoked
            | AlertDescription::UnsupportedCertificate
    )
}

fn certificate_fault(error: &CertificateError) -> TlsFault {
    match error {
        CertificateError::UnknownIssuer => TlsFault::UnknownIssuer,
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => TlsFault::Expired,
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => TlsFault::NotYetValid,
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => TlsFault::OtherName,
        CertificateError::BadSignature => TlsFault::BadSignature,
        CertificateError::Other(OtherError(other)) if other.to_string().contains("CaUsedAsEndEntity") => TlsFault::CaUsedAsServer,
        other => TlsFault::Other(format!("its certificate is invalid: {other}")),
    }
}
