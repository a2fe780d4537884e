//! The base URL of the client-server API: what people paste, made one canonical text. Sends nothing.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::client::{Uri, host, is_loopback};

/// Where the client-server API answers: scheme, host, port and perhaps a path, with no slash at the end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String")]
pub struct HomeserverUrl(String);

impl TryFrom<String> for HomeserverUrl {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        Self::parse(&text)
    }
}

/// What to do about a name with letters beyond ASCII.
pub(crate) const ASCII_FORM: &str = "in ASCII: write the form with xn--, which the command idn2 prints";

impl HomeserverUrl {
    /// Accepts `http` and `https` URLs, and forgives a slash at the end, `/_matrix` and `/_matrix/client…`.
    ///
    /// # Errors
    /// A text, to follow the name of the option it came from, that says what is wrong. It never repeats the URL,
    /// which may hold a password.
    pub fn parse(text: &str) -> Result<Self, String> {
        check_host(text)?;
        let uri: Uri = text
            .trim()
            .parse()
            .map_err(|_| "is not a URL; write it like https://matrix.example.com".to_owned())?;
        let scheme = uri.scheme_str().filter(|scheme| matches!(*scheme, "http" | "https"));
        let (Some(scheme), Some(authority)) = (scheme, uri.authority()) else {
            return Err("must begin with https:// or http://".into());
        };
        if authority.as_str().contains('@') {
            return Err("must not hold a user or a password; give them as options of their own".into());
        }
        let after_host = authority.as_str().strip_prefix(authority.host());
        if !matches!(after_host, Some("" | ":")) && authority.port_u16().is_none() {
            return Err("must have a port from 1 to 65535 after the host name, or none".into());
        }
        if uri.query().is_some() || text.contains('#') {
            return Err("must not hold a query or a fragment; write it like https://matrix.example.com".into());
        }
        // The port that the scheme means anyway makes no other server.
        let authority = authority.as_str().to_ascii_lowercase();
        let port = if scheme == "https" { ":443" } else { ":80" };
        let authority = authority.strip_suffix(port).unwrap_or(&authority);
        Ok(Self(format!("{scheme}://{authority}{}", base_path(uri.path()))))
    }

    /// The URL of an endpoint, given with its leading slash.
    pub fn endpoint(&self, path: &str) -> String {
        format!("{}{path}", self.0)
    }

    /// The same host without the path; `None` if there is no path.
    pub fn root(&self) -> Option<Self> {
        let host = self.0.find("://").map_or(0, |end| end + 3);
        self.0[host..].find('/').map(|path| Self(self.0[..host + path].to_owned()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub(crate) fn host(&self) -> String {
        host(&self.0)
    }

    /// Whether secrets would cross a network unencrypted: plain `http` to anything but this machine itself.
    pub fn is_exposed(&self) -> bool {
        self.0.starts_with("http://") && !is_loopback(&self.host())
    }
}

/// What people may well write, but no request can be sent to as it stands.
fn check_host(url: &str) -> Result<(), String> {
    let authority = url.split("://").nth(1).and_then(|rest| rest.split(['/', '?', '#']).next());
    let host = authority.and_then(|authority| authority.rsplit('@').next()).unwrap_or_default();
    if host.starts_with('[') && host.contains('%') {
        return Err(
            "must not hold the zone of an IPv6 address (%25 and what follows): give another address of the server, or its name".into(),
        );
    }
    if !host.is_ascii() || host.contains('%') {
        return Err(format!("must have its host name {ASCII_FORM}"));
    }
    Ok(())
}

/// Without what people paste along with the base URL.
fn base_path(path: &str) -> &str {
    let base = path.split_once("/_matrix/").map(|(base, _)| base).or_else(|| path.strip_suffix("/_matrix"));
    base.unwrap_or(path).trim_end_matches('/')
}

impl fmt::Display for HomeserverUrl {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::HomeserverUrl;

    #[test]
    fn what_people_paste_becomes_the_base_url() {
        for (pasted, base) in [
            ("https://matrix.example.com", "https://matrix.example.com"),
            (" https://Matrix.Example.com/ ", "https://matrix.example.com"),
            ("https://example.com///", "https://example.com"),
            ("https://example.com:443/", "https://example.com"),
            ("http://example.com:80", "http://example.com"),
            ("https://example.com:80", "https://example.com:80"),
            ("https://example.com/_matrix", "https://example.com"),
            ("https://example.com/_matrix/", "https://example.com"),
            ("https://example.com/_matrix/client", "https://example.com"),
            ("https://example.com/_matrix/client/v3/login", "https://example.com"),
            ("https://example.com/synapse/_matrix/client/r0/", "https://example.com/synapse"),
            ("http://127.0.0.1:8008/sub/", "http://127.0.0.1:8008/sub"),
            ("http://[::1]:8008", "http://[::1]:8008"),
            ("https://example.com/_matrixes", "https://example.com/_matrixes"),
        ] {
            assert_eq!(HomeserverUrl::parse(pasted).unwrap().as_str(), base, "{pasted}");
        }
    }

    #[test]
    fn what_is_no_base_url_is_refused_without_repeating_it() {
        for wrong in [
            "matrix.example.com",
            "",
            "ftp://example.com",
            "https://",
            "https://alice:hunter2@example.com",
            "https://example.com/?access_token=hunter2",
            "https://example.com/#hunter2",
            "https://exa mple.com",
            "https://example.com:99999",
            "https://[::1]8448",
            "/_matrix",
        ] {
            let error = HomeserverUrl::parse(wrong).unwrap_err();
            assert!(!error.contains("hunter2"), "{error}");
        }
    }

    #[test]
    fn a_name_beyond_ascii_and_a_zone_are_refused_with_a_way_out() {
        let ascii = "must have its host name in ASCII: write the form with xn--, which the command idn2 prints";
        let zone = "must not hold the zone of an IPv6 address (%25 and what follows): give another address of the server, or its name";
        for (wrong, expected) in [
            ("https://bücher.example", ascii),
            (" https://matrix.bücher.example:8448/_matrix", ascii),
            ("https://b%C3%BCcher.example", ascii),
            ("https://例え.example/", ascii),
            ("http://[fe80::1%25eth0]:8008", zone),
            ("http://[fe80::1%eth0]", zone),
        ] {
            assert_eq!(HomeserverUrl::parse(wrong), Err(expected.to_owned()), "{wrong}");
        }
        let base = HomeserverUrl::parse("https://xn--bcher-kva.example/a%20b").unwrap();
        assert_eq!(base.as_str(), "https://xn--bcher-kva.example/a%20b");
        // That is the password.
        let error = HomeserverUrl::parse("https://alice:hünter2@example.com").unwrap_err();
        assert!(!error.contains("ASCII"), "{error}");
    }

    #[test]
    fn only_plain_http_to_another_machine_is_exposed() {
        for (url, exposed) in [
            ("http://matrix.example.com", true),
            ("http://192.168.1.5:8008", true),
            ("https://matrix.example.com", false),
            ("http://localhost:8008", false),
            ("http://127.0.0.1:8008", false),
            ("http://[::1]:8008", false),
            ("http://localhost.example.com", true),
        ] {
            assert_eq!(HomeserverUrl::parse(url).unwrap().is_exposed(), exposed, "{url}");
        }
    }
}
