use lika_sdk::example::{Example, Value};
use lika_sdk::wire::types::{Answer, Outcome};
use lika_sdk::{Date, Fen, judge_subjects, subject};
use proptest::prelude::*;

use crate::VillageFund;

/// 10,000 yuan.
const WAN: i64 = 1_000_000;

/// A key village with these sponsoring units, what each has raised, and what came into its funds.
struct Village {
    key_from: Value,
    sponsors: Vec<(&'static str, i64)>,
    funds: Vec<(&'static str, &'static str, i64)>,
}

impl Village {
    /// S4.3: 3 × 5万, 5万 and 20万.
    fn of_luxi() -> Self {
        Self::with([5 * WAN, 5 * WAN, 5 * WAN], 5 * WAN, 20 * WAN)
    }

    fn with(raised: [i64; 3], county: i64, works: i64) -> Self {
        let names = ["县农业局", "县教育局", "县供电公司"];
        Self {
            key_from: day(2016, 1, 1),
            sponsors: names.into_iter().zip(raised).collect(),
            funds: vec![
                ("sponsoring-unit", "village-fund", raised.iter().sum()),
                ("industry-fund", "village-fund", county),
                ("village-works", "village-fund", works),
            ],
        }
    }

    fn add_to(&self, example: &mut Example) {
        let facts = [("village.key-from", self.key_from.clone())];
        let row = example.row("village", None, &facts);
        let leader = [("team-member.role", "leader".into())];
        example.row("team-member", Some(row), &leader);
        for (name, raised) in &self.sponsors {
            let facts = [
                ("team-member.role", "unit".into()),
                ("team-member.unit-name", (*name).into()),
                ("team-member.raised", (*raised).into()),
            ];
            example.row("team-member", Some(row), &facts);
        }
        for (channel, purpose, came_in) in &self.funds {
            let facts = [
                ("fund.channel", (*channel).into()),
                ("fund.purpose", (*purpose).into()),
                ("fund.came-in", (*came_in).into()),
            ];
            example.row("fund", Some(row), &facts);
        }
    }

    #[track_caller]
    fn check(&self, settings: &str, expected: &str, amount: Option<i64>) {
        let example = example(std::slice::from_ref(self));
        assert_eq!(example.judge::<VillageFund>(settings), expected);
        assert_eq!(
            answer(settings, &example).decisions[0].amount,
            amount,
            "{expected}"
        );
    }
}

fn day(year: i64, month: u8, day: u8) -> Value {
    Date::new(year, month, day).unwrap().into()
}

fn example(villages: &[Village]) -> Example {
    let mut example = Example::of_subjects::<VillageFund>();
    example.row("group", None, &[("group.as-of", day(2016, 12, 31))]);
    for village in villages {
        village.add_to(&mut example);
    }
    example
}

fn answer(settings: &str, example: &Example) -> Answer {
    judge_subjects::<VillageFund>(settings, example.input()).unwrap()
}

/// The Chinese sentences of the first village.
fn sentences(village: &Village) -> Vec<String> {
    let answer = answer("{}", &example(std::slice::from_ref(village)));
    let manifest = subject::describe::<VillageFund>();
    let sentence = |(index, reason): (u32, &lika_sdk::wire::types::Reason)| {
        let declared = &manifest.reasons[reason.code as usize];
        let values = answer.arguments.iter().filter(|own| own.reason == index);
        let mut sentence = declared.zh.clone();
        for (argument, value) in declared.arguments.iter().zip(values) {
            let shown = match argument.kind.as_str() {
                "text" => answer.strings[usize::try_from(value.value).unwrap()].clone(),
                "fen" => Fen::new(value.value).to_string(),
                _ => value.value.to_string(),
            };
            sentence = sentence.replace(&format!("{{{}}}", argument.name), &shown);
        }
        sentence
    };
    (0..).zip(&answer.reasons).map(sentence).collect()
}

#[test]
fn three_units_the_county_and_the_works_fund_make_40_wan_for_each_of_14_villages() {
    let villages: Vec<_> = (0..14).map(|_| Village::of_luxi()).collect();
    let answer = answer("{}", &example(&villages));
    let amounts = answer.decisions.iter().map(|own| own.amount.unwrap());
    assert_eq!(amounts.sum::<i64>(), 14 * 40 * WAN);
    let granted = |own: &&lika_sdk::wire::types::Decision| own.outcome == Outcome::Granted;
    assert_eq!(answer.decisions.iter().filter(granted).count(), 14);
    assert_eq!(
        sentences(&villages[0]),
        [
            "当年应到位 400000.00 元：帮扶单位筹集 150000.00 元（每个单位不少于 50000.00 元），县产业扶贫资金 50000.00 \
             元，村庄整治资金 200000.00 元"
        ]
    );
}

#[test]
fn who_is_behind_is_named_with_what_is_missing() {
    let village = Village::with([5 * WAN, 3 * WAN, 0], 0, 20 * WAN - 1);
    let behind = "0 refused: due, unit-behind, unit-behind, county-behind, works-behind\n";
    village.check("{}", behind, Some(40 * WAN));
    assert_eq!(
        sentences(&village)[1..],
        [
            "县教育局 已筹集 30000.00 元，应筹集 50000.00 元，尚差 20000.00 元",
            "县供电公司 已筹集 0.00 元，应筹集 50000.00 元，尚差 50000.00 元",
            "县产业扶贫资金已拨 0.00 元，应拨 50000.00 元，尚差 50000.00 元",
            "村庄整治资金已到位 199999.99 元，应到位 200000.00 元，尚差 0.01 元",
        ]
    );
}

#[test]
fn what_one_unit_raises_beyond_its_part_makes_no_other_units_good() {
    let village = Village::with([15 * WAN, 0, 5 * WAN], 5 * WAN, 20 * WAN);
    village.check("{}", "0 refused: due, unit-behind\n", Some(40 * WAN));
}

#[test]
fn a_part_that_nobody_is_there_to_raise_is_missing_too() {
    let mut village = Village::of_luxi();
    village.sponsors.pop();
    let expected = "0 refused: due, missing-unit, from-no-sponsor\n";
    village.check("{}", expected, Some(40 * WAN));
    // A fourth unit raises its part as well.
    let mut village = Village::of_luxi();
    village.sponsors.push(("县水务局", 5 * WAN));
    village.check("{}", "0 complete-fund: due\n", Some(45 * WAN));
}

#[test]
fn funds_for_another_purpose_do_not_count() {
    let mut village = Village::of_luxi();
    village.funds[1].1 = "industry";
    village.check("{}", "0 refused: due, county-behind\n", Some(40 * WAN));
    village.funds.clear();
    let expected = "0 refused: due, county-behind, works-behind\n";
    village.check("{}", expected, Some(40 * WAN));
    let settings = r#"{"of-county": 0, "of-works": 0}"#;
    village.check(settings, "0 complete-fund: due\n", Some(15 * WAN));
}

#[test]
fn a_village_that_is_not_key_is_refused_and_a_status_that_nobody_has_recorded_undetermined() {
    let mut village = Village::of_luxi();
    village.key_from = day(2017, 1, 1);
    village.check("{}", "0 refused: not-key-village\n", None);
    village.key_from = Value::Unknown;
    let expected = "0 undetermined: missing village 0 village.key-from\n";
    village.check("{}", expected, None);
}

proptest! {
    #[test]
    fn what_is_due_is_the_sum_of_its_parts_and_rises_with_each(
        units in 0..=20_i64,
        per_unit in 0..1_000_000_000_i64,
        county in 0..1_000_000_000_i64,
        works in 0..1_000_000_000_i64,
        more in 0..1_000_000_i64,
    ) {
        let example = example(&[Village::of_luxi()]);
        let due = |units: i64, per_unit: i64, county: i64, works: i64| {
            let settings = format!(
                r#"{{"units": {units}, "per-unit": {per_unit}, "of-county": {county}, "of-works": {works}}}"#
            );
            answer(&settings, &example).decisions[0].amount.unwrap()
        };
        let total = due(units, per_unit, county, works);
        prop_assert_eq!(total, units.max(3) * per_unit + county + works);
        prop_assert!(due(units, per_unit + more, county, works) >= total);
        prop_assert!(due(units, per_unit, county + more, works) >= total);
        prop_assert!(due(units, per_unit, county, works + more) >= total);
        prop_assert!(due((units + 1).min(20), per_unit, county, works) >= total);
    }

    #[test]
    fn nobody_is_behind_exactly_where_every_part_has_come(
        raised in [0..10 * WAN, 0..10 * WAN, 0..10 * WAN],
        county in 0..10 * WAN,
        works in 0..40 * WAN,
    ) {
        let village = Village::with(raised, county, works);
        let answer = answer("{}", &example(&[village]));
        let is_complete = raised.iter().all(|own| *own >= 5 * WAN) && county >= 5 * WAN && works >= 20 * WAN;
        let outcome = answer.decisions[0].outcome;
        prop_assert_eq!(outcome == Outcome::Granted, is_complete);
        let behind = raised.iter().filter(|own| **own < 5 * WAN).count()
            + usize::from(county < 5 * WAN)
            + usize::from(works < 20 * WAN);
        prop_assert_eq!(answer.reasons.len(), 1 + behind);
    }
}
