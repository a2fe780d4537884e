//! Which certificates are trusted, and which are shown.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;

use rcgen::{BasicConstraints, IsCa};
use rustls::version::{TLS12, TLS13};

use super::{logged_in, serve, trusting};
use crate::support::certificates::{Ca, Certificate};
use crate::support::module::{Module, Outcome, scratch_path};
use crate::support::server::Server;

const UNKNOWN_ISSUER: &str = "its certificate is signed by a CA that is not in the trust store of this host; \
                              give the CA certificate that signed it as `ca_path`, or have the server send its intermediate certificates as well";
const EXPIRED: &str = "its certificate, or one that signed it, has expired; renew it on the server, or correct the clock of the host that runs \
                       the task";
const OTHER_NAME: &str = "its certificate is for another host name (elsewhere.example); use a host name that the certificate is for, or give the server a certificate \
                          for this name: a reverse proxy presents a default certificate until then";

fn fault(outcome: Outcome) -> String {
    let msg = outcome.failure_msg();
    msg.split(" could not be trusted: ").nth(1).unwrap_or(&msg).to_owned()
}

#[test]
fn a_private_ca_is_trusted_if_ca_path_says_so() {
    let ca = Ca::new();
    let url = serve(&ca.certify("localhost"));
    assert_eq!(trusting(&ca, &url).run().success()["access_token"], "T0");
    let outcome = Module::login(&url, "@alice:hs.test").run();
    assert_eq!(fault(outcome), UNKNOWN_ISSUER);
}

#[test]
fn a_ca_may_have_left_the_signing_to_an_intermediate() {
    let ca = Ca::new();
    let delegate = ca.delegate();
    let certificate = delegate.certify("localhost");
    let alone = trusting(&ca, &serve(&certificate)).run();
    assert!(fault(alone).starts_with("its certificate is signed by a CA that is not in the trust store of this host"));
    let chain = certificate.followed_by(&delegate);
    assert_eq!(trusting(&ca, &serve(&chain)).run().success()["access_token"], "T0");
}

/// What `openssl req -x509` makes unless told otherwise.
const CA: IsCa = IsCa::Ca(BasicConstraints::Unconstrained);

const CA_AS_SERVER: &str = "it presents a CA certificate as its server certificate; make one that is no CA certificate, with \
                            `openssl req -x509 -addext basicConstraints=critical,CA:FALSE …`, and give it as `ca_path`";

/// A login at a server that shows the one certificate, by who trusts the other.
fn shown_and_trusted(shown: &Certificate, trusted: &Certificate) -> Outcome {
    let module = Module::login(&serve(shown), "@alice:hs.test");
    module.with("ca_path", trusted.file().to_str().unwrap()).run()
}

#[test]
fn a_server_may_have_signed_its_certificate_itself() {
    for is_ca in [IsCa::NoCa, IsCa::ExplicitNoCa] {
        let certificate = Ca::self_signed("localhost", is_ca);
        assert_eq!(shown_and_trusted(&certificate, &certificate).success()["access_token"], "T0");
        let module = Module::login(&serve(&certificate), "@alice:hs.test");
        let module = module.environment("SSL_CERT_FILE", certificate.file().to_str().unwrap());
        assert_eq!(module.run().success()["access_token"], "T0");
    }
}

#[test]
fn a_ca_certificate_presented_as_a_server_certificate_is_refused_with_the_command_that_makes_another() {
    let certificate = Ca::self_signed("localhost", CA);
    assert_eq!(fault(shown_and_trusted(&certificate, &certificate)), CA_AS_SERVER);
}

#[test]
fn a_certificate_that_is_trusted_itself_must_still_be_valid_and_for_this_name() {
    for (certificate, reason) in [
        (Ca::self_signed_until(2020, "localhost", IsCa::ExplicitNoCa), EXPIRED),
        (Ca::self_signed("elsewhere.example", IsCa::ExplicitNoCa), OTHER_NAME),
    ] {
        assert_eq!(fault(shown_and_trusted(&certificate, &certificate)), reason);
    }
}

#[test]
fn a_certificate_is_worth_nothing_without_its_key() {
    for version in [&TLS12, &TLS13] {
        let certificate = Ca::self_signed("localhost", IsCa::ExplicitNoCa);
        let server = Server::https(certificate.server_without_the_key(version), logged_in);
        let module = Module::login(&format!("https://localhost:{}", server.port), "@alice:hs.test");
        let fault = fault(module.with("ca_path", certificate.file().to_str().unwrap()).run());
        assert!(fault.starts_with("a signature of its certificate does not verify; "), "{fault}");
        assert_eq!(server.asked(), [""; 0]);
    }
}

#[test]
fn a_default_certificate_is_known_by_its_name_before_its_issuer_is_missed() {
    let outcome = Module::login(&serve(&Ca::new().certify("elsewhere.example")), "@alice:hs.test").run();
    assert_eq!(fault(outcome), OTHER_NAME);
}

#[test]
fn another_certificate_that_signed_itself_is_not_trusted_even_under_the_same_name() {
    let unverified = "a signature of its certificate does not verify; check that `ca_path` holds the CA certificate that signed it, \
                      not another of the same name, that the server has the key of its certificate, and that RSA keys have at least 2048 bits";
    for (is_ca, reason) in [(IsCa::ExplicitNoCa, unverified), (CA, CA_AS_SERVER)] {
        let shown = Ca::self_signed("localhost", is_ca);
        for trusted in [IsCa::ExplicitNoCa, CA] {
            let trusted = Ca::self_signed("localhost", trusted);
            assert_eq!(fault(shown_and_trusted(&shown, &trusted)), reason);
        }
    }
}

#[test]
fn the_system_may_keep_its_trust_store_elsewhere() {
    let ca = Ca::new();
    let folder = scratch_path("ca_certificates");
    fs::create_dir(&folder).unwrap();
    fs::copy(ca.file(), folder.join("ca.pem")).unwrap();
    let url = serve(&ca.certify("localhost"));
    for (name, value) in [
        ("SSL_CERT_FILE", ca.file().display().to_string()),
        ("SSL_CERT_DIR", format!("/missing:{}", folder.display())),
    ] {
        let module = Module::login(&url, "@alice:hs.test").environment(name, value);
        assert_eq!(module.run().success()["access_token"], "T0", "{name}");
    }
}

#[test]
fn tls_1_2_is_spoken_too() {
    let ca = Ca::new();
    let server = Server::https(ca.certify("localhost").server_of_tls_1_2(), logged_in);
    let url = format!("https://localhost:{}", server.port);
    assert_eq!(trusting(&ca, &url).run().success()["access_token"], "T0");
}

#[test]
fn a_certificate_that_expired_or_names_another_host_is_not_trusted() {
    let ca = Ca::new();
    for (certificate, reason) in [(ca.certify_expired("localhost"), EXPIRED), (ca.certify("elsewhere.example"), OTHER_NAME)] {
        let outcome = trusting(&ca, &serve(&certificate)).run();
        assert_eq!(fault(outcome), reason);
    }
}

#[test]
fn validate_certs_no_accepts_any_certificate() {
    let certificate = Ca::new().certify_expired("elsewhere.example");
    let result = Module::login(&serve(&certificate), "@alice:hs.test").with("validate_certs", "no").run().success();
    assert_eq!(result["access_token"], "T0");
}

#[test]
fn files_that_hold_no_certificate_or_no_fitting_key_are_named() {
    let ca = Ca::new();
    let (one, other) = (ca.certify_client(), ca.certify_client());
    let (ca, cert, key) = (ca.file(), one.file(), other.key_file());
    let [broken, empty, der] = ["broken.pem", "empty", "der"].map(scratch_path);
    fs::write(&broken, "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n").unwrap();
    for folder in [&empty, &der] {
        fs::create_dir(folder).unwrap();
    }
    fs::write(der.join("ca.der"), [0x30, 0x82]).unwrap();
    let [ca, cert, key, broken, empty, der] = [&ca, &cert, &key, &broken, &empty, &der].map(|path| path.to_str().unwrap());
    for (options, msg) in [
        (
            vec![("ca_path", "/nonexistent.pem")],
            "`ca_path` /nonexistent.pem does not exist on the host that runs the task; correct `ca_path`".to_owned(),
        ),
        (vec![("ca_path", key)], format!("`ca_path` {key} holds no certificate; correct `ca_path`")),
        (vec![("ca_path", broken)], format!("`ca_path` {broken} holds no certificate; correct `ca_path`")),
        (
            vec![("client_cert", broken)],
            format!("`client_cert` {broken} holds no certificate; correct `client_cert`"),
        ),
        (vec![("ca_path", empty)], format!("`ca_path` {empty} holds no certificate; correct `ca_path`")),
        (vec![("ca_path", der)], format!("`ca_path` {der}/ca.der is not in PEM format; correct `ca_path`")),
        (
            vec![("ca_path", "/etc/passwd")],
            "`ca_path` /etc/passwd is not in PEM format; correct `ca_path`".to_owned(),
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
fn a_file_that_this_user_may_not_read_is_named_with_the_user() {
    let ca = Ca::new();
    let file = ca.file();
    fs::set_permissions(&file, Permissions::from_mode(0o000)).unwrap();
    let folder = scratch_path("closed");
    fs::create_dir(&folder).unwrap();
    fs::rename(&file, folder.join("ca.pem")).unwrap();
    let file = folder.join("ca.pem");
    let (path, user) = (file.display(), rustix::process::geteuid().as_raw());
    for (name, given) in [("ca_path", &file), ("ca_path", &folder), ("client_cert", &file)] {
        let module = Module::login("https://localhost:9", "@alice:hs.test").with(name, given.to_str().unwrap());
        assert_eq!(
            module.unprivileged().run().failure_msg(),
            format!(
                "could not log in as @alice:hs.test: `{name}` {path} can't be read: permission denied to the user with id {user}, \
                 who runs this task: run it as another user with `become_user`, or change the owner or the mode of the file or its folder; correct `{name}`"
            )
        );
    }
}
