//! A node raises alerts in its own name, and whoever has looked closes them in person.

use lika_core::{
    command::{Change, Refusal},
    log::Action,
    record::{Alert, Detail, Fault, Problem, Resolution},
    value::{Label, NodeId, RecordId},
};

use crate::county::*;

const NODE: RecordId = id(30);
const OFFICER: RecordId = id(31);

fn alert(evaluation: u8) -> Alert {
    Alert {
        raised_by: NodeId(NODE.0),
        code: code("decision-tampered"),
        about: Some(id(40)),
        details: vec![Detail {
            key: code("evaluation"),
            text: Label::parse(&id(evaluation).to_string()).unwrap(),
        }],
        raised_on: day(20161001),
        resolution: None,
        note: None,
    }
}

fn raised(alert: Alert) -> Change {
    // A village that is registered at a node below only.
    Change::create(alert.id(), area("360323999999"), alert)
}

fn resolved(alert: Alert, officer: RecordId) -> Alert {
    Alert {
        resolution: Some(Resolution {
            officer,
            finding: code("tampering"),
        }),
        note: Some(Some(text("已恢复"))),
        ..alert
    }
}

#[track_caller]
fn refused(county: &mut County, actor: RecordId, change: Change, code: &str) {
    let refused = county.decide_as(actor, vec![change]).unwrap_err();
    assert_eq!(refused.refusal.code(), code, "{refused}");
}

#[test]
fn an_alert_is_raised_by_the_node_that_it_names() {
    let mut county = County::new();
    refused(&mut county, OFFICER, raised(alert(1)), "invalid-field");
    let resolved_at_once = resolved(alert(1), NODE);
    refused(&mut county, NODE, raised(resolved_at_once), "invalid-field");
    let unheard = Alert {
        code: code("unheard-of"),
        ..alert(1)
    };
    let unheard = county.decide_as(NODE, vec![raised(unheard)]).unwrap_err();
    let unknown = Problem::UnknownCode {
        list: "alert",
        code: "unheard-of".to_owned(),
    };
    assert_eq!(
        unheard.refusal,
        Refusal::Invalid(Fault::new("code", unknown))
    );
    let tomorrow = Alert {
        raised_on: day(20161002),
        ..alert(1)
    };
    refused(&mut county, NODE, raised(tomorrow), "in-the-future");
    let elsewhere = Change::create(NEW, area(COUNTY), alert(1));
    refused(&mut county, NODE, elsewhere, "wrong-id");
    let beside = Change::create(alert(1).id(), area("360324"), alert(1));
    refused(&mut county, NODE, beside, "outside-area");
    county.decide_as(NODE, vec![raised(alert(1))]).unwrap();
}

#[test]
fn the_same_finding_is_one_alert_and_another_one_is_another() {
    let mut county = County::new();
    county.decide_as(NODE, vec![raised(alert(1))]).unwrap();
    refused(&mut county, NODE, raised(alert(1)), "stale-revision");
    county.decide_as(NODE, vec![raised(alert(2))]).unwrap();
    let by_another = Alert {
        raised_by: NodeId(id(32).0),
        ..alert(1)
    };
    county.decide_as(id(32), vec![raised(by_another)]).unwrap();
}

#[test]
fn an_alert_is_closed_by_whoever_has_looked_and_stays_what_it_was() {
    let mut county = County::new();
    county.decide_as(NODE, vec![raised(alert(1))]).unwrap();
    let id = alert(1).id();
    let close = |county: &County, alert: Alert| {
        county.edit(id, Action::Close, |body: &mut Alert| *body = alert)
    };
    let nothing_said = close(&county, alert(1));
    refused(&mut county, OFFICER, nothing_said, "invalid-field");
    let for_another = close(&county, resolved(alert(1), NODE));
    refused(&mut county, OFFICER, for_another, "invalid-field");
    let another_one = close(&county, resolved(alert(2), OFFICER));
    refused(&mut county, OFFICER, another_one, "wrong-id");
    let earlier = Alert {
        raised_on: day(20160901),
        ..resolved(alert(1), OFFICER)
    };
    let earlier = close(&county, earlier);
    refused(&mut county, OFFICER, earlier, "invalid-field");
    let still_open = Change {
        action: Action::Change,
        ..close(&county, resolved(alert(1), OFFICER))
    };
    refused(&mut county, OFFICER, still_open, "invalid-field");
    let done = close(&county, resolved(alert(1), OFFICER));
    county.decide_as(OFFICER, vec![done]).unwrap();
    refused(&mut county, NODE, raised(alert(1)), "stale-revision");
}
