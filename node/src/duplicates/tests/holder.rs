//! A key-holder, and whoever asks it.

use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use lika_core::value::{AreaCode, Date, NodeId};

use super::{comparable, node, number};
use crate::{
    clock::Scenario,
    duplicates::{Error, KeyHolder, MOST_ELEMENTS, Refusal, holder::Settings, key, token::Batch},
};

const PROVINCE: u8 = 36;

fn county() -> (NodeId, AreaCode) {
    (node(1), AreaCode::parse("360323").unwrap())
}

fn blinded(documents: usize) -> Vec<Vec<u8>> {
    let documents: Vec<_> = (0..documents)
        .map(|serial| comparable(&number(u16::try_from(serial % 900).unwrap())))
        .collect();
    let batch = Batch::blind(&documents).unwrap();
    batch.elements().iter().map(|it| it.to_vec()).collect()
}

struct Office {
    temp: tempfile::TempDir,
    clock: Arc<Scenario>,
    people: Arc<AtomicU64>,
    per_day: Option<u64>,
}

impl Office {
    fn new(per_day: Option<u64>) -> Self {
        Self {
            temp: tempfile::tempdir().unwrap(),
            clock: Arc::new(Scenario::on(Date::new(2026, 11, 24).unwrap())),
            people: Arc::default(),
            per_day,
        }
    }

    fn path(&self) -> &Path {
        self.temp.path()
    }

    fn try_open(&self) -> Result<KeyHolder, Error> {
        let settings = Settings {
            comparing: [node(PROVINCE)].into(),
            per_day: self.per_day,
        };
        let people = Arc::clone(&self.people);
        let count = Box::new(move |_: &AreaCode| people.load(Ordering::Relaxed));
        let clock = Arc::clone(&self.clock) as Arc<dyn crate::clock::Clock>;
        KeyHolder::open(settings, self.path(), self.path(), clock, count)
    }

    fn open(&self) -> KeyHolder {
        self.try_open().unwrap()
    }
}

fn code<T: std::fmt::Debug>(answer: Result<T, Refusal>) -> &'static str {
    answer.unwrap_err().code()
}

#[test]
fn hostile_elements_are_refused_by_name_and_cost_budget() {
    let office = Office::new(Some(1000));
    let holder = office.open();
    let good = blinded(1).remove(0);
    let mut off_curve = good.clone();
    // Of the x-coordinates half are on the curve; this one's neighbours are tried until one is not.
    while p256::PublicKey::from_sec1_bytes(&off_curve).is_ok() {
        off_curve[32] = off_curve[32].wrapping_add(1);
    }
    let uncompressed = [&[4_u8][..], &[7; 64]].concat();
    let rows: [(&str, Vec<u8>); 8] = [
        ("the point at infinity", vec![0]),
        ("the same, as long as a point", vec![0; 33]),
        ("nothing", Vec::new()),
        ("no point of the curve", off_curve),
        ("beyond the field", [&[2_u8][..], &[0xff; 32]].concat()),
        ("an uncompressed point", uncompressed),
        ("too long", [&good[..], &[0]].concat()),
        ("too short", good[..32].to_vec()),
    ];
    for (what, element) in rows {
        let refused = holder.evaluate(county(), 1, &[good.clone(), element]);
        assert!(
            matches!(refused, Err(Refusal::BadElement(1))),
            "{what}: {refused:?}"
        );
    }
    let (_, left) = holder.keys_for(county()).unwrap();
    assert_eq!(left, 1000 - 16);
}

#[test]
fn a_batch_has_one_to_512_elements_and_a_version_that_is_there() {
    let office = Office::new(None);
    let holder = office.open();
    let good = blinded(1);
    assert_eq!(code(holder.evaluate(county(), 1, &[])), "batch-size");
    let many = vec![good[0].clone(); MOST_ELEMENTS + 1];
    assert_eq!(code(holder.evaluate(county(), 1, &many)), "batch-size");
    for version in [0, 2, u32::MAX] {
        assert_eq!(
            code(holder.evaluate(county(), version, &good)),
            "key-version-unknown"
        );
    }
    assert!(
        holder.evaluated().is_empty(),
        "what is refused so is not counted"
    );
    let whole = holder
        .evaluate(county(), 1, &blinded(MOST_ELEMENTS))
        .unwrap();
    assert_eq!(whole.elements.len(), MOST_ELEMENTS);
}

#[test]
fn whoever_compares_gets_nothing_evaluated() {
    let office = Office::new(None);
    let holder = office.open();
    let area = |digits| AreaCode::parse(digits).unwrap();
    let rows = [
        // Named in the configuration, whatever it says it is.
        (node(PROVINCE), area("360323")),
        // Not named, and yet nobody registers people for a province or the nation.
        (node(9), area("43")),
        (node(9), area("")),
    ];
    for from in rows {
        assert_eq!(
            code(holder.evaluate(from, 1, &blinded(1))),
            "comparing-node"
        );
        assert_eq!(code(holder.keys_for(from)), "comparing-node");
    }
    assert!(holder.evaluated().is_empty());
}

#[test]
fn a_budget_ends_is_told_and_comes_again_with_the_next_day() {
    let office = Office::new(Some(5));
    let holder = office.open();
    holder.evaluate(county(), 1, &blinded(3)).unwrap();
    let refused = holder.evaluate(county(), 1, &blinded(3)).unwrap_err();
    let Refusal::Budget {
        budget,
        left,
        asked,
        again,
        again_ms,
    } = refused
    else {
        panic!("{refused}");
    };
    assert_eq!((budget, left, asked), (5, 2, 3));
    // Midnight in China.
    assert_eq!(again, "2026-11-24T16:00:00Z");
    assert_eq!(again_ms % (24 * 3_600_000), 16 * 3_600_000);
    // Another county has its own, and a restart gives nobody a new one.
    holder
        .evaluate((node(2), county().1), 1, &blinded(5))
        .unwrap();
    drop(holder);
    let holder = office.open();
    assert_eq!(holder.keys_for(county()).unwrap().1, 2);
    holder.evaluate(county(), 1, &blinded(2)).unwrap();
    assert_eq!(
        code(holder.evaluate(county(), 1, &blinded(1))),
        "evaluation-budget"
    );
    office.clock.advance(24 * 3_600_000);
    holder.evaluate(county(), 1, &blinded(5)).unwrap();
    let counted: Vec<(u8, u64)> = holder
        .evaluated()
        .iter()
        .map(|it| (it.node.0[0], it.elements))
        .collect();
    assert_eq!(counted, [(1, 5), (1, 5), (2, 5)]);
}

#[test]
fn the_budget_follows_the_members_where_nobody_says() {
    let office = Office::new(None);
    let holder = office.open();
    let left = |holder: &KeyHolder| holder.keys_for(county()).unwrap().1;
    assert_eq!(left(&holder), 2_000);
    office.people.store(100_000, Ordering::Relaxed);
    assert_eq!(left(&holder), 125_000);
}

#[test]
fn a_key_that_is_gone_is_not_made_again() {
    let office = Office::new(None);
    let holder = office.open();
    let first = holder.public_keys().unwrap();
    drop(holder);
    assert_eq!(office.open().public_keys().unwrap(), first);
    office.open().evaluate(county(), 1, &blinded(1)).unwrap();
    std::fs::remove_file(key::file(office.path())).unwrap();
    assert!(matches!(office.try_open(), Err(Error::KeyMissing(_))));
}
