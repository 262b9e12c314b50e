//! Cases: what one household, person or village goes through by a procedure.
//!
//! ```text
//!  open ──step──▶ … ──step──▶ all steps passed ──close──▶ completed
//!           │ rejected ──────────────close────▶ rejected
//!           └─────────────────────── close ───▶ withdrawn
//! ```
//!
//! Steps are added one at a time in the order of the procedure and never changed.

use std::collections::BTreeSet;

use lika_proto::log::v1 as message;

use super::{Document, Fault, Index, Key, Problem, field, parts};
use crate::{
    log::Kind,
    rollup::Tally,
    value::{Code, Date, RecordId, Text},
};

/// A case; it stands in the area of its subject.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Case {
    /// The procedure in force on the day it opened.
    pub procedure: RecordId,
    /// Code list case-kind: that of the procedure.
    pub kind: Code,
    /// Whom it is about; nobody while an applicant is not registered.
    pub subject: Option<CaseSubject>,
    /// The day.
    pub opened_on: Date,
    /// The steps taken so far.
    pub steps: Vec<Taken>,
    /// Code list case-end; given when the case is closed.
    pub end: Option<Code>,
    /// The day on which the next step is due, found when the case is written.
    pub due: Option<Date>,
    /// A note; not known where it was withheld.
    pub note: Option<Option<Text>>,
}

/// Whom a case is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CaseSubject {
    /// Household, member or area.
    pub kind: Kind,
    /// The record.
    pub id: RecordId,
}

/// A step that was taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Taken {
    /// Its name in the procedure.
    pub step: Code,
    /// The day.
    pub on: Date,
    /// The officer in person.
    pub officer: RecordId,
    /// Code list step-result.
    pub result: Code,
    /// How people voted; of an appraisal only.
    pub votes: Option<Votes>,
    /// The notice that was posted; of a notice only.
    pub notice: Option<RecordId>,
    /// What a survey found of the conditions of an exit (S4.11), each once.
    pub conditions: Vec<ConditionFound>,
}

/// How people voted; those for and against are no more than came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Votes {
    /// Who came.
    pub present: u32,
    /// Who was for it.
    pub in_favour: u32,
    /// Who was against it.
    pub against: u32,
}

/// What was found of one condition of an exit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConditionFound {
    /// Code list exit-condition.
    pub condition: Code,
    /// Whether it is met.
    pub met: bool,
    /// By what that is known: code list evidence.
    pub evidence: Code,
}

impl Case {
    /// The last day on which something happened to it.
    pub fn last_day(&self) -> Date {
        self.steps.last().map_or(self.opened_on, |step| step.on)
    }

    /// Whether its last step was a rejection.
    pub fn is_rejected(&self) -> bool {
        self.steps.last().is_some_and(Taken::is_rejected)
    }

    /// The key of the cases of a kind about a subject.
    pub fn key_of(subject: &RecordId, kind: &Code) -> Key {
        Key::open(
            Index::CasesOfSubject,
            &[&subject.0, kind.as_str().as_bytes()],
        )
    }
}

impl Taken {
    /// Whether it rejected the case.
    pub fn is_rejected(&self) -> bool {
        self.result == "rejected"
    }
}

impl Document for Case {
    type Message = message::Case;

    fn parse(message: message::Case) -> Result<Self, Fault> {
        let message::Case { open, free_text } = message;
        let message::case::Open {
            procedure,
            kind,
            subject_kind,
            subject,
            opened_on,
            steps,
            end,
            due,
        } = field::required("open", open)?;
        if steps.len() > super::Procedure::MOST_STEPS {
            let most = super::Procedure::MOST_STEPS;
            return Err(Fault::new("steps", Problem::TooMany(most)));
        }
        Ok(Self {
            procedure: field::id("procedure", &procedure)?,
            kind: field::code("case-kind", "kind", &kind)?,
            subject: subject_of(subject_kind, &subject)?,
            opened_on: field::date("opened_on", opened_on)?,
            steps: steps
                .into_iter()
                .map(Taken::parse)
                .collect::<Result<_, _>>()?,
            end: field::optional_code("case-end", "end", &end)?,
            due: field::optional_date("due", due)?,
            note: free_text
                .map(|message::case::FreeText { note }| {
                    field::optional_text("note", &note, Text::parse)
                })
                .transpose()?,
        })
    }

    fn message(&self) -> message::Case {
        let Self {
            procedure,
            kind,
            subject,
            opened_on,
            steps,
            end,
            due,
            note,
        } = self;
        message::Case {
            open: Some(message::case::Open {
                procedure: procedure.0.to_vec(),
                kind: kind.to_string(),
                subject_kind: subject.map_or(0, |subject| subject.kind.number()),
                subject: field::id_bytes(subject.map(|subject| subject.id).as_ref()),
                opened_on: opened_on.number(),
                steps: steps.iter().map(Taken::message).collect(),
                end: field::printed(end.as_ref()),
                due: field::date_number(*due),
            }),
            free_text: note.as_ref().map(|note| message::case::FreeText {
                note: field::printed(note.as_ref()),
            }),
        }
    }

    parts!(Case, free_text = FreeText);

    /// A note about people is theirs.
    fn subject(&self, own: RecordId) -> RecordId {
        let person = self.subject.filter(|subject| subject.kind != Kind::Area);
        person.map_or(own, |subject| subject.id)
    }

    fn keys(&self) -> Vec<Key> {
        let subject = self.subject.as_ref();
        let of_subject = subject.map(|subject| Self::key_of(&subject.id, &self.kind));
        let due = self.due.map(|due| due.number().to_be_bytes());
        let due = due.map(|due| Key::open(Index::CasesDue, &[&due]));
        of_subject.into_iter().chain(due).collect()
    }

    fn tallies(&self) -> Vec<Tally> {
        vec![
            Tally::stock("cases", 1),
            Tally::stock(format!("case/{}", self.kind), 1),
        ]
    }
}

fn subject_of(kind: u32, id: &[u8]) -> Result<Option<CaseSubject>, Fault> {
    let kind = match (Kind::from_number(kind), id.is_empty()) {
        (None, true) => return Ok(None),
        (Some(kind @ (Kind::Household | Kind::Member | Kind::Area)), false) => kind,
        _ => {
            let problem = "must be a household, a member or an area, given with its kind";
            return Err(Fault::new(
                "subject",
                Problem::Malformed(problem.to_owned()),
            ));
        }
    };
    let id = field::id("subject", id)?;
    Ok(Some(CaseSubject { kind, id }))
}

impl Taken {
    fn parse(message: message::case::Taken) -> Result<Self, Fault> {
        let message::case::Taken {
            step,
            on,
            officer,
            result,
            votes,
            notice,
            conditions,
        } = message;
        let conditions: Vec<ConditionFound> = conditions
            .into_iter()
            .map(ConditionFound::parse)
            .collect::<Result<_, _>>()?;
        let mut seen = BTreeSet::new();
        if let Some(twice) = conditions
            .iter()
            .find(|found| !seen.insert(&found.condition))
        {
            let problem = Problem::Repeated(twice.condition.to_string());
            return Err(Fault::new("steps.conditions", problem));
        }
        Ok(Self {
            step: field::malformed("steps.step", Code::parse(&step))?,
            on: field::date("steps.on", on)?,
            officer: field::id("steps.officer", &officer)?,
            result: field::code("step-result", "steps.result", &result)?,
            votes: votes.map(Votes::parse).transpose()?,
            notice: field::optional_id("steps.notice", &notice)?,
            conditions,
        })
    }

    fn message(&self) -> message::case::Taken {
        let Self {
            step,
            on,
            officer,
            result,
            votes,
            notice,
            conditions,
        } = self;
        let votes = votes.map(
            |Votes {
                 present,
                 in_favour,
                 against,
             }| message::case::Votes {
                present,
                in_favour,
                against,
            },
        );
        let condition = |ConditionFound {
                             condition,
                             met,
                             evidence,
                         }: &ConditionFound| message::case::Condition {
            condition: condition.to_string(),
            met: *met,
            evidence: evidence.to_string(),
        };
        message::case::Taken {
            step: step.to_string(),
            on: on.number(),
            officer: officer.0.to_vec(),
            result: result.to_string(),
            votes,
            notice: field::id_bytes(notice.as_ref()),
            conditions: conditions.iter().map(condition).collect(),
        }
    }
}

impl Votes {
    fn parse(message: message::case::Votes) -> Result<Self, Fault> {
        let message::case::Votes {
            present,
            in_favour,
            against,
        } = message;
        if in_favour
            .checked_add(against)
            .is_none_or(|cast| cast > present)
        {
            let problem = "more votes were cast than people came";
            return Err(Fault::new(
                "steps.votes",
                Problem::Malformed(problem.to_owned()),
            ));
        }
        Ok(Self {
            present,
            in_favour,
            against,
        })
    }
}

impl ConditionFound {
    fn parse(message: message::case::Condition) -> Result<Self, Fault> {
        let message::case::Condition {
            condition,
            met,
            evidence,
        } = message;
        Ok(Self {
            condition: field::code("exit-condition", "steps.conditions.condition", &condition)?,
            met,
            evidence: field::code("evidence", "steps.conditions.evidence", &evidence)?,
        })
    }
}
