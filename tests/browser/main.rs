//! The console in a real browser.
#![allow(
    clippy::panic,
    clippy::unwrap_used,
    reason = "tests stop at the first surprise, and the panic is the report; helpers of tests are no tests to clippy"
)]

mod chromium;
mod county;

use std::{fs, path::Path};

use lika_core::value::IdNumber;

use self::{
    chromium::Chromium,
    county::{County, LOGIN, PASSWORD},
};

#[tokio::test(flavor = "multi_thread")]
async fn an_officer_signs_in_and_opens_a_village_and_a_household_card() {
    let county = County::start().await;
    let address = format!("http://{}", county.node.console());
    let households = county.households.clone();
    tokio::task::spawn_blocking(move || look(&address, &households))
        .await
        .unwrap();
    county.node.stop().await;
}

fn look(address: &str, households: &[lika::sample::SampleHousehold]) {
    let household = &households[0];
    let head = &household.members[0];
    let village = household.village.digits();
    let mut browser = Chromium::start();

    browser.open(&format!("{address}/areas/{village}"));
    assert_eq!(browser.string("location.pathname"), "/sign-in");
    browser.type_into("#login", LOGIN);
    browser.type_into("#password", PASSWORD);
    browser.click("form.stack button");

    assert_eq!(
        browser.string("location.pathname"),
        format!("/areas/{village}")
    );
    assert_eq!(browser.string("document.documentElement.lang"), "zh-CN");
    let page = browser.text();
    for expected in [
        &*household.village_name,
        "户主",
        &household.number,
        &head.name,
    ] {
        assert!(
            page.contains(expected),
            "{expected:?} is not on the village's page:\n{page}"
        );
    }
    keep(&mut browser, "village.png");

    let row = format!(
        "[...document.querySelectorAll('tr')].find(row => row.innerText.includes('{}'))\
         .querySelector('a[href^=\"/households/\"]').getAttribute('href')",
        household.number
    );
    let card = browser.string(&row);
    browser.click(&format!("a[href=\"{card}\"]"));
    assert_eq!(browser.string("location.pathname"), card);
    let page = browser.text();
    let masked = IdNumber::parse(&head.document).unwrap().masked();
    for expected in ["户主", "家庭成员", &head.name, &masked] {
        assert!(
            page.contains(expected),
            "{expected:?} is not on the card:\n{page}"
        );
    }
    let source = browser.string("document.documentElement.outerHTML");
    for member in &household.members {
        assert!(
            !source.contains(&member.document),
            "a whole identity number is in the page"
        );
    }
    let fits = "document.documentElement.scrollWidth <= window.innerWidth";
    assert_eq!(
        browser.evaluate(fits),
        true,
        "the card is wider than the window"
    );
    keep(&mut browser, "household.png");

    let errors = browser.errors();
    assert!(
        errors.is_empty(),
        "the browser's console has errors: {errors:#?}"
    );
    browser.evaluate("console.error('heard')");
    assert_eq!(
        browser.errors().len(),
        1,
        "an error would not have been heard"
    );
    let elsewhere: Vec<_> = browser
        .requests()
        .into_iter()
        .filter(|url| !url.starts_with(address))
        .collect();
    assert!(
        elsewhere.is_empty(),
        "asked for from elsewhere: {elsewhere:?}"
    );
}

fn keep(browser: &mut Chromium, name: &str) {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("screenshots");
    fs::create_dir_all(&folder).unwrap();
    let picture = browser.screenshot();
    assert!(
        picture.starts_with(b"\x89PNG"),
        "the screenshot is no picture"
    );
    fs::write(folder.join(name), picture).unwrap();
}
