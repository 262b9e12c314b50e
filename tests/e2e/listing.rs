//! What is admitted and enacted, found again and told as it stands.

use std::fs;

use lika_tests::{Node, Officer, Ran, built};
use serde_json::Value;

const COUNTY: &str = "360323";
const TOWNSHIP: &str = "360323104";
const FROM: &str = "2020-01-01";
const LATER: &str = "2030-01-01";

fn run(county: &Node, more: &[&str]) -> Ran {
    county.run(&[&["policy", "list"], more].concat(), &[])
}

#[track_caller]
fn list(county: &Node, more: &[&str]) -> Value {
    let json = [&["--json"], more].concat();
    run(county, &json).done().json()
}

/// The enactment as it is listed.
#[track_caller]
fn listed(county: &Node, enactment: &str, more: &[&str]) -> Value {
    let listed = list(county, more);
    let enactments = listed["enactments"].as_array().unwrap();
    let found = enactments.iter().find(|it| it["enactment"] == enactment);
    found
        .unwrap_or_else(|| panic!("{enactment} is not in {listed}"))
        .clone()
}

#[track_caller]
fn standing(county: &Node, enactment: &str, on: &str) -> Value {
    listed(county, enactment, &["--on", on])["standing"].clone()
}

fn in_force<'a>(area: &'a str, on: &'a str) -> [&'a str; 5] {
    ["--in-force", "--area", area, "--on", on]
}

#[test]
fn an_enactment_is_told_as_it_stands_through_its_whole_life() {
    let (county, _) = Node::with_households(60);
    let policy = county.admit(&built::policy("pairing"));
    let admitted = list(&county, &[]);
    let it = &admitted["policies"][0];
    assert_eq!(it["policy"], policy.as_str(), "{admitted}");
    assert_eq!(
        (&it["name"], &it["purpose"], &it["family"]),
        (&"pairing".into(), &"pairing".into(), &"group".into())
    );
    assert_eq!(it["component"].as_str().unwrap().len(), 64);
    assert_eq!(it["signers"], serde_json::json!(["县扶贫办"]));
    assert_eq!(admitted["enactments"].as_array().unwrap().len(), 0);
    let nothing = run(&county, &in_force(COUNTY, FROM));
    assert_eq!(nothing.code, Some(1), "{nothing:?}");
    assert_eq!(nothing.stdout, "nothing is in force\n");

    // Proposed, with who has approved it so far.
    let preview = county.preview(&policy, None, FROM);
    let proposed = county.propose(&policy, None, FROM, &preview).done().json();
    let first = proposed["enactment"].as_str().unwrap();
    county.approve(first, &preview, "admin").done();
    let told = listed(&county, first, &[]);
    assert_eq!(told["standing"], "proposed");
    assert_eq!(told["approvals"][0]["name"], "admin", "{told}");
    assert_eq!(told["preview"], preview.as_str());
    let shown = run(&county, &[]).done().stdout;
    assert!(shown.contains("proposed (1/2: admin)"), "{shown}");
    assert!(shown.contains(first) && shown.contains(&policy), "{shown}");

    // In force, suspended, resumed.
    county.approve(first, &preview, county.approver()).done();
    assert_eq!(standing(&county, first, FROM), "in-force");
    assert_eq!(standing(&county, first, "2019-12-31"), "to-come");
    let holds = list(&county, &in_force(TOWNSHIP, FROM));
    assert_eq!(holds["enactments"][0]["enactment"], first, "{holds}");
    county.run(&["policy", "suspend", first], &[]).done();
    assert_eq!(standing(&county, first, FROM), "suspended");
    let nothing = run(&county, &in_force(COUNTY, FROM));
    assert_eq!(nothing.code, Some(1), "{nothing:?}");
    assert!(nothing.stdout.contains("suspended"), "{nothing:?}");
    county.run(&["policy", "resume", first], &[]).done();

    // Superseded by other settings, from their first day on.
    let settings = county.folder().join("settings.json");
    fs::write(&settings, r#"{"visits-per-month": 0}"#).unwrap();
    let second = county.enact(&policy, Some(&settings), LATER);
    assert_eq!(standing(&county, &second, FROM), "to-come");
    assert_eq!(standing(&county, first, FROM), "in-force");
    assert_eq!(standing(&county, &second, LATER), "in-force");
    let told = listed(&county, first, &["--on", LATER]);
    assert_eq!(
        (&told["standing"], &told["superseded_by"]),
        (&"superseded".into(), &second.as_str().into())
    );
    let holds = list(&county, &in_force(COUNTY, LATER));
    assert_eq!(holds["enactments"].as_array().unwrap().len(), 1, "{holds}");
    assert_eq!(holds["enactments"][0]["enactment"], second.as_str());

    // What binds says so.
    let preview = county.preview(&policy, None, "2031-01-01");
    let place = ["--area", COUNTY, "--from", "2031-01-01", "--binding"];
    let propose = [
        "policy",
        "propose",
        "--json",
        &policy,
        "--preview",
        &preview,
    ];
    let binding = county.run(&[&propose[..], &place].concat(), &[]);
    let binding = binding.done().json();
    let binding = binding["enactment"].as_str().unwrap();
    assert_eq!(listed(&county, binding, &[])["binding"], true);
    let shown = run(&county, &[]).done().stdout;
    assert!(shown.contains("proposed (0/2), binding"), "{shown}");

    // What reaches a township is for whoever works there; who approved it is not.
    Officer::appoint(&county, "officer", "township-officer", TOWNSHIP);
    let told = listed(&county, first, &["--as", "officer"]);
    assert_eq!(
        (&told["area"], &told["approvals"][0]["name"]),
        (&COUNTY.into(), &"".into())
    );
    let elsewhere = run(&county, &["--as", "officer", "--area", COUNTY]);
    elsewhere.refused("denied");

    let other = list(&county, &["--purpose", "screening"]);
    assert_eq!(other, serde_json::json!({"policies": [], "enactments": []}));
}
