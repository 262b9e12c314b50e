//! Days of the calendar. A policy has no clock: today comes as a fact.

use std::fmt;

/// A day, counted from 1970-01-01.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Date(i64);

impl Date {
    /// The day so many days after 1970-01-01; none outside the years −9999 to 9999.
    pub fn from_days(days: i64) -> Option<Self> {
        (-4_371_587..=2_932_896)
            .contains(&days)
            .then_some(Self(days))
    }

    /// The day of the Gregorian calendar; none where there is no such day.
    pub fn new(year: i64, month: u8, day: u8) -> Option<Self> {
        let exists = (1..=12).contains(&month) && (1..=days_in_month(year, month)).contains(&day);
        if !exists {
            return None;
        }
        Self::from_days(days_from_civil(year, month, day))
    }

    /// Days since 1970-01-01.
    pub fn days(self) -> i64 {
        self.0
    }

    /// Year, month and day of the month.
    pub fn civil(self) -> (i64, u8, u8) {
        civil_from_days(self.0)
    }

    /// The same day so many months later (earlier where negative), or the last of that month
    /// where it is shorter. Stays at the ends of the calendar.
    pub fn plus_months(self, months: i64) -> Self {
        let (year, month, day) = self.civil();
        let count = (year * 12 + i64::from(month) - 1)
            .saturating_add(months)
            .clamp(-119_988, 119_999);
        let (year, month) = (count.div_euclid(12), small(count.rem_euclid(12) + 1));
        let day = day.min(days_in_month(year, month));
        Self(days_from_civil(year, month, day).clamp(-4_371_587, 2_932_896))
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = self.civil();
        write!(f, "{year:04}-{month:02}-{day:02}")
    }
}

fn days_in_month(year: i64, month: u8) -> u8 {
    let leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Counts from March, so that the leap day is the last of its year and needs no case of its own.
fn days_from_civil(year: i64, month: u8, day: u8) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let month_from_march = (i64::from(month) + 9) % 12;
    let day_of_year = (153 * month_from_march + 2) / 5 + i64::from(day) - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

fn civil_from_days(days: i64) -> (i64, u8, u8) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = small(day_of_year - (153 * month_from_march + 2) / 5 + 1);
    let month = small((month_from_march + 2) % 12 + 1);
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month, day)
}

fn small(number: i64) -> u8 {
    u8::try_from(number).expect("a month or a day of the month is at most 31")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_day_of_nine_centuries_survives_the_round_trip() {
        let first = Date::new(1599, 12, 31).unwrap().days();
        let last = Date::new(2500, 1, 1).unwrap().days();
        for days in first..=last {
            let (year, month, day) = Date::from_days(days).unwrap().civil();
            assert_eq!(Date::new(year, month, day).unwrap().days(), days);
        }
    }

    #[test]
    fn known_days() {
        assert_eq!(Date::new(1970, 1, 1).unwrap().days(), 0);
        assert_eq!(Date::new(2016, 2, 29).unwrap().days(), 16_860);
        assert_eq!(Date::new(2015, 2, 29), None);
    }

    #[test]
    fn a_month_later_ends_with_the_month() {
        let day = Date::new(2016, 1, 31).unwrap();
        assert_eq!(day.plus_months(1).to_string(), "2016-02-29");
        assert_eq!(day.plus_months(-2).to_string(), "2015-11-30");
        assert_eq!(day.plus_months(12).to_string(), "2017-01-31");
    }
}
