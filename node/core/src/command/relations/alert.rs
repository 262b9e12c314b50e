//! Alerts: raised by the node itself, closed by the officer who has looked.

use super::{has_come, malformed, same_id};
use crate::{
    codes,
    command::{Circumstances, Refusal},
    record::{Alert, Body, Fault, Record},
    value::{ActorId, Code},
};

/// Holds an alert against who raises or closes it.
pub(super) fn check(
    before: Option<&Record>,
    after: &Record,
    alert: &Alert,
    actor: ActorId,
    circumstances: &Circumstances,
) -> Result<(), Refusal> {
    same_id(after, alert.id())?;
    let Some(Body::Alert(known)) = before.map(|record| &record.body) else {
        return check_raised(alert, actor, circumstances);
    };
    let Some(resolution) = &alert.resolution else {
        return Err(malformed("resolution", "is all that is added to an alert"));
    };
    if !after.closed {
        return Err(malformed("resolution", "is given when the alert is closed"));
    }
    if alert.raised_on != known.raised_on {
        return Err(malformed("raised_on", "stays what it was"));
    }
    listed("alert-finding", "resolution.finding", &resolution.finding)?;
    if resolution.officer.0 != actor.0 {
        return Err(malformed(
            "resolution.officer",
            "is the officer who closes the alert, in person",
        ));
    }
    Ok(())
}

fn check_raised(
    alert: &Alert,
    actor: ActorId,
    circumstances: &Circumstances,
) -> Result<(), Refusal> {
    if alert.raised_by.0 != actor.0 {
        return Err(malformed("raised_by", "is the node that acts"));
    }
    listed("alert", "code", &alert.code)?;
    has_come("raised_on", alert.raised_on, circumstances)?;
    if alert.resolution.is_some() || alert.note.as_ref().is_some_and(Option::is_some) {
        return Err(malformed(
            "resolution",
            "is given when somebody has looked at the alert",
        ));
    }
    Ok(())
}

fn listed(list: &'static str, field: &'static str, code: &Code) -> Result<(), Refusal> {
    match codes::listed(list, code.as_str()) {
        Ok(_) => Ok(()),
        Err(problem) => Err(Refusal::Invalid(Fault::new(field, problem))),
    }
}
