//! What can be wrong with TLS, a sentence each, and which errors of rustls that is.

pub(crate) mod wrong_name;

use rustls::{AlertDescription, CertificateError, PeerIncompatible};
use thiserror::Error;

/// Why no TLS connection came about, or why it broke.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum TlsError {
    #[error("does not speak TLS")]
    NotTls,
    #[error("could not be trusted: its certificate is signed by a CA that is not in the trust store of this host")]
    UnknownIssuer,
    /// As `openssl req -x509` makes one unless told otherwise.
    #[error("could not be trusted: it presents a CA certificate as its server certificate")]
    CaUsedAsServer,
    /// A signature in the chain is not by the trusted certificate of that name, or the server doesn't have the key of its certificate.
    #[error("could not be trusted: a signature of its certificate does not verify")]
    BadSignature,
    #[error("could not be trusted: its certificate, or one that signed it, has expired")]
    Expired,
    #[error("could not be trusted: its certificate, or one that signed it, is not valid yet")]
    NotYetValid,
    /// The names in the certificate.
    #[error("could not be trusted: its certificate {}", names(presented))]
    WrongName { presented: Vec<String> },
    /// The certificate can't be used, whoever signed it.
    #[error("could not be trusted: its certificate {0}")]
    Certificate(&'static str),
    /// It got none, or one that it does not trust.
    #[error("requires a client certificate that it trusts")]
    ClientCertificate,
    /// With TLS 1.2 that may be for a missing client certificate.
    #[error("refused the TLS handshake (handshake_failure)")]
    HandshakeFailure,
    /// So servers written in Go, such as Caddy, refuse a name that they have no certificate for.
    #[error("failed in the TLS handshake: it has an internal error (internal_error)")]
    InternalError,
    /// No TLS version, cipher suite or signature algorithm.
    #[error("could not agree on TLS: the server {0}")]
    NothingInCommon(&'static str),
    /// The connection stood, but then it was no TLS any more.
    #[error("broke the encrypted connection: {0}")]
    Broken(String),
    /// The server breaks the TLS protocol, or says so of us.
    #[error("failed in the TLS handshake: {0}")]
    Protocol(String),
}

const NO_TLS_VERSION: &str = "speaks neither TLS 1.2 nor TLS 1.3";

fn names(presented: &[String]) -> String {
    if presented.is_empty() {
        return "names no host".into();
    }
    format!("is for another host name ({})", presented.join(", "))
}

impl TlsError {
    /// `is_sent`: the handshake is over. With TLS 1.3 the server judges the client's certificate after that.
    pub(crate) fn new(error: &rustls::Error, is_sent: bool) -> Self {
        match error {
            rustls::Error::InvalidCertificate(error) => error.into(),
            rustls::Error::AlertReceived(alert) => Self::of_alert(*alert, is_sent),
            rustls::Error::DecryptError => Self::Broken("what it sent can't be decrypted".into()),
            _ if is_sent => Self::Broken("it breaks the TLS protocol".into()),
            rustls::Error::InvalidMessage(_) => Self::NotTls,
            // The other variants are for servers, or for what this module does not use.
            rustls::Error::PeerIncompatible(error) => Self::NothingInCommon(match error {
                PeerIncompatible::ServerDoesNotSupportTls12Or13 | PeerIncompatible::ServerTlsVersionIsDisabledByOurConfig => NO_TLS_VERSION,
                PeerIncompatible::NoCertificateRequestSignatureSchemesInCommon => "shares no signature algorithm with this module",
                PeerIncompatible::ExtendedMasterSecretExtensionRequired => "does not support the extended master secret",
                _ => "lacks what this module needs of TLS",
            }),
            rustls::Error::NoCertificatesPresented => Self::Certificate("is missing: it presents none"),
            rustls::Error::NoApplicationProtocol => Self::NothingInCommon("speaks no HTTP/1.1"),
            rustls::Error::FailedToGetRandomBytes => Self::Protocol("this host has no random numbers".into()),
            rustls::Error::FailedToGetCurrentTime => Self::Protocol("this host has no clock".into()),
            rustls::Error::PeerSentOversizedRecord
            | rustls::Error::PeerMisbehaved(_)
            | rustls::Error::InappropriateMessage { .. }
            | rustls::Error::InappropriateHandshakeMessage { .. } => Self::Protocol("it breaks the TLS protocol".into()),
            _ => Self::Protocol("the TLS library of this module has an internal error".into()),
        }
    }

    /// Others by the number that RFC 8446, section 6, and the logs of servers have.
    fn of_alert(alert: AlertDescription, is_sent: bool) -> Self {
        let sent = || format!("it sent the TLS alert {}", u8::from(alert));
        match alert {
            AlertDescription::CertificateRequired
            | AlertDescription::UnknownCA
            | AlertDescription::DecryptError
            | AlertDescription::BadCertificate
            | AlertDescription::CertificateUnknown
            | AlertDescription::CertificateExpired
            | AlertDescription::CertificateRevoked
            | AlertDescription::UnsupportedCertificate
            | AlertDescription::AccessDenied => Self::ClientCertificate,
            _ if is_sent => Self::Broken(sent()),
            AlertDescription::HandshakeFailure => Self::HandshakeFailure,
            AlertDescription::InternalError => Self::InternalError,
            AlertDescription::ProtocolVersion => Self::NothingInCommon(NO_TLS_VERSION),
            AlertDescription::InsufficientSecurity => Self::NothingInCommon("wants stronger cipher suites"),
            AlertDescription::NoApplicationProtocol => Self::NothingInCommon("speaks no HTTP/1.1"),
            AlertDescription::UnrecognisedName => Self::Certificate("is missing: it has none for this host name (unrecognized_name)"),
            _ => Self::Protocol(sent()),
        }
    }
}

impl From<&CertificateError> for TlsError {
    fn from(error: &CertificateError) -> Self {
        // What rustls has no variant for, or only a deprecated one, goes by the names of its verifier's errors.
        let text = error.to_string();
        let has = |names: &[&str]| names.iter().any(|name| text.contains(name));
        match error {
            CertificateError::UnknownIssuer => Self::UnknownIssuer,
            CertificateError::Expired | CertificateError::ExpiredContext { .. } => Self::Expired,
            CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => Self::NotYetValid,
            CertificateError::NotValidForName => Self::WrongName { presented: Vec::new() },
            CertificateError::NotValidForNameContext { presented, .. } => {
                Self::WrongName { presented: presented.iter().filter_map(|name| host_name(name)).collect() }
            }
            CertificateError::BadSignature => Self::BadSignature,
            CertificateError::BadEncoding => Self::Certificate("can't be read"),
            CertificateError::InvalidPurpose | CertificateError::InvalidPurposeContext { .. } => {
                Self::Certificate("is not for servers (extended key usage)")
            }
            _ if has(&["CaUsedAsEndEntity"]) => Self::CaUsedAsServer,
            _ if has(&["CriticalExtension"]) => Self::Certificate("has a critical extension that is not supported"),
            _ if has(&["UnsupportedCertVersion"]) => Self::Certificate("is of X.509 version 1 or 2, not 3"),
            _ if has(&["SignatureAlgorithm"]) => {
                Self::Certificate("is signed with an algorithm that is not supported, such as SHA-1, or P-384 with SHA-512")
            }
            _ if has(&["EndEntityUsedAsCa", "PathLen", "PathDepth", "NameConstraint"]) => {
                Self::Certificate("is signed by a certificate that may not sign it")
            }
            _ => Self::Certificate("breaks the rules for certificates (RFC 5280)"),
        }
    }
}

/// rustls writes `DnsName("example.com")` and `IpAddress(192.0.2.1)`. Other kinds of names are of no host.
fn host_name(presented: &str) -> Option<String> {
    let name = presented.strip_prefix("DnsName(\"").or_else(|| presented.strip_prefix("IpAddress("))?;
    Some(name.trim_end_matches(['"', ')']).replace(char::is_control, ""))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use rustls::pki_types::{ServerName, UnixTime};
    use rustls::{
        AlertDescription, CertRevocationListError, CertificateError, ContentType, Error, ExtendedKeyPurpose, HandshakeType,
        InconsistentKeys, InvalidMessage, OtherError, PeerIncompatible, PeerMisbehaved,
    };

    use super::TlsError;

    /// Every variant, in the order of rustls. The deprecated one is never made by rustls itself.
    fn certificate_errors() -> Vec<CertificateError> {
        let now = UnixTime::since_unix_epoch(Duration::ZERO);
        let mut errors = vec![
            CertificateError::BadEncoding,
            CertificateError::Expired,
            CertificateError::ExpiredContext { time: now, not_after: now },
            CertificateError::NotValidYet,
            CertificateError::NotValidYetContext { time: now, not_before: now },
            CertificateError::Revoked,
            CertificateError::UnhandledCriticalExtension,
            CertificateError::UnknownIssuer,
            CertificateError::UnknownRevocationStatus,
            CertificateError::ExpiredRevocationList,
            CertificateError::ExpiredRevocationListContext { time: now, next_update: now },
            CertificateError::BadSignature,
            CertificateError::UnsupportedSignatureAlgorithmContext { signature_algorithm_id: Vec::new(), supported_algorithms: Vec::new() },
            CertificateError::UnsupportedSignatureAlgorithmForPublicKeyContext {
                signature_algorithm_id: Vec::new(),
                public_key_algorithm_id: Vec::new(),
            },
            CertificateError::NotValidForName,
            CertificateError::NotValidForNameContext {
                expected: ServerName::try_from("hs.test").unwrap(),
                presented: ["DnsName(\"other.test\")", "IpAddress(192.0.2.1)", "DirectoryName"].map(Into::into).into(),
            },
            CertificateError::InvalidPurpose,
            CertificateError::InvalidPurposeContext {
                required: ExtendedKeyPurpose::ServerAuth,
                presented: vec![ExtendedKeyPurpose::ClientAuth],
            },
            CertificateError::InvalidOcspResponse,
            CertificateError::ApplicationVerificationFailure,
        ];
        let of_verifier = [
            "CaUsedAsEndEntity",
            "UnsupportedCertVersion",
            "UnsupportedCriticalExtension",
            "EndEntityUsedAsCa",
            "PathLenConstraintViolated",
            "NameConstraintViolation",
            "MaximumPathDepthExceeded",
        ];
        let other = |name: &str| CertificateError::Other(OtherError(Arc::new(std::io::Error::other(name.to_owned()))));
        errors.extend(of_verifier.map(other));
        errors
    }

    fn peer_errors() -> [PeerIncompatible; 22] {
        [
            PeerIncompatible::EcPointsExtensionRequired,
            PeerIncompatible::ExtendedMasterSecretExtensionRequired,
            PeerIncompatible::IncorrectCertificateTypeExtension,
            PeerIncompatible::KeyShareExtensionRequired,
            PeerIncompatible::NamedGroupsExtensionRequired,
            PeerIncompatible::NoCertificateRequestSignatureSchemesInCommon,
            PeerIncompatible::NoCipherSuitesInCommon,
            PeerIncompatible::NoEcPointFormatsInCommon,
            PeerIncompatible::NoKxGroupsInCommon,
            PeerIncompatible::NoSignatureSchemesInCommon,
            PeerIncompatible::NullCompressionRequired,
            PeerIncompatible::ServerDoesNotSupportTls12Or13,
            PeerIncompatible::ServerSentHelloRetryRequestWithUnknownExtension,
            PeerIncompatible::ServerTlsVersionIsDisabledByOurConfig,
            PeerIncompatible::SignatureAlgorithmsExtensionRequired,
            PeerIncompatible::SupportedVersionsExtensionRequired,
            PeerIncompatible::Tls12NotOffered,
            PeerIncompatible::Tls12NotOfferedOrEnabled,
            PeerIncompatible::Tls13RequiredForQuic,
            PeerIncompatible::UncompressedEcPointsRequired,
            PeerIncompatible::UnsolicitedCertificateTypeExtension,
            PeerIncompatible::ServerRejectedEncryptedClientHello(None),
        ]
    }

    fn all() -> Vec<Error> {
        let certificate = certificate_errors().into_iter().map(Error::InvalidCertificate);
        let peer = peer_errors().map(Error::PeerIncompatible);
        let alerts = (0..=255).map(|number: u8| Error::AlertReceived(AlertDescription::from(number)));
        let others = [
            Error::InvalidMessage(InvalidMessage::InvalidContentType),
            Error::NoCertificatesPresented,
            Error::NoApplicationProtocol,
            Error::DecryptError,
            Error::PeerSentOversizedRecord,
            Error::PeerMisbehaved(PeerMisbehaved::IllegalMiddleboxChangeCipherSpec),
            Error::FailedToGetRandomBytes,
            Error::FailedToGetCurrentTime,
            Error::EncryptError,
            Error::HandshakeNotComplete,
            Error::BadMaxFragmentSize,
            Error::InconsistentKeys(InconsistentKeys::KeyMismatch),
            Error::InvalidCertRevocationList(CertRevocationListError::ParseError),
            Error::InappropriateMessage { expect_types: Vec::new(), got_type: ContentType::Alert },
            Error::InappropriateHandshakeMessage { expect_types: Vec::new(), got_type: HandshakeType::Finished },
            Error::Other(OtherError(Arc::new(std::io::Error::other("SecretOfRustls")))),
            Error::General("secret of rustls".into()),
        ];
        certificate.chain(peer).chain(alerts).chain(others).collect()
    }

    /// `CamelCase`, brackets of a struct or a tuple, and quotes are how `Debug` looks.
    fn looks_like_debug(sentence: &str) -> bool {
        let is_camel_case = |word: &str| word.chars().skip(1).any(char::is_uppercase) && word.chars().any(char::is_lowercase);
        let known = ["OCSP"];
        sentence.contains(['{', '"', '[']) || sentence.split([' ', '(', ')', ',']).any(|word| is_camel_case(word) && !known.contains(&word))
    }

    #[test]
    fn every_error_of_rustls_is_a_sentence_and_none_prints_debug() {
        for error in all() {
            for is_sent in [false, true] {
                let sentence = TlsError::new(&error, is_sent).to_string();
                let begins_well = ["could ", "does ", "requires ", "refused ", "broke ", "failed "];
                assert!(begins_well.iter().any(|start| sentence.starts_with(start)), "{error:?}: {sentence}");
                assert!(!looks_like_debug(&sentence) && !sentence.contains("rustls"), "{error:?}: {sentence}");
            }
        }
    }

    #[test]
    fn what_rustls_tells_apart_is_told_apart_where_the_fix_differs() {
        let certificate = |error: CertificateError| TlsError::from(&error);
        let other = |name: &str| certificate(CertificateError::Other(OtherError(Arc::new(std::io::Error::other(name.to_owned())))));
        let unsupported =
            CertificateError::UnsupportedSignatureAlgorithmContext { signature_algorithm_id: Vec::new(), supported_algorithms: Vec::new() };
        assert!(certificate(unsupported).to_string().contains("SHA-1"));
        assert_eq!(other("CaUsedAsEndEntity"), TlsError::CaUsedAsServer);
        assert!(other("UnsupportedCertVersion").to_string().contains("X.509 version"));
        assert!(other("UnsupportedCriticalExtension").to_string().contains("critical extension"));
        assert!(other("PathLenConstraintViolated").to_string().contains("may not sign it"));
        assert!(other("SomethingNew").to_string().contains("RFC 5280"));
        let names = [
            "DnsName(\"other.test\")",
            "IpAddress(192.0.2.1)",
            "UniformResourceIdentifier(\"x:y\")",
            "DirectoryName",
        ];
        let expected = ServerName::try_from("hs.test").unwrap();
        let other_name = certificate(CertificateError::NotValidForNameContext { expected, presented: names.map(Into::into).into() });
        assert!(
            other_name.to_string().ends_with(" is for another host name (other.test, 192.0.2.1)"),
            "{other_name}"
        );
        let alert = TlsError::new(&Error::AlertReceived(AlertDescription::InternalError), false);
        assert!(alert.to_string().ends_with("(internal_error)"), "{alert}");
        let internal = TlsError::new(&Error::EncryptError, false).to_string();
        assert!(internal.contains("this module"), "the server is not blamed: {internal}");
    }
}
