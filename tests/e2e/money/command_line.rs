//! `lika fund`, from the first account to the end of the year.

use serde_json::Value;

use super::*;

/// Runs `lika fund` as an officer.
fn fund(county: &County, login: &str, arguments: &[&str]) -> lika_tests::Ran {
    let arguments = [&["fund"], arguments, &["--as", login, "--json"]].concat();
    county.node.run(&arguments, &[])
}

fn text(answer: &Value, key: &str) -> String {
    answer[key].as_str().unwrap().to_owned()
}

#[test]
fn money_is_moved_from_the_command_line() {
    let county = County::luxi();
    let office = |arguments: &[&str]| fund(&county, "admin", arguments);
    let opened = |arguments: &[&str]| {
        let arguments = [&["account"], arguments, &["--area", "360323"]].concat();
        text(&office(&arguments).done().json(), "account")
    };
    let giver = opened(&["县财政局", "--external"]);
    let supplier = opened(&["种苗公司", "--external"]);
    let seedlings = opened(&[
        "产业资金",
        "--channel",
        "county-budget",
        "--purpose",
        "industry",
    ]);
    let proposed = |arguments: &[&str]| {
        let arguments = [&["propose"], arguments].concat();
        text(&office(&arguments).done().json(), "transfer")
    };
    let income = proposed(&["--from", &giver, "--to", &seedlings, "--amount", "50,000"]);
    let waiting = office(&["transfers", "--open"]).done().json();
    assert_eq!(waiting["transfers"][0]["transfer"], income.as_str());
    assert_eq!(waiting["transfers"][0]["channel"], "county-budget");
    assert_eq!(office(&["approve", &income]).done().json()["approvals"], 1);
    office(&["approve", &income]).refused("same-person");
    let approved = fund(&county, "chun", &["approve", &income]).done().json();
    assert_eq!(
        (&approved["approvals"], &approved["needed"]),
        (&2.into(), &2.into())
    );

    let balance = |account: &str| {
        let listed = office(&["accounts"]).done().json();
        let mut accounts = listed["accounts"].as_array().unwrap().iter();
        let found = accounts.find(|it| it["account"] == account).unwrap();
        found["balance"].as_i64().unwrap()
    };
    assert_eq!(balance(&seedlings), 5 * WAN);
    let expense = ["--from", &seedlings, "--to", &supplier, "--amount", "0.01"];
    let expense = proposed(&[&expense[..], &["--for", "industry"]].concat());
    office(&["withdraw", &expense]).done();
    office(&["approve", &expense]).refused("record-closed");

    let undone = office(&["reverse", &income]).done().json();
    let undone = text(&undone, "transfer");
    office(&["approve", &undone]).done();
    fund(&county, "chun", &["approve", &undone]).done();
    assert_eq!((balance(&seedlings), balance(&giver)), (0, 0));

    let closing = ["close-year", "2015", "--area", "360323"];
    assert_eq!(office(&closing).done().json()["year"], 2015);
    office(&closing).refused("stale-revision");
    office(&["close-year", "2099", "--area", "360323"]).refused("year-not-over");
    let old = [
        "--from",
        &giver,
        "--to",
        &seedlings,
        "--amount",
        "1",
        "--on",
        "2015-12-31",
    ];
    office(&[&["propose"], &old[..]].concat()).refused("year-closed");
    owe_and_plan(&county, &giver, &seedlings);
    // For people.
    let shown = county
        .node
        .run(&["fund", "accounts", "--area", "360323"], &[])
        .done();
    assert!(
        shown
            .stdout
            .contains("2.00: 产业资金 (county-budget, industry)"),
        "{}",
        shown.stdout
    );
}

/// What a fund owes, and what is planned; the books of 2015 are closed, and 2 yuan are left on the fund.
#[track_caller]
fn owe_and_plan(county: &County, giver: &str, seedlings: &str) {
    let office = |arguments: &[&str]| fund(county, "admin", arguments);
    let proposed = |arguments: &[&str]| {
        let arguments = [&["propose"], arguments].concat();
        text(&office(&arguments).done().json(), "transfer")
    };
    let set_aside = [
        "commit",
        "--account",
        seedlings,
        "--amount",
        "1",
        "--for",
        "种苗款",
    ];
    office(&set_aside).refused("over-committed");
    let again = proposed(&["--from", giver, "--to", seedlings, "--amount", "2"]);
    office(&["approve", &again]).done();
    fund(county, "chun", &["approve", &again]).done();
    let owed = text(&office(&set_aside).done().json(), "commitment");
    let listed = office(&["accounts"]).done().json();
    let mut accounts = listed["accounts"].as_array().unwrap().iter();
    let own = accounts.find(|it| it["account"] == seedlings).unwrap();
    assert_eq!(
        (&own["balance"], &own["committed"]),
        (&200.into(), &100.into())
    );
    assert_eq!(
        office(&["commitments"]).done().json()["commitments"][0]["amount"],
        100
    );
    office(&["release", &owed]).done();
    let none = office(&["commitments"]).done().json();
    assert_eq!(none["commitments"].as_array().unwrap().len(), 0);

    let plan = |year: &str, yuan: &str| {
        let plan = [
            "budget",
            year,
            "--area",
            "360323",
            "--channel",
            "county-budget",
        ];
        office(&[&plan[..], &["--purpose", "industry", "--amount", yuan]].concat())
    };
    plan("2016", "2,000,000").done();
    plan("2016", "2,513,000").done();
    let totals = county.office.totals("360323");
    assert_eq!(totals["budget/county-budget@2016"], 2_513 * WAN / 10);
    plan("2015", "1").refused("year-closed");
}
