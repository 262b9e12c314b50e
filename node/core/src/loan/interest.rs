//! Interest by the day.

use crate::value::{Date, Fen, Ppm};

/// The days of a year by which a rate a year is turned into one a day.
pub const DAYS_OF_A_YEAR: i64 = 360;

/// What was lent and what of it came back, by day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Course {
    /// The day on which it was lent.
    pub from: Date,
    /// How much.
    pub amount: Fen,
    /// A year's rate.
    pub rate: Ppm,
    /// What of the principal came back, by day, ascending; together no more than was lent.
    pub paid: Vec<(Date, Fen)>,
}

impl Course {
    /// The interest that has accrued since the first day, that day counted and this one not; half a fen is rounded up.
    ///
    /// It never falls from one day to the next.
    pub fn accrued(&self, on: Date) -> Fen {
        let (mut fen_days, mut balance, mut since) = (0_i128, self.amount, self.from);
        for (day, paid) in self.paid.iter().take_while(|(day, _)| *day < on) {
            fen_days += by_days(balance, since, *day);
            balance = Fen(balance.0 - paid.0);
            since = since.max(*day);
        }
        fen_days += by_days(balance, since, on);
        let parts = fen_days * i128::from(self.rate.0);
        let whole = i128::from(DAYS_OF_A_YEAR) * i128::from(Ppm::WHOLE.0);
        let fen = (parts * 2 + whole).div_euclid(whole * 2);
        // Records bound amount, rate and days far below it.
        Fen(i64::try_from(fen).unwrap_or(i64::MAX))
    }
}

fn by_days(balance: Fen, from: Date, until: Date) -> i128 {
    i128::from(balance.0) * i128::from(from.days_until(until).max(0))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn day(number: u32) -> Date {
        Date::from_number(number).unwrap()
    }

    fn lent(yuan: i64, rate: i64) -> Course {
        Course {
            from: day(20_150_301),
            amount: Fen(yuan * 100),
            rate: Ppm(rate),
            paid: Vec::new(),
        }
    }

    #[test]
    fn a_year_of_365_days_is_more_than_a_years_rate() {
        // 5,000 yuan at 6 %: 5,000 × 6 % × 366 / 360, 2016 having a 29 February.
        let course = lent(5_000, 60_000);
        assert_eq!(course.accrued(day(20_160_301)), Fen(30_500));
        assert_eq!(course.accrued(day(20_150_301)), Fen::ZERO);
        assert_eq!(course.accrued(day(20_150_302)), Fen(83), "83.33 fen a day");
    }

    #[test]
    fn half_a_fen_is_rounded_up_and_the_day_of_repayment_does_not_count() {
        // 1,800 yuan at 1 %: 5 fen a day; 90 yuan a quarter fen.
        assert_eq!(lent(180, 10_000).accrued(day(20_150_302)), Fen(1));
        let mut course = lent(1_800, 10_000);
        course.paid = vec![(day(20_150_311), Fen(90_000))];
        assert_eq!(course.accrued(day(20_150_311)), Fen(50));
        assert_eq!(course.accrued(day(20_150_313)), Fen(55));
    }

    proptest! {
        #[test]
        fn interest_never_falls_and_its_parts_add_up(
            amount in 1..1_000_000_000_000_i64,
            rate in 0..1_000_000_i64,
            days in 0..10_000_i32,
            more in 0..10_000_i32,
            back in 0..1_000_000_000_000_i64,
            at in 0..10_000_i32,
        ) {
            let from = day(20_050_101);
            let on = |days| from.plus_days(days).unwrap();
            let paid = vec![(on(at), Fen(back.min(amount)))];
            let course = Course { from, amount: Fen(amount), rate: Ppm(rate), paid };
            let (early, late) = (course.accrued(on(days)), course.accrued(on(days + more)));
            prop_assert!(Fen::ZERO <= early && early <= late);
            let full = Course { paid: Vec::new(), ..course.clone() };
            prop_assert!(late <= full.accrued(on(days + more)), "who pays back early pays less");
        }
    }
}
