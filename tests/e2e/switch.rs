//! A county goes from Taishun's way of working to Luxi's while its node runs: procedures, duties, a calendar and
//! enactments, all of it data. What is under way ends as it began, and what begins goes the new way.

use std::{collections::BTreeMap, fs};

use lika_core::value::Digest;
use lika_proto::{
    log::v1::{self as log, Action, Kind, decision::Outcome},
    v1::{self, record::Body},
};
use lika_tests::{Client, Node, Officer, Ran, built, create, request};
use serde_json::Value;

const COUNTY: &str = "330329";
const TOWNSHIP: &str = "330329101";
const VILLAGE: &str = "330329101201";

const HOUSEHOLD: u8 = 0x10;
const HEAD: u8 = 0x11;
const CADRE: u8 = 0x30;
const PAIRING: u8 = 0x40;
const LENDER: u8 = 0x50;
const OUTSIDE: u8 = 0x51;
const ACCOUNT: u8 = 0x52;
const FUND: u8 = 0x53;
const STATION: u8 = 0x60;

/// Of section level twice, of the township and of the village.
const RANKS: [&str; 4] = ["section-full", "section-full", "township", "village"];
const SECTION: u8 = 0;
const OTHER_SECTION: u8 = 1;
const OF_TOWNSHIP: u8 = 2;
const OF_VILLAGE: u8 = 3;

/// What each county sets, where it is not what the policy takes by itself.
mod settings {
    /// S0.3: a contact cadre each. The document names no most of households for a cadre, and no visits.
    pub const PAIRING_OF_TAISHUN: &str = r#"{"section-focus": 100, "section-contact": 100, "county-focus": 100,
        "county-contact": 100, "visits-per-month": 0}"#;
    /// S4.10: 467 households got 3,460万, which is 7.41万 each; no term, guarantor or leverage is named.
    pub const LOAN_OF_LUXI: &str = r#"{"amount-least": 0, "amount-most": 8000000, "months-most": 36,
        "guarantor": false, "leverage-least": 0, "leverage-most": 0}"#;
    /// S4.11: the seven conditions; the target of income is another county's.
    pub const EXIT_OF_LUXI: &str = r#"{"income-per-head": 0}"#;
}

fn id(what: u8, number: u8) -> Vec<u8> {
    let mut id = vec![what; 16];
    id[15] = number;
    id
}

fn text(what: u8, number: u8) -> String {
    uuid::Uuid::from_slice(&id(what, number))
        .unwrap()
        .to_string()
}

fn new(id: Vec<u8>, area: &str, body: Body) -> v1::Change {
    let mut change = create(area, body);
    change.record.as_mut().unwrap().id = id;
    change
}

fn area(code: &str, name: &str) -> v1::Change {
    let key_village = (code == VILLAGE).then_some(log::Period {
        from: 20_140_101,
        until: 0,
    });
    let open = log::area::Open {
        code: code.to_owned(),
        name: name.to_owned(),
        key_village: key_village.into_iter().collect(),
        ..log::area::Open::default()
    };
    create(code, Body::AreaRecord(log::Area { open: Some(open) }))
}

/// A household of one, able and willing, with what it earned in either year.
fn household(number: u8, kind: &str, yuan: i64) -> Vec<v1::Change> {
    let household = log::Household {
        open: Some(log::household::Open {
            r#type: kind.to_owned(),
            willing: Some(true),
            dangerous_house: Some(false),
            ..log::household::Open::default()
        }),
        ..log::Household::default()
    };
    let member = log::Member {
        open: Some(log::member::Open {
            household: id(HOUSEHOLD, number),
            from: 20_100_101,
            relation: "02".to_owned(),
            labour: "ordinary".to_owned(),
            ..log::member::Open::default()
        }),
        ..log::Member::default()
    };
    let income = |year| {
        let open = log::income_statement::Open {
            household: id(HOUSEHOLD, number),
            year,
            wages: yuan * 100,
            persons: 1,
            ..log::income_statement::Open::default()
        };
        Body::IncomeStatement(log::IncomeStatement { open: Some(open) })
    };
    vec![
        new(id(HOUSEHOLD, number), VILLAGE, Body::Household(household)),
        new(id(HEAD, number), VILLAGE, Body::Member(member)),
        create(VILLAGE, income(2013)),
        create(VILLAGE, income(2014)),
    ]
}

fn cadre(number: u8) -> v1::Change {
    let open = log::cadre::Open {
        rank: RANKS[usize::from(number)].to_owned(),
        from: 20_100_101,
        ..log::cadre::Open::default()
    };
    let cadre = log::Cadre {
        open: Some(open),
        ..log::Cadre::default()
    };
    new(id(CADRE, number), COUNTY, Body::Cadre(cadre))
}

fn pairing(number: u8, of: u8, by: u8, from: u32) -> log::pairing::Open {
    let level = match by {
        OF_TOWNSHIP => "township",
        OF_VILLAGE => "village",
        _ => "section",
    };
    log::pairing::Open {
        household: id(HOUSEHOLD, of),
        cadre: id(CADRE, by),
        role: "focus".to_owned(),
        level: level.to_owned(),
        responsible: number.is_multiple_of(10),
        from,
        ..log::pairing::Open::default()
    }
}

fn paired(number: u8, of: u8, by: u8, from: u32) -> v1::Change {
    let open = Some(pairing(number, of, by, from));
    new(
        id(PAIRING, number),
        VILLAGE,
        Body::Pairing(log::Pairing { open }),
    )
}

fn visit(of: u8, by: u8, on: u32) -> v1::Change {
    let open = log::visit::Open {
        household: id(HOUSEHOLD, of),
        cadre: id(CADRE, by),
        on,
        ..log::visit::Open::default()
    };
    let visit = log::Visit {
        open: Some(open),
        ..log::Visit::default()
    };
    create(VILLAGE, Body::Visit(visit))
}

/// A lender, and a fund of the township that it lends five times.
fn guarantee() -> Vec<v1::Change> {
    let account = |name: &str, side: &str, purpose: &str| {
        let kept = side == "internal";
        let channel = if kept { "county-budget" } else { "" };
        let open = log::account::Open {
            name: name.to_owned(),
            side: side.to_owned(),
            channel: channel.to_owned(),
            purpose: purpose.to_owned(),
            ..log::account::Open::default()
        };
        Body::Account(log::Account { open: Some(open) })
    };
    let lender = log::enterprise::Open {
        name: "农村信用社".to_owned(),
        r#type: "lender".to_owned(),
    };
    let fund = log::guarantee_fund::Open {
        name: "担保基金".to_owned(),
        lender: id(LENDER, 0),
        accounts: vec![id(ACCOUNT, 0)],
        leverage: 5_000_000,
    };
    let lender = Body::Enterprise(log::Enterprise { open: Some(lender) });
    let fund = Body::GuaranteeFund(log::GuaranteeFund { open: Some(fund) });
    vec![
        new(id(LENDER, 0), COUNTY, lender),
        new(id(OUTSIDE, 0), COUNTY, account("县财政", "external", "")),
        new(
            id(ACCOUNT, 0),
            TOWNSHIP,
            account("担保金", "internal", "guarantee"),
        ),
        new(id(FUND, 0), TOWNSHIP, fund),
    ]
}

/// What a decision says, and by which policy with which settings it was made.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Decided {
    outcome: Outcome,
    reasons: Vec<String>,
    enactment: String,
    component: Vec<u8>,
    settings: Vec<u8>,
}

impl Decided {
    /// The component, as a refusal names it.
    fn digest(&self) -> String {
        Digest(self.component.clone().try_into().unwrap()).to_string()
    }
}

struct County {
    node: Node,
    client: Client,
    policies: BTreeMap<&'static str, String>,
}

impl County {
    /// Three households, the first two with all three helpers, and a fund of 12,000 yuan.
    #[track_caller]
    fn new() -> Self {
        let mut node = Node::create(COUNTY, "泰顺县");
        node.start();
        let client = node.client();
        let apply = |changes| {
            client.apply(request(), changes).unwrap();
        };
        apply(vec![area(TOWNSHIP, "泗溪镇"), area(VILLAGE, "上桥村")]);
        let kinds = [
            ("development", 1_000),
            ("development", 1_499),
            ("allowance-only", 1_500),
        ];
        for (number, (kind, yuan)) in (0..).zip(kinds) {
            apply(household(number, kind, yuan));
        }
        apply((0..4).map(cadre).collect());
        let mut pairings = Vec::new();
        for household in [0, 1] {
            for (place, by) in (0..).zip([SECTION, OF_TOWNSHIP, OF_VILLAGE]) {
                pairings.push(paired(household * 10 + place, household, by, 20_140_101));
            }
        }
        pairings.push(paired(20, 2, OF_TOWNSHIP, 20_140_101));
        apply(pairings);
        apply(guarantee());
        Officer::appoint(&node, "cun", "village-cadre", VILLAGE);
        Officer::appoint(&node, "zhen", "township-officer", TOWNSHIP);
        for login in ["chun", "xia"] {
            Officer::appoint(&node, login, "county-office", COUNTY);
        }
        let county = Self {
            node,
            client,
            policies: BTreeMap::new(),
        };
        county.deposit();
        county
    }

    #[track_caller]
    fn deposit(&self) {
        let (from, to) = (text(OUTSIDE, 0), text(ACCOUNT, 0));
        let asked = ["fund", "propose", "--from", &from, "--to", &to];
        let what = ["--amount", "12000", "--on", "2014-01-01"];
        let proposed = self.done("chun", &[&asked[..], &what].concat());
        let transfer = proposed["transfer"].as_str().unwrap();
        for login in ["chun", "xia"] {
            self.done(login, &["fund", "approve", transfer]);
        }
    }

    fn run(&self, login: &str, arguments: &[&str]) -> Ran {
        let as_officer = [arguments, &["--json", "--as", login]].concat();
        self.node.run(&as_officer, &[])
    }

    #[track_caller]
    fn done(&self, login: &str, arguments: &[&str]) -> Value {
        self.run(login, arguments).done().json()
    }

    #[track_caller]
    fn install(&self, what: &[&str], name: &str, from: &str) {
        let place = ["install", name, "--area", COUNTY, "--from", from];
        self.done("admin", &[what, &place].concat());
    }

    /// Puts a policy in force with these settings, once more where it was before; the enactment.
    #[track_caller]
    fn enact(&mut self, name: &'static str, settings: &str, from: &str) -> String {
        let file = self.node.folder().join(format!("{name}-{from}.json"));
        fs::write(&file, settings).unwrap();
        let policy = self.policies.entry(name);
        let policy = policy.or_insert_with(|| self.node.admit(&built::policy(name)));
        self.node.enact(policy, Some(&file), from)
    }

    #[track_caller]
    fn evaluated(&self, purpose: &str, on: &str) -> (u64, u64) {
        let told = self.node.evaluate(purpose, Some(on));
        let count = |what: &str| told[what].as_u64().unwrap();
        (count("granted"), count("refused"))
    }

    /// The decision for a purpose on a record as it stands.
    #[track_caller]
    fn decided(&self, purpose: &str, subject: &[u8]) -> Decided {
        let decisions = self.client.list(Kind::Decision, COUNTY).unwrap();
        let mut decisions = decisions.into_iter().map(|record| match record.body {
            Some(Body::Decision(decision)) => decision.open.unwrap(),
            other => panic!("not a decision: {other:?}"),
        });
        let own = decisions.find(|own| own.purpose == purpose && own.subject == subject);
        self.made_by(&own.unwrap_or_else(|| panic!("no decision for {purpose}")))
    }

    #[track_caller]
    fn made_by(&self, decision: &log::decision::Open) -> Decided {
        let evaluation = match self.client.get(&decision.evaluation).unwrap().body {
            Some(Body::Evaluation(evaluation)) => evaluation.open.unwrap(),
            other => panic!("not an evaluation: {other:?}"),
        };
        let enactment = uuid::Uuid::from_slice(&evaluation.enactment).unwrap();
        Decided {
            outcome: decision.outcome(),
            reasons: decision
                .reasons
                .iter()
                .map(|reason| reason.code.clone())
                .collect(),
            enactment: enactment.to_string(),
            component: evaluation.component,
            settings: evaluation.settings,
        }
    }

    #[track_caller]
    fn open_case(&self, kind: &str, household: u8, on: &str) -> String {
        let subject = text(HOUSEHOLD, household);
        let open = [
            "case",
            "open",
            kind,
            "--area",
            VILLAGE,
            "--subject",
            &subject,
        ];
        let opened = self.done("cun", &[&open[..], &["--on", on]].concat());
        opened["case"].as_str().unwrap().to_owned()
    }

    fn step(&self, case: &str, (login, step, on): (&str, &str, &str), more: &[&str]) -> Ran {
        let taken = ["case", "step", case, step, "--on", on];
        self.run(login, &[&taken[..], more].concat())
    }

    /// Posts a notice for a week and takes the step that it is for.
    #[track_caller]
    fn notice(&self, case: &str, kind: &str, (step, from, until): (&str, &str, &str)) {
        let item = format!("{case},张三,1,general");
        let what = [
            "notice",
            "post",
            kind,
            "--area",
            VILLAGE,
            "--place",
            "村委会公示栏",
        ];
        let when = ["--from", from, "--until", until, "--item", &item];
        let posted = self.done("zhen", &[&what[..], &when].concat());
        let notice = posted["notice"].as_str().unwrap();
        self.step(case, ("cun", step, until), &["--notice", notice])
            .done();
    }

    #[track_caller]
    fn next_step(&self, case: &str) -> Value {
        self.done("admin", &["case", "show", case])["standing"]["step"].clone()
    }

    /// 6万 for a year to the first household, guaranteed by a helper and the fund.
    #[track_caller]
    fn apply_for_a_loan(&self) -> String {
        let (who, fund, cadre) = (text(HOUSEHOLD, 0), text(FUND, 0), text(CADRE, OF_TOWNSHIP));
        let asked = ["loan", "apply", "--household", &who, "--amount", "60000"];
        let terms = ["--months", "12", "--rate", "6%", "--purpose", "livestock"];
        let behind = ["--fund", &fund, "--guarantor", &cadre, "--on", "2014-12-20"];
        let applied = self.done("chun", &[&asked[..], &terms, &behind].concat());
        applied["loan"].as_str().unwrap().to_owned()
    }

    fn approve_loan(&self, loan: &str, on: &str) -> Ran {
        self.run("xia", &["loan", "approve", loan, "--on", on])
    }

    /// The settings of an enactment, as they were proposed.
    #[track_caller]
    fn settings(&self, enactment: &str) -> String {
        match self.client.get(&id_of(enactment)).unwrap().body {
            Some(Body::Enactment(enactment)) => enactment.open.unwrap().settings,
            other => panic!("not an enactment: {other:?}"),
        }
    }

    /// Which duties anybody owes up to a day.
    #[track_caller]
    fn owed(&self, on: &str) -> BTreeMap<String, u64> {
        let asked = [
            "task",
            "due",
            "--area",
            COUNTY,
            "--on",
            on,
            "--since",
            "2014-12-01",
        ];
        let due = self.run("admin", &asked).json();
        let counts = due["counts"].as_array().unwrap().iter();
        let count = |own: &Value| {
            let code = own["code"].as_str().unwrap().to_owned();
            (code, own["owed"].as_u64().unwrap())
        };
        counts.map(count).filter(|(_, owed)| *owed > 0).collect()
    }

    /// The county's duties end on a day.
    #[track_caller]
    fn end_duties(&self, until: u32) {
        for record in self.client.list(Kind::Duty, COUNTY).unwrap() {
            let Some(Body::Duty(mut duty)) = record.body.clone() else {
                panic!("no duty: {record:?}");
            };
            duty.open.as_mut().unwrap().until = until;
            self.change(record, Body::Duty(duty), Action::Change);
        }
    }

    #[track_caller]
    fn change(&self, record: v1::Record, body: Body, action: Action) {
        let change = changed(record, body, action);
        self.client.apply(request(), vec![change]).unwrap();
    }
}

fn changed(record: v1::Record, body: Body, action: Action) -> v1::Change {
    v1::Change {
        action: action.into(),
        expected_revision: record.revision,
        record: Some(v1::Record {
            body: Some(body),
            ..record
        }),
    }
}

/// The head of a work station and the head of the leading group.
fn posts() -> Vec<v1::Change> {
    let post = |number, role: &str, at: &str| {
        let open = log::post::Open {
            cadre: id(CADRE, OF_TOWNSHIP),
            role: role.to_owned(),
            from: 20_140_101,
            until: 0,
        };
        new(
            id(STATION, number),
            at,
            Body::Post(log::Post { open: Some(open) }),
        )
    };
    vec![
        post(0, "leading-group-head", COUNTY),
        post(1, "work-station-head", TOWNSHIP),
    ]
}

/// The week of the spring festival.
fn calendar() -> v1::Change {
    let open = log::calendar::Open {
        year: 2015,
        holidays: (20_150_218..=20_150_224).collect(),
        workdays: Vec::new(),
    };
    create(COUNTY, Body::Calendar(log::Calendar { open: Some(open) }))
}

fn id_of(text: &str) -> Vec<u8> {
    uuid::Uuid::parse_str(text).unwrap().as_bytes().to_vec()
}

/// What Taishun has left under way, and what it has decided.
struct Before {
    /// An identification whose household has been surveyed.
    case: String,
    /// An application for 6万, which was refused.
    loan: String,
    refused: Decided,
    paired: Decided,
    screening: String,
}

/// Taishun: its procedure, its line of 1,500 yuan, a contact cadre each, loans of 5,000 yuan at most.
#[track_caller]
fn goes_taishuns_way(county: &mut County) -> Before {
    county.install(&["case", "procedures"], "taishun", "2005-01-01");
    county.install(&["duty"], "taishun", "2005-01-01");
    county.client.apply(request(), posts()).unwrap();
    let screening = county.enact("screening", "{}", "2005-01-01");
    let pairing = county.enact("pairing", settings::PAIRING_OF_TAISHUN, "2005-01-01");
    let lending = county.enact("loan", "{}", "2005-01-01");
    assert_eq!(county.evaluated("screening", "2014-12-31"), (2, 1));
    assert_eq!(county.evaluated("pairing", "2014-12-31"), (3, 0));
    let owed = county.owed("2014-12-31");
    assert_eq!(owed.keys().collect::<Vec<_>>(), ["supervision-report"]);
    let case = county.open_case("identification", 0, "2014-12-29");
    for step in ["application", "survey"] {
        county.step(&case, ("cun", step, "2014-12-30"), &[]).done();
    }
    let loan = county.apply_for_a_loan();
    assert_eq!(county.evaluated("loan", "2014-12-31"), (0, 1));
    let told = county
        .approve_loan(&loan, "2014-12-31")
        .refused("refused-by-policy");
    let refused = county.decided("loan", &id_of(&loan));
    assert!(told.stderr.contains("amount-above-ceiling"), "{told:?}");
    assert!(told.stderr.contains(&refused.digest()), "{told:?}");
    assert_eq!(refused.enactment, lending);
    let paired = county.decided("pairing", &id(HOUSEHOLD, 1));
    assert_eq!(paired.outcome, Outcome::Granted);
    assert_eq!(paired.enactment, pairing);
    Before {
        case,
        loan,
        refused,
        paired,
        screening,
    }
}

/// Everything that Luxi asks, put in force while the node serves; the enactments by purpose.
#[track_caller]
fn is_switched(county: &mut County, before: &Before) -> BTreeMap<&'static str, String> {
    county.install(&["case", "procedures"], "luxi", "2015-01-01");
    county.end_duties(20_150_101);
    county.install(&["duty"], "luxi", "2015-01-01");
    county.client.apply(request(), vec![calendar()]).unwrap();
    let suspend = ["policy", "suspend", &before.screening];
    county.node.run(&suspend, &[]).done();
    let mut enacted = BTreeMap::new();
    for (name, settings) in [
        ("pairing", "{}"),
        ("loan", settings::LOAN_OF_LUXI),
        ("village-team", "{}"),
        ("household-fund", "{}"),
        ("village-fund", "{}"),
        ("exit-review", settings::EXIT_OF_LUXI),
        ("supervision", "{}"),
    ] {
        enacted.insert(name, county.enact(name, settings, "2015-01-01"));
    }
    enacted
}

#[test]
fn s4_a_running_county_goes_from_taishuns_ways_to_luxis_by_data_alone() {
    let mut county = County::new();
    let process = county.node.process();
    let before = goes_taishuns_way(&mut county);
    let enacted = is_switched(&mut county, &before);
    must_end_as_it_began(&county, &before.case);
    must_begin_luxis_way(&county);
    must_lend_what_was_refused(&county, &before, &enacted["loan"]);
    must_refuse_what_was_paired(&county, &before, &enacted["pairing"]);
    must_ask_what_luxi_asks(&county, &enacted);
    must_refuse_an_exit_with_an_open_condition(&county, &enacted["exit-review"]);
    // The old decisions stand in the log by the old settings, and every one of both counties is made again.
    must_be_remembered(&county, "pairing", &id(HOUSEHOLD, 1), &before.paired);
    must_be_remembered(&county, "loan", &id_of(&before.loan), &before.refused);
    for evaluation in county.client.ids(Kind::Evaluation, COUNTY) {
        assert_eq!(county.node.replay(&evaluation)["same"], true);
    }
    assert_eq!(county.node.process(), process, "it has never stopped");
    county.node.stop();
    county.node.must_verify();
}

/// Taishun's has no appraisal, one notice and no announcement.
#[track_caller]
fn must_end_as_it_began(county: &County, case: &str) {
    assert_eq!(county.next_step(case), "notice");
    let hangs = ("notice", "2015-01-05", "2015-01-12");
    county.notice(case, "identification", hangs);
    for step in [
        ("zhen", "township-review", "2015-01-13"),
        ("admin", "county-approval", "2015-01-14"),
        ("admin", "entry", "2015-01-15"),
    ] {
        county.step(case, step, &[]).done();
    }
    county.done("admin", &["case", "close", case, "--end", "completed"]);
}

#[track_caller]
fn must_begin_luxis_way(county: &County) {
    let case = county.open_case("identification", 1, "2015-01-06");
    for step in ["application", "survey"] {
        county.step(&case, ("cun", step, "2015-01-07"), &[]).done();
    }
    assert_eq!(county.next_step(&case), "appraisal");
    county
        .step(&case, ("cun", "notice", "2015-01-14"), &[])
        .refused("step-skipped");
}

/// The same application.
#[track_caller]
fn must_lend_what_was_refused(county: &County, before: &Before, enactment: &str) {
    assert_eq!(county.evaluated("loan", "2015-02-27"), (1, 0));
    let granted = county.decided("loan", &id_of(&before.loan));
    assert_eq!(granted.enactment, enactment);
    assert_eq!(granted.component, before.refused.component, "no other code");
    assert_ne!(granted.settings, before.refused.settings);
    assert!(county.settings(enactment).contains("8000000"));
    county.approve_loan(&before.loan, "2015-02-28").done();
    let disburse = ["loan", "disburse", &before.loan, "--on", "2015-03-01"];
    county.done("chun", &disburse);
}

/// The same two households of one cadre, who may have one in focus.
#[track_caller]
fn must_refuse_what_was_paired(county: &County, before: &Before, enactment: &str) {
    let helpers = [SECTION, OF_TOWNSHIP, OF_VILLAGE];
    let visits = [0, 1].map(|of| helpers.map(|by| visit(of, by, 20_150_210)));
    let last = visit(2, OF_TOWNSHIP, 20_150_210);
    let visits = visits.into_iter().flatten().chain([last]).collect();
    county.client.apply(request(), visits).unwrap();
    assert_eq!(county.evaluated("pairing", "2015-02-28"), (2, 1));
    let judged = [0, 1].map(|number| county.decided("pairing", &id(HOUSEHOLD, number)));
    let mut judged = (0..).zip(judged);
    let refused = judged.find(|(_, own)| own.outcome == Outcome::Refused);
    let (household, refused) = refused.unwrap();
    assert_eq!(refused.reasons, ["helper-over-quota"]);
    assert_eq!(refused.enactment, enactment);
    assert_eq!(refused.component, before.paired.component, "no other code");
    assert_ne!(refused.settings, before.paired.settings);
    // Another cadre of section level takes it over, and the rule is kept.
    take_over(county, household);
    assert_eq!(county.evaluated("pairing", "2015-03-01"), (3, 0));
}

/// A household's focus cadre is followed by another one.
#[track_caller]
fn take_over(county: &County, household: u8) {
    let number = household * 10;
    let record = county.client.get(&id(PAIRING, number)).unwrap();
    let ended = log::pairing::Open {
        until: 20_150_228,
        ..pairing(number, household, SECTION, 20_140_101)
    };
    let ended = Body::Pairing(log::Pairing { open: Some(ended) });
    let follows = paired(30, household, OTHER_SECTION, 20_150_228);
    let changes = vec![follows, changed(record, ended, Action::Close)];
    county.client.apply(request(), changes).unwrap();
}

/// Teams, funds and supervision were nobody's question under Taishun.
#[track_caller]
fn must_ask_what_luxi_asks(county: &County, enacted: &BTreeMap<&str, String>) {
    let village = county
        .client
        .list(Kind::Area, VILLAGE)
        .unwrap()
        .remove(0)
        .id;
    let asked = [
        ("village-team", &village, "missing-leader"),
        ("village-fund", &village, "missing-unit"),
        ("household-fund", &id(HOUSEHOLD, 0), "due"),
        ("supervision", &id(CADRE, OF_TOWNSHIP), "tasks-late"),
    ];
    for (purpose, subject, reason) in asked {
        county.evaluated(purpose, "2015-03-31");
        let decided = county.decided(purpose, subject);
        assert!(
            decided.reasons.iter().any(|own| own == reason),
            "{decided:?}"
        );
        assert_eq!(decided.enactment, enacted[purpose], "{purpose}");
    }
    let owed = county.owed("2015-03-31");
    assert!(owed.contains_key("month-account"), "{owed:?}");
    assert_eq!(
        owed.get("supervision-report"),
        Some(&1),
        "that of December: {owed:?}"
    );
    // Friday the 13th and five working days, with a week of holidays between.
    let notice = county.open_case("identification", 2, "2015-02-02");
    for (step, more) in [
        ("application", &[][..]),
        ("survey", &[]),
        ("appraisal", &["--votes", "41,38,1"]),
    ] {
        county
            .step(&notice, ("cun", step, "2015-02-03"), more)
            .done();
    }
    let item = format!("{notice},张三,1,general");
    let what = [
        "notice",
        "post",
        "identification",
        "--area",
        VILLAGE,
        "--place",
        "村口",
    ];
    let when = [
        "--from",
        "2015-02-12",
        "--until",
        "2015-02-19",
        "--item",
        &item,
    ];
    let posted = county.done("zhen", &[&what[..], &when].concat());
    let posted = posted["notice"].as_str().unwrap();
    let receive = ["objection", "receive", posted, "--case", &notice];
    let said = ["--text", "他家有小汽车", "--on", "2015-02-13"];
    county.done("cun", &[&receive[..], &said].concat());
    let due = county.run(
        "admin",
        &["case", "due", "--area", COUNTY, "--by", "2015-03-31"],
    );
    let due = due.json();
    assert_eq!(due["objections"][0]["due"], 20_150_227, "{due}");
}

/// Luxi's nine steps, stopped at the approval by the seven conditions.
#[track_caller]
fn must_refuse_an_exit_with_an_open_condition(county: &County, enactment: &str) {
    let case = county.open_case("exit", 0, "2015-03-02");
    let found = lika_core::codes::list("exit-condition").unwrap().entries;
    let found = found.iter().flat_map(|condition| {
        let met = if condition.code == "housing" {
            "unmet"
        } else {
            "met"
        };
        [
            "--condition".to_owned(),
            format!("{}={met}:seen", condition.code),
        ]
    });
    let found: Vec<String> = found.collect();
    let found: Vec<&str> = found.iter().map(String::as_str).collect();
    for (login, step, on, more) in [
        ("cun", "first-list", "2015-03-02", &[][..]),
        ("cun", "appraisal", "2015-03-04", &["--votes", "41,38,1"]),
        ("zhen", "pre-exit", "2015-03-05", &[]),
        ("zhen", "house-check", "2015-03-06", &found),
        ("cun", "signature", "2015-03-07", &[]),
    ] {
        county.step(&case, (login, step, on), more).done();
    }
    county.notice(&case, "exit", ("notice", "2015-03-08", "2015-03-15"));
    county.evaluated("exit-review", "2015-03-16");
    let decided = county.decided("exit-review", &id(HOUSEHOLD, 0));
    assert_eq!(decided.enactment, enactment);
    let head = county.client.status().head;
    let approval = ("admin", "county-approval", "2015-03-16");
    let refused = county
        .step(&case, approval, &[])
        .refused("refused-by-policy");
    // A case says the beginning of the digest.
    let component = decided.digest();
    assert!(refused.stderr.contains(&component[..12]), "{refused:?}");
    assert!(refused.stderr.contains("survey-found-open"), "{refused:?}");
    assert_eq!(county.client.status().head, head, "nothing was written");
}

/// An earlier revision of the decision is as it was made, by what was in force then.
#[track_caller]
fn must_be_remembered(county: &County, purpose: &str, subject: &[u8], then: &Decided) {
    let decisions = county.client.list(Kind::Decision, COUNTY).unwrap();
    let record = decisions.into_iter().find(|record| match &record.body {
        Some(Body::Decision(decision)) => {
            let open = decision.open.as_ref().unwrap();
            open.purpose == purpose && open.subject == subject
        }
        _ => false,
    });
    let history = county.client.history(&record.unwrap().id).unwrap();
    let first = history.into_iter().next().unwrap().record.unwrap();
    match first.body {
        Some(Body::Decision(decision)) => {
            assert_eq!(county.made_by(&decision.open.unwrap()), *then);
        }
        other => panic!("not a decision: {other:?}"),
    }
}
