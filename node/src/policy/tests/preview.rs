//! Finding the subjects that a preview fails for.

use std::cell::Cell;

use lika_guests::guest;

use super::ENGINE;
use crate::policy::manifest::{Fact, Family, Kind, Label, Manifest, Table};
use crate::policy::peak::WHOLE;
use crate::policy::preview::{in_parts, some_at_a_time};
use crate::policy::{Answer, Engine, Failure, Input, InputBuilder, Limits, Outcome, Part, Value};

/// A guest that decides nothing about each household, and stops at an income of 666 fen.
const STOPS_AT_666: &str = "(local $row i32)
    (local $rows i32) (local.set $rows (i32.load (local.get 3)))
    (block $end (loop $next
        (br_if $end (i32.eq (local.get $row) (local.get $rows)))
        (if (i64.eq
                (i64.load (i32.add (i32.load (i32.add (local.get 3) (i32.const 4))) (i32.mul (local.get $row) (i32.const 8))))
                (i64.const 666))
            (then (unreachable)))
        (i32.store (i32.add (i32.const 98304) (i32.mul (local.get $row) (i32.const 48))) (local.get $row))
        (i32.store8 (i32.add (i32.const 98308) (i32.mul (local.get $row) (i32.const 48))) (i32.const 2))
        (local.set $row (i32.add (local.get $row) (i32.const 1)))
        (br $next)))
    (i32.store (i32.const 516) (i32.const 98304)) (i32.store (i32.const 520) (local.get $rows)) (i32.const 512)";

fn incomes(manifest: &Manifest, incomes: impl IntoIterator<Item = i64>) -> Input {
    let mut builder = InputBuilder::new(manifest, 0);
    for income in incomes {
        builder.row(0, None, |_| Value::Fen(income)).unwrap();
    }
    builder.finish()
}

#[test]
fn the_one_subject_that_traps_is_named_and_the_others_are_answered() {
    let policy = ENGINE.admit(&guest(STOPS_AT_666)).unwrap();
    let settings = policy.settings("{}").unwrap();
    let input = incomes(
        policy.describe(),
        (0..100).map(|row| if row == 37 { 666 } else { row }),
    );
    assert!(policy.preview(&settings, &input).is_err());
    let (parts, peak) = policy.preview_in_parts(&settings, &input);
    assert!(
        peak.fuel > 0 && peak.memory > 0 && peak.output > 0,
        "{peak:?}"
    );
    let mut next = 0;
    for part in &parts {
        assert_eq!(part.subjects.start, next);
        next = part.subjects.end;
        match &part.result {
            Ok(answer) => {
                assert_eq!(answer.decisions.len(), part.subjects.len());
                let undetermined = |decision: &crate::policy::answer::Decision| {
                    decision.outcome == Outcome::Undetermined
                };
                assert!(answer.decisions.iter().all(undetermined));
            }
            Err(failure) => {
                assert!(matches!(failure, Failure::Trapped { .. }), "{failure}");
                assert_eq!(part.subjects, 37..38);
            }
        }
    }
    assert_eq!(next, 100);
    assert_eq!(parts.iter().filter(|part| part.result.is_err()).count(), 1);
}

#[test]
fn the_peak_is_of_what_the_engine_counts() {
    let previewed = |output_bytes| {
        let limits = Limits {
            output_bytes,
            output_bytes_per_slot: 0,
            instances: 2,
            ..Limits::default()
        };
        let policy = Engine::new(limits).unwrap().admit(&guest(STOPS_AT_666));
        let policy = policy.unwrap();
        let settings = policy.settings("{}").unwrap();
        let input = incomes(policy.describe(), 0..100);
        let (mut parts, peak) = policy.preview_in_parts(&settings, &input);
        (parts.len(), parts.pop().unwrap().result, peak.output)
    };
    let (_, answer, much) = previewed(1 << 20);
    let enough = answer.unwrap().bytes_handed_back();
    assert!(much < WHOLE / 100, "{much}");
    let (parts, answer, peak) = previewed(enough);
    assert_eq!((parts, answer.is_ok(), peak), (1, true, WHOLE));
    // One byte less, and it takes two calls.
    let (parts, answer, peak) = previewed(enough - 1);
    assert_eq!((parts, answer.is_ok(), peak), (2, true, WHOLE));
}

fn manifest(family: Family) -> Manifest {
    let fact = |key: &str, kind| Fact {
        key: key.into(),
        kind,
        version: 1,
        optional: true,
        meaning: String::new(),
        monotone: None,
    };
    let table = |name: &str, parent, facts| Table {
        name: name.into(),
        parent,
        facts,
    };
    Manifest {
        name: "test".into(),
        version: "0.1.0".into(),
        purpose: "test".into(),
        family,
        summary_zh: String::new(),
        summary_en: String::new(),
        subjects: 1,
        tables: vec![
            table("group", None, vec![fact("day", Kind::Date)]),
            table(
                "household",
                None,
                vec![fact("income", Kind::Fen), fact("head", Kind::Row(2))],
            ),
            table("member", Some(1), vec![fact("name", Kind::Code)]),
        ],
        categories: Vec::<Label>::new(),
        reasons: Vec::new(),
        roles: Vec::new(),
        scopes: Vec::new(),
        pool: None,
        settings_schema: "{}".into(),
        legal_basis: Vec::new(),
    }
}

/// Households of one, two and three members, the last of each their head.
fn households(manifest: &Manifest) -> Input {
    let mut builder = InputBuilder::new(manifest, 0);
    builder.row(0, None, |_| Value::Date(16_900)).unwrap();
    for (income, head) in [(1, 0), (2, 2), (3, 5)] {
        let value = |key: &str| match key {
            "income" if income == 2 => Value::Unknown,
            "income" => Value::Fen(income),
            _ => Value::Row(head),
        };
        builder.row(1, None, value).unwrap();
    }
    for (member, household) in [0, 1, 1, 2, 2, 2].into_iter().enumerate() {
        let name = format!("member {member}");
        builder
            .row(2, Some(household), |_| Value::Code(&name))
            .unwrap();
    }
    builder.finish()
}

#[test]
fn a_part_of_an_input_is_an_input_of_its_own() {
    let manifest = manifest(Family::Subject);
    let input = households(&manifest);
    let part = input.of_subjects(&manifest, 1..3).unwrap();
    crate::policy::check::input(&manifest, &part).unwrap();
    assert_eq!(
        (
            part.tables[0].rows,
            part.tables[1].rows,
            part.tables[2].rows
        ),
        (1, 2, 5)
    );
    assert_eq!(part.tables[2].parents, [0, 0, 1, 1, 1]);
    assert_eq!(part.tables[1].get(0), (2, 0));
    // The head of the first one that is left was member 2 and is member 1 now.
    assert_eq!(part.tables[1].get(1), (0, 1));
    assert_eq!(part.tables[1].get(3), (0, 4));
    assert_eq!(input.of_subjects(&manifest, 0..3), Some(input.clone()));
}

#[test]
fn an_input_whose_rows_refer_across_is_not_cut() {
    let manifest = manifest(Family::Subject);
    let mut input = households(&manifest);
    // The head of the first household lives in the last one.
    input.tables[1].slots[1] = 5;
    assert_eq!(input.of_subjects(&manifest, 0..1), None);
    let parts = in_parts(&manifest, &input, |_| Err(Failure::OutOfFuel));
    assert_eq!(parts.len(), 1);
    assert_eq!(parts[0].subjects, 0..3);
}

#[test]
fn a_large_input_is_judged_some_at_a_time_with_its_own_words() {
    let manifest = manifest(Family::Subject);
    let mut builder = InputBuilder::new(&manifest, 0);
    builder.row(0, None, |_| Value::Absent).unwrap();
    for _ in 0..10_000 {
        builder.row(1, None, |_| Value::Absent).unwrap();
    }
    let name = |member: u32| format!("member {}", member % 7_000);
    for member in 0..10_000 {
        let name = name(member);
        builder
            .row(2, Some(member), |_| Value::Code(&name))
            .unwrap();
    }
    let input = builder.finish();
    let judge = |own: &Input| {
        crate::policy::check::input(&manifest, own).unwrap();
        in_parts(&manifest, own, |_| Ok(Answer::default()))
    };
    let mut next = 0;
    let take = |part: Part| {
        assert_eq!(part.subjects.start, next);
        next = part.subjects.end;
        assert!(part.subjects.len() <= 4_096);
        assert_eq!(part.input.strings.len(), part.subjects.len());
        for (position, member) in part.subjects.enumerate() {
            let (_, index) = part.input.tables[2].get(position);
            let word = &part.input.strings[usize::try_from(index).unwrap()];
            assert_eq!(*word, name(member));
        }
        Ok::<(), ()>(())
    };
    some_at_a_time(&manifest, &input, judge, take).unwrap();
    assert_eq!(next, 10_000);
}

#[test]
fn what_fails_for_everybody_is_not_asked_for_each() {
    let manifest = manifest(Family::Subject);
    let mut builder = InputBuilder::new(&manifest, 0);
    builder.row(0, None, |_| Value::Absent).unwrap();
    for _ in 0..4_096 {
        builder.row(1, None, |_| Value::Absent).unwrap();
    }
    let input = builder.finish();
    let (asked, always) = (Cell::new(0), |failure: Failure| {
        move || Err::<Answer, _>(failure.clone())
    });
    let count = |judge: &dyn Fn() -> Result<Answer, Failure>| {
        asked.set(0);
        let parts = in_parts(&manifest, &input, |_| {
            asked.set(asked.get() + 1);
            judge()
        });
        let covered: usize = parts.iter().map(|part| part.subjects.len()).sum();
        assert_eq!(covered, 4_096);
        (asked.get(), parts.len())
    };
    let (asked, _) = count(&always(Failure::TimedOut));
    assert!(asked < 130, "{asked}");
    let away = Failure::Unavailable {
        cause: "no memory".into(),
    };
    assert_eq!(count(&always(away)), (1, 1));
}
