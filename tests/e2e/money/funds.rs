//! What a policy says is due of the funds of households (S4.5) and villages (S4.3), held against what the ledger has.

use std::{collections::BTreeMap, fs};

use lika_proto::log::v1::{Kind, decision, payment_batch};
use lika_tests::{Ran, built, new, shown};
use serde_json::Value;

use super::*;

const OFFICE: &str = "360323";
const VILLAGE: &str = "360323101201";
/// The day that is asked about.
const ON: &str = "2016-12-20";

fn fresh() -> Id {
    uuid::Uuid::new_v4().as_bytes().to_vec()
}

/// What a decision says, and its record's id.
type Decided = (Id, decision::Open);

impl County {
    fn run(&self, login: &str, arguments: &[&str]) -> Ran {
        let arguments = [arguments, &["--as", login, "--json"]].concat();
        self.node.run(&arguments, &[])
    }

    #[track_caller]
    fn done(&self, login: &str, arguments: &[&str]) -> Value {
        self.run(login, arguments).done().json()
    }

    #[track_caller]
    fn ran_refused(&self, code: &str, run: impl FnOnce() -> Ran) {
        let before = self.office.status().head;
        run().refused(code);
        assert_eq!(self.office.status().head, before, "{code}");
    }

    /// The decisions for a purpose, by what they are about.
    #[track_caller]
    fn decisions(&self, purpose: &str) -> BTreeMap<Id, Decided> {
        let records = self.office.list(Kind::Decision, OFFICE).unwrap();
        let decided = records.into_iter().filter_map(|record| match record.body {
            Some(Body::Decision(log::Decision { open: Some(open) })) => {
                (open.purpose == purpose).then(|| (open.subject.clone(), (record.id, open)))
            }
            other => panic!("not a decision: {other:?}"),
        });
        decided.collect()
    }

    /// The last evaluation comes to the same when it is run again.
    #[track_caller]
    fn replays(&self) {
        let evaluations = self.office.ids(Kind::Evaluation, OFFICE);
        for evaluation in evaluations {
            assert_eq!(self.node.replay(&evaluation)["same"], true);
        }
    }
}

fn codes(decided: &Decided) -> Vec<&str> {
    let reasons = decided.1.reasons.iter();
    reasons.map(|reason| reason.code.as_str()).collect()
}

#[track_caller]
fn arguments<'a>(decided: &'a Decided, code: &str) -> &'a [String] {
    let mut reasons = decided.1.reasons.iter();
    let found = reasons.find(|reason| reason.code == code);
    &found
        .unwrap_or_else(|| panic!("no {code} in {:?}", decided.1))
        .arguments
}

/// A household with a head who may have a bank account, and with at most one helper.
struct Household {
    id: Id,
    head: Id,
}

impl Household {
    fn new() -> Self {
        Self {
            id: fresh(),
            head: fresh(),
        }
    }

    fn changes(
        &self,
        number: &str,
        kind: &str,
        helper: Option<(&[u8], &str, &str)>,
    ) -> Vec<v1::Change> {
        let household = log::Household {
            open: Some(log::household::Open {
                r#type: kind.to_owned(),
                ..log::household::Open::default()
            }),
            identity: Some(log::household::Identity {
                number: number.to_owned(),
                bank_account: format!("622200000000000{number}"),
                ..log::household::Identity::default()
            }),
            ..log::Household::default()
        };
        let head = log::Member {
            open: Some(log::member::Open {
                household: self.id.clone(),
                from: 20_140_101,
                relation: "02".to_owned(),
                ..log::member::Open::default()
            }),
            identity: Some(log::member::Identity {
                name: format!("户主{number}"),
                document: Some(log::Document {
                    none_reason: "not-issued".to_owned(),
                    ..log::Document::default()
                }),
                ..log::member::Identity::default()
            }),
            ..log::Member::default()
        };
        let mut changes = vec![
            new(&self.id, VILLAGE, Body::Household(household)),
            new(&self.head, VILLAGE, Body::Member(head)),
        ];
        if let Some((cadre, level, role)) = helper {
            let open = log::pairing::Open {
                household: self.id.clone(),
                cadre: cadre.to_vec(),
                role: role.to_owned(),
                level: level.to_owned(),
                responsible: true,
                from: 20_160_101,
                ..log::pairing::Open::default()
            };
            let pairing = log::Pairing { open: Some(open) };
            changes.push(create(VILLAGE, Body::Pairing(pairing)));
        }
        changes
    }
}

/// A county with its industry fund for households, and a household of every kind that the document tells apart.
struct Paying {
    county: County,
    fund: Id,
    transit: Id,
    payees: Id,
    /// Two in focus of a section-level cadre, one with a township cadre only, one that lives on the allowance, one of
    /// which nobody has recorded whether it is able to work.
    households: [Household; 5],
}

impl Paying {
    #[track_caller]
    fn new() -> Self {
        let county = County::luxi();
        let cadre = |rank: &str, area: &str| {
            let open = log::cadre::Open {
                rank: rank.to_owned(),
                from: 20_150_101,
                ..log::cadre::Open::default()
            };
            let cadre = log::Cadre {
                open: Some(open),
                ..log::Cadre::default()
            };
            county.write(area, Body::Cadre(cadre))
        };
        let of_section = cadre("reserve-full", OFFICE);
        let of_township = cadre("township", "360323101");
        let households = [(); 5].map(|()| Household::new());
        let section = |role| Some((&of_section[..], "section", role));
        let kinds = [
            ("development", section("focus")),
            ("development", section("focus")),
            ("development", Some((&of_township[..], "township", "focus"))),
            ("allowance-only", section("contact")),
            ("general", section("focus")),
        ];
        let changes = households.iter().zip(kinds).zip(1..);
        let changes = changes.flat_map(|((household, (kind, helper)), number)| {
            household.changes(&format!("{number:04}"), kind, helper)
        });
        county.office.apply(request(), changes.collect()).unwrap();
        let fund = county.write(OFFICE, fund("industry-fund", "household-fund", true));
        let transit = county.write(OFFICE, super::fund("industry-fund", "in-transit", true));
        let (treasury, payees) = (
            county.outside(OFFICE, "县财政局"),
            county.outside(OFFICE, "贫困户"),
        );
        let open = between(&treasury, &fund, WAN, "in", "industry-fund");
        county.move_money(OFFICE, open).unwrap();
        county
            .node
            .put_in_force(&built::policy("household-fund"), None, "2016-01-01");
        Self {
            county,
            fund,
            transit,
            payees,
            households,
        }
    }

    #[track_caller]
    fn evaluate(&self) -> BTreeMap<Id, Decided> {
        let evaluated = self.county.node.evaluate("household-fund", Some(ON));
        assert_eq!(evaluated["decisions"], 5, "{evaluated}");
        assert_eq!(evaluated["granted"], 2, "{evaluated}");
        assert_eq!(evaluated["undetermined"], 1, "{evaluated}");
        self.county.decisions("household-fund")
    }

    fn propose(&self, whom: &[&str]) -> Ran {
        let (fund, transit) = (shown(&self.fund), shown(&self.transit));
        let propose = ["payment", "propose", "--from", &fund, "--transit", &transit];
        let what_for = ["--for", "industry", "--on", ON];
        self.county
            .run("admin", &[&propose[..], &what_for, whom].concat())
    }

    #[track_caller]
    fn proposed(&self, whom: &[&str], payments: usize) -> String {
        let proposed = self.propose(whom).done().json();
        assert_eq!(proposed["payments"], payments);
        proposed["batch"].as_str().unwrap().to_owned()
    }

    #[track_caller]
    fn nobody_is_left(&self) {
        let proposed = self.propose(&["--decisions", "household-fund"]);
        assert_ne!(proposed.code, Some(0), "{proposed:?}");
        assert!(proposed.stderr.contains("nobody to pay"), "{proposed:?}");
    }

    /// Approved by two, sent, and answered for by the bank; what the bank got.
    #[track_caller]
    fn pay(&self, batch: &str, answer: impl FnOnce(&str) -> String) -> Value {
        for login in ["admin", "chun"] {
            self.county.done(login, &["payment", "approve", batch]);
        }
        let out = self.county.node.folder().join(format!("{batch}.csv"));
        let out = out.to_str().unwrap();
        self.county
            .done("admin", &["payment", "send", batch, "--out", out]);
        let sent = fs::read_to_string(out).unwrap();
        let file = self.county.node.folder().join("returned.csv");
        fs::write(
            &file,
            format!("序号,账号,金额,结果,失败原因\n{}", answer(&sent)),
        )
        .unwrap();
        let (file, payees) = (file.to_str().unwrap(), shown(&self.payees));
        let take_back = ["payment", "take-back", batch, file, "--payees", &payees];
        self.county.done("admin", &take_back)
    }

    /// A batch of one payment that follows a decision.
    fn follow(&self, household: &Household, decided: &Decided, amount: i64) -> Result<Id, Status> {
        let payment = payment_batch::Payment {
            household: household.id.clone(),
            payee: household.head.clone(),
            amount,
            decision: decided.0.clone(),
            evaluation: decided.1.evaluation.clone(),
            ..payment_batch::Payment::default()
        };
        let open = payment_batch::Open {
            from: self.fund.clone(),
            transit: self.transit.clone(),
            used_for: "industry".to_owned(),
            on: 20_161_220,
            payments: vec![payment],
            ..payment_batch::Open::default()
        };
        let batch = Body::PaymentBatch(log::PaymentBatch { open: Some(open) });
        let applied = self
            .county
            .office
            .apply(request(), vec![create(OFFICE, batch)])?;
        Ok(applied.applied[0].id.clone())
    }

    #[track_caller]
    fn must_be_as_the_document_says(&self, decided: &BTreeMap<Id, Decided>) {
        let of = |place: usize| &decided[&self.households[place].id];
        for place in [0, 1] {
            assert_eq!(of(place).1.category, "household-fund");
            assert_eq!(of(place).1.amount, Some(100_000));
            assert_eq!(
                arguments(of(place), "due"),
                ["2000.00", "1000.00", "1000.00"]
            );
        }
        assert_eq!(codes(of(2)), ["no-such-helper"]);
        assert_eq!(codes(of(3)), ["not-development-household"]);
        let missing = of(4).1.missing.iter();
        let missing: Vec<_> = missing.map(String::as_str).collect();
        assert!(
            missing
                .iter()
                .any(|fact| fact.ends_with("household.able-to-work")),
            "{missing:?}"
        );
        for place in [2, 3, 4] {
            assert_eq!(of(place).1.amount, None);
        }
    }
}

/// S4.5: of 2,000 yuan a year for a development household that a cadre of section level helps, the county pays 1,000 of
/// its industry fund, once.
#[test]
fn s4_5_what_the_county_owes_a_household_is_decided_and_paid_once_a_year() {
    let paying = Paying::new();
    let (county, households) = (&paying.county, &paying.households);
    let decided = paying.evaluate();
    paying.must_be_as_the_document_says(&decided);

    let first = &decided[&households[0].id];
    county.refused("beyond-decision", || {
        paying.follow(&households[0], first, 100_001)
    });
    let refused = &decided[&households[2].id];
    county.refused("beyond-decision", || {
        paying.follow(&households[2], refused, 1)
    });

    let batch = paying.proposed(&["--decisions", "household-fund"], 2);
    paying.nobody_is_left();
    county.refused("beyond-decision", || {
        paying.follow(&households[0], first, 1)
    });
    // The bank pays the one in the first row and not the other.
    let taken = paying.pay(&batch, |sent| {
        assert!(sent.contains("1000.00"), "{sent}");
        let rows: Vec<Vec<&str>> = sent
            .lines()
            .skip(1)
            .map(|row| row.split(',').collect())
            .collect();
        let (paid, failed) = (rows[0][2], rows[1][2]);
        format!("1,{paid},1000.00,成功,\n2,{failed},1000.00,失败,户名不符\n")
    });
    assert_eq!((&taken["paid"], &taken["failed"]), (&1.into(), &1.into()));
    assert_eq!(county.balance(&paying.payees), 100_000);
    paying.nobody_is_left();

    // Asked again in the same year, the policy says the same and tells what has been paid. What failed is made good by a
    // payment in its place, and by no other.
    let again = paying.evaluate();
    let of = |place: usize| &again[&households[place].id];
    assert_eq!([0, 1].map(|place| of(place).1.amount), [Some(100_000); 2]);
    let paid = [0, 1]
        .into_iter()
        .filter(|place| codes(of(*place)).len() > 1);
    let [paid] = paid.collect::<Vec<_>>()[..] else {
        panic!("one was paid");
    };
    assert_eq!(codes(of(paid)), ["due", "paid-already"]);
    assert_eq!(arguments(of(paid), "paid-already"), ["1000.00", "0.00"]);
    paying.nobody_is_left();
    for place in [0, 1] {
        county.refused("beyond-decision", || {
            paying.follow(&households[place], of(place), 1)
        });
    }
    let batch = paying.proposed(&["--reissue", &batch], 1);
    let taken = paying.pay(&batch, |sent| {
        let row = sent.lines().nth(1).unwrap();
        let account = row.split(',').nth(2).unwrap();
        format!("1,{account},1000.00,成功,\n")
    });
    assert_eq!(taken["paid"], 1);
    let settled = paying.evaluate();
    for place in [0, 1] {
        let settled = &settled[&households[place].id];
        assert_eq!(codes(settled), ["due", "paid-already"]);
    }
    paying.nobody_is_left();
    assert_eq!(county.balance(&paying.fund), WAN - 200_000);
    county.replays();
}

#[test]
fn s4_5_a_fund_of_households_pays_no_living_expenses_whatever_was_decided() {
    let paying = Paying::new();
    paying.evaluate();
    let (fund, transit) = (shown(&paying.fund), shown(&paying.transit));
    let propose = ["payment", "propose", "--from", &fund, "--transit", &transit];
    let whom = [
        "--for",
        "living-expenses",
        "--on",
        ON,
        "--decisions",
        "household-fund",
    ];
    paying.county.ran_refused("barred-use", || {
        paying.county.run("admin", &[propose, whom].concat())
    });
}

/// 14 key villages, each with three sponsoring units, and a village that is none.
struct Villages {
    county: County,
    codes: Vec<String>,
    /// By village, the accounts from which its units give.
    givers: Vec<[Id; 3]>,
}

impl Villages {
    #[track_caller]
    fn new() -> Self {
        let county = County::create(OFFICE, "芦溪县", &["360323101", "360323101300"]);
        let codes: Vec<String> = (201..=214).map(|it| format!("360323101{it}")).collect();
        let mut changes = Vec::new();
        for code in &codes {
            let open = log::area::Open {
                code: code.clone(),
                name: "重点村".to_owned(),
                key_village: vec![log::Period {
                    from: 20_160_101,
                    until: 0,
                }],
                ..log::area::Open::default()
            };
            changes.push(create(
                code,
                Body::AreaRecord(log::Area { open: Some(open) }),
            ));
        }
        let mut givers = Vec::new();
        for (number, code) in codes.iter().enumerate() {
            let (units, accounts) = ([(); 3].map(|()| fresh()), [(); 3].map(|()| fresh()));
            for (place, (unit, account)) in units.iter().zip(&accounts).enumerate() {
                let name = format!("单位{number}-{place}");
                let open = log::unit::Open {
                    name: name.clone(),
                    r#type: "government".to_owned(),
                };
                changes.push(new(
                    unit,
                    OFFICE,
                    Body::Unit(log::Unit { open: Some(open) }),
                ));
                let open = account::Open {
                    name,
                    side: "external".to_owned(),
                    ..account::Open::default()
                };
                let body = Body::Account(log::Account { open: Some(open) });
                changes.push(new(account, code, body));
            }
            let seat = |holder: &Id| log::village_team::Seat {
                role: "sponsor".to_owned(),
                holder: holder.clone(),
                from: 20_160_101,
                until: 0,
            };
            let open = log::village_team::Open {
                seats: units.iter().map(seat).collect(),
                from: 20_160_101,
                ..log::village_team::Open::default()
            };
            let team = log::VillageTeam { open: Some(open) };
            changes.push(create(code, Body::VillageTeam(team)));
            givers.push(accounts);
        }
        county.office.apply(request(), changes).unwrap();
        county
            .node
            .put_in_force(&built::policy("village-fund"), None, "2016-01-01");
        Self {
            county,
            codes,
            givers,
        }
    }

    /// Asks what is due, and says for how many villages all has come.
    #[track_caller]
    fn evaluate(&self) -> (Value, BTreeMap<Id, Decided>) {
        let evaluated = self.county.node.evaluate("village-fund", Some(ON));
        assert_eq!(evaluated["decisions"], 14, "{evaluated}");
        let decided = self.county.decisions("village-fund");
        let due = decided.values().map(|decided| decided.1.amount.unwrap());
        assert_eq!(due.sum::<i64>(), 14 * 40 * WAN);
        (evaluated["granted"].clone(), decided)
    }

    #[track_caller]
    fn of_first(&self) -> Decided {
        let id = self.county.office.list(Kind::Area, &self.codes[0]).unwrap();
        let (_, mut decided) = self.evaluate();
        decided.remove(&id[0].id).unwrap()
    }
}

/// S4.3: each unit raises 5万, the county adds 5万 of the industry fund to the 20万 of the village works fund: 40万 for
/// each of 14 villages, and who is behind is named.
#[test]
fn s4_3_what_is_due_to_a_village_is_known_and_who_is_behind_with_it() {
    let villages = Villages::new();
    let (county, village) = (&villages.county, &villages.codes[0][..]);
    let (granted, _) = villages.evaluate();
    assert_eq!(granted, 0);
    let nothing = villages.of_first();
    assert_eq!(
        codes(&nothing),
        [
            "due",
            "unit-behind",
            "unit-behind",
            "unit-behind",
            "county-behind",
            "works-behind"
        ]
    );
    assert_eq!(
        arguments(&nothing, "due"),
        [
            "400000.00",
            "150000.00",
            "50000.00",
            "50000.00",
            "200000.00"
        ]
    );

    let industry = county.fund(OFFICE, "industry-fund", "industry");
    let treasury = county.outside(OFFICE, "县财政局");
    let collective = county.outside(village, "村集体");
    let stranger = county.outside(village, "已撤换的单位");
    let of_units = county.fund(village, "sponsoring-unit", "village-fund");
    let of_industry = county.fund(village, "industry-fund", "village-fund");
    let works = county.fund(village, "village-works", "village-fund");
    let [first, second, third] = &villages.givers[0];
    let moved = |area: &str, open: transfer::Open| county.move_money(area, open).unwrap();
    let open = between(&treasury, &industry, 70 * WAN, "in", "industry-fund");
    moved(OFFICE, open);
    let raised = [(first, 5), (second, 6), (third, 3), (&stranger, 1)];
    for (giver, wan) in raised {
        let open = between(giver, &of_units, wan * WAN, "in", "sponsoring-unit");
        moved(village, open);
    }
    let open = between(
        &industry,
        &of_industry,
        5 * WAN,
        "internal",
        "industry-fund",
    );
    moved(OFFICE, open);
    let open = between(&collective, &works, 20 * WAN, "in", "village-works");
    moved(village, open);
    // What is only proposed has not come, and neither has what comes in another year.
    let rest = between(third, &of_units, 2 * WAN, "in", "sponsoring-unit");
    let proposed = county.propose(village, rest.clone()).unwrap();
    let later = transfer::Open {
        on: 20_170_301,
        ..rest.clone()
    };
    moved(village, later);

    let behind = villages.of_first();
    assert_eq!(codes(&behind), ["due", "unit-behind", "from-no-sponsor"]);
    assert_eq!(
        arguments(&behind, "unit-behind"),
        ["单位0-2", "30000.00", "50000.00", "20000.00"]
    );
    assert_eq!(arguments(&behind, "from-no-sponsor"), ["10000.00"]);

    county.post(&proposed).unwrap();
    let (granted, _) = villages.evaluate();
    assert_eq!(granted, 1);
    let complete = villages.of_first();
    assert_eq!(complete.1.category, "complete-fund");
    assert_eq!(complete.1.amount, Some(40 * WAN));

    // What is taken back has not been raised.
    moved(village, undoing(&proposed, &rest));
    assert_eq!(
        arguments(&villages.of_first(), "unit-behind"),
        ["单位0-2", "30000.00", "50000.00", "20000.00"]
    );
    county.replays();
}
