//! The option `facts`: which fields of the session become facts, under which names.

use serde_json::{Map, Value};

/// What a fact can take its value from: the fields of the session, as the result has them too.
pub(crate) const FIELDS: [&str; 4] = ["access_token", "user_id", "device_id", "homeserver_url"];

/// Fact name → field of the session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Facts(Vec<(String, &'static str)>);

impl Facts {
    pub fn parse(option: Map<String, Value>) -> Result<Self, String> {
        option.into_iter().map(|(name, field)| entry(name, &field)).collect::<Result<_, _>>().map(Self)
    }

    /// The facts of one session: those of the fields that `shown` has.
    pub(crate) fn publish(&self, shown: &Map<String, Value>) -> Map<String, Value> {
        let fact = |(name, field): &(String, &str)| Some((name.clone(), shown.get(*field)?.clone()));
        self.0.iter().filter_map(fact).collect()
    }
}

fn entry(name: String, field: &Value) -> Result<(String, &'static str), String> {
    if !is_variable_name(&name) {
        return Err(format!(
            "`facts` holds the name {name:?}, which is not a variable name: use letters, digits and underscores"
        ));
    }
    match FIELDS.into_iter().find(|known| field == known) {
        Some(field) => Ok((name, field)),
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

    use super::Facts;

    fn parse(option: &Value) -> Result<Facts, String> {
        Facts::parse(option.as_object().unwrap().clone())
    }

    #[test]
    fn each_fact_takes_its_value_from_its_field() {
        let facts = parse(&json!({"bot_token": "access_token", "bot_device": "device_id"})).unwrap();
        let session = json!({"access_token": "T", "user_id": "U", "device_id": "D"});
        let published = facts.publish(session.as_object().unwrap());
        assert_eq!(Value::Object(published), json!({"bot_token": "T", "bot_device": "D"}));
        let without_token = json!({"device_id": "D"});
        let published = facts.publish(without_token.as_object().unwrap());
        assert_eq!(Value::Object(published), json!({"bot_device": "D"}));
    }

    #[test]
    fn an_empty_dictionary_publishes_nothing() {
        let session = json!({"access_token": "T"});
        assert!(parse(&json!({})).unwrap().publish(session.as_object().unwrap()).is_empty());
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
