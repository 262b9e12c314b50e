//! Decisions as a policy writes them, and their way onto the wire.

use crate::facts::{Fact, TableSpec};
use crate::label::Labels;
use crate::money::Fen;
use crate::reason::{Argument, Reasons};
use crate::wire::types;

pub use crate::wire::types::Comparator;

/// The answer about one subject.
#[derive(Clone, Debug, PartialEq)]
pub struct Decision<C, R> {
    /// Yes, no, or neither.
    pub outcome: Outcome<C>,
    /// Amount of money.
    pub amount: Option<Fen>,
    /// Score in the policy's own unit.
    pub score: Option<i64>,
    /// Reasons with the facts that they rest on, most important first.
    pub reasons: Vec<(R, Vec<Cell>)>,
    /// Facts held against thresholds.
    pub comparisons: Vec<Comparison>,
}

/// Yes, no, or neither.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome<C> {
    /// Yes, as this.
    Granted(C),
    /// No.
    Refused,
    /// These facts are missing.
    Undetermined(Vec<Cell>),
}

/// One fact of one row. In a subject policy rows of the subject's table are all the subject's
/// own, and rows of a part count from the subject's first; in a group policy rows count from the
/// table's first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cell {
    /// The fact.
    pub fact: Fact,
    /// The row.
    pub row: u32,
}

/// A fact held against a threshold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Comparison {
    /// The fact.
    pub cell: Cell,
    /// How it was compared.
    pub comparator: Comparator,
    /// Its value.
    pub value: i64,
    /// The threshold in the same unit.
    pub threshold: i64,
}

impl Comparison {
    /// Whether it holds.
    pub fn holds(&self) -> bool {
        match self.comparator {
            Comparator::Less => self.value < self.threshold,
            Comparator::AtMost => self.value <= self.threshold,
            Comparator::Equal => self.value == self.threshold,
            Comparator::AtLeast => self.value >= self.threshold,
            Comparator::Greater => self.value > self.threshold,
        }
    }
}

impl Fact {
    /// This fact of that row.
    pub const fn of(self, row: u32) -> Cell {
        Cell { fact: self, row }
    }
}

impl Cell {
    /// This fact, which has this value, held against a threshold in the same unit.
    pub const fn compared(self, comparator: Comparator, value: i64, threshold: i64) -> Comparison {
        Comparison {
            cell: self,
            comparator,
            value,
            threshold,
        }
    }
}

impl<C, R> Decision<C, R> {
    /// Yes, as this.
    pub fn granted(category: C) -> Self {
        Self::new(Outcome::Granted(category))
    }

    /// No; say why with [`Self::because`].
    pub fn refused() -> Self {
        Self::new(Outcome::Refused)
    }

    /// Neither: these facts are missing.
    pub fn undetermined(missing: Vec<Cell>) -> Self {
        Self::new(Outcome::Undetermined(missing))
    }

    /// Adds a reason that rests on no single fact.
    pub fn because(self, reason: R) -> Self {
        self.because_of(reason, Vec::new())
    }

    /// Adds a reason with the facts that it rests on.
    pub fn because_of(mut self, reason: R, cells: Vec<Cell>) -> Self {
        self.reasons.push((reason, cells));
        self
    }

    /// Adds reasons, each with the facts that it rests on.
    pub fn because_all(mut self, reasons: impl IntoIterator<Item = (R, Vec<Cell>)>) -> Self {
        self.reasons.extend(reasons);
        self
    }

    /// Adds a comparison.
    pub fn compared(mut self, comparison: Comparison) -> Self {
        self.comparisons.push(comparison);
        self
    }

    /// Adds comparisons.
    pub fn compared_all(mut self, comparisons: impl IntoIterator<Item = Comparison>) -> Self {
        self.comparisons.extend(comparisons);
        self
    }

    /// Sets the amount.
    pub fn amount(mut self, amount: Fen) -> Self {
        self.amount = Some(amount);
        self
    }

    fn new(outcome: Outcome<C>) -> Self {
        Self {
            outcome,
            amount: None,
            score: None,
            reasons: Vec::new(),
            comparisons: Vec::new(),
        }
    }
}

/// Collects decisions in the form of the wire.
pub(crate) struct Writer<'a> {
    tables: &'a [TableSpec],
    /// For each table the row from which the cells of the current subject count.
    pub(crate) starts: Vec<u32>,
    pub(crate) answer: types::Answer,
}

impl<'a> Writer<'a> {
    pub(crate) fn new(tables: &'a [TableSpec], subjects: usize) -> Self {
        let answer = types::Answer {
            decisions: Vec::with_capacity(subjects),
            missing: Vec::new(),
            reasons: Vec::with_capacity(subjects),
            evidence: Vec::new(),
            arguments: Vec::new(),
            comparisons: Vec::new(),
            proposals: Vec::new(),
            strings: Vec::new(),
        };
        Self {
            tables,
            starts: vec![0; tables.len()],
            answer,
        }
    }

    pub(crate) fn undetermined(
        &mut self,
        subject: u32,
        missing: impl Iterator<Item = types::FactReference>,
    ) {
        self.decide(subject, types::Outcome::Undetermined, None, None, None);
        self.answer
            .missing
            .extend(missing.map(|fact| types::MissingFact { subject, fact }));
    }

    pub(crate) fn write<C: Labels, R: Reasons>(&mut self, subject: u32, decision: Decision<C, R>) {
        let Decision {
            outcome,
            amount,
            score,
            reasons,
            comparisons,
        } = decision;
        let (outcome, category, missing) = match outcome {
            Outcome::Granted(category) => {
                (types::Outcome::Granted, Some(category.index()), Vec::new())
            }
            Outcome::Refused => (types::Outcome::Refused, None, Vec::new()),
            Outcome::Undetermined(missing) => (types::Outcome::Undetermined, None, missing),
        };
        self.decide(subject, outcome, category, amount.map(Fen::get), score);
        for cell in missing {
            let fact = self.reference(cell);
            self.answer
                .missing
                .push(types::MissingFact { subject, fact });
        }
        for (reason, cells) in reasons {
            self.reason(subject, &reason, &cells);
        }
        for comparison in comparisons {
            let Comparison {
                cell,
                comparator,
                value,
                threshold,
            } = comparison;
            let (fact, holds) = (self.reference(cell), comparison.holds());
            self.answer.comparisons.push(types::Comparison {
                subject,
                fact,
                comparator,
                value,
                threshold,
                holds,
            });
        }
    }

    fn decide(
        &mut self,
        subject: u32,
        outcome: types::Outcome,
        category: Option<u32>,
        amount: Option<i64>,
        score: Option<i64>,
    ) {
        self.answer.decisions.push(types::Decision {
            subject,
            outcome,
            category,
            amount,
            score,
        });
    }

    fn reason<R: Reasons>(&mut self, subject: u32, reason: &R, cells: &[Cell]) {
        let index = number(self.answer.reasons.len());
        self.answer.reasons.push(types::Reason {
            subject,
            code: reason.index(),
        });
        for &cell in cells {
            let fact = self.reference(cell);
            self.answer.evidence.push(types::Evidence {
                reason: index,
                fact,
            });
        }
        let types::Answer {
            arguments, strings, ..
        } = &mut self.answer;
        reason.arguments(&mut |argument| {
            let value = match argument {
                Argument::Number(number) => number,
                Argument::Text(text) => intern(strings, text),
            };
            arguments.push(types::Argument {
                reason: index,
                value,
            });
        });
    }

    /// # Panics
    ///
    /// Where a cell names a table that the policy does not declare.
    fn reference(&self, Cell { fact, row }: Cell) -> types::FactReference {
        let table = self
            .tables
            .iter()
            .position(|table| table.name == fact.table);
        let table = table.expect("a reason names facts of declared tables");
        types::FactReference {
            table: number(table),
            row: self.starts[table] + row,
            fact: fact.slot,
        }
    }
}

/// Texts in reasons are few and mostly the same, so looking through them is quicker than a map.
fn intern(strings: &mut Vec<String>, text: &str) -> i64 {
    let found = strings.iter().position(|string| string == text);
    let index = found.unwrap_or_else(|| {
        strings.push(text.into());
        strings.len() - 1
    });
    i64::from(number(index))
}

/// The number of a row, a table, a text: the wire counts with 32 bits, and so does the memory of a
/// component.
pub(crate) fn number(index: usize) -> u32 {
    u32::try_from(index).expect("no list of an input or an answer has 2^32 items")
}
