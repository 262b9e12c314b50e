//! Proofs of the node's own log.

use lika_core::{authority::Permission, value::Digest};

use super::{Caller, Error, Gateway};
use crate::{
    evidence::{Checkpoint, Earlier, Proof, SigningKey},
    store::{Position, Tail},
    telemetry,
};

impl Gateway {
    /// Signs where the log ends now: the note of a checkpoint. Nothing in it depends on who asks.
    pub fn checkpoint(&self, key: &SigningKey) -> Result<String, Error> {
        let (checkpoint, _) = self.now()?;
        Ok(checkpoint.sign(key))
    }

    /// Signs that the log stood at this entry; none when it never did.
    pub fn checkpoint_at(
        &self,
        key: &SigningKey,
        at: Position,
        hash: Digest,
    ) -> Result<Option<String>, Error> {
        let node = self.inner.reader.node();
        let entry = self.inner.reader.entry_at(&node, at)?;
        let Some(_) = entry.filter(|entry| *entry.hash() == hash) else {
            return Ok(None);
        };
        let tree = self.inner.reader.tree_head(&node, at)?;
        let checkpoint = tree.map(|tree| Checkpoint {
            node,
            epoch: at.epoch,
            tree,
            hash,
            signed_at: self.clock().now_ms(),
        });
        Ok(checkpoint.map(|checkpoint| checkpoint.sign(key)))
    }

    /// Proves that the entry with a sequence number is in the log, and that the log continues an earlier checkpoint.
    pub fn prove(
        &self,
        caller: &Caller,
        key: &SigningKey,
        seq: u64,
        earlier: Option<String>,
    ) -> Result<Proof, Error> {
        let (checkpoint, end) = self.now()?;
        let node = checkpoint.node;
        let at = Position { seq, ..end };
        let entry = self
            .inner
            .reader
            .entry_at(&node, at)?
            .ok_or_else(|| no_such_entry(seq))?;
        caller
            .must(Permission::ReadOpen, &entry.header().area)
            // Whoever may not read there is not told what is there either.
            .map_err(|_| no_such_entry(seq))?;
        let inclusion = self.inner.reader.prove_inclusion(&node, at, end.seq)?;
        let inclusion = inclusion.ok_or_else(|| no_such_entry(seq))?;
        let earlier = earlier.map(|note| self.continues(key, note, end));
        Ok(Proof {
            entry: entry.withhold(),
            checkpoint: checkpoint.sign(key),
            inclusion,
            earlier: earlier.transpose()?,
        })
    }

    fn now(&self) -> Result<(Checkpoint, Position), Error> {
        let reader = &self.inner.reader;
        let node = reader.node();
        let Tail { position, hash, .. } = reader.head(&node).ok_or_else(|| no_such_entry(0))?;
        let tree = reader.tree_head(&node, position)?;
        let checkpoint = Checkpoint {
            node,
            epoch: position.epoch,
            tree: tree.ok_or_else(|| no_such_entry(position.seq))?,
            hash,
            signed_at: self.clock().now_ms(),
        };
        Ok((checkpoint, position))
    }

    fn continues(&self, key: &SigningKey, note: String, end: Position) -> Result<Earlier, Error> {
        let reader = &self.inner.reader;
        let earlier = Checkpoint::open(&note, &key.public());
        let earlier = earlier.map_err(|error| Error::Malformed(telemetry::chain(&error)))?;
        let then = Position {
            epoch: earlier.epoch,
            seq: earlier.tree.size,
        };
        // What this node has signed it must still have, under the same root.
        if reader.tree_head(&earlier.node, then)? != Some(earlier.tree) {
            return Err(Error::Other {
                code: "other-history",
                message: format!("the log is not what the checkpoint at {then} says it was"),
            });
        }
        let consistency = reader.prove_consistency(&earlier.node, then.seq, end)?;
        Ok(Earlier {
            checkpoint: note,
            consistency: consistency.ok_or_else(|| no_such_entry(then.seq))?,
        })
    }
}

fn no_such_entry(seq: u64) -> Error {
    Error::Other {
        code: "no-such-entry",
        message: format!("there is no entry {seq} in the log of this node"),
    }
}
