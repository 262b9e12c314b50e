//! Reading for pages: what belongs together on one, asked for at once.
//!
//! Who may see what is decided record by record as everywhere else, with one addition: the name of a helper is part of
//! the card, the team and the decision that it stands on. Whoever reads personal data of the household or village reads
//! who helps it, even when the helper's own record belongs to an office above them.

use std::collections::BTreeMap;

use lika_core::{
    authority::Permission,
    log::{Action, Class, Kind},
    record::{
        Area, Blacklisting, Body, Decision, Doubt, Evaluation, Household, HouseholdEvent,
        IncomeStatement, Index, Key, Loan, Measure, Member, Pairing, VillageTeam, Visit, area_id,
    },
    value::{ActorId, AreaCode, AreaLevel, Code, Date, Digest, NodeId, RecordId},
};

use super::{AreaTotals, Caller, Error, Gateway, ListQuery, Seen};
use crate::store::{Lifecycle, PageToken};

/// The most records that a page gathers of one kind in one go.
const BATCH: usize = 1000;

/// A record whose kind is known.
#[derive(Clone, Debug)]
pub struct Item<T> {
    /// The record.
    pub id: RecordId,
    /// The area it belongs to.
    pub area: AreaCode,
    /// Whether it is closed.
    pub closed: bool,
    /// The classes of parts that are not shown to this caller, or not known here.
    pub withheld: Vec<Class>,
    /// What it says.
    pub body: T,
}

/// Where an area lies: its name, and the areas around it that the caller may look at, the widest first.
#[derive(Clone, Debug)]
pub struct Place {
    /// The area.
    pub area: AreaCode,
    /// The name, when the area is registered here.
    pub name: Option<String>,
    /// The areas around it.
    pub around: Vec<(AreaCode, Option<String>)>,
}

/// A cadre or a unit as it stands on somebody's page.
#[derive(Clone, Debug, Default)]
pub struct Holder {
    /// The name; none when it is withheld.
    pub name: Option<String>,
    /// The rank of a cadre.
    pub rank: Option<Code>,
}

/// What belongs to a village.
#[derive(Clone, Debug)]
pub struct Village {
    /// The area's record, when it is registered.
    pub record: Option<Area>,
    /// The teams that are not closed.
    pub teams: Vec<Item<VillageTeam>>,
    /// Who holds the seats.
    pub holders: BTreeMap<RecordId, Holder>,
    /// A page of its households.
    pub households: Vec<HouseholdRow>,
    /// How to ask for the next page.
    pub next: Option<PageToken>,
    /// The decisions about the village itself.
    pub decisions: Vec<Judged>,
}

/// A household in a list.
#[derive(Clone, Debug)]
pub struct HouseholdRow {
    /// The household.
    pub household: Item<Household>,
    /// Its head, if it has one.
    pub head: Option<Item<Member>>,
    /// How many people belong to it today.
    pub people: usize,
    /// Whether somebody answers for it (S4.4).
    pub is_paired: bool,
}

/// A household's whole card.
#[derive(Clone, Debug)]
pub struct Card {
    /// The household.
    pub household: Item<Household>,
    /// Where it lives.
    pub place: Place,
    /// Who belongs to it today, the head first.
    pub members: Vec<Item<Member>>,
    /// Its income, the latest year first.
    pub incomes: Vec<Item<IncomeStatement>>,
    /// Its helpers, the responsible ones first.
    pub pairings: Vec<(Item<Pairing>, Holder)>,
    /// The visits, the latest first.
    pub visits: Vec<(Item<Visit>, Holder)>,
    /// Its plan: the measures that have not ended, the latest first.
    pub measures: Vec<Item<Measure>>,
    /// What lists of other bureaus say of its members, the latest first.
    pub doubts: Vec<Item<Doubt>>,
    /// What it has borrowed, the latest first, and how it kept that.
    pub loans: Vec<Item<Loan>>,
    /// What it is lent nothing for, in force or not.
    pub blacklistings: Vec<Item<Blacklisting>>,
    /// What policies said of it.
    pub decisions: Vec<Judged>,
    /// What has happened to it, the earliest first.
    pub life: Vec<Happening>,
}

/// An event and whom it names.
#[derive(Clone, Debug)]
pub struct Happening {
    /// The event.
    pub event: Item<HouseholdEvent>,
    /// The names of the members; none where any of them may not be known.
    pub members: Option<Vec<String>>,
}

/// A decision and the policy that it came from.
#[derive(Clone, Debug)]
pub struct Judged {
    /// The decision.
    pub decision: Item<Decision>,
    /// The policy's component, which explains the codes; none when the evaluation is not here.
    pub component: Option<Digest>,
}

/// A decision with what it stands on.
#[derive(Clone, Debug)]
pub struct Judgement {
    /// The decision and its policy.
    pub judged: Judged,
    /// The evaluation; none when the caller may not see it.
    pub evaluation: Option<Item<Evaluation>>,
    /// The cadres and units that are proposed.
    pub resources: BTreeMap<RecordId, Holder>,
    /// The subject; none when the caller may not see it.
    pub subject: Option<Seen>,
}

/// A revision of a record, and what it did.
#[derive(Clone, Debug)]
pub struct Revision {
    /// The record as the revision left it.
    pub seen: Seen,
    /// Who acted; none when the name is withheld.
    pub actor: Option<String>,
    /// What was done.
    pub action: Action,
}

macro_rules! items {
    ($seen:expr, $kind:ident) => {
        $seen.into_iter().filter_map(|seen| match seen.record.body {
            Body::$kind(body) => Some(Item {
                id: seen.record.id,
                area: seen.record.area,
                closed: seen.record.closed,
                withheld: seen.withheld,
                body,
            }),
            _ => None,
        })
    };
}

impl Gateway {
    /// Where an area lies.
    pub fn place(&self, caller: &Caller, area: &AreaCode) -> Result<Place, Error> {
        let readable = area
            .ancestors_inclusive()
            .skip(1)
            .filter(|above| caller.may(Permission::ReadTotals, above));
        let mut around = readable
            .map(|above| Ok((above, self.area_name(&above)?)))
            .collect::<Result<Vec<_>, Error>>()?;
        around.reverse();
        Ok(Place {
            area: *area,
            name: self.area_name(area)?,
            around,
        })
    }

    /// The totals of the areas that an area's page lists: counties at a province, townships at a county, villages at a
    /// township; registered ones are there even when nothing was counted in them yet.
    pub fn totals_listed(
        &self,
        caller: &Caller,
        area: &AreaCode,
    ) -> Result<BTreeMap<AreaCode, AreaTotals>, Error> {
        let mut listed = self.totals_below(caller, area)?;
        if area.level() == AreaLevel::Province {
            let prefectures: Vec<AreaCode> = listed
                .keys()
                .copied()
                .filter(|below| below.level() == AreaLevel::Prefecture)
                .collect();
            for prefecture in prefectures {
                let counties = self.totals_below(caller, &prefecture)?;
                if !counties.is_empty() {
                    listed.remove(&prefecture);
                    listed.extend(counties);
                }
            }
        }
        if area.level() >= AreaLevel::County {
            for (code, name) in self.registered_below(caller, area)? {
                listed.entry(code).or_insert_with(|| AreaTotals {
                    name: Some(name),
                    ..AreaTotals::default()
                });
            }
        }
        Ok(listed)
    }

    /// What belongs to a village, with so many of its households.
    pub fn village(
        &self,
        caller: &Caller,
        area: &AreaCode,
        after: Option<PageToken>,
        limit: usize,
    ) -> Result<Village, Error> {
        let today = self.clock().today();
        let query = ListQuery {
            kind: Kind::Household,
            area: *area,
            limit,
            after,
            lifecycle: Lifecycle::Open,
        };
        let page = self.list(caller, &query)?;
        let households: Vec<_> = items!(page.items, Household).collect();
        let households = households
            .into_iter()
            .map(|household| self.household_row(caller, household, today))
            .collect::<Result<_, Error>>()?;
        let query = ListQuery {
            kind: Kind::VillageTeam,
            area: *area,
            limit: 0,
            after: None,
            lifecycle: Lifecycle::Open,
        };
        let teams: Vec<_> = items!(self.list(caller, &query)?.items, VillageTeam).collect();
        let seats = teams
            .iter()
            .flat_map(|team| team.body.seats.iter().map(|seat| seat.holder));
        let holders = self.holders(caller, area, seats)?;
        let record = match self.get(caller, &area_id(area), None) {
            Ok(Seen { record, .. }) => match record.body {
                Body::Area(area) => Some(area),
                _ => None,
            },
            Err(Error::NotFound(_)) => None,
            Err(error) => return Err(error),
        };
        let decisions = self.decisions_on(caller, &area_id(area))?;
        Ok(Village {
            record,
            teams,
            holders,
            households,
            next: page.next,
            decisions,
        })
    }

    /// A household's whole card.
    pub fn card(&self, caller: &Caller, id: &RecordId) -> Result<Card, Error> {
        let household = items!([self.get(caller, id, None)?], Household)
            .next()
            .ok_or(Error::NotFound(*id))?;
        let area = household.area;
        let members = self.members(caller, id, self.clock().today())?;
        let incomes = self.incomes_of(caller, id)?;
        let pairings = self.pairings_of(caller, &area, id)?;
        let visits = self.under(caller, &Key::record(Index::VisitsOfHousehold, id))?;
        let mut visits = items!(visits, Visit)
            .map(|visit| Ok((self.holder(caller, &area, &visit.body.cadre)?, visit)))
            .map(|both: Result<_, Error>| both.map(|(holder, visit)| (visit, holder)))
            .collect::<Result<Vec<_>, _>>()?;
        visits.sort_by_key(|(visit, _)| std::cmp::Reverse(visit.body.on));
        let mut doubts = Vec::new();
        for member in &members {
            let said = self.under(caller, &Key::record(Index::DoubtsOfMember, &member.id))?;
            doubts.extend(items!(said, Doubt));
        }
        doubts.sort_by_key(|doubt| std::cmp::Reverse(doubt.body.raised_on));
        let loans = self.under(caller, &Key::record(Index::LoansOfHousehold, id))?;
        let mut loans: Vec<_> = items!(loans, Loan).collect();
        loans.sort_by_key(|loan| {
            let first = loan.body.steps.first().map(|step| step.on);
            std::cmp::Reverse((first, loan.id))
        });
        let listed = self.under(caller, &Key::record(Index::BlacklistingsOfHousehold, id))?;
        let blacklistings = items!(listed, Blacklisting).collect();
        let measures = self.running_measures_of(caller, id)?;
        let decisions = self.decisions_on(caller, id)?;
        let life = items!(self.life(caller, id)?, HouseholdEvent)
            .map(|event| self.named(caller, event))
            .collect::<Result<_, _>>()?;
        Ok(Card {
            place: self.place(caller, &area)?,
            life,
            household,
            members,
            incomes,
            pairings,
            visits,
            measures,
            doubts,
            loans,
            blacklistings,
            decisions,
        })
    }

    /// A decision with what it stands on.
    pub fn judgement(&self, caller: &Caller, id: &RecordId) -> Result<Judgement, Error> {
        let decision = items!([self.get(caller, id, None)?], Decision)
            .next()
            .ok_or(Error::NotFound(*id))?;
        let evaluation = optional(self.get(caller, &decision.body.evaluation, None))?;
        let evaluation = items!(evaluation, Evaluation).next();
        let proposed = decision
            .body
            .proposals
            .iter()
            .map(|proposal| proposal.resource);
        let resources = self.holders(caller, &decision.area, proposed)?;
        let subject = optional(self.get(caller, &decision.body.subject, None))?;
        let judged = self.judged(decision)?;
        Ok(Judgement {
            judged,
            evaluation,
            resources,
            subject,
        })
    }

    /// The revisions of a record with who made them, oldest first.
    pub fn revisions(&self, caller: &Caller, id: &RecordId) -> Result<Vec<Revision>, Error> {
        let mut names: BTreeMap<ActorId, Option<String>> = BTreeMap::new();
        let mut revisions = Vec::new();
        for seen in self.history(caller, id)? {
            let actor = seen.header.actor;
            if let std::collections::btree_map::Entry::Vacant(vacant) = names.entry(actor) {
                vacant.insert(self.actor_name(caller, &seen.record.area, actor)?);
            }
            let actor = names.get(&actor).cloned().flatten();
            revisions.push(Revision {
                action: seen.header.action,
                actor,
                seen,
            });
        }
        Ok(revisions)
    }

    /// The name of a node, when its record is here.
    pub fn node_name(&self, node: &NodeId) -> Result<Option<String>, Error> {
        let stored = self.inner.reader.get(&RecordId(node.0))?;
        Ok(stored.and_then(|stored| match stored.body {
            Ok(Body::Node(node)) => Some(node.name.to_string()),
            _ => None,
        }))
    }

    /// The names of cadres and units as they stand on a page about an area.
    pub fn holders(
        &self,
        caller: &Caller,
        area: &AreaCode,
        ids: impl IntoIterator<Item = RecordId>,
    ) -> Result<BTreeMap<RecordId, Holder>, Error> {
        ids.into_iter()
            .map(|id| Ok((id, self.holder(caller, area, &id)?)))
            .collect()
    }

    /// The name of a cadre or a unit as it stands on a page about an area.
    pub fn holder(&self, caller: &Caller, area: &AreaCode, id: &RecordId) -> Result<Holder, Error> {
        let is_personal = caller.may(Permission::ReadPersonal, area);
        let is_open = caller.may(Permission::ReadOpen, area);
        let body = self.inner.reader.get(id)?.map(|stored| stored.body);
        Ok(match body {
            Some(Ok(Body::Cadre(cadre))) if is_open => Holder {
                name: cadre
                    .identity
                    .filter(|_| is_personal)
                    .map(|identity| identity.name.to_string()),
                rank: Some(cadre.rank),
            },
            Some(Ok(Body::Unit(unit))) if is_open => Holder {
                name: Some(unit.name.to_string()),
                rank: None,
            },
            _ => Holder::default(),
        })
    }

    /// The income of a household, the latest year first.
    pub(super) fn incomes_of(
        &self,
        caller: &Caller,
        household: &RecordId,
    ) -> Result<Vec<Item<IncomeStatement>>, Error> {
        let key = Key::record(Index::IncomeOfHousehold, household);
        let mut incomes: Vec<_> = items!(self.under(caller, &key)?, IncomeStatement).collect();
        incomes.sort_by_key(|income| std::cmp::Reverse(income.body.year));
        Ok(incomes)
    }

    /// The helpers of a household, the responsible ones first.
    pub(super) fn pairings_of(
        &self,
        caller: &Caller,
        area: &AreaCode,
        household: &RecordId,
    ) -> Result<Vec<(Item<Pairing>, Holder)>, Error> {
        let key = Key::record(Index::PairingsOfHousehold, household);
        let mut pairings = items!(self.under(caller, &key)?, Pairing)
            .map(|pairing| Ok((self.holder(caller, area, &pairing.body.cadre)?, pairing)))
            .map(|both: Result<_, Error>| both.map(|(holder, pairing)| (pairing, holder)))
            .collect::<Result<Vec<_>, _>>()?;
        pairings.sort_by_key(|(pairing, _)| {
            (
                !pairing.body.responsible,
                pairing.body.level,
                pairing.body.from,
            )
        });
        Ok(pairings)
    }

    /// The plan of a household: the measures that have not ended, the latest first.
    pub(super) fn running_measures_of(
        &self,
        caller: &Caller,
        household: &RecordId,
    ) -> Result<Vec<Item<Measure>>, Error> {
        let key = Key::record(Index::MeasuresOfHousehold, household);
        let mut measures: Vec<_> = items!(self.under(caller, &key)?, Measure)
            .filter(|measure| measure.body.is_running())
            .collect();
        measures.sort_by_key(|measure| std::cmp::Reverse(measure.body.from));
        Ok(measures)
    }

    /// The people of a household on a day, the head first.
    pub(super) fn members(
        &self,
        caller: &Caller,
        household: &RecordId,
        on: Date,
    ) -> Result<Vec<Item<Member>>, Error> {
        let seen = self.under(caller, &Key::record(Index::MembersOfHousehold, household))?;
        let mut members: Vec<_> = items!(seen, Member)
            .filter(|member| {
                member
                    .body
                    .until
                    .as_ref()
                    .is_none_or(|(until, _)| on < *until)
            })
            .collect();
        members.sort_by(|a, b| {
            (&a.body.relation, a.body.birth_year).cmp(&(&b.body.relation, b.body.birth_year))
        });
        Ok(members)
    }

    fn named(&self, caller: &Caller, event: Item<HouseholdEvent>) -> Result<Happening, Error> {
        let mut names = Vec::new();
        for id in &event.body.members {
            let member = optional(self.get(caller, id, None))?;
            let member = items!(member, Member).next();
            let identity = member.and_then(|member| member.body.identity);
            names.push(identity.map(|identity| identity.name.to_string()));
        }
        Ok(Happening {
            event,
            members: names.into_iter().collect(),
        })
    }

    fn household_row(
        &self,
        caller: &Caller,
        household: Item<Household>,
        on: Date,
    ) -> Result<HouseholdRow, Error> {
        let members = self.members(caller, &household.id, on)?;
        let pairings = self.under(
            caller,
            &Key::record(Index::PairingsOfHousehold, &household.id),
        )?;
        let is_paired = items!(pairings, Pairing).any(|pairing| {
            pairing.body.responsible && pairing.body.until.is_none_or(|until| on < until)
        });
        let people = members.len();
        let head = members.into_iter().find(|member| member.body.is_head());
        Ok(HouseholdRow {
            household,
            head,
            people,
            is_paired,
        })
    }

    fn decisions_on(&self, caller: &Caller, subject: &RecordId) -> Result<Vec<Judged>, Error> {
        let seen = self.under(caller, &Key::record(Index::DecisionsOfSubject, subject))?;
        let mut decisions: Vec<_> = items!(seen, Decision).collect();
        decisions.sort_by(|a, b| a.body.purpose.cmp(&b.body.purpose));
        decisions
            .into_iter()
            .map(|decision| self.judged(decision))
            .collect()
    }

    /// Which policy judged belongs to the decision, even where the evaluation is of a wider area than the caller's.
    fn judged(&self, decision: Item<Decision>) -> Result<Judged, Error> {
        let body = self
            .inner
            .reader
            .get(&decision.body.evaluation)?
            .map(|stored| stored.body);
        let component = match body {
            Some(Ok(Body::Evaluation(evaluation))) => Some(evaluation.component),
            _ => None,
        };
        Ok(Judged {
            decision,
            component,
        })
    }

    fn registered_below(
        &self,
        caller: &Caller,
        area: &AreaCode,
    ) -> Result<Vec<(AreaCode, String)>, Error> {
        let mut below = Vec::new();
        let mut after = None;
        loop {
            let query = ListQuery {
                kind: Kind::Area,
                area: *area,
                limit: BATCH,
                after,
                lifecycle: Lifecycle::Open,
            };
            // Totals may be read where records may not; then only what was counted is listed.
            if !caller.may(Permission::ReadOpen, area) {
                return Ok(below);
            }
            let page = self.list(caller, &query)?;
            let areas = items!(page.items, Area).map(|item| item.body);
            below.extend(
                areas
                    .filter(|below| below.code.parent() == Some(*area))
                    .map(|below| (below.code, below.name.to_string())),
            );
            match page.next {
                Some(next) => after = Some(next),
                None => return Ok(below),
            }
        }
    }

    /// Officers and nodes act; who of them it was is personal.
    pub(super) fn actor_name(
        &self,
        caller: &Caller,
        area: &AreaCode,
        actor: ActorId,
    ) -> Result<Option<String>, Error> {
        if let Some(name) = self.node_name(&NodeId(actor.0))? {
            return Ok(Some(name));
        }
        if !caller.may(Permission::ReadPersonal, area) {
            return Ok(None);
        }
        let stored = self.inner.reader.get(&RecordId(actor.0))?;
        Ok(stored.and_then(|stored| match stored.body {
            Ok(Body::Officer(officer)) => {
                officer.identity.map(|identity| identity.name.to_string())
            }
            _ => None,
        }))
    }
}

/// What may not be seen is as if it were not there.
fn optional<T>(answer: Result<T, Error>) -> Result<Option<T>, Error> {
    match answer {
        Ok(found) => Ok(Some(found)),
        Err(Error::NotFound(_)) => Ok(None),
        Err(error) => Err(error),
    }
}
