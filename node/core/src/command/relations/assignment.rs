//! The assignment of a helper: what was reviewed is carried out by a pairing (S4.6).

use super::Result;
use crate::{
    command::{ChangeError, Refusal, Registry},
    record::{Body, Case, Index, Key},
};

/// A helper was bound to the subject of the case on the day of its last step or later.
pub(super) fn has_followed<R: Registry>(registry: &R, case: &Case) -> Result<R> {
    let since = case.last_day();
    let subject = case.subject.as_ref();
    let key = subject.map(|subject| Key::record(Index::PairingsOfHousehold, &subject.id));
    let pairings = key.map_or(Ok(Vec::new()), |key| registry.with_key(&key));
    for id in pairings.map_err(ChangeError::Registry)? {
        let pairing = registry.current(&id).map_err(ChangeError::Registry)?;
        if let Some(Body::Pairing(pairing)) = pairing.map(|record| record.body)
            && pairing.from >= since
        {
            return Ok(());
        }
    }
    Err(Refusal::NoHelperAssigned { since }.into())
}
