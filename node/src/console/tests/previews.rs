//! The page that tries a policy.

use axum::http::StatusCode;
use lika_core::{
    record::Policy,
    value::{NodeId, RecordId, RequestId},
};

use super::{
    Browser,
    world::{HOUSEHOLD, World, area},
};
use crate::{gateway::Caller, policy::Package};

/// Stops for every household: nobody is answered.
const STOPS: &str = "(unreachable)";
/// The number of the one card.
const CARD: &str = "H0001";

async fn admit(world: &World) -> RecordId {
    let guest = lika_guests::guest_that_reads("household.key", "code", STOPS);
    let office = Caller::node(NodeId([7; 16]), area("360323")).unwrap();
    let request = RequestId::derived("request", b"admit");
    let package = Package::unsigned(guest).to_bytes().unwrap();
    let admitted = world.gateway.admit(&office, request, package).await;
    let admitted = admitted.unwrap();
    assert_eq!(
        admitted.policy,
        Policy::id_for(&admitted.description.component)
    );
    admitted.policy
}

async fn preview(browser: &mut Browser, policy: &RecordId, language: &str) -> super::Answer {
    let path = format!("/policies/{policy}/preview?area=360323104&lang={language}");
    let form = browser.get(&path).await;
    assert_eq!(form.status, StatusCode::OK, "{}", form.text());
    let token = browser.form_token().await;
    let fields = [
        ("form_token", token.as_str()),
        ("area", "360323104"),
        ("from", "2016-10-15"),
        ("settings", ""),
    ];
    browser.post(&path, &fields).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_policy_is_tried_and_shown_in_both_languages() {
    let world = World::county();
    let policy = admit(&world).await;
    let mut browser = Browser::of(world, "county").await;
    let shown = preview(&mut browser, &policy, "zh").await;
    assert_eq!(shown.status, StatusCode::OK, "{}", shown.text());
    let text = shown.text();
    for line in [
        "政策预演 · 识别",
        "hand 0.1.0",
        "对照： 目前没有启用的政策",
        "不在其列 | 未定 | 1",
        "合计 | 1 | 0 | 0 | 1 | 0 | 1 | 0.00 | 0.00",
        "政策程序中断，转人工处理",
        "单次调用占限额的最高比例 | 指令 0.01 % · 内存 0.30 % · 输出 0.00 %",
    ] {
        assert!(text.contains(line), "{line}: {text}");
    }
    assert!(shown.body.contains(&format!("/households/{HOUSEHOLD}")));
    let shown = preview(&mut browser, &policy, "en").await;
    let text = shown.text();
    for line in [
        "Preview · screening",
        "Against: nothing is in force",
        "not judged | undetermined | 1",
        "the policy stopped; a person decides",
        "The most that a call took of its limits | instructions 0.01 % · memory 0.30 %",
    ] {
        assert!(text.contains(line), "{line}: {text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_developer_sees_records_and_no_numbers() {
    let world = World::county();
    let policy = admit(&world).await;
    let mut office = Browser::of(world, "county").await;
    let shown = preview(&mut office, &policy, "zh").await;
    let number = shown.text().contains(CARD);
    assert!(number, "{}", shown.text());
    let mut browser = Browser::of(office.world, "developer").await;
    let shown = preview(&mut browser, &policy, "zh").await;
    assert_eq!(shown.status, StatusCode::OK, "{}", shown.text());
    assert!(!shown.body.contains(CARD), "{}", shown.text());
    assert!(shown.body.contains(&HOUSEHOLD.to_string()));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_not_try_a_policy_gets_no_preview() {
    let world = World::county();
    let policy = admit(&world).await;
    let mut browser = Browser::of(world, "village").await;
    let path = format!("/policies/{policy}/preview?area=360323104201");
    let refused = browser.get(&path).await.status;
    assert!(refused.is_client_error(), "{refused}");
    let token = browser.form_token().await;
    let fields = [
        ("form_token", token.as_str()),
        ("area", "360323104201"),
        ("from", "2016-10-15"),
        ("settings", ""),
    ];
    let refused = browser.post(&path, &fields).await.status;
    assert!(refused.is_client_error(), "{refused}");
    let fields = [("form_token", "forged"), fields[1], fields[2], fields[3]];
    assert_eq!(
        browser.post(&path, &fields).await.status,
        StatusCode::FORBIDDEN
    );
}
