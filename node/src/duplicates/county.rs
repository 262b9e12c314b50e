//! The county: has its members' tokens made, hands them in, and hears with whom it shares somebody.
//!
//! ```text
//!  round   read the log ─► alerts, numbers ─► keys ─► evaluate what lacks a token ─► submit what differs ─► sign, settle
//! ```
//!
//! A round takes up where the last one ended, whatever stopped it; nothing is evaluated twice.

mod calls;
mod resolving;
mod scan;

use std::{
    collections::BTreeMap,
    fmt,
    path::Path,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use lika_core::{
    record::OwnershipSide as Side,
    value::{AreaCode, NodeId, RecordId},
};
use thiserror::Error as ThisError;
use tokio::{sync::watch, task::spawn_blocking, time::sleep};

pub use self::calls::{
    CallFailed, ComparingNode, Counterpart, Heard, HeardAlert, HeldKeys, Holder, SaidThere,
    SubmittedThere,
};
use super::{
    Error, MOST_CHANGES, MOST_ELEMENTS, folder,
    journal::make_folder,
    key::unhex,
    own::{Own, Step},
    table::Difference,
    token::{Batch, Comparable, PublicKey, Token},
};
use crate::{
    clock::Clock,
    evidence::SigningKey,
    gateway::{Gateway, alerts::Finding},
    telemetry,
};

/// Between attempts that fail, at most.
const LONGEST_WAIT: Duration = Duration::from_secs(3600);

/// What a county is told by its configuration.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Public keys that are known beforehand, by version, in hexadecimal digits.
    pub pins: BTreeMap<u32, String>,
    /// The time between rounds.
    pub every: Duration,
}

/// Has members of its own that others may have too.
pub struct County {
    settings: Settings,
    gateway: Gateway,
    area: AreaCode,
    signing: Arc<SigningKey>,
    clock: Arc<dyn Clock>,
    own: Mutex<Own>,
    heard: watch::Sender<Standing>,
}

/// How it stands with the others.
#[derive(Clone, Debug, Default)]
pub struct Standing {
    /// The own alerts, the newest first.
    pub alerts: Vec<HeardAlert>,
    /// Why the last round did not end; none when it did.
    pub failure: Option<String>,
    /// Members whose tokens the comparing node has, of the newest version.
    pub submitted: u64,
    /// Members whose document can be compared.
    pub comparable: u64,
}

/// Why a round does not end.
#[derive(Debug, ThisError)]
pub enum Failed {
    /// The key-holder or the comparing node.
    #[error("{who}: {source}")]
    Call {
        /// Who.
        who: &'static str,
        /// What it said.
        #[source]
        source: CallFailed,
    },
    /// The key-holder shows another key than it did, or than it was to show.
    #[error(
        "the key-holder's key of version {0} is not the one that is known; nothing is sent (token-key-differs)"
    )]
    OtherKey(u32),
    /// A key that is none.
    #[error("the key-holder's key of version {0} is no key (token-key-differs)")]
    NotAKey(u32),
    /// Its answer is none.
    #[error("the key-holder's proof is wrong; its answer is not used (proof-wrong)")]
    NotProven,
    /// The own files or the registry.
    #[error(transparent)]
    Own(#[from] Error),
    /// A command of the own registry.
    #[error(transparent)]
    Gateway(#[from] crate::gateway::Error),
    /// A task of the node ended early.
    #[error("a task of the node ended early")]
    Interrupted,
}

impl fmt::Debug for County {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("County")
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}

impl County {
    /// Opens what is kept in a data folder. What is damaged is made again. May block.
    pub fn open(
        settings: Settings,
        data: &Path,
        gateway: Gateway,
        signing: Arc<SigningKey>,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, Error> {
        let folder = folder(data);
        make_folder(&folder)?;
        let file = folder.join("own");
        let own = match Own::open(&file) {
            Err(Error::Damaged { at, .. }) => {
                let aside = folder.join(format!("own.damaged-{}", clock.now_ms()));
                tracing::error!(file = %file.display(), at, aside = %aside.display(), "moved aside; all members are evaluated again");
                std::fs::rename(&file, aside).map_err(Error::io("move aside", &file))?;
                Own::open(&file)
            }
            opened => opened,
        }?;
        Ok(Self {
            settings,
            area: gateway.area(),
            gateway,
            signing,
            clock,
            own: Mutex::new(own),
            heard: watch::Sender::default(),
        })
    }

    /// The node's id.
    pub fn node(&self) -> NodeId {
        self.gateway.reader().node()
    }

    /// How it stands.
    pub fn standing(&self) -> Standing {
        self.heard.borrow().clone()
    }

    /// The own member that an alert is about; none once it is closed or has another document.
    pub fn member(&self, side: &Side) -> Option<RecordId> {
        self.own().behind(&side.handle)
    }

    /// Goes round after round until the node is stopped.
    pub async fn keep<H: Holder, C: ComparingNode>(
        self: Arc<Self>,
        holder: H,
        comparing: C,
        mut stopped: watch::Receiver<bool>,
    ) {
        let mut failures = 0_u32;
        loop {
            let round = self.round(&holder, &comparing);
            let ended = tokio::select! {
                ended = round => ended,
                _ = stopped.wait_for(|stopped| *stopped) => return,
            };
            let wait = match ended {
                Ok(()) => {
                    failures = 0;
                    self.settings.every
                }
                Err(failed) => {
                    failures = failures.saturating_add(1);
                    self.wait_after(&failed, failures)
                }
            };
            tokio::select! {
                () = sleep(wait) => {}
                _ = stopped.wait_for(|stopped| *stopped) => return,
            }
        }
    }

    /// One round. Whatever goes wrong with the key-holder, alerts are heard and what can be handed in is.
    pub async fn round<H: Holder, C: ComparingNode>(
        self: &Arc<Self>,
        holder: &H,
        comparing: &C,
    ) -> Result<(), Failed> {
        let done = self.try_round(holder, comparing).await;
        let failure = done.as_ref().err();
        let failure = failure.map(|failed| telemetry::chain(failed));
        if let Some(failure) = &failure {
            tracing::warn!(%failure, "duplicates: the round did not end");
        }
        let latest = self.own().versions().last().copied().unwrap_or(0);
        let (submitted, comparable) = self.own().counts(latest);
        self.heard.send_modify(|standing| {
            standing.failure = failure;
            (standing.submitted, standing.comparable) = (submitted, comparable);
        });
        done
    }

    async fn try_round<H: Holder, C: ComparingNode>(
        self: &Arc<Self>,
        holder: &H,
        comparing: &C,
    ) -> Result<(), Failed> {
        self.apart(|county| county.scan()).await?;
        let heard = comparing.alerts().await.map_err(at("comparing node"))?;
        self.reconcile(&heard).await?;
        let oldest = heard.oldest_version;
        self.hear(heard).await?;
        let spoken = self.speak(comparing).await;
        let evaluated = self.evaluate(holder, oldest).await;
        self.hand_in(comparing).await?;
        let latest = evaluated?;
        spoken?;
        self.drop_before(comparing, oldest.min(latest)).await
    }

    /// Where the comparing node has another number than was sent, it has something else, and gets everything again.
    async fn reconcile(self: &Arc<Self>, heard: &Heard) -> Result<(), Failed> {
        let mut steps = Vec::new();
        let known = self.own().numbers();
        for (version, number) in known {
            let there = heard.submitted.iter().find(|it| it.version == version);
            if there.map_or(0, |there| there.number) != number {
                tracing::warn!(
                    version,
                    "the comparing node has something else; all is sent again"
                );
                steps.push(Step::restarted(version));
            }
        }
        self.remember(steps).await
    }

    /// Has everything evaluated that lacks a token, under every version that somebody needs; the newest version.
    async fn evaluate<H: Holder>(self: &Arc<Self>, holder: &H, oldest: u32) -> Result<u32, Failed> {
        let held = holder.keys().await.map_err(at("key-holder"))?;
        let keys = self
            .believe(&held)
            .inspect_err(|failed| self.alarm(failed))?;
        let Some(latest) = keys.keys().next_back().copied() else {
            return Ok(0);
        };
        let mut left = held.left;
        for (version, key) in &keys {
            let is_needed = *version == latest || (oldest > 0 && *version >= oldest);
            if !is_needed {
                continue;
            }
            if !self.own().versions().contains(version) {
                // So that a county without members has a version too, and says that it is complete.
                self.remember(vec![Step::tokens(*version, &[])]).await?;
            }
            let of = *version;
            let missing = self.apart(move |county| Ok(county.own().missing(of, usize::MAX)));
            let missing = missing.await?;
            let mut missing = &missing[..];
            while !missing.is_empty() {
                let most = usize::try_from(left).unwrap_or(MOST_ELEMENTS);
                // With nothing left, the key-holder says itself when to come back.
                let (batch, rest) =
                    missing.split_at(missing.len().min(most.clamp(1, MOST_ELEMENTS)));
                self.evaluate_batch(holder, *version, key, batch).await?;
                left = left.saturating_sub(batch.len() as u64);
                missing = rest;
            }
        }
        Ok(latest)
    }

    async fn evaluate_batch<H: Holder>(
        self: &Arc<Self>,
        holder: &H,
        version: u32,
        key: &PublicKey,
        records: &[RecordId],
    ) -> Result<(), Failed> {
        let wanted = records.to_vec();
        let blinded = self.apart(move |county| {
            let documents = county.documents(&wanted)?;
            let (records, documents): (Vec<RecordId>, Vec<Comparable>) =
                documents.into_iter().unzip();
            Ok((records, Batch::blind(&documents)?))
        });
        let (records, batch) = blinded.await?;
        if records.is_empty() {
            return Ok(());
        }
        let evaluation = holder.evaluate(version, batch.elements()).await;
        let evaluation = evaluation.map_err(at("key-holder"))?;
        let key = *key;
        let tokens = self.apart(move |_| {
            let tokens = batch.finish(version, &key, &evaluation);
            tokens.map_err(|_| Failed::NotProven)
        });
        let tokens: Vec<(RecordId, Token)> = records.into_iter().zip(tokens.await?).collect();
        self.remember(vec![Step::tokens(version, &tokens)]).await
    }

    /// The keys, held against those that are known; new ones are known from now on.
    fn believe(&self, held: &HeldKeys) -> Result<BTreeMap<u32, PublicKey>, Failed> {
        let mut own = self.own();
        let mut keys = BTreeMap::new();
        let mut steps = Vec::new();
        for (version, bytes) in &held.keys {
            let key = PublicKey::from_bytes(bytes).ok_or(Failed::NotAKey(*version))?;
            let given = self.settings.pins.get(version).map(|digits| unhex(digits));
            let is_given = given.is_none_or(|given| given.as_deref() == Some(&key.bytes()[..]));
            let is_known = own.pin(*version).is_none_or(|known| known == key.bytes());
            if !is_given || !is_known {
                return Err(Failed::OtherKey(*version));
            }
            if own.pin(*version).is_none() {
                tracing::info!(version, %key, "the key-holder's key is known from now on");
                steps.push(Step::pinned(*version, &key));
            }
            keys.insert(*version, key);
        }
        own.take(steps)?;
        Ok(keys)
    }

    /// A key-holder that shows different keys to different counties would tell them apart.
    fn alarm(&self, failed: &Failed) {
        let (Failed::OtherKey(version) | Failed::NotAKey(version)) = failed else {
            return;
        };
        let finding = Finding::new("token-key-differs", self.area, None).with("version", version);
        let gateway = self.gateway.clone();
        drop(spawn_blocking(move || gateway.raise(&[finding])));
    }

    async fn hand_in<C: ComparingNode>(self: &Arc<Self>, comparing: &C) -> Result<(), Failed> {
        let versions = self.own().versions();
        for version in versions {
            let Some(key) = self.pinned(version) else {
                continue;
            };
            let differences = self
                .apart(move |county| Ok(county.own().differences(version, MOST_CHANGES)))
                .await?;
            for difference in differences {
                let restart = difference.number == 1;
                let done = comparing.submit(version, &key, restart, &difference).await;
                match done {
                    Ok(()) => {
                        self.remember(vec![Step::sent(version, &difference)])
                            .await?
                    }
                    Err(failed) if failed.wants_all() => {
                        self.remember(vec![Step::restarted(version)]).await?;
                        return Err(at("comparing node")(failed));
                    }
                    Err(failed) => return Err(at("comparing node")(failed)),
                }
            }
        }
        Ok(())
    }

    /// Takes out what is under versions that nobody needs any more.
    async fn drop_before<C: ComparingNode>(
        self: &Arc<Self>,
        comparing: &C,
        oldest: u32,
    ) -> Result<(), Failed> {
        let old = self.own().versions().into_iter();
        let old: Vec<u32> = old.filter(|version| *version < oldest).collect();
        for version in old {
            let nothing = Difference {
                number: 1,
                ..Difference::default()
            };
            if let Some(key) = self.pinned(version) {
                let done = comparing.submit(version, &key, true, &nothing).await;
                done.map_err(at("comparing node"))?;
            }
            self.remember(vec![Step::dropped(version)]).await?;
        }
        Ok(())
    }

    fn pinned(&self, version: u32) -> Option<PublicKey> {
        self.own().pin(version).and_then(PublicKey::from_bytes)
    }

    fn wait_after(&self, failed: &Failed, failures: u32) -> Duration {
        let longest = LONGEST_WAIT.max(self.settings.every);
        if let Failed::Call { source, .. } = failed
            && let Some(again_ms) = source.again_ms
        {
            let left = again_ms.saturating_sub(self.clock.now_ms());
            // Looked at sooner, so that alerts are heard all the same.
            return Duration::from_millis(left).clamp(self.settings.every, longest);
        }
        let doubled = 1_u32.checked_shl(failures.min(12)).unwrap_or(u32::MAX);
        self.settings.every.saturating_mul(doubled).min(longest)
    }

    async fn remember(self: &Arc<Self>, steps: Vec<Step>) -> Result<(), Failed> {
        if steps.is_empty() {
            return Ok(());
        }
        self.apart(move |county| Ok(county.own().take(steps)?))
            .await
    }

    /// Off the threads that serve others.
    async fn apart<T: Send + 'static>(
        self: &Arc<Self>,
        work: impl FnOnce(&Self) -> Result<T, Failed> + Send + 'static,
    ) -> Result<T, Failed> {
        let county = Arc::clone(self);
        let done = spawn_blocking(move || work(&county)).await;
        done.map_err(|_| Failed::Interrupted)?
    }

    fn own(&self) -> MutexGuard<'_, Own> {
        // What is in memory follows what is on the disk, a whole event at a time.
        self.own.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn at(who: &'static str) -> impl FnOnce(CallFailed) -> Failed {
    move |source| Failed::Call { who, source }
}
