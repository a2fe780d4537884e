//! That nobody is trusted whom rustls would not trust by itself, and nobody else refused.

use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, GeneralSubtree, IsCa, Issuer, KeyPair, NameConstraints};
use rustls::RootCertStore;
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::ServerCertVerifier;
use rustls::crypto::ring;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};

use super::{Trust, Verifier};

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
        let verifier = Verifier {
            trust: Trust::Authorities(roots.clone()),
            algorithms: ring::default_provider().signature_verification_algorithms,
        };
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
