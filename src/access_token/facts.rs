//! The option `facts`: which fields of the session become facts, under which names.

use serde_json::{Map, Value};

/// A field of the session that a fact can take its value from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    AccessToken,
    UserId,
    DeviceId,
    HomeserverUrl,
}

impl Field {
    /// Every field, under the name that it has in the result too.
    pub const ALL: [(&str, Self); 4] = [
        ("access_token", Self::AccessToken),
        ("user_id", Self::UserId),
        ("device_id", Self::DeviceId),
        ("homeserver_url", Self::HomeserverUrl),
    ];
}

/// Fact name → field of the session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Facts(Vec<(String, Field)>);

impl Facts {
    pub fn parse(option: Map<String, Value>) -> Result<Self, String> {
        option.into_iter().map(|(name, field)| entry(name, &field)).collect::<Result<_, _>>().map(Self)
    }

    /// The facts of one session: those of the fields that are `shown`, each value looked up by `value_of`.
    pub fn publish(&self, shown: impl Fn(&Field) -> bool, value_of: impl Fn(Field) -> Value) -> Map<String, Value> {
        self.0
            .iter()
            .filter(|(_, field)| shown(field))
            .map(|(name, field)| (name.clone(), value_of(*field)))
            .collect()
    }
}

fn entry(name: String, field: &Value) -> Result<(String, Field), String> {
    if !is_variable_name(&name) {
        return Err(format!(
            "`facts` holds the name {name:?}, which is not a variable name: use letters, digits and underscores"
        ));
    }
    let found = Field::ALL.iter().find(|(text, _)| field.as_str() == Some(*text));
    match found {
        Some((_, field)) => Ok((name, *field)),
        None => Err(format!(
            "`facts.{name}` must be a field of the session: access_token, user_id, device_id or homeserver_url; \
             names of variables stand on the left, fields on the right"
        )),
    }
}

fn is_variable_name(name: &str) -> bool {
    name.starts_with(|letter: char| letter.is_ascii_alphabetic() || letter == '_')
        && name.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_')
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{Facts, Field};

    fn parse(option: &Value) -> Result<Facts, String> {
        Facts::parse(option.as_object().unwrap().clone())
    }

    #[test]
    fn each_fact_takes_its_value_from_its_field() {
        let facts = parse(&json!({"bot_token": "access_token", "bot_device": "device_id"})).unwrap();
        let published = facts.publish(|_| true, |field| if field == Field::AccessToken { "T".into() } else { "D".into() });
        assert_eq!(Value::Object(published), json!({"bot_token": "T", "bot_device": "D"}));
    }

    #[test]
    fn an_empty_dictionary_publishes_nothing() {
        assert!(parse(&json!({})).unwrap().publish(|_| true, |_| Value::Null).is_empty());
    }

    const NO_FIELD: &str = "`facts.x` must be a field of the session: access_token, user_id, device_id or homeserver_url; \
         names of variables stand on the left, fields on the right";

    #[test]
    fn unusable_names_and_unknown_fields_are_refused() {
        for (option, message) in [
            (
                json!({"bot-token": "access_token"}),
                "`facts` holds the name \"bot-token\", which is not a variable name: use letters, digits and underscores",
            ),
            (
                json!({"": "access_token"}),
                "`facts` holds the name \"\", which is not a variable name: use letters, digits and underscores",
            ),
            (json!({"x": "token"}), NO_FIELD),
            (json!({"x": 5}), NO_FIELD),
            (json!({"access_token": "x"}), &NO_FIELD.replace("facts.x", "facts.access_token")),
        ] {
            assert_eq!(parse(&option).unwrap_err(), message);
        }
    }
}
