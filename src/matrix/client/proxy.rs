//! Which proxy the environment names for a URL, by the rules that Python's urllib (and so `ansible.builtin.uri`) follows.

use std::env;
use std::net::IpAddr;

use ureq::http::Uri;
use ureq::{Proxy, ProxyProtocol};

use crate::matrix::error::Error;

/// The proxy for a URL, if the environment names one and doesn't exempt the host. Plain `http` to this machine
/// itself is always exempt, other than in Python: to the proxy it would be another machine, and the way there is not encrypted.
pub(crate) fn from_environment(uri: &Uri) -> Result<Option<Proxy>, Error> {
    let (scheme, host) = (uri.scheme_str().unwrap_or_default(), uri.host().unwrap_or_default());
    let stays_here = scheme == "http" && is_loopback(host);
    let exempt = stays_here || variable("no_proxy").is_some_and(|list| is_exempt(host, uri.port_u16(), &list));
    let Some(proxy) = variable(&format!("{scheme}_proxy")).filter(|_| !exempt) else {
        return Ok(None);
    };
    let known = |proxy: &Proxy| matches!(proxy.protocol(), ProxyProtocol::Http | ProxyProtocol::Https);
    // It may hold a password, so it is not repeated.
    let reason = format!("can't follow the {scheme}_proxy of the environment: it is not the URL of an http or https proxy");
    Proxy::new(&proxy).ok().filter(known).map(Some).ok_or(Error::Config { name: "use_proxy", reason })
}

/// Lower case wins, as in curl and Python; an empty variable counts as none.
fn variable(name: &str) -> Option<String> {
    [name.to_owned(), name.to_ascii_uppercase()]
        .iter()
        .find_map(|name| env::var(name).ok())
        .filter(|value| !value.is_empty())
}

/// `no_proxy` lists hosts, and domains with or without a leading dot, each perhaps with a port; `*` stands for all.
fn is_exempt(host: &str, port: Option<u16>, no_proxy: &str) -> bool {
    let (host, no_proxy) = (host.to_ascii_lowercase(), no_proxy.to_ascii_lowercase());
    // With a dot before both, a domain ends its own name and those of the hosts in it, and no others.
    let bare = |name: &str| format!(".{}", name.trim_matches(['[', ']']));
    let with_port = port.map(|port| format!(".{host}:{port}")).unwrap_or_default();
    let mut entries = no_proxy.split(',').map(|entry| entry.trim().trim_start_matches('.'));
    entries.any(|entry| entry == "*" || bare(&host).ends_with(&bare(entry)) || with_port.ends_with(&format!(".{entry}")))
}

/// That of a URL; an IPv6 address keeps its brackets.
pub fn host(url: &str) -> String {
    url.parse::<Uri>().ok().and_then(|url| url.host().map(str::to_owned)).unwrap_or_default()
}

/// Whether a host is this machine itself.
pub fn is_loopback(host: &str) -> bool {
    let host = host.trim_matches(['[', ']']);
    host == "localhost" || host.ends_with(".localhost") || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::is_exempt;

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
            ("[example.com]", true),
            ("example.org", false),
            ("", false),
            (",", false),
        ] {
            assert_eq!(is_exempt("matrix.example.com", Some(8448), no_proxy), exempt, "{no_proxy:?}");
        }
        for (no_proxy, exempt) in [("::1", true), ("[::1]", true), ("[::1]:8448", true), ("[::1]:80", false), ("[::2]", false)] {
            assert_eq!(is_exempt("[::1]", Some(8448), no_proxy), exempt, "{no_proxy:?}");
        }
    }
}
