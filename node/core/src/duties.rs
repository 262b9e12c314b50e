//! What is due for whom: it follows from duties and posts, as of a day.
//!
//! ```text
//!  duty (rhythm, roles) ─┐
//!                        ├─▶ holder × period ─▶ task: done · excused · neither, and then due or late
//!  post (cadre, span)  ──┘
//! ```
//!
//! Nobody writes down what is due, so nothing can be forgotten or written down twice. Whoever holds a post on the last day
//! of a period owes its task, also when they took it over on that day: a successor leaves no gap.

use crate::{
    cases::Records,
    codes,
    record::{Answerable, Body, Bound, Duty, Fault, Post, Problem, Record, Task},
    value::{AreaCode, Code, Date, RecordId, Span, Year},
};

/// How often something falls due: code list rhythm.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rhythm {
    /// From Monday to Sunday.
    Week,
    /// By the calendar, as all that follow.
    Month,
    /// January and February, and so on.
    TwoMonths,
    /// From January to March, and so on.
    Quarter,
    /// From January to June, from July to December.
    HalfYear,
    /// From January to December.
    Year,
    /// Three years, counted from a first one (S3.2 三年结硬账).
    ThreeYears,
}

/// A time in which something falls due once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Period {
    /// The first day.
    pub first: Date,
    /// The last day, which belongs to it.
    pub last: Date,
}

/// A task that somebody owes, and what was done about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owed {
    /// The duty's record.
    pub duty: RecordId,
    /// Its code.
    pub code: Code,
    /// Who owes it.
    pub holder: Answerable,
    /// The cadre behind it; none where a unit or an area owes it.
    pub cadre: Option<RecordId>,
    /// Where.
    pub area: AreaCode,
    /// When.
    pub period: Period,
    /// The last day on which it is not late.
    pub due: Date,
    /// What was done about it up to the day that was asked about.
    pub task: Option<Task>,
}

/// Who owes a duty, where, and in which time.
struct Holder {
    answerable: Answerable,
    cadre: Option<RecordId>,
    area: AreaCode,
    span: Span,
}

impl Rhythm {
    /// Every rhythm, the shortest first.
    pub const ALL: [Self; 7] = [
        Self::Week,
        Self::Month,
        Self::TwoMonths,
        Self::Quarter,
        Self::HalfYear,
        Self::Year,
        Self::ThreeYears,
    ];

    /// The code in the list rhythm.
    pub fn code(self) -> &'static str {
        match self {
            Self::Week => "week",
            Self::Month => "month",
            Self::TwoMonths => "two-months",
            Self::Quarter => "quarter",
            Self::HalfYear => "half-year",
            Self::Year => "year",
            Self::ThreeYears => "three-years",
        }
    }

    /// Reads a code of the list.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|rhythm| rhythm.code() == code)
    }

    pub(crate) fn parse(field: &'static str, code: &str) -> Result<Self, Fault> {
        if code.is_empty() {
            return Err(Fault::new(field, Problem::Missing));
        }
        let listed = codes::listed("rhythm", code).map_err(|problem| Fault::new(field, problem))?;
        Self::from_code(listed.as_str()).ok_or(Fault::new(field, Problem::Missing))
    }

    /// The period that a day is in; none where it would leave the range of dates. Periods of three years are counted from
    /// the `first` one.
    pub fn period_of(self, day: Date, first: Year) -> Option<Period> {
        let months = match self {
            Self::Week => return week_of(day),
            Self::ThreeYears => return three_years_of(day, first),
            Self::Month => 1,
            Self::TwoMonths => 2,
            Self::Quarter => 3,
            Self::HalfYear => 6,
            Self::Year => 12,
        };
        let month = day.month();
        let into = i32::from((month.month_of_year() - 1) % months);
        let first = month.plus(-into)?;
        let last = first.plus(i32::from(months) - 1)?;
        Some(Period {
            first: first.first_day(),
            last: last.last_day(),
        })
    }
}

fn week_of(day: Date) -> Option<Period> {
    let from_monday = i32::from(day.civil().weekday().to_monday_zero_offset());
    let first = day.plus_days(-from_monday)?;
    Some(Period {
        first,
        last: first.plus_days(6)?,
    })
}

fn three_years_of(day: Date, first: Year) -> Option<Period> {
    let since = i32::from(day.year().get()) - i32::from(first.get());
    let begins = first.plus(since - since.rem_euclid(3))?;
    Some(Period {
        first: begins.first_day(),
        last: begins.plus(2)?.last_day(),
    })
}

impl Owed {
    /// The record in which it is written down when it is done.
    pub fn id(&self) -> RecordId {
        Task::id_for(&self.duty, &self.holder.id, self.period.first)
    }

    /// Whether it is neither done nor excused, and should have been before this day.
    pub fn is_late_on(&self, day: Date) -> bool {
        self.task.is_none() && self.due < day
    }
}

/// The periods in which a duty falls due for whoever is bound to it for this time, of those that begin from one day to
/// another, both included; in order, and none twice.
pub fn periods(duty: &Duty, span: &Span, since: Date, by: Date) -> Vec<Period> {
    let start = since.max(duty.from);
    let mut next = duty.period_of(start);
    let mut found = Vec::new();
    while let Some(period) = next.filter(|period| period.first <= by) {
        if period.first >= start && is_owed(duty, span, &period) {
            found.push(period);
        }
        let day = period.last.plus_days(1);
        next = day.and_then(|day| duty.period_of(day));
    }
    found
}

/// Whether a duty falls due in a period for whoever is bound to it for this time.
pub fn is_owed(duty: &Duty, span: &Span, period: &Period) -> bool {
    let holds = duty.from <= period.first && duty.until.is_none_or(|until| period.last < until);
    holds && span.contains(period.last)
}

/// For which time a holder is bound to a duty; none where it does not bind them.
pub fn bound(duty: &Duty, duty_area: &AreaCode, holder: &Record) -> Option<Span> {
    if holder.closed || !duty_area.contains(&holder.area) {
        return None;
    }
    match (&duty.bound, &holder.body) {
        (Bound::Roles(roles), Body::Post(post)) if roles.contains(&post.role) => post.span(),
        (Bound::One(one), Body::Cadre(cadre)) if one.id == holder.id => {
            Span::new(cadre.from, cadre.until).ok()
        }
        (Bound::One(one), Body::Unit(_) | Body::Area(_)) if one.id == holder.id => {
            Span::new(duty.from, None).ok()
        }
        _ => None,
    }
}

/// What everybody in an area owes, as of a day, of the periods that begin since another day: in the order in which it is
/// due.
pub fn account<R: Records>(
    records: &R,
    area: &AreaCode,
    since: Date,
    on: Date,
) -> Result<Vec<Owed>, R::Error> {
    let mut owed = Vec::new();
    for id in records.under(&Duty::key_of_all())? {
        let Some(record) = records.record(&id)? else {
            continue;
        };
        let Body::Duty(duty) = &record.body else {
            continue;
        };
        if !record.area.contains(area) && !area.contains(&record.area) {
            continue;
        }
        for holder in holders(records, area, &record.area, duty)? {
            for period in periods(duty, &holder.span, since, on) {
                let task = Task::id_for(&id, &holder.answerable.id, period.first);
                owed.push(Owed {
                    duty: id,
                    code: duty.code.clone(),
                    holder: holder.answerable,
                    cadre: holder.cadre,
                    area: holder.area,
                    period,
                    due: duty.due(&period),
                    task: done_by(records, &task, on)?,
                });
            }
        }
    }
    owed.sort_by(|one, other| {
        let key = |it: &Owed| (it.due, it.area, it.holder, it.duty);
        key(one).cmp(&key(other))
    });
    Ok(owed)
}

fn done_by<R: Records>(records: &R, id: &RecordId, on: Date) -> Result<Option<Task>, R::Error> {
    Ok(match records.record(id)? {
        Some(Record {
            closed: false,
            body: Body::Task(task),
            ..
        }) => Some(task).filter(|task| task.on <= on),
        _ => None,
    })
}

fn holders<R: Records>(
    records: &R,
    area: &AreaCode,
    duty_area: &AreaCode,
    duty: &Duty,
) -> Result<Vec<Holder>, R::Error> {
    let ids = match &duty.bound {
        Bound::One(one) => vec![one.id],
        Bound::Roles(roles) => {
            let mut ids = Vec::new();
            for role in roles {
                ids.extend(records.under(&Post::key_of(role))?);
            }
            // The key of one role may begin with another's.
            ids.sort_unstable();
            ids.dedup();
            ids
        }
    };
    let mut holders = Vec::new();
    for id in ids {
        let Some(record) = records.record(&id)? else {
            continue;
        };
        let span = bound(duty, duty_area, &record).filter(|_| area.contains(&record.area));
        let Some(span) = span else { continue };
        holders.push(Holder {
            answerable: Answerable {
                kind: record.body.kind(),
                id,
            },
            cadre: cadre_of(&record),
            area: record.area,
            span,
        });
    }
    Ok(holders)
}

/// The cadre behind a holder.
pub fn cadre_of(holder: &Record) -> Option<RecordId> {
    match &holder.body {
        Body::Post(post) => Some(post.cadre),
        Body::Cadre(_) => Some(holder.id),
        _ => None,
    }
}
