use lika_sdk::example::{Example, Value};
use lika_sdk::{Labels, judge_subjects};
use proptest::prelude::*;

use crate::Causes;
use crate::map::{self, CauseCode, MeasureCode};

fn household(example: &mut Example, causes: &[&str], measures: &[&str]) {
    let main = causes
        .first()
        .map_or(Value::Unknown, |cause| Value::from(*cause));
    let row = example.row("household", None, &[("household.main-cause", main)]);
    for (index, cause) in causes.iter().enumerate() {
        let facts = [
            ("cause.code", (*cause).into()),
            ("cause.main", (index == 0).into()),
        ];
        example.row("cause", Some(row), &facts);
    }
    for measure in measures {
        let facts = [
            ("measure.code", (*measure).into()),
            ("measure.people", 1_i64.into()),
        ];
        example.row("measure", Some(row), &facts);
    }
}

fn judge(settings: &str, causes: &[&str], measures: &[&str]) -> String {
    let mut example = Example::of_subjects::<Causes>();
    household(&mut example, causes, measures);
    example.judge::<Causes>(settings)
}

#[test]
fn the_four_causes_and_four_lacks_point_to_measures() {
    let eight = [
        "illness",
        "disability",
        "schooling",
        "disaster",
        "labour",
        "skill",
        "funds",
        "land",
    ];
    for cause in eight {
        let code = CauseCode::from_code(cause).unwrap();
        let fits = map::measures(code)[0].label().code;
        assert_eq!(
            judge("{}", &[cause], &[fits]),
            "0 planned: measures-planned\n"
        );
        assert_eq!(judge("{}", &[cause], &[]), "0 refused: measures-missing\n");
    }
}

#[test]
fn every_cause_of_the_form_points_somewhere_and_every_measure_is_pointed_to() {
    let pointed: Vec<MeasureCode> = CauseCode::ALL
        .iter()
        .flat_map(|cause| map::measures(*cause))
        .copied()
        .collect();
    assert!(
        CauseCode::ALL
            .iter()
            .all(|cause| !map::measures(*cause).is_empty())
    );
    assert!(
        MeasureCode::ALL
            .iter()
            .all(|measure| pointed.contains(measure))
    );
    assert_eq!((CauseCode::ALL.len(), MeasureCode::ALL.len()), (12, 10));
}

#[test]
fn the_other_causes_ask_for_measures_too_unless_the_county_says_no() {
    let causes = ["illness", "skill"];
    assert_eq!(
        judge("{}", &causes, &["protection"]),
        "0 refused: measures-missing, measures-planned\n"
    );
    assert_eq!(
        judge(r#"{"other-causes": false}"#, &causes, &["protection"]),
        "0 planned: measures-planned\n"
    );
}

#[test]
fn without_a_cause_a_person_decides() {
    assert_eq!(
        judge("{}", &[], &["protection"]),
        "0 undetermined: missing household 0 household.main-cause\n"
    );
}

#[test]
fn the_parts_of_one_household_are_not_those_of_the_next() {
    let mut example = Example::of_subjects::<Causes>();
    household(&mut example, &["illness"], &[]);
    household(&mut example, &[], &[]);
    household(&mut example, &["schooling"], &["schooling"]);
    assert_eq!(
        example.judge::<Causes>("{}"),
        "0 refused: measures-missing\n\
         1 undetermined: missing household 1 household.main-cause\n\
         2 planned: measures-planned\n"
    );
}

#[test]
fn no_cause_asks_for_more_than_it_points_to() {
    let settings = r#"{"measures-per-cause": 3}"#;
    assert_eq!(
        judge(settings, &["schooling"], &["schooling", "social"]),
        "0 planned: measures-planned\n"
    );
    let mut example = Example::of_subjects::<Causes>();
    household(&mut example, &["skill"], &["science", "employment"]);
    let answer = judge_subjects::<Causes>(settings, example.input()).unwrap();
    // After the names of the cause and of its measures in Chinese: what there is and what there should be.
    let argument = |at: usize| answer.arguments[at].value;
    assert_eq!((argument(2), argument(3)), (2, 3));
    assert_eq!(
        example.judge::<Causes>(settings),
        "0 refused: measures-missing\n"
    );
}

proptest! {
    #[test]
    fn another_measure_never_takes_a_yes_away(
        cause in 0..12_usize,
        measures in proptest::sample::subsequence((0..10_usize).collect::<Vec<_>>(), 0..10),
        more in 0..10_usize,
    ) {
        let cause = CauseCode::ALL[cause].label().code;
        let code = |index: &usize| MeasureCode::ALL[*index].label().code;
        let before: Vec<&str> = measures.iter().map(code).collect();
        let mut after = before.clone();
        after.push(code(&more));
        let is_planned = |measures: &[&str]| judge("{}", &[cause], measures).starts_with("0 planned");
        prop_assert!(!is_planned(&before) || is_planned(&after));
    }
}
