//! Checkpoints and proofs: what a node has signed holds for somebody who has nothing of it but its key.

use std::{fs, path::Path, process::Command};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use lika_proto::{log::v1::Kind, v1::record::Body};
use lika_tests::{Node, Ran, apply, built, household, lika, search::Needles};
use serde_json::Value;

const HOUSEHOLDS: usize = 40;

/// What the two programs say of a proof that read it: this one, and one that was written from the README of `proto`.
fn checked(proof: &Path, key: &str) -> [Option<i32>; 2] {
    let ours = lika([
        "log".as_ref(),
        "check".as_ref(),
        proof.as_os_str(),
        "--key".as_ref(),
        key.as_ref(),
    ]);
    let theirs = Command::new(built::python())
        .arg(built::source("tests/python/verify_proof.py"))
        .arg(proof)
        .arg(key)
        .output();
    let theirs = Ran::from(theirs.unwrap());
    assert!(!theirs.stderr.contains("Traceback"), "{}", theirs.stderr);
    [ours.code, theirs.code]
}

fn key_of(node: &Node) -> String {
    let answer = node
        .run(&["log", "checkpoint", "--json"], &[])
        .done()
        .json();
    answer["key"].as_str().unwrap().to_owned()
}

/// Every text of a JSON value, and where it stands.
fn texts(value: &Value, at: &str, found: &mut Vec<(String, String)>) {
    match value {
        Value::String(text) => found.push((at.to_owned(), text.clone())),
        Value::Array(all) => {
            for (index, one) in all.iter().enumerate() {
                texts(one, &format!("{at}/{index}"), found);
            }
        }
        Value::Object(all) => {
            for (name, one) in all {
                texts(one, &format!("{at}/{name}"), found);
            }
        }
        _ => {}
    }
}

/// Another text of the same kind: a bit of the bytes is another, or a letter of the text.
fn spoilt(text: &str) -> String {
    if text.is_empty() {
        return "AA==".to_owned();
    }
    if let Ok(mut bytes) = BASE64_STANDARD.decode(text) {
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        return BASE64_STANDARD.encode(bytes);
    }
    // The digit of a note's second line: the number of entries.
    let at = text.find('\n').map_or(0, |at| at + 1);
    let digit = if text[at..].starts_with('9') {
        "8"
    } else {
        "9"
    };
    format!("{}{digit}{}", &text[..at], &text[at + 1..])
}

#[test]
fn an_entry_is_proved_offline_and_nothing_of_the_proof_can_be_another() {
    let (node, sample) = Node::with_households(HOUSEHOLDS);
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str| folder.path().join(name);
    let key = key_of(&node);
    let out = file("earlier.note");
    node.run(&["log", "checkpoint", "--out"], &[&out]).done();
    let village = sample.county.households[0].village.digits();
    let client = node.client();
    let member = &client.list(Kind::Member, village).unwrap()[0];
    let id = uuid::Uuid::from_slice(&member.id).unwrap().to_string();

    // The log goes on before the proof is made.
    let more = (0..30).flat_map(|number| household(number, "development", village));
    apply(&client, more.collect());
    let proof = file("proof.json");
    let line = ["log", "prove", "--record", &id, "--since"];
    let made = node.run(&line, &[&out]).done();
    fs::write(&proof, &made.stdout).unwrap();
    assert_eq!(checked(&proof, &key), [Some(0), Some(0)]);

    // Nothing in it says whose record it is.
    let Some(Body::Member(shown)) = &member.body else {
        panic!("{member:?}");
    };
    let identity = shown.identity.as_ref().unwrap();
    let document = identity.document.as_ref().unwrap();
    let needles = Needles::new([identity.name.as_str(), document.text.as_str()]);
    let read: Value = serde_json::from_str(&made.stdout).unwrap();
    let mut all = Vec::new();
    texts(&read, "", &mut all);
    for (_, text) in &all {
        let bytes = BASE64_STANDARD.decode(text).unwrap_or_default();
        assert!(
            needles.in_bytes(&bytes).is_empty() && needles.in_bytes(text.as_bytes()).is_empty()
        );
    }

    let names: Vec<&str> = all
        .iter()
        .map(|(at, _)| at.split('/').nth(1).unwrap())
        .collect();
    for part in ["format", "entry", "checkpoint", "inclusion", "earlier"] {
        assert!(names.contains(&part), "{names:?}");
    }
    for (at, text) in &all {
        let mut other = read.clone();
        *other.pointer_mut(at).unwrap() = spoilt(text).into();
        let spoilt = file("spoilt.json");
        fs::write(&spoilt, other.to_string()).unwrap();
        let [ours, theirs] = checked(&spoilt, &key);
        assert!(
            matches!(ours, Some(1 | 2)) && theirs == Some(1),
            "{at}: {ours:?} {theirs:?}"
        );
    }
    let mut other = read.clone();
    other["seq"] = (read["seq"].as_u64().unwrap() + 1).into();
    fs::write(file("spoilt.json"), other.to_string()).unwrap();
    assert_eq!(checked(&file("spoilt.json"), &key), [Some(2), Some(1)]);

    let stranger = Node::luxi();
    assert_eq!(checked(&proof, &key_of(&stranger)), [Some(1), Some(1)]);
}

#[test]
fn what_is_not_in_the_log_is_not_proved() {
    let (node, stranger) = (Node::luxi(), Node::luxi());
    node.run(&["log", "prove", "--seq", "99999"], &[])
        .refused("no-such-entry");
    let folder = tempfile::tempdir().unwrap();
    let theirs = folder.path().join("theirs.note");
    stranger
        .run(&["log", "checkpoint", "--out"], &[&theirs])
        .done();
    node.run(&["log", "prove", "--seq", "1", "--since"], &[&theirs])
        .refused("malformed-request");
}
