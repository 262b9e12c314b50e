//! What every helper carries, and how much more each can take.

use lika_sdk::RowIndex;

use crate::facts::{Area, Level, Pairing};
use crate::{PairingRole, Settings};

/// What every helper carries.
pub struct Loads<'s> {
    settings: &'s Settings,
    helpers: Vec<Load>,
    /// For each pairing the quota that it exceeds.
    over: Vec<Option<(i64, i64)>>,
}

/// What one helper carries, proposals included.
#[derive(Clone, Copy, Debug, Default)]
struct Load {
    focus: i64,
    contact: i64,
    free: Option<i64>,
}

impl<'s> Loads<'s> {
    /// Counts the pairings of every helper.
    pub fn of(settings: &'s Settings, area: &Area<'_>) -> Self {
        let mut helpers = vec![Load::default(); area.helpers.len()];
        for (row, helper) in area.helpers.iter() {
            helpers[row as usize].free = helper.free;
        }
        for (_, pairing) in area.pairings.iter() {
            if let Some(load) = pairing
                .helper
                .and_then(|RowIndex(row)| helpers.get_mut(row as usize))
            {
                load.add(pairing.role);
            }
        }
        let mut loads = Self {
            settings,
            helpers,
            over: vec![None; area.pairings.len()],
        };
        loads.mark_over_quota(area);
        loads
    }

    /// How many households a helper has that count against the quota of this role.
    pub fn carried(&self, helper: u32, level: Level, role: PairingRole) -> i64 {
        let Load { focus, contact, .. } = self.helpers[helper as usize];
        match role {
            _ if !level.is_section_or_above() => focus + contact,
            PairingRole::Focus => focus,
            PairingRole::Contact => contact,
        }
    }

    /// Whether a helper can take one more household.
    pub fn has_room(&self, helper: u32, level: Level, role: PairingRole) -> bool {
        let free = self.helpers[helper as usize]
            .free
            .is_none_or(|free| free > 0);
        free && self.carried(helper, level, role) < self.settings.quota(level, role)
    }

    /// Gives a helper one more household.
    pub fn take(&mut self, helper: u32, role: PairingRole) {
        let load = &mut self.helpers[helper as usize];
        load.add(role);
        load.free = load.free.map(|free| free - 1);
    }

    /// For a pairing over the quota of its helper: how many households there are, and the quota.
    pub fn over_quota(&self, pairing: u32) -> Option<(i64, i64)> {
        self.over[pairing as usize]
    }

    /// The pairings that came last are those over the quota.
    fn mark_over_quota(&mut self, area: &Area<'_>) {
        let mut pairings: Vec<_> = area
            .pairings
            .iter()
            .filter_map(|(row, pairing)| self.ordered(area, row, pairing))
            .collect();
        pairings.sort_unstable_by_key(|&(helper, focus, since, key, row)| {
            (helper, focus, since, key, row)
        });
        for same in pairings.chunk_by(|a, b| (a.0, a.1) == (b.0, b.1)) {
            let (helper, focus) = (same[0].0, same[0].1);
            let Some(level) = area.helpers.get(helper).map(|helper| helper.level) else {
                continue;
            };
            let quota = self.settings.quota(
                level,
                if focus {
                    PairingRole::Focus
                } else {
                    PairingRole::Contact
                },
            );
            let households = same.len();
            for &(.., row) in same.iter().skip(usize::try_from(quota).unwrap_or(0)) {
                self.over[row as usize] =
                    Some((i64::try_from(households).unwrap_or(i64::MAX), quota));
            }
        }
    }

    /// Helper, whether the focus quota applies, first day, household, row.
    fn ordered<'a>(
        &self,
        area: &'a Area<'_>,
        row: u32,
        pairing: &Pairing,
    ) -> Option<(u32, bool, i64, &'a str, u32)> {
        let RowIndex(helper) = pairing.helper?;
        let level = area.helpers.get(helper)?.level;
        let key = area.households.get(area.pairings.parent(row)?)?.key;
        let focus = level.is_section_or_above() && pairing.role == PairingRole::Focus;
        Some((helper, focus, pairing.since.days(), key.0, row))
    }
}

impl Load {
    fn add(&mut self, role: PairingRole) {
        match role {
            PairingRole::Focus => self.focus += 1,
            PairingRole::Contact => self.contact += 1,
        }
    }
}
