//! How a household is paired.

use lika_sdk::decision::Cell;
use lika_sdk::{Decision, Fact};

use crate::facts::{Area, Household, HouseholdType, Level, Pairing};
use crate::load::Loads;
use crate::{Category, Reason, Settings};

/// The pairings of every household.
pub struct Pairings {
    of: Vec<Vec<u32>>,
    /// For each household the missing facts of its pairings.
    unreadable: Vec<Vec<Cell>>,
    levels: Vec<Levels>,
}

/// Which of 1+1+1 a household has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Levels {
    /// A cadre of section level or above.
    pub section: bool,
    /// A township cadre.
    pub township: bool,
    /// A village cadre.
    pub village: bool,
    /// Somebody who is responsible.
    pub responsible: bool,
}

impl Levels {
    /// Whether anybody helps.
    pub fn any(self) -> bool {
        self.section || self.township || self.village
    }
}

impl Pairings {
    /// Sorts the pairings by household.
    pub fn of(area: &Area<'_>) -> Self {
        let households = area.households.len();
        let mut pairings = Self {
            of: vec![Vec::new(); households],
            unreadable: vec![Vec::new(); households],
            levels: vec![Levels::default(); households],
        };
        for (row, pairing) in area.pairings.iter() {
            let Some(household) = area.pairings.parent(row) else {
                continue;
            };
            pairings.of[household as usize].push(row);
            let levels = &mut pairings.levels[household as usize];
            match pairing.level {
                Level::County | Level::Section => levels.section = true,
                Level::Township => levels.township = true,
                Level::Village => levels.village = true,
            }
            levels.responsible |= pairing.responsible;
        }
        for (row, missing) in area.pairings.unreadable() {
            let Some(household) = area.pairings.parent(row) else {
                continue;
            };
            let cell = |slot| {
                Fact {
                    table: "pairing",
                    slot,
                }
                .of(row)
            };
            pairings.unreadable[household as usize].extend(missing.slots().map(cell));
        }
        pairings
    }

    /// Which of 1+1+1 a household has.
    pub fn levels(&self, household: u32) -> Levels {
        self.levels[household as usize]
    }

    /// The missing facts of a household's pairings, where there are any.
    pub fn unreadable(&self, household: u32) -> Option<&[Cell]> {
        let missing = &self.unreadable[household as usize];
        (!missing.is_empty()).then_some(missing)
    }
}

/// Judges the pairings of one household as they stand.
pub fn judge(
    settings: &Settings,
    area: &Area<'_>,
    pairings: &Pairings,
    loads: &Loads<'_>,
    household: u32,
    facts: &Household<'_>,
) -> Decision<Category, Reason> {
    let levels = pairings.levels(household);
    let mut violations = missing_helpers(levels, household, facts);
    for &row in &pairings.of[household as usize] {
        let Some(pairing) = area.pairings.get(row) else {
            continue;
        };
        if let Some((households, quota)) = loads.over_quota(row) {
            violations.push((
                Reason::HelperOverQuota { households, quota },
                vec![Pairing::HELPER.of(row)],
            ));
        }
        // Whoever has not been paired for a whole month cannot have failed to visit within one.
        let paired_for_a_month = pairing.since <= area.context.as_of.plus_months(-1);
        if paired_for_a_month && pairing.visits < settings.visits_per_month {
            let reason = Reason::NoVisit {
                visits: pairing.visits,
                need: settings.visits_per_month,
            };
            violations.push((reason, vec![Pairing::VISITS.of(row)]));
        }
    }
    let decision = match violations.is_empty() {
        true if levels.section => Decision::granted(Category::FullyPaired),
        true => Decision::granted(Category::Paired),
        false => Decision::refused(),
    };
    violations
        .into_iter()
        .fold(decision, |decision, (reason, cells)| {
            decision.because_of(reason, cells)
        })
}

fn missing_helpers(
    levels: Levels,
    household: u32,
    facts: &Household<'_>,
) -> Vec<(Reason, Vec<Cell>)> {
    let mut violations = Vec::new();
    let mut violated = |when: bool, reason: Reason, cells: Vec<Cell>| {
        if when {
            violations.push((reason, cells));
        }
    };
    let development = facts.kind == HouseholdType::Development;
    violated(!levels.responsible, Reason::NoResponsibleHelper, Vec::new());
    let kind = Household::KIND.of(household);
    violated(
        development && !levels.section,
        Reason::DevelopmentWithoutSectionCadre,
        vec![kind],
    );
    violated(
        levels.section && !levels.township,
        Reason::MissingTownshipCadre,
        Vec::new(),
    );
    violated(
        levels.section && !levels.village,
        Reason::MissingVillageCadre,
        Vec::new(),
    );
    violations
}
