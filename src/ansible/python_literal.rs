//! A Python literal such as `{'a': [1, None]}`, which is what templating leaves of a mapping that got pasted into text. Only what JSON can hold is read.

use serde_json::{Map, Value};

use super::{python_json, python_repr};

const DEEPEST: usize = 64;

/// The mapping that the text spells, or `None` when it is anything else.
#[must_use]
pub fn parse_dict(text: &str) -> Option<Map<String, Value>> {
    let mut reader = Reader { rest: text, depth: 0 };
    match reader.value()? {
        Value::Object(map) if reader.next_is_end() => Some(map),
        _ => None,
    }
}

struct Reader<'text> {
    rest: &'text str,
    depth: usize,
}

impl<'text> Reader<'text> {
    fn value(&mut self) -> Option<Value> {
        self.depth += 1;
        let value = match self.peek()? {
            _ if self.depth > DEEPEST => None,
            '{' => self.dict().map(Value::Object),
            '[' => self.items('[', ']').map(|(items, _)| Value::Array(items)),
            '(' => self.items('(', ')').map(|(items, comma)| tuple_or_grouped(items, comma)),
            '\'' | '"' => self.text().map(Value::String),
            _ => self.word(),
        };
        self.depth -= 1;
        value
    }

    fn dict(&mut self) -> Option<Map<String, Value>> {
        self.eat('{')?;
        let mut map = Map::new();
        while self.eat('}').is_none() {
            let key = self.value().filter(|key| !key.is_array() && !key.is_object())?;
            self.eat(':')?;
            map.insert(json_key(&key), self.value()?);
            self.separator('}')?;
        }
        Some(map)
    }

    fn items(&mut self, open: char, close: char) -> Option<(Vec<Value>, bool)> {
        self.eat(open)?;
        let (mut items, mut comma) = (Vec::new(), false);
        while self.eat(close).is_none() {
            items.push(self.value()?);
            comma = self.separator(close)?;
        }
        Some((items, comma))
    }

    /// A comma, or nothing when the closing bracket comes next.
    fn separator(&mut self, close: char) -> Option<bool> {
        let comma = self.eat(',').is_some();
        (comma || self.peek() == Some(close)).then_some(comma)
    }

    /// One text, or several side by side, which Python joins.
    fn text(&mut self) -> Option<String> {
        let mut text = String::new();
        while let Some(quote @ ('\'' | '"')) = self.peek() {
            self.eat(quote)?;
            loop {
                match self.next()? {
                    end if end == quote => break,
                    '\n' => return None,
                    '\\' => self.escape(&mut text)?,
                    other => text.push(other),
                }
            }
        }
        Some(text)
    }

    fn escape(&mut self, text: &mut String) -> Option<()> {
        let character = match self.next()? {
            '\n' => return Some(()),
            same @ ('\\' | '\'' | '"') => same,
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'x' => self.code_point(2)?,
            'u' => self.code_point(4)?,
            'U' => self.code_point(8)?,
            'a' | 'b' | 'f' | 'v' | 'N' | '0'..='7' => return None,
            other => {
                text.push('\\');
                other
            }
        };
        text.push(character);
        Some(())
    }

    fn code_point(&mut self, digits: usize) -> Option<char> {
        let (hex, rest) = self.rest.split_at_checked(digits)?;
        self.rest = rest;
        u32::from_str_radix(hex, 16).ok().and_then(char::from_u32)
    }

    fn word(&mut self) -> Option<Value> {
        match self.take_word() {
            "None" => Some(Value::Null),
            "True" => Some(true.into()),
            "False" => Some(false.into()),
            number if number.starts_with(|first: char| first == '-' || first.is_ascii_digit()) => {
                python_json::parse(number.as_bytes()).ok()
            }
            _ => None,
        }
    }

    fn take_word(&mut self) -> &'text str {
        let end = self
            .rest
            .find(|character: char| !character.is_ascii_alphanumeric() && !"+-._".contains(character));
        let (word, rest) = self.rest.split_at(end.unwrap_or(self.rest.len()));
        self.rest = rest;
        word
    }

    fn peek(&mut self) -> Option<char> {
        self.rest = self.rest.trim_start_matches([' ', '\t', '\n', '\r', '\x0c']);
        self.rest.chars().next()
    }

    fn eat(&mut self, wanted: char) -> Option<()> {
        (self.peek()? == wanted).then(|| self.rest = &self.rest[wanted.len_utf8()..])
    }

    fn next(&mut self) -> Option<char> {
        let character = self.rest.chars().next()?;
        self.rest = &self.rest[character.len_utf8()..];
        Some(character)
    }

    fn next_is_end(&mut self) -> bool {
        self.peek().is_none()
    }
}

/// Keys that aren't text are spelled as `json.dumps` spells them.
fn json_key(key: &Value) -> String {
    match key {
        Value::Null | Value::Bool(_) => key.to_string(),
        other => python_repr::str(other),
    }
}

/// `(1,)` is a tuple, which JSON writes as a list; `(1)` is 1.
fn tuple_or_grouped(mut items: Vec<Value>, comma: bool) -> Value {
    match items.pop() {
        Some(only) if items.is_empty() && !comma => only,
        last => {
            items.extend(last);
            Value::Array(items)
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::parse_dict;

    #[test]
    fn what_json_can_hold_is_read() {
        let cases = [
            ("{}", json!({})),
            ("{'a': 'b', \"c\": None,}", json!({"a": "b", "c": null})),
            (
                "{ 'a' : [True, False, -1.5e3, 7] , 'b': (1, 'x'), 'c': (1,), 'd': (1), 'e': ()}\n",
                json!({"a": [true, false, -1500.0, 7], "b": [1, "x"], "c": [1], "d": 1, "e": []}),
            ),
            (r"{'a': 'it\'s \x41\u017c\U0001f600\n\d'}", json!({"a": "it's Aż😀\n\\d"})),
            ("{'a': 'x' \"y\", 1: {'b': {}}}", json!({"a": "xy", "1": {"b": {}}})),
            ("{None: 1, True: 2, 1.50: 3}", json!({"null": 1, "true": 2, "1.5": 3})),
        ];
        for (text, value) in cases {
            assert_eq!(parse_dict(text).map(Value::Object), Some(value), "{text}");
        }
    }

    #[test]
    fn everything_else_is_refused() {
        let cases = [
            "{",
            "{'a'}",
            "{'a': }",
            "{'a': b}",
            "{'a': 1 'b': 2}",
            "{'a': 1}}",
            "{'a': 'b}",
            "{,}",
            "{'a': 1,,}",
            "{[]: 1}",
            "{'a': true}",
            "{'a': f()}",
            "{'a': '\\x4'}",
        ];
        for text in cases {
            assert_eq!(parse_dict(text), None, "{text}");
        }
    }

    #[test]
    fn endless_nesting_is_refused() {
        assert_eq!(parse_dict(&"{'a':".repeat(100_000)), None);
    }
}
