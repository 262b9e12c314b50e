//! How far a whole-village batch is (S1.5), from the projects that name it.

use crate::{
    record::{Project, Stage, VillageBatch},
    value::{Fen, fen},
};

/// How far a batch is. Proposals and cancelled projects count nowhere, as in the totals.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Its villages.
    pub villages: usize,
    /// Its approved projects.
    pub projects: usize,
    /// Of these those that were accepted.
    pub accepted: usize,
    /// What the approved ones are planned to cost.
    pub budget: Fen,
    /// What the accepted ones have cost.
    pub actual: Fen,
    /// What of that was reimbursed.
    pub reimbursed: Fen,
}

/// How far a batch is with these projects.
pub fn progress<'a>(
    batch: &VillageBatch,
    projects: impl IntoIterator<Item = &'a Project>,
) -> Result<Progress, fen::Error> {
    let mut progress = Progress {
        villages: batch.villages.len(),
        ..Progress::default()
    };
    let counts = |it: &&Project| it.has_reached(Stage::Approved) && !it.is_cancelled();
    for project in projects.into_iter().filter(counts) {
        progress.projects += 1;
        progress.accepted += usize::from(project.has_reached(Stage::Accepted));
        let sums = [
            (&mut progress.budget, Some(project.planned())),
            (&mut progress.actual, project.actual),
            (&mut progress.reimbursed, project.reimbursed),
        ];
        for (sum, amount) in sums {
            *sum = sum.checked_add(amount.unwrap_or_default())?;
        }
    }
    Ok(progress)
}
