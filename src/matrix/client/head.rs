//! The head of an HTTP/1.1 answer: what of it matters here, and by what its body ends.
//! <https://www.rfc-editor.org/rfc/rfc9112>

use std::io::BufRead;

use httparse::{EMPTY_HEADER, Response, Status};

use super::body::End;
use crate::matrix::error::Fault;

/// The longest head read.
const MAX_HEAD: usize = 64 * 1024;

/// The most headers read.
pub(super) const MAX_HEADERS: usize = 128;

/// Status and headers.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Head {
    pub(super) status: u16,
    pub(super) location: Option<String>,
    pub(super) retry_after: Option<String>,
    pub(super) end: End,
    /// Whether another request may follow on the same connection.
    pub(super) persistent: bool,
}

impl Head {
    /// The head of the answer itself, after any that only announce it.
    pub(super) fn read(reader: &mut impl BufRead) -> Result<Self, Fault> {
        loop {
            let head = Self::read_any(reader)?;
            if !matches!(head.status, 100..=199) {
                return Ok(head);
            }
        }
    }

    /// Parsed anew with each piece, so that what is no HTTP is not waited for.
    fn read_any(reader: &mut impl BufRead) -> Result<Self, Fault> {
        let mut bytes = Vec::new();
        loop {
            let known = bytes.len();
            let piece = reader.fill_buf()?;
            if piece.is_empty() {
                return Err(Fault::Closed);
            }
            bytes.extend_from_slice(piece);
            if let Some((head, length)) = Self::parse(&bytes)? {
                reader.consume(length - known);
                return Ok(head);
            }
            reader.consume(bytes.len() - known);
            if bytes.len() > MAX_HEAD {
                return Err(Fault::NotHttp("the header is too large".into()));
            }
        }
    }

    /// The head and its length, once it is complete.
    fn parse(bytes: &[u8]) -> Result<Option<(Self, usize)>, Fault> {
        let mut headers = [EMPTY_HEADER; MAX_HEADERS];
        let mut response = Response::new(&mut headers);
        match response.parse(bytes).map_err(|error| Fault::NotHttp(error.to_string()))? {
            Status::Complete(length) => Ok(Some((Self::of(&response)?, length))),
            Status::Partial => Ok(None),
        }
    }

    fn of(response: &Response) -> Result<Self, Fault> {
        let status = response.code.unwrap_or_default();
        let end = End::of(status, response)?;
        Ok(Self {
            status,
            location: values(response, "location").next(),
            retry_after: values(response, "retry-after").next(),
            persistent: end != End::Close && response.version == Some(1) && !words(response, "connection").any(|word| word == "close"),
            end,
        })
    }
}

/// The values of a header that are text.
fn values<'a>(response: &'a Response, name: &'a str) -> impl Iterator<Item = String> + 'a {
    let named = response.headers.iter().filter(move |header| header.name.eq_ignore_ascii_case(name));
    named.filter_map(|header| str::from_utf8(header.value).ok().map(str::to_owned))
}

/// The words of a header that lists some, in lower case.
pub(super) fn words<'a>(response: &'a Response, name: &'a str) -> impl Iterator<Item = String> + 'a {
    values(response, name).flat_map(|value| {
        let words = value.split(',').map(|word| word.trim().to_ascii_lowercase());
        words.collect::<Vec<_>>()
    })
}

#[cfg(test)]
mod tests {
    use super::{End, Head};
    use crate::matrix::error::Fault;

    fn read(mut bytes: &[u8]) -> Result<Head, Fault> {
        Head::read(&mut bytes)
    }

    #[test]
    fn the_head_tells_how_the_body_ends_and_whether_the_connection_stays() {
        for (head, end, persistent) in [
            ("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", End::Length(5), true),
            (
                "HTTP/1.1 200 OK\r\ncontent-length: 5\r\ncontent-length:5\r\n\r\n",
                End::Length(5),
                true,
            ),
            ("HTTP/1.1 200 OK\r\nContent-Length: 5, 5\r\n\r\n", End::Length(5), true),
            (
                "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: x, Close\r\n\r\n",
                End::Length(0),
                false,
            ),
            ("HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\n", End::Length(5), false),
            ("HTTP/1.1 401 X\r\nTransfer-Encoding: gzip, Chunked\r\n\r\n", End::Chunked, true),
            (
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n",
                End::Chunked,
                true,
            ),
            (
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\nContent-Length: 5\r\n\r\n",
                End::Close,
                false,
            ),
            ("HTTP/1.1 200 OK\r\n\r\n", End::Close, false),
            ("HTTP/1.1 204 X\r\n\r\n", End::Length(0), true),
            ("HTTP/1.1 304 X\r\nContent-Length: 5\r\n\r\n", End::Length(0), true),
            (
                "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n",
                End::Length(5),
                true,
            ),
        ] {
            let read = read(head.as_bytes()).unwrap();
            assert_eq!((read.end, read.persistent), (end, persistent), "{head}");
        }
    }

    #[test]
    fn a_length_that_is_none_or_several_is_no_http() {
        for length in ["", "x", "-1", "+1", "1 2", "5, 6", "99999999999999999999"] {
            let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n");
            assert!(matches!(read(head.as_bytes()), Err(Fault::NotHttp(_))), "{length:?}");
        }
        let two = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n";
        assert!(matches!(read(two.as_bytes()), Err(Fault::NotHttp(_))));
    }

    #[test]
    fn what_follows_the_head_is_left_to_the_body() {
        let mut bytes: &[u8] = b"HTTP/1.1 301 X\r\nLocation: /a\r\nRetry-After: 7\r\n\r\nbody";
        let head = Head::read(&mut bytes).unwrap();
        assert_eq!(
            (head.status, head.location.as_deref(), head.retry_after.as_deref()),
            (301, Some("/a"), Some("7"))
        );
        assert_eq!(bytes, b"body");
    }
}
