//! The one type for passwords and tokens: prints as stars, is wiped on drop, and leaves only through `expose_secret`.

use std::fmt::{self, Write};

use base64::Engine;
use base64::prelude::{BASE64_STANDARD_NO_PAD, BASE64_URL_SAFE_NO_PAD};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use rustix::process::{Resource, Rlimit, setrlimit};
use serde::{Deserialize, Serializer};
use zeroize::Zeroizing;

/// What stands in for a secret wherever text is shown, as in `AnsibleModule`.
pub const REDACTED: &str = "********";

/// A password, token or key. It has no `Display` and no `Serialize`, so that it can't be printed by accident.
#[derive(Clone, PartialEq, Eq, Deserialize)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// Takes the text over without copying it, so that no unwiped copy stays behind.
    pub fn new(text: String) -> Self {
        Self(Zeroizing::new(text))
    }

    /// The secret itself. Grep for this name to see every place where one leaves.
    pub fn expose_secret(&self) -> &str {
        &self.0
    }

    /// Whether an HTTP header can hold it, as it must hold a token.
    pub fn is_header_safe(&self) -> bool {
        !self.0.is_empty() && self.0.chars().all(|letter| letter.is_ascii_graphic())
    }
}

/// How JSON, Rust, Python, URLs, forms, HTML and base64 spell a text.
fn escaped(text: &str) -> Vec<String> {
    let json = unquoted(&serde_json::to_string(text).unwrap_or_default());
    let bytes = text.as_bytes().escape_ascii().to_string();
    let url = utf8_percent_encode(text, RESERVED).to_string();
    let lower_case = |part: &str| if part.starts_with('%') { part.to_lowercase() } else { part.to_owned() };
    let lower_case_url: String = utf8_percent_encode(text, RESERVED).map(lower_case).collect();
    let html = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let mut spellings = vec![
        json.chars().fold(String::new(), push_ascii),
        json,
        unquoted(&format!("{text:?}")),
        unquoted(&python_repr(text)),
        bytes.replace("\\\"", "\""),
        bytes.replace("\\'", "'"),
        bytes,
        url.replace("%20", "+"),
        url,
        lower_case_url.replace("%20", "+"),
        lower_case_url,
        html.replace('"', "&quot;").replace('\'', "&#39;"),
        html.replace('"', "&quot;").replace('\'', "&#x27;"),
        html.replace('"', "&#34;").replace('\'', "&#39;"),
    ];
    // Of a few letters it would be a few letters that may stand anywhere.
    if text.len() >= 4 {
        spellings.extend([BASE64_STANDARD_NO_PAD, BASE64_URL_SAFE_NO_PAD].map(|engine| engine.encode(text)));
    }
    spellings
}

fn unquoted(quoted: &str) -> String {
    quoted[1..quoted.len().max(2) - 1].to_owned()
}

/// Everything but the unreserved characters of RFC 3986, which `encodeURIComponent` and Python's `quote` leave as they are.
pub(crate) const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// What Python's `repr()` makes of a text, as far as Rust escapes the same characters.
pub fn python_repr(text: &str) -> String {
    let rust = format!("{text:?}");
    if text.contains('\'') && !text.contains('"') {
        return rust;
    }
    let inside = unquoted(&rust).replace("\\\"", "\"").replace('\'', "\\'");
    format!("'{inside}'")
}

/// Adds a character to a JSON text in ASCII alone: what is beyond is escaped.
pub fn push_ascii(mut json: String, character: char) -> String {
    if matches!(character, ' '..='~') {
        json.push(character);
        return json;
    }
    for unit in character.encode_utf16(&mut [0; 2]) {
        // Writing to a String can't fail.
        let _ = write!(json, "\\u{unit:04x}");
    }
    json
}

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(REDACTED)
    }
}

/// From now on a crash leaves no image of the memory, with the secrets in it, on a disk.
pub fn forbid_core_dumps() {
    // A limit may always be lowered, so this can't fail.
    let _ = setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) });
}

/// For `#[serde(serialize_with = "expose_secret")]` on the fields of a request body that must hold the secret.
pub fn expose_secret<S: Serializer>(secret: &Secret, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(secret.expose_secret())
}

/// `text` with every occurrence of a secret, as it is, escaped once or escaped twice, replaced by [`REDACTED`], the longest first.
pub fn redact(text: &str, secrets: &[Secret]) -> String {
    let mut spellings: Vec<_> = secrets.iter().map(|secret| secret.0.clone()).filter(|text| !text.is_empty()).collect();
    for _ in 0..2 {
        let more: Vec<_> = spellings.iter().flat_map(|text| escaped(text)).map(Zeroizing::new).collect();
        spellings.extend(more);
        spellings.sort_unstable_by(|one, other| (other.len(), one.as_str()).cmp(&(one.len(), other.as_str())));
        spellings.dedup();
    }
    spellings.iter().fold(text.to_owned(), |text, spelling| text.replace(spelling.as_str(), REDACTED))
}

#[cfg(test)]
mod tests {
    use super::{Secret, redact};

    #[test]
    fn debug_shows_stars_only() {
        assert_eq!(format!("{:?}", Secret::new("hunter2".into())), "********");
    }

    #[test]
    fn scrubbing_replaces_the_longest_secret_first() {
        let secrets = ["abc", "abcdef", ""].map(|text| Secret::new(text.into()));
        assert_eq!(redact("abcdef and abc", &secrets), "******** and ********");
    }

    #[test]
    fn an_escaped_secret_is_redacted_as_well() {
        let secret = Secret::new("q\"u'o\\te/\u{e9}\n".into());
        for repeated in [
            r#"{"password":"q\"u'o\\te/\u{e9}\n"}"#.replace("\\u{e9}", "\u{e9}"),
            r#"{"password":"q\"u'o\\te/\u00e9\n"}"#.to_owned(),
            format!("{:?}", "q\"u'o\\te/\u{e9}\n"),
            r#"{'password': 'q"u\'o\\te/\u{e9}\n'}"#.replace("\\u{e9}", "\u{e9}"),
            "?password=q%22u%27o%5Cte%2F%C3%A9%0A".to_owned(),
        ] {
            let shown = redact(&repeated, std::slice::from_ref(&secret));
            assert!(shown.contains("********") && !shown.contains("te"), "{repeated} {shown}");
        }
    }

    #[test]
    fn a_secret_is_redacted_in_every_spelling_that_servers_log_or_answer_with() {
        let secret = Secret::new("quo\"te-pa\\ss w'd+\u{e9}<>&".into());
        for repeated in [
            r#"quo\\\"te-pa\\\\ss w'd+\u{e9}<>&"#.replace("\\u{e9}", "\u{e9}"),
            r#"quo\\\"te-pa\\\\ss w'd+\\u00e9<>&"#.to_owned(),
            r#"quo\\"te-pa\\\\ss w\'d+\u{e9}<>&"#.replace("\\u{e9}", "\u{e9}"),
            "quo%22te-pa%5Css+w%27d%2B%C3%A9%3C%3E%26".to_owned(),
            "quo%22te-pa%5css%20w%27d%2b%c3%a9%3c%3e%26".to_owned(),
            "quo%22te-pa%5css+w%27d%2b%c3%a9%3c%3e%26".to_owned(),
            "quo%2522te-pa%255Css%2520w%2527d%252B%25C3%25A9%253C%253E%2526".to_owned(),
            "quo&quot;te-pa\\ss w&#39;d+\u{e9}&lt;&gt;&amp;".to_owned(),
            "quo&quot;te-pa\\ss w&#x27;d+\u{e9}&lt;&gt;&amp;".to_owned(),
            "quo&#34;te-pa\\ss w&#39;d+\u{e9}&lt;&gt;&amp;".to_owned(),
            r#"quo"te-pa\\ss w\'d+\xc3\xa9<>&"#.to_owned(),
            r#"quo\"te-pa\\ss w'd+\xc3\xa9<>&"#.to_owned(),
            "cXVvInRlLXBhXHNzIHcnZCvDqTw+Jg==".to_owned(),
            "cXVvInRlLXBhXHNzIHcnZCvDqTw-Jg".to_owned(),
        ] {
            let shown = redact(&repeated, std::slice::from_ref(&secret));
            assert_eq!(shown.trim_end_matches('='), "********", "{repeated}");
        }
    }

    #[test]
    fn a_secret_of_a_few_letters_is_no_reason_to_redact_others() {
        let secrets = ["ab", "i"].map(|text| Secret::new(text.into()));
        assert_eq!(redact("YWI aQ, tab", &secrets), "YWI aQ, t********");
    }
}
