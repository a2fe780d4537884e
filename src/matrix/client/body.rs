//! The body of an HTTP/1.1 answer: read to its end, which its head tells, and not beyond.
//! <https://www.rfc-editor.org/rfc/rfc9112#section-6>

use std::io::{BufRead, Read};

use httparse::{Response, Status, parse_chunk_size};

use super::head::{MAX_HEADERS, words};
use crate::matrix::error::Fault;

/// The longest line around the chunks of a body.
const MAX_LINE: u64 = 4096;

/// By what a body ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// After so many bytes.
    Length(u64),
    /// With an empty chunk.
    Chunked,
    /// With the connection.
    Close,
}

/// Why there is no body.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Unread {
    TooLarge,
    Fault(Fault),
}

impl<T: Into<Fault>> From<T> for Unread {
    fn from(fault: T) -> Self {
        Self::Fault(fault.into())
    }
}

impl End {
    pub(super) fn of(status: u16, response: &Response) -> Result<Self, Fault> {
        match status {
            // Nobody asked for that, and what follows would be no HTTP.
            101 => return Err(Fault::NotHttp("it changes to another protocol".into())),
            100..=199 | 204 | 304 => return Ok(Self::Length(0)),
            _ => {}
        }
        if let Some(coding) = words(response, "transfer-encoding").last() {
            return Ok(if coding == "chunked" { Self::Chunked } else { Self::Close });
        }
        let lengths: Vec<Option<u64>> = words(response, "content-length").map(|length| number(&length)).collect();
        match lengths.as_slice() {
            [] => Ok(Self::Close),
            [Some(length), others @ ..] if others.iter().all(|other| *other == Some(*length)) => Ok(Self::Length(*length)),
            _ => Err(Fault::NotHttp("the length of the body is not one number".into())),
        }
    }
}

fn number(digits: &str) -> Option<u64> {
    digits.parse().ok().filter(|_| digits.bytes().all(|digit| digit.is_ascii_digit()))
}

pub(super) fn read(reader: &mut impl BufRead, end: End, limit: u64) -> Result<Vec<u8>, Unread> {
    let mut body = Vec::new();
    match end {
        End::Length(length) => read_exactly(reader, length, limit, &mut body)?,
        End::Chunked => while read_chunk(reader, limit, &mut body)? {},
        End::Close => {
            reader.take(limit + 1).read_to_end(&mut body)?;
            if body.len() as u64 > limit {
                return Err(Unread::TooLarge);
            }
        }
    }
    Ok(body)
}

fn read_exactly(reader: &mut impl BufRead, length: u64, limit: u64, body: &mut Vec<u8>) -> Result<(), Unread> {
    if length > limit.saturating_sub(body.len() as u64) {
        return Err(Unread::TooLarge);
    }
    // At once, so that no copy of a token stays behind when there is need for more.
    body.reserve(usize::try_from(length).unwrap_or_default());
    let read = reader.take(length).read_to_end(body)?;
    if read as u64 == length { Ok(()) } else { Err(Fault::Closed.into()) }
}

/// Whether another one follows.
fn read_chunk(reader: &mut impl BufRead, limit: u64, body: &mut Vec<u8>) -> Result<bool, Unread> {
    let line = read_line(reader)?;
    let size = match parse_chunk_size(&line) {
        // The library takes a line without digits for a 0.
        Ok(Status::Complete((_, size))) if line[0].is_ascii_hexdigit() => size,
        _ => return Err(unreadable_chunk().into()),
    };
    if size == 0 {
        return read_trailers(reader);
    }
    read_exactly(reader, size, limit, body)?;
    match read_line(reader)?.as_slice() {
        b"\r\n" => Ok(true),
        _ => Err(unreadable_chunk().into()),
    }
}

/// They end with an empty line, as headers do.
fn read_trailers(reader: &mut impl BufRead) -> Result<bool, Unread> {
    for _ in 0..MAX_HEADERS {
        if matches!(read_line(reader)?.as_slice(), b"\r\n" | b"\n") {
            return Ok(false);
        }
    }
    Err(unreadable_chunk().into())
}

fn read_line(reader: &mut impl BufRead) -> Result<Vec<u8>, Fault> {
    let mut line = Vec::new();
    let read = reader.take(MAX_LINE).read_until(b'\n', &mut line)?;
    match line.last() {
        Some(b'\n') => Ok(line),
        _ if read as u64 == MAX_LINE => Err(unreadable_chunk()),
        _ => Err(Fault::Closed),
    }
}

fn unreadable_chunk() -> Fault {
    Fault::NotHttp("a chunk of the body has no readable size".into())
}

#[cfg(test)]
mod tests {
    use super::{End, Unread, read};
    use crate::matrix::error::Fault;

    #[test]
    fn a_body_is_read_to_its_end_and_not_beyond() {
        for (end, bytes, body, rest) in [
            (End::Length(3), "abcdef", "abc", "def"),
            (End::Length(0), "abc", "", "abc"),
            (End::Close, "abc", "abc", ""),
            (
                End::Chunked,
                "3\r\nabc\r\nA;x=y\r\n0123456789\r\n0\r\n\r\nrest",
                "abc0123456789",
                "rest",
            ),
            (End::Chunked, "0\r\nTrailer: x\r\n\r\nrest", "", "rest"),
        ] {
            let mut reader = bytes.as_bytes();
            assert_eq!(read(&mut reader, end, 100).unwrap(), body.as_bytes(), "{bytes}");
            assert_eq!(reader, rest.as_bytes(), "{bytes}");
        }
    }

    #[test]
    fn no_more_is_read_than_the_limit() {
        for (end, bytes) in [
            (End::Length(6), "abcdef"),
            (End::Length(u64::MAX), "abcdef"),
            (End::Close, "abcdef"),
            (End::Chunked, "3\r\nabc\r\n3\r\ndef\r\n0\r\n\r\n"),
            (End::Chunked, "ffffffffffffffff\r\nabc"),
        ] {
            assert_eq!(read(&mut bytes.as_bytes(), end, 5), Err(Unread::TooLarge), "{bytes}");
        }
    }

    #[test]
    fn as_much_as_the_limit_is_read() {
        for (end, bytes) in [
            (End::Length(5), "abcde"),
            (End::Close, "abcde"),
            (End::Chunked, "5\r\nabcde\r\n0\r\n\r\n"),
            (End::Chunked, "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"),
        ] {
            assert_eq!(read(&mut bytes.as_bytes(), end, 5), Ok(b"abcde".to_vec()), "{bytes}");
        }
    }

    #[test]
    fn a_body_that_ends_early_is_none() {
        for (end, bytes) in [
            (End::Length(6), "abc"),
            (End::Chunked, ""),
            (End::Chunked, "3"),
            (End::Chunked, "3\r\nab"),
            (End::Chunked, "3\r\nabc"),
            (End::Chunked, "3\r\nabc\r\n"),
            (End::Chunked, "3\r\nabc\r\n0\r\n"),
        ] {
            assert_eq!(read(&mut bytes.as_bytes(), end, 100), Err(Unread::Fault(Fault::Closed)), "{bytes}");
        }
    }

    #[test]
    fn a_broken_chunk_is_no_http() {
        for bytes in [
            "x\r\n",
            "\r\n",
            "fffffffffffffffff\r\n",
            "3\r\nabcdef\r\n0\r\n\r\n",
            &"1".repeat(5000),
        ] {
            let unread = read(&mut bytes.as_bytes(), End::Chunked, 100).unwrap_err();
            assert!(matches!(unread, Unread::Fault(Fault::NotHttp(_))), "{bytes} {unread:?}");
        }
    }
}
