//! sled: grouped commits of the same record, and loading the keys of a whole registry.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result};

use super::grouped;

/// A batch of this many keys is applied at once, as the node does.
const CHUNK: usize = 512;

/// Keys and values of a registry.
pub type Pairs = Vec<(sled::IVec, sled::IVec)>;

/// Acknowledged records of this size a second, each with three index keys, one flush a group. sled's flush is no
/// fdatasync, so this is less durable than what the node acknowledges.
pub fn measure(folder: &Path, size: usize) -> Result<f64> {
    let tree = sled::open(folder.join("sled-grouped"))?;
    let record = vec![0x5a; size];
    grouped::acknowledged(move |records| {
        let mut batch = sled::Batch::default();
        for _ in 0..records {
            let id = uuid::Uuid::new_v4();
            batch.insert(id.as_bytes(), record.as_slice());
            for index in [b"area", b"hous", b"cadr"] {
                batch.insert([index, id.as_bytes().as_slice()].concat(), &[]);
            }
        }
        tree.apply_batch(batch)?;
        tree.flush()?;
        Ok(())
    })
}

/// Every key and value of a registry whose node does not run.
pub fn read(folder: &Path) -> Result<Pairs> {
    let tree = sled::open(folder).with_context(|| format!("cannot read {}", folder.display()))?;
    let mut pairs = Vec::new();
    for name in tree.tree_names() {
        for pair in tree.open_tree(name)?.iter() {
            pairs.push(pair?);
        }
    }
    Ok(pairs)
}

/// How long sled takes to load these keys, flushed at the end.
pub fn load(folder: &Path, pairs: &Pairs) -> Result<Duration> {
    let tree = sled::Config::new()
        .path(folder)
        .cache_capacity(128 << 20)
        .open()?;
    let begun = Instant::now();
    for chunk in pairs.chunks(CHUNK) {
        let mut batch = sled::Batch::default();
        for (key, value) in chunk {
            batch.insert(key, value);
        }
        tree.apply_batch(batch)?;
    }
    tree.flush()?;
    Ok(begun.elapsed())
}
