//! What other bureaus' lists said.

use lika_core::record::{Comparison, Doubt, Statement, Verification};

use super::{Line, Sheet};
use crate::console::words::{Cell, Words};

impl Sheet<'_> {
    pub(super) fn comparison(&self, comparison: &Comparison) -> Vec<Line> {
        let Comparison {
            source,
            listed_on,
            compared_on,
            rows,
            unreadable,
            hits,
            raised,
            digest,
        } = comparison;
        let words = self.words;
        let digest = digest.map(|digest| Cell::of(digest.to_string()));
        vec![
            self.line(
                "来源",
                "Source",
                Cell::of(words.code("comparison-source", source.as_str())),
            ),
            self.line(
                "名单日期",
                "Day of the list",
                Cell::of(listed_on.to_string()),
            ),
            self.line("比对日期", "Compared on", Cell::of(compared_on.to_string())),
            self.line("行数", "Rows", Cell::of(rows.to_string())),
            self.line(
                "无法比对的行",
                "Unreadable rows",
                Cell::of(unreadable.to_string()),
            ),
            self.line("比中", "Hits", Cell::of(hits.to_string())),
            self.line("新增疑点", "Doubts raised", Cell::of(raised.to_string())),
            self.line("文件摘要", "Digest of the file", self.sensitive(digest)),
        ]
    }

    pub(super) fn doubt(&self, doubt: &Doubt) -> Vec<Line> {
        let Doubt {
            comparison: _,
            member: _,
            source,
            raised_on,
            name_differs,
            verification,
            statements,
            note,
        } = doubt;
        let words = self.words;
        let (finding, officer, on) = match verification {
            Some(Verification {
                finding,
                officer,
                on,
            }) => (
                Cell::of(words.code("doubt-finding", finding.as_str())),
                Cell::of(officer.to_string()),
                Cell::of(on.to_string()),
            ),
            None => (words.none(), words.none(), words.none()),
        };
        let said = statements
            .as_ref()
            .map(|said| Cell::of(said_in(words, said)));
        let note = note.as_ref().map(|note| words.text(note.as_ref()));
        vec![
            self.line(
                "来源",
                "Source",
                Cell::of(words.code("comparison-source", source.as_str())),
            ),
            self.line("比对情况", "What the list says", self.sensitive(said)),
            self.line(
                "姓名不符",
                "Another name",
                words.yes_no(Some(*name_differs)),
            ),
            self.line("发现日期", "Raised on", Cell::of(raised_on.to_string())),
            self.line("核实结论", "Finding", finding),
            self.line("核实人", "Verified by", officer),
            self.line("核实日期", "Verified on", on),
            self.line("说明", "Note", self.note(note)),
        ]
    }
}

/// What a list says, in one line.
pub fn said_in(words: Words, statements: &[Statement]) -> String {
    let said = statements.iter().map(|Statement { field, text }| {
        let field = words.code("comparison-field", field.as_str());
        format!("{field} {}", text.as_str())
    });
    said.collect::<Vec<_>>().join(words.t("；", "; "))
}
