//! What can go wrong between us and a homeserver, told apart as far as anybody decides on it. Holds no secret.

use std::fmt;
use std::time::Duration;

use super::tls_fault::TlsFault;

/// Any failure of the Matrix layer. Its `Display` says what happened and at which URL; the next step is for the caller to name.
#[derive(Clone, Debug)]
pub enum Error {
    /// A setting of the transport can't be used; nothing was sent.
    Setting {
        /// The setting's name.
        name: &'static str,
        /// What is wrong with it.
        reason: String,
    },
    /// The request did not reach the server, which so can't have done anything.
    Unreached {
        /// What was to be asked.
        url: String,
        /// Why not.
        fault: Fault,
    },
    /// The request may have reached the server, but no complete HTTP answer came back. See [`Error::is_lost`].
    Lost {
        /// What was asked.
        url: String,
        /// Why nothing came back.
        fault: Fault,
    },
    /// The server's standard error. <https://spec.matrix.org/v1.18/client-server-api/#standard-error-response>
    Refused(Refusal),
    /// An HTTP answer that no homeserver gives.
    NotMatrix {
        /// What was asked.
        url: String,
        /// The HTTP status.
        status: u16,
        /// What came instead of an answer.
        oddity: Oddity,
        /// How long what answered asks to wait, by `Retry-After`.
        retry_after: Option<Duration>,
    },
    /// The server name doesn't lead to a homeserver. <https://spec.matrix.org/v1.18/client-server-api/#server-discovery>
    Discovery {
        /// What was asked for.
        server_name: String,
        /// Which step failed, and how.
        reason: String,
    },
}

/// Why no answer came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The host name has no address.
    UnknownHost,
    /// Nothing listens there.
    Refused,
    /// The time for one request ran out.
    TimedOut,
    /// The connection ended before the answer did.
    Closed,
    /// The certificate or the handshake failed.
    Tls(TlsFault),
    /// The proxy did not let us through.
    Proxy(String),
    /// What came back is not HTTP.
    NotHttp(String),
    /// Anything else the system reports.
    System(String),
}

/// A standard error as the server gave it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// What was asked.
    pub url: String,
    /// The HTTP status.
    pub status: u16,
    /// Such as `M_FORBIDDEN`.
    pub errcode: String,
    /// The server's own words, shortened and free of secrets.
    pub error: String,
    /// `M_UNKNOWN_TOKEN` only: the session expired, the device is still there.
    pub soft_logout: bool,
    /// How long the server asks to wait: `Retry-After`, else `retry_after_ms`.
    pub retry_after: Option<Duration>,
}

/// What came instead of a homeserver's answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Oddity {
    /// A redirect, not followed because the request holds a secret, or one too many.
    Redirect(String),
    /// A web page.
    Html,
    /// More than a homeserver ever says.
    TooLarge,
    /// Neither JSON nor a web page.
    NotJson,
    /// JSON without something the specification demands.
    Incomplete(&'static str),
}

impl Refusal {
    /// The token is no good: it never was, it was logged out, or its time ran out.
    #[must_use]
    pub fn is_unknown_token(&self) -> bool {
        self.status == 401 && self.errcode == "M_UNKNOWN_TOKEN"
    }
}

impl Error {
    /// What a server says of a token that it doesn't know.
    #[must_use]
    pub fn unknown_token(url: String) -> Self {
        let (errcode, error) = ("M_UNKNOWN_TOKEN".to_owned(), String::new());
        Self::Refused(Refusal {
            url,
            status: 401,
            errcode,
            error,
            soft_logout: false,
            retry_after: None,
        })
    }

    /// A success without what makes it one.
    #[must_use]
    pub fn incomplete(url: String, what: &'static str) -> Self {
        Self::NotMatrix {
            url,
            status: 200,
            oddity: Oddity::Incomplete(what),
            retry_after: None,
        }
    }

    /// What went wrong after the request had begun to leave, whatever it was.
    #[must_use]
    pub fn lost(url: String, fault: Fault) -> Self {
        match fault {
            // With TLS 1.3 that is said when the request is on its way already, and the server reads none of it then.
            Fault::Tls(TlsFault::ClientCert) => Self::Unreached { url, fault },
            fault => Self::Lost { url, fault },
        }
    }

    /// Whether the server may have done what it was asked, and nobody heard of it. A gateway that gave up waiting doesn't know either.
    #[must_use]
    pub fn is_lost(&self) -> bool {
        matches!(self, Self::Lost { .. }) || self.http_status() == Some(504)
    }

    /// How long the server asks to wait.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Refused(Refusal { retry_after, .. }) | Self::NotMatrix { retry_after, .. } => *retry_after,
            _ => None,
        }
    }

    /// The HTTP status, where there was one.
    #[must_use]
    pub fn http_status(&self) -> Option<u16> {
        match self {
            Self::Refused(Refusal { status, .. }) | Self::NotMatrix { status, .. } => Some(*status),
            _ => None,
        }
    }

    /// The standard error, if the server sent one.
    #[must_use]
    pub fn refusal(&self) -> Option<&Refusal> {
        match self {
            Self::Refused(refusal) => Some(refusal),
            _ => None,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Setting { name, reason } => write!(formatter, "`{name}` {reason}"),
            Self::Unreached { url, fault } | Self::Lost { url, fault } => write!(formatter, "{url} {fault}"),
            Self::Refused(refusal) => refusal.fmt(formatter),
            Self::NotMatrix { url, status, oddity, .. } => write!(formatter, "{url} answered {status} {oddity}"),
            Self::Discovery { server_name, reason } => write!(formatter, "found no homeserver for {server_name}: {reason}"),
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            url,
            status,
            errcode,
            error,
            ..
        } = self;
        write!(formatter, "{url} answered {status} {errcode}")?;
        if error.is_empty() {
            Ok(())
        } else {
            write!(formatter, " ({error})")
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownHost => formatter.write_str("could not be reached: the host name is not known"),
            Self::Refused => formatter.write_str("could not be reached: connection refused"),
            Self::TimedOut => formatter.write_str("did not answer in time"),
            Self::Closed => formatter.write_str("closed the connection before the answer was complete"),
            Self::Tls(fault) => fault.fmt(formatter),
            Self::Proxy(reason) => write!(formatter, "could not be reached through the proxy: {reason}"),
            Self::NotHttp(reason) => write!(formatter, "does not speak HTTP: {reason}"),
            Self::System(reason) => write!(formatter, "could not be reached: {reason}"),
        }
    }
}

impl fmt::Display for Oddity {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Redirect(target) => write!(formatter, "with a redirect to {target}"),
            Self::Html => formatter.write_str("with a web page"),
            Self::TooLarge => formatter.write_str("with more than 1 MiB"),
            Self::NotJson => formatter.write_str("with something that is not JSON"),
            Self::Incomplete(what) => write!(formatter, "without {what}"),
        }
    }
}

impl std::error::Error for Error {}
