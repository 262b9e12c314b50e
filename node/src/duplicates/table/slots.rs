//! Who has submitted what under which version.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Tells slots apart, also those that were given up.
pub type SlotId = u32;

/// What one node has submitted under one version and key.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct Slot {
    /// Which.
    pub id: SlotId,
    /// The node.
    pub node: [u8; 16],
    /// The area of its certificate, in digits.
    pub area: String,
    /// The version of the key.
    pub version: u32,
    /// The public key.
    pub key: Vec<u8>,
    /// The number of the last submission.
    pub number: u64,
    /// How many tokens.
    pub tokens: u64,
    /// Whether the last submission said that it has everything.
    pub complete: bool,
}

/// The slots.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub struct Slots {
    next: SlotId,
    slots: BTreeMap<SlotId, Slot>,
}

impl Slots {
    /// The number that no slot has ever had.
    pub fn next(&self) -> SlotId {
        self.next
    }

    /// One of them.
    pub fn get(&self, id: SlotId) -> Option<&Slot> {
        self.slots.get(&id)
    }

    /// One of them, to be changed.
    pub fn get_mut(&mut self, id: SlotId) -> Option<&mut Slot> {
        self.slots.get_mut(&id)
    }

    /// A new one.
    pub fn put(&mut self, slot: Slot) {
        self.next = self.next.max(slot.id.saturating_add(1));
        self.slots.insert(slot.id, slot);
    }

    /// Gives one up.
    pub fn remove(&mut self, id: SlotId) {
        self.slots.remove(&id);
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = &Slot> {
        self.slots.values()
    }
}
