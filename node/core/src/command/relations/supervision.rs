//! Supervision and assessment: who owes what, what was found, what follows from it, and how it is judged.

use super::{Result, assessing, duty, ladder};
use crate::{
    command::{Circumstances, Registry},
    record::{Body, Record},
    value::ActorId,
};

/// Holds a record of supervision against the others; of any other kind, asks nothing.
pub(super) fn check<R: Registry>(
    registry: &R,
    before: Option<&Record>,
    after: &Record,
    actor: ActorId,
    circumstances: &Circumstances,
) -> Result<R> {
    match &after.body {
        Body::Post(body) => duty::check_post(registry, before, after, body, circumstances),
        Body::Duty(body) => duty::check(registry, before, after, body),
        Body::Task(body) => duty::check_task(registry, before, after, body, actor, circumstances),
        Body::Finding(body) => ladder::check_finding(registry, before, after, body, circumstances),
        Body::Sanction(body) => ladder::check(registry, before, after, body, circumstances),
        Body::ResponsibilityLetter(body) => {
            assessing::check_letter(registry, before, after, body, circumstances)
        }
        Body::SatisfactionSurvey(body) => {
            assessing::check_survey(registry, before, after, body, circumstances)
        }
        Body::Assessment(body) => assessing::check(registry, before, after, body, circumstances),
        Body::Award(body) => assessing::check_award(registry, before, after, body, circumstances),
        _ => Ok(()),
    }
}
