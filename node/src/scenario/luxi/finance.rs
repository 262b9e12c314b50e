//! S4.10: finance, loans to households above any ceiling but Luxi's own.

use anyhow::Context as _;
use lika_core::{
    log::Kind,
    value::{AreaCode, Date, Fen, RecordId},
};

use super::{Luxi, Scene, measures::GIVEN_IN};
use crate::scenario::{
    Figure, Row,
    scene::loans::{Asked, LOAN, Lender, parts},
};

const HOUSEHOLDS: usize = 467;
/// In fen: 3,460万.
const LENT: Fen = Fen(3_460_000_000);
/// The document gives no term.
const MONTHS: u32 = 36;
/// The document gives nothing but the loans: a ceiling above the 7.41万 of each, and no guarantee.
const SETTINGS: &str = r#"{
    "amount-least": 0,
    "amount-most": 10000000,
    "months-most": 0,
    "guarantor": false,
    "fund": false
}"#;
/// As [`SETTINGS`], with Sanming's ceiling of 5万 (S2.5).
const UNDER_SANMING: &str = r#"{
    "amount-least": 0,
    "amount-most": 5000000,
    "months-most": 0,
    "guarantor": false,
    "fund": false
}"#;

/// What was lent, and who asks for more.
pub struct Finance {
    lender: Lender,
    on: Date,
    /// Households that have not borrowed.
    others: Vec<(RecordId, AreaCode)>,
    /// Whose village has Sanming's ceiling.
    asking: (RecordId, AreaCode),
}

impl Finance {
    /// What was lent in the year that the document reports; and in one village Sanming's ceiling is in force from now on.
    pub fn lend(scene: &mut Scene) -> anyhow::Result<Self> {
        let on = Date::new(GIVEN_IN, 3, 1)?;
        scene.enact_in(&scene.area(), LOAN, SETTINGS, Date::new(GIVEN_IN, 1, 1)?)?;
        let second = scene.appoint("credit", "county-office", scene.area())?;
        let lender = Lender::open(scene, "芦溪县农村信用合作联社", [scene.office(), second])?;
        let households = scene.survey(Kind::Household, &scene.area())?;
        let mut households = households.iter().map(|it| (it.id, it.area));
        let borrowers = households.by_ref().take(HOUSEHOLDS);
        let asked: Vec<Asked> = borrowers
            .zip(parts(LENT, HOUSEHOLDS)?)
            .map(|(household, amount)| asked(household, amount))
            .collect();
        let mut loans = lender.ask(scene, &asked, on)?;
        scene.evaluate_for(LOAN, &scene.area(), on)?;
        lender.lend(scene, &mut loans, on)?;
        let asking = households.next_back().context("everybody borrows")?;
        scene.enact_in(&asking.1, LOAN, UNDER_SANMING, scene.today())?;
        let others = households.filter(|(_, village)| *village != asking.1);
        Ok(Self {
            lender,
            on,
            others: others.collect(),
            asking,
        })
    }
}

fn asked((household, village): (RecordId, AreaCode), amount: Fen) -> Asked {
    Asked {
        household,
        village,
        amount,
        months: MONTHS,
        fund: None,
        guarantor: None,
    }
}

/// S4.10: finance.
pub fn rows() -> Vec<Row<Luxi>> {
    vec![
        Row::<Luxi>::new(
            ("S4.10", "finance: households that were lent to"),
            Figure::count(HOUSEHOLDS),
            |luxi| luxi.total("loan-households", GIVEN_IN.into()),
            "another turns out to have borrowed",
            Luxi::lend_a_fen,
        ),
        Row::<Luxi>::new(
            ("S4.10", "finance: what was lent to them"),
            Figure::Money(LENT),
            |luxi| Ok(Figure::Money(Fen(luxi.lent()?.0))),
            "a fen more turns out to have been lent",
            Luxi::lend_a_fen,
        ),
        Row::<Luxi>::new(
            ("S4.10", "finance: a household, in 10,000 yuan"),
            Figure::shown("7.41"),
            |luxi| {
                let (lent, households) = luxi.lent()?;
                let hundredths = (lent / households + 5_000).div_euclid(10_000);
                Ok(Figure::Shown(format!(
                    "{}.{:02}",
                    hundredths / 100,
                    hundredths % 100
                )))
            },
            "another turns out to have borrowed a fen",
            Luxi::lend_a_fen,
        )
        .remark("74,089.94, shown rounded"),
        Row::<Luxi>::new(
            (
                "S4.10",
                "finance: what is said of such a loan under Sanming's ceiling",
            ),
            Figure::shown("amount-above-ceiling"),
            |luxi| {
                let (lent, households) = luxi.lent()?;
                let asked = asked(luxi.finance.asking, Fen(lent / households));
                let today = luxi.scene.today();
                let (lender, scene) = (&luxi.finance.lender, &mut luxi.scene);
                let loans = lender.ask(scene, &[asked], today)?;
                let loan = loans.first().context("no loan")?.id;
                scene.evaluate_in(LOAN, &asked.village)?;
                let said = scene.reasons(&loan)?;
                scene.withdraw(&loan)?;
                Ok(said)
            },
            "it is asked for where the county's own ceiling is in force",
            |luxi| {
                luxi.finance.asking = luxi.finance.others.pop().context("nobody is left")?;
                Ok(())
            },
        )
        .remark("5万; the county's own is a setting of the same policy"),
    ]
}

impl Luxi {
    /// What was lent in all, in fen, and to how many households.
    fn lent(&self) -> anyhow::Result<(i64, i64)> {
        let area = self.scene.area();
        let total = |dimension| self.scene.total(&area, dimension, GIVEN_IN.into());
        let households = total("loan-households")?;
        anyhow::ensure!(households > 0, "nobody borrows");
        Ok((total("loans-lent")?, households))
    }

    /// To a household that has not borrowed.
    fn lend_a_fen(&mut self) -> anyhow::Result<()> {
        let finance = &mut self.finance;
        let household = finance.others.pop().context("everybody borrows")?;
        let on = finance.on;
        let (lender, scene) = (&finance.lender, &mut self.scene);
        let mut loans = lender.ask(scene, &[asked(household, Fen(1))], on)?;
        scene.evaluate_for(LOAN, &household.1, on)?;
        lender.lend(scene, &mut loans, on)
    }
}
