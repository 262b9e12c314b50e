//! One person in two counties is found, and nobody above learns who it is.
//!
//! ```text
//!  county                          key-holder                       comparing node
//!  document ─blind─► element ────► evaluates, counts, proves
//!  token ◄─check, unblind───────── element
//!    └──── token, handle ─────────────────────────────────────────► table: equal tokens of two counties
//!  alert: handle ─► own member ◄────────────────────────────────────── alert: two counties, two handles
//!  statement, signed ─────────────────────────────────────────────► settled when both have signed the same
//! ```
//!
//! A number can be enumerated, so neither a hash nor a key that many share would do. The key-holder sees blinded points
//! and the comparing node sees outputs of a function that it cannot compute; only the two together could enumerate. Tokens
//! stand beside the log, in `data/duplicates`, never in it: whatever is lost there is made again by submitting again.
//!
//! Nothing here knows a network; [`wire`](crate::wire) carries it, and [`serve`](crate::serve) introduces the parts.

pub mod alerts;
mod budget;
pub mod comparing;
pub mod county;
mod failure;
pub mod holder;
mod journal;
pub mod key;
mod own;
pub mod statement;
pub mod table;
pub mod token;

#[cfg(test)]
mod tests;

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

pub use self::{
    budget::Evaluated,
    comparing::Comparing,
    county::County,
    failure::{Error, Refusal},
    holder::KeyHolder,
};

/// Elements that are evaluated at a time.
pub const MOST_ELEMENTS: usize = 512;
/// Tokens that come and go in one submission.
pub const MOST_CHANGES: usize = 1024;

/// What a node does about duplicates; nothing unless its configuration says so.
#[derive(Clone, Debug, Default)]
pub struct Roles {
    /// Holds the key.
    pub holder: Option<Arc<KeyHolder>>,
    /// Compares for the nodes below.
    pub comparing: Option<Arc<Comparing>>,
    /// Has members of its own that others may have too.
    pub county: Option<Arc<County>>,
}

/// Where all of it is kept.
pub fn folder(data: &Path) -> PathBuf {
    data.join("duplicates")
}
