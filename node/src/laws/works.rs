//! Measures, projects, contracts, trainings, covers and collective income; co-operatives; guarantee funds and loans.

use lika_core::{
    command::Change,
    loan::{Method, Standing},
    record::{
        Account, Answer, Appeal, Approval, Blacklisting, Cadre, CollectiveIncome, Contract,
        Cooperative, Cover, Decision, Direction, Dividend, End, Enterprise, GuaranteeFund, Holder,
        Household, Loan, LoanStage, LoanStep, Measure, Member, Payment, Project, ReachedStage,
        Record, Recourse, Repayment, Shareholding, Side, Stage, Subsidy, Training, Transfer, Unit,
        VillageBatch,
    },
    value::{Date, Digest, Fen, Ppm, RecordId, Span, Year},
};

use super::{
    Move,
    county::{COUNTY, County, Of, TOWNSHIPS, Try, area, code, day, edit, end, label},
    dice::Dice,
};

/// How often each is tried.
pub const MOVES: &[(usize, Move)] = &[
    (7, helps_by_a_measure),
    (3, ends_a_measure),
    (2, plans_a_batch),
    (5, proposes_a_project),
    (12, brings_a_project_on),
    (1, ends_a_project),
    (2, registers_an_enterprise),
    (4, contracts),
    (3, trains),
    (5, insures),
    (3, earns_collectively),
    (3, founds_a_cooperative),
    (5, holds_a_share),
    (2, leaves_a_cooperative),
    (4, pays_a_dividend),
    (2, deposits_a_fund),
    (6, applies_for_a_loan),
    (18, brings_a_loan_on),
    (6, repays),
    (4, is_subsidised),
    (1, withdraws_a_loan),
    (3, blacklists),
    (3, appeals),
];

/// One enterprise of each kind that something needs, and a fund that guarantees loans.
pub fn begin(county: &County) -> Vec<Change> {
    let enterprises = ["lender", "insurer", "hosting-base"];
    let mut changes: Vec<_> = (0..)
        .zip(enterprises)
        .map(|(place, kind)| {
            let own = enterprise(kind);
            Change::create(county.fresh(place), area(COUNTY), own)
        })
        .collect();
    let deposit = county.all::<Account>().into_iter().find(
        |(_, account)| matches!(&account.side, Side::Internal(fund) if fund.purpose == "guarantee"),
    );
    let fund = GuaranteeFund {
        name: label("担保基金"),
        lender: county.fresh(0),
        accounts: vec![deposit.unwrap().0.id],
        leverage: Ppm(5_000_000),
    };
    changes.push(Change::create(county.fresh(10), area(TOWNSHIPS[0]), fund));
    changes
}

fn enterprise(kind: &str) -> Enterprise {
    Enterprise {
        name: label("农村信用社"),
        kind: code(kind),
    }
}

fn of_kind(county: &County, dice: &mut Dice<'_>, kind: &str) -> Option<RecordId> {
    if dice.once_in(12) {
        return county.any::<Enterprise>(dice).map(|(record, _)| record.id);
    }
    let found = county.any_where(dice, |_, own: &Enterprise| own.kind == kind);
    found.map(|(record, _)| record.id)
}

fn member_of(county: &County, dice: &mut Dice<'_>, household: &RecordId) -> Option<RecordId> {
    if dice.once_in(12) {
        return county.any::<Member>(dice).map(|(record, _)| record.id);
    }
    let members = county.members(household);
    dice.of(&members).map(|(record, _)| record.id)
}

fn helps_by_a_measure(county: &County, dice: &mut Dice<'_>) -> Option<Try> {
    let office = county.officer(dice).officer;
    let (household, _) = county.any::<Household>(dice)?;
    let is_of_village = dice.once_in(5);
    let member = member_of(county, dice, &household.id).filter(|_| dice.once_in(2));
    let project = county.any::<Project>(dice).map(|(record, _)| record.id);
    let measure = Measure {
        household: (!is_of_village).then_some(household.id),
        member: member.filter(|_| !is_of_village),
        kind: dice.code("measure-kind"),
        project: project.filter(|_| dice.once_in(4)),
        from: dice.before(county.today(), 60),
        until: None,
        amount: dice.once_in(2).then(|| dice.fen(5_000)),
        results: Vec::new(),
    };
    let change = Change::create(county.fresh(0), household.area, measure);
    Some(Try::one(office, change))
}

fn ends_a_measure(county: &County, dice: &mut Dice<'_>) -> Option<Try> {
    let office = county.officer(dice).officer;
    let (record, _) = county.any::<Measure>(dice)?;
    let until = if dice.once_in(8) {
        county.today().plus_days(2)
    } else {
        Some(county.today())
    };
    let result = dice.code("measure-result");
    let close = dice.once_in(3);
    let change = if close {
        end(record, |_: &mut Measure| {})
    } else {
        edit(record, |measure: &mut Measure| {
            measure.until = until;
            measure.results = vec![result];
        })
    };
    Some(Try::one(office, change))
}

fn plans_a_batch(county: &County, dice: &mut Dice<'_>) -> Option<Try> {
    let office = county.officer(dice).officer;
    let from = dice.before(county.today(), 400);
    let until = dice.once_in(2).then(|| from.plus_days(365)).flatten();
    let mut villages = vec![county.village(dice), county.village(dice)];
    villages.sort_unstable();
    villages.dedup();
    let batch = VillageBatch {
        name: label("整村推进第一批"),
        villages,
        span: Span::new(from, until).ok()?,
    };
    let change = Change::create(county.fresh(0), area(COUNTY), batch);
    Some(Try::one(office, change))
}

fn proposes_a_project(county: &County, dice: &mut Dice<'_>) -> Option<Try> {
    let by = county.officer(dice);
    let on = dice.before(county.today(), 30);
    let batch = county.any::<VillageBatch>(dice);
    let batch = batch.map(|(record, _)| record.id);
    let project = Project {
        name: label("烟叶基地"),
        project_type: dice.code("project-type"),
        year: Year::new(2016).unwrap(),
        budget: vec![
            (code("county-budget"), dice.fen(50_000)),
            (code("donation"), Fen(400)),
        ],
        households: 20,
        village_batch: batch.filter(|_| dice.once_in(2)),
        steps: vec![reached(Stage::Proposed, on, by)],
        actual: None,
        reimbursed: None,
        end: None,
    };
    let at = county.place(dice);
    let change = Change::create(county.fresh(0), at, project);
    Some(Try::one(by.officer, change))
}

fn reached(stage: Stage, on: Date, by: Approval) -> ReachedStage {
    ReachedStage {
        stage,
        on,
        by,
        evidence: Some(Digest([7; 32])),
    }
}

fn brings_a_project_on(county: &County, dice: &mut Dice<'_>) -> Option<Try> {
    let going_on = county.any_where(dice, |_, project: &Project| {
        project.end.is_none() && project.next().is_some()
    });
    let (record, project) = going_on?;
    let stage = if dice.once_in(10) {
        dice.one(&Stage::ALL)
    } else {
        project.next()?
    };
    let others: Vec<_> = project.steps.iter().map(|step| step.by).collect();
    let by = if dice.once_in(8) || stage.written_by_others_than().is_empty() {
        county.officer(dice)
    } else {
        county.another(dice, &others)
    };
    let on = if dice.once_in(10) {
        dice.before(county.today(), 90)
    } else {
        county.today()
    };
    let cost = dice.fen(50_000);
    let change = edit(record, |project: &mut Project| {
        project.steps.push(reached(stage, on, by));
        match stage {
            Stage::Accepted => project.actual = Some(cost),
            Stage::Reimbursed => project.reimbursed = project.actual,
            _ => {}
        }
    });
    Some(Try::one(by.officer, change))
}

fn ends_a_project(county: &County, dice: &mut Dice<'_>) -> Option<Try> {
    let by = county.officer(dice);
    let (record, _) = county.any::<Project>(dice)?;
    let ended = End {
        reason: dice.code("project-end"),
        on: county.today(),
    };
    let change = if dice.once_in(3) {
        end(record, |_: &mut Project| {})
    } else {
        edit(record, |project: &mut Project| project.end = Some(ended))
    };
    Some(Try::one(by.officer, change))
}

fn registers_an_enterprise(county: &County, dice: &mut Dice<'_>) -> Option<Try> {
    let office = county.officer(dice).officer;
    let kind = dice.code("enterprise-kind");
    let at = county.place(dice);
    let change = match county.any::<Enterprise>(dice) {
        Some((record, _)) if dice.once_in(3) => edit(record, |own: &mut Enterprise| {
            own.name = label("新公司");
        }),
        _ => Change::create(county.fresh(0), at, enterprise(kind.as_str())),
    };
    Some(Try::one(office, change))
}

fn contracts(county: &County, dice: &mut Dice<'_>) -> Option<Try> {
    let office = county.officer(dice).officer;
    let (household, _) = county.any::<Household>(dice)?;
    let cooperative = county.any::<Cooperative>(dice).map(|(record, _)| record.id);
    let cooperative = cooperative.filter(|_| dice.once_in(2));
    let from = dice.before(county.today(), 60);
    let contract = Contract {
        household: household.id,
        organisation: cooperative.or_else(|| of_kind(county, dice, "hosting-base"))?,
        kind: dice.code("contract-kind"),
        product: Some(label("油茶")),
        volume: Some((450, code("mu"))),
        price: Some(dice.fen(1_000)),
        added_income: None,
        from,
        until: from.plus_days(365),
        ended_on: dice.once_in(4).then(|| county.today()),
    };
    let id = contract.id();
    Some(Try::one(office, county.put(id, household.area, contract)))
}

fn trains(county: &County, dice: &mut Dice<'_>) -> Option<Try> {
    let office = county.officer(dice).officer;
    let attendee = match dice.below(3) {
        0 => county.any::<Member>(dice)?.0.id,
        1 => county.any::<Cadre>(dice)?.0.id,
        _ => county.any::<Household>(dice)?.0.id,
    };
    let unit = county.any::<Unit>(dice).map(|(record, _)| record.id);
    let training = Training {
        kind: dice.code("training-kind"),
        audience: dice.code("training-audience"),
        title: label("养蜂技术"),
        on: dice.before(county.today(), 60),
        days: 2,
        place: label("村部"),
        attendances: 40,
        questions_resolved: None,
        attendees: vec![attendee],
        unit: unit.filter(|_| dice.once_in(2)),
    };
    let at = county.place(dice);
    let change = match county.any::<Training>(dice) {
        Some((record, _)) if dice.once_in(3) => edit(record, |own: &mut Training| *own = training),
        _ => Change::create(county.fresh(0), at, training),
    };
    Some(Try::one(office, change))
}

fn insures(county: &County, dice: &mut Dice<'_>) -> Option<Try> {
    let office = county.officer(dice).officer;
    if let Some((record, _)) = county.any::<Cover>(dice)
        && dice.once_in(4)
    {
        return Some(Try::one(office, end(record, |_: &mut Cover| {})));
    }
    let (household, _) = county.any::<Household>(dice)?;
    let from = dice.before(county.today(), 60);
    let cover = Cover {
        household: household.id,
        member: member_of(county, dice, &household.id).filter(|_| dice.once_in(2)),
        kind: dice.code("insurance-kind"),
        insurer: of_kind(county, dice, "insurer")?,
        premium: dice.fen(3_000),
        paid_by: dice.code("fund-channel"),
        from,
        until: from.plus_days(365)?,
    };
    let change = Change::create(county.fresh(0), household.area, cover);
    Some(Try::one(office, change))
}

fn earns_collectively(county: &County, dice: &mut Dice<'_>) -> Option<Try> {
    let office = county.officer(dice).officer;
    let village = county.village(dice);
    let year = Year::new(u16::try_from(2014 + dice.below(4)).unwrap()).unwrap();
    let income = CollectiveIncome {
        year,
        sources: vec![(dice.code("collective-source"), dice.fen(60_000))],
    };
    let id = CollectiveIncome::id_for(&village, year);
    Some(Try::one(office, county.put(id, village, income)))
}

fn founds_a_cooperative(county: &County, dice: &mut Dice<'_>) -> Option<Try> {
    let office = county.officer(dice).officer;
    let cooperative = Cooperative {
        name: label("村创业基金合作社"),
        capital: dice.fen(60_000),
    };
    let at = county.village(dice);
    let change = match (county.any::<Cooperative>(dice), dice.below(4)) {
        (Some((record, _)), 2) => edit(record, |own: &mut Cooperative| *own = cooperative),
        (Some((record, _)), 3) => end(record, |_: &mut Cooperative| {}),
        _ => Change::create(county.fresh(0), at, cooperative),
    };
    Some(Try::one(office, change))
}

fn holds_a_share(county: &County, dice: &mut Dice<'_>) -> Option<Try> {
    let office = county.officer(dice).officer;
    let (record, _) = county.any::<Cooperative>(dice)?;
    let near = county.any_where(dice, |household, _: &Household| {
        household.area == record.area
    });
    let household = near.or_else(|| county.any::<Household>(dice))?.0.id;
    let share = Shareholding {
        cooperative: record.id,
        holder: match dice.below(3) {
            0 => Holder::Other(code("village-collective")),
            _ => Holder::Household(household),
        },
        equity: dice.fen(20_000),
        poverty_fund: !dice.once_in(4),
        from: day(2016, 1, 1),
        until: None,
    };
    let change = match county.any::<Shareholding>(dice) {
        Some((known, _)) if dice.once_in(4) => edit(known, |own: &mut Shareholding| {
            own.equity = share.equity;
        }),
        _ => Change::create(county.fresh(0), record.area, share),
    };
    Some(Try::one(office, change))
}

fn leaves_a_cooperative(county: &County, dice: &mut Dice<'_>) -> Option<Try> {
    let office = county.officer(dice).officer;
    let (record, _) = county.any::<Shareholding>(dice)?;
    let today = county.today();
    let change = end(record, |own: &mut Shareholding| own.until = Some(today));
    Some(Try::one(office, change))
}

fn pays_a_dividend(county: &County, dice: &mut Dice<'_>) -> Option<Try> {
    let office = county.officer(dice).officer;
    let (record, _) = county.any::<Cooperative>(dice)?;
    let year = Year::new(u16::try_from(2015 + dice.below(3)).unwrap()).unwrap();
    let shares = county.any_where(dice, |_, share: &Shareholding| {
        share.cooperative == record.id && share.poverty_fund
    });
    let share = shares.or_else(|| county.any::<Shareholding>(dice));
    let share = share.filter(|_| !dice.once_in(3));
    let amount = dice.fen(9_000);
    let decided = share.and_then(|(share, _)| {
        county.any_where(dice, |_, decision: &Decision| decision.subject == share.id)
    });
    let dividend = Dividend {
        cooperative: record.id,
        year,
        amount,
        payments: share
            .map(|(share, _)| Payment {
                shareholding: share.id,
                amount: if dice.once_in(6) {
                    Fen(amount.0 + 1)
                } else {
                    amount
                },
                decision: decided.map(|(decision, _)| decision.id),
            })
            .into_iter()
            .collect(),
    };
    let id = Dividend::id_for(&record.id, year);
    Some(Try::one(office, county.put(id, record.area, dividend)))
}

fn deposits_a_fund(county: &County, dice: &mut Dice<'_>) -> Option<Try> {
    let office = county.officer(dice).officer;
    if let Some((record, _)) = county.any::<GuaranteeFund>(dice)
        && dice.once_in(2)
    {
        let change = if dice.once_in(3) {
            end(record, |_: &mut GuaranteeFund| {})
        } else {
            edit(record, |own: &mut GuaranteeFund| {
                own.leverage = Ppm(8_000_000)
            })
        };
        return Some(Try::one(office, change));
    }
    let fund = GuaranteeFund {
        name: label("村担保基金"),
        lender: of_kind(county, dice, "lender")?,
        accounts: vec![county.any::<Account>(dice)?.0.id],
        leverage: Ppm(5_000_000),
    };
    let at = county.place(dice);
    Some(Try::one(office, Change::create(county.fresh(0), at, fund)))
}

fn applies_for_a_loan(county: &County, dice: &mut Dice<'_>) -> Option<Try> {
    let by = county.officer(dice);
    let (fund, own) = county.any::<GuaranteeFund>(dice)?;
    let near = county.any_where(dice, |household, _: &Household| {
        fund.area.contains(&household.area)
    });
    let (household, _) = near.or_else(|| county.any::<Household>(dice))?;
    let guarantor = county.any::<Cadre>(dice).map(|(record, _)| record.id);
    let loan = Loan {
        household: household.id,
        member: member_of(county, dice, &household.id).filter(|_| dice.once_in(2)),
        lender: own.lender,
        fund: (!dice.once_in(5)).then_some(fund.id),
        guarantor: guarantor.filter(|_| dice.once_in(2)),
        purpose: dice.code("loan-purpose"),
        amount: dice.fen(40_000),
        months: u32::try_from(1 + dice.below(3)).unwrap(),
        rate: Ppm(60_000),
        method: dice.one(&[
            Method::Bullet,
            Method::QuarterlyInterest,
            Method::EqualPrincipal,
        ]),
        steps: vec![loan_step(
            LoanStage::Applied,
            dice.before(county.today(), 20),
            by,
        )],
        repayments: Vec::new(),
        subsidies: Vec::new(),
        recourse: None,
    };
    let change = Change::create(county.fresh(0), household.area, loan);
    Some(Try::one(by.officer, change))
}

fn loan_step(stage: LoanStage, on: Date, by: Approval) -> LoanStep {
    LoanStep {
        stage,
        on,
        by,
        decision: None,
        excuse: None,
    }
}

/// A payment that the fund of a loan has made for a use.
fn paid_by_fund<'a>(
    county: &'a County,
    dice: &mut Dice<'_>,
    loan: &Loan,
    used_for: &str,
) -> Option<(&'a Record, &'a Transfer)> {
    let fund = loan.fund.and_then(|fund| county.records.get(&fund))?;
    let fund = GuaranteeFund::of(&fund.body)?;
    let found = county.any_where(dice, |_, transfer: &Transfer| {
        let is_use =
            matches!(&transfer.direction, Direction::Out { used_for: own } if own == used_for);
        transfer.is_posted() && is_use && fund.accounts.contains(&transfer.from)
    });
    found.or_else(|| county.any::<Transfer>(dice))
}

/// The next stage of a loan, or now and then any other.
fn brings_a_loan_on(county: &County, dice: &mut Dice<'_>) -> Option<Try> {
    let going_on = county.any_where(dice, |_, loan: &Loan| !loan.has_reached(LoanStage::Repaid));
    let (record, loan) = going_on?;
    let next = loan.stage()?.followed_by();
    let stage = if dice.once_in(10) {
        dice.one(&LoanStage::ALL)
    } else {
        dice.one(next)
    };
    let other = stage
        .written_by_another_than()
        .and_then(|other| loan.step(other));
    let by = match other {
        Some(other) if !dice.once_in(8) => county.another(dice, &[other.by]),
        _ => county.officer(dice),
    };
    let today = county.today();
    let decided = county.any_where(dice, |_, decision: &Decision| decision.subject == record.id);
    let mut step = loan_step(stage, today, by);
    if stage == LoanStage::Approved {
        step.decision = decided.map(|(decision, _)| decision.id);
    }
    if stage == LoanStage::Defaulted && dice.once_in(2) {
        step.excuse = Some(dice.code("default-excuse"));
    }
    let owed = Standing::of(loan, today).map_or(Fen(1), |standing| standing.owed());
    let transfer = paid_by_fund(county, dice, loan, "guarantee-payment");
    let recourse = transfer.map(|(transfer, paid)| Recourse {
        amount: Fen(owed.0.min(paid.amount.0).max(1)),
        transfer: transfer.id,
    });
    let change = edit(record, |loan: &mut Loan| {
        loan.steps.push(step);
        if stage == LoanStage::Recourse {
            loan.recourse = recourse;
        }
    });
    Some(Try::one(by.officer, change))
}

fn repays(county: &County, dice: &mut Dice<'_>) -> Option<Try> {
    let by = county.officer(dice);
    let owing = county.any_where(dice, |_, loan: &Loan| {
        loan.has_reached(LoanStage::Disbursed)
    });
    let (record, loan) = owing.or_else(|| county.any::<Loan>(dice))?;
    let on = county.today();
    let standing = Standing::of(loan, on);
    let (principal, interest) = standing.map_or((Fen(5), Fen(0)), |standing| {
        (standing.principal_owed, standing.interest_owed)
    });
    let whole = dice.once_in(2);
    let part = if whole { 1 } else { 2 };
    let more = i64::from(dice.once_in(6));
    let repayment = Repayment {
        on,
        principal: Fen(principal.0 / part + more),
        interest,
        officer: by.officer,
    };
    let change = edit(record, |loan: &mut Loan| loan.repayments.push(repayment));
    Some(Try::one(by.officer, change))
}

fn is_subsidised(county: &County, dice: &mut Dice<'_>) -> Option<Try> {
    let by = county.officer(dice);
    let (record, loan) = county.any::<Loan>(dice)?;
    let on = county.today();
    let paid = Standing::of(loan, on).map_or(0, |standing| standing.interest_paid.0);
    let left = paid - loan.subsidised().0;
    let (transfer, _) = paid_by_fund(county, dice, loan, "interest-subsidy")?;
    let more = i64::from(dice.once_in(6));
    let subsidy = Subsidy {
        on,
        amount: Fen(left.max(1) + more),
        transfer: transfer.id,
        decision: None,
        officer: by.officer,
    };
    let change = edit(record, |loan: &mut Loan| loan.subsidies.push(subsidy));
    Some(Try::one(by.officer, change))
}

fn withdraws_a_loan(county: &County, dice: &mut Dice<'_>) -> Option<Try> {
    let office = county.officer(dice).officer;
    let (record, _) = county.any::<Loan>(dice)?;
    Some(Try::one(office, end(record, |_: &mut Loan| {})))
}

fn blacklists(county: &County, dice: &mut Dice<'_>) -> Option<Try> {
    let by = county.officer(dice);
    let loan = county.any::<Loan>(dice).filter(|_| dice.once_in(2));
    let household = match loan {
        Some((_, loan)) => county.records.get(&loan.household)?,
        None => county.any::<Household>(dice)?.0,
    };
    let from = dice.before(county.today(), 10);
    let own = Blacklisting {
        household: household.id,
        member: None,
        reason: dice.code("blacklist-reason"),
        loan: loan.map(|(record, _)| record.id),
        from,
        until: from.plus_days(60)?,
        by,
        appeal: None,
        texts: None,
    };
    let change = Change::create(county.fresh(0), household.area, own);
    Some(Try::one(by.officer, change))
}

fn appeals(county: &County, dice: &mut Dice<'_>) -> Option<Try> {
    let (record, own) = county.any::<Blacklisting>(dice)?;
    let by = if dice.once_in(6) {
        county.officer(dice)
    } else {
        county.another(dice, &[own.by])
    };
    let today = county.today();
    let finding = dice.code("objection-finding");
    let change = edit(record, |own: &mut Blacklisting| match &mut own.appeal {
        Some(appeal) => {
            appeal.answer = Some(Answer {
                on: today,
                finding,
                by,
            });
        }
        None => {
            own.appeal = Some(Appeal {
                on: today,
                answer: None,
            });
        }
    });
    Some(Try::one(by.officer, change))
}
