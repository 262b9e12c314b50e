//! The figures of the source documents: each is the node's too, and each can be made to differ.

use std::ffi::OsStr;

use lika_tests::{built, lika};
use serde_json::Value;

/// Plays a document; the rows.
#[track_caller]
fn play(document: &str, more: &[&str]) -> Vec<Value> {
    let policies = built::policies();
    let asked = ["scenario", document, "--json", "--policies"].map(OsStr::new);
    let more = more.iter().map(OsStr::new);
    let ran = lika(asked.into_iter().chain([policies.as_os_str()]).chain(more));
    match ran.done().json() {
        Value::Array(rows) => rows,
        other => panic!("not a table: {other}"),
    }
}

/// Every row holds and could fail to; the table is the one that is expected.
#[track_caller]
fn check(document: &str, expected: &expect_test::Expect) {
    let rows = play(document, &["--falsify"]);
    let mut table = String::new();
    for row in &rows {
        // Where a document contradicts itself, the row says so.
        let is_misprint = row["misprint"] == true;
        assert_eq!(row["node"] != row["document"], is_misprint, "{row}");
        assert_eq!(row["equal"] != true, is_misprint, "{row}");
        assert!(!is_misprint || row["remark"] != "", "{row}");
        let falsified = &row["falsified"];
        assert_ne!(falsified["before"], falsified["after"], "{row}");
        let text = |key: &str| row[key].as_str().unwrap().to_owned();
        let [id, figure, document, node, origin] =
            ["row", "figure", "document", "node", "origin"].map(text);
        table += &match is_misprint {
            false => format!("{id}: {figure}: {node} ({origin})\n"),
            true => format!("{id}: {figure}: {node}, not {document} ({origin})\n"),
        };
    }
    expected.assert_eq(&table);
}

/// Every row holds when nothing was falsified, and says nothing of that.
#[track_caller]
fn check_holds(document: &str, least: usize) {
    let rows = play(document, &[]);
    assert!(rows.len() >= least, "{} rows", rows.len());
    for row in &rows {
        assert_eq!(row["equal"], row["misprint"] != true, "{row}");
        assert_eq!(row["falsified"], Value::Null, "{row}");
    }
}

#[test]
fn luxi_has_the_figures_of_its_document() {
    check(
        "luxi",
        &expect_test::expect![[r#"
        S4.1: townships: 9 (computed)
        S4.1: key villages: 14 (computed)
        S4.1: households registered: 3906 (computed)
        S4.1: people registered: 10485 (computed)
        S4.2: county leaders in village teams: 14 (computed)
        S4.2: stationed reserve cadres: 28 (computed)
        S4.2: sponsoring units bound: 42 (computed)
        S4.2: visits to key villages and households in the leanest month: 3920 (computed)
        S4.4: households with a helper who answers for them: 3906 (computed)
        S4.4: development households without a cadre of section level or above: 0 (computed)
        S4.4: cadres of section level or above beyond their quota of focus households: 0 (computed)
        S4.10: industry: labour that lacks skill, funds or a project: 1166 (computed)
        S4.10: schooling: poor because of schooling: 1017 (computed)
        S4.10: employment: labour without a job: 3044 (computed)
        S4.10: protection floor: 7183 (computed)
        S4.10: science and technology: labour that lacks skill: 836 (computed)
        S4.10: the four sets of people together: 12410 (computed)
        S4.10: people whom the protection floor does not hold: 3302 (computed)
    "#]],
    );
}

#[test]
fn sanming_has_the_figures_of_its_document() {
    check(
        "sanming",
        &expect_test::expect![[r#"
            S2.1: applications of a family: 1 (computed)
            S2.1: reviews: 2 (computed)
            S2.1: public notices: 2 (computed)
            S2.2: causes for which measures are planned: 4 (computed)
            S2.2: lacks for which measures are planned: 4 (computed)
            S2.3: ways of help that are in use: 8 (computed)
            S2.4: households with equity: 16 (computed)
            S2.4: people in them: 62 (computed)
            S2.4: capital of the co-operative: 1300000.00 (computed)
            S2.4: equity of the households: 480000.00 (computed)
            S2.4: equity of the village collective: 320000.00 (computed)
            S2.4: equity a head, in yuan: 7,742 (computed)
            S2.4: the village's share of the capital: 24.615 % (computed)
            S2.4: 60 % of a return of 64,000.03 yuan, for poor households: 38400.02 (computed)
            S2.4: 40 % of it, for the village: 25600.01 (computed)
            S2.4: distributed of the return: 64000.03 (computed)
            S2.6: companies that host: 90 (computed)
            S2.6: households that are hosted: 970 (computed)
            S2.6: mu on which they are: 4630.00 (computed)
            S2.6: income that was added: 9100000.00 (computed)
            S2.6: income that was added, a household, in 10,000 yuan: 1 (computed)
            S2.7: key counties: 5 (computed)
            S2.7: key townships: 20 (computed)
            S2.7: townships of minorities: 2 (computed)
            S2.7: registered villages: 380 (computed)
            S2.7: people not yet out of poverty: 5520 (computed)
            S2.7: shell villages at first: 247 (computed)
            S2.7: projects for the income of villages: 280 (computed)
            S2.7: shell villages in the end: 32 (computed)
            S2.7: what villages have more than before: 5630000.00 (computed)
            S2.8: insurances that households have: 4 (computed)
            S2.8: what the city pays of their premiums: 100 % (computed)
            S2.9: causes of hardship in the towns: 4 (computed)
            S2.9: measures for hardship families of the towns: 7 (computed)
        "#]],
    );
}

#[test]
fn guangdong_has_the_figures_of_its_document_at_a_hundredth() {
    check(
        "guangdong",
        &expect_test::expect![[r#"
            S3.1: line of a key village: 60 % of a rural mean of 9,371.73 yuan: 5623.04 (computed)
            S3.1: line of a poor household: 33 % of it: 3092.68 (computed)
            S3.3: key villages of the first round: 34 (computed)
            S3.3: key villages of the first round: 34, not 30 (computed)
            S3.3: households: 3670 (computed)
            S3.3: people: 15860 (computed)
            S3.3: net income a head, in yuan: 7762 (computed)
            S3.3: wages a head, in yuan: 5744 (computed)
            S3.3: the share of wages in it: 74 % (computed)
            S3.3: households with 2,500 yuan a head or more: 3670 (computed)
            S3.3: collective income a village, in yuan: 110900 (computed)
            S3.3: villages with 30,000 yuan or more: 34 (computed)
            S3.3: villages in which a hardened road leads to every house: 100 % (computed)
            S3.3: households with safe water: 100 % (computed)
            S3.3: houses that were to be rebuilt and are: 100 % (computed)
            S3.3: attendances of farmers at trainings: 20440 (computed)
            S3.3: rural people who moved into a job: 19930 (entered)
            S3.4: villages still bound to the same unit three years later: 34 (computed)
            S3.5: key villages of the county: 38 (computed)
            S3.5: village teams: 38 (computed)
            S3.5: units that help: 136 (computed)
            S3.5: cadres stationed in villages: 209 (computed)
            S3.5: courses for cadres stationed in villages: 6 (computed)
            S3.5: attendances of stationed cadres: more than 1,000 (computed)
            S3.5: courses for cadres of county, townships and villages: 6 (computed)
            S3.5: attendances of cadres of county, townships and villages: more than 300 (computed)
            S3.5: joint meetings: 12 (computed)
            S3.5: questions that they resolved: nearly 50 (computed)
            S3.5: advisory visits: 110 (computed)
            S3.5: projects of the county: 1083 (computed)
            S3.5: funds for them, in yuan: more than 200,000,000 (computed)
            S3.6: projects: 289 (computed)
            S3.6: projects in agriculture: 181 (computed)
            S3.6: projects in industry: 29 (computed)
            S3.6: projects in trade and tourism: 16 (computed)
            S3.6: other projects: 63 (computed)
            S3.6: coefficient of variation of the regions, 2007: 0.75 (entered)
            S3.6: coefficient of variation of the regions, 2012: 0.63 (entered)
            S3.6: urban to rural income, 2007: 3.15 (entered)
            S3.6: urban to rural income, 2012: 2.83 (entered)
            S3.7: the day on which money comes in by the channel of the fund-raising day: 06-30 (computed)
        "#]],
    );
}

#[test]
fn sanming_holds_when_nothing_is_falsified() {
    check_holds("sanming", 30);
}

#[test]
fn guangdong_holds_when_nothing_is_falsified() {
    check_holds("guangdong", 40);
}
