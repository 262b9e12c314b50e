//! Loans, as they are applied for.

use std::fmt::Display;

use lika_core::{
    loan::Method,
    log::Kind,
    record::{Approval, Body, Index, Key, Loan, LoanStage, LoanStep, Record},
    value::{AreaCode, Date, Fen, Label, Name, Ppm, RecordId, Text},
};

use super::{
    Rows,
    cell::{Coded, DocumentNumber, LoanMethod, LoanPurpose},
    column::row,
    taking::{CadreNamed, Halt, HouseholdNamed, Taking},
};
use crate::files::{
    Known,
    fault::{Cause, Named},
};

row! {
    /// An application: the same household, lender, purpose, amount and day are the same one. Somebody else approves it.
    LoanRow {
        household_number: Option<Text> = "户编号" ["户编码", "户代码"]
            "借款户的户编号；没有的填户主证件号码，或户主姓名和行政村" ["A00000001", ""],
        head: Option<Name> = "户主姓名" ["户主", "借款户"]
            "借款户的户主姓名；与户编号同填时须一致" ["张三", "李四"],
        document: Option<DocumentNumber> = "户主证件号码" ["户主身份证号", "户主身份证号码", "证件号码", "身份证号"]
            "借款户户主的证件号码" ["", "360399197001010019"],
        village: Option<AreaCode> = "行政村" ["村", "村名", "区划", "区划代码", "行政村代码", "行政区划代码"]
            "借款户所在的行政村" ["", "银河镇泉江村"],
        member: Option<Name> = "借款人姓名" ["借款人", "贷款人"]
            "贷给一个家庭成员的，填其姓名；贷给全户的留空" ["", "李四"],
        lender: Option<Label> = "贷款机构" ["贷款银行", "放贷机构", "承贷机构"]
            "已登记的贷款机构；填了担保基金的可留空" ["农村信用社", ""],
        fund: Option<Label> = "担保基金" ["担保基金名称"]
            "已登记的担保基金名称" ["", "银河镇担保基金"],
        guarantor_number: Option<Text> = "担保人编号" ["担保干部编号"]
            "担保人在县里干部名册上的编号" ["", "G001"],
        guarantor: Option<Name> = "担保人姓名" ["担保人", "担保干部"]
            "担保的干部" ["", "刘明"],
        unit: Option<Label> = "担保人单位" ["担保干部单位"]
            "担保人的单位；有重名干部时填写" ["", ""],
        purpose: Coded<LoanPurpose> = "贷款用途" ["用途"]
            "贷款用于什么" ["养殖业", "种植业"],
        amount: Fen = "贷款金额" ["金额", "申请金额", "本金"]
            "申请的本金" ["5,000", "10,000"],
        months: u32 = "期限(月)" ["贷款期限", "期限月数"]
            "期限，月数" ["12", "24"],
        rate: Ppm = "年利率(%)" ["利率", "贷款利率"]
            "年利率" ["6%", "4.35"],
        method: Option<Coded<LoanMethod>> = "还款方式" ["偿还方式"]
            "还款方式；未填的为利随本清" ["利随本清", ""],
        on: Date = "申请日期" ["申请时间"]
            "申请的日期" ["2016-03-01", "2016-03-02"],
    }
}

/// Loans.
#[derive(Default)]
pub(super) struct Loans;

impl Rows for Loans {
    type Row = LoanRow;

    fn take<K: Known>(
        &mut self,
        at: u32,
        row: LoanRow,
        to: &mut Taking<'_, K>,
    ) -> Result<(), Halt> {
        let household = to.household(
            at,
            &HouseholdNamed {
                number: &row.household_number,
                document: &row.document,
                head: &row.head,
                village: &row.village,
            },
        )?;
        to.may_write(Kind::Loan, &household.area)?;
        let loan = application(at, &row, &household, to)?;
        let subject: [&dyn Display; 5] = [
            &loan.household,
            &loan.lender,
            &loan.purpose,
            &loan.amount,
            &*row.on,
        ];
        to.once(at, &subject)?;
        let registered = registered(at, &row, &loan, to)?;
        let known = match registered.as_ref().map(|record| &record.body) {
            Some(Body::Loan(known)) => Some(known),
            _ => None,
        };
        // What has happened to it since stays; what was applied for must be what the row says.
        let loan = match known {
            Some(known) => Loan {
                steps: known.steps.clone(),
                repayments: known.repayments.clone(),
                subsidies: known.subsidies.clone(),
                recourse: known.recourse,
                ..loan
            },
            None => loan,
        };
        to.propose(at, household.area, registered.as_ref(), Body::Loan(loan))?;
        Ok(())
    }
}

fn application<K: Known>(
    at: u32,
    row: &LoanRow,
    household: &Record,
    to: &mut Taking<'_, K>,
) -> Result<Loan, Halt> {
    let member = borrower(at, row, &household.id, to)?;
    let what = (Kind::GuaranteeFund, Named::GuaranteeFund);
    let fund = fund(at, row, what, household, to)?;
    let lender = lender(at, row, fund.as_ref(), household, to)?;
    let said = CadreNamed {
        number: &row.guarantor_number,
        name: &row.guarantor,
        unit: &row.unit,
    };
    let guarantor = to.cadre(at, &said, &household.area)?;
    let method = match &*row.method {
        Some(method) => Method::from_code(method.as_str()),
        None => Some(Method::Bullet),
    };
    let Some(method) = method else {
        return Err(to.fault(at, &row.method, Cause::UnknownLabel("loan-method")));
    };
    let by: Approval = to.settings.by;
    Ok(Loan {
        household: household.id,
        member,
        lender,
        fund: fund.map(|(id, _)| id),
        guarantor: guarantor.map(|(record, _)| record.id),
        purpose: (**row.purpose).clone(),
        amount: *row.amount,
        months: *row.months,
        rate: *row.rate,
        method,
        steps: vec![LoanStep {
            stage: LoanStage::Applied,
            on: *row.on,
            by,
            decision: None,
            excuse: None,
        }],
        repayments: Vec::new(),
        subsidies: Vec::new(),
        recourse: None,
    })
}

/// The member who borrows, where the row names one.
fn borrower<K: Known>(
    at: u32,
    row: &LoanRow,
    household: &RecordId,
    to: &mut Taking<'_, K>,
) -> Result<Option<RecordId>, Halt> {
    let Some(name) = &*row.member else {
        return Ok(None);
    };
    let mut members = to.directory.members(household)?;
    members.retain(|(_, member)| {
        let own = member.identity.as_ref();
        own.is_some_and(|own| own.name == *name)
    });
    match to.one(at, &row.member, Named::Member, members)? {
        Some((id, _)) => Ok(Some(id)),
        None => Err(to.fault(at, &row.member, Cause::NotRegistered(Named::Member))),
    }
}

/// A guarantee fund and the lender with which it is deposited.
type DepositedFund = (RecordId, RecordId);

fn fund<K: Known>(
    at: u32,
    row: &LoanRow,
    what: (Kind, Named),
    household: &Record,
    to: &mut Taking<'_, K>,
) -> Result<Option<DepositedFund>, Halt> {
    let found = to.named(at, &row.fund, what, &household.area)?;
    Ok(found.and_then(|record| match record.body {
        Body::GuaranteeFund(fund) => Some((record.id, fund.lender)),
        _ => None,
    }))
}

/// The lender that the row names, or else that of the fund.
fn lender<K: Known>(
    at: u32,
    row: &LoanRow,
    fund: Option<&DepositedFund>,
    household: &Record,
    to: &mut Taking<'_, K>,
) -> Result<RecordId, Halt> {
    let Some(name) = &*row.lender else {
        return match fund {
            Some((_, lender)) => Ok(*lender),
            None => Err(to.fault(at, &row.lender, Cause::Missing)),
        };
    };
    let mut found = to.directory.named(Kind::Enterprise, name.as_str())?;
    found.retain(
        |record| matches!(&record.body, Body::Enterprise(it) if it.kind.as_str() == "lender"),
    );
    let record = to.nearest(at, &row.lender, Named::Lender, found, &household.area)?;
    Ok(record.id)
}

fn registered<K: Known>(
    at: u32,
    row: &LoanRow,
    loan: &Loan,
    to: &mut Taking<'_, K>,
) -> Result<Option<Record>, Halt> {
    let key = Key::record(Index::LoansOfHousehold, &loan.household);
    let mut found = to.directory.with_key(&key)?;
    found.retain(|record| match &record.body {
        Body::Loan(known) => {
            let applied = known.step(LoanStage::Applied).map(|step| step.on);
            (known.lender, &known.purpose, known.amount)
                == (loan.lender, &loan.purpose, loan.amount)
                && applied == Some(*row.on)
        }
        _ => false,
    });
    to.one(at, &row.amount, Named::Loan, found)
}
