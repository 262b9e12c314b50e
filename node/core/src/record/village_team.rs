//! Village teams.

use lika_proto::log::v1 as message;

use super::{Document, Fault, Index, Key, field, parts};
use crate::{
    rollup::Tally,
    value::{Code, Date, RecordId},
};

/// The team of one village (S4.2); the record's area is the village.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VillageTeam {
    /// The seats, in the order in which they were given.
    pub seats: Vec<Seat>,
    /// The first day of the team.
    pub from: Date,
    /// The first day after it.
    pub until: Option<Date>,
    /// The decision whose proposals were accepted.
    pub decision: Option<RecordId>,
}

/// A place in the team.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seat {
    /// Code list team-role: leader and stationed are cadres, sponsor is a unit.
    pub role: Code,
    /// The cadre or the unit.
    pub holder: RecordId,
    /// The first day.
    pub from: Date,
    /// The first day after it.
    pub until: Option<Date>,
}

impl Document for VillageTeam {
    type Message = message::VillageTeam;

    fn parse(message: message::VillageTeam) -> Result<Self, Fault> {
        let message::village_team::Open {
            seats,
            from,
            until,
            decision,
        } = field::required("open", message.open)?;
        let from = field::date("from", from)?;
        Ok(Self {
            seats: seats
                .into_iter()
                .map(Seat::parse)
                .collect::<Result<_, _>>()?,
            from,
            until: field::until("until", from, until)?,
            decision: field::optional_id("decision", &decision)?,
        })
    }

    fn message(&self) -> message::VillageTeam {
        let Self {
            seats,
            from,
            until,
            decision,
        } = self;
        message::VillageTeam {
            open: Some(message::village_team::Open {
                seats: seats.iter().map(Seat::message).collect(),
                from: from.number(),
                until: field::date_number(*until),
                decision: field::id_bytes(decision.as_ref()),
            }),
        }
    }

    parts!(VillageTeam);

    fn keys(&self) -> Vec<Key> {
        let mut holders: Vec<_> = self
            .seats
            .iter()
            .filter(|seat| seat.until.is_none())
            .map(|seat| seat.holder)
            .collect();
        holders.sort_unstable();
        holders.dedup();
        holders
            .iter()
            .map(|holder| Key::record(Index::TeamsOfHolder, holder))
            .collect()
    }

    fn tallies(&self) -> Vec<Tally> {
        let held = self.seats.iter().filter(|seat| seat.until.is_none());
        let mut tallies = vec![Tally::stock("village-teams", 1)];
        tallies.extend(held.map(|seat| Tally::stock(format!("team-seats/{}", seat.role), 1)));
        tallies
    }
}

impl Seat {
    fn parse(message: message::village_team::Seat) -> Result<Self, Fault> {
        let message::village_team::Seat {
            role,
            holder,
            from,
            until,
        } = message;
        let from = field::date("seats.from", from)?;
        Ok(Self {
            role: field::code("team-role", "seats.role", &role)?,
            holder: field::id("seats.holder", &holder)?,
            from,
            until: field::until("seats.until", from, until)?,
        })
    }

    fn message(&self) -> message::village_team::Seat {
        let Self {
            role,
            holder,
            from,
            until,
        } = self;
        message::village_team::Seat {
            role: role.to_string(),
            holder: holder.0.to_vec(),
            from: from.number(),
            until: field::date_number(*until),
        }
    }
}
