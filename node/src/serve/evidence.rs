//! What nodes sign of their logs: held against what is here, kept, and shown to people where it does not agree.

use std::{
    collections::BTreeMap,
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
};

use lika_core::value::{NodeId, RecordId};
use thiserror::Error as ThisError;
use tokio::{sync::watch, task::spawn_blocking};

use crate::{
    evidence::{self, Checkpoint, Fork, Kept, NotHeld, SigningKey, Version},
    federation::{Handle, Head, LogCheckpoint, LogError, NotWitnessed, ShownFork, Status},
    gateway::{Gateway, alerts::Finding},
    store::Position,
};

/// The alert of two histories, code list alert.
const FORKED: &str = "log-forked";

/// The checkpoints of all logs of this node.
pub struct Evidence {
    gateway: Gateway,
    key: Arc<SigningKey>,
    kept: Kept,
    forks: PathBuf,
    /// Up to where the node above has been shown the logs of nodes below.
    shown: Mutex<BTreeMap<NodeId, u64>>,
}

#[derive(Debug, ThisError)]
enum Odd {
    #[error("the checkpoint is of another log")]
    OtherLog,
}

impl Evidence {
    /// The checkpoints in a node's folder of data.
    pub fn open(
        gateway: Gateway,
        key: Arc<SigningKey>,
        data: &std::path::Path,
    ) -> Result<Self, evidence::Error> {
        Ok(Self {
            gateway,
            key,
            kept: Kept::in_data(data)?,
            forks: data.join("forks"),
            shown: Mutex::default(),
        })
    }

    /// A note to show the node above, which has the log up to here.
    pub fn to_show(&self, log: &NodeId, head: Head) -> Result<Option<String>, LogError> {
        if *log == self.gateway.reader().node() {
            let at = position(head);
            return Ok(self.gateway.checkpoint_at(&self.key, at, head.hash)?);
        }
        let Some(note) = self.kept.note(log, head.epoch)? else {
            return Ok(None);
        };
        let size = self
            .read(log, &note)?
            .map(|checkpoint| checkpoint.tree.size);
        let mut shown = self.shown.lock().unwrap_or_else(PoisonError::into_inner);
        let is_new = size > shown.get(log).copied();
        let fits = size.filter(|size| is_new && *size <= head.seq);
        if let Some(size) = fits {
            shown.insert(*log, size);
        }
        Ok(fits.map(|_| note))
    }

    /// Keeps what the node above has signed too.
    pub fn witnessed(&self, checkpoint: &LogCheckpoint) -> Result<(), LogError> {
        let LogCheckpoint { log, note } = checkpoint;
        match self.read(log, note)? {
            Some(read) => Ok(self.kept.keep(&read, note)?),
            None => Err(Odd::OtherLog.into()),
        }
    }

    /// Holds a checkpoint against the log that is here, keeps it and signs it too.
    pub fn witness(&self, checkpoint: &LogCheckpoint) -> Result<LogCheckpoint, NotWitnessed> {
        let LogCheckpoint { log, note } = checkpoint;
        let failed = |error: LogError| NotWitnessed::Failed(error);
        let held = evidence::hold(self.gateway.reader(), log, note);
        let read = held.map_err(|why| match why {
            NotHeld::NoKey(_) | NotHeld::NotHere(_) => NotWitnessed::Unknown,
            NotHeld::False(error) => NotWitnessed::False(error.into()),
            NotHeld::Store(error) => failed(error.into()),
            NotHeld::OtherHistory(seq) => {
                self.keep_fork(ShownFork {
                    log: *log,
                    seq,
                    entry: None,
                    note: Some(note.clone()),
                });
                NotWitnessed::Forked(seq)
            }
        })?;
        let note = read.witness(note, &self.key);
        let kept = self.kept.keep(&read, &note);
        kept.map_err(|error| failed(error.into()))?;
        Ok(LogCheckpoint { log: *log, note })
    }

    /// Keeps two histories of a log and raises the alarm. What cannot be kept is in the node's log.
    pub fn keep_fork(&self, shown: ShownFork) {
        let ShownFork {
            log,
            seq,
            entry,
            note,
        } = shown;
        let reader = self.gateway.reader();
        let epoch = reader.head(&log).map_or(1, |tail| tail.position.epoch);
        let at = Position { epoch, seq };
        let ours = Version {
            entry: reader.entry_at(&log, at).ok().flatten(),
            note: self.kept.note(&log, epoch).ok().flatten(),
        };
        let theirs = Version {
            entry: entry.map(|entry| entry.withhold()),
            note,
        };
        let area = ours.entry.as_ref().map(|entry| entry.header().area);
        let fork = Fork {
            log,
            at: (epoch, seq),
            ours,
            theirs,
        };
        let mut finding = Finding::new(
            FORKED,
            area.unwrap_or(self.gateway.area()),
            Some(RecordId(log.0)),
        )
        .with("seq", seq);
        match fork.keep(&self.forks) {
            Ok(file) => {
                let name = file.file_name().map(|name| name.to_string_lossy());
                finding = finding.with("file", name.unwrap_or_default());
            }
            Err(error) => tracing::error!(
                %log,
                error = &error as &dyn std::error::Error,
                "two histories could not be kept"
            ),
        }
        self.gateway.raise(&[finding]);
    }

    /// The checkpoint that a note is, under the key that the log names.
    fn read(&self, log: &NodeId, note: &str) -> Result<Option<Checkpoint>, LogError> {
        let Some(key) = evidence::public_key(self.gateway.reader(), log)? else {
            return Ok(None);
        };
        Ok(Some(Checkpoint::open(note, &key)?))
    }
}

/// Raises the alarm when the node above knows another history of a log that this node carries. The node goes on.
pub async fn hear_of_forks(gateway: Gateway, uplink: Handle, mut stopped: watch::Receiver<bool>) {
    let own = gateway.reader().node();
    let mut known = BTreeMap::new();
    loop {
        let news = uplink.wait_for(|status| status.forks(own) != known);
        let status = tokio::select! {
            status = news => status,
            _ = stopped.wait_for(|stopped| *stopped) => None,
        };
        let Some(status) = status else {
            return;
        };
        known = status.forks(own);
        let (raising, findings) = (gateway.clone(), findings(&gateway, &status));
        if let Err(error) = spawn_blocking(move || raising.raise(&findings)).await {
            tracing::error!(%error, "an alert of two histories could not be raised");
        }
    }
}

fn findings(gateway: &Gateway, status: &Status) -> Vec<Finding> {
    let forks = status.forks(gateway.reader().node()).into_iter();
    let found = forks.map(|(log, message)| {
        let passed = status.passed.get(&log);
        let area = passed.map_or(gateway.area(), |passed| passed.area);
        let head = passed.map_or(status.acknowledged, |passed| passed.acknowledged);
        let finding = Finding::new(FORKED, area, Some(RecordId(log.0))).with("above", message);
        match head {
            Some(head) => finding.with("acknowledged", head.seq),
            None => finding,
        }
    });
    found.collect()
}

fn position(head: Head) -> Position {
    Position {
        epoch: head.epoch,
        seq: head.seq,
    }
}
