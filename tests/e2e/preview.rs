//! Previews through the command line: who would lose, named before it counts, to those who may know.

use std::{collections::BTreeSet, fs, path::PathBuf};

use lika_tests::{Node, Officer, Ran, Sample, built, search::Needles};
use serde_json::Value;

const COUNTY: &str = "360323";
const HOUSEHOLDS: usize = 60;
/// Two months after everybody was paired, none of whom has been visited.
const LATER: &str = "2020-09-01";

/// A county whose households are paired, by a policy that asks for no visits; and that policy's record.
fn county() -> (Node, Sample, String) {
    let (county, sample) = Node::with_households(HOUSEHOLDS);
    let (component, settings) = (built::policy("pairing"), no_visits(&county));
    let in_force = county.put_in_force(&component, Some(&settings), "2020-01-01");
    county.evaluate("pairing", Some(Sample::AS_OF));
    county.accept("pairing", "2020-07-01");
    (county, sample, in_force.policy)
}

/// The file of the settings that ask for no visits.
fn no_visits(county: &Node) -> PathBuf {
    let file = county.folder().join("settings.json");
    fs::write(&file, r#"{"visits-per-month": 0}"#).unwrap();
    file
}

fn policy(county: &Node, arguments: &[&str]) -> Ran {
    county.run(&[&["policy"], arguments].concat(), &[])
}

#[track_caller]
fn done(county: &Node, arguments: &[&str]) -> Value {
    let json = [&["--json"], arguments].concat();
    policy(county, &json).done().json()
}

fn place() -> [&'static str; 4] {
    ["--area", COUNTY, "--from", LATER]
}

#[test]
fn a_changed_setting_names_every_household_that_would_lose() {
    let (county, sample, id) = county();
    let preview = |more: &[&str]| {
        let arguments = [&["preview", id.as_str()], &place()[..], more].concat();
        done(&county, &arguments)
    };
    let told = preview(&[]);
    let now = county.evaluate("pairing", Some(LATER));
    assert_eq!(told["total"]["lose"], now["granted"], "{now}");
    assert_eq!(told["total"]["subjects"], now["decisions"], "{now}");
    let changes = told["changes"].as_array().unwrap();
    let losers: Vec<&Value> = changes
        .iter()
        .filter(|change| change["direction"] == "lose")
        .collect();
    assert_eq!(told["total"]["lose"], losers.len());
    assert!(losers.len() > HOUSEHOLDS / 2, "{told}");
    let mut named = BTreeSet::new();
    for loser in &losers {
        assert_eq!(loser["before"]["outcome"], "granted", "{loser}");
        assert_eq!(loser["after"]["outcome"], "refused", "{loser}");
        assert_eq!(loser["reasons_after"][0]["code"], "no-visit", "{loser}");
        assert!(named.insert(loser["subject"].as_str().unwrap()));
    }
    // What is promised is promised again, also after the records that do not matter have changed.
    assert_eq!(told["digest"].as_str().unwrap().len(), 64);
    assert_eq!(preview(&[])["digest"], told["digest"]);
    let effects = preview(&["--effects"])["effects"].as_array().unwrap().len();
    assert!(effects > 10, "{effects}");

    // On a terminal: the same households, and nobody's name.
    let shown = policy(&county, &[&["preview", id.as_str()], &place()[..]].concat()).done();
    for subject in &named {
        assert!(shown.stdout.contains(*subject), "{}", shown.stdout);
    }
    let digest = told["digest"].as_str().unwrap();
    assert!(
        shown.stdout.contains(&format!("digest {digest}")),
        "{}",
        shown.stdout
    );
    let personal = sample.personal();
    let needles = Needles::new(personal.iter().map(String::as_str));
    assert_eq!(needles.in_bytes(shown.stdout.as_bytes()), BTreeSet::new());

    // The other way round they gain, and no enactment could name that.
    let settings = no_visits(&county);
    let settings = ["--after-settings", settings.to_str().unwrap()];
    let diff = [&["diff", id.as_str(), &id], &place()[..], &settings].concat();
    let diff = done(&county, &diff);
    assert_eq!(diff["total"]["gain"], told["total"]["lose"]);
    assert_eq!(
        (&diff["digest"], &diff["before"]["enactment"]),
        (&"".into(), &Value::Null)
    );
}

#[test]
fn a_developer_previews_by_record_and_a_township_officer_does_not() {
    let (county, _, id) = county();
    Officer::appoint(&county, "developer", "policy-developer", COUNTY);
    Officer::appoint(&county, "officer", "township-officer", COUNTY);
    let preview = |login: &str| {
        let who = ["--as", login];
        policy(
            &county,
            &[&["preview", id.as_str()], &place()[..], &who].concat(),
        )
    };
    let shown = preview("developer").done();
    assert!(shown.stdout.contains("who loses"), "{}", shown.stdout);
    preview("officer").refused("denied");
}
