//! Figures published by statistical offices.

use lika_proto::log::v1 as message;

use super::{Document, Fault, Key, field, parts};
use crate::{
    rollup::Tally,
    value::{Code, Label, RecordId, Year},
};

/// A published figure, entered and never computed here (S3.1, S3.6).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OfficialStatistic {
    /// Code list statistic-series.
    pub series: Code,
    /// The year.
    pub year: Year,
    /// In the unit of the series: fen, parts per million, or a count.
    pub value: i64,
    /// Where it was published.
    pub source: Label,
}

impl OfficialStatistic {
    /// The record id of a figure: one for each area, series and year.
    pub fn id_for(area: &crate::value::AreaCode, series: &Code, year: Year) -> RecordId {
        let parts = format!("{}/{}/{}", area.digits(), series, year.get());
        RecordId::derived("lika.official-statistic", parts.as_bytes())
    }
}

impl Document for OfficialStatistic {
    type Message = message::OfficialStatistic;

    fn parse(message: message::OfficialStatistic) -> Result<Self, Fault> {
        let message::official_statistic::Open {
            series,
            year,
            value,
            source,
        } = field::required("open", message.open)?;
        Ok(Self {
            series: field::code("statistic-series", "series", &series)?,
            year: field::year("year", year)?,
            value,
            source: field::malformed("source", Label::parse(&source))?,
        })
    }

    fn message(&self) -> message::OfficialStatistic {
        let Self {
            series,
            year,
            value,
            source,
        } = self;
        message::OfficialStatistic {
            open: Some(message::official_statistic::Open {
                series: series.to_string(),
                year: u32::from(year.get()),
                value: *value,
                source: source.to_string(),
            }),
        }
    }

    parts!(OfficialStatistic);

    fn keys(&self) -> Vec<Key> {
        Vec::new()
    }

    fn tallies(&self) -> Vec<Tally> {
        Vec::new()
    }
}
