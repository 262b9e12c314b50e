//! Judging every subject, with nothing recorded.

use std::collections::BTreeMap;

use lika_core::{
    log::Kind,
    record::{self, Decision, EvaluationTable},
    value::{AreaCode, Code, Fen, RecordId},
};

use super::{
    super::{Error, damaged, decisions, failures, refused, report::Used, run, unavailable},
    Question, Tried,
};
use crate::policy::{
    Answer, Failure, Family, Input, Manifest,
    facts::{self, Group, Tables, records::Records},
    manifest, preview,
};

/// What is said of each subject.
pub type Judgements = BTreeMap<RecordId, Judged>;

/// What a policy says of a subject: of its decision what a preview shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judged {
    /// The subject's kind.
    pub kind: Kind,
    /// The subject's area.
    pub area: AreaCode,
    /// The answer.
    pub outcome: Outcome,
    /// An amount, when the policy gives one.
    pub amount: Option<Fen>,
    /// Why: codes, each with the arguments of its sentence.
    pub reasons: Vec<(Code, Vec<String>)>,
    /// The facts that were missing.
    pub missing: Vec<String>,
    /// The facts that lie within two per cent of the threshold that they were held against.
    pub close: Vec<String>,
    /// How many assignments are proposed for it.
    pub proposals: u32,
}

/// The answer of a policy, without the facts that it lacked.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    /// Yes, with a category.
    Granted(Code),
    /// No.
    Refused,
    /// Goes to a person.
    Undetermined,
}

impl Judged {
    /// What counts for a difference.
    pub fn verdict(&self) -> (&Outcome, Option<Fen>) {
        (&self.outcome, self.amount)
    }
}

impl Outcome {
    /// The code of the answer; the category is not in it.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Granted(_) => "granted",
            Self::Refused => "refused",
            Self::Undetermined => "undetermined",
        }
    }

    /// The category of a grant.
    pub fn category(&self) -> Option<&Code> {
        match self {
            Self::Granted(category) => Some(category),
            Self::Refused | Self::Undetermined => None,
        }
    }
}

/// What a policy is asked about: the same for every policy that reads the same facts, whatever its settings.
pub struct Asked {
    /// The records behind the facts.
    pub records: Records,
    areas: BTreeMap<RecordId, AreaCode>,
    /// All subjects as one input, and their records; none of a group policy, whose passes build upon each other.
    subjects: Option<(Input, Vec<RecordId>)>,
}

impl Asked {
    /// Makes facts of records.
    pub(super) fn of(
        question: &Question,
        manifest: &Manifest,
        records: Records,
    ) -> Result<Self, Error> {
        let subjects = match manifest.family {
            Family::Subject => Some(subjects(question, manifest, &records)?),
            Family::Group => None,
        };
        Ok(Self {
            areas: run::areas_of(&records),
            subjects,
            records,
        })
    }
}

/// One policy that is tried over all subjects.
pub struct Trial<'a> {
    pub question: &'a Question,
    pub tried: &'a Tried,
}

impl Trial<'_> {
    /// What it says of every subject, and what that took.
    pub fn judge(&self, asked: &Asked) -> Result<(Judgements, Used), Error> {
        let mut judgements = Judgements::new();
        let manifest = self.tried.policy.describe();
        let mut used = Used {
            limit_ms: self.tried.limit_ms,
            ..Used::default()
        };
        let mut keep = |decision: Decision| {
            let area = asked.areas.get(&decision.subject);
            let area = area.ok_or_else(|| damaged("a subject is not among the records"))?;
            judgements.insert(decision.subject, judged(manifest, *area, decision));
            Ok(())
        };
        match &asked.subjects {
            Some((input, subjects)) => {
                self.judge_subjects(input, subjects, &mut used, &mut keep)?;
            }
            None => self
                .judge_groups(&asked.records, &mut used)?
                .into_values()
                .try_for_each(keep)?,
        }
        Ok((judgements, used))
    }

    fn judge_subjects(
        &self,
        input: &Input,
        subjects: &[RecordId],
        used: &mut Used,
        keep: &mut impl FnMut(Decision) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let Tried {
            policy, settings, ..
        } = self.tried;
        let manifest = policy.describe();
        let judge = |own: &Input| used.call(|| policy.preview_in_parts(settings, own));
        preview::some_at_a_time(manifest, input, judge, |part| {
            let rows = part.subjects.start as usize..part.subjects.end as usize;
            let own = subjects.get(rows).unwrap_or_default();
            let tables: Vec<EvaluationTable> = manifest
                .tables
                .iter()
                .enumerate()
                .map(|(index, table)| EvaluationTable {
                    name: table.name.clone(),
                    records: if index == manifest.subjects {
                        own.to_vec()
                    } else {
                        Vec::new()
                    },
                })
                .collect();
            let made = self.decisions(&tables, part.result.as_ref())?;
            made.into_iter().try_for_each(&mut *keep)
        })
    }

    fn judge_groups(
        &self,
        records: &Records,
        used: &mut Used,
    ) -> Result<BTreeMap<RecordId, Decision>, Error> {
        let (
            Tried {
                policy, settings, ..
            },
            question,
        ) = (self.tried, self.question);
        let manifest = policy.describe();
        let mut all = BTreeMap::new();
        let judge = |scope, _: AreaCode, _: &str, tables: &Tables| {
            let input = facts::input(manifest, scope, tables).map_err(|error| refused(&error))?;
            let parts = used.call(|| policy.preview_in_parts(settings, &input));
            let (tables, mut proposed) = (facts::records_of(manifest, tables), Vec::new());
            // A group is one part.
            for part in &parts {
                let result = part.result.as_ref();
                decisions::add(&mut all, self.decisions(&tables, result)?);
                if let Ok(answer) = result {
                    proposed.extend(decisions::proposed(manifest, &tables, answer));
                }
            }
            Ok(proposed)
        };
        run::all_passes(manifest, records, &question.area, question.on, judge)?;
        Ok(all)
    }

    fn decisions(
        &self,
        tables: &[EvaluationTable],
        result: Result<&Answer, &Failure>,
    ) -> Result<Vec<Decision>, Error> {
        let pass = decisions::Pass {
            manifest: self.tried.policy.describe(),
            purpose: &self.question.purpose,
            id: RecordId([0; 16]),
            tables,
        };
        match result {
            Ok(answer) => pass.explain(answer),
            Err(failure @ Failure::Unavailable { .. }) => Err(unavailable(failure)),
            Err(failure) => pass.failed(failures::code(failure)),
        }
    }
}

fn subjects(
    question: &Question,
    manifest: &Manifest,
    records: &Records,
) -> Result<(Input, Vec<RecordId>), Error> {
    let group = Group {
        area: question.area,
        on: question.on,
        proposed: &[],
    };
    let tables = facts::tables(manifest, records, &group);
    let input = facts::input(manifest, 0, &tables).map_err(|error| refused(&error))?;
    let subjects = facts::records_of(manifest, &tables)
        .into_iter()
        .nth(manifest.subjects);
    Ok((input, subjects.map(|it| it.records).unwrap_or_default()))
}

fn judged(manifest: &Manifest, area: AreaCode, decision: Decision) -> Judged {
    let (outcome, missing) = match decision.outcome {
        record::Outcome::Granted(category) => (Outcome::Granted(category), Vec::new()),
        record::Outcome::Refused => (Outcome::Refused, Vec::new()),
        record::Outcome::Undetermined(missing) => (Outcome::Undetermined, missing),
    };
    let mut close: Vec<String> = decision
        .comparisons
        .into_iter()
        .filter(|comparison| is_close(manifest, comparison))
        .map(|comparison| comparison.fact)
        .collect();
    close.dedup();
    let reasons = decision.reasons.into_iter();
    Judged {
        kind: decision.subject_kind,
        area,
        outcome,
        amount: decision.amount,
        reasons: reasons
            .map(|reason| (reason.code, reason.arguments))
            .collect(),
        missing,
        close,
        proposals: u32::try_from(decision.proposals.len()).unwrap_or(u32::MAX),
    }
}

/// Within two per cent of a threshold of at least fifty units: below that, two per cent are less than one unit, and a
/// count of one would always be close to one. Days are no measure.
fn is_close(manifest: &Manifest, comparison: &record::Compared) -> bool {
    let (value, threshold) = (
        i128::from(comparison.value),
        i128::from(comparison.threshold),
    );
    let is_within = threshold.abs() >= 50 && (value - threshold).abs() * 50 <= threshold.abs();
    is_within && kind_of(manifest, &comparison.fact).is_some_and(is_measure)
}

fn is_measure(kind: manifest::Kind) -> bool {
    use manifest::Kind::{Fen, Integer, Ppm};
    matches!(kind, Fen | Integer | Ppm)
}

/// The kind of a fact by its name, `table/fact`.
fn kind_of(manifest: &Manifest, fact: &str) -> Option<manifest::Kind> {
    let (table, key) = fact.split_once('/')?;
    let table = manifest.tables.iter().find(|known| known.name == table)?;
    let fact = table.facts.iter().find(|known| known.key == key)?;
    Some(fact.kind)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::manifest::{Fact, Table};

    #[test]
    fn close_is_within_two_per_cent_of_a_threshold_that_measures_something() {
        let fact = |key: &str, kind| Fact {
            key: key.to_owned(),
            kind,
            version: 1,
            optional: false,
            meaning: String::new(),
            monotone: None,
        };
        use manifest::Kind::{Date, Fen, Integer};
        let manifest = Manifest {
            tables: vec![Table {
                name: "household".to_owned(),
                parent: None,
                facts: vec![
                    fact("income", Fen),
                    fact("people", Integer),
                    fact("day", Date),
                ],
            }],
            ..empty()
        };
        let is_close = |fact: &str, value, threshold| {
            let comparison = record::Compared {
                fact: format!("household/{fact}"),
                value,
                threshold,
                met: true,
            };
            super::is_close(&manifest, &comparison)
        };
        assert!(is_close("income", 294_000, 300_000));
        assert!(is_close("income", 306_000, 300_000));
        assert!(!is_close("income", 293_999, 300_000));
        assert!(is_close("income", -306_000, -300_000));
        assert!(!is_close("income", 0, 0));
        assert!(is_close("people", 59, 60));
        assert!(!is_close("people", 1, 1));
        assert!(!is_close("day", 16_000, 16_000));
        assert!(!is_close("nothing", 60, 60));
    }

    fn empty() -> Manifest {
        Manifest {
            name: String::new(),
            version: String::new(),
            purpose: String::new(),
            family: Family::Subject,
            summary_zh: String::new(),
            summary_en: String::new(),
            subjects: 0,
            tables: Vec::new(),
            categories: Vec::new(),
            reasons: Vec::new(),
            roles: Vec::new(),
            scopes: Vec::new(),
            pool: None,
            settings_schema: String::new(),
            legal_basis: Vec::new(),
        }
    }
}
