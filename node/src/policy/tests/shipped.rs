//! The policies of `plugins/`, as components against the same code native.

use std::path::PathBuf;

use lika_assessment::Assessment;
use lika_causes::Causes;
use lika_data_quality::DataQuality;
use lika_dividend::Dividend;
use lika_exit_review::ExitReview;
use lika_household_fund::HouseholdFund;
use lika_loan::Loan;
use lika_monitoring::Monitoring;
use lika_pairing::Pairing;
use lika_quota::Quota;
use lika_screening::Screening;
use lika_sdk::wire::types;
use lika_sdk::{GroupPolicy, Labels, SubjectPolicy, judge_subjects, share_group};
use lika_subsidy::Subsidy;
use lika_supervision::Supervision;
use lika_village_fund::VillageFund;
use lika_village_team::VillageTeam;

use super::ENGINE;
use crate::policy::conformance::{self, example::Example};
use crate::policy::engine::Tier;
use crate::policy::manifest::Kind;
use crate::policy::{Answer, Input, InputBuilder, Manifest, Policy, Value, facts};

/// Where `make policies` leaves the components.
#[expect(
    clippy::disallowed_methods,
    reason = "a test has no configuration; the Makefile names the folder"
)]
fn admit(name: &str) -> Policy {
    let folder = std::env::var_os("LIKA_POLICIES").map_or_else(
        || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../target/policies")),
        PathBuf::from,
    );
    let path = folder.join(name).with_extension("wasm");
    let component = std::fs::read(&path)
        .unwrap_or_else(|error| panic!("{}: {error}; run `make policies`", path.display()));
    ENGINE.admit(&component).unwrap()
}

/// Small numbers that anybody can repeat.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }
}

/// Rows of every table of a policy, with values of every kind and state.
fn input(manifest: &Manifest, scope: u32, rows: u64, seed: u64) -> Input {
    let mut numbers = Numbers(seed);
    let mut builder = InputBuilder::new(manifest, scope);
    for (index, table) in manifest.tables.iter().enumerate() {
        let count = if table.name == "group" { 1 } else { rows };
        let mut parents: Vec<u32> = Vec::new();
        if table.parent.is_some() {
            parents = (0..count)
                .map(|_| u32::try_from(numbers.below(rows)).unwrap())
                .collect();
            parents.sort_unstable();
        }
        for row in 0..count {
            let texts: Vec<_> = table
                .facts
                .iter()
                .map(|fact| text(&fact.key, row, &mut numbers))
                .collect();
            let value = |key: &str| {
                let slot = table.facts.iter().position(|fact| fact.key == key).unwrap();
                let fact = &table.facts[slot];
                match numbers.below(40) {
                    0 if table.name != "group" => return Value::Unknown,
                    1 if fact.optional => return Value::Absent,
                    _ => {}
                }
                let number = i64::try_from(numbers.below(3)).unwrap();
                match fact.kind {
                    Kind::Flag => Value::Flag(number > 0),
                    Kind::Integer => Value::Integer(number),
                    Kind::Fen => Value::Fen(number),
                    Kind::Ppm => Value::Ppm(number),
                    Kind::Date => Value::Date(16_900 - number * 200),
                    Kind::Code => Value::Code(&texts[slot]),
                    Kind::Text => Value::Text(&texts[slot]),
                    Kind::Row(_) => Value::Row(u32::try_from(numbers.below(rows)).unwrap()),
                }
            };
            builder
                .row(
                    index,
                    parents.get(usize::try_from(row).unwrap()).copied(),
                    value,
                )
                .unwrap();
        }
    }
    builder.finish()
}

fn text(key: &str, row: u64, numbers: &mut Numbers) -> String {
    let list: &[&str] = match key.rsplit('.').next().unwrap() {
        "key" => return format!("{row:05}"),
        "type" => &[
            "development",
            "development-allowance",
            "allowance-only",
            "five-guarantee",
        ],
        "registered-type" => &[
            "general",
            "allowance",
            "exited",
            "exited-unstable",
            "marginal",
        ],
        "code" if key.starts_with("cause") => &["illness", "skill", "labour", "water"],
        "code" => &["protection", "employment", "science"],
        "main-cause" => &["illness", "skill"],
        "holder" => &["household", "household", "village-collective", "other"],
        "channel" => &["industry-fund", "sponsoring-unit", "village-works"],
        "purpose" => &["household-fund", "village-fund"],
        "level" => &["county", "section", "township", "village"],
        "rank" => &["full", "deputy"],
        "rung" => &["reprimand", "interview", "accountability"],
        "role" if key.starts_with("pairing") => &["focus", "contact"],
        "role" => &["leader", "stationed", "unit"],
        _ => &["360323100", "360323101", "360323102"],
    };
    list[usize::try_from(numbers.below(list.len() as u64)).unwrap()].into()
}

fn wire(input: &Input) -> types::Input {
    let table = |table: &crate::policy::input::Table| types::Table {
        rows: table.rows,
        slots: table.slots.clone(),
        states: table.states.clone(),
        parents: table.parents.clone(),
    };
    types::Input {
        scope: input.scope,
        tables: input.tables.iter().map(table).collect(),
        strings: input.strings.clone(),
    }
}

fn share<P: GroupPolicy>(input: &types::Input) -> types::Answer {
    share_group::<P>("{}", input).unwrap()
}

fn judge<P: SubjectPolicy>(input: &types::Input) -> types::Answer {
    judge_subjects::<P>("{}", input).unwrap()
}

/// Both sides show every field, so their texts are equal exactly where their values are.
fn assert_same(component: &Answer, native: &types::Answer) {
    let plain = |text: String| {
        text.replace("resource-row", "row")
            .replace("Outcome::", "")
            .replace("Comparator::", "")
    };
    assert_eq!(
        plain(format!("{component:?}")),
        plain(format!("{native:?}"))
    );
}

fn compare(name: &str, scopes: usize, native: fn(&types::Input) -> types::Answer) {
    let policy = admit(name);
    facts::check(policy.describe()).unwrap();
    let settings = policy.settings("{}").unwrap();
    for scope in 0..u32::try_from(scopes).unwrap() {
        for seed in 1..20 {
            let input = input(policy.describe(), scope, 1 + seed * 7, seed);
            let evaluation = policy.evaluate(&settings, &input);
            assert_same(evaluation.result.as_ref().unwrap(), &native(&wire(&input)));
            assert_eq!(policy.evaluate(&settings, &input).output, evaluation.output);
        }
    }
}

fn scopes<P: GroupPolicy>() -> usize {
    P::Scope::ALL.len()
}

#[test]
fn village_team_answers_alike_native_and_as_a_component() {
    compare(
        "village-team",
        scopes::<VillageTeam>(),
        share::<VillageTeam>,
    );
}

#[test]
fn pairing_answers_alike_native_and_as_a_component() {
    compare("pairing", scopes::<Pairing>(), share::<Pairing>);
}

#[test]
fn dividend_answers_alike_native_and_as_a_component() {
    compare("dividend", scopes::<Dividend>(), share::<Dividend>);
}

#[test]
fn quota_answers_alike_native_and_as_a_component() {
    compare("quota", scopes::<Quota>(), share::<Quota>);
}

#[test]
fn screening_answers_alike_native_and_as_a_component() {
    compare("screening", 1, judge::<Screening>);
}

#[test]
fn exit_review_answers_alike_native_and_as_a_component() {
    compare("exit-review", 1, judge::<ExitReview>);
}

#[test]
fn monitoring_answers_alike_native_and_as_a_component() {
    compare("monitoring", 1, judge::<Monitoring>);
}

#[test]
fn supervision_answers_alike_native_and_as_a_component() {
    compare("supervision", 1, judge::<Supervision>);
}

#[test]
fn assessment_answers_alike_native_and_as_a_component() {
    compare("assessment", 1, judge::<Assessment>);
}

#[test]
fn loan_answers_alike_native_and_as_a_component() {
    compare("loan", 1, judge::<Loan>);
}

#[test]
fn subsidy_answers_alike_native_and_as_a_component() {
    compare("subsidy", 1, judge::<Subsidy>);
}

#[test]
fn causes_answer_alike_native_and_as_a_component() {
    compare("causes", 1, judge::<Causes>);
}

#[test]
fn data_quality_answers_alike_native_and_as_a_component() {
    compare("data-quality", 1, judge::<DataQuality>);
}

#[test]
fn household_fund_answers_alike_native_and_as_a_component() {
    compare("household-fund", 1, judge::<HouseholdFund>);
}

#[test]
fn village_fund_answers_alike_native_and_as_a_component() {
    compare("village-fund", 1, judge::<VillageFund>);
}

#[test]
fn pairing_takes_a_whole_county_within_the_default_limits() {
    let policy = admit("pairing");
    let settings = policy.settings("{}").unwrap();
    // 3,906 households, helpers and pairings each: Luxi (S4.1) and more helpers than it has.
    let input = input(policy.describe(), 0, 3_906, 7);
    let answer = policy.evaluate(&settings, &input).result.unwrap();
    assert_eq!(answer.decisions.len(), 3_906);
}

#[test]
fn faulty_settings_are_refused_with_the_policys_own_words() {
    let error = admit("pairing")
        .settings(r#"{"county-focus": -1}"#)
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "the settings are faulty: county-focus: must be an integer 0 to 1000"
    );
}

/// Every condition is asked, and the household is close to most of them.
const DECLARED: [(&str, usize, &str); 6] = [
    (
        "screening",
        4,
        r#"{
            "settings": {
                "income-line": 0, "relative-line": 330000, "key-villages-only": true, "village-line": 600000,
                "labour": false, "willingness": true
            },
            "tables": {
                "household": [{
                    "income.net-per-head": 329999, "household.able-to-work": true, "household.willing": true,
                    "household.in-key-village": true, "household.village-income": 599999
                }],
                "group": [{ "group.rural-mean-income": 1000000 }]
            }
        }"#,
    ),
    (
        "exit-review",
        4,
        r#"{
            "settings": {
                "income-per-head": 400000, "village-collective-income": 3000000, "safe-water": true,
                "electricity": true, "toilet": true, "road": true, "broadband": true, "house-area": 60,
                "trained": 1, "workers-away": 1, "skills": 1
            },
            "tables": {
                "household": [{
                    "income.net-per-head": 400000, "household.village-collective-income": 3000000,
                    "household.dangerous-house": false, "household.safe-water": true,
                    "household.able-to-work": true, "household.allowance-members": 1, "household.uninsured": 0,
                    "household.workers-away": 1, "living.allowance-entitled": true, "living.drop-outs": 0,
                    "living.admitted": 1, "living.admitted-supported": 1, "living.trained": 1, "living.skills": 1,
                    "living.house-area": 60, "living.electricity": true, "living.toilet": true,
                    "living.road": true, "living.broadband": true
                }]
            }
        }"#,
    ),
    (
        "monitoring",
        4,
        r#"{
            "settings": { "monitoring-line": 600000 },
            "tables": {
                "household": [{
                    "household.registered-type": "exited", "household.exit-year": 2018,
                    "income.net-per-head": 700000, "income.net": 2800000, "income.persons": 4,
                    "living.hardship-expenses": 400000, "household.dangerous-house": false,
                    "household.safe-water": true, "household.uninsured": 0,
                    "household.children-out-of-school": 0
                }],
                "group": [{}]
            }
        }"#,
    ),
    (
        "loan",
        4,
        r#"{
            "settings": { "rate-most": 60000, "guarantor-helps": true },
            "tables": {
                "application": [{
                    "application.amount": 250000, "application.months": 12, "application.rate": 60000,
                    "application.guarantor": true, "application.guarantor-helps": true,
                    "application.leverage": 5000000, "application.owed": 250000, "application.overdue": false,
                    "application.defaults": 0, "application.blacklisted": false
                }]
            }
        }"#,
    ),
    (
        "subsidy",
        4,
        r#"{
            "settings": { "share": 500000, "rate-most": 40000 },
            "tables": {
                "loan": [{
                    "loan.rate": 60000, "loan.guaranteed": true, "loan.interest-paid": 33000,
                    "loan.interest-until-overdue": 30417, "loan.subsidised": 0, "loan.blacklisted": false
                }]
            }
        }"#,
    ),
    (
        "village-fund",
        2,
        r#"{
            "settings": { "units": 1, "per-unit": 5000000 },
            "tables": {
                "village": [{
                    "village.key-from": "2016-01-01",
                    "team-member": [{
                        "team-member.role": "unit", "team-member.unit-name": "县农业局", "team-member.raised": 5000000
                    }],
                    "fund": [
                        {
                            "fund.channel": "industry-fund", "fund.purpose": "village-fund",
                            "fund.came-in": 5000000
                        },
                        {
                            "fund.channel": "village-works", "fund.purpose": "village-fund",
                            "fund.came-in": 20000000
                        }
                    ]
                }],
                "group": [{ "group.as-of": "2016-12-31" }]
            }
        }"#,
    ),
];

#[test]
fn the_policies_keep_what_they_declare_of_single_facts() {
    for (name, least, text) in DECLARED {
        let policy = admit(name);
        let facts = policy
            .describe()
            .tables
            .iter()
            .flat_map(|table| &table.facts);
        assert!(
            facts.filter(|fact| fact.monotone.is_some()).count() >= least,
            "{name}"
        );
        let example = Example::parse(policy.describe(), text).unwrap();
        let defaults = policy.settings("{}").unwrap();
        policy.settings(&example.settings).unwrap();
        let kept = conformance::must_keep(&policy, &policy, &defaults, &[example], Tier::Compiled);
        assert_eq!(kept, Ok(()), "{name}");
    }
}
