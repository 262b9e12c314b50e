//! What a person has to look at.

use lika_core::record::{Alert, Detail, Resolution};

use super::{Line, Sheet};
use crate::console::words::Cell;

impl Sheet<'_> {
    pub(super) fn alert(&self, alert: &Alert) -> Vec<Line> {
        let Alert {
            raised_by,
            code,
            about,
            details,
            raised_on,
            resolution,
            note,
        } = alert;
        let words = self.words;
        let (officer, finding) = match resolution {
            Some(Resolution { officer, finding }) => (
                Cell::of(officer.to_string()),
                Cell::of(words.code("alert-finding", finding.as_str())),
            ),
            None => (words.none(), words.none()),
        };
        let note = note.as_ref().map(|note| words.text(note.as_ref()));
        let mut lines = vec![
            self.line(
                "预警",
                "Alert",
                Cell::of(words.code("alert", code.as_str())),
            ),
            self.line("所涉记录", "About", words.text(about.as_ref())),
        ];
        lines.extend(details.iter().map(|detail| self.detail(detail)));
        lines.extend([
            self.line("发出日期", "Raised on", Cell::of(raised_on.to_string())),
            self.line(
                "发出节点",
                "Raised by node",
                Cell::of(raised_by.to_string()),
            ),
            self.line("处理人", "Looked at by", officer),
            self.line("结论", "Finding", finding),
            self.line("说明", "Note", self.note(note)),
        ]);
        lines
    }

    fn detail(&self, Detail { key, text }: &Detail) -> Line {
        let (zh, en) = match key.as_str() {
            "evaluation" => ("政策运行", "Evaluation"),
            "subject" => ("对象", "Subject"),
            "revision" => ("版次", "Revision"),
            "recorded" => ("记录的决定", "Recorded decision"),
            "replayed" => ("重新执行的决定", "Replayed decision"),
            "recorded-output" => ("记录的输出摘要", "Recorded output"),
            "replayed-output" => ("重新执行的输出摘要", "Replayed output"),
            "recorded-engine" => ("原执行引擎", "Engine that decided"),
            "engine" => ("现执行引擎", "Engine of the node"),
            "component" => ("组件摘要", "Component digest"),
            "cause" => ("原因代码", "Cause"),
            "words" => ("原因", "In words"),
            "why" => ("不一致之处", "Why"),
            "position" => ("日志位置", "Log position"),
            // One of a newer node keeps its key.
            other => return self.line("其他", "Other", Cell::of(format!("{other}: {text}"))),
        };
        self.line(zh, en, Cell::of(text.to_string()))
    }
}
