//! Findings: what inspections found.

use lika_proto::log::v1 as message;

use super::{Answerable, Document, Fault, Index, Key, Problem, field, parts};
use crate::{
    log::Kind,
    rollup::Tally,
    value::{Code, Date, RecordId, Text},
};

/// What an inspection found (S4.8, S0.7); it stands in the area of whom it is about, and stays open when it is settled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Whom it is about.
    pub subject: Answerable,
    /// Code list finding-kind.
    pub kind: Code,
    /// Code list inspection.
    pub inspection: Code,
    /// The day.
    pub found_on: Date,
    /// The day by which it is to be put right.
    pub deadline: Date,
    /// The duty that was not done.
    pub duty: Option<RecordId>,
    /// How it was settled.
    pub settled: Option<Settled>,
    /// What people wrote; not known where it was withheld.
    pub texts: Option<FindingTexts>,
}

/// How a finding was settled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settled {
    /// The day.
    pub on: Date,
    /// Code list finding-end.
    pub end: Code,
}

/// What people wrote of a finding.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FindingTexts {
    /// What was found.
    pub note: Option<Text>,
    /// How it was settled.
    pub settlement: Option<Text>,
}

impl Finding {
    /// Whether it turned out to be no fault of anybody.
    pub fn is_unfounded(&self) -> bool {
        self.settled
            .as_ref()
            .is_some_and(|settled| settled.end == "unfounded")
    }
}

impl Document for Finding {
    type Message = message::Finding;

    fn parse(message: message::Finding) -> Result<Self, Fault> {
        let message::Finding { open, free_text } = message;
        let message::finding::Open {
            subject_kind,
            subject,
            kind,
            inspection,
            found_on,
            deadline,
            duty,
            settled_on,
            end,
        } = field::required("open", open)?;
        let found_on = field::date("found_on", found_on)?;
        let deadline = field::date("deadline", deadline)?;
        if deadline < found_on {
            return Err(Fault::new("deadline", Problem::EndsBeforeItBegins));
        }
        let settled_on = field::optional_date("settled_on", settled_on)?;
        let end = field::optional_code("finding-end", "end", &end)?;
        Ok(Self {
            subject: Answerable::parse("subject", subject_kind, &subject, Answerable::ANYBODY)?,
            kind: field::code("finding-kind", "kind", &kind)?,
            inspection: field::code("inspection", "inspection", &inspection)?,
            found_on,
            deadline,
            duty: field::optional_id("duty", &duty)?,
            settled: match (settled_on, end) {
                (Some(on), Some(end)) => Some(Settled { on, end }),
                (None, None) => None,
                (Some(_), None) => return Err(Fault::new("end", Problem::Missing)),
                (None, Some(_)) => return Err(Fault::new("settled_on", Problem::Missing)),
            },
            texts: free_text.map(FindingTexts::parse).transpose()?,
        })
    }

    fn message(&self) -> message::Finding {
        let Self {
            subject,
            kind,
            inspection,
            found_on,
            deadline,
            duty,
            settled,
            texts,
        } = self;
        let settled = settled.as_ref();
        message::Finding {
            open: Some(message::finding::Open {
                subject_kind: subject.kind.number(),
                subject: subject.id.0.to_vec(),
                kind: kind.to_string(),
                inspection: inspection.to_string(),
                found_on: found_on.number(),
                deadline: deadline.number(),
                duty: field::id_bytes(duty.as_ref()),
                settled_on: field::date_number(settled.map(|settled| settled.on)),
                end: field::printed(settled.map(|settled| &settled.end)),
            }),
            free_text: texts.as_ref().map(FindingTexts::message),
        }
    }

    parts!(Finding, free_text = FreeText);

    /// What is written about a cadre goes when the cadre's key goes.
    fn subject(&self, own: RecordId) -> RecordId {
        let is_person = self.subject.kind == Kind::Cadre;
        if is_person { self.subject.id } else { own }
    }

    fn keys(&self) -> Vec<Key> {
        let deadline = self.deadline.number().to_be_bytes();
        let due = || Key::open(Index::FindingsDue, &[&deadline]);
        Vec::from_iter(self.settled.is_none().then(due))
    }

    fn tallies(&self) -> Vec<Tally> {
        let year = self.found_on.year();
        let mut tallies = vec![
            Tally::in_year("findings", year, 1),
            Tally::in_year(format!("findings/{}", self.kind), year, 1),
        ];
        tallies.extend(
            self.settled
                .is_none()
                .then(|| Tally::stock("findings-open", 1)),
        );
        tallies
    }
}

impl FindingTexts {
    fn parse(message: message::finding::FreeText) -> Result<Self, Fault> {
        let message::finding::FreeText { note, settlement } = message;
        Ok(Self {
            note: field::optional_text("note", &note, Text::parse)?,
            settlement: field::optional_text("settlement", &settlement, Text::parse)?,
        })
    }

    fn message(&self) -> message::finding::FreeText {
        let Self { note, settlement } = self;
        message::finding::FreeText {
            note: field::printed(note.as_ref()),
            settlement: field::printed(settlement.as_ref()),
        }
    }
}
