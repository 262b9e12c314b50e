//! The Merkle trees of the logs, as readers prove with them.
//!
//! The registry keeps the roots of large subtrees; what is smaller is computed from the entries themselves.

use lika_core::{
    log::{
        Entry,
        tree::{self, Proof, Subtree, Subtrees, TreeHead},
    },
    value::{Digest, NodeId},
};

use super::{
    Error, Position, Reader, Shared,
    reader::{Amount, read_entries},
    registry::schema::{self, KEPT_LEVEL},
};

/// The tree of one epoch of a log.
struct LogTree<'a> {
    shared: &'a Shared,
    log: u16,
    epoch: u32,
}

impl Reader {
    /// The tree of a node's log up to an entry; none when the log does not reach so far.
    pub fn tree_head(&self, node: &NodeId, at: Position) -> Result<Option<TreeHead>, Error> {
        let tree = self.tree(node, at);
        tree.map(|tree| tree::head(&tree, at.seq)).transpose()
    }

    /// Proves that an entry of a node's log is among the first `size` of its epoch; none when it is not.
    pub fn prove_inclusion(
        &self,
        node: &NodeId,
        at: Position,
        size: u64,
    ) -> Result<Option<Proof>, Error> {
        let end = Position { seq: size, ..at };
        match self.tree(node, end) {
            Some(tree) => Proof::of_inclusion(&tree, at.seq, size),
            None => Ok(None),
        }
    }

    /// Proves that the tree of a node's log up to an entry continues the one of its first `old` entries; none when it
    /// cannot.
    pub fn prove_consistency(
        &self,
        node: &NodeId,
        old: u64,
        end: Position,
    ) -> Result<Option<Proof>, Error> {
        match self.tree(node, end) {
            Some(tree) => Proof::of_consistency(&tree, old, end.seq),
            None => Ok(None),
        }
    }

    /// The tree that has everything up to a position.
    fn tree(&self, node: &NodeId, end: Position) -> Option<LogTree<'_>> {
        let standing = self.shared.published.borrow();
        let mut tails = standing.tails.iter();
        let (log, tail) = tails.find(|(_, tail)| tail.node == *node)?;
        let reaches = end.epoch == tail.position.epoch && end.seq <= tail.position.seq;
        reaches.then_some(LogTree {
            shared: &self.shared,
            log: *log,
            epoch: end.epoch,
        })
    }
}

impl Subtrees for LogTree<'_> {
    type Error = Error;

    fn subtree(&self, subtree: Subtree) -> Result<Digest, Error> {
        let found = match subtree.level >= KEPT_LEVEL {
            true => self.kept(subtree)?,
            false => self.computed(subtree)?,
        };
        found.ok_or_else(|| {
            let Subtree { level, index } = subtree;
            Error::Registry(format!(
                "the tree of log {} has no subtree {index} of level {level}",
                self.log
            ))
        })
    }
}

impl LogTree<'_> {
    fn kept(&self, subtree: Subtree) -> Result<Option<Digest>, Error> {
        let key = schema::subtree_key(self.log, self.epoch, subtree);
        let value = self.shared.heed(self.shared.registry.get(&key))?;
        Ok(value.and_then(|value| schema::subtree(&value)))
    }

    fn computed(&self, subtree: Subtree) -> Result<Option<Digest>, Error> {
        let from = Position {
            epoch: self.epoch,
            seq: subtree.first_seq(),
        };
        let amount = Amount::Entries(1 << subtree.level);
        let entries = read_entries(self.shared, self.log, from, &amount)?;
        let hashes: Vec<Digest> = entries.iter().map(Entry::hash).copied().collect();
        let is_whole = hashes.len() as u64 == subtree.size();
        Ok(tree::root_of(&hashes).filter(|_| is_whole))
    }
}
