//! Reports: given in their window, and what they are made of is locked until somebody else opens them again.

use std::collections::BTreeMap;

use super::{Kind, Result, approval, malformed, reads, same_id};
use crate::{
    command::{ChangeError, Circumstances, Refusal, Registry},
    indicator,
    record::{Act, Approval, Body, Fault, Problem, Record, Report, ReportingWindow, Term, Turn},
    rollup::{Period, Tally},
    value::ActorId,
};

/// Holds a window against itself: what was asked for once is asked for still.
pub(super) fn check_window(
    before: Option<&Record>,
    after: &Record,
    window: &ReportingWindow,
) -> std::result::Result<(), Refusal> {
    if let Some(area) = window.areas.iter().find(|area| !after.area.contains(area)) {
        let problem = format!("{area} is not in {}, the area of the window", after.area);
        return Err(malformed("areas", &problem));
    }
    let Some(Body::ReportingWindow(known)) = before.map(|record| &record.body) else {
        for asked in &window.indicators {
            let of = indicator::of(asked);
            if !of.is_some_and(|of| of.formula.is_of_totals()) {
                let problem = format!(
                    "there is no {} in version {} that an area can report",
                    asked.indicator, asked.version
                );
                return Err(malformed("indicators.indicator", &problem));
            }
        }
        return Ok(());
    };
    let same = [
        ("period", known.period == window.period),
        ("from", known.from == window.from),
        ("indicators", known.indicators == window.indicators),
    ];
    match same.into_iter().find(|(_, same)| !same) {
        Some((field, _)) => Err(malformed(field, "stays what was asked for")),
        None if known.areas.iter().any(|area| !window.areas.contains(area)) => {
            Err(malformed("areas", "are added to and none is taken away"))
        }
        None => Ok(()),
    }
}

/// Holds a report against its window and what was done with it.
pub(super) fn check<R: Registry>(
    registry: &R,
    before: Option<&Record>,
    after: &Record,
    report: &Report,
    actor: ActorId,
    circumstances: &Circumstances,
) -> Result<R> {
    same_id(after, Report::id_for(&report.window, &after.area))?;
    if after.closed {
        return Err(malformed(
            "turns",
            "are all that becomes of a report; it is not closed",
        )
        .into());
    }
    if report.area != after.area {
        return Err(malformed("area", "is that of the record").into());
    }
    let known = match before.map(|record| &record.body) {
        Some(Body::Report(known)) => Some(known),
        _ => None,
    };
    let past: &[Turn] = known.map_or(&[], |known| &known.turns);
    let [added] = report.turns.strip_prefix(past).unwrap_or_default() else {
        return Err(malformed("turns", "are added to, one at a time").into());
    };
    let by = Approval {
        officer: added.officer,
        cadre: added.cadre,
    };
    approval::in_person(registry, ["turns.officer", "turns.cadre"], &by, actor)?;
    if added.on != circumstances.today {
        return Err(malformed("turns.on", "is today").into());
    }
    match added.act {
        Act::Reported => check_given(registry, known, report, circumstances),
        Act::Reopened => Ok(check_reopened(known, report, added)?),
    }
}

fn check_given<R: Registry>(
    registry: &R,
    known: Option<&Report>,
    report: &Report,
    circumstances: &Circumstances,
) -> Result<R> {
    let window = reads(registry, "window", Kind::ReportingWindow, &report.window)?;
    let Body::ReportingWindow(window) = &window.body else {
        return Ok(());
    };
    if !window.areas.contains(&report.area) {
        return Err(Refusal::NotInWindow(report.area).into());
    }
    if !window.is_open_on(circumstances.today) {
        return Err(Refusal::WindowClosed {
            from: window.from,
            until: window.until,
        }
        .into());
    }
    if report.period != window.period || known.is_some_and(|it| it.period != report.period) {
        return Err(malformed("period", "is that of the window").into());
    }
    if !report
        .figures
        .iter()
        .map(|it| &it.of)
        .eq(&window.indicators)
    {
        return Err(malformed("figures", "are those of the window, in its order").into());
    }
    if report.reason.as_ref().is_some_and(Option::is_some) {
        return Err(malformed("reason", "is given when a report is opened again").into());
    }
    Ok(())
}

fn check_reopened(
    known: Option<&Report>,
    report: &Report,
    added: &Turn,
) -> std::result::Result<(), Refusal> {
    let Some(known) = known else {
        return Err(malformed(
            "turns.act",
            "a report begins with what is reported",
        ));
    };
    if known.figures != report.figures || known.period != report.period {
        return Err(malformed("figures", "stay what was reported"));
    }
    if !report.reason.as_ref().is_some_and(Option::is_some) {
        return Err(Fault::new("reason", Problem::Missing).into());
    }
    let person = |turn: &Turn| Approval {
        officer: turn.officer,
        cadre: turn.cadre,
    };
    match known.turns.last() {
        Some(last) if person(last).is_of_same_person(&person(added)) => {
            Err(Refusal::SamePerson(last.officer))
        }
        _ => Ok(()),
    }
}

/// Refuses what would change a figure that is locked: of its area or an area around it, of its period, and of an
/// indicator that was reported.
///
/// Only what belongs to a period can be locked. What stands now was reported as it stood, and goes on changing. Neither a
/// death nor a move waits for a report: a household that ends takes its years out of the sums, one that moves takes them
/// along, and the standing of the window names what that has moved.
pub(in crate::command) fn unlocked<R: Registry>(
    registry: &R,
    before: Option<&Record>,
    after: &Record,
) -> Result<R> {
    if after.closed && matches!(after.body, Body::Household(_)) {
        return Ok(());
    }
    for (period, dimensions) in moved(before, after) {
        for lock in periods_around(period) {
            // Mostly there is none: one lookup for all areas.
            let any = registry.with_key(&Report::any_locks(lock));
            if any.map_err(ChangeError::Registry)?.is_empty() {
                continue;
            }
            for area in after.area.ancestors_inclusive() {
                let locks = registry.with_key(&Report::locks(lock, &area));
                for id in locks.map_err(ChangeError::Registry)? {
                    let Some(Record {
                        body: Body::Report(report),
                        ..
                    }) = registry.current(&id).map_err(ChangeError::Registry)?
                    else {
                        continue;
                    };
                    if reads_any(&report, &dimensions) {
                        return Err(Refusal::PeriodReported { report: id, area }.into());
                    }
                }
            }
        }
    }
    Ok(())
}

fn reads_any(report: &Report, dimensions: &[String]) -> bool {
    let formulas = report.figures.iter().filter_map(|it| indicator::of(&it.of));
    let mut read = formulas.flat_map(|it| it.formula.reads());
    read.any(|read| {
        dimensions
            .iter()
            .any(|dimension| match read.ends_with('/') {
                true => dimension.starts_with(&read),
                false => *dimension == read,
            })
    })
}

/// What a change does to the figures of periods: the dimensions that it moves.
fn moved(before: Option<&Record>, after: &Record) -> BTreeMap<Period, Vec<String>> {
    let mut sums: BTreeMap<(Period, String), i64> = BTreeMap::new();
    let states = before.into_iter().map(|record| (record, -1));
    for (record, sign) in states.chain([(after, 1)]) {
        if record.closed {
            continue;
        }
        for tally in tallies(&record.body) {
            if tally.period != Period::NOW {
                let sum = sums.entry((tally.period, tally.dimension.into_owned()));
                *sum.or_default() += sign * tally.value;
            }
        }
    }
    let mut moved: BTreeMap<Period, Vec<String>> = BTreeMap::new();
    let sums = sums.into_iter().filter(|(_, sum)| *sum != 0);
    for ((period, dimension), _) in sums {
        moved.entry(period).or_default().push(dimension);
    }
    moved
}

/// What a record adds, as if it were the only one about its subject: whoever else is there may hide that it counts, and
/// then it is refused all the same.
fn tallies(body: &Body) -> Vec<Tally> {
    let mut tallies = body.tallies();
    let coverages = body.coverages();
    if coverages.is_empty() {
        return tallies;
    }
    let keys = body.keys();
    for coverage in coverages {
        let own = keys.iter().filter(|key| key.index == coverage.index);
        let own = own.filter_map(|key| match &key.term {
            Term::Open(term) => term.strip_prefix(&coverage.subject.0[..]),
            Term::Blind(_) => None,
        });
        tallies.extend((coverage.tallies)(&own.collect::<Vec<_>>()));
    }
    tallies
}

/// A month belongs to its year.
fn periods_around(period: Period) -> impl Iterator<Item = Period> {
    let year = period.in_year().filter(|_| period.is_month());
    [period].into_iter().chain(year.map(Period::year))
}
