//! `lika payment`: 2,000 yuan to each household (S4.5), through a bank that could not pay one of them.

use std::fs;

use serde_json::Value;

use super::*;

const VILLAGE: &str = "360323101201";

/// A county with 10,000 yuan in a household fund, and two households, one of which has no bank account yet.
struct Paying {
    county: County,
    fund: String,
    transit: String,
    payees: String,
    households: [Id; 2],
}

impl Paying {
    #[track_caller]
    fn new() -> Self {
        let county = County::luxi();
        let opened = |arguments: &[&str]| {
            let arguments = [&["fund", "account"], arguments, &["--area", "360323"]].concat();
            let opened = county
                .node
                .run(&[&arguments[..], &["--json"]].concat(), &[]);
            opened.done().json()["account"].as_str().unwrap().to_owned()
        };
        let internal = |name: &str, purpose: &str| {
            let channel = ["--channel", "industry-fund", "--purpose", purpose];
            opened(&[&[name, "--never-living-expenses"], &channel[..]].concat())
        };
        let (fund, transit) = (
            internal("到户资金", "household-fund"),
            internal("在途", "in-transit"),
        );
        let (giver, payees) = (
            opened(&["县财政局", "--external"]),
            opened(&["贫困户", "--external"]),
        );
        let households = [
            ("0001", "张三", "6222000000000000001"),
            ("0002", "李四", ""),
        ];
        let households = households.map(|(number, name, account)| {
            let changes = household(number, name, account);
            let applied = county.office.apply(request(), changes).unwrap().applied;
            applied[0].id.clone()
        });
        let paying = Self {
            county,
            fund,
            transit,
            payees,
            households,
        };
        let income = ["--from", &giver, "--to", &paying.fund, "--amount", "10,000"];
        let income = paying.done("admin", &[&["fund", "propose"], &income[..]].concat());
        let income = income["transfer"].as_str().unwrap();
        for login in ["admin", "chun"] {
            paying.done(login, &["fund", "approve", income]);
        }
        paying
    }

    fn run(&self, login: &str, arguments: &[&str]) -> lika_tests::Ran {
        let arguments = [arguments, &["--as", login, "--json"]].concat();
        self.county.node.run(&arguments, &[])
    }

    #[track_caller]
    fn done(&self, login: &str, arguments: &[&str]) -> Value {
        self.run(login, arguments).done().json()
    }

    fn propose(&self, whom: &[&str]) -> lika_tests::Ran {
        let accounts = ["--from", &self.fund, "--transit", &self.transit];
        let what_for = ["--for", "industry"];
        let propose = ["payment", "propose"];
        self.run(
            "admin",
            &[&propose, &accounts[..], &what_for, whom].concat(),
        )
    }

    /// Proposes and has both approve; the batch.
    #[track_caller]
    fn posted(&self, whom: &[&str]) -> String {
        let proposed = self.propose(whom).done().json();
        let batch = proposed["batch"].as_str().unwrap().to_owned();
        for login in ["admin", "chun"] {
            self.done(login, &["payment", "approve", &batch]);
        }
        batch
    }

    #[track_caller]
    fn send(&self, batch: &str, name: &str) -> String {
        let out = self.county.node.folder().join(name);
        let out = out.to_str().unwrap();
        self.done("admin", &["payment", "send", batch, "--out", out]);
        fs::read_to_string(out).unwrap()
    }

    fn take_back(&self, batch: &str, answer: &str) -> lika_tests::Ran {
        let file = self.county.node.folder().join("returned.csv");
        fs::write(&file, answer).unwrap();
        let file = file.to_str().unwrap();
        let take_back = [
            "payment",
            "take-back",
            batch,
            file,
            "--payees",
            &self.payees,
        ];
        self.run("admin", &take_back)
    }

    /// What is in the fund, in transit and with households, in yuan.
    #[track_caller]
    fn yuan(&self) -> [i64; 3] {
        [&self.fund, &self.transit, &self.payees].map(|account| {
            let id = uuid::Uuid::parse_str(account).unwrap();
            self.county.balance(id.as_bytes()) / 100
        })
    }

    /// A command is refused under this code, and nothing is written.
    #[track_caller]
    fn refused(&self, code: &str, run: impl FnOnce() -> lika_tests::Ran) {
        let before = self.county.office.status().head;
        run().refused(code);
        assert_eq!(self.county.office.status().head, before, "{code}");
    }

    fn list(&self, rows: &str) -> String {
        let file = self.county.node.folder().join("list.csv");
        fs::write(&file, format!("户编号,金额\n{rows}")).unwrap();
        file.to_str().unwrap().to_owned()
    }
}

fn household(number: &str, name: &str, bank_account: &str) -> Vec<v1::Change> {
    let id = uuid::Uuid::new_v4().as_bytes().to_vec();
    let household = log::Household {
        open: Some(log::household::Open {
            r#type: "development".to_owned(),
            ..log::household::Open::default()
        }),
        identity: Some(identity(number, bank_account)),
        ..log::Household::default()
    };
    let member = log::Member {
        open: Some(log::member::Open {
            household: id.clone(),
            from: 20_140_101,
            relation: "02".to_owned(),
            ..log::member::Open::default()
        }),
        identity: Some(log::member::Identity {
            name: name.to_owned(),
            document: Some(log::Document {
                none_reason: "not-issued".to_owned(),
                ..log::Document::default()
            }),
            ..log::member::Identity::default()
        }),
        ..log::Member::default()
    };
    let mut household = create(VILLAGE, Body::Household(household));
    household.record.as_mut().unwrap().id = id;
    vec![household, create(VILLAGE, Body::Member(member))]
}

fn identity(number: &str, bank_account: &str) -> log::household::Identity {
    log::household::Identity {
        number: number.to_owned(),
        bank_account: bank_account.to_owned(),
        ..log::household::Identity::default()
    }
}

#[test]
fn s4_5_households_are_paid_through_a_bank_and_what_failed_is_paid_again() {
    let paying = Paying::new();
    let list = paying.list("0001,2000\n0002,2000\n");
    let batch = paying.posted(&["--list", &list]);
    assert_eq!(paying.yuan(), [6_000, 4_000, 0]);
    // Whoever has no account cannot be sent to a bank; the card gets it.
    let out = paying.county.node.folder().join("bank.csv");
    let send = ["payment", "send", &batch, "--out", out.to_str().unwrap()];
    paying.refused("no-bank-account", || paying.run("admin", &send));
    assert!(!out.exists(), "an empty file must not go to a bank");
    give_account(&paying, &paying.households[1], "6222000000000000009");
    let sent = paying.send(&batch, "bank.csv");
    assert_eq!(
        sent.trim_start_matches('\u{feff}'),
        "序号,户名,账号,金额,用途\r\n\
         1,张三,6222000000000000001,2000.00,产业发展\r\n\
         2,李四,6222000000000000009,2000.00,产业发展\r\n"
    );
    // The account is corrected meanwhile: what was sent stays what it was.
    give_account(&paying, &paying.households[1], "6222000000000000002");
    assert_eq!(paying.send(&batch, "again.csv"), sent);
    let answer = |second: &str| {
        format!("序号,账号,金额,结果,失败原因\n1,6222000000000000001,2000.00,成功,\n{second}\n")
    };
    let other = answer("2,6222000000000000002,2000.00,成功,");
    paying.refused("bank-answer-unreadable", || {
        paying.take_back(&batch, &other)
    });
    paying.refused("bank-answer-unreadable", || {
        paying.take_back(&batch, &answer(""))
    });
    let failed = answer("2,6222000000000000009,2000.00,失败,户名不符");
    let taken = paying.take_back(&batch, &failed).done().json();
    assert_eq!((&taken["paid"], &taken["failed"]), (&1.into(), &1.into()));
    assert_eq!(paying.yuan(), [8_000, 0, 2_000]);
    paying.refused("already-returned", || paying.take_back(&batch, &failed));
    let shown = paying.done("admin", &["payment", "show", &batch]);
    assert_eq!(shown["returned"]["results"][1]["fault"], "other-name");

    let again = paying.posted(&["--reissue", &batch]);
    paying.refused("already-reissued", || {
        paying.propose(&["--reissue", &batch])
    });
    let sent = paying.send(&again, "reissued.csv");
    assert!(
        sent.contains("1,李四,6222000000000000002,2000.00"),
        "{sent}"
    );
    let paid = "序号,账号,金额,结果\n1,6222000000000000002,2000,成功\n";
    paying.take_back(&again, paid).done();
    assert_eq!(paying.yuan(), [6_000, 0, 4_000]);
    let totals = paying.county.office.totals("360323");
    let total = |dimension: &str| -> i64 {
        let of_years = totals.iter().filter(|(it, _)| it.starts_with(dimension));
        of_years.map(|(_, value)| value).sum()
    };
    assert_eq!(total("fund-use/industry@"), 400_000);
    assert_eq!(total("payments-failed@"), 1);
}

#[test]
fn what_no_bank_may_get_is_refused_with_nothing_written() {
    let paying = Paying::new();
    let unknown = paying.list("0003,2000\n");
    let proposed = paying.propose(&["--list", &unknown]);
    assert!(
        proposed.stderr.contains("no household has the number 0003"),
        "{}",
        proposed.stderr
    );
    let much = paying.list("0001,10000.01\n");
    let proposed = paying.propose(&["--list", &much]).done().json();
    let much = proposed["batch"].as_str().unwrap();
    paying.done("admin", &["payment", "approve", much]);
    let approve = ["payment", "approve", much];
    paying.refused("same-person", || paying.run("admin", &approve));
    paying.refused("below-zero", || paying.run("chun", &approve));
    let out = paying.county.node.folder().join("bank.csv");
    let send = ["payment", "send", much, "--out", out.to_str().unwrap()];
    paying.refused("invalid-field", || paying.run("admin", &send));
    paying.refused("denied", || paying.run("chun", &send));
    let answer = "序号,账号,金额,结果\n1,6222000000000000001,10000.01,成功\n";
    paying.refused("payment-not-sent", || paying.take_back(much, answer));
    paying.done("admin", &["payment", "withdraw", much]);
    paying.refused("record-closed", || paying.run("chun", &approve));
    assert_eq!(paying.yuan(), [10_000, 0, 0]);
}

/// Enters a household's bank account on its card.
#[track_caller]
fn give_account(paying: &Paying, household: &[u8], account: &str) {
    let mut record = paying.county.office.get(household).unwrap();
    let Some(Body::Household(body)) = &mut record.body else {
        panic!("not a household: {record:?}");
    };
    let number = body.identity.as_ref().unwrap().number.clone();
    body.identity = Some(identity(&number, account));
    let change = v1::Change {
        action: Action::Change.into(),
        expected_revision: record.revision,
        record: Some(record),
    };
    paying.county.office.apply(request(), vec![change]).unwrap();
}
