//! Servers that want to be shown a certificate.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use rustls::version::{TLS12, TLS13};

use super::{logged_in, trusting};
use crate::support::certificates::{Ca, Certificate};
use crate::support::module::Module;
use crate::support::server::Server;

fn showing(certificate: &Certificate, module: Module) -> Module {
    let (cert, key) = (certificate.file(), certificate.key_file());
    let module = module.with("client_cert", cert.to_str().unwrap());
    module.with("client_key", key.to_str().unwrap())
}

fn wanted(url: &str) -> String {
    format!(
        "could not log in as @alice:hs.test: {url}/_matrix/client/v3/login requires a client certificate that it trusts; give one as `client_cert`, \
         and its key as `client_key`; it must be valid, and signed by a CA that the server trusts for clients: see its log"
    )
}

/// By TLS 1.2, OpenSSL says no more.
fn refused(url: &str) -> String {
    format!(
        "could not log in as @alice:hs.test: {url}/_matrix/client/v3/login refused the TLS handshake (handshake_failure); it may require a client \
         certificate (`client_cert` and `client_key`), or share no TLS version or cipher suite with this module: see its log"
    )
}

#[test]
fn a_server_that_asks_is_shown_one_and_without_one_it_is_said_how_to_give_it() {
    let ca = Ca::new();
    for version in [&TLS12, &TLS13] {
        let config = ca.certify("localhost").server_that_asks(&ca, version);
        let url = format!("https://localhost:{}", Server::https(config, logged_in).port);
        let module = || trusting(&ca, &url);
        assert_eq!(showing(&ca.certify_client(), module()).run().success()["access_token"], "T0");
        assert_eq!(module().run().failure_msg(), wanted(&url), "{version:?}");
        let of_another_ca = Ca::new().certify_client();
        assert_eq!(showing(&of_another_ca, module()).run().failure_msg(), wanted(&url), "{version:?}");
    }
}

/// OpenSSL, by which most servers speak TLS.
const OPENSSL: &str = "
import socket, ssl, sys
certificate, key, ca, version, ciphers = sys.argv[1:]
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(certificate, key)
context.load_verify_locations(ca)
context.verify_mode = ssl.CERT_REQUIRED
context.set_ciphers(ciphers)
context.minimum_version = context.maximum_version = ssl.TLSVersion[version]
server = socket.create_server(('127.0.0.1', 0))
print(server.getsockname()[1], flush=True)
while True:
    client = server.accept()[0]
    raw = client.dup()
    try:
        with context.wrap_socket(client, server_side=True) as tls:
            while tls.recv(4096):
                pass
    except OSError:
        # Until the client has read the alert: bytes that nobody reads would reset the connection.
        while raw.recv(4096):
            pass
";

/// Ends with the test.
struct OpenSsl(Child, String);

impl OpenSsl {
    fn start(ca: &Ca, version: &str, ciphers: &str) -> Self {
        let certificate = ca.certify("localhost");
        let mut process = Command::new("python3")
            .args(["-c", OPENSSL])
            .args([certificate.file(), certificate.key_file(), ca.file()])
            .args([version, ciphers])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut port = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut port).unwrap();
        Self(process, format!("https://localhost:{}", port.trim()))
    }
}

impl Drop for OpenSsl {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn openssl_is_understood_in_either_version_of_tls() {
    let ca = Ca::new();
    for version in ["TLSv1_2", "TLSv1_3"] {
        let server = OpenSsl::start(&ca, version, "DEFAULT");
        let OpenSsl(_, url) = &server;
        let without = trusting(&ca, url).run().failure_msg();
        let expected = if version == "TLSv1_2" { refused(url) } else { wanted(url) };
        assert_eq!(without, expected, "{version}");
        let of_another_ca = Ca::new().certify_client();
        let module = showing(&of_another_ca, trusting(&ca, url));
        assert_eq!(module.run().failure_msg(), wanted(url), "{version}");
    }
}

#[test]
fn a_refused_handshake_names_both_of_its_usual_causes() {
    let ca = Ca::new();
    // Nobody offers that any more.
    let server = OpenSsl::start(&ca, "TLSv1_2", "AES128-SHA");
    assert_eq!(trusting(&ca, &server.1).run().failure_msg(), refused(&server.1));
}
