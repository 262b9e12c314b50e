//! How far a case is: the procedure in force, the clock, what stands in the way.
//!
//! The rules of commands and whoever lists what is due ask the same functions.

use crate::{
    command::Registry,
    record::{Body, Calendar, Case, Index, Key, Notice, Procedure, Record, Step},
    value::{AreaCode, Code, Date, RecordId, Year},
    working_days::WorkingDays,
};

/// The records as they stand, for reading.
pub trait Records {
    /// Why they could not be read.
    type Error;

    /// A record, closed or not.
    fn record(&self, id: &RecordId) -> Result<Option<Record>, Self::Error>;

    /// The records that are not closed under a key, its term a prefix.
    fn under(&self, key: &Key) -> Result<Vec<RecordId>, Self::Error>;
}

impl<R: Registry> Records for R {
    type Error = R::Error;

    fn record(&self, id: &RecordId) -> Result<Option<Record>, Self::Error> {
        self.current(id)
    }

    fn under(&self, key: &Key) -> Result<Vec<RecordId>, Self::Error> {
        self.with_key(key)
    }
}

/// A procedure and where it comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InForce {
    /// The record.
    pub id: RecordId,
    /// The area that put it in force.
    pub area: AreaCode,
    /// What it says.
    pub procedure: Procedure,
}

/// Where a case stands on a day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// The next step; none when there is nothing left but to close the case.
    pub next: Option<Step>,
    /// What keeps it from being taken.
    pub obstacle: Option<Obstacle>,
}

/// What keeps the next step of a case from being taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Obstacle {
    /// An objection waits for its answer.
    Objection(RecordId),
    /// An objection was upheld: the case can only be rejected or withdrawn.
    Upheld(RecordId),
    /// It is not on a notice yet.
    NoNotice,
    /// It can be taken from this day on.
    Clock(Date),
}

/// The objections to a case that count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Objections {
    /// One that waits for its answer.
    pub waiting: Option<RecordId>,
    /// One that was upheld.
    pub upheld: Option<RecordId>,
}

/// The procedure by which a case of a kind begins in an area on a day: of the nearest enclosing area that has one, the
/// latest.
pub fn in_force<R: Records>(
    records: &R,
    area: &AreaCode,
    kind: &Code,
    day: Date,
) -> Result<Option<InForce>, R::Error> {
    let key = Key::open(Index::ProceduresOfKind, &[kind.as_str().as_bytes()]);
    let mut best: Option<InForce> = None;
    for id in records.under(&key)? {
        let Some(record) = records.record(&id)? else {
            continue;
        };
        // The term is a prefix, and one kind's name may begin with another's.
        let Body::Procedure(procedure) = record.body else {
            continue;
        };
        let applies = procedure.kind == *kind && procedure.holds_on(day);
        if !applies || !record.area.contains(area) {
            continue;
        }
        let rank = |area: &AreaCode, from: Date| (area.digits().len(), from);
        let is_better = best.as_ref().is_none_or(|best| {
            rank(&best.area, best.procedure.from) < rank(&record.area, procedure.from)
        });
        if is_better {
            best = Some(InForce {
                id,
                area: record.area,
                procedure,
            });
        }
    }
    Ok(best)
}

/// The working days of an area from a day on, as far as a clock that starts there can reach: of each year by the
/// calendar of the nearest enclosing area that has one.
pub fn working_days<R: Records>(
    records: &R,
    area: &AreaCode,
    from: Date,
) -> Result<WorkingDays, R::Error> {
    let mut days = WorkingDays::default();
    for ahead in 0..=2 {
        let Some(year) = from.year().plus(ahead) else {
            break;
        };
        if let Some(calendar) = calendar(records, area, year)? {
            days = days.with(&calendar);
        }
    }
    Ok(days)
}

fn calendar<R: Records>(
    records: &R,
    area: &AreaCode,
    year: Year,
) -> Result<Option<Calendar>, R::Error> {
    let mut areas: Vec<AreaCode> = area.ancestors_inclusive().collect();
    areas.sort_by_key(|area| std::cmp::Reverse(area.digits().len()));
    for area in areas {
        let found = records.record(&Calendar::id_for(&area, year))?;
        if let Some(Record {
            closed: false,
            body: Body::Calendar(calendar),
            ..
        }) = found
        {
            return Ok(Some(calendar));
        }
    }
    Ok(None)
}

/// The procedure of a case. A case ends by the one that it began with, even where that has been withdrawn.
pub fn procedure_of<R: Records>(records: &R, case: &Case) -> Result<Option<Procedure>, R::Error> {
    let found = records.record(&case.procedure)?;
    Ok(match found.map(|record| record.body) {
        Some(Body::Procedure(procedure)) => Some(procedure),
        _ => None,
    })
}

/// The day on which something is due with a case: the next step or, when none is left, that it is closed.
pub fn due<R: Records>(
    records: &R,
    area: &AreaCode,
    case: &Case,
) -> Result<Option<Date>, R::Error> {
    let Some(procedure) = procedure_of(records, case)? else {
        return Ok(None);
    };
    let last = case.last_day();
    match procedure.steps.get(case.steps.len()) {
        Some(step) if !case.is_rejected() => {
            if step.most == 0 {
                return Ok(None);
            }
            let days = working_days(records, area, last)?;
            Ok(days.after(last, step.most, step.counted))
        }
        _ => Ok(Some(last)),
    }
}

/// The objections to a case that wait or were upheld.
pub fn objections<R: Records>(records: &R, case: &RecordId) -> Result<Objections, R::Error> {
    let mut found = Objections::default();
    for id in records.under(&Key::record(Index::ObjectionsOfCase, case))? {
        let Some(record) = records.record(&id)? else {
            continue;
        };
        if let Body::Objection(objection) = record.body {
            match objection.finding {
                None => found.waiting = Some(id),
                Some(_) => found.upheld = Some(id),
            }
        }
    }
    Ok(found)
}

/// Where a case stands on a day. None where its procedure is not known here.
pub fn standing<R: Records>(
    records: &R,
    record: &Record,
    case: &Case,
    today: Date,
) -> Result<Option<Standing>, R::Error> {
    let Some(procedure) = procedure_of(records, case)? else {
        return Ok(None);
    };
    let next = procedure.steps.get(case.steps.len());
    let next = next.filter(|_| !case.is_rejected()).cloned();
    let objections = objections(records, &record.id)?;
    let obstacle = match (objections.waiting, objections.upheld, &next) {
        (Some(waiting), ..) => Some(Obstacle::Objection(waiting)),
        (None, Some(upheld), _) => Some(Obstacle::Upheld(upheld)),
        (None, None, Some(step)) => clock(records, record, case, step, today)?,
        (None, None, None) => None,
    };
    Ok(Some(Standing { next, obstacle }))
}

fn clock<R: Records>(
    records: &R,
    record: &Record,
    case: &Case,
    step: &Step,
    today: Date,
) -> Result<Option<Obstacle>, R::Error> {
    let last = case.last_day();
    let earliest = if step.act == "notice" {
        match notice_since(records, &record.id, last)? {
            Some(notice) => Some(notice.until),
            None => return Ok(Some(Obstacle::NoNotice)),
        }
    } else {
        let days = working_days(records, &record.area, last)?;
        days.after(last, step.least, step.counted)
    };
    Ok(earliest
        .filter(|earliest| today < *earliest)
        .map(Obstacle::Clock))
}

/// Of the notices that list a case and were posted on or after a day, the one that ends first.
fn notice_since<R: Records>(
    records: &R,
    case: &RecordId,
    last: Date,
) -> Result<Option<Notice>, R::Error> {
    let mut first: Option<Notice> = None;
    for id in records.under(&Key::record(Index::NoticesOfCase, case))? {
        let record = records.record(&id)?;
        if let Some(Body::Notice(notice)) = record.map(|record| record.body)
            && notice.from >= last
            && first.as_ref().is_none_or(|it| notice.until < it.until)
        {
            first = Some(notice);
        }
    }
    Ok(first)
}
