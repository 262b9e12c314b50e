//! What a node says of itself and of its records.

use lika_proto::{
    log::v1::Action,
    v1::{self, record::Body},
};
use lika_tests::{Node, Officer, Pair, Sample, code_of, until};

#[test]
fn a_node_below_keeps_its_area_while_it_is_away() {
    let mut pair = Pair::start();
    pair.settle();
    let province = pair.province.client();
    let connected = &province.status().below[0];
    assert!(connected.connected);
    assert_eq!(connected.area, "360323");

    pair.county.kill();
    let away = until("the province notices", || {
        let below = province.status().below;
        below.into_iter().find(|peer| !peer.connected)
    });
    assert_eq!(away.area, "360323");
    // Also after a start in which it has never been connected.
    pair.province.stop();
    pair.province.start();
    let below = pair.province.client().status().below;
    assert_eq!(
        (below[0].area.as_str(), below[0].connected),
        ("360323", false)
    );
}

/// A county with a few households.
fn county() -> (Node, Sample) {
    let mut county = Node::create("360323", "芦溪县");
    county.start();
    let sample = Sample::of(100);
    sample.register_areas(&county.client());
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("households.csv");
    sample.county.write_csv(&file).unwrap();
    county.import(&file).done();
    (county, sample)
}

#[test]
fn the_history_of_a_record_has_every_revision_with_who_made_it() {
    let (county, _) = county();
    let office = county.client();
    let auditor = Officer::appoint(&county, "chun", "auditor", "360323");
    auditor.reappoint(&county, "township-officer", "360323100");
    auditor.lock(&county);
    let history = office.history(&auditor.id).unwrap();
    let roles = history.iter().map(|revision| {
        let record = revision.record.as_ref().unwrap();
        let Some(Body::Officer(officer)) = &record.body else {
            panic!("not an officer: {record:?}");
        };
        let open = officer.open.as_ref().unwrap();
        (record.revision, open.grants[0].role.as_str(), open.locked)
    });
    assert_eq!(
        roles.collect::<Vec<_>>(),
        [
            (1, "auditor", false),
            (2, "township-officer", false),
            (3, "township-officer", true),
        ]
    );
    let admin = uuid::Uuid::parse_str(county.officer()).unwrap();
    let actions = history.iter().map(|revision| revision.action());
    assert_eq!(
        actions.collect::<Vec<_>>(),
        [Action::Create, Action::Change, Action::Change]
    );
    for revision in &history {
        assert_eq!(revision.actor, admin.as_bytes());
        assert_eq!(revision.request.len(), 16);
    }
    let positions = history.iter().map(|revision| {
        let record = revision.record.as_ref().unwrap();
        record.position.as_ref().unwrap().seq
    });
    assert!(positions.is_sorted_by(|before, after| before < after));

    // Nothing of it is told to whoever may not read it.
    let village = Officer::appoint(&county, "mei", "village-cadre", "360323100201");
    assert_eq!(code_of(village.client.history(&auditor.id)), "not-found");
    assert_eq!(code_of(office.history(&[0; 16])), "not-found");
}

#[test]
fn the_totals_of_an_area_are_those_of_the_areas_below() {
    let (county, sample) = county();
    let client = county.client();
    let answer = client.totals_below("360323").unwrap();
    let own = answer.area.unwrap();
    assert_eq!((own.area.as_str(), own.name.as_str()), ("360323", "芦溪县"));
    let people = |totals: &v1::AreaTotals| {
        let people = totals
            .totals
            .iter()
            .filter(|total| total.dimension == "people");
        people
            .filter(|total| total.period == 0)
            .map(|total| total.value)
            .sum::<i64>()
    };
    assert_eq!(people(&own), sample.people());
    let townships = answer.children;
    assert_eq!(townships.iter().map(people).sum::<i64>(), sample.people());
    assert!(
        townships
            .iter()
            .all(|township| township.area.len() == 9 && !township.name.is_empty())
    );
    assert!(townships.is_sorted_by_key(|township| &township.area));

    // And so on below: a township has what its villages have.
    let township = townships
        .iter()
        .max_by_key(|township| people(township))
        .unwrap();
    let below = client.totals_below(&township.area).unwrap();
    assert_eq!(below.area.as_ref(), Some(township));
    assert!(below.children.len() > 1, "{below:?}");
    assert_eq!(
        below.children.iter().map(people).sum::<i64>(),
        people(township)
    );
    assert!(
        below
            .children
            .iter()
            .all(|village| village.area.starts_with(&township.area))
    );
}
