//! What must hold of money that a bank pays out: that it is there, that it is due, and that nobody is paid twice.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    Circumstances, Kind, Result, approval, has_come, malformed,
    money::{self, Held, books_are_open},
    reads, refers, same_id,
};
use crate::{
    command::{ChangeError, Refusal, Registry},
    record::{
        Body, Decision, Entitlement, Fault, Holder, HouseholdPayment, Index, Key, Outcome,
        PaymentBatch, PaymentReturn, Problem, Record, Sent,
    },
    value::{ActorId, Fen, RecordId, Year},
};

type Found<R, T> = std::result::Result<T, ChangeError<<R as Registry>::Error>>;

/// What must hold when a batch is proposed must hold again when it posts; then only its way to the bank is added.
pub(super) fn check_batch<R: Registry>(
    registry: &R,
    before: Option<&Record>,
    after: &Record,
    batch: &PaymentBatch,
    actor: ActorId,
    circumstances: &Circumstances,
) -> Result<R> {
    let known = match before.map(|record| &record.body) {
        Some(Body::PaymentBatch(known)) => Some(known),
        _ => None,
    };
    match known {
        Some(known) => {
            stays(known, after, batch)?;
            approval::check(registry, &known.approvals, &batch.approvals, actor)?;
        }
        None => approval::none_yet(&batch.approvals)?,
    }
    if after.closed {
        return Ok(());
    }
    check_sent(known, batch, circumstances)?;
    if known.is_some_and(PaymentBatch::is_posted) {
        return Ok(());
    }
    has_come("on", batch.on, circumstances)?;
    let from = check_accounts(registry, after, batch)?;
    check_due(registry, after, batch)?;
    if batch.is_posted() {
        money::check_leaving(registry, &from, batch.total())?;
        money::check_arriving(registry, &batch.transit, batch.total())?;
    }
    Ok(())
}

/// A return answers for every payment of a batch that went to the bank, once.
pub(super) fn check_return<R: Registry>(
    registry: &R,
    before: Option<&Record>,
    after: &Record,
    returned: &PaymentReturn,
    circumstances: &Circumstances,
) -> Result<R> {
    same_id(after, PaymentReturn::id_for(&returned.batch))?;
    if before.is_some() {
        return Err(Refusal::AlreadyReturned(returned.batch).into());
    }
    let record = reads(registry, "batch", Kind::PaymentBatch, &returned.batch)?;
    let Body::PaymentBatch(batch) = &record.body else {
        return Ok(());
    };
    let Some(sent) = batch.sent else {
        return Err(Refusal::PaymentNotSent(record.id).into());
    };
    if record.area != after.area {
        return Err(Refusal::OtherArea {
            current: record.area,
            wanted: after.area,
        }
        .into());
    }
    has_come("on", returned.on, circumstances)?;
    if returned.on < sent.on {
        let problem = "is before the day on which the batch went to the bank";
        return Err(malformed("on", problem).into());
    }
    let from = Held::read(registry, "from", &batch.from)?;
    let payees = Held::read(registry, "payees", &returned.payees)?;
    if payees.fund.is_some() {
        let problem = "is kept here; what households got went to an external account";
        return Err(malformed("payees", problem).into());
    }
    let channel = from.fund.as_ref().map(|fund| &fund.channel);
    let of_batch = [
        ("from", returned.from == batch.from),
        ("transit", returned.transit == batch.transit),
        ("used_for", returned.used_for == batch.used_for),
        ("channel", Some(&returned.channel) == channel),
    ];
    if let Some((field, _)) = of_batch.into_iter().find(|(_, is_same)| !is_same) {
        return Err(malformed(field, "is not that of the batch").into());
    }
    check_results(batch, returned)?;
    for account in [&from, &payees] {
        books_are_open(registry, &account.area, returned.year())?;
    }
    money::check_arriving(registry, &from.id, returned.failed())?;
    money::check_arriving(registry, &payees.id, returned.paid())
}

/// Nobody closes an account while a bank may still send money back to it.
pub(super) fn none_under_way<R: Registry>(registry: &R, account: &RecordId) -> Result<R> {
    let key = Key::record(Index::PaymentsOfAccount, account);
    for id in registry.with_key(&key).map_err(ChangeError::Registry)? {
        let returned = PaymentReturn::id_for(&id);
        let returned = registry.outline(&returned).map_err(ChangeError::Registry)?;
        if returned.is_none() {
            return Err(Refusal::PaymentsUnderWay {
                account: *account,
                batch: id,
            }
            .into());
        }
    }
    Ok(())
}

fn stays(
    known: &PaymentBatch,
    after: &Record,
    batch: &PaymentBatch,
) -> std::result::Result<(), Refusal> {
    if let Some(field) = known.altered(batch) {
        let problem = "stays what was proposed; withdraw it and propose another batch";
        return Err(malformed(field, problem));
    }
    if known.is_posted() && after.closed {
        return Err(Refusal::PaymentPosted(after.id));
    }
    if after.closed && known.approvals != batch.approvals {
        let problem = "are not given to what is withdrawn";
        return Err(malformed("approvals", problem));
    }
    Ok(())
}

/// What goes to the bank was approved by two people before, and goes once.
fn check_sent(
    known: Option<&PaymentBatch>,
    batch: &PaymentBatch,
    circumstances: &Circumstances,
) -> std::result::Result<(), Refusal> {
    let sent_before = known.and_then(|known| known.sent);
    let Some(Sent { on, .. }) = batch.sent else {
        return match sent_before {
            Some(_) => Err(malformed("sent", "stays as it was")),
            None => Ok(()),
        };
    };
    if sent_before.is_some() {
        return match sent_before == batch.sent {
            true => Ok(()),
            false => Err(malformed("sent", "stays as it was")),
        };
    }
    if !known.is_some_and(PaymentBatch::is_posted) {
        return Err(malformed(
            "sent",
            "is given after two people have approved it",
        ));
    }
    has_come("sent.on", on, circumstances)?;
    if on < batch.on {
        return Err(malformed("sent.on", "is before the day of the batch"));
    }
    Ok(())
}

/// The fund, and what of it is in transit: the same money with the same bar, in the same place.
fn check_accounts<R: Registry>(
    registry: &R,
    after: &Record,
    batch: &PaymentBatch,
) -> Found<R, Held> {
    let from = Held::read(registry, "from", &batch.from)?;
    from.stands_in(after)?;
    let transit = Held::read(registry, "transit", &batch.transit)?;
    transit.stands_in(after)?;
    let (Some(fund), Some(in_transit)) = (&from.fund, &transit.fund) else {
        let field = if from.fund.is_none() {
            "from"
        } else {
            "transit"
        };
        return Err(malformed(field, "is not kept here").into());
    };
    if from.is_in_transit() {
        return Err(Refusal::InTransit(from.id).into());
    }
    if !transit.is_in_transit() {
        let problem = "is not for what is in transit; open an account for the purpose in-transit";
        return Err(malformed("transit", problem).into());
    }
    if fund.channel != in_transit.channel {
        return Err(Refusal::OtherChannel {
            account: transit.id,
            channel: in_transit.channel.clone(),
        }
        .into());
    }
    let is_barred = fund.barred_from_living_expenses;
    if is_barred
        && (!in_transit.barred_from_living_expenses || batch.used_for.as_str() == "living-expenses")
    {
        return Err(Refusal::BarredUse { account: from.id }.into());
    }
    books_are_open(registry, &from.area, batch.on.year())?;
    Ok(from)
}

/// Every payment is to a household of the area, no more than was decided, and made good once.
fn check_due<R: Registry>(registry: &R, after: &Record, batch: &PaymentBatch) -> Result<R> {
    let mut others = Others::default();
    for payment in &batch.payments {
        let household = &payment.household;
        let found = refers(registry, "payments.household", Kind::Household, household)?;
        if !after.area.contains(&found.area) {
            let problem = format!(
                "{household} is in {}, outside of the fund's area",
                found.area
            );
            return Err(malformed("payments.household", &problem).into());
        }
        check_payee(registry, payment)?;
        if let Some(follows) = &payment.follows {
            others.read(
                registry,
                after,
                Index::PaymentsOfDecision,
                &follows.decision,
            )?;
        }
        if let Some(reissues) = &payment.reissues {
            others.read(registry, after, Index::ReissuesOfBatch, reissues)?;
        }
    }
    for payment in &batch.payments {
        check_reissue(registry, payment, &others)?;
    }
    check_decided(registry, batch, &others)
}

fn check_payee<R: Registry>(registry: &R, payment: &HouseholdPayment) -> Result<R> {
    let payee = reads(registry, "payments.payee", Kind::Member, &payment.payee)?;
    match &payee.body {
        Body::Member(member) if member.household != payment.household => {
            let problem = "is not a member of the household";
            Err(malformed("payments.payee", problem).into())
        }
        _ => Ok(()),
    }
}

/// What other batches pay, each read once however many payments lead to it.
#[derive(Default)]
struct Others {
    looked_up: BTreeSet<(Index, RecordId)>,
    batches: BTreeMap<RecordId, PaymentBatch>,
}

impl Others {
    fn read<R: Registry>(
        &mut self,
        registry: &R,
        after: &Record,
        index: Index,
        of: &RecordId,
    ) -> Result<R> {
        if !self.looked_up.insert((index, *of)) {
            return Ok(());
        }
        let found = registry.with_key(&Key::record(index, of));
        for id in found.map_err(ChangeError::Registry)? {
            if id != after.id && !self.batches.contains_key(&id) {
                let record = registry.current(&id).map_err(ChangeError::Registry)?;
                if let Some(Body::PaymentBatch(batch)) = record.map(|record| record.body) {
                    self.batches.insert(id, batch);
                }
            }
        }
        Ok(())
    }

    /// What batches of a year give by a decision.
    ///
    /// What a bank could not pay counts too: it is made good by a payment that takes its place, and by no other.
    fn given_by(&self, decision: &RecordId, year: Year) -> Fen {
        let batches = self.batches.values().filter(|batch| batch.year() == year);
        let given = batches.map(|batch| batch.given_by(decision).0);
        Fen(given.fold(0, i64::saturating_add))
    }
}

fn return_of<R: Registry>(registry: &R, batch: &RecordId) -> Found<R, Option<PaymentReturn>> {
    let id = PaymentReturn::id_for(batch);
    let record = registry.current(&id).map_err(ChangeError::Registry)?;
    Ok(match record.map(|record| record.body) {
        Some(Body::PaymentReturn(returned)) => Some(returned),
        _ => None,
    })
}

/// A payment that makes another one good: that one failed, was for as much, and nobody has made it good yet.
fn check_reissue<R: Registry>(
    registry: &R,
    payment: &HouseholdPayment,
    others: &Others,
) -> Result<R> {
    let Some(reissues) = &payment.reissues else {
        return Ok(());
    };
    let household = &payment.household;
    let record = reads(registry, "payments.reissues", Kind::PaymentBatch, reissues)?;
    let Body::PaymentBatch(failed) = &record.body else {
        return Ok(());
    };
    let returned = return_of(registry, reissues)?;
    if !returned.is_some_and(|returned| returned.has_failed(household)) {
        return Err(Refusal::NothingFailed {
            batch: *reissues,
            household: *household,
        }
        .into());
    }
    let mut before = failed.payments.iter();
    let before = before.find(|before| before.household == *household);
    if let Some(before) = before
        && (before.amount, before.follows) != (payment.amount, payment.follows)
    {
        let problem = "and decision are those of the payment that failed";
        return Err(malformed("payments.amount", problem).into());
    }
    let again = others.batches.iter().find(|(_, batch)| {
        let mut payments = batch.payments.iter();
        payments.any(|it| it.household == *household && it.reissues == Some(*reissues))
    });
    match again {
        Some((batch, _)) => Err(Refusal::AlreadyReissued(*batch).into()),
        None => Ok(()),
    }
}

/// What is paid by a decision is no more than it says, over all batches of the year: a policy says what is due in a year,
/// however often it is asked. A payment that makes another one good takes that one's place and is not counted again.
fn check_decided<R: Registry>(registry: &R, batch: &PaymentBatch, others: &Others) -> Result<R> {
    let mut given: BTreeMap<RecordId, Fen> = BTreeMap::new();
    for payment in &batch.payments {
        let Some(follows) = payment.follows.filter(|_| payment.reissues.is_none()) else {
            continue;
        };
        let decided = decided(registry, payment, &follows)?;
        let given = given
            .entry(follows.decision)
            .or_insert_with(|| others.given_by(&follows.decision, batch.year()));
        let left = Fen(decided.0.saturating_sub(given.0).max(0));
        if payment.amount > left {
            return Err(Refusal::BeyondDecision {
                decision: follows.decision,
                left,
            }
            .into());
        }
        *given = Fen(given.0.saturating_add(payment.amount.0));
    }
    Ok(())
}

/// What a decision gives to the household of a payment.
fn decided<R: Registry>(
    registry: &R,
    payment: &HouseholdPayment,
    follows: &Entitlement,
) -> Found<R, Fen> {
    let field = "payments.decision";
    let record = reads(registry, field, Kind::Decision, &follows.decision)?;
    let Body::Decision(decision) = &record.body else {
        return Ok(Fen::ZERO);
    };
    if decision.evaluation != follows.evaluation {
        let problem = "is not the one that left the decision as it is; read it again";
        return Err(malformed("payments.evaluation", problem).into());
    }
    if household_of(registry, decision)? != Some(payment.household) {
        return Err(malformed(field, "is about somebody else").into());
    }
    match (&decision.outcome, decision.amount) {
        (Outcome::Granted(_), Some(amount)) => Ok(amount),
        _ => Ok(Fen::ZERO),
    }
}

/// The household that a decision is about, by itself, by a member or by a shareholding.
fn household_of<R: Registry>(registry: &R, decision: &Decision) -> Found<R, Option<RecordId>> {
    if decision.subject_kind == Kind::Household {
        return Ok(Some(decision.subject));
    }
    let record = registry.current(&decision.subject);
    let record = record.map_err(ChangeError::Registry)?;
    Ok(match record.map(|record| record.body) {
        Some(Body::Member(member)) => Some(member.household),
        Some(Body::Shareholding(share)) => match share.holder {
            Holder::Household(household) => Some(household),
            Holder::Other(_) => None,
        },
        _ => None,
    })
}

/// The results are those of the batch, one for one.
fn check_results(
    batch: &PaymentBatch,
    returned: &PaymentReturn,
) -> std::result::Result<(), Refusal> {
    let (payments, results) = (&batch.payments, &returned.results);
    let differs = payments.iter().zip(results).position(|(payment, result)| {
        (payment.household, payment.amount) != (result.household, result.amount)
    });
    let differs = differs
        .or_else(|| (payments.len() != results.len()).then(|| payments.len().min(results.len())));
    match differs {
        Some(place) => {
            let problem = format!("payment {} is not that of the batch", place + 1);
            Err(Refusal::Invalid(Fault::new(
                "results",
                Problem::Malformed(problem),
            )))
        }
        None => Ok(()),
    }
}
