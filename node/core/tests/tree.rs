//! The Merkle tree of a log: what is proved holds, and nothing else does.

#![allow(
    clippy::unwrap_used,
    reason = "in a test a panic is the report, in helpers too"
)]

use std::convert::Infallible;

use lika_core::{
    log::tree::{self, Edge, NotProven, Proof, Subtree, Subtrees, TreeHead},
    value::Digest,
};
use proptest::prelude::*;
use sha2::{Digest as _, Sha256};

/// The hashes of a log's entries.
struct Entries(Vec<Digest>);

impl Entries {
    fn new(size: u64) -> Self {
        Self((0..size).map(entry).collect())
    }

    fn head(&self, size: u64) -> TreeHead {
        never(tree::head(self, size))
    }
}

impl Subtrees for Entries {
    type Error = Infallible;

    fn subtree(&self, subtree: Subtree) -> Result<Digest, Infallible> {
        let first = usize::try_from(subtree.first_seq() - 1).unwrap();
        let size = usize::try_from(subtree.size()).unwrap();
        Ok(tree::root_of(&self.0[first..first + size]).unwrap())
    }
}

fn entry(number: u64) -> Digest {
    Digest(Sha256::digest(number.to_be_bytes()).into())
}

fn never<T>(result: Result<T, Infallible>) -> T {
    match result {
        Ok(value) => value,
        Err(never) => match never {},
    }
}

/// RFC 6962, section 2.1, as it stands there.
fn by_definition(entries: &[Digest]) -> Digest {
    match entries {
        [] => Digest(Sha256::digest([]).into()),
        [only] => Digest(Sha256::digest([&[0][..], &only.0].concat()).into()),
        several => {
            let half = several.len().next_power_of_two() / 2;
            let (left, right) = several.split_at(half);
            let (left, right) = (by_definition(left), by_definition(right));
            Digest(Sha256::digest([&[1][..], &left.0, &right.0].concat()).into())
        }
    }
}

fn flipped(digest: &Digest, bit: usize) -> Digest {
    let mut bytes = digest.0;
    bytes[bit / 8 % 32] ^= 1 << (bit % 8);
    Digest(bytes)
}

#[test]
fn the_edge_the_whole_subtrees_and_the_definition_agree() {
    let entries = Entries::new(70);
    let mut edge = Edge::default();
    for size in 0..=70 {
        let expected = by_definition(&entries.0[..usize::try_from(size).unwrap()]);
        assert_eq!(
            edge.head(),
            TreeHead {
                size,
                root: expected
            }
        );
        assert_eq!(entries.head(size), edge.head());
        let again = Edge::new(edge.size(), edge.roots().to_vec());
        assert_eq!(again.as_ref(), Some(&edge));
        edge.push(&entry(size), |subtree, root| {
            assert_eq!(never(entries.subtree(subtree)), *root);
        });
    }
    assert_eq!(Edge::new(3, vec![entry(0)]), None);
}

#[test]
fn every_entry_is_proved_in_every_tree_that_has_it_and_nowhere_else() {
    let entries = Entries::new(40);
    for size in 0..=40 {
        let head = entries.head(size);
        for seq in 0..=size + 1 {
            let proof = never(Proof::of_inclusion(&entries, seq, size));
            assert_eq!(proof.is_some(), (1..=size).contains(&seq));
            let Some(proof) = proof else { continue };
            assert_eq!(proof.shows_inclusion(&entry(seq - 1), seq, &head), Ok(()));
            let other_place = proof.shows_inclusion(&entry(seq - 1), seq % size + 1, &head);
            assert_eq!(other_place.is_ok(), size == 1);
            let other_entry = proof.shows_inclusion(&entry(99), seq, &head);
            assert_eq!(other_entry, Err(NotProven::NotIncluded { seq, size }));
        }
    }
}

#[test]
fn a_tree_continues_those_that_it_began_as() {
    let entries = Entries::new(40);
    for new in 0..=40 {
        for old in 0..=40 {
            let proof = never(Proof::of_consistency(&entries, old, new));
            assert_eq!(proof.is_some(), old <= new);
            let Some(proof) = proof else { continue };
            let (from, to) = (entries.head(old), entries.head(new));
            assert_eq!(proof.shows_consistency(&from, &to), Ok(()));
            let other = TreeHead {
                root: flipped(&from.root, 3),
                ..from
            };
            assert_eq!(
                proof.shows_consistency(&other, &to),
                Err(NotProven::NotContinued { old, new })
            );
            let backwards = proof.shows_consistency(&to, &from);
            assert_eq!(backwards.is_ok(), old == new);
        }
    }
}

#[test]
fn sizes_that_no_log_has_are_refused() {
    let (proof, root) = (Proof::new(vec![entry(1); 60]), entry(0));
    let huge = TreeHead {
        size: u64::MAX,
        root,
    };
    assert_eq!(
        proof.shows_inclusion(&entry(1), 1, &huge),
        Err(NotProven::Shape(u64::MAX))
    );
    let small = TreeHead { size: 1, root };
    assert_eq!(
        proof.shows_consistency(&small, &huge),
        Err(NotProven::Shape(u64::MAX))
    );
    assert_eq!(
        proof.shows_inclusion(&entry(1), 0, &small),
        Err(NotProven::Shape(1))
    );
}

proptest! {
    /// One bit anywhere, a hash more or less: nothing is proved any more.
    #[test]
    fn an_altered_proof_proves_nothing(
        old in 1_u64..300,
        more in 1_u64..300,
        seq in any::<proptest::sample::Index>(),
        hash in any::<proptest::sample::Index>(),
        bit in 0_usize..256,
    ) {
        let new = old + more;
        let entries = Entries::new(new);
        let (from, to) = (entries.head(old), entries.head(new));
        let seq = seq.index(usize::try_from(new).unwrap()) as u64 + 1;
        let inclusion = never(Proof::of_inclusion(&entries, seq, new)).unwrap();
        let consistency = never(Proof::of_consistency(&entries, old, new)).unwrap();
        for altered in altered(&inclusion, hash, bit) {
            prop_assert!(altered.shows_inclusion(&entry(seq - 1), seq, &to).is_err());
        }
        for altered in altered(&consistency, hash, bit) {
            prop_assert!(altered.shows_consistency(&from, &to).is_err());
        }
    }
}

fn altered(proof: &Proof, hash: proptest::sample::Index, bit: usize) -> [Proof; 3] {
    let hashes = proof.hashes().to_vec();
    let place = hash.index(hashes.len());
    let mut changed = hashes.clone();
    changed[place] = flipped(&changed[place], bit);
    let mut shorter = hashes.clone();
    shorter.remove(place);
    let mut longer = hashes;
    longer.insert(place, Digest([7; 32]));
    [changed, shorter, longer].map(Proof::new)
}
