//! An answer in words and numbers: what is recorded beside an example, and what `run` shows.

use serde_json::{Map, Value as Json, json};

use crate::policy::{
    Answer, Failure, Input, Manifest, Outcome, Verdict,
    answer::{Comparator, Comparison, FactReference},
    input::Table,
    manifest::Kind,
    verdict::{show, verdicts},
};

/// An answer as JSON: one object a subject, or the failure.
pub fn to_json(manifest: &Manifest, input: &Input, result: &Result<Answer, Failure>) -> Json {
    let answer = match result {
        Ok(answer) => answer,
        Err(failure) => return json!({"failure": failure.to_string()}),
    };
    let verdicts = verdicts(manifest, input, result);
    let subject = |verdict: &Verdict| subject(manifest, answer, verdict);
    verdicts.iter().map(subject).collect()
}

fn subject(manifest: &Manifest, answer: &Answer, verdict: &Verdict) -> Json {
    let Verdict {
        subject,
        outcome,
        category,
        amount,
        score,
        reasons,
        missing: _,
        proposals,
    } = verdict;
    let mut object = Map::new();
    object.insert("subject".into(), json!(subject));
    object.insert("outcome".into(), word(*outcome).into());
    let optional = [
        ("category", category.as_ref().map(|label| json!(label.code))),
        ("amount", amount.map(|fen| json!(fen))),
        ("score", score.map(|score| json!(score))),
    ];
    for (key, value) in optional {
        if let Some(value) = value {
            object.insert(key.into(), value);
        }
    }
    let missing = answer.missing.iter();
    let missing = missing.filter(|missing| missing.subject == *subject);
    let lists = [
        (
            "reasons",
            reasons
                .iter()
                .map(|it| json!({"code": it.code, "zh": it.zh, "en": it.en}))
                .collect::<Vec<_>>(),
        ),
        (
            "missing",
            missing.map(|it| json!(place(manifest, it.fact))).collect(),
        ),
        (
            "comparisons",
            comparisons(answer, *subject)
                .map(|it| {
                    json!({
                        "fact": place(manifest, it.fact),
                        "value": it.value,
                        "is": comparator(it.comparator),
                        "threshold": it.threshold,
                        "holds": it.holds,
                    })
                })
                .collect(),
        ),
        (
            "proposals",
            proposals
                .iter()
                .map(|it| json!({"role": it.role, "table": it.table, "row": it.row, "quantity": it.quantity}))
                .collect(),
        ),
    ];
    for (key, list) in lists {
        if !list.is_empty() {
            object.insert(key.into(), list.into());
        }
    }
    object.into()
}

/// What was decided about each subject, without the numbers of rows: the same wherever the subject stands.
pub(super) fn decisions(manifest: &Manifest, input: &Input, answer: &Answer) -> Vec<Json> {
    let verdicts = verdicts(manifest, input, &Ok(answer.clone()));
    let decision = |verdict: Verdict| {
        let comparisons = comparisons(answer, verdict.subject);
        let comparisons = comparisons.map(|it| {
            let (table, fact) = (it.fact.table, it.fact.fact);
            let threshold = (comparator(it.comparator), it.threshold);
            json!([table, fact, it.value, threshold, it.holds])
        });
        json!({
            "outcome": word(verdict.outcome),
            "category": verdict.category.map(|label| label.code),
            "amount": verdict.amount,
            "score": verdict.score,
            "reasons": verdict.reasons.iter().map(|it| [&it.code, &it.zh, &it.en]).collect::<Vec<_>>(),
            "missing": verdict.missing,
            "comparisons": comparisons.collect::<Vec<_>>(),
        })
    };
    verdicts.into_iter().map(decision).collect()
}

/// An answer as a person reads it: every subject with its reasons, the facts behind them, and how far it was from the
/// thresholds.
pub fn explain(manifest: &Manifest, input: &Input, result: &Result<Answer, Failure>) -> String {
    let answer = match result {
        Ok(answer) => answer,
        Err(failure) => return format!("no answer, so everybody is undetermined: {failure}\n"),
    };
    let mut text = String::new();
    for verdict in verdicts(manifest, input, result) {
        let subject = verdict.subject;
        let table = &manifest.tables[manifest.subjects].name;
        let category = verdict.category.as_ref();
        let category = category.map(|it| format!(" as {} ({} / {})", it.code, it.zh, it.en));
        text += &format!(
            "{table} {subject}: {}{}\n",
            word(verdict.outcome),
            category.unwrap_or_default()
        );
        if let Some(fen) = verdict.amount {
            text += &format!("  amount     {}\n", show(Kind::Fen, fen, answer));
        }
        if let Some(score) = verdict.score {
            text += &format!("  score      {score}\n");
        }
        for reason in &verdict.reasons {
            text += &format!("  reason     {}\n             {}\n", reason.zh, reason.en);
        }
        for missing in answer.missing.iter().filter(|it| it.subject == subject) {
            text += &format!("  missing    {}\n", fact(manifest, input, missing.fact));
        }
        for used in evidence(answer, subject) {
            text += &format!("  fact       {}\n", fact(manifest, input, used));
        }
        for comparison in comparisons(answer, subject) {
            text += &format!("  compared   {}\n", distance(manifest, answer, comparison));
        }
        for proposal in &verdict.proposals {
            let (role, table, row) = (&proposal.role, &proposal.table, proposal.row);
            text += &format!(
                "  proposed   {table} {row} as {role}, quantity {}\n",
                proposal.quantity
            );
        }
    }
    text
}

/// `pairing 0 pairing.visits-in-month: 1, at-least 2 does not hold, 1 away`
fn distance(manifest: &Manifest, answer: &Answer, comparison: &Comparison) -> String {
    let table = &manifest.tables[comparison.fact.table as usize];
    let kind = table.facts[comparison.fact.fact as usize].kind;
    let show = |number| show(kind, number, answer);
    // A date apart from a date is days, a code has no distance at all.
    let apart = comparison.value.abs_diff(comparison.threshold);
    let away = match kind {
        Kind::Fen | Kind::Ppm => i64::try_from(apart).map_or(apart.to_string(), show),
        Kind::Date => format!("{apart} days"),
        _ => apart.to_string(),
    };
    format!(
        "{}: {}, {} {} {}, {away} away",
        place(manifest, comparison.fact),
        show(comparison.value),
        comparator(comparison.comparator),
        show(comparison.threshold),
        if comparison.holds {
            "holds"
        } else {
            "does not hold"
        },
    )
}

fn comparisons(answer: &Answer, subject: u32) -> impl Iterator<Item = &Comparison> {
    let comparisons = answer.comparisons.iter();
    comparisons.filter(move |comparison| comparison.subject == subject)
}

fn evidence(answer: &Answer, subject: u32) -> impl Iterator<Item = FactReference> {
    let of_subject = move |reason: u32| {
        let reason = answer.reasons.get(reason as usize);
        reason.is_some_and(|reason| reason.subject == subject)
    };
    let evidence = answer.evidence.iter();
    evidence
        .filter(move |it| of_subject(it.reason))
        .map(|it| it.fact)
}

/// The place and what stands there.
fn fact(manifest: &Manifest, input: &Input, fact: FactReference) -> String {
    let declared = &manifest.tables[fact.table as usize].facts;
    let position = fact.row as usize * declared.len() + fact.fact as usize;
    let (state, number) = input
        .tables
        .get(fact.table as usize)
        .filter(|rows| position < rows.slots.len())
        .map_or((2, 0), |rows: &Table| rows.get(position));
    let value = match state {
        0 => match declared[fact.fact as usize].kind {
            Kind::Code | Kind::Text => {
                let text = usize::try_from(number)
                    .ok()
                    .and_then(|at| input.strings.get(at));
                text.cloned().unwrap_or_default()
            }
            kind => show(kind, number, &Answer::default()),
        },
        1 => "absent".into(),
        2 => "unknown".into(),
        _ => "withheld".into(),
    };
    format!("{} = {value}", place(manifest, fact))
}

fn place(manifest: &Manifest, fact: FactReference) -> String {
    let table = &manifest.tables[fact.table as usize];
    format!(
        "{} {} {}",
        table.name, fact.row, table.facts[fact.fact as usize].key
    )
}

fn word(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Granted => "granted",
        Outcome::Refused => "refused",
        Outcome::Undetermined => "undetermined",
    }
}

fn comparator(comparator: Comparator) -> &'static str {
    match comparator {
        Comparator::Less => "less",
        Comparator::AtMost => "at-most",
        Comparator::Equal => "equal",
        Comparator::AtLeast => "at-least",
        Comparator::Greater => "greater",
    }
}
