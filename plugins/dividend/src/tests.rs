use lika_sdk::example::{Example, Value};
use lika_sdk::wire::types::{Answer, Outcome};
use lika_sdk::{Fen, group, share_by_largest_remainder, share_group};
use proptest::prelude::*;

use crate::{Dividend, Scope};

/// S2.4: 62 people in 16 households.
const HEADS: [i64; 16] = [4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 3, 3];
/// S2.4, in fen: the whole capital, the households' and the village's part of it.
const CAPITAL: i64 = 130_000_000;
const HOUSEHOLDS: i64 = 48_000_000;
const VILLAGE: i64 = 32_000_000;
const OTHERS: i64 = 50_000_000;

/// People, able to work, pupils.
type Family = (i64, bool, i64);

fn share(example: &mut Example, key: &str, holder: &str, equity: i64, household: Option<u32>) {
    let mut facts: Vec<(&str, Value)> = vec![
        ("shareholding.key", key.into()),
        ("shareholding.holder", holder.into()),
        ("shareholding.equity", equity.into()),
        ("shareholding.poverty-fund", (holder != "other").into()),
    ];
    facts.extend(household.map(|row| ("shareholding.household", row.into())));
    example.row("shareholding", Some(0), &facts);
}

/// The co-operative of Yuanshan with these households, in this order, and a return.
fn yuanshan(gain: i64, families: &[Family], order: &[usize]) -> Example {
    let mut example = Example::of_group::<Dividend>(Scope::Cooperative);
    let facts = [
        ("co-operative.capital", CAPITAL.into()),
        ("dividend.return", gain.into()),
    ];
    example.row("co-operative", None, &facts);
    let heads: Vec<i64> = families.iter().map(|family| family.0).collect();
    let equities = share_by_largest_remainder(Fen::new(HOUSEHOLDS), &heads).unwrap();
    for &index in order {
        let (persons, able, pupils) = families[index];
        let facts = [
            ("household.persons", persons.into()),
            ("household.able-to-work", able.into()),
            ("household.pupils", pupils.into()),
        ];
        let row = example.row("household", None, &facts);
        let equity = equities[index].get();
        share(
            &mut example,
            &format!("h{index:04}"),
            "household",
            equity,
            Some(row),
        );
    }
    share(&mut example, "v", "village-collective", VILLAGE, None);
    share(&mut example, "z", "other", OTHERS, None);
    example
}

fn families() -> Vec<Family> {
    HEADS.iter().map(|heads| (*heads, true, 0)).collect()
}

fn in_order(families: &[Family]) -> Vec<usize> {
    (0..families.len()).collect()
}

fn answer(settings: &str, example: &Example) -> Answer {
    share_group::<Dividend>(settings, example.input()).unwrap()
}

fn amounts(answer: &Answer) -> Vec<i64> {
    let amount = |decision: &lika_sdk::wire::types::Decision| decision.amount.unwrap_or(0);
    answer.decisions.iter().map(amount).collect()
}

/// The Chinese sentences of a subject.
fn sentences(answer: &Answer, subject: u32) -> Vec<String> {
    let manifest = group::describe::<Dividend>();
    let mut sentences = Vec::new();
    for (index, reason) in (0_u32..).zip(&answer.reasons) {
        if reason.subject != subject {
            continue;
        }
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
        sentences.push(sentence);
    }
    sentences
}

#[test]
fn the_equity_of_62_people_is_7742_yuan_a_head_and_the_villages_24_615_per_cent() {
    assert_eq!(HEADS.iter().sum::<i64>(), 62);
    let families = families();
    let answer = answer("{}", &yuanshan(6_400_000, &families, &in_order(&families)));
    assert_eq!(
        sentences(&answer, 0)[1],
        "4 人应占股权 30967.75 元，人均 7,742 元"
    );
    assert_eq!(
        sentences(&answer, 13)[1],
        "4 人应占股权 30967.74 元，人均 7,742 元"
    );
    assert_eq!(
        sentences(&answer, 15)[1],
        "3 人应占股权 23225.81 元，人均 7,742 元"
    );
    assert_eq!(
        sentences(&answer, 16),
        [
            "村集体股权 320000.00 元，占合作社股份的 24.615 %",
            "收益 64000.00 元，其中 25600.00 元用于村财增收，分得 25600.00 元"
        ]
    );
    assert_eq!(
        sentences(&answer, 17),
        ["股权 500000.00 元（占 38.462 %）不属扶贫资金入股，不参与本项分配"]
    );
}

#[test]
fn the_return_is_split_60_to_40_and_the_odd_fen_goes_to_the_households() {
    let families = families();
    for (gain, households, village) in [
        (6_400_000, 3_840_000, 2_560_000),
        (1, 1, 0),
        (3, 2, 1),
        (4, 3, 1),
        (10_000_001, 6_000_001, 4_000_000),
    ] {
        let answer = answer("{}", &yuanshan(gain, &families, &in_order(&families)));
        let amounts = amounts(&answer);
        assert_eq!(amounts[..16].iter().sum::<i64>(), households, "{gain}");
        assert_eq!(amounts[16..], [village, 0], "{gain}");
    }
}

#[test]
fn aid_goes_by_need_and_not_per_share() {
    // As many people and so the same equity, another need.
    let families = [(4, true, 0), (4, false, 0), (4, true, 2)];
    let answer = answer("{}", &yuanshan(1_000_000, &families, &in_order(&families)));
    // 600,000 fen by 4, 4 + 2 and 4 + 2 points.
    assert_eq!(amounts(&answer), [150_000, 225_000, 225_000, 400_000, 0]);
    assert_eq!(
        sentences(&answer, 1)[0],
        "收益 10000.00 元，其中 6000.00 元用于贫困户困难补助、慰问；按困难程度 6/16 分得 2250.00 元"
    );
}

#[test]
fn equal_remainders_go_to_the_holder_whose_key_comes_first() {
    let families = [(4, true, 0), (4, true, 0), (4, true, 0)];
    for order in [[0, 1, 2], [2, 1, 0]] {
        let by_family = |family| order.iter().position(|own| *own == family).unwrap();
        let shared = amounts(&answer("{}", &yuanshan(100, &families, &order)));
        assert_eq!([0, 1, 2].map(|family| shared[by_family(family)]), [20; 3]);
        let shared = amounts(&answer("{}", &yuanshan(101, &families, &order)));
        // 61 fen: the first gets the one that is left.
        assert_eq!(
            [0, 1, 2].map(|family| shared[by_family(family)]),
            [21, 20, 20]
        );
    }
}

#[test]
fn where_nobody_has_a_point_everybody_counts_as_one() {
    let families = [(4, true, 0), (3, true, 0)];
    let settings = r#"{"points-per-person": 0}"#;
    let answer = answer(settings, &yuanshan(100, &families, &[0, 1]));
    assert_eq!(amounts(&answer), [30, 30, 40, 0]);
}

#[test]
fn without_a_need_there_is_no_aid_and_the_rest_share_it() {
    let families = [(4, true, 0), (3, false, 0)];
    let settings = r#"{"points-per-person": 0}"#;
    let example = yuanshan(100, &families, &[0, 1]);
    assert_eq!(
        example.share::<Dividend>(settings),
        "0 refused: no-need, household-equity\n\
         1 hardship-aid: hardship-aid, household-equity\n\
         2 village-income: village-equity, village-income\n\
         3 refused: not-poverty-fund\n"
    );
    assert_eq!(amounts(&answer(settings, &example)), [0, 60, 40, 0]);
}

#[test]
fn what_counts_and_is_not_known_stops_the_whole_distribution() {
    let families = families();
    let example = yuanshan(100, &families, &in_order(&families));
    // The income is not recorded, and by default counts nothing.
    let undetermined = |settings| {
        let answer = answer(settings, &example);
        let all = |outcome| {
            answer
                .decisions
                .iter()
                .all(|decision| decision.outcome == outcome)
        };
        (all(Outcome::Undetermined), answer.missing.len())
    };
    assert!(!undetermined("{}").0);
    let (all, missing) = undetermined(r#"{"points-under-line": 1, "income-line": 250000}"#);
    assert!(all);
    assert_eq!(missing, 16 * 18, "every holder is told of every household");
}

#[test]
fn a_return_without_a_village_goes_to_a_person() {
    let mut example = Example::of_group::<Dividend>(Scope::Cooperative);
    let facts = [
        ("co-operative.capital", CAPITAL.into()),
        ("dividend.return", 100_i64.into()),
    ];
    example.row("co-operative", None, &facts);
    share(&mut example, "v", "village-collective", VILLAGE, None);
    assert_eq!(
        example.share::<Dividend>("{}"),
        "0 undetermined: nobody-to-pay\n"
    );
    let all = r#"{"household-share": 0}"#;
    assert_eq!(
        example.share::<Dividend>(all),
        "0 village-income: village-equity, village-income\n"
    );
}

#[test]
fn without_a_dividend_nothing_can_be_shared_out() {
    let mut example = Example::of_group::<Dividend>(Scope::Cooperative);
    let facts = [("co-operative.capital", CAPITAL.into())];
    example.row("co-operative", None, &facts);
    share(&mut example, "v", "village-collective", VILLAGE, None);
    assert_eq!(
        example.share::<Dividend>("{}"),
        "0 undetermined: missing co-operative 0 dividend.return\n"
    );
}

#[test]
fn an_income_under_the_line_is_compared_and_counts() {
    let mut example = Example::of_group::<Dividend>(Scope::Cooperative);
    let facts = [
        ("co-operative.capital", CAPITAL.into()),
        ("dividend.return", 100_i64.into()),
    ];
    example.row("co-operative", None, &facts);
    for (key, income) in [("a", 249_999_i64), ("b", 250_000)] {
        let facts = [
            ("household.persons", 1_i64.into()),
            ("income.net-per-head", income.into()),
        ];
        let row = example.row("household", None, &facts);
        share(&mut example, key, "household", 1, Some(row));
    }
    share(&mut example, "v", "village-collective", VILLAGE, None);
    let settings = r#"{"points-without-labour": 0, "points-per-pupil": 0, "points-under-line": 1, "income-line": 250000}"#;
    let answer = answer(settings, &example);
    assert_eq!(amounts(&answer), [40, 20, 40]);
    let compared: Vec<_> = answer
        .comparisons
        .iter()
        .map(|own| (own.subject, own.value, own.threshold, own.holds))
        .collect();
    assert_eq!(
        compared,
        [(0, 249_999, 250_000, true), (1, 250_000, 250_000, false)]
    );
}

#[test]
fn the_document_is_the_legal_basis() {
    let notes = group::describe::<Dividend>().notes;
    assert_eq!(notes[0].0, "legal-basis");
    assert!(notes[0].1.contains("元山村"), "{notes:?}");
}

fn any_families() -> impl Strategy<Value = Vec<Family>> {
    proptest::collection::vec((1..12_i64, any::<bool>(), 0..4_i64), 1..30)
}

proptest! {
    #[test]
    fn every_fen_is_given_out_once(
        gain in 0..1_000_000_000_000_i64,
        families in any_families(),
        share in 0..=1_000_000_i64,
    ) {
        let settings = format!(r#"{{"household-share": {share}}}"#);
        let answer = answer(&settings, &yuanshan(gain, &families, &in_order(&families)));
        let amounts = amounts(&answer);
        prop_assert_eq!(amounts.iter().sum::<i64>(), gain);
        prop_assert!(amounts.iter().all(|amount| *amount >= 0));
        let village = i64::try_from(i128::from(gain) * i128::from(1_000_000 - share) / 1_000_000).unwrap();
        prop_assert_eq!(amounts[families.len()], village);
    }

    #[test]
    fn the_order_of_rows_decides_nothing(
        gain in 0..1_000_000_000_i64,
        families in any_families(),
        seed in any::<u64>(),
    ) {
        let mut order = in_order(&families);
        order.sort_by_key(|index| (*index as u64 + 1).wrapping_mul(seed | 1));
        let straight = amounts(&answer("{}", &yuanshan(gain, &families, &in_order(&families))));
        let permuted = amounts(&answer("{}", &yuanshan(gain, &families, &order)));
        for (place, index) in order.iter().enumerate() {
            prop_assert_eq!(permuted[place], straight[*index]);
        }
    }

    #[test]
    fn who_needs_more_gets_no_less(gain in 0..1_000_000_000_i64, families in any_families()) {
        let amounts = amounts(&answer("{}", &yuanshan(gain, &families, &in_order(&families))));
        let points = |(persons, able, pupils): &Family| persons + if *able { 0 } else { 2 } + pupils;
        for (one, of_one) in families.iter().zip(&amounts) {
            for (other, of_other) in families.iter().zip(&amounts) {
                // Of equal needs one fen may be between them: the one that does not divide.
                if points(one) > points(other) {
                    prop_assert!(of_one >= of_other);
                }
                if points(one) == points(other) {
                    prop_assert!((of_one - of_other).abs() <= 1);
                }
            }
        }
    }

    #[test]
    fn a_larger_return_leaves_neither_side_with_less(
        gain in 0..1_000_000_000_i64,
        more in 0..1_000_000_i64,
    ) {
        let families = families();
        let order = in_order(&families);
        let of = |gain| {
            let amounts = amounts(&answer("{}", &yuanshan(gain, &families, &order)));
            (amounts[..16].iter().sum::<i64>(), amounts[16])
        };
        let (before, after) = (of(gain), of(gain + more));
        prop_assert!(before.0 <= after.0 && before.1 <= after.1);
    }
}
