//! S3.6: what statistical offices publish of the province; it is entered and not computed here.

use anyhow::Context as _;
use lika_core::{
    command::Change,
    log::Kind,
    record::{Body, OfficialStatistic, Record},
    value::{AreaCode, Code, Label, Year},
};

use super::{Figure, Guangdong, PROVINCE, Row, Scene};

const VARIATION: &str = "regional-variation";
const RATIO: &str = "urban-rural-income-ratio";
/// Series, year, and the figure in parts per million.
const PUBLISHED: [(&str, u16, i64); 4] = [
    (VARIATION, 2007, 750_000),
    (VARIATION, 2012, 630_000),
    (RATIO, 2007, 3_150_000),
    (RATIO, 2012, 2_830_000),
];

pub(super) fn enter(scene: &mut Scene) -> anyhow::Result<()> {
    let province = AreaCode::parse(PROVINCE)?;
    let published = PUBLISHED.iter().map(|(series, year, value)| {
        let figure = OfficialStatistic {
            series: Code::parse(series)?,
            year: Year::new(*year)?,
            value: *value,
            source: Label::parse("统计公报")?,
        };
        let own = OfficialStatistic::id_for(&province, &figure.series, figure.year);
        Ok(Change::create(own, province, figure))
    });
    scene.apply(published.collect::<anyhow::Result<Vec<_>>>()?)
}

pub(super) fn rows() -> Vec<Row<Guangdong>> {
    let row = |what, source: &str, read, falsify| {
        let figure = Figure::Shown(source.to_owned());
        let change = "the office corrects it by a hundredth";
        Row::<Guangdong>::new(("S3.6", what), figure, read, change, falsify)
            .entered()
            .remark("an official statistic")
    };
    vec![
        row(
            "coefficient of variation of the regions, 2007",
            "0.75",
            |guangdong| guangdong.published(VARIATION, 2007),
            |guangdong| guangdong.correct_statistic(VARIATION, 2007),
        ),
        row(
            "coefficient of variation of the regions, 2012",
            "0.63",
            |guangdong| guangdong.published(VARIATION, 2012),
            |guangdong| guangdong.correct_statistic(VARIATION, 2012),
        ),
        row(
            "urban to rural income, 2007",
            "3.15",
            |guangdong| guangdong.published(RATIO, 2007),
            |guangdong| guangdong.correct_statistic(RATIO, 2007),
        ),
        row(
            "urban to rural income, 2012",
            "2.83",
            |guangdong| guangdong.published(RATIO, 2012),
            |guangdong| guangdong.correct_statistic(RATIO, 2012),
        ),
    ]
}

impl Guangdong {
    fn statistic(&self, series: &str, year: u16) -> anyhow::Result<(Record, OfficialStatistic)> {
        let province = AreaCode::parse(PROVINCE)?;
        for record in self.scene.list(Kind::OfficialStatistic, &province)? {
            if let Body::OfficialStatistic(figure) = &record.body
                && record.area == province
                && figure.series == series
                && figure.year.get() == year
            {
                return Ok((record.clone(), figure.clone()));
            }
        }
        None.context("it was not entered")
    }

    fn published(&self, series: &str, year: u16) -> anyhow::Result<Figure> {
        let (_, figure) = self.statistic(series, year)?;
        let hundredths = figure.value / 10_000;
        Ok(Figure::Shown(format!(
            "{}.{:02}",
            hundredths / 100,
            hundredths % 100
        )))
    }

    fn correct_statistic(&mut self, series: &str, year: u16) -> anyhow::Result<()> {
        let (record, figure) = self.statistic(series, year)?;
        let corrected = OfficialStatistic {
            value: figure.value + 10_000,
            ..figure
        };
        self.scene.change(&record, corrected)
    }
}
