//! Doubts on the pages: that there are some, what each list says, and who verifies them.

use std::{
    fs::File,
    io::{Seek as _, Write as _},
};

use axum::http::StatusCode;
use lika_core::value::RequestId;

use super::{
    Browser,
    world::{COUNTY, HOUSEHOLD, NUMBER, World, area},
};
use crate::gateway::{Caller, comparisons::Compare};

/// Holds a list with this number and a car against the county.
async fn compare(world: &World, number: &str) -> u64 {
    let mut file: File = tempfile::tempfile().unwrap();
    writeln!(file, "证件号码,姓名,车牌号\n{number},某某,赣J<b>1").unwrap();
    file.rewind().unwrap();
    let node = world.gateway.reader().node();
    let office = Caller::node(node, area(COUNTY)).unwrap();
    let asked = Compare {
        request: RequestId([77; 16]),
        source: "vehicles",
        area: area(COUNTY),
        listed_on: None,
        dry_run: false,
    };
    let compared = world.gateway.compare(&office, asked, file).await.unwrap();
    compared.comparison.raised
}

#[tokio::test(flavor = "multi_thread")]
async fn a_doubt_waits_on_the_overview_and_stands_on_the_card() {
    let world = World::county();
    assert_eq!(compare(&world, NUMBER).await, 1);
    let mut browser = Browser::of(world, "county").await;
    let overview = browser.get("/areas/360323").await.text();
    assert!(overview.contains("待核实的疑点：1"), "{overview}");
    let list = browser.get("/doubts?area=360323").await;
    assert!(list.text().contains("号牌号码 赣J"), "{}", list.text());
    assert!(!list.body.contains("<b>1"), "{}", list.body);
    let at = list.body.find("/doubts/").unwrap();
    let path = list.body[at..at + "/doubts/".len() + 36].to_owned();
    let card = browser.get(&format!("/households/{HOUSEHOLD}")).await;
    assert!(card.body.contains(&path), "{}", card.text());
    assert!(card.text().contains("待核实"), "{}", card.text());
    let page = browser.get(&path).await.text();
    assert!(page.contains("姓名不符 | 是"), "{page}");

    let token = browser.form_token().await;
    let request = uuid::Uuid::from_bytes([78; 16]).to_string();
    let form = [
        ("form_token", token.as_str()),
        ("request", &request),
        ("finding", "mistaken"),
        ("note", "同名不同人"),
    ];
    let verified = browser.post(&path, &form).await;
    assert_eq!(verified.status, StatusCode::SEE_OTHER, "{}", verified.body);
    let page = browser.get(&path).await.text();
    for line in ["核实结论 | 情况不实", "说明 | 同名不同人"] {
        assert!(page.contains(line), "{line}: {page}");
    }
    assert!(!page.contains("核实完毕"), "{page}");
    let overview = browser.get("/areas/360323").await.text();
    assert!(!overview.contains("待核实的疑点"), "{overview}");
    let card = browser.get(&format!("/households/{HOUSEHOLD}")).await;
    assert!(card.text().contains("情况不实"), "{}", card.text());
    let again = [
        ("form_token", token.as_str()),
        ("request", "00000000-0000-8000-8000-000000000009"),
        ("finding", "true"),
        ("note", "再看一次"),
    ];
    let again = browser.post(&path, &again).await;
    assert_eq!(again.status, StatusCode::CONFLICT, "{}", again.body);
}
