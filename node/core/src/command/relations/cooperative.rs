//! What must hold between a co-operative, its holders and what it pays them.

use super::{Circumstances, Kind, Result, ended_when_closed, reads, refers, same_area, same_id};
use crate::{
    command::{ChangeError, Refusal, Registry},
    record::{
        Body, Cooperative, Dividend, Fault, Holder, Index, Key, Payment, Problem, Record,
        Shareholding,
    },
    value::{Fen, RecordId},
};

/// Holds a co-operative, a shareholding or a dividend against the others; of any other kind, asks nothing.
pub(super) fn check<R: Registry>(
    registry: &R,
    before: Option<&Record>,
    after: &Record,
    circumstances: &Circumstances,
) -> Result<R> {
    match &after.body {
        Body::Cooperative(body) => check_cooperative(registry, after, body),
        Body::Shareholding(share) => check_shareholding(registry, before, after, share),
        Body::Dividend(dividend) => {
            check_dividend(registry, before, after, dividend, circumstances)
        }
        _ => Ok(()),
    }
}

/// A co-operative has no less capital than its holders have of it, and is closed after them.
fn check_cooperative<R: Registry>(
    registry: &R,
    after: &Record,
    cooperative: &Cooperative,
) -> Result<R> {
    let shares = shares_of(registry, &after.id)?;
    if after.closed && !shares.is_empty() {
        return Err(Refusal::StillHasShares {
            cooperative: after.id,
            shares: shares.len(),
        }
        .into());
    }
    within_capital(&shares, cooperative)
}

/// A holder, once written down, stays; shares that change hands are ended and written anew.
fn check_shareholding<R: Registry>(
    registry: &R,
    before: Option<&Record>,
    after: &Record,
    share: &Shareholding,
) -> Result<R> {
    ended_when_closed(after, share.until)?;
    if let Some(Body::Shareholding(known)) = before.map(|record| &record.body) {
        same_holder(known, share)?;
    }
    if after.closed {
        return Ok(());
    }
    let record = reads(
        registry,
        "cooperative",
        Kind::Cooperative,
        &share.cooperative,
    )?;
    same_area(after, &crate::command::Outline::of(&record))?;
    let mut shares = shares_of(registry, &share.cooperative)?;
    shares.retain(|(id, _)| *id != after.id);
    if before.is_none()
        && let Holder::Household(household) = &share.holder
    {
        let outline = refers(registry, "household", Kind::Household, household)?;
        // Whoever works in a village may write of its households, and a co-operative may span several villages.
        if !after.area.contains(&outline.area) {
            return Err(Refusal::OtherArea {
                current: outline.area,
                wanted: after.area,
            }
            .into());
        }
        let same = |(_, other): &&(RecordId, Shareholding)| other.holder == share.holder;
        if let Some((other, _)) = shares.iter().find(same) {
            return Err(Refusal::AlreadyHolds(*other).into());
        }
    }
    shares.push((after.id, share.clone()));
    match &record.body {
        Body::Cooperative(cooperative) => within_capital(&shares, cooperative),
        _ => Ok(()),
    }
}

/// What is paid goes to holders of the co-operative; that it is no more than the return holds by itself.
fn check_dividend<R: Registry>(
    registry: &R,
    before: Option<&Record>,
    after: &Record,
    dividend: &Dividend,
    circumstances: &Circumstances,
) -> Result<R> {
    same_id(
        after,
        Dividend::id_for(&dividend.cooperative, dividend.year),
    )?;
    if after.closed {
        return Ok(());
    }
    if dividend.year > circumstances.today.year() {
        let problem = Problem::Malformed("has not come yet".to_owned());
        return Err(Refusal::Invalid(Fault::new("year", problem)).into());
    }
    let cooperative = refers(
        registry,
        "cooperative",
        Kind::Cooperative,
        &dividend.cooperative,
    )?;
    same_area(after, &cooperative)?;
    let known = match before.map(|record| &record.body) {
        Some(Body::Dividend(known)) => known.payments.as_slice(),
        _ => &[],
    };
    // A decision is made anew every year; what was paid after an earlier one stands.
    let mut new = dividend.payments.iter().filter(|it| !known.contains(it));
    new.try_for_each(|payment| check_payment(registry, dividend, payment))
}

fn check_payment<R: Registry>(registry: &R, dividend: &Dividend, payment: &Payment) -> Result<R> {
    // A holder who has left since is still owed the year.
    let holder = registry
        .current(&payment.shareholding)
        .map_err(ChangeError::Registry)?;
    match holder.map(|record| record.body) {
        Some(Body::Shareholding(share))
            if share.cooperative == dividend.cooperative && share.poverty_fund => {}
        _ => {
            return Err(Refusal::NoSuchRecord {
                field: "payments.shareholding",
                kind: Kind::Shareholding,
                id: payment.shareholding,
            }
            .into());
        }
    }
    let Some(decision) = &payment.decision else {
        return Ok(());
    };
    let record = reads(registry, "payments.decision", Kind::Decision, decision)?;
    match &record.body {
        Body::Decision(decision) if decision.subject != payment.shareholding => {
            let problem = Problem::Malformed("is about another shareholding".to_owned());
            Err(Refusal::Invalid(Fault::new("payments.decision", problem)).into())
        }
        Body::Decision(decision) if decision.amount != Some(payment.amount) => {
            let problem = Problem::Malformed("is not what the decision grants".to_owned());
            Err(Refusal::Invalid(Fault::new("payments.amount", problem)).into())
        }
        _ => Ok(()),
    }
}

fn same_holder(known: &Shareholding, share: &Shareholding) -> std::result::Result<(), Refusal> {
    let same = [
        ("cooperative", known.cooperative == share.cooperative),
        ("holder", known.holder == share.holder),
        ("poverty_fund", known.poverty_fund == share.poverty_fund),
    ];
    match same.into_iter().find(|(_, same)| !same) {
        Some((field, _)) => {
            let problem = "stays what it was; end this shareholding and create another";
            Err(Fault::new(field, Problem::Malformed(problem.to_owned())).into())
        }
        None => Ok(()),
    }
}

/// The open shareholdings of a co-operative.
fn shares_of<R: Registry>(
    registry: &R,
    cooperative: &RecordId,
) -> std::result::Result<Vec<(RecordId, Shareholding)>, ChangeError<R::Error>> {
    let key = Key::record(Index::SharesOfCooperative, cooperative);
    let mut shares = Vec::new();
    for id in registry.with_key(&key).map_err(ChangeError::Registry)? {
        if let Some(Record {
            body: Body::Shareholding(share),
            ..
        }) = registry.current(&id).map_err(ChangeError::Registry)?
        {
            shares.push((id, share));
        }
    }
    Ok(shares)
}

fn within_capital<E>(
    shares: &[(RecordId, Shareholding)],
    cooperative: &Cooperative,
) -> std::result::Result<(), ChangeError<E>> {
    let amounts = shares.iter().map(|(_, share)| share.equity);
    // Too large to add up is too large for any capital.
    let shares = Fen::sum(amounts).unwrap_or(Fen(i64::MAX));
    if shares > cooperative.capital {
        return Err(Refusal::SharesBeyondCapital {
            shares,
            capital: cooperative.capital,
        }
        .into());
    }
    Ok(())
}
