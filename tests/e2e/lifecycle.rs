//! A policy from its package to what is in force: whose signature counts, and who approves what.

use std::fs;

use lika::policy::package::{KeyPair, Package};
use lika_tests::{Node, Ran, built};

const COUNTY: &str = "360323";
const FROM: &str = "2020-01-01";

fn evaluate(county: &Node) -> Ran {
    let evaluate = ["policy", "evaluate", "pairing", "--area", COUNTY];
    county.run(&evaluate, &[])
}

#[test]
fn a_package_counts_when_it_is_signed_by_whom_the_county_knows() {
    let county = Node::luxi();
    let file = county.pack(&built::policy("pairing"));
    let admit = || county.run(&["policy", "admit"], &[&file]);
    admit().refused("not-signed");

    let read = || Package::read(&fs::read(&file).unwrap()).unwrap();
    let mut stranger = read();
    stranger.sign(&KeyPair::generate().unwrap()).unwrap();
    fs::write(&file, stranger.to_bytes().unwrap()).unwrap();
    admit().refused("not-signed");

    // Through the command line, as a signer does, with a file of the key.
    let key = county.folder().join("signer.key");
    fs::write(&key, county.signer().secret_file().unwrap()).unwrap();
    let sign = ["policy", "sign", file.to_str().unwrap(), "--key"];
    let sign = [&sign[..], &[key.to_str().unwrap()]].concat();
    let said = lika_tests::lika(&sign).done().stdout;
    assert!(said.contains(&county.signer().public()), "{said}");
    let shown = lika_tests::lika(["policy", "show", file.to_str().unwrap()]).done();
    assert!(
        shown.stdout.contains("purpose = \"pairing\""),
        "{}",
        shown.stdout
    );
    assert_eq!(read().signed_with().count(), 2);

    // What was signed is not altered on the way.
    let signed = fs::read(&file).unwrap();
    for place in (60..signed.len()).step_by(signed.len() / 12) {
        let mut flipped = signed.clone();
        flipped[place] ^= 0x20;
        fs::write(&file, &flipped).unwrap();
        let ran = admit();
        // A byte that no reader of ZIP files looks at alters nothing.
        if Package::read(&flipped).ok() != Package::read(&signed).ok() {
            assert_eq!(ran.code, Some(2), "byte {place}: {ran:?}");
        }
    }
    fs::write(&file, signed).unwrap();
    admit().done();
}

#[test]
fn an_enactment_takes_a_fresh_preview_and_two_people() {
    let (county, _) = Node::with_households(60);
    let policy = county.admit(&built::policy("pairing"));
    let stale = "0".repeat(64);
    let ran = county.propose(&policy, None, FROM, &stale);
    ran.refused("stale-preview");
    let preview = county.preview(&policy, None, FROM);
    let proposed = county.propose(&policy, None, FROM, &preview).done().json();
    let enactment = proposed["enactment"].as_str().unwrap();

    county.approve(enactment, &preview, "admin").done();
    let ran = evaluate(&county).refused("no-policy-in-force");
    assert!(ran.stderr.contains("waits for the approval"), "{ran:?}");
    let ran = county.approve(enactment, &preview, "admin");
    ran.refused("same-person");
    let approver = county.approver();
    let ran = county.approve(enactment, &stale, approver);
    ran.refused("stale-preview");
    evaluate(&county).refused("no-policy-in-force");
    county.approve(enactment, &preview, approver).done();
    evaluate(&county).done();

    let suspend = |command| county.run(&["policy", command, enactment], &[]);
    suspend("suspend").done();
    evaluate(&county).refused("policy-suspended");
    suspend("resume").done();
    evaluate(&county).done();
}
