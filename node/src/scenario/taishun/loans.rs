//! S0.5: the fund of each township, what the co-operative lends for it, and what the interest subsidy takes from it.

use std::collections::BTreeMap;

use anyhow::Context as _;
use lika_core::{
    command::Change,
    log::{Action, Kind},
    record::{Body, Record},
    value::{AreaCode, Date, Fen, RecordId},
};

use super::{
    Planned, Scene, Taishun, YEAR,
    funds::{Funds, Given, TOWNSHIP},
};
use crate::scenario::{
    Figure, Row,
    scene::{
        loans::{Asked, LOAN, Lender, SUBSIDY},
        money::outside,
    },
};

/// The co-operative lends 2–5 times; what each township has chosen the document does not say.
const TIMES: i64 = 5;
/// The most that it lends to one household, and for how long.
const MOST: Fen = Fen(500_000);
const MONTHS: u32 = 12;
/// What a township gives for one loan more.
const FOR_ONE: Fen = Fen(MOST.0 / TIMES);

/// What was lent.
pub struct Loans {
    pub lender: Lender,
    /// Those of the townships, in their order.
    pub funds: Vec<Fund>,
    /// Whose fund is lent to the end: the last township.
    township: Given,
    fund: RecordId,
    households: Vec<Asked>,
    lent: Vec<Record>,
    lent_on: Date,
    /// Households that have got money back from the fund.
    outside: RecordId,
    /// Approved, and not paid out.
    waiting: Option<RecordId>,
}

/// The guarantee fund of a township.
#[derive(Clone, Copy)]
pub struct Fund {
    pub area: AreaCode,
    pub id: RecordId,
}

impl Fund {
    /// What households of the plan in the township ask for, each with its contact cadre as guarantor.
    pub fn asked(
        &self,
        scene: &Scene,
        planned: &[Planned],
        amount: Fen,
    ) -> anyhow::Result<Vec<Asked>> {
        let mut helpers = BTreeMap::new();
        for record in scene.list(Kind::Pairing, &self.area)? {
            if let Body::Pairing(pairing) = &record.body {
                helpers.insert(pairing.household, pairing.cadre);
            }
        }
        let here = planned.iter().filter(|it| self.area.contains(&it.village));
        let asked = |planned: &Planned| Asked {
            household: planned.household,
            village: planned.village,
            amount,
            months: MONTHS,
            fund: Some(self.id),
            guarantor: helpers.get(&planned.household).copied(),
        };
        Ok(here.map(asked).collect())
    }
}

impl Loans {
    /// Every township deposits what it has given; the last one's fund is lent until nothing of it is left.
    pub fn lend(scene: &mut Scene, planned: &[Planned], raised: &Funds) -> anyhow::Result<Self> {
        let lent_on = Date::new(YEAR, 5, 20)?;
        scene.go_to(lent_on);
        for policy in [LOAN, SUBSIDY] {
            scene.enact(policy, lent_on)?;
        }
        let second = scene.appoint("credit", "county-office", scene.area())?;
        let office = scene.office();
        let lender = Lender::open(scene, "泰顺县农村信用合作社", [office, second])?;
        let mut funds = Vec::new();
        for given in &raised.townships {
            let id = scene.new_id("guarantee-fund");
            let fund = lender.fund(given.fund, TIMES)?;
            scene.apply(vec![Change::create(id, given.area, fund)])?;
            funds.push(Fund {
                area: given.area,
                id,
            });
        }
        let township = *raised.townships.last().context("no township")?;
        let fund = *funds.last().context("no fund")?;
        let mut loans = Self {
            lender,
            township,
            fund: fund.id,
            households: fund.asked(scene, planned, MOST)?,
            funds,
            lent: Vec::new(),
            lent_on,
            outside: scene.open_account(township.area, outside("农户")?)?,
            waiting: None,
        };
        loans.lent = loans.lend_all(scene)?;
        Ok(loans)
    }

    /// A year later everything comes back, the fund takes over the interest, and lends what it still can; one household
    /// more has its approval.
    pub fn take_back(&mut self, scene: &mut Scene) -> anyhow::Result<()> {
        scene.go_to(Date::new(YEAR + 1, 5, 20)?);
        self.lender.take_back(scene, &mut self.lent)?;
        scene.evaluate_in(SUBSIDY, &self.township.area)?;
        let between = (self.township.fund, self.outside);
        let by = (self.township.area, TOWNSHIP);
        self.lender.subsidise(scene, &mut self.lent, between, by)?;
        self.lent = self.lend_all(scene)?;
        let mut waiting = self.ask_once_more(scene, scene.today())?;
        self.lender
            .approve(scene, std::slice::from_mut(&mut waiting), scene.today())?;
        self.waiting = Some(waiting.id);
        Ok(())
    }

    /// As many loans of the most as the fund guarantees today.
    fn lend_all(&self, scene: &mut Scene) -> anyhow::Result<Vec<Record>> {
        let today = scene.today();
        let (fund, deposited) = scene.guarantee_fund(&self.fund)?;
        let many = usize::try_from(fund.ceiling(deposited).0 / MOST.0)?;
        let asked = self.households.get(..many);
        let asked = asked.context("there are not so many households")?;
        let mut loans = self.lender.ask(scene, asked, today)?;
        scene.evaluate_in(LOAN, &self.township.area)?;
        self.lender.lend(scene, &mut loans, today)?;
        Ok(loans)
    }

    /// A household that was lent nothing yet asks, and the policy decides.
    fn ask_once_more(&mut self, scene: &mut Scene, on: Date) -> anyhow::Result<Record> {
        let asked = self.households.pop().context("everybody has asked")?;
        let loans = self.lender.ask(scene, &[asked], on)?;
        scene.evaluate_in(LOAN, &asked.village)?;
        loans.into_iter().next().context("no loan")
    }
}

/// S0.5: what is lent, and what the subsidy leaves.
pub fn rows() -> Vec<Row<Taishun>> {
    let mut rows = deposits();
    rows.extend(first_year());
    rows.extend(second_year());
    rows
}

fn deposits() -> Vec<Row<Taishun>> {
    vec![
        Row::<Taishun>::new(
            (
                "S0.5",
                "townships whose fund is deposited with the co-operative",
            ),
            Figure::Count(10),
            |taishun| {
                let funds = taishun
                    .scene
                    .list(Kind::GuaranteeFund, &taishun.scene.area())?;
                let mut townships: Vec<AreaCode> = funds.iter().map(|it| it.area).collect();
                townships.dedup();
                Ok(Figure::count(townships.len()))
            },
            "a township takes its fund back",
            |taishun| {
                let first = taishun.loans.funds.first().context("no fund")?.id;
                let record = taishun.scene.get(&first)?;
                let closed = Change::of(&record, Action::Close, record.body.clone());
                taishun.scene.apply(vec![closed])
            },
        )
        .remark("the ten accounts of S0.4"),
        Row::<Taishun>::new(
            ("S0.5", "what it lends at most for what they deposited"),
            Figure::Money(Fen(1_256_500_000)),
            |taishun| {
                let mut ceilings = Vec::new();
                for Fund { area, id } in &taishun.loans.funds {
                    let dimension = format!("fund-in/{TOWNSHIP}");
                    let given = taishun.scene.total(area, &dimension, YEAR.into())?;
                    let (fund, _) = taishun.scene.guarantee_fund(id)?;
                    ceilings.push(fund.ceiling(Fen(given)));
                }
                Ok(Figure::Money(Fen::sum(ceilings)?))
            },
            "one fen more is deposited",
            Taishun::give_a_fen,
        )
        .remark("five times 251.3万; the sum is not in the document"),
    ]
}

fn first_year() -> Vec<Row<Taishun>> {
    vec![
        Row::<Taishun>::new(
            ("S0.5", "loans of 5,000 yuan for a fund of 20.9万"),
            Figure::Count(209),
            |taishun| taishun.of_township("loans", YEAR).map(Figure::Count),
            "another turns out to have been lent, for which the township gives 1,000 yuan",
            |taishun| {
                let on = taishun.loans.lent_on;
                taishun.lend_one_more(on)
            },
        )
        .remark("lent five times, to the last fen; the number is not in the document"),
        Row::<Taishun>::new(
            ("S0.5", "interest that these pay for their year"),
            Figure::Money(Fen(209 * 30_417)),
            |taishun| {
                let paid = taishun.of_township("loan-interest", YEAR + 1)?;
                Ok(Figure::Money(Fen(paid)))
            },
            "a fen of that of the next year is paid",
            |taishun| taishun.pay_a_fen().map(drop),
        )
        .remark("304.17 each: 365 days of a year of 360, at 6 %; the document gives no rate"),
        Row::<Taishun>::new(
            ("S0.5", "what their fund takes over of it"),
            Figure::Money(Fen(209 * 30_417)),
            |taishun| {
                let taken_over = taishun.of_township("loan-subsidies", YEAR + 1)?;
                Ok(Figure::Money(Fen(taken_over)))
            },
            "a fen more is paid, and taken over",
            Taishun::take_over_a_fen,
        )
        .remark("all of it"),
    ]
}

fn second_year() -> Vec<Row<Taishun>> {
    vec![
        Row::<Taishun>::new(
            (
                "S0.5",
                "what is lent at most for what that leaves of the fund",
            ),
            Figure::Money(Fen(5 * (20_900_000 - 209 * 30_417))),
            |taishun| {
                let fund = taishun.loans.fund;
                let (fund, deposited) = taishun.scene.guarantee_fund(&fund)?;
                Ok(Figure::Money(fund.ceiling(deposited)))
            },
            "one fen more is deposited",
            |taishun| taishun.deposit(Fen(1)),
        )
        .remark("five times 209,000.00 less 63,571.53: the subsidy shrinks the ceiling"),
        Row::<Taishun>::new(
            ("S0.5", "loans of 5,000 yuan for it in the next year"),
            Figure::Count(145),
            |taishun| taishun.of_township("loans", YEAR + 1).map(Figure::Count),
            "another is lent, for which the township gives 1,000 yuan",
            |taishun| {
                let today = taishun.scene.today();
                taishun.lend_one_more(today)
            },
        )
        .remark("instead of 209"),
        Row::<Taishun>::new(
            ("S0.5", "one more is paid out"),
            Figure::shown("above-ceiling"),
            |taishun| {
                let waiting = taishun.loans.waiting.context("nobody waits")?;
                let loan = taishun.scene.get(&waiting)?;
                let today = taishun.scene.today();
                let (lender, scene) = (&taishun.loans.lender, &mut taishun.scene);
                Figure::of_attempt(lender.disburse(scene, &mut [loan], today))
            },
            "the township gives 1,000 yuan for it",
            |taishun| taishun.deposit(FOR_ONE),
        ),
    ]
}

impl Taishun {
    fn of_township(&self, dimension: &str, year: u16) -> anyhow::Result<i64> {
        let area = &self.loans.township.area;
        self.scene.total(area, dimension, year.into())
    }

    fn deposit(&mut self, amount: Fen) -> anyhow::Result<()> {
        let today = self.scene.today();
        let township = self.loans.township;
        township.give(&mut self.scene, TOWNSHIP, amount, today)
    }

    fn lend_one_more(&mut self, on: Date) -> anyhow::Result<()> {
        self.deposit(FOR_ONE)?;
        let (loans, scene) = (&mut self.loans, &mut self.scene);
        let loan = loans.ask_once_more(scene, on)?;
        loans.lender.lend(scene, &mut [loan], on)
    }

    /// Of the interest of a loan that runs; the loan.
    fn pay_a_fen(&mut self) -> anyhow::Result<RecordId> {
        let Loans { lender, lent, .. } = &self.loans;
        let loan = lent.first().context("nothing is lent")?.id;
        lender.take_interest(&mut self.scene, &loan, Fen(1))?;
        Ok(loan)
    }

    fn take_over_a_fen(&mut self) -> anyhow::Result<()> {
        let loan = self.pay_a_fen()?;
        let Loans {
            lender,
            township,
            outside,
            ..
        } = &self.loans;
        let scene = &mut self.scene;
        let loan = scene.get(&loan)?;
        scene.evaluate_in(SUBSIDY, &loan.area)?;
        let between = (township.fund, *outside);
        lender.subsidise(scene, &mut [loan], between, (township.area, TOWNSHIP))
    }
}
