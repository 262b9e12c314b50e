//! `lika policy list`.

mod text;
mod value;

use anyhow::Context as _;
use clap::Args;
use lika_core::value::Date;
use lika_proto::{
    log::v1::{enactment, policy},
    v1::{self, list_policies_response::Item, record::Body},
};

use super::day;
use crate::cli::{Answer, Called, Output, block_on, client};

/// Show what is admitted and what is enacted: their records, and how each enactment stands.
///
/// The ids that it prints are what `preview`, `propose`, `approve`, `suspend` and `resume` take.
#[derive(Args, Debug)]
pub struct List {
    /// Only what is for this purpose, by its code, such as screening or pairing.
    #[arg(long)]
    purpose: Option<String>,
    /// Only enactments of this area, of the areas in it and of those around it, by its code, such as 360323; your own
    /// area when it is not given.
    #[arg(long)]
    area: Option<String>,
    /// How they stand on this day, such as 2026-12-01; today when it is not given.
    #[arg(long, value_name = "DATE")]
    on: Option<String>,
    /// Only what holds in the area, for each purpose; the exit code is 1 where nothing does.
    #[arg(long)]
    in_force: bool,
    #[command(flatten)]
    called: Called,
}

/// Everything that the node answered.
#[derive(Debug, Default)]
struct Told {
    policies: Vec<Admitted>,
    enactments: Vec<Enacted>,
}

/// A policy.
#[derive(Debug)]
struct Admitted {
    told: v1::AdmittedPolicy,
    record: v1::Record,
    body: policy::Open,
}

/// An enactment.
#[derive(Debug)]
struct Enacted {
    told: v1::StandingEnactment,
    record: v1::Record,
    body: enactment::Open,
}

/// Runs `lika policy list`.
pub fn run(command: &List, output: &mut Output) -> anyhow::Result<Answer> {
    let List {
        purpose,
        area,
        on,
        in_force,
        called,
    } = command;
    let request = v1::ListPoliciesRequest {
        purpose: purpose.clone().unwrap_or_default(),
        area: area.clone().unwrap_or_default(),
        on: day(on.as_deref()).context("--on")?,
        in_force: *in_force,
    };
    let told = block_on(async {
        let mut policies = client::policies(called).await?;
        let stream = policies.list(request).await.map_err(client::refused)?;
        let (mut stream, mut told) = (stream.into_inner(), Told::default());
        while let Some(response) = stream.message().await.map_err(client::refused)? {
            told.take(response.item);
        }
        Ok(told)
    })?;
    output.answer(
        || text::of(&told, *in_force),
        || value::of(&told, *in_force),
    )?;
    let holds = |it: &Enacted| it.told.standing() == v1::standing_enactment::Standing::InForce;
    Ok(if *in_force && !told.enactments.iter().any(holds) {
        Answer::No
    } else {
        Answer::Yes
    })
}

impl Told {
    /// What a newer node tells besides is passed over.
    fn take(&mut self, item: Option<Item>) {
        match item {
            Some(Item::Policy(mut told)) => {
                let record = told.record.take().unwrap_or_default();
                if let Some(Body::Policy(body)) = &record.body {
                    let body = body.open.clone().unwrap_or_default();
                    self.policies.push(Admitted { told, record, body });
                }
            }
            Some(Item::Enactment(mut told)) => {
                let record = told.record.take().unwrap_or_default();
                if let Some(Body::Enactment(body)) = &record.body {
                    let body = body.open.clone().unwrap_or_default();
                    self.enactments.push(Enacted { told, record, body });
                }
            }
            None => {}
        }
    }
}

impl Enacted {
    fn standing(&self) -> &'static str {
        use v1::standing_enactment::Standing;
        match self.told.standing() {
            Standing::Proposed => "proposed",
            Standing::ToCome => "to come",
            Standing::InForce => "in force",
            Standing::Suspended => "suspended",
            Standing::Superseded => "superseded",
            Standing::Over => "over",
            Standing::Unspecified => "-",
        }
    }

    fn policy(&self) -> String {
        let v1::StandingEnactment {
            policy_name,
            policy_version,
            ..
        } = &self.told;
        format!("{policy_name} {policy_version}").trim().to_owned()
    }
}

fn date(number: u32) -> String {
    Date::from_number(number).map_or_else(|_| number.to_string(), |date| date.to_string())
}
