//! Whether the certificate of a server that was not trusted is for another name, too: it is fetched once more. Nothing is sent, and every handshake is refused.

use std::net::{TcpStream, ToSocketAddrs};
use std::sync::Arc;
use std::time::Duration;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::verify_server_name;
use rustls::crypto::ring;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{CertificateError, ClientConfig, ClientConnection, DigitallySignedStruct, Error, SignatureScheme};

use super::TlsError;

/// The better explanation why nobody known signed it: both are true of a reverse proxy's default certificate. `None` if the name is right.
pub(crate) fn wrong_name(host: &str, port: u16, timeout: Duration) -> Option<TlsError> {
    let host = host.trim_matches(['[', ']']);
    let address = (host, port).to_socket_addrs().ok()?.next()?;
    let mut socket = TcpStream::connect_timeout(&address, timeout).ok()?;
    socket.set_read_timeout(Some(timeout)).ok()?;
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .ok()?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(NameVerifier))
        .with_no_client_auth();
    let name = ServerName::try_from(host.to_owned()).ok()?;
    let error = ClientConnection::new(Arc::new(config), name).ok()?.complete_io(&mut socket).err()?;
    Some(TlsError::new(error.get_ref()?.downcast_ref()?, false)).filter(|error| matches!(error, TlsError::WrongName { .. }))
}

/// Trusts nobody, and looks at the name first.
#[derive(Debug)]
struct NameVerifier;

impl ServerCertVerifier for NameVerifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        verify_server_name(&ParsedCertificate::try_from(end_entity)?, server_name)?;
        Err(CertificateError::UnknownIssuer.into())
    }

    fn verify_tls12_signature(&self, _: &[u8], _: &CertificateDer, _: &DigitallySignedStruct) -> Result<HandshakeSignatureValid, Error> {
        Err(CertificateError::UnknownIssuer.into())
    }

    fn verify_tls13_signature(&self, _: &[u8], _: &CertificateDer, _: &DigitallySignedStruct) -> Result<HandshakeSignatureValid, Error> {
        Err(CertificateError::UnknownIssuer.into())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        ring::default_provider().signature_verification_algorithms.supported_schemes()
    }
}
