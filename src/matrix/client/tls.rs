//! Whom to trust and what to show: certificates read from the system and from the settings.

use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::RootCertStore;
use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::CertifiedKey;
use ureq::tls::{Certificate, ClientCert, PrivateKey, RootCerts, TlsConfig};
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
        .root_certs(RootCerts::Specific(Arc::new(roots(transport)?)));
    Ok(builder.client_cert(client_cert(transport)?).build())
}

/// A system store that can't be read is no error here: `ca_path` may be all that is needed, and if not, the handshake says so.
fn roots(transport: &Transport) -> Result<Vec<Certificate<'static>>, Error> {
    if !transport.validate_certs {
        return Ok(Vec::new());
    }
    let added = transport.ca_path.as_deref().map(|path| certificates_in("ca_path", path));
    let mut certificates = added.transpose()?.unwrap_or_default();
    certificates.extend(rustls_native_certs::load_native_certs().certs);
    Ok(owned(&certificates))
}

fn client_cert(transport: &Transport) -> Result<Option<ClientCert>, Error> {
    let (path, (key_name, key_path)) = match (&transport.client_cert, &transport.client_key) {
        (None, None) => return Ok(None),
        (None, Some(_)) => return Err(setting("client_key", "needs `client_cert` beside it".into())),
        (Some(path), None) => (path, ("client_cert", path)),
        (Some(path), Some(key_path)) => (path, ("client_key", key_path)),
    };
    let chain = certificates_in("client_cert", path)?;
    let pem = read_pem(key_name, key_path)?;
    let no_key = |_| {
        let path = key_path.display();
        setting(
            key_name,
            format!("{path} holds no private key in PEM format; an encrypted one must be decrypted first"),
        )
    };
    let der = PrivateKeyDer::from_pem_slice(&pem).map_err(no_key)?;
    // The library panics on a key that doesn't fit, so that is found out here.
    let is_pair = CertifiedKey::from_der(chain.clone(), der, &ring::default_provider()).is_ok();
    match PrivateKey::from_pem(&pem) {
        Ok(key) if is_pair => Ok(Some(ClientCert::new_with_certs(&owned(&chain), key))),
        _ => Err(setting("client_key", "is not the private key of the first certificate in `client_cert`".into())),
    }
}

/// From a file, or from the files of a directory, of which some may be other files.
fn certificates_in(name: &'static str, path: &Path) -> Result<Vec<CertificateDer<'static>>, Error> {
    if !path.is_dir() {
        return certificates_of(name, path);
    }
    let entries = fs::read_dir(path).map_err(|error| unreadable(name, path, &error))?;
    let mut files: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).filter(|file| !file.is_dir()).collect();
    files.sort();
    let (found, failures): (Vec<_>, Vec<_>) = files.iter().map(|file| certificates_of(name, file)).partition(Result::is_ok);
    let found: Vec<_> = found.into_iter().flatten().flatten().collect();
    if !found.is_empty() {
        return Ok(found);
    }
    let none = || Err(setting(name, format!("{} holds no certificate", path.display())));
    failures.into_iter().next().unwrap_or_else(none)
}

fn certificates_of(name: &'static str, file: &Path) -> Result<Vec<CertificateDer<'static>>, Error> {
    let is_certificate = |der: &CertificateDer<'static>| RootCertStore::empty().add(der.clone()).is_ok();
    let pem = read_pem(name, file)?;
    let found: Vec<_> = CertificateDer::pem_slice_iter(&pem).filter_map(Result::ok).filter(is_certificate).collect();
    if found.is_empty() {
        return Err(setting(name, format!("{} holds no certificate", file.display())));
    }
    Ok(found)
}

fn read_pem(name: &'static str, path: &Path) -> Result<Zeroizing<Vec<u8>>, Error> {
    let read = fs::read(path).map(Zeroizing::new).map_err(|error| unreadable(name, path, &error))?;
    if read.windows(PEM_START.len()).any(|part| part == PEM_START) {
        return Ok(read);
    }
    Err(setting(name, format!("{} is not in PEM format", path.display())))
}

/// RFC 7468, section 2.
const PEM_START: &[u8] = b"-----BEGIN ";

fn unreadable(name: &'static str, path: &Path, error: &io::Error) -> Error {
    let path = path.display();
    let reason = match error.kind() {
        ErrorKind::NotFound => format!("{path} does not exist on the host that runs the task"),
        ErrorKind::PermissionDenied => format!(
            "{path} can't be read: permission denied to the user with id {}, who runs this task: run it as another user with `become_user`, or change the owner or the mode of the file or its folder",
            rustix::process::geteuid().as_raw()
        ),
        _ => format!("{path} can't be read: {error}"),
    };
    setting(name, reason)
}

fn owned(certificates: &[CertificateDer<'static>]) -> Vec<Certificate<'static>> {
    certificates.iter().map(|certificate| Certificate::from_der(certificate).to_owned()).collect()
}

fn setting(name: &'static str, reason: String) -> Error {
    Error::Config { name, reason }
}
