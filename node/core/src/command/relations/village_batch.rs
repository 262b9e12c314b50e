//! What must hold between whole-village batches, their villages and their projects.

use super::{Kind, Result, malformed, reads};
use crate::{
    command::{BatchRefusal, ChangeError, Refusal, Registry},
    record::{Body, Project, Record, VillageBatch, area_id},
    value::{AreaCode, RecordId},
};

/// A batch stands around its villages, each a key village on its first day and in no other batch at the same time. A
/// village in which projects name it stays in it.
pub(super) fn check<R: Registry>(
    registry: &R,
    before: Option<&Record>,
    after: &Record,
    batch: &VillageBatch,
) -> Result<R> {
    let known = match before.map(|record| &record.body) {
        Some(Body::VillageBatch(known)) => Some(known),
        _ => None,
    };
    projects_stay(registry, after, batch)?;
    if after.closed {
        return Ok(());
    }
    if known.is_some_and(|known| known.span.from() != batch.span.from()) {
        let problem = "stays what it was; close this batch and plan another";
        return Err(malformed("from", problem).into());
    }
    let so_far = known.map_or(&[][..], |known| &known.villages);
    for village in &batch.villages {
        if !so_far.contains(village) {
            check_village(registry, after, batch, village)?;
        }
        check_alone(registry, &after.id, batch, village)?;
    }
    Ok(())
}

/// A project that names a batch is carried out in one of its villages, in one of its years.
pub(super) fn check_project<R: Registry>(
    registry: &R,
    after: &Record,
    project: &Project,
    id: &RecordId,
) -> Result<R> {
    let record = reads(registry, "village_batch", Kind::VillageBatch, id)?;
    let Body::VillageBatch(batch) = &record.body else {
        return Ok(());
    };
    if batch.village_of(&after.area).is_none() {
        let (batch, area) = (*id, after.area);
        return Err(BatchRefusal::NotInBatch { batch, area }.into());
    }
    let year = project.year;
    let ends = batch.span.until();
    let is_over = ends.is_some_and(|until| until <= year.first_day());
    if year < batch.span.from().year() || is_over {
        return Err(malformed("year", "is none of the batch's years").into());
    }
    Ok(())
}

fn projects_stay<R: Registry>(registry: &R, after: &Record, batch: &VillageBatch) -> Result<R> {
    let projects = registry.with_key(&VillageBatch::key_of_projects(&after.id));
    for id in projects.map_err(ChangeError::Registry)? {
        let outline = registry.outline(&id).map_err(ChangeError::Registry)?;
        let stays = |area: &AreaCode| !after.closed && batch.village_of(area).is_some();
        if outline.is_some_and(|outline| !stays(&outline.area)) {
            return Err(BatchRefusal::StillInBatch(id).into());
        }
    }
    Ok(())
}

fn check_village<R: Registry>(
    registry: &R,
    after: &Record,
    batch: &VillageBatch,
    village: &AreaCode,
) -> Result<R> {
    if !after.area.contains(village) {
        return Err(Refusal::OtherArea {
            current: *village,
            wanted: after.area,
        }
        .into());
    }
    let on = batch.span.from();
    let record = registry.current(&area_id(village));
    let record = record.map_err(ChangeError::Registry)?;
    match record.filter(|record| !record.closed) {
        Some(Record {
            body: Body::Area(area),
            ..
        }) if area.is_key_village(on) => Ok(()),
        Some(_) => {
            let village = *village;
            Err(BatchRefusal::NotAKeyVillage { village, on }.into())
        }
        None => Err(Refusal::UnknownArea(*village).into()),
    }
}

fn check_alone<R: Registry>(
    registry: &R,
    own: &RecordId,
    batch: &VillageBatch,
    village: &AreaCode,
) -> Result<R> {
    let others = registry.with_key(&VillageBatch::key_of_village(village));
    for id in others.map_err(ChangeError::Registry)? {
        if id == *own {
            continue;
        }
        let other = registry.current(&id).map_err(ChangeError::Registry)?;
        if let Some(Body::VillageBatch(other)) = other.map(|record| record.body)
            && other.span.overlaps(&batch.span)
        {
            let (village, batch) = (*village, id);
            return Err(BatchRefusal::AlreadyInBatch { village, batch }.into());
        }
    }
    Ok(())
}
