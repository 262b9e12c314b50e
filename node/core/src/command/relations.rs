//! What must hold between records.

mod alert;
mod approval;
mod assessing;
mod assignment;
mod case;
mod comparison;
mod cooperative;
mod duty;
mod found;
mod household_life;
mod in_force;
mod ladder;
mod loan;
mod money;
mod notice;
mod office;
mod payment;
mod project;
mod reporting;
mod supervision;
mod village_batch;
mod works;

use std::collections::BTreeMap;

use super::{ChangeError, Circumstances, Error, Outline, Refusal, Registry};
use crate::{
    log::Kind,
    record::{
        Area, Body, Cadre, Calendar, Decision, Enactment, Evaluation, Fault, HelperLevel,
        Household, IncomeStatement, Index, Key, LivingConditions, Member, Officer,
        OfficialStatistic, OwnershipTransfer, Pairing, Policy, Problem, Record, RollupCommitment,
        Seat, VillageTeam, Visit, area_id, decision_id,
    },
    value::{ActorId, AreaLevel, Date, RecordId, Text},
};

pub(super) use self::{found::complete, household_life::moves_with_household, reporting::unlocked};

type Result<R> = std::result::Result<(), ChangeError<<R as Registry>::Error>>;

/// Holds a record, as it shall stand, against the others.
///
/// A reference must be open when it is made. Afterwards what it names may close: a visit to a household that has moved
/// away can still be corrected, and a pairing with it can still be ended.
pub(super) fn check<R: Registry>(
    registry: &R,
    before: Option<&Record>,
    after: &Record,
    actor: ActorId,
    circumstances: &Circumstances,
) -> Result<R> {
    if let Some(before) = before.filter(|before| before.area != after.area)
        && !household_life::is_checked_anew(after)
    {
        return household_life::check_moved(registry, before, after);
    }
    check_body(registry, before, after, actor, circumstances)
}

fn check_body<R: Registry>(
    registry: &R,
    before: Option<&Record>,
    after: &Record,
    actor: ActorId,
    circumstances: &Circumstances,
) -> Result<R> {
    match &after.body {
        Body::Area(area) => {
            check_own_area(after, area)?;
            nothing_left_in(registry, after)
        }
        Body::Household(household) => check_household(registry, after, household),
        Body::Member(member) => check_member(registry, after, member, circumstances),
        Body::IncomeStatement(income) => check_income(registry, before, after, income),
        Body::LivingConditions(living) => {
            check_living(registry, before, after, living, circumstances)
        }
        Body::Cadre(cadre) => check_cadre(registry, before, after, cadre),
        Body::Pairing(pairing) => check_pairing(registry, before, after, pairing),
        Body::VillageTeam(team) => check_team(registry, before, after, team),
        Body::Visit(visit) => check_visit(registry, before, after, visit, circumstances),
        Body::OfficialStatistic(figure) => {
            let id = OfficialStatistic::id_for(&after.area, &figure.series, figure.year);
            Ok(same_id(after, id)?)
        }
        Body::Officer(officer) => check_officer(registry, before, after, officer),
        Body::Policy(policy) => Ok(same_id(after, Policy::id_for(&policy.component))?),
        Body::Enactment(enactment) => check_enactment(registry, before, enactment, actor),
        Body::Evaluation(evaluation) => check_evaluation(registry, after, evaluation),
        Body::Decision(decision) => check_decision(registry, after, decision),
        Body::Cooperative(_) | Body::Shareholding(_) | Body::Dividend(_) => {
            cooperative::check(registry, before, after, circumstances)
        }
        Body::Alert(alert) => Ok(alert::check(before, after, alert, actor, circumstances)?),
        Body::Account(_)
        | Body::Transfer(_)
        | Body::BookClosing(_)
        | Body::Commitment(_)
        | Body::Budget(_)
        | Body::PaymentBatch(_)
        | Body::PaymentReturn(_) => money::check(registry, before, after, actor, circumstances),
        Body::Measure(body) => works::check_measure(registry, before, after, body, circumstances),
        Body::Project(body) => project::check(registry, before, after, body, actor, circumstances),
        Body::Contract(body) => works::check_contract(registry, before, after, body, circumstances),
        Body::Training(body) => works::check_training(registry, before, after, body, circumstances),
        Body::Cover(body) => works::check_cover(registry, before, after, body),
        Body::CollectiveIncome(body) => Ok(works::check_income(after, body, circumstances)?),
        Body::Procedure(procedure) => Ok(case::check_procedure(before, after, procedure)?),
        Body::Calendar(calendar) => Ok(same_id(
            after,
            Calendar::id_for(&after.area, calendar.year),
        )?),
        Body::Case(case) => case::check(registry, before, after, case, actor, circumstances),
        Body::Notice(notice) => notice::check(registry, before, after, notice, circumstances),
        Body::Objection(objection) => {
            notice::check_objection(registry, before, after, objection, actor, circumstances)
        }
        Body::Comparison(_) | Body::Doubt(_) | Body::ReportingWindow(_) | Body::Report(_) => {
            office::check(registry, before, after, actor, circumstances)
        }
        Body::HouseholdEvent(event) => {
            household_life::check_event(registry, before, after, event, circumstances)
        }
        Body::Post(_)
        | Body::Duty(_)
        | Body::Task(_)
        | Body::Finding(_)
        | Body::Sanction(_)
        | Body::ResponsibilityLetter(_)
        | Body::SatisfactionSurvey(_)
        | Body::Assessment(_)
        | Body::Award(_) => supervision::check(registry, before, after, actor, circumstances),
        Body::GuaranteeFund(_) | Body::Loan(_) | Body::Blacklisting(_) => {
            loan::check(registry, before, after, actor, circumstances)
        }
        Body::VillageBatch(batch) => village_batch::check(registry, before, after, batch),
        Body::RollupCommitment(said) => Ok(check_commitment(before, after, said)?),
        Body::OwnershipTransfer(transfer) => Ok(check_ownership(before, after, transfer)?),
        Body::Node(_) | Body::Unit(_) | Body::Enterprise(_) => Ok(()),
    }
}

/// The households that a command touched: at its end each has exactly one head, stands in one area with all that is
/// written about it, and has a helper as long as it had one and has not exited.
#[derive(Default)]
pub(super) struct TouchedHouseholds {
    households: BTreeMap<RecordId, usize>,
    life: household_life::Touched,
}

impl TouchedHouseholds {
    /// The state before counts too: a member who moves to another household may have been the head of the old one.
    pub(super) fn note(&mut self, change: usize, before: Option<&Record>, after: &Record) {
        for record in before.into_iter().chain([after]) {
            match &record.body {
                Body::Household(_) => drop(self.households.insert(record.id, change)),
                Body::Member(member) => drop(self.households.insert(member.household, change)),
                _ => {}
            }
        }
        self.life.note(change, before, after);
    }

    pub(super) fn check<R: Registry>(
        self,
        registry: &R,
    ) -> std::result::Result<(), Error<R::Error>> {
        for (household, change) in self.households {
            check_heads(registry, household).map_err(|error| error.at(change))?;
        }
        self.life.check(registry)
    }
}

fn check_heads<R: Registry>(registry: &R, household: RecordId) -> Result<R> {
    let key = Key::record(Index::MembersOfHousehold, &household);
    let members = registry.with_key(&key).map_err(ChangeError::Registry)?;
    let closed = registry
        .outline(&household)
        .map_err(ChangeError::Registry)?
        .is_none_or(|household| household.closed);
    if closed {
        if !members.is_empty() {
            let members = members.len();
            return Err(Refusal::StillHasMembers { household, members }.into());
        }
        let key = Key::record(Index::PairingsOfHousehold, &household);
        let pairings = registry
            .with_key(&key)
            .map_err(ChangeError::Registry)?
            .len();
        return match pairings {
            0 => household_life::no_case_of(registry, household),
            pairings => Err(Refusal::StillPaired {
                household,
                pairings,
            }
            .into()),
        };
    }
    let mut heads = 0;
    for member in &members {
        if let Some(Record {
            body: Body::Member(member),
            ..
        }) = registry.current(member).map_err(ChangeError::Registry)?
        {
            heads += usize::from(member.is_head());
        }
    }
    if heads == 1 {
        Ok(())
    } else {
        Err(Refusal::NotOneHead { household, heads }.into())
    }
}

fn check_household<R: Registry>(registry: &R, after: &Record, household: &Household) -> Result<R> {
    in_village(after)?;
    let identity = household.identity.as_ref();
    let number = identity.and_then(|identity| identity.number.as_ref());
    unique_number(registry, after, Index::HouseholdNumber, number)
}

fn check_member<R: Registry>(
    registry: &R,
    after: &Record,
    member: &Member,
    circumstances: &Circumstances,
) -> Result<R> {
    in_village(after)?;
    household_life::check_end(member, circumstances)?;
    household_here(registry, after, &member.household)?;
    ended_when_closed(after, member.until.as_ref().map(|(day, _)| *day))?;
    if after.closed {
        return Ok(());
    }
    let Some(identity) = &member.identity else {
        return Ok(());
    };
    if let Some(number) = identity.document.normalised() {
        let key = Key::blind(Index::Document, number);
        let others = registry.with_key(&key).map_err(ChangeError::Registry)?;
        if let Some(other) = others.into_iter().find(|other| *other != after.id) {
            return Err(Refusal::DuplicatePerson { member: other }.into());
        }
    }
    unique_number(
        registry,
        after,
        Index::MemberNumber,
        identity.number.as_ref(),
    )
}

fn check_income<R: Registry>(
    registry: &R,
    before: Option<&Record>,
    after: &Record,
    income: &IncomeStatement,
) -> Result<R> {
    let id = IncomeStatement::id_for(&income.household, income.year);
    same_id(after, id)?;
    match before {
        // The id holds the statement to its household.
        Some(_) => Ok(()),
        None => household_here(registry, after, &income.household),
    }
}

fn check_living<R: Registry>(
    registry: &R,
    before: Option<&Record>,
    after: &Record,
    living: &LivingConditions,
    circumstances: &Circumstances,
) -> Result<R> {
    same_id(after, LivingConditions::id_for(&living.household))?;
    has_come("surveyed_on", living.surveyed_on, circumstances)?;
    match before {
        // The id holds the record to its household.
        Some(_) => Ok(()),
        None => household_here(registry, after, &living.household),
    }
}

fn check_pairing<R: Registry>(
    registry: &R,
    before: Option<&Record>,
    after: &Record,
    pairing: &Pairing,
) -> Result<R> {
    ended_when_closed(after, pairing.until)?;
    if let Some(Body::Pairing(known)) = before.map(|record| &record.body) {
        return Ok(same_pair(known, pairing)?);
    }
    accepts(registry, pairing.decision)?;
    household_here(registry, after, &pairing.household)?;
    let cadre = reads(registry, "cadre", Kind::Cadre, &pairing.cadre)?;
    if let Body::Cadre(cadre) = &cadre.body
        && HelperLevel::of_rank(cadre.rank.as_str()) != Some(pairing.level)
    {
        let problem = Problem::Malformed(format!(
            "is not the level of a cadre of rank {}",
            cadre.rank
        ));
        return Err(Refusal::Invalid(Fault::new("level", problem)).into());
    }
    let key = Key::record(Index::PairingsOfHousehold, &pairing.household);
    for other in registry.with_key(&key).map_err(ChangeError::Registry)? {
        let same_cadre = matches!(
            registry.current(&other).map_err(ChangeError::Registry)?,
            Some(Record { body: Body::Pairing(known), .. }) if known.cadre == pairing.cadre
        );
        if same_cadre && other != after.id {
            return Err(Refusal::AlreadyPaired(other).into());
        }
    }
    Ok(())
}

/// Helpers are added with their dates, never overwritten.
fn same_pair(known: &Pairing, pairing: &Pairing) -> std::result::Result<(), Refusal> {
    let same = [
        ("household", known.household == pairing.household),
        ("cadre", known.cadre == pairing.cadre),
        ("level", known.level == pairing.level),
    ];
    match same.into_iter().find(|(_, same)| !same) {
        Some((field, _)) => {
            let problem = "stays what it was; end this pairing and create another";
            Err(Fault::new(field, Problem::Malformed(problem.to_owned())).into())
        }
        None => Ok(()),
    }
}

fn check_officer<R: Registry>(
    registry: &R,
    before: Option<&Record>,
    after: &Record,
    officer: &Officer,
) -> Result<R> {
    // Rights are given by area: nobody gives more than the area in which they may write officers.
    let mut grants = officer.grants.iter();
    if let Some(grant) = grants.find(|grant| !after.area.contains(&grant.area)) {
        let problem = format!(
            "{} is not in {}, the area that the officer's record belongs to",
            grant.area, after.area
        );
        return Err(
            Refusal::Invalid(Fault::new("grants.area", Problem::Malformed(problem))).into(),
        );
    }
    let known = match before.map(|record| &record.body) {
        Some(Body::Officer(known)) => known.cadre,
        _ => None,
    };
    if let Some(cadre) = &officer.cadre
        && known != officer.cadre
    {
        refers(registry, "cadre", Kind::Cadre, cadre)?;
    }
    match &officer.identity {
        Some(identity) => {
            let login = identity.login.as_str();
            unique(registry, after, "login", Index::Login, login)
        }
        None => Ok(()),
    }
}

fn check_own_area(after: &Record, area: &Area) -> std::result::Result<(), Refusal> {
    same_id(after, area_id(&area.code))?;
    if area.code != after.area {
        return Err(Refusal::OtherArea {
            current: after.area,
            wanted: area.code,
        });
    }
    Ok(())
}

/// What stays for good where it stands: what has happened to money, to households and to people, what other bureaus said
/// and what was reported. No proposal in a closed area is approved any more.
fn stays(kind: Kind) -> bool {
    let has_happened = matches!(
        kind,
        Kind::Transfer
            | Kind::BookClosing
            | Kind::PaymentBatch
            | Kind::PaymentReturn
            | Kind::Comparison
            | Kind::Doubt
            | Kind::Report
            | Kind::HouseholdEvent
            | Kind::Blacklisting
            | Kind::Budget
            | Kind::RollupCommitment
            | Kind::OwnershipTransfer
    );
    has_happened || assessing::stays(kind)
}

/// An area is closed after everything in it: what belongs to no open area could not be changed any more.
fn nothing_left_in<R: Registry>(registry: &R, after: &Record) -> Result<R> {
    if !after.closed {
        return Ok(());
    }
    for kind in Kind::ALL.iter().filter(|kind| !stays(**kind)) {
        let left = registry
            .in_area(*kind, &after.area)
            .map_err(ChangeError::Registry)?;
        for id in left.into_iter().filter(|id| *id != after.id) {
            if duty::is_going_on(registry, *kind, &id)? {
                return Err(Refusal::AreaInUse { kind: *kind, id }.into());
            }
        }
    }
    Ok(())
}

/// What a node has said of its totals stays said, and about the area in which it stands.
fn check_commitment(
    before: Option<&Record>,
    after: &Record,
    said: &RollupCommitment,
) -> std::result::Result<(), Refusal> {
    if before.is_some() {
        return Err(Refusal::Committed(after.id));
    }
    let area = said.commitment.subject.area;
    if area != after.area {
        return Err(Refusal::OtherArea {
            current: after.area,
            wanted: area,
        });
    }
    Ok(())
}

/// What both counties have signed stays signed; until then each may think again.
fn check_ownership(
    before: Option<&Record>,
    after: &Record,
    transfer: &OwnershipTransfer,
) -> std::result::Result<(), Refusal> {
    let settled = Refusal::OwnershipSettled(after.id);
    if after.closed {
        return Err(settled);
    }
    let sides = [&transfer.keeps, &transfer.closes];
    let ids = sides.map(|side| OwnershipTransfer::id_for(&side.node, &transfer.alert));
    if !ids.contains(&after.id) {
        return Err(Refusal::WrongId(ids[0]));
    }
    match before.map(|record| &record.body) {
        Some(Body::OwnershipTransfer(known)) if known.is_settled() => Err(settled),
        _ => Ok(()),
    }
}

fn check_cadre<R: Registry>(
    registry: &R,
    before: Option<&Record>,
    after: &Record,
    cadre: &Cadre,
) -> Result<R> {
    ended_when_closed(after, cadre.until)?;
    duty::ended_posts(registry, after)?;
    let known = match before.map(|record| &record.body) {
        Some(Body::Cadre(known)) => known.unit,
        _ => None,
    };
    if let Some(unit) = &cadre.unit
        && known != cadre.unit
    {
        refers(registry, "unit", Kind::Unit, unit)?;
    }
    let number = cadre
        .identity
        .as_ref()
        .and_then(|identity| identity.number.as_ref());
    unique_number(registry, after, Index::CadreNumber, number)
}

fn check_team<R: Registry>(
    registry: &R,
    before: Option<&Record>,
    after: &Record,
    team: &VillageTeam,
) -> Result<R> {
    in_village(after)?;
    ended_when_closed(after, team.until)?;
    if after.closed {
        return Ok(());
    }
    let known = match before.map(|record| &record.body) {
        Some(Body::VillageTeam(known)) => known.decision,
        _ => None,
    };
    accepts(registry, team.decision.filter(|_| known != team.decision))?;
    team.seats
        .iter()
        .try_for_each(|seat| check_seat(registry, seat))?;
    let teams = registry
        .in_area(Kind::VillageTeam, &after.area)
        .map_err(ChangeError::Registry)?;
    match teams.into_iter().find(|other| *other != after.id) {
        Some(other) => Err(Refusal::AlreadyHasTeam(other).into()),
        None => Ok(()),
    }
}

/// What was proposed says by which decision.
fn accepts<R: Registry>(registry: &R, decision: Option<RecordId>) -> Result<R> {
    match decision {
        Some(decision) => refers(registry, "decision", Kind::Decision, &decision).map(drop),
        None => Ok(()),
    }
}

fn check_seat<R: Registry>(registry: &R, seat: &Seat) -> Result<R> {
    if seat.until.is_some() {
        return Ok(());
    }
    let kind = if seat.role.as_str() == "sponsor" {
        Kind::Unit
    } else {
        Kind::Cadre
    };
    refers(registry, "seats.holder", kind, &seat.holder).map(drop)
}

fn check_visit<R: Registry>(
    registry: &R,
    before: Option<&Record>,
    after: &Record,
    visit: &Visit,
    circumstances: &Circumstances,
) -> Result<R> {
    has_come("on", visit.on, circumstances)?;
    in_village(after)?;
    let known = match before.map(|record| &record.body) {
        Some(Body::Visit(known)) => Some(known),
        _ => None,
    };
    if let Some(household) = &visit.household
        && known.and_then(|known| known.household) != visit.household
    {
        household_here(registry, after, household)?;
    }
    if known.is_some_and(|known| known.cadre == visit.cadre) {
        return Ok(());
    }
    refers(registry, "cadre", Kind::Cadre, &visit.cadre).map(drop)
}

fn check_enactment<R: Registry>(
    registry: &R,
    before: Option<&Record>,
    enactment: &Enactment,
    actor: ActorId,
) -> Result<R> {
    if let Some(Body::Enactment(known)) = before.map(|record| &record.body) {
        if let Some(field) = known.altered(enactment) {
            let problem = "stays what was proposed; propose another enactment";
            return Err(malformed(field, problem).into());
        }
        return approval::check(registry, &known.approvals, &enactment.approvals, actor);
    }
    approval::none_yet(&enactment.approvals)?;
    if let Some(earlier) = &enactment.brings_back {
        refers(registry, "brings_back", Kind::Enactment, earlier)?;
    }
    let policy = reads(registry, "policy", Kind::Policy, &enactment.policy)?;
    match &policy.body {
        Body::Policy(policy) if policy.purpose != enactment.purpose => {
            let problem = format!("the policy is for {}", policy.purpose);
            Err(malformed("purpose", &problem).into())
        }
        _ => Ok(()),
    }
}

fn malformed(field: &'static str, problem: &str) -> Refusal {
    Refusal::Invalid(Fault::new(field, Problem::Malformed(problem.to_owned())))
}

fn check_evaluation<R: Registry>(
    registry: &R,
    after: &Record,
    evaluation: &Evaluation,
) -> Result<R> {
    if after.closed {
        return Ok(());
    }
    let enactment = &evaluation.enactment;
    refers(registry, "enactment", Kind::Enactment, enactment).map(drop)
}

fn check_decision<R: Registry>(registry: &R, after: &Record, decision: &Decision) -> Result<R> {
    same_id(after, decision_id(&decision.purpose, &decision.subject))?;
    if after.closed {
        return Ok(());
    }
    refers(
        registry,
        "evaluation",
        Kind::Evaluation,
        &decision.evaluation,
    )?;
    let subject = refers(
        registry,
        "subject",
        decision.subject_kind,
        &decision.subject,
    )?;
    same_area(after, &subject)
}

/// What is written about a household stands in its area, because rights are given by area.
fn household_here<R: Registry>(registry: &R, after: &Record, household: &RecordId) -> Result<R> {
    let household = refers(registry, "household", Kind::Household, household)?;
    same_area(after, &household)
}

fn same_area<E>(after: &Record, subject: &Outline) -> std::result::Result<(), ChangeError<E>> {
    if subject.area == after.area {
        Ok(())
    } else {
        Err(Refusal::OtherArea {
            current: subject.area,
            wanted: after.area,
        }
        .into())
    }
}

/// What a field names, which must be open and of this kind.
fn refers<R: Registry>(
    registry: &R,
    field: &'static str,
    kind: Kind,
    id: &RecordId,
) -> std::result::Result<Outline, ChangeError<R::Error>> {
    match registry.outline(id).map_err(ChangeError::Registry)? {
        Some(outline) if !outline.closed && outline.kind == kind => Ok(outline),
        _ => Err(Refusal::NoSuchRecord {
            field,
            kind,
            id: *id,
        }
        .into()),
    }
}

/// [`refers`], for a rule that depends on what the record says.
fn reads<R: Registry>(
    registry: &R,
    field: &'static str,
    kind: Kind,
    id: &RecordId,
) -> std::result::Result<Record, ChangeError<R::Error>> {
    refers(registry, field, kind, id)?;
    let record = registry.current(id).map_err(ChangeError::Registry)?;
    record.ok_or_else(|| {
        let id = *id;
        Refusal::NoSuchRecord { field, kind, id }.into()
    })
}

fn has_come(
    field: &'static str,
    date: Date,
    circumstances: &Circumstances,
) -> std::result::Result<(), Refusal> {
    if date > circumstances.today {
        return Err(Refusal::InTheFuture { field, date });
    }
    Ok(())
}

fn unique_number<R: Registry>(
    registry: &R,
    after: &Record,
    index: Index,
    number: Option<&Text>,
) -> Result<R> {
    match number {
        Some(number) => unique(registry, after, "number", index, number.as_str()),
        None => Ok(()),
    }
}

fn unique<R: Registry>(
    registry: &R,
    after: &Record,
    field: &'static str,
    index: Index,
    text: &str,
) -> Result<R> {
    if after.closed {
        return Ok(());
    }
    let holders = registry
        .with_key(&Key::blind(index, text))
        .map_err(ChangeError::Registry)?;
    match holders.into_iter().find(|holder| *holder != after.id) {
        Some(taken_by) => Err(Refusal::NotUnique { field, taken_by }.into()),
        None => Ok(()),
    }
}

fn same_id(after: &Record, id: RecordId) -> std::result::Result<(), Refusal> {
    if after.id == id {
        Ok(())
    } else {
        Err(Refusal::WrongId(id))
    }
}

fn in_village(after: &Record) -> std::result::Result<(), Refusal> {
    if after.area.level() == AreaLevel::Village {
        Ok(())
    } else {
        Err(Refusal::NotAVillage {
            kind: after.body.kind(),
            area: after.area,
        })
    }
}

/// What has ended counts no more, so an end and the close of the record come together.
fn ended_when_closed(after: &Record, until: Option<Date>) -> std::result::Result<(), Refusal> {
    let problem = match (after.closed, until) {
        (true, None) => Problem::Missing,
        (false, Some(_)) => Problem::Malformed("is given when the record is closed".to_owned()),
        (true, Some(_)) | (false, None) => return Ok(()),
    };
    Err(Refusal::Invalid(Fault::new("until", problem)))
}
