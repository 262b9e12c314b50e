//! From the answers of all passes to one decision for each subject.
//!
//! Works on evaluations as they are recorded, so that what a request decided can be told again from its records.

use std::collections::BTreeMap;

use lika_core::{
    record::{self, Compared, Decision, Evaluation, EvaluationTable, Proposal, Reason},
    value::{Code, Fen, RecordId},
};

use super::{Error, damaged};
use crate::policy::{
    Answer, Manifest, Outcome,
    answer::FactReference,
    facts::{self, Proposed},
    verdict,
};

/// The decisions of all passes, by subject.
///
/// A *no* of an earlier pass stands, even when a later one is content because it takes what the earlier proposed for
/// granted: a household is paired when somebody has accepted, not when somebody was proposed. Otherwise the last pass
/// that judged the subject is the word. Reasons and proposals of all passes are kept.
pub(super) fn decide(
    manifest: &Manifest,
    purpose: &Code,
    evaluations: &[(RecordId, Evaluation)],
) -> Result<BTreeMap<RecordId, Decision>, Error> {
    let mut decisions = BTreeMap::new();
    for (id, evaluation) in evaluations {
        let pass = Pass {
            manifest,
            purpose,
            id: *id,
            tables: &evaluation.tables,
        };
        let made = match &evaluation.failure {
            Some(failure) => pass.failed(failure)?,
            None => {
                let answer = Answer::from_bytes(&evaluation.output);
                let answer =
                    answer.map_err(|_| damaged("the output of an evaluation cannot be read"))?;
                pass.explain(&answer)?
            }
        };
        add(&mut decisions, made);
    }
    Ok(decisions)
}

/// Adds what a later pass decided.
pub(super) fn add(decisions: &mut BTreeMap<RecordId, Decision>, made: Vec<Decision>) {
    for decision in made {
        let decision = match decisions.remove(&decision.subject) {
            Some(earlier) => combine(earlier, decision),
            None => decision,
        };
        decisions.insert(decision.subject, decision);
    }
}

/// What an answer proposes, for the next pass.
pub(super) fn proposed(
    manifest: &Manifest,
    tables: &[EvaluationTable],
    answer: &Answer,
) -> Vec<Proposed> {
    let proposed = |proposal: &crate::policy::answer::Proposal| {
        Some(Proposed {
            subject: record_at(tables, manifest.subjects, proposal.subject)?,
            role: manifest
                .roles
                .get(proposal.role as usize)?
                .label
                .code
                .clone(),
            resource: record_at(tables, proposal.table as usize, proposal.row)?,
        })
    };
    answer.proposals.iter().filter_map(proposed).collect()
}

/// The sentences (zh, en) of a reason with its arguments.
pub(super) fn sentences(
    manifest: &Manifest,
    reason: &Code,
    arguments: &[String],
) -> Option<(String, String)> {
    let declared = manifest
        .reasons
        .iter()
        .find(|declared| declared.label.code == reason.as_str())?;
    let names = declared.arguments.iter().map(|(name, _)| name.as_str());
    let values: Vec<(&str, String)> = names.zip(arguments.iter().cloned()).collect();
    let label = verdict::fill(&declared.label, &values);
    Some((label.zh, label.en))
}

/// One call of a policy: over a group, or over subjects one by one.
pub(super) struct Pass<'a> {
    pub manifest: &'a Manifest,
    pub purpose: &'a Code,
    /// The evaluation; of a preview there is none, and nobody sees its decisions.
    pub id: RecordId,
    /// The records behind the rows of its input.
    pub tables: &'a [EvaluationTable],
}

impl Pass<'_> {
    /// The decisions where the policy gave no answer.
    pub fn failed(&self, failure: &str) -> Result<Vec<Decision>, Error> {
        let subjects = self.subjects()?.iter();
        subjects
            .map(|subject| self.undetermined(*subject, failure))
            .collect()
    }

    /// The decisions that an answer makes.
    ///
    /// Relies on what the host has checked of it: lists in the order of their owners.
    pub fn explain(&self, answer: &Answer) -> Result<Vec<Decision>, Error> {
        let subjects = self.subjects()?;
        let mut decisions = Vec::with_capacity(subjects.len());
        for (subject, decision) in subjects.iter().zip(&answer.decisions) {
            let outcome = match (decision.outcome, decision.category) {
                (Outcome::Granted, Some(category)) => {
                    let category = self.manifest.categories.get(category as usize);
                    record::Outcome::Granted(word(category.map_or("", |label| &label.code))?)
                }
                (Outcome::Refused, _) => record::Outcome::Refused,
                (Outcome::Undetermined | Outcome::Granted, _) => {
                    record::Outcome::Undetermined(Vec::new())
                }
            };
            let decision = Decision {
                amount: decision.amount.map(Fen),
                score: decision.score,
                ..self.decision(*subject, outcome)
            };
            decisions.push(decision);
        }
        self.add_missing(answer, &mut decisions);
        self.add_reasons(answer, &mut decisions)?;
        for comparison in &answer.comparisons {
            if let Some(decision) = decisions.get_mut(comparison.subject as usize) {
                decision.comparisons.push(Compared {
                    fact: self.fact(comparison.fact),
                    value: comparison.value,
                    threshold: comparison.threshold,
                    met: comparison.holds,
                });
            }
        }
        self.add_proposals(answer, &mut decisions)?;
        Ok(decisions)
    }

    fn subjects(&self) -> Result<&[RecordId], Error> {
        let table = self.tables.get(self.manifest.subjects);
        let table =
            table.ok_or_else(|| damaged("an evaluation lacks the table of its subjects"))?;
        Ok(&table.records)
    }

    fn undetermined(&self, subject: RecordId, failure: &str) -> Result<Decision, Error> {
        let reason = Reason {
            code: word(failure)?,
            facts: Vec::new(),
            arguments: Vec::new(),
        };
        let outcome = record::Outcome::Undetermined(Vec::new());
        Ok(Decision {
            reasons: vec![reason],
            ..self.decision(subject, outcome)
        })
    }

    fn decision(&self, subject: RecordId, outcome: record::Outcome) -> Decision {
        let table = &self.manifest.tables[self.manifest.subjects].name;
        Decision {
            evaluation: self.id,
            purpose: self.purpose.clone(),
            subject_kind: facts::record_kind(table),
            subject,
            outcome,
            amount: None,
            reasons: Vec::new(),
            comparisons: Vec::new(),
            proposals: Vec::new(),
            score: None,
        }
    }

    fn add_missing(&self, answer: &Answer, decisions: &mut [Decision]) {
        for missing in &answer.missing {
            if let Some(record::Outcome::Undetermined(facts)) = decisions
                .get_mut(missing.subject as usize)
                .map(|decision| &mut decision.outcome)
            {
                let fact = self.fact(missing.fact);
                if !facts.contains(&fact) {
                    facts.push(fact);
                }
            }
        }
    }

    fn add_reasons(&self, answer: &Answer, decisions: &mut [Decision]) -> Result<(), Error> {
        let mut arguments = answer.arguments.iter();
        let mut evidence = answer.evidence.iter().peekable();
        for (index, reason) in (0_u32..).zip(&answer.reasons) {
            let declared = self.manifest.reasons.get(reason.code as usize);
            let declared = declared
                .ok_or_else(|| damaged("an answer names a reason that its policy has not"))?;
            let values = declared.arguments.iter().zip(arguments.by_ref());
            let shown = values
                .map(|((_, kind), argument)| verdict::show(*kind, argument.value, answer))
                .collect();
            let mut facts: Vec<String> = Vec::new();
            while let Some(evidence) = evidence.next_if(|evidence| evidence.reason == index) {
                let fact = self.fact(evidence.fact);
                if !facts.contains(&fact) {
                    facts.push(fact);
                }
            }
            if let Some(decision) = decisions.get_mut(reason.subject as usize) {
                decision.reasons.push(Reason {
                    code: word(&declared.label.code)?,
                    facts,
                    arguments: shown,
                });
            }
        }
        Ok(())
    }

    fn add_proposals(&self, answer: &Answer, decisions: &mut [Decision]) -> Result<(), Error> {
        for proposal in &answer.proposals {
            let role = self.manifest.roles.get(proposal.role as usize);
            let role = word(role.map_or("", |role| &role.label.code))?;
            let table = proposal.table as usize;
            let resource = record_at(self.tables, table, proposal.row);
            let resource =
                resource.ok_or_else(|| damaged("a proposal names a row that its input has not"))?;
            let resource_kind = facts::record_kind(&self.manifest.tables[table].name);
            if let Some(decision) = decisions.get_mut(proposal.subject as usize) {
                decision.proposals.push(Proposal {
                    role,
                    resource_kind,
                    resource,
                });
            }
        }
        Ok(())
    }

    fn fact(
        &self,
        FactReference {
            table,
            row: _,
            fact,
        }: FactReference,
    ) -> String {
        let table = &self.manifest.tables[table as usize];
        format!("{}/{}", table.name, table.facts[fact as usize].key)
    }
}

fn combine(earlier: Decision, later: Decision) -> Decision {
    use record::Outcome;
    let outcome = match (earlier.outcome, later.outcome) {
        (Outcome::Undetermined(mut missing), Outcome::Undetermined(more)) => {
            missing.extend(more);
            missing.sort_unstable();
            missing.dedup();
            Outcome::Undetermined(missing)
        }
        (Outcome::Undetermined(missing), _) | (_, Outcome::Undetermined(missing)) => {
            Outcome::Undetermined(missing)
        }
        (Outcome::Refused, _) => Outcome::Refused,
        (Outcome::Granted(_), later) => later,
    };
    let (mut reasons, mut proposals) = (earlier.reasons, earlier.proposals);
    let is_new = |reason: &Reason, known: &[Reason]| {
        known
            .iter()
            .all(|known| (&known.code, &known.arguments) != (&reason.code, &reason.arguments))
    };
    for reason in later.reasons {
        if is_new(&reason, &reasons) {
            reasons.push(reason);
        }
    }
    proposals.extend(later.proposals);
    let mut comparisons = earlier.comparisons;
    for comparison in later.comparisons {
        if !comparisons.contains(&comparison) {
            comparisons.push(comparison);
        }
    }
    Decision {
        outcome,
        reasons,
        proposals,
        comparisons,
        amount: later.amount,
        ..later
    }
}

fn record_at(tables: &[EvaluationTable], table: usize, row: u32) -> Option<RecordId> {
    let table = tables.get(table)?;
    table.records.get(row as usize).copied()
}

fn word(text: &str) -> Result<Code, Error> {
    Code::parse(text).map_err(|_| damaged("a policy uses a word that cannot stand in a record"))
}
