//! Roles hold in their area and nowhere else.

use lika_proto::{
    log::v1::{self as log, Kind},
    v1::{self, record::Body},
};
use lika_tests::{Node, Officer, Sample, code_of, create, request};

/// A visit to a household.
fn visit(household: &v1::Record, cadre: &v1::Record) -> v1::Change {
    let visit = log::Visit {
        open: Some(log::visit::Open {
            household: household.id.clone(),
            cadre: cadre.id.clone(),
            on: 20200701,
            purpose: "survey".to_owned(),
        }),
        free_text: Some(log::visit::FreeText {
            note: "屋顶漏水".to_owned(),
        }),
    };
    create(&household.area, Body::Visit(visit))
}

#[test]
fn a_village_cadre_writes_and_reads_in_the_own_village_only() {
    let (county, _) = Node::with_households(200);
    let office = county.client();
    let households = office.list(Kind::Household, "360323").unwrap();
    let own = households.first().unwrap();
    let other = households
        .iter()
        .find(|household| household.area != own.area)
        .unwrap();
    let cadre = &office.list(Kind::Cadre, "360323").unwrap()[0];
    let village = Officer::appoint(&county, "chun", "village-cadre", &own.area).client;

    village.apply(request(), vec![visit(own, cadre)]).unwrap();
    let head = office.status().head;
    assert_eq!(
        code_of(village.apply(request(), vec![visit(other, cadre)])),
        "denied"
    );
    // Nor hidden in a command that begins with what is allowed.
    let both = vec![visit(own, cadre), visit(other, cadre)];
    assert_eq!(code_of(village.apply(request(), both)), "denied");
    assert_eq!(office.status().head, head);

    let visits = office.list(Kind::Visit, "360323").unwrap();
    assert_eq!(visits.len(), 1);
    assert_eq!(visits[0].area, own.area);

    let in_village = village.list(Kind::Household, &own.area).unwrap();
    assert!(!in_village.is_empty());
    // Who names no area means the own one.
    assert_eq!(village.list(Kind::Household, "").unwrap(), in_village);
    let everywhere = office.list(Kind::Household, "").unwrap();
    assert_eq!(everywhere, households);
    for beyond in [other.area.as_str(), &own.area[..9], "360323"] {
        assert_eq!(
            code_of(village.list(Kind::Household, beyond)),
            "denied",
            "{beyond}"
        );
        assert_eq!(code_of(village.try_totals(beyond)), "denied", "{beyond}");
    }
    assert!(village.get(&own.id).is_ok());
    let code = code_of(village.get(&other.id));
    assert!(["denied", "not-found"].contains(&code.as_str()), "{code}");
}

#[test]
fn a_policy_developer_sees_no_person() {
    let mut county = Node::create("360323", "芦溪县");
    county.start();
    let sample = Sample::of(100);
    sample.register_areas(&county.client());
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("households.csv");
    sample.county.write_csv(&file).unwrap();
    county.import(&file).done();
    let developer = Officer::appoint(&county, "mei", "policy-developer", "360323").client;
    let members = developer.list(Kind::Member, "360323").unwrap();
    assert_eq!(i64::try_from(members.len()).unwrap(), sample.people());
    for record in members {
        let Some(Body::Member(member)) = record.body else {
            panic!("not a member");
        };
        assert!(member.open.is_some());
        assert_eq!((member.identity, member.sensitive), (None, None));
    }
    // And the office does, so that the check above can fail.
    let seen = county.client().list(Kind::Member, "360323").unwrap();
    let is_named = |record: &v1::Record| matches!(&record.body, Some(Body::Member(member)) if member.identity.is_some());
    assert!(seen.iter().all(is_named));
}
