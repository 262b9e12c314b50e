//! What must hold of money: of accounts, of what moves between them, of what they owe and of what was planned.

use super::{
    Circumstances, Kind, Result, approval, has_come, loan, malformed, payment, reads, same_id,
};
use crate::{
    command::{ChangeError, Outline, Refusal, Registry},
    record::{
        Account, Body, BookClosing, Budget, Commitment, Direction, Fault, Fund, Index, Key,
        Problem, Record, Transfer,
    },
    value::{ActorId, AreaCode, Fen, RecordId, Year},
};

/// Of code list fund-purpose: what banks have to pay out.
const IN_TRANSIT: &str = "in-transit";

type Found<R, T> = std::result::Result<T, ChangeError<<R as Registry>::Error>>;

/// Holds a record of the ledger against the others; of any other kind, asks nothing.
pub(super) fn check<R: Registry>(
    registry: &R,
    before: Option<&Record>,
    after: &Record,
    actor: ActorId,
    circumstances: &Circumstances,
) -> Result<R> {
    match &after.body {
        Body::Account(account) => check_account(registry, before, after, account),
        Body::Transfer(transfer) => {
            check_transfer(registry, before, after, transfer, actor, circumstances)
        }
        Body::BookClosing(closing) => Ok(check_closing(before, after, closing, circumstances)?),
        Body::Commitment(commitment) => {
            check_commitment(registry, before, after, commitment, circumstances)
        }
        Body::Budget(budget) => check_budget(registry, after, budget),
        Body::PaymentBatch(batch) => {
            payment::check_batch(registry, before, after, batch, actor, circumstances)
        }
        Body::PaymentReturn(returned) => {
            payment::check_return(registry, before, after, returned, circumstances)
        }
        _ => Ok(()),
    }
}

/// What an account is, once written down, stays; it is closed when nothing is on it.
fn check_account<R: Registry>(
    registry: &R,
    before: Option<&Record>,
    after: &Record,
    account: &Account,
) -> Result<R> {
    if let Some(Body::Account(known)) = before.map(|record| &record.body)
        && known.side != account.side
    {
        let problem =
            "stays what it was, with channel, purpose, year and bar; open another account";
        return Err(malformed("side", problem).into());
    }
    if !after.closed {
        return Ok(());
    }
    payment::none_under_way(registry, &after.id)?;
    match balance(registry, &after.id)? {
        Fen::ZERO => Ok(()),
        balance => Err(Refusal::AccountNotEmpty {
            account: after.id,
            balance,
        }
        .into()),
    }
}

/// What must hold when a transfer is proposed must hold again when it posts: much may have happened in between.
fn check_transfer<R: Registry>(
    registry: &R,
    before: Option<&Record>,
    after: &Record,
    transfer: &Transfer,
    actor: ActorId,
    circumstances: &Circumstances,
) -> Result<R> {
    if let Some(Body::Transfer(known)) = before.map(|record| &record.body) {
        if known.is_posted() {
            return Err(Refusal::Posted(after.id).into());
        }
        if let Some(field) = known.altered(transfer) {
            let problem = "stays what was proposed; withdraw it and propose another transfer";
            return Err(malformed(field, problem).into());
        }
        if after.closed && known.approvals != transfer.approvals {
            let problem = "are not given to what is withdrawn";
            return Err(malformed("approvals", problem).into());
        }
        approval::check(registry, &known.approvals, &transfer.approvals, actor)?;
    } else {
        approval::none_yet(&transfer.approvals)?;
    }
    if after.closed {
        return Ok(());
    }
    has_come("on", transfer.on, circumstances)?;
    let sides = Sides::of(registry, transfer)?;
    sides.check_area(after)?;
    for account in [&sides.from, &sides.to] {
        books_are_open(registry, &account.area, transfer.year())?;
    }
    match &transfer.reverses {
        Some(original) => check_reversal(registry, after, transfer, original)?,
        None => {
            sides.check_kept(transfer)?;
            check_settled(registry, transfer)?;
        }
    }
    if transfer.is_posted() {
        check_balances(registry, &sides, transfer)?;
    }
    Ok(())
}

/// The books of a year are closed once, when it is over, and never opened again.
fn check_closing(
    before: Option<&Record>,
    after: &Record,
    closing: &BookClosing,
    circumstances: &Circumstances,
) -> std::result::Result<(), Refusal> {
    let (area, year) = (after.area, closing.year);
    same_id(after, BookClosing::id_for(&area, year))?;
    if before.is_some() {
        return Err(Refusal::YearClosed { area, year });
    }
    if year >= circumstances.today.year() {
        return Err(Refusal::YearNotOver(year));
    }
    Ok(())
}

/// Nobody is promised what others have been promised, or what is not there.
fn check_commitment<R: Registry>(
    registry: &R,
    before: Option<&Record>,
    after: &Record,
    commitment: &Commitment,
    circumstances: &Circumstances,
) -> Result<R> {
    if let Some(Body::Commitment(known)) = before.map(|record| &record.body) {
        return match known.altered(commitment) {
            Some(field) => {
                let problem = "stays what it was; close this commitment and make another";
                Err(malformed(field, problem).into())
            }
            None => Ok(()),
        };
    }
    has_come("on", commitment.on, circumstances)?;
    let account = Held::read(registry, "account", &commitment.account)?;
    account.stands_in(after)?;
    if account.fund.is_none() {
        let problem = "is not kept here: it owes nothing that could be set aside";
        return Err(malformed("account", problem).into());
    }
    let balance = balance(registry, &account.id)?;
    let committed = committed(registry, &account.id)?;
    covers(&account.id, balance, committed, commitment.amount, balance)
}

/// A plan is one for its area, year, channel and purpose, and stays as it is once the books are closed.
fn check_budget<R: Registry>(registry: &R, after: &Record, budget: &Budget) -> Result<R> {
    same_id(after, budget.id_for(&after.area))?;
    books_are_open(registry, &after.area, budget.year)
}

/// An account as a transfer meets it.
pub(super) struct Held {
    pub(super) id: RecordId,
    pub(super) area: AreaCode,
    /// None where it is external.
    pub(super) fund: Option<Fund>,
}

impl Held {
    pub(super) fn read<R: Registry>(
        registry: &R,
        field: &'static str,
        id: &RecordId,
    ) -> Found<R, Self> {
        let record = reads(registry, field, Kind::Account, id)?;
        let fund = match &record.body {
            Body::Account(account) => account.fund().cloned(),
            _ => None,
        };
        Ok(Self {
            id: record.id,
            area: record.area,
            fund,
        })
    }

    /// Whether a bank has its money and nobody has got it yet.
    pub(super) fn is_in_transit(&self) -> bool {
        let fund = self.fund.as_ref();
        fund.is_some_and(|fund| fund.purpose.as_str() == IN_TRANSIT)
    }

    /// Rights are given by area: whoever writes of an account's money may do so where the account is.
    pub(super) fn stands_in(&self, after: &Record) -> std::result::Result<(), Refusal> {
        if self.area == after.area {
            return Ok(());
        }
        Err(Refusal::OtherArea {
            current: self.area,
            wanted: after.area,
        })
    }
}

/// Both accounts of a transfer.
struct Sides {
    from: Held,
    to: Held,
}

impl Sides {
    fn of<R: Registry>(registry: &R, transfer: &Transfer) -> Found<R, Self> {
        Ok(Self {
            from: Held::read(registry, "from", &transfer.from)?,
            to: Held::read(registry, "to", &transfer.to)?,
        })
    }

    /// It stands where the fund is that gives the money, or else where the one is that gets it.
    fn check_area(&self, after: &Record) -> std::result::Result<(), Refusal> {
        match self.from.fund {
            Some(_) => self.from.stands_in(after),
            None => self.to.stands_in(after),
        }
    }

    /// Direction, channel and bar, which follow from what the accounts are.
    fn check_kept(&self, transfer: &Transfer) -> std::result::Result<(), Refusal> {
        let direction = match (&self.from.fund, &self.to.fund) {
            (None, None) => {
                let problem = "is external as the other one; one of the two is kept here";
                return Err(malformed("to", problem));
            }
            (None, Some(_)) => "in",
            (Some(_), None) => "out",
            (Some(_), Some(_)) => "internal",
        };
        if transfer.direction.code() != direction {
            let problem = format!("is {direction} between these accounts");
            return Err(malformed("direction", &problem));
        }
        for account in [&self.from, &self.to] {
            if account.is_in_transit() {
                return Err(Refusal::InTransit(account.id));
            }
            if let Some(fund) = &account.fund
                && fund.channel != transfer.channel
            {
                return Err(Refusal::OtherChannel {
                    account: account.id,
                    channel: fund.channel.clone(),
                });
            }
        }
        self.check_bar(transfer)
    }

    /// What is barred stays so in the next account, or the bar would be a detour long.
    fn check_bar(&self, transfer: &Transfer) -> std::result::Result<(), Refusal> {
        let is_barred =
            |held: &Held| matches!(&held.fund, Some(fund) if fund.barred_from_living_expenses);
        if !is_barred(&self.from) {
            return Ok(());
        }
        let is_kept = match &transfer.direction {
            Direction::Out { used_for } => used_for.as_str() != "living-expenses",
            Direction::Internal => is_barred(&self.to),
            Direction::In => true,
        };
        if is_kept {
            return Ok(());
        }
        Err(Refusal::BarredUse {
            account: self.from.id,
        })
    }
}

/// A reversal is its original with the accounts swapped, once, on no earlier day.
fn check_reversal<R: Registry>(
    registry: &R,
    after: &Record,
    transfer: &Transfer,
    original: &RecordId,
) -> Result<R> {
    let record = reads(registry, "reverses", Kind::Transfer, original)?;
    let Body::Transfer(undone) = &record.body else {
        return Ok(());
    };
    if !undone.is_posted() {
        return Err(Refusal::NotPosted(*original).into());
    }
    if undone.reverses.is_some() {
        let problem = "is a reversal itself; propose what it has undone anew";
        return Err(malformed("reverses", problem).into());
    }
    let mirrored = [
        ("from", transfer.from == undone.to),
        ("to", transfer.to == undone.from),
        ("amount", transfer.amount == undone.amount),
        ("channel", transfer.channel == undone.channel),
        ("direction", transfer.direction == undone.direction),
        ("settles", transfer.settles == undone.settles),
        ("on", transfer.on >= undone.on),
    ];
    if let Some((field, _)) = mirrored.into_iter().find(|(_, is_mirrored)| !is_mirrored) {
        let problem = "is not that of the transfer it reverses, mirrored";
        return Err(malformed(field, problem).into());
    }
    loan::check_reversed(registry, original)?;
    let key = Key::record(Index::ReversalsOfTransfer, original);
    let reversals = registry.with_key(&key).map_err(ChangeError::Registry)?;
    match reversals.into_iter().find(|other| *other != after.id) {
        Some(other) => Err(Refusal::AlreadyReversed(other).into()),
        None => Ok(()),
    }
}

/// What is settled is a commitment of the account that pays, and no more than is owed.
fn check_settled<R: Registry>(registry: &R, transfer: &Transfer) -> Result<R> {
    let Some(settles) = &transfer.settles else {
        return Ok(());
    };
    let record = reads(registry, "settles", Kind::Commitment, settles)?;
    let Body::Commitment(commitment) = &record.body else {
        return Ok(());
    };
    if commitment.account != transfer.from {
        let problem = "is not a commitment of the account that the money leaves";
        return Err(malformed("settles", problem).into());
    }
    let outstanding = outstanding(registry, &record.id, commitment)?;
    if transfer.amount > outstanding {
        return Err(Refusal::BeyondCommitment {
            commitment: record.id,
            outstanding,
        }
        .into());
    }
    Ok(())
}

/// What is left is no less than nothing, and than what is owed.
fn check_balances<R: Registry>(registry: &R, sides: &Sides, transfer: &Transfer) -> Result<R> {
    let amount = transfer.amount;
    check_arriving(registry, &transfer.to, amount)?;
    // What a reversal takes back has settled nothing where it leaves.
    let settled = match (&transfer.settles, &transfer.reverses) {
        (Some(_), None) => amount,
        _ => Fen::ZERO,
    };
    check_left(registry, &sides.from, amount, settled)
}

/// An amount that settles nothing leaves an account.
pub(super) fn check_leaving<R: Registry>(registry: &R, from: &Held, amount: Fen) -> Result<R> {
    check_left(registry, from, amount, Fen::ZERO)
}

/// What arrives can be added up.
pub(super) fn check_arriving<R: Registry>(registry: &R, to: &RecordId, amount: Fen) -> Result<R> {
    let there = balance(registry, to)?;
    there.checked_add(amount).map_err(|_| too_large())?;
    Ok(())
}

fn check_left<R: Registry>(registry: &R, from: &Held, amount: Fen, settled: Fen) -> Result<R> {
    let before = balance(registry, &from.id)?;
    let left = before.checked_sub(amount).map_err(|_| too_large())?;
    if from.fund.is_none() {
        return Ok(());
    }
    if left < Fen::ZERO {
        return Err(Refusal::BelowZero {
            account: from.id,
            balance: before,
            amount,
        }
        .into());
    }
    let committed = committed(registry, &from.id)?;
    covers(
        &from.id,
        before,
        committed,
        amount,
        Fen(before.0 + settled.0),
    )
}

fn too_large() -> Refusal {
    Refusal::Invalid(Fault::new("amount", Problem::TooLarge))
}

/// Whether what is there covers what is owed and this amount.
fn covers<E>(
    account: &RecordId,
    balance: Fen,
    committed: Fen,
    amount: Fen,
    within: Fen,
) -> std::result::Result<(), ChangeError<E>> {
    // Too large to add up is too large for any balance.
    if committed.checked_add(amount).is_ok_and(|sum| sum <= within) {
        return Ok(());
    }
    Err(Refusal::OverCommitted {
        account: *account,
        balance,
        committed,
        amount,
    }
    .into())
}

/// What an account owes: its open commitments without what was settled.
fn committed<R: Registry>(registry: &R, account: &RecordId) -> Found<R, Fen> {
    let key = Key::record(Index::CommitmentsOfAccount, account);
    let mut sum = Fen::ZERO;
    for id in registry.with_key(&key).map_err(ChangeError::Registry)? {
        let record = registry.current(&id).map_err(ChangeError::Registry)?;
        if let Some(Body::Commitment(commitment)) = record.map(|record| record.body) {
            let owed = outstanding(registry, &id, &commitment)?;
            sum = Fen(sum.0.saturating_add(owed.0));
        }
    }
    Ok(sum)
}

fn outstanding<R: Registry>(registry: &R, id: &RecordId, commitment: &Commitment) -> Found<R, Fen> {
    let key = Key::record(Index::SettlementsOfCommitment, id);
    let mut settlements = Vec::new();
    for id in registry.with_key(&key).map_err(ChangeError::Registry)? {
        let record = registry.current(&id).map_err(ChangeError::Registry)?;
        if let Some(Body::Transfer(transfer)) = record.map(|record| record.body) {
            settlements.push(transfer);
        }
    }
    Ok(commitment.outstanding(&settlements))
}

fn balance<R: Registry>(registry: &R, account: &RecordId) -> Found<R, Fen> {
    registry.balance(account).map_err(ChangeError::Registry)
}

/// The books of an area are closed with those of any area around it.
pub(super) fn books_are_open<R: Registry>(registry: &R, area: &AreaCode, year: Year) -> Result<R> {
    for around in area.ancestors_inclusive() {
        let closing = BookClosing::id_for(&around, year);
        let closing: Option<Outline> = registry.outline(&closing).map_err(ChangeError::Registry)?;
        if closing.is_some() {
            return Err(Refusal::YearClosed { area: around, year }.into());
        }
    }
    Ok(())
}
