//! Logs in memory that keep to what the store promises, and nothing more.

use std::collections::BTreeMap;

use lika_core::{
    log::Entry,
    value::{AreaCode, NodeId},
};
use rand::RngExt as _;
use rand_chacha::ChaCha8Rng;

use super::{
    super::logs::{Naive, as_many_as_fit, next, receive},
    world::{Job, Keeper, Totals},
};
use crate::federation::{Head, Known, LogHead, Member, NotReceived};

/// The logs of a node. What is in them is durable: what is begun and not done is with the scheduler.
pub struct Model {
    of: Member,
    sealer: Naive,
    logs: BTreeMap<NodeId, Vec<Entry>>,
    /// Added to as entries are taken.
    totals: Totals,
}

impl Model {
    fn log(&self, node: &NodeId) -> &[Entry] {
        self.logs.get(node).map_or(&[], Vec::as_slice)
    }

    fn write(&mut self, count: usize) -> Head {
        let of = self.of;
        for _ in 0..count {
            let head = end(self.log(&of.node));
            let area = match head.seq {
                0 => of.area,
                _ => village(of.area),
            };
            let entry = next(&of, head, area, b"open part", &mut self.sealer);
            count_in(&mut self.totals, &entry);
            self.logs.entry(of.node).or_default().push(entry);
        }
        end(self.log(&of.node))
    }

    fn receive(&mut self, from: &Member, entries: Vec<Entry>) -> Result<Head, NotReceived> {
        let log = self.logs.entry(from.node).or_default();
        let before = log.len();
        let head = receive(log, from, entries);
        for entry in log.iter().skip(before) {
            count_in(&mut self.totals, entry);
        }
        head
    }
}

impl Keeper for Model {
    fn create(of: Member, number: u8) -> Self {
        Self {
            of,
            sealer: Naive::new(number),
            logs: BTreeMap::new(),
            totals: Totals::new(),
        }
    }

    fn run(&mut self, job: &Job) -> Result<Head, NotReceived> {
        match job {
            Job::Write(count) => Ok(self.write(*count)),
            Job::Receive(from, entries) => self.receive(from, entries.clone()),
        }
    }

    /// Each of them is there wholly, in part, or not at all; what comes after one that is not is not there either.
    fn crash(&mut self, jobs: Vec<Job>, rng: &mut ChaCha8Rng) {
        for job in jobs {
            let part = match &job {
                Job::Write(count) => Job::Write(rng.random_range(0..=*count)),
                Job::Receive(from, entries) => {
                    let kept = rng.random_range(0..=entries.len());
                    Job::Receive(*from, entries[..kept].to_vec())
                }
            };
            self.run(&part).ok();
            if rng.random_bool(0.5) {
                return;
            }
        }
    }

    fn roll_back(&mut self, count: usize) {
        let log = self.logs.entry(self.of.node).or_default();
        log.truncate(log.len() - count);
        self.totals = self.recount();
    }

    fn heads(&self) -> Vec<LogHead> {
        let logs = self.logs.iter().filter_map(|(node, log)| {
            let area = log.first()?.header().area;
            let of = Member { node: *node, area };
            Some(LogHead::of(of, Some(end(log))))
        });
        logs.collect()
    }

    fn known(&self, log: &LogHead) -> Known {
        let entries = self.log(&log.of.node);
        let seq = usize::try_from(log.head.seq).unwrap();
        let there = seq.checked_sub(1).and_then(|at| entries.get(at));
        Known {
            head: end(entries),
            area: entries.first().map(|entry| entry.header().area),
            there: there.map(Head::of),
        }
    }

    fn entries_after(&self, log: &NodeId, seq: u64, max_bytes: usize) -> Vec<Entry> {
        let after = self.log(log).iter().skip(usize::try_from(seq).unwrap());
        // Small batches, so that a log takes several.
        as_many_as_fit(after.take(3), max_bytes)
    }

    fn totals(&self) -> Totals {
        self.totals.clone()
    }

    fn recount(&self) -> Totals {
        let mut totals = Totals::new();
        for entry in self.logs.values().flatten() {
            count_in(&mut totals, entry);
        }
        totals
    }

    fn verify(&mut self) {
        for (node, log) in &self.logs {
            let mut head = Head::EMPTY;
            for entry in log {
                entry
                    .follows(node, head.epoch, head.seq, &head.hash)
                    .unwrap();
                head = Head::of(entry);
            }
        }
    }
}

fn end(log: &[Entry]) -> Head {
    log.last().map_or(Head::EMPTY, Head::of)
}

/// A place inside an area, as far down as there is one.
fn village(area: AreaCode) -> AreaCode {
    let deeper = match area.digits().len() {
        2 => format!("{}01", area.digits()),
        4 => format!("{}01", area.digits()),
        6 => format!("{}101", area.digits()),
        _ => return area,
    };
    AreaCode::parse(&deeper).unwrap()
}

fn count_in(totals: &mut Totals, entry: &Entry) {
    for area in entry.header().area.ancestors_inclusive() {
        *totals.entry(area).or_default() += 1;
    }
}
