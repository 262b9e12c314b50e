//! Succession: whoever leaves a post is followed by somebody else in every pairing, team and office, from that day on and
//! without a gap (S4.2, S4.4).

use crate::{
    cases::Records,
    command::{Change, Refusal},
    household_life::{Error, under},
    log::{Action, Kind},
    record::{
        Body, Cadre, Fault, HelperLevel, Index, Pairing, Post, Problem, Record, Seat, VillageTeam,
    },
    value::{Date, RecordId},
};

/// One cadre after another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Succession {
    /// Who leaves the post.
    pub cadre: RecordId,
    /// Who follows.
    pub by: RecordId,
    /// The first day of the one, and the first day after the other.
    pub on: Date,
}

/// The changes of one command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// In the order in which they hold.
    pub changes: Vec<Change>,
    /// Households whose helper the successor becomes.
    pub households: u32,
    /// Seats in village teams.
    pub seats: u32,
    /// Offices.
    pub posts: u32,
}

/// The changes by which a cadre is succeeded: pairings and offices end and begin again, seats pass on, and the
/// cadre's own record ends. `id` names new records by their place.
pub fn plan<R: Records>(
    records: &R,
    succession: &Succession,
    today: Date,
    id: impl Fn(u32) -> RecordId,
) -> Result<Plan, Error<R::Error>> {
    let Succession { cadre, by, on } = *succession;
    if cadre == by {
        let problem = Problem::Malformed("nobody succeeds themselves".to_owned());
        return Err(Refusal::Invalid(Fault::new("by", problem)).into());
    }
    if on > today {
        return Err(Refusal::InTheFuture {
            field: "on",
            date: on,
        }
        .into());
    }
    let (post, leaving) = cadre_of(records, "cadre", &cadre)?;
    let (_, successor) = cadre_of(records, "by", &by)?;
    let mut plan = Plan {
        changes: Vec::new(),
        households: 0,
        seats: 0,
        posts: 0,
    };
    for record in under(records, Index::PairingsOfCadre, &cadre)? {
        let Body::Pairing(pairing) = &record.body else {
            continue;
        };
        let ended = Pairing {
            until: Some(on),
            ..pairing.clone()
        };
        plan.changes.push(Change::of(&record, Action::Close, ended));
        let next = id(plan.households);
        plan.changes.push(follow(
            records,
            &record,
            pairing,
            (by, &successor),
            on,
            next,
        )?);
        plan.households += 1;
    }
    for record in under(records, Index::TeamsOfHolder, &cadre)? {
        let Body::VillageTeam(team) = &record.body else {
            continue;
        };
        let (team, seats) = pass_on(team, cadre, by, on);
        plan.seats += seats;
        plan.changes.push(Change::of(&record, Action::Change, team));
    }
    plan.pass_on_posts(records, succession, id)?;
    let ended = Cadre {
        until: Some(on),
        ..leaving
    };
    plan.changes.push(Change::of(&post, Action::Close, ended));
    Ok(plan)
}

impl Plan {
    /// Offices go on with the successor: what is due for them stays due.
    fn pass_on_posts<R: Records>(
        &mut self,
        records: &R,
        Succession { cadre, by, on }: &Succession,
        id: impl Fn(u32) -> RecordId,
    ) -> Result<(), Error<R::Error>> {
        let held = under(records, Index::PostsOfCadre, by)?;
        for record in under(records, Index::PostsOfCadre, cadre)? {
            let Body::Post(post) = &record.body else {
                continue;
            };
            if post.until.is_some() {
                continue;
            }
            let until = Some(*on);
            let ended = Post {
                until,
                ..post.clone()
            };
            self.changes
                .push(Change::of(&record, Action::Change, ended));
            let has_it = held.iter().any(|held| {
                held.area == record.area
                    && matches!(&held.body, Body::Post(own) if own.role == post.role && own.until.is_none())
            });
            if has_it {
                continue;
            }
            let next = id(self.households + self.posts);
            let body = Post {
                cadre: *by,
                from: *on,
                ..post.clone()
            };
            self.changes.push(Change::create(next, record.area, body));
            self.posts += 1;
        }
        Ok(())
    }
}

/// The pairing that follows one: a new one, or one that binds the successor to the household already and now answers for
/// it where the ended one did.
fn follow<R: Records>(
    records: &R,
    record: &Record,
    pairing: &Pairing,
    (by, successor): (RecordId, &Cadre),
    on: Date,
    next: RecordId,
) -> Result<Change, Error<R::Error>> {
    for other in under(records, Index::PairingsOfHousehold, &pairing.household)? {
        if let Body::Pairing(known) = &other.body
            && known.cadre == by
        {
            let responsible = known.responsible || pairing.responsible;
            let known = Pairing {
                responsible,
                ..known.clone()
            };
            return Ok(Change::of(&other, Action::Change, known));
        }
    }
    let level = HelperLevel::of_rank(successor.rank.as_str());
    let level = level.ok_or_else(|| {
        let problem =
            Problem::Malformed(format!("a cadre of rank {} helps nobody", successor.rank));
        Refusal::Invalid(Fault::new("by", problem))
    })?;
    let pairing = Pairing {
        cadre: by,
        level,
        from: on,
        until: None,
        decision: None,
        ..pairing.clone()
    };
    Ok(Change::create(next, record.area, pairing))
}

/// The seats that somebody has in a team end, and the successor has them from that day; how many passed on.
fn pass_on(team: &VillageTeam, cadre: RecordId, by: RecordId, on: Date) -> (VillageTeam, u32) {
    let mut team = team.clone();
    let mut passed = Vec::new();
    for seat in &mut team.seats {
        if seat.holder == cadre && seat.until.is_none() {
            seat.until = Some(on);
            passed.push(Seat {
                holder: by,
                from: on,
                until: None,
                ..seat.clone()
            });
        }
    }
    let has_seat = |seat: &Seat| {
        let same = |known: &Seat| (known.holder, &known.role) == (by, &seat.role);
        team.seats
            .iter()
            .any(|known| same(known) && known.until.is_none())
    };
    passed.retain(|seat| !has_seat(seat));
    let seats = u32::try_from(passed.len()).unwrap_or(u32::MAX);
    team.seats.extend(passed);
    (team, seats)
}

fn cadre_of<R: Records>(
    records: &R,
    field: &'static str,
    id: &RecordId,
) -> Result<(Record, Cadre), Error<R::Error>> {
    let record = records.record(id).map_err(Error::Records)?;
    match record {
        Some(record) if !record.closed => match &record.body {
            Body::Cadre(cadre) => {
                let cadre = cadre.clone();
                Ok((record, cadre))
            }
            _ => Err(no_cadre(field, id).into()),
        },
        _ => Err(no_cadre(field, id).into()),
    }
}

fn no_cadre(field: &'static str, id: &RecordId) -> Refusal {
    Refusal::NoSuchRecord {
        field,
        kind: Kind::Cadre,
        id: *id,
    }
}
