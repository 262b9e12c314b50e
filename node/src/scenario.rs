//! Scenarios: the county of each source document, built in an empty node and driven through a year.
//!
//! A story takes the part of everybody at once, and takes no short cut: all it does is done by officers with certificates
//! over gRPC, and every figure is read back the same way. A figure is computed by the node from independent records; what
//! a document only reports is said to be *entered*; of a rule the figure is the code under which the node refuses what
//! breaks it, or the state that it comes to. Every row can be falsified: one change of the records behind it, or of a rule
//! of what is attempted, and the figure is another one; an attempt that the node then refuses for something else is none.
//!
//! ```text
//!  Document ─► play ─► Story on its Scene (a node, a clock, its officers) ─► Row::read ─► Outcome
//!                                                                        └─► Row::falsify ─► Row::read
//! ```

mod guangdong;
mod luxi;
mod people;
mod row;
mod sanming;
mod scene;
mod taishun;
mod tuanfeng;

use std::path::PathBuf;

pub use self::row::{Claim, Falsified, Figure, Origin, Outcome, Statement};
use self::{
    guangdong::Guangdong, luxi::Luxi, row::Row, sanming::Sanming, scene::Scene, taishun::Taishun,
    tuanfeng::Tuanfeng,
};

/// A source document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Document {
    /// Taishun county, "one household, one policy, one cadre" (S0).
    Taishun,
    /// Tuanfeng county, "precise identification, help and management" (S1): its rows are rules.
    Tuanfeng,
    /// Luxi county, "2+3+10" (S4).
    Luxi,
    /// Sanming city, "348" (S2).
    Sanming,
    /// Guangdong province, "plan to the household, responsibility to the person" (S3).
    Guangdong(Scale),
}

/// How large a province is built.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scale {
    /// One village, one household, one person for a hundred.
    Hundredth,
    /// As the document has it.
    Whole,
}

/// How to run a scenario.
#[derive(Clone, Debug)]
pub struct Settings {
    /// An empty folder.
    pub folder: PathBuf,
    /// The folder of built policies.
    pub policies: PathBuf,
    /// Whether every row is falsified afterwards.
    pub falsify: bool,
}

/// What hears how far it is.
pub type Tell<'a> = &'a mut dyn FnMut(&str);

/// A document as a course of events that has been played: the county is there, and its year has passed.
trait Story: Sized {
    /// The rows, in the order of the document.
    fn rows(&self) -> Vec<Row<Self>>;

    /// Where it plays.
    fn scene(self) -> Scene;
}

/// Plays a document; its rows.
pub fn run(
    document: Document,
    settings: &Settings,
    tell: Tell<'_>,
) -> anyhow::Result<Vec<Outcome>> {
    match document {
        Document::Taishun => finish(Taishun::play(settings, tell)?, settings, tell),
        Document::Tuanfeng => finish(Tuanfeng::play(settings, tell)?, settings, tell),
        Document::Luxi => finish(Luxi::play(settings, tell)?, settings, tell),
        Document::Sanming => finish(Sanming::play(settings, tell)?, settings, tell),
        Document::Guangdong(scale) => {
            finish(Guangdong::play(settings, scale, tell)?, settings, tell)
        }
    }
}

fn finish<S: Story>(
    mut story: S,
    settings: &Settings,
    tell: Tell<'_>,
) -> anyhow::Result<Vec<Outcome>> {
    tell("reading the figures");
    let rows = story.rows();
    let mut outcomes = Vec::with_capacity(rows.len());
    for row in &rows {
        outcomes.push(row.outcome(&mut story)?);
    }
    if settings.falsify {
        tell("falsifying every row");
        for (row, outcome) in rows.iter().zip(&mut outcomes) {
            outcome.falsified = Some(row.falsified(&mut story)?);
        }
    }
    story.scene().end();
    Ok(outcomes)
}
