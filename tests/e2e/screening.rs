//! A line is moved over the county of the demonstration: who would lose is named before it counts, by figures that come
//! from the spreadsheet and not from the policy, and it counts only for two people who have seen what it does now.

use std::{collections::BTreeMap, fs, path::PathBuf};

use lika_core::value::RecordId;
use lika_proto::{
    log::v1::{Action, Kind},
    v1::{self, record::Body},
};
use lika_tests::{Node, Sample, built, request};
use serde_json::Value;

const COUNTY: &str = "360323";
const FROM: &str = "2020-07-01";
/// 3,000 yuan, as it is, and 2,300, as it would be.
const NOW: (&str, i64) = (r#"{"income-line": 300000, "willingness": false}"#, 3_000);
const THEN: (&str, i64) = (r#"{"income-line": 230000, "willingness": false}"#, 2_300);

/// The county of the demonstration with everybody screened by the line as it is, the policy, and the file of the
/// settings as they would be.
fn county() -> (Node, Sample, String, PathBuf) {
    let (county, sample) = Node::with_households(lika::sample::HOUSEHOLDS_OF_LUXI);
    let file = |name: &str| county.folder().join(name);
    let (now, then) = (file("now.json"), file("then.json"));
    fs::write(&now, NOW.0).unwrap();
    fs::write(&then, THEN.0).unwrap();
    let component = built::policy("screening");
    let policy = county.put_in_force(&component, Some(&now), FROM).policy;
    (county, sample, policy, then)
}

/// The households between the two lines, by record: yuan a head, from the sample.
fn between_the_lines(county: &Node, sample: &Sample) -> BTreeMap<String, i64> {
    let per_head: BTreeMap<&str, i64> = sample
        .county
        .households
        .iter()
        .map(|household| {
            let [wages, business, property, transfers, expenses] = household.income;
            let net = wages + business + property + transfers - expenses;
            let people = i64::try_from(household.members.len()).unwrap();
            (household.number.as_str(), net.div_euclid(people))
        })
        .collect();
    let records = county.client().list(Kind::Household, COUNTY).unwrap();
    let found = records.into_iter().filter_map(|record| {
        let id = RecordId(record.id.try_into().unwrap()).to_string();
        let Some(Body::Household(household)) = record.body else {
            panic!("{id} is no household");
        };
        let number = household.identity.unwrap().number;
        let income = per_head[number.as_str()];
        (THEN.1..NOW.1).contains(&income).then_some((id, income))
    });
    found.collect()
}

fn losers(told: &Value) -> Vec<&Value> {
    let changes = told["changes"].as_array().unwrap();
    assert_eq!(told["total"]["lose"], changes.len(), "only losses");
    changes.iter().collect()
}

#[test]
fn a_moved_line_names_everybody_who_would_lose_and_counts_for_two_who_have_seen_it() {
    let (county, sample, policy, then) = county();
    let expected = between_the_lines(&county, &sample);
    assert!(expected.len() > 100, "{} households", expected.len());
    let preview = || {
        let settings = then.to_str().unwrap();
        let place = ["--area", COUNTY, "--from", FROM, "--settings", settings];
        let ask = ["policy", "preview", "--json", &policy];
        county.run(&[&ask[..], &place].concat(), &[]).done().json()
    };

    let told = preview();
    assert_eq!(told["total"]["subjects"], 3_906, "{}", told["total"]);
    let named = losers(&told);
    assert_eq!(named.len(), expected.len());
    for loser in named {
        let income = expected[loser["subject"].as_str().unwrap()];
        assert_eq!(loser["before"]["outcome"], "granted", "{loser}");
        assert_eq!(loser["after"]["outcome"], "refused", "{loser}");
        let why = &loser["reasons_after"][0];
        assert_eq!(why["code"], "income-not-under-line", "{loser}");
        let said = why["zh"].as_str().unwrap();
        assert!(said.contains(&income.to_string()), "{income} in {said}");
        assert!(said.contains(&THEN.1.to_string()), "{said}");
    }

    // What the record says changes after somebody has looked at the preview.
    let seen = told["digest"].as_str().unwrap();
    earn_more(&county, expected.keys().next().unwrap());
    let stale = county.propose(&policy, Some(&then), FROM, seen);
    stale.refused("stale-preview");
    let told = preview();
    assert_eq!(losers(&told).len(), expected.len() - 1);
    let seen = told["digest"].as_str().unwrap();
    let proposed = county.propose(&policy, Some(&then), FROM, seen);
    let proposed = proposed.done().json();
    let enactment = proposed["enactment"].as_str().unwrap();
    let granted = || {
        let evaluated = county.evaluate("screening", Some(FROM));
        evaluated["granted"].as_u64().unwrap()
    };
    let before = granted();
    county.approve(enactment, seen, "admin").done();
    let again = county.approve(enactment, seen, "admin");
    again.refused("same-person");
    assert_eq!(granted(), before, "one approver is none");
    county.approve(enactment, seen, county.approver()).done();
    assert_eq!(granted(), before - (expected.len() as u64 - 1));
}

/// A household is recorded as earning far above either line.
fn earn_more(county: &Node, household: &str) {
    let client = county.client();
    let household = RecordId::parse(household).unwrap().0;
    let incomes = client.list(Kind::IncomeStatement, COUNTY).unwrap();
    let mut record = incomes
        .into_iter()
        .find(|record| match &record.body {
            Some(Body::IncomeStatement(income)) => {
                income.open.as_ref().unwrap().household == household
            }
            _ => false,
        })
        .unwrap();
    if let Some(Body::IncomeStatement(income)) = &mut record.body {
        income.open.as_mut().unwrap().wages += 10_000_000;
    }
    let change = v1::Change {
        action: Action::Change.into(),
        expected_revision: record.revision,
        record: Some(record),
    };
    client.apply(request(), vec![change]).unwrap();
}
