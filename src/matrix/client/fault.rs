//! What the HTTP and TLS libraries report, in the words of `matrix::error`.

use std::error::Error as _;
use std::io::{self, ErrorKind};

use rustls::{AlertDescription, CertificateError, OtherError};

use crate::matrix::error::Fault;
use crate::matrix::tls_fault::TlsFault;

impl From<io::Error> for Fault {
    fn from(error: io::Error) -> Self {
        if let Some(error) = of_tls(&error) {
            return Self::Tls(after_handshake(error));
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

fn of_tls(error: &io::Error) -> Option<&rustls::Error> {
    error.get_ref().and_then(|inner| inner.downcast_ref())
}

/// What goes wrong before TLS stands, and before or after the server has shown who it is.
pub(super) fn in_handshake(error: io::Error, server_is_known: bool) -> Fault {
    let Some(error) = of_tls(&error) else { return error.into() };
    Fault::Tls(match error {
        rustls::Error::InvalidCertificate(certificate) => certificate_fault(certificate),
        rustls::Error::InvalidMessage(_) => TlsFault::NotTls,
        // TLS 1.2 has no words for a missing certificate; but all else is agreed on by then.
        rustls::Error::AlertReceived(AlertDescription::HandshakeFailure) if server_is_known => TlsFault::ClientCert,
        rustls::Error::AlertReceived(alert) if is_about_client_cert(*alert) => TlsFault::ClientCert,
        other => TlsFault::Other(format!("TLS failed: {other}")),
    })
}

/// With TLS 1.3 the server judges the client's certificate when the client is done.
fn after_handshake(error: &rustls::Error) -> TlsFault {
    match error {
        rustls::Error::AlertReceived(alert) if is_about_client_cert(*alert) => TlsFault::ClientCert,
        other => TlsFault::Broken(other.to_string()),
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
        CertificateError::Other(OtherError(other)) if other.downcast_ref() == Some(&webpki::Error::CaUsedAsEndEntity) => {
            TlsFault::OfAnAuthority
        }
        other => TlsFault::Other(format!("its certificate is invalid: {other}")),
    }
}
