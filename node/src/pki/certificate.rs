//! What a certificate says, read once.

use std::{fmt, net::IpAddr};

use lika_core::value::{Digest, hex};
use rustls::pki_types::{CertificateDer, pem::PemObject as _};
use x509_parser::{
    certificate::X509Certificate, der_parser::Oid, extensions::GeneralName, prelude::FromDer as _,
};

use crate::pki::{Error, Identity};

/// The extension that holds a node's 32-byte ed25519 key for signing its log. The arc under 2.25 is the lower half of a
/// random UUID: the library writes arcs of 64 bits, and half of one is still nobody else's.
pub(super) const SIGNING_KEY: [u64; 4] = [2, 25, 1_294_198_267_418_634_670, 1];

/// The number that an authority gives to a certificate, printed in hexadecimal digits.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Serial(Vec<u8>);

/// What one of our certificates says. That it is genuine is for TLS to check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Certificate {
    /// Its number.
    pub serial: Serial,
    /// Whom it names.
    pub identity: Identity,
    /// From when it holds, in milliseconds since 1970-01-01T00:00:00Z.
    pub from_ms: u64,
    /// Until when, likewise.
    pub until_ms: u64,
    /// The digest of its public key, which tells keys apart.
    pub key: Digest,
    /// The key with which the node signs its log, where the certificate vouches for one.
    pub signing_key: Option<[u8; 32]>,
}

impl Serial {
    /// The bytes of a number, leading zeros left out: DER puts one before numbers that would look negative.
    pub(super) fn new(bytes: &[u8]) -> Self {
        let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
        Self(bytes.iter().skip(zeros).copied().collect())
    }

    /// Reads hexadecimal digits, at most the 20 bytes that RFC 5280 allows.
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.as_bytes();
        if digits.is_empty() || digits.len() > 40 || !digits.len().is_multiple_of(2) {
            return None;
        }
        let bytes = digits.chunks(2).map(|pair| {
            let pair = std::str::from_utf8(pair).ok()?;
            // `from_str_radix` would take a sign.
            let is_hex = pair.bytes().all(|digit| digit.is_ascii_hexdigit());
            is_hex.then(|| u8::from_str_radix(pair, 16).ok())?
        });
        Some(Self::new(&bytes.collect::<Option<Vec<u8>>>()?))
    }
}

impl fmt::Display for Serial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&hex(&self.0))
    }
}

impl fmt::Debug for Serial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Serial({self})")
    }
}

impl Certificate {
    /// Reads a certificate of one of our two profiles.
    pub fn read(der: &[u8]) -> Result<Self, Error> {
        let identity = Identity::from_certificate(der)?;
        let (_, read) = X509Certificate::from_der(der).map_err(|_| Error::Unreadable)?;
        let validity = read.validity();
        Ok(Self {
            serial: Serial::new(read.raw_serial()),
            identity,
            from_ms: milliseconds(validity.not_before.timestamp()),
            until_ms: milliseconds(validity.not_after.timestamp()),
            key: key_digest(&read.public_key().subject_public_key.data),
            signing_key: signing_key(&read)?,
        })
    }

    /// Reads the first certificate of a PEM text.
    pub fn read_pem(pem: &str) -> Result<Self, Error> {
        Self::read(&first(pem)?)
    }
}

/// The first certificate of a PEM text, in DER.
pub(crate) fn first(pem: &str) -> Result<CertificateDer<'static>, Error> {
    CertificateDer::from_pem_slice(pem.as_bytes()).map_err(|_| Error::NotPem)
}

/// The DNS names and IP addresses of a certificate in DER.
pub(super) fn hosts(der: &[u8]) -> Result<Vec<String>, Error> {
    let (_, read) = X509Certificate::from_der(der).map_err(|_| Error::Unreadable)?;
    let names = read
        .subject_alternative_name()
        .map_err(|_| Error::Unreadable)?;
    let names = names.map_or(&[][..], |names| names.value.general_names.as_slice());
    let hosts = names.iter().filter_map(|name| match name {
        GeneralName::DNSName(name) => Some((*name).to_owned()),
        GeneralName::IPAddress(bytes) => address(bytes).map(|address| address.to_string()),
        _ => None,
    });
    Ok(hosts.collect())
}

fn address(bytes: &[u8]) -> Option<IpAddr> {
    let four = <[u8; 4]>::try_from(bytes).map(IpAddr::from);
    four.or_else(|_| <[u8; 16]>::try_from(bytes).map(IpAddr::from))
        .ok()
}

/// Checks that an authority has signed a certificate with the key of its own certificate, both in PEM.
pub fn check_issuer(certificate: &str, authority: &str) -> Result<(), Error> {
    let (certificate, authority) = (first(certificate)?, first(authority)?);
    let read = |der| X509Certificate::from_der(der).map_err(|_| Error::Unreadable);
    let (_, authority) = read(&authority)?;
    let (_, certificate) = read(&certificate)?;
    certificate
        .verify_signature(Some(authority.public_key()))
        .map_err(|_| Error::OtherIssuer)
}

/// Tells public keys apart, by the bits of the key alone.
pub(super) fn key_digest(public_key: &[u8]) -> Digest {
    Digest::of(public_key)
}

fn signing_key(certificate: &X509Certificate<'_>) -> Result<Option<[u8; 32]>, Error> {
    let oid = Oid::from(&SIGNING_KEY).map_err(|_| Error::Unreadable)?;
    let found = certificate.get_extension_unique(&oid);
    let Some(extension) = found.map_err(|_| Error::Unreadable)? else {
        return Ok(None);
    };
    // An OCTET STRING of 32 bytes: tag 4, length 32.
    match extension.value {
        [0x04, 0x20, key @ ..] => key.try_into().map(Some).map_err(|_| Error::Unreadable),
        _ => Err(Error::Unreadable),
    }
}

fn milliseconds(seconds: i64) -> u64 {
    u64::try_from(seconds).unwrap_or(0).saturating_mul(1000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_serial_reads_what_it_prints_and_nothing_else() {
        for text in ["01", "7f00", "ffffffffffffffffffffffffffffffffffffffff"] {
            assert_eq!(Serial::parse(text).unwrap().to_string(), text);
        }
        assert_eq!(Serial::parse("0001"), Serial::parse("01"));
        for text in ["", "1", "0g", "+1", &"00".repeat(21)] {
            assert_eq!(Serial::parse(text), None, "{text}");
        }
    }
}
