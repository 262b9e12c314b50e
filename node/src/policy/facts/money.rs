//! Money as facts: what came into the funds of a village (S4.3), and what batches give a household (S4.5).

use lika_core::{
    record::{Account, Fund, Transfer},
    value::{AreaCode, RecordId},
};

use super::{
    Fact, Row,
    records::{Found, Payment, Records},
};

/// The rows of the funds that are kept in a village.
pub(super) fn funds(records: &Records, village: AreaCode, row: u32) -> Vec<Row> {
    let kept = records.accounts.values().filter_map(|account| {
        let fund = account.body.fund()?;
        (account.area == village).then_some((account, fund))
    });
    let of = |(account, fund): (&Found<Account>, &Fund)| {
        let is_from_elsewhere = |from: &RecordId| !is_kept_in(records, from, village);
        Row {
            record: account.id,
            parent: Some(row),
            facts: vec![
                ("fund.channel", Fact::code(fund.channel.as_str())),
                ("fund.purpose", Fact::code(fund.purpose.as_str())),
                (
                    "fund.came-in",
                    Fact::Fen(income(records, &account.id, is_from_elsewhere)),
                ),
            ],
        }
    };
    kept.map(of).collect()
}

/// What a sponsoring unit is called, and what it has raised for a village.
///
/// An account says by its name whose it is: a unit gives from the account that bears its own.
pub(super) fn sponsor(records: &Records, unit: &RecordId, village: AreaCode) -> (Fact, Fact) {
    let Some(unit) = records.units.iter().find(|known| known.id == *unit) else {
        return (Fact::Unknown, Fact::Unknown);
    };
    let is_its_own = |from: &RecordId| {
        let account = records.accounts.get(from);
        account.is_some_and(|account| {
            account.body.fund().is_none() && account.body.name == unit.body.name
        })
    };
    let funds = records.accounts.values().filter(|account| {
        let fund = account.body.fund();
        let is_for_units = fund.is_some_and(|fund| {
            fund.channel.as_str() == "sponsoring-unit" && fund.purpose.as_str() == "village-fund"
        });
        account.area == village && is_for_units
    });
    let raised = funds.map(|fund| income(records, &fund.id, is_its_own));
    let raised = raised.fold(0, i64::saturating_add);
    (Fact::Text(unit.body.name.to_string()), Fact::Fen(raised))
}

/// The rows of what batches give a household.
pub(super) fn payments(records: &Records, household: &RecordId, row: u32) -> Vec<Row> {
    let payments = records.payments.get(household).into_iter().flatten();
    let of = |payment: &Payment| {
        let fund = records.accounts.get(&payment.fund);
        let fund = fund.and_then(|account| account.body.fund());
        let code = |code: Option<&str>| code.map_or(Fact::Unknown, Fact::code);
        Row {
            record: payment.batch,
            parent: Some(row),
            facts: vec![
                ("payment.amount", Fact::Fen(payment.amount.get())),
                ("payment.on", Fact::date(payment.on)),
                (
                    "payment.channel",
                    code(fund.map(|fund| fund.channel.as_str())),
                ),
                (
                    "payment.purpose",
                    code(fund.map(|fund| fund.purpose.as_str())),
                ),
                ("payment.decided", Fact::Flag(payment.is_decided)),
            ],
        }
    };
    payments.map(of).collect()
}

/// What came into an account from those that count, less what was reversed; in fen.
fn income(records: &Records, account: &RecordId, counts: impl Fn(&RecordId) -> bool) -> i64 {
    let moved = |transfer: &Transfer| {
        // A reversal goes the other way.
        let (from, to, sign) = match transfer.reverses {
            None => (&transfer.from, &transfer.to, 1),
            Some(_) => (&transfer.to, &transfer.from, -1),
        };
        (to == account && counts(from)).then_some(sign * transfer.amount.get())
    };
    let moved = records.transfers.iter().filter_map(moved);
    moved.fold(0, i64::saturating_add)
}

fn is_kept_in(records: &Records, account: &RecordId, area: AreaCode) -> bool {
    let account = records.accounts.get(account);
    account.is_some_and(|account| account.area == area && account.body.fund().is_some())
}
