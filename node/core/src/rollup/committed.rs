//! What a node commits to: a fixed list of dimensions, and what each household adds to them.
//!
//! Only dimensions are committed in which nobody can add less than nothing: a phantom of −100 would hide 100 others. And
//! each has a most that one household can add: otherwise a single phantom would stand for thousands, and an inspector
//! who opens a few leaves would hardly ever meet it. So `income/net` is not among them, and everything that may belong
//! to no household (visits, measures of villages) is not either: the leaves could not add up to its total.

use std::{borrow::Cow, collections::BTreeMap};

use thiserror::Error as ThisError;

use super::Period;
use crate::{
    codes,
    record::{Body, Record},
    value::RecordId,
};

/// Dimensions at most: every hash of a tree covers as many sums.
pub const MOST_DIMENSIONS: usize = 64;
/// Bytes of the name of a dimension at most.
const LONGEST_NAME: usize = 64;
/// What one household can add where only people, statements or loans are counted.
const MOST_OF_MANY: u64 = 100;
/// What one household can add in fen; what an income statement can hold of one source is far below.
const MOST_FEN: u64 = 1_000_000_000_000;

/// One figure that is committed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dimension {
    /// As in the totals, for example `people`.
    pub name: Cow<'static, str>,
    /// The most that one leaf can add: a count, or fen.
    pub most: u64,
}

/// The figures that are committed together, in the order of their names: at least one, each once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dimensions(Vec<Dimension>);

/// Why dimensions cannot be committed together.
#[derive(Clone, Debug, PartialEq, Eq, ThisError)]
pub enum InvalidDimensions {
    /// None at all, or too many.
    #[error("there are {0} dimensions; it takes 1 to {MOST_DIMENSIONS}")]
    Number(usize),
    /// A name that no total has.
    #[error("{0:?} is no name of a dimension: 1 to {LONGEST_NAME} printable ASCII characters")]
    Name(String),
    /// Not in the order of their names, or one twice.
    #[error("{0:?} is not in the order of the names, or is there twice")]
    Order(String),
    /// A leaf could add nothing, or more than a total can hold.
    #[error("a leaf can add at most {most} to {name:?}; it takes 1 to 2^63 - 1")]
    Most {
        /// The dimension.
        name: String,
        /// What was given.
        most: u64,
    },
}

impl Dimensions {
    /// Checks dimensions.
    pub fn new(dimensions: Vec<Dimension>) -> Result<Self, InvalidDimensions> {
        if dimensions.is_empty() || dimensions.len() > MOST_DIMENSIONS {
            return Err(InvalidDimensions::Number(dimensions.len()));
        }
        for Dimension { name, most } in &dimensions {
            let is_named = (1..=LONGEST_NAME).contains(&name.len())
                && name.bytes().all(|byte| byte.is_ascii_graphic());
            if !is_named {
                return Err(InvalidDimensions::Name(name.to_string()));
            }
            if *most == 0 || i64::try_from(*most).is_err() {
                return Err(InvalidDimensions::Most {
                    name: name.to_string(),
                    most: *most,
                });
            }
        }
        let disordered = dimensions
            .windows(2)
            .find(|pair| pair[0].name >= pair[1].name);
        match disordered {
            Some(pair) => Err(InvalidDimensions::Order(pair[1].name.to_string())),
            None => Ok(Self(dimensions)),
        }
    }

    /// Those that are committed of a period; none of a month, in which nothing is counted of households alone.
    pub fn of(period: Period) -> Option<Self> {
        let once = |name: &'static str| (Cow::from(name), 1);
        let mut listed: Vec<(Cow<'static, str>, u64)> = match period.in_year() {
            None if period == Period::NOW => {
                let types = codes::list("household-type").map(|list| list.entries);
                let types = types.unwrap_or_default().iter();
                let types = types.map(|kind| (format!("household-type/{}", kind.code).into(), 1));
                types
                    .chain([once("households"), ("people".into(), MOST_OF_MANY)])
                    .collect()
            }
            Some(_) if !period.is_month() => vec![
                once("exits"),
                once("identified"),
                ("income/persons".into(), MOST_OF_MANY),
                ("income/wages".into(), MOST_FEN),
                ("loans".into(), MOST_OF_MANY),
                ("loans-lent".into(), MOST_FEN),
            ],
            _ => return None,
        };
        listed.sort_unstable();
        let dimensions = listed.into_iter();
        let dimensions = dimensions.map(|(name, most)| Dimension { name, most });
        Self::new(dimensions.collect()).ok()
    }

    /// Them, in the order of their names.
    pub fn as_slice(&self) -> &[Dimension] {
        &self.0
    }

    /// How many.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Never: there is at least one.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// The household that a record adds to the committed figures for; none where it adds nothing to them.
pub fn subject_of(record: &Record) -> Option<RecordId> {
    match &record.body {
        Body::Household(_) => Some(record.id),
        Body::Member(member) => Some(member.household),
        Body::IncomeStatement(statement) => Some(statement.household),
        Body::Loan(loan) => Some(loan.household),
        _ => None,
    }
}

/// What households add to the figures of one period, while their records are being read.
#[derive(Clone, Debug)]
pub struct Contributions {
    dimensions: Dimensions,
    period: Period,
    of: BTreeMap<RecordId, Vec<i64>>,
}

/// What one household adds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contribution {
    /// The household.
    pub subject: RecordId,
    /// By dimension, each between 0 and its most; not all 0.
    pub values: Vec<u64>,
}

/// A household adds what cannot be committed.
#[derive(Clone, Debug, PartialEq, Eq, ThisError)]
#[error("household {subject} adds {value} to {dimension:?}; only 0 to {most} can be committed")]
pub struct Uncommittable {
    /// The household.
    pub subject: RecordId,
    /// To which figure.
    pub dimension: String,
    /// How much.
    pub value: i64,
    /// The most that can be committed.
    pub most: u64,
}

impl Contributions {
    /// Nobody's yet.
    pub fn to(dimensions: Dimensions, period: Period) -> Self {
        Self {
            dimensions,
            period,
            of: BTreeMap::new(),
        }
    }

    /// Adds what an open record adds.
    pub fn add(&mut self, record: &Record) {
        let Some(subject) = subject_of(record) else {
            return;
        };
        for tally in record.body.tallies() {
            let dimensions = self.dimensions.as_slice();
            let place = dimensions.binary_search_by(|own| own.name.cmp(&tally.dimension));
            let (Ok(place), true) = (place, tally.period == self.period) else {
                continue;
            };
            let values = self.of.entry(subject);
            let values = values.or_insert_with(|| vec![0; self.dimensions.len()]);
            // What overflows is far beyond what can be committed, and is refused as such.
            values[place] = values[place].saturating_add(tally.value);
        }
    }

    /// Adds what others have read.
    pub fn merge(&mut self, other: Self) {
        for (subject, values) in other.of {
            let own = self.of.entry(subject);
            let own = own.or_insert_with(|| vec![0; self.dimensions.len()]);
            for (own, value) in own.iter_mut().zip(values) {
                *own = own.saturating_add(value);
            }
        }
    }

    /// What each household adds, those that add nothing left out.
    pub fn into_each(self) -> Result<Vec<Contribution>, Uncommittable> {
        let adds = self.of.into_iter().filter(|(_, values)| {
            let mut values = values.iter();
            values.any(|value| *value != 0)
        });
        adds.map(|(subject, values)| {
            let values = self.dimensions.as_slice().iter().zip(values);
            let values = values.map(|(Dimension { name, most }, value)| {
                let committed = u64::try_from(value).ok().filter(|value| value <= most);
                committed.ok_or_else(|| Uncommittable {
                    subject,
                    dimension: name.to_string(),
                    value,
                    most: *most,
                })
            });
            Ok(Contribution {
                subject,
                values: values.collect::<Result<_, _>>()?,
            })
        })
        .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::{Date, Year};

    #[test]
    fn the_committed_dimensions_by_period() {
        let listed = |period| {
            let dimensions = Dimensions::of(period)?;
            let each = dimensions.as_slice().iter();
            let each = each.map(|Dimension { name, most }| format!("{name} {most}"));
            Some(each.collect::<Vec<_>>().join("\n"))
        };
        let now = listed(Period::NOW).unwrap();
        assert!(now.contains("households 1\npeople 100"), "{now}");
        assert!(now.contains("household-type/general 1"), "{now}");
        let year = Period::year(Year::new(2016).unwrap());
        expect_test::expect![[r#"
            exits 1
            identified 1
            income/persons 100
            income/wages 1000000000000
            loans 100
            loans-lent 1000000000000"#]]
        .assert_eq(&listed(year).unwrap());
        let month = Period::month_of(Date::new(2016, 3, 1).unwrap());
        assert_eq!(listed(month), None);
        assert_eq!(listed(Period::from_number(7)), None);
    }

    #[test]
    fn dimensions_that_cannot_be_committed_are_refused() {
        let check = |given: &[(&'static str, u64)]| {
            let given = given.iter().map(|(name, most)| Dimension {
                name: (*name).into(),
                most: *most,
            });
            Dimensions::new(given.collect()).map(|_| ()).unwrap_err()
        };
        assert_eq!(check(&[]), InvalidDimensions::Number(0));
        assert_eq!(check(&[("a", 1); 65]), InvalidDimensions::Number(65));
        assert_eq!(check(&[("", 1)]), InvalidDimensions::Name(String::new()));
        assert_eq!(check(&[("a b", 1)]), InvalidDimensions::Name("a b".into()));
        let twice = check(&[("a", 1), ("a", 1)]);
        assert_eq!(twice, InvalidDimensions::Order("a".into()));
        let disordered = check(&[("b", 1), ("a", 1)]);
        assert_eq!(disordered, InvalidDimensions::Order("a".into()));
        let name = "a".to_owned();
        assert_eq!(
            check(&[("a", 0)]),
            InvalidDimensions::Most {
                name: name.clone(),
                most: 0
            }
        );
        let most = 1 << 63;
        assert_eq!(
            check(&[("a", most)]),
            InvalidDimensions::Most { name, most }
        );
    }
}
