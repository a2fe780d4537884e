//! The coercions of `AnsibleModule` (ansible-core 2.19), of the values that YAML and Jinja produce: a value and the wanted type in, a value of that type or
//! the reason out.

use std::env;

use serde_json::{Map, Value};

use super::argument_spec::ArgumentType;
use crate::secret::python_repr;

pub(crate) fn coerce(value: Value, wanted: ArgumentType) -> Result<Value, String> {
    match wanted {
        ArgumentType::Str => to_str(value).map(Value::from),
        ArgumentType::Path => to_str(value).map(|path| expand(&path).into()),
        ArgumentType::Int => to_int(&value).map(Value::from),
        ArgumentType::Bool => to_bool(&value).map(Value::from),
        ArgumentType::Dict => to_dict(value).map(Value::from),
        ArgumentType::Raw => Ok(value),
    }
}

/// Older versions of Ansible turn a text that looks like a mapping or a list into one, and what Python makes of that again is another text.
fn to_str(value: Value) -> Result<String, String> {
    match value {
        Value::String(text) => Ok(text),
        Value::Null => Ok(String::new()),
        Value::Array(_) | Value::Object(_) => Err(format!(
            "a {} is no text, although Ansible may have made it of one: write {{{{ … | string }}}} in the playbook",
            type_name(&value)
        )),
        scalar => Ok(to_text(&scalar)),
    }
}

/// `$NAME`, `${NAME}` and a leading `~` are replaced. What has no value stays as it is written.
fn expand(path: &str) -> String {
    let home = || env::home_dir()?.into_os_string().into_string().ok();
    shellexpand::full_with_context_no_errors(path, home, |name| env::var(name).ok()).into_owned()
}

pub(crate) fn to_int(value: &Value) -> Result<i64, String> {
    let number = match value {
        Value::Bool(flag) => Some((*flag).into()),
        Value::Number(number) => number.as_i64().or_else(|| whole(number.as_f64()?)),
        Value::String(text) => text.trim().parse().ok().or_else(|| whole(text.trim().parse().ok()?)),
        _ => None,
    };
    number.ok_or_else(|| {
        let text = to_text(value);
        let is_whole = text.trim_start_matches('-').bytes().all(|digit| digit.is_ascii_digit()) && !text.is_empty();
        let size = if is_whole { " of 64 bits" } else { "" };
        format!("\"{}\" cannot be converted to an int{size}", repr(value))
    })
}

fn whole(float: f64) -> Option<i64> {
    (float.fract() == 0.0).then(|| format!("{float:.0}").parse().ok())?
}

pub(crate) fn to_bool(value: &Value) -> Result<bool, String> {
    let word = match value {
        Value::Bool(flag) => return Ok(*flag),
        Value::String(text) => text.trim().to_lowercase(),
        Value::Number(_) => to_int(value).map(|number| number.to_string()).unwrap_or_default(),
        other => return Err(cannot_become(other, "bool")),
    };
    match word.as_str() {
        "1" | "on" | "t" | "true" | "y" | "yes" => Ok(true),
        "0" | "f" | "false" | "n" | "no" | "off" => Ok(false),
        // Python lists a set, in random order; this is the same set, sorted.
        _ => Err(format!(
            "The value '{}' is not a valid boolean. Valid booleans include: \
             '0', '1', 'f', 'false', 'n', 'no', 'off', 'on', 't', 'true', 'y', 'yes', 0, 1",
            to_text(value)
        )),
    }
}

fn to_dict(value: Value) -> Result<Map<String, Value>, String> {
    match value {
        Value::Object(map) => Ok(map),
        Value::String(text) => serde_json::from_str(&text).map_err(|_| {
            if text.starts_with('{') {
                "unable to evaluate string as dictionary".into()
            } else {
                "dictionary requested, could not parse JSON or key=value".into()
            }
        }),
        other => Err(cannot_become(&other, "dict")),
    }
}

fn cannot_become(value: &Value, wanted: &str) -> String {
    format!("<class '{}'> cannot be converted to a {wanted}", type_name(value))
}

/// The name of the Python type that holds the value.
pub(crate) fn type_name(value: &Value) -> &'static str {
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

/// What Python's `str()` makes of a scalar.
pub(crate) fn to_text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => "None".into(),
        Value::Bool(true) => "True".into(),
        Value::Bool(false) => "False".into(),
        other => other.to_string(),
    }
}

/// What Python's `repr()` makes of a value.
fn repr(value: &Value) -> String {
    match value {
        Value::Array(items) => format!("[{}]", items.iter().map(repr).collect::<Vec<_>>().join(", ")),
        Value::Object(map) => {
            let entries = map.iter().map(|(key, value)| format!("{}: {}", repr(&key.as_str().into()), repr(value)));
            format!("{{{}}}", entries.collect::<Vec<_>>().join(", "))
        }
        Value::String(text) => python_repr(text),
        other => to_text(other),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::coerce;
    use crate::ansible::argument_spec::ArgumentType::{self, Bool, Dict, Int, Path, Str};

    #[test]
    fn values_become_the_wanted_type() {
        let cases: [(ArgumentType, Value, Value); 22] = [
            (Str, json!("as it is "), json!("as it is ")),
            (Str, json!(null), json!("")),
            (Str, json!(true), json!("True")),
            (Str, json!(1.0), json!("1.0")),
            (Str, json!(1.1), json!("1.1")),
            (Str, json!(83), json!("83")),
            (Int, json!(5), json!(5)),
            (Int, json!(5.0), json!(5)),
            (Int, json!(true), json!(1)),
            (Int, json!(" 30 "), json!(30)),
            (Int, json!("5.0"), json!(5)),
            (Bool, json!(true), json!(true)),
            (Bool, json!(1), json!(true)),
            (Bool, json!(1.0), json!(true)),
            (Bool, json!(0), json!(false)),
            (Bool, json!(" YES\n"), json!(true)),
            (Bool, json!("T"), json!(true)),
            (Bool, json!("Off"), json!(false)),
            (Bool, json!("0"), json!(false)),
            (Dict, json!({"a": 1}), json!({"a": 1})),
            (Dict, json!("{\"a\": [1, null]}"), json!({"a": [1, null]})),
            (Dict, json!("{}"), json!({})),
        ];
        for (wanted, value, coerced) in cases {
            let shown = value.to_string();
            assert_eq!(coerce(value, wanted), Ok(coerced), "{shown} as {wanted}");
        }
    }

    #[test]
    fn what_cannot_become_the_wanted_type_is_refused_in_ansibles_words() {
        const NOT_BOOLEAN: &str = "is not a valid boolean. Valid booleans include: \
             '0', '1', 'f', 'false', 'n', 'no', 'off', 'on', 't', 'true', 'y', 'yes', 0, 1";
        let cases = [
            (Int, json!("abc"), "\"'abc'\" cannot be converted to an int".to_owned()),
            (Int, json!("it's"), "\"\"it's\"\" cannot be converted to an int".to_owned()),
            (Int, json!(1.5), "\"1.5\" cannot be converted to an int".into()),
            (Int, json!(null), "\"None\" cannot be converted to an int".into()),
            (Int, json!(u64::MAX), "\"18446744073709551615\" cannot be converted to an int of 64 bits".into()),
            (Bool, json!("maybe"), format!("The value 'maybe' {NOT_BOOLEAN}")),
            (Bool, json!(2), format!("The value '2' {NOT_BOOLEAN}")),
            (Bool, json!(0.5), format!("The value '0.5' {NOT_BOOLEAN}")),
            (Bool, json!(null), "<class 'NoneType'> cannot be converted to a bool".into()),
            (Bool, json!([]), "<class 'list'> cannot be converted to a bool".into()),
            (Dict, json!(null), "<class 'NoneType'> cannot be converted to a dict".into()),
            (Dict, json!(5), "<class 'int'> cannot be converted to a dict".into()),
            (Dict, json!("abc"), "dictionary requested, could not parse JSON or key=value".into()),
        ];
        for (wanted, value, reason) in cases {
            assert_eq!(coerce(value, wanted), Err(reason));
        }
    }

    #[test]
    fn a_mapping_or_a_list_is_no_text() {
        for (value, name) in [(json!({"a": "b"}), "dict"), (json!(["a"]), "list")] {
            assert_eq!(
                coerce(value, Str),
                Err(format!(
                    "a {name} is no text, although Ansible may have made it of one: write {{{{ … | string }}}} in the playbook"
                ))
            );
        }
    }

    #[test]
    fn a_path_is_expanded_and_what_has_no_value_stays() {
        for unchanged in ["/no/$SUCH_VARIABLE_HERE", "/a~b", "${NO_SUCH_VARIABLE_HERE}/x"] {
            assert_eq!(coerce(json!(unchanged), Path), Ok(json!(unchanged)));
        }
        let home = std::env::var("HOME").unwrap();
        assert_eq!(coerce(json!("~/x"), Path), Ok(json!(format!("{home}/x"))));
        assert_eq!(coerce(json!("/a$HOME/x"), Path), Ok(json!(format!("/a{home}/x"))));
    }
}
