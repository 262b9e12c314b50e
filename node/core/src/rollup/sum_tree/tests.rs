//! Every honest opening verifies, everything else is refused.

use proptest::prelude::*;

use super::*;
use crate::value::Ppm;

const ORDER: Salt = Salt([9; 32]);

fn dimensions() -> Dimensions {
    let dimension = |name: &'static str, most| Dimension {
        name: name.into(),
        most,
    };
    let listed = vec![
        dimension("households", 1),
        dimension("income/wages", 1 << 40),
        dimension("people", 100),
    ];
    Dimensions::new(listed).unwrap()
}

fn subject() -> Subject {
    Subject {
        node: NodeId([1; 16]),
        area: AreaCode::parse("360323").unwrap(),
        period: Period::from_number(2016),
        logs: vec![LogEnd {
            node: NodeId([1; 16]),
            epoch: 1,
            seq: 77,
            hash: Digest([8; 32]),
        }],
        dimensions: dimensions(),
    }
}

fn household(number: u64) -> RecordId {
    RecordId::derived("household", &number.to_be_bytes())
}

fn salt(subject: &RecordId) -> Salt {
    Salt(Digest::of(&[b"salt", &subject.0[..]].concat()).0)
}

fn contributions(values: &[[u64; 3]]) -> Vec<Contribution> {
    let numbered = (0..).zip(values);
    let each = numbered.map(|(number, values)| Contribution {
        subject: household(number),
        values: values.to_vec(),
    });
    each.collect()
}

fn grown(values: &[[u64; 3]]) -> SumTree {
    SumTree::grow(dimensions(), contributions(values), ORDER, salt).unwrap()
}

fn some(leaves: u64) -> Vec<[u64; 3]> {
    (0..leaves)
        .map(|number| [number % 2, number * 1000, 1 + number % 5])
        .collect()
}

fn checked(commitment: &Commitment, opening: &Opening) -> Result<(), Refusal> {
    Inspector::begin(commitment, ORDER)?.check(opening)
}

#[test]
fn every_leaf_of_a_tree_of_any_size_opens_and_the_root_has_the_sums() {
    for leaves in 0..=70 {
        let values = some(leaves);
        let tree = grown(&values);
        let commitment = tree.commit(subject());
        assert_eq!(commitment.leaves, leaves);
        for (dimension, total) in commitment.totals.iter().enumerate() {
            let sum: u64 = values.iter().map(|values| values[dimension]).sum();
            assert_eq!(*total, sum);
        }
        let openings: Vec<Opening> = (0..leaves).filter_map(|at| tree.open(at)).collect();
        let inspector = Inspector::begin(&commitment, ORDER).unwrap();
        assert_eq!(inspector.check_all(0..leaves, &openings), Ok(()));
        assert_eq!(tree.open(leaves), None);
    }
}

/// Computed by a program of its own from the layout above.
#[test]
fn the_bytes_are_those_of_the_layout() {
    let commitment = grown(&some(3)).commit(subject());
    expect_test::expect!["e09f06af00f71235340a059a8a9b5d03e8a29a5acf72f904f32aad492d66b731"]
        .assert_eq(&commitment.root.to_string());
    let nothing = grown(&[]).commit(subject());
    expect_test::expect!["7953adb011f0f745c2c0ce3e7eb40d428d32cf6bde8d29a499efc0086b961537"]
        .assert_eq(&nothing.root.to_string());
}

/// Everything that differs in one thing.
fn mutations(opening: &Opening, others: &[Opening]) -> Vec<(String, Opening)> {
    let mut mutations: Vec<(String, Opening)> = Vec::new();
    let mut with = |name: String, change: &dyn Fn(&mut Opening)| {
        let mut changed = opening.clone();
        change(&mut changed);
        mutations.push((name, changed));
    };
    for step in [1, 2, 64] {
        let later = opening.position.wrapping_add(step);
        let earlier = opening.position.wrapping_sub(step);
        with(format!("{step} later"), &|it| it.position = later);
        with(format!("{step} earlier"), &|it| it.position = earlier);
    }
    for byte in 0..32 {
        with(format!("salt {byte}"), &|it| it.salt.0[byte] ^= 1);
    }
    for byte in 0..16 {
        with(format!("subject {byte}"), &|it| it.subject.0[byte] ^= 0x80);
    }
    for dimension in 0..opening.values.len() {
        with(format!("value {dimension}"), &|it| {
            it.values[dimension] ^= 1
        });
        // What one has more the other has less, so that the totals stay.
        for level in 0..opening.path.len() {
            with(format!("shifted {dimension} at {level}"), &|it| {
                it.values[dimension] = it.values[dimension].wrapping_add(1);
                let sum = &mut it.path[level].sums[dimension];
                *sum = sum.wrapping_sub(1);
            });
        }
    }
    with("fewer values".to_owned(), &|it| {
        _ = it.values.pop();
    });
    with("more values".to_owned(), &|it| it.values.push(0));
    with("no values".to_owned(), &|it| it.values.fill(0));
    for level in 0..opening.path.len() {
        mutations_at(opening, level, &mut with);
    }
    for other in others
        .iter()
        .filter(|other| other.position != opening.position)
    {
        let at = other.position;
        with(format!("at the place of {at}"), &|it| it.position = at);
        with(format!("with the path of {at}"), &|it| {
            it.path = other.path.clone()
        });
        with(format!("as the household of {at}"), &|it| {
            (it.subject, it.salt) = (other.subject, other.salt);
        });
    }
    // Some change nothing: both of an inner place have the same path.
    mutations.retain(|(_, changed)| changed != opening);
    mutations
}

type Change<'a> = &'a dyn Fn(&mut Opening);

/// Everything that differs in one subtree of the path.
fn mutations_at(opening: &Opening, level: usize, with: &mut dyn FnMut(String, Change<'_>)) {
    let mut of = |name: &str, change: &dyn Fn(&mut Subtree)| {
        with(format!("{name} at {level}"), &|it| {
            change(&mut it.path[level])
        });
    };
    for byte in [0, 31] {
        of("hash", &|it| it.hash.0[byte] ^= 1);
        of("first", &|it| it.first.0[byte] ^= 1);
        of("last", &|it| it.last.0[byte] ^= 1);
    }
    of("one leaf more", &|it| it.leaves += 1);
    of("one leaf fewer", &|it| it.leaves -= 1);
    of("sums of fewer", &|it| {
        _ = it.sums.pop();
    });
    of("overflow", &|it| it.sums[1] = u64::MAX);
    for dimension in 0..opening.values.len() {
        of("sum", &|it| it.sums[dimension] ^= 1);
    }
    with(format!("left out at {level}"), &|it| {
        drop(it.path.remove(level))
    });
    with(format!("twice at {level}"), &|it| {
        let again = it.path[level].clone();
        it.path.insert(level, again);
    });
    if level > 0 {
        with(format!("exchanged at {level}"), &|it| {
            it.path.swap(level - 1, level)
        });
    }
}

fn commitments_of_something_else(commitment: &Commitment) -> Vec<(String, Commitment)> {
    let mut mutations: Vec<(String, Commitment)> = Vec::new();
    let mut with = |name: &str, change: &dyn Fn(&mut Commitment)| {
        let mut changed = commitment.clone();
        change(&mut changed);
        mutations.push((name.to_owned(), changed));
    };
    with("node", &|it| it.subject.node.0[0] ^= 1);
    with("area", &|it| {
        it.subject.area = AreaCode::parse("360322").unwrap()
    });
    with("period", &|it| {
        it.subject.period = Period::from_number(2017)
    });
    with("epoch", &|it| it.subject.logs[0].epoch += 1);
    with("seq", &|it| it.subject.logs[0].seq += 1);
    with("head", &|it| it.subject.logs[0].hash.0[5] ^= 1);
    with("logs", &|it| it.subject.logs.clear());
    with("order", &|it| it.order.0[0] ^= 1);
    with("a leaf more", &|it| it.leaves += 1);
    with("a leaf fewer", &|it| it.leaves -= 1);
    with("a household more", &|it| it.totals[0] += 1);
    with("fewer totals", &|it| {
        _ = it.totals.pop();
    });
    with("root", &|it| it.root.0[31] ^= 1);
    for dimension in 0..commitment.totals.len() {
        let changed = |change: &dyn Fn(&mut Dimension)| {
            let mut listed = commitment.subject.dimensions.as_slice().to_vec();
            change(&mut listed[dimension]);
            Dimensions::new(listed).unwrap()
        };
        let most = changed(&|it| it.most += 1);
        with("most", &|it| it.subject.dimensions = most.clone());
        let name = changed(&|it| it.name = format!("{}-", it.name).into());
        with("name", &|it| it.subject.dimensions = name.clone());
    }
    mutations
}

proptest! {
    #[test]
    fn whatever_is_altered_is_refused(
        values in proptest::collection::vec((0u64..2, 0u64..1 << 40, 1u64..100), 1..40),
        at: proptest::sample::Index,
    ) {
        let values: Vec<[u64; 3]> = values.into_iter().map(|(a, b, c)| [a, b, c]).collect();
        let tree = grown(&values);
        let commitment = tree.commit(subject());
        let openings: Vec<Opening> = (0..commitment.leaves).filter_map(|at| tree.open(at)).collect();
        let opening = &openings[at.index(openings.len())];
        prop_assert_eq!(checked(&commitment, opening), Ok(()));
        for (name, altered) in mutations(opening, &openings) {
            prop_assert!(checked(&commitment, &altered).is_err(), "{name}: {altered:?}");
        }
        for (name, altered) in commitments_of_something_else(&commitment) {
            prop_assert!(checked(&altered, opening).is_err(), "{name}: {altered:?}");
        }
        let other = Inspector::begin(&commitment, Salt([8; 32]));
        prop_assert_eq!(other.map(|_| ()), Err(Refusal::OrderSalt));
    }

    #[test]
    fn the_root_adds_up_whatever_the_leaves(
        values in proptest::collection::vec((0u64..2, 0u64..1 << 40, 1u64..100), 0..300),
    ) {
        let values: Vec<[u64; 3]> = values.into_iter().map(|(a, b, c)| [a, b, c]).collect();
        let commitment = grown(&values).commit(subject());
        let sum = |dimension: usize| values.iter().map(|values| values[dimension]).sum::<u64>();
        prop_assert_eq!(&commitment.totals, &vec![sum(0), sum(1), sum(2)]);
        // In whatever order they come.
        let mut reversed = contributions(&values);
        reversed.reverse();
        let again = SumTree::grow(dimensions(), reversed, ORDER, salt).unwrap();
        prop_assert_eq!(commitment, again.commit(subject()));
    }
}

#[test]
fn what_was_asked_for_is_answered_once_each() {
    let tree = grown(&some(5));
    let commitment = tree.commit(subject());
    let inspector = Inspector::begin(&commitment, ORDER).unwrap();
    let open = |positions: &[u64]| -> Vec<Opening> {
        let opened = positions.iter().map(|at| tree.open(*at).unwrap());
        opened.collect()
    };
    let check = |answered: &[u64]| inspector.check_all([1, 3], &open(answered));
    assert_eq!(check(&[1, 3]), Ok(()));
    assert_eq!(check(&[1]), Err(Refusal::Asked(3)));
    assert_eq!(check(&[1, 1]), Err(Refusal::Asked(3)));
    assert_eq!(check(&[1, 2]), Err(Refusal::Asked(3)));
    assert_eq!(check(&[1, 3, 4]), Err(Refusal::Asked(4)));
    assert_eq!(check(&[0, 3]), Err(Refusal::Asked(1)));
}

#[test]
fn nothing_that_cannot_be_committed_is() {
    let grow = |contributions| {
        let grown = SumTree::grow(dimensions(), contributions, ORDER, salt);
        grown.map(|_| ()).unwrap_err()
    };
    let twice = [contributions(&some(2)), contributions(&some(1))].concat();
    assert_eq!(grow(twice), Error::Twice(household(0)));
    let mut short = contributions(&some(2));
    short[1].values.pop();
    assert_eq!(grow(short), Error::Values(household(1)));
    let large = contributions(&[[0, 1 << 62, 1], [0, 1 << 62, 1]]);
    assert_eq!(grow(large), Error::TooLarge("income/wages".to_owned()));
}

/// A tree that nobody checked: leaves as they are given, in their order, under hashes that are right.
fn forged(leaves: Vec<(RecordId, Salt, Vec<u64>)>) -> SumTree {
    let bottom = leaves.iter().map(|(subject, salt, values)| {
        let key = key(&ORDER, subject);
        Subtree::leaf(key, &commitment(salt, subject), values.clone())
    });
    let mut levels = vec![bottom.collect::<Vec<_>>()];
    while let Some(level) = levels.last().filter(|level| level.len() > 1) {
        levels.push(above(level, &dimensions()).unwrap());
    }
    SumTree {
        dimensions: dimensions(),
        order: ORDER,
        leaves: leaves
            .iter()
            .map(|(subject, salt, _)| (*subject, *salt))
            .collect(),
        levels,
    }
}

fn honest(leaves: u64) -> Vec<(RecordId, Salt, Vec<u64>)> {
    let mut honest: Vec<_> = (0..leaves)
        .map(|number| (household(number), salt(&household(number)), vec![1, 10, 2]))
        .collect();
    honest.sort_by_key(|(subject, ..)| key(&ORDER, subject));
    honest
}

#[test]
fn a_household_that_stands_twice_is_found_by_one_of_its_leaves() {
    for leaves in 1..20 {
        for from in 0..leaves {
            for to in 0..=leaves {
                let mut twice = honest(leaves);
                let (household, _, values) = twice[usize::try_from(from).unwrap()].clone();
                let copy = (household, Salt([1; 32]), values);
                twice.insert(usize::try_from(to).unwrap(), copy);
                let tree = forged(twice);
                let commitment = tree.commit(subject());
                let both = (0..=leaves).filter_map(|at| tree.open(at));
                let both = both.filter(|opening| opening.subject == household);
                let refused = both.filter(|it| checked(&commitment, it).is_err()).count();
                assert!(refused > 0, "{from} again at {to} of {leaves}");
            }
        }
    }
}

#[test]
fn a_leaf_that_adds_more_than_one_household_can_is_refused() {
    let mut crowded = honest(10);
    crowded[4].2[0] = 5;
    for at in [3, 5, 6, 7] {
        crowded[at].2[0] = 0;
    }
    let tree = forged(crowded);
    let refused = checked(&tree.commit(subject()), &tree.open(4).unwrap());
    let expected = Refusal::BeyondMost {
        dimension: "households".to_owned(),
        leaves: 1,
        value: 5,
        most: 1,
    };
    assert_eq!(refused, Err(expected));
    // Nor can all of them together hide how many there are.
    let mut crowded = honest(10);
    crowded[4].2[0] = 5;
    let commitment = forged(crowded).commit(subject());
    let begun = Inspector::begin(&commitment, ORDER).map(|_| ());
    let expected = Refusal::Totals {
        dimension: "households".to_owned(),
        leaves: 10,
        total: 14,
    };
    assert_eq!(begun, Err(expected));
}

#[test]
fn a_leaf_that_adds_nothing_is_refused() {
    let mut padded = honest(4);
    padded[2].2 = vec![0, 0, 0];
    let tree = forged(padded);
    let refused = checked(&tree.commit(subject()), &tree.open(2).unwrap());
    assert_eq!(refused, Err(Refusal::AddsNothing));
}

/// The attack on trees that hash the sum of both children: one child is shown with less than it has.
#[test]
fn a_subtree_cannot_be_shown_with_less_than_it_has() {
    let tree = forged(honest(8));
    let mut lowered = tree.clone();
    for subtree in &mut lowered.levels[2] {
        subtree.sums[1] -= 1;
    }
    lowered.levels[3] = above(&lowered.levels[2], &dimensions()).unwrap();
    let commitment = lowered.commit(subject());
    for at in 0..8 {
        let refused = checked(&commitment, &lowered.open(at).unwrap());
        assert_eq!(refused, Err(Refusal::Root), "leaf {at}");
    }
}

#[test]
fn an_inspector_finds_a_phantom_as_often_as_promised() {
    use crate::rollup::inspection::{draw, probability};
    let (leaves, phantoms, opened) = (200, 10, 20);
    let times = 2000u32;
    let found = (0..times).filter(|number| {
        let mut seed = [0; 32];
        seed[..4].copy_from_slice(&number.to_be_bytes());
        let drawn = draw(&seed, &Digest::ZERO, leaves, opened);
        // Which ones they are does not matter to whoever draws.
        drawn
            .iter()
            .any(|position| position % (leaves / phantoms) == 3)
    });
    let found = i64::try_from(found.count()).unwrap() * 1_000_000 / i64::from(times);
    let Ppm(promised) = probability(leaves, phantoms, opened);
    assert!((found - promised).abs() < 35_000, "{found} for {promised}");
}
