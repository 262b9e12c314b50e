//! Laws of the registry: whatever is tried, in whatever order, the ledger balances, the registry is what its log says,
//! and card, village book, township ledger and county archive agree.
//!
//! ```text
//!  dice ──▶ a move ──▶ (spoiled now and then) ──▶ Store::submit ──▶ applied, and noted beside the store
//!                                                             └──▶ refused, and nothing is different
//! ```
//!
//! A case is a list of steps, a step is the number of a move and the bytes of its dice. A move looks at what stands and
//! makes a command that is mostly right, so that long ways (a loan to its recourse, a payment that failed to its second
//! issue) are gone to their end. Every kind of record and most refusals are met by the cases together, and a kind that
//! no move writes fails the test by its name.

mod cases;
mod checks;
mod county;
mod dice;
mod helping;
mod money;
mod office;
mod people;
mod works;

use std::{cell::RefCell, collections::BTreeSet};

use lika_core::{
    command::Change,
    log::{Action, Kind},
    record::Record,
    value::RecordId,
};
use proptest::{
    collection::vec,
    prelude::*,
    test_runner::{Config, RngAlgorithm, TestError, TestRng, TestRunner},
};

use self::{
    county::{County, NODE, Try},
    dice::{BYTES, Dice},
};
use crate::store::Error;

/// What somebody tries, from what stands.
type Move = fn(&County, &mut Dice<'_>) -> Option<Try>;

/// Cases when nobody asks for another number: they meet every kind.
const CASES: u32 = 20;
/// What proptest takes where the environment names no number.
const CASES_OF_PROPTEST: u32 = 256;
const STEPS: std::ops::Range<usize> = 150..400;
/// Different refusals that the cases meet together at least.
const LEAST_REFUSALS: usize = 60;

#[derive(Clone, Debug)]
struct Step {
    what: usize,
    dice: [u8; BYTES],
}

/// A number of the time that passes or of a move, each as often as its weight.
fn any_step() -> impl Strategy<Value = Step> {
    (0..weights(), any::<[u8; BYTES]>()).prop_map(|(what, dice)| Step { what, dice })
}

const PASSING: usize = 24;
const TOUCHING: usize = 16;
const CHECKING: usize = 2;
const TOPICS: [&[(usize, Move)]; 6] = [
    people::MOVES,
    helping::MOVES,
    cases::MOVES,
    money::MOVES,
    works::MOVES,
    office::MOVES,
];

fn weights() -> usize {
    let moves = TOPICS.iter().flat_map(|topic| topic.iter());
    PASSING + TOUCHING + CHECKING + moves.map(|(weight, _)| weight).sum::<usize>()
}

enum What {
    Pass,
    Check,
    Move(Move),
}

fn what(mut number: usize) -> What {
    let others = [
        (TOUCHING, What::Move(office::closes_anything)),
        (CHECKING, What::Check),
    ];
    let moves = TOPICS.iter().flat_map(|topic| topic.iter());
    let moves = moves.map(|(weight, own)| (*weight, What::Move(*own)));
    for (weight, own) in moves.chain(others) {
        if number < weight {
            return own;
        }
        number -= weight;
    }
    What::Pass
}

/// A county with an office, money and households, the same every time.
fn begun() -> County {
    let mut county = County::empty();
    let node = RecordId(NODE.0);
    county.must(Try::by(node, people::begin()));
    let changes = helping::begin(&county);
    county.must(Try::by(node, changes));
    county.must(Try::by(node, cases::begin()));
    let changes = money::begin(&county);
    county.must(Try::by(node, changes));
    for attempt in money::deposits(&county).into_iter().flatten() {
        county.must(attempt);
    }
    let changes = works::begin(&county);
    county.must(Try::by(node, changes));
    // Some share a number with one before and are refused.
    for number in 0..8u8 {
        let bytes: Vec<u8> = (0..=u8::MAX)
            .map(|place| place.wrapping_mul(73) ^ number.wrapping_mul(151))
            .collect();
        let registered = people::registered(&county, &mut Dice::new(&bytes));
        attempt_it(&mut county, registered);
    }
    county
}

fn take(county: &mut County, step: &Step) {
    let mut dice = Dice::new(&step.dice);
    match what(step.what) {
        What::Pass => county.pass(1 + dice.below(9)),
        What::Check => {
            checks::ledger(county);
            checks::totals(county);
            checks::rebuilt(county);
        }
        What::Move(own) => {
            let Some(attempt) = own(county, &mut dice) else {
                return;
            };
            let attempt = spoiled(county, attempt, &mut dice);
            attempt_it(county, attempt);
        }
    }
}

/// Applied whole, or refused with nothing written.
fn attempt_it(county: &mut County, attempt: Try) {
    let before = county.reader().standing();
    let (command, answer) = county.submit(attempt);
    match answer {
        Ok(receipt) => {
            assert!(!receipt.repeated, "{command:?}");
            assert_eq!(receipt.applied.len(), command.changes.len());
            county.note(&receipt);
            for (change, applied) in command.changes.iter().zip(&receipt.applied) {
                assert_eq!(applied.record, change.id);
                assert_eq!(applied.revision, change.expected_revision + 1);
            }
            let done = county.reader().standing();
            let again = county.store().submit_blocking(command.clone()).unwrap();
            assert!(again.repeated, "{command:?}");
            assert_eq!(
                (again.position, again.applied),
                (receipt.position, receipt.applied)
            );
            assert_eq!(
                county.reader().standing(),
                done,
                "a repetition changes nothing"
            );
        }
        Err(Error::Refused(refused)) => {
            county.refused.insert(refused.refusal.code());
            assert!(refused.change < command.changes.len().max(1), "{refused}");
            let after = county.reader().standing();
            assert_eq!(
                after, before,
                "refused with {refused}, yet something was written"
            );
        }
        Err(error) => panic!("{error}: {command:?}"),
    }
}

/// Now and then a command that is wrong in a way of its own.
fn spoiled(county: &County, mut attempt: Try, dice: &mut Dice<'_>) -> Try {
    if !dice.once_in(12) {
        return attempt;
    }
    let other = |dice: &mut Dice<'_>| {
        let records: Vec<&Record> = county.records.values().collect();
        dice.one(&records)
    };
    let place = dice.below(attempt.changes.len());
    let Some(change) = attempt.changes.get_mut(place) else {
        return attempt;
    };
    match dice.below(9) {
        0 => change.expected_revision += 1,
        1 => change.expected_revision = change.expected_revision.saturating_sub(1),
        2 => change.area = county.place(dice),
        3 => change.id = other(dice).id,
        4 => change.action = dice.one(&[Action::Create, Action::Change, Action::Close]),
        5 => change.body = other(dice).body.clone(),
        6 => attempt.actor = other(dice).id,
        7 => {
            let twice: Change = change.clone();
            attempt.changes.push(twice);
        }
        _ => attempt.changes.clear(),
    }
    attempt
}

#[test]
fn whatever_is_tried_the_ledger_balances_the_registry_is_what_its_log_says_and_the_views_agree() {
    let usual = Config::default();
    let cases = match usual.cases {
        CASES_OF_PROPTEST => CASES,
        asked => asked,
    };
    let config = Config {
        cases,
        source_file: Some(file!()),
        ..usual
    };
    let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let mut runner = TestRunner::new_with_rng(config, rng);
    let met = RefCell::new((BTreeSet::new(), BTreeSet::new()));
    let run = runner.run(&vec(any_step(), STEPS), |steps| {
        let mut county = begun();
        for step in &steps {
            take(&mut county, step);
        }
        checks::ledger(&county);
        checks::totals(&county);
        checks::rebuilt(&mut county);
        checks::views(&mut county);
        let mut met = met.borrow_mut();
        met.0.append(&mut county.accepted);
        met.1.append(&mut county.refused);
        Ok(())
    });
    match run {
        Ok(()) => {}
        Err(TestError::Fail(why, steps)) => panic!("{why}\nafter {steps:?}"),
        Err(TestError::Abort(why)) => panic!("{why}"),
    }
    if cases < CASES {
        return;
    }
    let (accepted, refused) = met.into_inner();
    let known = Kind::ALL.iter().filter(|kind| !accepted.contains(kind));
    let missing: Vec<_> = known.map(|kind| kind.label()).collect();
    assert!(missing.is_empty(), "no move writes {}", missing.join(", "));
    assert!(
        refused.len() >= LEAST_REFUSALS,
        "only {} refusals: {refused:?}",
        refused.len()
    );
}
