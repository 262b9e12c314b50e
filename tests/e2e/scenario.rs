//! The figures of the source documents: each is the node's too, and each can be made to differ.

use lika_tests::{built, lika};
use serde_json::Value;

/// Plays a document with these flags; the rows.
#[track_caller]
fn play(document: &str, flags: &[&str]) -> Vec<Value> {
    let policies = built::policies();
    let policies = policies.to_str().unwrap();
    let asked = ["scenario", document, "--json", "--policies", policies];
    match lika([&asked[..], flags].concat()).done().json() {
        Value::Array(rows) => rows,
        other => panic!("not a table: {other}"),
    }
}

/// Every row holds; the table is the one that is expected.
#[track_caller]
fn check(document: &str, expected: &expect_test::Expect) {
    let mut table = String::new();
    for row in play(document, &[]) {
        // Where a document contradicts itself, the row says so.
        let is_misprint = row["misprint"] == true;
        assert_eq!(row["node"] != row["document"], is_misprint, "{row}");
        assert_eq!(row["equal"] != true, is_misprint, "{row}");
        assert!(!is_misprint || row["remark"] != "", "{row}");
        assert_eq!(row["falsified"], Value::Null, "{row}");
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

/// Every row has another figure once the records behind it have changed.
#[track_caller]
fn check_falsified(document: &str) {
    let rows = play(document, &["--falsify"]);
    assert!(!rows.is_empty());
    for row in rows {
        let falsified = &row["falsified"];
        assert_ne!(falsified["before"], falsified["after"], "{row}");
        assert_eq!(falsified["noticed"], true, "{row}");
        assert_ne!(falsified["change"], "", "{row}");
    }
}

#[test]
fn taishun_has_the_figures_of_its_document() {
    check(
        "taishun",
        &expect_test::expect![[r#"
        S0.1: least net income a head with which nobody is poor: 1500.00 (computed)
        S0.1: households under the line, able and willing: 2300 (computed)
        S0.1: where a household without labour is sent: social-relief (computed)
        S0.2: households of the plan: cards, village books, township ledgers, county archive: 2300 2300 2300 2300 (computed)
        S0.3: households in the plan of the year: 2300 (computed)
        S0.3: households with a project: 1776 (computed)
        S0.3: households whose project is pending: 524 (computed)
        S0.3: households with a contact cadre: 2300 (computed)
        S0.4: guarantee fund: given by the county: 2000000.00 (computed)
        S0.4: guarantee fund: given by the townships: 2513000.00 (computed)
        S0.4: guarantee fund: both together: 4513000.00 (computed)
        S0.5: a loan of one fen above 5,000 yuan is approved: refused-by-policy (computed)
        S0.5: a loan of one fen under 1,000 yuan is approved: refused-by-policy (computed)
        S0.5: what is said of a loan that no cadre guarantees: no-guarantor (computed)
        S0.5: times that a fund may be lent, of one to six: 2 3 4 5 (computed)
        S0.5: least and most loan that is granted, of 999.99 to 5,000.01 yuan: 1000.00 5000.00 (computed)
        S0.5: months of the longest loan that is granted, of 12 and 13: 12 (computed)
        S0.5: townships whose fund is deposited with the co-operative: 10 (computed)
        S0.5: what it lends at most for what they deposited: 12565000.00 (computed)
        S0.5: loans of 5,000 yuan for a fund of 20.9万: 209 (computed)
        S0.5: interest that these pay for their year: 63571.53 (computed)
        S0.5: what their fund takes over of it: 63571.53 (computed)
        S0.5: what is lent at most for what that leaves of the fund: 727142.35 (computed)
        S0.5: loans of 5,000 yuan for it in the next year: 145 (computed)
        S0.5: one more is paid out: above-ceiling (computed)
        S0.6: credit file of a household that has borrowed 5,000 yuan once: 5000.00 on-time, 0.00 owed (computed)
        S0.6: a household asks for a loan after a fraud: blacklisted (computed)
        S0.6: a household asks again after it has not repaid: blacklisted (computed)
        S0.6: a household asks again after it has diverted its loan: blacklisted (computed)
        S0.7: a target list is posted with a phone number on it: forbidden-in-notice (computed)
        S0.7: a household is taken further without a public notice: step-skipped (computed)
        S0.7: a household is taken further over an open objection: objection-open (computed)
        S0.8: households that joined an organisation: 340 (computed)
        S0.8: which part of the plan they are: 14.8 % (computed)
        S0.8: households that signed orders: 543 (computed)
        S0.8: which part of the plan these are: 23.6 % (computed)
        S0.8: households that exited: 2120 (computed)
        S0.8: people who exited: 6750 (computed)
        S0.8: which part is expected to exit in the year: 80 % (entered)
        S0.9: lines of classified guidance that households are helped by: 4 (computed)
    "#]],
    );
}

#[test]
fn every_figure_of_taishun_follows_its_records() {
    check_falsified("taishun");
}

#[test]
fn tuanfeng_keeps_the_rules_of_its_document() {
    check(
        "tuanfeng",
        &expect_test::expect![[r#"
        S1.1: a household is surveyed before the village has appraised it: step-skipped (computed)
        S1.1: a list is posted for nine days: notice-too-short (computed)
        S1.1: a household is taken further while its list hangs: clock-running (computed)
        S1.1: the village takes the step of the township: level-too-low (computed)
        S1.1: the county approves what the same officer has reviewed: same-person (computed)
        S1.1: how the identification of a household ended that took every step: completed (computed)
        S1.1: a household of the allowance in which nobody is on the allowance list: allowance-household-without-allowance (computed)
        S1.1: a household is approved beyond the quota of its village: refused-by-policy (computed)
        S1.2: a second card is opened under the number of a household: not-unique (computed)
        S1.2: a household is given twice what it has: already-given (computed)
        S1.2: a helper is bound to a household twice: already-paired (computed)
        S1.2: a second exit is begun for a household: already-in-case (computed)
        S1.3: policies of the nine that reach a household: 9 (computed)
        S1.4: households that came in and went by cases: 3 identification, 1 exit (computed)
        S1.4: people who left their households, by reason: 1 death, 1 moved-away (computed)
        S1.4: a household is struck off while people belong to it: still-has-members (computed)
        S1.5: a project is approved by who proposed it: same-person (computed)
        S1.5: a project begins without a contract and a public notice: stage-skipped (computed)
        S1.5: what a project cost is written down before its acceptance: not-accepted (computed)
        S1.5: one fen more is reimbursed than was accepted: invalid-field (computed)
        S1.5: money of the township is booked to the fund of the county's: other-channel (computed)
        S1.5: what three projects plan of the township's money: 30000.00 (computed)
        S1.5: a village that is no key village is put into a batch: not-a-key-village (computed)
        S1.5: a village is put into two batches of the same year: already-in-batch (computed)
        S1.5: a project of another village is planned in a batch: not-in-batch (computed)
        S1.5: how far the batch is: villages, projects, accepted, planned and actual cost: 2 2 1 120000.00 58000.00 (computed)
        S1.5: of the "four to the county" those that the county has met: 4 (computed)
        S1.6: key villages that are monitored, of all: 3 of 3 (computed)
        S1.6: what something is known of in the first of them: economic human natural work (computed)
        S1.6: there: houses in danger, without safe water, unable to work, visits: 1 1 0 1 (computed)
        S1.7: exits of the year that village, township and county are assessed by: 1 1 1 (computed)
    "#]],
    );
}

#[test]
fn every_rule_of_tuanfeng_follows_what_makes_it_refuse() {
    check_falsified("tuanfeng");
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
        S4.3: raised by the sponsoring units: 2100000.00 (computed)
        S4.3: added by the county of its industry fund: 700000.00 (computed)
        S4.3: least that a key village can plan with: 400000.00 (computed)
        S4.3: money for works is booked to the fund of the units: other-channel (computed)
        S4.4: households with a helper who answers for them: 3906 (computed)
        S4.4: development households without a cadre of section level or above: 0 (computed)
        S4.4: cadres of section level or above beyond their quota of focus households: 0 (computed)
        S4.5: least that a development household was given for its industry: 2000.00 (computed)
        S4.5: what the cadres' half is more than the county's: 0.00 (computed)
        S4.5: living expenses are paid from it: barred-use (computed)
        S4.6: households beside the development ones that such a cadre helps unrecommended: 0 (computed)
        S4.6: a helper is assigned before the township has reviewed it: step-skipped (computed)
        S4.6: the village reviews what it has recommended: level-too-low (computed)
        S4.6: a helper is assigned, and no pairing follows: no-helper-assigned (computed)
        S4.7: of county, townships and villages those without a leading group: 0 (computed)
        S4.7: work stations with a head: 9 (computed)
        S4.7: first secretaries: 36 (computed)
        S4.8: accounts of year, quarter, month and week that the stations rendered: 9 36 108 468 (computed)
        S4.8: of the six ones those that every secretary has kept: 6 (computed)
        S4.8: lectures and written reports of the secretary who has fewest: 4 4 (computed)
        S4.8: the ladder of somebody who puts nothing right: reprimand interview accountability (computed)
        S4.8: somebody is interviewed who was not reprimanded: rung-skipped (computed)
        S4.8: somebody is reprimanded of whom no check has found anything: sanction-without-finding (computed)
        S4.9: inspections, dispatches, summaries and assessments of the county in the year: 12 6 2 1 (computed)
        S4.9: townships and villages without a letter signed by both sides: 0 (computed)
        S4.9: people who exit by the letters of the townships: 5000 (computed)
        S4.9: satisfaction surveys of the people helped: 3 (computed)
        S4.9: townships assessed by the policy in the year: 9 (computed)
        S4.9: what the score of the best township rests on, the heaviest first: exits growth services (computed)
        S4.9: what a township is given that fails: interview reprimand yellow-card (computed)
        S4.9: a yellow card is given without a deadline: invalid-field (computed)
        S4.9: townships commended: 3 (computed)
        S4.9: units commended: 10 (computed)
        S4.9: people commended: 10 (computed)
        S4.10: industry: labour that lacks skill, funds or a project: 1166 (computed)
        S4.10: schooling: poor because of schooling: 1017 (computed)
        S4.10: employment: labour without a job: 3044 (computed)
        S4.10: protection floor: 7183 (computed)
        S4.10: science and technology: labour that lacks skill: 836 (computed)
        S4.10: the four sets of people together: 12410 (computed)
        S4.10: people whom the protection floor does not hold: 3302 (computed)
        S4.10: employment: people moved into jobs: 2188 (computed)
        S4.10: employment: households by public-service posts: 172 (computed)
        S4.10: relocation: people relocated in 2015: 1026 (entered)
        S4.10: relocation: those of them who are not registered: some (computed)
        S4.10: social help: people: 10485 (computed)
        S4.10: pairing: households: 3906 (computed)
        S4.10: finance: households that were lent to: 467 (computed)
        S4.10: finance: what was lent to them: 34600000.00 (computed)
        S4.10: finance: a household, in 10,000 yuan: 7.41 (computed)
        S4.10: finance: what is said of such a loan under Sanming's ceiling: amount-above-ceiling (computed)
        S4.11: conditions that a household fails which meets none: 7 (computed)
        S4.11: what is said of a household that meets all of them: may-exit (computed)
        S4.11: a house is checked for six conditions: invalid-field (computed)
        S4.12: people who exit in a year: 5000 (computed)
    "#]],
    );
}

#[test]
fn every_figure_of_luxi_follows_its_records() {
    check_falsified("luxi");
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
            S2.5: guarantee funds of townships and villages: 59 (computed)
            S2.5: what was lent: 78770000.00 (computed)
            S2.5: households that were lent to: 1738 (computed)
            S2.5: largest loan that is granted, of 50,000 and 50,000.01 yuan: 50000.00 (computed)
            S2.5: months of the longest loan that is granted, of 36 and 37: 36 (computed)
            S2.5: what is said of a loan guaranteed by a cadre who helps others: guarantor-does-not-help (computed)
            S2.5: what is said of 50,000 yuan here, and where Taishun's terms are in force: within-terms; amount-above-ceiling (computed)
            S2.5: settings and components behind these two answers: settings: 2, components: 1 (computed)
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
fn every_figure_of_sanming_follows_its_records() {
    check_falsified("sanming");
}

#[test]
fn guangdong_has_the_figures_of_its_document_at_a_hundredth() {
    check(
        "guangdong",
        &expect_test::expect![[r#"
            S3.1: line of a key village: 60 % of a rural mean of 9,371.73 yuan: 5623.04 (computed)
            S3.1: line of a poor household: 33 % of it: 3092.68 (computed)
            S3.2: yearly assessments and settlements that the province held of the round: 3 1 (computed)
            S3.2: how often the sponsoring unit was assessed and settled that was least: 3 1 (computed)
            S3.2: sides for which duties are written: helped helping (computed)
            S3.2: what a unit is given that fails: reprimand naming interview (computed)
            S3.2: a unit is interviewed that was not reprimanded: rung-skipped (computed)
            S3.2: cadres dismissed in the first round: 5 (entered)
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
fn every_figure_of_guangdong_follows_its_records() {
    check_falsified("guangdong");
}
