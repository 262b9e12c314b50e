//! Loans against guarantee funds: the figures of S0.5, S0.6, S2.5 and S4.10 from single records, the way of a loan by the
//! command line, and what is refused with nothing written.

use lika_proto::{
    log::v1::{self as log, Kind},
    v1::{self, record::Body},
};
use lika_tests::{
    Client, Node, Officer, Ran, apply, area, built, changed, code_of, create, household, new,
    numbered, request, shown,
};

/// In fen.
const YUAN: i64 = 100;
const WAN: i64 = 1_000_000;

const LENDER: u8 = 0x20;
const OUTSIDE: u8 = 0x21;
const ACCOUNT: u8 = 0x22;
const FUND: u8 = 0x23;
const LOAN: u8 = 0x24;
const TRANSFER: u8 = 0x25;

fn lender(area: &str) -> v1::Change {
    let open = log::enterprise::Open {
        name: "农村信用社".to_owned(),
        r#type: "lender".to_owned(),
    };
    let body = Body::Enterprise(log::Enterprise { open: Some(open) });
    new(numbered(LENDER, 0), area, body)
}

fn outside(area: &str) -> v1::Change {
    let open = log::account::Open {
        name: "县财政".to_owned(),
        side: "external".to_owned(),
        ..log::account::Open::default()
    };
    let body = Body::Account(log::Account { open: Some(open) });
    new(numbered(OUTSIDE, 0), area, body)
}

/// An account and the fund that it is deposited for, lent so many times.
fn fund(number: usize, area: &str, times: i64) -> [v1::Change; 2] {
    let account = log::account::Open {
        name: format!("担保金{number}"),
        side: "internal".to_owned(),
        channel: "county-budget".to_owned(),
        purpose: "guarantee".to_owned(),
        ..log::account::Open::default()
    };
    let fund = log::guarantee_fund::Open {
        name: format!("担保基金{number}"),
        lender: numbered(LENDER, 0),
        accounts: vec![numbered(ACCOUNT, number)],
        leverage: times * 1_000_000,
    };
    let account = Body::Account(log::Account {
        open: Some(account),
    });
    let fund = Body::GuaranteeFund(log::GuaranteeFund { open: Some(fund) });
    [
        new(numbered(ACCOUNT, number), area, account),
        new(numbered(FUND, number), area, fund),
    ]
}

fn deposit(number: usize, amount: i64, on: u32) -> log::transfer::Open {
    log::transfer::Open {
        from: numbered(OUTSIDE, 0),
        to: numbered(ACCOUNT, number),
        amount,
        on,
        direction: "in".to_owned(),
        channel: "county-budget".to_owned(),
        ..log::transfer::Open::default()
    }
}

/// Proposes transfers and lets both officers approve them.
#[track_caller]
fn post(office: &Client, officers: &[Officer; 2], area: &str, open: Vec<log::transfer::Open>) {
    let body = |open: &log::transfer::Open| {
        Body::Transfer(log::Transfer {
            open: Some(open.clone()),
        })
    };
    let each = || open.iter().enumerate();
    let proposals = each().map(|(number, open)| new(numbered(TRANSFER, number), area, body(open)));
    apply(office, proposals.collect());
    let mut approvals = Vec::new();
    for (revision, officer) in (1..).zip(officers) {
        approvals.push(log::enactment::Approval {
            officer: officer.id.clone(),
            cadre: Vec::new(),
        });
        let approve = |(number, open): (usize, &log::transfer::Open)| {
            let open = log::transfer::Open {
                approvals: approvals.clone(),
                ..open.clone()
            };
            changed(numbered(TRANSFER, number), area, revision, body(&open))
        };
        apply(&officer.client, each().map(approve).collect());
    }
}

fn step(stage: &str, officer: &Officer, on: u32) -> log::loan::Step {
    log::loan::Step {
        stage: stage.to_owned(),
        on,
        officer: officer.id.clone(),
        ..log::loan::Step::default()
    }
}

fn loan(open: log::loan::Open) -> Body {
    Body::Loan(log::Loan { open: Some(open) })
}

/// Applied for by the first officer, approved by the second, paid out by the first.
#[track_caller]
fn lend(officers: &[Officer; 2], area: &str, on: u32, mut loans: Vec<log::loan::Open>) {
    let [first, second] = officers;
    let stages = [
        ("applied", first),
        ("approved", second),
        ("disbursed", first),
    ];
    for (revision, (stage, officer)) in (0..).zip(stages) {
        let mut changes = Vec::new();
        for (number, open) in loans.iter_mut().enumerate() {
            open.steps.push(step(stage, officer, on));
            let body = loan(open.clone());
            changes.push(match revision {
                0 => new(numbered(LOAN, number), area, body),
                revision => changed(numbered(LOAN, number), area, revision, body),
            });
        }
        apply(&officer.client, changes);
    }
}

fn officers(county: &Node) -> [Officer; 2] {
    ["chun", "xia"].map(|login| Officer::appoint(county, login, "county-office", county.area()))
}

/// So many fen in so many parts that differ by one at most.
fn parts(whole: i64, count: usize) -> impl Iterator<Item = i64> {
    let count = i64::try_from(count).unwrap();
    (0..count).map(move |number| whole / count + i64::from(number < whole % count))
}

/// S2.5: 59 funds, 7,877万 lent, 1,738 households: 4.53万 each, under the 5万 for three years that Sanming allows.
#[test]
fn s2_5_funds_loans_and_households() {
    const VILLAGE: &str = "350423101201";
    let mut county = Node::create("350423", "清流县");
    county.start();
    let office = county.client();
    apply(&office, vec![area("350423101"), area(VILLAGE)]);
    let officers = officers(&county);
    let mut changes = vec![lender("350423"), outside("350423")];
    changes.extend((0..59).flat_map(|number| fund(number, "350423101", 5)));
    apply(&office, changes);
    apply(
        &office,
        (0..1738)
            .flat_map(|n| household(n, "general", VILLAGE))
            .collect(),
    );
    // A fifth of what each fund stands behind is deposited: 30 loans at most of at most 4.54万.
    let deposits = (0..59).map(|number| deposit(number, 30 * 9_080 * YUAN, 20_160_101));
    post(&office, &officers, "350423101", deposits.collect());
    let loans = parts(7_877 * WAN, 1738).enumerate();
    let loans = loans.map(|(number, amount)| log::loan::Open {
        household: numbered(0x10, number),
        lender: numbered(LENDER, 0),
        fund: numbered(FUND, number % 59),
        purpose: "planting".to_owned(),
        amount,
        months: 36,
        rate: 50_000,
        method: "quarterly-interest".to_owned(),
        ..log::loan::Open::default()
    });
    lend(&officers, VILLAGE, 20_160_301, loans.collect());

    let totals = office.totals("350423");
    assert_eq!(totals["guarantee-funds"], 59);
    assert_eq!(totals["loans-lent"], 7_877 * WAN);
    assert_eq!(totals["loans-lent@2016"], 7_877 * WAN);
    assert_eq!(totals["loans-outstanding"], 7_877 * WAN);
    assert_eq!(totals["loan-households"], 1738);
    assert_eq!(totals["loan-households@2016"], 1738);
    assert_eq!(totals["loan-households-owing"], 1738);
    assert_eq!(totals["loans-at/disbursed"], 1738);
    county.stop();
    county.must_verify();
}

/// S4.10: 467 households got 3,460万, 7.41万 each: more than Sanming's ceiling, so that the ceiling is a setting.
#[test]
fn s4_10_finance_for_467_households() {
    const VILLAGE: &str = "360323101201";
    let mut county = Node::luxi();
    let office = county.client();
    apply(&office, vec![area("360323101"), area(VILLAGE)]);
    let officers = officers(&county);
    apply(&office, vec![lender("360323")]);
    let households = (0..467).flat_map(|number| household(number, "general", VILLAGE));
    apply(&office, households.collect());
    let loans = parts(3_460 * WAN, 467).enumerate();
    let loans: Vec<_> = loans
        .map(|(number, amount)| log::loan::Open {
            household: numbered(0x10, number),
            lender: numbered(LENDER, 0),
            purpose: "livestock".to_owned(),
            amount,
            months: 12,
            rate: 60_000,
            method: "bullet".to_owned(),
            ..log::loan::Open::default()
        })
        .collect();
    assert_eq!(loans[0].amount / (WAN / 100), 740, "7.41万, rounded");
    lend(&officers, VILLAGE, 20_150_301, loans);
    let totals = office.totals("360323");
    assert_eq!(totals["loan-households@2015"], 467);
    assert_eq!(totals["loans-lent@2015"], 3_460 * WAN);
    county.stop();
    county.must_verify();
}

/// Taishun with a fund of 1,500 yuan that is lent five times, three households, and a cadre.
struct Taishun {
    county: Node,
    office: Client,
    _officers: [Officer; 2],
}

const TAISHUN: &str = "330329101201";

impl Taishun {
    #[track_caller]
    fn new() -> Self {
        let mut county = Node::create("330329", "泰顺县");
        county.start();
        let office = county.client();
        apply(&office, vec![area("330329101"), area(TAISHUN)]);
        let officers = officers(&county);
        let cadre = log::Cadre {
            open: Some(log::cadre::Open {
                rank: "township".to_owned(),
                from: 20_050_101,
                ..log::cadre::Open::default()
            }),
            ..log::Cadre::default()
        };
        let mut changes = vec![lender("330329"), outside("330329")];
        changes.extend(fund(0, "330329101", 5));
        changes.extend((0..3).flat_map(|number| household(number, "general", TAISHUN)));
        changes.push(new(numbered(0x30, 0), "330329101", Body::Cadre(cadre)));
        apply(&office, changes);
        let deposits = vec![deposit(0, 1_500 * YUAN, 20_050_101)];
        post(&office, &officers, "330329101", deposits);
        Self {
            county,
            office,
            _officers: officers,
        }
    }

    fn run(&self, arguments: &[&str]) -> Ran {
        self.county.run(arguments, &[])
    }

    /// A year's loan to a household, applied for in the first officer's name.
    #[track_caller]
    fn apply(&self, household: usize, yuan: &str) -> String {
        let who = shown(&numbered(0x10, household));
        let (fund, cadre) = (shown(&numbered(FUND, 0)), shown(&numbered(0x30, 0)));
        let asked = ["loan", "apply", "--household", &who, "--amount", yuan];
        let terms = ["--months", "12", "--rate", "6%", "--purpose", "livestock"];
        let behind = ["--fund", &fund, "--guarantor", &cadre];
        let how = ["--on", "2005-02-01", "--as", "chun", "--json"];
        let applied = self.run(&[&asked[..], &terms, &behind, &how].concat());
        applied.done().json()["loan"].as_str().unwrap().to_owned()
    }

    fn advance(&self, stage: &str, loan: &str, on: &str, login: &str) -> Ran {
        self.run(&["loan", stage, loan, "--on", on, "--as", login])
    }

    #[track_caller]
    fn lend(&self, loan: &str) {
        self.advance("approve", loan, "2005-02-10", "xia").done();
        self.advance("disburse", loan, "2005-03-01", "chun").done();
    }

    /// Money leaves the fund for a use when two people have approved it.
    #[track_caller]
    fn pay(&self, yuan: &str, used_for: &str, on: &str) -> String {
        let (from, to) = (shown(&numbered(ACCOUNT, 0)), shown(&numbered(OUTSIDE, 0)));
        let asked = ["fund", "propose", "--from", &from, "--to", &to];
        let what = ["--amount", yuan, "--for", used_for, "--on", on, "--json"];
        let proposed = self.run(&[&asked[..], &what].concat()).done().json();
        let transfer = proposed["transfer"].as_str().unwrap().to_owned();
        for login in ["chun", "xia"] {
            self.run(&["fund", "approve", &transfer, "--as", login])
                .done();
        }
        transfer
    }

    #[track_caller]
    fn fund(&self) -> serde_json::Value {
        let funds = self.run(&["loan", "funds", "--json"]).done().json();
        funds["funds"][0].clone()
    }
}

/// S0.5: the lender lends five times what is deposited, and the subsidy that comes from the same fund lowers the ceiling.
#[test]
fn s0_5_leverage_schedule_and_subsidy() {
    let taishun = Taishun::new();
    let first = taishun.apply(0, "5000");
    taishun
        .advance("disburse", &first, "2005-03-01", "chun")
        .refused("loan-stage-skipped");
    taishun
        .advance("approve", &first, "2005-02-10", "chun")
        .refused("same-person");
    taishun
        .advance("approve", &first, "2005-01-31", "xia")
        .refused("loan-backdated");
    taishun.lend(&first);
    let second = taishun.apply(1, "2500.01");
    taishun
        .advance("approve", &second, "2005-02-10", "xia")
        .done();
    taishun
        .advance("disburse", &second, "2005-03-01", "chun")
        .refused("above-ceiling");
    assert_eq!(taishun.fund()["ceiling"], 7_500 * YUAN);
    assert_eq!(taishun.fund()["free"], 2_500 * YUAN);

    let show = ["loan", "show", &first, "--on", "2006-03-01", "--json"];
    let shown = taishun.run(&show).done().json();
    let schedule = shown["schedule"].as_array().unwrap();
    assert_eq!(schedule.len(), 1);
    assert_eq!(schedule[0]["due"], "2006-03-01");
    assert_eq!(schedule[0]["principal"], 5_000 * YUAN);
    // 365 days of a year of 360: 5,000 × 6 % × 365 / 360.
    assert_eq!(schedule[0]["interest"], 30_417);

    let repay = |more: &[&str]| {
        let asked = [
            "loan",
            "repay",
            &first,
            "--on",
            "2006-03-01",
            "--as",
            "chun",
        ];
        taishun.run(&[&asked[..], more].concat())
    };
    repay(&["--principal", "5000.01"]).refused("beyond-debt");
    repay(&["--interest", "304.18"]).refused("beyond-debt");
    repay(&["--all"]).done();
    repay(&["--principal", "0.01"]).refused("beyond-debt");
    let paid = taishun.pay("304.17", "interest-subsidy", "2006-03-10");
    let subsidise = |yuan: &str| {
        let asked = ["loan", "subsidise", &first, "--amount", yuan];
        let how = ["--transfer", &paid, "--on", "2006-03-10", "--as", "chun"];
        taishun.run(&[&asked[..], &how].concat())
    };
    subsidise("304.18").refused("beyond-interest");
    subsidise("304.17").done();
    // Five times (1,500 − 304.17) yuan.
    assert_eq!(taishun.fund()["ceiling"], 597_915);
    let totals = taishun.office.totals("330329");
    assert_eq!(totals.get("loans-outstanding"), None, "nothing is owed");
    assert_eq!(totals["loans-repaid@2006"], 5_000 * YUAN);
    assert_eq!(totals["loan-interest@2006"], 30_417);
    assert_eq!(totals["loan-subsidies@2006"], 30_417);
    assert_eq!(totals["fund-use/interest-subsidy@2006"], 30_417);
}

/// S0.5: what this county rules is a policy, and its decision binds the approval and the subsidy.
#[test]
fn s0_5_the_policy_in_force_binds() {
    let taishun = Taishun::new();
    let county = &taishun.county;
    county.put_in_force(&built::policy("loan"), None, "2005-01-01");
    let within = taishun.apply(0, "5000");
    let above = taishun.apply(1, "5000.01");
    taishun
        .advance("approve", &within, "2005-02-10", "xia")
        .refused("not-decided");
    let evaluated = county.evaluate("loan", Some("2005-02-05"));
    assert_eq!(evaluated["granted"], 1, "{evaluated}");
    assert_eq!(evaluated["refused"], 1, "{evaluated}");
    let refused = taishun.advance("approve", &above, "2005-02-10", "xia");
    let refused = refused.refused("refused-by-policy");
    assert!(
        refused.stderr.contains("amount-above-ceiling"),
        "{refused:?}"
    );
    let component = component(&taishun.office);
    assert!(refused.stderr.contains(&component), "{refused:?}");
    let record = taishun.office.get(&id_of(&above)).unwrap();
    assert_eq!(record.revision, 1, "nothing was written");
    taishun.lend(&within);

    county.put_in_force(&built::policy("subsidy"), None, "2005-01-01");
    // A month late: 330.00 yuan of interest, of which 304.17 were due in time.
    let late = ["loan", "repay", &within, "--all", "--on", "2006-04-01"];
    taishun.run(&[&late[..], &["--as", "chun"]].concat()).done();
    let evaluated = county.evaluate("subsidy", Some("2006-04-05"));
    assert_eq!(evaluated["granted"], 1, "{evaluated}");
    let paid = taishun.pay("330", "interest-subsidy", "2006-04-10");
    let subsidise = |yuan: &str| {
        let asked = ["loan", "subsidise", &within, "--amount", yuan];
        let how = ["--transfer", &paid, "--on", "2006-04-10", "--as", "chun"];
        taishun.run(&[&asked[..], &how].concat())
    };
    subsidise("304.18").refused("beyond-grant");
    subsidise("304.17").done();
    subsidise("0.01").refused("beyond-grant");
    let evaluations = taishun.office.ids(Kind::Evaluation, "330329");
    for evaluation in evaluations {
        assert_eq!(county.replay(&evaluation)["same"], true);
    }
}

/// The digest of the component that made the first evaluation.
fn component(client: &Client) -> String {
    let evaluations = client.list(Kind::Evaluation, "330329").unwrap();
    match &evaluations[0].body {
        Some(Body::Evaluation(evaluation)) => {
            let component = &evaluation.open.as_ref().unwrap().component;
            component.iter().map(|byte| format!("{byte:02x}")).collect()
        }
        other => panic!("not an evaluation: {other:?}"),
    }
}

fn id_of(text: &str) -> Vec<u8> {
    uuid::Uuid::parse_str(text).unwrap().as_bytes().to_vec()
}

/// S0.6: who defaults without an excuse is paid for by the fund, blacklisted, and lent nothing until an appeal is upheld.
#[test]
fn s0_6_default_recourse_blacklist_and_credit_file() {
    let mut taishun = Taishun::new();
    let loan = taishun.apply(0, "1000");
    taishun.lend(&loan);
    let overdue = |on: &str| {
        let asked = ["loan", "list", "--overdue", "--on", on, "--json"];
        taishun.run(&asked)
    };
    assert_eq!(
        overdue("2006-03-01").done().json()["loans"],
        serde_json::json!([])
    );
    let late = overdue("2006-03-02");
    assert_eq!(late.code, Some(1), "a truthful no");
    assert_eq!(late.json()["loans"][0]["overdue_since"], "2006-03-01");
    taishun
        .advance("overdue", &loan, "2006-03-01", "chun")
        .refused("not-overdue");
    taishun
        .advance("overdue", &loan, "2006-03-15", "chun")
        .done();
    let household = shown(&numbered(0x10, 0));
    let blacklist = |login: &str| {
        let asked = ["loan", "blacklist", &household, "--loan", &loan];
        let why = ["--reason", "unexcused-default", "--ground", "外出不还"];
        let when = ["--from", "2006-06-02", "--until", "2009-06-02"];
        taishun.run(&[&asked[..], &why, &when, &["--as", login, "--json"]].concat())
    };
    blacklist("chun").refused("not-in-default");
    taishun
        .advance("default", &loan, "2006-06-01", "xia")
        .done();
    // 457 days at 6 % of 1,000 yuan: 76.17.
    let paid = taishun.pay("1076.17", "guarantee-payment", "2006-06-02");
    let recourse = |yuan: &str| {
        let asked = ["loan", "recourse", &loan, "--amount", yuan];
        let how = ["--transfer", &paid, "--on", "2006-06-01", "--as", "chun"];
        taishun.run(&[&asked[..], &how].concat())
    };
    recourse("1076.18").refused("beyond-debt");
    recourse("1076.17").done();
    // Five times (1,500 − 1,076.17) yuan.
    assert_eq!(taishun.fund()["ceiling"], 211_915);

    let listed = blacklist("chun").done().json();
    let listed = listed["blacklisting"].as_str().unwrap();
    let credit = |on: &str| {
        let asked = ["loan", "credit", &household, "--on", on, "--json"];
        taishun.run(&asked).done().json()
    };
    let file = credit("2006-07-01");
    assert_eq!(file["loans"][0]["kept"], "defaulted");
    assert_eq!(file["owed"], 107_617);
    assert_eq!(file["blacklisted"], true);
    let again = || {
        let (fund, cadre) = (shown(&numbered(FUND, 0)), shown(&numbered(0x30, 0)));
        let asked = ["loan", "apply", "--household", &household, "--fund", &fund];
        let terms = ["--amount", "1000", "--months", "12", "--rate", "6%"];
        let how = ["--purpose", "planting", "--guarantor", &cadre];
        let on = ["--on", "2006-07-01", "--as", "chun"];
        taishun.run(&[&asked[..], &terms, &how, &on].concat())
    };
    again().refused("blacklisted");
    let appeal = ["loan", "appeal", listed, "--text", "患病"];
    taishun
        .run(&[&appeal[..], &["--on", "2006-06-20", "--as", "chun"]].concat())
        .done();
    let answer = |login: &str| {
        let asked = ["loan", "answer", listed, "upheld", "--text", "属实"];
        taishun.run(&[&asked[..], &["--on", "2006-06-25", "--as", login]].concat())
    };
    answer("chun").refused("same-person");
    answer("xia").done();
    assert_eq!(credit("2006-06-24")["blacklisted"], true);
    assert_eq!(credit("2006-07-01")["blacklisted"], false);
    again().done();
    taishun.county.stop();
    taishun.county.must_verify();
}

/// Loans are the township's work: a village cadre writes none, and what is refused writes nothing.
#[test]
fn who_lends() {
    let taishun = Taishun::new();
    let cadre = Officer::appoint(&taishun.county, "cun", "village-cadre", TAISHUN);
    let open = log::loan::Open {
        household: numbered(0x10, 0),
        lender: numbered(LENDER, 0),
        purpose: "planting".to_owned(),
        amount: 100_000,
        months: 12,
        rate: 60_000,
        method: "bullet".to_owned(),
        steps: vec![step("applied", &cadre, 20_050_201)],
        ..log::loan::Open::default()
    };
    let apply = create(TAISHUN, loan(open));
    let refused = cadre.client.apply(request(), vec![apply]);
    assert_eq!(code_of(refused), "denied");
    assert!(taishun.office.list(Kind::Loan, TAISHUN).unwrap().is_empty());
}
