//! A registry in memory.

use std::{
    collections::{BTreeMap, BTreeSet},
    convert::Infallible,
};

use lika_core::{
    authority::Permission,
    codes,
    command::{Change, Circumstances, Command, Registry, decide},
    log::{Draft, Kind},
    record::{Body, Key, Record, Term},
    value::{ActorId, AreaCode, AreaLevel, Date, Fen, Label, RecordId, RequestId},
};

use crate::{files::Known, sample::County};

/// Records and their keys, as the registry has them.
#[derive(Debug, Default)]
pub(super) struct Memory {
    pub(super) records: BTreeMap<RecordId, Record>,
    keys: BTreeSet<(Vec<u8>, RecordId)>,
}

impl Memory {
    /// Carries out a command with these changes; nothing where there are none.
    pub(super) fn apply(&mut self, changes: Vec<Change>) {
        if changes.is_empty() {
            return;
        }
        let command = Command {
            request: RequestId([9; 16]),
            actor: ActorId([9; 16]),
            changes,
        };
        let circumstances = Circumstances {
            own_area: County::area(),
            today: super::today(),
        };
        decide(self, &command, &circumstances).unwrap();
    }

    pub(super) fn key_villages(&self, on: Date) -> usize {
        self.areas_where(|area| area.is_key_village(on))
    }

    pub(super) fn townships(&self) -> usize {
        self.areas_where(|area| area.code.level() == AreaLevel::Township)
    }

    fn areas_where(&self, is_wanted: impl Fn(&lika_core::record::Area) -> bool) -> usize {
        self.records
            .values()
            .filter(|record| matches!(&record.body, Body::Area(area) if is_wanted(area)))
            .count()
    }
}

/// How many members of these changes have a measure.
pub(super) fn count_measure(changes: &[Change], measure: &str) -> usize {
    let has = |change: &&Change| match &change.body {
        Body::Member(member) => member.measures.iter().any(|code| code.as_str() == measure),
        _ => false,
    };
    changes.iter().filter(has).count()
}

pub(super) fn development_households_without_labour(changes: &[Change]) -> usize {
    let mut households: BTreeMap<RecordId, bool> = BTreeMap::new();
    for change in changes {
        match &change.body {
            Body::Household(household) if household.household_type.as_str() == "development" => {
                households.entry(change.id).or_default();
            }
            Body::Member(member) => {
                let can_work = member
                    .labour
                    .as_ref()
                    .and_then(|labour| codes::can_work(labour.as_str()));
                if let Some(has_labour) = households.get_mut(&member.household) {
                    *has_labour |= can_work == Some(true);
                }
            }
            _ => {}
        }
    }
    assert!(!households.is_empty());
    households
        .values()
        .filter(|has_labour| !**has_labour)
        .count()
}

fn key_bytes(key: &Key) -> Vec<u8> {
    let mut bytes = vec![key.index.number()];
    match &key.term {
        Term::Open(term) => bytes.extend(term),
        Term::Blind(text) => {
            bytes.extend(text.as_bytes());
            bytes.push(0xFF);
        }
    }
    bytes
}

impl Registry for Memory {
    type Error = Infallible;

    fn current(&self, id: &RecordId) -> Result<Option<Record>, Infallible> {
        Ok(self.records.get(id).cloned())
    }

    fn with_key(&self, key: &Key) -> Result<Vec<RecordId>, Infallible> {
        let prefix = key_bytes(key);
        let from = (prefix.clone(), RecordId([0; 16]));
        Ok(self
            .keys
            .range(from..)
            .take_while(|(key, _)| key.starts_with(&prefix))
            .map(|(_, id)| *id)
            .collect())
    }

    fn in_area(&self, kind: Kind, area: &AreaCode) -> Result<Vec<RecordId>, Infallible> {
        let is_there = |record: &&Record| {
            record.body.kind() == kind && area.contains(&record.area) && !record.closed
        };
        Ok(self
            .records
            .values()
            .filter(is_there)
            .map(|record| record.id)
            .collect())
    }

    fn balance(&self, account: &RecordId) -> Result<Fen, Infallible> {
        let records = self.records.values().filter(|record| !record.closed);
        let postings = records.flat_map(|record| record.body.postings());
        let own = postings.filter(|posting| posting.account == *account);
        Ok(Fen(own.map(|posting| posting.amount.0).sum()))
    }

    fn stage(
        &mut self,
        before: Option<&Record>,
        after: &Record,
        _: &Draft,
    ) -> Result<(), Infallible> {
        for key in before.iter().flat_map(|record| record.body.keys()) {
            self.keys.remove(&(key_bytes(&key), after.id));
        }
        if !after.closed {
            self.keys.extend(
                after
                    .body
                    .keys()
                    .iter()
                    .map(|key| (key_bytes(key), after.id)),
            );
        }
        self.records.insert(after.id, after.clone());
        Ok(())
    }
}

impl Known for Memory {
    fn may(&self, _: Permission, _: &AreaCode) -> bool {
        true
    }

    type Error = Infallible;

    fn areas(&self) -> Result<Vec<(AreaCode, Label)>, Infallible> {
        let area = |record: &Record| match &record.body {
            Body::Area(area) => Some((area.code, area.name.clone())),
            _ => None,
        };
        Ok(self.records.values().filter_map(area).collect())
    }

    fn current(&self, id: &RecordId) -> Result<Option<Record>, Infallible> {
        Registry::current(self, id)
    }

    fn with_key(&self, key: &Key) -> Result<Vec<RecordId>, Infallible> {
        Registry::with_key(self, key)
    }

    fn in_area(&self, kind: Kind, area: &AreaCode) -> Result<Vec<RecordId>, Infallible> {
        Registry::in_area(self, kind, area)
    }
}
