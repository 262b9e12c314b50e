//! The comparing node: finds equal tokens of two counties, and knows nothing else of them.

use std::{
    fmt, fs,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use lika_core::{
    record::{Handle, KeeperSignature, OwnershipSide as Side},
    value::{AreaCode, NodeId, RecordId},
};

use super::{
    Error, MOST_CHANGES, Refusal,
    alerts::{Alert, Alerts, Met, Said},
    folder,
    journal::make_folder,
    table::{Difference, Slot, SlotId, Table},
    token::{PublicKey, Token},
};
use crate::clock::Clock;

/// More than anybody can look at; whoever makes so many tries something.
const MOST_ALERTS: usize = 100_000;

/// What this node knows of others.
pub trait Known: Send + Sync {
    /// The key with which a node signs its log, as its log says.
    fn signing_key(&self, node: &NodeId) -> Option<[u8; 32]>;

    /// Hears of alerts that were found, for the people of this node.
    fn found(&self, alerts: &[Alert]);

    /// Hears of an alert that both counties have signed.
    fn settled(&self, alert: &Alert);
}

/// Compares for the nodes below.
pub struct Comparing {
    inner: Mutex<Inner>,
    folder: PathBuf,
    clock: Arc<dyn Clock>,
    known: Box<dyn Known>,
}

struct Inner {
    table: Table,
    alerts: Alerts,
}

/// What a node hands in.
#[derive(Clone, Debug)]
pub struct Submission {
    /// The version of the key.
    pub version: u32,
    /// The public key of that version, as the node knows it.
    pub key: PublicKey,
    /// Forgets first what is here of the node under this version.
    pub restart: bool,
    /// What has come and gone.
    pub difference: Difference,
}

/// What is here of a node.
#[derive(Clone, Debug)]
pub struct Concern {
    /// Its alerts, the newest first.
    pub alerts: Vec<Alert>,
    /// What it has submitted, by version.
    pub submitted: Vec<Slot>,
    /// The oldest version that somebody still needs; 0 when nobody has submitted everything.
    pub oldest_version: u32,
}

impl fmt::Debug for Comparing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Comparing")
            .field("folder", &self.folder)
            .finish_non_exhaustive()
    }
}

impl Comparing {
    /// Opens what is kept in a data folder. A table that is damaged is moved aside: the counties find that theirs is
    /// gone, and submit again. May block.
    pub fn open(data: &Path, clock: Arc<dyn Clock>, known: Box<dyn Known>) -> Result<Self, Error> {
        let folder = folder(data);
        make_folder(&folder)?;
        let inner = match Inner::open(&folder) {
            Err(Error::Damaged { file, at }) => Inner::anew(&folder, &file, at, &*clock)?,
            opened => opened?,
        };
        Ok(Self {
            inner: Mutex::new(inner),
            folder,
            clock,
            known,
        })
    }

    /// Takes what a node hands in; how many tokens are here of it then. May block.
    pub fn submit(
        &self,
        from: (NodeId, AreaCode),
        submission: &Submission,
    ) -> Result<u64, Refusal> {
        let Difference { add, remove, .. } = &submission.difference;
        let changes = add.len() + remove.len();
        if changes > MOST_CHANGES {
            return Err(Refusal::SubmissionSize(changes));
        }
        let mut inner = self.inner();
        match inner.submit(from, submission, self.clock.now_ms()) {
            Ok((tokens, found)) => {
                drop(inner);
                self.known.found(&found);
                Ok(tokens)
            }
            Err(Refusal::Failed(Error::Damaged { file, at })) => {
                *inner = Inner::anew(&self.folder, &file, at, &*self.clock)?;
                Err(Refusal::OutOfOrder {
                    found: submission.difference.number,
                    expected: 1,
                })
            }
            Err(refusal) => Err(refusal),
        }
    }

    /// What concerns a node.
    pub fn concerning(&self, node: &NodeId) -> Concern {
        let inner = self.inner();
        let own = inner
            .alerts
            .all()
            .filter(|alert| alert.side(node).is_some());
        let mut alerts: Vec<Alert> = own.cloned().collect();
        alerts.sort_by_key(|alert| std::cmp::Reverse((alert.found_at, alert.id)));
        let submitted = inner.table.slots().filter(|slot| slot.node == node.0);
        Concern {
            alerts,
            submitted: submitted.cloned().collect(),
            oldest_version: inner.oldest_version(),
        }
    }

    /// Takes a node's word about one of its alerts; the alert as it stands then.
    pub fn agree(
        &self,
        from: NodeId,
        alert: &RecordId,
        keeps: NodeId,
        signature: [u8; 64],
    ) -> Result<Alert, Refusal> {
        let mut inner = self.inner();
        let unknown = || Refusal::UnknownAlert(*alert);
        let known = inner.alerts.get(alert).ok_or_else(unknown)?;
        known.side(&from).ok_or_else(unknown)?;
        let statement = known.statement(keeps).ok_or(Refusal::Malformed("keeps"))?;
        let key = self.known.signing_key(&from);
        let signed = KeeperSignature {
            node: from,
            key: key.ok_or(Refusal::UnknownSigner(from))?,
            signature,
        };
        if !statement.is_signed(&signed) {
            return Err(Refusal::NotSigned(from));
        }
        let said = Said { keeps, signed };
        if known.said_by(&from) == Some(&said) {
            return Ok(known.clone());
        }
        if known.settled().is_some() {
            return Err(Refusal::Settled(*alert));
        }
        if known.lapsed {
            return Err(Refusal::Lapsed(*alert));
        }
        inner.alerts.say(alert, said)?;
        let now = inner.alerts.get(alert).ok_or_else(unknown)?.clone();
        drop(inner);
        if now.settled().is_some() {
            self.known.settled(&now);
        }
        Ok(now)
    }

    /// All alerts, the newest first.
    pub fn alerts(&self) -> Vec<Alert> {
        let inner = self.inner();
        let mut alerts: Vec<Alert> = inner.alerts.all().cloned().collect();
        alerts.sort_by_key(|alert| std::cmp::Reverse((alert.found_at, alert.id)));
        alerts
    }

    /// Everybody's tokens, by node and version.
    pub fn slots(&self) -> Vec<Slot> {
        let mut slots: Vec<Slot> = self.inner().table.slots().cloned().collect();
        slots.sort_by(|one, next| (&one.area, one.version).cmp(&(&next.area, next.version)));
        slots
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        // What is in memory follows what is on the disk, a whole event at a time.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    fn open(folder: &Path) -> Result<Self, Error> {
        Ok(Self {
            table: Table::open(&folder.join("table"))?,
            alerts: Alerts::open(&folder.join("alerts"))?,
        })
    }

    fn anew(folder: &Path, file: &Path, at: u64, clock: &dyn Clock) -> Result<Self, Error> {
        let aside = folder.join(format!("damaged-{}", clock.now_ms()));
        tracing::error!(
            file = %file.display(), at, aside = %aside.display(),
            "the tokens are damaged and moved aside; the counties submit theirs again"
        );
        make_folder(&aside)?;
        for name in ["table", "alerts"] {
            match fs::rename(folder.join(name), aside.join(name)) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                    return Err(Error::io("move aside", &folder.join(name))(error));
                }
                _ => {}
            }
        }
        Self::open(folder)
    }

    fn submit(
        &mut self,
        from: (NodeId, AreaCode),
        submission: &Submission,
        now_ms: u64,
    ) -> Result<(u64, Vec<Alert>), Refusal> {
        let (node, area) = from;
        let Submission {
            version,
            key,
            restart,
            difference,
        } = submission;
        let known = self.table.slot(&node, *version, key.bytes());
        let expected = match (restart, known) {
            (true, _) | (false, None) => 1,
            (false, Some(slot)) => slot.number + 1,
        };
        if difference.number != expected {
            return Err(Refusal::OutOfOrder {
                found: difference.number,
                expected,
            });
        }
        let known = known.map(|slot| slot.id).filter(|_| !restart);
        let is_end = *restart && difference.add.is_empty() && !difference.complete;
        let slot = match known {
            Some(slot) => slot,
            None => {
                self.table.give_up(&node, *version)?;
                if self.table.slots().all(|slot| slot.node != node.0) {
                    self.alerts.lapse_all_of(&node)?;
                }
                if is_end {
                    return Ok((0, Vec::new()));
                }
                let area = area.digits();
                self.table.begin(node, area, *version, key.bytes())?
            }
        };
        if !self.table.fits(slot, difference)? {
            return Err(Refusal::Differs);
        }
        let found = self.take(from, slot, difference, now_ms)?;
        let tokens = self.table.slots().find(|it| it.id == slot);
        Ok((tokens.map_or(0, |slot| slot.tokens), found))
    }

    /// Alerts come first: a node that is stopped in between has one that is true, and the county, which got no answer,
    /// submits again.
    fn take(
        &mut self,
        (node, area): (NodeId, AreaCode),
        slot: SlotId,
        difference: &Difference,
        now_ms: u64,
    ) -> Result<Vec<Alert>, Refusal> {
        let side = |handle: &Handle| Side {
            node,
            handle: *handle,
        };
        let mut matches = Vec::new();
        for (token, handle) in &difference.add {
            let own = (side(handle), area.digits().to_owned());
            matches.extend(self.matches(token, slot, &own)?);
        }
        let open = self.alerts.open_ones();
        if !matches.is_empty() && open + matches.len() > MOST_ALERTS {
            return Err(Refusal::TooManyAlerts(open));
        }
        let gone: Vec<Side> = difference.remove.iter().map(|(_, it)| side(it)).collect();
        self.alerts.lapse(&gone)?;
        let news = matches.iter().map(|met| Alert::of(met.clone(), now_ms).id);
        let news: Vec<RecordId> = news.filter(|id| self.alerts.get(id).is_none()).collect();
        self.alerts.find(&matches, now_ms)?;
        self.table.apply(slot, difference)?;
        let found = news.iter().filter_map(|id| self.alerts.get(id).cloned());
        Ok(found.collect())
    }

    fn matches(&self, token: &Token, slot: SlotId, own: &Met) -> Result<Vec<[Met; 2]>, Error> {
        let others = self.table.others(token, slot)?;
        let others = others.into_iter().map(|(other, handle)| {
            let node = NodeId(other.node);
            [own.clone(), (Side { node, handle }, other.area.clone())]
        });
        Ok(others.collect())
    }

    /// Everybody has moved as far as whoever has moved least: to the newest version under which they have everything.
    fn oldest_version(&self) -> u32 {
        let mut newest = std::collections::BTreeMap::new();
        for slot in self.table.slots().filter(|slot| slot.complete) {
            let of_node = newest.entry(slot.node).or_insert(slot.version);
            *of_node = slot.version.max(*of_node);
        }
        newest.into_values().min().unwrap_or(0)
    }
}
