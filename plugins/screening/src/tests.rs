use lika_sdk::example::{Example, Value};
use lika_sdk::{judge_subjects, subject};
use proptest::prelude::*;

use crate::Screening;

/// A published rural net income per head of 9,372 yuan; S3.1 draws its lines from such a figure.
const MEAN: i64 = 937_200;

fn example(mean: Option<i64>) -> Example {
    let mut example = Example::of_subjects::<Screening>();
    let mean = mean.map_or(Value::Unknown, Value::Number);
    example.row("group", None, &[("group.rural-mean-income", mean)]);
    example
}

fn household(example: &mut Example, income: i64, able: Value, willing: Value) {
    let facts = [
        ("income.net-per-head", income.into()),
        ("household.able-to-work", able),
        ("household.willing", willing),
        ("household.in-key-village", true.into()),
        ("household.village-income", 500_000_i64.into()),
    ];
    example.row("household", None, &facts);
}

fn check(settings: &str, mean: Option<i64>, incomes: &[i64], expected: &str) {
    let mut example = example(mean);
    for income in incomes {
        household(&mut example, *income, true.into(), true.into());
    }
    assert_eq!(example.judge::<Screening>(settings), expected);
}

#[test]
fn the_line_of_taishun_is_1500_yuan() {
    check(
        "{}",
        None,
        &[149_999, 150_000],
        "0 development: income-under-line\n1 refused: income-not-under-line\n",
    );
}

#[test]
fn who_cannot_work_goes_to_social_relief_and_who_will_not_is_refused() {
    let mut example = example(None);
    household(&mut example, 100_000, false.into(), false.into());
    household(&mut example, 100_000, true.into(), false.into());
    household(&mut example, 100_000, Value::Unknown, true.into());
    household(&mut example, 100_000, true.into(), Value::Unknown);
    assert_eq!(
        example.judge::<Screening>("{}"),
        "0 social-relief: no-labour, income-under-line\n\
         1 refused: not-willing\n\
         2 undetermined: missing household 2 household.able-to-work\n\
         3 undetermined: missing household 3 household.willing\n"
    );
}

#[test]
fn the_lines_of_guangdong_are_relative_33_per_cent_or_a_third() {
    let relative = |line| format!(r#"{{"income-line": 0, "relative-line": {line}}}"#);
    // 33 % of 9,372 yuan are 3,092.76; of a third, in parts per million, 3,123.9969 is under 3,124.00.
    check(
        &relative(330_000),
        Some(MEAN),
        &[309_275, 309_276],
        "0 development: income-under-line\n1 refused: income-not-under-line\n",
    );
    check(
        &relative(333_333),
        Some(MEAN),
        &[312_399, 312_400],
        "0 development: income-under-line\n1 refused: income-not-under-line\n",
    );
    check(
        &relative(330_000),
        None,
        &[1],
        "0 undetermined: missing group 0 group.rural-mean-income\n",
    );
}

#[test]
fn a_key_village_is_the_registered_one_or_one_under_60_per_cent() {
    let settings = r#"{"income-line": 0, "relative-line": 330000, "key-villages-only": true, "village-line": 600000}"#;
    let mut example = example(Some(MEAN));
    // 60 % of 9,372 yuan are 5,623.20.
    for village in [562_319_i64, 562_320] {
        let facts = [
            ("income.net-per-head", 1_i64.into()),
            ("household.able-to-work", true.into()),
            ("household.willing", true.into()),
            ("household.in-key-village", false.into()),
            ("household.village-income", village.into()),
        ];
        example.row("household", None, &facts);
    }
    assert_eq!(
        example.judge::<Screening>(settings),
        "0 development: income-under-line\n1 refused: not-in-key-village\n"
    );
    let registered = r#"{"income-line": 0, "relative-line": 330000, "key-villages-only": true}"#;
    assert_eq!(
        example.judge::<Screening>(registered),
        "0 refused: not-in-key-village\n1 refused: not-in-key-village\n"
    );
}

#[test]
fn urban_families_are_screened_by_the_same_steps_without_labour_and_willingness() {
    let settings = r#"{"income-line": 624000, "labour": false, "willingness": false}"#;
    let mut example = example(None);
    household(&mut example, 623_999, Value::Unknown, Value::Unknown);
    household(&mut example, 624_000, false.into(), false.into());
    assert_eq!(
        example.judge::<Screening>(settings),
        "0 development: income-under-line\n1 refused: income-not-under-line\n"
    );
}

#[test]
fn under_one_of_two_lines_is_poor_even_where_the_other_cannot_be_drawn() {
    let both = r#"{"relative-line": 330000}"#;
    check(
        both,
        Some(MEAN),
        &[149_999, 200_000, 400_000],
        "0 development: income-under-line, income-under-line\n\
         1 development: income-under-line\n\
         2 refused: income-not-under-line, income-not-under-line\n",
    );
    check(
        both,
        None,
        &[149_999, 150_000],
        "0 development: income-under-line\n\
         1 undetermined: missing group 0 group.rural-mean-income\n",
    );
    check(
        r#"{"income-line": 0}"#,
        None,
        &[1],
        "0 undetermined: no-line\n",
    );
}

#[test]
fn every_line_is_compared() {
    let mut example = example(Some(MEAN));
    household(&mut example, 200_000, true.into(), true.into());
    let answer =
        judge_subjects::<Screening>(r#"{"relative-line": 330000}"#, example.input()).unwrap();
    let compared: Vec<_> = answer
        .comparisons
        .iter()
        .map(|own| (own.value, own.threshold, own.holds))
        .collect();
    assert_eq!(
        compared,
        [(200_000, 150_000, false), (200_000, 309_276, true)]
    );
}

#[test]
fn the_documents_are_the_legal_basis() {
    let notes = subject::describe::<Screening>().notes;
    assert_eq!(
        notes[0].1,
        "中办发[2014]25号 关于创新机制扎实推进农村扶贫开发工作的意见"
    );
    assert_eq!(notes.len(), 4);
}

fn is_granted(settings: &str, income: i64) -> bool {
    let mut example = example(Some(MEAN));
    household(&mut example, income, true.into(), true.into());
    example
        .judge::<Screening>(settings)
        .starts_with("0 development")
}

proptest! {
    #[test]
    fn a_higher_line_drops_nobody(
        income in 0..1_000_000_i64,
        line in 1..1_000_000_i64,
        more in 0..1_000_000_i64,
    ) {
        let absolute = |line| format!(r#"{{"income-line": {line}}}"#);
        prop_assert!(!is_granted(&absolute(line), income) || is_granted(&absolute(line + more), income));
        let relative = |line: i64| {
            format!(r#"{{"income-line": 0, "relative-line": {}}}"#, line.min(1_000_000))
        };
        prop_assert!(!is_granted(&relative(line), income) || is_granted(&relative(line + more), income));
    }

    #[test]
    fn who_earns_less_is_not_dropped(income in 1..1_000_000_i64, less in 0..1_000_000_i64) {
        let settings = r#"{"income-line": 300000, "relative-line": 330000}"#;
        let lower = (income - less).max(0);
        prop_assert!(!is_granted(settings, income) || is_granted(settings, lower));
    }
}
