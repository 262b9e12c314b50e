//! The printed table.

use std::{fmt, time::Duration};

/// One measured figure, and what it is held against.
#[derive(Clone, Debug, Default)]
pub struct Row {
    work: String,
    figure: String,
    peer: String,
    ratio: String,
    target: String,
    met: &'static str,
}

impl Row {
    /// What was measured.
    pub fn new(work: impl Into<String>, figure: impl Into<String>) -> Self {
        Self {
            work: work.into(),
            figure: figure.into(),
            ..Self::default()
        }
    }

    /// The peer or the limit, measured in the same run, and how many times its figure ours is.
    pub fn against(self, peer: impl Into<String>, ratio: f64) -> Self {
        Self {
            peer: peer.into(),
            ratio: format!("{ratio:.2}"),
            ..self
        }
    }

    /// A peer that could not be measured, and why.
    pub fn without(self, peer: impl Into<String>) -> Self {
        Self {
            peer: peer.into(),
            ..self
        }
    }

    /// The target, and whether it was met.
    pub fn target(self, target: impl Into<String>, met: bool) -> Self {
        Self {
            target: target.into(),
            met: if met { "met" } else { "MISSED" },
            ..self
        }
    }

    /// A target that this run cannot tell about, for example because the peer is missing.
    pub fn open(self, target: impl Into<String>) -> Self {
        Self {
            target: target.into(),
            ..self
        }
    }

    fn cells(&self) -> [&str; 6] {
        [
            &self.work,
            &self.figure,
            &self.peer,
            &self.ratio,
            &self.target,
            self.met,
        ]
    }
}

/// Rows in columns as wide as their longest cell.
pub struct Table<'a>(pub &'a [Row]);

impl fmt::Display for Table<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let heading = ["work", "figure", "peer or limit", "ratio", "target", ""];
        let rows: Vec<[&str; 6]> = std::iter::once(heading)
            .chain(self.0.iter().map(Row::cells))
            .collect();
        let mut widths = [0; 6];
        for row in &rows {
            for (width, cell) in widths.iter_mut().zip(row) {
                *width = (*width).max(cell.chars().count());
            }
        }
        for row in &rows {
            let cells = row.iter().zip(widths);
            let line: Vec<String> = cells
                .map(|(cell, width)| format!("{cell:width$}"))
                .collect();
            writeln!(f, "{}", line.join("  ").trim_end())?;
        }
        Ok(())
    }
}

/// A number with its thousands apart.
pub fn number(value: f64) -> String {
    let digits = format!("{value:.0}");
    let mut apart = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            apart.push(',');
        }
        apart.push(digit);
    }
    apart
}

/// A time in milliseconds.
pub fn milliseconds(time: Duration) -> String {
    format!("{:.1} ms", time.as_secs_f64() * 1e3)
}

/// The time that so many in a hundred do not exceed.
pub fn percentile(mut times: Vec<Duration>, percent: usize) -> Duration {
    times.sort();
    let place = times.len() * percent / 100;
    times.get(place).copied().unwrap_or_default()
}
