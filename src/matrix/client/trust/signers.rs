//! Which of those who are trusted could have signed what a server shows. Judges nothing.

use rustls::RootCertStore;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use webpki::{EndEntityCert, anchor_from_trusted_cert};

/// What a server showed, and when and under which name.
pub(super) struct Shown<'a> {
    pub(super) end_entity: &'a CertificateDer<'a>,
    pub(super) intermediates: &'a [CertificateDer<'a>],
    pub(super) name: &'a ServerName<'a>,
    pub(super) now: UnixTime,
}

/// Those of the authorities that bear the name of one who signed here.
pub(super) struct Signers<'a> {
    end_entity: &'a [u8],
    chain: Vec<EndEntityCert<'a>>,
    pub(super) found: RootCertStore,
    /// Whether the server's own certificate is among what is trusted.
    pub(super) hold_itself: bool,
}

impl<'a> Signers<'a> {
    pub(super) fn of(shown: &Shown<'a>) -> Self {
        let chain = [shown.end_entity].into_iter().chain(shown.intermediates);
        Self {
            end_entity: shown.end_entity,
            chain: chain.filter_map(|certificate| EndEntityCert::try_from(certificate).ok()).collect(),
            found: RootCertStore::empty(),
            hold_itself: false,
        }
    }

    pub(super) fn keep(&mut self, authorities: &[CertificateDer]) {
        for authority in authorities {
            self.keep_one(authority);
        }
    }

    pub(super) fn keep_one(&mut self, authority: &[u8]) {
        self.hold_itself |= authority == self.end_entity;
        let authority = CertificateDer::from(authority);
        if let Ok(anchor) = anchor_from_trusted_cert(&authority)
            && self.chain.iter().any(|certificate| certificate.issuer() == &*anchor.subject)
        {
            self.found.roots.push(anchor.to_owned());
        }
    }
}
