//! JSON as Python's `json.loads` reads it, so that a value means the same here as in a Python module. It never quotes what it reads: that may be a password.

use serde::de::IgnoredAny;
use serde_json::Value;
use zeroize::Zeroizing;

use super::python_repr;

/// Why a text isn't JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JsonFault {
    /// A bare `NaN`, `Infinity` or `-Infinity`, which Python writes and no JSON parser takes.
    NoJsonNumber(&'static str),
    /// Bytes or a lone surrogate that stand for no character.
    NotUnicode,
    /// Anything else, with its place.
    Malformed {
        /// Counted from 1.
        line: usize,
        /// Counted from 1, in bytes.
        column: usize,
    },
}

impl From<serde_json::Error> for JsonFault {
    fn from(error: serde_json::Error) -> Self {
        // serde_json tells these apart in words only; the tests below notice should they ever change.
        const NOT_UNICODE: [&str; 3] = [
            "lone leading surrogate",
            "unexpected end of hex escape",
            "invalid unicode code point",
        ];
        let words = error.to_string();
        if NOT_UNICODE.iter().any(|start| words.starts_with(start)) {
            return Self::NotUnicode;
        }
        Self::Malformed {
            line: error.line(),
            column: error.column(),
        }
    }
}

/// The value that the text stands for. Of a key given twice, the last wins. A number that 64 bits can't hold comes as text in Python's
/// spelling, or else a password of thirty unquoted digits would lose its tail.
///
/// # Errors
/// When the text isn't JSON.
pub fn parse(text: &[u8]) -> Result<Value, JsonFault> {
    let text = text.strip_prefix("\u{feff}".as_bytes()).unwrap_or(text);
    // Room enough that it never grows: growing leaves an unwiped copy behind.
    let mut exact = Zeroizing::new(Vec::with_capacity(text.len() * 2));
    let mut rest = text;
    while !rest.is_empty() {
        let (token, tail) = rest.split_at(token_length(rest));
        match token {
            b"NaN" => return Err(JsonFault::NoJsonNumber("NaN")),
            b"Infinity" => return Err(JsonFault::NoJsonNumber("Infinity")),
            b"-Infinity" => return Err(JsonFault::NoJsonNumber("-Infinity")),
            [b'-' | b'0'..=b'9', ..] => exact.extend_from_slice(stand_in(token).as_deref().unwrap_or(token)),
            _ => exact.extend_from_slice(token),
        }
        rest = tail;
    }
    Ok(serde_json::from_slice(&exact)?)
}

/// A string with its quotes, a number or a bare word, or a single byte of anything else.
fn token_length(text: &[u8]) -> usize {
    let is_word = |byte: &u8| byte.is_ascii_alphanumeric() || b"+-.".contains(byte);
    match text {
        [b'"', inside @ ..] => 1 + string_tail_length(inside),
        _ => text.iter().take_while(|byte| is_word(byte)).count().max(1),
    }
}

fn string_tail_length(inside: &[u8]) -> usize {
    let mut escaped = false;
    for (index, byte) in inside.iter().enumerate() {
        match byte {
            b'"' if !escaped => return index + 1,
            _ => escaped = *byte == b'\\' && !escaped,
        }
    }
    inside.len()
}

/// What to read in place of a number that `serde_json` would understand otherwise than Python.
fn stand_in(literal: &[u8]) -> Option<Vec<u8>> {
    serde_json::from_slice::<IgnoredAny>(literal).ok()?;
    let python = python_number(std::str::from_utf8(literal).ok()?)?;
    let is_read_from = |text: &[u8]| serde_json::from_slice(text).is_ok_and(|value: Value| python_repr::repr(&value) == python);
    match is_read_from(literal) {
        true => None,
        false if is_read_from(python.as_bytes()) => Some(python.into_bytes()),
        false => Some(format!("\"{python}\"").into_bytes()),
    }
}

fn python_number(literal: &str) -> Option<String> {
    match literal {
        "-0" => Some("0".into()),
        _ if literal.contains(['.', 'e', 'E']) => literal.parse().ok().map(python_repr::repr_float),
        _ => Some(literal.into()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{JsonFault, parse};

    #[test]
    fn a_number_of_64_bits_is_what_python_reads() {
        let text = br#"{"i": -5, "z": -0, "f": 1.5, "l": 0.12345678901234567, "s": "12345678901234567890123 NaN \" 1e999", "l": [1, true, null], "i": 6}"#;
        let value = json!({"i": 6, "z": 0, "f": 1.5, "s": "12345678901234567890123 NaN \" 1e999", "l": [1, true, null]});
        assert_eq!(parse(text), Ok(value));
    }

    #[test]
    fn a_number_of_more_bits_is_kept_as_python_spells_it() {
        let cases = [
            ("123456789012345678901234567890", "123456789012345678901234567890"),
            ("-18446744073709551616", "-18446744073709551616"),
            ("1e400", "inf"),
            ("-1e400", "-inf"),
        ];
        for (literal, spelling) in cases {
            assert_eq!(parse(literal.as_bytes()), Ok(json!(spelling)));
        }
    }

    #[test]
    fn a_byte_order_mark_is_forgiven() {
        assert_eq!(parse("\u{feff}{}".as_bytes()), Ok(json!({})));
    }

    #[test]
    fn every_fault_is_told_apart() {
        let cases: [(&[u8], JsonFault); 10] = [
            (br#"{"a": NaN}"#, JsonFault::NoJsonNumber("NaN")),
            (br#"{"a": [Infinity]}"#, JsonFault::NoJsonNumber("Infinity")),
            (br#"{"a": -Infinity}"#, JsonFault::NoJsonNumber("-Infinity")),
            (br#"{"a": "caf\udce9"}"#, JsonFault::NotUnicode),
            (br#"{"a": "\ud83d"}"#, JsonFault::NotUnicode),
            (br#"{"a": "\ud83d\u0041"}"#, JsonFault::NotUnicode),
            (b"{\"a\": \"caf\xe9\"}", JsonFault::NotUnicode),
            (b"{\"a\":\n 01}", JsonFault::Malformed { line: 2, column: 3 }),
            (br#"{"a": "unclosed"#, JsonFault::Malformed { line: 1, column: 15 }),
            (b"", JsonFault::Malformed { line: 1, column: 0 }),
        ];
        for (text, fault) in cases {
            assert_eq!(parse(text), Err(fault), "{}", String::from_utf8_lossy(text));
        }
    }

    #[test]
    fn endless_nesting_is_refused() {
        assert!(parse("[".repeat(100_000).as_bytes()).is_err());
    }
}
