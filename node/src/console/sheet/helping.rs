//! Helpers, teams and visits.

use lika_core::record::{Cadre, Pairing, VillageTeam, Visit};

use super::{Line, Sheet, some};
use crate::console::words::Cell;

impl Sheet<'_> {
    pub(super) fn cadre(&self, cadre: &Cadre) -> Vec<Line> {
        let Cadre {
            rank,
            unit,
            from,
            until,
            identity,
        } = cadre;
        let words = self.words;
        let identity = identity.as_ref();
        vec![
            self.line(
                "姓名",
                "Name",
                self.identity(identity.map(|own| Cell::of(own.name.to_string()))),
            ),
            self.line(
                "编号",
                "Number",
                self.identity(identity.map(|own| words.text(own.number.as_ref()))),
            ),
            self.line(
                "联系电话",
                "Phone",
                self.identity(identity.map(|own| self.phone(own.phone.as_ref()))),
            ),
            self.line("职级", "Rank", Cell::of(words.code("rank", rank.as_str()))),
            self.line("单位", "Unit", words.text(*unit)),
            self.line(
                "任职时间",
                "In the post",
                Cell::of(words.span(*from, *until)),
            ),
        ]
    }

    pub(super) fn pairing(&self, pairing: &Pairing) -> Vec<Line> {
        let Pairing {
            household,
            cadre,
            role,
            level,
            responsible,
            from,
            until,
            decision,
        } = pairing;
        let words = self.words;
        vec![
            self.line("帮扶对象", "Household", Cell::of(household.to_string())),
            self.line("帮扶人", "Helper", Cell::of(cadre.to_string())),
            self.line(
                "帮扶方式",
                "Role",
                Cell::of(words.code("pairing-role", role.as_str())),
            ),
            self.line(
                "帮扶层级",
                "Level",
                Cell::of(words.code("helper-level", level.code())),
            ),
            self.line(
                "帮扶责任人",
                "Answers for the household",
                words.yes_no(Some(*responsible)),
            ),
            self.line("结对时间", "Paired", Cell::of(words.span(*from, *until))),
            self.line("依据决定", "Decision", words.text(*decision)),
        ]
    }

    pub(super) fn team(&self, team: &VillageTeam) -> Vec<Line> {
        let VillageTeam {
            seats,
            from,
            until,
            decision,
        } = team;
        let words = self.words;
        let seats: Vec<String> = seats
            .iter()
            .map(|seat| {
                let role = words.code("team-role", seat.role.as_str());
                format!(
                    "{role} {} ({})",
                    seat.holder,
                    words.span(seat.from, seat.until)
                )
            })
            .collect();
        vec![
            self.line("成员", "Seats", some(words, seats.join(" · "))),
            self.line(
                "驻村时间",
                "In the village",
                Cell::of(words.span(*from, *until)),
            ),
            self.line("依据决定", "Decision", words.text(*decision)),
        ]
    }

    pub(super) fn visit(&self, visit: &Visit) -> Vec<Line> {
        let Visit {
            household,
            cadre,
            on,
            purpose,
            note,
        } = visit;
        let words = self.words;
        vec![
            self.line("走访日期", "Day", Cell::of(on.to_string())),
            self.line("走访对象", "Household", words.text(*household)),
            self.line("走访人", "Cadre", Cell::of(cadre.to_string())),
            self.line(
                "走访目的",
                "Purpose",
                words.label("visit-purpose", purpose.as_ref()),
            ),
            self.line(
                "走访记录",
                "Note",
                self.note(note.as_ref().map(|note| words.text(note.as_ref()))),
            ),
        ]
    }
}
