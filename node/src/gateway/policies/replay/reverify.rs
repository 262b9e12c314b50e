//! After a change of the engine: what this one would decide otherwise of what is in force.

use std::collections::{BTreeMap, BTreeSet};

use lika_core::{
    authority::Permission,
    log::Kind,
    record::{Body, Decision, Evaluation, decision_id},
    value::{AreaCode, Digest, RecordId},
};

use super::{
    super::UNAVAILABLE, Caller, Case, Error, Failed, Fresh, Gateway, again::Came, component_of,
};
use crate::{
    policy::engine::PROFILE,
    store::{Lifecycle, Listing, Stored},
};

/// Ids of one scan.
const PAGE: usize = 4096;
/// Decisions of one policy that are named; all are counted.
const MOST_NAMED: usize = 1000;

/// Decisions in force that one policy made on another engine, and what this one makes of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reverified {
    /// Name and version of the policy; empty where its component is not here.
    pub name: String,
    /// Decisions in force.
    pub checked: u64,
    /// Those that this engine makes too.
    pub same: u64,
    /// Those that it would make otherwise.
    pub would_change: u64,
    /// The first of them.
    pub changing: Vec<RecordId>,
    /// Those that could not be run again.
    pub could_not_run: u64,
    /// Those that are not even what the recorded output says.
    pub mismatches: u64,
}

/// What came of looking at an area.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in super::super) struct Pass {
    /// By component.
    pub policies: BTreeMap<Digest, Reverified>,
    /// Whether everything was tried: nobody stopped it, and there was always a process to run policies.
    pub is_whole: bool,
}

impl Gateway {
    /// Runs again what other engines than this one decided in an area and is still in force, and says by component what
    /// this engine would decide otherwise. Such decisions get an alert each and stay as they are.
    ///
    /// Blocks. `tell` hears how many evaluations have been looked at, and answers whether to go on.
    pub fn reverify(
        &self,
        caller: &Caller,
        area: &AreaCode,
        mut tell: impl FnMut(u64) -> bool,
    ) -> Result<BTreeMap<Digest, Reverified>, Error> {
        caller.must(Permission::ReadOpen, area)?;
        let _room = self.inner.policies.trials.enter()?;
        Ok(self.reverify_all(area, &mut tell)?.policies)
    }

    /// The same for the node itself.
    pub(in super::super) fn reverify_all(
        &self,
        area: &AreaCode,
        tell: &mut dyn FnMut(u64) -> bool,
    ) -> Result<Pass, Error> {
        let reader = &self.inner.reader;
        let mut fresh = Fresh::new(&self.inner.policies.host)?;
        let mut pass = Pass {
            is_whole: true,
            ..Pass::default()
        };
        let (mut after, mut looked_at) = (None, 0);
        loop {
            let page = reader.list_ids(&Listing {
                kind: Kind::Evaluation,
                area: *area,
                lifecycle: Lifecycle::Open,
                after,
                limit: PAGE,
            })?;
            for id in &page.items {
                if let Some(stored) = reader.get(id)? {
                    self.reverify_one(&mut fresh, &mut pass, stored)?;
                }
                looked_at += 1;
                if !tell(looked_at) {
                    pass.is_whole = false;
                    return Ok(pass);
                }
            }
            match page.next {
                Some(next) => after = Some(next),
                None => return Ok(pass),
            }
        }
    }

    fn reverify_one(
        &self,
        fresh: &mut Fresh,
        pass: &mut Pass,
        stored: Stored,
    ) -> Result<(), Error> {
        let in_force = match &stored.body {
            Ok(Body::Evaluation(evaluation)) if evaluation.engine != PROFILE => {
                self.in_force_of(stored.header.record, evaluation)?
            }
            _ => return Ok(()),
        };
        if in_force.is_empty() {
            return Ok(());
        }
        let component = component_of(&stored)?;
        let told = pass.policies.entry(component).or_default();
        let all = in_force.len() as u64;
        told.checked += all;
        if self.lacks(fresh, &component) {
            told.could_not_run += all;
            return Ok(());
        }
        let replayed = match self.replay_in_force(fresh, &component, stored, &in_force, told) {
            Ok(replayed) => replayed,
            Err(Failed::Record(_)) => {
                told.mismatches += all;
                return Ok(());
            }
            Err(Failed::Other(error @ (Error::Store(_) | Error::TaskEnded))) => return Err(error),
            Err(Failed::Other(error)) => {
                pass.is_whole &= error.code() != UNAVAILABLE;
                told.could_not_run += all;
                return Ok(());
            }
        };
        match replayed.came {
            Came::Same => {}
            Came::OtherEngine(_) => {
                let changing = replayed.changing.iter().map(|it| it.decision);
                told.would_change += replayed.changing.len() as u64;
                let room = MOST_NAMED.saturating_sub(told.changing.len());
                told.changing.extend(changing.take(room));
            }
            Came::Otherwise(_) => {
                told.mismatches += all;
                return Ok(());
            }
            Came::Attempt | Came::Unfinished(_) => {
                told.could_not_run += all;
                return Ok(());
            }
        }
        let others = replayed.differing.len() as u64;
        told.mismatches += others;
        told.same += all.saturating_sub(others + replayed.changing.len() as u64);
        Ok(())
    }

    /// Runs an evaluation again and holds against it the decisions that are in force.
    fn replay_in_force(
        &self,
        fresh: &mut Fresh,
        component: &Digest,
        stored: Stored,
        in_force: &BTreeSet<RecordId>,
        told: &mut Reverified,
    ) -> Result<super::Replayed, Failed> {
        let area = stored.header.area;
        let policy = self.fresh_policy(fresh, component)?;
        let manifest = policy.describe();
        told.name = format!("{} {}", manifest.name, manifest.version);
        let named: Vec<RecordId> = in_force.iter().copied().collect();
        let case = self.case_of(manifest, &stored, &named)?;
        // Of several revisions that name the evaluation the last one is in force.
        let last: BTreeMap<RecordId, Decision> = case.decisions.into_iter().collect();
        let decisions = last.into_iter().filter(|(id, _)| in_force.contains(id));
        let case = Case {
            decisions: decisions.collect(),
            ..case
        };
        let replayed = case.replay(&policy)?;
        self.note_replayed(area, &replayed);
        Ok(replayed)
    }

    /// The decisions whose last word is this evaluation, whether its component is here or not.
    fn in_force_of(
        &self,
        id: RecordId,
        evaluation: &Evaluation,
    ) -> Result<BTreeSet<RecordId>, Error> {
        let reader = &self.inner.reader;
        let enactment = reader.get(&evaluation.enactment)?;
        let Some(Ok(Body::Enactment(enactment))) = enactment.map(|stored| stored.body) else {
            return Ok(BTreeSet::new());
        };
        let mut in_force = BTreeSet::new();
        for record in evaluation.tables.iter().flat_map(|table| &table.records) {
            let decision = decision_id(&enactment.purpose, record);
            let Some(stored) = reader.get(&decision)? else {
                continue;
            };
            let names_it = match &stored.body {
                Ok(Body::Decision(decision)) => decision.evaluation == id,
                _ => false,
            };
            if names_it && !stored.closed {
                in_force.insert(decision);
            }
        }
        Ok(in_force)
    }
}
