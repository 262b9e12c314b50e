//! The shipped policies through the command line: brought in, put in force, run, accepted, run again.

use std::fs;

use lika_proto::{log::v1::Kind, v1::record::Body};
use lika_tests::{Node, Ran, Sample, built};
use serde_json::Value;

const COUNTY: &str = "360323";
const HOUSEHOLDS: usize = 60;

/// A county with people and with cadres who could help them.
pub fn county() -> Node {
    let mut county = Node::create(COUNTY, "芦溪县");
    county.start();
    let sample = Sample::of(HOUSEHOLDS);
    sample.register(&county.client());
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("households.csv");
    sample.county.write_csv(&file).unwrap();
    county
        .run(&["import", "--as-of", "2020-06-30"], &[&file])
        .done();
    county
}

fn policy(county: &Node, arguments: &[&str]) -> Ran {
    let all = [&["policy", "--json"], arguments].concat();
    county.run(&all, &[])
}

#[track_caller]
pub fn done(county: &Node, arguments: &[&str]) -> Value {
    policy(county, arguments).done().json()
}

/// Puts a shipped policy in force; its record.
#[track_caller]
pub fn put_in_force(county: &Node, name: &str) -> String {
    let component = built::policies().join(format!("{name}.wasm"));
    county.put_in_force(&component, None, "2020-01-01").policy
}

/// The ids of the evaluations so far.
fn evaluations(county: &Node) -> Vec<String> {
    let records = county.client().list(Kind::Evaluation, COUNTY).unwrap();
    let ids = records
        .iter()
        .map(|record| uuid::Uuid::from_slice(&record.id).unwrap());
    ids.map(|id| id.to_string()).collect()
}

#[test]
fn a_shipped_policy_is_admitted_enacted_run_accepted_and_replayed() {
    let mut county = county();
    let component = built::policies().join("pairing.wasm");
    let policy = county.put_in_force(&component, None, "2020-01-01").policy;
    assert_eq!(county.admit(&component), policy, "admitted once");
    let evaluate = |on| {
        let arguments = ["evaluate", "pairing", "--area", COUNTY, "--on", on];
        done(&county, &arguments)
    };
    let first = evaluate("2020-06-30");
    let count = |answer: &Value, key: &str| answer[key].as_u64().unwrap();
    assert_eq!(first["policy"], "pairing", "{first}");
    assert!(count(&first, "decisions") >= HOUSEHOLDS as u64, "{first}");
    let outcomes = ["granted", "refused", "undetermined"].map(|key| count(&first, key));
    assert_eq!(
        outcomes.iter().sum::<u64>(),
        count(&first, "decisions"),
        "{first}"
    );
    assert!(count(&first, "proposals") > 0, "{first}");
    assert_eq!(county.client().totals(COUNTY).get("pairings"), None);

    let accept = [
        "accept",
        "pairing",
        "--area",
        COUNTY,
        "--from",
        "2020-07-01",
    ];
    let accepted = done(&county, &accept);
    assert_eq!(accepted["pairings"], first["proposals"], "{accepted}");
    let pairings = county.client().list(Kind::Pairing, COUNTY).unwrap();
    assert_eq!(pairings.len() as u64, count(&accepted, "pairings"));
    assert!(
        pairings
            .iter()
            .all(|record| matches!(record.body, Some(Body::Pairing(_))))
    );
    // Where it holds, what has been accepted is not proposed again.
    let again = evaluate("2020-07-01");
    assert_eq!(again["proposals"], 0, "{again}");
    assert!(count(&again, "granted") > 0, "{again}");
    assert_eq!(done(&county, &accept)["pairings"], 0);

    // The records have changed since; what is replayed is what was recorded, in another process too.
    let evaluations = evaluations(&county);
    assert!(evaluations.len() >= 2, "{evaluations:?}");
    county.stop();
    county.must_verify();
    county.start();
    // Some of them will do: each replay starts a process.
    for evaluation in evaluations.into_iter().step_by(4) {
        let replayed = done(&county, &["replay", &evaluation]);
        assert_eq!(replayed["same"], true, "{replayed}");
        assert_eq!(replayed["recorded"], replayed["replayed"]);
        assert_eq!(replayed["recorded"].as_str().unwrap().len(), 64);
    }
}

#[test]
fn what_cannot_be_done_with_a_policy_is_refused_with_its_code() {
    let county = county();
    let evaluate = ["evaluate", "pairing", "--area", COUNTY];
    let refused = |arguments: &[&str], code: &str| {
        let ran = policy(&county, arguments);
        assert_eq!(ran.code, Some(2), "{ran:?}");
        assert!(ran.stderr.contains(&format!("({code})")), "{}", ran.stderr);
    };
    refused(&evaluate, "no-policy-in-force");
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("policy.wasm");
    fs::write(&file, b"\0asm and nothing that follows from it").unwrap();
    refused(&["admit", file.to_str().unwrap()], "policy-refused");
    let nobody = uuid::Uuid::nil().to_string();
    refused(&["replay", &nobody], "not-found");
}
