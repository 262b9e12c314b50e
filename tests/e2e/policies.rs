//! The shipped policies through the command line: brought in, put in force, run, accepted, run again.

use std::fs;

use lika_proto::{log::v1::Kind, v1::record::Body};
use lika_tests::{Node, Sample, built};
use serde_json::Value;

const COUNTY: &str = "360323";
const HOUSEHOLDS: usize = 60;
/// The day after the sample's.
const FROM: &str = "2020-07-01";

#[test]
fn a_shipped_policy_is_admitted_enacted_run_accepted_and_replayed() {
    let (mut county, _) = Node::with_households(HOUSEHOLDS);
    let component = built::policy("pairing");
    let policy = county.put_in_force(&component, None, "2020-01-01").policy;
    assert_eq!(county.admit(&component), policy, "admitted once");
    let first = county.evaluate("pairing", Some(Sample::AS_OF));
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

    let accepted = county.accept("pairing", FROM);
    assert_eq!(accepted["pairings"], first["proposals"], "{accepted}");
    let pairings = county.client().list(Kind::Pairing, COUNTY).unwrap();
    assert_eq!(pairings.len() as u64, count(&accepted, "pairings"));
    assert!(
        pairings
            .iter()
            .all(|record| matches!(record.body, Some(Body::Pairing(_))))
    );
    // Where it holds, what has been accepted is not proposed again.
    let again = county.evaluate("pairing", Some(FROM));
    assert_eq!(again["proposals"], 0, "{again}");
    assert!(count(&again, "granted") > 0, "{again}");
    assert_eq!(county.accept("pairing", FROM)["pairings"], 0);

    // The records have changed since; what is replayed is what was recorded, in another process too.
    let evaluations = county.client().ids(Kind::Evaluation, COUNTY);
    assert!(evaluations.len() >= 2, "{evaluations:?}");
    county.stop();
    county.must_verify();
    county.start();
    // Some of them will do: each replay starts a process.
    for evaluation in evaluations.into_iter().step_by(4) {
        let replayed = county.replay(&evaluation);
        assert_eq!(replayed["same"], true, "{replayed}");
        assert_eq!(replayed["recorded"], replayed["replayed"]);
        assert_eq!(replayed["recorded"].as_str().unwrap().len(), 64);
    }
}

#[test]
fn what_cannot_be_done_with_a_policy_is_refused_with_its_code() {
    let (county, _) = Node::with_households(HOUSEHOLDS);
    let evaluate = ["evaluate", "pairing", "--area", COUNTY];
    let refused = |arguments: &[&str], code: &str| {
        let all = [&["policy", "--json"], arguments].concat();
        county.run(&all, &[]).refused(code);
    };
    refused(&evaluate, "no-policy-in-force");
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("policy.wasm");
    fs::write(&file, b"\0asm and nothing that follows from it").unwrap();
    refused(&["admit", file.to_str().unwrap()], "policy-refused");
    let nobody = uuid::Uuid::nil().to_string();
    refused(&["replay", &nobody], "not-found");
}
