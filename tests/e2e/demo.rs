//! The demonstration: the county of the source documents, judged by two policies, federated and totalled.

use std::{collections::BTreeSet, path::Path};

use lika_tests::{Sample, built, lika, search::Needles};
use serde_json::{Value, json};

/// Runs the demonstration once in a folder.
fn demo(folder: &Path) -> Value {
    let policies = built::policies();
    let ran = lika([
        "demo".as_ref(),
        "--once".as_ref(),
        "--json".as_ref(),
        "--policies".as_ref(),
        policies.as_os_str(),
        "--folder".as_ref(),
        folder.as_os_str(),
    ]);
    ran.done().json()
}

#[test]
fn the_demonstration_has_the_figures_at_both_nodes_and_no_person_at_the_province() {
    let folder = tempfile::tempdir().unwrap();
    let sample = Sample::of_demonstration();
    let demo = demo(folder.path());
    for node in ["county", "province"] {
        assert_eq!(demo[node]["households"], 3_906, "{demo}");
        assert_eq!(demo[node]["people"], 10_485, "{demo}");
    }
    let head = demo["county"]["log_head"].as_str().unwrap();
    assert_eq!(head.len(), 64, "{demo}");
    assert_eq!(demo["province"]["log_head"], head, "{demo}");
    assert!(
        demo["county"]["entries"].as_u64().unwrap() > 14_000,
        "{demo}"
    );
    // S4.10.
    let expected = [
        ("industry", 1_166),
        ("schooling", 1_017),
        ("employment", 3_044),
        ("protection", 7_183),
        ("science", 836),
    ];
    let expected = expected.map(|(measure, people)| {
        (
            measure.to_owned(),
            json!({"county": people, "province": people}),
        )
    });
    assert_eq!(
        demo["measures"],
        Value::Object(expected.into_iter().collect())
    );
    assert_eq!(demo["villages_with_full_team"], 14, "{demo}");
    assert_eq!(demo["households_paired"], 3_906, "{demo}");
    let fully_paired = demo["households_fully_paired"].as_u64().unwrap();
    assert!((1..=3_906).contains(&fully_paired), "{demo}");
    policies_are_plausible(&demo);
    nobody_is_named(&sample, folder.path());
}

fn policies_are_plausible(demo: &Value) {
    let policies = demo["policies"].as_array().unwrap();
    let subjects = [("village-team", 14), ("pairing", 3_906)];
    assert_eq!(policies.len(), subjects.len(), "{demo}");
    for (name, at_least) in subjects {
        let is_it = |policy: &&Value| policy["name"] == name;
        let policy = policies.iter().find(is_it);
        let policy = policy.unwrap_or_else(|| panic!("no {name} in {demo}"));
        let count = |key: &str| policy[key].as_u64().unwrap();
        assert!(count("decisions") >= at_least, "{policy}");
        assert_eq!(
            count("granted") + count("refused"),
            count("decisions"),
            "{policy}"
        );
        assert_eq!(count("undetermined"), 0, "{policy}");
        assert_eq!(policy["digest"].as_str().unwrap().len(), 64, "{policy}");
    }
}

/// Every file of the province, and the data of the county: no name, phone or number; names of villages are there.
fn nobody_is_named(sample: &Sample, folder: &Path) {
    let personal = sample.personal();
    let needles = Needles::new(personal.iter().map(String::as_str));
    let village = &sample.county.households[0].village_name;
    for place in ["province", "county/data"] {
        let place = folder.join(place);
        assert_eq!(needles.in_folder(&place), BTreeSet::new());
        let found = Needles::new([village.as_str()]).in_folder(&place);
        assert!(!found.is_empty(), "{village} is not in {}", place.display());
    }
    // The file that was imported lies beside them, and nobody could be imported from nothing.
    assert!(folder.join("households.xlsx").is_file());
}
