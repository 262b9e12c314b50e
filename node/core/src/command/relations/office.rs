//! The weekly work of the office: lists of other bureaus and what becomes of them, windows and reports.

use super::{Result, comparison, reporting};
use crate::{
    command::{Circumstances, Registry},
    record::{Body, Record},
    value::ActorId,
};

/// Holds a record of this work against the others; any other holds.
pub(super) fn check<R: Registry>(
    registry: &R,
    before: Option<&Record>,
    after: &Record,
    actor: ActorId,
    circumstances: &Circumstances,
) -> Result<R> {
    match &after.body {
        Body::Comparison(body) => Ok(comparison::check(before, body, circumstances)?),
        Body::Doubt(body) => {
            comparison::check_doubt(registry, before, after, body, actor, circumstances)
        }
        Body::ReportingWindow(body) => Ok(reporting::check_window(before, after, body)?),
        Body::Report(body) => reporting::check(registry, before, after, body, actor, circumstances),
        _ => Ok(()),
    }
}
