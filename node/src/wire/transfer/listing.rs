//! What an import lists beside its counts: the rows that the registry does not have as the file has them, and what the
//! file does not have. Bounded: nobody reads a county line by line, and the counts are of everything.

use lika_core::{log::Kind, value::RecordId};
use lika_proto::v1;
use tonic::Status;

use crate::{
    files::{Class, Plan},
    gateway::{Caller, Error, Gateway},
    wire::status::status,
};

/// The most rows that are listed, and the most absent records.
const MOST_LISTED: usize = 10_000;

/// The first rows that are not unchanged.
pub fn rows(plan: &Plan) -> impl Iterator<Item = v1::ImportRow> {
    differing(plan)
        .take(MOST_LISTED)
        .map(|(row, class)| v1::ImportRow {
            row,
            class: class.code().to_owned(),
        })
}

/// The first absent records, without those of areas that the caller may not read.
pub fn absent(
    gateway: &Gateway,
    caller: &Caller,
    plan: &Plan,
) -> impl Iterator<Item = Result<v1::ImportAbsent, Status>> {
    missing(plan).take(MOST_LISTED).filter_map(|(kind, id)| {
        let seen = match gateway.get(caller, &id, None) {
            Ok(seen) => seen,
            Err(Error::NotFound(_)) => return None,
            Err(error) => return Some(Err(status(&error))),
        };
        Some(Ok(v1::ImportAbsent {
            kind: i32::try_from(kind.number()).unwrap_or_default(),
            id: id.0.to_vec(),
            area: seen.record.area.digits().to_owned(),
        }))
    })
}

/// How many rows and absent records are beyond the listing.
pub fn unlisted(plan: &Plan) -> usize {
    let beyond = |count: usize| count.saturating_sub(MOST_LISTED);
    beyond(differing(plan).count()) + beyond(missing(plan).count())
}

fn differing(plan: &Plan) -> impl Iterator<Item = (u32, Class)> {
    plan.rows
        .iter()
        .copied()
        .filter(|(_, class)| *class != Class::Unchanged)
}

fn missing(plan: &Plan) -> impl Iterator<Item = (Kind, RecordId)> {
    let of = |kind: Kind| move |id: &RecordId| (kind, *id);
    let households = plan.absent_households.iter().map(of(Kind::Household));
    let members = plan.absent_members.iter().map(of(Kind::Member));
    households
        .chain(members)
        .chain(plan.absent_records.iter().copied())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_listing_is_bounded_and_says_how_much_it_leaves_out() {
        let last = u32::try_from(MOST_LISTED).unwrap() + 5;
        let mut plan = Plan {
            rows: (2..last + 2).map(|row| (row, Class::New)).collect(),
            absent_households: vec![RecordId([1; 16]); MOST_LISTED],
            absent_members: vec![RecordId([2; 16]); 3],
            ..Plan::default()
        };
        plan.rows[0].1 = Class::Unchanged;
        let listed: Vec<_> = rows(&plan).collect();
        assert_eq!(listed.len(), MOST_LISTED);
        assert_eq!((listed[0].row, listed[0].class.as_str()), (3, "new"));
        assert_eq!(unlisted(&plan), 4 + 3);
    }
}
