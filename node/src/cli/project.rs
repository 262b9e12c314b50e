//! `lika project`.

use anyhow::{Context as _, bail};
use clap::Subcommand;
use lika_core::{
    codes,
    record::Stage,
    value::{Date, Digest, Fen},
};
use lika_proto::{
    log::v1::{self as log, Action, Kind},
    v1::{self, record::Body},
};
use serde_json::{Value, json};

use super::{
    Answer, Called, Output, block_on,
    client::{self, day, id},
    output::shown_id,
};

/// Projects, from proposal to follow-up.
#[derive(Debug, Subcommand)]
pub enum Project {
    /// List projects.
    List {
        /// Those of this area and below, by its code; your own area when it is not given.
        #[arg(long, default_value = "", hide_default_value = true)]
        area: String,
        /// Only those of this year.
        #[arg(long)]
        year: Option<u32>,
        #[command(flatten)]
        called: Called,
    },
    /// Show one project with its stages.
    Show {
        /// The id of the project's record, as `lika project list` prints it.
        project: String,
        #[command(flatten)]
        called: Called,
    },
    /// Propose a project, in your name.
    Propose {
        /// Name.
        name: String,
        /// Where it is carried out: the code of an area.
        #[arg(long)]
        area: String,
        /// Code list project-type, such as planting or road.
        #[arg(long = "type", value_name = "TYPE")]
        kind: String,
        /// The year that it is planned for.
        #[arg(long)]
        year: u32,
        /// Money of one channel in yuan, such as county-budget=50000; again for each channel.
        #[arg(long = "budget", value_name = "CHANNEL=YUAN")]
        budget: Vec<String>,
        /// How many households are to benefit.
        #[arg(long, default_value_t = 0)]
        households: u32,
        /// The whole-village batch that it is planned in, as `lika village batches` prints it.
        #[arg(long)]
        batch: Option<String>,
        /// The day; today when it is not given.
        #[arg(long)]
        on: Option<String>,
        #[command(flatten)]
        called: Called,
    },
    /// Write down the next stage of a project, in your name.
    Advance {
        /// The id of the project's record.
        project: String,
        /// The stage: approved, contracted, noticed, under-way, accepted, reimbursed or followed-up.
        stage: String,
        /// The day; today when it is not given.
        #[arg(long)]
        on: Option<String>,
        /// SHA-256 of the evidence, 64 hexadecimal digits.
        #[arg(long)]
        evidence: Option<String>,
        /// With accepted: what it cost. With reimbursed: what was paid back. In yuan.
        #[arg(long, value_name = "YUAN")]
        amount: Option<String>,
        #[command(flatten)]
        called: Called,
    },
    /// End a project: completed after its last stage, cancelled before its acceptance.
    End {
        /// The id of the project's record.
        project: String,
        /// completed or cancelled.
        reason: String,
        /// The day; today when it is not given.
        #[arg(long)]
        on: Option<String>,
        #[command(flatten)]
        called: Called,
    },
}

/// Runs `lika project`.
pub fn run(command: &Project, output: &mut Output) -> anyhow::Result<Answer> {
    match command {
        Project::List { area, year, called } => list(area, *year, called, output),
        Project::Show { project, called } => {
            let project = id("the project", project)?;
            let record = block_on(async {
                let mut registry = client::registry(called).await?;
                client::read(&mut registry, &project).await
            })?;
            let open = open_of(&record)?;
            output.answer(|| text(&record, open), || value(&record, open))?;
            Ok(Answer::Yes)
        }
        Project::Propose {
            name,
            area,
            kind,
            year,
            budget,
            households,
            batch,
            on,
            called,
        } => {
            let batch = batch.as_deref().map(|batch| id("the batch", batch));
            let open = log::project::Open {
                name: name.clone(),
                r#type: kind.clone(),
                year: *year,
                budget: budget
                    .iter()
                    .map(|given| channel(given))
                    .collect::<Result<_, _>>()?,
                households: *households,
                village_batch: batch.transpose()?.unwrap_or_default(),
                ..Default::default()
            };
            let on = day(on.as_deref())?;
            propose(area, open, on, called, output)
        }
        Project::Advance {
            project,
            stage,
            on,
            evidence,
            amount,
            called,
        } => {
            let stage = Stage::from_code(stage)
                .with_context(|| format!("{stage:?} is not in the code list project-stage"))?;
            let amount = amount.as_deref().map(Fen::parse_yuan).transpose()?;
            let evidence = evidence.as_deref().map(Digest::parse).transpose()?;
            let on = day(on.as_deref())?;
            let step = log::project::Step {
                stage: stage.code().to_owned(),
                on: on.number(),
                evidence: evidence.map(|digest| digest.0.to_vec()).unwrap_or_default(),
                ..Default::default()
            };
            advance(project, stage, step, amount, called, output)
        }
        Project::End {
            project,
            reason,
            on,
            called,
        } => {
            let end = log::project::End {
                reason: reason.clone(),
                on: day(on.as_deref())?.number(),
            };
            change(project, called, output, |open, _| {
                open.end = Some(end);
                Ok(format!("project {project} is {reason}"))
            })
        }
    }
}

fn list(
    area: &str,
    year: Option<u32>,
    called: &Called,
    output: &mut Output,
) -> anyhow::Result<Answer> {
    let records = block_on(client::list_of(called, Kind::Project, area))?;
    let projects: Vec<_> = records
        .iter()
        .filter_map(|record| Some((record, open_of(record).ok()?)))
        .filter(|(_, open)| year.is_none_or(|year| open.year == year))
        .collect();
    output.answer(
        || match &projects[..] {
            [] => "no projects".to_owned(),
            projects => {
                let line = |(record, open): &(&v1::Record, &log::project::Open)| {
                    let (id, stage) = (shown_id(&record.id), stage_of(open));
                    format!(
                        "{id} {} {} {} {stage}: {}",
                        open.year, record.area, open.r#type, open.name
                    )
                };
                projects.iter().map(line).collect::<Vec<_>>().join("\n")
            }
        },
        || {
            let projects = projects.iter().map(|(record, open)| value(record, open));
            json!({"projects": projects.collect::<Vec<_>>()})
        },
    )?;
    Ok(Answer::Yes)
}

fn propose(
    area: &str,
    mut open: log::project::Open,
    on: Date,
    called: &Called,
    output: &mut Output,
) -> anyhow::Result<Answer> {
    let id = block_on(async {
        let mut registry = client::registry(called).await?;
        let (officer, cadre) = client::caller(&mut registry, called).await?;
        open.steps = vec![log::project::Step {
            stage: Stage::Proposed.code().to_owned(),
            on: on.number(),
            officer,
            cadre,
            evidence: Vec::new(),
        }];
        let body = Body::Project(log::Project { open: Some(open) });
        client::create(&mut registry, area, body).await
    })?;
    let id = shown_id(&id);
    output.answer(
        || format!("proposed project {id}"),
        || json!({"project": id, "stage": "proposed"}),
    )?;
    Ok(Answer::Yes)
}

fn advance(
    project: &str,
    stage: Stage,
    step: log::project::Step,
    amount: Option<Fen>,
    called: &Called,
    output: &mut Output,
) -> anyhow::Result<Answer> {
    change(project, called, output, |open, (officer, cadre)| {
        match (stage, amount) {
            (Stage::Accepted, amount) => open.actual = amount.map(|fen| fen.0),
            (Stage::Reimbursed, amount) => open.reimbursed = amount.map(|fen| fen.0),
            (_, None) => {}
            (_, Some(_)) => bail!("an amount is given with accepted and with reimbursed only"),
        }
        open.steps.push(log::project::Step {
            officer,
            cadre,
            ..step
        });
        Ok(format!("project {project} is {}", stage.code()))
    })
}

/// Reads a project, changes it and writes it back. What the edit answers is printed.
fn change(
    project: &str,
    called: &Called,
    output: &mut Output,
    edit: impl FnOnce(&mut log::project::Open, (Vec<u8>, Vec<u8>)) -> anyhow::Result<String>,
) -> anyhow::Result<Answer> {
    let project = id("the project", project)?;
    let (said, record) = block_on(async {
        let mut registry = client::registry(called).await?;
        let mut record = client::read(&mut registry, &project).await?;
        let caller = client::caller(&mut registry, called).await?;
        let mut open = open_of(&record)?.clone();
        let said = edit(&mut open, caller)?;
        record.body = Some(Body::Project(log::Project { open: Some(open) }));
        client::apply(&mut registry, Action::Change, record.clone()).await?;
        Ok((said, record))
    })?;
    let open = open_of(&record)?;
    output.answer(|| said, || value(&record, open))?;
    Ok(Answer::Yes)
}

fn open_of(record: &v1::Record) -> anyhow::Result<&log::project::Open> {
    match &record.body {
        Some(Body::Project(project)) => project.open.as_ref().context("the project is empty"),
        _ => bail!("{} is not a project", shown_id(&record.id)),
    }
}

fn channel(given: &str) -> anyhow::Result<log::project::Budget> {
    let (channel, yuan) = given
        .split_once('=')
        .with_context(|| format!("{given:?} is not CHANNEL=YUAN"))?;
    Ok(log::project::Budget {
        channel: channel.to_owned(),
        amount: Fen::parse_yuan(yuan)?.0,
    })
}

fn stage_of(open: &log::project::Open) -> &str {
    match (&open.end, open.steps.last()) {
        (Some(end), _) => &end.reason,
        (None, Some(step)) => &step.stage,
        (None, None) => "",
    }
}

fn text(record: &v1::Record, open: &log::project::Open) -> String {
    let entry = codes::list("project-type").and_then(|list| list.by_code(&open.r#type));
    let mut lines = vec![
        format!("{} {}", shown_id(&record.id), open.name),
        format!("  area {}", record.area),
        format!(
            "  {}, {}, for {} households",
            entry.map_or(open.r#type.as_str(), |entry| entry.en),
            open.year,
            open.households
        ),
    ];
    let budget = open.budget.iter();
    lines.extend(budget.map(|it| format!("  budget {} {}", it.channel, Fen(it.amount))));
    lines.extend(open.steps.iter().map(|step| {
        let officer = shown_id(&step.officer);
        format!("  {} {} by officer {officer}", step.on, step.stage)
    }));
    lines.extend(open.actual.map(|fen| format!("  cost {}", Fen(fen))));
    lines.extend(
        open.reimbursed
            .map(|fen| format!("  reimbursed {}", Fen(fen))),
    );
    let end = open.end.as_ref();
    lines.extend(end.map(|end| format!("  {} {}", end.on, end.reason)));
    lines.join("\n")
}

fn value(record: &v1::Record, open: &log::project::Open) -> Value {
    let budget = open.budget.iter();
    let budget: serde_json::Map<String, Value> = budget
        .map(|it| (it.channel.clone(), it.amount.into()))
        .collect();
    let step = |step: &log::project::Step| {
        json!({
            "stage": step.stage,
            "on": step.on,
            "officer": shown_id(&step.officer),
            "evidence": (!step.evidence.is_empty()).then(|| lika_core::value::hex(&step.evidence)),
        })
    };
    json!({
        "project": shown_id(&record.id),
        "area": record.area,
        "name": open.name,
        "type": open.r#type,
        "class": codes::project_class(&open.r#type),
        "year": open.year,
        "budget": budget,
        "households": open.households,
        "batch": (!open.village_batch.is_empty()).then(|| shown_id(&open.village_batch)),
        "stage": stage_of(open),
        "steps": open.steps.iter().map(step).collect::<Vec<_>>(),
        "actual": open.actual,
        "reimbursed": open.reimbursed,
        "end": open.end.as_ref().map(|end| json!({"reason": end.reason, "on": end.on})),
    })
}
