//! What a list of another bureau says of a member is doubted once and verified once.

use lika_core::{
    command::Change,
    log::Action,
    record::{Comparison, Doubt, Statement, Verification},
    value::{Digest, RecordId},
};

use crate::county::*;

const LIST: RecordId = id(50);
const NEXT_LIST: RecordId = id(51);
const OFFICER: RecordId = id(31);

fn comparison(source: &str, listed_on: u32) -> Comparison {
    Comparison {
        source: code(source),
        listed_on: day(listed_on),
        compared_on: day(20161001),
        rows: 3,
        unreadable: 1,
        hits: 1,
        raised: 1,
        digest: Some(Digest([7; 32])),
    }
}

fn doubt(comparison: RecordId, plate: &str) -> Doubt {
    Doubt {
        comparison,
        member: HEAD,
        source: code("vehicles"),
        raised_on: day(20161001),
        name_differs: false,
        verification: None,
        statements: Some(vec![Statement {
            field: code("plate"),
            text: text(plate),
        }]),
        note: None,
    }
}

fn raise(list: RecordId, plate: &str, row: u32) -> Change {
    Change::create(Doubt::id_for(&list, row), area(VILLAGE), doubt(list, plate))
}

fn verify(doubt: &mut Doubt) {
    doubt.verification = Some(Verification {
        finding: code("mistaken"),
        officer: OFFICER,
        on: day(20161001),
    });
    doubt.note = Some(Some(text("车已报废")));
}

/// A county with a list and one doubt from it.
fn county() -> (County, RecordId) {
    let mut county = County::new();
    county.must(vec![
        Change::create(LIST, area(COUNTY), comparison("vehicles", 20160930)),
        raise(LIST, "赣J12345", 2),
    ]);
    (county, Doubt::id_for(&LIST, 2))
}

#[track_caller]
fn refused(county: &mut County, change: Change, code: &str) {
    let refused = county.decide_as(OFFICER, vec![change]).unwrap_err();
    assert_eq!(refused.refusal.code(), code, "{refused}");
}

#[test]
fn a_list_is_of_a_known_bureau_and_of_a_day_that_has_come() {
    let mut county = County::new();
    let create = |body| Change::create(LIST, area(COUNTY), body);
    let tomorrow = create(comparison("vehicles", 20161002));
    refused(&mut county, tomorrow, "in-the-future");
    let earlier = Comparison {
        compared_on: day(20160930),
        ..comparison("vehicles", 20160930)
    };
    refused(&mut county, create(earlier), "invalid-field");
    let unknown = create(comparison("astrology", 20160930));
    refused(&mut county, unknown, "invalid-field");
    let endless = Comparison {
        rows: Comparison::MOST_ROWS + 1,
        ..comparison("vehicles", 20160930)
    };
    refused(&mut county, create(endless), "invalid-field");
    county.must(vec![create(comparison("vehicles", 20160930))]);
    let record = county.registry.get(LIST).clone();
    for action in [Action::Change, Action::Close] {
        let change = Change::of(&record, action, comparison("vehicles", 20160929));
        refused(&mut county, change, "invalid-field");
    }
}

#[test]
fn the_same_hit_is_doubted_once_whatever_became_of_it() {
    let (mut county, doubt) = county();
    county.must(vec![Change::create(
        NEXT_LIST,
        area(COUNTY),
        comparison("vehicles", 20160930),
    )]);
    refused(
        &mut county,
        raise(NEXT_LIST, "赣ｊ·12345", 9),
        "already-doubted",
    );
    let verified = county.edit(doubt, Action::Change, verify);
    county.decide_as(OFFICER, vec![verified]).unwrap();
    refused(
        &mut county,
        raise(NEXT_LIST, "赣J12345", 9),
        "already-doubted",
    );
    county.must(vec![raise(NEXT_LIST, "赣J99999", 9)]);
}

#[test]
fn a_doubt_follows_from_a_list_about_a_member_here() {
    let (mut county, _) = county();
    let create = |digits, body| Change::create(NEW, area(digits), body);
    let none = create(VILLAGE, doubt(NEXT_LIST, "赣J2"));
    refused(&mut county, none, "no-such-record");
    let elsewhere = create(OTHER_VILLAGE, doubt(LIST, "赣J2"));
    refused(&mut county, elsewhere, "other-area");
    let nobody = Doubt {
        member: id(99),
        ..doubt(LIST, "赣J2")
    };
    refused(&mut county, create(VILLAGE, nobody), "no-such-record");
    let silent = Doubt {
        statements: None,
        ..doubt(LIST, "赣J2")
    };
    refused(&mut county, create(VILLAGE, silent), "invalid-field");
    let other_source = Doubt {
        source: code("deaths"),
        statements: Some(Vec::new()),
        ..doubt(LIST, "赣J2")
    };
    refused(&mut county, create(VILLAGE, other_source), "invalid-field");
    let mut at_once = doubt(LIST, "赣J2");
    verify(&mut at_once);
    refused(&mut county, create(VILLAGE, at_once), "invalid-field");
}

#[test]
fn a_doubt_is_verified_once_in_person_with_a_note() {
    let (mut county, doubt) = county();
    let tries: [(&str, fn(&mut Doubt)); 5] = [
        ("somebody else", |doubt| {
            verify(doubt);
            doubt.verification.as_mut().unwrap().officer = id(32);
        }),
        ("yesterday", |doubt| {
            verify(doubt);
            doubt.verification.as_mut().unwrap().on = day(20160930);
        }),
        ("no note", |doubt| {
            verify(doubt);
            doubt.note = None;
        }),
        ("no finding", |doubt| doubt.note = Some(Some(text("看过")))),
        ("another car", |doubt| {
            verify(doubt);
            doubt.statements = Some(Vec::new());
        }),
    ];
    for (name, edit) in tries {
        let change = county.edit(doubt, Action::Change, edit);
        let before = county.registry.clone();
        refused(&mut county, change, "invalid-field");
        assert!(county.registry.same(&before), "{name}");
    }
    let closed = county.edit(doubt, Action::Close, verify);
    refused(&mut county, closed, "invalid-field");
    let verified = county.edit(doubt, Action::Change, verify);
    county.decide_as(OFFICER, vec![verified]).unwrap();
    let again = county.edit(doubt, Action::Change, verify);
    refused(&mut county, again, "doubt-settled");
}
