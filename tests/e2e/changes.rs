//! Single changes through the interface, and what they do to the totals of both nodes.

use std::collections::BTreeMap;

use lika_proto::{
    log::v1::{self as log, Action, Kind},
    v1::{self, find_request::By, record::Body},
};
use lika_tests::{Client, Node, Pair, Sample, Totals, code_of, create, lika, request};

const HOUSEHOLDS: usize = 200;

fn change(action: Action, seen: u32, record: v1::Record) -> v1::Change {
    v1::Change {
        action: action.into(),
        expected_revision: seen,
        record: Some(record),
    }
}

fn open_of(record: &v1::Record) -> &log::member::Open {
    match &record.body {
        Some(Body::Member(member)) => member.open.as_ref().unwrap(),
        other => panic!("not a member: {other:?}"),
    }
}

/// A person with measures who is not the head of the household.
fn somebody(county: &Client) -> v1::Record {
    let members = county.list(Kind::Member, "360323").unwrap();
    let somebody = members.into_iter().find(|record| {
        let open = open_of(record);
        !["01", "02"].contains(&open.relation.as_str()) && open.measures.len() > 1
    });
    somebody.unwrap()
}

/// How the totals changed, without what did not.
fn difference(before: &Totals, after: &Totals) -> BTreeMap<String, i64> {
    let keys = before.keys().chain(after.keys());
    let of = |totals: &Totals, key: &String| totals.get(key).copied().unwrap_or(0);
    keys.map(|key| (key.clone(), of(after, key) - of(before, key)))
        .filter(|(_, difference)| *difference != 0)
        .collect()
}

#[test]
fn a_person_who_leaves_is_one_less_at_both_nodes() {
    let pair = Pair::start();
    Sample::of(HOUSEHOLDS).fill(&pair.county);
    pair.must_agree();
    let county = pair.county.client();
    let province = pair.province.client();
    let before = (county.totals("360323"), province.totals("36"));

    let mut person = somebody(&county);
    let open = open_of(&person).clone();
    let left = log::member::Open {
        until: 20201231,
        end_reason: "moved-away".to_owned(),
        ..open.clone()
    };
    person.body = Some(Body::Member(log::Member {
        open: Some(left),
        ..log::Member::default()
    }));
    let id = person.id.clone();
    let village = person.area.clone();
    let seen = person.revision;
    let applied = county
        .apply(request(), vec![change(Action::Close, seen, person)])
        .unwrap();
    assert_eq!(applied.applied[0].revision, seen + 1);
    assert!(county.get(&id).unwrap().closed);
    pair.must_agree();

    let mut expected: BTreeMap<String, i64> = open
        .measures
        .iter()
        .map(|measure| (format!("measure/{measure}"), -1))
        .collect();
    expected.insert("people".to_owned(), -1);
    if !open.labour.is_empty() {
        expected.insert(format!("labour/{}", open.labour), -1);
    }
    assert_eq!(difference(&before.0, &county.totals("360323")), expected);
    assert_eq!(difference(&before.1, &province.totals("36")), expected);
    let at_village = county.totals(&village);
    assert_eq!(at_village, province.totals(&village));
}

#[test]
fn a_stale_revision_is_refused_with_the_current_one() {
    let (county, sample) = Node::with_households(HOUSEHOLDS);
    let client = county.client();
    let number = sample.county.households[0].number.clone();
    let found = client.find(By::HouseholdNumber(number)).unwrap();
    let [household] = found.as_slice() else {
        panic!("one household has the number: {found:?}");
    };
    let changed = |safe_water: bool| {
        let mut record = household.clone();
        let Some(Body::Household(household)) = &mut record.body else {
            panic!("not a household: {record:?}");
        };
        household.open.as_mut().unwrap().safe_water = Some(safe_water);
        record
    };
    let seen = household.revision;
    let write = |safe_water| {
        let change = change(Action::Change, seen, changed(safe_water));
        client.apply(request(), vec![change])
    };
    write(true).unwrap();
    let head = client.status().head;
    let refused = write(false);
    let message = refused.as_ref().unwrap_err().message().to_owned();
    assert_eq!(code_of(refused), "stale-revision");
    assert!(message.contains(&(seen + 1).to_string()), "{message}");
    assert_eq!(client.status().head, head);
    assert_eq!(client.get(&household.id).unwrap().revision, seen + 1);
}

fn unit(name: &str) -> v1::Change {
    let unit = log::Unit {
        open: Some(log::unit::Open {
            name: name.to_owned(),
            r#type: "school".to_owned(),
        }),
    };
    create("360323", Body::Unit(unit))
}

#[test]
fn a_repeated_request_answers_the_same_and_does_nothing() {
    let mut county = Node::luxi();
    let request = request();
    let first = county
        .client()
        .apply(request, vec![unit("第一中学")])
        .unwrap();
    assert!(!first.repeated_request);
    let head = county.client().status().head;
    let second = county
        .client()
        .apply(request, vec![unit("第一中学")])
        .unwrap();
    assert!(second.repeated_request);
    assert_eq!(
        (&second.applied, &second.position),
        (&first.applied, &first.position)
    );

    let other = county.client().apply(request, vec![unit("第二中学")]);
    assert_eq!(code_of(other), "request-reused");
    assert_eq!(county.client().status().head, head);

    // The memory of requests outlives the process.
    county.kill();
    county.start();
    let third = county
        .client()
        .apply(request, vec![unit("第一中学")])
        .unwrap();
    assert_eq!(
        (third.applied, third.repeated_request),
        (first.applied, true)
    );
    assert_eq!(county.client().status().head, head);
}

#[test]
fn importing_the_export_changes_nothing() {
    let (county, sample) = Node::with_households(HOUSEHOLDS);
    let folder = tempfile::tempdir().unwrap();
    for name in ["export.xlsx", "export.csv"] {
        let file = folder.path().join(name);
        county
            .run(&["export", "households", "--out"], &[&file])
            .done();
        let head = county.client().status().head;
        let summary = county.import(&file).done().json();
        assert_eq!(summary["rows"], sample.people(), "{summary}");
        assert_eq!(summary["applied"], false, "{summary}");
        assert_eq!(county.client().status().head, head);
    }
}

#[test]
fn a_second_process_on_the_same_folder_is_refused() {
    let county = Node::luxi();
    let config = county.config();
    let second = lika([
        "node".as_ref(),
        "run".as_ref(),
        "--config".as_ref(),
        config.as_os_str(),
    ]);
    assert_eq!(second.code, Some(2));
    assert!(
        second.stderr.contains("in use by another process"),
        "{}",
        second.stderr
    );
    assert_eq!(county.client().totals("360323").get("households"), None);
}
