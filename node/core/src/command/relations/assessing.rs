//! What must hold between letters, surveys, assessments and awards, and whom they are about.

use super::{
    Circumstances, Kind, Result, has_come,
    ladder::{decided_about, stands_with_subject},
    malformed, reads, refers, same_area, same_id,
};
use crate::{
    command::{ChangeError, Refusal, Registry},
    record::{
        Assessment, Award, Basis, Body, Fault, Outcome, Problem, Record, ResponsibilityLetter,
        SatisfactionSurvey, Signature,
    },
    value::Year,
};

/// What was done, decided and counted in an area stays after it.
pub(super) fn stays(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::Task
            | Kind::Sanction
            | Kind::ResponsibilityLetter
            | Kind::SatisfactionSurvey
            | Kind::Assessment
            | Kind::Award
    )
}

/// A letter is between two levels that touch; it is signed once by each side, and what is signed stays.
pub(super) fn check_letter<R: Registry>(
    registry: &R,
    before: Option<&Record>,
    after: &Record,
    letter: &ResponsibilityLetter,
    circumstances: &Circumstances,
) -> Result<R> {
    same_id(
        after,
        ResponsibilityLetter::id_for(&letter.lower.id, letter.year),
    )?;
    if after.closed {
        return Ok(());
    }
    let known = match before.map(|record| &record.body) {
        Some(Body::ResponsibilityLetter(known)) => Some(known),
        _ => None,
    };
    match known {
        Some(known) => same_letter(known, letter)?,
        None => {
            let lower = refers(registry, "lower", letter.lower.kind, &letter.lower.id)?;
            same_area(after, &lower)?;
            right_above(after, letter)?;
        }
    }
    let signed = known.map_or(&[][..], |known| &known.signatures);
    let Some(added) = letter.signatures.strip_prefix(signed) else {
        return Err(malformed("signatures", "are not taken back").into());
    };
    for (place, signature) in (signed.len()..).zip(added) {
        let so_far = letter.signatures.get(..place).unwrap_or_default();
        check_signature(registry, so_far, signature, circumstances)?;
    }
    Ok(())
}

/// A unit signs with the area that it belongs to, an area with the one that contains it.
fn right_above(after: &Record, letter: &ResponsibilityLetter) -> std::result::Result<(), Refusal> {
    let above = match letter.lower.kind {
        Kind::Unit => Some(after.area),
        _ => after.area.parent(),
    };
    if above == Some(letter.upper) {
        return Ok(());
    }
    Err(malformed(
        "upper",
        "is not the level right above the lower side",
    ))
}

fn same_letter(
    known: &ResponsibilityLetter,
    letter: &ResponsibilityLetter,
) -> std::result::Result<(), Refusal> {
    let same = [
        ("upper", known.upper == letter.upper),
        (
            "goals",
            known.signatures.is_empty() || known.goals == letter.goals,
        ),
    ];
    match same.into_iter().find(|(_, same)| !same) {
        Some((field, _)) => Err(malformed(field, "stays what was signed")),
        None => Ok(()),
    }
}

fn check_signature<R: Registry>(
    registry: &R,
    so_far: &[Signature],
    signature: &Signature,
    circumstances: &Circumstances,
) -> Result<R> {
    has_come("signatures.on", signature.on, circumstances)?;
    if so_far.iter().any(|other| other.side == signature.side) {
        let side = signature.side.clone();
        return Err(Refusal::SideSigned { side }.into());
    }
    if so_far.iter().any(|other| other.cadre == signature.cadre) {
        return Err(Refusal::SignsForBoth(signature.cadre).into());
    }
    refers(registry, "signatures.cadre", Kind::Cadre, &signature.cadre).map(drop)
}

/// Nobody answers who was not asked.
pub(super) fn check_survey<R: Registry>(
    registry: &R,
    before: Option<&Record>,
    after: &Record,
    survey: &SatisfactionSurvey,
    circumstances: &Circumstances,
) -> Result<R> {
    has_come("on", survey.on, circumstances)?;
    let answered = survey.answered();
    if answered > u64::from(survey.asked) {
        return Err(Refusal::MoreAnswersThanAsked {
            asked: survey.asked,
            answered,
        }
        .into());
    }
    match before.map(|record| &record.body) {
        Some(Body::SatisfactionSurvey(known)) if known.subject != survey.subject => {
            Err(malformed("subject", "stays what it was").into())
        }
        Some(_) => Ok(()),
        None => stands_with_subject(registry, after, survey.subject),
    }
}

/// An assessment is of a period that has begun, and says what its decision says.
pub(super) fn check<R: Registry>(
    registry: &R,
    before: Option<&Record>,
    after: &Record,
    assessment: &Assessment,
    circumstances: &Circumstances,
) -> Result<R> {
    let id = Assessment::id_for(&assessment.subject.id, assessment.rhythm, assessment.period);
    same_id(after, id)?;
    if after.closed {
        return Ok(());
    }
    has_come("period", assessment.period, circumstances)?;
    // Three years may be counted from any: the first day of this one is the first of its own period.
    let first_year = assessment.period.year();
    let period = assessment.rhythm.period_of(assessment.period, first_year);
    if period.is_none_or(|period| period.first != assessment.period) {
        return Err(malformed("period", "is not the first day of a period of the rhythm").into());
    }
    if before.is_none() {
        stands_with_subject(registry, after, assessment.subject)?;
    }
    let known = before.map(|record| &record.body);
    let is_unchanged = matches!(known, Some(Body::Assessment(known)) if known == assessment);
    match &assessment.basis {
        Basis::Decision(id) if !is_unchanged => {
            let record = reads(registry, "decision", Kind::Decision, id)?;
            let Body::Decision(decision) = &record.body else {
                return Ok(());
            };
            decided_about(decision, "assessment", assessment.subject.id)?;
            if decision.score != Some(assessment.score) {
                return Err(Refusal::OtherThanDecided { field: "score" }.into());
            }
            match &decision.outcome {
                Outcome::Granted(grade) if *grade == assessment.grade => Ok(()),
                _ => Err(Refusal::OtherThanDecided { field: "grade" }.into()),
            }
        }
        Basis::Decision(_) | Basis::Entered(_) => Ok(()),
    }
}

/// No more are commended than there may be, and each is what the category says.
pub(super) fn check_award<R: Registry>(
    registry: &R,
    before: Option<&Record>,
    after: &Record,
    award: &Award,
    circumstances: &Circumstances,
) -> Result<R> {
    same_id(after, award.id_in(&after.area))?;
    if after.closed {
        return Ok(());
    }
    begun(award.year, circumstances)?;
    let known = match before.map(|record| &record.body) {
        Some(Body::Award(known)) => Some(known),
        _ => None,
    };
    if known.is_some_and(|known| known.most != award.most) {
        return Err(malformed("most", "stays what it was").into());
    }
    let recipients = award.recipients.len();
    if usize::try_from(award.most).is_ok_and(|most| recipients > most) {
        let most = award.most;
        return Err(Refusal::AwardBeyondNumber { most, recipients }.into());
    }
    let Some((kind, level)) = Award::subjects_of(award.category.as_str()) else {
        return Err(Refusal::Invalid(Fault::new("category", Problem::Missing)).into());
    };
    let named = known.map_or(&[][..], |known| &known.recipients);
    for recipient in award.recipients.iter().filter(|id| !named.contains(id)) {
        let outline = refers(registry, "recipients", kind, recipient)?;
        if level.is_some_and(|level| level != outline.area.level()) {
            return Err(malformed("recipients", "must be areas of the category's level").into());
        }
        if !after.area.contains(&outline.area) {
            return Err(ChangeError::from(Refusal::OtherArea {
                current: outline.area,
                wanted: after.area,
            }));
        }
    }
    Ok(())
}

fn begun(year: Year, circumstances: &Circumstances) -> std::result::Result<(), Refusal> {
    if year > circumstances.today.year() {
        return Err(malformed("year", "has not come yet"));
    }
    Ok(())
}
