//! Evaluations as a file, to be replayed by anybody: without the registry, and without a node.
//!
//! ```text
//! "LIKABDL1" │ length │ SHA-256 │ item │ length │ SHA-256 │ item │ … │ the end
//! ```
//!
//! What is in it is what the log holds in the open, keyed by record ids: the input has to be the recorded one byte for
//! byte, so no key can be exchanged for another. A damaged item is named by its number and place; one that was changed
//! with its digest is found when it is replayed.

mod reading;
mod writing;

pub use self::{
    reading::{Bundle, Damage, Item},
    writing::Wanted,
};

const MAGIC: &[u8; 8] = b"LIKABDL1";
/// Length and digest of an item.
const PREFIX: usize = 4 + 32;
