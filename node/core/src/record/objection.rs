//! Objections: what somebody says against a case that a notice lists.
//!
//! ```text
//!  received ──answer──▶ dismissed (closed)
//!                 └───▶ upheld (stays open): the case can only be rejected or withdrawn
//! ```

use lika_proto::log::v1 as message;

use super::{Document, Fault, Index, Key, Problem, field, parts};
use crate::{
    rollup::Tally,
    value::{Code, Date, RecordId, Text},
};

/// An objection; it stands in the area of the case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Objection {
    /// The notice.
    pub notice: RecordId,
    /// The case that it lists.
    pub case: RecordId,
    /// The day, while the notice hung.
    pub received_on: Date,
    /// The day by which it is answered, found when it is received.
    pub answer_due: Option<Date>,
    /// What came of it.
    pub finding: Option<ObjectionFinding>,
    /// What was said; not known where it was withheld.
    pub texts: Option<ObjectionTexts>,
}

/// What came of an objection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObjectionFinding {
    /// The day.
    pub answered_on: Date,
    /// Code list objection-finding.
    pub finding: Code,
    /// The officer in person.
    pub officer: RecordId,
}

/// What was said.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ObjectionTexts {
    /// What is objected.
    pub objection: Option<Text>,
    /// The answer.
    pub answer: Option<Text>,
}

impl ObjectionFinding {
    /// Whether the objection was right.
    pub fn is_upheld(&self) -> bool {
        self.finding == "upheld"
    }
}

impl Document for Objection {
    type Message = message::Objection;

    fn parse(message: message::Objection) -> Result<Self, Fault> {
        let message::Objection { open, free_text } = message;
        let message::objection::Open {
            notice,
            case,
            received_on,
            answer_due,
            answered_on,
            finding,
            officer,
        } = field::required("open", open)?;
        let finding = match (answered_on, finding.is_empty(), officer.is_empty()) {
            (0, true, true) => None,
            (0, ..) | (_, true, _) | (.., true) => {
                let problem = "day, finding and officer are given together";
                return Err(Fault::new(
                    "finding",
                    Problem::Malformed(problem.to_owned()),
                ));
            }
            _ => Some(ObjectionFinding {
                answered_on: field::date("answered_on", answered_on)?,
                finding: field::code("objection-finding", "finding", &finding)?,
                officer: field::id("officer", &officer)?,
            }),
        };
        Ok(Self {
            notice: field::id("notice", &notice)?,
            case: field::id("case", &case)?,
            received_on: field::date("received_on", received_on)?,
            answer_due: field::optional_date("answer_due", answer_due)?,
            finding,
            texts: free_text.map(ObjectionTexts::parse).transpose()?,
        })
    }

    fn message(&self) -> message::Objection {
        let Self {
            notice,
            case,
            received_on,
            answer_due,
            finding,
            texts,
        } = self;
        let (answered_on, code, officer) = match finding {
            Some(ObjectionFinding {
                answered_on,
                finding,
                officer,
            }) => (
                answered_on.number(),
                finding.to_string(),
                officer.0.to_vec(),
            ),
            None => Default::default(),
        };
        message::Objection {
            open: Some(message::objection::Open {
                notice: notice.0.to_vec(),
                case: case.0.to_vec(),
                received_on: received_on.number(),
                answer_due: field::date_number(*answer_due),
                answered_on,
                finding: code,
                officer,
            }),
            free_text: texts.as_ref().map(|ObjectionTexts { objection, answer }| {
                message::objection::FreeText {
                    objection: field::printed(objection.as_ref()),
                    answer: field::printed(answer.as_ref()),
                }
            }),
        }
    }

    parts!(Objection, free_text = FreeText);

    fn keys(&self) -> Vec<Key> {
        let due = self.answer_due.filter(|_| self.finding.is_none());
        let due = due.map(|due| due.number().to_be_bytes());
        let due = due.map(|due| Key::open(Index::ObjectionsDue, &[&due]));
        let of = [
            Key::record(Index::ObjectionsOfCase, &self.case),
            Key::record(Index::ObjectionsOfNotice, &self.notice),
        ];
        of.into_iter().chain(due).collect()
    }

    fn tallies(&self) -> Vec<Tally> {
        let open = self.finding.is_none();
        vec![Tally::stock(
            if open {
                "objections"
            } else {
                "objection/upheld"
            },
            1,
        )]
    }
}

impl ObjectionTexts {
    fn parse(message: message::objection::FreeText) -> Result<Self, Fault> {
        let message::objection::FreeText { objection, answer } = message;
        Ok(Self {
            objection: field::optional_text("objection", &objection, Text::parse)?,
            answer: field::optional_text("answer", &answer, Text::parse)?,
        })
    }
}
