//! Tasks and findings on the page.

use axum::http::StatusCode;
use lika_core::{
    command::Change,
    log::Kind,
    record::{Answerable, Body, Cadre, CadreIdentity, Finding, FindingTexts, Post},
    value::{Code, Date, Name, RecordId, RequestId, Text},
};

use super::{
    Browser,
    world::{COUNTY, VILLAGE, World, area},
};
use crate::{clock::Clock as _, duties, gateway::Caller};

const CADRE: RecordId = RecordId([80; 16]);
const POST: RecordId = RecordId([81; 16]);
const FINDING: RecordId = RecordId([82; 16]);

fn code(text: &str) -> Code {
    Code::parse(text).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_says_who_owes_what_and_which_findings_wait() {
    let world = World::county();
    let today = world.clock.today();
    let begins = today.year().first_day();
    let cadre = Cadre {
        rank: code("section-deputy"),
        unit: None,
        from: begins,
        until: None,
        identity: Some(CadreIdentity {
            number: None,
            name: Name::parse("林书").unwrap(),
            phone: None,
        }),
    };
    let post = Post {
        cadre: CADRE,
        role: code("first-secretary"),
        from: begins,
        until: None,
    };
    let finding = Finding {
        subject: Answerable {
            kind: Kind::Cadre,
            id: CADRE,
        },
        kind: code("laxity"),
        inspection: code("spot-check"),
        found_on: begins,
        deadline: begins,
        duty: None,
        settled: None,
        texts: Some(FindingTexts {
            note: Some(Text::parse("台账未更新").unwrap()),
            settlement: None,
        }),
    };
    let mut changes = vec![
        Change::create(CADRE, area(VILLAGE), cadre),
        Change::create(POST, area(VILLAGE), post),
        Change::create(FINDING, area(VILLAGE), finding),
    ];
    for message in duties::shipped("luxi", begins).unwrap() {
        let Body::Duty(duty) = Body::parse(message.into()).unwrap() else {
            panic!("not a duty");
        };
        changes.push(Change::create(
            duty.id_in(&area(COUNTY)),
            area(COUNTY),
            duty,
        ));
    }
    let office = Caller::node(world.gateway.reader().node(), area(COUNTY)).unwrap();
    let request = RequestId([80; 16]);
    world
        .gateway
        .apply(&office, request, changes)
        .await
        .unwrap();

    let last: Date = today.year().last_day();
    let mut browser = Browser::of(world, "county").await;
    let page = browser.get(&format!("/tasks?on={last}&lang=zh")).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.body);
    let text = page.text();
    // Twelve diaries by the end of the year, the one of January long late.
    let diaries = "记好一本民情日记 | 12 | 0 | 0 | 0 | 11";
    assert!(text.contains(diaries), "{text}");
    let owed = "记好一本民情日记 | 360323104201 | 林书 |";
    assert!(text.contains(owed), "{text}");
    assert!(!text.contains(&CADRE.to_string()), "{text}");
    assert!(text.contains("软作为 | 360323104201"), "{text}");
    assert!(!text.contains("台账未更新"), "{text}");

    // Who may not read people there sees that somebody owes it.
    let mut browser = Browser::of(browser.world, "approver").await;
    let page = browser.get(&format!("/tasks?on={last}&lang=zh")).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.body);
    assert!(!page.body.contains("林书"), "{}", page.body);
    let owed = "记好一本民情日记 | 360323104201 | 未提供 |";
    assert!(page.text().contains(owed), "{}", page.text());
}
