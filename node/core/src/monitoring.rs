//! Monitoring of key villages: what is known of the poverty of nature, of the economy and of people there, and of the work
//! itself (S1.6).
//!
//! A village is monitored when something is known of each of the four. What nobody has recorded is unknown, never 0: a
//! village in which no house was looked at is not one without dangerous houses.

use crate::{
    record::Household,
    rollup::Period,
    value::{Month, Year},
};

/// What a figure is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Aspect {
    /// Houses and water.
    Natural,
    /// Income.
    Economic,
    /// Who can work.
    Human,
    /// What is done.
    Work,
}

impl Aspect {
    /// Every aspect.
    pub const ALL: [Self; 4] = [Self::Natural, Self::Economic, Self::Human, Self::Work];

    /// Its code.
    pub fn code(self) -> &'static str {
        match self {
            Self::Natural => "natural",
            Self::Economic => "economic",
            Self::Human => "human",
            Self::Work => "work",
        }
    }
}

/// A figure of a village.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Watched {
    /// What it is about.
    pub aspect: Aspect,
    /// Its name.
    pub name: &'static str,
    /// A count, or fen; none where nobody has recorded it.
    pub value: Option<i64>,
}

/// The figures of a village in a year: its totals by period and dimension, and its households.
pub fn watch(
    total: impl Fn(Period, &str) -> i64,
    households: &[Household],
    year: Year,
) -> Vec<Watched> {
    let in_year = |dimension: &str| total(Period::year(year), dimension);
    let now = |dimension: &str| total(Period::NOW, dimension);
    let counted = |said: &dyn Fn(&Household) -> Option<bool>| {
        let known: Vec<bool> = households.iter().filter_map(said).collect();
        let count = known.iter().filter(|is_so| **is_so).count();
        (!known.is_empty()).then(|| i64::try_from(count).unwrap_or(i64::MAX))
    };
    let persons = in_year("income/persons");
    let labour = ["ordinary", "skilled", "weak", "lost", "none"];
    let of_labour = |codes: &[&str]| -> i64 {
        codes
            .iter()
            .map(|code| now(&format!("labour/{code}")))
            .sum()
    };
    let visits = (1..=12).filter_map(|month| Month::new(year, month).ok());
    let visits = visits.map(|month| total(Period::month_of(month.first_day()), "visits"));
    let figure = |aspect, name, value| Watched {
        aspect,
        name,
        value,
    };
    vec![
        figure(
            Aspect::Natural,
            "dangerous-houses",
            counted(&|household| household.dangerous_house),
        ),
        figure(
            Aspect::Natural,
            "without-safe-water",
            counted(&|household| household.safe_water.map(|safe| !safe)),
        ),
        figure(
            Aspect::Economic,
            "income-per-head",
            (persons > 0).then(|| in_year("income/net").div_euclid(persons)),
        ),
        figure(
            Aspect::Economic,
            "collective-income",
            (in_year("villages-with-income-statement") > 0).then(|| in_year("collective-income")),
        ),
        figure(
            Aspect::Human,
            "unable-to-work",
            (of_labour(&labour) > 0).then(|| of_labour(&["lost", "none"])),
        ),
        figure(
            Aspect::Work,
            "visits",
            Some(visits.sum()).filter(|visits| *visits > 0),
        ),
        figure(
            Aspect::Work,
            "households-with-measure",
            Some(now("households-with-measure")).filter(|households| *households > 0),
        ),
    ]
}

/// The aspects of which nothing is known.
pub fn missing(watched: &[Watched]) -> Vec<Aspect> {
    let is_known = |aspect: &Aspect| {
        let mut own = watched.iter().filter(|it| it.aspect == *aspect);
        own.any(|it| it.value.is_some())
    };
    let mut missing = Aspect::ALL.to_vec();
    missing.retain(|aspect| !is_known(aspect));
    missing
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_has_recorded_is_unknown() {
        let silent = watch(|_, _| 0, &[], Year::new(2016).unwrap());
        assert_eq!(missing(&silent), Aspect::ALL);
        let visited = |period: Period, dimension: &str| {
            i64::from(period.number() == 201_603 && dimension == "visits") * 4
        };
        let visited = watch(visited, &[], Year::new(2016).unwrap());
        assert!(!missing(&visited).contains(&Aspect::Work));
        let labour = |_: Period, dimension: &str| i64::from(dimension == "labour/ordinary");
        let able = watch(labour, &[], Year::new(2016).unwrap());
        let unable = able.iter().find(|it| it.name == "unable-to-work").unwrap();
        assert_eq!(unable.value, Some(0), "known, and nobody");
    }
}
