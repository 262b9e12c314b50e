//! Guarantee funds: what is deposited for them, and what stands behind them.

use super::{Found, current};
use crate::{
    command::{
        ChangeError, LoanRefusal, Registry,
        relations::{Kind, Result, malformed, reads},
    },
    record::{Body, GuaranteeFund, Index, Key, Record},
    value::{Fen, RecordId},
};

/// A fund is deposited with one lender, from accounts that are kept here and guarantee nothing else; it is closed after
/// its loans.
pub(super) fn check<R: Registry>(
    registry: &R,
    before: Option<&Record>,
    after: &Record,
    fund: &GuaranteeFund,
) -> Result<R> {
    if after.closed {
        let key = Key::record(Index::LoansOfFund, &after.id);
        let loans = registry.with_key(&key);
        return match loans.map_err(ChangeError::Registry)?.len() {
            0 => Ok(()),
            loans => Err(LoanRefusal::StillGuarantees { loans }.into()),
        };
    }
    match before.map(|record| &record.body) {
        Some(Body::GuaranteeFund(known)) if known.lender != fund.lender => {
            let problem = "stays what it was; close this fund and open another";
            return Err(malformed("lender", problem).into());
        }
        Some(_) => {}
        None => is_lender(registry, &fund.lender)?,
    }
    for account in &fund.accounts {
        let record = reads(registry, "accounts", Kind::Account, account)?;
        if !matches!(&record.body, Body::Account(account) if account.fund().is_some()) {
            let problem = "is external: what is deposited is kept here";
            return Err(malformed("accounts", problem).into());
        }
        let key = Key::record(Index::FundsOfAccount, account);
        let funds = registry.with_key(&key).map_err(ChangeError::Registry)?;
        if let Some(other) = funds.into_iter().find(|other| *other != after.id) {
            return Err(LoanRefusal::AlreadyDeposited {
                account: *account,
                fund: other,
            }
            .into());
        }
    }
    Ok(())
}

/// An enterprise that lends.
pub(super) fn is_lender<R: Registry>(registry: &R, lender: &RecordId) -> Result<R> {
    let record = reads(registry, "lender", Kind::Enterprise, lender)?;
    match &record.body {
        Body::Enterprise(enterprise) if enterprise.kind.as_str() == "lender" => Ok(()),
        _ => Err(malformed("lender", "is no lender").into()),
    }
}

/// What is on the accounts of a fund: what subsidies and recourse took is gone from them.
pub(super) fn deposited<R: Registry>(registry: &R, fund: &GuaranteeFund) -> Found<R, Fen> {
    let mut sum = Fen::ZERO;
    for account in &fund.accounts {
        let balance = registry.balance(account).map_err(ChangeError::Registry)?;
        sum = Fen(sum.0.saturating_add(balance.0));
    }
    Ok(sum)
}

/// The principal for which the lender waits in all loans of a fund but one.
pub(super) fn outstanding<R: Registry>(
    registry: &R,
    fund: &RecordId,
    but: &RecordId,
) -> Found<R, Fen> {
    let key = Key::record(Index::LoansOfFund, fund);
    let mut sum = Fen::ZERO;
    for id in registry.with_key(&key).map_err(ChangeError::Registry)? {
        if id == *but {
            continue;
        }
        if let Some(Record {
            body: Body::Loan(loan),
            ..
        }) = current(registry, &id)?
        {
            sum = Fen(sum.0.saturating_add(loan.principal_lent().0));
        }
    }
    Ok(sum)
}
