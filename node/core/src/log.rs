//! The log: entries chained by hashes, whose personal parts can be withheld and still verify.
//!
//! This is the one thing that can never change: what a county wrote must verify in thirty years. The messages are in
//! `lika/log/v1/log.proto`; the bytes under the hash are drawn at [`commitment`] and [`entry_hash`]; golden vectors in
//! `tests` hold both still.
//!
//! ```text
//!  Draft (what core decided)                Entry (what the log keeps)
//!  ┌───────────────────────────┐            ┌──────────────────────────────────────────┐
//!  │ action kind record rev    │   seal()   │ header bytes ── previous ── hash ──►next │
//!  │ area                      │ ─────────► │ open part + salt                         │
//!  │ open bytes                │  Sealer    │ sealed: subject class commitment         │
//!  │ sealed: subject class ... │            │         ciphertext(salt ‖ content)       │
//!  └───────────────────────────┘            └──────────────────────────────────────────┘
//! ```
//!
//! Beside the chain stands a [`tree`] over the same hashes, for those who have one entry and not the whole log.

mod entry;
mod hash;
mod header;
pub mod tree;

pub use entry::{Draft, Entry, Error, Part, PartState, Place, SealedPart, Sealer};
pub use hash::{Salt, commitment, entry_hash};
pub use header::{Action, Class, Header, Kind};

/// The most bytes that an entry may have: a link carries each in one message.
pub const LARGEST_ENTRY: usize = 16 << 20;
