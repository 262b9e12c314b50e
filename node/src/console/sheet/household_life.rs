//! Household events.

use lika_core::record::HouseholdEvent;

use super::{Line, Sheet, some};
use crate::console::words::Cell;

impl Sheet<'_> {
    pub(super) fn household_event(&self, event: &HouseholdEvent) -> Vec<Line> {
        let HouseholdEvent {
            kind,
            household,
            other,
            members,
            on,
            reason,
            case,
            note,
        } = event;
        let words = self.words;
        let members: Vec<String> = members.iter().map(ToString::to_string).collect();
        let note = note.as_ref().map(|note| words.text(note.as_ref()));
        vec![
            self.line(
                "变动",
                "Event",
                Cell::of(words.code("household-event", kind.as_str())),
            ),
            self.line("日期", "Day", Cell::of(on.to_string())),
            self.line(
                "原因",
                "Reason",
                words.label("household-event-reason", reason.as_ref()),
            ),
            self.line("户", "Household", Cell::of(household.to_string())),
            self.line("另一户", "Other household", words.text(*other)),
            self.line("成员", "Members", some(words, members.join(" · "))),
            self.line("办理事项", "Case", words.text(*case)),
            self.line("备注", "Note", self.note(note)),
        ]
    }
}
