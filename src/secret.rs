//! The one type for passwords and tokens: prints as stars, is wiped on drop, and leaves only through `reveal`.

use std::fmt;

use rustix::process::{Resource, Rlimit, setrlimit};
use serde::{Deserialize, Deserializer, Serializer};
use zeroize::Zeroizing;

/// What stands in for a secret wherever text is shown, as in `AnsibleModule`.
pub const STARS: &str = "********";

/// A password, token or key. It has no `Display` and no `Serialize`, so that it can't be printed by accident.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// Takes the text over without copying it, so that no unwiped copy stays behind.
    #[must_use]
    pub fn new(text: String) -> Self {
        Self(Zeroizing::new(text))
    }

    /// The secret itself. Grep for this name to see every place where one leaves.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(STARS)
    }
}

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self::new)
    }
}

/// From now on a crash leaves no image of the memory, with the secrets in it, on a disk.
pub fn forbid_core_dumps() {
    // A limit may always be lowered, so this can't fail.
    let _ = setrlimit(
        Resource::Core,
        Rlimit {
            current: Some(0),
            maximum: Some(0),
        },
    );
}

/// For `#[serde(serialize_with = "reveal")]` on the fields of a request body or a stored session that must hold the secret.
///
/// # Errors
/// Those of the serializer.
pub fn reveal<S: Serializer>(secret: &Secret, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(secret.reveal())
}

/// [`reveal`] for a field that may be empty.
///
/// # Errors
/// Those of the serializer.
pub fn reveal_if_known<S: Serializer>(secret: &Option<Secret>, serializer: S) -> Result<S::Ok, S::Error> {
    match secret {
        Some(secret) => serializer.serialize_some(secret.reveal()),
        None => serializer.serialize_none(),
    }
}

/// `text` with every occurrence of a secret replaced by [`STARS`], the longest secret first.
#[must_use]
pub fn scrub(text: &str, secrets: &[Secret]) -> String {
    let mut secrets: Vec<&str> = secrets.iter().map(Secret::reveal).filter(|secret| !secret.is_empty()).collect();
    secrets.sort_unstable_by_key(|secret| std::cmp::Reverse(secret.len()));
    secrets.iter().fold(text.to_owned(), |text, secret| text.replace(secret, STARS))
}

#[cfg(test)]
mod tests {
    use super::{Secret, scrub};

    #[test]
    fn debug_shows_stars_only() {
        assert_eq!(format!("{:?}", Secret::new("hunter2".into())), "********");
    }

    #[test]
    fn scrubbing_replaces_the_longest_secret_first() {
        let secrets = ["abc", "abcdef", ""].map(|text| Secret::new(text.into()));
        assert_eq!(scrub("abcdef and abc", &secrets), "******** and ********");
    }
}
