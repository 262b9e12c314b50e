//! What would change: counted once, promised by a digest, and read from one moment.

use lika_core::{
    log::Kind,
    record::Household,
    value::{Digest, Fen},
};

use super::super::reading::Snapshot;
use super::{
    super::difference::{Candidate, Difference, Outcome},
    Change, Error,
    county::{COUNTY, KEY_VILLAGE, TOWNSHIP, World, area, code, date, id, member},
};

/// A guest that decides nothing about each household and gives so many fen to those that are able to work.
fn pays(fen: i64) -> Vec<u8> {
    let body = format!(
        "(local $row i32) (local $rows i32) (local $decision i32)
        (local.set $rows (i32.load (local.get 3)))
        (block $end (loop $next
            (br_if $end (i32.eq (local.get $row) (local.get $rows)))
            (local.set $decision (i32.add (i32.const 98304) (i32.mul (local.get $row) (i32.const 48))))
            (i32.store (local.get $decision) (local.get $row))
            (i32.store8 (i32.add (local.get $decision) (i32.const 4)) (i32.const 2))
            (i32.store8 (i32.add (local.get $decision) (i32.const 16)) (i32.const 1))
            (i64.store (i32.add (local.get $decision) (i32.const 24)) (i64.mul (i64.const {fen})
                (i64.load (i32.add (i32.load (i32.add (local.get 3) (i32.const 4)))
                    (i32.mul (local.get $row) (i32.const 8))))))
            (local.set $row (i32.add (local.get $row) (i32.const 1)))
            (br $next)))
        (i32.store (i32.const 516) (i32.const 98304)) (i32.store (i32.const 520) (local.get $rows)) (i32.const 512)"
    );
    lika_guests::guest_that_reads("household.able-to-work", "flag", &body)
}

async fn admit(world: &World, component: Vec<u8>) -> Candidate {
    let digest = Digest::of(&component);
    let name = digest.to_string();
    let admitted = world.admit(&name, component).await;
    Candidate {
        component: admitted.unwrap().description.component,
        settings: "{}".to_owned(),
    }
}

fn difference(
    world: &World,
    purpose: &str,
    digits: &str,
    candidate: &Candidate,
) -> Result<Difference, Error> {
    let on = date(2016, 3, 1);
    world
        .gateway
        .difference(&code(purpose), &area(digits), on, candidate)
}

fn household(kind: &str) -> Household {
    Household::new(code(kind))
}

#[tokio::test(flavor = "multi_thread")]
async fn where_nothing_is_in_force_every_subject_is_a_change() {
    let world = World::new().await;
    let candidate = admit(&world, pays(100)).await;
    let found = difference(&world, "screening", COUNTY, &candidate).unwrap();
    assert_eq!((found.before, found.after.enactment), (None, None));
    assert_eq!(found.changes.len(), 5);
    assert!(found.changes.is_sorted_by_key(|change| change.subject));
    assert!(found.changes.iter().all(|change| change.before.is_none()));
    assert_eq!(found.summary.money, (0, 300));
    let one = (None, Some(Outcome::Undetermined));
    assert_eq!(found.summary.transitions[&one], 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn those_who_get_another_amount_are_named_with_both() {
    let world = World::new().await;
    let old = admit(&world, pays(100)).await;
    let new = admit(&world, pays(250)).await;
    let policy = lika_core::record::Policy::id_for(&old.component);
    let enacted = world
        .put_in_force("enact", &policy, COUNTY, None, date(2016, 1, 1))
        .await
        .unwrap();
    let same = difference(&world, "screening", COUNTY, &old).unwrap();
    assert_eq!(same.changes, []);
    assert_eq!(same.before.unwrap().enactment, Some(enacted));
    let found = difference(&world, "screening", COUNTY, &new).unwrap();
    assert_ne!(found.digest(), same.digest());
    let mut expected = [0, 2, 4].map(|number| id("household", number));
    expected.sort_unstable();
    let subjects: Vec<_> = found.changes.iter().map(|change| change.subject).collect();
    assert_eq!(subjects, expected);
    for change in &found.changes {
        let amount =
            |judged: &Option<super::super::difference::Judged>| judged.as_ref().unwrap().amount;
        assert_eq!(amount(&change.before), Some(Fen(100)));
        assert_eq!(amount(&change.after), Some(Fen(250)));
    }
    assert_eq!(
        (found.summary.subjects, found.summary.money),
        (5, (300, 750))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_run_any_more_does_not_stand_in_the_way_of_what_would_replace_it() {
    let world = World::new().await;
    let old = admit(&world, pays(100)).await;
    let new = admit(&world, pays(250)).await;
    let policy = lika_core::record::Policy::id_for(&old.component);
    let enacted = world
        .put_in_force("enact", &policy, COUNTY, None, date(2016, 1, 1))
        .await
        .unwrap();
    world.lose(&old.component);
    let found = difference(&world, "screening", COUNTY, &new).unwrap();
    assert_eq!(found.before.unwrap().enactment, Some(enacted));
    assert_eq!(found.changes.len(), 5);
    assert!(found.changes.iter().all(|change| change.before.is_none()));
    let error = difference(&world, "screening", COUNTY, &old).unwrap_err();
    assert_eq!(error.code(), "damaged");
    // One that shares out over the county says nothing of a township.
    world.enact("village-team").await;
    let candidate = Candidate {
        component: world.component("village-team").await,
        settings: "{}".to_owned(),
    };
    let error = difference(&world, "village-team", TOWNSHIP, &candidate).unwrap_err();
    assert_eq!(error.code(), "malformed-request");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_promised_is_what_is_decided() {
    let world = World::new().await;
    let from = date(2016, 1, 1);
    let pairing = world.enact("pairing").await;
    world.evaluate("first", "pairing", COUNTY).await.unwrap();
    world.accept("accept", "pairing").await.unwrap();
    let stricter = r#"{"village-households": 0, "visits-per-month": 3}"#;
    let pays = admit(&world, pays(100)).await;
    let candidates = [
        (
            "screening",
            lika_core::record::Policy::id_for(&pays.component),
            pays,
        ),
        (
            "pairing",
            pairing,
            Candidate {
                component: world.component("pairing").await,
                settings: stricter.to_owned(),
            },
        ),
    ];
    for (purpose, policy, candidate) in candidates {
        let promised = difference(&world, purpose, COUNTY, &candidate).unwrap();
        assert!(!promised.changes.is_empty(), "{purpose}");
        let (enact, settings) = (format!("put in force {purpose}"), &candidate.settings);
        let from = from.plus_days(1).unwrap();
        let enacted = world.put_in_force(&enact, &policy, COUNTY, Some(settings), from);
        enacted.await.unwrap();
        world.evaluate(purpose, purpose, COUNTY).await.unwrap();
        for change in &promised.changes {
            let (decided, after) = (
                world.decision(purpose, change.subject),
                change.after.as_ref().unwrap(),
            );
            assert_eq!(decided.outcome.code(), after.outcome.code());
            assert_eq!(decided.amount, after.amount);
            let reasons: Vec<_> = decided.reasons.iter().map(|it| &it.code).collect();
            let promised: Vec<_> = after.reasons.iter().map(|(code, _)| code).collect();
            assert_eq!(reasons, promised);
        }
        assert_eq!(
            difference(&world, purpose, COUNTY, &candidate)
                .unwrap()
                .changes,
            []
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_digest_grows_stale_with_what_it_promises_and_with_nothing_else() {
    let world = World::new().await;
    let candidate = admit(&world, pays(100)).await;
    let first = difference(&world, "screening", TOWNSHIP, &candidate).unwrap();
    world
        .write(
            "visit",
            vec![super::visit(9, id("cadre", 6), None, date(2016, 2, 1))],
        )
        .await;
    let later = difference(&world, "screening", TOWNSHIP, &candidate).unwrap();
    assert!(first.as_of < later.as_of);
    assert_eq!(first.digest(), later.digest());
    let more = Change::create(id("household", 77), area(KEY_VILLAGE), household("general"));
    let head = Change::create(
        id("member", 770),
        area(KEY_VILLAGE),
        member(77, "02", 1970, Some("skilled")),
    );
    world.write("household", vec![more, head]).await;
    let stale = difference(&world, "screening", TOWNSHIP, &candidate).unwrap();
    assert_eq!(stale.changes.len(), 6);
    assert_ne!(first.digest(), stale.digest());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_group_policy_is_previewed_through_all_its_passes() {
    let world = World::new().await;
    world.enact("pairing").await;
    let component = world.component("pairing").await;
    let candidate = Candidate {
        component,
        settings: r#"{"county-focus": 0}"#.to_owned(),
    };
    let found = difference(&world, "pairing", COUNTY, &candidate).unwrap();
    let evaluated = world.evaluate("first", "pairing", COUNTY).await.unwrap();
    assert_eq!(found.summary.subjects, evaluated.decisions);
    // Nobody is paired before somebody has accepted, whatever is proposed.
    assert_eq!(found.changes, []);
    let faulty = Candidate {
        settings: r#"{"county-focus": -1}"#.to_owned(),
        ..candidate.clone()
    };
    let error = difference(&world, "pairing", COUNTY, &faulty).unwrap_err();
    assert_eq!(error.code(), "invalid-settings");
    let error = difference(&world, "screening", COUNTY, &candidate).unwrap_err();
    assert_eq!(error.code(), "malformed-request");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_written_later_is_not_in_a_snapshot() {
    let world = World::new().await;
    let gateway = world.gateway.clone();
    let snapshot = gateway.snapshot();
    let found = |snapshot: &Snapshot<'_>| {
        let mut found = Vec::new();
        for kind in [Kind::Household, Kind::Unit] {
            let take = |id, area, body| found.push((area, id, body));
            snapshot.each(kind, &area(COUNTY), take).unwrap();
        }
        found
    };
    let before = found(&snapshot);
    assert_eq!(before.len(), 5 + 3);
    let reader = gateway.reader();
    let current = |id| reader.get(&id).unwrap().unwrap().into_record().unwrap();
    let changed = Change::of(
        &current(id("household", 0)),
        lika_core::log::Action::Change,
        household("allowance-only"),
    );
    let unit = current(id("unit", 1));
    let closed = Change::of(&unit, lika_core::log::Action::Close, unit.body.clone());
    let made = Change::create(id("household", 77), area(KEY_VILLAGE), household("general"));
    let head = Change::create(
        id("member", 770),
        area(KEY_VILLAGE),
        member(77, "02", 1970, Some("skilled")),
    );
    world.write("changed", vec![changed]).await;
    world.write("closed", vec![closed]).await;
    world.write("made", vec![made, head]).await;
    assert_eq!(found(&snapshot), before);
    let after = found(&gateway.snapshot());
    assert_eq!(after.len(), 6 + 2);
    assert_ne!(after, before);
}
