//! How a household's need is counted: points by the settings, over what the registry knows.

use lika_sdk::decision::{Cell, Comparison};
use lika_sdk::{Comparator, Fact, State};

use crate::Settings;
use crate::facts::Household;

/// The need of a household.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Need {
    /// Its points.
    pub points: i64,
    /// Facts that count by the settings and are not known.
    pub missing: Vec<Cell>,
    /// What was held against a threshold.
    pub comparisons: Vec<Comparison>,
}

impl Need {
    /// Counts the need of the household in a row.
    ///
    /// A fact that counts nothing by the settings need not be known.
    pub fn of(settings: &Settings, row: u32, household: &Household) -> Self {
        let mut need = Self::default();
        let counts: [(i64, &State<i64>, Fact); 3] = [
            (settings.per_person, &household.persons, Household::PERSONS),
            (settings.per_pupil, &household.pupils, Household::PUPILS),
            (
                settings.per_allowance_member,
                &household.allowance_members,
                Household::ALLOWANCE_MEMBERS,
            ),
        ];
        for (points, people, fact) in counts {
            if points > 0 {
                need.add(people, fact.of(row), |people| {
                    points.saturating_mul((*people).max(0))
                });
            }
        }
        let flags: [(i64, &State<bool>, Fact, bool); 2] = [
            (
                settings.without_labour,
                &household.able_to_work,
                Household::ABLE_TO_WORK,
                false,
            ),
            (
                settings.dangerous_house,
                &household.dangerous_house,
                Household::DANGEROUS_HOUSE,
                true,
            ),
        ];
        for (points, flag, fact, counts) in flags {
            if points > 0 {
                need.add(
                    flag,
                    fact.of(row),
                    |flag| {
                        if *flag == counts { points } else { 0 }
                    },
                );
            }
        }
        if settings.under_line > 0 {
            if let State::Present(income) = household.income {
                let comparison = Household::INCOME.of(row).compared(
                    Comparator::Less,
                    income.get(),
                    settings.income_line.get(),
                );
                if comparison.holds() {
                    need.points = need.points.saturating_add(settings.under_line);
                }
                need.comparisons.push(comparison);
            } else {
                need.missing.push(Household::INCOME.of(row));
            }
        }
        need
    }

    fn add<T>(&mut self, fact: &State<T>, cell: Cell, points: impl Fn(&T) -> i64) {
        match fact {
            State::Present(value) => self.points = self.points.saturating_add(points(value)),
            State::Absent | State::Unknown | State::Withheld => self.missing.push(cell),
        }
    }
}
