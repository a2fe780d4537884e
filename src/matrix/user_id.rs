//! Matrix user identifiers: full IDs, and the bare localparts that a known homeserver completes. They are opaque: compared letter by letter,
//! and sent as they were given.
//! <https://spec.matrix.org/v1.18/appendices/#user-identifiers>

use std::fmt;

use serde::{Deserialize, Serialize};
use strum::Display;

use super::homeserver_url::ASCII_FORM;

/// A full Matrix ID, `@localpart:server_name`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String")]
pub struct UserId(String);

impl TryFrom<String> for UserId {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        Self::parse(&text)
    }
}

impl UserId {
    /// Checks the shape only; servers hold users with historical names that today's grammar forbids.
    ///
    /// # Errors
    /// A text, to follow the name of the option, that says what is wrong.
    pub fn parse(text: &str) -> Result<Self, String> {
        let parts = text.strip_prefix('@').and_then(|rest| rest.split_once(':'));
        match parts {
            Some((localpart, server_name)) if is_localpart(localpart) && is_server_name(server_name) => Ok(Self(text.to_owned())),
            Some((_, server_name)) if !server_name.is_ascii() => Err(format!("must have its server name {ASCII_FORM}")),
            _ => Err("is not a Matrix ID; write it like @alice:example.com".into()),
        }
    }

    pub fn new(localpart: &str, server_name: &str) -> Self {
        Self(format!("@{localpart}:{server_name}"))
    }

    /// What stands between `@` and the first colon.
    pub fn localpart(&self) -> &str {
        self.parts().0
    }

    /// What follows the first colon: a host name and perhaps a port.
    pub fn server_name(&self) -> &str {
        self.parts().1
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn parts(&self) -> (&str, &str) {
        self.0.trim_start_matches('@').split_once(':').unwrap_or_default()
    }
}

impl fmt::Display for UserId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// No white space, no terminal tricks.
fn is_localpart(text: &str) -> bool {
    !text.is_empty() && !text.chars().any(|letter| letter.is_whitespace() || letter.is_control())
}

fn is_server_name(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|letter| letter.is_ascii_alphanumeric() || ".-:[]".contains(letter))
}

/// The user as a playbook names them. Displays as it was given, as `m.id.user` takes it.
#[derive(Clone, Debug, PartialEq, Eq, Display)]
pub enum User {
    /// `@alice:example.com`
    #[strum(transparent)]
    Full(UserId),
    /// `alice`: any server's alice, so a homeserver must be given.
    #[strum(transparent)]
    Localpart(String),
}

impl User {
    /// # Errors
    /// A text, to follow the name of the option, that says what is wrong.
    pub fn parse(text: &str) -> Result<Self, String> {
        if text.chars().any(|letter| letter.is_whitespace() || letter.is_control()) {
            return Err("must not hold white space".into());
        }
        if text.starts_with('@') {
            return UserId::parse(text).map(Self::Full);
        }
        if text.contains([':', '@']) || text.is_empty() {
            return Err("is neither a Matrix ID like @alice:example.com nor a localpart like alice".into());
        }
        Ok(Self::Localpart(text.to_owned()))
    }

    pub fn localpart(&self) -> &str {
        match self {
            Self::Full(user_id) => user_id.localpart(),
            Self::Localpart(localpart) => localpart,
        }
    }

    /// Whether the server's `user_id` is the user that was meant.
    pub fn is(&self, user_id: &UserId) -> bool {
        match self {
            Self::Full(full) => full == user_id,
            Self::Localpart(localpart) => localpart == user_id.localpart(),
        }
    }

    /// Whether it would be that user if capitals didn't count.
    pub fn differs_only_in_case(&self, user_id: &UserId) -> bool {
        let name = match self {
            Self::Full(_) => user_id.as_str(),
            Self::Localpart(_) => user_id.localpart(),
        };
        !self.is(user_id) && self.to_string().to_lowercase() == name.to_lowercase()
    }
}

#[cfg(test)]
mod tests {
    use super::{User, UserId};

    #[test]
    fn a_full_id_is_split_at_its_first_colon() {
        let user_id = UserId::parse("@alice:example.com:8448").unwrap();
        assert_eq!((user_id.localpart(), user_id.server_name()), ("alice", "example.com:8448"));
    }

    #[test]
    fn a_historical_name_is_taken_with_its_server() {
        let user_id = UserId::parse("@alice@mail.example:example.com").unwrap();
        assert_eq!(user_id.localpart(), "alice@mail.example");
    }

    #[test]
    fn what_is_no_user_is_refused() {
        for wrong in [
            "",
            "@",
            "@alice",
            "@alice:",
            "@:example.com",
            "alice:example.com",
            " alice",
            "alice@example.com",
            "alice@example.com\n",
            "@alice:exa/mple",
        ] {
            assert!(User::parse(wrong).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn a_server_name_beyond_ascii_is_refused_with_a_way_out() {
        assert_eq!(
            UserId::parse("@alice:bücher.example").unwrap_err(),
            "must have its server name in ASCII: write the form with xn--, which the command idn2 prints"
        );
        let historical = UserId::parse("@bücherwurm:xn--bcher-kva.example").unwrap();
        assert_eq!(historical.server_name(), "xn--bcher-kva.example");
    }

    #[test]
    fn users_are_compared_letter_by_letter_and_a_difference_in_case_alone_is_noticed() {
        let alice = UserId::parse("@alice:example.com").unwrap();
        for (name, same, only_case) in [
            ("@alice:example.com", true, false),
            ("alice", true, false),
            ("@Alice:EXAMPLE.com", false, true),
            ("ALICE", false, true),
            ("bob", false, false),
            ("@alice:example.org", false, false),
            ("@bob:example.com", false, false),
        ] {
            let user = User::parse(name).unwrap();
            assert_eq!((user.is(&alice), user.differs_only_in_case(&alice)), (same, only_case), "{name}");
        }
    }
}
