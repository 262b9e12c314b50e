//! Accounts of the ledger, and their opening deposits: transfers that two people approve, as every other one.

use lika_core::{
    log::Kind,
    record::{Account, Body, Direction, Fund, Record, Side, Transfer},
    value::{AreaCode, Date, Fen, Label, RecordId, Year},
};

use super::{
    Rows,
    cell::{AccountSide, Coded, FundChannel, FundPurpose},
    column::{Given, row},
    taking::{Halt, Taking},
};
use crate::files::{
    Known,
    fault::{Cause, Named},
};

row! {
    /// An account: the same name in the same area is the same account.
    AccountRow {
        name: Label = "账户名称" ["名称", "账户", "资金名称"]
            "账户名称；同一区划内不重名" ["县财政局", "2016年产业资金"],
        side: Coded<AccountSide> = "账户性质" ["性质", "账户类型"]
            "本账：在这里管理的资金；往来：资金的来源或去向" ["往来", "本账"],
        channel: Option<Coded<FundChannel>> = "资金渠道" ["渠道", "资金来源"]
            "本账账户必填：资金从哪里来" ["", "县级财政"],
        purpose: Option<Coded<FundPurpose>> = "资金用途" ["用途"]
            "本账账户必填：资金用于什么" ["", "产业发展"],
        year: Option<Year> = "资金年度" ["年度", "年份"]
            "本账账户：哪一年的资金" ["", "2016"],
        barred: Option<bool> = "不得用于生活补助" ["禁止用于生活补助", "不得用于生活开支"]
            "本账账户：是否不得用于生活补助" ["", "是"],
        area: AreaCode = "区划" ["所在地", "所属区划", "行政区划", "区划代码", "行政区划代码"]
            "管理账户的县、乡镇或村" ["芦溪县", "芦溪县"],
        deposit: Option<Fen> = "期初存入" ["期初金额", "开户存入", "存入金额"]
            "开户时存入的金额；作为待审批的划转提出，须由两人审批" ["", "500,000"],
        source: Option<Label> = "存入来源账户" ["来源账户", "转出账户"]
            "存入资金从哪个账户来：已登记的或本表中的账户" ["", "县财政局"],
        on: Option<Date> = "存入日期" ["存入时间", "开户日期"]
            "存入的日期" ["", "2016-01-15"],
    }
}

/// Accounts.
#[derive(Default)]
pub(super) struct Accounts {
    /// Those of the file, as they would stand.
    own: Vec<Record>,
    deposits: Vec<Deposit>,
}

/// Money that an account is opened with.
struct Deposit {
    at: u32,
    to: RecordId,
    amount: Fen,
    on: Date,
    source: Given<Option<Label>>,
}

impl Rows for Accounts {
    type Row = AccountRow;

    fn take<K: Known>(
        &mut self,
        at: u32,
        row: AccountRow,
        to: &mut Taking<'_, K>,
    ) -> Result<(), Halt> {
        to.may_write(Kind::Account, &row.area)?;
        to.once(at, &[&*row.area, &*row.name])?;
        let mut registered = to.directory.named(Kind::Account, row.name.as_str())?;
        registered.retain(|record| record.area == *row.area);
        let registered = to.one(at, &row.name, Named::Account, registered)?;
        let account = Account {
            name: row.name.clone(),
            side: side(at, &row, to)?,
        };
        let area = *row.area;
        let body = Body::Account(account);
        let id = to.propose(at, area, registered.as_ref(), body.clone())?;
        self.own.push(Record {
            id,
            area,
            revision: 0,
            closed: false,
            body,
        });
        if row.deposit.is_some() || row.source.is_some() || row.on.is_some() {
            let amount = to.must(at, &row.deposit)?;
            let on = to.must(at, &row.on)?;
            to.must(at, &row.source)?;
            self.deposits.push(Deposit {
                at,
                to: id,
                amount,
                on,
                source: row.source,
            });
        }
        Ok(())
    }

    /// A deposit may come from an account that stands further down.
    fn finish<K: Known>(self, to: &mut Taking<'_, K>) -> Result<(), Halt> {
        for deposit in &self.deposits {
            match propose(deposit, &self.own, to) {
                Ok(()) | Err(Halt::Faulty) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}

/// What is said of a fund belongs to an account that is kept here, and only there.
fn side<K: Known>(at: u32, row: &AccountRow, to: &mut Taking<'_, K>) -> Result<Side, Halt> {
    if row.side.as_str() == "internal" {
        return Ok(Side::Internal(Fund {
            channel: (*to.must(at, &row.channel)?).clone(),
            purpose: (*to.must(at, &row.purpose)?).clone(),
            year: *row.year,
            barred_from_living_expenses: row.barred.unwrap_or_default(),
        }));
    }
    if row.channel.is_some() {
        return Err(to.fault(at, &row.channel, Cause::NotOfExternal));
    }
    if row.purpose.is_some() {
        return Err(to.fault(at, &row.purpose, Cause::NotOfExternal));
    }
    if row.year.is_some() {
        return Err(to.fault(at, &row.year, Cause::NotOfExternal));
    }
    if row.barred.unwrap_or_default() {
        return Err(to.fault(at, &row.barred, Cause::NotOfExternal));
    }
    if row.deposit.is_some() {
        return Err(to.fault(at, &row.deposit, Cause::NotOfExternal));
    }
    Ok(Side::External)
}

/// Proposes the transfer, unless the same one is proposed or posted already.
fn propose<K: Known>(
    deposit: &Deposit,
    own: &[Record],
    to: &mut Taking<'_, K>,
) -> Result<(), Halt> {
    let Deposit {
        at,
        to: into,
        amount,
        on,
        source,
    } = deposit;
    let (Some(name), Some(into)) = (&**source, own.iter().find(|it| it.id == *into)) else {
        return Ok(());
    };
    let Body::Account(Account {
        side: Side::Internal(fund),
        ..
    }) = &into.body
    else {
        return Ok(());
    };
    let is_named =
        |record: &&Record| matches!(&record.body, Body::Account(account) if account.name == *name);
    let mut sources: Vec<Record> = own.iter().filter(is_named).cloned().collect();
    let registered = to.directory.named(Kind::Account, name.as_str())?;
    let is_new = |record: &Record| own.iter().all(|own| own.id != record.id);
    sources.extend(registered.into_iter().filter(is_new));
    let from = to.nearest(*at, source, Named::Account, sources, &into.area)?;
    let (direction, area) = match &from.body {
        Body::Account(Account {
            side: Side::Internal(_),
            ..
        }) => (Direction::Internal, from.area),
        _ => (Direction::In, into.area),
    };
    to.may_write(Kind::Transfer, &area)?;
    if to.directory.is_moved(&(from.id, into.id, *amount, *on))? {
        return Ok(());
    }
    let transfer = Transfer {
        from: from.id,
        to: into.id,
        amount: *amount,
        on: *on,
        direction,
        channel: fund.channel.clone(),
        evidence: None,
        reverses: None,
        settles: None,
        approvals: Vec::new(),
    };
    to.propose(*at, area, None, Body::Transfer(transfer))?;
    Ok(())
}
