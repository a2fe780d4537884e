//! Where a redirect leads. Only discovery follows one: any other request may hold a secret.

use fluent_uri::UriRef;
use ureq::http::Uri;

use super::is_loopback;
use crate::matrix::error::Redirect;

/// The absolute URL that a `Location` means; `None` if it means none.
pub(crate) fn resolve(url: &str, location: &str) -> Option<String> {
    let base = fluent_uri::Uri::parse(url).ok()?;
    Some(UriRef::parse(location).ok()?.resolve_against(&base).ok()?.into_string())
}

/// What the redirect of a request comes to.
pub(crate) fn kind(url: &str, target: &str) -> Redirect {
    let [(host, path), (target_host, target_path)] = [url, target].map(|url| {
        let uri: Uri = url.parse().unwrap_or_default();
        (uri.host().unwrap_or_default().to_ascii_lowercase(), uri.path().to_owned())
    });
    let endpoint = path.find("/_").map_or(path.as_str(), |start| &path[start..]);
    let stays_here = url.starts_with("http://") && is_loopback(&target_host);
    match host == target_host {
        _ if url == target => Redirect::Loop,
        _ if target.starts_with("http://") && !stays_here => Redirect::PlainHttp,
        true if path != target_path && path.trim_end_matches('/') == target_path.trim_end_matches('/') => Redirect::Slash,
        _ if !target_path.ends_with(endpoint) => Redirect::OtherPage,
        true => Redirect::SameHost,
        false => Redirect::OtherHost,
    }
}

#[cfg(test)]
mod tests {
    use super::{Redirect, kind, resolve};

    #[test]
    fn a_location_is_resolved_against_the_url() {
        for (location, expected) in [
            ("https://a.test/x?y", "https://a.test/x?y"),
            ("//a.test/x", "https://a.test/x"),
            ("/x?next=https://a.test", "https://hs.test:8448/x?next=https://a.test"),
            ("x?next=https://a.test", "https://hs.test:8448/_matrix/x?next=https://a.test"),
        ] {
            assert_eq!(resolve("https://hs.test:8448/_matrix/login", location).as_deref(), Some(expected));
        }
        assert_eq!(resolve("https://hs.test", "not a URL"), None);
    }

    #[test]
    fn a_redirect_to_plain_http_or_another_host_is_told_from_one_that_is_harmless() {
        let login = "/_matrix/client/v3/login";
        for (url, target, expected) in [
            ("https://hs.test", "https://hs.test/_matrix/client/v3/login", Redirect::Loop),
            ("https://hs.test", "http://hs.test/_matrix/client/v3/login", Redirect::PlainHttp),
            ("https://hs.test", "http://other.test/portal", Redirect::PlainHttp),
            ("https://localhost", "http://localhost/_matrix/client/v3/login", Redirect::PlainHttp),
            ("http://hs.test:8008", "http://hs.test/_matrix/client/v3/login", Redirect::PlainHttp),
            ("http://localhost", "http://localhost:8008/_matrix/client/v3/login", Redirect::SameHost),
            ("http://hs.test", "https://HS.test:8448/sub/_matrix/client/v3/login", Redirect::SameHost),
            ("https://hs.test", "https://hs.test/_matrix/client/v3/login/", Redirect::Slash),
            ("https://hs.test", "https://www.hs.test/_matrix/client/v3/login", Redirect::OtherHost),
            ("https://hs.test", "https://hs.test@evil.test/_matrix/client/v3/login", Redirect::OtherHost),
            ("https://hs.test", "https://hs.test.evil.test/_matrix/client/v3/login", Redirect::OtherHost),
            ("https://hs.test", "https://hs.test/portal", Redirect::OtherPage),
        ] {
            assert_eq!(kind(&format!("{url}{login}"), target), expected, "{target}");
        }
    }
}
