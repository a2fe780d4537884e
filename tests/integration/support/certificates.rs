//! A private CA and the certificates that a test needs of it.

use std::path::PathBuf;
use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair, date_time_ymd};
use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::sign::{CertifiedKey, SingleCertAndKey};
use rustls::version::TLS12;
use rustls::{ServerConfig, SupportedProtocolVersion};

use super::module::scratch_path;

/// A CA that nobody's system store knows.
pub struct Ca(CertifiedIssuer<'static, KeyPair>);

/// A certificate and its key, in PEM.
pub struct Certificate {
    pub pem: String,
    pub key: String,
}

impl Ca {
    pub fn new() -> Self {
        let mut params = CertificateParams::new([]).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        Self(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }

    /// A certificate that nobody else signed, for a server of this name; perhaps a CA's at once.
    pub fn self_signed(name: &str, is_ca: IsCa) -> Certificate {
        Self::self_signed_until(2100, name, is_ca)
    }

    /// One that ends with the beginning of that year.
    pub fn self_signed_until(year: i32, name: &str, is_ca: IsCa) -> Certificate {
        let mut params = CertificateParams::new([name.to_owned()]).unwrap();
        params.is_ca = is_ca;
        params.not_before = date_time_ymd(2019, 1, 1);
        params.not_after = date_time_ymd(year, 1, 1);
        let key = KeyPair::generate().unwrap();
        Certificate { pem: params.self_signed(&key).unwrap().pem(), key: key.serialize_pem() }
    }

    /// A CA that this one vouches for.
    pub fn delegate(&self) -> Self {
        let mut params = CertificateParams::new([]).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(DnType::CommonName, "delegate");
        Self(CertifiedIssuer::signed_by(params, KeyPair::generate().unwrap(), &self.0).unwrap())
    }

    /// The CA's own certificate, in a file for `ca_path`.
    pub fn file(&self) -> PathBuf {
        write("ca.pem", &self.0.pem())
    }

    /// A certificate for a server of this name.
    pub fn certify(&self, name: &str) -> Certificate {
        self.sign(&CertificateParams::new([name.to_owned()]).unwrap())
    }

    /// One that ended years ago.
    pub fn certify_expired(&self, name: &str) -> Certificate {
        let mut params = CertificateParams::new([name.to_owned()]).unwrap();
        params.not_before = date_time_ymd(2019, 1, 1);
        params.not_after = date_time_ymd(2020, 1, 1);
        self.sign(&params)
    }

    /// A certificate that a client shows.
    pub fn certify_client(&self) -> Certificate {
        let mut params = CertificateParams::new([]).unwrap();
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        self.sign(&params)
    }

    fn sign(&self, params: &CertificateParams) -> Certificate {
        let key = KeyPair::generate().unwrap();
        Certificate { pem: params.signed_by(&key, &self.0).unwrap().pem(), key: key.serialize_pem() }
    }
}

impl Certificate {
    /// For a server that shows this certificate.
    pub fn server(&self) -> ServerConfig {
        let builder = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap();
        builder.with_no_client_auth().with_single_cert(self.chain(), self.private_key()).unwrap()
    }

    /// For a server that also asks the client for a certificate of `CA`, in this version of TLS.
    pub fn server_that_asks(&self, ca: &Ca, version: &'static SupportedProtocolVersion) -> ServerConfig {
        let mut roots = rustls::RootCertStore::empty();
        roots.add(CertificateDer::from_pem_slice(ca.0.pem().as_bytes()).unwrap()).unwrap();
        let provider = Arc::new(ring::default_provider());
        let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider)).build().unwrap();
        let builder = ServerConfig::builder_with_provider(provider).with_protocol_versions(&[version]).unwrap();
        builder
            .with_client_cert_verifier(verifier)
            .with_single_cert(self.chain(), self.private_key())
            .unwrap()
    }

    /// The same with the certificate of the CA that signed it.
    pub fn followed_by(&self, ca: &Ca) -> Self {
        Self { pem: format!("{}{}", self.pem, ca.0.pem()), key: self.key.clone() }
    }

    /// For a server that speaks an old version of TLS only.
    pub fn server_of_tls_1_2(&self) -> ServerConfig {
        let builder = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_protocol_versions(&[&TLS12])
            .unwrap();
        builder.with_no_client_auth().with_single_cert(self.chain(), self.private_key()).unwrap()
    }

    /// For a server that shows this certificate without having its key.
    pub fn server_without_the_key(&self, version: &'static SupportedProtocolVersion) -> ServerConfig {
        let provider = ring::default_provider();
        let other = KeyPair::generate().unwrap().serialize_pem();
        let other = PrivateKeyDer::from_pem_slice(other.as_bytes()).unwrap();
        let key = provider.key_provider.load_private_key(other).unwrap();
        let stolen = CertifiedKey::new(self.chain(), key);
        let builder = ServerConfig::builder_with_provider(Arc::new(provider)).with_protocol_versions(&[version]).unwrap();
        builder.with_no_client_auth().with_cert_resolver(Arc::new(SingleCertAndKey::from(stolen)))
    }

    pub fn file(&self) -> PathBuf {
        write("cert.pem", &self.pem)
    }

    pub fn key_file(&self) -> PathBuf {
        write("key.pem", &self.key)
    }

    fn chain(&self) -> Vec<CertificateDer<'static>> {
        CertificateDer::pem_slice_iter(self.pem.as_bytes()).map(Result::unwrap).collect()
    }

    fn private_key(&self) -> PrivateKeyDer<'static> {
        PrivateKeyDer::from_pem_slice(self.key.as_bytes()).unwrap()
    }
}

fn write(name: &str, pem: &str) -> PathBuf {
    let path = scratch_path(name);
    std::fs::write(&path, pem).unwrap();
    path
}
