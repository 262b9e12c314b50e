//! What came into the funds of a village, and what batches give a household.

use std::collections::BTreeMap;

use lika_core::record::{
    Account, Approval, Direction, Fund, HouseholdPayment, PaymentBatch, PaymentResult,
    PaymentReturn, Side, Transfer, Unit,
};

use super::{
    super::{Row, money},
    *,
};

const COUNTY: &str = "360323";
const VILLAGE: &str = "360323101201";

fn id(number: u8) -> RecordId {
    RecordId([number; 16])
}

fn account(records: &mut Records, number: u8, area: &str, name: &str, channel: Option<&str>) {
    let fund = |channel| Fund {
        channel: code(channel),
        purpose: code("village-fund"),
        year: None,
        barred_from_living_expenses: false,
    };
    let body = Account {
        name: Label::parse(name).unwrap(),
        side: channel.map_or(Side::External, |channel| Side::Internal(fund(channel))),
    };
    let found = Found {
        id: id(number),
        area: AreaCode::parse(area).unwrap(),
        body,
    };
    records.accounts.insert(found.id, found);
}

fn approvals() -> Vec<Approval> {
    let approval = |number| Approval {
        officer: id(number),
        cadre: None,
    };
    vec![approval(1), approval(2)]
}

fn transfer(from: u8, to: u8, amount: i64) -> Transfer {
    Transfer {
        from: id(from),
        to: id(to),
        amount: Fen(amount),
        on: day(),
        direction: Direction::In,
        channel: code("sponsoring-unit"),
        evidence: None,
        reverses: None,
        settles: None,
        approvals: approvals(),
    }
}

/// Two funds of a village, one of the county, and a unit that gives from the account of its name.
fn ledger() -> Records {
    let mut records = Records::default();
    account(&mut records, 10, VILLAGE, "帮扶", Some("sponsoring-unit"));
    account(&mut records, 11, VILLAGE, "帮扶二", Some("sponsoring-unit"));
    account(&mut records, 12, COUNTY, "县", Some("sponsoring-unit"));
    account(&mut records, 20, VILLAGE, "县农业局", None);
    account(&mut records, 21, VILLAGE, "别的单位", None);
    let unit = Unit {
        name: Label::parse("县农业局").unwrap(),
        unit_type: code("government"),
    };
    records.units.push(Found {
        id: id(30),
        area: AreaCode::parse(COUNTY).unwrap(),
        body: unit,
    });
    records
}

fn came_in(records: &Records) -> Vec<Fact> {
    let village = AreaCode::parse(VILLAGE).unwrap();
    let rows = money::funds(records, village, 0);
    let of = |row: Row| {
        let mut facts = row.facts.into_iter();
        facts.find(|(key, _)| *key == "fund.came-in").unwrap().1
    };
    rows.into_iter().map(of).collect()
}

#[test]
fn what_a_village_gets_counts_once_and_what_it_moves_itself_does_not() {
    let mut records = ledger();
    let moved = [
        transfer(20, 10, 500),
        transfer(21, 10, 70),
        // From the county's fund, then between the village's own.
        transfer(12, 11, 9),
        transfer(10, 11, 100),
        Transfer {
            reverses: Some(id(99)),
            ..transfer(10, 20, 200)
        },
        Transfer {
            on: day().plus_days(1).unwrap(),
            ..transfer(20, 10, 1_000)
        },
        Transfer {
            approvals: approvals().split_off(1),
            ..transfer(20, 10, 1_000)
        },
    ];
    for transfer in moved {
        records.add_transfer(transfer, day());
    }
    assert_eq!(came_in(&records), [Fact::Fen(370), Fact::Fen(9)]);
    let village = AreaCode::parse(VILLAGE).unwrap();
    assert_eq!(
        money::sponsor(&records, &id(30), village),
        (Fact::Text("县农业局".to_owned()), Fact::Fen(300))
    );
    assert_eq!(
        money::sponsor(&records, &id(31), village),
        (Fact::Unknown, Fact::Unknown)
    );
}

#[test]
fn a_household_was_given_what_batches_of_the_year_name_unless_the_bank_could_not_pay() {
    let mut records = ledger();
    let payment = |household, amount| HouseholdPayment {
        household: id(household),
        payee: id(3),
        amount: Fen(amount),
        follows: None,
        reissues: None,
    };
    let batch = PaymentBatch {
        from: id(12),
        transit: id(13),
        used_for: code("industry"),
        // A later day of the year counts too, lest it be paid twice.
        on: day().plus_days(30).unwrap(),
        payments: vec![payment(1, 1_000), payment(2, 1_000)],
        approvals: Vec::new(),
        sent: None,
    };
    let result = |household, fault: Option<&str>| PaymentResult {
        household: id(household),
        amount: Fen(1_000),
        fault: fault.map(code),
    };
    let returned = PaymentReturn {
        batch: id(40),
        from: id(12),
        transit: id(13),
        payees: id(21),
        channel: code("sponsoring-unit"),
        used_for: code("industry"),
        on: day(),
        results: vec![result(1, None), result(2, Some("other-name"))],
    };
    let earlier = PaymentBatch {
        on: day().plus_months(-12).unwrap(),
        ..batch.clone()
    };
    let closed = PaymentBatch {
        from: id(50),
        ..batch.clone()
    };
    // What makes a payment of last year good belongs to that year.
    let mut made_good = batch.clone();
    made_good.payments.truncate(1);
    made_good.payments[0].reissues = Some(id(41));
    let batches = [(40, batch), (41, earlier), (42, closed), (43, made_good)];
    let batches = batches.map(|(number, batch)| (id(number), batch));
    let returns = BTreeMap::from([(id(40), returned)]);
    records.add_batches(&batches.into(), &returns, day());
    let told = |household| {
        let rows = money::payments(&records, &id(household), 0).into_iter();
        let told = rows.map(|row| (row.record, row.facts[2].1.clone()));
        told.collect::<Vec<_>>()
    };
    let channel = Fact::code("sponsoring-unit");
    assert_eq!(told(1), [(id(40), channel), (id(42), Fact::Unknown)]);
    assert_eq!(told(2), [(id(42), Fact::Unknown)]);
}
