//! A trial finds what is wrong with a policy, and says nothing of one that is right.

use std::fs;

use lika_guests::{HONEST, guest};
use tempfile::TempDir;

use crate::author::trial::{self, Finding, Named};
use crate::policy::{Engine, Limits, Policy};

/// Leaves an answer that says *undetermined* about every subject, with its number, or what else is asked for, as the
/// score.
fn scored(score: &str) -> String {
    let decision = "(i32.add (i32.const 600) (i32.mul (local.get $row) (i32.const 48)))";
    format!(
        "(local $row i32)
        (i32.store (i32.const 516) (i32.const 600)) (i32.store (i32.const 520) (i32.load (local.get 3)))
        (loop $next (if (i32.lt_u (local.get $row) (i32.load (local.get 3))) (then
            (i32.store {decision} (local.get $row))
            (i32.store8 offset=4 {decision} (i32.const 2))
            (i32.store8 offset=32 {decision} (i32.const 1))
            (i64.store offset=40 {decision} {score})
            (local.set $row (i32.add (local.get $row) (i32.const 1)))
            (br $next))))
        (i32.const 512)"
    )
}

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
    trial::properties(&policy, &settings, &[])
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
    let kept = crate::author::example::Example::parse(policy(HONEST).describe(), example);
    assert_eq!(kept.unwrap().rows.len(), 5);
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
