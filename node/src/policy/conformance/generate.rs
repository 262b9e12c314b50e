//! Examples that nobody wrote: rows of every declared table, with values of every kind and state.
//!
//! Chance comes from a seed, so that a fault is found again. Values are taken from the author's own examples and their
//! neighbours as often as not: thresholds and codes are there.

use std::collections::BTreeMap;

use rand_chacha::{
    ChaCha8Rng,
    rand_core::{Rng, SeedableRng},
};

use super::example::{Example, Given, Row};
use crate::policy::{Kind, Manifest};

/// Rows of a table without a parent, and of a part for each owner, at most.
const ROWS: usize = 6;

/// Generates examples for a policy.
pub struct Generator<'m> {
    manifest: &'m Manifest,
    /// Values of the author's examples, by table and fact.
    seen: BTreeMap<(usize, usize), Vec<Given>>,
    chance: ChaCha8Rng,
}

impl<'m> Generator<'m> {
    /// A generator that knows these examples.
    pub fn new(manifest: &'m Manifest, examples: &[Example], seed: u64) -> Self {
        let mut seen = BTreeMap::new();
        for example in examples {
            note(&mut seen, &example.rows);
        }
        let mut bytes = [0; 32];
        bytes[..8].copy_from_slice(&seed.to_le_bytes());
        Self {
            manifest,
            seen,
            chance: ChaCha8Rng::from_seed(bytes),
        }
    }

    /// The next example, with at most so many subjects.
    pub fn example(&mut self, subjects: usize) -> Example {
        let manifest = self.manifest;
        let owned = |table: &usize| manifest.tables[*table].parent.is_none();
        let counts: BTreeMap<usize, usize> = (0..manifest.tables.len())
            .filter(owned)
            .map(|table| (table, self.count(table, subjects)))
            .collect();
        let mut rows = Vec::new();
        for (table, count) in &counts {
            for _ in 0..*count {
                rows.push(self.row(*table, &counts));
            }
        }
        Example {
            about: "generated".into(),
            settings: "{}".into(),
            scope: u32::try_from(self.below(manifest.scopes.len().max(1))).unwrap_or(0),
            rows,
        }
    }

    /// The numbers below a limit in any order.
    pub fn order(&mut self, limit: usize) -> Vec<usize> {
        let mut order: Vec<usize> = (0..limit).collect();
        for at in (1..limit).rev() {
            order.swap(at, self.below(at + 1));
        }
        order
    }

    fn count(&mut self, table: usize, subjects: usize) -> usize {
        if table == self.manifest.subjects {
            return subjects;
        }
        match self.manifest.tables[table].name.as_str() {
            // What holds for all of a group is one row.
            "group" => 1,
            _ => self.below(ROWS + 1),
        }
    }

    fn row(&mut self, table: usize, counts: &BTreeMap<usize, usize>) -> Row {
        let manifest = self.manifest;
        let facts = manifest.tables[table].facts.iter().enumerate();
        let facts = facts.map(|(slot, fact)| self.fact((table, slot), fact.kind, counts));
        let facts = facts.collect();
        let is_part = |part: &usize| manifest.tables[*part].parent == Some(table);
        let mut parts = Vec::new();
        for part in (0..manifest.tables.len()).filter(is_part) {
            for _ in 0..self.below(ROWS / 2 + 1) {
                parts.push(self.row(part, counts));
            }
        }
        Row {
            table,
            facts,
            parts,
        }
    }

    fn fact(&mut self, at: (usize, usize), kind: Kind, counts: &BTreeMap<usize, usize>) -> Given {
        match self.below(20) {
            0 => return Given::Absent,
            1 => return Given::Unknown,
            2 => return Given::Withheld,
            _ => {}
        }
        let seen = self.seen.get(&at).map_or(0, Vec::len);
        if seen > 0 && self.below(2) == 0 {
            let pick = self.below(seen);
            let step = self.below(3);
            return neighbour(&self.seen[&at][pick], step);
        }
        let number = self.number();
        match kind {
            Kind::Flag => Given::Flag(self.below(2) == 0),
            Kind::Integer => Given::Integer(number),
            Kind::Fen => Given::Fen(number),
            Kind::Ppm => Given::Ppm(number.min(1_000_000)),
            Kind::Date => Given::Date(18_000 + number % 1_000),
            Kind::Code => Given::Code(format!("generated-{}", self.below(3))),
            Kind::Text => Given::Text(format!("generated {}", self.below(3))),
            Kind::Row(table) => match counts.get(&table) {
                Some(count) if *count > 0 => {
                    u32::try_from(self.below(*count)).map_or(Given::Absent, Given::Row)
                }
                _ => Given::Absent,
            },
        }
    }

    fn number(&mut self) -> i64 {
        let limit = [2, 5, 40, 10_000, 100_000_000][self.below(5)];
        i64::try_from(self.below(limit)).unwrap_or(0)
    }

    fn below(&mut self, limit: usize) -> usize {
        let product = u128::from(self.chance.next_u64()) * limit as u128;
        usize::try_from(product >> 64).unwrap_or(0)
    }
}

fn note(seen: &mut BTreeMap<(usize, usize), Vec<Given>>, rows: &[Row]) {
    for row in rows {
        for (slot, given) in row.facts.iter().enumerate() {
            // A row's number means something else in another example.
            if !matches!(given, Given::Row(_)) {
                seen.entry((row.table, slot))
                    .or_default()
                    .push(given.clone());
            }
        }
        note(seen, &row.parts);
    }
}

/// The value, the one below it or the one above.
fn neighbour(given: &Given, step: usize) -> Given {
    let beside = |number: i64| match step {
        0 => number,
        1 => number.saturating_sub(1),
        _ => number.saturating_add(1),
    };
    match given {
        Given::Integer(number) => Given::Integer(beside(*number)),
        Given::Fen(number) => Given::Fen(beside(*number)),
        Given::Ppm(number) => Given::Ppm(beside(*number)),
        Given::Date(number) => Given::Date(beside(*number)),
        other => other.clone(),
    }
}
