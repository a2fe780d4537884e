//! Where a URL leads: to which host and port, with or without TLS, and to which path there. Connects to nothing.

use http::Uri;

/// What one connection leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Address {
    pub(super) tls: bool,
    /// An IPv6 address stands here without its brackets.
    pub(super) host: String,
    pub(super) port: u16,
}

/// What one request asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Target {
    pub(super) address: Address,
    /// With the query.
    pub(super) path: String,
}

impl Address {
    pub(super) fn of(uri: &Uri) -> Option<Self> {
        let tls = match uri.scheme_str()? {
            "https" => true,
            "http" => false,
            _ => return None,
        };
        // The library passes over what is no port, and over what follows an IPv6 address.
        let (authority, host) = (uri.authority()?.as_str(), uri.host()?);
        let after_user = authority.rsplit_once('@').map_or(authority, |parts| parts.1);
        let port = match after_user.strip_prefix(host)? {
            "" | ":" => Some(if tls { 443 } else { 80 }),
            after_host => after_host.strip_prefix(':')?.parse().ok(),
        };
        let host = Some(host.trim_matches(['[', ']'])).filter(|host| !host.is_empty());
        Some(Self {
            tls,
            host: host?.to_owned(),
            port: port?,
        })
    }

    /// `host:port`.
    pub(super) fn authority(&self) -> String {
        format!("{}:{}", self.bracketed(), self.port)
    }

    /// What the `Host` header says: the port only where the scheme doesn't mean it anyway.
    pub(super) fn host_header(&self) -> String {
        match (self.tls, self.port) {
            (true, 443) | (false, 80) => self.bracketed(),
            _ => self.authority(),
        }
    }

    fn bracketed(&self) -> String {
        if self.host.contains(':') {
            format!("[{}]", self.host)
        } else {
            self.host.clone()
        }
    }

    pub(super) fn scheme(&self) -> &'static str {
        if self.tls { "https" } else { "http" }
    }
}

impl Target {
    pub(super) fn parse(url: &str) -> Option<Self> {
        let uri: Uri = url.parse().ok()?;
        let query = uri.query().map_or_else(String::new, |query| format!("?{query}"));
        Some(Self {
            address: Address::of(&uri)?,
            path: format!("{}{query}", uri.path()),
        })
    }

    /// Where a `Location` header leads that was found here.
    pub(super) fn join(&self, location: &str) -> Option<Self> {
        let (scheme, host) = (self.address.scheme(), self.address.host_header());
        let folder = self
            .path
            .split('?')
            .next()
            .and_then(|path| path.rsplit_once('/'))
            .map_or("", |path| path.0);
        // Where none of these comes first, there may be a scheme.
        let start = location.split(['/', '?', '#']).next().unwrap_or_default();
        Self::parse(location).or_else(|| match location {
            _ if start.contains(':') => None,
            _ if location.starts_with("//") => Self::parse(&format!("{scheme}:{location}")),
            _ if location.starts_with('/') => Self::parse(&format!("{scheme}://{host}{location}")),
            _ => Self::parse(&format!("{scheme}://{host}{folder}/{location}")),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Target;

    fn shown(target: Option<Target>) -> Option<String> {
        target.map(|target| format!("{} {} {}", target.address.authority(), target.address.host_header(), target.path))
    }

    #[test]
    fn a_url_leads_to_a_host_a_port_and_a_path() {
        for (url, expected) in [
            ("https://hs.test", Some("hs.test:443 hs.test /")),
            ("http://hs.test/a?b#c", Some("hs.test:80 hs.test /a?b")),
            ("https://hs.test:80/", Some("hs.test:80 hs.test:80 /")),
            ("http://[::1]:8008/a", Some("[::1]:8008 [::1]:8008 /a")),
            ("https://user:password@hs.test/", Some("hs.test:443 hs.test /")),
            ("https://hs.test?a", Some("hs.test:443 hs.test /?a")),
            ("http://1:1/", Some("1:1 1:1 /")),
            ("https://hs.test:/", Some("hs.test:443 hs.test /")),
            ("https://hs.test:65536/", None),
            ("https://hs.test:99999", None),
            ("https://user@hs.test:x/", None),
            ("https://[::1]8448/", None),
            ("ftp://hs.test/", None),
            ("/a", None),
            ("https://", None),
            ("https://hs.test/a\r\nb", None),
        ] {
            assert_eq!(shown(Target::parse(url)).as_deref(), expected, "{url}");
        }
    }

    #[test]
    fn a_redirect_may_be_relative() {
        let here = Target::parse("https://hs.test:8448/a/b?c/d").unwrap();
        for (location, expected) in [
            ("https://other.test/x", Some("other.test:443 other.test /x")),
            ("http://other.test", Some("other.test:80 other.test /")),
            ("//other.test/x", Some("other.test:443 other.test /x")),
            ("/x?y", Some("hs.test:8448 hs.test:8448 /x?y")),
            ("x", Some("hs.test:8448 hs.test:8448 /a/x")),
            (
                "/x?from=https://hs.test/",
                Some("hs.test:8448 hs.test:8448 /x?from=https://hs.test/"),
            ),
            (
                "x?from=https://hs.test/",
                Some("hs.test:8448 hs.test:8448 /a/x?from=https://hs.test/"),
            ),
            ("https://other.test?x", Some("other.test:443 other.test /?x")),
            ("https://other.test:99999/x", None),
            ("ftp://other.test/x", None),
            ("/x y", None),
        ] {
            assert_eq!(shown(here.join(location)).as_deref(), expected, "{location}");
        }
    }
}
