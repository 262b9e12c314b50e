//! What the pages show, and to whom.

use axum::http::StatusCode;
use expect_test::expect_file;
use lika_core::record::area_id;

use super::{
    Browser,
    world::{HEAD, HOSTILE, HOUSEHOLD, NUMBER, World, area},
};

const MASKED: &str = "110105********002X";

#[tokio::test]
async fn the_card_in_both_languages() {
    let mut browser = Browser::of(World::county().router, "village").await;
    let card = browser.get(&format!("/households/{HOUSEHOLD}")).await;
    assert_eq!(card.status, StatusCode::OK, "{}", card.text());
    expect_file!["card.zh.txt"].assert_eq(&card.text());
    let card = browser
        .get(&format!("/households/{HOUSEHOLD}?lang=en"))
        .await;
    expect_file!["card.en.txt"].assert_eq(&card.text());
}

#[tokio::test]
async fn the_decision_in_both_languages() {
    let mut browser = Browser::of(World::county().router, "county").await;
    let decision = browser
        .get(&format!("/decisions/{}", World::decision()))
        .await;
    assert_eq!(decision.status, StatusCode::OK, "{}", decision.text());
    expect_file!["decision.zh.txt"].assert_eq(&decision.text());
    let decision = browser
        .get(&format!("/decisions/{}?lang=en", World::decision()))
        .await;
    expect_file!["decision.en.txt"].assert_eq(&decision.text());
}

#[tokio::test]
async fn the_county_the_village_and_the_history() {
    let mut browser = Browser::of(World::county().router, "county").await;
    let home = browser.get("/").await;
    assert_eq!(home.header("location"), "/areas/360323");
    for (path, file) in [
        ("/areas/360323".to_owned(), expect_file!["county.zh.txt"]),
        (
            "/areas/360323104201".to_owned(),
            expect_file!["village.zh.txt"],
        ),
        (
            format!("/records/{HOUSEHOLD}/history"),
            expect_file!["history.zh.txt"],
        ),
    ] {
        let page = browser.get(&path).await;
        assert_eq!(page.status, StatusCode::OK, "{path}: {}", page.text());
        file.assert_eq(&page.text());
    }
}

#[tokio::test]
async fn a_number_is_never_shown_whole_and_a_name_is_never_markup() {
    let mut browser = Browser::of(World::county().router, "county").await;
    for path in [
        "/areas/360323104201".to_owned(),
        format!("/households/{HOUSEHOLD}"),
        format!("/records/{HEAD}/history"),
    ] {
        let page = browser.get(&path).await;
        assert_eq!(page.status, StatusCode::OK, "{path}");
        assert!(!page.body.contains(NUMBER), "{path}");
        assert!(!page.body.contains(HOSTILE), "{path}");
    }
    let card = browser.get(&format!("/households/{HOUSEHOLD}")).await;
    assert!(card.body.contains(MASKED));
    assert!(card.text().contains("alert(1)"), "{}", card.text());
}

#[tokio::test]
async fn a_cadre_of_another_village_is_refused_with_the_code() {
    let mut browser = Browser::of(World::county().router, "other").await;
    assert_eq!(
        browser.get("/").await.header("location"),
        "/areas/360323104202"
    );
    for path in ["/areas/360323104201", "/areas/360323"] {
        let answer = browser.get(path).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN);
        assert!(
            answer.text().contains("错误代码 | denied"),
            "{}",
            answer.text()
        );
        let request = answer.header("x-request-id");
        assert!(
            answer.text().contains(request),
            "the page names the request {request}"
        );
    }
    // Of a record they may not know whether it exists.
    for path in [
        format!("/households/{HOUSEHOLD}"),
        format!("/decisions/{}", World::decision()),
    ] {
        assert_eq!(
            browser.get(&path).await.status,
            StatusCode::NOT_FOUND,
            "{path}"
        );
    }
    assert!(
        browser
            .search("document", NUMBER)
            .await
            .text()
            .contains("没有找到")
    );
}

#[tokio::test]
async fn whoever_may_not_read_personal_data_sees_that_it_is_withheld() {
    let mut browser = Browser::of(World::county().router, "developer").await;
    let card = browser.get(&format!("/households/{HOUSEHOLD}")).await;
    assert_eq!(card.status, StatusCode::OK);
    check_withheld(&card.body);
    assert!(card.text().contains("户主 未提供"), "{}", card.text());
    assert!(
        browser
            .search("name", "张三")
            .await
            .text()
            .contains("没有找到")
    );
}

#[tokio::test]
async fn a_province_counts_everybody_and_knows_nobody() {
    let mut browser = Browser::of(World::province().router, "province").await;
    assert_eq!(browser.get("/").await.header("location"), "/areas/36");
    let province = browser.get("/areas/36").await;
    assert!(
        province.text().contains("芦溪县 | 1 | 2 | 100.0%"),
        "{}",
        province.text()
    );
    assert!(province.body.contains("<svg"));
    for path in [
        "/areas/360323".to_owned(),
        "/areas/360323104201".to_owned(),
        format!("/households/{HOUSEHOLD}"),
        format!("/decisions/{}", World::decision()),
        format!("/records/{HOUSEHOLD}/history"),
        format!("/records/{HEAD}/history"),
    ] {
        let page = browser.get(&path).await;
        assert_eq!(page.status, StatusCode::OK, "{path}: {}", page.text());
        check_withheld(&page.body);
    }
    let card = browser
        .get(&format!("/households/{HOUSEHOLD}?lang=en"))
        .await;
    assert!(card.text().contains("Head withheld"), "{}", card.text());
    let status = browser.get("/status").await;
    assert!(status.text().contains("open"), "{}", status.text());
}

#[tokio::test]
async fn people_are_found_by_every_way_of_writing_their_number() {
    let mut browser = Browser::of(World::county().router, "county").await;
    for (by, text) in [
        ("document", "11010519491231002x"),
        ("document", " 110105 19491231 002X "),
        ("name", "张三"),
        ("household-number", "H0001"),
    ] {
        let page = browser.search(by, text).await;
        assert_eq!(page.status, StatusCode::OK);
        assert!(
            page.body
                .contains(&format!("href=\"/households/{HOUSEHOLD}\"")),
            "{by} {text}: {}",
            page.text()
        );
    }
    let page = browser.search("document", "110105194912310021").await;
    assert!(page.text().contains("证件号码无效"), "{}", page.text());
    let page = browser
        .post(
            "/search",
            &[("form_token", "guess"), ("by", "name"), ("text", "张三")],
        )
        .await;
    assert_eq!(page.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn what_is_not_there_is_said_with_its_code() {
    let mut browser = Browser::of(World::county().router, "county").await;
    for (path, status, code) in [
        ("/nowhere".to_owned(), StatusCode::NOT_FOUND, "no-such-page"),
        (
            "/areas/360323999".to_owned(),
            StatusCode::NOT_FOUND,
            "not-found",
        ),
        (
            "/areas/36032".to_owned(),
            StatusCode::BAD_REQUEST,
            "malformed-request",
        ),
        (
            "/areas/360323104201?after=xyz".to_owned(),
            StatusCode::BAD_REQUEST,
            "malformed-request",
        ),
        (
            "/households/1".to_owned(),
            StatusCode::BAD_REQUEST,
            "malformed-request",
        ),
        (
            format!("/households/{}", area_id(&area("360323"))),
            StatusCode::NOT_FOUND,
            "not-found",
        ),
    ] {
        let answer = browser.get(&path).await;
        assert_eq!(answer.status, status, "{path}");
        assert!(answer.text().contains(code), "{path}: {}", answer.text());
    }
}

fn check_withheld(page: &str) {
    for personal in [
        "张三",
        "alert(1)",
        "陈县",
        "王镇",
        "谈了养鸡",
        "有两头牛",
        "东街",
        "002X",
        "H0001",
        "残疾",
    ] {
        assert!(!page.contains(personal), "{personal}");
    }
}
