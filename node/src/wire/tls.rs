//! TLS for gRPC and the console, made of our certificates.
//!
//! A server says which authorities it believes (`roots`, one PEM text with any number of certificates): its own authority
//! for the nodes below and the one that issues its clients' certificates. A certificate of anybody else's ends the
//! handshake. No certificate at all does not, since a node that enrols has none yet: who may call without one is for the
//! [`Door`](super::Door) to say, and which profile a call asks for is for the called service to check, with [`caller`].

mod upper;

use std::sync::{Arc, PoisonError, RwLock};

use lika_core::value::AreaCode;
use rustls::{
    Error as TlsError, RootCertStore, ServerConfig,
    crypto::CryptoProvider,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject as _},
    server::{ClientHello, ResolvesServerCert, WebPkiClientVerifier},
    sign::CertifiedKey,
};
use thiserror::Error as ThisError;
use tonic::{
    Request,
    transport::{Certificate, ClientTlsConfig, Endpoint},
};

pub use self::upper::{Distrust, Doubts};
use self::upper::{Pinned, UpperNode};
use crate::pki::{self, Credentials, Fingerprint, Identity};

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

/// What a node shows to its callers, which may be replaced while it serves: whoever calls afterwards sees the next one.
#[derive(Debug)]
pub struct Shown {
    current: RwLock<Arc<CertifiedKey>>,
    authority: String,
}

impl Shown {
    /// Shows these credentials, and with them the certificate of the own authority (PEM): a node that enrols knows that
    /// one by its fingerprint and nothing else.
    pub fn new(credentials: &Credentials, authority: &str) -> Result<Self, Error> {
        let authority = authority.to_owned();
        let current = certified(credentials, &authority)?;
        Ok(Self {
            current: RwLock::new(current),
            authority,
        })
    }

    /// Shows others from now on.
    pub fn replace(&self, credentials: &Credentials) -> Result<(), Error> {
        let next = certified(credentials, &self.authority)?;
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = next;
        Ok(())
    }
}

impl ResolvesServerCert for Shown {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let current = self.current.read().unwrap_or_else(PoisonError::into_inner);
        Some(Arc::clone(&current))
    }
}

fn certified(credentials: &Credentials, authority: &str) -> Result<Arc<CertifiedKey>, Error> {
    let texts = [credentials.certificate_pem(), authority].concat();
    let chain = CertificateDer::pem_slice_iter(texts.as_bytes())
        .collect::<Result<Vec<_>, _>>()
        .map_err(|_| Error::NotPem("the certificate"))?;
    let key = PrivateKeyDer::from_pem_slice(credentials.key_pem().as_bytes())
        .map_err(|_| Error::NotPem("the key"))?;
    let certified = CertifiedKey::from_der(chain, key, &provider()).map_err(Error::Refused)?;
    Ok(Arc::new(certified))
}

/// The server's side: shows its credentials, and believes the certificates of these authorities and no others.
pub fn server(shown: Arc<Shown>, roots: &str) -> Result<Arc<ServerConfig>, Error> {
    let roots = Arc::new(read_roots(roots)?);
    let verifier = WebPkiClientVerifier::builder_with_provider(roots, provider())
        .allow_unauthenticated()
        .build()
        .map_err(Error::Roots)?;
    let mut config = ServerConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .map_err(Error::Refused)?
        .with_client_cert_verifier(verifier)
        .with_cert_resolver(shown);
    config.alpn_protocols = vec![b"h2".to_vec()];
    Ok(Arc::new(config))
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
    let verifier = Arc::new(UpperNode::new(read_roots(roots)?, area)?);
    let tls = ClientTlsConfig::new().identity(identity(credentials));
    endpoint(address, |endpoint| {
        endpoint.tls_config_with_verifier(tls, verifier)
    })
}

/// A node's way to the one above before it has a certificate: the server must prove that it belongs to the authority of
/// this fingerprint, and be the node of an area that surrounds `area`. Until it has, nothing is sent. The doubts say
/// afterwards why it was not believed.
pub fn to_unknown_upper_node(
    address: &str,
    fingerprint: Fingerprint,
    area: AreaCode,
) -> Result<(Endpoint, Doubts), Error> {
    let doubts = Doubts::default();
    let verifier = Arc::new(Pinned::new(fingerprint, area, doubts.clone()));
    let endpoint = endpoint(address, |endpoint| {
        endpoint.tls_config_with_verifier(ClientTlsConfig::new(), verifier)
    })?;
    Ok((endpoint, doubts))
}

/// TLS for the console: shows what the node shows and asks browsers for nothing, since people sign in.
pub fn console(shown: Arc<Shown>) -> Result<Arc<ServerConfig>, Error> {
    let mut config = ServerConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .map_err(Error::Refused)?
        .with_no_client_auth()
        .with_cert_resolver(shown);
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

/// Who calls: the identity in the certificate that TLS has verified.
pub fn caller<T>(request: &Request<T>) -> Result<Identity, pki::Error> {
    let certificates = request.peer_certs().ok_or(pki::Error::NoCertificate)?;
    let certificate = certificates.first().ok_or(pki::Error::NoCertificate)?;
    Identity::from_certificate(certificate)
}

fn provider() -> Arc<CryptoProvider> {
    Arc::new(rustls::crypto::ring::default_provider())
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
