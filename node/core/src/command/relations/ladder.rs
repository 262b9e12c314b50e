//! What must hold between findings and the sanctions that rest on them.

use super::{Circumstances, Kind, Result, has_come, malformed, reads, refers, same_area};
use crate::{
    command::{ChangeError, Refusal, Registry},
    record::{Answerable, Body, Decision, Finding, Index, Key, Outcome, Record, Rung, Sanction},
    value::RecordId,
};

/// A finding stands where its subject does; what was found stays, and is settled once and afterwards.
pub(super) fn check_finding<R: Registry>(
    registry: &R,
    before: Option<&Record>,
    after: &Record,
    finding: &Finding,
    circumstances: &Circumstances,
) -> Result<R> {
    has_come("found_on", finding.found_on, circumstances)?;
    if let Some(settled) = &finding.settled {
        if settled.on < finding.found_on {
            return Err(Refusal::SettledBeforeFound {
                on: settled.on,
                found_on: finding.found_on,
            }
            .into());
        }
        has_come("settled_on", settled.on, circumstances)?;
    }
    if after.closed || finding.is_unfounded() {
        let key = Key::record(Index::SanctionsOfFinding, &after.id);
        let resting = registry.with_key(&key).map_err(ChangeError::Registry)?;
        if let Some(sanction) = resting.first() {
            return Err(Refusal::FindingSanctioned(*sanction).into());
        }
    }
    if let Some(Body::Finding(known)) = before.map(|record| &record.body) {
        return Ok(same_finding(known, finding)?);
    }
    stands_with_subject(registry, after, finding.subject)?;
    match &finding.duty {
        Some(duty) => refers(registry, "duty", Kind::Duty, duty).map(drop),
        None => Ok(()),
    }
}

fn same_finding(known: &Finding, finding: &Finding) -> std::result::Result<(), Refusal> {
    let same = [
        ("subject", known.subject == finding.subject),
        ("kind", known.kind == finding.kind),
        ("inspection", known.inspection == finding.inspection),
        ("found_on", known.found_on == finding.found_on),
        ("duty", known.duty == finding.duty),
        (
            "settled_on",
            known.settled.is_none() || known.settled == finding.settled,
        ),
    ];
    match same.into_iter().find(|(_, same)| !same) {
        Some((field, _)) => Err(malformed(field, "stays what it was")),
        None => Ok(()),
    }
}

/// Rights are given by area, so what is written about somebody stands where they do.
pub(super) fn stands_with_subject<R: Registry>(
    registry: &R,
    after: &Record,
    subject: Answerable,
) -> Result<R> {
    let subject = refers(registry, "subject", subject.kind, &subject.id)?;
    same_area(after, &subject)
}

/// A sanction rests on findings, and a rung of the ladder follows the one before it.
pub(super) fn check<R: Registry>(
    registry: &R,
    before: Option<&Record>,
    after: &Record,
    sanction: &Sanction,
    circumstances: &Circumstances,
) -> Result<R> {
    has_come("on", sanction.on, circumstances)?;
    if let Some(lifted) = sanction.lifted_on {
        has_come("lifted_on", lifted, circumstances)?;
    }
    if let Some(Body::Sanction(known)) = before.map(|record| &record.body) {
        if known.is_altered(sanction) {
            let problem = "stays what it was; take this sanction back and create another";
            return Err(malformed("sanction", problem).into());
        }
        return match after.closed {
            true => taken_back(registry, after, sanction),
            false => Ok(()),
        };
    }
    stands_with_subject(registry, after, sanction.subject)?;
    rests_on_findings(registry, sanction)?;
    if let Some(rung) = sanction.rung() {
        follows(registry, after, sanction, rung, circumstances)?;
    }
    match &sanction.decision {
        Some(decision) => as_decided(registry, sanction, decision),
        None => Ok(()),
    }
}

fn rests_on_findings<R: Registry>(registry: &R, sanction: &Sanction) -> Result<R> {
    if sanction.findings.is_empty() {
        return Err(Refusal::SanctionWithoutFinding { finding: None }.into());
    }
    for id in &sanction.findings {
        let record = registry.current(id).map_err(ChangeError::Registry)?;
        let is_ground = matches!(
            &record,
            Some(Record { closed: false, body: Body::Finding(finding), .. })
                if finding.subject == sanction.subject
                    && finding.found_on <= sanction.on
                    && !finding.is_unfounded()
        );
        if !is_ground {
            let finding = Some(*id);
            return Err(Refusal::SanctionWithoutFinding { finding }.into());
        }
    }
    Ok(())
}

/// The rung is at most one above the last that the ladder remembers, and no later than it.
fn follows<R: Registry>(
    registry: &R,
    after: &Record,
    sanction: &Sanction,
    rung: Rung,
    circumstances: &Circumstances,
) -> Result<R> {
    let last = last_rung(registry, &after.id, &sanction.subject.id)?;
    if let Some((_, last)) = &last
        && sanction.on < last.on
    {
        return Err(Refusal::StepBackdated {
            on: sanction.on,
            from: last.on,
            until: circumstances.today,
        }
        .into());
    }
    let standing = last
        .filter(|(_, last)| last.is_remembered_on(sanction.on))
        .and_then(|(_, last)| last.rung());
    let highest = Rung::after(standing);
    if rung > highest {
        let highest = highest.code();
        return Err(Refusal::RungSkipped { highest }.into());
    }
    Ok(())
}

/// The last rung of a subject, besides that of one record.
fn last_rung<R: Registry>(
    registry: &R,
    besides: &RecordId,
    subject: &RecordId,
) -> std::result::Result<Option<(RecordId, Sanction)>, ChangeError<R::Error>> {
    let key = Key::record(Index::SanctionsOfSubject, subject);
    let mut last: Option<(RecordId, Sanction)> = None;
    for id in registry.with_key(&key).map_err(ChangeError::Registry)? {
        let record = registry.current(&id).map_err(ChangeError::Registry)?;
        if let Some(Body::Sanction(found)) = record.map(|record| record.body)
            && id != *besides
            && found.rung().is_some()
            && last
                .as_ref()
                .is_none_or(|(_, last)| (last.on, last.rung()) < (found.on, found.rung()))
        {
            last = Some((id, found));
        }
    }
    Ok(last)
}

/// A rung is taken back only while nothing came after it.
fn taken_back<R: Registry>(registry: &R, after: &Record, sanction: &Sanction) -> Result<R> {
    if sanction.rung().is_none() {
        return Ok(());
    }
    match last_rung(registry, &after.id, &sanction.subject.id)? {
        Some((id, last)) if (sanction.on, sanction.rung()) < (last.on, last.rung()) => {
            Err(Refusal::SanctionFollowed(id).into())
        }
        _ => Ok(()),
    }
}

/// What a policy proposed is what is done, of the subject that it is about.
fn as_decided<R: Registry>(registry: &R, sanction: &Sanction, decision: &RecordId) -> Result<R> {
    let record = reads(registry, "decision", Kind::Decision, decision)?;
    let Body::Decision(decision) = &record.body else {
        return Ok(());
    };
    decided_about(decision, "supervision", sanction.subject.id)?;
    match &decision.outcome {
        Outcome::Granted(kind) if *kind == sanction.kind => Ok(()),
        _ => Err(Refusal::OtherThanDecided { field: "kind" }.into()),
    }
}

/// The decision is for this purpose and about this subject.
pub(super) fn decided_about(
    decision: &Decision,
    purpose: &str,
    subject: RecordId,
) -> std::result::Result<(), Refusal> {
    if decision.purpose != purpose || decision.subject != subject {
        return Err(Refusal::OtherThanDecided { field: "decision" });
    }
    Ok(())
}
