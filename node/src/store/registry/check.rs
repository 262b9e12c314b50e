//! Comparing what the registry holds with its digest, piece by piece while it serves.
//!
//! The digest is a sum over rows, so it does not depend on their order, and a change moves it by what it adds and
//! removes. A check walks the keys upwards and keeps the sum of what is behind it; changes behind it move that sum too.

use xxhash_rust::xxh3::xxh3_128;

use crate::store::{
    Error,
    registry::{Registry, overlay::Changes, schema},
};

/// A check that is under way.
#[derive(Debug)]
pub struct Check {
    /// The last key that was counted.
    behind: Vec<u8>,
    sum: u128,
}

impl Check {
    /// Begins at the first key.
    pub fn new() -> Self {
        Self {
            behind: vec![schema::META, u8::MAX],
            sum: 0,
        }
    }

    /// Counts some more rows; the sum when there are no more.
    pub fn step(&mut self, registry: &Registry, rows: usize) -> Result<Option<u128>, Error> {
        let after = [self.behind.as_slice(), &[0]].concat();
        let found = registry.scan(&[], Some(&after), rows)?;
        for (key, value) in &found {
            self.sum = self.sum.wrapping_add(row_hash(key, value));
        }
        match found.last() {
            Some((key, _)) => {
                self.behind = key.to_vec();
                Ok(None)
            }
            None => Ok(Some(self.sum)),
        }
    }

    /// Takes note of changes that are being applied.
    pub fn note(&mut self, changes: &Changes) {
        for (key, changed) in changes.range(..=self.behind.clone()) {
            let added = changed.new.as_ref().map_or(0, |value| row_hash(key, value));
            let removed = changed.old.as_ref().map_or(0, |value| row_hash(key, value));
            self.sum = self.sum.wrapping_add(added).wrapping_sub(removed);
        }
    }
}

/// What a row adds to the digest.
pub fn row_hash(key: &[u8], value: &[u8]) -> u128 {
    let mut bytes = Vec::with_capacity(4 + key.len() + value.len());
    bytes.extend_from_slice(&u32::try_from(key.len()).unwrap_or(u32::MAX).to_be_bytes());
    bytes.extend_from_slice(key);
    bytes.extend_from_slice(value);
    xxh3_128(&bytes)
}
