//! Logs in memory, with entries that core sealed and verifies.

use std::{
    collections::BTreeMap,
    convert::Infallible,
    future::{Future, pending},
    sync::{
        Mutex,
        atomic::{AtomicBool, Ordering},
    },
};

use bytes::Bytes;
use lika_core::{
    log::{Action, Class, Draft, Entry, Kind, Part, Place, Salt, Sealer},
    value::{ActorId, AreaCode, Digest, NodeId, RecordId, RequestId},
};
use tokio::sync::watch;

use crate::federation::{Head, LogError, Member, NotReceived, OwnLog, PeerLogs};

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

/// Salts that differ between logs, and "ciphertext" in the clear, so that a search would find what leaks.
struct Naive {
    history: u8,
    count: u64,
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
}

impl Own {
    /// An empty log; two with different histories never have an entry in common.
    pub fn new(member: Member, history: u8) -> Self {
        Self {
            member,
            entries: Mutex::new((Vec::new(), Naive { history, count: 0 })),
            head: watch::Sender::new(Head::EMPTY),
        }
    }

    pub fn with_entries(member: Member, history: u8, count: usize) -> Self {
        let log = Self::new(member, history);
        log.write(count);
        log
    }

    /// Writes entries about a village of the node's area.
    pub fn write(&self, count: usize) {
        for _ in 0..count {
            self.write_under(area("360323104201"), b"open part");
        }
    }

    pub fn write_under(&self, area: AreaCode, open: &[u8]) {
        let mut entries = self.entries.lock().unwrap();
        let (entries, sealer) = &mut *entries;
        let head = *self.head.borrow();
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
            node: self.member.node,
            epoch: head.epoch,
            seq,
            previous: head.hash,
            recorded_at: 1_480_000_000_000 + seq,
            actor: ActorId([3; 16]),
            request: RequestId(record.0),
        };
        let Ok(entry) = Entry::seal(draft, &place, sealer);
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

impl OwnLog for Own {
    fn head(&self) -> Result<Head, LogError> {
        Ok(self.end())
    }

    fn entries_after(&self, seq: u64, max_bytes: usize) -> Result<Vec<Entry>, LogError> {
        let mut bytes = 0;
        let entries = self.entries.lock().unwrap();
        let after = entries.0.iter().skip(usize::try_from(seq)?);
        let fit = after.take_while(|entry| {
            let is_first = bytes == 0;
            bytes += entry.encode().len();
            is_first || bytes <= max_bytes
        });
        Ok(fit.cloned().collect())
    }

    fn grown(&self, beyond: u64) -> impl Future<Output = Head> + Send {
        let mut head = self.head.subscribe();
        async move {
            let grown = head.wait_for(|head| head.seq > beyond).await;
            match grown.map(|head| *head).ok() {
                Some(head) => head,
                None => pending().await,
            }
        }
    }
}

/// The logs of the nodes below.
#[derive(Default)]
pub struct Peers {
    logs: Mutex<BTreeMap<NodeId, Vec<Entry>>>,
    pub is_broken: AtomicBool,
}

impl Peers {
    pub fn entries(&self, node: NodeId) -> Vec<Entry> {
        let logs = self.logs.lock().unwrap();
        logs.get(&node).cloned().unwrap_or_default()
    }

    /// Everything that it holds, as it would be on disk.
    pub fn bytes(&self) -> Vec<u8> {
        let logs = self.logs.lock().unwrap();
        logs.values().flatten().flat_map(Entry::encode).collect()
    }
}

impl PeerLogs for Peers {
    fn head(&self, node: &NodeId) -> Result<Head, LogError> {
        Ok(self.entries(*node).last().map_or(Head::EMPTY, Head::of))
    }

    async fn receive(&self, from: Member, entries: Vec<Entry>) -> Result<Head, NotReceived> {
        if self.is_broken.load(Ordering::Relaxed) {
            return Err(NotReceived::Failed("the disk is full".into()));
        }
        let mut logs = self.logs.lock().unwrap();
        let log = logs.entry(from.node).or_default();
        for entry in entries {
            let head = log.last().map_or(Head::EMPTY, Head::of);
            if entry.header().seq > head.seq {
                entry
                    .follows(&from.node, head.epoch, head.seq, &head.hash)
                    .map_err(|error| NotReceived::Failed(error.into()))?;
                log.push(entry);
            }
        }
        Ok(log.last().map_or(Head::EMPTY, Head::of))
    }
}

pub fn contains(haystack: &[u8], needle: &[u8]) -> bool {
    haystack
        .windows(needle.len())
        .any(|window| window == needle)
}
