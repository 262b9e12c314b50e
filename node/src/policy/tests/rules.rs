//! What the host holds every answer to.

use proptest::prelude::*;

use crate::policy::answer::{Answer, Argument, Decision, Outcome, Proposal, Reason};
use crate::policy::check::{self, Violation};
use crate::policy::manifest::{Fact, Family, Kind, Label, Manifest, Role, Table};
use crate::policy::{Input, InputBuilder, Value, verdicts};

fn label(code: &str) -> Label {
    Label {
        code: code.into(),
        zh: "需要 {need} 元".into(),
        en: "{need} yuan are needed".into(),
    }
}

fn fact(key: &str, kind: Kind) -> Fact {
    Fact {
        key: key.into(),
        kind,
        version: 1,
        optional: true,
        meaning: String::new(),
        monotone: None,
    }
}

/// Villages that share a pool, and units that can take some of them.
fn manifest() -> Manifest {
    let table = |name: &str, facts| Table {
        name: name.into(),
        parent: None,
        facts,
    };
    Manifest {
        name: "test".into(),
        version: "0.1.0".into(),
        purpose: "test".into(),
        family: Family::Group,
        summary_zh: String::new(),
        summary_en: String::new(),
        subjects: 1,
        tables: vec![
            table("group", vec![fact("pool", Kind::Fen)]),
            table("village", vec![fact("village.key", Kind::Code)]),
            table("unit", vec![fact("unit.free", Kind::Integer)]),
        ],
        categories: vec![label("share")],
        reasons: vec![super::super::manifest::Reason {
            label: label("short"),
            arguments: vec![("need".into(), Kind::Fen)],
        }],
        roles: vec![Role {
            label: label("unit"),
            resource_table: 2,
            capacity: Some(0),
        }],
        scopes: vec![label("county")],
        pool: Some((0, 0)),
        settings_schema: "{}".into(),
        legal_basis: Vec::new(),
    }
}

/// Two villages, a pool of 100 fen, a unit with room for one.
fn input(manifest: &Manifest, free: Value<'static>) -> Input {
    let mut builder = InputBuilder::new(manifest, 0);
    builder.row(0, None, |_| Value::Fen(100)).unwrap();
    builder.row(1, None, |_| Value::Code("a")).unwrap();
    builder.row(1, None, |_| Value::Code("b")).unwrap();
    builder.row(2, None, |_| free).unwrap();
    builder.finish()
}

/// A share for the first village, nothing for the second.
fn answer() -> Answer {
    let decision = |subject, outcome, category, amount| Decision {
        subject,
        outcome,
        category,
        amount,
        score: None,
    };
    Answer {
        decisions: vec![
            decision(0, Outcome::Granted, Some(0), Some(100)),
            decision(1, Outcome::Refused, None, None),
        ],
        reasons: vec![Reason {
            subject: 1,
            code: 0,
        }],
        arguments: vec![Argument {
            reason: 0,
            value: 12_345,
        }],
        proposals: vec![proposal(0)],
        ..Answer::default()
    }
}

fn proposal(subject: u32) -> Proposal {
    Proposal {
        role: 0,
        subject,
        table: 2,
        row: 0,
        quantity: None,
    }
}

fn check(free: Value<'static>, change: impl FnOnce(&mut Answer)) -> Result<(), Violation> {
    let manifest = manifest();
    let mut answer = answer();
    change(&mut answer);
    check::answer(&manifest, &input(&manifest, free), &answer)
}

#[test]
fn an_answer_that_keeps_the_rules_is_taken() {
    assert_eq!(check(Value::Integer(1), |_| {}), Ok(()));
}

#[test]
fn every_subject_is_decided_once() {
    let twice = check(Value::Absent, |answer| answer.decisions[1].subject = 0);
    assert_eq!(
        twice,
        Err(Violation::Subject {
            expected: 1,
            found: Some(0)
        })
    );
    let extra = check(Value::Absent, |answer| {
        answer.decisions.push(answer.decisions[1])
    });
    assert_eq!(
        extra,
        Err(Violation::Subject {
            expected: 2,
            found: Some(1)
        })
    );
}

#[test]
fn capacities_hold() {
    let two = |answer: &mut Answer| answer.proposals.push(proposal(1));
    let exceeded = Violation::Capacity {
        table: "unit".into(),
        row: 0,
        capacity: 1,
        quantity: 2,
    };
    assert_eq!(check(Value::Integer(1), two), Err(exceeded));
    assert_eq!(check(Value::Integer(2), two), Ok(()));
    assert_eq!(check(Value::Absent, two), Ok(()));
    assert!(check(Value::Unknown, two).is_err());
}

#[test]
fn amounts_add_up_to_the_pool() {
    let short = check(Value::Absent, |answer| {
        answer.decisions[0].amount = Some(99)
    });
    assert_eq!(short, Err(Violation::Pool { sum: 99, pool: 100 }));
}

#[test]
fn proposals_name_rows_roles_and_tables_that_exist() {
    let row = check(Value::Absent, |answer| answer.proposals[0].row = 1);
    assert_eq!(
        row,
        Err(Violation::Index {
            what: "row".into(),
            index: 1
        })
    );
    let role = check(Value::Absent, |answer| answer.proposals[0].role = 1);
    assert_eq!(
        role,
        Err(Violation::Index {
            what: "role".into(),
            index: 1
        })
    );
    let table = check(Value::Absent, |answer| answer.proposals[0].table = 0);
    assert_eq!(
        table,
        Err(Violation::Index {
            what: "table of the role's resources".into(),
            index: 0
        })
    );
    let twice = check(Value::Absent, |answer| answer.proposals.push(proposal(0)));
    assert_eq!(twice, Err(Violation::Proposal { subject: 0, row: 0 }));
}

#[test]
fn reasons_are_declared_and_complete() {
    let code = check(Value::Absent, |answer| answer.reasons[0].code = 1);
    assert_eq!(
        code,
        Err(Violation::Index {
            what: "reason".into(),
            index: 1
        })
    );
    let arguments = check(Value::Absent, |answer| answer.arguments.clear());
    assert_eq!(
        arguments,
        Err(Violation::Arguments {
            reason: "short".into(),
            given: 0,
            declared: 1
        })
    );
    let none = check(Value::Absent, |answer| {
        answer.reasons.clear();
        answer.arguments.clear();
    });
    assert_eq!(none, Err(Violation::NoReason { subject: 1 }));
}

#[test]
fn a_verdict_is_in_words() {
    let manifest = manifest();
    let verdicts = verdicts(&manifest, &input(&manifest, Value::Absent), &Ok(answer()));
    assert_eq!(verdicts[1].reasons[0].zh, "需要 123.45 元");
    assert_eq!(verdicts[1].reasons[0].en, "123.45 yuan are needed");
    assert_eq!(
        (
            verdicts[0].proposals[0].role.as_str(),
            verdicts[0].proposals[0].table.as_str()
        ),
        ("unit", "unit")
    );
}

#[test]
fn a_value_of_another_kind_is_named() {
    let manifest = manifest();
    let error = InputBuilder::new(&manifest, 0)
        .row(0, None, |_| Value::Integer(1))
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "fact `pool` is declared as Fen, but got Integer(1)"
    );
}

#[test]
fn bytes_of_an_answer_give_the_answer_back() {
    let bytes = answer().to_bytes();
    assert_eq!(Answer::from_bytes(&bytes), Ok(answer()));
    for length in 0..bytes.len() {
        assert!(Answer::from_bytes(&bytes[..length]).is_err());
    }
}

proptest! {
    #[test]
    fn bytes_of_an_input_give_the_input_back(states in proptest::collection::vec(0..4_u8, 0..100)) {
        let manifest = manifest();
        let mut builder = InputBuilder::new(&manifest, 0);
        for state in &states {
            let value = [Value::Code("a"), Value::Absent, Value::Unknown, Value::Withheld][usize::from(*state)];
            builder.row(1, None, |_| value).unwrap();
        }
        let input = builder.finish();
        prop_assert_eq!(check::input(&manifest, &input), Ok(()));
        for (row, state) in states.iter().enumerate() {
            prop_assert_eq!(input.tables[1].get(row).0, u64::from(*state));
        }
        prop_assert_eq!(Input::from_bytes(&input.to_bytes()), Ok(input));
    }

    #[test]
    fn strange_bytes_are_no_input_and_do_no_harm(bytes in proptest::collection::vec(any::<u8>(), 0..64)) {
        let mut framed = b"LKI1".to_vec();
        framed.extend(&bytes);
        if let Ok(input) = Input::from_bytes(&framed) {
            prop_assert_eq!(input.to_bytes(), framed);
        }
    }
}
