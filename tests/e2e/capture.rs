//! A recorded decision becomes an example of a policy's project.

use std::{collections::BTreeSet, fs};

use lika_proto::log::v1::Kind;
use lika_tests::{Node, Ran, Sample, built, lika, search::Needles};
use serde_json::Value;

const COUNTY: &str = "360323";
const HOUSEHOLDS: usize = 24;

fn capture(county: &Node, decision: &str, out: &std::path::Path) -> Ran {
    let capture = ["policy", "capture", decision, "--out"];
    county.run(&[&capture[..], &[out.to_str().unwrap()]].concat(), &[])
}

/// Puts a policy in force, evaluates the county, and captures one of its decisions into a project, whose test then holds.
#[track_caller]
fn is_captured(name: &str, settings: Option<&str>) -> (String, Value) {
    let (county, sample) = Node::with_households(HOUSEHOLDS);
    let component = built::policy(name);
    let file = county.folder().join("settings.json");
    fs::write(&file, settings.unwrap_or("{}")).unwrap();
    county.put_in_force(&component, Some(&file), "2020-01-01");
    county.evaluate(name, Some(Sample::AS_OF));
    let client = county.client();
    let decisions = client.ids(Kind::Decision, COUNTY);
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
        personal.extend(client.ids(kind, COUNTY));
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
