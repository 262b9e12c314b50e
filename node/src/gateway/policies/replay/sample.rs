//! Replaying some of all evaluations, chosen by chance and nameable again by a seed.

use std::collections::BTreeSet;

use lika_core::{
    authority::Permission,
    log::Kind,
    record::Body,
    value::{AreaCode, Date, Digest, Ppm, RecordId},
};

use super::{Caller, Error, Failed, Fresh, Gateway, Replayed, again::Came, component_of};
use crate::{
    clock::{Clock as _, Scenario},
    store::{Lifecycle, Listing, Stored},
};

/// Ids of one scan.
const PAGE: usize = 4096;

/// Which evaluations to run again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sample {
    /// In this area and below.
    pub area: AreaCode,
    /// Recorded on this day or later; none for all.
    pub since: Option<Date>,
    /// Which part of them.
    pub share: Ppm,
    /// The same seed chooses the same ones.
    pub seed: u64,
}

/// What came of a sample.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sampled {
    /// Evaluations that were chosen.
    pub chosen: u64,
    /// Those that came out the same, with all their decisions.
    pub same: u64,
    /// Those that did not.
    pub mismatches: u64,
    /// Attempts: they had no answer of their own and are outside of replay.
    pub attempts: u64,
    /// Those that gave no answer this time, for no reason of their own.
    pub unfinished: u64,
    /// Those whose component is not on this node.
    pub without_component: u64,
    /// Decisions that were held against what came out.
    pub decisions: u64,
    /// Those that were made by another engine, and come out otherwise of this one.
    pub other_engine: u64,
    /// The components that are not on this node.
    pub missing: BTreeSet<Digest>,
}

impl Gateway {
    /// Replays a sample and says how it went; `tell` hears of every mismatch as it is found, and of how many are done.
    /// It answers whether to go on.
    ///
    /// Blocks. Each component runs in one fresh process, each evaluation on a fresh instance in it.
    pub fn replay_sample(
        &self,
        caller: &Caller,
        sample: &Sample,
        mut tell: impl FnMut(&Sampled, Option<&Replayed>) -> bool,
    ) -> Result<Sampled, Error> {
        let _room = self.inner.policies.trials.enter()?;
        let mut fresh = Fresh::new(&self.inner.policies.host)?;
        let mut sampled = Sampled::default();
        self.each_chosen(caller, sample, |stored| {
            sampled.chosen += 1;
            let Ok(component) = component_of(&stored) else {
                // A record of a version to come, or a damaged one, is no reason to stop.
                sampled.unfinished += 1;
                return Ok(tell(&sampled, None));
            };
            if self.lacks(&fresh, &component) {
                sampled.without_component += 1;
                sampled.missing.insert(component);
                return Ok(tell(&sampled, None));
            }
            let (id, recorded) = (stored.header.record, Digest::of(output_of(&stored)));
            // One record that cannot be run must not hide what is wrong with the next.
            let replayed = match self.run_again(&mut fresh, &stored, &[]) {
                Ok((_, replayed)) => replayed,
                Err(Failed::Record(error)) => Replayed::not_run(id, recorded, error.to_string()),
                Err(Failed::Other(error @ (Error::Store(_) | Error::TaskEnded))) => {
                    return Err(error);
                }
                Err(Failed::Other(error)) => {
                    tracing::warn!(evaluation = %id, %error, "an evaluation cannot be run again");
                    sampled.unfinished += 1;
                    return Ok(tell(&sampled, None));
                }
            };
            sampled.note(&replayed);
            let mismatch = Some(&replayed).filter(|it| it.is_mismatch());
            Ok(tell(&sampled, mismatch))
        })?;
        Ok(sampled)
    }

    /// Whether a component was never admitted here: links carry none.
    pub(in super::super) fn lacks(&self, fresh: &Fresh, component: &Digest) -> bool {
        let components = &self.inner.policies.components;
        !fresh.knows(component) && !components.has(component)
    }

    /// The evaluations that a sample chooses, in the order of area and id, until `take` has enough.
    pub(in super::super) fn each_chosen(
        &self,
        caller: &Caller,
        sample: &Sample,
        mut take: impl FnMut(Stored) -> Result<bool, Error>,
    ) -> Result<(), Error> {
        caller.must(Permission::ReadOpen, &sample.area)?;
        let reader = &self.inner.reader;
        let mut after = None;
        loop {
            let page = reader.list_ids(&Listing {
                kind: Kind::Evaluation,
                area: sample.area,
                lifecycle: Lifecycle::Open,
                after,
                limit: PAGE,
            })?;
            for id in page.items.iter().filter(|id| sample.chooses(id)) {
                let Some(stored) = reader.get(id)? else {
                    continue;
                };
                let day = Scenario::at(stored.header.recorded_at).today();
                if sample.since.is_none_or(|since| since <= day) && !take(stored)? {
                    return Ok(());
                }
            }
            match page.next {
                Some(next) => after = Some(next),
                None => return Ok(()),
            }
        }
    }
}

fn output_of(stored: &Stored) -> &[u8] {
    match &stored.body {
        Ok(Body::Evaluation(evaluation)) => &evaluation.output,
        _ => &[],
    }
}

impl Sample {
    fn chooses(&self, id: &RecordId) -> bool {
        chooses(self.share, self.seed, id)
    }
}

/// Whether a share of all records has this one: each has its own place between nothing and all, as good as thrown by a
/// die.
pub fn chooses(share: Ppm, seed: u64, id: &RecordId) -> bool {
    let thrown = Digest::of(&[&seed.to_be_bytes()[..], &id.0].concat());
    let (first, _) = thrown.0.split_at(8);
    let place = first
        .iter()
        .fold(0_u64, |sum, byte| sum << 8 | u64::from(*byte));
    u128::from(place) * 1_000_000 < u128::from(share.0.unsigned_abs()) << 64
}

impl Sampled {
    fn note(&mut self, replayed: &Replayed) {
        self.decisions += replayed.decisions;
        *match replayed.came {
            _ if replayed.is_mismatch() => &mut self.mismatches,
            Came::Same | Came::Otherwise(_) => &mut self.same,
            Came::Attempt => &mut self.attempts,
            Came::Unfinished(_) => &mut self.unfinished,
            Came::OtherEngine(_) => &mut self.other_engine,
        } += 1;
    }
}
