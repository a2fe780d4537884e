//! Whom to trust and what to show, as the settings say it.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use rustls::ClientConfig;
use rustls::client::Resumption;
use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use zeroize::Zeroizing;

use super::Transport;
use super::trust::{Trust, Verifier};
use crate::matrix::error::Error;

/// # Errors
/// [`Error::Setting`], naming the file that can't be used.
pub(super) fn config(transport: &Transport) -> Result<ClientConfig, Error> {
    let provider = Arc::new(ring::default_provider());
    let verifier = Verifier {
        trust: trust(transport)?,
        algorithms: provider.signature_verification_algorithms,
    };
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| setting("validate_certs", error.to_string()))?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier));
    let mut config = match client_cert(transport)? {
        Some((chain, key)) => builder.with_client_auth_cert(chain, key).map_err(|_| unfit())?,
        None => builder.with_no_client_auth(),
    };
    // There is one connection to a host, and nobody comes back to it.
    config.resumption = Resumption::disabled();
    Ok(config)
}

fn trust(transport: &Transport) -> Result<Trust, Error> {
    if !transport.validate_certs {
        return Ok(Trust::Anybody);
    }
    let added = transport.ca_path.as_deref().map(|path| certificates_in("ca_path", path));
    Ok(Trust::Authorities(added.transpose()?.unwrap_or_default()))
}

/// A chain of certificates and the key of the first.
type Identity = (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>);

fn client_cert(transport: &Transport) -> Result<Option<Identity>, Error> {
    let Some(path) = &transport.client_cert else {
        return match &transport.client_key {
            Some(_) => Err(setting("client_key", "needs `client_cert` beside it".into())),
            None => Ok(None),
        };
    };
    let chain = certificates_in("client_cert", path)?;
    let key = transport
        .client_key
        .as_ref()
        .map_or_else(|| private_key("client_cert", path), |path| private_key("client_key", path))?;
    Ok(Some((chain, key)))
}

fn certificates_in(name: &'static str, path: &Path) -> Result<Vec<CertificateDer<'static>>, Error> {
    let found = rustls_native_certs::load_certs_from_paths(path.is_file().then_some(path), path.is_dir().then_some(path)).certs;
    match (found.is_empty(), path.exists()) {
        (false, _) => Ok(found),
        (true, true) => Err(setting(
            name,
            format!("{} holds no readable certificate in PEM format", path.display()),
        )),
        (true, false) => Err(setting(
            name,
            format!("{} does not exist on the host that runs the task", path.display()),
        )),
    }
}

fn private_key(name: &'static str, path: &Path) -> Result<PrivateKeyDer<'static>, Error> {
    let pem = fs::read(path)
        .map(Zeroizing::new)
        .map_err(|error| setting(name, format!("{} can't be read: {error}", path.display())))?;
    PrivateKeyDer::from_pem_slice(&pem).map_err(|_| {
        setting(
            name,
            format!(
                "{} holds no private key in PEM format; an encrypted one must be decrypted first",
                path.display()
            ),
        )
    })
}

fn unfit() -> Error {
    setting(
        "client_key",
        "is not the private key of the first certificate in `client_cert`".into(),
    )
}

fn setting(name: &'static str, reason: String) -> Error {
    Error::Setting { name, reason }
}
