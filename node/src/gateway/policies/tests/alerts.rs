//! What replays and the host find becomes alerts: each once, by the node, and closed by somebody who may.

use std::sync::Arc;

use lika_core::{
    command::{Change, Command},
    log::{Action, Entry, Kind},
    record::{Alert, Body, Decision, Evaluation, Grant, Outcome, Policy, decision_id},
    value::{ActorId, Digest, NodeId, Ppm, RecordId, Text},
};

use super::{
    super::replay::{Came, Received, Reverified},
    Caller, Error,
    county::{COUNTY, TOWNSHIP, World, area, code, component, id},
    request,
};
use crate::{
    gateway::Gateway,
    policy::{self, Failure, Package, engine::PROFILE, host::Suspension},
    store::{Lifecycle, Listing, Position},
};

const OTHER_ENGINE: &str = "wasmtime-1/other";

fn listed(gateway: &Gateway, lifecycle: Lifecycle) -> Vec<(RecordId, Alert)> {
    let listing = Listing {
        kind: Kind::Alert,
        area: gateway.area(),
        lifecycle,
        after: None,
        limit: 100,
    };
    let page = gateway.reader().list(&listing).unwrap();
    let alerts = page.items.into_iter().map(|stored| {
        let id = stored.header.record;
        match stored.body.unwrap() {
            Body::Alert(alert) => (id, alert),
            other => panic!("{other:?}"),
        }
    });
    alerts.collect()
}

pub fn waiting(world: &World) -> Vec<(RecordId, Alert)> {
    listed(&world.gateway, Lifecycle::Open)
}

pub fn detail<'a>(alert: &'a Alert, key: &str) -> &'a str {
    let found = alert.details.iter().find(|it| it.key == key);
    found.map_or("", |it| it.text.as_str())
}

fn somebody(role: &str) -> Caller {
    Caller {
        officer: id("officer", 9),
        grants: vec![Grant {
            role: code(role),
            area: area(COUNTY),
        }],
        name: String::new(),
    }
}

/// Writes what nobody could write through the gateway.
pub async fn forge(world: &World, name: &str, record: RecordId, edit: impl FnOnce(&mut Body)) {
    let stored = world.gateway.reader().get(&record).unwrap().unwrap();
    let current = stored.into_record().unwrap();
    let mut body = current.body.clone();
    edit(&mut body);
    let command = Command {
        request: request(name),
        actor: ActorId(id("officer", 9).0),
        changes: vec![Change::of(&current, Action::Change, body)],
    };
    world.gateway.store().submit(command).await.unwrap();
}

fn granted(category: &str) -> impl FnOnce(&mut Body) + use<> {
    let category = code(category);
    move |body| match body {
        Body::Decision(Decision { outcome, .. }) => *outcome = Outcome::Granted(category),
        other => panic!("{other:?}"),
    }
}

fn evaluation_of(world: &World, record: &RecordId) -> Evaluation {
    let stored = world.gateway.reader().get(record).unwrap().unwrap();
    match stored.body.unwrap() {
        Body::Evaluation(evaluation) => evaluation,
        other => panic!("{other:?}"),
    }
}

pub async fn apart<T: Send + 'static>(run: impl FnOnce() -> T + Send + 'static) -> T {
    tokio::task::spawn_blocking(run).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tampered_decision_is_one_alert_whoever_finds_it_and_is_closed_by_the_office() {
    let world = World::new().await;
    world.enact("pairing").await;
    world.evaluate("first", "pairing", COUNTY).await.unwrap();
    let decision = decision_id(&code("pairing"), &id("household", 1));
    forge(&world, "tamper", decision, granted("paired")).await;
    assert_eq!(waiting(&world), []);

    // Who may do no more than read finds it as well.
    let auditor = somebody("auditor");
    let replayed = world.gateway.replay(&auditor, &decision).await.unwrap();
    let alerts = waiting(&world);
    let [(alert_id, alert)] = &alerts[..] else {
        panic!("{alerts:?}");
    };
    assert_eq!(alert.code, code("decision-tampered"));
    assert_eq!(alert.about, Some(decision));
    assert_eq!(alert.raised_by, NodeId([7; 16]));
    let (evaluation, subject) = (replayed.evaluation, id("household", 1));
    assert_eq!(detail(alert, "evaluation"), evaluation.to_string());
    assert_eq!(detail(alert, "subject"), subject.to_string());
    assert_eq!(
        detail(alert, "recorded-output"),
        replayed.recorded.to_string()
    );
    assert_eq!(
        detail(alert, "replayed-output"),
        replayed.replayed.to_string()
    );
    assert!(detail(alert, "recorded").starts_with("granted paired"));
    assert!(detail(alert, "replayed").starts_with("refused"));
    let stored = world.gateway.reader().get(alert_id).unwrap().unwrap();
    assert_eq!(stored.header.actor.0, [7; 16]);
    // It stands where the decision stands, and counts there.
    let judged = world.gateway.reader().get(&decision).unwrap().unwrap();
    assert_eq!(stored.header.area, judged.header.area);
    assert_eq!(world.gateway.open_alerts(&area(COUNTY)).unwrap(), 1);

    // Found again, through the evaluation and by the office, it is the same one.
    for record in [decision, replayed.evaluation] {
        let office = world.office();
        world.gateway.replay(&office, &record).await.unwrap();
    }
    assert_eq!(waiting(&world), alerts);

    let resolve = async |caller: &Caller, name: &str, finding: &str| {
        let note = Some(Text::parse("已按政策结果恢复").unwrap());
        let request = request(name);
        let gateway = &world.gateway;
        gateway
            .resolve_alert(caller, request, alert_id, finding, note)
            .await
    };
    for role in ["village-cadre", "township-officer", "auditor"] {
        let refused = resolve(&somebody(role), "no", "tampering").await;
        assert_eq!(refused.unwrap_err().code(), "denied", "{role}");
    }
    let county = somebody("county-office");
    let unheard = resolve(&county, "no", "unheard-of").await;
    assert_eq!(unheard.unwrap_err().code(), "invalid-field");
    let done = resolve(&county, "yes", "tampering").await.unwrap();
    assert!(resolve(&county, "yes", "tampering").await.unwrap().repeated);
    let again = resolve(&county, "once more", "fault").await;
    assert_eq!(again.unwrap_err().code(), "record-closed");
    assert_eq!(done.applied[0].revision, 2);
    assert_eq!(world.gateway.open_alerts(&area(COUNTY)).unwrap(), 0);
    let closed = listed(&world.gateway, Lifecycle::Closed);
    let resolution = closed[0].1.resolution.clone().unwrap();
    assert_eq!(resolution.officer, county.officer);

    // Nobody writes one by hand.
    let by_hand = Change::create(id("alert", 1), area(COUNTY), alert.clone());
    let refused = world
        .gateway
        .apply(&county, request("by hand"), vec![by_hand]);
    assert_eq!(refused.await.unwrap_err().code(), "made-by-the-node");

    // What was looked at is no news; another tampering is.
    world.gateway.replay(&county, &decision).await.unwrap();
    assert_eq!(waiting(&world), []);
    forge(&world, "tamper again", decision, granted("paired")).await;
    world.gateway.replay(&county, &decision).await.unwrap();
    assert_eq!(waiting(&world).len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_output_that_does_not_come_out_again_is_an_alert_about_what_was_made_of_it() {
    let world = World::new().await;
    world.enact("pairing").await;
    let evaluated = world.evaluate("first", "pairing", TOWNSHIP).await.unwrap();
    let evaluation = evaluated.evaluations[0];
    let office = world.office();
    forge(&world, "forge", evaluation, |body| match body {
        Body::Evaluation(evaluation) => {
            let mut output = evaluation.output.to_vec();
            output.push(0);
            evaluation.output = output.into();
        }
        other => panic!("{other:?}"),
    })
    .await;
    let replayed = world.gateway.replay(&office, &evaluation).await.unwrap();
    assert!(replayed.is_mismatch());
    let alerts = waiting(&world);
    let [(_, alert)] = &alerts[..] else {
        panic!("{alerts:?}");
    };
    assert_eq!(alert.code, code("replay-mismatch"));
    assert_eq!(alert.about, Some(evaluation));
    assert_ne!(
        detail(alert, "recorded-output"),
        detail(alert, "replayed-output")
    );

    // Settings that nobody enacted: there is nothing to run it with.
    forge(&world, "settings", evaluation, |body| match body {
        Body::Evaluation(evaluation) => evaluation.settings = Digest::of(b"others"),
        other => panic!("{other:?}"),
    })
    .await;
    let error = world.gateway.replay(&office, &evaluation).await;
    assert_eq!(error.unwrap_err().code(), "damaged");
    assert_eq!(waiting(&world).len(), 2);
}

/// An evaluation in force of another engine: what this engine makes of its input is not what is recorded.
async fn decided_elsewhere(world: &World) -> RecordId {
    world.enact("pairing").await;
    let first = world.evaluate("first", "pairing", TOWNSHIP).await.unwrap();
    world.accept("accept", "pairing").await.unwrap();
    let second = world.evaluate("second", "pairing", TOWNSHIP).await.unwrap();
    let earlier = evaluation_of(world, &first.evaluations[0]).input;
    let evaluation = second.evaluations[0];
    forge(world, "another engine", evaluation, |body| match body {
        Body::Evaluation(evaluation) => {
            OTHER_ENGINE.clone_into(&mut evaluation.engine);
            evaluation.input = earlier;
        }
        other => panic!("{other:?}"),
    })
    .await;
    evaluation
}

fn only(policies: &std::collections::BTreeMap<Digest, Reverified>) -> &Reverified {
    assert_eq!(policies.len(), 1, "{policies:?}");
    policies.values().next().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_another_engine_decided_is_no_tampering_and_what_would_change_is_named() {
    let world = World::new().await;
    let evaluation = decided_elsewhere(&world).await;
    let office = world.office();
    let replayed = world.gateway.replay(&office, &evaluation).await.unwrap();
    assert_eq!(replayed.came, Came::OtherEngine(OTHER_ENGINE.to_owned()));
    assert!(
        !replayed.is_mismatch() && !replayed.is_same(),
        "{replayed:?}"
    );
    assert_eq!(replayed.differing, []);
    assert!(!replayed.changing.is_empty());
    let alerts = waiting(&world);
    assert_eq!(alerts.len(), replayed.changing.len());
    for (_, alert) in &alerts {
        assert_eq!(alert.code, code("engine-changes-decision"));
        assert_eq!(detail(alert, "recorded-engine"), OTHER_ENGINE);
        assert_eq!(detail(alert, "engine"), PROFILE);
    }

    let gateway = world.gateway.clone();
    let reverify = move || {
        let office = Caller::node(NodeId([7; 16]), area(COUNTY)).unwrap();
        gateway.reverify(&office, &area(COUNTY), |_| true).unwrap()
    };
    let told = apart(reverify.clone()).await;
    let told = only(&told);
    assert_eq!(told.checked, replayed.decisions);
    assert_eq!(told.would_change, replayed.changing.len() as u64);
    assert_eq!(told.same + told.would_change, told.checked);
    assert_eq!(told.changing.len() as u64, told.would_change);
    assert_eq!((told.could_not_run, told.mismatches), (0, 0));
    assert!(told.name.starts_with("pairing"), "{told:?}");
    assert_eq!(waiting(&world), alerts);

    // An engine is no excuse: a decision that the recorded output does not say is tampered with.
    let decision = replayed.changing[0].decision;
    forge(&world, "tamper", decision, granted("tampered")).await;
    let told = apart(reverify.clone()).await;
    assert_eq!(only(&told).mismatches, 1);
    let tampered = waiting(&world);
    let is_tampered = |(_, alert): &&(RecordId, Alert)| alert.code == "decision-tampered";
    assert_eq!(tampered.iter().filter(is_tampered).count(), 1);

    // A component that is not here cannot be asked.
    let component = evaluation_of(&world, &evaluation).component;
    world.lose(&component);
    let told = apart(reverify.clone()).await;
    assert_eq!(only(&told).could_not_run, only(&told).checked);
}

#[tokio::test(flavor = "multi_thread")]
async fn decisions_that_are_superseded_are_not_run_again() {
    let world = World::new().await;
    decided_elsewhere(&world).await;
    world.evaluate("third", "pairing", TOWNSHIP).await.unwrap();
    let gateway = world.gateway.clone();
    let told = apart(move || {
        let office = Caller::node(NodeId([7; 16]), area(COUNTY)).unwrap();
        gateway.reverify(&office, &area(COUNTY), |_| true).unwrap()
    });
    assert!(told.await.is_empty());
    assert_eq!(waiting(&world), []);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_starts_with_another_engine_looks_once_at_what_is_in_force() {
    let world = World::new().await;
    decided_elsewhere(&world).await;
    let inspect = |goes_on: bool| {
        let gateway = world.gateway.clone();
        apart(move || gateway.inspect_engine(&|| goes_on).unwrap())
    };
    // Stopped early, it begins again.
    assert!(!inspect(false).await);
    assert!(inspect(true).await);
    let alerts = waiting(&world);
    assert!(!alerts.is_empty());
    assert!(inspect(false).await);
    assert_eq!(waiting(&world), alerts);
}

/// A province that has admitted the policy and receives the county's log.
pub struct Province {
    pub world: World,
}

impl Province {
    async fn above(county: &World, policy: &str) -> Self {
        Self::that_admits(county, component(policy)).await
    }

    pub async fn that_admits(county: &World, component: Vec<u8>) -> Self {
        let world = World::province().await;
        let office = Caller::node(NodeId([8; 16]), area("36")).unwrap();
        let package = Package::unsigned(component).to_bytes().unwrap();
        let admitted = world.gateway.admit(&office, request("admit"), package);
        admitted.await.unwrap();
        let province = Self { world };
        province.receive(county).await;
        province
    }

    async fn receive(&self, county: &World) {
        let node = county.gateway.reader().node();
        self.receive_these(node, sent_by(county)).await;
    }

    pub async fn receive_these(&self, node: NodeId, entries: Vec<Entry>) {
        let store = self.world.gateway.store();
        store.receive(node, entries).await.unwrap();
    }

    pub async fn inspect(&self, share: i64) -> Option<Received> {
        let gateway = self.world.gateway.clone();
        apart(move || {
            while gateway.inspect_received(Ppm(share), &|| true).unwrap() {}
            gateway.looked_at(&NodeId([7; 16]))
        })
        .await
    }
}

/// The whole log of a node, as its link renders it.
pub fn sent_by(world: &World) -> Vec<Entry> {
    let reader = world.gateway.reader();
    let entries = reader.entries_after(&reader.node(), Position::default(), u64::MAX);
    entries.unwrap().into_iter().map(Entry::withhold).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_above_finds_what_was_tampered_with_below() {
    let county = World::new().await;
    county.enact("pairing").await;
    county.evaluate("first", "pairing", COUNTY).await.unwrap();
    let province = Province::above(&county, "pairing").await;
    let received = province.inspect(1_000_000).await.unwrap();
    assert_eq!((received.chosen, received.same), (2, 2), "{received:?}");
    assert_eq!((received.mismatches, received.not_run), (0, 0));
    assert_eq!(province.inspect(1_000_000).await, Some(received.clone()));
    assert_eq!(waiting(&province.world), []);

    // Later somebody alters a decision: it names its evaluation, which is looked at again.
    let decision = decision_id(&code("pairing"), &id("household", 1));
    forge(&county, "tamper", decision, granted("paired")).await;
    province.receive(&county).await;
    let received = province.inspect(1_000_000).await.unwrap();
    assert_eq!((received.chosen, received.mismatches), (3, 1));
    let alerts = waiting(&province.world);
    let [(alert_id, alert)] = &alerts[..] else {
        panic!("{alerts:?}");
    };
    assert_eq!(alert.about, Some(decision));
    assert_eq!(alert.raised_by, NodeId([8; 16]));
    let stored = province.world.gateway.reader().get(alert_id).unwrap();
    assert!(stored.unwrap().header.area.digits().starts_with(COUNTY));
    // The county does not know, until it looks.
    assert_eq!(waiting(&county), []);
    let office = county.office();
    county.gateway.replay(&office, &decision).await.unwrap();
    assert_eq!(waiting(&county).len(), 1);
    // What the county found arrives; it is closed there and not here.
    province.receive(&county).await;
    province.inspect(1_000_000).await;
    let alerts = waiting(&province.world);
    assert_eq!(alerts.len(), 2);
    let theirs = alerts
        .iter()
        .find(|(_, it)| it.raised_by == NodeId([7; 16]));
    let above = Caller::node(NodeId([8; 16]), area("36")).unwrap();
    let gateway = &province.world.gateway;
    let (theirs, _) = theirs.unwrap();
    let refused = gateway.resolve_alert(&above, request("no"), theirs, "fault", None);
    assert_eq!(refused.await.unwrap_err().code(), "alert-of-another-node");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_node_above_has_not_admitted_it_cannot_run() {
    let county = World::new().await;
    county.enact("pairing").await;
    county.evaluate("first", "pairing", COUNTY).await.unwrap();
    let province = Province::above(&county, "village-team").await;
    let received = province.inspect(1_000_000).await.unwrap();
    assert_eq!((received.chosen, received.not_run), (2, 2), "{received:?}");
    // Of nothing nothing is chosen.
    let province = Province::above(&county, "pairing").await;
    let received = province.inspect(0).await.unwrap();
    assert_eq!(received.chosen, 0);
    assert!(received.seq > 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_round_that_is_stopped_is_done_again_as_a_whole() {
    let county = World::new().await;
    county.enact("pairing").await;
    county.evaluate("first", "pairing", COUNTY).await.unwrap();
    let province = Province::above(&county, "pairing").await;
    let gateway = province.world.gateway.clone();
    let left = std::sync::atomic::AtomicU32::new(3);
    let left = Arc::new(left);
    let stops = move || {
        use std::sync::atomic::Ordering::Relaxed;
        left.fetch_update(Relaxed, Relaxed, |left| left.checked_sub(1))
            .is_ok()
    };
    let has_more = apart(move || gateway.inspect_received(Ppm(1_000_000), &stops)).await;
    assert!(has_more.unwrap());
    let received = province.inspect(1_000_000).await.unwrap();
    assert_eq!((received.chosen, received.same), (2, 2), "{received:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_suspended_policy_is_one_alert_until_somebody_has_looked() {
    let world = World::new().await;
    let policy = world.enact("pairing").await;
    let bytes = component("pairing");
    let suspend = async |component: &[u8]| {
        let suspension = Suspension {
            component: policy::Digest::of(component),
            cause: Failure::OutOfFuel,
        };
        let gateway = world.gateway.clone();
        apart(move || gateway.note_suspension(&suspension)).await;
    };
    // A component that is being examined has no record.
    suspend(b"another").await;
    assert_eq!(waiting(&world), []);
    suspend(&bytes).await;
    suspend(&bytes).await;
    let alerts = waiting(&world);
    let [(alert_id, alert)] = &alerts[..] else {
        panic!("{alerts:?}");
    };
    assert_eq!(alert.code, code("policy-suspended"));
    assert_eq!(alert.about, Some(policy));
    let component = Digest::of(&bytes);
    assert_eq!(policy, Policy::id_for(&component));
    assert_eq!(detail(alert, "component"), component.to_string());
    assert_eq!(detail(alert, "cause"), "policy-out-of-fuel");

    let county = somebody("county-office");
    let resolved =
        world
            .gateway
            .resolve_alert(&county, request("looked"), alert_id, "policy-fault", None);
    resolved.await.unwrap();
    suspend(&bytes).await;
    assert_eq!(waiting(&world).len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_alert_is_not_resolved() {
    let world = World::new().await;
    let county = somebody("county-office");
    for record in [id("household", 1), id("nothing", 1)] {
        let refused = world
            .gateway
            .resolve_alert(&county, request("no"), &record, "fault", None);
        let error: Error = refused.await.unwrap_err();
        assert_eq!(error.code(), "not-found");
    }
}
