//! A comparing node, and what counties may try at it.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use lika_core::{
    record::{Handle, OwnershipSide as Side},
    value::{AreaCode, Date, NodeId, RecordId},
};

use super::{handle, node};
use crate::{
    clock::Scenario,
    duplicates::{
        Comparing, MOST_CHANGES, Refusal,
        alerts::Alert,
        comparing::{Known, Submission},
        statement::Statement,
        table::Difference,
        token::{PublicKey, SecretKey, Token},
    },
    evidence::SigningKey,
};

#[derive(Clone, Default)]
struct Heard {
    keys: Arc<BTreeMap<NodeId, [u8; 32]>>,
    found: Arc<Mutex<Vec<RecordId>>>,
    settled: Arc<Mutex<Vec<RecordId>>>,
}

impl Known for Heard {
    fn signing_key(&self, node: &NodeId) -> Option<[u8; 32]> {
        self.keys.get(node).copied()
    }

    fn found(&self, alerts: &[Alert]) {
        self.found
            .lock()
            .unwrap()
            .extend(alerts.iter().map(|alert| alert.id));
    }

    fn settled(&self, alert: &Alert) {
        self.settled.lock().unwrap().push(alert.id);
    }
}

struct Province {
    temp: tempfile::TempDir,
    keys: BTreeMap<u8, SigningKey>,
    heard: Heard,
    key: PublicKey,
    comparing: Comparing,
}

fn area(number: u8) -> AreaCode {
    AreaCode::parse(&format!("36032{number}")).unwrap()
}

fn token(number: u8) -> Token {
    Token([number; 32])
}

fn difference(number: u64, add: &[(u8, u8)], remove: &[(u8, u8)]) -> Difference {
    let all = |of: &[(u8, u8)]| {
        let of = of.iter();
        of.map(|(it, own)| (token(*it), handle(*own))).collect()
    };
    Difference {
        number,
        add: all(add),
        remove: all(remove),
        complete: true,
    }
}

impl Province {
    fn new() -> Self {
        let temp = tempfile::tempdir().unwrap();
        let keys = (1..4).map(|number| {
            let file = temp.path().join(format!("{number}.key"));
            (number, SigningKey::create(&file, node(number)).unwrap())
        });
        let keys: BTreeMap<u8, SigningKey> = keys.collect();
        let public = keys.iter().map(|(it, key)| (node(*it), key.public().bytes));
        let heard = Heard {
            keys: Arc::new(public.collect()),
            ..Heard::default()
        };
        let comparing = Self::open(&temp, &heard);
        Self {
            temp,
            keys,
            heard,
            key: SecretKey::generate().unwrap().public(),
            comparing,
        }
    }

    fn open(temp: &tempfile::TempDir, heard: &Heard) -> Comparing {
        let clock = Arc::new(Scenario::on(Date::new(2026, 11, 24).unwrap()));
        Comparing::open(temp.path(), clock, Box::new(heard.clone())).unwrap()
    }

    fn reopen(&mut self) {
        self.comparing = Self::open(&self.temp, &self.heard);
    }

    fn submit_as(&self, of: u8, version: u32, difference: Difference) -> Result<u64, Refusal> {
        let submission = Submission {
            version,
            key: self.key,
            restart: difference.number == 1,
            difference,
        };
        self.comparing.submit((node(of), area(of)), &submission)
    }

    fn submit(&self, of: u8, add: &[(u8, u8)]) {
        self.submit_as(of, 1, difference(1, add, &[])).unwrap();
    }

    fn alerts_of(&self, of: u8) -> Vec<Alert> {
        self.comparing.concerning(&node(of)).alerts
    }

    fn say(&self, of: u8, alert: &Alert, keeps: u8) -> Result<Alert, Refusal> {
        let statement = alert.statement(node(keeps)).unwrap();
        let signed = statement.sign(&self.keys[&of]);
        self.comparing
            .agree(node(of), &alert.id, node(keeps), signed.signature)
    }
}

fn code<T: std::fmt::Debug>(answer: Result<T, Refusal>) -> &'static str {
    answer.unwrap_err().code()
}

#[test]
fn equal_tokens_of_two_counties_are_one_alert_to_both_and_to_nobody_else() {
    let mut province = Province::new();
    province.submit(1, &[(10, 1), (11, 2)]);
    province.submit(2, &[(11, 3), (12, 4)]);
    province.submit(3, &[(13, 5)]);
    for _ in 0..2 {
        let [alert] = &province.alerts_of(1)[..] else {
            panic!()
        };
        let side = |of, handle: Handle| Side {
            node: node(of),
            handle,
        };
        assert_eq!(alert.sides, [side(1, handle(2)), side(2, handle(3))]);
        assert_eq!(province.alerts_of(2), std::slice::from_ref(alert));
        assert!(province.alerts_of(3).is_empty());
        // A third county has the same person: an alert with each.
        province.reopen();
    }
    province.submit(3, &[(11, 6)]);
    assert_eq!(province.alerts_of(3).len(), 2);
    assert_eq!(province.heard.found.lock().unwrap().len(), 3);
}

#[test]
fn a_member_that_goes_takes_the_alert_along_and_brings_it_again() {
    let mut province = Province::new();
    province.submit(1, &[(10, 1)]);
    province.submit(2, &[(10, 2)]);
    let lapsed = |province: &Province| province.alerts_of(1)[0].lapsed;
    assert!(!lapsed(&province));
    province
        .submit_as(1, 1, difference(2, &[], &[(10, 1)]))
        .unwrap();
    assert!(lapsed(&province));
    let refused = province.say(2, &province.alerts_of(2)[0], 2);
    assert_eq!(code(refused), "duplicate-lapsed");
    province
        .submit_as(1, 1, difference(3, &[(10, 1)], &[]))
        .unwrap();
    assert!(!lapsed(&province));
    province.reopen();
    // All of it submitted again is no news.
    province.submit(1, &[(10, 1)]);
    assert!(!lapsed(&province));
    assert_eq!(province.alerts_of(1).len(), 1);
    assert_eq!(province.heard.found.lock().unwrap().len(), 1);
}

#[test]
fn what_was_lost_or_comes_twice_is_refused_and_changes_nothing() {
    let mut province = Province::new();
    province.submit(1, &[(10, 1), (11, 2)]);
    let second = || difference(2, &[(12, 3)], &[(11, 2)]);
    assert_eq!(province.submit_as(1, 1, second()).unwrap(), 2);
    for number in [0, 2, 4, u64::MAX] {
        let again = Difference { number, ..second() };
        assert_eq!(
            code(province.submit_as(1, 1, again)),
            "submission-out-of-order"
        );
    }
    // Another county's handle, another county's token, twice the same, what is there already.
    province.submit(2, &[(20, 9)]);
    let rows: [Difference; 5] = [
        difference(3, &[], &[(20, 9)]),
        difference(3, &[], &[(12, 9)]),
        difference(3, &[(13, 4), (13, 4)], &[]),
        difference(3, &[(10, 1)], &[]),
        difference(3, &[(13, 4)], &[(13, 4)]),
    ];
    for (place, row) in rows.into_iter().enumerate() {
        assert_eq!(
            code(province.submit_as(1, 1, row)),
            "submission-differs",
            "row {place}"
        );
    }
    province.reopen();
    let submitted = province.comparing.concerning(&node(1)).submitted;
    assert_eq!((submitted[0].number, submitted[0].tokens), (2, 2));
    assert_eq!(
        province.comparing.concerning(&node(2)).submitted[0].tokens,
        1
    );
}

#[test]
fn a_submission_has_its_bounds() {
    let province = Province::new();
    let add = (0..=MOST_CHANGES).map(|number| {
        let mut token = Token([0; 32]);
        token.0[..8].copy_from_slice(&number.to_be_bytes());
        (token, handle(1))
    });
    let many = Difference {
        number: 1,
        add: add.collect(),
        ..Difference::default()
    };
    assert_eq!(code(province.submit_as(1, 1, many)), "batch-size");
}

#[test]
fn everybody_moves_before_the_old_version_is_nobodys() {
    let province = Province::new();
    province.submit(1, &[(10, 1)]);
    province.submit(2, &[(20, 2)]);
    let oldest = || province.comparing.concerning(&node(1)).oldest_version;
    assert_eq!(oldest(), 1);
    province
        .submit_as(1, 2, difference(1, &[(30, 1)], &[]))
        .unwrap();
    assert_eq!(oldest(), 1);
    let half = Difference {
        complete: false,
        ..difference(1, &[(30, 2)], &[])
    };
    province.submit_as(2, 2, half).unwrap();
    assert_eq!(oldest(), 1);
    // Under the new version they meet before they are through.
    assert_eq!(province.alerts_of(1).len(), 1);
    province
        .submit_as(2, 2, difference(2, &[(31, 3)], &[]))
        .unwrap();
    assert_eq!(oldest(), 2);
    let nothing = Difference {
        number: 1,
        ..Difference::default()
    };
    assert_eq!(province.submit_as(1, 1, nothing).unwrap(), 0);
    let versions = province.comparing.concerning(&node(1)).submitted;
    assert_eq!(
        versions.iter().map(|it| it.version).collect::<Vec<_>>(),
        [2]
    );
    assert!(!province.alerts_of(1)[0].lapsed);
}

#[test]
fn both_sign_the_same_and_then_it_is_settled() {
    let mut province = Province::new();
    province.submit(1, &[(10, 1)]);
    province.submit(2, &[(10, 2)]);
    let alert = province.alerts_of(1)[0].clone();
    assert_eq!(province.say(1, &alert, 1).unwrap().settled(), None);
    // They do not agree, so either may think again.
    assert_eq!(province.say(2, &alert, 2).unwrap().settled(), None);
    province.reopen();
    let settled = province.say(2, &alert, 1).unwrap().settled().unwrap();
    assert_eq!(settled.keeps, alert.sides[0]);
    assert_eq!(*province.heard.settled.lock().unwrap(), [alert.id]);
    // The same word again is the same answer, another one comes too late.
    assert!(province.say(2, &alert, 1).unwrap().settled().is_some());
    assert_eq!(code(province.say(2, &alert, 2)), "ownership-settled");
}

#[test]
fn nobody_speaks_for_somebody_else() {
    let province = Province::new();
    province.submit(1, &[(10, 1)]);
    province.submit(2, &[(10, 2)]);
    let alert = province.alerts_of(1)[0].clone();
    let statement = alert.statement(node(1)).unwrap();
    let of = |key: u8, statement: Statement| statement.sign(&province.keys[&key]).signature;
    let agree = |from, id, keeps, signature| province.comparing.agree(from, &id, keeps, signature);
    let own = of(1, statement);
    let other = alert.statement(node(2)).unwrap();
    let elsewhere = Statement {
        alert: RecordId([9; 16]),
        ..statement
    };
    let rows = [
        // Whoever is not one of the two is not told that there is such an alert.
        (
            agree(node(3), alert.id, node(1), of(3, statement)),
            "no-such-duplicate",
        ),
        (
            agree(node(1), RecordId([9; 16]), node(1), own),
            "no-such-duplicate",
        ),
        (agree(node(1), alert.id, node(3), own), "malformed-request"),
        (
            agree(node(2), alert.id, node(1), own),
            "statement-not-signed",
        ),
        (
            agree(node(1), alert.id, node(2), own),
            "statement-not-signed",
        ),
        (
            agree(node(1), alert.id, node(1), of(1, other)),
            "statement-not-signed",
        ),
        (
            agree(node(1), alert.id, node(1), of(1, elsewhere)),
            "statement-not-signed",
        ),
        (
            agree(node(1), alert.id, node(1), [0; 64]),
            "statement-not-signed",
        ),
    ];
    for (place, (answer, expected)) in rows.into_iter().enumerate() {
        assert_eq!(code(answer), expected, "row {place}");
    }
    assert!(province.alerts_of(1)[0].said.is_empty());
    let stranger = Heard::default();
    let comparing = Province::open(&province.temp, &stranger);
    let refused = comparing.agree(node(1), &alert.id, node(1), own);
    assert_eq!(code(refused), "signing-key-unknown");
}

#[test]
fn a_damaged_table_is_moved_aside_and_filled_again() {
    let mut province = Province::new();
    province.submit(1, &[(10, 1)]);
    let file = province.temp.path().join("duplicates/table/changes-0");
    let mut bytes = std::fs::read(&file).unwrap();
    bytes[30] ^= 1;
    std::fs::write(&file, bytes).unwrap();
    province.reopen();
    let names = std::fs::read_dir(province.temp.path().join("duplicates")).unwrap();
    let aside = |name: &str| name.starts_with("damaged-");
    assert!(
        names
            .flatten()
            .any(|it| aside(it.file_name().to_str().unwrap()))
    );
    let next = difference(2, &[(11, 2)], &[]);
    assert_eq!(
        code(province.submit_as(1, 1, next)),
        "submission-out-of-order"
    );
    province.submit(1, &[(10, 1), (11, 2)]);
    province.submit(2, &[(10, 3)]);
    assert_eq!(province.alerts_of(1).len(), 1);
}
