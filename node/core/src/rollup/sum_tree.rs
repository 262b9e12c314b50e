//! The sum tree: a node commits to its totals and to every household behind them, and shows none of them until it is
//! asked for one.
//!
//! ```text
//!                       root = H(whose, where, when, of what ‖ subtree)          in the log
//!                                       │
//!                  ┌────────── subtree: hash, 3 leaves, keys 0d…f1, sums (3, 11) ──────────┐
//!                  │                                                                       │
//!     subtree: hash, 2 leaves, keys 0d…77, sums (2, 7)          subtree: hash, 1 leaf, keys f1…f1, sums (1, 4)
//!         │                               │                                    │
//!   leaf 0: key 0d, (1, 3)         leaf 1: key 77, (1, 4)               leaf 2: key f1, (1, 4)
//! ```
//!
//! Bytes under the hashes; `subtree` is what its parent hashes of a child, of *both* children: a tree that hashes only
//! the sum of the two lets the owner lower one of them unseen (Chalkias, Chatzigiannis, Ji: Broken proofs of solvency,
//! 2022, of the tree of Maxwell and Todd). Numbers are big-endian, D is the number of dimensions.
//!
//! ```text
//! key        = SHA-256( "lika.rollup.v1/key" 00 ‖ order salt(32) ‖ subject(16) )
//! commitment = SHA-256( "lika.rollup.v1/subject" 00 ‖ salt(32) ‖ subject(16) )
//! leaf       = SHA-256( "lika.rollup.v1/leaf" 00 ‖ key(32) ‖ commitment(32) ‖ u32(D) ‖ D × u64(value) )
//! inner      = SHA-256( "lika.rollup.v1/inner" 00 ‖ u32(D) ‖ subtree(left) ‖ subtree(right) )
//! empty      = SHA-256( "lika.rollup.v1/empty" 00 )
//! subtree    = hash(32) ‖ u64(leaves) ‖ first key(32) ‖ last key(32) ‖ D × u64(sum)
//! order      = SHA-256( "lika.rollup.v1/order" 00 ‖ order salt(32) )
//! about      = node(16) ‖ area(12) ‖ u32(period) ‖ u32(logs) ‖ for each: node(16) ‖ u32(epoch) ‖ u64(seq) ‖ hash(32)
//!              ‖ u32(D) ‖ for each: u16(length) ‖ name ‖ u64(most)
//! root       = SHA-256( "lika.rollup.v1/root" 00 ‖ about ‖ order(32) ‖ subtree(top) )
//! ```
//!
//! Leaves stand in the order of their keys, and every subtree commits to its first and last key; where two meet, the
//! left one ends before the right one begins. A subject has one key, so it has one place: a second leaf of it breaks the
//! order on its own path. The shape is that of RFC 6962 (the left subtree is as large a power of two as fits), so the
//! number of leaves and a position say how long a path is and on which side each neighbour stands.
//!
//! What it does not show: that nobody was left out. And whoever has the order salt and knows of a record can tell its key
//! where a path shows it as the first or last one of a neighbour; the order salt is for inspectors.
//!
//! Frozen: a change of the bytes is a new version in every domain.

mod opening;
#[cfg(test)]
mod tests;

use sha2::{Digest as _, Sha256};
use thiserror::Error as ThisError;

pub use self::opening::{Inspector, Opening, Refusal};
use super::{
    Period,
    committed::{Contribution, Dimension, Dimensions},
};
use crate::{
    log::Salt,
    value::{AreaCode, Digest, NodeId, RecordId},
};

/// A total is an `i64`.
const MOST_SUM: u64 = i64::MAX.unsigned_abs();

/// The end of a log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct LogEnd {
    /// Whose log.
    pub node: NodeId,
    /// Its epoch there.
    pub epoch: u32,
    /// The sequence number of the last entry.
    pub seq: u64,
    /// The hash of that entry.
    pub hash: Digest,
}

/// What a tree is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subject {
    /// Who commits.
    pub node: NodeId,
    /// The households of this area.
    pub area: AreaCode,
    /// Of which period.
    pub period: Period,
    /// As the logs of the node stood, by node.
    pub logs: Vec<LogEnd>,
    /// What is added up.
    pub dimensions: Dimensions,
}

impl Subject {
    /// What salts are made for, so that no two trees share one: `SHA-256( "lika.rollup.v1/about" 00 ‖ about )`.
    pub fn digest(&self) -> Digest {
        let mut hasher = hasher(b"lika.rollup.v1/about\0");
        self.hash_into(&mut hasher);
        finished(hasher)
    }

    fn hash_into(&self, hasher: &mut Sha256) {
        let Self {
            node,
            area,
            period,
            logs,
            dimensions,
        } = self;
        hasher.update(node.0);
        hasher.update(area.key());
        hasher.update(period.number().to_be_bytes());
        hasher.update(count(logs.len()));
        for LogEnd {
            node,
            epoch,
            seq,
            hash,
        } in logs
        {
            hasher.update(node.0);
            hasher.update(epoch.to_be_bytes());
            hasher.update(seq.to_be_bytes());
            hasher.update(hash.0);
        }
        hasher.update(count(dimensions.len()));
        for Dimension { name, most } in dimensions.as_slice() {
            let length = u16::try_from(name.len()).expect("a name has at most 64 bytes");
            hasher.update(length.to_be_bytes());
            hasher.update(name.as_bytes());
            hasher.update(most.to_be_bytes());
        }
    }
}

/// What a node says once and can never say otherwise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Commitment {
    /// What about.
    pub subject: Subject,
    /// The hash of the order salt: whoever could choose it later could give a household two places.
    pub order: Digest,
    /// How many households add something.
    pub leaves: u64,
    /// What they add, by dimension.
    pub totals: Vec<u64>,
    /// The root of the tree.
    pub root: Digest,
}

/// What a parent commits to of a child.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subtree {
    /// Of a leaf or of two children.
    pub hash: Digest,
    /// How many leaves it has.
    pub leaves: u64,
    /// The key of its first leaf.
    pub first: Digest,
    /// The key of its last leaf.
    pub last: Digest,
    /// What they add, by dimension.
    pub sums: Vec<u64>,
}

/// A tree with all that it takes to open its leaves.
#[derive(Clone, Debug)]
pub struct SumTree {
    dimensions: Dimensions,
    order: Salt,
    leaves: Vec<(RecordId, Salt)>,
    /// The leaves, then what each two of them come to, up to the top; the last of an odd number goes up as it is.
    levels: Vec<Vec<Subtree>>,
}

/// Why there is no such tree.
#[derive(Clone, Debug, PartialEq, Eq, ThisError)]
pub enum Error {
    /// Two contributions of one household.
    #[error("household {0} is there twice")]
    Twice(RecordId),
    /// Not one value for each dimension.
    #[error("household {0} has values of other dimensions")]
    Values(RecordId),
    /// More than a total can hold.
    #[error("the sum of {0:?} is more than a total can hold")]
    TooLarge(String),
}

impl SumTree {
    /// Makes the tree of what households add. `salt` gives each its salt, the same whenever it is asked.
    pub fn grow(
        dimensions: Dimensions,
        contributions: Vec<Contribution>,
        order: Salt,
        salt: impl Fn(&RecordId) -> Salt,
    ) -> Result<Self, Error> {
        let keyed = contributions.into_iter();
        let mut keyed: Vec<(Digest, Contribution)> = keyed
            .map(|contribution| (key(&order, &contribution.subject), contribution))
            .collect();
        keyed.sort_unstable_by_key(|(key, _)| *key);
        if let Some(pair) = keyed.windows(2).find(|pair| pair[0].0 == pair[1].0) {
            return Err(Error::Twice(pair[1].1.subject));
        }
        let mut leaves = Vec::with_capacity(keyed.len());
        let mut bottom = Vec::with_capacity(keyed.len());
        for (key, Contribution { subject, values }) in keyed {
            if values.len() != dimensions.len() {
                return Err(Error::Values(subject));
            }
            let salt = salt(&subject);
            bottom.push(Subtree::leaf(key, &commitment(&salt, &subject), values));
            leaves.push((subject, salt));
        }
        let mut levels = vec![bottom];
        while let Some(level) = levels.last().filter(|level| level.len() > 1) {
            levels.push(above(level, &dimensions)?);
        }
        Ok(Self {
            dimensions,
            order,
            leaves,
            levels,
        })
    }

    /// What the root commits to.
    pub fn top(&self) -> Subtree {
        let top = self.levels.last().and_then(|level| level.first());
        let nothing = || Subtree::empty(self.dimensions.len());
        top.cloned().unwrap_or_else(nothing)
    }

    /// The commitment of this tree, as one about a subject of its dimensions.
    pub fn commit(&self, subject: Subject) -> Commitment {
        let (order, top) = (order(&self.order), self.top());
        Commitment {
            root: root(&subject, &order, &top),
            subject,
            order,
            leaves: top.leaves,
            totals: top.sums,
        }
    }

    /// The order salt, which every opening is checked with.
    pub fn order(&self) -> &Salt {
        &self.order
    }

    /// Opens a leaf; none beyond the last one.
    pub fn open(&self, position: u64) -> Option<Opening> {
        let mut place = usize::try_from(position).ok()?;
        let (subject, salt) = *self.leaves.get(place)?;
        let values = self.levels.first()?.get(place)?.sums.clone();
        let mut path = Vec::new();
        for level in &self.levels {
            path.extend(level.get(place ^ 1).cloned());
            place /= 2;
        }
        Some(Opening {
            position,
            subject,
            salt,
            values,
            path,
        })
    }
}

impl Subtree {
    /// A leaf.
    fn leaf(key: Digest, commitment: &Digest, values: Vec<u64>) -> Self {
        let mut hasher = hasher(b"lika.rollup.v1/leaf\0");
        hasher.update(key.0);
        hasher.update(commitment.0);
        hasher.update(count(values.len()));
        for value in &values {
            hasher.update(value.to_be_bytes());
        }
        Self {
            hash: finished(hasher),
            leaves: 1,
            first: key,
            last: key,
            sums: values,
        }
    }

    fn empty(dimensions: usize) -> Self {
        Self {
            hash: finished(hasher(b"lika.rollup.v1/empty\0")),
            leaves: 0,
            first: Digest::ZERO,
            last: Digest::ZERO,
            sums: vec![0; dimensions],
        }
    }

    /// What two come to, the left one first; the dimension whose sum is too large where there is none.
    fn of_two(left: &Self, right: &Self) -> Result<Self, usize> {
        let mut hasher = hasher(b"lika.rollup.v1/inner\0");
        hasher.update(count(left.sums.len()));
        left.hash_into(&mut hasher);
        right.hash_into(&mut hasher);
        let sums = left.sums.iter().zip(&right.sums).enumerate();
        let sums = sums.map(|(dimension, (left, right))| {
            let sum = left.checked_add(*right).filter(|sum| *sum <= MOST_SUM);
            sum.ok_or(dimension)
        });
        Ok(Self {
            hash: finished(hasher),
            leaves: left.leaves.saturating_add(right.leaves),
            first: left.first,
            last: right.last,
            sums: sums.collect::<Result<_, _>>()?,
        })
    }

    fn hash_into(&self, hasher: &mut Sha256) {
        let Self {
            hash,
            leaves,
            first,
            last,
            sums,
        } = self;
        hasher.update(hash.0);
        hasher.update(leaves.to_be_bytes());
        hasher.update(first.0);
        hasher.update(last.0);
        for sum in sums {
            hasher.update(sum.to_be_bytes());
        }
    }
}

fn above(level: &[Subtree], dimensions: &Dimensions) -> Result<Vec<Subtree>, Error> {
    let name = |dimension: usize| {
        let named = dimensions.as_slice().get(dimension);
        Error::TooLarge(named.map_or_else(String::new, |own| own.name.to_string()))
    };
    let pairs = level.chunks(2);
    pairs
        .map(|pair| match pair {
            [left, right] => Subtree::of_two(left, right).map_err(name),
            alone => Ok(alone[0].clone()),
        })
        .collect()
}

/// The place of a subject among the others.
fn key(order: &Salt, subject: &RecordId) -> Digest {
    let mut hasher = hasher(b"lika.rollup.v1/key\0");
    hasher.update(order.0);
    hasher.update(subject.0);
    finished(hasher)
}

fn commitment(salt: &Salt, subject: &RecordId) -> Digest {
    let mut hasher = hasher(b"lika.rollup.v1/subject\0");
    hasher.update(salt.0);
    hasher.update(subject.0);
    finished(hasher)
}

fn order(salt: &Salt) -> Digest {
    let mut hasher = hasher(b"lika.rollup.v1/order\0");
    hasher.update(salt.0);
    finished(hasher)
}

fn root(subject: &Subject, order: &Digest, top: &Subtree) -> Digest {
    let mut hasher = hasher(b"lika.rollup.v1/root\0");
    subject.hash_into(&mut hasher);
    hasher.update(order.0);
    top.hash_into(&mut hasher);
    finished(hasher)
}

fn hasher(domain: &[u8]) -> Sha256 {
    let mut hasher = Sha256::new();
    hasher.update(domain);
    hasher
}

fn finished(hasher: Sha256) -> Digest {
    Digest(hasher.finalize().into())
}

fn count(number: usize) -> [u8; 4] {
    let number = u32::try_from(number).expect("far fewer than 2^32 dimensions and logs");
    number.to_be_bytes()
}
