//! Reports: the figures of an area for a period.
//!
//! ```text
//!  report ──▶ locked ──reopen, with a reason──▶ open ──report──▶ locked …
//!  somebody           somebody else
//! ```

use lika_proto::log::v1 as message;

use super::{
    Document, Fault, Index, IndicatorVersion, Key, Problem, field, parts, reporting_window,
};
use crate::{
    rollup::{Period, Tally},
    value::{AreaCode, Date, RecordId, Text},
};

/// The figures of an area for a period.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// The window.
    pub window: RecordId,
    /// The area: that of the record. Locks are looked up by it.
    pub area: AreaCode,
    /// The period of the window.
    pub period: Period,
    /// What was reported last.
    pub figures: Vec<Figure>,
    /// What was done with it, the first one first.
    pub turns: Vec<Turn>,
    /// Why it was opened again the last time; not known where it was withheld.
    pub reason: Option<Option<Text>>,
}

/// One figure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Figure {
    /// What it is of.
    pub of: IndicatorVersion,
    /// In the unit of the indicator; none where it is not known.
    pub value: Option<i64>,
}

/// What somebody did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Turn {
    /// What.
    pub act: Act,
    /// The officer, in person.
    pub officer: RecordId,
    /// The cadre record of the same person.
    pub cadre: Option<RecordId>,
    /// The day.
    pub on: Date,
}

/// Code list report-act.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    /// The figures are given, and locked.
    Reported,
    /// They can change again.
    Reopened,
}

impl Act {
    /// Its code.
    pub fn code(self) -> &'static str {
        match self {
            Self::Reported => "reported",
            Self::Reopened => "reopened",
        }
    }
}

impl Report {
    /// Turns of one report at most.
    pub const MOST_TURNS: usize = 50;

    /// The record id of an area's report in a window: there is one.
    pub fn id_for(window: &RecordId, area: &AreaCode) -> RecordId {
        RecordId::derived(
            "lika.report",
            &[&window.0[..], area.digits().as_bytes()].concat(),
        )
    }

    /// Whether it counts as reported, so that what it is made of is locked.
    pub fn is_locked(&self) -> bool {
        self.turns
            .last()
            .is_some_and(|turn| turn.act == Act::Reported)
    }

    /// The key of the reports that lock figures of a period in exactly this area.
    pub fn locks(period: Period, area: &AreaCode) -> Key {
        let period = period.number().to_be_bytes();
        Key::open(Index::LockedFigures, &[&period, &area.key()])
    }

    /// The key of the reports that lock any figures of a period.
    pub fn any_locks(period: Period) -> Key {
        Key::open(Index::LockedFigures, &[&period.number().to_be_bytes()])
    }
}

impl Document for Report {
    type Message = message::Report;

    fn parse(message: message::Report) -> Result<Self, Fault> {
        let message::Report { open, free_text } = message;
        let message::report::Open {
            window,
            area,
            period,
            figures,
            turns,
        } = field::required("open", open)?;
        if turns.len() > Self::MOST_TURNS {
            return Err(Fault::new("turns", Problem::TooMany(Self::MOST_TURNS)));
        }
        let turns: Vec<Turn> = turns
            .into_iter()
            .map(Turn::parse)
            .collect::<Result<_, _>>()?;
        let expected = [Act::Reported, Act::Reopened].into_iter().cycle();
        if turns.is_empty()
            || turns
                .iter()
                .zip(expected)
                .any(|(turn, act)| turn.act != act)
        {
            let problem = "are reported and reopened in turn, reported first".to_owned();
            return Err(Fault::new("turns.act", Problem::Malformed(problem)));
        }
        Ok(Self {
            window: field::id("window", &window)?,
            area: field::malformed("area", AreaCode::parse(&area))?,
            period: reporting_window::period(period)?,
            figures: figures
                .into_iter()
                .map(
                    |message::report::Figure {
                         indicator,
                         version,
                         value,
                     }| {
                        let of = IndicatorVersion::parse(&indicator, version)?;
                        Ok(Figure { of, value })
                    },
                )
                .collect::<Result<_, Fault>>()?,
            turns,
            reason: free_text
                .map(|message::report::FreeText { reason }| {
                    field::optional_text("reason", &reason, Text::parse)
                })
                .transpose()?,
        })
    }

    fn message(&self) -> message::Report {
        let Self {
            window,
            area,
            period,
            figures,
            turns,
            reason,
        } = self;
        let figure = |Figure { of, value }: &Figure| message::report::Figure {
            indicator: of.indicator.to_string(),
            version: of.version,
            value: *value,
        };
        message::Report {
            open: Some(message::report::Open {
                window: window.0.to_vec(),
                area: area.digits().to_owned(),
                period: period.number(),
                figures: figures.iter().map(figure).collect(),
                turns: turns.iter().map(Turn::message).collect(),
            }),
            free_text: reason.as_ref().map(|reason| message::report::FreeText {
                reason: field::printed(reason.as_ref()),
            }),
        }
    }

    parts!(Report, free_text = FreeText);

    fn keys(&self) -> Vec<Key> {
        let mut keys = vec![Key::record(Index::ReportsOfWindow, &self.window)];
        if self.is_locked() {
            keys.push(Self::locks(self.period, &self.area));
        }
        keys
    }

    fn tallies(&self) -> Vec<Tally> {
        let state = if self.is_locked() {
            "reported"
        } else {
            "reopened"
        };
        vec![Tally::stock(format!("reports/{state}"), 1)]
    }
}

impl Turn {
    fn parse(message: message::report::Turn) -> Result<Self, Fault> {
        let message::report::Turn {
            act,
            officer,
            cadre,
            on,
        } = message;
        let act = field::code("report-act", "turns.act", &act)?;
        Ok(Self {
            act: if act.as_str() == Act::Reported.code() {
                Act::Reported
            } else {
                Act::Reopened
            },
            officer: field::id("turns.officer", &officer)?,
            cadre: field::optional_id("turns.cadre", &cadre)?,
            on: field::date("turns.on", on)?,
        })
    }

    fn message(&self) -> message::report::Turn {
        let Self {
            act,
            officer,
            cadre,
            on,
        } = self;
        message::report::Turn {
            act: act.code().to_owned(),
            officer: officer.0.to_vec(),
            cadre: field::id_bytes(cadre.as_ref()),
            on: on.number(),
        }
    }
}
