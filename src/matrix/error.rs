//! What can go wrong between us and a homeserver, told apart as far as anybody decides on it, and which of it is temporary. Holds no secret.

use std::time::Duration;

use thiserror::Error;

use super::tls_error::TlsError;

/// Any failure of the Matrix layer. Its `Display` says what happened and at which URL; the next step is for the caller to name.
#[derive(Clone, Debug, Error)]
pub enum Error {
    /// An option can't be used as it is; nothing was sent.
    #[error("`{name}` {reason}")]
    Config { name: &'static str, reason: String },
    /// The server can't have acted on the request: it did not get all of it.
    #[error("{url} {error}")]
    NotSent { url: String, error: TransportError },
    /// The server may have acted on the request, but no complete HTTP response came back.
    #[error("{url} {error}")]
    ResponseLost { url: String, error: TransportError },
    #[error("{0}")]
    Api(ApiError),
    /// An HTTP response that is none of the client-server API.
    #[error("{url} answered {status} {body}")]
    UnexpectedResponse {
        url: String,
        status: u16,
        body: UnexpectedBody,
        /// The header `Retry-After`.
        retry_after: Option<Duration>,
    },
    /// The server name doesn't lead to a homeserver. <https://spec.matrix.org/v1.18/client-server-api/#server-discovery>
    #[error("found no homeserver for {server_name}: {error}")]
    Discovery {
        server_name: String,
        /// The URL of the discovery document that leads to a homeserver which doesn't answer as one.
        document: Option<String>,
        error: Box<Error>,
    },
    /// The URL of a discovery document that is of no use, and what is wrong with it.
    #[error("{url} {reason}")]
    Document { url: String, reason: String },
    /// Matrix Authentication Service could not be asked, as may happen with any server. `address` is what says where it is.
    #[error("{error}")]
    AtMas { error: Box<Error>, address: &'static str },
    /// Matrix Authentication Service, or its command, did not do what it was asked.
    #[error("{problem}")]
    Mas {
        problem: String,
        next_step: String,
        status: Option<u16>,
        /// It may soon be over.
        is_outage: bool,
    },
}

/// Why no response came.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum TransportError {
    #[error("could not be reached: the host name does not resolve")]
    UnknownHost,
    /// The name server gave no answer, or one that says to ask again.
    #[error("could not be reached: temporary failure in name resolution")]
    NameServer,
    #[error("could not be reached: connection refused")]
    Refused,
    #[error("did not answer in time")]
    TimedOut,
    #[error("closed the connection before the answer was complete")]
    Closed,
    #[error("{0}")]
    Tls(TlsError),
    /// `host:port` of the proxy, and what went wrong there.
    #[error("could not be reached through the proxy {address}: {reason}")]
    Proxy { address: String, reason: String, is_temporary: bool },
    #[error("does not speak HTTP/1.1: {0}")]
    NotHttp(String),
    /// Anything else that the operating system reports.
    #[error("could not be reached: {0}")]
    System(String),
}

/// <https://spec.matrix.org/v1.18/client-server-api/#standard-error-response>
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{url} answered {status} {errcode}{}", if error.is_empty() { String::new() } else { format!(" ({error})") })]
pub struct ApiError {
    pub url: String,
    pub status: u16,
    /// The request had the header `Authorization`.
    pub had_token: bool,
    /// Such as `M_FORBIDDEN`.
    pub errcode: String,
    /// The server's own text, shortened and free of secrets.
    pub error: String,
    /// With `M_UNKNOWN_TOKEN` only: the session expired, the device is still there.
    pub soft_logout: bool,
    /// `Retry-After`, else `retry_after_ms`.
    pub retry_after: Option<Duration>,
}

/// What the body of a response is instead of the JSON that the specification has there.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum UnexpectedBody {
    /// A redirect, not followed because the request holds a secret, or one too many.
    #[error("with a redirect to {target}")]
    Redirect {
        /// Without its query, where a secret may be repeated.
        target: String,
        kind: Redirect,
    },
    #[error("with a web page")]
    Html,
    #[error("with an empty body")]
    Empty,
    /// Neither JSON nor HTML: plain text, or broken JSON.
    #[error("with a body that is not JSON")]
    NotJson,
    #[error("with more than 1 MiB")]
    TooLarge,
    /// An error status and JSON, but no `errcode`; the reason that it gives all the same, or nothing.
    #[error("{}", if reason.is_empty() { "with JSON that has no errcode".into() } else { format!("({reason})") })]
    NoErrcode { reason: String },
    /// JSON without this member.
    #[error("without {0}")]
    Missing(String),
    /// JSON with a member of another type than the specification's.
    #[error("with JSON that violates the specification")]
    Malformed,
}

/// Where a redirect leads, as far as the next step depends on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Redirect {
    /// There is no `Location`.
    Nowhere,
    /// To itself, or there were too many.
    Loop,
    /// To where a secret would cross a network unencrypted.
    PlainHttp,
    /// To the same URL with a slash at its end, or without one.
    Slash,
    /// To the same endpoint at another base URL of this host.
    SameHost,
    OtherHost,
    /// Such as that of a login portal.
    OtherPage,
}

/// Why a request may soon succeed that failed now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Temporary {
    RateLimit,
    /// A server on the way doesn't answer yet, or a gateway does so in its place.
    Outage,
}

/// Whether a gateway answers with this status in the homeserver's place. From 520 on they are Cloudflare's:
/// <https://developers.cloudflare.com/support/troubleshooting/http-status-codes/cloudflare-5xx-errors/>
pub fn is_gateway_status(status: u16) -> bool {
    matches!(status, 502..=504 | 520..=527 | 530)
}

impl ApiError {
    /// The token is invalid: it never was valid, it was logged out, or it expired.
    pub fn is_unknown_token(&self) -> bool {
        self.status == 401 && self.errcode == "M_UNKNOWN_TOKEN"
    }

    pub fn is_rate_limit(&self) -> bool {
        self.status == 429 || self.errcode == "M_LIMIT_EXCEEDED"
    }
}

impl TransportError {
    /// A proxy may fail for the moment as a homeserver may.
    pub fn is_temporary(&self) -> bool {
        matches!(
            self,
            Self::NameServer | Self::Refused | Self::TimedOut | Self::Closed | Self::Proxy { is_temporary: true, .. }
        )
    }

    /// It happens only before any of a request is sent.
    pub fn is_before_sending(&self) -> bool {
        match self {
            Self::UnknownHost | Self::NameServer | Self::Refused | Self::Proxy { .. } => true,
            Self::Tls(error) => !matches!(error, TlsError::Broken(_)),
            Self::TimedOut | Self::Closed | Self::NotHttp(_) | Self::System(_) => false,
        }
    }
}

impl Error {
    /// Whether the request is worth repeating after a while. All that decides, advises or reports on that asks here.
    pub fn temporary(&self) -> Option<Temporary> {
        match self.cause() {
            Self::NotSent { error, .. } | Self::ResponseLost { error, .. } => error.is_temporary().then_some(Temporary::Outage),
            Self::Api(error) if error.is_rate_limit() => Some(Temporary::RateLimit),
            Self::Mas { is_outage, .. } => is_outage.then_some(Temporary::Outage),
            error => match error.http_status()? {
                429 => Some(Temporary::RateLimit),
                status => is_gateway_status(status).then_some(Temporary::Outage),
            },
        }
    }

    /// Whether the server may have done what it was asked without anybody having heard of it, as a gateway says by some of its statuses.
    pub fn may_have_arrived(&self) -> bool {
        matches!(self.cause(), Self::ResponseLost { .. }) || matches!(self.http_status(), Some(504 | 520 | 522 | 524 | 527))
    }

    /// Whether to send the request again; one that is not idempotent only if nobody can have acted on it.
    pub fn is_worth_repeating(&self, is_idempotent: bool) -> bool {
        self.temporary().is_some() && (is_idempotent || !self.may_have_arrived())
    }

    /// A success without the member that makes it one.
    pub fn missing(url: String, member: &str) -> Self {
        Self::UnexpectedResponse { url, status: 200, body: UnexpectedBody::Missing(member.into()), retry_after: None }
    }

    pub(crate) fn mas(problem: impl Into<String>, next_step: impl Into<String>) -> Self {
        Self::Mas { problem: problem.into(), next_step: next_step.into(), status: None, is_outage: false }
    }

    /// How long the server asks to wait.
    pub fn retry_after(&self) -> Option<Duration> {
        match self.cause() {
            Self::Api(ApiError { retry_after, .. }) | Self::UnexpectedResponse { retry_after, .. } => *retry_after,
            _ => None,
        }
    }

    /// The HTTP status, where there was a response.
    pub fn http_status(&self) -> Option<u16> {
        match self.cause() {
            Self::Api(ApiError { status, .. }) | Self::UnexpectedResponse { status, .. } => Some(*status),
            Self::Mas { status, .. } => *status,
            _ => None,
        }
    }

    /// The standard error, if the server sent one.
    pub fn api_error(&self) -> Option<&ApiError> {
        match self.cause() {
            Self::Api(error) => Some(error),
            _ => None,
        }
    }

    /// A failure of discovery is mostly one of a request, and that of a request to Matrix Authentication Service always.
    fn cause(&self) -> &Self {
        match self {
            Self::Discovery { error, .. } | Self::AtMas { error, .. } => error,
            error => error,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Error, TransportError, UnexpectedBody};
    use crate::matrix::tls_error::TlsError;

    fn status(status: u16) -> Error {
        Error::UnexpectedResponse { url: String::new(), status, body: UnexpectedBody::Html, retry_after: None }
    }

    fn not_sent(error: TransportError) -> Error {
        Error::NotSent { url: String::new(), error }
    }

    fn lost(error: TransportError) -> Error {
        Error::ResponseLost { url: String::new(), error }
    }

    #[test]
    fn only_what_is_temporary_is_repeated_and_what_may_have_arrived_only_where_that_is_harmless() {
        for (error, if_idempotent, otherwise) in [
            (status(429), true, true),
            (status(503), true, true),
            (status(502), true, true),
            (status(504), true, false),
            (status(521), true, true),
            (status(524), true, false),
            (status(500), false, false),
            (status(403), false, false),
            (status(200), false, false),
            (not_sent(TransportError::Refused), true, true),
            (not_sent(TransportError::Closed), true, true),
            (not_sent(TransportError::TimedOut), true, true),
            (not_sent(TransportError::NameServer), true, true),
            (not_sent(TransportError::UnknownHost), false, false),
            (not_sent(TransportError::Tls(TlsError::Expired)), false, false),
            (lost(TransportError::Closed), true, false),
            (lost(TransportError::TimedOut), true, false),
            (lost(TransportError::NotHttp(String::new())), false, false),
            (lost(TransportError::Tls(TlsError::Broken(String::new()))), false, false),
        ] {
            assert_eq!(error.is_worth_repeating(true), if_idempotent, "{error:?}");
            assert_eq!(error.is_worth_repeating(false), otherwise, "{error:?}");
        }
    }
}
