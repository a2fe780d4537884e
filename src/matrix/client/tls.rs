//! Whom to trust and what to show: certificates read from the system and from the settings.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use rustls::RootCertStore;
use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::CertifiedKey;
use ureq::tls::{Certificate, ClientCert, PrivateKey, TlsConfig};
use zeroize::Zeroizing;

use super::Transport;
use crate::matrix::error::Error;

/// # Errors
/// [`Error::Config`], naming the file that can't be used.
pub(crate) fn config(transport: &Transport) -> Result<TlsConfig, Error> {
    // Where another thread was faster, it has installed the same.
    let _ = ring::default_provider().install_default();
    let builder = TlsConfig::builder()
        .disable_verification(!transport.validate_certs)
        .root_certs(roots(transport)?.into());
    Ok(builder.client_cert(client_cert(transport)?).build())
}

/// A system store that can't be read is no error here: `ca_path` may be all that is needed, and if not, the handshake says so.
fn roots(transport: &Transport) -> Result<Vec<Certificate<'static>>, Error> {
    if !transport.validate_certs {
        return Ok(Vec::new());
    }
    let added = transport.ca_path.as_deref().map(certificates_in).transpose();
    let mut certificates = added.map_err(|reason| setting("ca_path", reason))?.unwrap_or_default();
    certificates.extend(rustls_native_certs::load_native_certs().certs);
    Ok(owned(&certificates))
}

fn client_cert(transport: &Transport) -> Result<Option<ClientCert>, Error> {
    let (path, key_name, key_path) = match (&transport.client_cert, &transport.client_key) {
        (None, None) => return Ok(None),
        (None, Some(_)) => return Err(setting("client_key", "needs `client_cert` beside it")),
        (Some(path), None) => (path, "client_cert", path),
        (Some(path), Some(key_path)) => (path, "client_key", key_path),
    };
    let chain = certificates_in(path).map_err(|reason| setting("client_cert", reason))?;
    let pem = read_pem(key_path).map_err(|reason| setting(key_name, reason))?;
    let shown = key_path.display();
    let no_key = |_| format!("{shown} holds no private key in PEM format; an encrypted one must be decrypted first");
    let der = PrivateKeyDer::from_pem_slice(&pem).map_err(no_key).map_err(|reason| setting(key_name, reason))?;
    // The library panics on a key that doesn't fit, so that is found out here.
    let is_pair = CertifiedKey::from_der(chain.clone(), der, &ring::default_provider()).is_ok();
    match PrivateKey::from_pem(&pem) {
        Ok(key) if is_pair => Ok(Some(ClientCert::new_with_certs(&owned(&chain), key))),
        _ => Err(setting("client_key", "is not the private key of the first certificate in `client_cert`")),
    }
}

/// From a file, or from the files of a directory, of which some may be other files.
fn certificates_in(path: &Path) -> Result<Vec<CertificateDer<'static>>, String> {
    let Ok(entries) = fs::read_dir(path) else {
        return certificates_of(path);
    };
    let mut files: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).filter(|file| !file.is_dir()).collect();
    files.sort();
    let read: Vec<_> = files.iter().map(|file| certificates_of(file)).collect();
    let failure = read.iter().find_map(|read| read.as_ref().err().cloned());
    let found: Vec<_> = read.into_iter().flatten().flatten().collect();
    if found.is_empty() { Err(failure.unwrap_or_else(|| no_certificate(path))) } else { Ok(found) }
}

fn certificates_of(file: &Path) -> Result<Vec<CertificateDer<'static>>, String> {
    let pem = read_pem(file)?;
    let is_certificate = |der: &CertificateDer<'static>| RootCertStore::empty().add(der.clone()).is_ok();
    let found: Vec<_> = CertificateDer::pem_slice_iter(&pem).filter_map(Result::ok).filter(is_certificate).collect();
    if found.is_empty() { Err(no_certificate(file)) } else { Ok(found) }
}

fn no_certificate(path: &Path) -> String {
    format!("{} holds no certificate", path.display())
}

fn read_pem(file: &Path) -> Result<Zeroizing<Vec<u8>>, String> {
    let path = file.display();
    let read = fs::read(file).map_err(|error| match error.kind() {
        ErrorKind::NotFound => format!("{path} does not exist on the host that runs the task"),
        ErrorKind::PermissionDenied => format!(
            "{path} can't be read: permission denied to the user with id {}, who runs this task: run it as another user with `become_user`, or change the owner or the mode of the file or its folder",
            rustix::process::geteuid().as_raw()
        ),
        _ => format!("{path} can't be read: {error}"),
    });
    let pem = Zeroizing::new(read?);
    // RFC 7468, section 2.
    let start = b"-----BEGIN ";
    let is_pem = pem.windows(start.len()).any(|part| part == start);
    if is_pem { Ok(pem) } else { Err(format!("{path} is not in PEM format")) }
}

fn owned(certificates: &[CertificateDer<'static>]) -> Vec<Certificate<'static>> {
    certificates.iter().map(|certificate| Certificate::from_der(certificate).to_owned()).collect()
}

fn setting(name: &'static str, reason: impl Into<String>) -> Error {
    Error::Config { name, reason: reason.into() }
}
