//! What the HTTP and TLS libraries report, in the words of `matrix::error`.

use std::error::Error as _;
use std::io::{self, ErrorKind};

use rustls::{AlertDescription, CertificateError, OtherError};

use crate::matrix::error::Fault;
use crate::matrix::tls_fault::TlsFault;

impl From<io::Error> for Fault {
    fn from(error: io::Error) -> Self {
        if let Some(error) = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>()) {
            return Self::Tls(tls(error));
        }
        match error.kind() {
            ErrorKind::ConnectionRefused => Self::Refused,
            ErrorKind::TimedOut | ErrorKind::WouldBlock => Self::TimedOut,
            ErrorKind::UnexpectedEof | ErrorKind::ConnectionReset | ErrorKind::ConnectionAborted | ErrorKind::BrokenPipe => Self::Closed,
            _ if error.to_string().contains("lookup address") => Self::UnknownHost,
            _ => Self::System(error.source().map_or_else(|| error.to_string(), ToString::to_string)),
        }
    }
}

/// What goes wrong on the way through a proxy is told of the proxy.
pub(super) fn at_proxy(fault: Fault) -> Fault {
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
        CertificateError::Other(OtherError(other)) if other.downcast_ref() == Some(&webpki::Error::CaUsedAsEndEntity) => {
            TlsFault::OfAnAuthority
        }
        other => TlsFault::Other(format!("its certificate is invalid: {other}")),
    }
}
