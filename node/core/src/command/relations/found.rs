//! What a record says that follows from others: found when it is written, whatever the client gives.
//!
//! Indexes see a record by itself. What is due depends on the procedure and the calendar too, so it is kept in the record
//! as they stood when it was written.

use super::super::{ChangeError, Registry};
use crate::{
    cases,
    record::{Area, Body, Case, Notice, Objection, Record, Task, area_id},
    value::{Digest, Label, RecordId},
    working_days::Counted,
};

/// Fills in what follows from other records; whether there is anything of the kind in this one. What refers to nothing is
/// left out here and refused afterwards.
pub(in crate::command) fn complete<R: Registry>(
    registry: &R,
    before: Option<&Record>,
    after: &mut Record,
) -> Result<bool, ChangeError<R::Error>> {
    let Record {
        area, closed, body, ..
    } = after;
    let before = before.map(|record| &record.body);
    match body {
        Body::Case(case) => {
            let due = cases::due(registry, area, case).map_err(ChangeError::Registry)?;
            case.due = due.filter(|_| !*closed);
        }
        Body::Notice(notice) => match before {
            Some(Body::Notice(known)) => keep(known, notice),
            _ => print(registry, notice)?,
        },
        Body::Objection(objection) => match before {
            Some(Body::Objection(known)) => objection.answer_due = known.answer_due,
            _ => objection.answer_due = answer_due(registry, objection)?,
        },
        Body::Task(task) => match before {
            Some(Body::Task(known)) => {
                task.code.clone_from(&known.code);
                task.due = known.due;
            }
            _ => owed(registry, task)?,
        },
        _ => return Ok(false),
    }
    Ok(true)
}

fn keep(known: &Notice, notice: &mut Notice) {
    notice.digest = known.digest;
    for (item, known) in notice.items.iter_mut().zip(&known.items) {
        item.village.clone_from(&known.village);
    }
}

fn print<R: Registry>(registry: &R, notice: &mut Notice) -> Result<(), ChangeError<R::Error>> {
    for item in &mut notice.items {
        item.village = village_of(registry, &item.case)?;
    }
    let printed = notice.printed();
    notice.digest = printed.map(|text| Digest::of(text.as_bytes()));
    Ok(())
}

fn village_of<R: Registry>(
    registry: &R,
    case: &RecordId,
) -> Result<Option<Label>, ChangeError<R::Error>> {
    let case = registry.outline(case).map_err(ChangeError::Registry)?;
    let Some(case) = case else { return Ok(None) };
    let area = registry
        .current(&area_id(&case.area))
        .map_err(ChangeError::Registry)?;
    Ok(match area.map(|record| record.body) {
        Some(Body::Area(Area { name, .. })) => Some(name),
        _ => None,
    })
}

fn answer_due<R: Registry>(
    registry: &R,
    objection: &Objection,
) -> Result<Option<crate::value::Date>, ChangeError<R::Error>> {
    let case = registry
        .current(&objection.case)
        .map_err(ChangeError::Registry)?;
    let Some(Record {
        area,
        body: Body::Case(case),
        ..
    }) = case
    else {
        return Ok(None);
    };
    let days = objection_days(registry, &case)?;
    let calendar = cases::working_days(registry, &area, objection.received_on);
    let calendar = calendar.map_err(ChangeError::Registry)?;
    Ok(days.and_then(|days| calendar.after(objection.received_on, days, Counted::Working)))
}

fn objection_days<R: Registry>(
    registry: &R,
    case: &Case,
) -> Result<Option<u16>, ChangeError<R::Error>> {
    let procedure = cases::procedure_of(registry, case).map_err(ChangeError::Registry)?;
    Ok(procedure.map(|procedure| procedure.objection_days))
}

/// Of a task, what its duty says.
fn owed<R: Registry>(registry: &R, task: &mut Task) -> Result<(), ChangeError<R::Error>> {
    let duty = registry
        .current(&task.duty)
        .map_err(ChangeError::Registry)?;
    (task.code, task.due) = match duty.map(|record| record.body) {
        Some(Body::Duty(duty)) => {
            let period = duty.period_of(task.period);
            (Some(duty.code.clone()), period.map(|it| duty.due(&it)))
        }
        _ => (None, None),
    };
    Ok(())
}
