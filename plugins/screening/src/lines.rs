//! The lines that are drawn, and on which side of them a household is.

use lika_sdk::decision::{Cell, Comparison};
use lika_sdk::{Comparator, Fen, Rounding};

use crate::facts::{Case, Context, Household};
use crate::{Reason, Settings};

/// A household against every line that is drawn.
#[derive(Debug, Default)]
pub struct Lines {
    /// Under which lines it is.
    pub under: Vec<Fen>,
    /// Under which it is not, and why a line is not drawn for it.
    pub not_under: Vec<Reason>,
    /// Facts without which a line cannot be drawn.
    pub missing: Vec<Cell>,
    /// What was compared.
    pub comparisons: Vec<Comparison>,
}

impl Lines {
    /// Holds a household against the lines.
    pub fn of(settings: &Settings, case: &Case) -> Self {
        let mut lines = Self::default();
        if settings.income_line > Fen::ZERO {
            lines.compare(case, settings.income_line);
        }
        if settings.relative_line.get() > 0 {
            lines.relative(settings, case);
        }
        lines
    }

    /// Whether a line is drawn at all.
    pub fn any(&self) -> bool {
        !(self.under.is_empty() && self.not_under.is_empty() && self.missing.is_empty())
    }

    fn relative(&mut self, settings: &Settings, case: &Case) {
        let Some(mean) = case.context.mean.present() else {
            return self.missing.push(Context::MEAN.of(0));
        };
        if settings.key_villages_only {
            match self.in_key_village(settings, case, mean) {
                Some(true) => {}
                Some(false) => return self.not_under.push(Reason::NotInKeyVillage),
                None => return,
            }
        }
        // Incomes are whole fen: who is under the line rounded up is under the exact one, and nobody else.
        match mean.share(settings.relative_line, Rounding::Up) {
            Some(line) => self.compare(case, line),
            None => self.missing.push(Context::MEAN.of(0)),
        }
    }

    fn in_key_village(&mut self, settings: &Settings, case: &Case, mean: Fen) -> Option<bool> {
        if settings.village_line.get() == 0 {
            let known = case.household.in_key_village.present();
            if known.is_none() {
                self.missing.push(Household::IN_KEY_VILLAGE.of(0));
            }
            return known;
        }
        let cell = Household::VILLAGE_INCOME.of(0);
        let line = mean.share(settings.village_line, Rounding::Up);
        let (Some(income), Some(line)) = (case.household.village_income.present(), line) else {
            self.missing.push(cell);
            return None;
        };
        let comparison = cell.compared(Comparator::Less, income.get(), line.get());
        self.comparisons.push(comparison);
        Some(comparison.holds())
    }

    fn compare(&mut self, case: &Case, line: Fen) {
        let income = case.household.income;
        let comparison =
            Household::INCOME
                .of(0)
                .compared(Comparator::Less, income.get(), line.get());
        self.comparisons.push(comparison);
        if comparison.holds() {
            self.under.push(line);
        } else {
            self.not_under.push(Reason::NotUnderLine { income, line });
        }
    }
}
