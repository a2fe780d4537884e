//! What Python's `type()`, `str()` and `repr()` make of a JSON value. `AnsibleModule` coerces to text with them and quotes them in its messages.

use serde_json::{Number, Value};

/// The name of the Python type that holds the value.
#[must_use]
pub fn type_name(value: &Value) -> &'static str {
    match value {
        Value::Null => "NoneType",
        Value::Bool(_) => "bool",
        Value::Number(number) if number.is_f64() => "float",
        Value::Number(_) => "int",
        Value::String(_) => "str",
        Value::Array(_) => "list",
        Value::Object(_) => "dict",
    }
}

/// `str(value)`: a text is itself, everything else its [`repr`].
#[must_use]
pub fn str(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => repr(other),
    }
}

/// `repr(value)`: as Python source would write it.
#[must_use]
pub fn repr(value: &Value) -> String {
    match value {
        Value::Null => "None".into(),
        Value::Bool(true) => "True".into(),
        Value::Bool(false) => "False".into(),
        Value::Number(number) => repr_number(number),
        Value::String(text) => repr_text(text),
        Value::Array(items) => format!("[{}]", items.iter().map(repr).collect::<Vec<_>>().join(", ")),
        Value::Object(map) => format!("{{{}}}", map.iter().map(repr_entry).collect::<Vec<_>>().join(", ")),
    }
}

/// `repr(number)` of a float: as few digits as read back the same, with a signed exponent of at least two digits.
#[must_use]
pub fn repr_float(number: f64) -> String {
    let shortest = format!("{number:e}");
    let Some((digits, exponent)) = shortest.split_once('e') else {
        return shortest;
    };
    // Between two forms that are equally short and near, Rust takes the higher one unless told how many digits to write, Python the even one.
    let decimals = digits.trim_start_matches('-').len().saturating_sub("1.".len());
    match exponent.parse() {
        Ok(exponent @ -4..=15_isize) => format!("{number:.*}", decimals.saturating_add_signed(-exponent).max(1)),
        _ => signed_exponent(&format!("{number:.decimals$e}")),
    }
}

/// Rust writes 1e16 and 1e-5 where Python has 1e+16 and 1e-05.
fn signed_exponent(scientific: &str) -> String {
    let (digits, exponent) = scientific.split_once('e').unwrap_or((scientific, "0"));
    let (sign, exponent) = exponent.strip_prefix('-').map_or(('+', exponent), |exponent| ('-', exponent));
    format!("{digits}e{sign}{exponent:0>2}")
}

fn repr_number(number: &Number) -> String {
    match number.as_f64() {
        Some(float) if number.is_f64() => repr_float(float),
        _ => number.to_string(),
    }
}

fn repr_entry((key, value): (&String, &Value)) -> String {
    format!("{}: {}", repr_text(key), repr(value))
}

fn repr_text(text: &str) -> String {
    let quote = if text.contains('\'') && !text.contains('"') { '"' } else { '\'' };
    let escaped: String = text.chars().map(|character| escape(character, quote)).collect();
    format!("{quote}{escaped}{quote}")
}

fn escape(character: char, quote: char) -> String {
    match (character, u32::from(character)) {
        ('\n', _) => "\\n".into(),
        ('\r', _) => "\\r".into(),
        ('\t', _) => "\\t".into(),
        ('\\', _) => "\\\\".into(),
        _ if character == quote => format!("\\{quote}"),
        _ if character == '"' || character == '\'' || is_printable(character) => character.into(),
        (_, code @ ..=0xff) => format!("\\x{code:02x}"),
        (_, code @ ..=0xffff) => format!("\\u{code:04x}"),
        (_, code) => format!("\\U{code:08x}"),
    }
}

/// Rust's debug escapes leave the same characters alone as Python's, but for combining marks at the very start: hence the letter.
fn is_printable(character: char) -> bool {
    format!("a{character}").escape_debug().nth(1) == Some(character)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{repr, str, type_name};

    #[test]
    fn values_are_written_as_python_writes_them() {
        let cases = [
            (json!(null), "None"),
            (json!(true), "True"),
            (json!(-7), "-7"),
            (json!(u64::MAX), "18446744073709551615"),
            (json!(1.0), "1.0"),
            (json!(-0.0), "-0.0"),
            (json!(0.0001), "0.0001"),
            (json!(0.000_012), "1.2e-05"),
            (json!(1e15), "1000000000000000.0"),
            (json!(1e16), "1e+16"),
            (json!(1_000_000_000_000_000.2), "1000000000000000.2"),
            (json!(-563_000_000_000_000.8), "-563000000000000.8"),
            (json!(123.5e-7), "1.235e-05"),
            (json!(5e-324), "5e-324"),
            (json!(1.5e300), "1.5e+300"),
            (json!([1, "a", [null]]), "[1, 'a', [None]]"),
            (json!({"b": {"c": 1.5}, "a": []}), "{'b': {'c': 1.5}, 'a': []}"),
        ];
        for (value, text) in cases {
            assert_eq!(str(&value), text);
        }
    }

    #[test]
    fn text_is_bare_in_str_and_quoted_in_repr() {
        let cases = [
            ("plain", "'plain'"),
            ("it's", "\"it's\""),
            ("\"it's\"", "'\"it\\'s\"'"),
            ("a\\b\n\t\r", "'a\\\\b\\n\\t\\r'"),
            ("\0\x7f\u{85}", "'\\x00\\x7f\\x85'"),
            ("żó😀", "'żó😀'"),
            ("\u{301}", "'\u{301}'"),
            ("\u{200b}\u{2028}\u{e0001}", "'\\u200b\\u2028\\U000e0001'"),
        ];
        for (text, quoted) in cases {
            assert_eq!((str(&json!(text)).as_str(), repr(&json!(text)).as_str()), (text, quoted));
        }
    }

    #[test]
    fn every_json_value_has_a_python_type() {
        let values = [json!(null), json!(true), json!(1), json!(1.0), json!(""), json!([]), json!({})];
        assert_eq!(
            values.each_ref().map(type_name),
            ["NoneType", "bool", "int", "float", "str", "list", "dict"]
        );
    }
}
