//! Two people in person, and nothing of what was proposed is altered.

use lika_core::{
    command::Change,
    log::Action,
    record::{Approval, Enactment, Grant, Officer, Policy},
    value::{Digest, Label, RecordId},
};

use crate::county::*;

const ENACTMENT: RecordId = id(20);
const FIRST: RecordId = id(21);
const SECOND: RecordId = id(22);
/// Another account of the second one.
const ALSO_SECOND: RecordId = id(23);

fn proposed() -> Enactment {
    Enactment {
        policy: Policy::id_for(&Digest([1; 32])),
        purpose: code("pairing"),
        settings: "{}".to_owned(),
        from: day(20161001),
        until: None,
        preview: Digest([2; 32]),
        approvals: Vec::new(),
        binding: false,
        suspended: false,
        brings_back: None,
    }
}

fn county() -> County {
    let mut county = County::new();
    let label = |text| Label::parse(text).unwrap();
    let policy = Policy {
        name: label("pairing"),
        version: label("0.1.0"),
        purpose: code("pairing"),
        component: Digest([1; 32]),
        size: 1,
        package: Digest([3; 32]),
        signed_with: Vec::new(),
    };
    let officer = |id, cadre| {
        let officer = Officer {
            grants: vec![Grant {
                role: code("approver"),
                area: area(COUNTY),
            }],
            cadre,
            locked: false,
            identity: None,
            password_hash: None,
        };
        Change::create(id, area(COUNTY), officer)
    };
    county.must(vec![
        Change::create(Policy::id_for(&policy.component), area(COUNTY), policy),
        officer(FIRST, None),
        officer(SECOND, Some(CADRE)),
        officer(ALSO_SECOND, Some(CADRE)),
        Change::create(ENACTMENT, area(COUNTY), proposed()),
    ]);
    county
}

fn approval(officer: RecordId) -> Approval {
    let cadre = (officer != FIRST).then_some(CADRE);
    Approval { officer, cadre }
}

/// Adds these approvals as this officer; `done` or the code of the refusal.
fn approve(county: &mut County, actor: RecordId, approvals: &[Approval]) -> &'static str {
    let change = county.edit(ENACTMENT, Action::Change, |body: &mut Enactment| {
        body.approvals.extend(approvals);
    });
    match county.decide_as(actor, vec![change]) {
        Ok(_) => "done",
        Err(refused) => refused.refusal.code(),
    }
}

#[test]
fn an_approval_is_given_in_person_once_by_two_people() {
    let mut county = county();
    let [first, second] = [FIRST, SECOND].map(approval);
    assert_eq!(approve(&mut county, id(8), &[first]), "not-the-approver");
    assert_eq!(approve(&mut county, SECOND, &[first]), "not-the-approver");
    assert_eq!(
        approve(&mut county, FIRST, &[first, second]),
        "not-the-approver"
    );
    let hidden = Approval {
        cadre: None,
        ..second
    };
    assert_eq!(approve(&mut county, SECOND, &[hidden]), "invalid-field");
    let nobody = Approval {
        officer: HEAD,
        cadre: None,
    };
    assert_eq!(approve(&mut county, HEAD, &[nobody]), "no-such-record");

    assert_eq!(approve(&mut county, SECOND, &[second]), "done");
    assert_eq!(approve(&mut county, SECOND, &[second]), "same-person");
    let also = approval(ALSO_SECOND);
    assert_eq!(approve(&mut county, ALSO_SECOND, &[also]), "same-person");
    assert_eq!(approve(&mut county, FIRST, &[first]), "done");
}

#[test]
fn what_was_proposed_stays_what_it_was() {
    type Edit = fn(&mut Enactment);
    let edits: [(&str, Edit); 6] = [
        ("settings", |body| body.settings = "{ }".to_owned()),
        ("from", |body| body.from = day(20161002)),
        ("preview", |body| body.preview = Digest([9; 32])),
        ("binding", |body| body.binding = true),
        ("brings_back", |body| body.brings_back = Some(ENACTMENT)),
        ("policy", |body| body.policy = ENACTMENT),
    ];
    let mut county = county();
    for (field, edit) in edits {
        let change = county.edit(ENACTMENT, Action::Change, edit);
        let refused = county.decide(vec![change]).unwrap_err();
        let said = refused.to_string();
        assert!(said.contains(&format!("{field}: stays")), "{said}");
    }
    let suspend = county.edit(ENACTMENT, Action::Change, |body: &mut Enactment| {
        body.suspended = true;
    });
    county.must(vec![suspend]);
    let mut born_approved = proposed();
    born_approved.approvals.push(approval(FIRST));
    let change = Change::create(NEW, area(COUNTY), born_approved);
    let refused = county.decide_as(FIRST, vec![change]).unwrap_err();
    assert_eq!(refused.refusal.code(), "invalid-field");
}

#[test]
fn approvals_are_not_taken_back() {
    let mut county = county();
    assert_eq!(approve(&mut county, FIRST, &[approval(FIRST)]), "done");
    let change = county.edit(ENACTMENT, Action::Change, |body: &mut Enactment| {
        body.approvals.clear();
    });
    let refused = county.decide_as(FIRST, vec![change]).unwrap_err();
    assert_eq!(refused.refusal.code(), "invalid-field");
}
