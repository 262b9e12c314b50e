//! The key-holder: evaluates what it cannot read, for nodes that do not compare, and not without end.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use jiff::Timestamp;
use lika_core::value::{AreaCode, AreaLevel, NodeId};

use super::{
    Error, Evaluated, MOST_ELEMENTS, Refusal,
    budget::Budget,
    folder,
    journal::make_folder,
    key::{self, Keys},
    token::{Evaluation, PublicKey},
};
use crate::clock::{Clock, end_of_day};

/// What every node may have evaluated in a day where nobody says otherwise, however small it is.
const LEAST_PER_DAY: u64 = 2_000;

/// What a key-holder is told by its configuration.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The nodes that compare. They get nothing evaluated.
    pub comparing: BTreeSet<NodeId>,
    /// Evaluations for one node in a day; none follows the number of its members.
    pub per_day: Option<u64>,
}

/// Counts the people that are registered in an area.
pub type PeopleIn = dyn Fn(&AreaCode) -> u64 + Send + Sync;

/// Holds the key.
pub struct KeyHolder {
    settings: Settings,
    key: PathBuf,
    budget: Mutex<Budget>,
    clock: Arc<dyn Clock>,
    people: Box<PeopleIn>,
}

impl fmt::Debug for KeyHolder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeyHolder")
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}

impl KeyHolder {
    /// Opens what is kept in a data folder, and the key beside the certificates; makes the first one. May block.
    pub fn open(
        settings: Settings,
        data: &Path,
        certificates: &Path,
        clock: Arc<dyn Clock>,
        people: Box<PeopleIn>,
    ) -> Result<Self, Error> {
        let folder = folder(data);
        make_folder(&folder)?;
        let budget = Budget::open(&folder.join("evaluations"))?;
        let key = key::file(certificates);
        if Keys::open(&key)?.is_none() {
            if !budget.is_empty() {
                return Err(Error::KeyMissing(key));
            }
            Keys::create(&key)?;
        }
        Ok(Self {
            settings,
            key,
            budget: Mutex::new(budget),
            clock,
            people,
        })
    }

    /// The public keys by version, and how much a node has left today. May block.
    pub fn keys_for(
        &self,
        from: (NodeId, AreaCode),
    ) -> Result<(BTreeMap<u32, PublicKey>, u64), Refusal> {
        self.may_ask(from)?;
        let spent = self.budget().spent(&from.0, self.clock.today());
        let left = self.per_day(&from.1).saturating_sub(spent);
        Ok((self.keys()?.public(), left))
    }

    /// Evaluates a batch for a node: counted, on the disk, before anything is computed. May block for long.
    pub fn evaluate(
        &self,
        from: (NodeId, AreaCode),
        version: u32,
        blinded: &[Vec<u8>],
    ) -> Result<Evaluation, Refusal> {
        self.may_ask(from)?;
        if blinded.is_empty() || blinded.len() > MOST_ELEMENTS {
            return Err(Refusal::BatchSize(blinded.len()));
        }
        // Read each time: the command line rotates it while the node serves.
        let keys = self.keys()?;
        let key = keys
            .version(version)
            .ok_or(Refusal::UnknownVersion(version))?;
        self.spend(from, blinded.len() as u64)?;
        key.evaluate(blinded)
    }

    /// The public keys by version.
    pub fn public_keys(&self) -> Result<BTreeMap<u32, PublicKey>, Error> {
        Ok(self.keys()?.public())
    }

    /// What was evaluated, by node and day, the newest day first.
    pub fn evaluated(&self) -> Vec<Evaluated> {
        self.budget().all()
    }

    fn keys(&self) -> Result<Keys, Error> {
        Keys::open(&self.key)?.ok_or_else(|| Error::KeyMissing(self.key.clone()))
    }

    /// Whoever has the tokens of many counties could find out whose they are if they could make any. Nodes that compare
    /// are named in the configuration; besides, nobody registers people for a whole province.
    fn may_ask(&self, (node, area): (NodeId, AreaCode)) -> Result<(), Refusal> {
        let is_wide = area.level() <= AreaLevel::Province;
        match is_wide || self.settings.comparing.contains(&node) {
            true => Err(Refusal::ComparesItself(node)),
            false => Ok(()),
        }
    }

    /// All members once and a quarter more, as after a rotation: enough for an honest county, and years for whoever would
    /// try all numbers of one.
    fn per_day(&self, area: &AreaCode) -> u64 {
        let by_members = || {
            let people = (self.people)(area);
            people.saturating_add(people / 4).max(LEAST_PER_DAY)
        };
        self.settings.per_day.unwrap_or_else(by_members)
    }

    fn spend(&self, from: (NodeId, AreaCode), asked: u64) -> Result<(), Refusal> {
        let today = self.clock.today();
        let budget = self.per_day(&from.1);
        let mut counts = self.budget();
        let left = budget.saturating_sub(counts.spent(&from.0, today));
        if asked > left {
            let again_ms = end_of_day(today).saturating_add(1);
            let again = i64::try_from(again_ms).ok();
            let again = again.and_then(|again| Timestamp::from_millisecond(again).ok());
            return Err(Refusal::Budget {
                budget,
                left,
                asked,
                again: again.map_or_else(String::new, |again| again.to_string()),
                again_ms,
            });
        }
        Ok(counts.spend(from, today, asked)?)
    }

    fn budget(&self) -> MutexGuard<'_, Budget> {
        // It counts what is on the disk; a panic elsewhere changes nothing about that.
        self.budget.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
