//! Whether a server's certificate is trusted. The system's authorities are read when there is a certificate to be checked,
//! and only those are kept that could have signed it.

mod signers;

use std::env;
use std::fs;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{verify_server_cert_signed_by_trust_anchor, verify_server_name};
use rustls::crypto::{WebPkiSupportedAlgorithms, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{CertificateError, DigitallySignedStruct, Error, SignatureScheme};
use rustls_native_certs::load_certs_from_paths;
use webpki::{EndEntityCert, KeyUsage};

use super::pem;
use super::system_store::SystemStore;
use signers::{Shown, Signers};

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
    pub(super) algorithms: WebPkiSupportedAlgorithms,
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
        let certificate = ParsedCertificate::try_from(shown.end_entity)?;
        if !(signers.hold_itself && self.lacks_only_a_signer(shown)) {
            let roots = &signers.found;
            let signed =
                verify_server_cert_signed_by_trust_anchor(&certificate, roots, shown.intermediates, shown.now, self.algorithms.all);
            signed.map_err(signed_by_a_namesake)?;
        }
        verify_server_name(&certificate, shown.name)?;
        Ok(ServerCertVerified::assertion())
    }

    /// Whether nothing speaks against a certificate but that nobody else signed it, or that it is an authority's, as most are that
    /// servers sign themselves. Where it is trusted itself, neither matters: whoever has its key could as well sign another.
    fn lacks_only_a_signer(&self, shown: &Shown) -> bool {
        EndEntityCert::try_from(shown.end_entity).is_ok_and(|certificate| {
            let usage = KeyUsage::server_auth();
            let verdict = certificate.verify_for_usage(self.algorithms.all, &[], &[], shown.now, usage, None, None);
            matches!(verdict, Err(webpki::Error::UnknownIssuer | webpki::Error::CaUsedAsEndEntity))
        })
    }

    /// What the server signed in the handshake.
    fn check_signature(
        &self,
        verify: impl FnOnce(&WebPkiSupportedAlgorithms) -> Result<HandshakeSignatureValid, Error>,
    ) -> Result<HandshakeSignatureValid, Error> {
        match self.trust {
            Trust::Authorities(_) => verify(&self.algorithms),
            Trust::Anybody => Ok(HandshakeSignatureValid::assertion()),
        }
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
        self.check_signature(|algorithms| verify_tls12_signature(message, certificate, signature, algorithms))
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.check_signature(|algorithms| verify_tls13_signature(message, certificate, signature, algorithms))
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}

/// An authority that only bears the name is not the one.
fn signed_by_a_namesake(error: Error) -> Error {
    match error {
        Error::InvalidCertificate(CertificateError::BadSignature) => CertificateError::UnknownIssuer.into(),
        error => error,
    }
}

#[cfg(test)]
mod tests;
