//! What a key-holder has evaluated, by node and day: the whole of what anybody could have enumerated.
//!
//! It is written down before anything is evaluated, so that a restart gives nobody a new budget.

use std::{collections::BTreeMap, path::Path};

use lika_core::value::{AreaCode, Date, NodeId};
use serde::{Deserialize, Serialize};

use super::{Error, journal::Journal};

/// Counts of days before this many are forgotten.
const DAYS_KEPT: usize = 400;

/// What was evaluated for a node on a day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evaluated {
    /// The node.
    pub node: NodeId,
    /// The area of its certificate.
    pub area: AreaCode,
    /// The day in China.
    pub day: Date,
    /// How many elements.
    pub elements: u64,
}

/// The counts, on the disk.
#[derive(Debug)]
pub struct Budget {
    journal: Journal,
    days: BTreeMap<u32, BTreeMap<NodeId, (AreaCode, u64)>>,
}

#[derive(Debug, Deserialize, Serialize)]
struct Spent {
    day: u32,
    node: [u8; 16],
    area: String,
    elements: u64,
}

impl Budget {
    /// Reads what was counted.
    pub fn open(file: &Path) -> Result<Self, Error> {
        let mut days = BTreeMap::new();
        let mut frames = 0_usize;
        let journal = Journal::open(file, |spent: Spent| {
            frames += 1;
            let Ok(area) = AreaCode::parse(&spent.area) else {
                return;
            };
            add(
                &mut days,
                spent.day,
                (NodeId(spent.node), area),
                spent.elements,
            );
        })?;
        let mut budget = Self { journal, days };
        budget.forget_old();
        let rows = budget.rows();
        if frames > 2 * rows.len() + 64 {
            budget.journal.replace(&rows)?;
        }
        Ok(budget)
    }

    /// How much was evaluated for a node on a day. Where the clock was set back, the later day counts.
    pub fn spent(&self, node: &NodeId, today: Date) -> u64 {
        let counted = self.days.get(&self.counted_on(today));
        let spent = counted.and_then(|nodes| nodes.get(node));
        spent.map_or(0, |(_, elements)| *elements)
    }

    /// Counts, on the disk, what is about to be evaluated.
    pub fn spend(
        &mut self,
        of: (NodeId, AreaCode),
        today: Date,
        elements: u64,
    ) -> Result<(), Error> {
        let day = self.counted_on(today);
        let (node, area) = of;
        let spent = Spent {
            day,
            node: node.0,
            area: area.digits().to_owned(),
            elements,
        };
        self.journal.append(&[spent])?;
        add(&mut self.days, day, of, elements);
        self.forget_old();
        Ok(())
    }

    /// Whether anything was ever evaluated.
    pub fn is_empty(&self) -> bool {
        self.days.is_empty()
    }

    /// All counts, the newest day first.
    pub fn all(&self) -> Vec<Evaluated> {
        let days = self.days.iter().rev();
        let counts = days.flat_map(|(day, nodes)| {
            let day = Date::from_number(*day).ok();
            nodes.iter().filter_map(move |(node, (area, elements))| {
                Some(Evaluated {
                    node: *node,
                    area: *area,
                    day: day?,
                    elements: *elements,
                })
            })
        });
        counts.collect()
    }

    fn counted_on(&self, today: Date) -> u32 {
        let last = self.days.last_key_value().map(|(day, _)| *day);
        last.map_or(today.number(), |last| last.max(today.number()))
    }

    fn forget_old(&mut self) {
        while self.days.len() > DAYS_KEPT {
            self.days.pop_first();
        }
    }

    fn rows(&self) -> Vec<Spent> {
        let days = self.days.iter();
        let rows = days.flat_map(|(day, nodes)| {
            nodes.iter().map(|(node, (area, elements))| Spent {
                day: *day,
                node: node.0,
                area: area.digits().to_owned(),
                elements: *elements,
            })
        });
        rows.collect()
    }
}

fn add(
    days: &mut BTreeMap<u32, BTreeMap<NodeId, (AreaCode, u64)>>,
    day: u32,
    (node, area): (NodeId, AreaCode),
    elements: u64,
) {
    let nodes = days.entry(day).or_default();
    let (_, spent) = nodes.entry(node).or_insert((area, 0));
    *spent = spent.saturating_add(elements);
}

#[cfg(test)]
mod tests {
    use super::*;

    const NODE: NodeId = NodeId([1; 16]);

    #[test]
    fn a_restart_and_a_clock_that_was_set_back_give_no_new_budget() {
        let temp = tempfile::tempdir().unwrap();
        let file = temp.path().join("evaluations");
        let area = AreaCode::parse("360323").unwrap();
        let day = |day| Date::new(2026, 11, day).unwrap();
        let mut budget = Budget::open(&file).unwrap();
        assert!(budget.is_empty());
        budget.spend((NODE, area), day(24), 500).unwrap();
        drop(budget);
        let mut budget = Budget::open(&file).unwrap();
        assert_eq!(budget.spent(&NODE, day(24)), 500);
        assert_eq!(budget.spent(&NODE, day(23)), 500);
        assert_eq!(budget.spent(&NODE, day(25)), 0);
        assert_eq!(budget.spent(&NodeId([2; 16]), day(24)), 0);
        for _ in 0..200 {
            budget.spend((NODE, area), day(25), 1).unwrap();
        }
        drop(budget);
        let before = std::fs::metadata(&file).unwrap().len();
        let budget = Budget::open(&file).unwrap();
        assert!(std::fs::metadata(&file).unwrap().len() < before / 10);
        assert_eq!(budget.spent(&NODE, day(25)), 200);
        let all: Vec<u64> = budget.all().iter().map(|it| it.elements).collect();
        assert_eq!(all, [200, 500]);
    }
}
