//! A recorded decision becomes an example of a policy's project.

use std::{collections::BTreeSet, fs};

use lika_proto::log::v1::Kind;
use lika_tests::{Node, Ran, Sample, built, lika, search::Needles};
use serde_json::Value;

const COUNTY: &str = "360323";
const HOUSEHOLDS: usize = 24;

/// A county with people, and the sample that they are from.
fn county() -> (Node, Sample) {
    let mut county = Node::create(COUNTY, "芦溪县");
    county.start();
    let sample = Sample::of(HOUSEHOLDS);
    sample.register(&county.client());
    let file = county.folder().join("households.csv");
    sample.county.write_csv(&file).unwrap();
    county
        .run(&["import", "--as-of", "2020-06-30"], &[&file])
        .done();
    (county, sample)
}

/// The records of a kind, as their ids are written.
fn ids(county: &Node, kind: Kind) -> Vec<String> {
    let records = county.client().list(kind, COUNTY).unwrap();
    let id = |record: &lika_proto::v1::Record| uuid::Uuid::from_slice(&record.id).unwrap();
    records.iter().map(|it| id(it).to_string()).collect()
}

fn capture(county: &Node, decision: &str, out: &std::path::Path) -> Ran {
    let capture = ["policy", "capture", decision, "--out"];
    county.run(&[&capture[..], &[out.to_str().unwrap()]].concat(), &[])
}

/// Puts a policy in force, evaluates the county, and captures one of its decisions into a project, whose test then holds.
#[track_caller]
fn is_captured(name: &str, settings: Option<&str>) -> (String, Value) {
    let (county, sample) = county();
    let component = built::policies().join(format!("{name}.wasm"));
    let file = county.folder().join("settings.json");
    fs::write(&file, settings.unwrap_or("{}")).unwrap();
    county.put_in_force(&component, Some(&file), "2020-01-01");
    let evaluate = ["policy", "evaluate", name, "--area", COUNTY];
    county
        .run(&[&evaluate[..], &["--on", "2020-06-30"]].concat(), &[])
        .done();
    let decisions = ids(&county, Kind::Decision);
    let examples = county.folder().join("project/examples");
    fs::create_dir_all(&examples).unwrap();
    let out = examples.join("captured.json");
    capture(&county, &decisions[0], &out).done();

    let project = county.folder().join("project");
    let test = |component: &std::path::Path| {
        let [component, project] = [component, &project].map(|it| it.to_str().unwrap());
        lika([
            "policy",
            "test",
            "--component",
            component,
            "--project",
            project,
        ])
    };
    let held = test(&component).done().stdout;
    assert!(held.contains("held    captured.json"), "{held}");

    // Nothing in it names anybody.
    let text = fs::read_to_string(&out).unwrap();
    let answer = fs::read_to_string(out.with_extension("answer.json")).unwrap();
    let mut personal = sample.personal();
    for kind in [
        Kind::Household,
        Kind::Member,
        Kind::Cadre,
        Kind::Pairing,
        Kind::Area,
        Kind::Evaluation,
        Kind::Decision,
        Kind::Enactment,
        Kind::Policy,
    ] {
        personal.extend(ids(&county, kind));
    }
    assert!(personal.len() > HOUSEHOLDS * 4, "{}", personal.len());
    let needles = Needles::new(personal.iter().map(String::as_str));
    let found = needles.in_bytes(format!("{text}{answer}").as_bytes());
    assert_eq!(found, BTreeSet::new());

    // Neither file is written over, and an answer that is not the recorded one is a fault.
    let again = capture(&county, &decisions[0], &out);
    assert_eq!(again.code, Some(2), "{again:?}");
    let altered = answer.replace("\"outcome\": \"", "\"outcome\": \"not-");
    fs::write(out.with_extension("answer.json"), altered).unwrap();
    assert_eq!(test(&component).code, Some(1));
    (text, serde_json::from_str(&answer).unwrap())
}

#[test]
fn a_decision_on_one_household_becomes_an_example() {
    let (text, answer) = is_captured("screening", Some(r#"{"income-line": 300000}"#));
    let example: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(example["settings"]["income-line"], 300_000, "{example}");
    assert_eq!(example["tables"]["household"].as_array().unwrap().len(), 1);
    assert_eq!(answer.as_array().unwrap().len(), 1, "{answer}");
}

#[test]
fn a_decision_on_one_of_a_group_becomes_an_example_of_the_whole_group() {
    let (text, answer) = is_captured("pairing", None);
    let example: Value = serde_json::from_str(&text).unwrap();
    let households = example["tables"]["household"].as_array().unwrap();
    assert!(households.len() > 1, "{example}");
    assert_eq!(answer.as_array().unwrap().len(), households.len());
    assert!(text.contains("\"subject-"), "{text}");
    assert!(example["about"].as_str().unwrap().contains("on household "));
}
