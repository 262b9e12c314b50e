//! The tokens of all counties, at the node that compares.
//!
//! ```text
//!  table/
//!    current        which generation counts: its number and its slots          replaced as a whole
//!    rows-<n>       the rows that were there when the generation began          never changed
//!    changes-<n>    what has come and gone since                                a journal
//!
//!  row              token(32) ‖ slot(4, big-endian) ‖ handle(16), ascending
//!  rows-<n>         magic(8) ‖ count u64 ‖ crc32 ‖ blocks of 128 rows, each followed by its crc32
//!  slot             what one node has submitted under one version and key; one that is given up is never used again
//! ```
//!
//! Files rather than the registry's trees: a token must reach neither the log nor anything that is rebuilt from it, a
//! generation is written from front to back and read by one block, and memory holds the changes of a generation, 131,072
//! rows, and one row of each block: at 4 million tokens some 12 MB of the 210 on the disk. What is damaged is moved aside
//! whole, and counties submit again.

mod rows;
mod slots;

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use lika_core::{record::Handle, value::NodeId};
use serde::{Deserialize, Serialize};

pub use self::slots::{Slot, SlotId};
use self::{
    rows::{ROW, Row, Rows, Writer},
    slots::Slots,
};
use super::{
    Error,
    journal::{Journal, make_folder, sync_folder},
    token::Token,
};

/// Changes of a generation before the next one is begun.
const MOST_CHANGES_IN_MEMORY: usize = 1 << 17;

/// The table.
#[derive(Debug)]
pub struct Table {
    folder: PathBuf,
    generation: u64,
    slots: Slots,
    rows: Rows,
    /// Whether a row is there, where that is not as in the rows.
    changed: BTreeMap<Row, bool>,
    journal: Journal,
    most_changes: usize,
}

/// A difference to what is here of a slot.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Difference {
    /// The number of the submission.
    pub number: u64,
    /// What has come.
    pub add: Vec<(Token, Handle)>,
    /// What goes.
    pub remove: Vec<(Token, Handle)>,
    /// Whether the slot then has everything.
    pub complete: bool,
}

#[derive(Debug, Deserialize, Serialize)]
enum Event {
    Began(Slot),
    GivenUp(SlotId),
    Changed {
        slot: SlotId,
        number: u64,
        complete: bool,
        tokens: u64,
        add: Vec<Vec<u8>>,
        remove: Vec<Vec<u8>>,
    },
}

#[derive(Debug, Default, Deserialize, Serialize)]
struct Current {
    generation: u64,
    slots: Slots,
}

impl Table {
    /// Opens a table, or makes it. May block.
    pub fn open(folder: &Path) -> Result<Self, Error> {
        Self::open_with(folder, MOST_CHANGES_IN_MEMORY)
    }

    /// As [`open`](Self::open), with a bound of one's own for the changes in memory.
    pub fn open_with(folder: &Path, most_changes: usize) -> Result<Self, Error> {
        make_folder(folder)?;
        let mut current = Current::default();
        Journal::open(&folder.join("current"), |read: Current| current = read)?;
        let Current {
            generation,
            mut slots,
        } = current;
        forget_others(folder, generation)?;
        let rows = match generation {
            0 => Rows::empty(),
            _ => Rows::open(&rows_file(folder, generation))?,
        };
        let mut changed = BTreeMap::new();
        let file = changes_file(folder, generation);
        let journal = Journal::open(&file, |event: Event| {
            replay(&mut slots, &mut changed, event);
        })?;
        Ok(Self {
            folder: folder.to_owned(),
            generation,
            slots,
            rows,
            changed,
            journal,
            most_changes,
        })
    }

    /// What a node has submitted under a version and a key.
    pub fn slot(&self, node: &NodeId, version: u32, key: &[u8]) -> Option<&Slot> {
        let mut slots = self.slots.iter();
        slots.find(|slot| slot.node == node.0 && slot.version == version && slot.key == key)
    }

    /// All that is here, by node and version.
    pub fn slots(&self) -> impl Iterator<Item = &Slot> {
        self.slots.iter()
    }

    /// Begins a slot; the one that the node had under this version is given up.
    pub fn begin(
        &mut self,
        node: NodeId,
        area: &str,
        version: u32,
        key: &[u8],
    ) -> Result<SlotId, Error> {
        self.give_up(&node, version)?;
        let id = self.slots.next();
        let slot = Slot {
            id,
            node: node.0,
            area: area.to_owned(),
            version,
            key: key.to_vec(),
            number: 0,
            tokens: 0,
            complete: false,
        };
        self.record(Event::Began(slot))?;
        Ok(id)
    }

    /// Gives up what a node has submitted under a version.
    pub fn give_up(&mut self, node: &NodeId, version: u32) -> Result<(), Error> {
        let of = |slot: &&Slot| slot.node == node.0 && slot.version == version;
        let given_up: Vec<SlotId> = self.slots.iter().filter(of).map(|slot| slot.id).collect();
        for id in given_up {
            self.record(Event::GivenUp(id))?;
        }
        Ok(())
    }

    /// Whether a difference is one to what is here: nothing comes that is there, nothing goes that is not, and nothing is
    /// named twice.
    pub fn fits(&self, slot: SlotId, difference: &Difference) -> Result<bool, Error> {
        let mut named = BTreeMap::new();
        let add = difference.add.iter().map(|it| (it, false));
        let remove = difference.remove.iter().map(|it| (it, true));
        for ((token, handle), is_there) in add.chain(remove) {
            let row = row(token, slot, handle);
            if named.insert(row, ()).is_some() || self.has(&row)? != is_there {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Applies a difference that [`fits`](Self::fits); it is durable when this answers.
    pub fn apply(&mut self, slot: SlotId, difference: &Difference) -> Result<(), Error> {
        let rows = |changes: &[(Token, Handle)]| {
            let rows = changes.iter();
            rows.map(|(token, handle)| row(token, slot, handle).to_vec())
                .collect()
        };
        let before = self.slots.get(slot).map_or(0, |slot| slot.tokens);
        let (come, go) = (difference.add.len() as u64, difference.remove.len() as u64);
        self.record(Event::Changed {
            slot,
            number: difference.number,
            complete: difference.complete,
            tokens: before.saturating_add(come).saturating_sub(go),
            add: rows(&difference.add),
            remove: rows(&difference.remove),
        })?;
        if self.changed.len() > self.most_changes {
            self.begin_generation()?;
        }
        Ok(())
    }

    /// Who else has a token: the slots of the same version and key, but of other nodes, with their handles.
    pub fn others(&self, token: &Token, slot: SlotId) -> Result<Vec<(&Slot, Handle)>, Error> {
        let Some(own) = self.slots.get(slot) else {
            return Ok(Vec::new());
        };
        let mut found: BTreeMap<Row, bool> = BTreeMap::new();
        for row in self.rows.with_prefix(&token.0)? {
            found.insert(row, true);
        }
        let (first, last) = bounds(token);
        for (row, is_there) in self.changed.range(first..=last) {
            found.insert(*row, *is_there);
        }
        let there = found.into_iter().filter(|(_, is_there)| *is_there);
        let others = there.filter_map(|(row, _)| {
            let (of, handle) = slot_of(&row);
            let slot = self.slots.get(of)?;
            let is_compared =
                slot.node != own.node && slot.version == own.version && slot.key == own.key;
            is_compared.then_some((slot, handle))
        });
        Ok(others.collect())
    }

    fn has(&self, row: &Row) -> Result<bool, Error> {
        match self.changed.get(row) {
            Some(is_there) => Ok(*is_there),
            None => Ok(!self.rows.with_prefix(row)?.is_empty()),
        }
    }

    fn record(&mut self, event: Event) -> Result<(), Error> {
        self.journal.append(std::slice::from_ref(&event))?;
        replay(&mut self.slots, &mut self.changed, event);
        Ok(())
    }

    /// Writes all rows that count into the next generation, which counts from the moment that `current` says so.
    fn begin_generation(&mut self) -> Result<(), Error> {
        let next = self.generation + 1;
        let file = rows_file(&self.folder, next);
        let mut writer = Writer::create(&file)?;
        let mut changed = self.changed.iter().peekable();
        let counts = |row: &Row| self.slots.get(slot_of(row).0).is_some();
        for row in self.rows.iter()? {
            let row = row?;
            while let Some((before, is_there)) = changed.next_if(|(key, _)| **key < row) {
                if *is_there && counts(before) {
                    writer.push(before)?;
                }
            }
            let is_there = changed.next_if(|(key, _)| **key == row);
            if is_there.is_none_or(|(_, is_there)| *is_there) && counts(&row) {
                writer.push(&row)?;
            }
        }
        for (row, is_there) in changed {
            if *is_there && counts(row) {
                writer.push(row)?;
            }
        }
        let rows = writer.finish()?;
        let journal = Journal::open(&changes_file(&self.folder, next), |_: Event| {})?;
        sync_folder(&file)?;
        let current = Current {
            generation: next,
            slots: self.slots.clone(),
        };
        let mut pointer = Journal::open(&self.folder.join("current"), |_: Current| {})?;
        pointer.replace(&[current])?;
        let before = self.generation;
        (self.generation, self.rows, self.journal) = (next, rows, journal);
        self.changed.clear();
        tracing::debug!(generation = next, "tokens written anew");
        forget(&self.folder, before)
    }
}

fn replay(slots: &mut Slots, changed: &mut BTreeMap<Row, bool>, event: Event) {
    match event {
        Event::Began(slot) => slots.put(slot),
        Event::GivenUp(id) => slots.remove(id),
        Event::Changed {
            slot,
            number,
            complete,
            tokens,
            add,
            remove,
        } => {
            if let Some(slot) = slots.get_mut(slot) {
                (slot.number, slot.complete, slot.tokens) = (number, complete, tokens);
            }
            let add = add.into_iter().map(|row| (row, true));
            for (row, is_there) in add.chain(remove.into_iter().map(|row| (row, false))) {
                if let Ok(row) = Row::try_from(row) {
                    changed.insert(row, is_there);
                }
            }
        }
    }
}

fn row(token: &Token, slot: SlotId, handle: &Handle) -> Row {
    let mut row = [0; ROW];
    row[..32].copy_from_slice(&token.0);
    row[32..36].copy_from_slice(&slot.to_be_bytes());
    row[36..].copy_from_slice(&handle.0);
    row
}

fn slot_of(row: &Row) -> (SlotId, Handle) {
    let (mut slot, mut handle) = ([0; 4], [0; 16]);
    slot.copy_from_slice(&row[32..36]);
    handle.copy_from_slice(&row[36..]);
    (SlotId::from_be_bytes(slot), Handle(handle))
}

fn bounds(token: &Token) -> (Row, Row) {
    let first = row(token, 0, &Handle([0; 16]));
    (first, row(token, SlotId::MAX, &Handle([0xff; 16])))
}

fn rows_file(folder: &Path, generation: u64) -> PathBuf {
    folder.join(format!("rows-{generation}"))
}

fn changes_file(folder: &Path, generation: u64) -> PathBuf {
    folder.join(format!("changes-{generation}"))
}

/// Removes the generation that was being written when the node was stopped, and the one before.
fn forget_others(folder: &Path, generation: u64) -> Result<(), Error> {
    forget(folder, generation + 1)?;
    match generation.checked_sub(1) {
        Some(before) => forget(folder, before),
        None => Ok(()),
    }
}

fn forget(folder: &Path, generation: u64) -> Result<(), Error> {
    for file in [
        rows_file(folder, generation),
        changes_file(folder, generation),
    ] {
        match fs::remove_file(&file) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(Error::io("remove", &file)(error));
            }
            _ => {}
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
