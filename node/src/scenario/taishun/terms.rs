//! S0.5: the terms on which is lent, each found at its edge.

use anyhow::Context as _;
use lika_core::{
    command::Change,
    record::GuaranteeFund,
    value::{AreaCode, Fen, Ppm, RecordId},
};

use super::{Planned, Scene, Taishun, loans::Loans};
use crate::scenario::{
    Figure, Row,
    scene::{
        loans::{Asked, LOAN},
        money::fund,
    },
};

/// The township of those who ask.
const THIRD: usize = 2;
/// What is asked for, in fen: one below and one above each edge.
const BELOW: Fen = Fen(99_999);
const LEAST: Fen = Fen(100_000);
const MOST: Fen = Fen(500_000);
const ABOVE: Fen = Fen(500_001);
/// For the others.
const BETWEEN: Fen = Fen(200_000);
const HALF_A_YEAR: u32 = 6;
/// How many times the funds are lent for which somebody asks.
const TIMES: [i64; 6] = [1, 2, 3, 4, 5, 6];

/// Applications that wait for an approval.
pub struct Terms {
    area: AreaCode,
    /// The loan that is to be approved at the lower edge, and at the upper one.
    low: RecordId,
    high: RecordId,
    least: RecordId,
    most: RecordId,
    /// For a year.
    longest: RecordId,
    unguaranteed: RecordId,
    /// One that a cadre guarantees.
    guaranteed: RecordId,
    /// The fund that is lent twice.
    twice: RecordId,
}

impl Terms {
    /// Households of a township ask at every edge, and the policy decides.
    pub fn ask(scene: &mut Scene, planned: &[Planned], loans: &Loans) -> anyhow::Result<Self> {
        let of_township = *loans.funds.get(THIRD).context("no third township")?;
        let mut households = of_township.asked(scene, planned, BETWEEN)?.into_iter();
        let mut next = || {
            let asked = households.next().context("too few households")?;
            anyhow::Ok(Asked {
                months: HALF_A_YEAR,
                ..asked
            })
        };
        let mut asked = Vec::new();
        for amount in [BELOW, LEAST, MOST, ABOVE] {
            asked.push(Asked { amount, ..next()? });
        }
        for months in [12, 13] {
            asked.push(Asked { months, ..next()? });
        }
        asked.push(Asked {
            guarantor: None,
            ..next()?
        });
        asked.push(next()?);
        let mut twice = None;
        for times in TIMES {
            let account = scene.open_account(of_township.area, fund("township", "guarantee")?)?;
            let id = scene.new_id("guarantee-fund");
            let body = loans.lender.fund(account, times)?;
            scene.apply(vec![Change::create(id, of_township.area, body)])?;
            twice = if times == 2 { Some(id) } else { twice };
            asked.push(Asked {
                fund: Some(id),
                ..next()?
            });
        }
        let asked = loans.lender.ask(scene, &asked, scene.today())?;
        scene.evaluate_in(LOAN, &of_township.area)?;
        let id = |place: usize| asked.get(place).map(|it| it.id).context("nobody asked");
        Ok(Self {
            area: of_township.area,
            low: id(0)?,
            least: id(1)?,
            most: id(2)?,
            high: id(3)?,
            longest: id(4)?,
            unguaranteed: id(6)?,
            guaranteed: id(7)?,
            twice: twice.context("no fund is lent twice")?,
        })
    }
}

/// S0.5: the terms.
pub fn rows() -> Vec<Row<Taishun>> {
    let mut rows = refusals();
    rows.extend(edges());
    rows
}

fn edges() -> Vec<Row<Taishun>> {
    vec![
        Row::<Taishun>::new(
            ("S0.5", "times that a fund may be lent, of one to six"),
            Figure::shown("2 3 4 5"),
            |taishun| {
                let mut times = Vec::new();
                for loan in taishun.scene.granted(&taishun.terms.area)? {
                    let fund = loan.fund.context("no fund")?;
                    let (fund, _) = taishun.scene.guarantee_fund(&fund)?;
                    times.push((fund.leverage.0 / Ppm::WHOLE.0).to_string());
                }
                times.sort_unstable();
                times.dedup();
                Ok(Figure::shown(&times.join(" ")))
            },
            "the one that is lent twice is lent once, and the policy runs again",
            |taishun| {
                let twice = taishun.terms.twice;
                let (fund, _) = taishun.scene.guarantee_fund(&twice)?;
                let once = GuaranteeFund {
                    leverage: Ppm::WHOLE,
                    ..fund
                };
                let record = taishun.scene.get(&twice)?;
                taishun.scene.change(&record, once)?;
                taishun.scene.evaluate_in(LOAN, &taishun.terms.area)
            },
        ),
        Row::<Taishun>::new(
            (
                "S0.5",
                "least and most loan that is granted, of 999.99 to 5,000.01 yuan",
            ),
            Figure::shown("1000.00 5000.00"),
            |taishun| {
                let granted = taishun.scene.granted(&taishun.terms.area)?;
                let amounts = || granted.iter().map(|loan| loan.amount);
                let least = amounts().min().context("nothing is granted")?;
                let most = amounts().max().context("nothing is granted")?;
                Ok(Figure::Shown(format!("{least} {most}")))
            },
            "who asked for 1,000 yuan asks no more",
            |taishun| taishun.scene.withdraw(&taishun.terms.least),
        ),
        Row::<Taishun>::new(
            (
                "S0.5",
                "months of the longest loan that is granted, of 12 and 13",
            ),
            Figure::Count(12),
            |taishun| {
                let granted = taishun.scene.granted(&taishun.terms.area)?;
                let longest = granted.iter().map(|loan| loan.months).max();
                let longest = longest.context("nothing is granted")?;
                Ok(Figure::Count(longest.into()))
            },
            "who asked for 12 asks no more",
            |taishun| taishun.scene.withdraw(&taishun.terms.longest),
        ),
    ]
}

fn refusals() -> Vec<Row<Taishun>> {
    vec![
        Row::<Taishun>::new(
            ("S0.5", "a loan of one fen above 5,000 yuan is approved"),
            Figure::shown("refused-by-policy"),
            |taishun| taishun.approve(taishun.terms.high),
            "it is one fen less",
            |taishun| {
                taishun.terms.high = taishun.terms.most;
                Ok(())
            },
        ),
        Row::<Taishun>::new(
            ("S0.5", "a loan of one fen under 1,000 yuan is approved"),
            Figure::shown("refused-by-policy"),
            |taishun| taishun.approve(taishun.terms.low),
            "it is one fen more",
            |taishun| {
                taishun.terms.low = taishun.terms.least;
                Ok(())
            },
        ),
        Row::<Taishun>::new(
            ("S0.5", "what is said of a loan that no cadre guarantees"),
            Figure::shown("no-guarantor"),
            |taishun| taishun.scene.reasons(&taishun.terms.unguaranteed),
            "it is one that a cadre guarantees",
            |taishun| {
                taishun.terms.unguaranteed = taishun.terms.guaranteed;
                Ok(())
            },
        ),
    ]
}

impl Taishun {
    fn approve(&mut self, loan: RecordId) -> anyhow::Result<Figure> {
        let loan = self.scene.get(&loan)?;
        let today = self.scene.today();
        let (lender, scene) = (&self.loans.lender, &mut self.scene);
        Figure::of_attempt(lender.approve(scene, &mut [loan], today))
    }
}
