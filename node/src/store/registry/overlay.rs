//! What a group of commands has changed so far, over the registry as it stands.

use std::{
    borrow::Cow,
    collections::{BTreeMap, btree_map},
};

use lika_core::{
    rollup::{Period, Tally},
    value::AreaCode,
};

use crate::store::{
    Error,
    registry::{Registry, check::row_hash, schema},
};

/// Changes over the registry: read-your-writes for what is being decided, and what is applied in the end.
pub struct Overlay<'a> {
    registry: &'a Registry,
    changes: BTreeMap<Vec<u8>, Changed>,
    /// What the changes since the savepoint replaced.
    undo: Vec<(Vec<u8>, Option<Changed>)>,
    /// What is added to totals. No rule asks for a total, so they are written at the end of the group: the county's
    /// once for all its villages.
    totals: Totals,
    /// The same since the savepoint.
    new_totals: Totals,
}

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

impl<'a> Overlay<'a> {
    /// Nothing changed yet.
    pub fn new(registry: &'a Registry) -> Self {
        Self {
            registry,
            changes: BTreeMap::new(),
            undo: Vec::new(),
            totals: Totals::new(),
            new_totals: Totals::new(),
        }
    }

    /// From here on [`Self::roll_back`] undoes.
    pub fn set_savepoint(&mut self) {
        self.undo.clear();
        for (total, delta) in std::mem::take(&mut self.new_totals) {
            *self.totals.entry(total).or_default() += delta;
        }
    }

    /// Takes back everything since the savepoint.
    pub fn roll_back(&mut self) {
        self.new_totals.clear();
        while let Some((key, before)) = self.undo.pop() {
            match before {
                Some(before) => self.changes.insert(key, before),
                None => self.changes.remove(&key),
            };
        }
    }

    /// A value as it would be now.
    pub fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, Error> {
        match self.changes.get(key) {
            Some(changed) => Ok(changed.new.clone()),
            None => Ok(self.registry.get(key)?.map(|value| value.to_vec())),
        }
    }

    /// The keys under a prefix as they would be now, in order.
    pub fn keys_under(&self, prefix: &[u8]) -> Result<Vec<Vec<u8>>, Error> {
        let mut keys: BTreeMap<Vec<u8>, ()> = BTreeMap::new();
        for (key, _) in self.registry.scan(prefix, None, usize::MAX)? {
            keys.insert(key.to_vec(), ());
        }
        let changed = self
            .changes
            .range(prefix.to_vec()..)
            .take_while(|(key, _)| key.starts_with(prefix));
        for (key, changed) in changed {
            match changed.new {
                Some(_) => keys.insert(key.clone(), ()),
                None => keys.remove(key),
            };
        }
        Ok(keys.into_keys().collect())
    }

    /// Sets or removes a value.
    pub fn set(&mut self, key: Vec<u8>, new: Option<Vec<u8>>) -> Result<(), Error> {
        match self.changes.entry(key) {
            btree_map::Entry::Occupied(mut slot) => {
                self.undo
                    .push((slot.key().clone(), Some(slot.get().clone())));
                slot.get_mut().new = new;
            }
            btree_map::Entry::Vacant(slot) => {
                let old = self.registry.get(slot.key())?.map(|value| value.to_vec());
                self.undo.push((slot.key().clone(), None));
                slot.insert(Changed { old, new });
            }
        }
        Ok(())
    }

    /// Sets the value of a key that the registry is known not to have: saves the look.
    pub fn set_fresh(&mut self, key: Vec<u8>, new: Vec<u8>) {
        let old = self
            .changes
            .get(&key)
            .and_then(|changed| changed.old.clone());
        let before = self.changes.insert(
            key.clone(),
            Changed {
                old,
                new: Some(new),
            },
        );
        self.undo.push((key, before));
    }

    /// Adds to a number; a number that becomes 0 is removed, so that how it came about cannot be seen.
    pub fn add(&mut self, key: Vec<u8>, delta: i64) -> Result<(), Error> {
        let current = self
            .get(&key)?
            .and_then(|value| value.as_slice().try_into().ok())
            .map_or(0, i64::from_be_bytes);
        let sum = current.wrapping_add(delta);
        self.set(key, (sum != 0).then(|| sum.to_be_bytes().to_vec()))
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
            *self.new_totals.entry(total).or_default() += sign * value;
        }
    }

    /// The changes that are changes.
    pub fn into_changes(mut self) -> Result<Changes, Error> {
        self.set_savepoint();
        let mut around = Totals::new();
        for ((area, period, dimension), delta) in std::mem::take(&mut self.totals) {
            for area in area.ancestors_inclusive() {
                *around.entry((area, period, dimension.clone())).or_default() += delta;
            }
        }
        for ((area, period, dimension), delta) in around {
            if delta != 0 {
                self.add(schema::total_key(&area, period, &dimension), delta)?;
            }
        }
        self.changes.retain(|_, changed| changed.old != changed.new);
        Ok(self.changes)
    }
}

/// What changes do to the digest.
pub fn digest_after(digest: u128, changes: &Changes) -> u128 {
    changes.iter().fold(digest, |digest, (key, changed)| {
        let added = changed.new.as_ref().map_or(0, |value| row_hash(key, value));
        let removed = changed.old.as_ref().map_or(0, |value| row_hash(key, value));
        digest.wrapping_add(added).wrapping_sub(removed)
    })
}
