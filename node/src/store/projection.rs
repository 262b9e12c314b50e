//! What an entry changes in the registry: the same for what was just decided, replayed, or received.

use lika_core::{
    command::Outline,
    log::{Action, Entry, Kind, tree::Edge},
    record::{Index, Key, Posting, Record, Term},
    rollup::{self, Coverage},
    value::{AreaCode, Digest, RecordId},
};

use crate::store::{
    Error, Position,
    keyring::KeyRing,
    log::{
        batch::{Batch, Request, Span},
        segment::Segment,
    },
    registry::{
        Overlay,
        schema::{self, Done, Head, Lifecycle, Place},
    },
    stored::Sources,
};

/// Puts the indexes, totals and postings of a record's new state in the place of those of its earlier one.
pub fn stage(
    overlay: &mut Overlay<'_>,
    ring: &KeyRing,
    log: u16,
    before: Option<&Record>,
    after: &Record,
) -> Result<(), Error> {
    let covered = covered(before, after);
    for coverage in &covered {
        cover(overlay, log, coverage, before.unwrap_or(after), -1)?;
    }
    let old = before
        .map(|record| rows(ring, log, record))
        .unwrap_or_default();
    let new = rows(ring, log, after);
    for key in old.iter().filter(|key| !new.contains(key)) {
        overlay.set(key.clone(), None)?;
    }
    for key in new.into_iter().filter(|key| !old.contains(key)) {
        match before {
            Some(_) => overlay.set(key, Some(Vec::new()))?,
            None => overlay.set_fresh(key, Vec::new()),
        }
    }
    for coverage in &covered {
        cover(overlay, log, coverage, after, 1)?;
    }
    if let Some(before) = before.filter(|record| !record.closed) {
        overlay.tally(&before.area, before.body.tallies(), -1);
    }
    if !after.closed {
        overlay.tally(&after.area, after.body.tallies(), 1);
    }
    post(overlay, log, before, -1)?;
    post(overlay, log, Some(after), 1)
}

/// Moves what a record moves between accounts, or moves it back. Rules ask for balances, so they are changed at once.
fn post(
    overlay: &mut Overlay<'_>,
    log: u16,
    record: Option<&Record>,
    sign: i64,
) -> Result<(), Error> {
    let record = record.filter(|record| !record.closed);
    let postings = record.map(|record| record.body.postings());
    for Posting { account, amount } in postings.into_iter().flatten() {
        overlay.add(schema::balance_key(&account, log), sign * amount.0)?;
    }
    Ok(())
}

/// Makes an entry the current revision of its record; the one before becomes history.
pub fn put_head(
    overlay: &mut Overlay<'_>,
    log: u16,
    record: &RecordId,
    head: &Head,
) -> Result<(), Error> {
    let key = schema::head_key(record, log);
    let Some(earlier) = overlay.get(&key)? else {
        overlay.set_fresh(key, head.encode());
        return Ok(());
    };
    let revision = Head::decode(&earlier).map_or(0, |earlier| earlier.revision);
    overlay.set(schema::history_key(record, log, revision), Some(earlier))?;
    overlay.set(key, Some(head.encode()))
}

/// Makes an entry that creates a record its current revision: saves the look at what was there before.
pub fn put_first_head(overlay: &mut Overlay<'_>, log: u16, record: &RecordId, head: &Head) {
    overlay.set_fresh(schema::head_key(record, log), head.encode());
}

/// The record as the overlay has it.
pub fn current(
    overlay: &Overlay<'_>,
    sources: &Sources,
    log: u16,
    record: &RecordId,
) -> Result<Option<Record>, Error> {
    if let Some(known) = overlay.record(log, record) {
        return Ok(Some(known.clone()));
    }
    match head(overlay, log, record)? {
        Some(head) => Ok(sources.stored(log, &head)?.into_record()),
        None => Ok(None),
    }
}

/// The record from outside, as its head has it.
pub fn outline(
    overlay: &Overlay<'_>,
    log: u16,
    record: &RecordId,
) -> Result<Option<Outline>, Error> {
    Ok(head(overlay, log, record)?.map(|head| head.outline))
}

fn head(overlay: &Overlay<'_>, log: u16, record: &RecordId) -> Result<Option<Head>, Error> {
    let Some(value) = overlay.get(&schema::head_key(record, log))? else {
        return Ok(None);
    };
    let head = Head::decode(&value);
    head.map(Some)
        .ok_or_else(|| Error::Registry(format!("the head of {record} cannot be read")))
}

/// The term as it is in a key.
pub fn term_bytes(ring: &KeyRing, index: Index, term: &Term) -> Vec<u8> {
    match term {
        Term::Open(bytes) => bytes.clone(),
        Term::Blind(text) => ring
            .blind(&format!("index/{}", index.number()), text.as_bytes())
            .to_vec(),
    }
}

/// Where the batch that is being projected is.
#[derive(Clone, Copy, Debug)]
pub struct Site {
    /// The number of the log.
    pub log: u16,
    /// The segment.
    pub segment: Segment,
    /// Where in it the batch begins.
    pub offset: u64,
    /// Where in it the batch ends.
    pub end: u64,
}

impl Site {
    /// The head that names an entry of the batch.
    pub fn head(&self, entry: &Entry, span: Span) -> Head {
        let header = entry.header();
        Head {
            position: Position {
                epoch: header.epoch,
                seq: header.seq,
            },
            segment: self.segment,
            offset: self.offset + span.offset,
            length: span.length,
            revision: header.revision,
            outline: Outline {
                kind: header.kind,
                area: header.area,
                closed: header.action == Action::Close,
            },
        }
    }

    /// The rows by which the entries of the batch are found by position.
    pub fn put_places(&self, overlay: &mut Overlay<'_>, first_seq: u64, spans: &[Span]) {
        let mut last = None;
        for (seq, span) in (first_seq..).zip(spans) {
            if last.is_some_and(|last| span.offset < last + schema::PLACE_EVERY) {
                continue;
            }
            last = Some(span.offset);
            let position = Position {
                epoch: self.segment.epoch,
                seq,
            };
            let place = Place {
                position,
                segment: self.segment,
                offset: self.offset + span.offset,
                end: self.end,
            };
            overlay.set_fresh(schema::place_key(self.log, position), place.encode());
        }
    }

    /// The row by which a request that comes again is known.
    pub fn put_request(&self, overlay: &mut Overlay<'_>, first_seq: u64, request: &Request) {
        let Request {
            id,
            hash,
            first,
            count,
        } = *request;
        let first = Position {
            epoch: self.segment.epoch,
            seq: first_seq + u64::from(first),
        };
        overlay.set_fresh(
            schema::request_key(&id),
            Done { hash, first, count }.encode(),
        );
    }
}

/// Projects a whole batch from the log.
pub fn replay(
    overlay: &mut Overlay<'_>,
    sources: &Sources,
    site: &Site,
    batch: &Batch,
) -> Result<(), Error> {
    let mut written = Written::new(batch.header.first_seq);
    for index in 0..batch.len() {
        let span = batch.span(index);
        let entry = batch
            .entry(index)
            .map_err(|error| damaged(sources, site, span, &error.to_string()))?;
        project(overlay, sources, site, &entry, span)?;
        written.note(&entry, span);
    }
    finish(overlay, site, &written, &batch.requests)
}

/// The entries of a batch, as far as they matter to it as a whole.
pub struct Written {
    first_seq: u64,
    spans: Vec<Span>,
    hashes: Vec<Digest>,
}

impl Written {
    /// A batch that begins with this sequence number, without entries yet.
    pub fn new(first_seq: u64) -> Self {
        Self {
            first_seq,
            spans: Vec::new(),
            hashes: Vec::new(),
        }
    }

    /// Notes the next entry, and where it is in the batch.
    pub fn note(&mut self, entry: &Entry, span: Span) {
        self.spans.push(span);
        self.hashes.push(*entry.hash());
    }
}

/// Projects one entry that is, or is about to be, in the log.
pub fn project(
    overlay: &mut Overlay<'_>,
    sources: &Sources,
    site: &Site,
    entry: &Entry,
    span: Span,
) -> Result<(), Error> {
    let head = site.head(entry, span);
    let record = entry.header().record;
    let stored = sources
        .open(entry, head.outline.closed)
        .map_err(|_| damaged(sources, site, span, "a sealed part cannot be decrypted"))?;
    let kind = stored.header.kind;
    match stored.into_record() {
        Some(after) => {
            let before = current(overlay, sources, site.log, &record)?;
            stage(overlay, sources.ring(), site.log, before.as_ref(), &after)?;
            overlay.set_record(site.log, after);
            put_head(overlay, site.log, &record, &head)
        }
        None => count_unprojected(overlay, site.log, kind),
    }
}

/// Adds what belongs to a batch as a whole.
pub fn finish(
    overlay: &mut Overlay<'_>,
    site: &Site,
    written: &Written,
    requests: &[Request],
) -> Result<(), Error> {
    let Written {
        first_seq,
        spans,
        hashes,
    } = written;
    site.put_places(overlay, *first_seq, spans);
    for request in requests {
        site.put_request(overlay, *first_seq, request);
    }
    grow_tree(overlay, site, *first_seq, hashes)
}

/// Adds entries to the tree of their log and epoch.
fn grow_tree(
    overlay: &mut Overlay<'_>,
    site: &Site,
    first_seq: u64,
    hashes: &[Digest],
) -> Result<(), Error> {
    let (log, epoch) = (site.log, site.segment.epoch);
    let key = schema::edge_key(log, epoch);
    let edge = match overlay.get(&key)? {
        Some(value) => schema::edge(&value),
        None => Some(Edge::default()),
    };
    let mut edge = edge
        .filter(|edge| edge.size() + 1 == first_seq)
        .ok_or_else(|| {
            Error::Registry(format!("the tree of log {log} does not end at {first_seq}"))
        })?;
    for hash in hashes {
        edge.push(hash, |subtree, root| {
            if subtree.level >= schema::KEPT_LEVEL {
                let key = schema::subtree_key(log, epoch, subtree);
                overlay.set_fresh(key, root.0.to_vec());
            }
        });
    }
    overlay.set(key, Some(schema::edge_value(&edge)))
}

/// A kind or a field of a newer peer: kept, verified, counted, and left alone until this node is upgraded.
fn count_unprojected(overlay: &mut Overlay<'_>, log: u16, kind: Kind) -> Result<(), Error> {
    overlay.add(schema::unprojected_key(log, kind), 1)
}

fn damaged(sources: &Sources, site: &Site, span: Span, what: &str) -> Error {
    match sources.files(site.log) {
        Ok(files) => Error::damaged(files.path(site.segment), site.offset + span.offset, what),
        Err(error) => error,
    }
}

/// The keys under which a record is found, its area among them.
fn rows(ring: &KeyRing, log: u16, record: &Record) -> Vec<Vec<u8>> {
    let kind = record.body.kind();
    let place = |lifecycle| schema::area_key(lifecycle, kind, &record.area, &record.id, log);
    if record.closed {
        return vec![place(Lifecycle::Closed)];
    }
    let mut rows = vec![place(Lifecycle::Open)];
    for Key { index, term } in record.body.keys() {
        rows.push(schema::index_key(
            index,
            &term_bytes(ring, index, &term),
            log,
            &record.id,
        ));
    }
    rows
}

/// The records whose common figures a change may alter.
fn covered(before: Option<&Record>, after: &Record) -> Vec<Coverage> {
    let mut covered: Vec<Coverage> = Vec::new();
    for coverage in before
        .into_iter()
        .chain([after])
        .flat_map(|record| record.body.coverages())
    {
        if !covered
            .iter()
            .any(|known| known.is_of_same_records(&coverage))
        {
            covered.push(coverage);
        }
    }
    covered
}

/// Adds what the open records of a coverage add together, or takes it away; `own` is one of them as it stands at this
/// moment.
fn cover(
    overlay: &mut Overlay<'_>,
    log: u16,
    coverage: &Coverage,
    own: &Record,
    sign: i64,
) -> Result<(), Error> {
    let subject = &coverage.subject.0;
    let keys = overlay.keys_under(&schema::under_term(coverage.index, subject))?;
    let mut found = Vec::new();
    for key in &keys {
        let Some((term, of_log, record)) = schema::of_index_key(key) else {
            continue;
        };
        if let Some(term) = term.get(subject.len()..).filter(|_| of_log == log) {
            found.push((area_of(overlay, log, own, &record)?, term));
        }
    }
    for (area, tallies) in rollup::covering(coverage, &found) {
        overlay.tally(&area, tallies, sign);
    }
    Ok(())
}

/// Where a record stands. Most are alone under their subject, and then nothing is read.
fn area_of(
    overlay: &Overlay<'_>,
    log: u16,
    own: &Record,
    record: &RecordId,
) -> Result<AreaCode, Error> {
    if *record == own.id {
        return Ok(own.area);
    }
    if let Some(staged) = overlay.record(log, record) {
        return Ok(staged.area);
    }
    let head = head(overlay, log, record)?;
    // What is in an index has a head; one that has none is found when the registry is compared with its digest.
    Ok(head.map_or(own.area, |head| head.outline.area))
}
