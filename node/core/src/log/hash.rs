//! The bytes that are hashed. Frozen: a change here is a new suite.

use sha2::{Digest as _, Sha256};

use crate::{
    log::Class,
    value::{Digest, RecordId},
};

const PART_DOMAIN: &[u8] = b"lika.log.v1/part\0";
const ENTRY_DOMAIN: &[u8] = b"lika.log.v1/entry\0";

/// The 256 random bits that keep a commitment from being guessed.
///
/// Form data is guessable: without a salt of its own, the commitment to a withheld part would answer any guess about
/// it. For the same reason a salt never outlives its part.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Salt(pub [u8; 32]);

/// A salt opens a commitment, so it is never printed.
impl std::fmt::Debug for Salt {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Salt(…)")
    }
}

/// Commits to a part without telling it.
///
/// ```text
/// SHA-256( "lika.log.v1/part" 00 ‖ u64be(length) ‖ salt(32) ‖ content )
/// ```
pub fn commitment(salt: &Salt, content: &[u8]) -> Digest {
    let mut hasher = Sha256::new();
    hasher.update(PART_DOMAIN);
    hasher.update(length(content));
    hasher.update(salt.0);
    hasher.update(content);
    Digest(hasher.finalize().into())
}

/// Hashes an entry from its header and commitments, so that it verifies whatever was withheld.
///
/// ```text
/// SHA-256( "lika.log.v1/entry" 00 ‖ u64be(length of header) ‖ header ‖ commitment(open)(32)
///          ‖ u32be(number of sealed parts) ‖ for each: class(1) ‖ subject(16) ‖ commitment(32) )
/// ```
pub fn entry_hash<'a>(
    header: &[u8],
    open: &Digest,
    sealed: impl ExactSizeIterator<Item = (Class, &'a RecordId, &'a Digest)>,
) -> Digest {
    let mut hasher = Sha256::new();
    hasher.update(ENTRY_DOMAIN);
    hasher.update(length(header));
    hasher.update(header);
    hasher.update(open.0);
    let count = u32::try_from(sealed.len()).expect("an entry has far fewer than 2^32 parts");
    hasher.update(count.to_be_bytes());
    for (class, subject, commitment) in sealed {
        hasher.update([class.number()]);
        hasher.update(subject.0);
        hasher.update(commitment.0);
    }
    Digest(hasher.finalize().into())
}

fn length(bytes: &[u8]) -> [u8; 8] {
    (bytes.len() as u64).to_be_bytes()
}
