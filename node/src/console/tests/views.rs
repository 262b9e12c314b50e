//! Book, ledger, archive and cards as pages: the same figures, and nothing that somebody may not see.

use axum::http::StatusCode;
use expect_test::expect_file;
use lika_core::income_year::IncomeYear;

use super::{
    Browser,
    world::{COUNTY, HOSTILE, NUMBER, TOWNSHIP, VILLAGE, World},
};
use crate::gateway::Counting;

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
}

/// Whoever may read a household may not print a whole village for that: it takes what a file takes.
#[tokio::test]
async fn whoever_may_not_export_a_village_prints_none() {
    for login in ["village", "approver", "province"] {
        let world = match login {
            "province" => World::province(),
            _ => World::county(),
        };
        let mut browser = Browser::of(world, login).await;
        let overview = browser.get(&format!("/areas/{VILLAGE}")).await;
        assert_eq!(overview.status, StatusCode::OK, "{login}");
        for page in ["book", "cards"] {
            let path = format!("/areas/{VILLAGE}/{page}");
            assert!(!overview.body.contains(&path), "{login}: {page}");
            let answer = browser.get(&path).await;
            assert_eq!(answer.status, StatusCode::FORBIDDEN, "{login}: {page}");
        }
    }
    // Sums name nobody.
    let mut browser = Browser::of(World::province(), "province").await;
    let ledger = browser.get(&format!("/areas/{TOWNSHIP}/book")).await;
    assert_eq!(ledger.status, StatusCode::OK, "{}", ledger.text());
}

/// On 15 October 2016 a year that began in October 2015 is over, and the calendar year is not.
#[tokio::test]
async fn views_show_the_last_income_year_that_is_over() {
    for (first_month, year) in [(1, 2015), (10, 2016)] {
        let world = World::counting(Counting {
            income_year: IncomeYear::beginning_in(first_month).unwrap(),
            ..Counting::default()
        });
        assert_eq!(world.gateway.year_of_views().unwrap().get(), year);
    }
}

#[tokio::test]
async fn only_a_village_has_cards_and_a_province_has_no_archive() {
    let mut browser = Browser::of(World::county(), "county").await;
    let cards = browser.get(&format!("/areas/{TOWNSHIP}/cards")).await;
    assert_eq!(cards.status, StatusCode::BAD_REQUEST);
    let archive = browser.get("/areas/36/book").await;
    assert_ne!(archive.status, StatusCode::OK);
}
