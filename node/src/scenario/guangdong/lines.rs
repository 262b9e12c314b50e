//! S3.1: the lines of a round, drawn from the rural mean that the province enters.

use anyhow::Context as _;
use lika_core::{
    command::Change,
    log::Kind,
    record::{Body, Household, IncomeStatement, Member, OfficialStatistic},
    value::{AreaCode, Code, Fen, Label, Year},
};

use super::{
    Figure, Guangdong, Row, Scene,
    people::{self, id},
};

/// The year on whose mean the second round draws its lines (S3.1).
pub(super) const YEAR: u16 = 2011;
/// In fen a head; the document does not give it.
const MEAN: i64 = 937_173;
const SERIES: &str = "rural-income-per-head";
const SETTINGS: &str = r#"{"income-line": 0, "relative-line": 330000, "village-line": 600000, "key-villages-only": true}"#;

/// A village that is held against the line, with a household in it; the policy draws both lines.
pub(super) fn draw(scene: &mut Scene, village: AreaCode) -> anyhow::Result<()> {
    let year = Year::new(YEAR)?;
    let household = Household {
        willing: Some(true),
        ..people::household("general")?
    };
    let head = Member {
        labour: Some(Code::parse("ordinary")?),
        ..people::member(id("screened", 0), 0, year.first_day())?
    };
    let income = IncomeStatement {
        household: id("screened", 0),
        year,
        wages: Fen(300_000),
        business: Fen(0),
        property: Fen(0),
        transfers: Fen(0),
        expenses: Fen(0),
        persons: 1,
    };
    let own = IncomeStatement::id_for(&id("screened", 0), year);
    let area = scene.area();
    scene.apply(vec![
        Change::create(id("screened", 0), village, household),
        Change::create(id("screened-head", 0), village, head),
        Change::create(own, village, income),
        entered(area, MEAN)?,
        entered(village, 500_000)?,
    ])?;
    scene.enact_in(&area, "screening", SETTINGS, scene.today())?;
    scene.evaluate("screening")
}

fn entered(area: AreaCode, value: i64) -> anyhow::Result<Change> {
    let figure = OfficialStatistic {
        series: Code::parse(SERIES)?,
        year: Year::new(YEAR)?,
        value,
        source: Label::parse("统计年鉴")?,
    };
    let own = OfficialStatistic::id_for(&area, &figure.series, figure.year);
    Ok(Change::create(own, area, figure))
}

pub(super) fn rows() -> Vec<Row<Guangdong>> {
    let row = |what, source, read| {
        let figure = Figure::Money(Fen(source));
        let change = "the mean is corrected by ten yuan, and the policy runs again";
        Row::<Guangdong>::new(
            ("S3.1", what),
            figure,
            read,
            change,
            Guangdong::correct_mean,
        )
    };
    vec![
        row(
            "line of a key village: 60 % of a rural mean of 9,371.73 yuan",
            562_304,
            |guangdong| guangdong.line("household.village-income"),
        )
        .remark("the document gives the share, the mean is entered; whoever is under the exact line is under it"),
        row(
            "line of a poor household: 33 % of it",
            309_268,
            |guangdong| guangdong.line("income.net-per-head"),
        )
        .remark("\"below one third\" is another setting"),
    ]
}

impl Guangdong {
    /// The line that a fact was held against.
    fn line(&self, fact: &str) -> anyhow::Result<Figure> {
        let decisions = self.liannan.list(Kind::Decision, &self.liannan.area())?;
        let mut comparisons = decisions.into_iter().flat_map(|record| match record.body {
            Body::Decision(decision) if decision.purpose == "screening" => decision.comparisons,
            _ => Vec::new(),
        });
        let comparison = comparisons.find(|comparison| comparison.fact.ends_with(fact));
        let comparison = comparison.context("the policy drew no such line")?;
        Ok(Figure::Money(Fen(comparison.threshold)))
    }

    fn correct_mean(&mut self) -> anyhow::Result<()> {
        let area = self.liannan.area();
        for record in self.liannan.list(Kind::OfficialStatistic, &area)? {
            if let Body::OfficialStatistic(figure) = &record.body
                && record.area == area
            {
                let corrected = OfficialStatistic {
                    value: figure.value + 1_000,
                    ..figure.clone()
                };
                self.liannan.change(&record, corrected)?;
            }
        }
        self.liannan.evaluate("screening")
    }
}
