//! Alerts on the pages: that there are some, what they are about, and who closes them.

use axum::http::StatusCode;
use lika_core::{
    log::Kind,
    value::{AreaCode, RecordId},
};

use super::{
    Browser,
    world::{COUNTY, OTHER_VILLAGE, VILLAGE, World, area},
};
use crate::{
    gateway::alerts::Finding,
    store::{Lifecycle, Listing},
};

/// Has the node find something about the one decision.
async fn raise(world: &World) -> RecordId {
    let gateway = world.gateway.clone();
    let finding = Finding::new("decision-tampered", area(VILLAGE), Some(World::decision()))
        .with("recorded", "granted paired")
        .with("replayed", "refused (no-helper)")
        .with("unheard-of", "<b>1</b>");
    let run = move || {
        gateway.raise(&[finding.clone(), finding]);
        let listing = Listing {
            kind: Kind::Alert,
            area: AreaCode::NATION,
            lifecycle: Lifecycle::Open,
            after: None,
            limit: 10,
        };
        let ids = gateway.reader().list_ids(&listing).unwrap().items;
        assert_eq!(ids.len(), 1);
        ids[0]
    };
    tokio::task::spawn_blocking(run).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_alert_waits_on_the_overview_and_is_closed_by_the_office() {
    let world = World::county();
    let alert = raise(&world).await;
    let mut browser = Browser::of(world, "county").await;
    let overview = browser.get("/areas/360323").await.text();
    assert!(overview.contains("待处理的预警：1"), "{overview}");
    let status = browser.get("/status?lang=en").await.text();
    assert!(status.contains("Alerts that wait | 1"), "{status}");
    let path = format!("/alerts/{alert}");
    let list = browser.get("/alerts?area=360323&lang=zh").await;
    assert!(list.body.contains(&path), "{}", list.text());
    assert!(
        list.text().contains("决定与政策结果不符"),
        "{}",
        list.text()
    );
    let page = browser.get(&path).await;
    for line in [
        "记录的决定 | granted paired",
        "重新执行的决定 | refused (no-helper)",
        "其他 | unheard-of",
    ] {
        assert!(page.text().contains(line), "{line}: {}", page.text());
    }
    assert!(!page.body.contains("<b>1"), "{}", page.body);
    assert!(
        page.body
            .contains(&format!("/decisions/{}", World::decision()))
    );
    let english = browser.get(&format!("{path}?lang=en")).await;
    assert!(
        english
            .text()
            .contains("a decision is not what its policy said"),
        "{}",
        english.text()
    );

    let token = browser.form_token().await;
    let (_, rest) = page.body.split_once("name=\"request\" value=\"").unwrap();
    let request = rest.split('"').next().unwrap().to_owned();
    let fields = [
        ("form_token", token.as_str()),
        ("request", request.as_str()),
        ("finding", "fault"),
        ("note", "硬盘故障，已恢复"),
    ];
    // Sent twice, as impatient people do.
    for _ in 0..2 {
        let closed = browser.post(&path, &fields).await;
        assert_eq!(closed.status, StatusCode::SEE_OTHER, "{}", closed.body);
        assert_eq!(closed.header("location"), path);
    }
    let closed = browser.get(&path).await;
    assert!(closed.text().contains("硬盘故障"), "{}", closed.text());
    let form = "<form method=\"post\" action=\"/alerts";
    assert!(!closed.body.contains(form), "{}", closed.body);
    let overview = browser.get("/areas/360323").await.text();
    assert!(!overview.contains("Alerts that wait"), "{overview}");
    let list = browser.get("/alerts").await.text();
    assert!(list.contains("a machine or a program failed"), "{list}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_village_cadre_sees_the_alert_and_closes_nothing() {
    let world = World::county();
    let alert = raise(&world).await;
    let mut browser = Browser::of(world, "village").await;
    let path = format!("/alerts/{alert}");
    let page = browser.get(&path).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.text());
    assert!(!page.body.contains("name=\"finding\""));
    let token = browser.form_token().await;
    let request = uuid::Uuid::new_v4().to_string();
    let fields = [
        ("form_token", token.as_str()),
        ("request", request.as_str()),
        ("finding", "fault"),
        ("note", "没有问题"),
    ];
    let refused = browser.post(&path, &fields).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN, "{}", refused.text());
    let forged = [&[("form_token", "another")], &fields[1..]].concat();
    let refused = browser.post(&path, &forged).await;
    assert_ne!(refused.status, StatusCode::OK, "{}", refused.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_link_on_the_status_page_leads_everybody_to_the_alerts_of_their_area() {
    let world = World::county();
    let alert = raise(&world).await;
    let mut browser = Browser::of(world, "village").await;
    let status = browser.get("/status").await;
    assert!(status.body.contains("href=\"/alerts\""), "{}", status.body);
    let list = browser.get("/alerts").await;
    assert_eq!(list.status, StatusCode::OK, "{}", list.text());
    assert!(list.body.contains(&format!("/alerts/{alert}")));
    let denied = browser.get("/alerts?area=360323").await;
    assert_eq!(denied.status, StatusCode::FORBIDDEN, "{}", denied.text());

    let mut other = Browser::of(browser.world, "other").await;
    let list = other.get("/alerts").await;
    assert_eq!(list.status, StatusCode::OK, "{}", list.text());
    assert!(!list.body.contains(&format!("/alerts/{alert}")));
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_has_two_villages_is_led_from_one_to_the_other() {
    let world = World::county();
    world.serve_two_villages().await;
    let mut browser = Browser::of(world, "two").await;
    for path in ["/alerts", "/policies"] {
        let first = browser.get(path).await;
        assert_eq!(first.status, StatusCode::OK, "{}", first.text());
        let other = format!("{path}?area={OTHER_VILLAGE}");
        assert!(first.body.contains(&other), "{path}: {}", first.body);
        let second = browser.get(&other).await;
        assert_eq!(second.status, StatusCode::OK, "{}", second.text());
        let first = format!("{path}?area={VILLAGE}");
        assert!(second.body.contains(&first), "{path}: {}", second.body);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_province_shows_what_it_found_below() {
    let world = World::province();
    let alert = raise(&world).await;
    let mut browser = Browser::of(world, "province").await;
    for path in ["/areas/36", "/areas/360323"] {
        let overview = browser.get(path).await.text();
        assert!(overview.contains("待处理的预警：1"), "{path}: {overview}");
    }
    let list = browser.get("/alerts").await;
    assert!(list.body.contains(&format!("/alerts/{alert}")));
    assert!(list.text().contains(COUNTY), "{}", list.text());
    let history = browser.get(&format!("/records/{alert}/history")).await;
    assert_eq!(history.status, StatusCode::OK, "{}", history.text());
}
