//! The keys of the registry: composed so that a prefix is a question. Numbers are big-endian, widths fixed.
//!
//! ```text
//!  key                                                             value
//!  ──────────────────────────────────────────────────────────────  ─────────────────────────────────────────────
//!  00 'f'                                                          format
//!  00 'b'                                                          serial(8) of the last change that was begun
//!  00 's'                                                          order(8) ‖ digest(16) ‖ keys destroyed(8) ‖
//!                                                                  serial(8) of the last change that was finished
//!  00 't' ‖ log(2)                                                 the log's tail
//!  01 ‖ record(16) ‖ log(2)                                        head: where the current revision is
//!  02 ‖ record(16) ‖ log(2) ‖ revision(4)                          head of an earlier revision
//!  03 ‖ kind(4) ‖ area(12) ‖ record(16) ‖ log(2)                   empty          open records
//!  04 ‖ kind(4) ‖ area(12) ‖ record(16) ‖ log(2)                   empty          closed records
//!  05 ‖ index(1) ‖ term ‖ log(2) ‖ record(16)                      empty          open records by their keys
//!  06 ‖ request(16)                                                keyed hash(16) ‖ epoch(4) ‖ seq(8) ‖ count(4)
//!  07 ‖ log(2) ‖ epoch(4) ‖ seq(8)                                 segment ‖ offset of the entry ‖ end of the batch
//!  08 ‖ level(1) ‖ area(12) ‖ period(4) ‖ dimension                total(8)       absent when 0
//!  09 ‖ log(2) ‖ kind(4)                                           entries that this version cannot project(8)
//!  0a ‖ account(16) ‖ log(2)                                       balance(8)     absent when 0
//!  0b ‖ log(2) ‖ epoch(4) ‖ level(1) ‖ index(8)                    root(32) of a whole subtree of entries
//!  0c ‖ log(2) ‖ epoch(4)                                          size(8) ‖ roots(32 each): the tree's right edge
//! ```
//!
//! `log` is the number of the log that the record is from: 0 is the node's own. The same record may be in two logs
//! (a county and its province both know the county's area), and neither can touch the other's.
//! A blind term is 16 bytes of a keyed hash; an open term is as the kind declares it.
//! `07` has a row for the first entry of each batch and for one in every [`PLACE_EVERY`] bytes of a large batch.
//! `0b` has a row for each subtree of [`KEPT_LEVEL`] and above; smaller ones are computed from the entries.

use lika_core::{
    command::Outline,
    log::{
        Kind,
        tree::{Edge, Subtree},
    },
    record::Index,
    rollup::Period,
    value::{AreaCode, Digest, Fen, NodeId, RecordId, RequestId},
};

use crate::store::{
    Position,
    bytes::{Cursor, Put as _},
    log::{Tail, segment::Segment},
};

/// The number of the node's own log.
pub const OWN_LOG: u16 = 0;
/// Everything about the registry itself; not part of its digest.
pub const META: u8 = 0;
/// The key of the format.
pub const FORMAT: &[u8] = b"\0f";
/// The format that this version reads and writes. A registry of another one is rebuilt.
pub const CURRENT_FORMAT: &[u8] = &[5];
/// Order, digest, and the last change that was finished.
pub const STANDING: &[u8] = b"\0s";
/// The last change that was begun.
pub const BEGUN: &[u8] = b"\0b";
/// The tails of logs.
pub const TAILS: &[u8] = b"\0t";
/// Distance between the rows of [`place_key`] inside a large batch.
pub const PLACE_EVERY: u64 = 256 * 1024;
/// Subtrees of the log's tree are kept from this level on: 256 entries, which are read in a millisecond or two.
pub const KEPT_LEVEL: u8 = 8;

const HEAD: u8 = 1;
const HISTORY: u8 = 2;
const OPEN_IN_AREA: u8 = 3;
const CLOSED_IN_AREA: u8 = 4;
const KEY: u8 = 5;
const REQUEST: u8 = 6;
const PLACE: u8 = 7;
const ROLLUP: u8 = 8;
const UNPROJECTED: u8 = 9;
const BALANCE: u8 = 10;
const SUBTREE: u8 = 11;
const EDGE: u8 = 12;

/// Where a revision of a record is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    /// The position of its entry.
    pub position: Position,
    /// The segment.
    pub segment: Segment,
    /// Where the entry's prefix begins in the segment.
    pub offset: u64,
    /// The length of the entry.
    pub length: u32,
    /// The revision.
    pub revision: u32,
    /// What the record is, so that a reference to it can be checked without reading the log.
    pub outline: Outline,
}

/// What is known of a request that was carried out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Done {
    /// The keyed hash of the command.
    pub hash: [u8; 16],
    /// The position of its first entry in the node's own log.
    pub first: Position,
    /// The number of its entries.
    pub count: u32,
}

/// Where reading a log can begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// The position of the entry.
    pub position: Position,
    /// The segment.
    pub segment: Segment,
    /// Where the entry's prefix begins.
    pub offset: u64,
    /// Where its batch ends.
    pub end: u64,
}

/// The key of a log's tail.
pub fn tail_key(log: u16) -> Vec<u8> {
    let mut key = TAILS.to_vec();
    key.put_u16(log);
    key
}

/// The value of [`tail_key`].
pub fn tail_value(tail: &Tail) -> Vec<u8> {
    let Tail {
        node,
        position,
        hash,
        recorded_at,
        order,
        segment,
        end,
    } = tail;
    let mut value = node.0.to_vec();
    put_position(&mut value, *position);
    value.extend_from_slice(&hash.0);
    value.put_u64(*recorded_at);
    value.put_u64(*order);
    put_segment(&mut value, *segment);
    value.put_u64(*end);
    value
}

/// Reads [`tail_key`] and [`tail_value`].
pub fn tail(key: &[u8], value: &[u8]) -> Option<(u16, Tail)> {
    let number = Cursor(key.strip_prefix(TAILS)?).u16()?;
    let mut cursor = Cursor(value);
    let tail = Tail {
        node: NodeId(cursor.array()?),
        position: take_position(&mut cursor)?,
        hash: Digest(cursor.array()?),
        recorded_at: cursor.u64()?,
        order: cursor.u64()?,
        segment: take_segment(&mut cursor)?,
        end: cursor.u64()?,
    };
    cursor.finish((number, tail))
}

/// The value of [`STANDING`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Finished {
    /// The order of the last batch.
    pub order: u64,
    /// The digest.
    pub digest: u128,
    /// How many keys had been destroyed.
    pub destroyed: u64,
    /// The last change that was finished.
    pub serial: u64,
}

impl Finished {
    /// The value.
    pub fn encode(&self) -> Vec<u8> {
        let Self {
            order,
            digest,
            destroyed,
            serial,
        } = self;
        let mut value = Vec::new();
        value.put_u64(*order);
        value.put_u128(*digest);
        value.put_u64(*destroyed);
        value.put_u64(*serial);
        value
    }

    /// Reads the value.
    pub fn decode(value: &[u8]) -> Option<Self> {
        let mut cursor = Cursor(value);
        let finished = Self {
            order: cursor.u64()?,
            digest: cursor.u128()?,
            destroyed: cursor.u64()?,
            serial: cursor.u64()?,
        };
        cursor.finish(finished)
    }
}

/// Reads the value of [`BEGUN`].
pub fn begun(value: &[u8]) -> Option<u64> {
    Cursor(value).u64()
}

/// The prefix of a record's heads in all logs.
pub fn heads(record: &RecordId) -> Vec<u8> {
    [&[HEAD][..], &record.0].concat()
}

/// The key of a record's head.
pub fn head_key(record: &RecordId, log: u16) -> Vec<u8> {
    let mut key = heads(record);
    key.put_u16(log);
    key
}

/// The prefix of the heads of all records whose ids begin with a byte.
pub fn heads_from(first: u8) -> [u8; 2] {
    [HEAD, first]
}

/// The record and the log of a [`head_key`].
pub fn of_head_key(key: &[u8]) -> Option<(RecordId, u16)> {
    let mut cursor = Cursor(key.get(1..)?);
    let found = (RecordId(cursor.array()?), cursor.u16()?);
    cursor.finish(found)
}

/// The log of a [`head_key`].
pub fn log_of_head(key: &[u8]) -> Option<u16> {
    of_head_key(key).map(|(_, log)| log)
}

/// The prefix of the earlier revisions of a record.
pub fn earlier(record: &RecordId, log: u16) -> Vec<u8> {
    let mut key = [&[HISTORY][..], &record.0].concat();
    key.put_u16(log);
    key
}

/// The key of an earlier revision.
pub fn history_key(record: &RecordId, log: u16, revision: u32) -> Vec<u8> {
    let mut key = earlier(record, log);
    key.put_u32(revision);
    key
}

/// Whether a key is that of an earlier revision.
pub fn is_history(key: &[u8]) -> bool {
    key.first() == Some(&HISTORY)
}

impl Head {
    /// The value of [`head_key`] and [`history_key`].
    pub fn encode(&self) -> Vec<u8> {
        let Self {
            position,
            segment,
            offset,
            length,
            revision,
            outline: Outline { kind, area, closed },
        } = self;
        let mut value = Vec::with_capacity(61);
        put_position(&mut value, *position);
        put_segment(&mut value, *segment);
        value.put_u64(*offset);
        value.put_u32(*length);
        value.put_u32(*revision);
        value.put_u32(kind.number());
        value.extend_from_slice(&area.key());
        value.push(u8::from(*closed));
        value
    }

    /// Reads the value.
    pub fn decode(value: &[u8]) -> Option<Self> {
        let mut cursor = Cursor(value);
        let head = Self {
            position: take_position(&mut cursor)?,
            segment: take_segment(&mut cursor)?,
            offset: cursor.u64()?,
            length: cursor.u32()?,
            revision: cursor.u32()?,
            outline: Outline {
                kind: Kind::from_number(cursor.u32()?)?,
                area: area_of_key(cursor.take(12)?)?,
                closed: cursor.u8()? == 1,
            },
        };
        cursor.finish(head)
    }
}

/// Which records of an area.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lifecycle {
    /// Those that count.
    Open,
    /// Those that were closed.
    Closed,
}

/// The prefix of the records of a kind in an area and the areas inside it.
pub fn within_area(lifecycle: Lifecycle, kind: Kind, area: &AreaCode) -> Vec<u8> {
    let mut key = of_kind(lifecycle, kind);
    key.extend_from_slice(area.digits().as_bytes());
    key
}

/// The key of a record in its area.
pub fn area_key(
    lifecycle: Lifecycle,
    kind: Kind,
    area: &AreaCode,
    record: &RecordId,
    log: u16,
) -> Vec<u8> {
    let mut key = of_kind(lifecycle, kind);
    key.extend_from_slice(&area.key());
    key.extend_from_slice(&record.0);
    key.put_u16(log);
    key
}

/// The record and the log of an [`area_key`].
pub fn record_of_area_key(key: &[u8]) -> Option<(RecordId, u16)> {
    let mut cursor = Cursor(key.get(17..)?);
    let found = (RecordId(cursor.array()?), cursor.u16()?);
    cursor.finish(found)
}

/// The prefix of a term in an index.
pub fn under_term(index: Index, term: &[u8]) -> Vec<u8> {
    [&[KEY, index.number()][..], term].concat()
}

/// The key of a record under a term.
pub fn index_key(index: Index, term: &[u8], log: u16, record: &RecordId) -> Vec<u8> {
    let mut key = under_term(index, term);
    key.put_u16(log);
    key.extend_from_slice(&record.0);
    key
}

/// The whole term, the log and the record of an [`index_key`].
pub fn of_index_key(key: &[u8]) -> Option<(&[u8], u16, RecordId)> {
    let (rest, record) = key.split_last_chunk::<16>()?;
    let (rest, log) = rest.split_last_chunk::<2>()?;
    Some((rest.get(2..)?, u16::from_be_bytes(*log), RecordId(*record)))
}

/// The key of a request.
pub fn request_key(request: &RequestId) -> Vec<u8> {
    [&[REQUEST][..], &request.0].concat()
}

impl Done {
    /// The value of [`request_key`].
    pub fn encode(&self) -> Vec<u8> {
        let Self { hash, first, count } = self;
        let mut value = hash.to_vec();
        put_position(&mut value, *first);
        value.put_u32(*count);
        value
    }

    /// Reads the value.
    pub fn decode(value: &[u8]) -> Option<Self> {
        let mut cursor = Cursor(value);
        let done = Self {
            hash: cursor.array()?,
            first: take_position(&mut cursor)?,
            count: cursor.u32()?,
        };
        cursor.finish(done)
    }
}

/// The prefix of the places of a log.
pub fn places(log: u16) -> Vec<u8> {
    let mut key = vec![PLACE];
    key.put_u16(log);
    key
}

/// The key of a place in a log.
pub fn place_key(log: u16, position: Position) -> Vec<u8> {
    let mut key = places(log);
    put_position(&mut key, position);
    key
}

impl Place {
    /// The value of [`place_key`].
    pub fn encode(&self) -> Vec<u8> {
        let Self {
            position: _,
            segment,
            offset,
            end,
        } = self;
        let mut value = Vec::new();
        put_segment(&mut value, *segment);
        value.put_u64(*offset);
        value.put_u64(*end);
        value
    }

    /// Reads the key and the value.
    pub fn decode(key: &[u8], value: &[u8]) -> Option<Self> {
        let position = take_position(&mut Cursor(key.get(3..)?))?;
        let mut cursor = Cursor(value);
        let place = Self {
            position,
            segment: take_segment(&mut cursor)?,
            offset: cursor.u64()?,
            end: cursor.u64()?,
        };
        cursor.finish(place)
    }
}

/// The prefix of the totals of an area.
pub fn totals_of(area: &AreaCode) -> Vec<u8> {
    let mut key = totals_below(area.level() as u8, area);
    key.truncate(2);
    key.extend_from_slice(&area.key());
    key
}

/// The prefix of the totals of the areas of a level inside an area.
pub fn totals_below(level: u8, area: &AreaCode) -> Vec<u8> {
    [&[ROLLUP, level][..], area.digits().as_bytes()].concat()
}

/// The key of a total.
pub fn total_key(area: &AreaCode, period: Period, dimension: &str) -> Vec<u8> {
    let mut key = totals_of(area);
    key.put_u32(period.number());
    key.extend_from_slice(dimension.as_bytes());
    key
}

/// The area, the period and the dimension of a [`total_key`].
pub fn of_total_key(key: &[u8]) -> Option<(AreaCode, Period, &str)> {
    let mut cursor = Cursor(key.get(2..)?);
    let area = area_of_key(cursor.take(12)?)?;
    let period = Period::from_number(cursor.u32()?);
    Some((area, period, std::str::from_utf8(cursor.0).ok()?))
}

/// The area whose twelve bytes these are.
fn area_of_key(key: &[u8]) -> Option<AreaCode> {
    let digits = key.split(|byte| *byte == 0).next()?;
    AreaCode::parse(std::str::from_utf8(digits).ok()?).ok()
}

/// The key of the number of entries of a kind that could not be projected.
pub fn unprojected_key(log: u16, kind: Kind) -> Vec<u8> {
    let mut key = vec![UNPROJECTED];
    key.put_u16(log);
    key.put_u32(kind.number());
    key
}

/// The prefix of [`unprojected_key`].
pub fn unprojected() -> [u8; 1] {
    [UNPROJECTED]
}

/// The key of what the posted transfers of a log leave on an account.
pub fn balance_key(account: &RecordId, log: u16) -> Vec<u8> {
    let mut key = [&[BALANCE][..], &account.0].concat();
    key.put_u16(log);
    key
}

/// The value of [`balance_key`].
pub fn balance(value: &[u8]) -> Option<Fen> {
    value.try_into().ok().map(i64::from_be_bytes).map(Fen)
}

/// The key of a whole subtree of a log's tree; its value is the root.
pub fn subtree_key(log: u16, epoch: u32, subtree: Subtree) -> Vec<u8> {
    let mut key = vec![SUBTREE];
    key.put_u16(log);
    key.put_u32(epoch);
    key.push(subtree.level);
    key.put_u64(subtree.index);
    key
}

/// The value of [`subtree_key`].
pub fn subtree(value: &[u8]) -> Option<Digest> {
    value.try_into().ok().map(Digest)
}

/// The key of the right edge of a log's tree.
pub fn edge_key(log: u16, epoch: u32) -> Vec<u8> {
    let mut key = vec![EDGE];
    key.put_u16(log);
    key.put_u32(epoch);
    key
}

/// The value of [`edge_key`].
pub fn edge_value(edge: &Edge) -> Vec<u8> {
    let mut value = Vec::new();
    value.put_u64(edge.size());
    for root in edge.roots() {
        value.extend_from_slice(&root.0);
    }
    value
}

/// Reads the value of [`edge_key`].
pub fn edge(value: &[u8]) -> Option<Edge> {
    let mut cursor = Cursor(value);
    let size = cursor.u64()?;
    let mut roots = Vec::new();
    while !cursor.0.is_empty() {
        roots.push(Digest(cursor.array()?));
    }
    Edge::new(size, roots)
}

fn of_kind(lifecycle: Lifecycle, kind: Kind) -> Vec<u8> {
    let mut key = match lifecycle {
        Lifecycle::Open => vec![OPEN_IN_AREA],
        Lifecycle::Closed => vec![CLOSED_IN_AREA],
    };
    key.put_u32(kind.number());
    key
}

fn put_position(bytes: &mut Vec<u8>, Position { epoch, seq }: Position) {
    bytes.put_u32(epoch);
    bytes.put_u64(seq);
}

fn take_position(cursor: &mut Cursor<'_>) -> Option<Position> {
    Some(Position {
        epoch: cursor.u32()?,
        seq: cursor.u64()?,
    })
}

fn put_segment(bytes: &mut Vec<u8>, Segment { epoch, first_seq }: Segment) {
    bytes.put_u32(epoch);
    bytes.put_u64(first_seq);
}

fn take_segment(cursor: &mut Cursor<'_>) -> Option<Segment> {
    Some(Segment {
        epoch: cursor.u32()?,
        first_seq: cursor.u64()?,
    })
}
