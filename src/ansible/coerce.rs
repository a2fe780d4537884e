//! The coercions of `AnsibleModule`, to the letter of ansible-core 2.19: a value and the wanted type in, a value of that type or the reason out.

use serde_json::{Map, Number, Value};

use super::argument::ArgumentType;
use super::decimal::{self, NotWhole};
use super::python_strip::strip;
use super::{key_value, path_expansion, python_json, python_literal, python_repr};

/// The texts that mean true, whatever their case.
pub const TRUE_WORDS: [&str; 6] = ["1", "on", "t", "true", "y", "yes"];
/// The texts that mean false, whatever their case.
pub const FALSE_WORDS: [&str; 6] = ["0", "f", "false", "n", "no", "off"];

/// The value as the wanted type.
///
/// # Errors
/// When it can't be; the text says why, in the words of `AnsibleModule`.
pub fn coerce(value: Value, wanted: ArgumentType) -> Result<Value, String> {
    match wanted {
        ArgumentType::Str => Ok(to_str(value).into()),
        ArgumentType::Path => Ok(path_expansion::expand(&to_str(value)).into()),
        ArgumentType::Int => to_int(&value).map(Value::from),
        ArgumentType::Bool => to_bool(&value).map(Value::from),
        ArgumentType::Dict => to_dict(value).map(Value::from),
    }
}

fn to_str(value: Value) -> String {
    match value {
        Value::String(text) => text,
        Value::Null => String::new(),
        other => python_repr::str(&other),
    }
}

/// The value as a whole number.
///
/// # Errors
/// When it is none, or has more than 64 bits.
pub fn to_int(value: &Value) -> Result<i64, String> {
    let number = match value {
        Value::Bool(flag) => Ok((*flag).into()),
        Value::String(text) => decimal::parse(text),
        Value::Number(number) => decimal::parse(&exact(number)),
        _ => Err(NotWhole::Refused),
    };
    number.map_err(|fault| match fault {
        NotWhole::Refused => format!("\"{}\" cannot be converted to an int", python_repr::repr(value)),
        NotWhole::TooBig => format!("\"{}\" cannot be converted to an int of 64 bits", python_repr::repr(value)),
    })
}

/// Every digit: where a float is written short, it stands for the float next to it.
fn exact(number: &Number) -> String {
    match number.as_f64().filter(|float| number.is_f64() && float.fract() == 0.0) {
        Some(whole) => format!("{whole:.0}"),
        None => number.to_string(),
    }
}

/// The value as a boolean.
///
/// # Errors
/// When it doesn't read as one.
pub fn to_bool(value: &Value) -> Result<bool, String> {
    let word = match value {
        Value::Bool(flag) => return Ok(*flag),
        Value::String(text) => strip(text).to_lowercase(),
        Value::Number(_) => to_int(value).map(|number| number.to_string()).unwrap_or_default(),
        other => return Err(cannot_become(other, "bool")),
    };
    match word.as_str() {
        word if TRUE_WORDS.contains(&word) => Ok(true),
        word if FALSE_WORDS.contains(&word) => Ok(false),
        _ => Err(format!(
            "The value '{}' is not a valid boolean. Valid booleans include: {}",
            python_repr::str(value),
            valid_booleans()
        )),
    }
}

/// Python lists a set, in random order; this is the same set, sorted.
fn valid_booleans() -> String {
    let mut words = [TRUE_WORDS, FALSE_WORDS].concat();
    words.sort_unstable();
    format!("'{}', 0, 1", words.join("', '"))
}

fn to_dict(value: Value) -> Result<Map<String, Value>, String> {
    match value {
        Value::Object(map) => Ok(map),
        Value::String(text) if text.starts_with('{') => match python_json::parse(text.as_bytes()) {
            Ok(Value::Object(map)) => Ok(map),
            _ => python_literal::parse_dict(&text).ok_or_else(|| "unable to evaluate string as dictionary".into()),
        },
        Value::String(text) if text.contains('=') => {
            key_value::parse(&text).ok_or_else(|| "unable to evaluate string in the \"key=value\" format as dictionary".into())
        }
        Value::String(_) => Err("dictionary requested, could not parse JSON or key=value".into()),
        other => Err(cannot_become(&other, "dict")),
    }
}

fn cannot_become(value: &Value, wanted: &str) -> String {
    format!("<class '{}'> cannot be converted to a {wanted}", python_repr::type_name(value))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::argument::ArgumentType::{self, Bool, Dict, Int, Str};
    use super::coerce;

    #[test]
    fn values_become_the_wanted_type() {
        let cases: [(ArgumentType, Value, Value); 27] = [
            (Str, json!("as it is "), json!("as it is ")),
            (Str, json!(null), json!("")),
            (Str, json!(true), json!("True")),
            (Str, json!(1.0), json!("1.0")),
            (Str, json!(["a", {"b": null}]), json!("['a', {'b': None}]")),
            (Int, json!(5), json!(5)),
            (Int, json!(5.0), json!(5)),
            (Int, json!(1e18), json!(1_000_000_000_000_000_000_i64)),
            (Int, json!(1.152_921_504_606_847e18), json!(1_152_921_504_606_846_976_i64)),
            (Int, json!(true), json!(1)),
            (Int, json!(" 1_000 "), json!(1000)),
            (Int, json!("5.0"), json!(5)),
            (Bool, json!(true), json!(true)),
            (Bool, json!(1), json!(true)),
            (Bool, json!(1.0), json!(true)),
            (Bool, json!(0), json!(false)),
            (Bool, json!(-0.0), json!(false)),
            (Bool, json!(" YES\n"), json!(true)),
            (Bool, json!("T"), json!(true)),
            (Bool, json!("Off"), json!(false)),
            (Bool, json!("0"), json!(false)),
            (Dict, json!({"a": 1}), json!({"a": 1})),
            (Dict, json!("{\"a\": [1, null]}"), json!({"a": [1, null]})),
            (Dict, json!("{}"), json!({})),
            (Dict, json!("{'a': None}"), json!({"a": null})),
            (Dict, json!("a=1, b='x y'"), json!({"a": "1", "b": "x y"})),
            (Dict, json!("{a}=1 "), json!(null)),
        ];
        for (wanted, value, coerced) in cases {
            assert_eq!(
                coerce(value.clone(), wanted).unwrap_or_default(),
                coerced,
                "{value} as {}",
                wanted.name()
            );
        }
    }

    #[test]
    fn what_cannot_become_the_wanted_type_is_refused_in_ansibles_words() {
        const NOT_BOOLEAN: &str = "is not a valid boolean. Valid booleans include: \
             '0', '1', 'f', 'false', 'n', 'no', 'off', 'on', 't', 'true', 'y', 'yes', 0, 1";
        let cases = [
            (Int, json!("abc"), "\"'abc'\" cannot be converted to an int".to_owned()),
            (Int, json!(1.5), "\"1.5\" cannot be converted to an int".into()),
            (Int, json!(null), "\"None\" cannot be converted to an int".into()),
            (Int, json!([1]), "\"[1]\" cannot be converted to an int".into()),
            (
                Int,
                json!(u64::MAX),
                "\"18446744073709551615\" cannot be converted to an int of 64 bits".into(),
            ),
            (Int, json!(1e300), "\"1e+300\" cannot be converted to an int of 64 bits".into()),
            (Bool, json!("maybe"), format!("The value 'maybe' {NOT_BOOLEAN}")),
            (Bool, json!(2), format!("The value '2' {NOT_BOOLEAN}")),
            (Bool, json!(0.5), format!("The value '0.5' {NOT_BOOLEAN}")),
            (Bool, json!(null), "<class 'NoneType'> cannot be converted to a bool".into()),
            (Bool, json!([]), "<class 'list'> cannot be converted to a bool".into()),
            (Dict, json!(null), "<class 'NoneType'> cannot be converted to a dict".into()),
            (Dict, json!(5), "<class 'int'> cannot be converted to a dict".into()),
            (Dict, json!("abc"), "dictionary requested, could not parse JSON or key=value".into()),
            (
                Dict,
                json!("a=1, b"),
                "unable to evaluate string in the \"key=value\" format as dictionary".into(),
            ),
            (Dict, json!("{a}"), "unable to evaluate string as dictionary".into()),
        ];
        for (wanted, value, reason) in cases {
            assert_eq!(coerce(value, wanted), Err(reason));
        }
    }

    #[test]
    fn a_path_is_expanded() {
        assert_eq!(
            coerce(json!("/no/$SUCH_VARIABLE_HERE"), ArgumentType::Path),
            Ok(json!("/no/$SUCH_VARIABLE_HERE"))
        );
        assert_ne!(coerce(json!("~/x"), ArgumentType::Path), Ok(json!("~/x")));
    }
}
