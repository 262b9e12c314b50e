//! Accepting what policies propose: decisions become pairings and seats in village teams.

use lika_core::{
    authority::Permission,
    command::Change,
    log::{Action, Kind},
    record::{
        Body, Cadre, Decision, HelperLevel, Index, Key, Pairing, Proposal, Record, Seat,
        VillageTeam,
    },
    value::{AreaCode, Code, Date, RecordId, RequestId},
};

use super::{Caller, Error, Gateway, blocking, damaged};
use crate::store::{self, Position};

/// What accepting made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Accepted {
    /// Pairings made.
    pub pairings: u64,
    /// Seats given in village teams.
    pub seats: u64,
    /// The position of the last entry that was written; where nothing was, the end of the log.
    pub position: Position,
}

impl Gateway {
    /// Accepts the open proposals of the current decisions for a purpose in an area, from a day on (today when none is
    /// given): proposals for households become pairings, proposals for villages become seats of their teams.
    ///
    /// What is there already, and whoever is no longer in office, is passed over. The same request answers what the
    /// first one did, unless that made nothing.
    pub async fn accept(
        &self,
        caller: &Caller,
        request: RequestId,
        purpose: &Code,
        area: &AreaCode,
        from: Option<Date>,
    ) -> Result<Accepted, Error> {
        caller.must(Permission::RunPolicies, area)?;
        let gateway = self.clone();
        let (purpose, area, actor) = (purpose.clone(), *area, caller.officer);
        let mut plan = Plan {
            gateway,
            given: from,
            from: from.unwrap_or_else(|| self.clock().today()),
            actor,
            request,
            purpose,
            area,
            changes: Vec::new(),
            made: Accepted::default(),
        };
        let plan = blocking(move || {
            if let Some(earlier) = plan.earlier()? {
                return Ok(Planned::Done(earlier));
            }
            plan.make()?;
            Ok(Planned::New(plan))
        });
        let plan = match plan.await? {
            Planned::Done(made) => return Ok(made),
            Planned::New(plan) => plan,
        };
        if plan.changes.is_empty() {
            return Ok(Accepted {
                position: self.position(),
                ..plan.made
            });
        }
        match self.apply(caller, request, plan.changes.clone()).await {
            Ok(receipt) => Ok(Accepted {
                position: receipt.position,
                ..plan.made
            }),
            // The same request may have come twice at once.
            Err(error @ Error::Store(store::Error::RequestReused)) => {
                blocking(move || plan.earlier()).await?.ok_or(error)
            }
            Err(error) => Err(error),
        }
    }
}

enum Planned {
    Done(Accepted),
    New(Plan),
}

struct Plan {
    gateway: Gateway,
    request: RequestId,
    actor: RecordId,
    purpose: Code,
    area: AreaCode,
    given: Option<Date>,
    from: Date,
    changes: Vec<Change>,
    made: Accepted,
}

impl Plan {
    fn make(&mut self) -> Result<(), Error> {
        let mut decisions = Vec::new();
        self.gateway
            .each(Kind::Decision, &self.area, |id, area, body| {
                if let Body::Decision(decision) = body
                    && decision.purpose == self.purpose
                    && !decision.proposals.is_empty()
                {
                    decisions.push((id, area, decision));
                }
            })?;
        for (id, area, decision) in decisions {
            match decision.subject_kind {
                Kind::Household => self.pair(id, area, &decision)?,
                Kind::Area => self.seat(id, area, &decision)?,
                _ => {}
            }
        }
        Ok(())
    }

    /// What this request made when it came before. Pairings and new teams have ids that follow from the request; teams
    /// that were changed name it in their history.
    fn earlier(&self) -> Result<Option<Accepted>, Error> {
        let reader = self.gateway.reader();
        let mut made = Accepted::default();
        while let Some(stored) = reader.get(&self.pairing_id(made.pairings))? {
            let first = reader.history(&stored.header.record)?.into_iter().next();
            made.position = made
                .position
                .max(first.map_or(stored.position(), |first| first.position()));
            made.pairings += 1;
        }
        let mut teams = Vec::new();
        self.gateway
            .each(Kind::VillageTeam, &self.area, |id, _, _| teams.push(id))?;
        for team in teams {
            let mut before = 0;
            for revision in reader.history(&team)? {
                let position = revision.position();
                let (request, actor) = (revision.header.request, revision.header.actor);
                let Ok(Body::VillageTeam(body)) = revision.body else {
                    continue;
                };
                if request == self.request && actor.0 == self.actor.0 {
                    made.seats += (body.seats.len() - before.min(body.seats.len())) as u64;
                    made.position = made.position.max(position);
                }
                before = body.seats.len();
            }
        }
        Ok((made.pairings + made.seats > 0).then_some(made))
    }

    /// S4.4: the helpers of a household, one of whom answers for it.
    fn pair(&mut self, id: RecordId, area: AreaCode, decision: &Decision) -> Result<(), Error> {
        let is_open = self
            .gateway
            .reader()
            .get(&decision.subject)?
            .is_some_and(|household| !household.closed);
        if !is_open {
            return Ok(());
        }
        let known = self.pairings_of(&decision.subject)?;
        let mut new: Vec<Pairing> = Vec::new();
        for proposal in &decision.proposals {
            let is_bound = |pairing: &Pairing| pairing.cadre == proposal.resource;
            if known.iter().chain(&new).any(is_bound) {
                continue;
            }
            let cadre = self.cadre_in_office(&proposal.resource)?;
            let level = cadre.and_then(|cadre| HelperLevel::of_rank(cadre.rank.as_str()));
            let Some(level) = level else { continue };
            new.push(Pairing {
                household: decision.subject,
                cadre: proposal.resource,
                role: proposal.role.clone(),
                level,
                responsible: false,
                from: self.from,
                until: None,
                decision: Some(id),
            });
        }
        if known.iter().all(|pairing| !pairing.responsible)
            && let Some(responsible) = new.iter_mut().min_by_key(|pairing| responsibility(pairing))
        {
            responsible.responsible = true;
        }
        for pairing in new {
            let id = self.pairing_id(self.made.pairings);
            self.changes.push(Change::create(id, area, pairing));
            self.made.pairings += 1;
        }
        Ok(())
    }

    /// S4.2: the seats of a village's team. A cadre whose relief the decision asks for leaves when the successor comes.
    fn seat(&mut self, id: RecordId, area: AreaCode, decision: &Decision) -> Result<(), Error> {
        let current = self.team_of(&area)?;
        let mut team = match current.as_ref().map(|record| &record.body) {
            Some(Body::VillageTeam(team)) => team.clone(),
            _ => VillageTeam {
                seats: Vec::new(),
                from: self.from,
                until: None,
                decision: None,
            },
        };
        let before = team.seats.len();
        for proposal in &decision.proposals {
            if let Some(seat) = self.seat_of(proposal, &team)? {
                if seat.role.as_str() == "stationed" {
                    self.relieve(&mut team, &seat, decision)?;
                }
                team.seats.push(seat);
            }
        }
        let given = team.seats.len() - before;
        if given == 0 {
            return Ok(());
        }
        self.made.seats += given as u64;
        team.decision = Some(id);
        self.changes.push(match current {
            Some(record) => Change::of(&record, Action::Change, team),
            None => Change::create(
                self.new_id("lika.village-team", self.made.seats),
                area,
                team,
            ),
        });
        Ok(())
    }

    fn seat_of(&self, proposal: &Proposal, team: &VillageTeam) -> Result<Option<Seat>, Error> {
        let role = match (proposal.role.as_str(), proposal.resource_kind) {
            ("unit", Kind::Unit) => "sponsor",
            (role @ ("leader" | "stationed"), Kind::Cadre) => role,
            _ => return Ok(None),
        };
        let has_seat = team
            .seats
            .iter()
            .any(|seat| seat.holder == proposal.resource && seat.until.is_none());
        let is_there = match proposal.resource_kind {
            Kind::Cadre => self.cadre_in_office(&proposal.resource)?.is_some(),
            _ => self
                .gateway
                .reader()
                .get(&proposal.resource)?
                .is_some_and(|unit| !unit.closed),
        };
        if has_seat || !is_there {
            return Ok(None);
        }
        let role = Code::parse(role).map_err(|_| damaged("a seat has an unknown role"))?;
        Ok(Some(Seat {
            role,
            holder: proposal.resource,
            from: self.from,
            until: None,
        }))
    }

    /// Ends the longest held seat of the successor's rank among those that the decision names as due: the first
    /// argument of the reason is the day on which the cadre came.
    fn relieve(
        &self,
        team: &mut VillageTeam,
        successor: &Seat,
        decision: &Decision,
    ) -> Result<(), Error> {
        let due = decision
            .reasons
            .iter()
            .filter(|reason| reason.code.as_str() == "rotation-due");
        let due: Vec<&String> = due.filter_map(|reason| reason.arguments.first()).collect();
        let rank = self.rank(&successor.holder)?;
        let mut longest: Option<&mut Seat> = None;
        for seat in &mut team.seats {
            let is_due = seat.role == successor.role
                && seat.until.is_none()
                && seat.from < self.from
                && due.iter().any(|since| **since == seat.from.to_string())
                && longest
                    .as_ref()
                    .is_none_or(|longest| seat.from < longest.from);
            if is_due && self.rank(&seat.holder)? == rank {
                longest = Some(seat);
            }
        }
        if let Some(seat) = longest {
            seat.until = Some(self.from);
        }
        Ok(())
    }

    fn pairings_of(&self, household: &RecordId) -> Result<Vec<Pairing>, Error> {
        let reader = self.gateway.reader();
        let mut pairings = Vec::new();
        for id in reader.find(&Key::record(Index::PairingsOfHousehold, household))? {
            if let Some(Body::Pairing(pairing)) =
                reader.get(&id)?.and_then(|stored| stored.body.ok())
            {
                pairings.push(pairing);
            }
        }
        Ok(pairings)
    }

    fn team_of(&self, village: &AreaCode) -> Result<Option<Record>, Error> {
        let mut found = None;
        self.gateway
            .each(Kind::VillageTeam, village, |id, _, _| found = Some(id))?;
        let stored = found
            .map(|id| self.gateway.reader().get(&id))
            .transpose()?
            .flatten();
        Ok(stored.and_then(|stored| stored.into_record()))
    }

    fn cadre_in_office(&self, id: &RecordId) -> Result<Option<Cadre>, Error> {
        let record = self
            .gateway
            .reader()
            .get(id)?
            .and_then(|stored| stored.into_record());
        Ok(match record {
            Some(Record {
                closed: false,
                body: Body::Cadre(cadre),
                ..
            }) => Some(cadre).filter(|cadre| cadre.until.is_none_or(|until| self.from < until)),
            _ => None,
        })
    }

    /// Full or deputy: the reserve cadre for a rank counts as of that rank.
    fn rank(&self, cadre: &RecordId) -> Result<Option<bool>, Error> {
        let stored = self.gateway.reader().get(cadre)?;
        Ok(match stored.map(|stored| stored.body) {
            Some(Ok(Body::Cadre(cadre))) => Some(cadre.rank.as_str().ends_with("full")),
            _ => None,
        })
    }

    fn pairing_id(&self, number: u64) -> RecordId {
        self.new_id("lika.pairing", number)
    }

    /// Everything that was asked is in it, so another question under the same request id finds nothing.
    fn new_id(&self, domain: &str, number: u64) -> RecordId {
        let given = self.given.map_or(0, |given| given.number());
        let parts = [
            &self.request.0[..],
            &self.actor.0,
            &given.to_be_bytes(),
            &number.to_be_bytes(),
            self.area.digits().as_bytes(),
            b"/",
            self.purpose.as_str().as_bytes(),
        ];
        RecordId::derived(domain, &parts.concat())
    }
}

/// Who answers for a household: the highest of those in focus; where nobody is, the one who is nearest to it.
fn responsibility(pairing: &Pairing) -> (bool, u8) {
    let level = pairing.level.number();
    match pairing.role.as_str() {
        "focus" => (false, level),
        _ => (true, u8::MAX - level),
    }
}
