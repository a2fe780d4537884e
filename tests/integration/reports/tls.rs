//! Reports of TLS, as OpenSSL or a server of one answer shows them.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::thread;

use serde_json::{Value, json};

use super::{Row, check, fails};
use crate::support::certificates::Ca;
use crate::support::module::{Module, scratch_path};
use crate::support::server::{Reply, Server};

/// A server made of `openssl s_server`, and the certificates that it was made with.
struct Openssl {
    process: Child,
    url: String,
    folder: PathBuf,
}

impl Openssl {
    /// `certificate` is a script that leaves `ca.pem`, `cert.pem` and `key.pem` in its folder; `flags` are the server's.
    fn start(certificate: &str, flags: &[&str]) -> Self {
        let folder = scratch_path("openssl");
        std::fs::create_dir(&folder).unwrap();
        let made = Command::new("sh").args(["-ec", certificate]).current_dir(&folder).output().unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        let mut process = Command::new("openssl")
            .args(["s_server", "-accept", "127.0.0.1:0", "-cert", "cert.pem", "-key", "key.pem", "-www"])
            .args(flags)
            .current_dir(&folder)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let accepting = lines.map(Result::unwrap).find(|line| line.starts_with("ACCEPT")).unwrap();
        let port = accepting.rsplit(':').next().unwrap().to_owned();
        Self { process, url: format!("https://localhost:{port}"), folder }
    }

    fn report(&self, ca_path: bool) -> Value {
        let module = Module::login(&self.url, "@alice:hs.test");
        let ca_path = if ca_path { self.folder.join("ca.pem") } else { PathBuf::new() };
        module.with("ca_path", ca_path.to_str().unwrap()).run().failure()
    }
}

impl Drop for Openssl {
    fn drop(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

const PLAIN: &str = "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -addext subjectAltName=DNS:localhost \
                     -addext basicConstraints=critical,CA:FALSE -keyout key.pem -out cert.pem; cp cert.pem ca.pem";
const OF_VERSION_1: &str = "openssl req -new -newkey rsa:2048 -nodes -subj /CN=localhost -keyout key.pem -out request.pem; \
                            openssl x509 -req -in request.pem -signkey key.pem -days 2 -out cert.pem; cp cert.pem ca.pem";
const OF_P_384_WITH_SHA_512: &str = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-384 -nodes -days 2 -subj /CN=ca -keyout ca.key -out ca.pem; \
                                     openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -addext subjectAltName=DNS:localhost \
                                     -addext basicConstraints=critical,CA:FALSE -CA ca.pem -CAkey ca.key -sha512 -keyout key.pem -out cert.pem";

const OF_AN_ADDRESS: &str = "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -addext subjectAltName=IP:127.0.0.1 \
                             -addext basicConstraints=critical,CA:FALSE -keyout key.pem -out cert.pem; cp cert.pem ca.pem";
const OF_1024_BITS: &str = "openssl req -x509 -newkey rsa:1024 -nodes -days 2 -subj /CN=ca -keyout ca.key -out ca.pem; \
                            openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -addext subjectAltName=DNS:localhost \
                            -addext basicConstraints=critical,CA:FALSE -CA ca.pem -CAkey ca.key -keyout key.pem -out cert.pem";
const OF_A_CRITICAL_EXTENSION: &str = "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -addext subjectAltName=DNS:localhost \
                                       -addext basicConstraints=critical,CA:FALSE -addext 1.2.3.4=critical,ASN1:NULL -keyout key.pem -out cert.pem; \
                                       cp cert.pem ca.pem";

fn row(what: &'static str, server: &Openssl, ca_path: bool, reason: &str, next: &str) -> Row {
    let msg = format!("could not log in as @alice:hs.test: {{url}}/_matrix/client/v3/login {reason}; {next}");
    fails(what, &server.url, server.report(ca_path), &msg, json!({}))
}

fn caddy() -> Row {
    // The alert that it sends for a name of which it has no certificate.
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("https://localhost:{}", listener.local_addr().unwrap().port());
    thread::spawn(move || {
        for mut socket in listener.incoming().flatten() {
            let _ = socket.read(&mut [0; 4096]);
            socket.write_all(b"\x15\x03\x03\x00\x02\x02\x50").unwrap();
        }
    });
    fails(
        "a server in Go that has no certificate for the name",
        &url,
        Module::login(&url, "@alice:hs.test").run().failure(),
        "could not log in as @alice:hs.test: {url}/_matrix/client/v3/login failed in the TLS handshake: it has an internal error (internal_error); \
         check that it has a certificate for this host name, without which Caddy and others answer so, and see its log",
        json!({}),
    )
}

fn http_2_only() -> Row {
    let ca = Ca::new();
    // The SETTINGS frame that a server of HTTP/2 begins with.
    let server = Server::https(ca.certify("localhost").server(), |_| Reply::Raw(b"\x00\x00\x00\x04\x00\x00\x00\x00\x00".to_vec()));
    let url = format!("https://localhost:{}", server.port);
    let module = Module::login(&url, "@alice:hs.test").with("ca_path", ca.file().to_str().unwrap());
    fails(
        "a server that speaks HTTP/2 only is not said to speak no TLS",
        &url,
        module.run().failure(),
        "could not log in as @alice:hs.test: {url}/_matrix/client/v3/login does not speak HTTP/1.1: http parse fail: invalid HTTP version; check the port in \
         `homeserver_url`: TLS works there, but HTTP/1.1 does not; the server may have created a session all the same: give `device_id`, and a login can be repeated without a second device",
        json!({}),
    )
}

#[test]
fn what_was_reported_of_tls_is_right() {
    let settings = "change the TLS settings of the server";
    check(vec![
        row(
            "TLS 1.1 alone",
            &Openssl::start(PLAIN, &["-tls1_1", "-cipher", "DEFAULT@SECLEVEL=0"]),
            true,
            "could not agree on TLS: the server speaks neither TLS 1.2 nor TLS 1.3",
            settings,
        ),
        row(
            "RSA key exchange alone",
            &Openssl::start(PLAIN, &["-tls1_2", "-cipher", "AES128-GCM-SHA256"]),
            true,
            "refused the TLS handshake (handshake_failure)",
            "it may require a client certificate (`client_cert` and `client_key`), or share no TLS version or cipher suite with this module: see its log",
        ),
        row(
            "a certificate of X.509 version 1",
            &Openssl::start(OF_VERSION_1, &[]),
            true,
            "could not be trusted: its certificate is of X.509 version 1 or 2, not 3",
            "give the server another certificate",
        ),
        row(
            "a CA with a P-384 key that signs with SHA-512",
            &Openssl::start(OF_P_384_WITH_SHA_512, &[]),
            true,
            "could not be trusted: its certificate is signed with an algorithm that is not supported, such as SHA-1, or P-384 with SHA-512",
            "give the server another certificate",
        ),
        row(
            "a certificate that names an address alone",
            &Openssl::start(OF_AN_ADDRESS, &[]),
            true,
            "could not be trusted: its certificate is for another host name (127.0.0.1)",
            "use a host name that the certificate is for, or give the server a certificate for this name: a reverse proxy presents a default certificate until then",
        ),
        row(
            "a CA with an RSA key of 1024 bits",
            &Openssl::start(OF_1024_BITS, &["-cipher", "DEFAULT@SECLEVEL=0"]),
            true,
            "could not be trusted: a signature of its certificate does not verify",
            "check that `ca_path` holds the CA certificate that signed it, not another of the same name, that the server has the key of its certificate, and that \
             RSA keys have at least 2048 bits",
        ),
        row(
            "a certificate with a critical extension that nobody knows",
            &Openssl::start(OF_A_CRITICAL_EXTENSION, &[]),
            true,
            "could not be trusted: its certificate has a critical extension that is not supported",
            "give the server another certificate",
        ),
        caddy(),
        http_2_only(),
    ]);
}
