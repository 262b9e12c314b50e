//! What is reported.

use lika_core::{
    indicator,
    record::{Figure, IndicatorVersion, Report, ReportingWindow, Turn},
};

use super::{Line, Sheet, some};
use crate::console::words::{Cell, Words};

impl Sheet<'_> {
    pub(super) fn reporting_window(&self, window: &ReportingWindow) -> Vec<Line> {
        let ReportingWindow {
            name,
            period,
            from,
            until,
            areas,
            indicators,
        } = window;
        let words = self.words;
        let areas: Vec<&str> = areas.iter().map(|area| area.digits()).collect();
        let asked: Vec<String> = indicators.iter().map(|it| named(words, it)).collect();
        vec![
            self.line("名称", "Name", Cell::of(name.to_string())),
            self.line("期间", "Period", Cell::of(period.number().to_string())),
            self.line("时间", "When", Cell::of(words.span(*from, Some(*until)))),
            self.line(
                "上报区划",
                "Areas",
                Cell::of(areas.join(words.t("、", ", "))),
            ),
            self.line(
                "指标",
                "Indicators",
                Cell::of(asked.join(words.t("、", ", "))),
            ),
        ]
    }

    pub(super) fn report(&self, report: &Report) -> Vec<Line> {
        let Report {
            window: _,
            area: _,
            period,
            figures,
            turns,
            reason,
        } = report;
        let words = self.words;
        let figures = figures.iter().map(|Figure { of, value }| {
            let value = value.map_or_else(
                || words.t("未知", "not known").to_owned(),
                |value| value.to_string(),
            );
            format!("{} {value}", named(words, of))
        });
        let turns = turns.iter().map(
            |Turn {
                 act, officer, on, ..
             }| { format!("{on} {} {officer}", words.code("report-act", act.code())) },
        );
        let joined = |lines: Vec<String>| some(words, lines.join(words.t("；", "; ")));
        let reason = reason.as_ref().map(|reason| words.text(reason.as_ref()));
        vec![
            self.line("期间", "Period", Cell::of(period.number().to_string())),
            self.line("数字", "Figures", joined(figures.collect())),
            self.line("经过", "What was done", joined(turns.collect())),
            self.line("重开原因", "Why it was opened again", self.note(reason)),
        ]
    }
}

/// An indicator by its name; one of a newer node keeps its id.
fn named(words: Words, asked: &IndicatorVersion) -> String {
    let IndicatorVersion { indicator, version } = asked;
    let name = indicator::of(asked).map_or(indicator.as_str(), |it| words.t(it.zh, it.en));
    format!("{name} v{version}")
}
