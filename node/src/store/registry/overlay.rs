//! The registry as what is being decided sees it: as it is stored, under what is on its way there, under what the
//! group has changed so far.

use std::{borrow::Cow, collections::BTreeMap, sync::Arc};

use lika_core::{
    record::Record,
    rollup::{Period, Tally},
    value::{AreaCode, RecordId},
};

use crate::store::{
    Error,
    registry::{Registry, check::row_hash, schema},
};

/// Changes over the registry: read-your-writes for what is being decided, and what is applied in the end.
pub struct Overlay<'a> {
    registry: &'a Registry,
    /// What was decided before and is not applied yet, the oldest first.
    flights: Vec<Arc<Flight>>,
    changes: Changes,
    records: Records,
    /// What the changes since the savepoint replaced; none before the first one.
    undo: Option<Vec<Undo>>,
    /// What is added to totals. No rule asks for a total, so they are written at the end of the group: the county's
    /// once for all its villages.
    totals: Totals,
    /// The same since the savepoint.
    new_totals: Totals,
}

/// What a group of commands, or a batch of another node's entries, does to the registry.
#[derive(Debug, Default)]
pub struct Flight {
    /// The rows.
    pub changes: Changes,
    /// The records as it leaves them: they are read from here until their entries are in the log.
    pub records: Records,
}

/// Records by the number of their log.
pub type Records = BTreeMap<(u16, RecordId), Record>;

/// By area, period and dimension.
type Totals = BTreeMap<(AreaCode, Period, Cow<'static, str>), i64>;

/// A key's value in the registry and the one that it gets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Changed {
    /// In the registry.
    pub old: Option<Vec<u8>>,
    /// From now on.
    pub new: Option<Vec<u8>>,
}

/// All changes, in the order of their keys.
pub type Changes = BTreeMap<Vec<u8>, Changed>;

enum Undo {
    Row(Vec<u8>, Option<Changed>),
    Record((u16, RecordId), Option<Box<Record>>),
}

impl<'a> Overlay<'a> {
    /// Nothing changed yet.
    pub fn new(registry: &'a Registry) -> Self {
        Self::over(registry, Vec::new())
    }

    /// Nothing changed yet, over what is still on its way to the registry.
    pub fn over(registry: &'a Registry, flights: Vec<Arc<Flight>>) -> Self {
        Self {
            registry,
            flights,
            changes: Changes::new(),
            records: Records::new(),
            undo: None,
            totals: Totals::new(),
            new_totals: Totals::new(),
        }
    }

    /// From here on [`Self::roll_back`] undoes.
    pub fn set_savepoint(&mut self) {
        self.undo.get_or_insert_default().clear();
        self.settle_totals();
    }

    /// Takes back everything since the savepoint.
    pub fn roll_back(&mut self) {
        self.new_totals.clear();
        for undo in self.undo.take().into_iter().flatten().rev() {
            match undo {
                Undo::Row(key, before) => restore(&mut self.changes, key, before),
                Undo::Record(id, before) => {
                    restore(&mut self.records, id, before.map(|before| *before));
                }
            }
        }
    }

    /// Nothing will be taken back any more: what that would take is let go of, which is much after a large import.
    pub fn keep(&mut self) {
        self.settle_totals();
        self.undo = None;
    }

    /// A value as it would be now.
    pub fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, Error> {
        match self.changes.get(key) {
            Some(changed) => Ok(changed.new.clone()),
            None => self.before(key),
        }
    }

    /// A record that an entry wrote that may not be in the log yet.
    pub fn record(&self, log: u16, id: &RecordId) -> Option<&Record> {
        let key = (log, *id);
        self.records.get(&key).or_else(|| {
            let mut flights = self.flights.iter().rev();
            flights.find_map(|flight| flight.records.get(&key))
        })
    }

    /// Takes a record as an entry leaves it.
    pub fn set_record(&mut self, log: u16, record: Record) {
        let key = (log, record.id);
        let before = self.records.insert(key, record);
        if let Some(undo) = &mut self.undo {
            undo.push(Undo::Record(key, before.map(Box::new)));
        }
    }

    /// The keys under a prefix as they would be now, in order.
    pub fn keys_under(&self, prefix: &[u8]) -> Result<Vec<Vec<u8>>, Error> {
        let mut keys: BTreeMap<Vec<u8>, ()> = BTreeMap::new();
        for (key, _) in self.registry.scan(prefix, None, usize::MAX)? {
            keys.insert(key.to_vec(), ());
        }
        let flights = self.flights.iter().map(|flight| &flight.changes);
        for changes in flights.chain([&self.changes]) {
            let changed = changes
                .range(prefix.to_vec()..)
                .take_while(|(key, _)| key.starts_with(prefix));
            for (key, changed) in changed {
                match changed.new {
                    Some(_) => keys.insert(key.clone(), ()),
                    None => keys.remove(key),
                };
            }
        }
        Ok(keys.into_keys().collect())
    }

    /// Sets or removes a value.
    pub fn set(&mut self, key: Vec<u8>, new: Option<Vec<u8>>) -> Result<(), Error> {
        let old = match self.changes.get(&key) {
            Some(changed) => changed.old.clone(),
            None => self.before(&key)?,
        };
        self.put(key, Changed { old, new });
        Ok(())
    }

    /// Sets the value of a key that the registry is known not to have: saves the look.
    pub fn set_fresh(&mut self, key: Vec<u8>, new: Vec<u8>) {
        let old = self
            .changes
            .get(&key)
            .and_then(|changed| changed.old.clone());
        let new = Some(new);
        self.put(key, Changed { old, new });
    }

    /// Adds to a number; a number that becomes 0 is removed, so that how it came about cannot be seen.
    pub fn add(&mut self, key: Vec<u8>, delta: i64) -> Result<(), Error> {
        let (old, current) = match self.changes.get(&key) {
            Some(Changed { old, new }) => (old.clone(), new.clone()),
            None => {
                let old = self.before(&key)?;
                (old.clone(), old)
            }
        };
        let current = current
            .and_then(|value| value.as_slice().try_into().ok())
            .map_or(0, i64::from_be_bytes);
        let sum = current.wrapping_add(delta);
        let new = (sum != 0).then(|| sum.to_be_bytes().to_vec());
        self.put(key, Changed { old, new });
        Ok(())
    }

    /// How many keys are touched.
    pub fn len(&self) -> usize {
        self.changes.len()
    }

    /// Adds tallies to the totals of an area and of all areas around it, or takes them away.
    pub fn tally(&mut self, area: &AreaCode, tallies: impl IntoIterator<Item = Tally>, sign: i64) {
        for Tally {
            dimension,
            period,
            value,
        } in tallies
        {
            let total = (*area, period, dimension);
            add(
                self.new_totals.entry(total).or_default(),
                sign.wrapping_mul(value),
            );
        }
    }

    /// The changes that are changes, and the records that they are about.
    pub fn into_flight(mut self) -> Result<Flight, Error> {
        self.settle_totals();
        let mut around = Totals::new();
        for ((area, period, dimension), delta) in std::mem::take(&mut self.totals) {
            for area in area.ancestors_inclusive() {
                let total = (area, period, dimension.clone());
                add(around.entry(total).or_default(), delta);
            }
        }
        for ((area, period, dimension), delta) in around {
            if delta != 0 {
                self.add(schema::total_key(&area, period, &dimension), delta)?;
            }
        }
        let Self {
            mut changes,
            records,
            ..
        } = self;
        changes.retain(|_, changed| changed.old != changed.new);
        Ok(Flight { changes, records })
    }

    fn settle_totals(&mut self) {
        for (total, delta) in std::mem::take(&mut self.new_totals) {
            add(self.totals.entry(total).or_default(), delta);
        }
    }

    /// A value as the group found it.
    fn before(&self, key: &[u8]) -> Result<Option<Vec<u8>>, Error> {
        let mut flights = self.flights.iter().rev();
        match flights.find_map(|flight| flight.changes.get(key)) {
            Some(changed) => Ok(changed.new.clone()),
            None => Ok(self.registry.get(key)?.map(|value| value.to_vec())),
        }
    }

    fn put(&mut self, key: Vec<u8>, changed: Changed) {
        match &mut self.undo {
            Some(undo) => {
                let before = self.changes.insert(key.clone(), changed);
                undo.push(Undo::Row(key, before));
            }
            None => drop(self.changes.insert(key, changed)),
        }
    }
}

/// Every sum of totals is taken like this, so that it does not depend on how the terms were grouped.
fn add(sum: &mut i64, delta: i64) {
    *sum = sum.wrapping_add(delta);
}

fn restore<K: Ord, V>(map: &mut BTreeMap<K, V>, key: K, before: Option<V>) {
    match before {
        Some(before) => map.insert(key, before),
        None => map.remove(&key),
    };
}

/// What changes do to the digest.
pub fn digest_after(digest: u128, changes: &Changes) -> u128 {
    changes.iter().fold(digest, |digest, (key, changed)| {
        let added = changed.new.as_ref().map_or(0, |value| row_hash(key, value));
        let removed = changed.old.as_ref().map_or(0, |value| row_hash(key, value));
        digest.wrapping_add(added).wrapping_sub(removed)
    })
}
