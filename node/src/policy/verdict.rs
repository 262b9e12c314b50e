//! Answers in words: what records, pages and reports show of an evaluation.

use serde::{Deserialize, Serialize};

use super::answer::{Answer, FactReference, Outcome};
use super::evaluation::Failure;
use super::input::Input;
use super::manifest::{Kind, Label, Manifest};

/// What was decided about one subject, with codes and sentences in place of indexes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verdict {
    /// Row in the table of the subjects.
    pub subject: u32,
    /// The answer.
    pub outcome: Outcome,
    /// As what, where granted.
    pub category: Option<Label>,
    /// Amount in fen.
    pub amount: Option<i64>,
    /// Score.
    pub score: Option<i64>,
    /// Why: the code and the two sentences with their arguments filled in.
    pub reasons: Vec<Label>,
    /// Facts that were missing, as `table/fact`.
    pub missing: Vec<String>,
    /// Resources that the policy proposes.
    pub proposals: Vec<Proposal>,
}

/// One resource for one subject.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proposal {
    /// Code of the role.
    pub role: String,
    /// Name of the resource's table.
    pub table: String,
    /// Its row in the input.
    pub row: u32,
    /// How much of its capacity.
    pub quantity: i64,
}

/// The verdicts of an evaluation, one for each subject; all *undetermined* where it failed.
pub fn verdicts(
    manifest: &Manifest,
    input: &Input,
    result: &Result<Answer, Failure>,
) -> Vec<Verdict> {
    let subjects = input
        .tables
        .get(manifest.subjects)
        .map_or(0, |table| table.rows);
    match result {
        Ok(answer) => explain(manifest, answer),
        Err(failure) => (0..subjects)
            .map(|subject| undetermined(subject, failure))
            .collect(),
    }
}

fn undetermined(subject: u32, failure: &Failure) -> Verdict {
    let reason = Label {
        code: "policy-failed".into(),
        zh: format!("政策程序没有给出结果，转人工处理（{failure}）"),
        en: format!("the policy gave no answer, a person decides: {failure}"),
    };
    Verdict {
        subject,
        outcome: Outcome::Undetermined,
        category: None,
        amount: None,
        score: None,
        reasons: vec![reason],
        missing: Vec::new(),
        proposals: Vec::new(),
    }
}

/// Relies on what [`super::check`] has made sure of: one decision for each subject, lists in the
/// order of their owners, indexes that exist.
fn explain(manifest: &Manifest, answer: &Answer) -> Vec<Verdict> {
    let mut missing = answer.missing.iter().peekable();
    let mut proposals = answer.proposals.iter().peekable();
    let mut reasons = answer.reasons.iter().peekable();
    let mut arguments = answer.arguments.iter();
    let mut verdicts = Vec::with_capacity(answer.decisions.len());
    for decision in &answer.decisions {
        let subject = decision.subject;
        let mut verdict = Verdict {
            subject,
            outcome: decision.outcome,
            category: decision
                .category
                .map(|category| manifest.categories[category as usize].clone()),
            amount: decision.amount,
            score: decision.score,
            reasons: Vec::new(),
            missing: Vec::new(),
            proposals: Vec::new(),
        };
        while let Some(fact) = missing.next_if(|missing| missing.subject == subject) {
            verdict.missing.push(name(manifest, fact.fact));
        }
        while let Some(reason) = reasons.next_if(|reason| reason.subject == subject) {
            let declared = &manifest.reasons[reason.code as usize];
            let values = arguments
                .by_ref()
                .take(declared.arguments.len())
                .map(|argument| argument.value);
            let values = declared.arguments.iter().zip(values);
            let values: Vec<_> = values
                .map(|((name, kind), value)| (name.as_str(), show(*kind, value, answer)))
                .collect();
            verdict.reasons.push(fill(&declared.label, &values));
        }
        while let Some(proposal) = proposals.next_if(|proposal| proposal.subject == subject) {
            verdict.proposals.push(Proposal {
                role: manifest.roles[proposal.role as usize].label.code.clone(),
                table: manifest.tables[proposal.table as usize].name.clone(),
                row: proposal.row,
                quantity: proposal.quantity.unwrap_or(1),
            });
        }
        verdicts.push(verdict);
    }
    verdicts
}

fn name(
    manifest: &Manifest,
    FactReference {
        table,
        row: _,
        fact,
    }: FactReference,
) -> String {
    let table = &manifest.tables[table as usize];
    format!("{}/{}", table.name, table.facts[fact as usize].key)
}

/// A reason's sentences with its arguments filled in.
pub(crate) fn fill(template: &Label, values: &[(&str, String)]) -> Label {
    let fill = |sentence: &str| {
        let replace = |sentence: String, (name, value): &(&str, String)| {
            sentence.replace(&format!("{{{name}}}"), value)
        };
        values.iter().fold(sentence.to_owned(), replace)
    };
    Label {
        code: template.code.clone(),
        zh: fill(&template.zh),
        en: fill(&template.en),
    }
}

/// An argument as people read it.
pub(crate) fn show(kind: Kind, value: i64, answer: &Answer) -> String {
    match kind {
        Kind::Flag => (value != 0).to_string(),
        Kind::Integer | Kind::Row(_) => value.to_string(),
        Kind::Fen => hundredths(value),
        // 10,000 parts per million are one per cent.
        Kind::Ppm => format!("{} %", hundredths(value / 100)),
        Kind::Date => show_date(value),
        Kind::Code | Kind::Text => {
            let text = usize::try_from(value)
                .ok()
                .and_then(|index| answer.strings.get(index));
            text.cloned().unwrap_or_default()
        }
    }
}

fn hundredths(value: i64) -> String {
    let sign = if value < 0 { "-" } else { "" };
    let value = value.unsigned_abs();
    format!("{sign}{}.{:02}", value / 100, value % 100)
}

/// A day that is given as days since 1970-01-01; the number where it is none.
pub(in crate::policy) fn show_date(days: i64) -> String {
    let epoch = jiff::civil::date(1970, 1, 1);
    let span = jiff::Span::new().try_days(days);
    let date = span.and_then(|span| epoch.checked_add(span));
    date.map_or_else(|_| days.to_string(), |date| date.to_string())
}
