//! Rankings: who did best, from the assessments of one period.

use crate::{
    cases::Records,
    duties::Rhythm,
    record::{Assessment, Award, Body, Record},
    value::{AreaCode, Code, Date, RecordId},
};

/// A place in a ranking.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ranked {
    /// From 1; who has the same score has the same place, and the places after it are left out.
    pub place: u32,
    /// The assessment's record.
    pub id: RecordId,
    /// Where it stands.
    pub area: AreaCode,
    /// What it says.
    pub assessment: Assessment,
}

/// The assessments of a rhythm and of the period that begins on a day, of a category's subjects in an area and below: the
/// best first.
pub fn ranking<R: Records>(
    records: &R,
    area: &AreaCode,
    rhythm: Rhythm,
    period: Date,
    of: &Code,
) -> Result<Vec<Ranked>, R::Error> {
    let Some((kind, level)) = Award::subjects_of(of.as_str()) else {
        return Ok(Vec::new());
    };
    let mut found = Vec::new();
    for id in records.under(&Assessment::key_of(rhythm, period))? {
        let Some(Record {
            area: own,
            body: Body::Assessment(assessment),
            ..
        }) = records.record(&id)?
        else {
            continue;
        };
        let is_of_category =
            assessment.subject.kind == kind && level.is_none_or(|level| own.level() == level);
        if area.contains(&own) && is_of_category {
            found.push((id, own, assessment));
        }
    }
    found.sort_by_key(|(id, area, assessment)| (-assessment.score, *area, *id));
    Ok(places(found))
}

fn places(sorted: Vec<(RecordId, AreaCode, Assessment)>) -> Vec<Ranked> {
    let mut ranked: Vec<Ranked> = Vec::with_capacity(sorted.len());
    for (number, (id, area, assessment)) in (1..).zip(sorted) {
        let place = match ranked.last() {
            Some(better) if better.assessment.score == assessment.score => better.place,
            _ => number,
        };
        ranked.push(Ranked {
            place,
            id,
            area,
            assessment,
        });
    }
    ranked
}
