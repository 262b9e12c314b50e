//! Decisions that borrow somebody else's evaluation, and logs that would end their own inspection.

use std::{convert::Infallible, path::PathBuf};

use lika_core::{
    log::{Action, Class, Draft, Entry, Kind, Place, Salt, Sealer},
    record::{Body, Decision, Record, decision_id},
    value::{Digest, NodeId, Ppm, RecordId},
};

use super::{
    super::replay::{Came, Sample},
    alerts::{Province, apart, detail, forge, sent_by, waiting},
    county::{COUNTY, World, area, code, component, date, id},
    request,
};
use crate::{
    blobs::Blobs,
    policy::{Host, HostProgram, Limits},
};

const ALL: i64 = 1_000_000;

/// A policy that judges each household by itself and is content with all.
fn content() -> Vec<u8> {
    let body = lika_guests::granting("(i32.const 1)");
    lika_guests::guest_that_reads("household.key", "code", &body)
}

/// A county in which each household has an evaluation and a decision of its own.
async fn county() -> World {
    let world = World::new().await;
    let policy = world.admit("admit", content()).await.unwrap().policy;
    let enacted = world.put_in_force("enact", &policy, COUNTY, None, date(2016, 1, 1));
    enacted.await.unwrap();
    world.evaluate("first", "screening", COUNTY).await.unwrap();
    world
}

fn decision_of(household: u32) -> RecordId {
    decision_id(&code("screening"), &id("household", household))
}

fn decision(world: &World, household: u32) -> Decision {
    world.decision("screening", id("household", household))
}

/// Has the decision about the first household name the evaluation of the second one.
async fn borrow(world: &World) -> RecordId {
    let borrowed = decision(world, 1).evaluation;
    forge(world, "borrow", decision_of(0), |body| match body {
        Body::Decision(decision) => decision.evaluation = borrowed,
        other => panic!("{other:?}"),
    })
    .await;
    borrowed
}

/// Nothing of what is forged here is sealed.
struct Plain;

impl Sealer for Plain {
    type Error = Infallible;

    fn salt(&mut self) -> Result<Salt, Infallible> {
        Ok(Salt([0; 32]))
    }

    fn seal(
        &mut self,
        _: &RecordId,
        _: Class,
        _: &Salt,
        content: &[u8],
        _: &Digest,
    ) -> Result<bytes::Bytes, Infallible> {
        Ok(content.to_vec().into())
    }
}

/// Adds an entry that the county's own node would refuse.
fn add(entries: &mut Vec<Entry>, draft: Draft) {
    let last = entries.last().unwrap();
    let place = Place {
        node: last.header().node,
        epoch: last.header().epoch,
        seq: last.header().seq + 1,
        previous: *last.hash(),
        recorded_at: last.header().recorded_at,
        actor: last.header().actor,
        request: request("forged"),
    };
    let Ok(entry) = Entry::seal(draft, &place, &mut Plain);
    entries.push(entry);
}

/// The decision about the first household, naming this record.
fn that_names(world: &World, evaluation: RecordId) -> Draft {
    let stored = world.gateway.reader().get(&decision_of(0)).unwrap();
    let current = stored.unwrap().into_record().unwrap();
    let body = Body::Decision(Decision {
        evaluation,
        ..decision(world, 0)
    });
    let record = Record {
        revision: current.revision + 1,
        body,
        ..current
    };
    let parts = record.body.parts();
    record.draft(Action::Change, parts)
}

fn must_be_told(world: &World, why: &str) {
    let alerts = waiting(world);
    let [(_, alert)] = &alerts[..] else {
        panic!("{alerts:?}");
    };
    assert_eq!(alert.code, code("decision-tampered"));
    assert_eq!(alert.about, Some(decision_of(0)));
    assert_eq!(detail(alert, "why"), why);
}

const NOT_ABOUT_IT: &str = "the evaluation that it names is not about its subject";

#[tokio::test(flavor = "multi_thread")]
async fn a_decision_cannot_borrow_the_evaluation_of_another_household() {
    let county = county().await;
    borrow(&county).await;
    let office = county.office();
    let error = county.gateway.replay(&office, &decision_of(0)).await;
    assert_eq!(error.unwrap_err().code(), "damaged");
    must_be_told(&county, NOT_ABOUT_IT);
    // Everybody else's is what it was.
    let other = county.gateway.replay(&office, &decision_of(1)).await;
    let other = other.unwrap();
    assert_eq!((other.came, other.decisions), (Came::Same, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_above_finds_a_borrowed_evaluation_whether_it_can_run_it_or_not() {
    let county = county().await;
    borrow(&county).await;
    let province = Province::that_admits(&county, content()).await;
    let received = province.inspect(ALL).await.unwrap();
    // One for each household, and one once more for the decision.
    assert_eq!((received.chosen, received.same), (6, 5), "{received:?}");
    assert_eq!(received.mismatches, 1, "{received:?}");
    must_be_told(&province.world, NOT_ABOUT_IT);

    let province = Province::that_admits(&county, component("pairing")).await;
    let received = province.inspect(ALL).await.unwrap();
    assert_eq!((received.mismatches, received.not_run), (1, 5));
    must_be_told(&province.world, NOT_ABOUT_IT);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_decision_about_what_was_only_looked_at_is_no_decision_of_the_policy() {
    let world = World::new().await;
    world.enact("pairing").await;
    world.evaluate("first", "pairing", COUNTY).await.unwrap();
    let paired = world.decision("pairing", id("household", 0));
    // Cadres are rows of its input, and nobody is asked about them.
    let cadre = id("cadre", 0);
    let about = decision_id(&code("pairing"), &cadre);
    let forged = Decision {
        subject: cadre,
        subject_kind: Kind::Cadre,
        ..paired
    };
    let change = lika_core::command::Change::create(about, area(COUNTY), forged);
    let command = lika_core::command::Command {
        request: request("forge"),
        actor: lika_core::value::ActorId(id("officer", 9).0),
        changes: vec![change],
    };
    world.gateway.store().submit(command).await.unwrap();
    let replayed = world.gateway.replay(&world.office(), &about).await.unwrap();
    assert_eq!((&replayed.came, replayed.decisions), (&Came::Same, 1));
    assert!(replayed.is_mismatch(), "{replayed:?}");
    assert_eq!(replayed.differing[0].replayed, "no decision");
    assert_eq!(waiting(&world)[0].1.about, Some(about));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_decision_that_names_no_evaluation_does_not_end_the_inspection() {
    let county = county().await;
    let names = [
        (
            id("household", 0),
            "what it names as its evaluation is none",
        ),
        (
            id("nothing", 0),
            "the evaluation that it names is not in its log",
        ),
    ];
    for (named, why) in names {
        let province = Province::that_admits(&county, content()).await;
        let mut log = sent_by(&county);
        add(&mut log, that_names(&county, named));
        let end = log.last().unwrap().header().seq;
        province.receive_these(NodeId([7; 16]), log).await;
        let received = province.inspect(ALL).await.unwrap();
        assert_eq!(received.seq, end, "{received:?}");
        assert_eq!((received.same, received.mismatches), (5, 1));
        must_be_told(&province.world, why);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_evaluation_of_a_version_to_come_is_held_against_nobody() {
    let county = county().await;
    let evaluation = id("evaluation", 0);
    let mut log = sent_by(&county);
    let to_come = Draft {
        action: Action::Create,
        kind: Kind::Evaluation,
        record: evaluation,
        revision: 1,
        area: area(COUNTY),
        open: bytes::Bytes::from_static(b"to come"),
        sealed: Vec::new(),
    };
    add(&mut log, to_come);
    add(&mut log, that_names(&county, evaluation));
    let province = Province::that_admits(&county, content()).await;
    province.receive_these(NodeId([7; 16]), log).await;
    let received = province.inspect(ALL).await.unwrap();
    assert_eq!((received.same, received.mismatches), (5, 0), "{received:?}");
    assert_eq!(received.not_run, 1);
    assert_eq!(waiting(&province.world), []);
}

#[tokio::test(flavor = "multi_thread")]
async fn where_no_process_can_be_started_nothing_is_passed_over_and_no_other_log_waits() {
    let (county, neighbour) = (county().await, World::neighbour().await);
    let nothing = HostProgram::At(PathBuf::from("/nonexistent"));
    let host = Host::start(nothing, Limits::default()).unwrap();
    let province = Province {
        world: World::province_on(host).await,
    };
    let components = Blobs::at(province.world.components(), "wasm");
    components.put(&content()).unwrap();
    for below in [&county, &neighbour] {
        let node = below.gateway.reader().node();
        province.receive_these(node, sent_by(below)).await;
    }
    let gateway = province.world.gateway.clone();
    let has_more = apart(move || gateway.inspect_received(Ppm(ALL), &|| true)).await;
    assert!(has_more.unwrap());
    let looked_at = |node| province.world.gateway.looked_at(&NodeId([node; 16]));
    let received = looked_at(7).unwrap_or_default();
    assert_eq!((received.chosen, received.not_run), (0, 0), "{received:?}");
    assert!(looked_at(9).is_some_and(|it| it.seq > 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_component_is_no_fault_of_the_records() {
    let county = county().await;
    let component = Digest::of(&content());
    std::fs::write(county.file_of(&component), b"damaged").unwrap();
    let (gateway, office) = (county.gateway.clone(), county.office());
    let sample = Sample {
        area: area(COUNTY),
        since: None,
        share: Ppm(ALL),
        seed: 7,
    };
    let done = apart(move || gateway.replay_sample(&office, &sample, |_, _| true)).await;
    let done = done.unwrap();
    assert_eq!((done.mismatches, done.unfinished), (0, 5), "{done:?}");
    let office = county.office();
    let error = county.gateway.replay(&office, &decision_of(0)).await;
    assert_eq!(error.unwrap_err().code(), "damaged");
    assert_eq!(waiting(&county), []);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_evaluation_at_odds_with_itself_is_left_out_of_a_bundle() {
    use super::super::bundle::Wanted;

    let county = county().await;
    let evaluation = decision(&county, 1).evaluation;
    forge(&county, "settings", evaluation, |body| match body {
        Body::Evaluation(evaluation) => evaluation.settings = Digest::of(b"others"),
        other => panic!("{other:?}"),
    })
    .await;
    let (gateway, office) = (county.gateway.clone(), county.office());
    let sample = Sample {
        area: area(COUNTY),
        since: None,
        share: Ppm(ALL),
        seed: 7,
    };
    let wanted = Wanted {
        records: Vec::new(),
        sample: Some(sample),
    };
    let written = apart({
        let (gateway, office) = (gateway.clone(), office.clone());
        move || gateway.bundle(&office, &wanted, |_| true)
    });
    assert_eq!(written.await.unwrap(), 4);
    // Whoever asks for it by name is told.
    let wanted = Wanted {
        records: vec![evaluation],
        sample: None,
    };
    let written = apart(move || gateway.bundle(&office, &wanted, |_| true)).await;
    assert_eq!(written.unwrap_err().code(), "damaged");
}
