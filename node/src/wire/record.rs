//! Records on the wire.

use lika_core::{
    command::Change,
    log::{Action, Kind},
    record::{Body, BodyMessage, Record},
    value::{AreaCode, Date, NodeId, RecordId, RequestId, Year},
};
use lika_proto::v1;
use tonic::Status;

use super::status::malformed;
use crate::{clock::Clock, gateway::Seen, store::Position};

macro_rules! bodies {
    ($($kind:ident = $field:ident,)*) => {
        fn body_of(message: v1::record::Body) -> BodyMessage {
            match message {
                $(v1::record::Body::$field(message) => BodyMessage::$kind(message),)*
            }
        }

        fn body_message(body: BodyMessage) -> v1::record::Body {
            match body {
                $(BodyMessage::$kind(message) => v1::record::Body::$field(message),)*
            }
        }
    };
}

bodies! {
    Area = AreaRecord,
    Household = Household,
    Member = Member,
    IncomeStatement = IncomeStatement,
    Cadre = Cadre,
    Unit = Unit,
    Pairing = Pairing,
    VillageTeam = VillageTeam,
    Visit = Visit,
    OfficialStatistic = OfficialStatistic,
    Officer = Officer,
    Policy = Policy,
    Enactment = Enactment,
    Evaluation = Evaluation,
    Decision = Decision,
    Node = Node,
    LivingConditions = LivingConditions,
    Cooperative = Cooperative,
    Shareholding = Shareholding,
    Dividend = Dividend,
    Alert = Alert,
    Account = Account,
    Transfer = Transfer,
    BookClosing = BookClosing,
    Commitment = Commitment,
    Budget = Budget,
    Measure = Measure,
    Project = Project,
    Enterprise = Enterprise,
    Contract = Contract,
    Training = Training,
    Cover = Cover,
    CollectiveIncome = CollectiveIncome,
    Procedure = Procedure,
    Calendar = Calendar,
    Case = Case,
    Notice = Notice,
    Objection = Objection,
    PaymentBatch = PaymentBatch,
    PaymentReturn = PaymentReturn,
    Comparison = Comparison,
    Doubt = Doubt,
    ReportingWindow = ReportingWindow,
    Report = Report,
    HouseholdEvent = HouseholdEvent,
    Post = Post,
    Duty = Duty,
    Task = Task,
    Finding = Finding,
    Sanction = Sanction,
    ResponsibilityLetter = ResponsibilityLetter,
    SatisfactionSurvey = SatisfactionSurvey,
    Assessment = Assessment,
    Award = Award,
    GuaranteeFund = GuaranteeFund,
    Loan = Loan,
    Blacklisting = Blacklisting,
    VillageBatch = VillageBatch,
    RollupCommitment = RollupCommitment,
    OwnershipTransfer = OwnershipTransfer,
}

/// A record as the caller may see it.
pub fn record(seen: &Seen) -> v1::Record {
    let header = &seen.header;
    v1::Record {
        id: seen.record.id.0.to_vec(),
        area: seen.record.area.digits().to_owned(),
        revision: seen.record.revision,
        closed: seen.record.closed,
        recorded_at: header.recorded_at,
        position: Some(position(
            &header.node,
            Position {
                epoch: header.epoch,
                seq: header.seq,
            },
        )),
        body: Some(body_message(seen.record.body.message())),
    }
}

/// A revision with who made it.
pub fn revision(seen: &Seen) -> v1::Revision {
    v1::Revision {
        record: Some(record(seen)),
        action: seen.header.action.number(),
        actor: seen.header.actor.0.to_vec(),
        request: seen.header.request.0.to_vec(),
    }
}

/// A place in the log of a node.
pub fn position(node: &NodeId, position: Position) -> v1::LogPosition {
    v1::LogPosition {
        node: node.0.to_vec(),
        epoch: position.epoch,
        seq: position.seq,
    }
}

/// Reads one change of a command. A new record without an id gets one that follows from the request and its place,
/// so that sending the command again means the same record.
pub fn change(request: &RequestId, place: usize, change: v1::Change) -> Result<Change, Status> {
    let v1::Change {
        action,
        expected_revision,
        record,
    } = change;
    let at = |problem: &str| malformed(format!("change {}: {problem}", place + 1));
    let action = Action::from_number(action)
        .ok_or_else(|| at("the action must be create, change or close"))?;
    let record = record.ok_or_else(|| at("the record must be given"))?;
    let body = record
        .body
        .ok_or_else(|| at("the record's body must be given"))?;
    let body = Body::parse(body_of(body)).map_err(|fault| super::status::status(&fault.into()))?;
    let area = area("record.area", &record.area)?;
    let id = if record.id.is_empty() && action == Action::Create {
        own_id(&body, &area).unwrap_or_else(|| new_id(request, place))
    } else {
        RecordId(bytes16("record.id", &record.id)?)
    };
    Ok(Change {
        action,
        expected_revision,
        id,
        area,
        body,
    })
}

/// A change as clients send it.
pub fn sent(change: &Change) -> v1::Change {
    let record = v1::Record {
        id: change.id.0.to_vec(),
        area: change.area.digits().to_owned(),
        body: Some(body_message(change.body.message())),
        ..v1::Record::default()
    };
    v1::Change {
        action: change.action.number(),
        expected_revision: change.expected_revision,
        record: Some(record),
    }
}

/// A record as clients receive it.
pub fn received(record: v1::Record) -> Result<Record, Status> {
    let v1::Record {
        id,
        area: code,
        revision,
        closed,
        recorded_at: _,
        position: _,
        body,
    } = record;
    let body = body.ok_or_else(|| malformed("the record has no body that is known here"))?;
    Ok(Record {
        id: RecordId(bytes16("record.id", &id)?),
        area: area("record.area", &code)?,
        revision,
        closed,
        body: Body::parse(body_of(body)).map_err(|fault| super::status::status(&fault.into()))?,
    })
}

/// Reads an area code.
pub fn area(field: &str, text: &str) -> Result<AreaCode, Status> {
    AreaCode::parse(text).map_err(|error| malformed(format!("{field}: {error}")))
}

/// Reads a day; none where it is 0.
pub fn day(field: &str, number: u32) -> Result<Option<Date>, Status> {
    let day = (number > 0).then(|| Date::from_number(number)).transpose();
    day.map_err(|error| malformed(format!("{field}: {error}")))
}

/// Reads a day; today where it is 0.
pub fn day_or_today(clock: &dyn Clock, field: &str, number: u32) -> Result<Date, Status> {
    Ok(day(field, number)?.unwrap_or_else(|| clock.today()))
}

/// Reads a year; none where it is 0.
pub fn year(field: &str, number: u32) -> Result<Option<Year>, Status> {
    if number == 0 {
        return Ok(None);
    }
    let year = u16::try_from(number).ok();
    let year = year.and_then(|year| Year::new(year).ok());
    let wrong = || malformed(format!("{field}: must be a year such as 2016"));
    year.map(Some).ok_or_else(wrong)
}

/// Reads an id.
pub fn bytes16(field: &str, bytes: &[u8]) -> Result<[u8; 16], Status> {
    bytes
        .try_into()
        .map_err(|_| malformed(format!("{field}: must be 16 bytes")))
}

/// Reads a request id.
pub fn request_id(bytes: &[u8]) -> Result<RequestId, Status> {
    bytes16("request", bytes).map(RequestId)
}

/// Reads a kind that this version knows.
pub fn kind(number: i32) -> Result<Kind, Status> {
    let kind = u32::try_from(number).ok().and_then(Kind::from_number);
    match kind {
        Some(kind) if !matches!(kind, Kind::Unknown(_)) => Ok(kind),
        _ => Err(malformed("kind: must be one of lika.log.v1.Kind")),
    }
}

/// The ids that follow from what a record is about.
fn own_id(body: &Body, area: &AreaCode) -> Option<RecordId> {
    use lika_core::record::{
        Assessment, BookClosing, Calendar, CollectiveIncome, Dividend, IncomeStatement,
        LivingConditions, OfficialStatistic, PaymentReturn, Policy, ResponsibilityLetter, Task,
        area_id, decision_id,
    };
    match body {
        Body::Area(own) => Some(area_id(&own.code)),
        Body::IncomeStatement(income) => {
            Some(IncomeStatement::id_for(&income.household, income.year))
        }
        Body::LivingConditions(living) => Some(LivingConditions::id_for(&living.household)),
        Body::OfficialStatistic(figure) => {
            Some(OfficialStatistic::id_for(area, &figure.series, figure.year))
        }
        Body::Dividend(dividend) => Some(Dividend::id_for(&dividend.cooperative, dividend.year)),
        Body::BookClosing(closing) => Some(BookClosing::id_for(area, closing.year)),
        Body::Budget(budget) => Some(budget.id_for(area)),
        Body::PaymentReturn(returned) => Some(PaymentReturn::id_for(&returned.batch)),
        Body::Policy(policy) => Some(Policy::id_for(&policy.component)),
        Body::Decision(decision) => Some(decision_id(&decision.purpose, &decision.subject)),
        Body::Contract(contract) => Some(contract.id()),
        Body::CollectiveIncome(income) => Some(CollectiveIncome::id_for(area, income.year)),
        Body::Procedure(procedure) => Some(procedure.id_in(area)),
        Body::Calendar(calendar) => Some(Calendar::id_for(area, calendar.year)),
        Body::Duty(duty) => Some(duty.id_in(area)),
        Body::Task(task) => Some(Task::id_for(&task.duty, &task.holder.id, task.period)),
        Body::ResponsibilityLetter(letter) => {
            Some(ResponsibilityLetter::id_for(&letter.lower.id, letter.year))
        }
        Body::Assessment(assessment) => Some(Assessment::id_for(
            &assessment.subject.id,
            assessment.rhythm,
            assessment.period,
        )),
        Body::Award(award) => Some(award.id_in(area)),
        _ => None,
    }
}

fn new_id(request: &RequestId, place: usize) -> RecordId {
    RecordId::derived(
        "lika.new-record",
        &[&request.0[..], &(place as u64).to_be_bytes()].concat(),
    )
}

/// The head of a log.
pub fn head(tail: &crate::store::Tail) -> v1::Head {
    v1::Head {
        epoch: tail.position.epoch,
        seq: tail.position.seq,
        hash: tail.hash.0.to_vec(),
    }
}

/// Keeps the generated enum and ours together: a number that one has and the other has not would be lost.
#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_its_number_in_the_interface() {
        for kind in Kind::ALL {
            let number = i32::try_from(kind.number()).unwrap();
            assert!(
                lika_proto::log::v1::Kind::try_from(number).is_ok(),
                "{kind:?}"
            );
        }
    }
}
