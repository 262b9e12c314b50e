//! Who gets in, and how the door closes.

use axum::{
    body::Body,
    http::{Request, StatusCode},
};

use super::{
    Browser,
    world::{PASSWORD, World},
};
use crate::console::session::{ATTEMPTS_MS, IDLE_MS, MOST_ATTEMPTS};

#[tokio::test]
async fn whoever_knows_the_password_gets_in_and_to_where_they_wanted() {
    let mut browser = Browser::new(World::county());
    let answer = browser.get("/areas/360323?after=&lang=en").await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    assert_eq!(
        answer.header("location"),
        "/sign-in?next=/areas/360323%3Fafter%3D"
    );

    let fields = [
        ("login", "county"),
        ("password", PASSWORD),
        ("next", "/areas/360323"),
    ];
    let answer = browser.post("/sign-in", &fields).await;
    assert_eq!(
        (answer.status, answer.header("location")),
        (StatusCode::SEE_OTHER, "/areas/360323")
    );
    let cookie = answer.header("set-cookie");
    for attribute in [
        "lika-session=",
        "HttpOnly",
        "SameSite=Strict",
        "Secure",
        "Path=/",
    ] {
        assert!(cookie.contains(attribute), "{attribute} in {cookie}");
    }
    let page = browser.get("/areas/360323").await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.body.contains("赵县"));
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_name_are_answered_alike() {
    let mut browser = Browser::new(World::county());
    for login in ["county", "nobody"] {
        let answer = browser
            .post("/sign-in", &[("login", login), ("password", "guess")])
            .await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
        assert!(answer.text().contains("请核对用户名和密码"));
        assert!(answer.headers.get("set-cookie").is_none());
    }
}

#[tokio::test]
async fn guessing_is_stopped_for_a_while_even_with_the_right_password() {
    let mut browser = Browser::new(World::county());
    for _ in 0..MOST_ATTEMPTS {
        let answer = browser
            .post("/sign-in", &[("login", "county"), ("password", "guess")])
            .await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    }
    let right = [("login", "county"), ("password", PASSWORD)];
    assert_eq!(
        browser.post("/sign-in", &right).await.status,
        StatusCode::TOO_MANY_REQUESTS
    );
    browser.world.clock.advance(ATTEMPTS_MS);
    assert_eq!(
        browser.post("/sign-in", &right).await.status,
        StatusCode::SEE_OTHER
    );
}

#[tokio::test]
async fn every_page_but_the_door_asks_to_sign_in() {
    let mut browser = Browser::new(World::county());
    let id = "01010101-0101-0101-0101-010101010101";
    let pages = ["/", "/areas", "/areas/360323", "/search", "/status"].map(str::to_owned);
    let records = [
        format!("/households/{id}"),
        format!("/decisions/{id}"),
        format!("/records/{id}/history"),
    ];
    for page in pages.into_iter().chain(records) {
        let answer = browser.get(&page).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{page}");
        assert!(
            answer.header("location").starts_with("/sign-in?next="),
            "{page}"
        );
    }
}

#[tokio::test]
async fn a_session_that_is_not_used_ends() {
    let mut browser = Browser::of(World::county(), "county").await;
    browser.world.clock.advance(IDLE_MS - 1);
    assert_eq!(browser.get("/status").await.status, StatusCode::OK);
    browser.world.clock.advance(IDLE_MS);
    assert_eq!(browser.get("/status").await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn signing_out_needs_the_form_of_the_session() {
    let mut browser = Browser::of(World::county(), "county").await;
    let answer = browser.post("/sign-out", &[("form_token", "guess")]).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    assert!(answer.text().contains("form-expired"));
    // The link to the other language on that page.
    let home = browser.get("/sign-out?lang=en").await;
    assert_eq!(home.header("location"), "/areas/360323");
    assert_eq!(browser.get("/status").await.status, StatusCode::OK);

    let token = browser.form_token().await;
    let kept = browser.cookies.clone();
    let answer = browser.post("/sign-out", &[("form_token", &token)]).await;
    assert_eq!(answer.header("location"), "/sign-in");
    browser.cookies = kept;
    assert_eq!(
        browser.get("/status").await.status,
        StatusCode::SEE_OTHER,
        "the session is gone, not only its cookie"
    );
}

#[tokio::test]
async fn a_form_of_another_site_is_refused_before_anybody_looks_at_it() {
    let mut browser = Browser::new(World::county());
    let request = Request::post("/sign-in")
        .header("sec-fetch-site", "cross-site")
        .body(Body::empty())
        .unwrap();
    let answer = browser.send(request).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn pages_carry_the_headers_that_keep_them_to_themselves() {
    let mut browser = Browser::of(World::county(), "county").await;
    let page = browser.get("/status").await;
    assert!(
        page.header("content-security-policy")
            .starts_with("default-src 'self'; script-src 'none'")
    );
    assert_eq!(page.header("x-content-type-options"), "nosniff");
    assert_eq!(page.header("referrer-policy"), "no-referrer");
    assert_eq!(page.header("cache-control"), "no-store");
    assert_eq!(page.header("x-request-id").len(), 36);
    assert!(!page.body.contains("<script") && !page.body.contains("style="));
    let style = browser.get("/assets/console.css").await;
    assert_eq!(style.header("content-type"), "text/css; charset=utf-8");
    assert!(style.header("cache-control").contains("max-age"));
}

#[tokio::test]
async fn the_language_is_remembered() {
    let mut browser = Browser::new(World::county());
    assert!(
        browser
            .get("/sign-in")
            .await
            .body
            .contains("<html lang=\"zh-CN\">")
    );
    assert!(
        browser
            .get("/sign-in?lang=en")
            .await
            .body
            .contains("<html lang=\"en\">")
    );
    assert!(
        browser
            .get("/sign-in")
            .await
            .body
            .contains("<html lang=\"en\">")
    );
    assert!(
        browser
            .get("/sign-in?lang=zh")
            .await
            .body
            .contains("<html lang=\"zh-CN\">")
    );
}
