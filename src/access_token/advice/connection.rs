//! After what was no answer of a homeserver at all.

use std::time::Duration;

use super::waiting::{asked, out_of_order};
use crate::matrix::error::{Fault, Oddity};
use crate::matrix::tls_fault::TlsFault;

pub(super) fn after_fault(fault: &Fault, is_https: bool) -> String {
    let (other, other_scheme) = if is_https {
        ("speaks no TLS", "http://")
    } else {
        ("speaks TLS", "https://")
    };
    match fault {
        Fault::UnknownHost => "check `homeserver_url`, and that the host that runs the task can look the name up".into(),
        Fault::Refused | Fault::System(_) => {
            "check `homeserver_url`, and that the homeserver runs and can be reached from the host that runs the task".into()
        }
        Fault::Closed => {
            format!("check that the homeserver runs; or perhaps the port {other}, then write {other_scheme} in `homeserver_url`")
        }
        Fault::TimedOut => format!(
            "check that the homeserver is well, or raise `timeout`; or perhaps the port {other}, then write {other_scheme} in `homeserver_url`"
        ),
        Fault::Tls(fault) => after_tls(fault).into(),
        Fault::Proxy(_) => "check the proxy of the environment, or set `use_proxy: false`".into(),
        Fault::NotHttp(_) => format!("check the port in `homeserver_url`; or perhaps it {other}, then write {other_scheme}"),
    }
}

fn after_tls(fault: &TlsFault) -> &'static str {
    match fault {
        TlsFault::NotTls => "give the port that speaks TLS in `homeserver_url`, or write http:// there",
        TlsFault::UnknownIssuer => {
            "give that authority's certificate as `ca_path`, or have the server send its whole chain of certificates"
        }
        TlsFault::CaUsedAsServer => {
            "make one that is no CA certificate, with `openssl req -x509 -addext basicConstraints=critical,CA:FALSE …`, and give it as `ca_path`"
        }
        TlsFault::BadSignature => {
            "check that `ca_path` holds the CA certificate that signed it, not another of the same name, and that the server has the key of its certificate"
        }
        TlsFault::Expired => "have it renewed on the server (`ca_path` does not help), or correct the clock of the host that runs the task",
        TlsFault::NotYetValid => "check the clock of the host that runs the task",
        TlsFault::OtherName => "give a name that the certificate holds in `homeserver_url` (`ca_path` does not help)",
        TlsFault::HandshakeFailure => {
            "it may require a client certificate (`client_cert` and `client_key`), or share no TLS version or cipher suite with this module: see its log"
        }
        TlsFault::ClientCert => "give it as `client_cert`, and its key as `client_key`",
        TlsFault::Broken(_) => "see the logs of the homeserver, and of what stands in front of it",
        TlsFault::Other(_) => "check `homeserver_url`, and give the certificate of a private authority as `ca_path`",
    }
}

pub(super) fn after_oddity(status: u16, oddity: &Oddity, retry_after: Option<Duration>) -> String {
    match (status, oddity) {
        (_, Oddity::Redirect(_)) => {
            "a redirect is not followed with a secret in the request: give the address that it leads to as `homeserver_url`".into()
        }
        (429, _) => format!(
            "something in front of the homeserver limits requests, and {}: raise `wait_timeout`, or use an address inside that",
            asked(retry_after)
        ),
        (502..=504, _) => out_of_order(retry_after),
        (500.., _) => "the homeserver, or what stands in front of it, has a problem of its own: see their logs".into(),
        _ => "this is not the answer of a homeserver: check `homeserver_url` and what stands in front of the server".into(),
    }
}
