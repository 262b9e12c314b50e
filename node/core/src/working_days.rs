//! Clocks: which day comes so many days after another.
//!
//! A clock of n days that starts on a day is over n days later: a notice of seven days that is posted on the 1st hangs on
//! the 1st to the 7th, and what follows may be done from the 8th on. Counties count in calendar days or in working days,
//! and publish each year which days differ from Monday to Friday.

use std::collections::BTreeSet;

use jiff::civil::Weekday;

use crate::{record::Calendar, value::Date};

/// Which days a clock counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counted {
    /// Every day.
    Calendar,
    /// The days on which the offices of the county work.
    Working,
}

/// The working days of some years: Monday to Friday but for what calendars say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WorkingDays {
    holidays: BTreeSet<Date>,
    workdays: BTreeSet<Date>,
}

impl WorkingDays {
    /// The most days that a clock counts.
    pub const LONGEST: u16 = 366;

    /// Takes over what a calendar says of its year.
    #[must_use]
    pub fn with(mut self, calendar: &Calendar) -> Self {
        self.holidays.extend(&calendar.holidays);
        self.workdays.extend(&calendar.workdays);
        self
    }

    /// Whether the offices work on this day.
    pub fn is_working(&self, day: Date) -> bool {
        let is_weekend = matches!(day.civil().weekday(), Weekday::Saturday | Weekday::Sunday);
        if is_weekend {
            self.workdays.contains(&day)
        } else {
            !self.holidays.contains(&day)
        }
    }

    /// The day that is so many days after another; the day itself after none. None beyond the range of dates.
    pub fn after(&self, day: Date, days: u16, counted: Counted) -> Option<Date> {
        match counted {
            Counted::Calendar => day.plus_days(i32::from(days)),
            Counted::Working => {
                let mut reached = day;
                for _ in 0..days {
                    reached = self.next_working(reached)?;
                }
                Some(reached)
            }
        }
    }

    fn next_working(&self, day: Date) -> Option<Date> {
        let mut next = day.plus_days(1)?;
        while !self.is_working(next) {
            next = next.plus_days(1)?;
        }
        Some(next)
    }
}
