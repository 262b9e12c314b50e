//! Who comes first: the poorest, or whoever applied first.

use std::collections::BTreeMap;

use lika_sdk::State;

use crate::Settings;
use crate::facts::Applicants;

/// The places of those who apply, from 1.
#[derive(Debug)]
pub struct Order {
    places: BTreeMap<u32, i64>,
}

impl Order {
    /// Puts the applicants in order. Of the same income the earlier application comes first, then the lower key.
    ///
    /// Where income counts and somebody's is not known, they have no place, and a place is kept for each of them at the
    /// front: whoever gets one would have got it whatever the income turns out to be.
    pub fn of(settings: &Settings, group: &Applicants<'_>) -> Self {
        let mut known = Vec::new();
        let mut kept: i64 = 0;
        for (row, household) in group.households.iter() {
            let Some(applied_on) = household.applied_on else {
                continue;
            };
            let income = match household.income {
                State::Present(income) if settings.by_income => income.get(),
                _ if settings.by_income => {
                    kept += 1;
                    continue;
                }
                _ => 0,
            };
            known.push((income, applied_on, household.key, row));
        }
        known.sort_unstable();
        let places = known.into_iter().map(|(_, _, _, row)| row);
        Self {
            places: places.zip(kept + 1..).collect(),
        }
    }

    /// The place of an applicant; none where it is not known.
    pub fn rank(&self, row: u32) -> Option<i64> {
        self.places.get(&row).copied()
    }
}
