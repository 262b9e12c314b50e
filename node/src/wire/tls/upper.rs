//! Whether the one that was dialled is the node above.

use std::sync::{Arc, Mutex, PoisonError};

use lika_core::value::AreaCode;
use rustls::{
    CertificateError, DigitallySignedStruct, Error as TlsError, RootCertStore, SignatureScheme,
    client::{
        WebPkiServerVerifier,
        danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    },
    crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature},
    pki_types::{CertificateDer, ServerName, UnixTime},
};
use thiserror::Error as ThisError;

use super::{Error, provider};
use crate::pki::{Fingerprint, Identity};

/// Why a server was not believed to be the node above.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ThisError)]
pub enum Distrust {
    /// None of its certificates is that of the authority.
    #[error(
        "the node there does not belong to the authority of this fingerprint; the token was not sent"
    )]
    OtherAuthority,
    /// It is no node, or one of another place.
    #[error("the node there is not above this one; the token was not sent")]
    NotAbove,
    /// A certificate that does not hold now.
    #[error(
        "the certificate of the node there does not hold at this node's time; the token was not sent"
    )]
    Clock,
    /// Anything else, such as another host.
    #[error("the certificate of the node there is not for this address; the token was not sent")]
    Unfit,
}

impl Distrust {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::OtherAuthority => "fingerprint-differs",
            Self::NotAbove => "not-above",
            Self::Clock => "clock-differs",
            Self::Unfit => "address-differs",
        }
    }
}

/// Why a server was not believed, once it was not.
#[derive(Clone, Debug, Default)]
pub struct Doubts(Arc<Mutex<Option<Distrust>>>);

impl Doubts {
    /// The reason of the last failure.
    pub fn get(&self) -> Option<Distrust> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn set(&self, distrust: Distrust) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(distrust);
    }
}

/// Everything that TLS checks, and that the certificate is that of a node above.
#[derive(Debug)]
pub(super) struct UpperNode {
    inner: Arc<WebPkiServerVerifier>,
    area: AreaCode,
}

impl UpperNode {
    pub(super) fn new(roots: RootCertStore, area: AreaCode) -> Result<Self, Error> {
        let inner = web_pki(roots).map_err(Error::Roots)?;
        Ok(Self { inner, area })
    }
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
        match is_above(certificate, self.area) {
            true => Ok(verified),
            false => Err(not_believed()),
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

/// The same for a node that knows nothing of the authority but its fingerprint.
#[derive(Debug)]
pub(super) struct Pinned {
    fingerprint: Fingerprint,
    area: AreaCode,
    doubts: Doubts,
    provider: Arc<CryptoProvider>,
}

impl Pinned {
    pub(super) fn new(fingerprint: Fingerprint, area: AreaCode, doubts: Doubts) -> Self {
        Self {
            fingerprint,
            area,
            doubts,
            provider: provider(),
        }
    }

    fn verify(
        &self,
        certificate: &CertificateDer<'_>,
        others: &[CertificateDer<'_>],
        host: &ServerName<'_>,
        now: UnixTime,
    ) -> Result<ServerCertVerified, Distrust> {
        let authority = others
            .iter()
            .find(|other| Fingerprint::of(other) == self.fingerprint)
            .ok_or(Distrust::OtherAuthority)?;
        let mut roots = RootCertStore::empty();
        roots
            .add(authority.clone().into_owned())
            .map_err(|_| Distrust::OtherAuthority)?;
        let inner = web_pki(roots).map_err(|_| Distrust::OtherAuthority)?;
        let verified = inner
            .verify_server_cert(certificate, &[], host, &[], now)
            .map_err(|error| distrust(&error))?;
        match is_above(certificate, self.area) {
            true => Ok(verified),
            false => Err(Distrust::NotAbove),
        }
    }
}

impl ServerCertVerifier for Pinned {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        others: &[CertificateDer<'_>],
        host: &ServerName<'_>,
        _ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, TlsError> {
        let verified = self.verify(certificate, others, host, now);
        verified.map_err(|distrust| {
            self.doubts.set(distrust);
            not_believed()
        })
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, TlsError> {
        let known = &self.provider.signature_verification_algorithms;
        verify_tls12_signature(message, certificate, signature, known)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, TlsError> {
        let known = &self.provider.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signature, known)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        let known = &self.provider.signature_verification_algorithms;
        known.supported_schemes()
    }
}

fn web_pki(
    roots: RootCertStore,
) -> Result<Arc<WebPkiServerVerifier>, rustls::client::VerifierBuilderError> {
    WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider()).build()
}

/// Whether it is the certificate of a node of an area that surrounds this one.
fn is_above(certificate: &CertificateDer<'_>, below: AreaCode) -> bool {
    matches!(
        Identity::from_certificate(certificate),
        Ok(Identity::Node { area, .. }) if area != below && area.contains(&below)
    )
}

fn not_believed() -> TlsError {
    TlsError::InvalidCertificate(CertificateError::ApplicationVerificationFailure)
}

fn distrust(error: &TlsError) -> Distrust {
    use CertificateError::{
        Expired, ExpiredContext, NotValidForName, NotValidForNameContext, NotValidYet,
        NotValidYetContext,
    };
    match error {
        TlsError::InvalidCertificate(
            Expired | ExpiredContext { .. } | NotValidYet | NotValidYetContext { .. },
        ) => Distrust::Clock,
        TlsError::InvalidCertificate(NotValidForName | NotValidForNameContext { .. }) => {
            Distrust::Unfit
        }
        // Signed by somebody who only shows the authority's certificate beside his own.
        _ => Distrust::OtherAuthority,
    }
}
