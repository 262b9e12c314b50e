#![expect(
    clippy::string_slice,
    reason = "only hexadecimal digits are sliced, which are ASCII"
)]

use std::fmt;
use std::str::FromStr;

use sha2::{Digest as _, Sha256};

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    #[error("identifier is not readable; expected a hyphenated lower-case UUID")]
    BadUuid,
    #[error("digest is not readable; expected 64 lower-case hexadecimal digits")]
    BadDigest,
}

macro_rules! identifier {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        ///
        /// Sixteen bytes, printed as a hyphenated lower-case UUID.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub [u8; 16]);

        impl $name {
            #[must_use]
            pub const fn new(bytes: [u8; 16]) -> Self {
                Self(bytes)
            }

            /// The same identifier for the same domain and bytes, on every node: the first 16 bytes of
            /// SHA-256(domain ‖ 0x00 ‖ bytes), marked as a UUID of version 8 (RFC 9562, 5.8).
            ///
            /// The domain must not contain a zero byte, or two domains could share identifiers.
            #[must_use]
            pub fn derived(domain: &str, bytes: &[u8]) -> Self {
                Self(derived_uuid(domain, bytes))
            }

            pub fn parse(text: &str) -> Result<Self, Error> {
                parse_uuid(text).map(Self)
            }

            #[must_use]
            pub const fn bytes(&self) -> &[u8; 16] {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&print_uuid(&self.0))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), print_uuid(&self.0))
            }
        }

        impl FromStr for $name {
            type Err = Error;

            fn from_str(text: &str) -> Result<Self, Error> {
                Self::parse(text)
            }
        }
    )*};
}

identifier! {
    /// A record, whatever its kind, for ever.
    RecordId;
    /// A node of the federation; the area that it serves may change.
    NodeId;
    /// One command of one caller; the same command sent again carries the same one.
    RequestId;
    /// Who acts: a person or a service with a login.
    ActorId;
}

/// A SHA-256 digest, printed as 64 lower-case hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest(pub [u8; 32]);

impl Digest {
    /// What the first entry of a log names as the hash of the entry before it.
    pub const ZERO: Self = Self([0; 32]);

    #[must_use]
    pub const fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The digest of these bytes.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }

    pub fn parse(text: &str) -> Result<Self, Error> {
        let mut bytes = [0; 32];
        parse_hex(text, &mut bytes).ok_or(Error::BadDigest)?;
        Ok(Self(bytes))
    }

    #[must_use]
    pub const fn bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The first 12 characters: enough to tell things apart on a page, not to check them.
    #[must_use]
    pub fn short(&self) -> String {
        hex(&self.0[..6])
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&hex(&self.0))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Digest({})", self.short())
    }
}

impl FromStr for Digest {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        Self::parse(text)
    }
}

fn derived_uuid(domain: &str, bytes: &[u8]) -> [u8; 16] {
    let mut hasher = Sha256::new();
    hasher.update(domain.as_bytes());
    hasher.update([0]);
    hasher.update(bytes);
    let hash: [u8; 32] = hasher.finalize().into();
    let mut uuid = [0; 16];
    uuid.copy_from_slice(&hash[..16]);
    uuid[6] = (uuid[6] & 0x0F) | 0x80;
    uuid[8] = (uuid[8] & 0x3F) | 0x80;
    uuid
}

fn print_uuid(bytes: &[u8; 16]) -> String {
    let digits = hex(bytes);
    [
        &digits[..8],
        &digits[8..12],
        &digits[12..16],
        &digits[16..20],
        &digits[20..],
    ]
    .join("-")
}

fn parse_uuid(text: &str) -> Result<[u8; 16], Error> {
    let has_hyphens_in_place = text.len() == 36
        && text
            .bytes()
            .enumerate()
            .all(|(at, b)| (b == b'-') == [8, 13, 18, 23].contains(&at));
    if !has_hyphens_in_place {
        return Err(Error::BadUuid);
    }
    let mut bytes = [0; 16];
    parse_hex(&text.replace('-', ""), &mut bytes).ok_or(Error::BadUuid)?;
    Ok(bytes)
}

/// Bytes as lower-case hexadecimal digits.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let nibbles = bytes.iter().flat_map(|b| [b >> 4, b & 0x0F]);
    nibbles
        .map(|nibble| char::from(DIGITS[usize::from(nibble)]))
        .collect()
}

fn parse_hex(text: &str, into: &mut [u8]) -> Option<()> {
    let digits = text.as_bytes();
    if digits.len() != into.len() * 2 {
        return None;
    }
    for (byte, pair) in into.iter_mut().zip(digits.chunks_exact(2)) {
        *byte = (nibble(pair[0])? << 4) | nibble(pair[1])?;
    }
    Some(())
}

fn nibble(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn derived_identifiers_depend_on_domain_and_bytes_and_are_of_version_8() {
        let id = RecordId::derived("household", b"3603230001");
        assert_eq!(id, RecordId::derived("household", b"3603230001"));
        assert_ne!(id, RecordId::derived("member", b"3603230001"));
        assert_ne!(id, RecordId::derived("household", b"3603230002"));
        assert_ne!(RecordId::derived("ab", b"c"), RecordId::derived("a", b"bc"));
        let text = id.to_string();
        assert_eq!(&text[14..15], "8");
        assert!("89ab".contains(&text[19..20]), "{text}");
    }

    #[test]
    fn the_digest_is_that_of_the_standard() {
        let text = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        let digest = Digest::of(b"abc");
        assert_eq!(digest.to_string(), text);
        assert_eq!(digest.short(), &text[..12]);
    }

    #[test]
    fn other_spellings_are_refused() {
        for text in [
            "",
            "00000000-0000-0000-0000-00000000000",
            "00000000-0000-0000-0000-00000000000G",
            "ABCDEF00-0000-0000-0000-000000000000",
            "0000000000000000-0000-0000-0000-0000",
            "-0000000-0000-0000-0000-000000000000",
            "人0000000000000000000000000000000000",
        ] {
            assert_eq!(NodeId::parse(text), Err(Error::BadUuid), "{text}");
        }
        assert_eq!(Digest::parse(&"A".repeat(64)), Err(Error::BadDigest));
    }

    proptest! {
        #[test]
        fn printing_and_parsing_give_the_same(bytes: [u8; 16], digest: [u8; 32]) {
            let record = RecordId::new(bytes);
            prop_assert_eq!(RecordId::parse(&record.to_string()), Ok(record));
            let request = RequestId::new(bytes);
            prop_assert_eq!(RequestId::parse(&request.to_string()), Ok(request));
            let actor = ActorId::new(bytes);
            prop_assert_eq!(ActorId::parse(&actor.to_string()), Ok(actor));
            let digest = Digest::new(digest);
            prop_assert_eq!(Digest::parse(&digest.to_string()), Ok(digest));
        }
    }
}
