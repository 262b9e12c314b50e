//! `lika rollup`.

mod commit;
mod inspect;
mod show;
mod verify;

use clap::Subcommand;

use super::{Answer, Output};

/// Totals of areas: printed, added up once more, committed to, inspected.
#[derive(Debug, Subcommand)]
pub enum Rollup {
    /// Print the totals of an area, a line each.
    Show(show::Show),
    /// Add up the records of an area once more, and name every total that is not what they come to.
    Verify(verify::Verify),
    /// Commit to the totals of an area in the node's log, so that they cannot be told otherwise afterwards.
    Commit(commit::Commit),
    /// Have the node that committed open leaves that you draw, and hold each against the commitment.
    Inspect(inspect::Inspect),
}

/// Runs `lika rollup`.
pub fn run(command: &Rollup, output: &mut Output) -> anyhow::Result<Answer> {
    match command {
        Rollup::Show(show) => show::run(show, output),
        Rollup::Verify(verify) => verify::run(verify, output),
        Rollup::Commit(commit) => commit::run(commit, output),
        Rollup::Inspect(inspect) => inspect::run(inspect, output),
    }
}
