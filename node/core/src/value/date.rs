use std::fmt;
use std::str::FromStr;

use jiff::civil;

const FIRST_YEAR: u16 = 1800;
const LAST_YEAR: u16 = 2100;

/// A civil date, without time and time zone, of the years 1800 to 2100.
///
/// The range starts in 1800 because GB 11643 itself has an example of a person born in 1880; it ends
/// early, so that a slipped digit is refused.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date(civil::Date);

/// A calendar year, 1800 to 2100.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Year(u16);

/// A calendar month of a year.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Month {
    year: Year,
    month: u8,
}

/// The days from `from`, included, until `until`, *excluded*; without `until` it goes on.
///
/// Exclusive, so that a helper who leaves and the successor share one date: the first day of the
/// successor, which belongs to the successor alone.
/// `from == until` holds no day: something that was undone on the day it began.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    from: Date,
    until: Option<Date>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    #[error("date is not readable; expected year-month-day as in 2016-01-31")]
    BadDate,
    #[error("date does not exist in the calendar")]
    NoSuchDay,
    #[error("year is outside {FIRST_YEAR} to {LAST_YEAR}")]
    YearOutOfRange,
    #[error("year is not readable; expected four digits as in 2016")]
    BadYear,
    #[error("month is not readable; expected year-month as in 2016-03")]
    BadMonth,
    #[error("period is not readable; expected from/until as in 2016-01-01/2017-01-01")]
    BadSpan,
    #[error("period ends before it begins; expected until on or after from")]
    EndsBeforeItBegins,
}

impl Date {
    pub fn new(year: u16, month: u8, day: u8) -> Result<Self, Error> {
        let year = Year::new(year)?;
        let (month, day) = (i8::try_from(month), i8::try_from(day));
        let (Ok(month), Ok(day)) = (month, day) else {
            return Err(Error::NoSuchDay);
        };
        civil::Date::new(year.0.cast_signed(), month, day)
            .map(Self)
            .map_err(|_| Error::NoSuchDay)
    }

    /// Reads `2016-01-31`, `2016/1/31`, `2016.1.31`, `2016年1月31日` and `20160131`, full-width or not.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let numbers = numbers(text, 8).ok_or(Error::BadDate)?;
        match numbers[..] {
            [year, month, day] => Self::of_numbers(year, month, day),
            [number] => Self::from_number(number),
            _ => Err(Error::BadDate),
        }
    }

    /// Reads the number `yyyymmdd`.
    pub fn from_number(number: u32) -> Result<Self, Error> {
        Self::of_numbers(number / 10_000, number / 100 % 100, number % 100)
    }

    pub fn from_civil(date: civil::Date) -> Result<Self, Error> {
        Year::of_number(i64::from(date.year()))?;
        Ok(Self(date))
    }

    #[must_use]
    pub fn civil(self) -> civil::Date {
        self.0
    }

    /// The number `yyyymmdd`.
    #[must_use]
    pub fn number(self) -> u32 {
        let month = self.month();
        month.number() * 100 + u32::from(self.day())
    }

    #[must_use]
    pub fn year(self) -> Year {
        Year(self.0.year().unsigned_abs())
    }

    #[must_use]
    pub fn month(self) -> Month {
        Month {
            year: self.year(),
            month: self.0.month().unsigned_abs(),
        }
    }

    /// The day of the month, from 1.
    #[must_use]
    pub fn day(self) -> u8 {
        self.0.day().unsigned_abs()
    }

    /// None outside the range of dates. Negative numbers go back.
    #[must_use]
    pub fn plus_days(self, days: i32) -> Option<Self> {
        let span = jiff::Span::new().try_days(days).ok()?;
        Self::from_civil(self.0.checked_add(span).ok()?).ok()
    }

    /// The same day of a later month, or its last day if it has no such day: 31 January + 1 is 28 or
    /// 29 February. None outside the range of dates. Negative numbers go back.
    #[must_use]
    pub fn plus_months(self, months: i32) -> Option<Self> {
        let month = self.month().plus(months)?;
        let last = month.last_day();
        let day = self.day().min(last.day());
        Self::new(month.year.0, month.month, day).ok()
    }

    /// Completed years, as an age is counted; negative if `other` is earlier.
    ///
    /// Someone born on 29 February completes a common year on 1 March.
    #[must_use]
    pub fn whole_years_until(self, other: Self) -> i32 {
        if other < self {
            return -other.whole_years_until(self);
        }
        let years = i32::from(other.year().0) - i32::from(self.year().0);
        let anniversary_is_ahead =
            (other.month().month, other.day()) < (self.month().month, self.day());
        years - i32::from(anniversary_is_ahead)
    }

    /// Negative if `other` is earlier.
    #[must_use]
    pub fn days_until(self, other: Self) -> i32 {
        let hours = self.0.duration_until(other.0).as_hours();
        i32::try_from(hours / 24).expect("300 years have far fewer than 2^31 days")
    }

    fn of_numbers(year: u32, month: u32, day: u32) -> Result<Self, Error> {
        let year = Year::of_number(i64::from(year))?;
        let (month, day) = (u8::try_from(month), u8::try_from(day));
        let (Ok(month), Ok(day)) = (month, day) else {
            return Err(Error::NoSuchDay);
        };
        Self::new(year.0, month, day)
    }
}

impl Year {
    pub fn new(year: u16) -> Result<Self, Error> {
        if !(FIRST_YEAR..=LAST_YEAR).contains(&year) {
            return Err(Error::YearOutOfRange);
        }
        Ok(Self(year))
    }

    /// Reads `2016` and `2016年`.
    pub fn parse(text: &str) -> Result<Self, Error> {
        match numbers(text, 4).ok_or(Error::BadYear)?[..] {
            [year] => Self::of_number(i64::from(year)),
            _ => Err(Error::BadYear),
        }
    }

    #[must_use]
    pub fn get(self) -> u16 {
        self.0
    }

    #[must_use]
    pub fn first_day(self) -> Date {
        Month {
            year: self,
            month: 1,
        }
        .first_day()
    }

    #[must_use]
    pub fn last_day(self) -> Date {
        Month {
            year: self,
            month: 12,
        }
        .last_day()
    }

    /// None outside the range of years. Negative numbers go back.
    #[must_use]
    pub fn plus(self, years: i32) -> Option<Self> {
        Self::of_number(i64::from(self.0) + i64::from(years)).ok()
    }

    fn of_number(year: i64) -> Result<Self, Error> {
        u16::try_from(year)
            .map_err(|_| Error::YearOutOfRange)
            .and_then(Self::new)
    }
}

impl Month {
    /// The month, from 1, of a year.
    pub fn new(year: Year, month: u8) -> Result<Self, Error> {
        if !(1..=12).contains(&month) {
            return Err(Error::BadMonth);
        }
        Ok(Self { year, month })
    }

    /// Reads `2016-03`, `2016/3`, `2016.3`, `2016年3月` and `201603`.
    pub fn parse(text: &str) -> Result<Self, Error> {
        match numbers(text, 6).ok_or(Error::BadMonth)?[..] {
            [year, month] => Self::from_number(year * 100 + month.min(99)),
            [number] => Self::from_number(number),
            _ => Err(Error::BadMonth),
        }
    }

    /// Reads the number `yyyymm`.
    pub fn from_number(number: u32) -> Result<Self, Error> {
        let year = Year::of_number(i64::from(number / 100))?;
        let month = u8::try_from(number % 100).map_err(|_| Error::BadMonth)?;
        Self::new(year, month)
    }

    /// The number `yyyymm`.
    #[must_use]
    pub fn number(self) -> u32 {
        u32::from(self.year.0) * 100 + u32::from(self.month)
    }

    #[must_use]
    pub fn year(self) -> Year {
        self.year
    }

    /// From 1 for January.
    #[must_use]
    pub fn month_of_year(self) -> u8 {
        self.month
    }

    #[must_use]
    pub fn first_day(self) -> Date {
        let (year, month) = (self.year.0.cast_signed(), self.month.cast_signed());
        Date(civil::date(year, month, 1))
    }

    #[must_use]
    pub fn last_day(self) -> Date {
        Date(self.first_day().0.last_of_month())
    }

    /// None outside the range of years. Negative numbers go back.
    #[must_use]
    pub fn plus(self, months: i32) -> Option<Self> {
        let count = i64::from(self.year.0) * 12 + i64::from(self.month) - 1 + i64::from(months);
        let year = Year::of_number(count.div_euclid(12)).ok()?;
        let month = u8::try_from(count.rem_euclid(12) + 1).ok()?;
        Self::new(year, month).ok()
    }
}

impl Span {
    pub fn new(from: Date, until: Option<Date>) -> Result<Self, Error> {
        if until.is_some_and(|until| until < from) {
            return Err(Error::EndsBeforeItBegins);
        }
        Ok(Self { from, until })
    }

    /// Reads `2016-01-01/2017-01-01`, or `2016-01-01/` for one that goes on.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let (from, until) = text.split_once('/').ok_or(Error::BadSpan)?;
        let until = if until.is_empty() {
            None
        } else {
            Some(Date::parse(until)?)
        };
        Self::new(Date::parse(from)?, until)
    }

    #[must_use]
    pub fn from(&self) -> Date {
        self.from
    }

    /// The first day that no longer belongs to the period.
    #[must_use]
    pub fn until(&self) -> Option<Date> {
        self.until
    }

    #[must_use]
    pub fn contains(&self, date: Date) -> bool {
        self.from <= date && self.until.is_none_or(|until| date < until)
    }

    /// Whether the two have a day in common.
    #[must_use]
    pub fn overlaps(&self, other: &Self) -> bool {
        let start = self.from.max(other.from);
        self.contains(start) && other.contains(start)
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{:02}", self.month(), self.day())
    }
}

impl fmt::Display for Year {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}", self.0)
    }
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{:02}", self.year, self.month)
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/", self.from)?;
        self.until.map_or(Ok(()), |until| write!(f, "{until}"))
    }
}

/// A date prints as itself in `Debug` too, and parses with `FromStr`.
macro_rules! as_text {
    ($($name:ident),*) => {$(
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }

        impl FromStr for $name {
            type Err = Error;

            fn from_str(text: &str) -> Result<Self, Error> {
                Self::parse(text)
            }
        }
    )*};
}

as_text!(Date, Year, Month, Span);

/// The numbers of a written date: one of exactly `compact` digits, or a year of four digits and one or two
/// further numbers of at most two digits, with one kind of separator between them.
fn numbers(text: &str, compact: usize) -> Option<Vec<u32>> {
    let text: String = text.trim().chars().map(super::fold_width).collect();
    if !text.is_ascii() {
        return chinese_numbers(&text, compact);
    }
    let separator = text.chars().find(|c| !c.is_ascii_digit()).unwrap_or('-');
    if !['-', '/', '.'].contains(&separator) {
        return None;
    }
    let parts: Vec<&str> = text.split(separator).collect();
    parts_to_numbers(&parts, compact)
}

fn chinese_numbers(text: &str, compact: usize) -> Option<Vec<u32>> {
    let (year, rest) = text.split_once('年')?;
    let mut parts = vec![year];
    if let Some((month, day)) = rest.split_once('月') {
        parts.push(month);
        if !day.is_empty() {
            parts.push(day.strip_suffix(['日', '号'])?);
        }
    } else if !rest.is_empty() {
        return None;
    }
    parts_to_numbers(&parts, compact)
}

fn parts_to_numbers(parts: &[&str], compact: usize) -> Option<Vec<u32>> {
    let is_sound = |(at, part): (usize, &&str)| {
        let is_long_enough = match (at, parts.len()) {
            (0, 1) => part.len() == compact,
            (0, _) => part.len() == 4,
            _ => (1..=2).contains(&part.len()),
        };
        is_long_enough && part.bytes().all(|b| b.is_ascii_digit())
    };
    if !parts.iter().enumerate().all(is_sound) {
        return None;
    }
    parts.iter().map(|part| part.parse().ok()).collect()
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use proptest::prelude::*;

    pub(crate) fn any_date() -> impl Strategy<Value = Date> {
        (0..109_000i32).prop_map(|days| date("1800-01-01").plus_days(days).unwrap())
    }

    fn date(text: &str) -> Date {
        Date::parse(text).unwrap()
    }

    fn span(text: &str) -> Span {
        Span::parse(text).unwrap()
    }

    #[test]
    fn dates_are_read_as_people_write_them() {
        for text in [
            "2016-01-31",
            "2016/1/31",
            "20160131",
            "2016年1月31日",
            "2016.1.31",
            " ２０１６－０１－３１ ",
        ] {
            assert_eq!(date(text).number(), 20_160_131, "{text}");
        }
    }

    #[test]
    fn what_is_no_date_is_refused() {
        for (text, fault) in [
            ("", Error::BadDate),
            ("2016", Error::BadDate),
            ("2016-01", Error::BadDate),
            ("2016-01/31", Error::BadDate),
            ("31-01-2016", Error::BadDate),
            ("2016年1月", Error::BadDate),
            ("2016年", Error::BadDate),
            ("2016-02-30", Error::NoSuchDay),
            ("2016-13-01", Error::NoSuchDay),
            ("20160000", Error::NoSuchDay),
            ("1799-12-31", Error::YearOutOfRange),
            ("21010101", Error::YearOutOfRange),
        ] {
            assert_eq!(Date::parse(text), Err(fault), "{text}");
        }
    }

    #[test]
    fn years_and_months_are_read_alone() {
        assert_eq!(Year::parse("2016年").unwrap().get(), 2016);
        assert_eq!(Year::parse("2016-01"), Err(Error::BadYear));
        for text in ["2016-03", "2016/3", "201603", "2016年3月"] {
            assert_eq!(Month::parse(text).unwrap().number(), 201_603, "{text}");
        }
        assert_eq!(Month::parse("2016-13"), Err(Error::BadMonth));
        assert_eq!(Month::parse("2016-03-01"), Err(Error::BadMonth));
        assert_eq!(
            Month::parse("2016-02").unwrap().last_day(),
            date("2016-02-29")
        );
    }

    #[test]
    fn months_are_added_by_the_calendar() {
        assert_eq!(date("2016-01-31").plus_months(1), Some(date("2016-02-29")));
        assert_eq!(date("2016-11-30").plus_months(3), Some(date("2017-02-28")));
        assert_eq!(date("2016-01-15").plus_months(-1), Some(date("2015-12-15")));
        assert_eq!(date("2100-12-01").plus_months(1), None);
        assert_eq!(date("2100-12-31").plus_days(1), None);
        assert_eq!(date("2016-01-01").plus_days(i32::MAX), None);
    }

    #[test]
    fn an_age_is_counted_in_completed_years() {
        for (born, on, age) in [
            ("2000-06-15", "2016-06-14", 15),
            ("2000-06-15", "2016-06-15", 16),
            ("2000-02-29", "2017-02-28", 16),
            ("2000-02-29", "2017-03-01", 17),
            ("2016-06-15", "2000-06-15", -16),
        ] {
            assert_eq!(date(born).whole_years_until(date(on)), age, "{born} {on}");
        }
    }

    #[test]
    fn successors_meet_on_one_date_without_overlap() {
        let first = span("2015-01-01/2016-01-01");
        let second = span("2016-01-01/");
        assert!(!first.overlaps(&second) && !second.overlaps(&first));
        assert!(!first.contains(date("2016-01-01")) && second.contains(date("2016-01-01")));
        assert!(span("2015-12-31/").overlaps(&first));
        let nothing = span("2015-06-01/2015-06-01");
        assert!(!nothing.overlaps(&first) && !nothing.contains(date("2015-06-01")));
        assert_eq!(
            Span::parse("2016-01-02/2016-01-01"),
            Err(Error::EndsBeforeItBegins)
        );
    }

    proptest! {
        #[test]
        fn printing_and_parsing_give_the_same(a in any_date(), b in any_date()) {
            prop_assert_eq!(Date::parse(&a.to_string()), Ok(a));
            prop_assert_eq!(Date::from_number(a.number()), Ok(a));
            prop_assert_eq!(Month::parse(&a.month().to_string()), Ok(a.month()));
            prop_assert_eq!(Year::parse(&a.year().to_string()), Ok(a.year()));
            let span = Span::new(a.min(b), Some(a.max(b))).unwrap();
            prop_assert_eq!(Span::parse(&span.to_string()), Ok(span));
            let open = Span::new(a, None).unwrap();
            prop_assert_eq!(Span::parse(&open.to_string()), Ok(open));
        }

        #[test]
        fn days_until_is_what_plus_days_adds(a in any_date(), b in any_date()) {
            prop_assert_eq!(a.plus_days(a.days_until(b)), Some(b));
        }

        #[test]
        fn spans_overlap_when_a_day_lies_in_both(
            a in any_date(), days in 0..40i32, gap in -45..45i32, other_days in 0..40i32,
        ) {
            let one = Span::new(a, a.plus_days(days)).unwrap();
            let Some(b) = a.plus_days(gap) else { return Ok(()) };
            let other = Span::new(b, b.plus_days(other_days)).unwrap();
            let day_in_both = (-50..100).filter_map(|n| a.plus_days(n))
                .any(|day| one.contains(day) && other.contains(day));
            prop_assume!(one.until().is_some() && other.until().is_some());
            prop_assert_eq!(one.overlaps(&other), day_in_both);
        }
    }
}
