//! Projects, from proposal to follow-up.
//!
//! ```text
//!  proposed ─▶ approved ─▶ contracted ─▶ noticed ─▶ under way ─▶ accepted ─▶ reimbursed ─▶ followed up
//!                 │                                                 │            │             │
//!           somebody else                                     somebody else  somebody      completed
//!           than proposed it                                  than proposed  else than
//!                                                             it or had it   accepted it
//!  cancelled, on any day before the acceptance                under way
//! ```

use std::collections::BTreeSet;

use lika_proto::log::v1 as message;

use super::{
    Approval, Document, Fault, Key, Problem, VillageBatch,
    cooperative::{MOST_FEN, positive},
    field, parts, policy,
};
use crate::{
    codes,
    rollup::Tally,
    value::{Code, Date, Digest, Fen, Label, RecordId, Year},
};

/// The most households that one project is planned for: beyond it somebody mistyped.
const MOST_HOUSEHOLDS: u32 = 1_000_000;

/// A project (S1.5). The record's area is where it is carried out.
///
/// A project that is over has an end and stays open, because its year goes on counting it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Project {
    /// Name.
    pub name: Label,
    /// Code list project-type.
    pub project_type: Code,
    /// The year that it is planned for.
    pub year: Year,
    /// The planned cost by channel (code list fund-channel), each channel once: the purpose of each source stays
    /// visible where sources are planned together.
    pub budget: Vec<(Code, Fen)>,
    /// How many households are to benefit.
    pub households: u32,
    /// The stages that it has gone through.
    pub steps: Vec<ReachedStage>,
    /// What it cost; known with the acceptance.
    pub actual: Option<Fen>,
    /// What was reimbursed of it, no more than it cost.
    pub reimbursed: Option<Fen>,
    /// How it ended.
    pub end: Option<End>,
    /// The whole-village batch that it is planned in.
    pub village_batch: Option<RecordId>,
}

/// A stage of a project, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// Somebody has asked for it.
    Proposed,
    /// Somebody else has agreed.
    Approved,
    /// Who carries it out has signed.
    Contracted,
    /// The public has been told.
    Noticed,
    /// It is being carried out.
    UnderWay,
    /// Somebody else has looked at what came of it.
    Accepted,
    /// What it cost has been paid back against evidence.
    Reimbursed,
    /// Somebody has looked at it again later.
    FollowedUp,
}

/// A stage that was reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReachedStage {
    /// The stage.
    pub stage: Stage,
    /// The day.
    pub on: Date,
    /// Who wrote it down, in person.
    pub by: Approval,
    /// Of the evidence.
    pub evidence: Option<Digest>,
}

/// An end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct End {
    /// Code list project-end.
    pub reason: Code,
    /// The day.
    pub on: Date,
}

impl Stage {
    /// Every stage, in order.
    pub const ALL: [Self; 8] = [
        Self::Proposed,
        Self::Approved,
        Self::Contracted,
        Self::Noticed,
        Self::UnderWay,
        Self::Accepted,
        Self::Reimbursed,
        Self::FollowedUp,
    ];

    /// The code in the list project-stage.
    pub fn code(self) -> &'static str {
        match self {
            Self::Proposed => "proposed",
            Self::Approved => "approved",
            Self::Contracted => "contracted",
            Self::Noticed => "noticed",
            Self::UnderWay => "under-way",
            Self::Accepted => "accepted",
            Self::Reimbursed => "reimbursed",
            Self::FollowedUp => "followed-up",
        }
    }

    /// The stage of a code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|stage| stage.code() == code)
    }

    /// Whose stages somebody must not have written down who writes this one down: it takes two people.
    pub fn written_by_others_than(self) -> &'static [Self] {
        match self {
            Self::Approved => &[Self::Proposed],
            Self::Accepted => &[Self::Proposed, Self::UnderWay],
            Self::Reimbursed => &[Self::Accepted],
            _ => &[],
        }
    }
}

impl Project {
    /// The step of a stage, where it was reached.
    pub fn step(&self, stage: Stage) -> Option<&ReachedStage> {
        self.steps.iter().find(|step| step.stage == stage)
    }

    /// Whether a stage was reached.
    pub fn has_reached(&self, stage: Stage) -> bool {
        self.step(stage).is_some()
    }

    /// The stage that comes next; none after the last.
    pub fn next(&self) -> Option<Stage> {
        Stage::ALL.get(self.steps.len()).copied()
    }

    /// What it is planned to cost. Parsing made sure that it does not overflow.
    pub fn planned(&self) -> Fen {
        Fen(self.budget.iter().map(|(_, amount)| amount.0).sum())
    }

    /// Whether it was ended before it was done.
    pub fn is_cancelled(&self) -> bool {
        self.end
            .as_ref()
            .is_some_and(|end| end.reason.as_str() == "cancelled")
    }

    /// The first field of what was approved that another version of it does not leave as it is.
    pub(crate) fn altered(&self, other: &Self) -> Option<&'static str> {
        let Self {
            name,
            project_type,
            year,
            budget,
            households,
            steps: _,
            actual: _,
            reimbursed: _,
            end: _,
            village_batch,
        } = self;
        let same = [
            ("name", *name == other.name),
            ("type", *project_type == other.project_type),
            ("year", *year == other.year),
            ("budget", *budget == other.budget),
            ("households", *households == other.households),
            ("village_batch", *village_batch == other.village_batch),
        ];
        same.into_iter()
            .find(|(_, same)| !same)
            .map(|(field, _)| field)
    }
}

impl Document for Project {
    type Message = message::Project;

    fn parse(message: message::Project) -> Result<Self, Fault> {
        let message::project::Open {
            name,
            r#type,
            year,
            budget,
            households,
            steps,
            actual,
            reimbursed,
            end,
            village_batch,
        } = field::required("open", message.open)?;
        if households > MOST_HOUSEHOLDS {
            let most = i64::from(MOST_HOUSEHOLDS);
            return Err(Fault::new(
                "households",
                Problem::OutOfRange { least: 0, most },
            ));
        }
        if steps.len() > Stage::ALL.len() {
            return Err(Fault::new("steps", Problem::TooMany(Stage::ALL.len())));
        }
        let amount = |field, fen: Option<i64>| {
            fen.map(|fen| field::amount(field, fen, MOST_FEN))
                .transpose()
        };
        let actual = amount("actual", actual)?;
        let reimbursed = amount("reimbursed", reimbursed)?;
        if let (Some(reimbursed), Some(actual)) = (reimbursed, actual)
            && reimbursed > actual
        {
            let problem = format!("{reimbursed} is more than the {actual} that it cost");
            return Err(Fault::new("reimbursed", Problem::Malformed(problem)));
        }
        Ok(Self {
            name: field::malformed("name", Label::parse(&name))?,
            project_type: field::code("project-type", "type", &r#type)?,
            year: field::year("year", year)?,
            budget: parse_budget(budget)?,
            households,
            steps: steps
                .into_iter()
                .map(ReachedStage::parse)
                .collect::<Result<_, _>>()?,
            actual,
            reimbursed,
            end: end.map(End::parse).transpose()?,
            village_batch: field::optional_id("village_batch", &village_batch)?,
        })
    }

    fn message(&self) -> message::Project {
        let Self {
            name,
            project_type,
            year,
            budget,
            households,
            steps,
            actual,
            reimbursed,
            end,
            village_batch,
        } = self;
        let channel = |(channel, amount): &(Code, Fen)| message::project::Budget {
            channel: channel.to_string(),
            amount: amount.0,
        };
        message::Project {
            open: Some(message::project::Open {
                name: name.to_string(),
                r#type: project_type.to_string(),
                year: u32::from(year.get()),
                budget: budget.iter().map(channel).collect(),
                households: *households,
                steps: steps.iter().map(ReachedStage::message).collect(),
                actual: actual.map(|amount| amount.0),
                reimbursed: reimbursed.map(|amount| amount.0),
                end: end.as_ref().map(End::message),
                village_batch: field::id_bytes(village_batch.as_ref()),
            }),
        }
    }

    parts!(Project);

    fn keys(&self) -> Vec<Key> {
        let batch = self.village_batch.iter();
        batch.map(VillageBatch::key_of_projects).collect()
    }

    /// A proposal is no project yet, and what was cancelled is none any more.
    fn tallies(&self) -> Vec<Tally> {
        let year = self.year;
        let mut tallies = Vec::new();
        if let (None, Some(last)) = (&self.end, self.steps.last()) {
            tallies.push(Tally::stock(
                format!("projects-at/{}", last.stage.code()),
                1,
            ));
        }
        if self.is_cancelled() {
            tallies.push(Tally::in_year("projects-cancelled", year, 1));
            return tallies;
        }
        if !self.has_reached(Stage::Approved) {
            return tallies;
        }
        let class = codes::project_class(self.project_type.as_str());
        tallies.push(Tally::in_year("projects", year, 1));
        tallies.push(Tally::in_year(format!("projects/{class}"), year, 1));
        tallies.push(Tally::in_year(
            "project-households",
            year,
            i64::from(self.households),
        ));
        tallies.push(Tally::in_year("project-budget", year, self.planned().0));
        tallies.extend(self.budget.iter().map(|(channel, amount)| {
            Tally::in_year(format!("project-budget/{channel}"), year, amount.0)
        }));
        tallies.extend(
            self.actual
                .map(|actual| Tally::in_year("project-actual", year, actual.0)),
        );
        tallies.extend(
            self.reimbursed
                .map(|amount| Tally::in_year("project-reimbursed", year, amount.0)),
        );
        tallies
    }
}

fn parse_budget(budget: Vec<message::project::Budget>) -> Result<Vec<(Code, Fen)>, Fault> {
    let mut channels = BTreeSet::new();
    let mut parsed = Vec::with_capacity(budget.len());
    for message::project::Budget { channel, amount } in budget {
        let code = field::code("fund-channel", "budget.channel", &channel)?;
        if !channels.insert(channel.clone()) {
            return Err(Fault::new("budget.channel", Problem::Repeated(channel)));
        }
        parsed.push((code, positive("budget.amount", amount)?));
    }
    Ok(parsed)
}

impl ReachedStage {
    fn parse(message: message::project::Step) -> Result<Self, Fault> {
        let message::project::Step {
            stage,
            on,
            officer,
            cadre,
            evidence,
        } = message;
        let unknown = || Problem::UnknownCode {
            list: "project-stage",
            code: stage.clone(),
        };
        let evidence = (!evidence.is_empty())
            .then(|| policy::digest("steps.evidence", &evidence))
            .transpose()?;
        Ok(Self {
            stage: Stage::from_code(&stage).ok_or_else(|| Fault::new("steps.stage", unknown()))?,
            on: field::date("steps.on", on)?,
            by: Approval {
                officer: field::id("steps.officer", &officer)?,
                cadre: field::optional_id("steps.cadre", &cadre)?,
            },
            evidence,
        })
    }

    fn message(&self) -> message::project::Step {
        let Self {
            stage,
            on,
            by: Approval { officer, cadre },
            evidence,
        } = self;
        message::project::Step {
            stage: stage.code().to_owned(),
            on: on.number(),
            officer: officer.0.to_vec(),
            cadre: field::id_bytes(cadre.as_ref()),
            evidence: evidence.map(|digest| digest.0.to_vec()).unwrap_or_default(),
        }
    }
}

impl End {
    fn parse(message: message::project::End) -> Result<Self, Fault> {
        let message::project::End { reason, on } = message;
        Ok(Self {
            reason: field::code("project-end", "end.reason", &reason)?,
            on: field::date("end.on", on)?,
        })
    }

    fn message(&self) -> message::project::End {
        let Self { reason, on } = self;
        message::project::End {
            reason: reason.to_string(),
            on: on.number(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stages_are_the_code_list() {
        let listed: Vec<_> = codes::list("project-stage")
            .unwrap()
            .entries
            .iter()
            .collect();
        let listed: Vec<_> = listed.into_iter().map(|entry| entry.code).collect();
        assert_eq!(listed, Stage::ALL.map(Stage::code));
    }
}
