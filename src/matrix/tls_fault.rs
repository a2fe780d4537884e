//! What can be wrong with TLS, told apart as far as each has a remedy of its own. Knows no TLS library.

use std::fmt;

/// Why two sides did not come to trust each other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TlsFault {
    /// What came back is not TLS.
    NotTls,
    /// Nobody known has signed the server's certificate.
    UnknownIssuer,
    /// The server's certificate is a CA certificate, as `openssl req -x509` makes it unless told otherwise.
    CaUsedAsServer,
    /// A signature in its chain is not by the trusted certificate of that name, or the server doesn't hold its key.
    BadSignature,
    /// The server's certificate has ended.
    Expired,
    /// The server's certificate begins later than this host's clock stands.
    NotYetValid,
    /// The server's certificate is for another name.
    OtherName,
    /// The server requires a client certificate: it got none, or one that it does not trust.
    ClientCert,
    /// The server ended the handshake. With TLS 1.2 that may be for a missing client certificate.
    HandshakeFailure,
    /// The two sides had come to trust each other, but then it was no TLS any more.
    Broken(String),
    /// Anything else.
    Other(String),
}

impl fmt::Display for TlsFault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::NotTls => "does not speak TLS",
            Self::UnknownIssuer => "could not be trusted: its certificate is signed by an authority that this host does not know",
            Self::CaUsedAsServer => "could not be trusted: it presents a CA certificate as its server certificate",
            Self::BadSignature => "could not be trusted: a signature of its certificate does not verify",
            Self::Expired => "could not be trusted: its certificate has expired",
            Self::NotYetValid => "could not be trusted: its certificate is not valid yet",
            Self::OtherName => "could not be trusted: its certificate is for another host name",
            Self::ClientCert => "wants to be shown a certificate that it trusts",
            Self::HandshakeFailure => "refused the TLS handshake (handshake_failure)",
            Self::Broken(reason) => return write!(formatter, "broke the encrypted connection: {reason}"),
            Self::Other(reason) => return write!(formatter, "could not be trusted: {reason}"),
        })
    }
}
