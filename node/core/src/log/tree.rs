//! The Merkle tree over the entries of a log, beside their chain.
//!
//! The chain shows that nothing before an entry was changed, to whoever has everything before it. The tree shows the
//! same to somebody who has one entry and a signed root: RFC 6962, section 2.1, over SHA-256.
//!
//! ```text
//!                 root of 5                       leaf    SHA-256( 00 ‖ hash of the entry )
//!               /          \                      parent  SHA-256( 01 ‖ left ‖ right )
//!         (2, 0)            \
//!        /      \            \                    (level, index): a whole subtree of 2^level leaves
//!   (1, 0)      (1, 1)        \
//!    /  \        /  \          \
//!  (0,0)(0,1) (0,2)(0,3)      (0,4)               leaf 0 is the entry with sequence number 1
//! ```
//!
//! A log has a tree for each epoch. Whole subtrees never change, so they are what is kept; everything else is computed
//! from them. What is proved to whom is decided by `ct-merkle`.

use ct_merkle::{
    ConsistencyProof, InclusionProof, RootHash, indices_for_consistency_proof,
    indices_for_inclusion_proof,
};
use sha2::{Digest as _, Sha256};
use thiserror::Error as ThisError;

use crate::value::Digest;

const LEAF: [u8; 1] = [0];
const PARENT: [u8; 1] = [1];
/// More entries than a log ever has; sizes that strangers name are bounded by it.
const LARGEST: u64 = 1 << 48;

/// A whole subtree: 2^level leaves, the index-th of its level.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Subtree {
    /// Its height; 0 is a leaf.
    pub level: u8,
    /// Its place among the subtrees of its level, from 0.
    pub index: u64,
}

impl Subtree {
    /// The sequence number of its first entry.
    pub fn first_seq(&self) -> u64 {
        (self.index << self.level) + 1
    }

    /// How many entries it has.
    pub fn size(&self) -> u64 {
        1 << self.level
    }
}

/// What a tree of so many entries hashes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TreeHead {
    /// How many entries: the sequence number of the last.
    pub size: u64,
    /// The root.
    pub root: Digest,
}

/// Where the whole subtrees of a log are read.
pub trait Subtrees {
    /// Why one cannot be read.
    type Error;

    /// The root of a whole subtree of the log.
    fn subtree(&self, subtree: Subtree) -> Result<Digest, Self::Error>;
}

/// The right edge of a tree that grows: the largest whole subtrees, from left to right.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Edge {
    size: u64,
    roots: Vec<Digest>,
}

/// Hashes that prove something to whoever knows the roots.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proof(Vec<Digest>);

/// Why a proof does not hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ThisError)]
pub enum NotProven {
    /// No proof can be of this shape.
    #[error("the proof does not fit a tree of {0} entries")]
    Shape(u64),
    /// The entry is not in the tree.
    #[error("entry {seq} is not what the root of {size} entries says")]
    NotIncluded {
        /// Which.
        seq: u64,
        /// The size of the tree.
        size: u64,
    },
    /// The larger tree does not continue the smaller one.
    #[error("the root of {new} entries does not continue the root of {old}")]
    NotContinued {
        /// The size of the smaller tree.
        old: u64,
        /// The size of the larger tree.
        new: u64,
    },
}

impl Edge {
    /// The edge of a tree of so many entries, from the roots of its largest whole subtrees; none when there is another
    /// number of them.
    pub fn new(size: u64, roots: Vec<Digest>) -> Option<Self> {
        (size.count_ones() as usize == roots.len()).then_some(Self { size, roots })
    }

    /// How many entries the tree has.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The roots of the largest whole subtrees, from left to right.
    pub fn roots(&self) -> &[Digest] {
        &self.roots
    }

    /// Adds the next entry of the log by its hash. `whole` hears of every subtree above the leaf that is whole now.
    pub fn push(&mut self, entry: &Digest, mut whole: impl FnMut(Subtree, &Digest)) {
        let mut root = leaf(entry);
        let mut subtree = Subtree {
            level: 0,
            index: self.size,
        };
        while subtree.index % 2 == 1
            && let Some(left) = self.roots.pop()
        {
            root = parent(&left, &root);
            subtree = Subtree {
                level: subtree.level + 1,
                index: subtree.index / 2,
            };
            whole(subtree, &root);
        }
        self.roots.push(root);
        self.size += 1;
    }

    /// The tree so far.
    pub fn head(&self) -> TreeHead {
        TreeHead {
            size: self.size,
            root: joined(&self.roots),
        }
    }
}

/// The root of a whole subtree whose entries have these hashes; none when their number is not a power of two.
pub fn root_of(entries: &[Digest]) -> Option<Digest> {
    let mut edge = Edge::default();
    for entry in entries {
        edge.push(entry, |_, _| {});
    }
    match edge.roots.as_slice() {
        [root] => Some(*root),
        _ => None,
    }
}

/// The tree of the first `size` entries of a log.
pub fn head<S: Subtrees>(subtrees: &S, size: u64) -> Result<TreeHead, S::Error> {
    Ok(TreeHead {
        size,
        root: root(subtrees, 0, size)?,
    })
}

impl Proof {
    /// The proof that these hashes are, as they were given.
    pub fn new(hashes: Vec<Digest>) -> Self {
        Self(hashes)
    }

    /// The hashes, in the order of RFC 6962, sections 2.1.1 and 2.1.2.
    pub fn hashes(&self) -> &[Digest] {
        &self.0
    }

    /// Proves that the entry with a sequence number is among the first `size`; none when it is not.
    pub fn of_inclusion<S: Subtrees>(
        subtrees: &S,
        seq: u64,
        size: u64,
    ) -> Result<Option<Self>, S::Error> {
        if seq == 0 || seq > size || size > LARGEST {
            return Ok(None);
        }
        let nodes = indices_for_inclusion_proof(size, seq - 1);
        Self::read(subtrees, &nodes, size).map(Some)
    }

    /// Proves that the tree of `new` entries continues the one of `old`; none when it cannot. Everything continues the
    /// empty tree, without a hash.
    pub fn of_consistency<S: Subtrees>(
        subtrees: &S,
        old: u64,
        new: u64,
    ) -> Result<Option<Self>, S::Error> {
        if old > new || new > LARGEST {
            return Ok(None);
        }
        if old == 0 {
            return Ok(Some(Self(Vec::new())));
        }
        let nodes = indices_for_consistency_proof(old, new - old);
        Self::read(subtrees, &nodes, new).map(Some)
    }

    /// Whether an entry, by its hash, is the one with this sequence number in a tree.
    pub fn shows_inclusion(
        &self,
        entry: &Digest,
        seq: u64,
        head: &TreeHead,
    ) -> Result<(), NotProven> {
        let size = head.size;
        if seq == 0 || seq > size || size > LARGEST {
            return Err(NotProven::Shape(size));
        }
        let proof = InclusionProof::<Sha256>::try_from_bytes(self.bytes());
        let proof = proof.map_err(|_| NotProven::Shape(size))?;
        root_hash(head)
            .verify_inclusion(&entry.0, seq - 1, &proof)
            .map_err(|_| NotProven::NotIncluded { seq, size })
    }

    /// Whether a tree continues an earlier one.
    pub fn shows_consistency(&self, old: &TreeHead, new: &TreeHead) -> Result<(), NotProven> {
        if old.size > new.size || new.size > LARGEST {
            return Err(NotProven::Shape(new.size));
        }
        let not_continued = NotProven::NotContinued {
            old: old.size,
            new: new.size,
        };
        if old.size == 0 {
            let is_empty = self.0.is_empty() && old.root == joined(&[]);
            return is_empty.then_some(()).ok_or(not_continued);
        }
        let proof = ConsistencyProof::<Sha256>::try_from_bytes(self.bytes());
        let proof = proof.map_err(|_| NotProven::Shape(new.size))?;
        root_hash(new)
            .verify_consistency(&root_hash(old), &proof)
            .map_err(|_| not_continued)
    }

    fn bytes(&self) -> Vec<u8> {
        self.0.iter().flat_map(|hash| hash.0).collect()
    }

    /// The nodes have the numbers of RFC 9420, appendix C: leaves are even, and a node of a level has as many ones at
    /// its end.
    fn read<S: Subtrees>(subtrees: &S, nodes: &[u64], size: u64) -> Result<Self, S::Error> {
        let hashes = nodes.iter().map(|node| {
            let level = node.trailing_ones();
            let first = (node >> level >> 1) << level;
            root(subtrees, first, size.min(first + (1 << level)))
        });
        hashes.collect::<Result<Vec<_>, _>>().map(Self)
    }
}

/// The root over the leaves from one to before another; `from` is where a subtree that is as long begins.
fn root<S: Subtrees>(subtrees: &S, from: u64, until: u64) -> Result<Digest, S::Error> {
    let mut roots = Vec::new();
    let mut first = from;
    while first < until {
        let level = (until - first).ilog2();
        roots.push(subtrees.subtree(Subtree {
            level: u8::try_from(level).expect("the logarithm of a number of 64 bits is below 64"),
            index: first >> level,
        })?);
        first += 1 << level;
    }
    Ok(joined(&roots))
}

/// The root over whole subtrees that get smaller.
fn joined(roots: &[Digest]) -> Digest {
    let mut roots = roots.iter().rev();
    let Some(last) = roots.next() else {
        return Digest(Sha256::digest([]).into());
    };
    roots.fold(*last, |right, left| parent(left, &right))
}

fn leaf(entry: &Digest) -> Digest {
    let hasher = Sha256::new().chain_update(LEAF).chain_update(entry.0);
    Digest(hasher.finalize().into())
}

fn parent(left: &Digest, right: &Digest) -> Digest {
    let hasher = Sha256::new().chain_update(PARENT);
    let hasher = hasher.chain_update(left.0).chain_update(right.0);
    Digest(hasher.finalize().into())
}

fn root_hash(head: &TreeHead) -> RootHash<Sha256> {
    RootHash::new(head.root.0.into(), head.size)
}
