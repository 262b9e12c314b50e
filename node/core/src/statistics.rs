//! Statistics: indicators computed from totals and official statistics, in whole numbers.
//!
//! Shares and ratios are parts per million, money is fen. Nothing is computed with fractions that a machine rounds: a
//! root is taken of whole numbers, and how each result is rounded stands in the indicator's formula.

use std::collections::BTreeMap;

use thiserror::Error as ThisError;

use crate::{
    indicator::{Formula, Indicator, Total},
    rollup::Period,
    shell::shell_villages,
    value::{AreaCode, Fen, Ppm},
};

/// A million: the parts of a whole.
const WHOLE: i128 = 1_000_000;

/// What indicators are computed from: one area, one period, as it stood at one moment.
#[derive(Clone, Debug, Default)]
pub struct Basis {
    /// The totals of the area, by period and dimension; what is not there is 0.
    pub totals: BTreeMap<(u32, String), i64>,
    /// Official statistics of the year of the period, by area and series.
    pub official: BTreeMap<(AreaCode, String), i64>,
    /// The registered areas inside the area.
    pub areas: Vec<AreaCode>,
    /// The collective incomes of the year of the period, by village.
    pub collective: BTreeMap<AreaCode, Fen>,
}

/// What a question may set.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    /// The share of a line.
    pub share: Option<Ppm>,
    /// The threshold of shell villages.
    pub below: Option<Fen>,
}

/// A computed indicator.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    /// The value; none where what it is made of is not known.
    pub value: Option<i64>,
    /// What it was made of, each in its own unit.
    pub parts: Vec<(String, i64)>,
    /// How many areas nothing is known of, where the indicator goes over areas.
    pub unknown: usize,
}

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq, ThisError)]
pub enum Error {
    /// The indicator needs a setting.
    #[error("{0}: must be given; no document says it")]
    NeedsSetting(&'static str),
    /// The figures overflow.
    #[error("the figures are too large to compute with")]
    TooLarge,
}

impl Basis {
    fn total(&self, period: Period, total: &Total) -> i64 {
        match total {
            Total::Stock(dimension) => self.of(Period::NOW, dimension),
            Total::InPeriod(dimension) => self.of(period, dimension),
        }
    }

    fn of(&self, period: Period, dimension: &str) -> i64 {
        let key = (period.number(), dimension.to_owned());
        self.totals.get(&key).copied().unwrap_or_default()
    }

    fn official(&self, area: &AreaCode, series: &str) -> Option<i64> {
        self.official.get(&(*area, series.to_owned())).copied()
    }
}

/// Computes an indicator of an area.
pub fn compute(
    indicator: &Indicator,
    basis: &Basis,
    area: &AreaCode,
    period: Period,
    settings: &Settings,
) -> Result<Answer, Error> {
    match &indicator.formula {
        Formula::Figure(total) => Ok(Answer {
            value: Some(basis.total(period, total)),
            ..Answer::default()
        }),
        Formula::Classes { whole, classes } => Ok(Answer {
            value: Some(basis.of(period, whole)),
            parts: classes
                .iter()
                .map(|class| {
                    let value = basis.of(period, &format!("{whole}/{class}"));
                    ((*class).to_owned(), value)
                })
                .collect(),
            unknown: 0,
        }),
        Formula::Group(group) => Ok(of_group(basis, period, group)),
        Formula::Share { part, whole } => {
            let (part, whole) = (basis.total(period, part), basis.total(period, whole));
            Ok(Answer {
                value: share(part, whole),
                parts: vec![("part".to_owned(), part), ("whole".to_owned(), whole)],
                unknown: 0,
            })
        }
        Formula::PerHead { amount, persons } => {
            let (amount, persons) = (basis.of(period, amount), basis.of(period, persons));
            Ok(Answer {
                value: (persons > 0).then(|| amount.div_euclid(persons)),
                parts: vec![
                    ("amount".to_owned(), amount),
                    ("persons".to_owned(), persons),
                ],
                unknown: 0,
            })
        }
        Formula::ShellVillages => {
            let below = settings.below.ok_or(Error::NeedsSetting("below"))?;
            let found = shell_villages(basis.areas.iter().copied(), &basis.collective, below);
            Ok(Answer {
                value: Some(count(found.below.len())),
                parts: vec![("reached".to_owned(), count(found.reached))],
                unknown: found.unknown.len(),
            })
        }
        Formula::Variation { series, weights } => of_regions(basis, area, series, *weights),
        Formula::Quotient { above, below } => {
            let parts = [above, below].map(|series| (series, basis.official(area, series)));
            let value = match parts {
                [(_, Some(above)), (_, Some(below))] => ratio(above, below)?,
                _ => None,
            };
            let known = parts.into_iter();
            let known = known.filter_map(|(series, figure)| Some(((*series).to_owned(), figure?)));
            Ok(Answer {
                value,
                parts: known.collect(),
                unknown: 0,
            })
        }
        Formula::Line { series, share } => {
            let share = settings.share.unwrap_or(*share);
            // Whoever enters none of its own goes by that of the nearest area around it.
            let mut around = area.ancestors_inclusive();
            let Some(mean) = around.find_map(|area| basis.official(&area, series)) else {
                return Ok(Answer::default());
            };
            let line = share.of(Fen(mean)).map_err(|_| Error::TooLarge)?;
            Ok(Answer {
                value: Some(line.0),
                parts: vec![((*series).to_owned(), mean), ("share".to_owned(), share.0)],
                unknown: 0,
            })
        }
    }
}

fn of_group(basis: &Basis, period: Period, group: &str) -> Answer {
    let prefix = format!("{group}/");
    let own = basis.totals.iter();
    let own = own.filter(|((of, _), _)| *of == period.number());
    let parts: Vec<(String, i64)> = own
        .filter_map(|((_, dimension), value)| {
            Some((dimension.strip_prefix(&prefix)?.to_owned(), *value))
        })
        .collect();
    Answer {
        value: Some(parts.iter().map(|(_, value)| value).sum()),
        parts,
        unknown: 0,
    }
}

/// The variation over the widest level below the area on which anything is known.
fn of_regions(
    basis: &Basis,
    area: &AreaCode,
    series: &str,
    weights: Option<&str>,
) -> Result<Answer, Error> {
    let inside = |other: &AreaCode| area.contains(other) && other != area;
    let of_series = basis.official.iter();
    let known: BTreeMap<AreaCode, i64> = of_series
        .filter(|((region, own), _)| own == series && inside(region))
        .map(|((region, _), figure)| (*region, *figure))
        .collect();
    let Some(level) = known.keys().map(AreaCode::level).min() else {
        return Ok(Answer::default());
    };
    let mut parts = Vec::new();
    let mut weighted = Vec::new();
    let mut without_weight = 0;
    for (region, figure) in known.iter().filter(|(region, _)| region.level() == level) {
        parts.push((region.digits().to_owned(), *figure));
        match weights.map(|weights| basis.official(region, weights)) {
            None => weighted.push((*figure, 1)),
            Some(Some(weight)) => weighted.push((*figure, weight)),
            Some(None) => without_weight += 1,
        }
    }
    let registered = basis.areas.iter();
    let silent = registered
        .filter(|region| inside(region) && region.level() == level && !known.contains_key(region))
        .count();
    Ok(Answer {
        value: variation(&weighted)?,
        parts,
        unknown: silent + without_weight,
    })
}

/// A part of a whole in parts per million, rounded down, so that what is not whole never looks it. None of nothing.
#[must_use]
pub fn share(part: i64, whole: i64) -> Option<i64> {
    if whole <= 0 {
        return None;
    }
    let share = (i128::from(part) * WHOLE).div_euclid(i128::from(whole));
    i64::try_from(share).ok()
}

/// One number by another in parts per million, rounded half up. None by nothing.
pub fn ratio(above: i64, below: i64) -> Result<Option<i64>, Error> {
    if below <= 0 {
        return Ok(None);
    }
    let below = i128::from(below);
    let ratio = (i128::from(above) * 2 * WHOLE + below).div_euclid(2 * below);
    i64::try_from(ratio).map(Some).map_err(|_| Error::TooLarge)
}

/// The coefficient of variation of figures with their weights, in parts per million, rounded half up: the standard
/// deviation of the whole population by the mean.
///
/// With W = Σw, S = Σwx and Q = Σwx², it is √(W·Q − S²) / S. None where there is nothing to compare with: no figure, or
/// a mean that is not above 0. A weight is never negative.
pub fn variation(figures: &[(i64, i64)]) -> Result<Option<i64>, Error> {
    let mut sums = [0i128; 3];
    for (figure, weight) in figures {
        let (figure, weight) = (i128::from(*figure), i128::from((*weight).max(0)));
        let terms = [
            Some(weight),
            weight.checked_mul(figure),
            weight.checked_mul(figure * figure),
        ];
        for (sum, term) in sums.iter_mut().zip(terms) {
            let term = term.ok_or(Error::TooLarge)?;
            *sum = sum.checked_add(term).ok_or(Error::TooLarge)?;
        }
    }
    let [weights, sum, squares] = sums;
    if weights == 0 || sum <= 0 {
        return Ok(None);
    }
    let spread = weights.checked_mul(squares).zip(sum.checked_mul(sum));
    let (products, square) = spread.ok_or(Error::TooLarge)?;
    // Never negative (Cauchy and Schwarz).
    let spread = (products - square).unsigned_abs();
    let square = square.unsigned_abs();
    // Twice the result, rounded down, decides which whole number is nearer. What does not fit is made smaller on both
    // sides of the fraction: of 128 bits, more than 80 remain.
    let factor = 4 * WHOLE.unsigned_abs() * WHOLE.unsigned_abs();
    let shift = (128 - factor.leading_zeros()).saturating_sub(spread.leading_zeros());
    let below = square >> shift;
    if below == 0 {
        return Err(Error::TooLarge);
    }
    let doubled = ((spread >> shift) * factor / below).isqrt();
    i64::try_from(doubled.div_ceil(2))
        .map(Some)
        .map_err(|_| Error::TooLarge)
}

fn count(length: usize) -> i64 {
    i64::try_from(length).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::indicator;

    fn plain(figures: &[i64]) -> Option<i64> {
        let figures: Vec<_> = figures.iter().map(|figure| (*figure, 1)).collect();
        variation(&figures).unwrap()
    }

    #[test]
    fn a_variation_is_the_deviation_by_the_mean() {
        assert_eq!(plain(&[]), None);
        assert_eq!(plain(&[0, 0]), None);
        assert_eq!(plain(&[5, 5, 5]), Some(0));
        // Mean 5, deviation 2.
        assert_eq!(plain(&[2, 4, 4, 4, 5, 5, 7, 9]), Some(400_000));
        // One region of three has everything: the root of 2.
        assert_eq!(plain(&[0, 0, 9]), Some(1_414_214));
        assert_eq!(
            variation(&[(2, 1), (4, 3), (5, 2), (7, 1), (9, 1)]),
            Ok(Some(400_000))
        );
        assert_eq!(variation(&[(i64::MAX, i64::MAX)]), Err(Error::TooLarge));
    }

    #[test]
    fn what_is_not_whole_never_looks_it() {
        assert_eq!(share(3905, 3906), Some(999_743));
        assert_eq!(share(3906, 3906), Some(1_000_000));
        assert_eq!(share(1, 0), None);
        assert_eq!(ratio(315, 100), Ok(Some(3_150_000)));
        assert_eq!(ratio(2, 3), Ok(Some(666_667)));
        assert_eq!(ratio(1, 0), Ok(None));
    }

    /// S3.1: 60 % and a third of a mean, rounded down to fen; the share is a setting.
    #[test]
    fn s3_1_lines_follow_the_mean() {
        let area = AreaCode::parse("44").unwrap();
        let official = BTreeMap::from([((area, "rural-income-per-head".to_owned()), 937_173)]);
        let basis = Basis {
            official,
            ..Basis::default()
        };
        let year = Period::from_number(2011);
        let line = |id: &str, share| {
            let settings = Settings { share, below: None };
            let it = indicator::latest(id).unwrap();
            compute(it, &basis, &area, year, &settings).unwrap().value
        };
        assert_eq!(line("key-village-line", None), Some(562_303));
        assert_eq!(line("household-line", None), Some(309_267));
        assert_eq!(line("household-line", Some(Ppm(333_333))), Some(312_390));
    }

    proptest! {
        #[test]
        fn a_variation_has_no_unit_and_no_order(
            mut figures in proptest::collection::vec(1i64..1_000_000, 1..30),
            factor in 1i64..1000,
        ) {
            let before = plain(&figures);
            figures.reverse();
            prop_assert_eq!(plain(&figures), before);
            let larger: Vec<i64> = figures.iter().map(|figure| figure * factor).collect();
            let (a, b) = (plain(&larger).unwrap(), before.unwrap());
            prop_assert!((a - b).abs() <= 1, "{} {}", a, b);
        }

        /// Held against the textbook, in floating point.
        #[test]
        fn a_variation_is_that_of_the_textbook(
            figures in proptest::collection::vec((1i64..100_000_000, 1i64..20_000_000), 1..200),
        ) {
            let weights: f64 = figures.iter().map(|(_, w)| *w as f64).sum();
            let mean = figures.iter().map(|(x, w)| *x as f64 * *w as f64).sum::<f64>() / weights;
            let spread = figures.iter().map(|(x, w)| *w as f64 * (*x as f64 - mean).powi(2));
            let expected = (spread.sum::<f64>() / weights).sqrt() / mean * 1e6;
            let found = variation(&figures).unwrap().unwrap() as f64;
            prop_assert!((found - expected).abs() <= 1.0, "{} {}", found, expected);
        }
    }
}
