//! A key that asks for its certificate: PKCS #10 (RFC 2986).

use std::{fs, io, path::Path};

use lika_core::value::Digest;
use rcgen::{
    CertificateParams, CertificateSigningRequestParams, DistinguishedName, KeyPair,
    PKCS_ECDSA_P256_SHA256, PublicKey, PublicKeyData as _,
};
use thiserror::Error as ThisError;
use x509_parser::{certification_request::X509CertificationRequest, prelude::FromDer as _};
use zeroize::Zeroizing;

use crate::pki::{
    Certificate, Credentials, Error,
    certificate::key_digest,
    credentials::{io_error, read_private, write_new},
};

/// A request for a P-256 key is some 200 bytes; whatever is longer carries what nobody asked for.
pub const LARGEST_REQUEST: usize = 4096;

/// A new key whose certificate is being asked for. It leaves the node in no way but as [`Credentials`] on its own disk.
pub struct NewKey {
    pair: KeyPair,
}

/// A request that an authority may sign: its sender has the private key, and it says nothing but the public one.
#[derive(Clone, Debug)]
pub struct Request {
    public_key: PublicKey,
}

/// Why a request is not signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ThisError)]
pub enum BadRequest {
    /// Longer than any honest one.
    #[error("the certificate request has {0} bytes; expected at most {LARGEST_REQUEST}")]
    TooLarge(usize),
    /// Not a request.
    #[error("the certificate request cannot be read")]
    Unreadable,
    /// Its sender has not shown that it has the private key.
    #[error("the certificate request is not signed with the key that it names")]
    NotSigned,
    /// Another kind of key.
    #[error("the certificate request has another kind of key than ECDSA P-256")]
    WrongKey,
    /// It asks to be somebody, or an authority.
    #[error("the certificate request asks for names or uses of its own")]
    HasWishes,
}

impl NewKey {
    /// The key that waits in this file, or a new one that is written there (mode 0600) before it is used: an answer that
    /// was lost can be asked for again with the same key.
    pub fn kept_in(file: &Path) -> Result<Self, Error> {
        match read_private(file) {
            Ok(pem) => Ok(Self {
                pair: KeyPair::from_pem(&pem)?,
            }),
            Err(Error::Io { source, .. }) if source.kind() == io::ErrorKind::NotFound => {
                let pair = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
                let pem = Zeroizing::new(pair.serialize_pem());
                write_new(file, pem.as_bytes(), 0o600).map_err(io_error("write", file))?;
                Ok(Self { pair })
            }
            Err(error) => Err(error),
        }
    }

    /// The request to send, in DER.
    pub fn request(&self) -> Result<Vec<u8>, Error> {
        let mut params = CertificateParams::default();
        params.distinguished_name = DistinguishedName::new();
        Ok(params.serialize_request(&self.pair)?.der().to_vec())
    }

    /// Whether a certificate is one of this key.
    pub fn fits(&self, certificate: &Certificate) -> bool {
        key_digest(self.pair.der_bytes()) == certificate.key
    }

    /// The key with its certificate.
    pub fn certified(&self, chain: &str) -> Credentials {
        Credentials::new(chain.to_owned(), self.pair.serialize_pem())
    }
}

impl Request {
    /// Reads and checks a request in DER.
    pub fn read(der: &[u8]) -> Result<Self, BadRequest> {
        if der.len() > LARGEST_REQUEST {
            return Err(BadRequest::TooLarge(der.len()));
        }
        let (rest, read) =
            X509CertificationRequest::from_der(der).map_err(|_| BadRequest::Unreadable)?;
        if !rest.is_empty() {
            return Err(BadRequest::Unreadable);
        }
        let info = &read.certification_request_info;
        // Whatever stands beside the key would be the sender's own word for who it is.
        let has_wishes = info.subject.iter().next().is_some() || !info.attributes().is_empty();
        if has_wishes {
            return Err(BadRequest::HasWishes);
        }
        let params = CertificateSigningRequestParams::from_der(&der.into()).map_err(bad)?;
        if *params.public_key.algorithm() != PKCS_ECDSA_P256_SHA256 {
            return Err(BadRequest::WrongKey);
        }
        Ok(Self {
            public_key: params.public_key,
        })
    }

    /// The digest of the public key.
    pub fn key(&self) -> Digest {
        key_digest(self.public_key.der_bytes())
    }

    pub(super) fn public_key(&self) -> &PublicKey {
        &self.public_key
    }
}

fn bad(error: rcgen::Error) -> BadRequest {
    match error {
        rcgen::Error::InvalidCertificationRequestSignature => BadRequest::NotSigned,
        rcgen::Error::UnsupportedSignatureAlgorithm => BadRequest::WrongKey,
        _ => BadRequest::Unreadable,
    }
}

/// Removes a key that waits no longer.
pub fn forget(file: &Path) -> Result<(), Error> {
    match fs::remove_file(file) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(io_error("remove", file)(error))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use rcgen::{BasicConstraints, DnType, IsCa, KeyUsagePurpose, PKCS_ED25519, SanType};

    use super::*;

    fn written(change: impl FnOnce(&mut CertificateParams)) -> Vec<u8> {
        let mut params = CertificateParams::default();
        params.distinguished_name = DistinguishedName::new();
        change(&mut params);
        let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).unwrap();
        params.serialize_request(&key).unwrap().der().to_vec()
    }

    #[test]
    fn a_key_asks_and_is_recognised_also_after_a_restart() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("link.key");
        let first = NewKey::kept_in(&file).unwrap();
        let asked = Request::read(&first.request().unwrap()).unwrap();
        let again = NewKey::kept_in(&file).unwrap();
        let asked_again = Request::read(&again.request().unwrap()).unwrap();
        assert_eq!(asked.key(), asked_again.key());
        forget(&file).unwrap();
        forget(&file).unwrap();
        let other = NewKey::kept_in(&file).unwrap();
        let other = Request::read(&other.request().unwrap()).unwrap();
        assert_ne!(asked.key(), other.key());
    }

    #[test]
    fn a_request_with_wishes_is_refused() {
        assert!(Request::read(&written(|_| ())).is_ok());
        let wishes: [(&str, Vec<u8>); 4] = [
            (
                "a name",
                written(|params| {
                    params.distinguished_name.push(DnType::CommonName, "江西省");
                }),
            ),
            (
                "an address",
                written(|params| {
                    let address = "lika://node/07070707-0707-0707-0707-070707070707/36";
                    let address = SanType::URI(address.try_into().unwrap());
                    params.subject_alt_names.push(address);
                }),
            ),
            (
                "an authority",
                written(|params| params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained)),
            ),
            (
                "a use",
                written(|params| params.key_usages.push(KeyUsagePurpose::KeyCertSign)),
            ),
        ];
        for (what, request) in wishes {
            let read = Request::read(&request).unwrap_err();
            assert_eq!(read, BadRequest::HasWishes, "{what}");
        }
    }

    #[test]
    fn a_request_that_is_not_its_senders_is_refused() {
        // The key of one request, the signature of another: somebody asks for a key that he does not have.
        let (own, foreign) = (written(|_| ()), written(|_| ()));
        let mut mixed = foreign.clone();
        let signature = own.len() - 64;
        mixed.truncate(signature.min(mixed.len()));
        mixed.extend(&own[signature..]);
        let read = Request::read(&mixed).unwrap_err();
        assert!(
            matches!(read, BadRequest::NotSigned | BadRequest::Unreadable),
            "{read:?}"
        );
        let mut flipped = own.clone();
        let last = flipped.len() - 1;
        flipped[last] ^= 1;
        assert_eq!(Request::read(&flipped).unwrap_err(), BadRequest::NotSigned);
    }

    #[test]
    fn rubbish_and_other_keys_are_refused() {
        let mut longer = written(|_| ());
        longer.push(0);
        for bytes in [b"".as_slice(), b"rubbish", &longer] {
            assert_eq!(Request::read(bytes).unwrap_err(), BadRequest::Unreadable);
        }
        let large = vec![0x30; LARGEST_REQUEST + 1];
        let read = Request::read(&large).unwrap_err();
        assert_eq!(read, BadRequest::TooLarge(LARGEST_REQUEST + 1));
        let key = KeyPair::generate_for(&PKCS_ED25519).unwrap();
        let mut params = CertificateParams::default();
        params.distinguished_name = DistinguishedName::new();
        let request = params.serialize_request(&key).unwrap().der().to_vec();
        assert_eq!(Request::read(&request).unwrap_err(), BadRequest::WrongKey);
    }
}
