//! Reporting windows: what is to be reported for a period, by which areas, and when.

use std::collections::BTreeSet;

use lika_proto::log::v1 as message;

use super::{Document, Fault, Key, Problem, field, parts};
use crate::{
    rollup::{Period, Tally},
    value::{AreaCode, Code, Date, Label, Month},
};

/// What is to be reported for a period.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReportingWindow {
    /// The name of the report.
    pub name: Label,
    /// A year or a month.
    pub period: Period,
    /// The first day on which it can be reported.
    pub from: Date,
    /// The first day on which it cannot be reported any more.
    pub until: Date,
    /// The areas that report, each once.
    pub areas: Vec<AreaCode>,
    /// What is reported, each once.
    pub indicators: Vec<IndicatorVersion>,
}

/// An indicator as it was defined once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IndicatorVersion {
    /// The indicator.
    pub indicator: Code,
    /// The version of its definition, from 1.
    pub version: u32,
}

impl ReportingWindow {
    /// Areas of one window at most.
    pub const MOST_AREAS: usize = 1000;
    /// Indicators of one window at most.
    pub const MOST_INDICATORS: usize = 100;

    /// Whether it can be reported on this day.
    pub fn is_open_on(&self, day: Date) -> bool {
        self.from <= day && day < self.until
    }
}

impl IndicatorVersion {
    pub(super) fn parse(indicator: &str, version: u32) -> Result<Self, Fault> {
        if version == 0 {
            return Err(Fault::new("indicators.version", Problem::Missing));
        }
        Ok(Self {
            // A node above may meet an indicator of a newer node below.
            indicator: field::malformed("indicators.indicator", Code::parse(indicator))?,
            version,
        })
    }
}

/// A year or a month that is reported on.
pub(super) fn period(number: u32) -> Result<Period, Fault> {
    if !Period::from_number(number).is_month() {
        return field::year("period", number).map(Period::year);
    }
    let month = field::malformed("period", Month::from_number(number))?;
    Ok(Period::month_of(month.first_day()))
}

impl Document for ReportingWindow {
    type Message = message::ReportingWindow;

    fn parse(message: message::ReportingWindow) -> Result<Self, Fault> {
        let message::reporting_window::Open {
            name,
            period: number,
            from,
            until,
            areas,
            indicators,
        } = field::required("open", message.open)?;
        let given = [
            ("areas", areas.len(), Self::MOST_AREAS),
            ("indicators", indicators.len(), Self::MOST_INDICATORS),
        ];
        for (field, count, most) in given {
            match count {
                0 => return Err(Fault::new(field, Problem::Missing)),
                count if count > most => return Err(Fault::new(field, Problem::TooMany(most))),
                _ => {}
            }
        }
        let areas: Vec<AreaCode> = areas
            .iter()
            .map(|area| field::malformed("areas", AreaCode::parse(area)))
            .collect::<Result<_, _>>()?;
        let mut seen = BTreeSet::new();
        if let Some(twice) = areas.iter().find(|area| !seen.insert(**area)) {
            let problem = Problem::Repeated(twice.digits().to_owned());
            return Err(Fault::new("areas", problem));
        }
        let indicators: Vec<IndicatorVersion> = indicators
            .iter()
            .map(|it| IndicatorVersion::parse(&it.indicator, it.version))
            .collect::<Result<_, _>>()?;
        let mut seen = BTreeSet::new();
        if let Some(twice) = indicators.iter().find(|it| !seen.insert(&it.indicator)) {
            let problem = Problem::Repeated(twice.indicator.to_string());
            return Err(Fault::new("indicators.indicator", problem));
        }
        let from = field::date("from", from)?;
        Ok(Self {
            name: field::malformed("name", Label::parse(&name))?,
            period: period(number)?,
            from,
            until: field::required("until", field::until("until", from, until)?)?,
            areas,
            indicators,
        })
    }

    fn message(&self) -> message::ReportingWindow {
        let Self {
            name,
            period,
            from,
            until,
            areas,
            indicators,
        } = self;
        let version = |it: &IndicatorVersion| message::reporting_window::IndicatorVersion {
            indicator: it.indicator.to_string(),
            version: it.version,
        };
        message::ReportingWindow {
            open: Some(message::reporting_window::Open {
                name: name.to_string(),
                period: period.number(),
                from: from.number(),
                until: until.number(),
                areas: areas.iter().map(|area| area.digits().to_owned()).collect(),
                indicators: indicators.iter().map(version).collect(),
            }),
        }
    }

    parts!(ReportingWindow);

    fn keys(&self) -> Vec<Key> {
        Vec::new()
    }

    fn tallies(&self) -> Vec<Tally> {
        vec![Tally::stock("reporting-windows", 1)]
    }
}
