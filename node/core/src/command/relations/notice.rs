//! Notices, and objections to what they list.

use std::collections::{BTreeMap, btree_map::Entry};

use super::{
    Result,
    case::{act, notice_of},
    has_come, malformed, reads, same_area,
};
use crate::{
    cases,
    command::{ChangeError, Circumstances, Outline, Refusal, Registry},
    log::Kind,
    record::{
        Body, Case, Fault, Index, Item, Key, Notice, Objection, ObjectionFinding, ObjectionTexts,
        Problem, Record,
    },
    value::{ActorId, AreaCode, RecordId},
    working_days::WorkingDays,
};

/// Objections to one notice at a time: beyond so many the office has to answer some before more are taken.
pub(super) const MOST_OBJECTIONS: usize = 50;

/// Holds a notice against the cases that it lists.
pub(super) fn check<R: Registry>(
    registry: &R,
    before: Option<&Record>,
    after: &Record,
    notice: &Notice,
    circumstances: &Circumstances,
) -> Result<R> {
    if let Some(Body::Notice(known)) = before.map(|record| &record.body) {
        let problem = "stays what was posted; withdraw the notice and post another";
        if let Some(field) = known.altered(notice) {
            return Err(malformed(field, problem).into());
        }
        if !after.closed {
            return Err(malformed("items", problem).into());
        }
        return not_counted(registry, after, notice);
    }
    if let Some(field) = notice.forbidden() {
        return Err(Refusal::ForbiddenInNotice { field }.into());
    }
    if notice.names.is_none() {
        return Err(Refusal::Invalid(Fault::new("names", Problem::Missing)).into());
    }
    has_come("from", notice.from, circumstances)?;
    let mut days = BTreeMap::new();
    notice
        .items
        .iter()
        .try_for_each(|item| check_item(registry, after, notice, item, &mut days))
}

/// A case is listed when posting it is what comes next, and for no less than the clock of that step.
fn check_item<R: Registry>(
    registry: &R,
    after: &Record,
    notice: &Notice,
    item: &Item,
    days: &mut BTreeMap<AreaCode, WorkingDays>,
) -> Result<R> {
    let (area, case) = case_of(registry, "items.case", &item.case)?;
    if case.kind != notice.kind {
        let problem = format!("is a case of kind {}", case.kind);
        return Err(malformed("items.case", &problem).into());
    }
    if !after.area.contains(&area) {
        return Err(Refusal::OtherArea {
            current: area,
            wanted: after.area,
        }
        .into());
    }
    let procedure = cases::procedure_of(registry, &case).map_err(ChangeError::Registry)?;
    let steps = procedure.map(|procedure| procedure.steps);
    let next = steps.unwrap_or_default().into_iter().nth(case.steps.len());
    let next = next.filter(|_| !case.is_rejected());
    let Some(step) = next.as_ref().filter(|step| step.act == "notice") else {
        return Err(Refusal::StepSkipped {
            given: act("notice")?,
            expected: next.map(|step| step.code),
        }
        .into());
    };
    let last = case.last_day();
    if notice.from < last {
        return Err(Refusal::StepBackdated {
            on: notice.from,
            from: last,
            until: notice.until,
        }
        .into());
    }
    let days = match days.entry(area) {
        Entry::Occupied(known) => known.into_mut(),
        Entry::Vacant(new) => {
            let found = cases::working_days(registry, &area, notice.from);
            new.insert(found.map_err(ChangeError::Registry)?)
        }
    };
    match days.after(notice.from, step.least, step.counted) {
        Some(until) if notice.until < until => Err(Refusal::NoticeTooShort { until }.into()),
        _ => Ok(()),
    }
}

/// What a case has counted on cannot be withdrawn under it.
fn not_counted<R: Registry>(registry: &R, after: &Record, notice: &Notice) -> Result<R> {
    for item in &notice.items {
        let case = registry
            .current(&item.case)
            .map_err(ChangeError::Registry)?;
        if let Some(Body::Case(case)) = case.map(|record| record.body)
            && case.steps.iter().any(|step| step.notice == Some(after.id))
        {
            return Err(Refusal::NoticeCounted(item.case).into());
        }
    }
    Ok(())
}

fn case_of<R: Registry>(
    registry: &R,
    field: &'static str,
    id: &RecordId,
) -> std::result::Result<(AreaCode, Case), ChangeError<R::Error>> {
    let record = reads(registry, field, Kind::Case, id)?;
    match record.body {
        Body::Case(case) => Ok((record.area, case)),
        _ => Err(Refusal::NoSuchRecord {
            field,
            kind: Kind::Case,
            id: *id,
        }
        .into()),
    }
}

/// Holds an objection against its notice or, once it was received, its answer against it.
pub(super) fn check_objection<R: Registry>(
    registry: &R,
    before: Option<&Record>,
    after: &Record,
    objection: &Objection,
    actor: ActorId,
    circumstances: &Circumstances,
) -> Result<R> {
    match before.map(|record| &record.body) {
        Some(Body::Objection(known)) => {
            check_answer(registry, after, known, objection, actor, circumstances)
        }
        _ => check_received(registry, after, objection, circumstances),
    }
}

fn check_received<R: Registry>(
    registry: &R,
    after: &Record,
    objection: &Objection,
    circumstances: &Circumstances,
) -> Result<R> {
    has_come("received_on", objection.received_on, circumstances)?;
    if objection.finding.is_some() || after.closed {
        return Err(malformed("finding", "is given when the objection is answered").into());
    }
    let texts = objection.texts.as_ref();
    let texts = texts.ok_or(Refusal::Invalid(Fault::new("objection", Problem::Missing)))?;
    if texts.objection.is_none() {
        return Err(Refusal::Invalid(Fault::new("objection", Problem::Missing)).into());
    }
    let notice = notice_of(registry, "notice", &objection.notice)?;
    if !notice.lists(&objection.case) {
        return Err(Refusal::NotOnNotice(objection.notice).into());
    }
    if !notice.hangs_on(objection.received_on) {
        return Err(Refusal::NotWhilePosted {
            from: notice.from,
            until: notice.until,
        }
        .into());
    }
    let case = reads(registry, "case", Kind::Case, &objection.case)?;
    same_area(after, &Outline::of(&case))?;
    let key = Key::record(Index::ObjectionsOfNotice, &objection.notice);
    let others = registry.with_key(&key).map_err(ChangeError::Registry)?;
    if others.len() >= MOST_OBJECTIONS {
        return Err(Refusal::TooManyObjections(MOST_OBJECTIONS).into());
    }
    Ok(())
}

fn check_answer<R: Registry>(
    registry: &R,
    after: &Record,
    known: &Objection,
    objection: &Objection,
    actor: ActorId,
    circumstances: &Circumstances,
) -> Result<R> {
    let text = |objection: &Objection| objection.texts.clone().map(|texts| texts.objection);
    let same = [
        ("notice", known.notice == objection.notice),
        ("case", known.case == objection.case),
        ("received_on", known.received_on == objection.received_on),
        ("objection", text(known) == text(objection)),
    ];
    if let Some((field, _)) = same.into_iter().find(|(_, same)| !same) {
        return Err(malformed(field, "stays what it was").into());
    }
    if known.finding.is_some() {
        return check_settled(registry, after, known, objection);
    }
    let Some(ObjectionFinding {
        answered_on,
        officer,
        ..
    }) = &objection.finding
    else {
        return Err(Refusal::Invalid(Fault::new("finding", Problem::Missing)).into());
    };
    has_come("answered_on", *answered_on, circumstances)?;
    if *answered_on < known.received_on {
        return Err(malformed("answered_on", "is not before it was received").into());
    }
    if officer.0 != actor.0 {
        let problem = "is the officer who answers, in person";
        return Err(malformed("officer", problem).into());
    }
    if let Some(ObjectionTexts { answer: None, .. }) | None = &objection.texts {
        return Err(Refusal::Invalid(Fault::new("answer", Problem::Missing)).into());
    }
    match (is_upheld(objection), after.closed) {
        (true, true) => Err(malformed("finding", "keeps the objection open when upheld").into()),
        (false, false) => Err(malformed("finding", "closes the objection when dismissed").into()),
        _ => Ok(()),
    }
}

fn is_upheld(objection: &Objection) -> bool {
    let finding = objection.finding.as_ref();
    finding.is_some_and(ObjectionFinding::is_upheld)
}

/// One that was upheld is closed when its case has ended.
fn check_settled<R: Registry>(
    registry: &R,
    after: &Record,
    known: &Objection,
    objection: &Objection,
) -> Result<R> {
    let case = registry
        .outline(&known.case)
        .map_err(ChangeError::Registry)?;
    let has_ended = case.is_none_or(|case| case.closed);
    if known == objection && after.closed && has_ended {
        return Ok(());
    }
    let problem = "stays; an upheld objection is closed when its case has ended";
    Err(malformed("finding", problem).into())
}
