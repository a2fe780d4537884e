//! Whether a server's certificate is trusted. The system's authorities are read when there is a certificate to be checked,
//! and only those are kept that could have signed it.

use std::env;
use std::fs;
use std::sync::Arc;

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{CertificateError, DigitallySignedStruct, Error, RootCertStore, SignatureScheme};
use rustls_native_certs::load_certs_from_paths;
use webpki::{EndEntityCert, anchor_from_trusted_cert};

use super::pem;
use super::system_store::SystemStore;

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
            let store = SystemStore::of(|name| env::var_os(name));
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
mod tests;
