//! Logs in memory, with entries that core sealed and verifies.

use std::{
    collections::BTreeMap,
    convert::Infallible,
    future::{Future, pending},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
};

use bytes::Bytes;
use lika_core::{
    log::{Action, Class, Draft, Entry, Kind, Part, Place, Salt, Sealer},
    value::{ActorId, AreaCode, Digest, NodeId, RecordId, RequestId},
};
use tokio::sync::watch;

use crate::federation::{
    CarriedLogs, Head, Known, LogCheckpoint, LogError, LogHead, Member, NotReceived, NotWitnessed,
    PeerLogs, ShownFork,
};

pub const PERSONAL: &str = "兰花村王小明13800000000";
pub const CIPHER: &[u8] = b"nonce-and-ciphertext:";

pub fn area(digits: &str) -> AreaCode {
    AreaCode::parse(digits).unwrap()
}

pub fn luxi() -> Member {
    Member {
        node: NodeId([1; 16]),
        area: area("360323"),
    }
}

pub fn jiangxi() -> Member {
    Member {
        node: NodeId([2; 16]),
        area: area("36"),
    }
}

/// The entry of a log after its head, with something personal sealed in it.
pub fn next(of: &Member, head: Head, area: AreaCode, open: &[u8], sealer: &mut Naive) -> Entry {
    let seq = head.seq + 1;
    let record = RecordId::derived("test", &seq.to_be_bytes());
    let draft = Draft {
        action: Action::Create,
        kind: Kind::Household,
        record,
        revision: 1,
        area,
        open: Bytes::copy_from_slice(open),
        sealed: vec![Part {
            subject: record,
            class: Class::Identity,
            content: PERSONAL.into(),
        }],
    };
    let place = Place {
        node: of.node,
        epoch: head.epoch,
        seq,
        previous: head.hash,
        recorded_at: 1_480_000_000_000 + seq,
        actor: ActorId([3; 16]),
        request: RequestId(record.0),
    };
    let Ok(entry) = Entry::seal(draft, &place, sealer);
    entry
}

/// Salts that differ between logs, and "ciphertext" in the clear, so that a search would find what leaks.
pub struct Naive {
    history: u8,
    count: u64,
}

impl Naive {
    /// Two of different histories never seal alike.
    pub fn new(history: u8) -> Self {
        Self { history, count: 0 }
    }
}

impl Sealer for Naive {
    type Error = Infallible;

    fn salt(&mut self) -> Result<Salt, Infallible> {
        self.count += 1;
        let seed = [&[self.history][..], &self.count.to_be_bytes()].concat();
        Ok(Salt(Digest::of(&seed).0))
    }

    fn seal(
        &mut self,
        _: &RecordId,
        _: Class,
        salt: &Salt,
        content: &[u8],
        _: &Digest,
    ) -> Result<Bytes, Infallible> {
        Ok([CIPHER, &salt.0, content].concat().into())
    }
}

/// The log of a node.
pub struct Own {
    member: Member,
    entries: Mutex<(Vec<Entry>, Naive)>,
    head: watch::Sender<Head>,
    /// After which entries the link has read.
    pub reads: Mutex<Vec<u64>>,
    /// The last entry of the last checkpoint that the upper node has signed.
    pub witnessed: watch::Sender<u64>,
}

impl Own {
    /// An empty log; two with different histories never have an entry in common.
    pub fn new(member: Member, history: u8) -> Self {
        Self {
            member,
            entries: Mutex::new((Vec::new(), Naive::new(history))),
            head: watch::Sender::new(Head::EMPTY),
            reads: Mutex::default(),
            witnessed: watch::Sender::default(),
        }
    }

    pub fn with_entries(member: Member, history: u8, count: usize) -> Self {
        let log = Self::new(member, history);
        log.write(count);
        log
    }

    /// Writes entries about the node's area.
    pub fn write(&self, count: usize) {
        for _ in 0..count {
            self.write_under(self.member.area, b"open part");
        }
    }

    pub fn write_under(&self, area: AreaCode, open: &[u8]) {
        let mut entries = self.entries.lock().unwrap();
        let (entries, sealer) = &mut *entries;
        let entry = next(&self.member, *self.head.borrow(), area, open, sealer);
        let head = Head::of(&entry);
        entries.push(entry);
        self.head.send_replace(head);
    }

    pub fn entries(&self) -> Vec<Entry> {
        self.entries.lock().unwrap().0.clone()
    }

    pub fn end(&self) -> Head {
        *self.head.borrow()
    }
}

impl Own {
    /// The log, and where it ends.
    pub fn log(&self) -> LogHead {
        LogHead::of(self.member, Some(self.end()))
    }
}

impl CarriedLogs for Own {
    fn heads(&self) -> Result<Vec<LogHead>, LogError> {
        Ok(vec![self.log()])
    }

    fn entries_after(
        &self,
        _: &NodeId,
        seq: u64,
        max_bytes: usize,
    ) -> Result<Vec<Entry>, LogError> {
        self.reads.lock().unwrap().push(seq);
        let entries = self.entries.lock().unwrap();
        let after = entries.0.iter().skip(usize::try_from(seq)?);
        Ok(as_many_as_fit(after, max_bytes))
    }

    fn checkpoint(&self, _: &NodeId, head: Head) -> Result<Option<String>, LogError> {
        Ok(Some(note(head)))
    }

    fn witnessed(&self, checkpoint: &LogCheckpoint) -> Result<(), LogError> {
        let seq = seq_of(&checkpoint.note);
        self.witnessed.send_replace(seq);
        Ok(())
    }

    fn grown(&self, known: &BTreeMap<NodeId, u64>) -> impl Future<Output = Vec<LogHead>> + Send {
        let mut head = self.head.subscribe();
        let beyond = known.get(&self.member.node).copied().unwrap_or_default();
        let of = self.member;
        async move {
            let grown = head.wait_for(|head| head.seq > beyond).await;
            match grown.map(|head| *head).ok() {
                Some(head) => vec![LogHead { of, head }],
                None => pending().await,
            }
        }
    }
}

/// The first of the entries, up to a size, and at least one.
pub fn as_many_as_fit<'a>(
    entries: impl Iterator<Item = &'a Entry>,
    max_bytes: usize,
) -> Vec<Entry> {
    let mut bytes = 0;
    let fit = entries.take_while(|entry| {
        let is_first = bytes == 0;
        bytes += entry.encode().len();
        is_first || bytes <= max_bytes
    });
    fit.cloned().collect()
}

/// The logs of the nodes below.
#[derive(Default)]
pub struct Peers {
    logs: Mutex<BTreeMap<NodeId, Vec<Entry>>>,
    pub is_broken: AtomicBool,
    /// Held by a test, nothing is stored.
    pub gate: tokio::sync::Mutex<()>,
    /// The checkpoints that agree, by their logs.
    pub witnessed: Mutex<BTreeMap<NodeId, u64>>,
    /// What was to be kept of logs with two histories.
    pub forks: Mutex<Vec<ShownFork>>,
    /// The sequence numbers that came to be stored, in their order.
    pub offered: Mutex<Vec<u64>>,
    /// How many batches have been stored.
    stored: watch::Sender<usize>,
}

impl Peers {
    pub fn entries(&self, node: NodeId) -> Vec<Entry> {
        let logs = self.logs.lock().unwrap();
        logs.get(&node).cloned().unwrap_or_default()
    }

    /// Puts another log in the place of one, as an older or a forged disk would.
    pub fn replace(&self, node: NodeId, log: Vec<Entry>) {
        self.logs.lock().unwrap().insert(node, log);
        self.stored.send_modify(|stored| *stored += 1);
    }

    /// Everything that it holds, as it would be on disk.
    pub fn bytes(&self) -> Vec<u8> {
        let logs = self.logs.lock().unwrap();
        logs.values().flatten().flat_map(Entry::encode).collect()
    }
}

impl PeerLogs for Peers {
    fn known(&self, log: &LogHead) -> Result<Known, LogError> {
        let entries = self.entries(log.of.node);
        let at = |entry: &&Entry| entry.header().seq == log.head.seq;
        Ok(Known {
            head: entries.last().map_or(Head::EMPTY, Head::of),
            area: entries.first().map(|entry| entry.header().area),
            there: entries.iter().find(at).map(Head::of),
        })
    }

    async fn receive(&self, from: Member, entries: Vec<Entry>) -> Result<Head, NotReceived> {
        let _turn = self.gate.lock().await;
        if self.is_broken.load(Ordering::Relaxed) {
            return Err(NotReceived::Failed("the disk is full".into()));
        }
        let seqs = entries.iter().map(|entry| entry.header().seq);
        self.offered.lock().unwrap().extend(seqs);
        let mut logs = self.logs.lock().unwrap();
        let log = logs.entry(from.node).or_default();
        let head = receive(log, &from, entries);
        drop(logs);
        self.stored.send_modify(|stored| *stored += 1);
        head
    }

    fn witness(&self, checkpoint: &LogCheckpoint) -> Result<LogCheckpoint, NotWitnessed> {
        let LogCheckpoint { log, note: said } = checkpoint;
        let entries = self.entries(*log);
        let seq = seq_of(said);
        let ours = entries.iter().find(|entry| entry.header().seq == seq);
        let ours = ours.ok_or(NotWitnessed::Unknown)?;
        if *said != note(Head::of(ours)) {
            return Err(NotWitnessed::Forked(seq));
        }
        self.witnessed.lock().unwrap().insert(*log, seq);
        Ok(checkpoint.clone())
    }

    fn keep_fork(&self, fork: ShownFork) {
        self.forks.lock().unwrap().push(fork);
    }
}

/// The logs of a node in between, which passes on what it has from below.
pub struct Between {
    pub own: Own,
    pub below: Arc<Peers>,
}

impl Between {
    fn news(&self, known: &BTreeMap<NodeId, u64>) -> Vec<LogHead> {
        let mut heads = self.heads().unwrap();
        heads.retain(|log| known.get(&log.of.node) < Some(&log.head.seq));
        heads
    }
}

impl CarriedLogs for Between {
    fn heads(&self) -> Result<Vec<LogHead>, LogError> {
        let below = self.below.logs.lock().unwrap();
        let below = below.iter().filter_map(|(node, log)| {
            let area = log.first()?.header().area;
            let of = Member { node: *node, area };
            Some(LogHead::of(of, log.last().map(Head::of)))
        });
        Ok([self.own.log()].into_iter().chain(below).collect())
    }

    fn entries_after(
        &self,
        log: &NodeId,
        seq: u64,
        max_bytes: usize,
    ) -> Result<Vec<Entry>, LogError> {
        if *log == self.own.member.node {
            return self.own.entries_after(log, seq, max_bytes);
        }
        let entries = self.below.entries(*log);
        let after = entries.iter().skip(usize::try_from(seq)?);
        Ok(as_many_as_fit(after, max_bytes))
    }

    fn checkpoint(&self, log: &NodeId, head: Head) -> Result<Option<String>, LogError> {
        if *log == self.own.member.node {
            return self.own.checkpoint(log, head);
        }
        let witnessed = self.below.witnessed.lock().unwrap().get(log).copied();
        let entries = self.below.entries(*log);
        let known = entries
            .iter()
            .find(|entry| Some(entry.header().seq) == witnessed);
        Ok(known.map(|entry| note(Head::of(entry))))
    }

    fn witnessed(&self, _: &LogCheckpoint) -> Result<(), LogError> {
        Ok(())
    }

    async fn grown(&self, known: &BTreeMap<NodeId, u64>) -> Vec<LogHead> {
        let (mut own, mut below) = (self.own.head.subscribe(), self.below.stored.subscribe());
        loop {
            let news = self.news(known);
            if !news.is_empty() {
                return news;
            }
            tokio::select! {
                _ = own.changed() => {}
                _ = below.changed() => {}
            }
        }
    }
}

/// What a store does with entries: holds those that it has against its own, and takes the others.
pub fn receive(
    log: &mut Vec<Entry>,
    from: &Member,
    entries: Vec<Entry>,
) -> Result<Head, NotReceived> {
    let mut last_known = None;
    for entry in entries {
        let head = log.last().map_or(Head::EMPTY, Head::of);
        let seq = entry.header().seq;
        if seq <= head.seq {
            last_known = Some(entry);
            continue;
        }
        check_known(log, last_known.take())?;
        entry
            .follows(&from.node, head.epoch, head.seq, &head.hash)
            .map_err(|error| match error {
                lika_core::log::Error::BrokenChain { seq, .. } => {
                    let entry = Box::new(entry.clone());
                    NotReceived::Forked { seq, entry }
                }
                other => NotReceived::Failed(other.into()),
            })?;
        log.push(entry);
    }
    check_known(log, last_known)?;
    Ok(log.last().map_or(Head::EMPTY, Head::of))
}

fn check_known(log: &[Entry], known: Option<Entry>) -> Result<(), NotReceived> {
    let Some(known) = known else {
        return Ok(());
    };
    let seq = known.header().seq;
    let ours = log.iter().find(|entry| entry.header().seq == seq);
    match ours.map(Head::of) == Some(Head::of(&known)) {
        true => Ok(()),
        false => Err(NotReceived::Forked {
            seq,
            entry: Box::new(known),
        }),
    }
}

/// What stands for a signed checkpoint here.
pub fn note(head: Head) -> String {
    format!("{} {}", head.seq, head.hash)
}

/// The entry that a [`note`] is about.
pub fn seq_of(note: &str) -> u64 {
    let seq = note.split(' ').next().and_then(|seq| seq.parse().ok());
    seq.unwrap_or_default()
}

pub fn contains(haystack: &[u8], needle: &[u8]) -> bool {
    haystack
        .windows(needle.len())
        .any(|window| window == needle)
}
