//! Replays: equal where nothing was touched, and by name what was.

use lika_core::{
    command::{Change, Command},
    log::Action,
    record::{Decision, Outcome, decision_id},
    value::{ActorId, Ppm, RecordId},
};

use super::{
    super::{
        bundle::{Bundle, Damage, Item, Wanted},
        replay::{Came, Replayed, Sample, Sampled},
    },
    county::{COUNTY, World, area, code, date, id},
    request,
};
use crate::policy::{Engine, Host, Limits};

fn all() -> Sample {
    Sample {
        area: area(COUNTY),
        since: None,
        share: Ppm(1_000_000),
        seed: 7,
    }
}

async fn sampled(world: &World, sample: Sample) -> (Sampled, Vec<Replayed>) {
    let (gateway, caller) = (world.gateway.clone(), world.office());
    let run = move || {
        let mut mismatches = Vec::new();
        let done = gateway.replay_sample(&caller, &sample, |_, mismatch| {
            mismatches.extend(mismatch.cloned());
            true
        });
        (done.unwrap(), mismatches)
    };
    tokio::task::spawn_blocking(run).await.unwrap()
}

/// Makes a decision say what its policy did not say, as nobody could through the gateway.
async fn tamper(world: &World, decision: RecordId) {
    let stored = world.gateway.reader().get(&decision).unwrap().unwrap();
    let current = stored.into_record().unwrap();
    let lika_core::record::Body::Decision(body) = current.body.clone() else {
        panic!("{current:?}");
    };
    let tampered = Decision {
        outcome: Outcome::Granted(code("paired")),
        ..body
    };
    let command = Command {
        request: request("tamper"),
        actor: ActorId(id("officer", 9).0),
        changes: vec![Change::of(&current, Action::Change, tampered)],
    };
    world.gateway.store().submit(command).await.unwrap();
}

async fn bundled(world: &World, wanted: Wanted) -> Vec<u8> {
    let (gateway, caller) = (world.gateway.clone(), world.office());
    let run = move || {
        let mut file = Vec::new();
        let written = gateway.bundle(&caller, &wanted, |bytes| {
            file.extend(bytes);
            true
        });
        (written.unwrap(), file)
    };
    let (_, file) = tokio::task::spawn_blocking(run).await.unwrap();
    file
}

/// Everything that is found in a bundle, by an engine that knows nothing of the world.
fn found(file: &[u8]) -> Vec<Item> {
    let host = Host::in_process(Engine::new(Limits::default()).unwrap());
    let mut bundle = Bundle::open(file, &host).unwrap();
    let mut items = Vec::new();
    while let Some(item) = bundle.replay_next().unwrap() {
        items.push(item);
    }
    items
}

fn replayed(items: &[Item]) -> Vec<&Replayed> {
    let replayed = items.iter().filter_map(|item| match item {
        Item::Replayed(replayed) => Some(replayed),
        Item::Failed(..) | Item::Damaged(_) => None,
    });
    replayed.collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_decision_replays_from_the_registry_and_from_a_bundle() {
    let world = World::new().await;
    for policy in ["village-team", "pairing"] {
        world.enact(policy).await;
        world.evaluate(policy, policy, COUNTY).await.unwrap();
        world
            .accept(&format!("accept {policy}"), policy)
            .await
            .unwrap();
        let again = format!("{policy} again");
        world.evaluate(&again, policy, COUNTY).await.unwrap();
    }
    let (done, mismatches) = sampled(&world, all()).await;
    assert_eq!(mismatches, []);
    // A team twice; two passes over four households twice: a decision names the last pass that judged it.
    assert_eq!((done.chosen, done.same, done.decisions), (6, 6, 2 + 8));
    let wanted = Wanted {
        records: Vec::new(),
        sample: Some(all()),
    };
    let file = bundled(&world, wanted).await;
    let items = found(&file);
    assert_eq!(items.len(), 6);
    let replayed = replayed(&items);
    assert!(
        replayed
            .iter()
            .all(|it| it.came == Came::Same && it.differing.is_empty())
    );
    assert_eq!(replayed.iter().map(|it| it.decisions).sum::<u64>(), 10);
    // One decision alone brings the pass before along.
    let decision = decision_id(&code("pairing"), &id("household", 0));
    let wanted = Wanted {
        records: vec![decision],
        sample: None,
    };
    assert_eq!(found(&bundled(&world, wanted).await).len(), 1);
    let office = world.office();
    let one = world.gateway.replay(&office, &decision).await.unwrap();
    assert_eq!((one.came, one.decisions), (Came::Same, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tampered_decision_is_found_and_named() {
    let world = World::new().await;
    world.enact("pairing").await;
    world.evaluate("first", "pairing", COUNTY).await.unwrap();
    let decision = decision_id(&code("pairing"), &id("household", 1));
    tamper(&world, decision).await;
    let check = |replayed: &Replayed| {
        assert_eq!(replayed.recorded, replayed.replayed);
        let [differing] = &replayed.differing[..] else {
            panic!("{replayed:?}");
        };
        assert_eq!(
            (differing.decision, differing.subject),
            (decision, id("household", 1))
        );
        assert!(
            differing.recorded.starts_with("granted paired"),
            "{differing:?}"
        );
        assert!(differing.replayed.starts_with("refused"), "{differing:?}");
    };
    let (done, mismatches) = sampled(&world, all()).await;
    assert_eq!((done.mismatches, done.same), (1, 1));
    check(&mismatches[0]);
    let office = world.office();
    check(&world.gateway.replay(&office, &decision).await.unwrap());
    let wanted = Wanted {
        records: vec![decision],
        sample: None,
    };
    let items = found(&bundled(&world, wanted).await);
    check(replayed(&items)[0]);
    // Everybody else's decision is what it was.
    let other = decision_id(&code("pairing"), &id("household", 0));
    let other = world.gateway.replay(&office, &other).await.unwrap();
    assert!(!other.is_mismatch(), "{other:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn damage_of_a_bundle_is_named_wherever_it_is() {
    let world = World::new().await;
    world.enact("pairing").await;
    world.evaluate("first", "pairing", COUNTY).await.unwrap();
    let wanted = Wanted {
        records: Vec::new(),
        sample: Some(all()),
    };
    let file = bundled(&world, wanted).await;
    let whole = found(&file);
    assert_eq!(replayed(&whole).len(), 2);
    // Every place, in strides; what follows the damage is still replayed wherever it can be reached.
    for at in (0..file.len()).step_by(file.len() / 40) {
        let mut damaged = file.clone();
        damaged[at] ^= 0x10;
        let items = found(&damaged);
        let is_found = items.iter().any(|item| match item {
            Item::Damaged(_) | Item::Failed(..) => true,
            Item::Replayed(replayed) => replayed.is_mismatch(),
        });
        assert!(is_found, "byte {at}: {items:?}");
    }
    for length in [0, 4, 8, 30, file.len() / 2, file.len() - 1] {
        let items = found(&file[..length]);
        let Some(Item::Damaged(Damage { what, .. })) = items.last() else {
            panic!("{length}: {items:?}");
        };
        assert!(
            what.contains("ends") || what.contains("no bundle"),
            "{what}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn attempts_are_outside_of_replay() {
    let world = World::new().await;
    let loops = lika_guests::guest_that_reads("household.key", "code", lika_guests::LOOP);
    let policy = world.admit("admit", loops).await.unwrap().policy;
    let enacted = world.put_in_force("enact", &policy, COUNTY, None, date(2016, 1, 1));
    enacted.await.unwrap();
    world.evaluate("first", "screening", COUNTY).await.unwrap();
    let (done, mismatches) = sampled(&world, all()).await;
    assert_eq!(mismatches, []);
    assert_eq!((done.chosen, done.attempts, done.decisions), (5, 5, 5));
    // Nobody can pass an attempt off as an answer.
    tamper(&world, decision_id(&code("screening"), &id("household", 2))).await;
    let (done, _) = sampled(&world, all()).await;
    assert_eq!((done.mismatches, done.attempts), (1, 4));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_seed_chooses_the_same_and_a_day_leaves_out_what_was_before() {
    let world = World::new().await;
    world.enact("pairing").await;
    for number in 0..8 {
        let name = format!("run {number}");
        world.evaluate(&name, "pairing", COUNTY).await.unwrap();
    }
    let half = Sample {
        share: Ppm(500_000),
        ..all()
    };
    let (first, _) = sampled(&world, half.clone()).await;
    let (second, _) = sampled(&world, half).await;
    assert_eq!(first, second);
    assert!((1..16).contains(&first.chosen), "{first:?}");
    let later = Sample {
        since: Some(date(2016, 3, 2)),
        ..all()
    };
    assert_eq!(sampled(&world, later).await.0.chosen, 0);
    let today = Sample {
        since: Some(date(2016, 3, 1)),
        ..all()
    };
    assert_eq!(sampled(&world, today).await.0.chosen, 16);
}
