//! Households over time: what moves with a household, who ends when, and what events may say (S1.4, S4.4).

use std::collections::BTreeMap;

use super::{Circumstances, Error, Kind, Result, has_come, malformed, refers};
use crate::{
    command::{ChangeError, Refusal, Registry},
    record::{Body, Case, HouseholdEvent, Index, Key, LivingConditions, Member, Record},
    value::{Date, IdentityDocument, RecordId},
};

/// What is written about a household or its members and stands in its area: it goes where they go. Visits stay where
/// they were made, and money and shares where it is.
pub(in crate::command) fn moves_with_household(kind: Kind) -> bool {
    is_read(kind)
        || matches!(
            kind,
            Kind::IncomeStatement
                | Kind::LivingConditions
                | Kind::Pairing
                | Kind::Measure
                | Kind::Contract
                | Kind::Cover
                | Kind::Case
                | Kind::Objection
                | Kind::Decision
        )
}

fn is_read(kind: Kind) -> bool {
    matches!(kind, Kind::Household | Kind::Member)
}

/// Households and members may change as they move, so that all their rules hold; the rest only goes along.
pub(super) fn is_checked_anew(after: &Record) -> bool {
    is_read(after.body.kind())
}

/// A record that goes to another area says there what it said, and goes where its subject is.
pub(super) fn check_moved<R: Registry>(registry: &R, before: &Record, after: &Record) -> Result<R> {
    if said(&before.body) != said(&after.body) {
        return Err(malformed("area", "is all that changes when a household moves").into());
    }
    let subject = match subject_of(&after.body) {
        Some(subject) => registry.outline(&subject).map_err(ChangeError::Registry)?,
        None => None,
    };
    match subject {
        Some(subject) if subject.area == after.area => Ok(()),
        subject => Err(Refusal::OtherArea {
            current: subject.map_or(before.area, |subject| subject.area),
            wanted: after.area,
        }
        .into()),
    }
}

/// When a case is due is found anew by the calendar of the place.
fn said(body: &Body) -> Body {
    match body {
        Body::Case(case) => Body::Case(Case {
            due: None,
            ..case.clone()
        }),
        body => body.clone(),
    }
}

fn subject_of(body: &Body) -> Option<RecordId> {
    match body {
        Body::IncomeStatement(income) => Some(income.household),
        Body::LivingConditions(living) => Some(living.household),
        Body::Pairing(pairing) => Some(pairing.household),
        Body::Measure(measure) => measure.household,
        Body::Contract(contract) => Some(contract.household),
        Body::Cover(cover) => Some(cover.household),
        Body::Case(case) => case.subject.map(|subject| subject.id),
        Body::Objection(objection) => Some(objection.case),
        Body::Decision(decision) => Some(decision.subject),
        _ => None,
    }
}

/// Nobody leaves a household before birth, and nobody has died tomorrow.
pub(super) fn check_end(
    member: &Member,
    circumstances: &Circumstances,
) -> std::result::Result<(), Refusal> {
    let Some((day, reason)) = &member.until else {
        return Ok(());
    };
    if reason == "death" {
        has_come("until", *day, circumstances)?;
    }
    match born(member) {
        Some(born) if *day < born => Err(Refusal::EndsBeforeBirth { day: *day, born }),
        _ => Ok(()),
    }
}

/// The earliest day on which somebody can have been born.
fn born(member: &Member) -> Option<Date> {
    let document = member.identity.as_ref().map(|identity| &identity.document);
    match document {
        Some(IdentityDocument::Valid(number)) => Some(number.person().birth_date()),
        _ => member.birth_year.map(|year| year.first_day()),
    }
}

/// A household is closed after its cases: nobody could take their steps any more.
pub(super) fn no_case_of<R: Registry>(registry: &R, household: RecordId) -> Result<R> {
    let key = Key::record(Index::CasesOfSubject, &household);
    let cases = registry.with_key(&key).map_err(ChangeError::Registry)?;
    match cases.into_iter().next() {
        Some(case) => Err(Refusal::StillInCase { household, case }.into()),
        None => Ok(()),
    }
}

/// What a command did to the lives of households, to be looked at when all of it is done.
#[derive(Default)]
pub(super) struct Touched {
    /// Households and members that went to another area.
    moved: BTreeMap<RecordId, usize>,
    /// What households were to be without.
    lost: Vec<(usize, Loss)>,
}

/// A helper that a household had.
struct Loss {
    household: RecordId,
    /// Whether the helper answered for it.
    responsible: bool,
    /// The first day without; none where the helper is there and answers no more.
    from: Option<Date>,
}

impl Touched {
    pub(super) fn note(&mut self, change: usize, before: Option<&Record>, after: &Record) {
        let Some(before) = before else { return };
        if before.area != after.area && is_checked_anew(after) {
            self.moved.insert(after.id, change);
        }
        if let (Body::Pairing(known), Body::Pairing(pairing)) = (&before.body, &after.body)
            && (after.closed || known.responsible && !pairing.responsible)
        {
            let loss = Loss {
                household: pairing.household,
                responsible: known.responsible,
                from: pairing.until,
            };
            self.lost.push((change, loss));
        }
    }

    pub(super) fn check<R: Registry>(
        self,
        registry: &R,
    ) -> std::result::Result<(), Error<R::Error>> {
        for (subject, change) in self.moved {
            nothing_left_behind(registry, subject).map_err(|error| error.at(change))?;
        }
        for (change, loss) in self.lost {
            still_helped(registry, &loss).map_err(|error| error.at(change))?;
        }
        Ok(())
    }
}

/// Indexes of what is written about a household or a member, their terms beginning with it.
const ABOUT: [Index; 7] = [
    Index::MembersOfHousehold,
    Index::IncomeOfHousehold,
    Index::PairingsOfHousehold,
    Index::MeasuresOfHousehold,
    Index::ContractsOfHousehold,
    Index::CoversOfHousehold,
    Index::DecisionsOfSubject,
];

fn nothing_left_behind<R: Registry>(registry: &R, subject: RecordId) -> Result<R> {
    let Some(outline) = registry.outline(&subject).map_err(ChangeError::Registry)? else {
        return Ok(());
    };
    // What a household that has ended leaves is its past, which stays where it was.
    if outline.closed {
        return Ok(());
    }
    let under = |index, id: &RecordId| {
        let found = registry.with_key(&Key::record(index, id));
        found.map_err(ChangeError::Registry)
    };
    let mut about = vec![LivingConditions::id_for(&subject)];
    for index in ABOUT {
        about.extend(under(index, &subject)?);
    }
    for case in under(Index::CasesOfSubject, &subject)? {
        about.push(case);
        about.extend(under(Index::ObjectionsOfCase, &case)?);
    }
    for id in about {
        let found = registry.outline(&id).map_err(ChangeError::Registry)?;
        if let Some(found) = found
            && !found.closed
            && found.area != outline.area
        {
            return Err(Refusal::MovesInPart {
                household: subject,
                kind: found.kind,
                left: id,
            }
            .into());
        }
    }
    Ok(())
}

/// S4.4: whoever ends a pairing before the exit of the household is succeeded from that day on, and whoever answered for
/// it by somebody who does.
fn still_helped<R: Registry>(registry: &R, loss: &Loss) -> Result<R> {
    let household = loss.household;
    let record = registry
        .current(&household)
        .map_err(ChangeError::Registry)?;
    let Some(Record {
        closed: false,
        body: Body::Household(body),
        ..
    }) = record
    else {
        return Ok(());
    };
    let exit = body.exit_year;
    if exit.is_some_and(|exit| loss.from.is_none_or(|from| exit <= from.year())) {
        return Ok(());
    }
    let key = Key::record(Index::PairingsOfHousehold, &household);
    for id in registry.with_key(&key).map_err(ChangeError::Registry)? {
        let other = registry.current(&id).map_err(ChangeError::Registry)?;
        if let Some(Body::Pairing(other)) = other.map(|record| record.body)
            && loss.from.is_none_or(|from| other.from <= from)
            && (other.responsible || !loss.responsible)
        {
            return Ok(());
        }
    }
    let from = loss.from;
    Err(Refusal::UnpairedBeforeExit { household, from }.into())
}

/// An event is written after what it speaks of, in the same command or later, and says nothing else. It never changes.
pub(super) fn check_event<R: Registry>(
    registry: &R,
    before: Option<&Record>,
    after: &Record,
    event: &HouseholdEvent,
    circumstances: &Circumstances,
) -> Result<R> {
    if let Some(before) = before {
        return match (before.body == after.body, after.closed) {
            (true, true) => Ok(()),
            _ => Err(malformed("event", "stays what it was; close it where it is wrong").into()),
        };
    }
    has_come("on", event.on, circumstances)?;
    let place = Place { registry, event };
    match event.kind.as_str() {
        "moved-out" => place.has_left(after),
        "merged" => place.is_merged(),
        kind => {
            place.is_here(after)?;
            place.holds(kind)
        }
    }
}

/// An event and the records that it speaks of.
struct Place<'a, R> {
    registry: &'a R,
    event: &'a HouseholdEvent,
}

impl<R: Registry> Place<'_, R> {
    fn record(&self, id: &RecordId) -> std::result::Result<Record, ChangeError<R::Error>> {
        let record = self.registry.current(id).map_err(ChangeError::Registry)?;
        let no_such = Refusal::NoSuchRecord {
            field: "event",
            kind: Kind::Household,
            id: *id,
        };
        record.ok_or_else(|| no_such.into())
    }

    fn members(&self) -> std::result::Result<Vec<(bool, Member)>, ChangeError<R::Error>> {
        let mut members = Vec::new();
        for id in &self.event.members {
            let record = self.record(id)?;
            match record.body {
                Body::Member(member) => members.push((record.closed, member)),
                _ => return Err(Refusal::EventNotSo("it names a member who is none").into()),
            }
        }
        Ok(members)
    }

    /// It stands where the household does, which may have ended by it.
    fn is_here(&self, after: &Record) -> Result<R> {
        let household = self.record(&self.event.household)?;
        if household.body.kind() == Kind::Household && household.area == after.area {
            return Ok(());
        }
        Err(Refusal::OtherArea {
            current: household.area,
            wanted: after.area,
        }
        .into())
    }

    fn has_left(&self, after: &Record) -> Result<R> {
        let household = self.record(&self.event.household)?;
        self.must(household.area != after.area, "the household is still there")
    }

    fn is_merged(&self) -> Result<R> {
        let household = self.record(&self.event.household)?;
        self.must(household.closed, "the household has not ended")?;
        let other = self.event.other;
        if let Some(other) = &other {
            refers(self.registry, "other", Kind::Household, other)?;
        }
        let all = self.members()?;
        let all = all
            .iter()
            .all(|(_, member)| Some(member.household) == other);
        self.must(all, "a member is not in the other household")
    }

    fn holds(&self, kind: &str) -> Result<R> {
        let HouseholdEvent {
            household,
            other,
            members: named,
            on,
            case,
            ..
        } = self.event;
        let members = self.members()?;
        let every = |holds: &dyn Fn(&(bool, Member)) -> bool| {
            !members.is_empty() && members.iter().all(holds)
        };
        match kind {
            "split" => {
                let there = |(_, member): &(bool, Member)| Some(member.household) == *other;
                self.must(every(&there), "a member is not in the other household")
            }
            "death" => {
                let dead = |(closed, member): &(bool, Member)| {
                    let until = member.until.as_ref();
                    *closed && until.is_some_and(|(day, why)| day == on && why == "death")
                };
                self.must(every(&dead), "a member has not died on that day")
            }
            "birth" | "joined" => {
                let here = |(closed, member): &(bool, Member)| {
                    !closed && (member.household, member.from) == (*household, *on)
                };
                self.must(every(&here), "a member has not come on that day")
            }
            "left" => {
                let gone =
                    |(closed, member): &(bool, Member)| *closed || member.household != *household;
                self.must(every(&gone), "a member is still there")
            }
            "head" => {
                let [(false, member)] = &members[..] else {
                    return self.must(false, "it names one new head");
                };
                let is_head = member.household == *household && member.is_head();
                self.must(is_head, "the member is not the head")
            }
            "exited" | "relapsed" => self.followed(kind, case.as_ref()),
            _ => self.must(named.is_empty(), "a household that moves names nobody"),
        }
    }

    /// An exit or a relapse follows a case of that kind which was completed.
    fn followed(&self, kind: &str, case: Option<&RecordId>) -> Result<R> {
        let Body::Household(household) = self.record(&self.event.household)?.body else {
            return self.must(false, "it is about no household");
        };
        let has_exited = household.exit_year == Some(self.event.on.year());
        let (wanted, holds) = match kind {
            "exited" => ("exit", has_exited),
            _ => ("relapse", household.exit_year.is_none()),
        };
        self.must(holds, "the card says otherwise")?;
        let Some(named) = case else { return Ok(()) };
        let Body::Case(case) = self.record(named)?.body else {
            return self.must(false, "the case is none");
        };
        let is_about = case.subject.map(|subject| subject.id) == Some(self.event.household);
        let is_completed = case.end.as_ref().is_some_and(|end| *end == "completed");
        self.must(
            is_about && is_completed && case.kind == wanted,
            "no case of this kind about the household was completed",
        )?;
        self.must(
            self.event.on >= case.last_day(),
            "the case went on after that day",
        )?;
        self.first_of(named)
    }

    /// One case leads to one event.
    fn first_of(&self, case: &RecordId) -> Result<R> {
        let key = HouseholdEvent::key_of(&self.event.household);
        for id in self
            .registry
            .with_key(&key)
            .map_err(ChangeError::Registry)?
        {
            if let Body::HouseholdEvent(other) = self.record(&id)?.body {
                self.must(
                    other.case.as_ref() != Some(case),
                    "the case has led to an event already",
                )?;
            }
        }
        Ok(())
    }

    fn must(&self, holds: bool, problem: &'static str) -> Result<R> {
        if holds {
            Ok(())
        } else {
            Err(Refusal::EventNotSo(problem).into())
        }
    }
}
