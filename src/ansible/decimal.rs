//! Whole numbers out of text, as Python's `int(Decimal(text))` finds them: `5`, ` 5 `, `5.0`, `1_000`, `1e3`.

use super::python_strip::strip;

/// Why a text is no whole number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotWhole {
    /// It isn't a number, or one with a fraction.
    Refused,
    /// It is one, of more than 64 bits.
    TooBig,
}

/// The whole number that the text stands for.
///
/// # Errors
/// When it stands for none, or for one of more than 64 bits.
pub fn parse(text: &str) -> Result<i64, NotWhole> {
    let text = strip(text).replace('_', "");
    let (sign, unsigned) = match text.strip_prefix('-') {
        Some(rest) => ("-", rest),
        None => ("", text.strip_prefix('+').unwrap_or(&text)),
    };
    let (mantissa, exponent) = split_exponent(unsigned)?;
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = format!("{whole}{fraction}");
    if digits.is_empty() || !is_digits(&digits) {
        return Err(NotWhole::Refused);
    }
    let significant = digits.trim_start_matches('0').trim_end_matches('0');
    if significant.is_empty() {
        return Ok(0);
    }
    let dropped_zeros = digits.len() - digits.trim_end_matches('0').len();
    let scale = exponent
        .saturating_add_unsigned(dropped_zeros as u64)
        .saturating_sub_unsigned(fraction.len() as u64);
    let zeros = usize::try_from(scale).map_err(|_| NotWhole::Refused)?;
    if zeros > i64::MAX.ilog10() as usize {
        return Err(NotWhole::TooBig);
    }
    format!("{sign}{significant}{}", "0".repeat(zeros))
        .parse()
        .map_err(|_| NotWhole::TooBig)
}

fn split_exponent(unsigned: &str) -> Result<(&str, i64), NotWhole> {
    let Some((mantissa, exponent)) = unsigned.split_once(['e', 'E']) else {
        return Ok((unsigned, 0));
    };
    if !is_digits(exponent.strip_prefix(['+', '-']).unwrap_or(exponent)) {
        return Err(NotWhole::Refused);
    }
    exponent.parse().map(|exponent| (mantissa, exponent)).map_err(|_| NotWhole::Refused)
}

fn is_digits(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::{NotWhole, parse};

    #[test]
    fn whole_numbers_are_found_in_many_spellings() {
        let cases = [
            ("5", 5),
            (" +5\n", 5),
            ("-5.000", -5),
            ("1_000", 1000),
            ("1e3", 1000),
            ("1.5E+1", 15),
            ("20e-1", 2),
            ("5.", 5),
            (".0", 0),
            ("0e999999", 0),
            ("007", 7),
            ("9223372036854775807", i64::MAX),
            ("-9223372036854775808", i64::MIN),
        ];
        for (text, number) in cases {
            assert_eq!(parse(text), Ok(number), "{text}");
        }
    }

    #[test]
    fn other_text_is_refused() {
        for text in [
            "", " ", "abc", "1.5", "1e-1", "1e", "e1", ".", "--1", "+-1", "1 0", "0x10", "nan", "inf", "1.2.3", "1e5.0", "１",
        ] {
            assert_eq!(parse(text), Err(NotWhole::Refused), "{text}");
        }
    }

    #[test]
    fn what_exceeds_64_bits_is_too_big() {
        for text in [
            "9223372036854775808",
            "-9223372036854775809",
            "1e19",
            "1e999999999",
            "100000000000000000000000",
        ] {
            assert_eq!(parse(text), Err(NotWhole::TooBig), "{text}");
        }
    }
}
