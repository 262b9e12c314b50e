//! Whom the policy proposes: the least loaded first, then by key.

use std::collections::{BTreeMap, BTreeSet};

use lika_sdk::{Code, Shares};

use crate::facts::{Area, Helper, Household, HouseholdType, Level};
use crate::judgement::{Levels, Pairings};
use crate::load::Loads;
use crate::{Category, PairingRole, Reason};

type Proposals = Shares<Category, Reason, PairingRole>;

/// Cadres of section level or above: first one in focus for every development household without
/// (each must have one), then in contact for development-allowance households while quotas last.
pub fn propose_section(
    area: &Area<'_>,
    pairings: &Pairings,
    loads: &mut Loads<'_>,
    shares: &mut Proposals,
) {
    let passes = [
        (HouseholdType::Development, PairingRole::Focus),
        (HouseholdType::DevelopmentAllowance, PairingRole::Contact),
    ];
    for (kind, role) in passes {
        let mut queue = Queue::default();
        for (row, helper) in area
            .helpers
            .iter()
            .filter(|(_, helper)| helper.level.is_section_or_above())
        {
            queue.put(loads, row, helper, role);
        }
        for (household, facts) in by_key(area) {
            if facts.kind != kind
                || pairings.levels(household).section
                || pairings.unreadable(household).is_some()
            {
                continue;
            }
            let Some(helper) = queue.take(area, loads, role) else {
                break;
            };
            shares.propose(role, household, helper);
        }
    }
}

/// Township and village cadres: first what completes 1+1+1, because only these cadres can, then a
/// responsible helper for every household without any: from the village's own cadres as long as
/// there is room, since a township cadre can also stand in elsewhere.
pub fn propose_local(
    area: &Area<'_>,
    pairings: &Pairings,
    loads: &mut Loads<'_>,
    shares: &mut Proposals,
) {
    let mut local = Local::of(area, loads);
    let households: Vec<_> = by_key(area)
        .into_iter()
        .filter(|(row, _)| pairings.unreadable(*row).is_none())
        .collect();
    for &(household, facts) in &households {
        let Levels {
            section,
            township,
            village,
            responsible: _,
        } = pairings.levels(household);
        if section && !township {
            local.propose(Level::Township, area, loads, household, facts, shares);
        }
        if section && !village {
            local.propose(Level::Village, area, loads, household, facts, shares);
        }
    }
    for &(household, facts) in &households {
        let alone = !pairings.levels(household).any();
        if alone && !local.propose(Level::Village, area, loads, household, facts, shares) {
            local.propose(Level::Township, area, loads, household, facts, shares);
        }
    }
}

/// Helpers with room, the least loaded first. Entries grow stale when a helper is taken from
/// another queue; they are brought up to date when they come up.
#[derive(Default)]
struct Queue<'a>(BTreeSet<(i64, Code<'a>, u32)>);

impl<'a> Queue<'a> {
    fn put(&mut self, loads: &Loads<'_>, row: u32, helper: &Helper<'a>, role: PairingRole) {
        if loads.has_room(row, helper.level, role) {
            self.0
                .insert((loads.carried(row, helper.level, role), helper.key, row));
        }
    }

    fn take(&mut self, area: &Area<'a>, loads: &mut Loads<'_>, role: PairingRole) -> Option<u32> {
        while let Some((carried, _, row)) = self.0.pop_first() {
            let helper = area.helpers.get(row)?;
            let stale = carried != loads.carried(row, helper.level, role)
                || !loads.has_room(row, helper.level, role);
            if !stale {
                loads.take(row, role);
            }
            self.put(loads, row, helper, role);
            if !stale {
                return Some(row);
            }
        }
        None
    }
}

/// The cadres of townships and villages by where they are.
struct Local<'a> {
    stationed: BTreeMap<Code<'a>, Queue<'a>>,
    township: BTreeMap<Code<'a>, Queue<'a>>,
    village: BTreeMap<Code<'a>, Queue<'a>>,
}

impl<'a> Local<'a> {
    fn of(area: &Area<'a>, loads: &Loads<'_>) -> Self {
        let mut local = Self {
            stationed: BTreeMap::new(),
            township: BTreeMap::new(),
            village: BTreeMap::new(),
        };
        for (row, helper) in area.helpers.iter() {
            // Both roles count against the one quota of these cadres, so either names the room.
            let put = |queues: &mut BTreeMap<Code<'a>, Queue<'a>>, place: Option<Code<'a>>| {
                if let Some(place) = place {
                    queues
                        .entry(place)
                        .or_default()
                        .put(loads, row, helper, PairingRole::Focus);
                }
            };
            match helper.level {
                Level::County | Level::Section => {}
                Level::Township => {
                    put(&mut local.stationed, helper.village);
                    put(&mut local.township, helper.township);
                }
                Level::Village => put(&mut local.village, helper.village),
            }
        }
        local
    }

    /// Proposes a cadre of this level; false where nobody has room.
    fn propose(
        &mut self,
        level: Level,
        area: &Area<'a>,
        loads: &mut Loads<'_>,
        household: u32,
        facts: &Household<'a>,
        shares: &mut Proposals,
    ) -> bool {
        let role = if facts.able_to_work {
            PairingRole::Focus
        } else {
            PairingRole::Contact
        };
        let mut take = |queues: &mut BTreeMap<Code<'a>, Queue<'a>>, place| {
            queues.get_mut(&place)?.take(area, loads, role)
        };
        let helper = match level {
            Level::Village => take(&mut self.village, facts.village),
            _ => take(&mut self.stationed, facts.village)
                .or_else(|| take(&mut self.township, facts.township)),
        };
        if let Some(helper) = helper {
            shares.propose(role, household, helper);
        }
        helper.is_some()
    }
}

/// Households in the order of their keys, so that the order of the rows decides nothing.
fn by_key<'r, 'a>(area: &'r Area<'a>) -> Vec<(u32, &'r Household<'a>)> {
    let mut households: Vec<_> = area.households.iter().collect();
    households.sort_unstable_by_key(|(row, household)| (household.key, *row));
    households
}
