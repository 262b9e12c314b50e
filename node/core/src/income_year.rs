//! The income year of a survey: often not the calendar year, but October to September.
//!
//! It is named after the year in which it ends, as people do who survey in the autumn.

use crate::value::{Date, Year};

/// How a county counts years of income: the month in which one begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IncomeYear(u8);

impl Default for IncomeYear {
    /// The calendar year.
    fn default() -> Self {
        Self(1)
    }
}

impl IncomeYear {
    /// Years that begin on the first day of this month, 1 to 12; none for any other number.
    pub fn beginning_in(month: u8) -> Option<Self> {
        (1..=12).contains(&month).then_some(Self(month))
    }

    /// The month in which it begins.
    pub fn first_month(self) -> u8 {
        self.0
    }

    /// The last year that is over on a day; none before the first year of the registry.
    pub fn last_whole(self, day: Date) -> Option<Year> {
        let month = day.month().month_of_year();
        // In December a year that began in January still runs.
        let ends_this_year = self.0 > 1 && month >= self.0;
        day.year().plus(if ends_this_year { 0 } else { -1 })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_year_from_october_is_over_in_october() {
        let last = |first_month: u8, day: u32| {
            let day = Date::from_number(day).unwrap();
            let year = IncomeYear::beginning_in(first_month).unwrap();
            year.last_whole(day).unwrap().get()
        };
        assert_eq!(last(1, 20_161_231), 2015);
        assert_eq!(last(1, 20_170_101), 2016);
        assert_eq!(last(10, 20_160_930), 2015);
        assert_eq!(last(10, 20_161_001), 2016);
        assert_eq!(last(10, 20_170_301), 2016);
        assert_eq!(last(12, 20_161_201), 2016);
        assert_eq!(IncomeYear::beginning_in(0), None);
        assert_eq!(IncomeYear::beginning_in(13), None);
    }
}
