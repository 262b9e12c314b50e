//! The last gate: a policy answers the same question in one way.

use lika_guests::{HONEST, LOOP, granting, guest, guest_that_declares, guest_that_reads, scored};

use crate::policy::{
    Engine, Limits, Monotone, Outcome, Refusal,
    conformance::{self, Broken, Error, Fault, example::Example},
    engine::Tier,
    manifest,
};

/// A few instances are enough, and so is a fraction of the fuel.
fn engine() -> Engine {
    let limits = Limits {
        instances: 2,
        fuel: 10_000_000,
        ..Limits::default()
    };
    Engine::new(limits).unwrap()
}

fn must_keep(component: &[u8]) -> Result<(), Error> {
    must_keep_with(component, &[])
}

/// The same, where these are examples of the author.
fn must_keep_with(component: &[u8], examples: &[&str]) -> Result<(), Error> {
    let [policy, apart] = [engine(), engine()].map(|it| it.admit(component).unwrap());
    let defaults = policy.settings("{}").unwrap();
    let known = examples.iter();
    let known = known.map(|text| Example::parse(policy.describe(), text).unwrap());
    let known: Vec<Example> = known.collect();
    conformance::must_keep(&policy, &apart, &defaults, &known, Tier::Compiled)
}

fn broken(kept: Result<(), Error>) -> Broken {
    match kept {
        Err(Error::Broken(broken)) => broken,
        other => panic!("{other:?}"),
    }
}

fn fault(score: &str) -> Option<Fault> {
    let kept = must_keep(&guest(&scored(score)));
    if kept.is_ok() {
        return None;
    }
    let Broken { fault, input } = broken(kept);
    assert!(input.contains("\"household\":[{"), "{input}");
    Some(fault)
}

#[test]
fn a_policy_that_judges_each_by_itself_keeps_the_contract() {
    assert_eq!(fault("(i64.const 7)"), None);
}

#[test]
fn a_policy_that_looks_at_the_order_does_not() {
    let by_number = fault("(i64.extend_i32_u (local.get $row))");
    assert!(
        matches!(by_number, Some(Fault::InAnotherOrder(_) | Fault::Alone(_))),
        "{by_number:?}"
    );
}

#[test]
fn a_policy_that_looks_at_how_many_there_are_does_not() {
    let crowd =
        |size| format!("(i64.extend_i32_u (i32.gt_u (i32.load (local.get 3)) (i32.const {size})))");
    assert!(matches!(fault(&crowd(2)), Some(Fault::Alone(_))));
    let in_batches = fault(&crowd(40));
    assert_eq!(
        in_batches,
        Some(Fault::InBatchesOf {
            subject: 0,
            size: 1
        })
    );
    // No preview hands over fewer than a thousand of many.
    let last = fault(&crowd(1_001));
    assert!(matches!(last, Some(Fault::InBatchesOf { .. })), "{last:?}");
}

#[test]
fn what_gives_no_answer_is_not_asked_for_ever() {
    for body in [HONEST, "(unreachable)", LOOP] {
        assert_eq!(must_keep(&guest(body)), Ok(()));
        assert_eq!(
            must_keep(&guest_that_reads("household.key", "code", body)),
            Ok(())
        );
    }
}

/// Grants whoever has less than the line.
const UNDER_THE_LINE: &str = "(i64.lt_s (local.get $value) (i64.const 150000))";
/// Grants whoever has next to nothing, and one amount far above it.
const BUT_FOR_ONE: &str = "(i32.or (i64.lt_s (local.get $value) (i64.const 5))
    (i64.eq (local.get $value) (i64.const 987654)))";

#[test]
fn a_policy_that_keeps_its_declaration_is_admitted() {
    let guest = |way, condition: &str| guest_that_declares("income", way, &granting(condition));
    assert_eq!(must_keep(&guest("decreasing", UNDER_THE_LINE)), Ok(()));
    let over = "(i64.ge_s (local.get $value) (i64.const 150000))";
    assert_eq!(must_keep(&guest("increasing", over)), Ok(()));
    // Nobody is compared with what cannot be said.
    assert_eq!(
        must_keep(&guest_that_declares(
            "income",
            "decreasing",
            &scored("(i64.const 1)")
        )),
        Ok(())
    );
}

#[test]
fn a_policy_that_breaks_its_declaration_is_not() {
    let declared = |way, condition: &str| guest_that_declares("income", way, &granting(condition));
    let broken = broken(must_keep(&declared("increasing", UNDER_THE_LINE)));
    assert!(broken.is_of_a_declaration());
    let Fault::NotMonotone(turn) = &broken.fault else {
        panic!("{broken}")
    };
    assert_eq!(
        (turn.low.1, turn.high.1),
        (Outcome::Granted, Outcome::Refused)
    );
    assert_eq!(
        (&*turn.fact, turn.declared),
        ("household/income", Monotone::Increasing)
    );

    // What no made-up input would meet is met by the author's own example.
    let sly = declared("decreasing", BUT_FOR_ONE);
    assert_eq!(must_keep(&sly), Ok(()));
    let example = r#"{"tables": {"household": [{"income": 987655}]}}"#;
    let broken = must_keep_with(&sly, &[example]).unwrap_err();
    let said = broken.to_string();
    let turn = "subject 0 is refused with household/income 10000 and granted with 987654, which is declared decreasing";
    assert!(said.contains(turn), "{said}");
    assert!(
        said.starts_with("the policy breaks its own declaration"),
        "{said}"
    );
    // The same trial again finds the same.
    assert_eq!(must_keep_with(&sly, &[example]), Err(broken));
}

#[test]
fn only_what_can_rise_for_one_subject_is_declared() {
    let admit = |component: &[u8]| engine().admit(component).map(drop);
    let wrong_word = admit(&guest_that_declares("income", "falling", HONEST));
    let way = manifest::Error::Way {
        key: "income".into(),
        word: "falling".into(),
    };
    assert_eq!(wrong_word, Err(Refusal::Manifest(way)));
}
