//! Reading: records, indexes, totals and the logs themselves, while the writer writes.
//!
//! A scan is no snapshot: rows may come and go under it. What must be one moment asks for the state as of a position.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use lika_core::{
    command::{Change, Circumstances, Refusal},
    log::{Entry, Kind, Salt},
    record::{Index, Key, Term},
    rollup::Period,
    value::{ActorId, AreaCode, AreaLevel, Date, Fen, NodeId, RecordId},
};
use tokio::sync::watch;

pub use super::registry::schema::Lifecycle;
use super::{
    Error, Position, Shared, Standing, Stored, Tail,
    log::{batch, files::Located, segment},
    projection,
    registry::{
        Overlay,
        schema::{self, Head, OWN_LOG, Place},
    },
    session::{KnownOutlines, Session},
};

/// Rows of an index that are read at a time.
const ROWS_AT_A_TIME: usize = 1024;

/// Reads the store. Cheap to clone; keeps the folder in use as long as it lives.
#[derive(Clone)]
pub struct Reader {
    pub(super) shared: Arc<Shared>,
}

/// What of a record can be read: its revision, and with which keys. Only to be compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Version {
    log: u16,
    position: Position,
    /// How many keys had been destroyed.
    keys: u64,
}

/// Which records to list.
#[derive(Clone, Debug)]
pub struct Listing {
    /// The kind.
    pub kind: Kind,
    /// In this area and all areas inside it.
    pub area: AreaCode,
    /// Open or closed ones.
    pub lifecycle: Lifecycle,
    /// Where an earlier page ended.
    pub after: Option<PageToken>,
    /// How many at most.
    pub limit: usize,
}

/// Where a page ended. Opaque; its bytes may be given to clients, they hold nothing personal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageToken(pub Vec<u8>);

/// Some of the records that were asked for, by area and then by id.
#[derive(Clone, Debug)]
pub struct Page<T> {
    /// The records.
    pub items: Vec<T>,
    /// How to ask for the next page; none when this is the last.
    pub next: Option<PageToken>,
}

/// Period and dimension → count or fen.
pub type TotalsOfArea = BTreeMap<(u32, String), i64>;

/// How much of a log to read.
#[derive(Clone, Copy, Debug)]
pub enum Amount {
    /// So many entries.
    Entries(u32),
    /// Entries of so many bytes on disk, and at least one.
    Bytes(u64),
}

/// Changes that are tried, one after the other.
pub struct Rehearsal<'a> {
    session: Session<'a>,
    actor: ActorId,
    circumstances: Circumstances,
}

impl Rehearsal<'_> {
    /// What core has against a change after those that it had nothing against. What else is written meanwhile may change
    /// the answer: the command itself is decided anew.
    pub fn refuses(&mut self, change: Change) -> Result<Option<Refusal>, Error> {
        self.session
            .refuses(self.actor, change, &self.circumstances)
    }
}

impl Reader {
    pub(super) fn new(shared: Arc<Shared>) -> Self {
        Self { shared }
    }

    /// The node whose store it is.
    pub fn node(&self) -> NodeId {
        self.shared.node
    }

    /// A record as it stands. When several logs have it, the node's own comes first.
    pub fn get(&self, record: &RecordId) -> Result<Option<Stored>, Error> {
        match self.head_of(record)? {
            Some((log, head)) => self.shared.sources.stored(log, &head).map(Some),
            None => Ok(None),
        }
    }

    /// A record as it stands in the log of a node.
    pub fn get_of(&self, log: &NodeId, record: &RecordId) -> Result<Option<Stored>, Error> {
        let tails = self.standing().tails;
        let Some((number, _)) = tails.iter().find(|(_, tail)| tail.node == *log) else {
            return Ok(None);
        };
        let Some(value) = self.row(&schema::head_key(record, *number))? else {
            return Ok(None);
        };
        let head = Head::decode(&value).ok_or_else(|| unreadable(record))?;
        self.shared.sources.stored(*number, &head).map(Some)
    }

    /// Holds changes against the registry as it stands, as if an officer asked for them on a day; writes nothing.
    pub fn rehearse(&self, actor: ActorId, today: Date) -> Rehearsal<'_> {
        let shared = &*self.shared;
        let overlay = Overlay::new(&shared.registry);
        Rehearsal {
            session: Session::new(overlay, &shared.sources, KnownOutlines::default()),
            actor,
            circumstances: Circumstances {
                own_area: shared.area,
                today,
            },
        }
    }

    /// The area of a record as it stands.
    pub fn area(&self, record: &RecordId) -> Result<Option<AreaCode>, Error> {
        let head = self.head_of(record)?;
        Ok(head.map(|(_, head)| head.outline.area))
    }

    /// What would be read now of a record: as long as it is the same, so is what [`Self::get`] answers.
    pub fn version(&self, record: &RecordId) -> Result<Option<Version>, Error> {
        let keys = self.shared.sources.ring().destroyed();
        let head = self.head_of(record)?;
        Ok(head.map(|(log, head)| Version {
            log,
            position: head.position,
            keys,
        }))
    }

    /// A record as it stood when its log was at a position.
    pub fn get_as_of(&self, record: &RecordId, at: Position) -> Result<Option<Stored>, Error> {
        let found = self.head_as_of(record, |_| at)?;
        found
            .map(|(log, head)| self.shared.sources.stored(log, &head))
            .transpose()
    }

    /// What is open of a record as it stood when each log was at its position of these; of other logs, nothing. Nothing
    /// is decrypted. Many at once are read by [`Self::survey`].
    pub fn get_open(
        &self,
        record: &RecordId,
        at: &BTreeMap<NodeId, Position>,
    ) -> Result<Option<Stored>, Error> {
        let end = |log: u16| {
            // Whoever publishes waits for this, so not longer than it takes.
            let standing = self.shared.published.borrow();
            let tail = standing.tails.get(&log);
            let end = tail.and_then(|tail| at.get(&tail.node));
            end.copied().unwrap_or_default()
        };
        let found = self.head_as_of(record, end)?;
        found
            .map(|(log, head)| self.shared.sources.stored_open(log, &head))
            .transpose()
    }

    /// The log that a record is read from, and its head when that log was at a position.
    fn head_as_of(
        &self,
        record: &RecordId,
        at: impl FnOnce(u16) -> Position,
    ) -> Result<Option<(u16, Head)>, Error> {
        let Some((log, head)) = self.head_of(record)? else {
            return Ok(None);
        };
        let at = at(log);
        if head.position <= at {
            return Ok(Some((log, head)));
        }
        let found = self.earlier_at(record, log, at)?;
        Ok(found.map(|head| (log, head)))
    }

    /// The last earlier head of a record when its log was at a position.
    pub(super) fn earlier_at(
        &self,
        record: &RecordId,
        log: u16,
        at: Position,
    ) -> Result<Option<Head>, Error> {
        let mut earlier = self.earlier(record, log)?.into_iter().rev();
        Ok(earlier.find(|head| head.position <= at))
    }

    /// All revisions of a record, the first one first.
    pub fn history(&self, record: &RecordId) -> Result<Vec<Stored>, Error> {
        let Some((log, head)) = self.head_of(record)? else {
            return Ok(Vec::new());
        };
        let mut heads = self.earlier(record, log)?;
        // While it is being changed, what was read as current may be history already.
        heads.retain(|earlier| earlier.revision < head.revision);
        heads.push(head);
        heads
            .iter()
            .map(|head| self.shared.sources.stored(log, head))
            .collect()
    }

    /// The open records under a key; an open term is a prefix.
    pub fn find(&self, key: &Key) -> Result<Vec<RecordId>, Error> {
        let term = projection::term_bytes(self.shared.sources.ring(), key.index, &key.term);
        let is_blind = matches!(key.term, Term::Blind(_));
        let mut seen = BTreeSet::new();
        let mut found = Vec::new();
        for (row, _) in self.scan(&schema::under_term(key.index, &term), None, usize::MAX)? {
            let Some((whole, _, record)) = schema::of_index_key(&row) else {
                continue;
            };
            let fits = whole.starts_with(&term) && (!is_blind || whole.len() == term.len());
            if fits && seen.insert(record) {
                found.push(record);
            }
        }
        Ok(found)
    }

    /// The open records of an index whose open terms are not after the last one, in the order of their terms. All terms
    /// of the index are as long as the last one.
    pub fn find_up_to(&self, index: Index, last: &[u8]) -> Result<Vec<RecordId>, Error> {
        let prefix = schema::under_term(index, &[]);
        let mut found = Vec::new();
        let mut from: Option<Vec<u8>> = None;
        loop {
            let rows = self.scan(&prefix, from.as_deref(), ROWS_AT_A_TIME)?;
            for (row, _) in &rows {
                match schema::of_index_key(row) {
                    Some((term, _, record)) if term <= last => found.push(record),
                    _ => return Ok(found),
                }
            }
            match rows.last() {
                Some((row, _)) if rows.len() == ROWS_AT_A_TIME => {
                    from = Some([row.as_ref(), &[0]].concat());
                }
                _ => return Ok(found),
            }
        }
    }

    /// Records of a kind in an area, page by page.
    pub fn list(&self, listing: &Listing) -> Result<Page<Stored>, Error> {
        let Page { items, next } = self.list_ids(listing)?;
        let records = items
            .iter()
            .map(|record| self.get(record))
            .collect::<Result<Vec<_>, _>>()?;
        Ok(Page {
            items: records.into_iter().flatten().collect(),
            next,
        })
    }

    /// The ids of records of a kind in an area, page by page: one scan, no reading of the log.
    pub fn list_ids(&self, listing: &Listing) -> Result<Page<RecordId>, Error> {
        let Listing {
            kind,
            area,
            lifecycle,
            after,
            limit,
        } = listing;
        let prefix = schema::within_area(*lifecycle, *kind, area);
        let from = after
            .as_ref()
            .map(|PageToken(key)| [key.as_slice(), &[0]].concat());
        let mut rows = self.scan(&prefix, from.as_deref(), limit.saturating_add(1))?;
        let has_more = rows.len() > *limit;
        rows.truncate(*limit);
        let next = rows
            .last()
            .filter(|_| has_more)
            .map(|(key, _)| PageToken(key.to_vec()));
        let mut items: Vec<RecordId> = rows
            .iter()
            .filter_map(|(key, _)| schema::record_of_area_key(key))
            .map(|(record, _)| record)
            .collect();
        items.dedup();
        Ok(Page { items, next })
    }

    /// What the posted transfers leave on an account, in the log that the account is read from.
    pub fn balance(&self, account: &RecordId) -> Result<Fen, Error> {
        let Some((log, _)) = self.head_of(account)? else {
            return Ok(Fen::ZERO);
        };
        match self.row(&schema::balance_key(account, log))? {
            Some(value) => schema::balance(&value)
                .ok_or_else(|| Error::Registry(format!("the balance of {account} cannot be read"))),
            None => Ok(Fen::ZERO),
        }
    }

    /// The totals of an area for a period, by dimension. What is not there is 0.
    pub fn totals(&self, area: &AreaCode, period: Period) -> Result<BTreeMap<String, i64>, Error> {
        let rows = self.scan(&schema::totals_of(area), None, usize::MAX)?;
        let totals = rows.iter().filter_map(|(key, value)| total(key, value));
        Ok(totals
            .filter(|(_, of, ..)| *of == period)
            .map(|(_, _, dimension, value)| (dimension, value))
            .collect())
    }

    /// The totals of the areas directly below an area for a period, by area and dimension.
    ///
    /// They are those of the widest level that has any: a city without counties answers with its townships.
    pub fn totals_below(
        &self,
        area: &AreaCode,
        period: Period,
    ) -> Result<BTreeMap<AreaCode, BTreeMap<String, i64>>, Error> {
        let mut below: BTreeMap<AreaCode, BTreeMap<String, i64>> = BTreeMap::new();
        for level in LEVELS.into_iter().filter(|level| *level > area.level()) {
            let prefix = schema::totals_below(level as u8, area);
            for (key, value) in self.scan(&prefix, None, usize::MAX)? {
                let Some((child, of, dimension, value)) = total(&key, &value) else {
                    continue;
                };
                if of == period {
                    below.entry(child).or_default().insert(dimension, value);
                }
            }
            if !below.is_empty() {
                break;
            }
        }
        Ok(below)
    }

    /// The totals of an area by period and dimension, in one scan. What is not there is 0.
    pub fn all_totals(&self, area: &AreaCode) -> Result<TotalsOfArea, Error> {
        let rows = self.scan(&schema::totals_of(area), None, usize::MAX)?;
        let totals = rows.iter().filter_map(|(key, value)| total(key, value));
        Ok(totals
            .map(|(_, period, dimension, value)| ((period.number(), dimension), value))
            .collect())
    }

    /// The same of each area directly below an area: those of the widest level that has any.
    pub fn all_totals_below(
        &self,
        area: &AreaCode,
    ) -> Result<BTreeMap<AreaCode, TotalsOfArea>, Error> {
        for level in LEVELS.into_iter().filter(|level| *level > area.level()) {
            let rows = self.scan(&schema::totals_below(level as u8, area), None, usize::MAX)?;
            let mut below: BTreeMap<AreaCode, TotalsOfArea> = BTreeMap::new();
            for (key, value) in &rows {
                if let Some((child, period, dimension, value)) = total(key, value) {
                    let of_child = below.entry(child).or_default();
                    of_child.insert((period.number(), dimension), value);
                }
            }
            if !below.is_empty() {
                return Ok(below);
            }
        }
        Ok(BTreeMap::new())
    }

    /// The periods for which an area has totals.
    pub fn periods(&self, area: &AreaCode) -> Result<BTreeSet<u32>, Error> {
        let rows = self.scan(&schema::totals_of(area), None, usize::MAX)?;
        Ok(rows
            .iter()
            .filter_map(|(key, value)| total(key, value))
            .map(|(_, period, ..)| period.number())
            .collect())
    }

    /// A salt that this node can make again at any time, and nobody else, with the key of its indexes.
    pub fn salt(&self, domain: &str, content: &[u8]) -> Salt {
        self.shared.sources.ring().salt(domain, content)
    }

    /// The entries of a node's log after a position, as they are at rest. None when there are no more.
    pub fn entries_after(
        &self,
        node: &NodeId,
        after: Position,
        most_bytes: u64,
    ) -> Result<Vec<Entry>, Error> {
        let standing = self.standing();
        let Some((log, tail)) = standing.tails.iter().find(|(_, tail)| tail.node == *node) else {
            return Ok(Vec::new());
        };
        if after >= tail.position {
            return Ok(Vec::new());
        }
        let from = Position {
            epoch: after.epoch.max(super::log::FIRST_EPOCH),
            seq: after.seq + 1,
        };
        read_entries(&self.shared, *log, from, &Amount::Bytes(most_bytes))
    }

    /// An entry of a node's log, as it is at rest; none when it is not there.
    pub fn entry_at(&self, node: &NodeId, at: Position) -> Result<Option<Entry>, Error> {
        let Some(seq) = at.seq.checked_sub(1) else {
            return Ok(None);
        };
        let found = self.entries_after(node, Position { seq, ..at }, 1)?;
        Ok(found.into_iter().find(|entry| entry.header().seq == at.seq))
    }

    /// The end of a node's log; none when there is no entry of it.
    pub fn head(&self, node: &NodeId) -> Option<Tail> {
        self.standing()
            .tails
            .into_values()
            .find(|tail| tail.node == *node)
    }

    /// The ends of all logs, the node's own first.
    pub fn heads(&self) -> Vec<Tail> {
        self.standing().tails.into_values().collect()
    }

    /// How many entries of each log this version could keep but not read, by kind number.
    pub fn unprojected(&self) -> Result<u64, Error> {
        let rows = self.scan(&schema::unprojected(), None, usize::MAX)?;
        Ok(rows
            .iter()
            .filter_map(|(_, value)| value.as_ref().try_into().ok())
            .map(u64::from_be_bytes)
            .sum())
    }

    /// Sees every change of the standing: after a change, what was written can be read.
    pub fn subscribe(&self) -> watch::Receiver<Standing> {
        self.shared.published.subscribe()
    }

    /// Where everything stands now.
    pub fn standing(&self) -> Standing {
        self.shared.published.borrow().clone()
    }

    fn row(&self, key: &[u8]) -> Result<Option<sled::IVec>, Error> {
        self.shared.heed(self.shared.registry.get(key))
    }

    pub(super) fn scan(
        &self,
        prefix: &[u8],
        from: Option<&[u8]>,
        limit: usize,
    ) -> Result<Vec<(sled::IVec, sled::IVec)>, Error> {
        self.shared
            .heed(self.shared.registry.scan(prefix, from, limit))
    }

    pub(super) fn head_of(&self, record: &RecordId) -> Result<Option<(u16, Head)>, Error> {
        // Most records are the node's own, and a lookup is far cheaper than a scan.
        if let Some(value) = self.row(&schema::head_key(record, OWN_LOG))? {
            return Head::decode(&value)
                .map(|head| Some((OWN_LOG, head)))
                .ok_or_else(|| unreadable(record));
        }
        let rows = self.scan(&schema::heads(record), None, 1)?;
        let Some((key, value)) = rows.first() else {
            return Ok(None);
        };
        let found = schema::log_of_head(key).zip(Head::decode(value));
        found.map(Some).ok_or_else(|| unreadable(record))
    }

    fn earlier(&self, record: &RecordId, log: u16) -> Result<Vec<Head>, Error> {
        let rows = self.scan(&schema::earlier(record, log), None, usize::MAX)?;
        rows.iter()
            .map(|(_, value)| Head::decode(value).ok_or_else(|| unreadable(record)))
            .collect()
    }
}

/// Reads entries of a log from a position on, up to the published end.
pub(super) fn read_entries(
    shared: &Shared,
    log: u16,
    from: Position,
    amount: &Amount,
) -> Result<Vec<Entry>, Error> {
    let Some(tail) = shared.published.borrow().tails.get(&log).cloned() else {
        return Ok(Vec::new());
    };
    let found = shared.heed(
        shared
            .registry
            .last_at_or_before(&schema::places(log), &schema::place_key(log, from)),
    )?;
    let Some(place) = found.and_then(|(key, value)| Place::decode(&key, &value)) else {
        return Ok(Vec::new());
    };
    let files = shared.sources.files(log)?;
    let mut walk = Walk { place, files };
    let (mut entries, mut bytes) = (Vec::new(), 0);
    while walk.place.position <= tail.position {
        let at = walk.place.position;
        let Located { entry, length } = walk.next()?;
        if at < from {
            continue;
        }
        bytes += u64::from(length);
        let is_enough = match amount {
            Amount::Entries(most) => entries.len() as u64 >= u64::from(*most),
            Amount::Bytes(most) => bytes > *most && !entries.is_empty(),
        };
        if is_enough {
            break;
        }
        entries.push(entry);
    }
    Ok(entries)
}

/// Walks from entry to entry, over the ends of batches and segments.
struct Walk {
    place: Place,
    files: super::log::files::Files,
}

impl Walk {
    fn next(&mut self) -> Result<Located, Error> {
        if self.place.offset == self.place.end {
            self.enter_batch()?;
        }
        let located = self.files.entry_at(self.place.segment, self.place.offset)?;
        self.place.offset += batch::ENTRY_PREFIX as u64 + u64::from(located.length);
        self.place.position.seq += 1;
        Ok(located)
    }

    fn enter_batch(&mut self) -> Result<(), Error> {
        let next = segment::Segment {
            epoch: self.place.segment.epoch,
            first_seq: self.place.position.seq,
        };
        if self.files.has(next)? {
            self.place.segment = next;
            self.place.end = segment::HEADER_LENGTH;
        }
        let start = self.place.end;
        let (first, end) = self.files.batch_bounds(self.place.segment, start)?;
        self.place.offset = first;
        self.place.end = end;
        Ok(())
    }
}

const LEVELS: [AreaLevel; 5] = [
    AreaLevel::Province,
    AreaLevel::Prefecture,
    AreaLevel::County,
    AreaLevel::Township,
    AreaLevel::Village,
];

fn total(key: &[u8], value: &[u8]) -> Option<(AreaCode, Period, String, i64)> {
    let (area, period, dimension) = schema::of_total_key(key)?;
    Some((
        area,
        period,
        dimension.to_owned(),
        i64::from_be_bytes(value.try_into().ok()?),
    ))
}

fn unreadable(record: &RecordId) -> Error {
    Error::Registry(format!("the head of {record} cannot be read"))
}
