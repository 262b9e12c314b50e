//! `lika household`.

mod asked;
mod shown;

use clap::{Args, Subcommand};
use lika_proto::v1;
use serde_json::json;

use super::{Answer, Called, Output, block_on, client, output::shown_id};

/// Households over time.
#[derive(Debug, Subcommand)]
pub enum Household {
    /// Let some members found a household of their own; its helpers are those of the old one.
    Split(Box<asked::Split>),
    /// Let all members go to another household; this one ends.
    Merge(Box<asked::Merge>),
    /// Move a household to another village with all that is written about it.
    Move(Box<asked::Move>),
    /// Record the death of a member; with the last one the household ends.
    Death(Box<asked::Death>),
    /// Record the birth of a child.
    Birth(Box<asked::Birth>),
    /// Record who joins, from another household or from outside the register.
    Join(Box<asked::Join>),
    /// Record who leaves for where no household of the register is.
    Leave(Box<asked::Leave>),
    /// Make another member the head.
    Head(Box<asked::Head>),
    /// Let a household exit by a case whose steps are all taken: its pairings end and its follow-up begins.
    Exit(Box<asked::Exit>),
    /// Take a household back by a relapse case whose steps are all taken.
    Relapse(Box<asked::Relapse>),
    /// Show a household, its members, and where it stands.
    Show {
        /// The household's record.
        household: String,
        #[command(flatten)]
        called: Called,
    },
    /// Show what has happened to a household, and to those that it came from.
    History {
        /// The household's record.
        household: String,
        #[command(flatten)]
        called: Called,
    },
    /// List the households that are followed up in a year because they have exited, and which of them nobody has visited.
    FollowUp {
        /// This area and below, by its code; your own area when it is not given.
        #[arg(long, default_value = "", hide_default_value = true)]
        area: String,
        /// The year; this one when it is not given.
        #[arg(long, default_value_t = 0, hide_default_value = true)]
        year: u32,
        /// How many years after its exit a household is followed up.
        #[arg(long, default_value_t = 3)]
        years: u32,
        #[command(flatten)]
        called: Called,
    },
    /// Enter how many households may be identified, or are to exit, in an area in a year.
    SetQuota(asked::Quota),
    /// Show how many households may be identified, or are to exit, how many were, and where it is too many.
    Quota {
        /// The area, by its code; your own area when it is not given.
        #[arg(long, default_value = "", hide_default_value = true)]
        area: String,
        /// The year; this one when it is not given.
        #[arg(long, default_value_t = 0, hide_default_value = true)]
        year: u32,
        /// What is counted: identification or exit.
        #[arg(long, default_value = "identification")]
        kind: String,
        #[command(flatten)]
        called: Called,
    },
}

/// When and why something happened.
#[derive(Args, Clone, Debug)]
pub struct Happening {
    /// The household's record.
    household: String,
    /// The day; today when it is not given.
    #[arg(long)]
    on: Option<String>,
    /// Why: marriage, divorce, adoption, division, care, relocation, work, schooling, death, age, absence, return,
    /// conditions-met, illness, disaster, income-lost or other.
    #[arg(long, default_value = "", hide_default_value = true)]
    reason: String,
    /// A note.
    #[arg(long, default_value = "", hide_default_value = true)]
    note: String,
    /// Who becomes head of the household that loses its own.
    #[arg(long, value_name = "MEMBER")]
    heir: Option<String>,
    /// How a member is related to the new head (GB/T 4761), where it does not follow; again for each.
    #[arg(long = "relation-of", value_name = "MEMBER=CODE")]
    relations: Vec<String>,
    #[command(flatten)]
    called: Called,
}

/// Runs `lika household`.
pub fn run(command: &Household, output: &mut Output) -> anyhow::Result<Answer> {
    match command {
        Household::Split(it) => happen(&it.happening, it.what()?, output),
        Household::Merge(it) => happen(&it.happening, it.what()?, output),
        Household::Move(it) => happen(&it.happening, it.what(), output),
        Household::Death(it) => happen(&it.happening, it.what()?, output),
        Household::Birth(it) => happen(&it.happening, it.what(), output),
        Household::Join(it) => happen(&it.happening, it.what()?, output),
        Household::Leave(it) => happen(&it.happening, it.what()?, output),
        Household::Head(it) => happen(&it.happening, it.what()?, output),
        Household::Exit(it) => happen(&it.happening, it.what()?, output),
        Household::Relapse(it) => happen(&it.happening, it.what()?, output),
        Household::Show { household, called } => shown::show(household, called, output),
        Household::History { household, called } => shown::history(household, called, output),
        Household::FollowUp {
            area,
            year,
            years,
            called,
        } => {
            let request = v1::FollowUpRequest {
                area: area.clone(),
                year: *year,
                years: *years,
            };
            shown::follow_up(request, called, output)
        }
        Household::SetQuota(quota) => asked::set_quota(quota, output),
        Household::Quota {
            area,
            year,
            kind,
            called,
        } => {
            let request = v1::QuotaRequest {
                area: area.clone(),
                year: *year,
                kind: kind.clone(),
            };
            shown::quota(request, called, output)
        }
    }
}

fn happen(
    happening: &Happening,
    what: v1::happen_request::What,
    output: &mut Output,
) -> anyhow::Result<Answer> {
    let request = happening.request(what)?;
    let done = block_on(async {
        let mut households = client::households(&happening.called).await?;
        let done = households.happen(request).await.map_err(client::refused)?;
        Ok(done.into_inner())
    })?;
    let event = shown_id(&done.event);
    let founded = (!done.founded.is_empty()).then(|| shown_id(&done.founded));
    output.answer(
        || match &founded {
            Some(founded) => format!("founded household {founded}; event {event}"),
            None => format!("event {event}"),
        },
        || json!({"event": event, "founded": founded}),
    )?;
    Ok(Answer::Yes)
}
