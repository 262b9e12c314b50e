//! Alerts of a comparing node: two counties, two handles, and what either has said about it.
//!
//! ```text
//!  found ──▶ open ──one signs──▶ open ──the other signs the same──▶ settled
//!              │  ▲
//!   a token goes  the token comes again
//!              ▼  │
//!            lapsed
//! ```

use std::{collections::BTreeMap, path::Path};

use lika_core::{
    record::{Handle, KeeperSignature, OwnershipSide as Side},
    value::{NodeId, RecordId},
};
use serde::{Deserialize, Serialize};

use super::{Error, journal::Journal, statement::Statement};

/// Two counties have one person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alert {
    /// Follows from the sides: the same two members are one alert, however often and under whichever version they meet.
    pub id: RecordId,
    /// The two, in the order of their node ids.
    pub sides: [Side; 2],
    /// The areas of the two when they met, in digits.
    pub areas: [String; 2],
    /// Milliseconds since 1970-01-01T00:00:00Z.
    pub found_at: u64,
    /// Whether one of the two no longer has the member.
    pub lapsed: bool,
    /// What they have said.
    pub said: Vec<Said>,
}

/// A member of a county, and the county's area in digits.
pub type Met = (Side, String);

/// What a county has said about an alert.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// Where the person stays registered.
    pub keeps: NodeId,
    /// The county's signature.
    pub signed: KeeperSignature,
}

/// All alerts, on the disk.
#[derive(Debug)]
pub struct Alerts {
    journal: Journal,
    alerts: BTreeMap<RecordId, Alert>,
    /// Which alerts name a member.
    of: BTreeMap<Side, Vec<RecordId>>,
}

#[derive(Debug, Deserialize, Serialize)]
enum Event {
    Found {
        sides: [([u8; 16], [u8; 16], String); 2],
        at: u64,
    },
    Lapsed {
        alert: [u8; 16],
    },
    Said {
        alert: [u8; 16],
        keeps: [u8; 16],
        node: [u8; 16],
        key: [u8; 32],
        signature: Vec<u8>,
    },
}

impl Alert {
    /// That two members are one person.
    pub fn of(mut met: [Met; 2], found_at: u64) -> Self {
        met.sort_unstable();
        let [(one, one_area), (other, other_area)] = met;
        let bytes = [one.node.0, one.handle.0, other.node.0, other.handle.0].concat();
        Self {
            id: RecordId::derived("lika.duplicate", &bytes),
            sides: [one, other],
            areas: [one_area, other_area],
            found_at,
            lapsed: false,
            said: Vec::new(),
        }
    }

    /// The side of a node; none when it is not one of the two.
    pub fn side(&self, node: &NodeId) -> Option<&Side> {
        self.sides.iter().find(|side| side.node == *node)
    }

    /// What a node has said.
    pub fn said_by(&self, node: &NodeId) -> Option<&Said> {
        self.said.iter().find(|said| said.signed.node == *node)
    }

    /// What both have signed; none until they agree.
    pub fn settled(&self) -> Option<Statement> {
        let [one, other] = &self.said[..] else {
            return None;
        };
        let is_agreed = one.keeps == other.keeps;
        is_agreed.then(|| self.statement(one.keeps))?
    }

    /// The statement that a node keeps the person.
    pub fn statement(&self, keeps: NodeId) -> Option<Statement> {
        Statement::that_keeps(keeps, self.id, self.sides)
    }
}

impl Alerts {
    /// Reads them.
    pub fn open(file: &Path) -> Result<Self, Error> {
        let (mut alerts, mut of) = (BTreeMap::new(), BTreeMap::new());
        let journal = Journal::open(file, |event| apply(&mut alerts, &mut of, event))?;
        Ok(Self {
            journal,
            alerts,
            of,
        })
    }

    /// One of them.
    pub fn get(&self, alert: &RecordId) -> Option<&Alert> {
        self.alerts.get(alert)
    }

    /// All of them.
    pub fn all(&self) -> impl Iterator<Item = &Alert> {
        self.alerts.values()
    }

    /// Those that wait for somebody.
    pub fn open_ones(&self) -> usize {
        let waits = |alert: &&Alert| !alert.lapsed && alert.settled().is_none();
        self.alerts.values().filter(waits).count()
    }

    /// Notes matches, durably.
    pub fn find(&mut self, matches: &[[Met; 2]], at: u64) -> Result<(), Error> {
        let found = matches.iter().map(|met| Event::Found {
            sides: met
                .clone()
                .map(|(side, area)| (side.node.0, side.handle.0, area)),
            at,
        });
        self.record(found.collect())
    }

    /// Notes that members are no longer there.
    pub fn lapse(&mut self, gone: &[Side]) -> Result<(), Error> {
        let alerts = gone.iter().filter_map(|side| self.of.get(side)).flatten();
        let lapsed = alerts.map(|alert| Event::Lapsed { alert: alert.0 });
        self.record(lapsed.collect())
    }

    /// Notes that nothing is here of a node any more.
    pub fn lapse_all_of(&mut self, node: &NodeId) -> Result<(), Error> {
        let of = self
            .alerts
            .values()
            .filter(|alert| alert.side(node).is_some());
        let lapsed = of.filter(|alert| !alert.lapsed);
        let lapsed = lapsed.map(|alert| Event::Lapsed { alert: alert.id.0 });
        self.record(lapsed.collect())
    }

    /// Notes what a county says; its last word counts.
    pub fn say(&mut self, alert: &RecordId, said: Said) -> Result<(), Error> {
        let Said { keeps, signed } = said;
        self.record(vec![Event::Said {
            alert: alert.0,
            keeps: keeps.0,
            node: signed.node.0,
            key: signed.key,
            signature: signed.signature.to_vec(),
        }])
    }

    fn record(&mut self, events: Vec<Event>) -> Result<(), Error> {
        self.journal.append(&events)?;
        for event in events {
            apply(&mut self.alerts, &mut self.of, event);
        }
        Ok(())
    }
}

fn apply(
    alerts: &mut BTreeMap<RecordId, Alert>,
    of: &mut BTreeMap<Side, Vec<RecordId>>,
    event: Event,
) {
    match event {
        Event::Found { sides, at } => {
            let met = sides.map(|(node, handle, area)| {
                let (node, handle) = (NodeId(node), Handle(handle));
                (Side { node, handle }, area)
            });
            let found = Alert::of(met, at);
            for side in found.sides {
                let known = of.entry(side).or_default();
                if !known.contains(&found.id) {
                    known.push(found.id);
                }
            }
            alerts.entry(found.id).or_insert(found).lapsed = false;
        }
        Event::Lapsed { alert } => {
            if let Some(alert) = alerts.get_mut(&RecordId(alert)) {
                alert.lapsed = true;
            }
        }
        Event::Said {
            alert,
            keeps,
            node,
            key,
            signature,
        } => {
            let alert = alerts.get_mut(&RecordId(alert));
            let Some((alert, signature)) = alert.zip(signature.try_into().ok()) else {
                return;
            };
            let signed = KeeperSignature {
                node: NodeId(node),
                key,
                signature,
            };
            alert.said.retain(|said| said.signed.node != signed.node);
            alert.said.push(Said {
                keeps: NodeId(keeps),
                signed,
            });
        }
    }
}
