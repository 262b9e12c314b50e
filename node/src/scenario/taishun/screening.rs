//! S0.1: who is a target of help.

use anyhow::Context as _;
use lika_core::{
    log::Kind,
    record::{Body, Household, IncomeStatement, Member, Outcome},
    value::{Code, Date, Fen},
};

use super::{PLANNED, Scene, Taishun, YEAR, county::WITHOUT_LABOUR};
use crate::scenario::{Figure, Row, people::id};

const PURPOSE: &str = "screening";

/// Puts the line of Sixi in force, and holds everybody against it.
pub fn screen(scene: &mut Scene) -> anyhow::Result<()> {
    scene.enact(PURPOSE, scene.today())?;
    scene.evaluate(PURPOSE)
}

/// What the line makes of the applicants.
pub fn rows() -> Vec<Row<Taishun>> {
    vec![
        Row::<Taishun>::new(
            ("S0.1", "least net income a head with which nobody is poor"),
            Figure::Money(Fen(150_000)),
            Taishun::least_above,
            "whoever has it turns out to have had one fen a head less",
            Taishun::let_one_be_poor,
        )
        .remark("\"under 1,500 yuan\""),
        Row::<Taishun>::new(
            ("S0.1", "households under the line, able and willing"),
            Figure::count(PLANNED),
            |taishun| taishun.total("decision/screening/granted/development", 0),
            "one of them is not willing any more",
            Taishun::let_one_be_unwilling,
        )
        .remark("those of the plan of 2005"),
        Row::<Taishun>::new(
            ("S0.1", "where a household without labour is sent"),
            Figure::shown("social-relief"),
            |taishun| {
                let household = id("household", WITHOUT_LABOUR);
                match taishun.scene.decision(PURPOSE, &household)?.outcome {
                    Outcome::Granted(category) => Ok(Figure::Shown(category.to_string())),
                    outcome => Ok(Figure::shown(outcome.code())),
                }
            },
            "somebody in it is able to work again",
            Taishun::let_one_be_able,
        ),
    ]
}

impl Taishun {
    /// For a day of the plan's year: that of the loans has incomes of its own.
    fn screen_again(&mut self) -> anyhow::Result<()> {
        let on = Date::new(YEAR, 12, 31)?;
        self.scene.evaluate_for(PURPOSE, &self.village, on)
    }

    fn least_above(&mut self) -> anyhow::Result<Figure> {
        let decisions = self.scene.list(Kind::Decision, &self.village)?;
        let above = decisions.iter().filter_map(|record| match &record.body {
            Body::Decision(decision) => decision.comparisons.iter().find(|it| !it.met),
            _ => None,
        });
        let least = above.map(|comparison| comparison.value).min();
        Ok(Figure::Money(Fen(least.context("everybody is poor")?)))
    }

    fn let_one_be_poor(&mut self) -> anyhow::Result<()> {
        let has_the_line = |income: &IncomeStatement| income.net_per_head() == Fen(150_000);
        let record = self.scene.first(
            Kind::IncomeStatement,
            &self.village,
            |record| matches!(&record.body, Body::IncomeStatement(income) if has_the_line(income)),
        )?;
        let Body::IncomeStatement(income) = &record.body else {
            anyhow::bail!("not an income")
        };
        let less = IncomeStatement {
            business: Fen(income.business.0 - 1),
            ..income.clone()
        };
        self.scene.change(&record, less)?;
        self.screen_again()
    }

    fn let_one_be_unwilling(&mut self) -> anyhow::Result<()> {
        let decided = self.scene.first(Kind::Decision, &self.village, |record| {
            matches!(&record.body, Body::Decision(decision)
                if matches!(&decision.outcome, Outcome::Granted(it) if it.as_str() == "development"))
        })?;
        let Body::Decision(decision) = &decided.body else {
            anyhow::bail!("not a decision")
        };
        let record = self.scene.get(&decision.subject)?;
        let Body::Household(household) = &record.body else {
            anyhow::bail!("not a household")
        };
        let unwilling = Household {
            willing: Some(false),
            ..household.clone()
        };
        self.scene.change(&record, unwilling)?;
        self.screen_again()
    }

    fn let_one_be_able(&mut self) -> anyhow::Result<()> {
        let record = self.scene.get(&id("member", WITHOUT_LABOUR * 100))?;
        let Body::Member(member) = &record.body else {
            anyhow::bail!("not a member")
        };
        let able = Member {
            labour: Some(Code::parse("ordinary")?),
            ..member.clone()
        };
        self.scene.change(&record, able)?;
        self.screen_again()
    }
}
