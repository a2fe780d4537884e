//! An HTTP answer, read whole and told apart: the JSON that was asked for, a standard error, or nothing Matrix.

use std::io::Read;
use std::time::{Duration, SystemTime};

use percent_encoding::percent_decode_str;
use serde::Deserialize;
use serde::de::{DeserializeOwned, IgnoredAny};
use serde_json::Value;
use ureq::{Body, http};
use zeroize::Zeroizing;

use super::{Client, redirect};
use crate::matrix::error::{ApiError, Error, Redirect, UnexpectedBody};

/// The longest body read, in bytes.
const MAX_BODY: u64 = 1024 * 1024;

/// Room for the body of any answer that holds a token: a buffer that grows leaves an unwiped one behind.
const BODY_CAPACITY: usize = 16 * 1024;

/// An answer whose texts are free of the client's secrets; the body itself is wiped on drop.
pub(crate) struct Response<'a> {
    client: &'a Client,
    url: String,
    pub(crate) status: u16,
    had_token: bool,
    location: Option<String>,
    retry_after: Option<Duration>,
    body: Zeroizing<Vec<u8>>,
}

impl<'a> Response<'a> {
    /// `lost` makes the error of a body that breaks off.
    pub(crate) fn read(
        client: &'a Client,
        url: &str,
        had_token: bool,
        mut answer: http::Response<Body>,
        lost: impl FnOnce(ureq::Error) -> Error,
    ) -> Result<Self, Error> {
        let header = |name: &str| Some(answer.headers().get(name)?.to_str().ok()?.to_owned());
        let mut response = Self {
            client,
            url: url.to_owned(),
            status: answer.status().as_u16(),
            had_token,
            location: header("Location"),
            retry_after: header("Retry-After").as_deref().and_then(retry_after),
            body: Zeroizing::new(Vec::with_capacity(BODY_CAPACITY)),
        };
        let mut reader = answer.body_mut().with_config().limit(MAX_BODY).reader();
        match reader.read_to_end(&mut response.body).map_err(ureq::Error::from) {
            Ok(_) => Ok(response),
            Err(ureq::Error::BodyExceedsLimit(_)) => Err(response.unexpected(UnexpectedBody::TooLarge)),
            Err(error) => Err(lost(error)),
        }
    }

    /// The body of a 2xx response.
    pub(crate) fn success<T: DeserializeOwned>(self) -> Result<T, Error> {
        match self.status {
            200..=299 => serde_json::from_slice(&self.body).map_err(|error| self.unlike(&error, fault(&error))),
            _ if self.is_redirect() => Err(self.redirect(false)),
            _ => Err(self.api_error()),
        }
    }

    /// The response, unless it says that another one may come soon.
    pub(crate) fn unless_temporary(self) -> Result<Self, Error> {
        let error = (self.status >= 400).then(|| self.api_error()).filter(|error| error.temporary().is_some());
        error.map_or(Ok(self), Err)
    }

    fn is_redirect(&self) -> bool {
        matches!(self.status, 301..=303 | 307 | 308)
    }

    /// Where to look instead, if it says so.
    pub(crate) fn target(&self) -> Option<String> {
        let location = self.location.as_deref().filter(|_| self.is_redirect())?;
        redirect::resolve(&self.url, location)
    }

    /// The query is left out: it may repeat what was sent. Decoded, for an encoded secret would not be found.
    pub(crate) fn redirect(&self, is_one_too_many: bool) -> Error {
        let target = self.target();
        let target = target.as_deref().and_then(|target| target.split(['?', '#']).next());
        let kind = match target {
            None => Redirect::Nowhere,
            Some(_) if is_one_too_many => Redirect::Loop,
            Some(target) => redirect::kind(&self.url, target),
        };
        let target = self.client.sanitize(&percent_decode_str(target.unwrap_or("nowhere")).decode_utf8_lossy());
        self.unexpected(UnexpectedBody::Redirect { target, kind })
    }

    fn api_error(&self) -> Error {
        match serde_json::from_slice::<StandardError>(&self.body) {
            Ok(standard) => Error::Api(ApiError {
                url: self.url.clone(),
                status: self.status,
                had_token: self.had_token,
                errcode: self.client.sanitize(&standard.errcode),
                error: self.client.sanitize(standard.error.as_ref().and_then(Value::as_str).unwrap_or_default()),
                soft_logout: standard.soft_logout == Some(Value::Bool(true)),
                retry_after: self.retry_after.or_else(|| Some(Duration::from_millis(standard.retry_after_ms?.as_u64()?))),
            }),
            Err(error) => self.unlike(&error, UnexpectedBody::NoErrcode { reason: self.client.sanitize(&reason(&self.body)) }),
        }
    }

    /// By what the body is, `if_json` at best: the text `404 page not found` begins like JSON, too.
    fn unlike(&self, error: &serde_json::Error, if_json: UnexpectedBody) -> Error {
        let is_whole = || serde_json::from_slice::<IgnoredAny>(&self.body).is_ok();
        self.unexpected(match self.body.trim_ascii_start().first() {
            None => UnexpectedBody::Empty,
            Some(b'<') => UnexpectedBody::Html,
            Some(first) if error.is_data() && (matches!(first, b'{' | b'[') || is_whole()) => if_json,
            Some(_) => UnexpectedBody::NotJson,
        })
    }

    fn unexpected(&self, body: UnexpectedBody) -> Error {
        Error::UnexpectedResponse { url: self.url.clone(), status: self.status, body, retry_after: self.retry_after }
    }
}

/// Seconds, or the date until which to wait. <https://www.rfc-editor.org/rfc/rfc9110#field.retry-after>
fn retry_after(value: &str) -> Option<Duration> {
    if let Ok(seconds) = value.trim().parse() {
        return Some(Duration::from_secs(seconds));
    }
    let until = httpdate::parse_http_date(value.trim()).ok()?;
    Some(until.duration_since(SystemTime::now()).unwrap_or_default())
}

/// What is wrong with the JSON, without its values, which the library repeats.
fn fault(error: &serde_json::Error) -> UnexpectedBody {
    let message = error.to_string();
    let missing = message.strip_prefix("missing field `").and_then(|rest| rest.split('`').next());
    missing.map_or(UnexpectedBody::Malformed, |member| UnexpectedBody::Missing(member.to_owned()))
}

/// What OAuth 2.0 servers and the admin API of Matrix Authentication Service have in place of a standard error.
fn reason(body: &[u8]) -> String {
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    let errors = body["errors"].as_array().into_iter().flatten();
    let details = errors.flat_map(|error| [&error["title"], &error["detail"]]);
    let texts = [&body["error"], &body["error_description"]].into_iter().chain(details);
    texts.filter_map(Value::as_str).collect::<Vec<_>>().join(": ")
}

/// <https://spec.matrix.org/v1.18/client-server-api/#standard-error-response>; only `errcode` is relied on.
#[derive(Deserialize)]
struct StandardError {
    errcode: String,
    error: Option<Value>,
    soft_logout: Option<Value>,
    retry_after_ms: Option<Value>,
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, SystemTime};

    use super::{reason, retry_after};

    #[test]
    fn the_reason_of_an_error_without_errcode_is_found() {
        for (body, expected) in [
            (r#"{"errors":[{"title":"Invalid scope"}]}"#, "Invalid scope"),
            (r#"{"errors":[{"title":"Internal","detail":"no DB"},{"title":"Other"}]}"#, "Internal: no DB: Other"),
            (r#"{"error":"invalid_scope","error_description":"not an admin"}"#, "invalid_scope: not an admin"),
            (r#"{"error":"not found"}"#, "not found"),
            (r#"{"error":{"code":5},"errors":"none"}"#, ""),
            (r#"["error"]"#, ""),
        ] {
            assert_eq!(reason(body.as_bytes()), expected, "{body}");
        }
    }

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        let in_an_hour = httpdate::fmt_http_date(SystemTime::now() + Duration::from_secs(3600));
        let wait = retry_after(&in_an_hour).unwrap();
        assert!(wait > Duration::from_secs(3590) && wait <= Duration::from_secs(3600), "{wait:?}");
        assert_eq!(retry_after(" 333 "), Some(Duration::from_secs(333)));
        assert_eq!(retry_after("Sun, 06 Nov 1994 08:49:37 GMT"), Some(Duration::ZERO));
        assert_eq!(retry_after("soon"), None);
    }
}
