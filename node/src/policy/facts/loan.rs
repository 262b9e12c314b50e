//! Loans: those that wait for an approval, and those whose interest may be subsidised (S0.5, S2.5).

use lika_core::{
    loan::Standing,
    record::{Loan, LoanStage},
    value::{Date, Fen, RecordId},
};

use super::{
    Fact, Group, Row, Tables,
    records::{Borrower, Found, Records},
};

/// For so many months after the last fen a loan is still told: the fund repays interest that was paid before.
const MONTHS_AFTER: i32 = 12;

/// Adds the loans of the group, in the order of area and id.
pub(super) fn add(tables: &mut Tables, records: &Records, group: &Group<'_>) {
    let loans = records.loans.iter();
    let loans = loans.filter(|loan| group.area.contains(&loan.area));
    let (mut applications, mut lent) = (Vec::new(), Vec::new());
    for found in loans {
        let told = Told {
            records,
            on: group.on,
            found,
        };
        if found.body.stage() == Some(LoanStage::Applied) {
            applications.push(told.row(told.application()));
        } else if let Some(standing) = told.standing() {
            lent.push(told.row(told.loan(&standing)));
        }
    }
    tables.insert("application", applications);
    tables.insert("loan", lent);
}

/// A loan beside what else is recorded.
struct Told<'a> {
    records: &'a Records,
    on: Date,
    found: &'a Found<Loan>,
}

impl Told<'_> {
    fn row(&self, facts: Vec<(&'static str, Fact)>) -> Row {
        Row {
            record: self.found.id,
            parent: None,
            facts,
        }
    }

    /// None before it was disbursed, and long after it was repaid.
    fn standing(&self) -> Option<Standing> {
        let loan = &self.found.body;
        if let Some(repaid) = loan.step(LoanStage::Repaid)
            && repaid.on.plus_months(MONTHS_AFTER)? <= self.on
        {
            return None;
        }
        Standing::of(loan, self.on)
    }

    fn application(&self) -> Vec<(&'static str, Fact)> {
        let loan = &self.found.body;
        let guarantor = loan.guarantor.as_ref();
        let helps = |cadre| Fact::Flag(self.helps(cadre));
        let leverage = |fund| {
            let fund = self.records.guarantee_funds.get(fund);
            fund.map_or(Fact::Unknown, |fund| Fact::Ppm(fund.leverage.get()))
        };
        let is_unexcused = |loan: &Loan| {
            let default = loan.step(LoanStage::Defaulted);
            default.is_some_and(|step| step.excuse.is_none())
        };
        let defaults = self.others().filter(|other| is_unexcused(other));
        vec![
            ("application.amount", Fact::Fen(loan.amount.get())),
            ("application.months", Fact::Integer(loan.months.into())),
            ("application.rate", Fact::Ppm(loan.rate.get())),
            ("application.purpose", Fact::code(loan.purpose.as_str())),
            ("application.household-type", self.household_type()),
            ("application.guarantor", Fact::Flag(guarantor.is_some())),
            (
                "application.guarantor-helps",
                guarantor.map_or(Fact::Absent, helps),
            ),
            (
                "application.leverage",
                loan.fund.as_ref().map_or(Fact::Absent, leverage),
            ),
            ("application.owed", Fact::Fen(self.owed_besides().get())),
            ("application.overdue", Fact::Flag(self.is_overdue_besides())),
            (
                "application.defaults",
                Fact::Integer(i64::try_from(defaults.count()).unwrap_or(i64::MAX)),
            ),
            ("application.blacklisted", self.blacklisted()),
        ]
    }

    fn loan(&self, standing: &Standing) -> Vec<(&'static str, Fact)> {
        let loan = &self.found.body;
        let disbursed = loan.step(LoanStage::Disbursed);
        let fen = |amount: Fen| Fact::Fen(amount.get());
        vec![
            ("loan.amount", fen(loan.amount)),
            ("loan.months", Fact::Integer(loan.months.into())),
            ("loan.rate", Fact::Ppm(loan.rate.get())),
            ("loan.purpose", Fact::code(loan.purpose.as_str())),
            ("loan.household-type", self.household_type()),
            ("loan.guaranteed", Fact::Flag(loan.fund.is_some())),
            (
                "loan.disbursed-on",
                disbursed.map_or(Fact::Unknown, |step| Fact::date(step.on)),
            ),
            ("loan.interest-accrued", fen(standing.interest_accrued)),
            ("loan.interest-paid", fen(standing.interest_paid)),
            (
                "loan.interest-until-overdue",
                fen(standing.interest_until_overdue),
            ),
            ("loan.overdue", Fact::Flag(standing.is_overdue())),
            ("loan.subsidised", fen(loan.subsidised())),
            ("loan.blacklisted", self.blacklisted()),
        ]
    }

    fn borrower(&self) -> Option<&Borrower> {
        self.records.borrowers.get(&self.found.body.household)
    }

    fn household_type(&self) -> Fact {
        let known = self.borrower().and_then(|own| own.household_type.as_ref());
        known.map_or(Fact::Unknown, |code| Fact::code(code.as_str()))
    }

    fn helps(&self, cadre: &RecordId) -> bool {
        let pairings = self.records.pairings.get(&self.found.body.household);
        let mut pairings = pairings.into_iter().flatten();
        pairings.any(|pairing| {
            let pairing = &pairing.body;
            let is_open =
                pairing.from <= self.on && pairing.until.is_none_or(|until| self.on < until);
            pairing.cadre == *cadre && is_open
        })
    }

    /// The household's other loans.
    fn others(&self) -> impl Iterator<Item = &Loan> {
        let loans = self.borrower().into_iter().flat_map(|own| &own.loans);
        let others = loans.filter(|(id, _)| **id != self.found.id);
        others.map(|(_, loan)| loan)
    }

    /// What was asked for and is not lent yet counts, or two applications would each be judged without the other.
    fn owed_besides(&self) -> Fen {
        let of = |loan: &Loan| match loan.stage() {
            Some(LoanStage::Applied | LoanStage::Approved) => loan.amount.get(),
            _ => loan.principal_owed().get(),
        };
        let owed = self.others().map(of);
        Fen::new(owed.fold(0, i64::saturating_add))
    }

    fn is_overdue_besides(&self) -> bool {
        let on = self.on;
        let mut standings = self.others().filter_map(|other| Standing::of(other, on));
        standings.any(|standing| standing.is_overdue())
    }

    fn blacklisted(&self) -> Fact {
        let mut own = self
            .borrower()
            .into_iter()
            .flat_map(|own| &own.blacklistings);
        Fact::Flag(own.any(|(_, listing)| listing.is_in_force(self.on)))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use lika_core::{
        loan::Method,
        record::{
            Approval, Blacklisting, GuaranteeFund, HelperLevel, LoanStep, Pairing, Repayment,
        },
        value::{AreaCode, Code, Label, Ppm},
    };

    use super::*;
    use crate::policy::facts::catalogue;

    const HOUSEHOLD: RecordId = RecordId([1; 16]);
    const CADRE: RecordId = RecordId([2; 16]);
    const FUND: RecordId = RecordId([3; 16]);

    fn code(text: &str) -> Code {
        Code::parse(text).unwrap()
    }

    fn day(number: u32) -> Date {
        Date::from_number(number).unwrap()
    }

    fn village() -> AreaCode {
        AreaCode::parse("330329101201").unwrap()
    }

    fn step(stage: LoanStage, on: u32) -> LoanStep {
        LoanStep {
            stage,
            on: day(on),
            by: Approval {
                officer: RecordId([9; 16]),
                cadre: None,
            },
            decision: None,
            excuse: None,
        }
    }

    /// A year of 5,000 yuan at 6 %, disbursed on 1 March 2005 or only applied for.
    fn loan(number: u8, stages: &[LoanStage]) -> Found<Loan> {
        let body = Loan {
            household: HOUSEHOLD,
            member: None,
            lender: RecordId([8; 16]),
            fund: Some(FUND),
            guarantor: Some(CADRE),
            purpose: code("livestock"),
            amount: Fen::new(500_000),
            months: 12,
            rate: Ppm::new(60_000),
            method: Method::Bullet,
            steps: stages
                .iter()
                .map(|stage| step(*stage, 20_050_301))
                .collect(),
            repayments: Vec::new(),
            subsidies: Vec::new(),
            recourse: None,
        };
        Found {
            id: RecordId([number; 16]),
            area: village(),
            body,
        }
    }

    fn records(loans: Vec<Found<Loan>>) -> Records {
        let borrower = Borrower {
            household_type: Some(code("general")),
            loans: loans.iter().map(|it| (it.id, it.body.clone())).collect(),
            blacklistings: BTreeMap::new(),
        };
        let mut records = Records {
            loans,
            borrowers: BTreeMap::from([(HOUSEHOLD, borrower)]),
            ..Records::default()
        };
        let pairing = Pairing {
            household: HOUSEHOLD,
            cadre: CADRE,
            role: code("contact"),
            level: HelperLevel::Township,
            responsible: true,
            from: day(20_050_101),
            until: None,
            decision: None,
        };
        let pairing = Found {
            id: RecordId([4; 16]),
            area: village(),
            body: pairing,
        };
        records.pairings.insert(HOUSEHOLD, vec![pairing]);
        let fund = GuaranteeFund {
            name: Label::parse("担保基金").unwrap(),
            lender: RecordId([8; 16]),
            accounts: vec![RecordId([7; 16])],
            leverage: Ppm::new(5_000_000),
        };
        records.guarantee_funds.insert(FUND, fund);
        records
    }

    fn told(records: &Records, on: u32) -> Tables {
        let mut tables = Tables::new();
        let group = Group {
            area: village(),
            on: day(on),
            proposed: &[],
        };
        add(&mut tables, records, &group);
        tables
    }

    fn fact<'a>(row: &'a Row, key: &str) -> &'a Fact {
        let found = row.facts.iter().find(|(own, _)| *own == key);
        &found.unwrap().1
    }

    #[test]
    fn everything_of_the_catalogue_is_told() {
        let loans = vec![
            loan(10, &[LoanStage::Applied]),
            loan(
                11,
                &[
                    LoanStage::Applied,
                    LoanStage::Approved,
                    LoanStage::Disbursed,
                ],
            ),
        ];
        let tables = told(&records(loans), 20_050_401);
        for name in ["application", "loan"] {
            let [row] = &tables[name][..] else {
                panic!("one row of {name}");
            };
            let keys: Vec<&str> = row.facts.iter().map(|(key, _)| *key).collect();
            let facts = catalogue::table(name).unwrap().facts;
            let known: Vec<&str> = facts.iter().map(|fact| fact.key).collect();
            assert_eq!(keys, known);
            assert!(row.facts.iter().all(|(_, fact)| *fact != Fact::Unknown));
        }
    }

    #[test]
    fn what_is_asked_for_besides_counts_before_it_is_lent() {
        let loans = vec![
            loan(10, &[LoanStage::Applied]),
            loan(11, &[LoanStage::Applied, LoanStage::Approved]),
            loan(
                12,
                &[
                    LoanStage::Applied,
                    LoanStage::Approved,
                    LoanStage::Disbursed,
                ],
            ),
        ];
        let mut records = records(loans);
        let other = records.loans[2].id;
        let borrower = records.borrowers.get_mut(&HOUSEHOLD).unwrap();
        borrower
            .loans
            .get_mut(&other)
            .unwrap()
            .repayments
            .push(Repayment {
                on: day(20_050_401),
                principal: Fen::new(100_000),
                interest: Fen::ZERO,
                officer: RecordId([9; 16]),
            });
        let tables = told(&records, 20_060_302);
        let row = &tables["application"][0];
        assert_eq!(*fact(row, "application.owed"), Fact::Fen(900_000));
        assert_eq!(*fact(row, "application.overdue"), Fact::Flag(true));
        assert_eq!(*fact(row, "application.guarantor-helps"), Fact::Flag(true));
    }

    #[test]
    fn interest_stops_where_the_loan_became_overdue_and_the_repaid_are_told_for_a_year() {
        let stages = [
            LoanStage::Applied,
            LoanStage::Approved,
            LoanStage::Disbursed,
        ];
        let mut records = records(vec![loan(12, &stages)]);
        let tables = told(&records, 20_060_401);
        let row = &tables["loan"][0];
        // 365 days until 1 March 2006, 396 until 1 April.
        let until_overdue = fact(row, "loan.interest-until-overdue");
        assert_eq!(*until_overdue, Fact::Fen(30_417));
        assert_eq!(*fact(row, "loan.interest-accrued"), Fact::Fen(33_000));
        let own = &mut records.loans[0].body;
        own.steps.push(step(LoanStage::Repaid, 20_060_501));
        assert_eq!(told(&records, 20_070_430)["loan"].len(), 1);
        assert_eq!(told(&records, 20_070_501)["loan"].len(), 0);
    }

    #[test]
    fn a_blacklisting_counts_while_it_is_in_force() {
        let mut records = records(vec![loan(10, &[LoanStage::Applied])]);
        let listing = Blacklisting {
            household: HOUSEHOLD,
            member: None,
            reason: code("fraud"),
            loan: None,
            from: day(20_050_301),
            until: day(20_060_301),
            by: Approval {
                officer: RecordId([9; 16]),
                cadre: None,
            },
            appeal: None,
            texts: None,
        };
        let borrower = records.borrowers.get_mut(&HOUSEHOLD).unwrap();
        borrower.blacklistings.insert(RecordId([5; 16]), listing);
        for (on, expected) in [(20_050_228, false), (20_050_301, true), (20_060_301, false)] {
            let tables = told(&records, on);
            let told = fact(&tables["application"][0], "application.blacklisted");
            assert_eq!(*told, Fact::Flag(expected), "{on}");
        }
    }
}
