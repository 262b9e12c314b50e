//! Recounting: the totals of an area once more from its records, held against those that are maintained.
//!
//! ```text
//!  snapshot ──▶ township by township: heads ──▶ entries ──▶ tallies ──▶ totals of the township and its villages ══ maintained
//!                                                              └──▶ added to what is around it, at the end    ══ maintained
//! ```
//!
//! One moment of the registry, whatever is written meanwhile. What is held in memory is one township, and the figures of
//! the areas around townships. What counts is in the open parts of records, so nothing is decrypted and a province
//! recounts what it was sent.

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
};

use lika_core::{
    log::Kind,
    record::{Body, Index, Term},
    rollup::{self, Coverage, Period},
    value::{AreaCode, AreaLevel, NodeId, RecordId},
};

use super::{
    Error, Position, Reader, Stored,
    registry::{
        Snapshot,
        schema::{self, Head, Lifecycle},
    },
    survey::share_out,
};

/// Rows that are read at a time.
const PAGE: usize = 4096;
/// Bytes of an area in a key.
const AREA_LENGTH: usize = 12;

/// A total that is not what the records add up to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Of which area.
    pub area: AreaCode,
    /// Of which period.
    pub period: Period,
    /// Which figure.
    pub dimension: String,
    /// What the roll-ups say; 0 where they say nothing.
    pub maintained: i64,
    /// What the records add up to.
    pub recounted: i64,
}

/// What was held against each other.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recounted {
    /// The logs as they stood at that moment.
    pub at: BTreeMap<NodeId, Position>,
    /// Records that were read.
    pub records: u64,
    /// Totals that were compared.
    pub totals: u64,
    /// Totals that differ.
    pub differences: u64,
}

/// Whoever hears of a recount while it goes on.
pub trait Witness {
    /// So many townships of so many are done.
    fn goes_on(&mut self, done: u64, of: u64);

    /// A total differs.
    fn differs(&mut self, difference: Difference);

    /// Whether nobody wants to know any more: then the rest is not counted.
    fn is_gone(&self) -> bool {
        false
    }
}

impl Reader {
    /// Adds up the records of an area once more and holds every total of it and of the areas inside it against them.
    ///
    /// Blocks, and serves meanwhile; [`Error::Outrun`] where more was written than can be kept apart.
    pub fn recount(&self, area: &AreaCode, witness: &mut dyn Witness) -> Result<Recounted, Error> {
        let recounted = Recount::begin(self, *area).and_then(|recount| recount.run(witness));
        self.shared.heed(recounted)
    }
}

/// By area, period and dimension.
type Figures = BTreeMap<(AreaCode, Period, Cow<'static, str>), i64>;

/// Records that count together, by their log, index and subject.
type Together = BTreeMap<(u16, u8, RecordId), (Coverage, Vec<(AreaCode, Vec<u8>)>)>;

/// What some records add.
#[derive(Default)]
struct Taken {
    records: u64,
    figures: Figures,
    together: Together,
}

struct Recount<'a> {
    reader: &'a Reader,
    snapshot: Snapshot,
    /// Which number the log of a node has.
    logs: BTreeMap<NodeId, u16>,
    area: AreaCode,
    /// What the areas around townships come to.
    around: Figures,
    done: Recounted,
}

impl<'a> Recount<'a> {
    fn begin(reader: &'a Reader, area: AreaCode) -> Result<Self, Error> {
        let snapshot = reader.shared.registry.snapshot()?;
        let tails = &snapshot.standing.tails;
        let logs = tails.iter().map(|(log, tail)| (tail.node, *log)).collect();
        let at = tails.values().map(|tail| (tail.node, tail.position));
        Ok(Self {
            done: Recounted {
                at: at.collect(),
                ..Recounted::default()
            },
            reader,
            logs,
            area,
            around: Figures::new(),
            snapshot,
        })
    }

    fn run(mut self, witness: &mut dyn Witness) -> Result<Recounted, Error> {
        let of = self.townships()?;
        let (mut pieces, mut done) = (Pieces::new(), 0);
        while let Some(piece) = pieces.next(&self.snapshot, &self.area)? {
            if witness.is_gone() {
                return Ok(self.done);
            }
            self.piece(&piece, witness)?;
            done += u64::from(piece.level() >= AreaLevel::Township);
            witness.goes_on(done, of.max(done));
        }
        let (own, mut around) = (self.area, std::mem::take(&mut self.around));
        for level in WIDE.into_iter().filter(|level| *level >= own.level()) {
            self.compare(level, &own, &mut around, witness)?;
        }
        self.unmatched(around, witness);
        Ok(self.done)
    }

    /// How many townships are registered here.
    fn townships(&self) -> Result<u64, Error> {
        let prefix = schema::within_area(Lifecycle::Open, Kind::Area, &self.area);
        let base = schema::within_area(Lifecycle::Open, Kind::Area, &AreaCode::NATION).len();
        let (mut many, mut from) = (0, prefix.clone());
        loop {
            let rows = self.snapshot.scan(&prefix, Some(&from), PAGE)?;
            let areas = rows.iter().filter_map(|(key, _)| area_in(key, base));
            many += areas
                .filter(|area| area.level() == AreaLevel::Township)
                .count() as u64;
            match rows.last() {
                Some((key, _)) if rows.len() == PAGE => from = [key.as_slice(), &[0]].concat(),
                _ => return Ok(many),
            }
        }
    }

    /// Adds up one township, or what stands in one area around townships.
    fn piece(&mut self, piece: &AreaCode, witness: &mut dyn Witness) -> Result<(), Error> {
        let Taken {
            records,
            mut figures,
            together,
        } = self.read(&self.heads(piece)?)?;
        self.done.records += records;
        for ((log, _, _), (coverage, records)) in together {
            for (area, tallies) in self.covering(piece, log, &coverage, records)? {
                for tally in tallies {
                    let figure = figures.entry((area, tally.period, tally.dimension));
                    add(figure.or_default(), tally.value);
                }
            }
        }
        let mut inside = Figures::new();
        for ((area, period, dimension), value) in figures {
            let around = area.ancestors_inclusive();
            for area in around.take_while(|around| self.area.contains(around)) {
                let figures = match area.level() >= AreaLevel::Township {
                    true => &mut inside,
                    false => &mut self.around,
                };
                let figure = figures.entry((area, period, dimension.clone()));
                add(figure.or_default(), value);
            }
        }
        if piece.level() < AreaLevel::Township {
            return Ok(());
        }
        let own = match self.area.level() {
            AreaLevel::Village => self.area,
            _ => *piece,
        };
        for level in [AreaLevel::Township, AreaLevel::Village] {
            if level >= own.level() {
                self.compare(level, &own, &mut inside, witness)?;
            }
        }
        self.unmatched(inside, witness);
        Ok(())
    }

    /// The open records of a piece, of every log, in the order in which they stand there.
    fn heads(&self, piece: &AreaCode) -> Result<Vec<(u16, Head)>, Error> {
        let mut heads = Vec::new();
        for kind in Kind::ALL {
            let prefix = self.records_of(*kind, piece);
            let mut from = prefix.clone();
            loop {
                let rows = self.snapshot.scan(&prefix, Some(&from), PAGE)?;
                for (key, _) in &rows {
                    let named = schema::record_of_area_key(key).ok_or_else(unreadable)?;
                    heads.push(self.head(named)?);
                }
                match rows.last() {
                    Some((key, _)) if rows.len() == PAGE => {
                        from = [key.as_slice(), &[0]].concat();
                    }
                    _ => break,
                }
            }
        }
        heads.sort_unstable_by_key(|(log, head)| (*log, head.segment, head.offset));
        Ok(heads)
    }

    /// The prefix of the records of a kind in a piece: in a township all inside it, around townships those in the area
    /// itself.
    fn records_of(&self, kind: Kind, piece: &AreaCode) -> Vec<u8> {
        if piece.level() >= AreaLevel::Township {
            let own = match self.area.level() {
                AreaLevel::Village => &self.area,
                _ => piece,
            };
            return schema::within_area(Lifecycle::Open, kind, own);
        }
        let base = schema::within_area(Lifecycle::Open, kind, &AreaCode::NATION);
        [base.as_slice(), &piece.key()].concat()
    }

    fn head(&self, (record, log): (RecordId, u16)) -> Result<(u16, Head), Error> {
        let value = self.snapshot.get(&schema::head_key(&record, log))?;
        let head = value.and_then(|value| Head::decode(&value));
        Ok((log, head.ok_or_else(unreadable)?))
    }

    fn read(&self, heads: &[(u16, Head)]) -> Result<Taken, Error> {
        let sources = &self.reader.shared.sources;
        let shares = share_out(heads, |share| {
            let mut taken = Taken::default();
            sources.each_open(share, |stored| self.take(&mut taken, stored))?;
            Ok(taken)
        })?;
        let mut all = Taken::default();
        for Taken {
            records,
            figures,
            together,
        } in shares
        {
            all.records += records;
            for (figure, value) in figures {
                add(all.figures.entry(figure).or_default(), value);
            }
            for (subject, (coverage, records)) in together {
                let known = all.together.entry(subject);
                let known = known.or_insert_with(|| (coverage, Vec::new()));
                known.1.extend(records);
            }
        }
        Ok(all)
    }

    fn take(&self, taken: &mut Taken, stored: Stored) {
        let Some(log) = self.logs.get(&stored.header.node).copied() else {
            return;
        };
        // What this version cannot read was never added.
        let Some(record) = stored.into_record() else {
            return;
        };
        taken.records += 1;
        for tally in record.body.tallies() {
            let figure = (record.area, tally.period, tally.dimension);
            add(taken.figures.entry(figure).or_default(), tally.value);
        }
        let mut seen: Vec<Coverage> = Vec::new();
        for coverage in record.body.coverages() {
            if seen.iter().any(|known| known.is_of_same_records(&coverage)) {
                continue;
            }
            seen.push(coverage);
            let counting = (log, coverage.index.number(), coverage.subject);
            let terms = terms(&record.body, coverage.index, &coverage.subject);
            let known = taken.together.entry(counting);
            let known = known.or_insert_with(|| (coverage, Vec::new()));
            known
                .1
                .extend(terms.into_iter().map(|term| (record.area, term)));
        }
    }

    /// What records add together, as far as it is added in this piece. Most subjects have all of theirs in one; of the
    /// others each piece takes its own figures, and the first one those of the areas around.
    fn covering(
        &self,
        piece: &AreaCode,
        log: u16,
        coverage: &Coverage,
        mut records: Vec<(AreaCode, Vec<u8>)>,
    ) -> Result<Vec<(AreaCode, Vec<rollup::Tally>)>, Error> {
        let mut all = self.of_subject(log, coverage)?;
        let is_whole = all.len() == records.len();
        if !is_whole {
            records = Vec::new();
            all.sort_unstable();
            all.dedup();
            for record in all {
                let (_, head) = self.head((record, log))?;
                let stored = self.reader.shared.sources.stored_open(log, &head)?;
                let Some(record) = stored.into_record() else {
                    continue;
                };
                let terms = terms(&record.body, coverage.index, &coverage.subject);
                records.extend(terms.into_iter().map(|term| (record.area, term)));
            }
        }
        let given: Vec<(AreaCode, &[u8])> = records
            .iter()
            .map(|(area, term)| (*area, term.as_slice()))
            .collect();
        let areas = given.iter().map(|(area, _)| area);
        let first = areas
            .filter(|area| self.area.contains(area))
            .map(piece_of)
            .min();
        let mut figures = rollup::covering(coverage, &given);
        figures.retain(|(area, _)| {
            self.area.contains(area)
                && match area.level() >= AreaLevel::Township {
                    true => piece_of(area) == *piece,
                    false => first == Some(*piece),
                }
        });
        Ok(figures)
    }

    /// The open records of a subject that count together, one for each of their terms.
    fn of_subject(&self, log: u16, coverage: &Coverage) -> Result<Vec<RecordId>, Error> {
        let prefix = schema::under_term(coverage.index, &coverage.subject.0);
        let rows = self.snapshot.scan(&prefix, None, usize::MAX)?;
        let named = rows.iter().filter_map(|(key, _)| schema::of_index_key(key));
        let own = named.filter(|(_, of_log, _)| *of_log == log);
        Ok(own.map(|(_, _, record)| record).collect())
    }

    /// Holds the maintained totals of the areas of a level against what was added up, which loses what it is held
    /// against.
    fn compare(
        &mut self,
        level: AreaLevel,
        within: &AreaCode,
        recounted: &mut Figures,
        witness: &mut dyn Witness,
    ) -> Result<(), Error> {
        let prefix = schema::totals_below(level as u8, within);
        let mut from = prefix.clone();
        loop {
            let rows = self.snapshot.scan(&prefix, Some(&from), PAGE)?;
            for (key, value) in &rows {
                let (area, period, dimension) = schema::of_total_key(key).ok_or_else(unreadable)?;
                let value = value.as_slice().try_into().map_err(|_| unreadable())?;
                let maintained = i64::from_be_bytes(value);
                let figure = (area, period, Cow::Owned(dimension.to_owned()));
                let recounted = recounted.remove(&figure).unwrap_or_default();
                self.hold(figure, maintained, recounted, witness);
            }
            match rows.last() {
                Some((key, _)) if rows.len() == PAGE => from = [key.as_slice(), &[0]].concat(),
                _ => return Ok(()),
            }
        }
    }

    /// What was added up and is not maintained at all.
    fn unmatched(&mut self, recounted: Figures, witness: &mut dyn Witness) {
        for (figure, value) in recounted.into_iter().filter(|(_, value)| *value != 0) {
            self.hold(figure, 0, value, witness);
        }
    }

    fn hold(
        &mut self,
        (area, period, dimension): (AreaCode, Period, Cow<'static, str>),
        maintained: i64,
        recounted: i64,
        witness: &mut dyn Witness,
    ) {
        self.done.totals += 1;
        if maintained != recounted {
            self.done.differences += 1;
            witness.differs(Difference {
                area,
                period,
                dimension: dimension.into_owned(),
                maintained,
                recounted,
            });
        }
    }
}

/// Levels around townships, the widest first.
const WIDE: [AreaLevel; 4] = [
    AreaLevel::Nation,
    AreaLevel::Province,
    AreaLevel::Prefecture,
    AreaLevel::County,
];

/// Goes through the areas in which records stand or of which there are totals, township by township.
struct Pieces {
    /// What the keys of each kind, and of totals, begin with, and the first area there that is not done.
    rows: Vec<(Vec<u8>, Option<AreaCode>)>,
    done: Option<AreaCode>,
}

impl Pieces {
    fn new() -> Self {
        let kinds = Kind::ALL.iter();
        let records =
            kinds.map(|kind| schema::within_area(Lifecycle::Open, *kind, &AreaCode::NATION));
        let levels = [AreaLevel::Township, AreaLevel::Village];
        let totals = levels.map(|level| schema::totals_below(level as u8, &AreaCode::NATION));
        Self {
            rows: records.chain(totals).map(|base| (base, None)).collect(),
            done: None,
        }
    }

    fn next(&mut self, snapshot: &Snapshot, within: &AreaCode) -> Result<Option<AreaCode>, Error> {
        let done = self.done;
        let mut first: Option<AreaCode> = None;
        self.rows
            .retain(|(_, next)| done.is_none() || next.is_some());
        for (base, next) in &mut self.rows {
            if next.map(|area| piece_of(&area)) == done {
                *next = area_after(snapshot, base, within, done)?;
            }
            let piece = next.map(|area| piece_of(&area));
            first = [first, piece].into_iter().flatten().min();
        }
        self.done = first;
        Ok(first)
    }
}

/// The first area of such rows after a piece.
fn area_after(
    snapshot: &Snapshot,
    base: &[u8],
    within: &AreaCode,
    done: Option<AreaCode>,
) -> Result<Option<AreaCode>, Error> {
    let prefix = [base, within.digits().as_bytes()].concat();
    let from = done.map(|done| {
        let mut key = done.key();
        match done.level() >= AreaLevel::Township {
            // Digits are below it.
            true => [base, done.digits().as_bytes(), &[u8::MAX]].concat(),
            // What is inside the area has a digit where its own key has nothing.
            false => {
                key[AREA_LENGTH - 1] = 1;
                [base, key.as_slice()].concat()
            }
        }
    });
    let rows = snapshot.scan(&prefix, from.as_deref(), 1)?;
    let Some((key, _)) = rows.first() else {
        return Ok(None);
    };
    area_in(key, base.len()).map(Some).ok_or_else(unreadable)
}

fn area_in(key: &[u8], at: usize) -> Option<AreaCode> {
    let digits = key.get(at..at + AREA_LENGTH)?;
    let digits = digits.split(|byte| *byte == 0).next()?;
    AreaCode::parse(std::str::from_utf8(digits).ok()?).ok()
}

/// The township around an area, or the area itself where it is wider.
fn piece_of(area: &AreaCode) -> AreaCode {
    area.at_level(AreaLevel::Township).unwrap_or(*area)
}

/// What follows the subject in the terms of a record, each once, as in the index.
fn terms(body: &Body, index: Index, subject: &RecordId) -> BTreeSet<Vec<u8>> {
    let keys = body.keys().into_iter();
    let own = keys.filter(|key| key.index == index);
    own.filter_map(|key| match key.term {
        Term::Open(term) => term.strip_prefix(&subject.0).map(<[u8]>::to_vec),
        Term::Blind(_) => None,
    })
    .collect()
}

/// As totals are added up.
fn add(sum: &mut i64, value: i64) {
    *sum = sum.wrapping_add(value);
}

fn unreadable() -> Error {
    Error::Registry("a row of the records or totals cannot be read".to_owned())
}
