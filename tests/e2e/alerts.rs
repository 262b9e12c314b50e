//! Alerts: what is tampered with at the county is found by the province, and closed by whoever may.

use std::{fs, sync::Arc};

use lika::{
    clock::System,
    config::Config,
    setup,
    store::{Lifecycle, Listing, Store},
};
use lika_core::{
    command::{Change, Command},
    log::{Action, Kind},
    record::{Body, Decision, Outcome},
    value::{ActorId, AreaCode, Code, RecordId, RequestId},
};
use lika_tests::{Node, Officer, Pair, Sample, built, code_of, until};
use serde_json::Value as Json;

const COUNTY: &str = "360323";
const OTHER_ENGINE: &str = "wasmtime-1/other";

/// Writes into the data folder of a node that does not run what nobody could write through the node: so many records,
/// each as `edit` leaves it.
fn forge(node: &Node, kind: Kind, most: usize, edit: impl Fn(&mut Body)) -> Vec<RecordId> {
    let config = Config::read(&node.config()).unwrap();
    let settings = setup::store_settings(&config);
    let store = Store::open(&settings, Arc::new(System), &mut |_| ()).unwrap();
    let listing = Listing {
        kind,
        area: AreaCode::parse(node.area()).unwrap(),
        lifecycle: Lifecycle::Open,
        after: None,
        limit: 1000,
    };
    let records = store.reader().list(&listing).unwrap().items;
    let records = records.into_iter().take(most);
    let changes: Vec<Change> = records
        .map(|stored| {
            let record = stored.into_record().unwrap();
            let mut body = record.body.clone();
            edit(&mut body);
            Change::of(&record, Action::Change, body)
        })
        .collect();
    let forged = changes.iter().map(|change| change.id).collect();
    let command = Command {
        request: RequestId(lika_tests::request()),
        actor: ActorId(RecordId::parse(node.officer()).unwrap().0),
        changes,
    };
    store.submit_blocking(command).unwrap();
    store.close().unwrap();
    forged
}

fn favour(body: &mut Body) {
    match body {
        Body::Decision(Decision { outcome, .. }) => {
            *outcome = Outcome::Granted(Code::parse("by-favour").unwrap());
        }
        other => panic!("{other:?}"),
    }
}

fn alerts(node: &Node, more: &[&str]) -> Vec<Json> {
    let list = ["alert", "list", "--json"];
    let listed = node.run(&[&list, more].concat(), &[]).done().json();
    listed["alerts"].as_array().unwrap().clone()
}

fn text<'a>(alert: &'a Json, key: &str) -> &'a str {
    alert[key].as_str().unwrap_or_default()
}

/// What the node has run again, by policy, and by which engine.
#[track_caller]
fn reverified(node: &Node) -> Json {
    let reverify = ["policy", "reverify", "--json"];
    node.run(&reverify, &[]).done().json()
}

fn sample_everything(node: &Node) {
    let config = fs::read_to_string(node.config()).unwrap();
    assert!(config.contains("sample = \"1%\""), "{config}");
    let config = config.replace("sample = \"1%\"", "sample = \"100%\"");
    fs::write(node.config(), config).unwrap();
}

/// Waits until the province has looked at everything that the county has sent; what it says of it.
fn looked_at(pair: &Pair) -> lika_proto::v1::Sampling {
    let head = pair.settle();
    let province = pair.province.client();
    until("the province has looked at everything", || {
        let below = province.status().below;
        let sampling = below.into_iter().next()?.sampling?;
        (sampling.seq >= head.seq).then_some(sampling)
    })
}

#[test]
fn what_is_tampered_with_at_the_county_is_found_by_the_province_and_closed_by_the_office() {
    let mut pair = Pair::start();
    pair.province.stop();
    sample_everything(&pair.province);
    pair.start_province();
    let component = built::policy("pairing");
    pair.province.admit(&component);
    Sample::of(20).fill(&pair.county);
    pair.county.put_in_force(&component, None, "2016-01-01");
    pair.county.evaluate("pairing", None);
    let sampling = looked_at(&pair);
    assert!(sampling.chosen > 0, "{sampling:?}");
    assert_eq!(sampling.same, sampling.chosen, "{sampling:?}");
    assert_eq!(alerts(&pair.province, &[]), Vec::<Json>::new());

    pair.county.stop();
    let decision = forge(&pair.county, Kind::Decision, 1, favour)[0].to_string();
    pair.county.start();
    let sampling = looked_at(&pair);
    assert_eq!(sampling.mismatches, 1, "{sampling:?}");
    let found = alerts(&pair.province, &["--open", "--area", COUNTY]);
    let [alert] = &found[..] else {
        panic!("{found:?}");
    };
    assert_eq!(text(alert, "code"), "decision-tampered");
    assert_eq!(text(alert, "about"), decision);
    assert_eq!(text(alert, "raised_by"), pair.province.id());
    let details = &alert["details"];
    assert!(text(details, "recorded").starts_with("granted by-favour"));
    for digest in ["recorded-output", "replayed-output"] {
        assert_eq!(text(details, digest).len(), 64, "{alert}");
    }
    let status = pair.province.run(&["node", "status", "--json"], &[]);
    let status = status.done().json();
    assert_eq!(status["open_alerts"], 1, "{status}");
    assert_eq!(status["below"][0]["sampling"]["mismatches"], 1, "{status}");

    // A restart finds nothing twice.
    pair.province.stop();
    pair.start_province();
    looked_at(&pair);
    assert_eq!(alerts(&pair.province, &[]).len(), 1);

    // The county looks for itself, and what it finds goes up.
    let replay = ["policy", "replay", "--json", &decision];
    assert_eq!(pair.county.run(&replay, &[]).code, Some(1));
    let own = alerts(&pair.county, &["--open"]);
    let [own] = &own[..] else {
        panic!("{own:?}");
    };
    assert_eq!(text(own, "raised_by"), pair.county.id());
    pair.settle();
    assert_eq!(alerts(&pair.province, &["--open"]).len(), 2);

    closed_by_the_office(&pair, text(own, "alert"), text(alert, "alert"));
}

fn closed_by_the_office(pair: &Pair, own: &str, of_province: &str) {
    let county = &pair.county;
    let village = county
        .client()
        .list(lika_proto::log::v1::Kind::Decision, COUNTY);
    let village = village.unwrap()[0].area.clone();
    let cadre = Officer::appoint(county, "chun", "village-cadre", &village).client;
    let id = RecordId::parse(own).unwrap().0;
    assert_eq!(
        code_of(cadre.resolve_alert(&id, "fault", "没有问题")),
        "denied"
    );
    let resolve = |node: &Node, alert: &str| {
        let finding = ["--finding", "tampering", "--note", "王主任改过，已恢复"];
        node.run(&[&["alert", "resolve", alert][..], &finding].concat(), &[])
    };
    let elsewhere = resolve(&pair.province, own);
    elsewhere.refused("alert-of-another-node");
    resolve(county, own).done();
    assert_eq!(alerts(county, &["--open"]), Vec::<Json>::new());
    let closed = &alerts(county, &[])[0]["resolution"];
    assert_eq!(closed["finding"], "tampering");
    assert_eq!(closed["note"], "王主任改过，已恢复");
    pair.settle();
    // What it came to goes up; the words stay.
    let listed = alerts(&pair.province, &[]);
    let theirs = listed.iter().find(|alert| text(alert, "alert") == own);
    let theirs = &theirs.unwrap()["resolution"];
    assert_eq!(theirs["finding"], "tampering");
    assert_eq!(theirs["note"], "");
    let open = alerts(&pair.province, &["--open"]);
    assert_eq!(open.len(), 1);
    assert_eq!(text(&open[0], "alert"), of_province);
    resolve(&pair.province, of_province).done();
    assert_eq!(alerts(&pair.province, &["--open"]), Vec::<Json>::new());
}

#[test]
fn a_node_that_starts_with_another_engine_runs_again_what_is_in_force() {
    let (mut county, _) = Node::with_households(60);
    county.put_in_force(&built::policy("pairing"), None, "2016-01-01");
    county.evaluate("pairing", None);
    let told = reverified(&county);
    assert_eq!(told["policies"], serde_json::json!([]), "{told}");
    let engine = told["engine"].as_str().unwrap().to_owned();
    county.stop();
    // As an earlier version left it.
    forge(&county, Kind::Evaluation, 1000, |body| match body {
        Body::Evaluation(evaluation) => OTHER_ENGINE.clone_into(&mut evaluation.engine),
        other => panic!("{other:?}"),
    });
    let file = county.data().join("inspection.json");
    let inspected = fs::read_to_string(&file).unwrap();
    assert!(inspected.contains(&engine), "{inspected}");
    fs::write(&file, inspected.replace(&engine, OTHER_ENGINE)).unwrap();
    county.start();
    until("the node has run again what another engine decided", || {
        let inspected = fs::read_to_string(&file).unwrap();
        inspected.contains(&engine).then_some(())
    });
    let told = reverified(&county);
    let policy = &told["policies"][0];
    let count = |key: &str| policy[key].as_u64().unwrap();
    assert!(text(policy, "name").starts_with("pairing"), "{told}");
    assert!(count("checked") > 0, "{told}");
    assert_eq!(count("same"), count("checked"), "{told}");
    assert_eq!(alerts(&county, &[]), Vec::<Json>::new());
}
