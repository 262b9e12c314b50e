use expect_test::expect_file;
use lika_proto::{log::v1::decision::Outcome, v1::PreviewDirection};

use super::*;

fn verdict(outcome: Outcome, category: &str, amount: Option<i64>) -> v1::DifferenceVerdict {
    v1::DifferenceVerdict {
        outcome: outcome.into(),
        category: category.to_owned(),
        amount,
    }
}

fn reason(code: &str, zh: &str, en: &str) -> v1::PreviewReason {
    v1::PreviewReason {
        code: code.to_owned(),
        arguments: vec!["3000.00".to_owned()],
        zh: zh.to_owned(),
        en: en.to_owned(),
    }
}

fn tally(subjects: u64, losses: u64, gains: u64, money: (i64, i64)) -> v1::PreviewTally {
    v1::PreviewTally {
        subjects,
        gains,
        losses,
        others: 0,
        undetermined_before: 1,
        undetermined_after: 1,
        money_before: money.0,
        money_after: money.1,
    }
}

fn summary() -> v1::PreviewSummary {
    let granted = verdict(Outcome::Granted, "registered", None);
    let refused = verdict(Outcome::Refused, "", None);
    let undetermined = verdict(Outcome::Undetermined, "", None);
    let transition = |before: &v1::DifferenceVerdict, after: &v1::DifferenceVerdict, subjects| {
        v1::PreviewTransition {
            before: Some(before.clone()),
            after: Some(after.clone()),
            subjects,
        }
    };
    let side = |byte: u8, enactment: &[u8]| v1::DifferenceSide {
        enactment: enactment.to_vec(),
        component: vec![byte; 32],
        settings: vec![byte + 1; 32],
    };
    v1::PreviewSummary {
        digest: vec![0xd1; 32],
        as_of: Some(v1::LogPosition {
            node: vec![7; 16],
            epoch: 1,
            seq: 14_021,
        }),
        purpose: "screening".to_owned(),
        area: "360323".to_owned(),
        on: 20_160_501,
        before: Some(side(1, &[2; 16])),
        before_name: "screening 1.0.0".to_owned(),
        after: Some(side(3, &[])),
        after_name: "screening 1.1.0".to_owned(),
        total: Some(tally(3_906, 1, 1, (140_000, 270_000))),
        transitions: vec![
            transition(&granted, &granted, 3_900),
            transition(&granted, &refused, 1),
            transition(&refused, &granted, 1),
            transition(&refused, &refused, 3),
            transition(&undetermined, &undetermined, 1),
        ],
        townships: vec![v1::PreviewPlace {
            area: "360323104".to_owned(),
            tally: Some(tally(3_906, 1, 1, (140_000, 270_000))),
        }],
        household_types: vec![v1::PreviewHouseholdType {
            code: "general".to_owned(),
            tally: Some(tally(2_000, 1, 1, (140_000, 270_000))),
        }],
        failures: vec![v1::PreviewFailure {
            code: "policy-trapped".to_owned(),
            before: 0,
            after: 1,
        }],
        changes: 2,
        close: 1,
        effects: vec![
            v1::PreviewEffect {
                setting: "income-line".to_owned(),
                value: 300_000,
                tried: 285_000,
                tally: Some(tally(3_906, 12, 0, (270_000, 260_000))),
            },
            v1::PreviewEffect {
                setting: "income-line".to_owned(),
                value: 300_000,
                tried: 315_000,
                tally: None,
            },
        ],
        calls: 2,
        longest_ms: 41,
        limit_ms: 10_000,
        categories: Vec::new(),
        fuel_ppm: 123_456,
        memory_ppm: 31_250,
        output_ppm: 99,
    }
}

fn told() -> Told {
    let change = |byte: u8, before, after| v1::DifferenceChange {
        subject: vec![byte; 16],
        subject_kind: 2,
        area: "360323104201".to_owned(),
        before: Some(before),
        after: Some(after),
    };
    let granted = || verdict(Outcome::Granted, "registered", Some(140_000));
    let refused = || verdict(Outcome::Refused, "", None);
    let below = || {
        reason(
            "below-line",
            "低于标准",
            "income below the line of 3000.00 yuan",
        )
    };
    let above = || {
        reason(
            "above-line",
            "高于标准",
            "income above the line of 3000.00 yuan",
        )
    };
    Told {
        summary: summary(),
        changes: vec![
            v1::PreviewChange {
                direction: PreviewDirection::Loss.into(),
                change: Some(change(0x11, granted(), refused())),
                reasons_before: vec![below()],
                reasons_after: vec![above(), reason("car", "", "")],
                missing: Vec::new(),
            },
            v1::PreviewChange {
                direction: PreviewDirection::Gain.into(),
                change: Some(change(0x22, refused(), granted())),
                reasons_before: vec![above()],
                reasons_after: vec![below()],
                missing: Vec::new(),
            },
        ],
        close: vec![v1::PreviewCloseSubject {
            subject: vec![0x33; 16],
            area: "360323104202".to_owned(),
            facts: vec!["household/income.net-per-head".to_owned()],
        }],
    }
}

#[test]
fn the_table_for_people_is_the_golden_one() {
    expect_file!["table.txt"].assert_eq(&(text::of(&told()) + "\n"));
}

#[test]
fn the_value_for_programs_is_the_golden_one() {
    let value = serde_json::to_string_pretty(&value::of(&told())).unwrap();
    expect_file!["value.json"].assert_eq(&(value + "\n"));
}
