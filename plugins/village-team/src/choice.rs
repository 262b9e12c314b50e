//! Who is chosen: the least loaded first, then by key.

use std::collections::BTreeSet;

use lika_sdk::{Code, RowIndex};

use crate::TeamRole;
use crate::facts::{County, Rank};

/// Everybody who could be bound to a village, with what they carry already.
pub(crate) struct Candidates<'a> {
    leaders: Vec<Candidate<'a>>,
    reserve_cadres: Vec<Candidate<'a>>,
    units: Vec<Candidate<'a>>,
}

struct Candidate<'a> {
    row: u32,
    key: Code<'a>,
    rank: Option<Rank>,
    free: Option<i64>,
    /// The villages that this one is bound to, proposals included.
    villages: BTreeSet<u32>,
}

impl<'a> Candidates<'a> {
    pub(crate) fn of(county: &County<'a>) -> Self {
        let candidate = |row, key, rank, free| Candidate {
            row,
            key,
            rank,
            free,
            villages: BTreeSet::new(),
        };
        let mut candidates = Self {
            leaders: county
                .leaders
                .iter()
                .map(|(row, one)| candidate(row, one.key, None, one.free))
                .collect(),
            reserve_cadres: county
                .reserve_cadres
                .iter()
                .map(|(row, one)| candidate(row, one.key, Some(one.rank), one.free))
                .collect(),
            units: county
                .units
                .iter()
                .map(|(row, one)| candidate(row, one.key, None, one.free))
                .collect(),
        };
        for (row, member) in county.members.iter() {
            let Some(village) = county.members.parent(row) else {
                continue;
            };
            bind(&mut candidates.leaders, member.leader, village);
            bind(
                &mut candidates.reserve_cadres,
                member.reserve_cadre,
                village,
            );
            bind(&mut candidates.units, member.unit, village);
        }
        candidates
    }

    /// Takes the best candidate for a place in a village.
    pub(crate) fn take(&mut self, role: TeamRole, rank: Option<Rank>, village: u32) -> Option<u32> {
        let candidates = match role {
            TeamRole::Leader => &mut self.leaders,
            TeamRole::Stationed => &mut self.reserve_cadres,
            TeamRole::Unit => &mut self.units,
        };
        // Nobody lives in two villages, and who has just been relieved does not come back.
        let most = if role == TeamRole::Stationed {
            0
        } else {
            usize::MAX
        };
        let best = candidates
            .iter_mut()
            .filter(|one| one.rank == rank && one.free.is_none_or(|free| free > 0))
            .filter(|one| one.villages.len() <= most && !one.villages.contains(&village))
            .min_by_key(|one| (one.villages.len(), one.key, one.row))?;
        best.villages.insert(village);
        best.free = best.free.map(|free| free - 1);
        Some(best.row)
    }
}

fn bind(candidates: &mut [Candidate<'_>], row: Option<RowIndex>, village: u32) {
    let Some(RowIndex(row)) = row else { return };
    if let Some(candidate) = candidates.iter_mut().find(|candidate| candidate.row == row) {
        candidate.villages.insert(village);
    }
}
