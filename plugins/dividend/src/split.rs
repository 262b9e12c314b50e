//! How the return is split, to the fen.
//!
//! 1. The village's part is its share of the return rounded down; the fen that does not divide goes to the households.
//! 2. The households' part is shared out by points of need: each gets its part rounded down, and the fen left over go to
//!    the largest remainders, of equal ones to the holder whose key comes first. Where nobody has a point, every
//!    household counts as one.
//! 3. The village's part goes to the village collective; of several holdings to each by its equity, with the same rule
//!    for what is left over.
//!
//! The equity that a household's people hold is the households' equity from poverty funds shared out by heads, again by
//! the same rule.

use std::collections::BTreeMap;

use lika_sdk::decision::{Cell, Comparison};
use lika_sdk::{Code, Decision, Fen, Ppm, Rounding, RowIndex, State, share_by_largest_remainder};

use crate::facts::{Holder, Holders, Household, Shareholding};
use crate::need::Need;
use crate::{Category, Reason, Settings, show};

/// What every holder gets.
#[derive(Clone, Debug, Default)]
pub struct Split {
    parts: BTreeMap<u32, Parts>,
    /// What the needs were held against, by holder.
    comparisons: BTreeMap<u32, Vec<Comparison>>,
}

/// What one holder gets, and from what.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Parts {
    /// The amount.
    pub amount: Fen,
    /// The households' or the village's part of the return.
    pub part: Fen,
    /// A household's points of need.
    pub points: i64,
    /// Those of all households.
    pub all_points: i64,
    /// The people of a household.
    pub people: i64,
    /// The equity that they hold.
    pub due_equity: Fen,
    /// What of it comes on a head, as it is shown.
    pub per_head: String,
}

/// Why nothing can be shared out.
#[derive(Clone, Debug)]
pub enum Obstacle {
    /// The need of somebody cannot be counted.
    Unknown(Vec<Cell>),
    /// A part of the return has nobody to go to.
    Nobody,
}

struct Family<'g, 'a> {
    row: u32,
    key: Code<'a>,
    equity: Fen,
    household: (u32, &'g Household),
}

impl Split {
    /// Splits the return of a co-operative.
    pub fn of(settings: &Settings, group: &Holders<'_>) -> Result<Self, Obstacle> {
        let gain = group.cooperative.gain;
        let whole = 1_000_000;
        let village_share = Ppm::new(whole - settings.household_share.get());
        let village_part = gain.share(village_share, Rounding::Down);
        let village_part = village_part.ok_or(Obstacle::Nobody)?;
        let household_part = gain.checked_sub(village_part).ok_or(Obstacle::Nobody)?;
        let mut split = Self::default();
        split.add_households(settings, group, household_part)?;
        split.add_village(group, village_part)?;
        Ok(split)
    }

    /// What the holder in a row gets.
    pub fn of_row(&self, row: u32) -> Parts {
        self.parts.get(&row).cloned().unwrap_or_default()
    }

    /// What the holder's need was held against.
    pub fn comparisons(&self, row: u32) -> &[Comparison] {
        self.comparisons.get(&row).map_or(&[], Vec::as_slice)
    }

    fn add_households(
        &mut self,
        settings: &Settings,
        group: &Holders<'_>,
        part: Fen,
    ) -> Result<(), Obstacle> {
        let families = families(group)?;
        let mut missing = Vec::new();
        let mut people = Vec::with_capacity(families.len());
        let mut points = Vec::with_capacity(families.len());
        for family in &families {
            let (row, household) = family.household;
            match household.persons {
                State::Present(persons) => people.push(persons),
                _ => missing.push(Household::PERSONS.of(row)),
            }
            let need = Need::of(settings, row, household);
            points.push(need.points);
            missing.extend(need.missing);
            self.comparisons.insert(family.row, need.comparisons);
        }
        if !missing.is_empty() {
            missing.dedup();
            return Err(Obstacle::Unknown(missing));
        }
        let all_points: i64 = points.iter().sum();
        let weights = if all_points == 0 {
            vec![1; points.len()]
        } else {
            points.clone()
        };
        let amounts = shared(part, &weights)?;
        let equity = families.iter().try_fold(Fen::ZERO, |sum, family| {
            sum.checked_add(family.equity).ok_or(Obstacle::Nobody)
        })?;
        let equities = shared(equity, &people).unwrap_or_else(|_| vec![Fen::ZERO; people.len()]);
        let per_head = show::per_head(equity, people.iter().sum());
        for (index, family) in families.iter().enumerate() {
            let parts = Parts {
                amount: amounts[index],
                part,
                points: points[index],
                all_points,
                people: people[index],
                due_equity: equities[index],
                per_head: per_head.clone(),
            };
            self.parts.insert(family.row, parts);
        }
        Ok(())
    }

    fn add_village(&mut self, group: &Holders<'_>, part: Fen) -> Result<(), Obstacle> {
        let mut holdings: Vec<_> = group
            .shareholdings
            .iter()
            .filter(|(_, share)| share.poverty_fund && share.holder == Holder::VillageCollective)
            .collect();
        holdings.sort_by_key(|(row, share)| (share.key, *row));
        let weights: Vec<i64> = holdings
            .iter()
            .map(|(_, share)| share.equity.get())
            .collect();
        let amounts = shared(part, &weights)?;
        for ((row, _), amount) in holdings.into_iter().zip(amounts) {
            let parts = Parts {
                amount,
                part,
                ..Parts::default()
            };
            self.parts.insert(row, parts);
        }
        Ok(())
    }
}

impl Obstacle {
    /// What is said to every holder.
    pub fn decision(&self) -> Decision<Category, Reason> {
        match self {
            Self::Unknown(missing) => {
                Decision::undetermined(missing.clone()).because(Reason::NeedUnknown)
            }
            Self::Nobody => Decision::undetermined(Vec::new()).because(Reason::NobodyToPay),
        }
    }
}

/// The households that hold equity from poverty funds, in the order of the holders' keys, so that the order of rows
/// decides nothing.
fn families<'g, 'a>(group: &'g Holders<'a>) -> Result<Vec<Family<'g, 'a>>, Obstacle> {
    let unreadable = group.shareholdings.unreadable().next();
    if let Some((row, missing)) = unreadable {
        let cell = |slot| {
            lika_sdk::Fact {
                table: "shareholding",
                slot,
            }
            .of(row)
        };
        return Err(Obstacle::Unknown(missing.slots().map(cell).collect()));
    }
    let mut families = Vec::new();
    for (row, share) in group.shareholdings.iter() {
        if !share.poverty_fund || share.holder != Holder::Household {
            continue;
        }
        let found = share
            .household
            .and_then(|RowIndex(at)| Some((at, group.households.get(at)?)));
        let Some(household) = found else {
            return Err(Obstacle::Unknown(vec![Shareholding::HOUSEHOLD.of(row)]));
        };
        families.push(Family {
            row,
            key: share.key,
            equity: share.equity,
            household,
        });
    }
    families.sort_by_key(|family| (family.key, family.row));
    Ok(families)
}

/// Nothing can go to nobody; anything else cannot.
fn shared(part: Fen, weights: &[i64]) -> Result<Vec<Fen>, Obstacle> {
    if part == Fen::ZERO {
        return Ok(vec![Fen::ZERO; weights.len()]);
    }
    share_by_largest_remainder(part, weights).ok_or(Obstacle::Nobody)
}
