//! Calendars: which days of a year a county works.

use lika_proto::log::v1 as message;

use super::{Document, Fault, Key, Problem, field, parts};
use crate::{
    rollup::Tally,
    value::{AreaCode, Date, RecordId, Year},
};

/// Where the working days of a year differ from Monday to Friday, in the record's area and below.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Calendar {
    /// The year.
    pub year: Year,
    /// Days of the year on which nobody works, ascending.
    pub holidays: Vec<Date>,
    /// Days of the year on which people work although it is a Saturday or Sunday, ascending.
    pub workdays: Vec<Date>,
}

impl Calendar {
    /// The record id of an area's calendar of a year: there is one.
    pub fn id_for(area: &AreaCode, year: Year) -> RecordId {
        RecordId::derived(
            "lika.calendar",
            &[&area.key()[..], &year.get().to_be_bytes()].concat(),
        )
    }
}

impl Document for Calendar {
    type Message = message::Calendar;

    fn parse(message: message::Calendar) -> Result<Self, Fault> {
        let message::calendar::Open {
            year,
            holidays,
            workdays,
        } = field::required("open", message.open)?;
        let year = field::year("year", year)?;
        let holidays = days("holidays", year, &holidays)?;
        let workdays = days("workdays", year, &workdays)?;
        if let Some(both) = workdays.iter().find(|day| holidays.contains(day)) {
            return Err(Fault::new("workdays", Problem::Repeated(both.to_string())));
        }
        Ok(Self {
            year,
            holidays,
            workdays,
        })
    }

    fn message(&self) -> message::Calendar {
        let Self {
            year,
            holidays,
            workdays,
        } = self;
        let numbers = |days: &[Date]| days.iter().map(|day| day.number()).collect();
        message::Calendar {
            open: Some(message::calendar::Open {
                year: u32::from(year.get()),
                holidays: numbers(holidays),
                workdays: numbers(workdays),
            }),
        }
    }

    parts!(Calendar);

    fn keys(&self) -> Vec<Key> {
        Vec::new()
    }

    fn tallies(&self) -> Vec<Tally> {
        Vec::new()
    }
}

/// Days of a year, each once and in order, so that there are at most 366.
fn days(field: &'static str, year: Year, numbers: &[u32]) -> Result<Vec<Date>, Fault> {
    let days = numbers.iter().map(|number| field::date(field, *number));
    let days: Vec<Date> = days.collect::<Result<_, _>>()?;
    let problem = if days.iter().any(|day| day.year() != year) {
        "must be days of the year"
    } else if !days.is_sorted_by(|one, next| one < next) {
        "must ascend, each day once"
    } else {
        return Ok(days);
    };
    Err(Fault::new(field, Problem::Malformed(problem.to_owned())))
}
