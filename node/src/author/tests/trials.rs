//! A trial finds what is wrong with a policy, and says nothing of one that is right.

use std::fs;

use lika_guests::{HONEST, guest, scored};
use tempfile::TempDir;

use crate::author::trial::{self, Named};
use crate::policy::{
    Engine, Limits, Policy,
    conformance::{self, Finding, example::Example},
};

fn policy(evaluate: &str) -> Policy {
    let limits = Limits {
        instances: 2,
        ..Limits::default()
    };
    Engine::new(limits)
        .unwrap()
        .admit(&guest(evaluate))
        .unwrap()
}

fn properties(evaluate: &str) -> Vec<Finding> {
    let policy = policy(evaluate);
    let settings = policy.settings("{}").unwrap();
    conformance::properties(&policy, &settings, &[])
}

/// The properties that do not hold, by their first word.
fn broken(evaluate: &str) -> Vec<String> {
    let broken = properties(evaluate)
        .into_iter()
        .filter(|it| it.fault.is_some());
    let word = |it: Finding| it.what.split(' ').next().unwrap().to_owned();
    broken.map(word).collect()
}

#[test]
fn a_policy_that_judges_each_by_itself_holds() {
    let always = scored("(i64.const 7)");
    let findings = properties(&always);
    assert_eq!(findings.len(), 3);
    assert!(findings.iter().all(|it| it.fault.is_none()), "{findings:?}");
}

#[test]
fn a_policy_that_looks_at_the_order_is_found() {
    let by_number = scored("(i64.extend_i32_u (local.get $row))");
    assert_eq!(broken(&by_number), ["whatever"]);
}

#[test]
fn a_trap_and_a_broken_rule_are_found_with_an_input_to_keep() {
    assert_eq!(broken("(unreachable)"), ["every"]);
    // It decides about the first of five only.
    let findings = properties(HONEST);
    let fault = findings[0].fault.as_ref().unwrap();
    assert!(
        fault.contains("expected the decision of subject 1"),
        "{fault}"
    );
    let (_, example) = fault.split_once("for ").unwrap();
    let kept = Example::parse(policy(HONEST).describe(), example);
    assert_eq!(kept.unwrap().subjects(policy(HONEST).describe()), 5);
}

/// A folder with an example, and what is in it.
fn examples(policy: &Policy) -> (TempDir, Vec<Named>) {
    let folder = tempfile::tempdir().unwrap();
    let text = r#"{"tables": {"household": [{"income": 100}]}}"#;
    fs::write(folder.path().join("one.json"), text).unwrap();
    let examples = trial::examples(policy.describe(), folder.path()).unwrap();
    (folder, examples)
}

#[test]
fn an_answer_is_recorded_when_it_is_accepted_and_held_against_from_then_on() {
    let policy = policy(HONEST);
    let (folder, examples) = examples(&policy);
    let fault = |accept| {
        let findings = trial::golden(&policy, &examples, accept).unwrap();
        let [Finding { what, fault }] = &findings[..] else {
            panic!("{findings:?}")
        };
        assert_eq!(what, "one.json");
        fault.clone()
    };
    assert!(
        fault(false)
            .unwrap()
            .contains("there is no one.answer.json")
    );
    assert_eq!(fault(true), None);
    assert_eq!(fault(false), None);
    let answer = folder.path().join("one.answer.json");
    let recorded = fs::read_to_string(&answer).unwrap();
    assert!(recorded.contains("undetermined"), "{recorded}");
    fs::write(&answer, recorded.replace("undetermined", "refused")).unwrap();
    assert!(
        fault(false)
            .unwrap()
            .contains("another answer than one.answer.json")
    );
    assert_eq!(
        fs::read_dir(folder.path()).unwrap().count(),
        2,
        "answers are no examples"
    );
}

#[test]
fn a_policy_without_examples_has_none() {
    let folder = tempfile::tempdir().unwrap();
    let none = trial::examples(policy(HONEST).describe(), &folder.path().join("examples"));
    assert_eq!(none.unwrap().len(), 0);
}
