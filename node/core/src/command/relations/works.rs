//! What must hold between measures, contracts, trainings, covers, the income of villages, and the people they are for.

use super::{
    Circumstances, Kind, Result, has_come, household_here, in_village, malformed, reads, refers,
    same_id,
};
use crate::{
    command::{ChangeError, Refusal, Registry},
    record::{
        Body, CollectiveIncome, Contract, Cover, Fault, Index, Key, Measure, Problem, Record,
        Training,
    },
    value::RecordId,
};

/// A measure is for an open household and somebody in it, once at a time for one project; whom it is for stays.
pub(super) fn check_measure<R: Registry>(
    registry: &R,
    before: Option<&Record>,
    after: &Record,
    measure: &Measure,
    circumstances: &Circumstances,
) -> Result<R> {
    in_village(after)?;
    if after.closed {
        return Ok(());
    }
    if let Some(until) = measure.until {
        has_come("until", until, circumstances)?;
    }
    if measure.amount.is_some() || !measure.results.is_empty() {
        has_come("from", measure.from, circumstances)?;
    }
    let known = match before.map(|record| &record.body) {
        Some(Body::Measure(known)) => Some(known),
        _ => None,
    };
    match known {
        Some(known) => same_measure(known, measure)?,
        None => {
            if let Some(household) = &measure.household {
                household_here(registry, after, household)?;
                belongs(registry, measure.member.as_ref(), household)?;
            }
        }
    }
    if let Some(project) = &measure.project
        && known.is_none_or(|known| known.project.is_none())
    {
        part_of(registry, after, project)?;
    }
    for (id, other) in measures_beside(registry, after, measure)? {
        if id != after.id && measure.repeats(&other) {
            return Err(Refusal::AlreadyGiven(id).into());
        }
    }
    Ok(())
}

/// A project that is fixed later is written in; a measure never changes from one to another.
fn same_measure(known: &Measure, measure: &Measure) -> std::result::Result<(), Refusal> {
    let project = known.project.is_none() || known.project == measure.project;
    let same = [
        ("household", known.household == measure.household),
        ("member", known.member == measure.member),
        ("measure", known.kind == measure.kind),
        ("project", project),
    ];
    match same.into_iter().find(|(_, same)| !same) {
        Some((field, _)) => {
            let problem = "stays what it was; end this measure and create another";
            Err(malformed(field, problem))
        }
        None => Ok(()),
    }
}

/// The project is carried out around the place, and has not ended.
fn part_of<R: Registry>(registry: &R, after: &Record, project: &RecordId) -> Result<R> {
    let record = reads(registry, "project", Kind::Project, project)?;
    if !record.area.contains(&after.area) {
        return Err(Refusal::OtherArea {
            current: record.area,
            wanted: after.area,
        }
        .into());
    }
    match &record.body {
        Body::Project(project) if project.end.is_some() => {
            Err(malformed("project", "has ended").into())
        }
        _ => Ok(()),
    }
}

/// The measures of the same household, or those of the same kind for the same village.
fn measures_beside<R: Registry>(
    registry: &R,
    after: &Record,
    measure: &Measure,
) -> std::result::Result<Vec<(RecordId, Measure)>, ChangeError<R::Error>> {
    let key = match &measure.household {
        Some(household) => Key::record(Index::MeasuresOfHousehold, household),
        None => Key::open(
            Index::MeasuresOfVillages,
            &[measure.kind.as_str().as_bytes()],
        ),
    };
    let mut measures = Vec::new();
    for id in registry.with_key(&key).map_err(ChangeError::Registry)? {
        let outline = registry.outline(&id).map_err(ChangeError::Registry)?;
        if outline.is_none_or(|outline| outline.area != after.area) {
            continue;
        }
        if let Some(Record {
            body: Body::Measure(measure),
            ..
        }) = registry.current(&id).map_err(ChangeError::Registry)?
        {
            measures.push((id, measure));
        }
    }
    Ok(measures)
}

/// A contract is between an open household and an open co-operative or enterprise; its id holds it to both.
pub(super) fn check_contract<R: Registry>(
    registry: &R,
    before: Option<&Record>,
    after: &Record,
    contract: &Contract,
    circumstances: &Circumstances,
) -> Result<R> {
    same_id(after, contract.id())?;
    if let Some(ended_on) = contract.ended_on {
        has_come("ended_on", ended_on, circumstances)?;
    }
    if before.is_some() {
        return Ok(());
    }
    has_come("from", contract.from, circumstances)?;
    household_here(registry, after, &contract.household)?;
    let organisation = registry
        .outline(&contract.organisation)
        .map_err(ChangeError::Registry)?;
    match organisation {
        Some(outline)
            if !outline.closed && matches!(outline.kind, Kind::Cooperative | Kind::Enterprise) =>
        {
            Ok(())
        }
        _ => Err(Refusal::NoSuchRecord {
            field: "organisation",
            kind: Kind::Enterprise,
            id: contract.organisation,
        }
        .into()),
    }
}

/// Who is named as having attended was registered then, and so was the unit that organised it.
pub(super) fn check_training<R: Registry>(
    registry: &R,
    before: Option<&Record>,
    after: &Record,
    training: &Training,
    circumstances: &Circumstances,
) -> Result<R> {
    has_come("on", training.on, circumstances)?;
    if after.closed {
        return Ok(());
    }
    let known = match before.map(|record| &record.body) {
        Some(Body::Training(known)) => Some(known),
        _ => None,
    };
    let unit = training.unit.as_ref();
    if let Some(unit) = unit.filter(|unit| known.and_then(|known| known.unit) != Some(**unit)) {
        refers(registry, "unit", Kind::Unit, unit)?;
    }
    let named = known.map_or(&[][..], |known| &known.attendees);
    for attendee in training.attendees.iter().filter(|id| !named.contains(id)) {
        let outline = registry.outline(attendee).map_err(ChangeError::Registry)?;
        let is_somebody = outline.is_some_and(|outline| {
            !outline.closed && matches!(outline.kind, Kind::Member | Kind::Cadre)
        });
        if !is_somebody {
            return Err(Refusal::NoSuchRecord {
                field: "attendees",
                kind: Kind::Member,
                id: *attendee,
            }
            .into());
        }
    }
    Ok(())
}

/// A cover is for an open household or somebody in it, by an insurer, once at a time against one thing.
pub(super) fn check_cover<R: Registry>(
    registry: &R,
    before: Option<&Record>,
    after: &Record,
    cover: &Cover,
) -> Result<R> {
    if after.closed {
        return Ok(());
    }
    if let Some(Body::Cover(known)) = before.map(|record| &record.body) {
        let same = [
            ("household", known.household == cover.household),
            ("member", known.member == cover.member),
            ("type", known.kind == cover.kind),
            ("insurer", known.insurer == cover.insurer),
        ];
        if let Some((field, _)) = same.into_iter().find(|(_, same)| !same) {
            let problem = "stays what it was; close this cover and create another";
            return Err(malformed(field, problem).into());
        }
    } else {
        household_here(registry, after, &cover.household)?;
        belongs(registry, cover.member.as_ref(), &cover.household)?;
        let insurer = reads(registry, "insurer", Kind::Enterprise, &cover.insurer)?;
        if matches!(&insurer.body, Body::Enterprise(insurer) if !insurer.is_insurer()) {
            return Err(malformed("insurer", "is an enterprise that does not insure").into());
        }
    }
    let key = Key::record(Index::CoversOfHousehold, &cover.household);
    for id in registry.with_key(&key).map_err(ChangeError::Registry)? {
        let other = registry.current(&id).map_err(ChangeError::Registry)?;
        if let Some(Body::Cover(other)) = other.map(|record| record.body)
            && id != after.id
            && cover.repeats(&other)
        {
            return Err(Refusal::AlreadyCovered(id).into());
        }
    }
    Ok(())
}

/// A village has one income a year, of a year that has begun.
pub(super) fn check_income(
    after: &Record,
    income: &CollectiveIncome,
    circumstances: &Circumstances,
) -> std::result::Result<(), Refusal> {
    in_village(after)?;
    same_id(after, CollectiveIncome::id_for(&after.area, income.year))?;
    if income.year > circumstances.today.year() {
        let problem = Problem::Malformed("has not come yet".to_owned());
        return Err(Fault::new("year", problem).into());
    }
    Ok(())
}

/// Somebody named is a member of the household.
pub(super) fn belongs<R: Registry>(
    registry: &R,
    member: Option<&RecordId>,
    household: &RecordId,
) -> Result<R> {
    let Some(member) = member else { return Ok(()) };
    let record = reads(registry, "member", Kind::Member, member)?;
    match &record.body {
        Body::Member(member) if member.household != *household => {
            Err(malformed("member", "belongs to another household").into())
        }
        _ => Ok(()),
    }
}
