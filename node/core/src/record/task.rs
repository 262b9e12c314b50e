//! Tasks: what was done of a duty.

use lika_proto::log::v1 as message;

use super::{Answerable, Document, Fault, Key, field, parts};
use crate::{
    log::Kind,
    rollup::Tally,
    value::{Code, Date, RecordId, Text},
};

/// A duty of one holder in one period that was done or excused.
///
/// What nobody has done is no record: it follows from duties and posts ([`crate::duties`]). Otherwise core, which has no
/// clock, would need somebody to write what is due, and whoever forgot that would owe nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Task {
    /// The duty.
    pub duty: RecordId,
    /// Who owed it: a post, a cadre, a unit or an area.
    pub holder: Answerable,
    /// The first day of the period.
    pub period: Date,
    /// Code list task-result.
    pub result: Code,
    /// The day on which it was done or excused.
    pub on: Date,
    /// The duty's code, found when it is written.
    pub code: Option<Code>,
    /// The last day on which it was not late, found when it is written.
    pub due: Option<Date>,
    /// What was done, or why it is excused; not known where it was withheld.
    pub note: Option<Option<Text>>,
}

impl Task {
    /// The record id of what a holder owes of a duty in the period that begins on a day: nothing is due twice.
    pub fn id_for(duty: &RecordId, holder: &RecordId, period: Date) -> RecordId {
        let day = period.number().to_be_bytes();
        RecordId::derived("lika.task", &[&duty.0[..], &holder.0, &day].concat())
    }

    /// Whether it was excused, and not done.
    pub fn is_excused(&self) -> bool {
        self.result == "excused"
    }

    /// Whether it was done after it was due.
    pub fn is_late(&self) -> bool {
        self.due.is_some_and(|due| due < self.on)
    }
}

impl Document for Task {
    type Message = message::Task;

    fn parse(message: message::Task) -> Result<Self, Fault> {
        let message::Task { open, free_text } = message;
        let message::task::Open {
            duty,
            holder_kind,
            holder,
            period,
            result,
            on,
            code,
            due,
        } = field::required("open", open)?;
        let holders = [&[Kind::Post], Answerable::ANYBODY].concat();
        Ok(Self {
            duty: field::id("duty", &duty)?,
            holder: Answerable::parse("holder", holder_kind, &holder, &holders)?,
            period: field::date("period", period)?,
            result: field::code("task-result", "result", &result)?,
            on: field::date("on", on)?,
            code: field::optional_text("code", &code, Code::parse)?,
            due: field::optional_date("due", due)?,
            note: free_text
                .map(|message::task::FreeText { note }| {
                    field::optional_text("note", &note, Text::parse)
                })
                .transpose()?,
        })
    }

    fn message(&self) -> message::Task {
        let Self {
            duty,
            holder,
            period,
            result,
            on,
            code,
            due,
            note,
        } = self;
        message::Task {
            open: Some(message::task::Open {
                duty: duty.0.to_vec(),
                holder_kind: holder.kind.number(),
                holder: holder.id.0.to_vec(),
                period: period.number(),
                result: result.to_string(),
                on: on.number(),
                code: field::printed(code.as_ref()),
                due: field::date_number(*due),
            }),
            free_text: note.as_ref().map(|note| message::task::FreeText {
                note: field::printed(note.as_ref()),
            }),
        }
    }

    parts!(Task, free_text = FreeText);

    fn keys(&self) -> Vec<Key> {
        Vec::new()
    }

    fn tallies(&self) -> Vec<Tally> {
        let Some(code) = &self.code else {
            return Vec::new();
        };
        let year = self.period.year();
        if self.is_excused() {
            return vec![Tally::in_year(format!("tasks-excused/{code}"), year, 1)];
        }
        let mut tallies = vec![Tally::in_year(format!("tasks/{code}"), year, 1)];
        let late = || Tally::in_year(format!("tasks-late/{code}"), year, 1);
        tallies.extend(self.is_late().then(late));
        tallies
    }
}
