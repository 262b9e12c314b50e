//! What goes along when a household, or a member, goes to another area.

use super::Error;
use crate::{
    cases::Records,
    log::Kind,
    record::{Index, Key, LivingConditions, Record},
    value::RecordId,
};

/// What is written about a household and goes where it goes, besides its members.
const OF_HOUSEHOLD: [Index; 5] = [
    Index::IncomeOfHousehold,
    Index::PairingsOfHousehold,
    Index::MeasuresOfHousehold,
    Index::ContractsOfHousehold,
    Index::CoversOfHousehold,
];

/// The open records about a household that go along, without its members and what is about them.
pub(super) fn of_household<R: Records>(
    records: &R,
    household: &RecordId,
) -> Result<Vec<Record>, Error<R::Error>> {
    let mut found = Vec::new();
    let living = LivingConditions::id_for(household);
    let living = records.record(&living).map_err(Error::Records)?;
    found.extend(living.filter(|living| !living.closed));
    for index in OF_HOUSEHOLD {
        found.extend(under(records, index, household)?);
    }
    found.extend(of_subject(records, household)?);
    Ok(found)
}

/// The open cases about a household or a member, the objections that wait in them, and what policies have decided.
pub(super) fn of_subject<R: Records>(
    records: &R,
    subject: &RecordId,
) -> Result<Vec<Record>, Error<R::Error>> {
    let mut found = Vec::new();
    for case in under(records, Index::CasesOfSubject, subject)? {
        let objections = under(records, Index::ObjectionsOfCase, &case.id)?;
        found.push(case);
        found.extend(objections);
    }
    let decisions = under(records, Index::DecisionsOfSubject, subject)?;
    found.extend(
        decisions
            .into_iter()
            .filter(|it| it.body.kind() == Kind::Decision),
    );
    Ok(found)
}

/// The open records under a record's id in an index.
pub(crate) fn under<R: Records>(
    records: &R,
    index: Index,
    id: &RecordId,
) -> Result<Vec<Record>, Error<R::Error>> {
    let ids = records.under(&Key::record(index, id));
    let mut found = Vec::new();
    for id in ids.map_err(Error::Records)? {
        found.extend(records.record(&id).map_err(Error::Records)?);
    }
    Ok(found)
}
