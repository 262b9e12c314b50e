//! What is due when.

use super::Course;
use crate::value::{Date, Fen, Ppm};

/// The months at whose 20th day the interest of a quarter is settled.
const QUARTERS: [u8; 4] = [3, 6, 9, 12];

/// What was agreed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Terms {
    /// What is lent.
    pub amount: Fen,
    /// For how many months, at least one.
    pub months: u32,
    /// A year's rate.
    pub rate: Ppm,
    /// How it comes back.
    pub method: Method,
}

/// How a loan comes back: code list loan-method.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Principal and interest together on the last day (利随本清).
    Bullet,
    /// Interest by quarter, settled on its 20th and due on the day after; the principal on the last day (按季结息).
    QuarterlyInterest,
    /// The principal in equal parts month by month, each with the interest until then (等额本金).
    EqualPrincipal,
}

/// What is due on a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Instalment {
    /// The last day on which it is paid in time.
    pub due: Date,
    /// Of the principal.
    pub principal: Fen,
    /// Of the interest, as long as everything is paid on its day.
    pub interest: Fen,
}

impl Method {
    /// Every method.
    pub const ALL: [Self; 3] = [Self::Bullet, Self::QuarterlyInterest, Self::EqualPrincipal];

    /// Code list loan-method.
    pub fn code(self) -> &'static str {
        match self {
            Self::Bullet => "bullet",
            Self::QuarterlyInterest => "quarterly-interest",
            Self::EqualPrincipal => "equal-principal",
        }
    }

    /// The method of a code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|method| method.code() == code)
    }
}

impl Terms {
    /// The last day of a loan that began on this one; none where the calendar of [`Date`] ends before it.
    pub fn last_day(&self, from: Date) -> Option<Date> {
        from.plus_months(i32::try_from(self.months).ok()?)
    }

    /// What is due when, ascending: the principals add up to what was lent, the interests to what accrues until the
    /// last day.
    pub fn schedule(&self, from: Date) -> Vec<Instalment> {
        let principals = self.principals(from);
        let course = Course {
            from,
            amount: self.amount,
            rate: self.rate,
            paid: principals.clone(),
        };
        let mut settled = Fen::ZERO;
        let instalment = |(due, principal)| {
            let accrued = course.accrued(due);
            let interest = Fen(accrued.0 - settled.0);
            settled = accrued;
            Instalment {
                due,
                principal,
                interest,
            }
        };
        principals.into_iter().map(instalment).collect()
    }

    fn principals(&self, from: Date) -> Vec<(Date, Fen)> {
        let last = (after(from, self.months.into()), self.amount);
        match self.method {
            Method::Bullet => vec![last],
            Method::QuarterlyInterest => settlement_days(from, last.0)
                .map(|day| (day, Fen::ZERO))
                .chain([last])
                .collect(),
            Method::EqualPrincipal => {
                let months = i64::from(self.months);
                // Sums are cut, not parts, so that the parts differ by a fen at most and add up.
                let until = |month: i64| {
                    let part = i128::from(self.amount.0) * i128::from(month) / i128::from(months);
                    i64::try_from(part).unwrap_or(self.amount.0)
                };
                let part = |month: i64| {
                    let part = Fen(until(month) - until(month - 1));
                    (after(from, month), part)
                };
                (1..=months).map(part).collect()
            }
        }
    }
}

/// The days after a quarter's settlement, later than one day and earlier than another.
fn settlement_days(from: Date, until: Date) -> impl Iterator<Item = Date> {
    let month = move |months: i32| from.month().plus(months);
    let months = (0..).map_while(month).filter(|month| {
        let number = month.month_of_year();
        QUARTERS.contains(&number)
    });
    months
        .filter_map(|month| month.first_day().plus_days(20))
        .skip_while(move |day| *day <= from)
        .take_while(move |day| *day < until)
}

/// So many months later. What would end after the calendar is never disbursed.
fn after(from: Date, months: i64) -> Date {
    let months = i32::try_from(months).ok();
    months
        .and_then(|months| from.plus_months(months))
        .unwrap_or(from)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn day(number: u32) -> Date {
        Date::from_number(number).unwrap()
    }

    fn shown(terms: Terms, from: u32) -> String {
        let line = |it: &Instalment| format!("{} {} + {}\n", it.due, it.principal, it.interest);
        terms.schedule(day(from)).iter().map(line).collect()
    }

    fn terms(yuan: i64, months: u32, method: Method) -> Terms {
        Terms {
            amount: Fen(yuan * 100),
            months,
            rate: Ppm(60_000),
            method,
        }
    }

    #[test]
    fn a_year_of_5000_yuan_comes_back_with_its_interest_at_once() {
        let bullet = terms(5_000, 12, Method::Bullet);
        expect_test::expect![[r#"
            2006-03-01 5000.00 + 304.17
        "#]]
        .assert_eq(&shown(bullet, 20_050_301));
    }

    #[test]
    fn interest_by_quarter_is_settled_on_the_20th_and_due_on_the_day_after() {
        let quarterly = terms(50_000, 12, Method::QuarterlyInterest);
        expect_test::expect![[r#"
            2015-03-21 0.00 + 166.67
            2015-06-21 0.00 + 766.66
            2015-09-21 0.00 + 766.67
            2015-12-21 0.00 + 758.33
            2016-03-01 50000.00 + 591.67
        "#]]
        .assert_eq(&shown(quarterly, 20_150_301));
    }

    #[test]
    fn a_part_of_the_principal_comes_back_each_month() {
        let parts = terms(1_000, 3, Method::EqualPrincipal);
        expect_test::expect![[r#"
            2015-02-28 333.33 + 4.67
            2015-03-31 333.33 + 3.44
            2015-04-30 333.34 + 1.67
        "#]]
        .assert_eq(&shown(parts, 20_150_131));
    }

    #[test]
    fn a_day_of_settlement_on_the_first_or_the_last_day_is_none() {
        let days = |from, until| settlement_days(day(from), day(until)).count();
        assert_eq!(days(20_150_321, 20_150_621), 0);
        assert_eq!(days(20_150_320, 20_150_622), 2);
    }

    #[test]
    fn a_method_is_a_code_of_the_list() {
        let listed = crate::codes::list("loan-method").unwrap().entries;
        let listed: Vec<_> = listed.iter().map(|entry| entry.code).collect();
        assert_eq!(listed, Method::ALL.map(Method::code));
    }

    proptest! {
        #[test]
        fn a_schedule_adds_up_to_the_fen(
            amount in 1..1_000_000_000_000_i64,
            months in 1..=360_u32,
            rate in 0..1_000_000_i64,
            method in proptest::sample::select(Method::ALL.to_vec()),
            from in 0..3_650_i32,
        ) {
            let from = day(20_050_101).plus_days(from).unwrap();
            let terms = Terms { amount: Fen(amount), months, rate: Ppm(rate), method };
            let schedule = terms.schedule(from);
            let sum = |part: fn(&Instalment) -> Fen| Fen::sum(schedule.iter().map(part)).unwrap();
            prop_assert_eq!(sum(|it| it.principal), Fen(amount));
            let paid = schedule.iter().map(|it| (it.due, it.principal)).collect();
            let course = Course { from, amount: Fen(amount), rate: Ppm(rate), paid };
            prop_assert_eq!(sum(|it| it.interest), course.accrued(terms.last_day(from).unwrap()));
            prop_assert!(schedule.is_sorted_by(|a, b| a.due < b.due));
            prop_assert!(schedule.iter().all(|it| it.principal >= Fen::ZERO && it.interest >= Fen::ZERO));
        }
    }
}
