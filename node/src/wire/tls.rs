//! TLS for gRPC and the console, made of our certificates.
//!
//! Both ends of a gRPC connection show a certificate; there is no anonymous caller. A server says which authorities it
//! believes (`roots`, one PEM text with any number of certificates): usually its own authority for the nodes below and
//! the one that issues its clients' certificates. Which profile a call asks for is for the called service to check, with
//! [`caller`].

use std::sync::Arc;

use lika_core::value::AreaCode;
use rustls::{
    CertificateError, DigitallySignedStruct, Error as TlsError, RootCertStore, SignatureScheme,
    client::{
        WebPkiServerVerifier,
        danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    },
    crypto::CryptoProvider,
    pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime, pem::PemObject as _},
};
use thiserror::Error as ThisError;
use tonic::{
    Request,
    transport::{Certificate, ClientTlsConfig, Endpoint, ServerTlsConfig},
};

use crate::pki::{self, Credentials, Identity};

/// Why TLS cannot be set up.
#[derive(Debug, ThisError)]
pub enum Error {
    /// A PEM text cannot be read.
    #[error("{0} cannot be read as PEM")]
    NotPem(&'static str),
    /// No authority to believe.
    #[error("no authority's certificate was given; nobody could be believed")]
    NoRoots,
    /// TLS refuses what it was given.
    #[error("TLS refuses the certificate or key")]
    Refused(#[source] TlsError),
    /// TLS refuses the authorities.
    #[error("TLS refuses the authorities' certificates")]
    Roots(#[source] rustls::client::VerifierBuilderError),
    /// The address cannot be dialled.
    #[error("{address:?} cannot be dialled; expected https://host:port")]
    Address {
        /// As given.
        address: String,
        /// What is wrong.
        #[source]
        source: tonic::transport::Error,
    },
}

/// The server's side: shows these credentials, and asks every caller for a certificate of one of the authorities.
pub fn server(credentials: &Credentials, roots: &str) -> Result<ServerTlsConfig, Error> {
    read_roots(roots)?;
    Ok(ServerTlsConfig::new()
        .identity(identity(credentials))
        .client_ca_root(Certificate::from_pem(roots)))
}

/// A client's side: shows these credentials to a server of one of the authorities whose certificate has the dialled
/// host.
pub fn client(address: &str, credentials: &Credentials, roots: &str) -> Result<Endpoint, Error> {
    read_roots(roots)?;
    let tls = ClientTlsConfig::new()
        .identity(identity(credentials))
        .ca_certificate(Certificate::from_pem(roots));
    endpoint(address, |endpoint| endpoint.tls_config(tls))
}

/// A node's side of the link upwards: like [`client`], and the server must have the node certificate of an area that
/// surrounds `area`. Otherwise a neighbour's genuine certificate could pose as the node above.
pub fn to_upper_node(
    address: &str,
    credentials: &Credentials,
    roots: &str,
    area: AreaCode,
) -> Result<Endpoint, Error> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let inner = WebPkiServerVerifier::builder_with_provider(Arc::new(read_roots(roots)?), provider)
        .build()
        .map_err(Error::Roots)?;
    let verifier = Arc::new(UpperNode { inner, area });
    let tls = ClientTlsConfig::new().identity(identity(credentials));
    endpoint(address, |endpoint| {
        endpoint.tls_config_with_verifier(tls, verifier)
    })
}

/// TLS for the console: shows these credentials and asks browsers for nothing, since people sign in.
pub fn console(credentials: &Credentials) -> Result<Arc<rustls::ServerConfig>, Error> {
    let certificates = CertificateDer::pem_slice_iter(credentials.certificate_pem().as_bytes())
        .collect::<Result<Vec<_>, _>>()
        .map_err(|_| Error::NotPem("the certificate"))?;
    let key = PrivateKeyDer::from_pem_slice(credentials.key_pem().as_bytes())
        .map_err(|_| Error::NotPem("the key"))?;
    let provider: Arc<CryptoProvider> = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(Error::Refused)?
        .with_no_client_auth()
        .with_single_cert(certificates, key)
        .map_err(Error::Refused)?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

/// Who calls: the identity in the certificate that TLS has verified.
pub fn caller<T>(request: &Request<T>) -> Result<Identity, pki::Error> {
    let certificates = request.peer_certs().ok_or(pki::Error::NoCertificate)?;
    let certificate = certificates.first().ok_or(pki::Error::NoCertificate)?;
    Identity::from_certificate(certificate)
}

/// Everything that TLS checks, and that the certificate is that of a node above.
#[derive(Debug)]
struct UpperNode {
    inner: Arc<WebPkiServerVerifier>,
    area: AreaCode,
}

impl ServerCertVerifier for UpperNode {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        host: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, TlsError> {
        let verified =
            self.inner
                .verify_server_cert(certificate, intermediates, host, ocsp, now)?;
        match Identity::from_certificate(certificate) {
            Ok(Identity::Node { area, .. }) if area != self.area && area.contains(&self.area) => {
                Ok(verified)
            }
            _ => Err(TlsError::InvalidCertificate(
                CertificateError::ApplicationVerificationFailure,
            )),
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, TlsError> {
        self.inner
            .verify_tls12_signature(message, certificate, signature)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, TlsError> {
        self.inner
            .verify_tls13_signature(message, certificate, signature)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.inner.supported_verify_schemes()
    }
}

fn identity(credentials: &Credentials) -> tonic::transport::Identity {
    tonic::transport::Identity::from_pem(credentials.certificate_pem(), credentials.key_pem())
}

fn read_roots(pem: &str) -> Result<RootCertStore, Error> {
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(pem.as_bytes()) {
        let certificate = certificate.map_err(|_| Error::NotPem("an authority's certificate"))?;
        roots.add(certificate).map_err(Error::Refused)?;
    }
    if roots.is_empty() {
        return Err(Error::NoRoots);
    }
    Ok(roots)
}

fn endpoint(
    address: &str,
    with_tls: impl FnOnce(Endpoint) -> Result<Endpoint, tonic::transport::Error>,
) -> Result<Endpoint, Error> {
    let refused = |source| Error::Address {
        address: address.to_owned(),
        source,
    };
    let endpoint = Endpoint::from_shared(address.to_owned()).map_err(refused)?;
    with_tls(endpoint.tcp_nodelay(true)).map_err(refused)
}
