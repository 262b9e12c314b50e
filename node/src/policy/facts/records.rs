//! The records behind the facts, as plain data: whoever has a registry fills this in.

use std::collections::BTreeMap;

use lika_core::{
    codes,
    record::{Area, Cadre, Household, Member, Pairing, Unit, VillageTeam},
    value::{AreaCode, Date, RecordId},
};

/// The age from which somebody may work; a younger member without a labour code is not a gap in the records.
const WORKING_AGE: u16 = 16;

/// A record with its id and area.
#[derive(Clone, Debug)]
pub struct Found<T> {
    /// The record.
    pub id: RecordId,
    /// Its area.
    pub area: AreaCode,
    /// What it says.
    pub body: T,
}

/// The open records of an area that facts are made of, in the order of area and id.
#[derive(Clone, Debug, Default)]
pub struct Records {
    /// Areas.
    pub areas: Vec<Found<Area>>,
    /// Cadres, also those not in office on the day.
    pub cadres: Vec<Found<Cadre>>,
    /// Units.
    pub units: Vec<Found<Unit>>,
    /// Village teams.
    pub teams: Vec<Found<VillageTeam>>,
    /// Households.
    pub households: Vec<Found<Household>>,
    /// By household: whether somebody in it is able to work.
    pub able_to_work: BTreeMap<RecordId, Able>,
    /// Pairings by household.
    pub pairings: BTreeMap<RecordId, Vec<Found<Pairing>>>,
    /// Visits in the month, by household and cadre.
    pub household_visits: BTreeMap<(RecordId, RecordId), i64>,
    /// Visits in the month, by village and cadre, to its households or to the village itself.
    pub village_visits: BTreeMap<(AreaCode, RecordId), i64>,
}

/// Whether somebody is able to work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Able {
    /// Nobody is.
    No,
    /// It is not recorded of somebody, and nobody else is.
    Unknown,
    /// Somebody is.
    Yes,
}

impl Records {
    /// Takes what a member says of the household's ability to work on a day.
    pub fn add_member(&mut self, member: &Member, on: Date) {
        let is_member =
            member.from <= on && member.until.as_ref().is_none_or(|(until, _)| on < *until);
        if is_member {
            let able = self
                .able_to_work
                .entry(member.household)
                .or_insert(Able::No);
            *able = (*able).max(able_of(member, on));
        }
    }
}

/// The days of the month that ends with this day.
pub fn month_until(on: Date) -> impl Iterator<Item = Date> {
    let before = on.plus_months(-1).unwrap_or(on);
    std::iter::successors(Some(on), |day| day.plus_days(-1)).take_while(move |day| *day > before)
}

fn able_of(member: &Member, on: Date) -> Able {
    match member
        .labour
        .as_ref()
        .map(|labour| codes::can_work(labour.as_str()))
    {
        Some(Some(true)) => Able::Yes,
        Some(Some(false)) => Able::No,
        Some(None) | None => {
            let born = member.birth_year.map(|year| year.get());
            let is_child = born.is_some_and(|born| on.year().get() < born + WORKING_AGE);
            if is_child { Able::No } else { Able::Unknown }
        }
    }
}
