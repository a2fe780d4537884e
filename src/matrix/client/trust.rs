//! Whether a server's certificate is trusted. The system's authorities are read when there is a certificate to be checked,
//! and only those are kept that could have signed it.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{CertificateError, DigitallySignedStruct, Error, RootCertStore, SignatureScheme};
use rustls_native_certs::load_certs_from_paths;
use webpki::{EndEntityCert, anchor_from_trusted_cert};

use super::pem;

/// Who is trusted.
#[derive(Debug)]
pub(super) enum Trust {
    /// The system's authorities, and these.
    Authorities(Vec<CertificateDer<'static>>),
    /// Whoever it is.
    Anybody,
}

/// Checks a server's certificate and what it signs.
#[derive(Debug)]
pub(super) struct Verifier {
    pub(super) trust: Trust,
    pub(super) provider: Arc<CryptoProvider>,
}

impl Verifier {
    /// Looks for an authority in one place after the other, until the certificate is trusted. Where there is a file, a folder usually
    /// holds the same once more, in hundreds of files.
    fn check(&self, added: &[CertificateDer<'static>], shown: &Shown) -> Result<ServerCertVerified, Error> {
        let mut signers = Signers::of(shown);
        signers.keep(added);
        self.check_signed(&signers, shown).or_else(|_| {
            let store = Store::of(|name| env::var_os(name));
            let file = store.file.and_then(|path| fs::read(path).ok()).unwrap_or_default();
            pem::each_certificate(&file, |authority| signers.keep_one(authority));
            self.check_signed(&signers, shown).or_else(|_| {
                for folder in store.folders {
                    signers.keep(&load_certs_from_paths(None, Some(&folder)).certs);
                }
                self.check_signed(&signers, shown)
            })
        })
    }

    fn check_signed(&self, signers: &Signers, shown: &Shown) -> Result<ServerCertVerified, Error> {
        let roots = Arc::new(signers.found.clone());
        let builder = WebPkiServerVerifier::builder_with_provider(roots, Arc::clone(&self.provider));
        let verifier = builder.build().map_err(|_| CertificateError::UnknownIssuer)?;
        verifier.verify_server_cert(shown.end_entity, shown.intermediates, shown.name, &[], shown.now)
    }
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        _ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let shown = Shown {
            end_entity,
            intermediates,
            name,
            now,
        };
        match &self.trust {
            Trust::Authorities(added) => self.check(added, &shown),
            Trust::Anybody => Ok(ServerCertVerified::assertion()),
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        match self.trust {
            Trust::Authorities(_) => {
                verify_tls12_signature(message, certificate, signature, &self.provider.signature_verification_algorithms)
            }
            Trust::Anybody => Ok(HandshakeSignatureValid::assertion()),
        }
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        match self.trust {
            Trust::Authorities(_) => {
                verify_tls13_signature(message, certificate, signature, &self.provider.signature_verification_algorithms)
            }
            Trust::Anybody => Ok(HandshakeSignatureValid::assertion()),
        }
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

/// Where the system's authorities are.
#[derive(Debug, PartialEq, Eq)]
struct Store {
    file: Option<PathBuf>,
    folders: Vec<PathBuf>,
}

impl Store {
    /// Where OpenSSL's variables say, and then nowhere else: who names a few authorities wants no others to be trusted.
    fn of(variable: impl Fn(&str) -> Option<OsString>) -> Self {
        let [file, folders] = ["SSL_CERT_FILE", "SSL_CERT_DIR"].map(|name| variable(name).filter(|value| !value.is_empty()));
        if file.is_none() && folders.is_none() {
            let system = openssl_probe::probe();
            return Self {
                file: system.cert_file,
                folders: system.cert_dir,
            };
        }
        Self {
            file: file.map(PathBuf::from),
            folders: folders.iter().flat_map(env::split_paths).collect(),
        }
    }
}

/// What a server showed, and when and under which name.
struct Shown<'a> {
    end_entity: &'a CertificateDer<'a>,
    intermediates: &'a [CertificateDer<'a>],
    name: &'a ServerName<'a>,
    now: UnixTime,
}

/// Those of the authorities that bear the name of one who signed here.
struct Signers<'a> {
    chain: Vec<EndEntityCert<'a>>,
    found: RootCertStore,
}

impl<'a> Signers<'a> {
    fn of(shown: &Shown<'a>) -> Self {
        let chain = [shown.end_entity].into_iter().chain(shown.intermediates);
        Self {
            chain: chain.filter_map(|certificate| EndEntityCert::try_from(certificate).ok()).collect(),
            found: RootCertStore::empty(),
        }
    }

    fn keep(&mut self, authorities: &[CertificateDer]) {
        for authority in authorities {
            self.keep_one(authority);
        }
    }

    fn keep_one(&mut self, authority: &[u8]) {
        let authority = CertificateDer::from(authority);
        if let Ok(anchor) = anchor_from_trusted_cert(&authority)
            && self.chain.iter().any(|certificate| certificate.issuer() == &*anchor.subject)
        {
            self.found.roots.push(anchor.to_owned());
        }
    }
}

#[cfg(test)]
mod tests {
    use std::ffi::OsString;
    use std::sync::Arc;

    use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, GeneralSubtree, IsCa, Issuer, KeyPair, NameConstraints};
    use rustls::RootCertStore;
    use rustls::client::WebPkiServerVerifier;
    use rustls::client::danger::ServerCertVerifier;
    use rustls::crypto::ring;
    use rustls::pki_types::{CertificateDer, ServerName, UnixTime};

    use super::{Store, Trust, Verifier};

    fn store(file: Option<&str>, folders: Option<&str>) -> Store {
        Store::of(|name| {
            let value = if name == "SSL_CERT_FILE" { file } else { folders };
            value.map(OsString::from)
        })
    }

    #[test]
    fn where_the_environment_names_authorities_no_others_are_trusted() {
        for (file, folders, expected_file, expected_folders) in [
            (Some("/a.pem"), None, Some("/a.pem"), vec![]),
            (None, Some("/b:/c"), None, vec!["/b", "/c"]),
            (Some("/missing"), Some("/d"), Some("/missing"), vec!["/d"]),
            (Some(""), Some("/d"), None, vec!["/d"]),
        ] {
            let expected = Store {
                file: expected_file.map(Into::into),
                folders: expected_folders.into_iter().map(Into::into).collect(),
            };
            assert_eq!(store(file, folders), expected);
        }
        assert_eq!(store(Some(""), Some("")), store(None, None));
    }

    fn authority(name: &str, permitted: &[&str]) -> CertificateParams {
        let mut params = CertificateParams::new([]).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(DnType::CommonName, name);
        params.name_constraints = Some(NameConstraints {
            permitted_subtrees: permitted.iter().map(|&name| GeneralSubtree::DnsName(name.into())).collect(),
            excluded_subtrees: Vec::new(),
        })
        .filter(|constraints| !constraints.permitted_subtrees.is_empty());
        params
    }

    /// Roots, what they signed, and others of the same names: whatever is trusted of them, and whatever a server shows of them.
    struct Family {
        leaf: CertificateDer<'static>,
        self_signed: CertificateDer<'static>,
        authorities: Vec<CertificateDer<'static>>,
    }

    impl Family {
        fn new() -> Self {
            let [key, other_key] = [(); 2].map(|()| KeyPair::generate().unwrap());
            let root = CertifiedIssuer::self_signed(authority("root", &[]), key).unwrap();
            let other_root = CertifiedIssuer::self_signed(authority("other root", &[]), other_key).unwrap();
            let namesake = authority("root", &[]).self_signed(&KeyPair::generate().unwrap()).unwrap();
            let key = KeyPair::generate().unwrap();
            let delegate = authority("delegate", &[]);
            let authorities = vec![
                root.der().clone(),
                other_root.der().clone(),
                namesake.der().clone(),
                delegate.signed_by(&key, &root).unwrap().der().clone(),
                delegate.signed_by(&key, &other_root).unwrap().der().clone(),
                authority("delegate", &["elsewhere.test"]).self_signed(&key).unwrap().der().clone(),
            ];
            let server = CertificateParams::new(["hs.test".to_owned()]).unwrap();
            let leaf_key = KeyPair::generate().unwrap();
            Self {
                leaf: server.signed_by(&leaf_key, &Issuer::new(delegate, key)).unwrap().der().clone(),
                self_signed: server.self_signed(&leaf_key).unwrap().der().clone(),
                authorities,
            }
        }

        /// Those whose bit is set.
        fn some(&self, bits: usize) -> Vec<CertificateDer<'static>> {
            let all = self.authorities.iter().enumerate();
            all.filter(|(index, _)| bits >> index & 1 == 1)
                .map(|(_, authority)| authority.clone())
                .collect()
        }
    }

    /// Whether rustls trusts it, given all of the roots.
    fn plainly_trusted(roots: &[CertificateDer<'static>], leaf: &CertificateDer, shown: &[CertificateDer]) -> bool {
        let mut store = RootCertStore::empty();
        store.add_parsable_certificates(roots.to_vec());
        let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(store), Arc::new(ring::default_provider())).build();
        verifier.is_ok_and(|verifier| trusted(&*verifier, leaf, shown))
    }

    fn trusted(verifier: &dyn ServerCertVerifier, leaf: &CertificateDer, shown: &[CertificateDer]) -> bool {
        let name = ServerName::try_from("hs.test").unwrap();
        verifier.verify_server_cert(leaf, shown, &name, &[], UnixTime::now()).is_ok()
    }

    #[test]
    fn to_look_only_at_those_who_may_have_signed_changes_nothing_about_who_is_trusted() {
        let family = Family::new();
        let all = 1 << family.authorities.len();
        let mut seen = [0; 2];
        for roots in (0..all).step_by(5) {
            let mut roots = family.some(roots);
            roots.extend((roots.len() % 2 == 1).then(|| family.self_signed.clone()));
            let provider = Arc::new(ring::default_provider());
            let trust = Trust::Authorities(roots.clone());
            let verifier = Verifier { trust, provider };
            for (leaf, shown) in (0..all)
                .step_by(5)
                .flat_map(|shown| [(&family.leaf, shown), (&family.self_signed, shown)])
            {
                let shown = family.some(shown);
                let expected = plainly_trusted(&roots, leaf, &shown);
                seen[usize::from(expected)] += 1;
                assert_eq!(trusted(&verifier, leaf, &shown), expected, "{roots:?} {shown:?}");
            }
        }
        assert!(seen.iter().all(|times| *times > 30), "{seen:?}");
    }
}
