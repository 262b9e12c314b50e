//! Guarantee funds, loans and blacklistings: what is refused, with nothing written, and what stays allowed.

mod laws;

use lika_core::{
    command::{Change, Registry as _},
    loan::{Kept, Method, Standing, credit},
    log::{Action, Kind},
    record::{
        Account, Answer, Appeal, Approval, Blacklisting, Body, Cadre, Decision, Direction,
        Enactment, Enterprise, Evaluation, Fund, GuaranteeFund, Household, Index, Key, Loan,
        LoanStage, LoanStep, Member, Officer, Outcome, Policy, Reason, Recourse, Repayment, Side,
        Subsidy, Transfer, decision_id,
    },
    value::{Digest, Fen, Label, Phone, Ppm, RecordId},
};

use crate::county::*;

const DEPOSIT: RecordId = id(40);
const OUTSIDE: RecordId = id(41);
const LENDER: RecordId = id(42);
const FUND: RecordId = id(43);
const LOAN: RecordId = id(44);
const OTHER_LOAN: RecordId = id(45);
const LISTING: RecordId = id(46);
const PAID: RecordId = id(47);
const EVALUATION: RecordId = id(48);
const ENACTMENT: RecordId = id(49);
/// Three people; the third is the helper who guarantees.
const FIRST: RecordId = id(50);
const SECOND: RecordId = id(51);
const HELPER: RecordId = id(52);
const OTHER_HOUSEHOLD: RecordId = id(53);
const OTHER_HEAD: RecordId = id(54);

fn label(text: &str) -> Label {
    Label::parse(text).unwrap()
}

fn create(id: RecordId, digits: &str, body: impl Into<Body>) -> Change {
    Change::create(id, area(digits), body)
}

fn by(officer: RecordId) -> Approval {
    let cadre = (officer == HELPER).then_some(CADRE);
    Approval { officer, cadre }
}

fn step(stage: LoanStage, officer: RecordId, on: u32) -> LoanStep {
    LoanStep {
        stage,
        on: day(on),
        by: by(officer),
        decision: None,
        excuse: None,
    }
}

/// A year of 5,000 yuan at 6 %, Taishun's most (S0.5).
fn applied() -> Loan {
    Loan {
        household: HOUSEHOLD,
        member: Some(HEAD),
        lender: LENDER,
        fund: Some(FUND),
        guarantor: Some(CADRE),
        purpose: code("livestock"),
        amount: Fen(500_000),
        months: 12,
        rate: Ppm(60_000),
        method: Method::Bullet,
        steps: vec![step(LoanStage::Applied, FIRST, 20150101)],
        repayments: Vec::new(),
        subsidies: Vec::new(),
        recourse: None,
    }
}

fn deposit() -> GuaranteeFund {
    GuaranteeFund {
        name: label("村担保基金"),
        lender: LENDER,
        accounts: vec![DEPOSIT],
        leverage: Ppm(5_000_000),
    }
}

fn enterprise(kind: &str) -> Enterprise {
    Enterprise {
        name: label("农村信用社"),
        kind: code(kind),
    }
}

fn account(side: Side) -> Account {
    Account {
        name: label("担保金"),
        side,
    }
}

fn transfer(from: RecordId, to: RecordId, fen: i64, used_for: Option<&str>) -> Transfer {
    Transfer {
        from,
        to,
        amount: Fen(fen),
        on: day(20150101),
        direction: used_for.map_or(Direction::In, |used_for| Direction::Out {
            used_for: code(used_for),
        }),
        channel: code("county-budget"),
        evidence: None,
        reverses: None,
        settles: None,
        approvals: Vec::new(),
    }
}

/// `done`, or the code of the refusal; a refused command writes nothing.
fn decide_as(county: &mut County, actor: RecordId, changes: Vec<Change>) -> &'static str {
    let before = county.registry.clone();
    match county.decide_as(actor, changes) {
        Ok(_) => "done",
        Err(refused) => {
            assert!(county.registry.same(&before));
            refused.refusal.code()
        }
    }
}

fn post(county: &mut County, id: RecordId, transfer: Transfer) {
    county.must(vec![create(id, COUNTY, transfer)]);
    for officer in [FIRST, SECOND] {
        let change = county.edit(id, Action::Change, |transfer: &mut Transfer| {
            transfer.approvals.push(by(officer));
        });
        assert_eq!(decide_as(county, officer, vec![change]), "done");
    }
}

/// A fund of this many fen with five times its leverage, and the application of 5,000 yuan.
fn county(fen: i64) -> County {
    let mut county = County::new();
    let officer = |id, cadre| {
        let officer = Officer {
            grants: Vec::new(),
            cadre,
            locked: false,
            identity: None,
            password_hash: None,
        };
        create(id, COUNTY, officer)
    };
    let fund = Fund {
        channel: code("county-budget"),
        purpose: code("guarantee"),
        year: None,
        barred_from_living_expenses: false,
    };
    county.must(vec![
        officer(FIRST, None),
        officer(SECOND, None),
        officer(HELPER, Some(CADRE)),
        create(LENDER, COUNTY, enterprise("lender")),
        create(DEPOSIT, COUNTY, account(Side::Internal(fund))),
        create(OUTSIDE, COUNTY, account(Side::External)),
        create(FUND, TOWNSHIP, deposit()),
    ]);
    post(&mut county, id(60), transfer(OUTSIDE, DEPOSIT, fen, None));
    let apply = create(LOAN, VILLAGE, applied());
    assert_eq!(decide_as(&mut county, FIRST, vec![apply]), "done");
    county
}

fn edit(county: &mut County, actor: RecordId, edit: impl FnOnce(&mut Loan)) -> &'static str {
    let change = county.edit(LOAN, Action::Change, edit);
    decide_as(county, actor, vec![change])
}

fn advance(county: &mut County, stage: LoanStage, officer: RecordId, on: u32) -> &'static str {
    edit(county, officer, |loan| {
        loan.steps.push(step(stage, officer, on))
    })
}

fn repay(county: &mut County, on: u32, principal: i64, interest: i64) -> &'static str {
    edit(county, FIRST, |loan| {
        loan.repayments.push(Repayment {
            on: day(on),
            principal: Fen(principal),
            interest: Fen(interest),
            officer: FIRST,
        });
    })
}

fn subsidise(county: &mut County, on: u32, fen: i64, decision: Option<RecordId>) -> &'static str {
    edit(county, FIRST, |loan| {
        loan.subsidies.push(Subsidy {
            on: day(on),
            amount: Fen(fen),
            transfer: PAID,
            decision,
            officer: FIRST,
        });
    })
}

fn default(county: &mut County, excuse: Option<&str>) -> &'static str {
    let change = county.edit(LOAN, Action::Change, |loan: &mut Loan| {
        loan.steps.push(LoanStep {
            excuse: excuse.map(code),
            ..step(LoanStage::Defaulted, SECOND, 20160901)
        });
    });
    decide_as(county, SECOND, vec![change])
}

fn recourse(county: &mut County, fen: i64) -> &'static str {
    edit(county, FIRST, |loan| {
        loan.steps.push(step(LoanStage::Recourse, FIRST, 20160901));
        loan.recourse = Some(Recourse {
            amount: Fen(fen),
            transfer: PAID,
        });
    })
}

/// The loan of 5,000 yuan, paid out on 1 March 2015.
fn lent(fen: i64) -> County {
    let mut county = county(fen);
    for (stage, officer, on) in [
        (LoanStage::Approved, SECOND, 20150201),
        (LoanStage::Disbursed, FIRST, 20150301),
    ] {
        assert_eq!(advance(&mut county, stage, officer, on), "done");
    }
    county
}

/// The same, and overdue since 1 March 2016.
fn overdue(fen: i64) -> County {
    let mut county = lent(fen);
    let told = advance(&mut county, LoanStage::Overdue, FIRST, 20160401);
    assert_eq!(told, "done");
    county
}

fn listing(reason: &str, loan: Option<RecordId>) -> Blacklisting {
    Blacklisting {
        household: HOUSEHOLD,
        member: None,
        reason: code(reason),
        loan,
        from: day(20150115),
        until: day(20170115),
        by: by(FIRST),
        appeal: None,
        texts: None,
    }
}

fn blacklist(county: &mut County, own: Blacklisting) -> &'static str {
    let change = create(LISTING, VILLAGE, own);
    decide_as(county, FIRST, vec![change])
}

fn loan(county: &County) -> Loan {
    match &county.registry.get(LOAN).body {
        Body::Loan(loan) => loan.clone(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn no_stage_is_skipped_backdated_or_dreamt_of() {
    let mut county = county(100_000);
    for stage in [
        LoanStage::Applied,
        LoanStage::Disbursed,
        LoanStage::Overdue,
        LoanStage::Repaid,
    ] {
        let skipped = advance(&mut county, stage, SECOND, 20150201);
        assert_eq!(skipped, "loan-stage-skipped", "{stage:?}");
    }
    let mut approve = |on| advance(&mut county, LoanStage::Approved, SECOND, on);
    assert_eq!(approve(20141231), "loan-backdated");
    assert_eq!(approve(20161002), "in-the-future");
    assert_eq!(approve(20150201), "done");
    let mut born = applied();
    born.steps.push(step(LoanStage::Approved, SECOND, 20150101));
    let change = create(NEW, VILLAGE, born);
    let born = decide_as(&mut county, FIRST, vec![change]);
    assert_eq!(born, "loan-stage-skipped");
    let unwritten = edit(&mut county, FIRST, |loan| loan.steps.truncate(1));
    assert_eq!(unwritten, "invalid-field");
}

#[test]
fn it_takes_two_people_and_not_the_guarantor() {
    let mut county = county(100_000);
    let mut approve = |officer| advance(&mut county, LoanStage::Approved, officer, 20150201);
    assert_eq!(approve(FIRST), "same-person");
    assert_eq!(approve(HELPER), "guarantor-approves");
    assert_eq!(approve(SECOND), "done");
    let own = advance(&mut county, LoanStage::Disbursed, SECOND, 20150301);
    assert_eq!(own, "same-person");
    let for_another = edit(&mut county, SECOND, |loan| {
        loan.steps.push(step(LoanStage::Disbursed, FIRST, 20150301));
    });
    assert_eq!(for_another, "not-the-approver");
}

#[test]
fn what_was_applied_for_stays() {
    type Edit = fn(&mut Loan);
    let edits: [(&str, Edit); 5] = [
        ("amount", |loan| loan.amount = Fen(1)),
        ("months", |loan| loan.months = 24),
        ("rate", |loan| loan.rate = Ppm(1)),
        ("guarantor", |loan| loan.guarantor = None),
        ("fund", |loan| loan.fund = None),
    ];
    let mut county = county(100_000);
    for (field, change) in edits {
        let change = county.edit(LOAN, Action::Change, change);
        let said = county.decide_as(FIRST, vec![change]).unwrap_err();
        let said = said.to_string();
        assert!(said.contains(&format!("{field}: stays")), "{said}");
    }
}

#[test]
fn nothing_is_lent_to_the_dead_nor_to_a_household_that_has_ended() {
    let mut county = county(100_000);
    let death = county.edit(WIFE, Action::Close, |member: &mut Member| {
        member.until = Some((day(20150601), code("death")));
    });
    county.must(vec![death]);
    let to_the_dead = Loan {
        member: Some(WIFE),
        ..applied()
    };
    let change = create(NEW, VILLAGE, to_the_dead);
    let refused = decide_as(&mut county, FIRST, vec![change]);
    assert_eq!(refused, "borrower-gone");

    let end = county.edit(
        PAIRING,
        Action::Close,
        |pairing: &mut lika_core::record::Pairing| {
            pairing.until = Some(day(20160901));
        },
    );
    let left = county.edit(HEAD, Action::Close, |member: &mut Member| {
        member.until = Some((day(20160901), code("death")));
    });
    let ended = county.edit(HOUSEHOLD, Action::Close, |_: &mut Household| {});
    county.must(vec![end, left, ended]);
    let change = create(NEW, VILLAGE, applied());
    let refused = decide_as(&mut county, FIRST, vec![change]);
    assert_eq!(refused, "borrower-gone");
    // Who dies before the money comes gets none.
    let approve = advance(&mut county, LoanStage::Approved, SECOND, 20160902);
    assert_eq!(approve, "borrower-gone");
}

#[test]
fn s0_5_the_lender_lends_no_more_than_the_leverage_allows() {
    // 1,000 yuan five times are 5,000; one fen less is too little.
    let mut tight = county(99_999);
    assert_eq!(
        advance(&mut tight, LoanStage::Approved, SECOND, 20150201),
        "done"
    );
    let above = advance(&mut tight, LoanStage::Disbursed, FIRST, 20150301);
    assert_eq!(above, "above-ceiling");
    let mut county = lent(100_000);
    assert_eq!(second_loan(&mut county), "above-ceiling");
    // What came back can be lent again.
    assert_eq!(repay(&mut county, 20150401, 500_000, 2_583), "done");
    assert_eq!(second_loan(&mut county), "done");
}

/// Another household's loan of 5,000 yuan from the same fund, brought to its disbursement.
fn second_loan(county: &mut County) -> &'static str {
    if county.registry.current(&OTHER_HOUSEHOLD).unwrap().is_none() {
        county.must(vec![
            create(OTHER_HOUSEHOLD, VILLAGE, household("2")),
            create(
                OTHER_HEAD,
                VILLAGE,
                member(OTHER_HOUSEHOLD, "02", "钱七", ""),
            ),
        ]);
        let other = Loan {
            household: OTHER_HOUSEHOLD,
            member: None,
            ..applied()
        };
        let apply = create(OTHER_LOAN, VILLAGE, other);
        assert_eq!(decide_as(county, FIRST, vec![apply]), "done");
        let approve = county.edit(OTHER_LOAN, Action::Change, |loan: &mut Loan| {
            loan.steps.push(step(LoanStage::Approved, SECOND, 20150401));
        });
        assert_eq!(decide_as(county, SECOND, vec![approve]), "done");
    }
    let disburse = county.edit(OTHER_LOAN, Action::Change, |loan: &mut Loan| {
        loan.steps.push(step(LoanStage::Disbursed, FIRST, 20150501));
    });
    decide_as(county, FIRST, vec![disburse])
}

#[test]
fn s0_5_a_subsidy_comes_from_the_fund_and_lowers_its_ceiling() {
    let mut county = lent(200_000);
    // The 31 days of March at 6 % of 5,000 yuan: 25.83 yuan.
    assert_eq!(repay(&mut county, 20150401, 0, 2_583), "done");
    let subsidy = transfer(DEPOSIT, OUTSIDE, 2_583, Some("interest-subsidy"));
    post(&mut county, PAID, subsidy);
    assert_eq!(
        subsidise(&mut county, 20150401, 2_584, None),
        "beyond-interest"
    );
    assert_eq!(
        subsidise(&mut county, 20150331, 2_583, None),
        "beyond-interest"
    );
    assert_eq!(subsidise(&mut county, 20150401, 2_583, None), "done");
    // Five times (2,000 − 25.83) yuan are 9,870.85: less than 10,000.
    assert_eq!(second_loan(&mut county), "above-ceiling");
    let undo = Transfer {
        from: OUTSIDE,
        to: DEPOSIT,
        reverses: Some(PAID),
        ..transfer(DEPOSIT, OUTSIDE, 2_583, Some("interest-subsidy"))
    };
    let undo = vec![create(NEW, COUNTY, undo)];
    assert_eq!(decide_as(&mut county, FIRST, undo), "counted-on");
}

#[test]
fn a_subsidy_is_paid_by_money_that_left_the_fund_for_it_once() {
    let mut county = lent(200_000);
    assert_eq!(repay(&mut county, 20150401, 0, 2_583), "done");
    let subsidy = transfer(DEPOSIT, OUTSIDE, 2_000, Some("interest-subsidy"));
    county.must(vec![create(PAID, COUNTY, subsidy)]);
    assert_eq!(
        subsidise(&mut county, 20150401, 2_000, None),
        "not-paid-by-fund"
    );
    for officer in [FIRST, SECOND] {
        let change = county.edit(PAID, Action::Change, |transfer: &mut Transfer| {
            transfer.approvals.push(by(officer));
        });
        assert_eq!(decide_as(&mut county, officer, vec![change]), "done");
    }
    assert_eq!(
        subsidise(&mut county, 20150401, 2_001, None),
        "beyond-transfer"
    );
    assert_eq!(subsidise(&mut county, 20150401, 1_000, None), "done");
    assert_eq!(subsidise(&mut county, 20150402, 1_000, None), "done");
    assert_eq!(subsidise(&mut county, 20150402, 1, None), "beyond-transfer");
    assert_eq!(subsidise(&mut county, 20150401, 1, None), "loan-backdated");
    let mut county = lent(200_000);
    assert_eq!(repay(&mut county, 20150401, 0, 2_583), "done");
    let training = transfer(DEPOSIT, OUTSIDE, 2_000, Some("training"));
    post(&mut county, PAID, training);
    assert_eq!(
        subsidise(&mut county, 20150401, 1, None),
        "not-paid-by-fund"
    );
}

#[test]
fn nobody_repays_more_than_he_owes_nor_before_what_was_paid_last() {
    let mut county = lent(100_000);
    assert_eq!(repay(&mut county, 20150228, 1, 0), "loan-backdated");
    assert_eq!(repay(&mut county, 20150401, 500_001, 0), "beyond-debt");
    assert_eq!(repay(&mut county, 20150401, 0, 2_584), "beyond-debt");
    assert_eq!(repay(&mut county, 20161002, 1, 0), "in-the-future");
    assert_eq!(repay(&mut county, 20150401, 100_000, 2_583), "done");
    assert_eq!(repay(&mut county, 20150331, 1, 0), "loan-backdated");
    assert_eq!(repay(&mut county, 20150401, 400_001, 0), "beyond-debt");
    let unpaid = edit(&mut county, FIRST, |loan| loan.repayments.clear());
    assert_eq!(unpaid, "invalid-field");
}

#[test]
fn a_loan_is_repaid_when_nothing_is_owed_and_not_earlier() {
    let mut county = lent(100_000);
    // 366 days: 2016 has a 29 February.
    assert_eq!(repay(&mut county, 20160301, 500_000, 30_499), "done");
    let early = advance(&mut county, LoanStage::Repaid, FIRST, 20160301);
    assert_eq!(early, "still-owed");
    assert_eq!(repay(&mut county, 20160301, 0, 1), "done");
    let early = advance(&mut county, LoanStage::Repaid, FIRST, 20160229);
    assert_eq!(early, "loan-backdated");
    let done = advance(&mut county, LoanStage::Repaid, FIRST, 20160301);
    assert_eq!(done, "done");
    assert_eq!(repay(&mut county, 20160302, 1, 0), "beyond-debt");
    let close = county.edit(LOAN, Action::Close, |_: &mut Loan| {});
    assert_eq!(decide_as(&mut county, FIRST, vec![close]), "loan-disbursed");
    let own = loan(&county);
    let file = credit([(LOAN, &own)], [], day(20161001));
    assert_eq!((file.loans[0].kept, file.owed), (Kept::OnTime, Fen::ZERO));
}

#[test]
fn an_application_is_withdrawn_as_it_is() {
    let mut county = county(100_000);
    let change = county.edit(LOAN, Action::Close, |loan: &mut Loan| {
        loan.steps.push(step(LoanStage::Approved, SECOND, 20150201));
    });
    assert_eq!(
        decide_as(&mut county, SECOND, vec![change]),
        "invalid-field"
    );
    let close = county.edit(LOAN, Action::Close, |_: &mut Loan| {});
    assert_eq!(decide_as(&mut county, FIRST, vec![close]), "done");
}

#[test]
fn nothing_is_overdue_before_its_day_is_over() {
    let mut county = lent(100_000);
    let mut told = |on| advance(&mut county, LoanStage::Overdue, FIRST, on);
    assert_eq!(told(20160301), "not-overdue");
    assert_eq!(told(20160302), "done");
    let standing = Standing::of(&loan(&county), day(20160302)).unwrap();
    assert_eq!(standing.overdue_since, Some(day(20160301)));
    // The day after the last one, its interest is due too.
    assert_eq!(standing.overdue, Fen(500_000 + 30_583));
    assert_eq!(standing.interest_until_overdue, Fen(30_500));
}

#[test]
fn a_default_is_followed_by_the_recourse_to_the_fund() {
    let mut county = overdue(1_000_000);
    assert_eq!(default(&mut county, None), "done");
    let owed = Standing::of(&loan(&county), day(20160901)).unwrap().owed();
    // 550 days at 6 %.
    assert_eq!(owed, Fen(500_000 + 45_833));
    let paid = transfer(DEPOSIT, OUTSIDE, 600_000, Some("guarantee-payment"));
    post(&mut county, PAID, paid);
    assert_eq!(recourse(&mut county, owed.0 + 1), "beyond-debt");
    let silent = advance(&mut county, LoanStage::Recourse, FIRST, 20160901);
    assert_eq!(silent, "invalid-field");
    assert_eq!(recourse(&mut county, owed.0), "done");
    let of_fund = county
        .registry
        .with_key(&Key::record(Index::LoansOfFund, &FUND));
    assert_eq!(of_fund.unwrap(), [], "the lender waits for nothing");
    // The household goes on owing, without further interest, now to the fund.
    let later = Standing::of(&loan(&county), day(20161001)).unwrap();
    assert_eq!(later.owed(), owed);
    assert_eq!(repay(&mut county, 20161001, 500_000, 45_833), "done");
    let repaid = advance(&mut county, LoanStage::Repaid, FIRST, 20161001);
    assert_eq!(repaid, "done");
}

#[test]
fn the_recourse_leaves_the_fund_for_a_guarantee() {
    let mut county = overdue(1_000_000);
    assert_eq!(default(&mut county, None), "done");
    let other = transfer(DEPOSIT, OUTSIDE, 600_000, Some("training"));
    post(&mut county, PAID, other);
    assert_eq!(recourse(&mut county, 1), "not-paid-by-fund");
    let early = edit(&mut county, FIRST, |loan| {
        loan.recourse = Some(Recourse {
            amount: Fen(1),
            transfer: PAID,
        });
    });
    assert_eq!(early, "invalid-field");
}

#[test]
fn s0_6_nothing_is_lent_to_a_household_that_is_blacklisted() {
    let mut county = county(100_000);
    assert_eq!(blacklist(&mut county, listing("fraud", None)), "done");
    let mut approve = |on| advance(&mut county, LoanStage::Approved, SECOND, on);
    assert_eq!(approve(20150115), "blacklisted");
    assert_eq!(approve(20150114), "done", "the day before it");
    let disburse = advance(&mut county, LoanStage::Disbursed, FIRST, 20150301);
    assert_eq!(disburse, "blacklisted");
    let again = create(
        NEW,
        VILLAGE,
        Loan {
            steps: vec![step(LoanStage::Applied, FIRST, 20160101)],
            ..applied()
        },
    );
    assert_eq!(decide_as(&mut county, FIRST, vec![again]), "blacklisted");
}

#[test]
fn s0_6_an_appeal_is_answered_by_somebody_else_and_ends_the_blacklisting_when_upheld() {
    let mut county = county(100_000);
    assert_eq!(blacklist(&mut county, listing("fraud", None)), "done");
    let appeal = |answer| {
        Some(Appeal {
            on: day(20150120),
            answer,
        })
    };
    let answer = |officer, finding, on| {
        Some(Answer {
            on: day(on),
            finding: code(finding),
            by: by(officer),
        })
    };
    let mut set = |actor, own| {
        let change = county.edit(LISTING, Action::Change, |listing: &mut Blacklisting| {
            listing.appeal = own;
        });
        decide_as(&mut county, actor, vec![change])
    };
    assert_eq!(set(FIRST, appeal(None)), "done");
    let own = answer(FIRST, "upheld", 20150125);
    assert_eq!(set(FIRST, appeal(own)), "same-person");
    let early = answer(SECOND, "upheld", 20150119);
    assert_eq!(set(SECOND, appeal(early)), "loan-backdated");
    assert_eq!(set(SECOND, None), "invalid-field");
    let upheld = answer(SECOND, "upheld", 20150125);
    assert_eq!(set(SECOND, appeal(upheld)), "done");
    let turned = answer(SECOND, "dismissed", 20150125);
    assert_eq!(set(SECOND, appeal(turned)), "invalid-field");
    let mut approve = |on| advance(&mut county, LoanStage::Approved, SECOND, on);
    assert_eq!(approve(20150124), "blacklisted");
    assert_eq!(approve(20150125), "done");
    let close = county.edit(LISTING, Action::Close, |_: &mut Blacklisting| {});
    assert_eq!(decide_as(&mut county, FIRST, vec![close]), "invalid-field");
}

#[test]
fn s0_6_a_blacklisting_expires_and_rests_on_something() {
    let mut county = county(100_000);
    let unnamed = blacklist(&mut county, listing("diversion", None));
    assert_eq!(unnamed, "invalid-field");
    let paid = blacklist(&mut county, listing("unexcused-default", Some(LOAN)));
    assert_eq!(paid, "not-in-default");
    let over = Blacklisting {
        from: day(20140101),
        until: day(20150201),
        ..listing("diversion", Some(LOAN))
    };
    assert_eq!(blacklist(&mut county, over), "done");
    let mut approve = |on| advance(&mut county, LoanStage::Approved, SECOND, on);
    assert_eq!(approve(20150131), "blacklisted");
    assert_eq!(approve(20150201), "done");

    let mut county = overdue(1_000_000);
    assert_eq!(default(&mut county, Some("disaster")), "done");
    let excused = Blacklisting {
        from: day(20160901),
        ..listing("unexcused-default", Some(LOAN))
    };
    assert_eq!(blacklist(&mut county, excused.clone()), "not-in-default");
    let mut county = overdue(1_000_000);
    assert_eq!(default(&mut county, None), "done");
    assert_eq!(blacklist(&mut county, excused), "done");
    let own = loan(&county);
    let file = credit([(LOAN, &own)], [], day(20161001));
    assert_eq!(file.loans[0].kept, Kept::Defaulted);
}

#[test]
fn a_guarantor_does_not_borrow_himself() {
    let mut county = county(100_000);
    // 王五, the cadre, is a member of the household that borrows.
    let namesake = member(HOUSEHOLD, "20", "王五", "");
    county.must(vec![create(NEW, VILLAGE, namesake)]);
    let approve = advance(&mut county, LoanStage::Approved, SECOND, 20150201);
    assert_eq!(approve, "guarantor-borrows");
}

#[test]
fn a_guarantor_with_a_loan_of_his_own_guarantees_no_other() {
    let mut county = lent(1_000_000);
    // The same phone makes the head of the other household and the cadre one person; the same name alone does not.
    let phone = Some(Phone::parse("13812345678").unwrap());
    let known = county.edit(CADRE, Action::Change, |cadre: &mut Cadre| {
        let mut identity = cadre.identity.take().unwrap();
        identity.phone = phone.clone();
        cadre.identity = Some(identity);
    });
    county.must(vec![
        known,
        create(OTHER_HOUSEHOLD, VILLAGE, household("2")),
        create(
            OTHER_HEAD,
            VILLAGE,
            member(OTHER_HOUSEHOLD, "02", "王五", ""),
        ),
    ]);
    let own = Loan {
        household: OTHER_HOUSEHOLD,
        member: None,
        guarantor: None,
        ..applied()
    };
    let apply = create(OTHER_LOAN, VILLAGE, own);
    assert_eq!(decide_as(&mut county, FIRST, vec![apply]), "done");
    for (stage, officer) in [(LoanStage::Approved, SECOND), (LoanStage::Disbursed, FIRST)] {
        let change = county.edit(OTHER_LOAN, Action::Change, |loan: &mut Loan| {
            loan.steps.push(step(stage, officer, 20150301));
        });
        assert_eq!(decide_as(&mut county, officer, vec![change]), "done");
    }
    let again = |county: &mut County| {
        let change = create(NEW, VILLAGE, applied());
        decide_as(county, FIRST, vec![change])
    };
    let mut namesake = county.clone();
    assert_eq!(again(&mut namesake), "done");
    let same = county.edit(OTHER_HEAD, Action::Change, |member: &mut Member| {
        let mut identity = member.identity.take().unwrap();
        identity.phone = phone.clone();
        member.identity = Some(identity);
    });
    county.must(vec![same]);
    assert_eq!(again(&mut county), "guarantor-borrows");
}

#[test]
fn a_fund_is_deposited_once_with_a_lender_and_ends_after_its_loans() {
    let mut county = lent(100_000);
    let mut refused = |id, digits, fund| {
        let change = create(id, digits, fund);
        decide_as(&mut county, FIRST, vec![change])
    };
    assert_eq!(refused(NEW, COUNTY, deposit()), "already-deposited");
    let external = GuaranteeFund {
        accounts: vec![OUTSIDE],
        ..deposit()
    };
    assert_eq!(refused(NEW, COUNTY, external), "invalid-field");
    let unknown = GuaranteeFund {
        lender: CADRE,
        ..deposit()
    };
    assert_eq!(refused(NEW, COUNTY, unknown), "no-such-record");
    let close = county.edit(FUND, Action::Close, |_: &mut GuaranteeFund| {});
    assert_eq!(
        decide_as(&mut county, FIRST, vec![close]),
        "still-guarantees"
    );
    assert_eq!(repay(&mut county, 20150401, 500_000, 2_583), "done");
    let close = county.edit(FUND, Action::Close, |_: &mut GuaranteeFund| {});
    assert_eq!(decide_as(&mut county, FIRST, vec![close]), "done");
}

#[test]
fn a_fund_guarantees_around_itself_and_with_its_own_lender() {
    let mut county = county(100_000);
    let elsewhere = create(id(61), OTHER_VILLAGE, deposit());
    let change = county.edit(FUND, Action::Close, |_: &mut GuaranteeFund| {});
    county.must(vec![change, elsewhere]);
    let far = Loan {
        fund: Some(id(61)),
        ..applied()
    };
    let change = create(NEW, VILLAGE, far);
    assert_eq!(decide_as(&mut county, FIRST, vec![change]), "other-area");
    let insurer = create(id(62), COUNTY, enterprise("insurer"));
    county.must(vec![insurer]);
    let no_lender = Loan {
        lender: id(62),
        fund: None,
        ..applied()
    };
    let change = create(NEW, VILLAGE, no_lender);
    assert_eq!(decide_as(&mut county, FIRST, vec![change]), "invalid-field");
}

/// Puts a policy in force for a purpose, and its decision on the loan beside it.
fn decided(county: &mut County, purpose: &str, outcome: Outcome, amount: Option<i64>) -> RecordId {
    let component = Digest([7; 32]);
    let policy = Policy {
        name: label("loan"),
        version: label("0.1.0"),
        purpose: code(purpose),
        component,
        size: 1,
        package: Digest([3; 32]),
        signed_with: Vec::new(),
    };
    let enactment = Enactment {
        policy: Policy::id_for(&component),
        purpose: code(purpose),
        settings: "{}".to_owned(),
        from: day(20150101),
        until: None,
        preview: Digest([2; 32]),
        approvals: Vec::new(),
        binding: false,
        suspended: false,
        brings_back: None,
    };
    let evaluation = Evaluation {
        enactment: ENACTMENT,
        component,
        settings: Digest([8; 32]),
        engine: "wasmtime".to_owned(),
        as_of: (1, 1),
        scope: "subject".to_owned(),
        input: bytes::Bytes::from_static(b"in"),
        output: bytes::Bytes::from_static(b"out"),
        failure: None,
        tables: Vec::new(),
    };
    let decision = Decision {
        evaluation: EVALUATION,
        purpose: code(purpose),
        subject_kind: Kind::Loan,
        subject: LOAN,
        outcome,
        amount: amount.map(Fen),
        score: None,
        reasons: vec![Reason {
            code: code("amount-above-ceiling"),
            facts: Vec::new(),
            arguments: Vec::new(),
        }],
        comparisons: Vec::new(),
        proposals: Vec::new(),
    };
    let id = decision_id(&code(purpose), &LOAN);
    county.must(vec![
        create(Policy::id_for(&component), COUNTY, policy),
        create(ENACTMENT, COUNTY, enactment),
    ]);
    for officer in [FIRST, SECOND] {
        let change = county.edit(ENACTMENT, Action::Change, |body: &mut Enactment| {
            body.approvals.push(by(officer));
        });
        assert_eq!(decide_as(county, officer, vec![change]), "done");
    }
    county.must(vec![
        create(EVALUATION, COUNTY, evaluation),
        create(id, VILLAGE, decision),
    ]);
    id
}

fn approve_by(county: &mut County, decision: Option<RecordId>) -> &'static str {
    edit(county, SECOND, |loan| {
        loan.steps.push(LoanStep {
            decision,
            ..step(LoanStage::Approved, SECOND, 20150201)
        });
    })
}

#[test]
fn the_policy_in_force_binds_the_approval() {
    for (outcome, code) in [
        (Outcome::Granted(code("loan")), "done"),
        (Outcome::Refused, "refused-by-policy"),
        (
            Outcome::Undetermined(vec!["application.amount".to_owned()]),
            "undetermined-by-policy",
        ),
    ] {
        let mut county = county(100_000);
        let decision = decided(&mut county, "loan", outcome, None);
        assert_eq!(approve_by(&mut county, None), "not-decided");
        assert_eq!(approve_by(&mut county, Some(NEW)), "no-such-record");
        assert_eq!(approve_by(&mut county, Some(decision)), code);
    }
}

#[test]
fn a_refusal_by_policy_names_component_and_reason() {
    let mut county = county(100_000);
    let decision = decided(&mut county, "loan", Outcome::Refused, None);
    let change = county.edit(LOAN, Action::Change, |loan: &mut Loan| {
        loan.steps.push(LoanStep {
            decision: Some(decision),
            ..step(LoanStage::Approved, SECOND, 20150201)
        });
    });
    let refused = county.decide_as(SECOND, vec![change]).unwrap_err();
    let said = refused.to_string();
    assert!(said.contains(&Digest([7; 32]).to_string()), "{said}");
    assert!(said.contains("amount-above-ceiling"), "{said}");
}

#[test]
fn a_decision_counts_only_while_what_made_it_is_in_force() {
    let granted = || Outcome::Granted(code("loan"));
    let mut county = county(100_000);
    let decision = decided(&mut county, "loan", granted(), None);
    let suspend = county.edit(ENACTMENT, Action::Change, |body: &mut Enactment| {
        body.suspended = true;
    });
    let mut suspended = county.clone();
    suspended.must(vec![suspend]);
    let refused = approve_by(&mut suspended, Some(decision));
    assert_eq!(refused, "decision-suspended");
    let over = county.edit(ENACTMENT, Action::Change, |body: &mut Enactment| {
        body.until = Some(day(20160101));
    });
    county.must(vec![over]);
    assert_eq!(approve_by(&mut county, Some(decision)), "invalid-field");
    assert_eq!(approve_by(&mut county, None), "done");
}

#[test]
fn a_subsidy_is_no_more_than_the_policy_grants_in_all() {
    let mut county = lent(200_000);
    assert_eq!(repay(&mut county, 20150401, 0, 2_583), "done");
    let subsidy = transfer(DEPOSIT, OUTSIDE, 2_583, Some("interest-subsidy"));
    post(&mut county, PAID, subsidy);
    let outcome = Outcome::Granted(code("subsidy"));
    let decision = Some(decided(&mut county, "subsidy", outcome, Some(2_000)));
    let mut subsidise = |fen, decision| subsidise(&mut county, 20150401, fen, decision);
    assert_eq!(subsidise(1, None), "not-decided");
    assert_eq!(subsidise(2_001, decision), "beyond-grant");
    assert_eq!(subsidise(1_500, decision), "done");
    assert_eq!(subsidise(501, decision), "beyond-grant");
    assert_eq!(subsidise(500, decision), "done");
}
