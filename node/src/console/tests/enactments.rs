//! The pages on which a policy is proposed, approved by two people, suspended and resumed.

use axum::http::StatusCode;
use lika_core::{
    command::Change,
    record::{Body, Household, Member},
    value::{NodeId, RecordId, RequestId},
};

use super::{
    Answer, Browser,
    world::{HEAD, HOUSEHOLD, SON, VILLAGE, World, area},
};
use crate::{gateway::Caller, policy::Package};

/// Says *undetermined* of the one household.
const GUEST: &str = lika_guests::HONEST;

fn office() -> Caller {
    Caller::node(NodeId([7; 16]), area("360323")).unwrap()
}

async fn admit(world: &World) -> RecordId {
    let guest = lika_guests::guest_that_reads("household.key", "code", GUEST);
    let package = Package::unsigned(guest).to_bytes().unwrap();
    let request = RequestId::derived("request", b"admit");
    let admitted = world.gateway.admit(&office(), request, package).await;
    admitted.unwrap().policy
}

/// The value of a hidden field.
#[track_caller]
fn hidden(answer: &Answer, name: &str) -> String {
    let (_, rest) = answer
        .body
        .split_once(&format!("name=\"{name}\" value=\""))
        .unwrap_or_else(|| panic!("no {name} in {}", answer.body));
    rest.split('"').next().unwrap().to_owned()
}

/// Previews the policy in the county and proposes it, as a browser does; the address of the enactment.
async fn propose(browser: &mut Browser, policy: &RecordId) -> String {
    let path = format!("/policies/{policy}/preview?area=360323");
    let token = browser.form_token().await;
    let fields = [
        ("form_token", token.as_str()),
        ("area", "360323"),
        ("from", "2016-10-15"),
        ("settings", ""),
    ];
    let shown = browser.post(&path, &fields).await;
    assert_eq!(shown.status, StatusCode::OK, "{}", shown.text());
    let preview = hidden(&shown, "preview");
    assert!(shown.text().contains(&preview), "{}", shown.text());
    let request = hidden(&shown, "request");
    let proposal = [
        &fields[..],
        &[("request", request.as_str()), ("preview", &preview)],
    ];
    let proposal = proposal.concat();
    let path = format!("/policies/{policy}/propose");
    let mut forged = proposal.clone();
    forged[0].1 = "forged";
    let refused = browser.post(&path, &forged).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    asks_again(browser, &path).await;
    let proposed = browser.post(&path, &proposal).await;
    assert_eq!(proposed.status, StatusCode::SEE_OTHER, "{}", proposed.body);
    let address = proposed.header("location").to_owned();
    assert!(address.starts_with("/enactments/"), "{address}");
    address
}

/// What the link to the other language on a page at the address of a form asks for, and what loading it again does.
async fn asks_again(browser: &mut Browser, path: &str) {
    let forged = [("form_token", "forged"), ("request", ""), ("preview", "")];
    let shown = browser.post(path, &forged).await;
    assert!(shown.status.is_client_error(), "{path}: {}", shown.status);
    let link = format!("href=\"{path}?lang=en\"");
    assert!(shown.body.contains(&link), "{path}: {}", shown.body);
    for language in ["en", "zh"] {
        let page = browser.get(&format!("{path}?lang={language}")).await;
        assert_eq!(page.status, StatusCode::OK, "{path}: {}", page.text());
    }
}

async fn act(browser: &mut Browser, address: &str, what: &str) -> Answer {
    let token = browser.form_token().await;
    let request = uuid::Uuid::new_v4().to_string();
    let fields = [("form_token", token.as_str()), ("request", &request)];
    browser.post(&format!("{address}/{what}"), &fields).await
}

/// Looks at the preview and answers what the form below it says.
async fn look(browser: &mut Browser, address: &str) -> Answer {
    let token = browser.form_token().await;
    let path = format!("{address}/preview");
    browser.post(&path, &[("form_token", &token)]).await
}

async fn approve(browser: &mut Browser, address: &str, preview: &str, token: &str) -> Answer {
    let request = uuid::Uuid::new_v4().to_string();
    let fields = [
        ("form_token", token),
        ("request", request.as_str()),
        ("preview", preview),
    ];
    browser.post(&format!("{address}/approve"), &fields).await
}

#[track_caller]
fn refused(answer: &Answer, status: StatusCode, code: &str) {
    assert_eq!(answer.status, status, "{}", answer.text());
    assert!(answer.text().contains(code), "{}", answer.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn two_people_approve_what_they_have_looked_at() {
    let world = World::county();
    let policy = admit(&world).await;
    let mut county = Browser::of(world, "county").await;
    let address = propose(&mut county, &policy).await;
    let page = county.get(&address).await;
    assert!(page.text().contains("待批准 0/2"), "{}", page.text());
    // The form to approve stands below the preview only.
    assert!(!page.body.contains("/approve\""), "{}", page.body);
    let shown = look(&mut county, &address).await;
    assert!(
        shown.text().contains("不在其列 | 未定 | 1"),
        "{}",
        shown.text()
    );
    let preview = hidden(&shown, "preview");
    assert!(page.text().contains(&preview), "the sheet names its digest");

    let token = county.form_token().await;
    let forged = approve(&mut county, &address, &preview, "forged").await;
    refused(&forged, StatusCode::FORBIDDEN, "form-expired");
    let other = approve(&mut county, &address, &"0".repeat(64), &token).await;
    refused(&other, StatusCode::CONFLICT, "stale-preview");
    for what in ["preview", "approve", "suspend", "resume"] {
        asks_again(&mut county, &format!("{address}/{what}")).await;
    }
    let done = approve(&mut county, &address, &preview, &token).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.body);
    let page = county.get(&address).await.text();
    assert!(
        page.contains("待批准 1/2") && page.contains("赵县"),
        "{page}"
    );
    let again = approve(&mut county, &address, &preview, &token).await;
    refused(&again, StatusCode::CONFLICT, "same-person");

    // An approver approves, and suspends nothing.
    let mut approver = Browser::of(county.world, "approver").await;
    let shown = look(&mut approver, &address).await;
    assert_eq!(hidden(&shown, "preview"), preview);
    assert!(!shown.body.contains("/suspend\""), "{}", shown.body);
    let token = approver.form_token().await;
    let done = approve(&mut approver, &address, &preview, &token).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.body);
    let page = approver.get(&address).await.text();
    assert!(page.contains("生效中"), "{page}");
    let denied = act(&mut approver, &address, "suspend").await;
    refused(&denied, StatusCode::FORBIDDEN, "denied");

    let mut county = Browser::of(approver.world, "county").await;
    let asked = county.get(&address).await;
    let (_, asked) = asked.body.split_once("<details>").unwrap();
    let (question, _) = asked.split_once("</details>").unwrap();
    assert!(question.contains("确定暂停吗"), "{question}");
    assert!(question.contains("/suspend\""), "{question}");
    for (what, zh, en) in [
        (
            "suspend",
            "已暂停，没有生效的政策",
            "suspended: nothing is in force",
        ),
        ("resume", "生效中", "in force"),
    ] {
        let done = act(&mut county, &address, what).await;
        assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.body);
        for (language, words) in [("zh", zh), ("en", en)] {
            let page = county.get(&format!("{address}?lang={language}")).await;
            assert!(page.text().contains(words), "{words}: {}", page.text());
        }
    }
    let forged = [("form_token", "forged"), ("request", "")];
    let forged = county.post(&format!("{address}/suspend"), &forged).await;
    assert_eq!(forged.status, StatusCode::FORBIDDEN);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_not_approve_sees_how_it_stands_and_no_button() {
    let world = World::county();
    let policy = admit(&world).await;
    let mut county = Browser::of(world, "county").await;
    let address = propose(&mut county, &policy).await;
    let listed = county.get("/policies").await;
    assert!(listed.body.contains(&address), "{}", listed.text());
    assert!(listed.body.contains(&format!("/policies/{policy}/preview")));

    let mut developer = Browser::of(county.world, "developer").await;
    let page = developer.get(&format!("{address}?lang=en")).await;
    assert!(
        page.text().contains("proposed, approvals 0/2"),
        "{}",
        page.text()
    );
    let (_, main) = page.body.split_once("<main").unwrap();
    assert!(
        !main.contains("<button") && !main.contains("<form"),
        "{main}"
    );
    let token = developer.form_token().await;
    let preview = "0".repeat(64);
    let denied = approve(&mut developer, &address, &preview, &token).await;
    refused(&denied, StatusCode::FORBIDDEN, "denied");
    for what in ["suspend", "resume"] {
        let denied = act(&mut developer, &address, what).await;
        refused(&denied, StatusCode::FORBIDDEN, "denied");
    }
    let denied = look(&mut developer, &address).await;
    refused(&denied, StatusCode::FORBIDDEN, "denied");
    // A preview of one's own can be looked at, and not proposed.
    let path = format!("/policies/{policy}/preview?area=360323");
    let fields = [
        ("form_token", token.as_str()),
        ("area", "360323"),
        ("from", "2016-10-15"),
        ("settings", ""),
    ];
    let shown = developer.post(&path, &fields).await;
    assert_eq!(shown.status, StatusCode::OK, "{}", shown.text());
    assert!(!shown.body.contains("/propose\""), "{}", shown.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_preview_that_would_come_out_otherwise_by_now_is_not_approved() {
    let world = World::county();
    let policy = admit(&world).await;
    let mut county = Browser::of(world, "county").await;
    let address = propose(&mut county, &policy).await;
    let shown = look(&mut county, &address).await;
    let preview = hidden(&shown, "preview");

    // Another household, of which the preview did not speak.
    let gateway = &county.world.gateway;
    let body = |id: &RecordId| {
        let stored = gateway.reader().get(id).unwrap().unwrap();
        stored.into_record().unwrap().body
    };
    let (Body::Household(household), Body::Member(head), Body::Member(son)) =
        (body(&HOUSEHOLD), body(&HEAD), body(&SON))
    else {
        panic!("a household and two members")
    };
    let other = RecordId([9; 16]);
    let household = Household {
        identity: None,
        note: None,
        ..household
    };
    let son = Member {
        household: other,
        relation: head.relation,
        ..son
    };
    let changes = vec![
        Change::create(other, area(VILLAGE), household),
        Change::create(RecordId([8; 16]), area(VILLAGE), son),
    ];
    let request = RequestId::derived("request", b"household");
    gateway.apply(&office(), request, changes).await.unwrap();

    let shown = look(&mut county, &address).await;
    assert!(shown.text().contains("预演已过期"), "{}", shown.text());
    assert!(!shown.body.contains("/approve\""), "{}", shown.body);
    let token = county.form_token().await;
    let stale = approve(&mut county, &address, &preview, &token).await;
    refused(&stale, StatusCode::CONFLICT, "stale-preview");
}
