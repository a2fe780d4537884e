//! TLS over real sockets, with a private authority.

use serde_json::json;

use crate::support::certificates::{Authority, Certificate};
use crate::support::module::{Module, Outcome};
use crate::support::server::{Reply, Request, Server};

fn logged_in(_: &Request) -> Reply {
    Reply::Json(200, json!({"user_id": "@alice:hs.test", "access_token": "T0", "device_id": "D"}))
}

fn serve(certificate: &Certificate) -> String {
    format!("https://localhost:{}", Server::https(certificate.server(), logged_in).port)
}

fn fault(outcome: Outcome) -> String {
    let msg = outcome.failure_msg();
    msg.split(" could not be trusted: ").nth(1).unwrap_or(&msg).to_owned()
}

const NEXT_STEP: &str = "; check `homeserver_url`, and give the certificate of a private authority as `ca_path`";

#[test]
fn a_private_authority_is_trusted_if_ca_path_says_so() {
    let authority = Authority::new();
    let url = serve(&authority.certify("localhost"));
    let trusting = Module::login(&url, "@alice:hs.test").with("ca_path", authority.file().to_str().unwrap());
    assert_eq!(trusting.run().success()["access_token"], "T0");
    let outcome = Module::login(&url, "@alice:hs.test").run();
    assert_eq!(
        fault(outcome),
        format!("its certificate is signed by an authority that this host does not know{NEXT_STEP}")
    );
}

#[test]
fn a_certificate_that_expired_or_names_another_host_is_not_trusted() {
    let authority = Authority::new();
    for (certificate, reason) in [
        (authority.certify_expired("localhost"), "its certificate has expired"),
        (authority.certify("elsewhere.example"), "its certificate is for another host name"),
    ] {
        let outcome = Module::login(&serve(&certificate), "@alice:hs.test")
            .with("ca_path", authority.file().to_str().unwrap())
            .run();
        assert_eq!(fault(outcome), format!("{reason}{NEXT_STEP}"));
    }
}

#[test]
fn validate_certs_no_accepts_any_certificate() {
    let certificate = Authority::new().certify_expired("elsewhere.example");
    let result = Module::login(&serve(&certificate), "@alice:hs.test")
        .with("validate_certs", "no")
        .run()
        .success();
    assert_eq!(result["access_token"], "T0");
}

#[test]
fn a_client_certificate_is_shown_to_a_server_that_asks() {
    let authority = Authority::new();
    let client = authority.certify_client();
    let server = Server::https(authority.certify("localhost").server_that_asks(&authority), logged_in);
    let module = || {
        Module::login(&format!("https://localhost:{}", server.port), "@alice:hs.test").with("ca_path", authority.file().to_str().unwrap())
    };
    let with = module()
        .with("client_cert", client.file().to_str().unwrap())
        .with("client_key", client.key_file().to_str().unwrap());
    assert_eq!(with.run().success()["access_token"], "T0");
    module().run().failure();
}

#[test]
fn files_that_hold_no_certificate_or_no_fitting_key_are_named() {
    let authority = Authority::new();
    let (one, other) = (authority.certify_client(), authority.certify_client());
    let (ca, cert, key) = (authority.file(), one.file(), other.key_file());
    let [ca, cert, key] = [&ca, &cert, &key].map(|path| path.to_str().unwrap());
    for (options, msg) in [
        (
            vec![("ca_path", "/nonexistent.pem")],
            "`ca_path` /nonexistent.pem does not exist on the host that runs the task; correct `ca_path`".to_owned(),
        ),
        (
            vec![("ca_path", key)],
            format!("`ca_path` {key} holds no readable certificate in PEM format; correct `ca_path`"),
        ),
        (
            vec![("client_key", key)],
            "`client_key` needs `client_cert` beside it; correct `client_key`".to_owned(),
        ),
        (
            vec![("client_cert", cert)],
            format!(
                "`client_cert` {cert} holds no private key in PEM format; an encrypted one must be decrypted first; correct `client_cert`"
            ),
        ),
        (
            vec![("client_cert", cert), ("client_key", key)],
            "`client_key` is not the private key of the first certificate in `client_cert`; correct `client_key`".to_owned(),
        ),
        (
            vec![("client_cert", ca), ("client_key", ca)],
            format!("`client_key` {ca} holds no private key in PEM format; an encrypted one must be decrypted first; correct `client_key`"),
        ),
    ] {
        let module = options
            .iter()
            .fold(Module::login("https://localhost:9", "@alice:hs.test"), |module, (name, value)| {
                module.with(name, *value)
            });
        assert_eq!(module.run().failure_msg(), format!("could not log in as @alice:hs.test: {msg}"));
    }
}

#[test]
fn plain_http_to_another_machine_earns_a_warning() {
    // The name never resolves, and check mode asks nothing.
    let module = Module::login("http://matrix.invalid", "@alice:hs.test").with("_ansible_check_mode", true);
    let result = module.run().success();
    assert_eq!(
        result["warnings"],
        json!(["http://matrix.invalid is not encrypted: anybody on the way can read the secrets of this task"])
    );
}

#[test]
fn https_at_a_plain_port_is_recognised() {
    let server = Server::always(Reply::http(400, "", "this is not TLS"));
    let outcome = Module::login(&format!("https://localhost:{}", server.port), "@alice:hs.test")
        .with("timeout", 3)
        .run();
    assert_eq!(
        fault(outcome),
        format!("it does not speak TLS; is it an http:// address?{NEXT_STEP}")
    );
}
