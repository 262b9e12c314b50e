use lika_core::{
    log::{
        Entry,
        tree::{Edge, TreeHead},
    },
    value::Digest,
};

use super::*;

fn at(seq: u64) -> Position {
    Position { epoch: 1, seq }
}

fn hashes(reader: &Reader, node: &NodeId) -> Vec<Digest> {
    let entries = reader.entries_after(node, Position::default(), u64::MAX);
    entries.unwrap().iter().map(Entry::hash).copied().collect()
}

/// Every tree of the log, and proofs between them, against its entries.
fn assert_trees(reader: &Reader, node: &NodeId) {
    let hashes = hashes(reader, node);
    let size = hashes.len() as u64;
    let mut edge = Edge::default();
    let mut heads: Vec<TreeHead> = vec![edge.head()];
    for hash in &hashes {
        edge.push(hash, |_, _| {});
        heads.push(edge.head());
    }
    // Around the ends of subtrees that are kept, and a few in between: each small subtree is read from the log.
    let is_asked = |seq: u64| seq < 4 || matches!(seq % 256, 0 | 1 | 255) || seq.is_multiple_of(61);
    for (seq, expected) in (0..).zip(&heads).filter(|(seq, _)| is_asked(*seq)) {
        let head = reader.tree_head(node, at(seq)).unwrap().unwrap();
        assert_eq!(head, *expected, "of {seq} entries");
    }
    let last = heads.last().unwrap();
    for (seq, hash) in (1..).zip(&hashes).step_by(61) {
        let proof = reader.prove_inclusion(node, at(seq), size).unwrap();
        proof.unwrap().shows_inclusion(hash, seq, last).unwrap();
        let proof = reader.prove_consistency(node, seq, at(size)).unwrap();
        let old = &heads[usize::try_from(seq).unwrap()];
        proof.unwrap().shows_consistency(old, last).unwrap();
    }
    assert_eq!(reader.tree_head(node, at(size)).unwrap(), Some(*last));
    assert_eq!(reader.tree_head(node, at(size + 1)).unwrap(), None);
    assert_eq!(
        reader.prove_inclusion(node, at(size + 1), size).unwrap(),
        None
    );
}

/// Enough for subtrees that are kept, in batches of different lengths.
fn fill(store: &Store) {
    store.submit_blocking(begin()).unwrap();
    let mut next = 1;
    for many in [1, 2, 30, 1, 300, 7, 41] {
        let changes = (next..next + many).flat_map(|number| registered(number).changes);
        let name = format!("households from {next}");
        let filled = command(&name, changes.collect());
        store.submit_blocking(filled).unwrap();
        next += many;
    }
}

#[test]
fn what_is_proved_of_a_log_follows_from_its_entries_after_a_rebuild_too() {
    let world = World::real();
    let store = world.open().unwrap();
    fill(&store);
    assert!(store.reader().standing().tails[&0].position.seq > 512);
    assert_trees(&store.reader(), &node_id());
    assert_sound(&store);
    let rows = store.rows();
    store.close().unwrap();
    std::fs::remove_dir_all(world.registry()).unwrap();
    let store = world.open().unwrap();
    assert_eq!(store.rows(), rows);
    assert_trees(&store.reader(), &node_id());
}

#[test]
fn a_node_above_has_the_same_trees() {
    let county = World::real();
    let store = county.open().unwrap();
    fill(&store);
    let entries = store
        .reader()
        .entries_after(&node_id(), Position::default(), u64::MAX)
        .unwrap();
    let mut upper = World::real();
    upper.settings.node = NodeId([1; 16]);
    upper.settings.area = area("36");
    let above = upper.open().unwrap();
    let rendered: Vec<Entry> = entries.into_iter().map(Entry::withhold).collect();
    for few in rendered.chunks(97) {
        above.receive_blocking(node_id(), few.to_vec()).unwrap();
    }
    assert_trees(&above.reader(), &node_id());
    let end = store.reader().standing().tails[&0].position;
    assert_eq!(
        above.reader().tree_head(&node_id(), end).unwrap(),
        store.reader().tree_head(&node_id(), end).unwrap()
    );
}
