//! Examples that nobody wrote: rows of every declared table, with values of every kind and state.
//!
//! Chance comes from a seed, so that a fault is found again. Values are taken from the author's own examples and their
//! neighbours as often as not: thresholds and codes are there.

use std::collections::{BTreeMap, BTreeSet};

use rand_chacha::{
    ChaCha8Rng,
    rand_core::{Rng, SeedableRng},
};
use serde_json::Value as Json;

use super::example::{Example, Given, Row};
use crate::policy::{Kind, Manifest};

/// Rows of a table without a parent, and of a part for each owner, at most.
const ROWS: usize = 6;

/// Steps of a fact that rises, at most.
const STEPS: usize = 24;

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

    /// Values for a fact, each higher than the one before: those of the examples and of the settings, where thresholds
    /// are, with their neighbours, and some of every size. The same for the same examples.
    pub fn rising(&self, table: usize, slot: usize, settings: &Json) -> Vec<Given> {
        let kind = self.manifest.tables[table].facts[slot].kind;
        if kind == Kind::Flag {
            return [false, true].map(Given::Flag).to_vec();
        }
        let seen = self.seen.get(&(table, slot)).into_iter().flatten();
        let seen = seen.filter_map(|given| match given {
            Given::Integer(it) | Given::Fen(it) | Given::Ppm(it) | Given::Date(it) => Some(*it),
            _ => None,
        });
        let mut known: Vec<i64> = seen.collect();
        let schema = serde_json::from_str(&self.manifest.settings_schema).unwrap_or_default();
        numbers(settings, &mut known);
        defaults(&schema, &mut known);
        let around = known
            .iter()
            .flat_map(|it| [-1, 0, 1].map(|by| it.saturating_add(by)));
        let sizes: &[i64] = match kind {
            Kind::Date => &[15_000, 18_000, 21_000],
            _ => &[0, 1, 10, 1_000, 10_000, 1_000_000],
        };
        // Only money may be less than nothing.
        let least = if kind == Kind::Fen { i64::MIN } else { 0 };
        let most = if kind == Kind::Ppm {
            1_000_000
        } else {
            i64::MAX
        };
        let all = around.chain(sizes.iter().copied());
        let all: BTreeSet<i64> = all.filter(|it| (least..=most).contains(it)).collect();
        let all: Vec<i64> = all.into_iter().collect();
        let steps = all.len().min(STEPS);
        let last = steps.saturating_sub(1).max(1);
        let chosen = (0..steps).map(|step| all[step * (all.len() - 1) / last]);
        let given = chosen.map(|it| match kind {
            Kind::Fen => Given::Fen(it),
            Kind::Ppm => Given::Ppm(it),
            Kind::Date => Given::Date(it),
            _ => Given::Integer(it),
        });
        given.collect()
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

/// The numbers among settings.
fn numbers(settings: &Json, into: &mut Vec<i64>) {
    match settings {
        Json::Number(number) => into.extend(number.as_i64()),
        Json::Array(list) => list.iter().for_each(|it| numbers(it, into)),
        Json::Object(object) => object.values().for_each(|it| numbers(it, into)),
        _ => {}
    }
}

/// The numbers that settings are where nobody sets them.
fn defaults(schema: &Json, into: &mut Vec<i64>) {
    if let Json::Object(object) = schema {
        for (key, value) in object {
            if key == "default" {
                numbers(value, into);
            } else {
                defaults(value, into);
            }
        }
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
