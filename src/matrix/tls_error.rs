//! What can be wrong with TLS, a sentence each. Knows no TLS library.

use std::fmt;

/// Why no TLS connection came about, or why it broke.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TlsError {
    /// What came back is not TLS.
    NotTls,
    /// No trusted CA certificate signed the server's.
    UnknownIssuer,
    /// The server's certificate is a CA certificate, as `openssl req -x509` makes it unless told otherwise.
    CaUsedAsServer,
    /// A signature in the chain is not by the trusted certificate of that name, or the server doesn't have the key of its certificate.
    BadSignature,
    Expired,
    /// The certificate begins later than this host's clock stands.
    NotYetValid,
    /// The names in the certificate.
    WrongName {
        presented: Vec<String>,
    },
    /// The certificate can't be used, whoever signed it: the rest of "its certificate …".
    Certificate(&'static str),
    /// The server requires a client certificate: it got none, or one that it does not trust.
    ClientCertificate,
    /// The server ended the handshake with `handshake_failure`. With TLS 1.2 that may be for a missing client certificate.
    HandshakeFailure,
    /// Server and module have no TLS version, cipher suite or signature algorithm in common: the rest of "the server …".
    NothingInCommon(&'static str),
    /// The connection stood, but then it was no TLS any more.
    Broken(String),
    /// The server breaks the TLS protocol, or says so of us.
    Protocol(String),
}

impl fmt::Display for TlsError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotTls => formatter.write_str("does not speak TLS"),
            Self::UnknownIssuer => {
                formatter.write_str("could not be trusted: its certificate is signed by a CA that is not in the trust store of this host")
            }
            Self::CaUsedAsServer => formatter.write_str("could not be trusted: it presents a CA certificate as its server certificate"),
            Self::BadSignature => formatter.write_str("could not be trusted: a signature of its certificate does not verify"),
            Self::Expired => formatter.write_str("could not be trusted: its certificate has expired"),
            Self::NotYetValid => formatter.write_str("could not be trusted: its certificate is not valid yet"),
            Self::WrongName { presented } if presented.is_empty() => {
                formatter.write_str("could not be trusted: its certificate names no host")
            }
            Self::WrongName { presented } => write!(
                formatter,
                "could not be trusted: its certificate is for another host name ({})",
                presented.join(", ")
            ),
            Self::Certificate(reason) => write!(formatter, "could not be trusted: its certificate {reason}"),
            Self::ClientCertificate => formatter.write_str("requires a client certificate that it trusts"),
            Self::HandshakeFailure => formatter.write_str("refused the TLS handshake (handshake_failure)"),
            Self::NothingInCommon(reason) => write!(formatter, "could not agree on TLS: the server {reason}"),
            Self::Broken(reason) => write!(formatter, "broke the encrypted connection: {reason}"),
            Self::Protocol(reason) => write!(formatter, "failed in the TLS handshake: {reason}"),
        }
    }
}
