//! Households over time: what happens to them, succession of their helpers, follow-up after an exit, and quotas.

use std::collections::{BTreeMap, btree_map::Entry};

use lika_core::{
    authority::Permission,
    command::{Change, Command, Refused},
    household_life::{self, Life},
    log::Kind,
    record::{Body, Household, HouseholdEvent, Index, Key, OfficialStatistic, Record, VillageTeam},
    rollup::Period,
    succession::{self, Succession},
    value::{ActorId, AreaCode, Date, Digest, RecordId, RequestId, Year},
};

use super::{Caller, Error, Gateway, Seen, cases::Stored, listed, statistics::every};
use crate::store::{self, Lifecycle, Listing, Position, Receipt};

/// Households of one answer at most.
pub const MOST: usize = 10_000;
/// How many years a household is followed up after its exit where nobody says otherwise (S3.4).
const FOLLOWED: u16 = 3;

/// What was written of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Happened {
    /// The event.
    pub event: RecordId,
    /// The household that a split founded.
    pub founded: Option<RecordId>,
    /// Where the command ends in the log.
    pub position: Position,
    /// The same request was carried out before.
    pub repeated: bool,
}

/// What passed on from one cadre to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Succeeded {
    /// Households whose helper the successor has become.
    pub households: u32,
    /// Seats in village teams.
    pub seats: u32,
    /// Offices.
    pub posts: u32,
    /// Where the command ends in the log.
    pub position: Position,
    /// The same request was carried out before.
    pub repeated: bool,
}

/// A household that has exited.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Followed {
    /// The household.
    pub household: RecordId,
    /// Its village.
    pub area: AreaCode,
    /// The year of its exit.
    pub exit_year: Year,
    /// The last year in which it is followed up.
    pub last_year: Year,
    /// The last visit in the year.
    pub visited_on: Option<Date>,
    /// The units that sponsor its village.
    pub sponsors: Vec<RecordId>,
}

/// How the quota of an area stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QuotaStanding {
    /// The area.
    pub area: AreaCode,
    /// Households that may be identified, or are to exit; none where nobody has entered it.
    pub quota: Option<i64>,
    /// Households that were identified, or have exited.
    pub used: i64,
    /// Open cases of the kind.
    pub open_cases: i64,
    /// The quotas directly below together.
    pub below: Option<i64>,
}

impl QuotaStanding {
    /// What is used beyond the quota.
    pub fn beyond(&self) -> i64 {
        self.quota.map_or(0, |quota| (self.used - quota).max(0))
    }
}

impl Gateway {
    /// Records something that happened to a household. `asked` is the whole question as the client put it: the same
    /// under the same request id is carried out once.
    pub async fn happen(
        &self,
        caller: &Caller,
        request: RequestId,
        asked: &[u8],
        life: Life,
    ) -> Result<Happened, Error> {
        let ids = Ids::new("lika.household-event", caller, request, asked);
        if let Some(done) = self.happened(caller, &ids)? {
            return Ok(done);
        }
        let records = Stored(&self.inner.reader);
        let plan = household_life::plan(&records, &life, |place| ids.of(place));
        let plan = plan.map_err(unplanned)?;
        let receipt = match self.write_plan(caller, request, plan.changes).await {
            // The same request may have come twice at once.
            Err(error @ Error::Store(store::Error::RequestReused)) => {
                return self.happened(caller, &ids)?.ok_or(error);
            }
            receipt => receipt?,
        };
        Ok(Happened {
            event: plan.event,
            founded: plan.founded,
            position: receipt.position,
            repeated: receipt.repeated,
        })
    }

    fn happened(&self, caller: &Caller, ids: &Ids) -> Result<Option<Happened>, Error> {
        let event = ids.of(0);
        let Some(first) = self.inner.reader.history(&event)?.into_iter().next() else {
            return Ok(None);
        };
        caller.must(Permission::ReadOpen, &first.header.area)?;
        let position = first.position();
        let Ok(Body::HouseholdEvent(body)) = first.body else {
            return Ok(None);
        };
        Ok(Some(Happened {
            event,
            founded: body.other.filter(|_| body.kind == "split"),
            position,
            repeated: true,
        }))
    }

    /// Lets a cadre follow another one; `asked` as in [`Self::happen`].
    pub async fn succeed(
        &self,
        caller: &Caller,
        request: RequestId,
        asked: &[u8],
        succession: Succession,
    ) -> Result<Succeeded, Error> {
        let ids = Ids::new("lika.succession", caller, request, asked);
        let today = self.clock().today();
        let records = Stored(&self.inner.reader);
        if let Some(done) = self.succeeded(caller, request, &succession)? {
            return Ok(done);
        }
        let plan = succession::plan(&records, &succession, today, |place| ids.of(place));
        let plan = plan.map_err(unplanned)?;
        let receipt = self.write_plan(caller, request, plan.changes).await?;
        Ok(Succeeded {
            households: plan.households,
            seats: plan.seats,
            posts: plan.posts,
            position: receipt.position,
            repeated: receipt.repeated,
        })
    }

    /// What this request did when it came before: the post that ended by it, and what of it is the successor's.
    fn succeeded(
        &self,
        caller: &Caller,
        request: RequestId,
        succession: &Succession,
    ) -> Result<Option<Succeeded>, Error> {
        let reader = &self.inner.reader;
        let Some(last) = reader.get(&succession.cadre)? else {
            return Ok(None);
        };
        let (header, position) = (last.header.clone(), last.position());
        let is_same = last.closed && header.request == request;
        if !is_same || header.actor.0 != caller.officer.0 {
            return Ok(None);
        }
        let mut done = Succeeded {
            households: 0,
            seats: 0,
            posts: 0,
            position,
            repeated: true,
        };
        for id in reader.find(&Key::record(Index::PairingsOfCadre, &succession.by))? {
            let made = reader.get(&id)?.map(|stored| stored.header.request);
            done.households += u32::from(made == Some(request));
        }
        for id in reader.find(&Key::record(Index::PostsOfCadre, &succession.by))? {
            if let Some(made) = reader.get(&id)?
                && made.header.request == request
                && made.header.revision == 1
            {
                done.posts += 1;
            }
        }
        for id in reader.find(&Key::record(Index::TeamsOfHolder, &succession.by))? {
            if let Some(Ok(Body::VillageTeam(team))) = reader.get(&id)?.map(|stored| stored.body) {
                let seats = team.seats.iter();
                let passed =
                    seats.filter(|seat| (seat.holder, seat.from) == (succession.by, succession.on));
                done.seats += u32::try_from(passed.count()).unwrap_or(u32::MAX);
            }
        }
        Ok(Some(done))
    }

    /// Writes a plan: the caller may write of households, and of helpers where any is concerned, in every area that it
    /// touches. What a policy has decided goes along with the household that it is about.
    async fn write_plan(
        &self,
        caller: &Caller,
        request: RequestId,
        changes: Vec<Change>,
    ) -> Result<Receipt, Error> {
        for change in &changes {
            let kind = match change.body.kind() {
                Kind::Decision => Kind::Household,
                kind => kind,
            };
            caller.must(Permission::Write(kind), &change.area)?;
            if let Some(area) = self.inner.reader.area(&change.id)? {
                caller.must(Permission::Write(kind), &area)?;
            }
        }
        let command = Command {
            request,
            actor: ActorId(caller.officer.0),
            changes,
        };
        Ok(self.inner.store.submit(command).await?)
    }

    /// What has happened to a household, and before it to those that it was founded out of or that were merged into it;
    /// the earliest first.
    pub fn life(&self, caller: &Caller, household: &RecordId) -> Result<Vec<Seen>, Error> {
        self.get(caller, household, None)?;
        let mut found: Vec<(Seen, HouseholdEvent)> = Vec::new();
        let mut asked = vec![(*household, None)];
        let mut next = 0;
        while let Some((own, until)) = asked.get(next).copied() {
            next += 1;
            for seen in self.under(caller, &HouseholdEvent::key_of(&own))? {
                let Body::HouseholdEvent(event) = seen.record.body.clone() else {
                    continue;
                };
                let is_later = until.is_some_and(|until| event.on > until);
                if is_later || found.iter().any(|(it, _)| it.record.id == seen.record.id) {
                    continue;
                }
                // What is shared with the household that it came from ends on the day of the split.
                if event.other == Some(own) && matches!(event.kind.as_str(), "split" | "merged") {
                    let until = (event.kind == "split").then_some(event.on);
                    asked.push((event.household, until));
                }
                found.push((seen, event));
            }
        }
        found.sort_by_key(|(seen, event)| (event.on, seen.header.recorded_at, seen.record.id));
        Ok(found.into_iter().map(|(seen, _)| seen).collect())
    }

    /// The households of an area that are followed up in a year (S3.4), for so many years after their exit.
    pub fn followed_up(
        &self,
        caller: &Caller,
        area: &AreaCode,
        year: Option<Year>,
        years: Option<u16>,
    ) -> Result<(Vec<Followed>, bool), Error> {
        caller.must(Permission::ReadOpen, area)?;
        let year = year.unwrap_or_else(|| self.clock().today().year());
        let years = years.unwrap_or(FOLLOWED);
        let mut found = Vec::new();
        let mut has_more = false;
        every(&self.inner.reader, Kind::Household, area, &mut |record| {
            if let Some(followed) = follow(&record, year, years) {
                match found.len() == MOST {
                    true => has_more = true,
                    false => found.push(followed),
                }
            }
        })?;
        let mut sponsors: BTreeMap<AreaCode, Vec<RecordId>> = BTreeMap::new();
        for followed in &mut found {
            followed.visited_on = self.last_visit(&followed.household, year)?;
            followed.sponsors = match sponsors.entry(followed.area) {
                Entry::Occupied(known) => known.get().clone(),
                Entry::Vacant(unknown) => unknown.insert(self.sponsors(&followed.area)?).clone(),
            };
        }
        Ok((found, has_more))
    }

    fn last_visit(&self, household: &RecordId, year: Year) -> Result<Option<Date>, Error> {
        let reader = &self.inner.reader;
        let mut visited_on = None;
        for id in reader.find(&Key::record(Index::VisitsOfHousehold, household))? {
            if let Some(Ok(Body::Visit(visit))) = reader.get(&id)?.map(|stored| stored.body)
                && visit.on.year() == year
            {
                visited_on = visited_on.max(Some(visit.on));
            }
        }
        Ok(visited_on)
    }

    fn sponsors(&self, village: &AreaCode) -> Result<Vec<RecordId>, Error> {
        let page = self.inner.reader.list(&Listing {
            kind: Kind::VillageTeam,
            area: *village,
            lifecycle: Lifecycle::Open,
            after: None,
            limit: 1,
        })?;
        let team = page.items.into_iter().next().map(|stored| stored.body);
        let Some(Ok(Body::VillageTeam(VillageTeam { seats, .. }))) = team else {
            return Ok(Vec::new());
        };
        let sponsors = seats
            .into_iter()
            .filter(|seat| seat.role == "sponsor" && seat.until.is_none());
        Ok(sponsors.map(|seat| seat.holder).collect())
    }

    /// How the quotas of a year stand for an area and those directly below it (S1.1).
    pub fn quotas(
        &self,
        caller: &Caller,
        area: &AreaCode,
        kind: QuotaKind,
        year: Year,
    ) -> Result<Vec<QuotaStanding>, Error> {
        caller.must(Permission::ReadTotals, area)?;
        let reader = &self.inner.reader;
        let mut used = reader.totals_below(area, Period::year(year))?;
        let mut now = reader.totals_below(area, Period::NOW)?;
        let own = reader.totals(area, Period::year(year))?;
        used.insert(*area, own);
        now.insert(*area, reader.totals(area, Period::NOW)?);
        let below = self.areas_below(area)?;
        let mut standings = Vec::new();
        for place in std::iter::once(*area).chain(below) {
            let figure = |totals: &BTreeMap<AreaCode, _>, name: &str| {
                let of_area: Option<&BTreeMap<String, i64>> = totals.get(&place);
                of_area.and_then(|of| of.get(name).copied()).unwrap_or(0)
            };
            let standing = QuotaStanding {
                area: place,
                quota: self.quota(&place, kind, year)?,
                used: figure(&used, kind.used()),
                open_cases: figure(&now, kind.cases()),
                below: None,
            };
            let says_something = standing.quota.is_some() || standing.used > 0;
            if place == *area || says_something || standing.open_cases > 0 {
                standings.push(standing);
            }
        }
        let parts: Vec<i64> = standings.iter().skip(1).filter_map(|it| it.quota).collect();
        if let Some(own) = standings.first_mut() {
            own.below = (!parts.is_empty()).then(|| parts.iter().sum());
        }
        Ok(standings)
    }

    /// How the quota of a year stands for an area by itself.
    pub fn quota_of(
        &self,
        caller: &Caller,
        area: &AreaCode,
        kind: QuotaKind,
        year: Year,
    ) -> Result<QuotaStanding, Error> {
        caller.must(Permission::ReadTotals, area)?;
        let figure = |period: Period, name: &str| {
            let totals = self.inner.reader.totals(area, period)?;
            Ok::<_, Error>(totals.get(name).copied().unwrap_or(0))
        };
        Ok(QuotaStanding {
            area: *area,
            quota: self.quota(area, kind, year)?,
            used: figure(Period::year(year), kind.used())?,
            open_cases: figure(Period::NOW, kind.cases())?,
            below: None,
        })
    }

    fn quota(&self, area: &AreaCode, kind: QuotaKind, year: Year) -> Result<Option<i64>, Error> {
        let series = listed("statistic-series", "series", kind.series())?;
        let id = OfficialStatistic::id_for(area, &series, year);
        let stored = self.inner.reader.get(&id)?.filter(|stored| !stored.closed);
        Ok(match stored.map(|stored| stored.body) {
            Some(Ok(Body::OfficialStatistic(figure))) => Some(figure.value),
            _ => None,
        })
    }

    fn areas_below(&self, area: &AreaCode) -> Result<Vec<AreaCode>, Error> {
        let mut below = Vec::new();
        every(&self.inner.reader, Kind::Area, area, &mut |record| {
            if record.area.parent() == Some(*area) {
                below.push(record.area);
            }
        })?;
        Ok(below)
    }
}

/// What a quota counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QuotaKind {
    /// Households that may be identified.
    Identification,
    /// Households that are to exit.
    Exit,
}

impl QuotaKind {
    /// Reads a code of the list case-kind.
    pub fn from_code(code: &str) -> Option<Self> {
        match code {
            "identification" => Some(Self::Identification),
            "exit" => Some(Self::Exit),
            _ => None,
        }
    }

    fn series(self) -> &'static str {
        match self {
            Self::Identification => "identification-quota",
            Self::Exit => "exit-quota",
        }
    }

    fn used(self) -> &'static str {
        match self {
            Self::Identification => "identified",
            Self::Exit => "exits",
        }
    }

    fn cases(self) -> &'static str {
        match self {
            Self::Identification => "case/identification",
            Self::Exit => "case/exit",
        }
    }
}

/// A household that is followed up in a year, without what other records say of it.
fn follow(record: &Record, year: Year, years: u16) -> Option<Followed> {
    let Body::Household(Household {
        exit_year: Some(exit_year),
        ..
    }) = record.body
    else {
        return None;
    };
    let last_year = exit_year.plus(i32::from(years)).unwrap_or(exit_year);
    let is_followed = exit_year < year && year <= last_year;
    is_followed.then(|| Followed {
        household: record.id,
        area: record.area,
        exit_year,
        last_year,
        visited_on: None,
        sponsors: Vec::new(),
    })
}

/// Ids of new records. Everything that was asked is in them, so that another question under the same request id finds
/// nothing.
struct Ids {
    domain: &'static str,
    asked: Vec<u8>,
}

impl Ids {
    fn new(domain: &'static str, caller: &Caller, request: RequestId, asked: &[u8]) -> Self {
        let digest = Digest::of(asked);
        let asked = [&request.0[..], &caller.officer.0, &digest.0].concat();
        Self { domain, asked }
    }

    fn of(&self, place: u32) -> RecordId {
        RecordId::derived(
            self.domain,
            &[&self.asked[..], &place.to_be_bytes()].concat(),
        )
    }
}

/// A plan that cannot be is refused as the command would be.
fn unplanned(error: household_life::Error<store::Error>) -> Error {
    match error {
        household_life::Error::Refused(refusal) => {
            let refused = Refused { change: 0, refusal };
            Error::Store(store::Error::Refused(refused))
        }
        household_life::Error::Records(error) => Error::Store(error),
    }
}
