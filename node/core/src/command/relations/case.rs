//! Procedures, and cases that go through them.

use super::{Result, assignment, has_come, in_force, in_village, malformed, refers, same_area};
use crate::{
    cases, codes,
    command::{ChangeError, Circumstances, Refusal, Registry},
    record::{Body, Case, Fault, Notice, Officer, Problem, Procedure, Record, Step, Taken},
    value::{ActorId, Code, RecordId},
};

/// Kinds of cases in which nobody approves what the same person has reviewed.
const FOUR_EYES: [&str; 3] = ["identification", "exit", "village-exit"];

/// What a procedure says never changes: cases are held to what it said when they began.
pub(super) fn check_procedure(
    before: Option<&Record>,
    after: &Record,
    procedure: &Procedure,
) -> std::result::Result<(), Refusal> {
    super::same_id(after, procedure.id_in(&after.area))?;
    let known = before.map(|record| &record.body);
    match known {
        Some(Body::Procedure(known)) => match known.altered(procedure) {
            Some(field) => Err(malformed(
                field,
                "stays what it was; put another procedure in force",
            )),
            None => Ok(()),
        },
        _ => Ok(()),
    }
}

/// Holds a case against its procedure, the clock and the objections.
pub(super) fn check<R: Registry>(
    registry: &R,
    before: Option<&Record>,
    after: &Record,
    case: &Case,
    actor: ActorId,
    circumstances: &Circumstances,
) -> Result<R> {
    let known = match before.map(|record| &record.body) {
        Some(Body::Case(known)) => Some(known),
        _ => None,
    };
    match known {
        Some(known) => stays(known, case)?,
        None => begins(registry, after, case, circumstances)?,
    }
    if known.is_none_or(|known| known.subject != case.subject) {
        check_subject(registry, after, case)?;
    }
    let procedure = procedure_of(registry, case)?;
    let taken = known.map_or(0, |known| known.steps.len());
    match case.steps.get(taken..).unwrap_or_default() {
        [] => {}
        [step] => {
            let so_far = Case {
                steps: case.steps.get(..taken).unwrap_or_default().to_vec(),
                ..case.clone()
            };
            let attempt = Attempt {
                after,
                so_far: &so_far,
                procedure: &procedure,
                step,
            };
            attempt.check(registry, actor, circumstances)?;
        }
        _ => return Err(malformed("steps", "are added one at a time").into()),
    }
    check_end(registry, after, case, &procedure)
}

fn stays(known: &Case, case: &Case) -> std::result::Result<(), Refusal> {
    let same = [
        ("procedure", known.procedure == case.procedure),
        ("kind", known.kind == case.kind),
        ("opened_on", known.opened_on == case.opened_on),
        (
            "subject",
            known.subject.is_none() || known.subject == case.subject,
        ),
        ("steps", case.steps.starts_with(&known.steps)),
    ];
    match same.into_iter().find(|(_, same)| !same) {
        Some((field, _)) => Err(malformed(field, "stays what it was")),
        None => Ok(()),
    }
}

fn begins<R: Registry>(
    registry: &R,
    after: &Record,
    case: &Case,
    circumstances: &Circumstances,
) -> Result<R> {
    has_come("opened_on", case.opened_on, circumstances)?;
    let in_force = cases::in_force(registry, &after.area, &case.kind, case.opened_on);
    let in_force = in_force
        .map_err(ChangeError::Registry)?
        .map(|found| found.id);
    if in_force == Some(case.procedure) {
        Ok(())
    } else {
        Err(Refusal::ProcedureNotInForce { in_force }.into())
    }
}

fn check_subject<R: Registry>(registry: &R, after: &Record, case: &Case) -> Result<R> {
    use crate::log::Kind;
    let Some(subject) = &case.subject else {
        return if case.kind == "identification" {
            // Whoever is not registered applies in a village.
            Ok(in_village(after)?)
        } else {
            Err(Refusal::Invalid(Fault::new("subject", Problem::Missing)).into())
        };
    };
    if (subject.kind == Kind::Area) != (case.kind == "village-exit") {
        let problem = "is a village in a village's exit, a household or member otherwise";
        return Err(malformed("subject", problem).into());
    }
    let found = refers(registry, "subject", subject.kind, &subject.id)?;
    same_area(after, &found)?;
    if subject.kind == Kind::Area {
        in_village(after)?;
    }
    let others = registry.with_key(&Case::key_of(&subject.id, &case.kind));
    let others = others.map_err(ChangeError::Registry)?;
    match others.into_iter().find(|other| *other != after.id) {
        Some(other) => Err(Refusal::AlreadyInCase(other).into()),
        None => Ok(()),
    }
}

fn procedure_of<R: Registry>(
    registry: &R,
    case: &Case,
) -> std::result::Result<Procedure, ChangeError<R::Error>> {
    let found = cases::procedure_of(registry, case).map_err(ChangeError::Registry)?;
    found.ok_or_else(|| {
        Refusal::NoSuchRecord {
            field: "procedure",
            kind: crate::log::Kind::Procedure,
            id: case.procedure,
        }
        .into()
    })
}

fn check_end<R: Registry>(
    registry: &R,
    after: &Record,
    case: &Case,
    procedure: &Procedure,
) -> Result<R> {
    let end = match (after.closed, &case.end) {
        (true, Some(end)) => end,
        (true, None) => return Err(Refusal::Invalid(Fault::new("end", Problem::Missing)).into()),
        (false, Some(_)) => return Err(malformed("end", "is given when the case is closed").into()),
        (false, None) => return Ok(()),
    };
    match end.as_str() {
        "completed" if case.is_rejected() => Err(Refusal::CaseRejected.into()),
        "completed" => match procedure.steps.get(case.steps.len()) {
            Some(left) => Err(Refusal::StepSkipped {
                given: end.clone(),
                expected: Some(left.code.clone()),
            }
            .into()),
            None => no_objection(registry, after),
        },
        "rejected" if !case.is_rejected() => {
            Err(malformed("end", "is rejected by a step that was rejected").into())
        }
        _ => Ok(()),
    }
}

fn no_objection<R: Registry>(registry: &R, after: &Record) -> Result<R> {
    let found = cases::objections(registry, &after.id).map_err(ChangeError::Registry)?;
    match (found.waiting, found.upheld) {
        (Some(waiting), _) => Err(Refusal::ObjectionOpen(waiting).into()),
        (None, Some(upheld)) => Err(Refusal::ObjectionUpheld(upheld).into()),
        (None, None) => Ok(()),
    }
}

/// A step that somebody takes.
struct Attempt<'a> {
    after: &'a Record,
    /// The case before it.
    so_far: &'a Case,
    procedure: &'a Procedure,
    step: &'a Taken,
}

impl Attempt<'_> {
    fn check<R: Registry>(
        &self,
        registry: &R,
        actor: ActorId,
        circumstances: &Circumstances,
    ) -> Result<R> {
        let Self { so_far, step, .. } = self;
        if so_far.is_rejected() {
            return Err(Refusal::CaseRejected.into());
        }
        let expected = self.procedure.steps.get(so_far.steps.len());
        let Some(planned) = expected.filter(|planned| planned.code == step.step) else {
            let expected = expected.map(|planned| planned.code.clone());
            let given = step.step.clone();
            return Err(Refusal::StepSkipped { given, expected }.into());
        };
        if step.officer.0 != actor.0 {
            let problem = "is the officer who takes the step, in person";
            return Err(malformed("steps.officer", problem).into());
        }
        let (from, until) = (so_far.last_day(), circumstances.today);
        if step.on < from || step.on > until {
            let on = step.on;
            return Err(Refusal::StepBackdated { on, from, until }.into());
        }
        self.check_level(registry, planned)?;
        self.check_content(planned)?;
        let objections = cases::objections(registry, &self.after.id);
        let objections = objections.map_err(ChangeError::Registry)?;
        if let Some(waiting) = objections.waiting {
            return Err(Refusal::ObjectionOpen(waiting).into());
        }
        // What is rejected waits for no clock and needs no second person.
        if step.is_rejected() {
            return Ok(());
        }
        if let Some(upheld) = objections.upheld {
            return Err(Refusal::ObjectionUpheld(upheld).into());
        }
        if planned.act == "approval" && FOUR_EYES.contains(&so_far.kind.as_str()) {
            self.check_four_eyes(registry)?;
        }
        if planned.act == "approval"
            && let (Some(purpose), Some(subject)) = (purpose_of(so_far), &so_far.subject)
        {
            let area = &self.after.area;
            in_force::not_refused(registry, purpose, area, &subject.id, circumstances)?;
        }
        if planned.act == "assignment" {
            assignment::has_followed(registry, so_far)?;
        }
        match &step.notice {
            Some(notice) => self.check_notice(registry, notice),
            None => self.check_clock(registry, planned),
        }
    }

    /// The registry knows the roles of its officers; of the node itself and of what is no officer here it knows none, and
    /// the gateway has asked whether they may write at all.
    fn check_level<R: Registry>(&self, registry: &R, planned: &Step) -> Result<R> {
        let officer = registry.current(&self.step.officer);
        let officer = officer.map_err(ChangeError::Registry)?;
        let Some(Body::Officer(officer)) = officer.map(|record| record.body) else {
            return Ok(());
        };
        let area = &self.after.area;
        let mut grants = officer.grants.iter();
        let reaches = grants.any(|grant| {
            grant.area.contains(area) && role_reaches(grant.role.as_str(), planned.level.as_str())
        });
        if reaches {
            Ok(())
        } else {
            let level = planned.level.clone();
            Err(Refusal::LevelTooLow { level }.into())
        }
    }

    /// What a step carries is what its act produces.
    fn check_content(&self, planned: &Step) -> std::result::Result<(), Refusal> {
        let Self { so_far, step, .. } = self;
        let missing = |field| Err(Refusal::Invalid(Fault::new(field, Problem::Missing)));
        let passed = !step.is_rejected();
        match (planned.act == "appraisal", step.votes.is_some()) {
            (false, true) => return Err(malformed("steps.votes", "are those of an appraisal")),
            (true, false) => return missing("steps.votes"),
            _ => {}
        }
        match (planned.act == "notice", step.notice.is_some()) {
            (false, true) => return Err(malformed("steps.notice", "is that of a notice")),
            (true, false) if passed => return missing("steps.notice"),
            _ => {}
        }
        let is_exit_survey = planned.act == "survey" && so_far.kind == "exit";
        let all = codes::list("exit-condition").map_or(0, |list| list.entries.len());
        match (is_exit_survey, step.conditions.len()) {
            (false, 0) => Ok(()),
            (false, _) => Err(malformed(
                "steps.conditions",
                "are found in the survey of an exit",
            )),
            (true, found) if passed && found < all => Err(malformed(
                "steps.conditions",
                "each of the list exit-condition is met or not",
            )),
            (true, _) => Ok(()),
        }
    }

    fn check_clock<R: Registry>(&self, registry: &R, planned: &Step) -> Result<R> {
        let last = self.so_far.last_day();
        let days = cases::working_days(registry, &self.after.area, last);
        let days = days.map_err(ChangeError::Registry)?;
        match days.after(last, planned.least, planned.counted) {
            Some(earliest) if self.step.on < earliest => {
                Err(Refusal::ClockRunning { until: earliest }.into())
            }
            _ => Ok(()),
        }
    }

    /// The notice that counts was posted after the step before, lists this case, was not withdrawn, and is over.
    fn check_notice<R: Registry>(&self, registry: &R, id: &RecordId) -> Result<R> {
        let notice = notice_of(registry, "steps.notice", id)?;
        let is_of_this_step = notice.from >= self.so_far.last_day();
        if !notice.lists(&self.after.id) || !is_of_this_step {
            return Err(Refusal::NotOnNotice(*id).into());
        }
        if self.step.on < notice.until {
            let until = notice.until;
            return Err(Refusal::ClockRunning { until }.into());
        }
        Ok(())
    }

    fn check_four_eyes<R: Registry>(&self, registry: &R) -> Result<R> {
        let Self {
            so_far,
            procedure,
            step,
            ..
        } = self;
        let own_cadre = cadre_of(registry, &step.officer)?;
        for (planned, taken) in procedure.steps.iter().zip(&so_far.steps) {
            if planned.act != "review" {
                continue;
            }
            let same_cadre =
                own_cadre.is_some() && cadre_of(registry, &taken.officer)? == own_cadre;
            if taken.officer == step.officer || same_cadre {
                return Err(Refusal::SamePerson(taken.officer).into());
            }
        }
        Ok(())
    }
}

/// The purpose whose policy can stand in the way of an approval in a case.
fn purpose_of(case: &Case) -> Option<&'static str> {
    match case.kind.as_str() {
        "identification" => Some("quota"),
        "exit" => Some("exit-review"),
        _ => None,
    }
}

/// Whether whoever has a role may take the steps of a level.
fn role_reaches(role: &str, level: &str) -> bool {
    match level {
        "village" => matches!(role, "village-cadre" | "township-officer" | "county-office"),
        "township" => matches!(role, "township-officer" | "county-office"),
        _ => role == "county-office",
    }
}

/// Two officers of one cadre are one person.
fn cadre_of<R: Registry>(
    registry: &R,
    officer: &RecordId,
) -> std::result::Result<Option<RecordId>, ChangeError<R::Error>> {
    let found = registry.current(officer).map_err(ChangeError::Registry)?;
    Ok(match found.map(|record| record.body) {
        Some(Body::Officer(Officer { cadre, .. })) => cadre,
        _ => None,
    })
}

/// A notice that was not withdrawn.
pub(super) fn notice_of<R: Registry>(
    registry: &R,
    field: &'static str,
    id: &RecordId,
) -> std::result::Result<Notice, ChangeError<R::Error>> {
    let kind = crate::log::Kind::Notice;
    match super::reads(registry, field, kind, id)?.body {
        Body::Notice(notice) => Ok(notice),
        _ => Err(Refusal::NoSuchRecord {
            field,
            kind,
            id: *id,
        }
        .into()),
    }
}

/// The code that stands for closing or posting where a step was expected.
pub(super) fn act(text: &'static str) -> std::result::Result<Code, Refusal> {
    codes::listed("step-act", text)
        .map_err(|problem| Refusal::Invalid(Fault::new("steps.act", problem)))
}
