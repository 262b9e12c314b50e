//! The table against a model, reopened after every step, and against damage.

use std::{collections::BTreeSet, fs, io::Write as _};

use proptest::prelude::*;

use super::*;

const KEY: &[u8] = b"key";

fn token(number: u8) -> Token {
    // Few first bytes, so that neighbours share them.
    Token([number % 7, number].repeat(16).try_into().unwrap())
}

fn handle(number: u8) -> Handle {
    Handle([number; 16])
}

fn node(number: u8) -> NodeId {
    NodeId([number; 16])
}

fn all(numbers: impl IntoIterator<Item = u8>) -> Vec<(Token, Handle)> {
    numbers
        .into_iter()
        .map(|it| (token(it), handle(it)))
        .collect()
}

fn come(number: u64, add: impl IntoIterator<Item = u8>) -> Difference {
    Difference {
        number,
        add: all(add),
        ..Difference::default()
    }
}

#[derive(Clone, Debug)]
enum Act {
    Begin(u8),
    Add(u8, BTreeSet<u8>),
    Remove(u8, BTreeSet<u8>),
    Reopen,
}

fn act() -> impl Strategy<Value = Act> {
    let some = || proptest::collection::btree_set(0_u8..60, 1..20);
    prop_oneof![
        1 => (0_u8..3).prop_map(Act::Begin),
        6 => (0_u8..3, some()).prop_map(|(node, some)| Act::Add(node, some)),
        3 => (0_u8..3, some()).prop_map(|(node, some)| Act::Remove(node, some)),
        2 => Just(Act::Reopen),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Few changes are held in memory, so that generations follow each other quickly.
    #[test]
    fn it_has_what_was_submitted_however_often_it_is_opened(
        acts in proptest::collection::vec(act(), 1..40),
    ) {
        let temp = tempfile::tempdir().unwrap();
        let open = || Table::open_with(temp.path(), 30).unwrap();
        let mut table = open();
        let mut model: [Option<BTreeSet<u8>>; 3] = [const { None }; 3];
        for act in acts {
            match act {
                Act::Begin(of) => {
                    table.begin(node(of), "360323", 1, KEY).unwrap();
                    model[usize::from(of)] = Some(BTreeSet::new());
                }
                Act::Add(of, numbers) | Act::Remove(of, numbers)
                    if model[usize::from(of)].is_none() =>
                {
                    let _ = numbers;
                }
                Act::Add(of, numbers) => {
                    let known = model[usize::from(of)].as_mut().unwrap();
                    let slot = table.slot(&node(of), 1, KEY).unwrap().clone();
                    let difference = come(slot.number + 1, numbers.iter().copied());
                    let fits = known.is_disjoint(&numbers);
                    prop_assert_eq!(table.fits(slot.id, &difference).unwrap(), fits);
                    if fits {
                        table.apply(slot.id, &difference).unwrap();
                        known.extend(numbers);
                    }
                }
                Act::Remove(of, numbers) => {
                    let known = model[usize::from(of)].as_mut().unwrap();
                    let slot = table.slot(&node(of), 1, KEY).unwrap().clone();
                    let difference = Difference {
                        number: slot.number + 1,
                        remove: all(numbers.iter().copied()),
                        ..Difference::default()
                    };
                    let fits = numbers.is_subset(known);
                    prop_assert_eq!(table.fits(slot.id, &difference).unwrap(), fits);
                    if fits {
                        table.apply(slot.id, &difference).unwrap();
                        known.retain(|number| !numbers.contains(number));
                    }
                }
                Act::Reopen => table = { drop(table); open() },
            }
            for (of, known) in (0_u8..).zip(&model) {
                let slot = table.slot(&node(of), 1, KEY);
                prop_assert_eq!(slot.map(|it| it.tokens), known.as_ref().map(|it| it.len() as u64));
                let Some(slot) = slot.map(|slot| slot.id) else { continue };
                for number in 0_u8..60 {
                    let others = table.others(&token(number), slot).unwrap();
                    let expected = (0_u8..).zip(&model).filter(|(other, it)| {
                        *other != of && it.as_ref().is_some_and(|it| it.contains(&number))
                    });
                    prop_assert_eq!(others.len(), expected.count());
                    prop_assert!(others.iter().all(|(_, found)| *found == handle(number)));
                }
            }
        }
    }
}

#[test]
fn only_equal_versions_and_keys_are_compared() {
    let temp = tempfile::tempdir().unwrap();
    let mut table = Table::open(temp.path()).unwrap();
    let mut begin = |of, version, key: &[u8]| {
        let slot = table.begin(node(of), "360323", version, key).unwrap();
        table.apply(slot, &come(1, [1])).unwrap();
        slot
    };
    let own = begin(1, 1, KEY);
    begin(2, 2, KEY);
    begin(3, 1, b"another key");
    begin(4, 1, KEY);
    let others = table.others(&token(1), own).unwrap();
    let others: Vec<[u8; 16]> = others.iter().map(|(slot, _)| slot.node).collect();
    assert_eq!(others, [[4; 16]]);
}

#[test]
fn what_is_given_up_is_not_there_again_under_the_next() {
    let temp = tempfile::tempdir().unwrap();
    let mut table = Table::open_with(temp.path(), 2).unwrap();
    let first = table.begin(node(1), "360323", 1, KEY).unwrap();
    table.apply(first, &come(1, [1, 2, 3])).unwrap();
    let second = table.begin(node(1), "360323", 1, KEY).unwrap();
    assert_ne!(first, second);
    assert!(table.fits(second, &come(1, [1])).unwrap());
    let other = table.begin(node(2), "360323", 1, KEY).unwrap();
    assert!(table.others(&token(1), other).unwrap().is_empty());
}

#[test]
fn one_flipped_byte_in_any_file_is_found() {
    let temp = tempfile::tempdir().unwrap();
    let mut table = Table::open_with(temp.path(), 200).unwrap();
    let slot = table.begin(node(1), "360323", 1, KEY).unwrap();
    table.apply(slot, &come(1, 0..220)).unwrap();
    table.apply(slot, &come(2, 220..230)).unwrap();
    drop(table);
    let mut looked_at = Vec::new();
    for entry in fs::read_dir(temp.path()).unwrap() {
        let file = entry.unwrap().path();
        let bytes = fs::read(&file).unwrap();
        looked_at.push(file.file_name().unwrap().to_str().unwrap().to_owned());
        for at in (0..bytes.len()).step_by(7) {
            let mut flipped = bytes.clone();
            flipped[at] ^= 0x04;
            fs::write(&file, &flipped).unwrap();
            let read = Table::open_with(temp.path(), 200).and_then(|table| {
                (0..=255).try_for_each(|number| table.others(&token(number), slot).map(drop))
            });
            let is_named =
                matches!(&read, Err(Error::Damaged { file: named, .. }) if *named == file);
            assert!(is_named, "{}: {at}: {read:?}", file.display());
        }
        fs::write(&file, &bytes).unwrap();
    }
    looked_at.sort();
    assert_eq!(looked_at, ["changes-1", "current", "rows-1"]);
}

#[test]
fn a_generation_that_was_not_finished_never_counts() {
    let temp = tempfile::tempdir().unwrap();
    let mut table = Table::open_with(temp.path(), 200).unwrap();
    let slot = table.begin(node(1), "360323", 1, KEY).unwrap();
    table.apply(slot, &come(1, 0..10)).unwrap();
    drop(table);
    let mut half = fs::File::create(temp.path().join("rows-1")).unwrap();
    half.write_all(b"LIKAROW1").unwrap();
    let table = Table::open_with(temp.path(), 200).unwrap();
    assert_eq!(table.slots().map(|slot| slot.tokens).sum::<u64>(), 10);
    assert!(!temp.path().join("rows-1").exists());
}
