//! What ureq and rustls report, in the terms of `matrix::error`.

use std::error::Error as _;
use std::io::{self, ErrorKind};
use std::time::Duration;

use rustls::{AlertDescription, CertificateError, PeerIncompatible};
use ureq::{Proxy, ProxyProtocol};

use super::peer_certificate;
use crate::matrix::error::{Error, TransportError, UnexpectedBody};
use crate::matrix::tls_error::TlsError;

/// `is_sent`: whether the server may have the whole request; `None` for a `GET`, of which the library doesn't say.
pub(crate) fn error(url: &str, error: ureq::Error, is_sent: Option<bool>, proxy: Option<&Proxy>) -> Error {
    let url = url.to_owned();
    if let ureq::Error::RequireHttpsOnly(target) = error {
        return Error::UnexpectedResponse {
            url,
            status: 302,
            body: UnexpectedBody::Redirect {
                target: target.split(['?', '#']).next().unwrap_or_default().to_owned(),
                is_same_endpoint: false,
            },
            retry_after: None,
        };
    }
    let error = transport_error(error, is_sent == Some(true));
    let error = match proxy {
        Some(proxy) if is_sent != Some(true) => through_proxy(error, proxy),
        _ => error,
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
        ureq::Error::Rustls(error) => TransportError::Tls(tls_error(&error, is_sent)),
        ureq::Error::Tls(_) => TransportError::Tls(TlsError::Certificate("can't be for this host: its name is no host name")),
        ureq::Error::ConnectProxyFailed(reason) => TransportError::Proxy {
            address: String::new(),
            reason,
        },
        ureq::Error::Protocol(error) => TransportError::NotHttp(error.to_string()),
        ureq::Error::LargeResponseHeader(..) => TransportError::NotHttp("the header is too large".into()),
        other => TransportError::System(other.to_string()),
    }
}

/// Only the proxy is looked up and connected to by this host. Of the rest, the library doesn't say at which of the two it happened.
fn through_proxy(error: TransportError, proxy: &Proxy) -> TransportError {
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
    TransportError::Proxy {
        address: format!("{}:{}", proxy.host(), proxy.port()),
        reason,
    }
}

fn io_error(error: &io::Error, is_sent: bool) -> TransportError {
    if let Some(error) = error.get_ref().and_then(|inner| inner.downcast_ref()) {
        return TransportError::Tls(tls_error(error, is_sent));
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
    let is_temporary = ["Try again", "Temporary failure in name resolution"].contains(&reason);
    Some(if is_temporary {
        TransportError::NameServer
    } else {
        TransportError::UnknownHost
    })
}

/// `is_sent`: the handshake is over. With TLS 1.3 the server judges the client's certificate after that.
fn tls_error(error: &rustls::Error, is_sent: bool) -> TlsError {
    match error {
        rustls::Error::InvalidCertificate(error) => certificate_error(error),
        rustls::Error::AlertReceived(alert) if is_about_client_certificate(*alert) => TlsError::ClientCertificate,
        rustls::Error::AlertReceived(alert) if is_sent => TlsError::Broken(sent_alert(*alert)),
        rustls::Error::AlertReceived(alert) => alert_error(*alert),
        rustls::Error::DecryptError => TlsError::Broken("what it sent can't be decrypted".into()),
        _ if is_sent => TlsError::Broken("it breaks the TLS protocol".into()),
        rustls::Error::InvalidMessage(_) => TlsError::NotTls,
        rustls::Error::PeerIncompatible(error) => TlsError::NothingInCommon(nothing_in_common(error)),
        rustls::Error::NoCertificatesPresented => TlsError::Certificate("is missing: it presents none"),
        rustls::Error::NoApplicationProtocol => TlsError::NothingInCommon("speaks no HTTP/1.1"),
        rustls::Error::PeerSentOversizedRecord | rustls::Error::PeerMisbehaved(_) => {
            TlsError::Protocol("it breaks the TLS protocol".into())
        }
        rustls::Error::InappropriateMessage { .. } | rustls::Error::InappropriateHandshakeMessage { .. } => {
            TlsError::Protocol("it sends messages out of order".into())
        }
        rustls::Error::FailedToGetRandomBytes => TlsError::Protocol("this host has no random numbers".into()),
        rustls::Error::FailedToGetCurrentTime => TlsError::Protocol("this host has no clock".into()),
        _ => TlsError::Protocol("TLS library error".into()),
    }
}

fn is_about_client_certificate(alert: AlertDescription) -> bool {
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
            | AlertDescription::AccessDenied
    )
}

fn alert_error(alert: AlertDescription) -> TlsError {
    match alert {
        AlertDescription::HandshakeFailure => TlsError::HandshakeFailure,
        AlertDescription::ProtocolVersion => TlsError::NothingInCommon("speaks neither TLS 1.2 nor TLS 1.3"),
        AlertDescription::InsufficientSecurity => TlsError::NothingInCommon("wants stronger cipher suites"),
        AlertDescription::NoApplicationProtocol => TlsError::NothingInCommon("speaks no HTTP/1.1"),
        AlertDescription::UnrecognisedName => TlsError::Certificate("is missing: it has none for this host name (unrecognized_name)"),
        other => TlsError::Protocol(sent_alert(other)),
    }
}

/// By the number that RFC 8446, section 6, and the logs of servers have.
fn sent_alert(alert: AlertDescription) -> String {
    format!("it sent the TLS alert {}", u8::from(alert))
}

fn nothing_in_common(error: &PeerIncompatible) -> &'static str {
    match error {
        PeerIncompatible::NoCipherSuitesInCommon => "shares no cipher suite with this module (RSA key exchange and CBC are not supported)",
        PeerIncompatible::NoKxGroupsInCommon | PeerIncompatible::NamedGroupsExtensionRequired => {
            "shares no key exchange group with this module (X25519, P-256, P-384)"
        }
        PeerIncompatible::NoSignatureSchemesInCommon
        | PeerIncompatible::SignatureAlgorithmsExtensionRequired
        | PeerIncompatible::NoCertificateRequestSignatureSchemesInCommon => "shares no signature algorithm with this module",
        PeerIncompatible::ServerDoesNotSupportTls12Or13
        | PeerIncompatible::ServerTlsVersionIsDisabledByOurConfig
        | PeerIncompatible::SupportedVersionsExtensionRequired
        | PeerIncompatible::Tls12NotOffered
        | PeerIncompatible::Tls12NotOfferedOrEnabled
        | PeerIncompatible::Tls13RequiredForQuic => "speaks neither TLS 1.2 nor TLS 1.3",
        PeerIncompatible::ExtendedMasterSecretExtensionRequired => "does not support the extended master secret",
        _ => "lacks what this module needs of TLS",
    }
}

/// The better explanation of an unknown issuer, if the certificate is for another host name.
pub(crate) fn of_another_name(url: &str, timeout: Duration) -> Option<TlsError> {
    peer_certificate::name_error(url, timeout).map(|error| certificate_error(&error))
}

fn certificate_error(error: &CertificateError) -> TlsError {
    match error {
        CertificateError::UnknownIssuer => TlsError::UnknownIssuer,
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => TlsError::Expired,
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => TlsError::NotYetValid,
        CertificateError::NotValidForName => TlsError::WrongName { presented: Vec::new() },
        CertificateError::NotValidForNameContext { presented, .. } => TlsError::WrongName {
            presented: presented.iter().map(|name| dns_name(name)).collect(),
        },
        CertificateError::BadSignature => TlsError::BadSignature,
        CertificateError::BadEncoding => TlsError::Certificate("can't be read"),
        CertificateError::Revoked => TlsError::Certificate("is revoked"),
        CertificateError::UnhandledCriticalExtension => TlsError::Certificate("has a critical extension that is not supported"),
        CertificateError::UnsupportedSignatureAlgorithmContext { .. }
        | CertificateError::UnsupportedSignatureAlgorithmForPublicKeyContext { .. } => {
            TlsError::Certificate("is signed with an algorithm that is not supported, such as SHA-1, or P-384 with SHA-512")
        }
        CertificateError::InvalidPurpose | CertificateError::InvalidPurposeContext { .. } => {
            TlsError::Certificate("is not for servers (extended key usage)")
        }
        CertificateError::UnknownRevocationStatus
        | CertificateError::ExpiredRevocationList
        | CertificateError::ExpiredRevocationListContext { .. } => TlsError::Certificate("can't be checked for revocation"),
        CertificateError::InvalidOcspResponse => TlsError::Certificate("comes with a broken OCSP response"),
        other => other_certificate_error(&other.to_string()),
    }
}

/// What rustls has no variant for, by the names of its verifier's errors.
fn other_certificate_error(name: &str) -> TlsError {
    let known = |names: &[&str]| names.iter().any(|known| name.contains(known));
    if known(&["CaUsedAsEndEntity"]) {
        TlsError::CaUsedAsServer
    } else if known(&["UnsupportedCertVersion"]) {
        TlsError::Certificate("is of X.509 version 1 or 2, not 3")
    } else if known(&["SignatureAlgorithm"]) {
        TlsError::Certificate("is signed with an algorithm that is not supported")
    } else if known(&["EndEntityUsedAsCa", "PathLen", "PathDepth", "NameConstraint"]) {
        TlsError::Certificate("is signed by a certificate that may not sign it")
    } else {
        TlsError::Certificate("breaks the rules for certificates (RFC 5280)")
    }
}

/// rustls writes `DnsName("example.com")`.
fn dns_name(presented: &str) -> String {
    presented
        .split('"')
        .nth(1)
        .unwrap_or(presented)
        .chars()
        .filter(|letter| !letter.is_control())
        .collect()
}
