//! The way of a project through its stages.

use super::{Circumstances, Result, approval, has_come, malformed, village_batch};
use crate::{
    command::{Refusal, Registry},
    record::{Body, End, Fault, Problem, Project, ReachedStage, Record, Stage},
    value::{ActorId, Fen},
};

/// Stages are added in order by whoever writes them down; what was approved and what was reached stays.
pub(super) fn check<R: Registry>(
    registry: &R,
    before: Option<&Record>,
    after: &Record,
    project: &Project,
    actor: ActorId,
    circumstances: &Circumstances,
) -> Result<R> {
    let known = match before.map(|record| &record.body) {
        Some(Body::Project(known)) => Some(known),
        _ => None,
    };
    if let Some(known) = known {
        stays(known, after, project)?;
    }
    let reached = known.map_or(0, |known| known.steps.len());
    check_order(project, reached)?;
    for (place, step) in project.steps.iter().enumerate().skip(reached) {
        check_step(project, place, step, circumstances)?;
        approval::in_person(registry, ["steps.officer", "steps.cadre"], &step.by, actor)?;
    }
    check_costs(project)?;
    if let Some(batch) = &project.village_batch
        && known.is_none_or(|known| known.village_batch != project.village_batch)
    {
        village_batch::check_project(registry, after, project, batch)?;
    }
    match &project.end {
        Some(end) => Ok(check_end(project, end, circumstances)?),
        None => Ok(()),
    }
}

/// What a later version of a project leaves as it is.
fn stays(known: &Project, after: &Record, project: &Project) -> std::result::Result<(), Refusal> {
    if after.closed && known.has_reached(Stage::Approved) {
        let problem = "an approved project is ended with a reason, not closed";
        return Err(malformed("end", problem));
    }
    if known.end.is_some() && known != project {
        return Err(malformed("end", "has come; the project stays as it is"));
    }
    if known.has_reached(Stage::Approved)
        && let Some(field) = known.altered(project)
    {
        let problem = "stays what was approved; cancel the project and propose another";
        return Err(malformed(field, problem));
    }
    if !project.steps.starts_with(&known.steps) {
        return Err(malformed("steps", "stay as they were written down"));
    }
    let costs: [(_, Option<Fen>, Option<Fen>); 2] = [
        ("actual", known.actual, project.actual),
        ("reimbursed", known.reimbursed, project.reimbursed),
    ];
    match costs
        .into_iter()
        .find(|(_, known, now)| known.is_some() && known != now)
    {
        Some((field, ..)) => Err(malformed(field, "stays what was written down")),
        None => Ok(()),
    }
}

fn check_order(project: &Project, reached: usize) -> std::result::Result<(), Refusal> {
    let mut expected = Stage::ALL.into_iter();
    for step in &project.steps {
        match expected.next() {
            Some(next) if step.stage != next => {
                return Err(Refusal::StageSkipped { next: next.code() });
            }
            _ => {}
        }
    }
    if reached == 0 && project.steps.len() != 1 {
        let next = if project.steps.is_empty() {
            Stage::Proposed
        } else {
            Stage::Approved
        };
        // A proposal stands by itself: whoever approves it has to have seen it.
        return Err(Refusal::StageSkipped { next: next.code() });
    }
    Ok(())
}

fn check_step(
    project: &Project,
    place: usize,
    step: &ReachedStage,
    circumstances: &Circumstances,
) -> std::result::Result<(), Refusal> {
    has_come("steps.on", step.on, circumstances)?;
    let last = place
        .checked_sub(1)
        .and_then(|last| project.steps.get(last));
    if let Some(last) = last.filter(|last| step.on < last.on) {
        return Err(Refusal::StageBackdated {
            date: step.on,
            last: last.on,
        });
    }
    let others = step.stage.written_by_others_than().iter();
    let same = others
        .filter_map(|stage| project.step(*stage))
        .find(|other| step.by.is_of_same_person(&other.by));
    match same {
        Some(same) => Err(Refusal::SamePerson(same.by.officer)),
        None => Ok(()),
    }
}

/// What it cost is known with the acceptance, and what is reimbursed follows the acceptance.
fn check_costs(project: &Project) -> std::result::Result<(), Refusal> {
    let is_accepted = project.has_reached(Stage::Accepted);
    let costs = [
        ("actual", project.actual, Stage::Accepted),
        ("reimbursed", project.reimbursed, Stage::Reimbursed),
    ];
    for (field, amount, stage) in costs {
        match (amount.is_some(), project.has_reached(stage)) {
            (true, false) if !is_accepted => return Err(Refusal::NotAccepted { field }),
            (true, false) => return Err(malformed(field, "is given with the stage reimbursed")),
            (false, true) => return Err(Fault::new(field, Problem::Missing).into()),
            (true, true) | (false, false) => {}
        }
    }
    Ok(())
}

/// A project is completed after its last stage, and cancelled before its acceptance.
fn check_end(
    project: &Project,
    end: &End,
    circumstances: &Circumstances,
) -> std::result::Result<(), Refusal> {
    has_come("end.on", end.on, circumstances)?;
    if let Some(last) = project.steps.last().filter(|last| end.on < last.on) {
        return Err(Refusal::StageBackdated {
            date: end.on,
            last: last.on,
        });
    }
    if project.is_cancelled() {
        if project.has_reached(Stage::Accepted) {
            let problem = "a project that was accepted is not cancelled any more";
            return Err(malformed("end.reason", problem));
        }
        return Ok(());
    }
    match project.next() {
        Some(next) => Err(Refusal::StageSkipped { next: next.code() }),
        None => Ok(()),
    }
}
