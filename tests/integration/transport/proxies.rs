//! Proxies of the environment, over TLS.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::thread;

use super::{logged_in, trusting};
use crate::support::certificates::Ca;
use crate::support::module::Module;
use crate::support::proxy::Proxy;
use crate::support::server::{Reply, Server, silent_port};

const NEXT: &str = "; check the proxy of the environment, or set `use_proxy: false`";

#[test]
fn https_proxy_leads_there_and_no_proxy_and_use_proxy_keep_it_out() {
    let ca = Ca::new();
    let server = Server::https(ca.certify("localhost").server(), logged_in);
    let proxy = Proxy::to(server.port);
    let url = format!("https://localhost:{}", server.port);
    let module = || trusting(&ca, &url).environment("https_proxy", &proxy.url);
    for direct in [
        module().with("use_proxy", false),
        module().environment("no_proxy", "localhost"),
        module().environment("NO_PROXY", "example.com, localhost"),
        module().environment("no_proxy", "*"),
        trusting(&ca, &url).environment("http_proxy", &proxy.url),
    ] {
        assert_eq!(direct.run().success()["access_token"], "T0");
    }
    assert_eq!(proxy.targets(), [""; 0]);
    for proxied in [
        module(),
        module().environment("no_proxy", "example.com"),
        trusting(&ca, &url).environment("HTTPS_PROXY", &proxy.url),
    ] {
        assert_eq!(proxied.run().success()["access_token"], "T0");
    }
    assert_eq!(
        proxy.targets(),
        [
            format!("localhost:{}", server.port),
            format!("localhost:{}", server.port),
            format!("localhost:{}", server.port)
        ]
    );
}

#[test]
fn the_proxy_sees_no_secret() {
    let ca = Ca::new();
    let plain = Server::always(Reply::http(407, "", "who are you?"));
    let module = trusting(&ca, "https://matrix.invalid").environment("https_proxy", plain.url());
    module.run().failure();
    let requests = plain.requests();
    assert!(!format!("{requests:?}").contains("LEAK"), "{requests:?}");
}

#[test]
fn a_proxy_that_is_in_the_way_is_named_as_the_cause() {
    let refusing = |status| Server::always(Reply::http(status, "", "no")).url();
    let (denies, wants_password) = (refusing(403), refusing(407));
    let down = format!("http://127.0.0.1:{}", silent_port());
    let raw = |bytes: &[u8]| Server::always(Reply::Raw(bytes.to_vec())).url();
    // Nobody accepts: the connection stands, and nothing comes.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let waits = format!("http://{}", silent.local_addr().unwrap());
    let (hangs_up, other) = (raw(b""), raw(b"SSH-2.0-OpenSSH_9.2\r\n"));
    for (proxy, why) in [
        (denies.as_str(), "proxy server responded 403/403"),
        (&wants_password, "proxy server responded 407/407"),
        (&down, "connection refused"),
        (&hangs_up, "proxy server did not respond"),
        (&waits, "no answer came in time"),
        (&other, "it does not speak HTTP/1.1: http parse fail: invalid HTTP version"),
        ("http://proxy.invalid:3128", "its host name does not resolve"),
    ] {
        let msg = Module::login("https://matrix.invalid", "@alice:hs.test")
            .environment("https_proxy", proxy)
            .with("timeout", 1)
            .run()
            .failure_msg();
        assert_eq!(
            msg,
            format!(
                "could not log in as @alice:hs.test: https://matrix.invalid/_matrix/client/v3/login could not be reached through the proxy {}: {why}{NEXT}",
                proxy.trim_start_matches("http://")
            )
        );
    }
}

#[test]
fn a_proxy_that_makes_no_sense_is_named_without_its_password() {
    for proxy in ["socks5://alice:LEAK@proxy.invalid", "alice:LEAK@:port:", "http://"] {
        let msg = Module::login("https://matrix.invalid", "@alice:hs.test")
            .environment("https_proxy", proxy)
            .secret("LEAK")
            .run()
            .failure_msg();
        assert_eq!(
            msg,
            "could not log in as @alice:hs.test: `use_proxy` can't follow the https_proxy of the environment: it is not the URL of an http or https proxy; \
             correct the variable, or set `use_proxy: false`"
        );
    }
}

#[test]
fn a_proxy_may_speak_tls_itself() {
    let ca = Ca::new();
    let server = Server::https(ca.certify("matrix.test").server(), logged_in);
    let proxy = Proxy::to(server.port);
    let secured = proxy.secured(ca.certify("localhost").server());
    let module = trusting(&ca, "https://matrix.test").environment("https_proxy", &secured);
    assert_eq!(module.run().success()["access_token"], "T0");
    assert_eq!(proxy.targets(), ["matrix.test:443"]);
}

#[test]
fn a_proxy_that_is_not_trusted_is_told_apart_from_the_server() {
    let certificate = Ca::new().certify("localhost");
    let proxy = Proxy::to(silent_port()).secured(certificate.server());
    let msg = Module::login("https://matrix.invalid", "@alice:hs.test")
        .environment("https_proxy", proxy)
        .run()
        .failure_msg();
    let why = "it, or the server, could not be trusted: its certificate is signed by a CA that is not in the trust store of this host";
    assert!(
        msg.ends_with(&format!(": {why}{NEXT}")) && msg.contains(" could not be reached through the proxy localhost:"),
        "{msg}"
    );
}

#[test]
fn a_proxy_is_asked_with_its_password_decoded() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let asked = thread::spawn(move || {
        let (mut client, _) = listener.accept().unwrap();
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            let mut piece = [0; 4096];
            let length = client.read(&mut piece).unwrap();
            head.extend_from_slice(&piece[..length]);
        }
        client.write_all(b"HTTP/1.1 403 No\r\n\r\n").unwrap();
        String::from_utf8(head).unwrap()
    });
    let module = Module::login("https://matrix.invalid", "@alice:hs.test")
        .environment("https_proxy", format!("http://al%3aice:p%40%0d%0ass@127.0.0.1:{port}"))
        .secret("p%40%0d%0ass");
    module.run().failure();
    // `al:ice:p@\r\nss`
    let expected = "CONNECT matrix.invalid:443 HTTP/1.1\r\nHost: matrix.invalid:443\r\nUser-Agent: ansible-httpget\r\nProxy-Connection: Keep-Alive\r\n\
                    Proxy-Authorization: Basic YWw6aWNlOnBADQpzcw==\r\n\r\n";
    assert_eq!(asked.join().unwrap(), expected);
}
