//! The changes of each kind of event.

use super::{
    Error, Life, Person, Plan, What,
    kinship::{self, HEAD, Seen},
    moving,
};
use crate::{
    cases::Records,
    codes,
    command::{Change, Refusal},
    log::{Action, Kind},
    record::{
        Body, Fault, Household, HouseholdEvent, HouseholdIdentity, Index, Measure, Member,
        MemberIdentity, Pairing, Problem, Record,
    },
    value::{AreaCode, Code, RecordId, Text},
};

/// The changes as they come together.
pub(super) struct Steps<'a, R> {
    records: &'a R,
    life: &'a Life,
    ids: &'a dyn Fn(u32) -> RecordId,
    made: u32,
    changes: Vec<Change>,
    founded: Option<RecordId>,
}

/// The places of new records that are known beforehand.
const EVENT: u32 = 0;
const FOUNDED: u32 = 1;
const FIRST_OTHER: u32 = 2;

type Done<R> = Result<(), Error<<R as Records>::Error>>;
type People = Vec<(Record, Member)>;

impl<'a, R: Records> Steps<'a, R> {
    pub(super) fn new(records: &'a R, life: &'a Life, ids: &'a dyn Fn(u32) -> RecordId) -> Self {
        Self {
            records,
            life,
            ids,
            made: FIRST_OTHER,
            changes: Vec::new(),
            founded: None,
        }
    }

    pub(super) fn into_plan(self) -> Plan {
        Plan {
            event: (self.ids)(EVENT),
            changes: self.changes,
            founded: self.founded,
        }
    }

    pub(super) fn take(&mut self) -> Done<R> {
        match &self.life.what {
            What::Split {
                members,
                head,
                number,
            } => self.split(members, head, number.as_ref()),
            What::Merge { into } => self.merge(into),
            What::Move { to, address } => self.move_to(to, address.as_ref()),
            What::Death { member } => self.lose(member, "death", "death"),
            What::Leave { member, end } => self.lose(member, end.as_str(), "left"),
            What::Birth(person) => self.add(person, "birth"),
            What::Arrival(person) => self.add(person, "joined"),
            What::Join { member, relation } => self.join(member, relation),
            What::Head { member } => self.change_head(member),
            What::Exit { case } => self.exit(case),
            What::Relapse {
                case,
                household_type,
            } => self.relapse(case, household_type),
        }
    }

    fn split(&mut self, leaving: &[RecordId], head: &RecordId, number: Option<&Text>) -> Done<R> {
        let old = self.life.household;
        let (record, household) = self.household("household", &old)?;
        let (gone, stayed): (People, People) = self
            .members(&old)?
            .into_iter()
            .partition(|(member, _)| leaving.contains(&member.id));
        if stayed.is_empty() {
            return Err(Refusal::SplitLeavesNobody(old).into());
        }
        for member in leaving.iter().chain([head]) {
            if gone.iter().all(|(known, _)| known.id != *member) {
                return Err(self.no_member(member));
            }
        }
        let founded = (self.ids)(FOUNDED);
        let body = Household {
            identity: household
                .identity
                .as_ref()
                .map(|identity| HouseholdIdentity {
                    number: number.cloned(),
                    hamlet: identity.hamlet.clone(),
                    address: identity.address.clone(),
                    phone: None,
                    bank_account: None,
                }),
            note: Some(None),
            // It was identified as part of the old household, which counts once.
            identified_on: None,
            ..household
        };
        self.changes
            .push(Change::create(founded, record.area, body));
        self.founded = Some(founded);
        let on = self.life.on;
        let into = |member: &mut Member| {
            member.household = founded;
            member.from = on;
        };
        self.under_head(&gone, head, into)?;
        self.after_loss(&stayed, &gone)?;
        self.pair_again(&old, founded, record.area)?;
        let all = leaving.to_vec();
        self.event("split", record.area, old, Some(founded), all, None)
    }

    /// The helpers of a household are those of the one that is founded out of it: nobody is unpaired before exit.
    fn pair_again(&mut self, old: &RecordId, founded: RecordId, area: AreaCode) -> Done<R> {
        for record in moving::under(self.records, Index::PairingsOfHousehold, old)? {
            if let Body::Pairing(pairing) = record.body {
                let id = self.new_id();
                let again = Pairing {
                    household: founded,
                    from: self.life.on,
                    until: None,
                    decision: None,
                    ..pairing
                };
                self.changes.push(Change::create(id, area, again));
            }
        }
        Ok(())
    }

    fn merge(&mut self, into: &RecordId) -> Done<R> {
        let old = self.life.household;
        if old == *into {
            return Err(Refusal::MergeWithItself(old).into());
        }
        let (record, household) = self.household("household", &old)?;
        let (other, _) = self.household("into", into)?;
        let members = self.members(&old)?;
        for (member, body) in &members {
            let relation = self.told(&member.id)?;
            self.bring(member, body, other.area, *into, relation)?;
        }
        // Nobody loses their helper by a merge.
        if moving::under(self.records, Index::PairingsOfHousehold, into)?.is_empty() {
            self.pair_again(&old, *into, other.area)?;
        }
        self.end_pairings(&old)?;
        self.end_measures(&old)?;
        self.close(&record, household);
        let all = members.iter().map(|(member, _)| member.id).collect();
        self.event("merged", record.area, old, Some(*into), all, None)
    }

    fn move_to(&mut self, to: &AreaCode, address: Option<&Text>) -> Done<R> {
        let own = self.life.household;
        let (record, mut household) = self.household("household", &own)?;
        if record.area == *to {
            let problem = Problem::Malformed("is where the household is already".to_owned());
            return Err(Refusal::Invalid(Fault::new("to", problem)).into());
        }
        if let Some(identity) = &mut household.identity {
            identity.hamlet = None;
            identity.address = address.cloned();
        }
        self.relocate(&record, *to, household);
        let mut along = moving::of_household(self.records, &own)?;
        for (member, body) in self.members(&own)? {
            self.relocate(&member, *to, body);
            along.extend(moving::of_subject(self.records, &member.id)?);
        }
        for record in along {
            let body = record.body.clone();
            self.relocate(&record, *to, body);
        }
        let left = self.new_id();
        let body = self.event_body("moved-out", own, None, Vec::new(), None)?;
        self.changes.push(Change::create(left, record.area, body));
        self.event("moved-in", *to, own, None, Vec::new(), None)
    }

    /// A member's membership ends. With the last one the household ends too.
    fn lose(&mut self, member: &RecordId, end: &str, kind: &str) -> Done<R> {
        let own = self.life.household;
        let (record, household) = self.household("household", &own)?;
        let (gone, stayed): (People, People) = self
            .members(&own)?
            .into_iter()
            .partition(|(known, _)| known.id == *member);
        let [(lost, body)] = &gone[..] else {
            return Err(self.no_member(member));
        };
        let mut ended = body.clone();
        ended.until = Some((self.life.on, listed("member-end-reason", "end", end)?));
        self.close(lost, ended);
        self.after_loss(&stayed, &gone)?;
        if stayed.is_empty() {
            self.end_pairings(&own)?;
            self.end_measures(&own)?;
            self.close(&record, household);
        }
        self.event(kind, record.area, own, None, vec![*member], None)
    }

    fn add(&mut self, person: &Person, kind: &str) -> Done<R> {
        let own = self.life.household;
        let (record, _) = self.household("household", &own)?;
        let id = self.new_id();
        let on = self.life.on;
        let born = (kind == "birth").then_some(on.year());
        let member = Member {
            sex: person.sex.clone(),
            birth_year: person.birth_year.or(born),
            identity: Some(MemberIdentity {
                number: None,
                name: person.name.clone(),
                document: person.document.clone(),
                phone: None,
            }),
            ..Member::new(own, on, person.relation.clone())
        };
        self.changes.push(Change::create(id, record.area, member));
        self.event(kind, record.area, own, None, vec![id], None)
    }

    fn join(&mut self, id: &RecordId, relation: &Code) -> Done<R> {
        let own = self.life.household;
        let (record, _) = self.household("household", &own)?;
        let found = self.open("member", Kind::Member, id)?;
        let Body::Member(member) = &found.body else {
            return Err(self.no_member(id));
        };
        let before = member.household;
        if before == own {
            let problem = Problem::Malformed("is in this household already".to_owned());
            return Err(Refusal::Invalid(Fault::new("member", problem)).into());
        }
        let (left, left_body) = self.household("household", &before)?;
        let (gone, stayed): (People, People) = self
            .members(&before)?
            .into_iter()
            .partition(|(known, _)| known.id == *id);
        self.bring(&found, member, record.area, own, relation.clone())?;
        self.after_loss(&stayed, &gone)?;
        if stayed.is_empty() {
            self.end_pairings(&before)?;
            self.end_measures(&before)?;
            self.close(&left, left_body);
        }
        let body = self.event_body("left", before, Some(own), vec![*id], None)?;
        let leaving = self.new_id();
        self.changes.push(Change::create(leaving, left.area, body));
        self.event("joined", record.area, own, Some(before), vec![*id], None)
    }

    fn change_head(&mut self, head: &RecordId) -> Done<R> {
        let own = self.life.household;
        let (record, _) = self.household("household", &own)?;
        let members = self.members(&own)?;
        if members.iter().all(|(member, _)| member.id != *head) {
            return Err(self.no_member(head));
        }
        self.under_head(&members, head, |_| {})?;
        self.event("head", record.area, own, None, vec![*head], None)
    }

    fn exit(&mut self, case: &RecordId) -> Done<R> {
        let own = self.life.household;
        let (record, mut household) = self.household("household", &own)?;
        self.complete(case)?;
        household.exit_year = Some(self.life.on.year());
        household.household_type = listed("household-type", "type", "exited")?;
        self.change(&record, household);
        self.end_pairings(&own)?;
        let case = Some(*case);
        self.event("exited", record.area, own, None, Vec::new(), case)
    }

    fn relapse(&mut self, case: &RecordId, household_type: &Code) -> Done<R> {
        let own = self.life.household;
        let (record, mut household) = self.household("household", &own)?;
        self.complete(case)?;
        household.exit_year = None;
        household.household_type = household_type.clone();
        self.change(&record, household);
        let case = Some(*case);
        self.event("relapsed", record.area, own, None, Vec::new(), case)
    }

    /// A case that is still open is closed as completed, if all its steps are taken.
    fn complete(&mut self, case: &RecordId) -> Done<R> {
        let record = self.records.record(case).map_err(Error::Records)?;
        let Some(record) = record else {
            return Err(no_such("case", Kind::Case, case).into());
        };
        let Body::Case(mut body) = record.body.clone() else {
            return Err(no_such("case", Kind::Case, case).into());
        };
        if !record.closed {
            body.end = Some(listed("case-end", "end", "completed")?);
            self.close(&record, body);
        }
        Ok(())
    }

    /// Gives the household that lost its head another one; nothing where the head is still there.
    fn after_loss(&mut self, stayed: &People, gone: &People) -> Done<R> {
        let has_lost = gone.iter().any(|(_, member)| member.is_head());
        match &self.life.heir {
            Some(heir) if has_lost => {
                if stayed.iter().all(|(member, _)| member.id != *heir) {
                    return Err(self.no_member(heir));
                }
                self.under_head(stayed, heir, |_| {})
            }
            _ => Ok(()),
        }
    }

    /// Writes members down under a head.
    fn under_head(
        &mut self,
        members: &People,
        head: &RecordId,
        edit: impl Fn(&mut Member),
    ) -> Done<R> {
        let Some((_, first)) = members.iter().find(|(member, _)| member.id == *head) else {
            return Err(self.no_member(head));
        };
        for (record, member) in members {
            let mut body = member.clone();
            body.relation = match record.id == *head {
                true => listed("relation", "relations", HEAD)?,
                // Who is head already stays related as they are.
                false if first.is_head() => member.relation.clone(),
                false => self.relation(record, member, first)?,
            };
            edit(&mut body);
            self.change(record, body);
        }
        Ok(())
    }

    fn relation(
        &self,
        record: &Record,
        member: &Member,
        head: &Member,
    ) -> Result<Code, Error<R::Error>> {
        if let Some(told) = self.life.relations.get(&record.id) {
            return Ok(told.clone());
        }
        let seen = |member: &'_ Member| (member.relation.clone(), member.sex.clone());
        let ((head, head_sex), (own, own_sex)) = (seen(head), seen(member));
        let follows = kinship::to_new_head(
            Seen {
                relation: &head,
                sex: head_sex.as_ref(),
            },
            Seen {
                relation: &own,
                sex: own_sex.as_ref(),
            },
        );
        match follows {
            Some(code) => Ok(listed("relation", "relations", code)?),
            None => Err(Refusal::RelationNeeded(record.id).into()),
        }
    }

    fn told(&self, member: &RecordId) -> Result<Code, Error<R::Error>> {
        let told = self.life.relations.get(member).cloned();
        told.ok_or_else(|| Refusal::RelationNeeded(*member).into())
    }

    /// A member comes to a household, which may be elsewhere; what is written about the member comes along.
    fn bring(
        &mut self,
        record: &Record,
        member: &Member,
        area: AreaCode,
        household: RecordId,
        relation: Code,
    ) -> Done<R> {
        let body = Member {
            household,
            relation,
            from: self.life.on,
            ..member.clone()
        };
        self.relocate(record, area, body);
        if record.area != area {
            for along in moving::of_subject(self.records, &record.id)? {
                let body = along.body.clone();
                self.relocate(&along, area, body);
            }
        }
        Ok(())
    }

    fn end_pairings(&mut self, household: &RecordId) -> Done<R> {
        for record in moving::under(self.records, Index::PairingsOfHousehold, household)? {
            if let Body::Pairing(pairing) = record.body.clone() {
                let until = Some(self.life.on);
                self.close(&record, Pairing { until, ..pairing });
            }
        }
        Ok(())
    }

    /// What runs for a household that is no more has ended, and its year goes on counting it; what has not begun never
    /// will.
    fn end_measures(&mut self, household: &RecordId) -> Done<R> {
        for record in moving::under(self.records, Index::MeasuresOfHousehold, household)? {
            if let Body::Measure(measure) = record.body.clone()
                && measure.is_running()
            {
                if measure.from < self.life.on {
                    let until = Some(self.life.on);
                    self.change(&record, Measure { until, ..measure });
                } else {
                    self.close(&record, measure);
                }
            }
        }
        Ok(())
    }

    fn event(
        &mut self,
        kind: &str,
        area: AreaCode,
        household: RecordId,
        other: Option<RecordId>,
        members: Vec<RecordId>,
        case: Option<RecordId>,
    ) -> Done<R> {
        let body = self.event_body(kind, household, other, members, case)?;
        let id = (self.ids)(EVENT);
        self.changes.push(Change::create(id, area, body));
        Ok(())
    }

    fn event_body(
        &self,
        kind: &str,
        household: RecordId,
        other: Option<RecordId>,
        members: Vec<RecordId>,
        case: Option<RecordId>,
    ) -> Result<HouseholdEvent, Error<R::Error>> {
        let speaks_for_itself = matches!(kind, "birth" | "death");
        if self.life.reason.is_none() && !speaks_for_itself {
            return Err(Refusal::Invalid(Fault::new("reason", Problem::Missing)).into());
        }
        Ok(HouseholdEvent {
            kind: listed("household-event", "type", kind)?,
            household,
            other,
            members,
            on: self.life.on,
            reason: self.life.reason.clone(),
            case,
            note: Some(self.life.note.clone()),
        })
    }

    fn household(
        &self,
        field: &'static str,
        id: &RecordId,
    ) -> Result<(Record, Household), Error<R::Error>> {
        let record = self.open(field, Kind::Household, id)?;
        match &record.body {
            Body::Household(household) => {
                let household = household.clone();
                Ok((record, household))
            }
            _ => Err(no_such(field, Kind::Household, id).into()),
        }
    }

    fn members(&self, household: &RecordId) -> Result<People, Error<R::Error>> {
        let found = moving::under(self.records, Index::MembersOfHousehold, household)?;
        let people = found.into_iter().filter_map(|record| match &record.body {
            Body::Member(member) => {
                let member = member.clone();
                Some((record, member))
            }
            _ => None,
        });
        Ok(people.collect())
    }

    fn open(
        &self,
        field: &'static str,
        kind: Kind,
        id: &RecordId,
    ) -> Result<Record, Error<R::Error>> {
        let record = self.records.record(id).map_err(Error::Records)?;
        let record = record.filter(|record| !record.closed && record.body.kind() == kind);
        record.ok_or_else(|| no_such(field, kind, id).into())
    }

    fn no_member(&self, id: &RecordId) -> Error<R::Error> {
        no_such("member", Kind::Member, id).into()
    }

    fn new_id(&mut self) -> RecordId {
        let id = (self.ids)(self.made);
        self.made += 1;
        id
    }

    fn change(&mut self, record: &Record, body: impl Into<Body>) {
        self.changes.push(Change::of(record, Action::Change, body));
    }

    fn close(&mut self, record: &Record, body: impl Into<Body>) {
        self.changes.push(Change::of(record, Action::Close, body));
    }

    fn relocate(&mut self, record: &Record, area: AreaCode, body: impl Into<Body>) {
        self.changes.push(Change {
            area,
            ..Change::of(record, Action::Change, body)
        });
    }
}

fn no_such(field: &'static str, kind: Kind, id: &RecordId) -> Refusal {
    let id = *id;
    Refusal::NoSuchRecord { field, kind, id }
}

fn listed(list: &'static str, field: &'static str, code: &str) -> Result<Code, Refusal> {
    codes::listed(list, code).map_err(|problem| Refusal::Invalid(Fault::new(field, problem)))
}
