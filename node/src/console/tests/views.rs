//! Book, ledger, archive and cards as pages: the same figures, and nothing that somebody may not see.

use axum::http::StatusCode;
use expect_test::expect_file;

use super::{
    Browser,
    world::{COUNTY, HOSTILE, NUMBER, TOWNSHIP, VILLAGE, World},
};

#[tokio::test]
async fn the_views_of_village_township_and_county() {
    let mut browser = Browser::of(World::county(), "county").await;
    for (path, file) in [
        (
            format!("/areas/{VILLAGE}/book"),
            expect_file!["book.zh.txt"],
        ),
        (
            format!("/areas/{TOWNSHIP}/book?lang=en"),
            expect_file!["ledger.en.txt"],
        ),
        (
            format!("/areas/{COUNTY}/book?lang=zh"),
            expect_file!["archive.zh.txt"],
        ),
        (
            format!("/areas/{VILLAGE}/cards"),
            expect_file!["cards.zh.txt"],
        ),
    ] {
        let page = browser.get(&path).await;
        assert_eq!(page.status, StatusCode::OK, "{path}: {}", page.text());
        assert!(!page.body.contains(HOSTILE), "{path}");
        assert!(!page.body.contains(NUMBER), "{path}");
        file.assert_eq(&page.text());
    }
}

#[tokio::test]
async fn whoever_may_not_read_people_there_sees_no_book() {
    let mut browser = Browser::of(World::county(), "other").await;
    for page in ["book", "cards"] {
        let answer = browser.get(&format!("/areas/{VILLAGE}/{page}")).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{page}");
    }
    for area in [TOWNSHIP, COUNTY] {
        let answer = browser.get(&format!("/areas/{area}/book")).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{area}");
    }
    let mut browser = Browser::of(World::province(), "province").await;
    let book = browser.get(&format!("/areas/{VILLAGE}/book")).await;
    assert_eq!(book.status, StatusCode::OK, "{}", book.text());
    assert!(book.text().contains("未提供"), "{}", book.text());
}

#[tokio::test]
async fn only_a_village_has_cards_and_a_province_has_no_archive() {
    let mut browser = Browser::of(World::county(), "county").await;
    let cards = browser.get(&format!("/areas/{TOWNSHIP}/cards")).await;
    assert_eq!(cards.status, StatusCode::BAD_REQUEST);
    let archive = browser.get("/areas/36/book").await;
    assert_ne!(archive.status, StatusCode::OK);
}
