//! Which proxy the environment names for an address, by the rules that Python's urllib (and so `ansible.builtin.uri`) follows.

use std::env;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use http::Uri;
use percent_encoding::percent_decode_str;

use super::address::Address;
use crate::matrix::error::Error;
use crate::matrix::homeserver_url::is_loopback;

/// A proxy, asked to lead to the server and to stay out of what is said there.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Proxy {
    pub(super) address: Address,
    /// The value of the `Proxy-Authorization` header.
    pub(super) authorization: Option<String>,
}

/// The proxy for an address, if the environment names one and doesn't exempt the host. Plain `http` to this machine
/// itself is always exempt, other than in Python: to the proxy it would be another machine, and the way there is not encrypted.
pub(super) fn from_environment(address: &Address) -> Result<Option<Proxy>, Error> {
    let scheme = address.scheme();
    let stays_here = !address.tls && is_loopback(&address.host);
    let exempt = stays_here || variable("no_proxy").is_some_and(|list| is_exempt(&address.host, &address.host_header(), &list));
    match variable(&format!("{scheme}_proxy")) {
        Some(proxy) if !exempt => parse(scheme, &proxy).map(Some),
        _ => Ok(None),
    }
}

/// A proxy's URL may hold a password, so it is not repeated.
fn parse(scheme: &str, proxy: &str) -> Result<Proxy, Error> {
    let reason = format!(
        "can't follow the {scheme}_proxy of the environment: it is not the URL of an http or https proxy; correct it, or set `use_proxy: false`"
    );
    Proxy::parse(proxy).ok_or(Error::Setting { name: "use_proxy", reason })
}

impl Proxy {
    fn parse(text: &str) -> Option<Self> {
        let uri: Uri = if text.contains("://") {
            text.parse()
        } else {
            format!("http://{text}").parse()
        }
        .ok()?;
        let user = uri
            .authority()
            .and_then(|authority| authority.as_str().rsplit_once('@'))
            .map(|parts| parts.0);
        Some(Self {
            address: Address::of(&uri)?,
            authorization: user.map(basic),
        })
    }
}

/// <https://www.rfc-editor.org/rfc/rfc7617>; in a URL user and password are percent-encoded.
fn basic(user_and_password: &str) -> String {
    let (user, password) = user_and_password.split_once(':').unwrap_or((user_and_password, ""));
    let [user, password] = [user, password].map(|part| percent_decode_str(part).collect::<Vec<u8>>());
    format!("Basic {}", BASE64_STANDARD.encode([user, password].join(&b':')))
}

/// Lower case wins, as in curl and Python; an empty variable counts as none.
fn variable(name: &str) -> Option<String> {
    [name.to_owned(), name.to_ascii_uppercase()]
        .iter()
        .find_map(|name| env::var(name).ok())
        .filter(|value| !value.is_empty())
}

/// `no_proxy` lists hosts, and domains with or without a leading dot, each perhaps with a port; `*` stands for all.
fn is_exempt(host: &str, host_and_port: &str, no_proxy: &str) -> bool {
    let [host, host_and_port] = [host, host_and_port].map(str::to_ascii_lowercase);
    no_proxy
        .split(',')
        .map(|entry| entry.trim().trim_start_matches('.').to_ascii_lowercase())
        .filter(|entry| !entry.is_empty())
        .any(|entry| entry == "*" || is_within(&host, entry.trim_matches(['[', ']'])) || is_within(&host_and_port, &entry))
}

fn is_within(host: &str, domain: &str) -> bool {
    host == domain || host.strip_suffix(domain).is_some_and(|rest| rest.ends_with('.'))
}

#[cfg(test)]
mod tests {
    use super::{Proxy, is_exempt};

    #[test]
    fn a_proxy_may_want_a_password_and_needs_no_scheme() {
        for (text, authority, tls, authorization) in [
            ("http://proxy.test", "proxy.test:80", false, None),
            ("proxy.test:3128", "proxy.test:3128", false, None),
            ("https://proxy.test", "proxy.test:443", true, None),
            ("http://a:b@proxy.test", "proxy.test:80", false, Some("Basic YTpi")),
            ("http://a@proxy.test:1", "proxy.test:1", false, Some("Basic YTo=")),
            ("a:%40%3Ab@proxy.test:1", "proxy.test:1", false, Some("Basic YTpAOmI=")),
        ] {
            let proxy = Proxy::parse(text).unwrap();
            assert_eq!((proxy.address.authority().as_str(), proxy.address.tls), (authority, tls), "{text}");
            assert_eq!(proxy.authorization.as_deref(), authorization, "{text}");
        }
    }

    #[test]
    fn no_proxy_exempts_hosts_and_the_domains_above_them() {
        for (no_proxy, exempt) in [
            ("*", true),
            ("matrix.example.com", true),
            ("example.com", true),
            (".example.com", true),
            ("localhost, .EXAMPLE.com", true),
            ("matrix.example.com:8448", true),
            ("example.com:8448", true),
            ("matrix.example.com:443", false),
            ("ample.com", false),
            ("example.org", false),
            ("", false),
            (",", false),
        ] {
            assert_eq!(
                is_exempt("matrix.example.com", "matrix.example.com:8448", no_proxy),
                exempt,
                "{no_proxy:?}"
            );
        }
        for (no_proxy, exempt) in [
            ("::1", true),
            ("[::1]", true),
            ("[::1]:8448", true),
            ("[::1]:80", false),
            ("[::2]", false),
        ] {
            assert_eq!(is_exempt("::1", "[::1]:8448", no_proxy), exempt, "{no_proxy:?}");
        }
    }
}
