//! `lika case`.

mod procedures;

use anyhow::{Context as _, bail};
use clap::{Args, Subcommand};
use lika_core::value::AreaCode;
use lika_proto::{
    log::v1::{self as log, Action, Kind},
    v1::{self, record::Body},
};
use serde_json::{Value, json};

use super::{
    Answer, Called, Output, block_on,
    client::{self, create, day, id, read},
    output::shown_id,
};

/// Cases: what households, people and villages go through by the procedures in force.
#[derive(Debug, Subcommand)]
pub enum Case {
    /// The procedures that are in force, and those that ship with the program.
    #[command(subcommand)]
    Procedures(procedures::Procedures),
    /// What is due in an area by a day, what is late, and what blocks it.
    Due {
        /// This area and below, by its code; your own area when it is not given.
        #[arg(long, default_value = "", hide_default_value = true)]
        area: String,
        /// The day, such as 2016-10-01; today when it is not given.
        #[arg(long)]
        by: Option<String>,
        #[command(flatten)]
        called: Called,
    },
    /// List the cases of an area that are open.
    List {
        /// This area and below, by its code; your own area when it is not given.
        #[arg(long, default_value = "", hide_default_value = true)]
        area: String,
        #[command(flatten)]
        called: Called,
    },
    /// Show a case and where it stands.
    Show {
        /// The id of the case.
        case: String,
        #[command(flatten)]
        called: Called,
    },
    /// Open a case by the procedure in force.
    Open {
        /// The kind: identification, exit, relapse, monitoring-in, monitoring-out, correction, transfer, village-exit.
        kind: String,
        /// The village, by its code.
        #[arg(long)]
        area: String,
        /// The household, member or area that it is about; not given for an applicant who is not registered.
        #[arg(long)]
        subject: Option<String>,
        /// The day; today when it is not given.
        #[arg(long)]
        on: Option<String>,
        #[command(flatten)]
        called: Called,
    },
    /// Take the next step of a case.
    Step(Box<Step>),
    /// Close a case.
    Close {
        /// The id of the case.
        case: String,
        /// How it ends: completed, rejected or withdrawn.
        #[arg(long)]
        end: String,
        #[command(flatten)]
        called: Called,
    },
}

/// A step of a case.
#[derive(Args, Debug)]
pub struct Step {
    /// The id of the case.
    case: String,
    /// The step, by its name in the procedure.
    step: String,
    /// The day; today when it is not given.
    #[arg(long)]
    on: Option<String>,
    /// The step was rejected.
    #[arg(long)]
    rejected: bool,
    /// How people voted in an appraisal: who came, who was for it, who was against it.
    #[arg(long, value_name = "PRESENT,FOR,AGAINST", value_delimiter = ',')]
    votes: Vec<u32>,
    /// The notice that was posted.
    #[arg(long)]
    notice: Option<String>,
    /// What the survey of an exit found, as condition=met:evidence or condition=unmet:evidence, such as housing=met:seen.
    #[arg(long = "condition")]
    conditions: Vec<String>,
    #[command(flatten)]
    called: Called,
}

/// Runs `lika case`.
pub fn run(command: &Case, output: &mut Output) -> anyhow::Result<Answer> {
    match command {
        Case::Procedures(command) => procedures::run(command, output),
        Case::Due { area, by, called } => due(area, by.as_deref(), called, output),
        Case::List { area, called } => list(area, called, output),
        Case::Show { case, called } => show(case, called, output),
        Case::Open {
            kind,
            area,
            subject,
            on,
            called,
        } => {
            let asked = Opening {
                kind,
                area,
                subject: subject.as_deref(),
                on: on.as_deref(),
            };
            open(&asked, called, output)
        }
        Case::Step(step) => take(step, output),
        Case::Close { case, end, called } => close(case, end, called, output),
    }
}

fn due(
    area: &str,
    by: Option<&str>,
    called: &Called,
    output: &mut Output,
) -> anyhow::Result<Answer> {
    let request = v1::DueRequest {
        area: area.to_owned(),
        by: day(by)?.number(),
    };
    let due = block_on(async {
        let mut cases = client::cases(called).await?;
        let due = cases.due(request).await.map_err(client::refused)?;
        Ok(due.into_inner())
    })?;
    let objection = |it: &v1::DueObjection| {
        json!({
            "objection": shown_id(&it.objection),
            "area": it.area,
            "case": shown_id(&it.case),
            "notice": shown_id(&it.notice),
            "due": it.due,
            "late": it.late,
        })
    };
    output.answer(
        || {
            let cases = due.cases.iter().map(standing_text);
            let objections = due.objections.iter().map(|it| {
                let late = if it.late { " late" } else { "" };
                let (id, case) = (shown_id(&it.objection), shown_id(&it.case));
                format!("{}{late} objection {id} to case {case}", it.due)
            });
            let more = due.has_more.then(|| "there are more".to_owned());
            let lines: Vec<String> = cases.chain(objections).chain(more).collect();
            match lines.is_empty() {
                true => "nothing is due".to_owned(),
                false => lines.join("\n"),
            }
        },
        || {
            json!({
                "today": due.today,
                "cases": due.cases.iter().map(standing_value).collect::<Vec<_>>(),
                "objections": due.objections.iter().map(objection).collect::<Vec<_>>(),
                "has_more": due.has_more,
            })
        },
    )?;
    Ok(Answer::Yes)
}

fn list(area: &str, called: &Called, output: &mut Output) -> anyhow::Result<Answer> {
    let records = block_on(client::list_of(called, Kind::Case, area))?;
    let cases: Vec<_> = records.iter().filter_map(listed).collect();
    output.answer(
        || match &cases[..] {
            [] => "no cases".to_owned(),
            cases => cases
                .iter()
                .map(|(record, open)| {
                    let (id, steps) = (shown_id(&record.id), open.steps.len());
                    let (kind, area) = (&open.kind, &record.area);
                    format!("{id} {kind} {area} {steps} steps, due {}", open.due)
                })
                .collect::<Vec<_>>()
                .join("\n"),
        },
        || json!({"cases": cases.iter().map(|(record, open)| value(record, open)).collect::<Vec<_>>()}),
    )?;
    Ok(Answer::Yes)
}

fn show(case: &str, called: &Called, output: &mut Output) -> anyhow::Result<Answer> {
    let case = id("the case", case)?;
    let (record, standing) = block_on(async {
        let mut cases = client::cases(called).await?;
        let mut registry = client::registry(called).await?;
        let record = read(&mut registry, &case).await?;
        let request = v1::StandingRequest { case };
        let standing = cases.standing(request).await.map_err(client::refused)?;
        Ok((record, standing.into_inner()))
    })?;
    let (record, open) = listed(&record).context("the record is no case")?;
    output.answer(
        || {
            let mut lines = vec![standing_text(&standing)];
            lines.extend(open.steps.iter().map(|step| {
                let officer = shown_id(&step.officer);
                format!("  {} {} {} by {officer}", step.on, step.step, step.result)
            }));
            lines.join("\n")
        },
        || {
            let mut value = value(record, open);
            value["standing"] = standing_value(&standing);
            value
        },
    )?;
    Ok(Answer::Yes)
}

struct Opening<'a> {
    kind: &'a str,
    area: &'a str,
    subject: Option<&'a str>,
    on: Option<&'a str>,
}

fn open(asked: &Opening<'_>, called: &Called, output: &mut Output) -> anyhow::Result<Answer> {
    let area = AreaCode::parse(asked.area)?.digits().to_owned();
    let on = day(asked.on)?.number();
    let subject = asked.subject.map(|it| id("the subject", it)).transpose()?;
    let case = block_on(async {
        let mut cases = client::cases(called).await?;
        let request = v1::InForceRequest {
            area: area.clone(),
            kind: asked.kind.to_owned(),
            on,
        };
        let found = cases.in_force(request).await.map_err(client::refused)?;
        let Some(procedure) = found.into_inner().procedure else {
            bail!(
                "no procedure for {} is in force in {area}; `lika case procedures install` puts one in force",
                asked.kind
            );
        };
        let mut registry = client::registry(called).await?;
        let subject_kind = match &subject {
            Some(id) => kind_of(&read(&mut registry, id).await?)?,
            None => 0,
        };
        let body = log::case::Open {
            procedure: procedure.id,
            kind: asked.kind.to_owned(),
            subject_kind,
            subject: subject.unwrap_or_default(),
            opened_on: on,
            ..Default::default()
        };
        let body = Body::Case(log::Case {
            open: Some(body),
            free_text: None,
        });
        create(&mut registry, &area, body).await
    })?;
    let case = shown_id(&case);
    output.answer(|| format!("opened case {case}"), || json!({"case": case}))?;
    Ok(Answer::Yes)
}

fn kind_of(record: &v1::Record) -> anyhow::Result<u32> {
    let kind = match &record.body {
        Some(Body::Household(_)) => Kind::Household,
        Some(Body::Member(_)) => Kind::Member,
        Some(Body::AreaRecord(_)) => Kind::Area,
        _ => bail!("the subject is no household, member or area"),
    };
    Ok(u32::try_from(i32::from(kind))?)
}

fn take(asked: &Step, output: &mut Output) -> anyhow::Result<Answer> {
    let case = id("the case", &asked.case)?;
    let votes = match asked.votes[..] {
        [] => None,
        [present, in_favour, against] => Some(log::case::Votes {
            present,
            in_favour,
            against,
        }),
        _ => bail!("votes are three numbers: who came, who was for it, who was against it"),
    };
    let notice = asked.notice.as_deref().map(|it| id("the notice", it));
    let conditions = asked.conditions.iter().map(|text| condition(text));
    let mut step = log::case::Taken {
        step: asked.step.clone(),
        on: day(asked.on.as_deref())?.number(),
        officer: Vec::new(),
        result: if asked.rejected { "rejected" } else { "passed" }.to_owned(),
        votes,
        notice: notice.transpose()?.unwrap_or_default(),
        conditions: conditions.collect::<anyhow::Result<_>>()?,
    };
    step.officer = client::officer(&asked.called)?.0.to_vec();
    let (name, shown) = (asked.step.clone(), asked.case.clone());
    let revision = block_on(async {
        let mut registry = client::registry(&asked.called).await?;
        let record = read(&mut registry, &case).await?;
        let mut open = opened(&record)?;
        open.steps.push(step);
        change(&mut registry, record, open, Action::Change).await
    })?;
    output.answer(
        || format!("took step {name} of case {shown}"),
        || json!({"case": shown, "step": name, "revision": revision}),
    )?;
    Ok(Answer::Yes)
}

/// Reads `housing=met:seen`.
fn condition(text: &str) -> anyhow::Result<log::case::Condition> {
    let expected = "a condition is written as housing=met:seen or housing=unmet:seen";
    let (condition, rest) = text.split_once('=').context(expected)?;
    let (met, evidence) = rest.split_once(':').context(expected)?;
    let met = match met {
        "met" => true,
        "unmet" => false,
        _ => bail!(expected),
    };
    Ok(log::case::Condition {
        condition: condition.to_owned(),
        met,
        evidence: evidence.to_owned(),
    })
}

fn close(case: &str, end: &str, called: &Called, output: &mut Output) -> anyhow::Result<Answer> {
    let id = id("the case", case)?;
    block_on(async {
        let mut registry = client::registry(called).await?;
        let record = read(&mut registry, &id).await?;
        let mut open = opened(&record)?;
        end.clone_into(&mut open.end);
        change(&mut registry, record, open, Action::Close).await
    })?;
    output.answer(
        || format!("closed case {case}: {end}"),
        || json!({"case": case, "end": end}),
    )?;
    Ok(Answer::Yes)
}

/// Changes a case as it was read; its new revision.
async fn change(
    registry: &mut client::Registry,
    record: v1::Record,
    open: log::case::Open,
    action: Action,
) -> anyhow::Result<u32> {
    let body = Body::Case(log::Case {
        open: Some(open),
        free_text: None,
    });
    let record = v1::Record {
        body: Some(body),
        ..record
    };
    Ok(client::apply(registry, action, record).await?.revision)
}

fn listed(record: &v1::Record) -> Option<(&v1::Record, &log::case::Open)> {
    match &record.body {
        Some(Body::Case(case)) => Some((record, case.open.as_ref()?)),
        _ => None,
    }
}

fn opened(record: &v1::Record) -> anyhow::Result<log::case::Open> {
    let (_, open) = listed(record).context("the record is no case")?;
    Ok(open.clone())
}

fn value(record: &v1::Record, open: &log::case::Open) -> Value {
    let steps = open.steps.iter().map(|step| {
        json!({
            "step": step.step,
            "on": step.on,
            "officer": shown_id(&step.officer),
            "result": step.result,
        })
    });
    json!({
        "case": shown_id(&record.id),
        "area": record.area,
        "kind": open.kind,
        "procedure": shown_id(&open.procedure),
        "subject": (!open.subject.is_empty()).then(|| shown_id(&open.subject)),
        "opened_on": open.opened_on,
        "steps": steps.collect::<Vec<_>>(),
        "end": open.end,
        "due": open.due,
        "open": !record.closed,
    })
}

fn standing_text(standing: &v1::CaseStanding) -> String {
    let mut text = format!(
        "{}{} {} {} {}",
        standing.due,
        if standing.late { " late" } else { "" },
        shown_id(&standing.case),
        standing.kind,
        standing.area
    );
    if standing.step.is_empty() {
        text += ": close it";
    } else {
        text += &format!(": {} ({})", standing.step, standing.level);
    }
    if !standing.obstacle.is_empty() {
        text += &format!(", {}", standing.obstacle);
    }
    if standing.from > 0 {
        text += &format!(" until {}", standing.from);
    }
    text
}

fn standing_value(standing: &v1::CaseStanding) -> Value {
    let objection = &standing.objection;
    json!({
        "case": shown_id(&standing.case),
        "area": standing.area,
        "kind": standing.kind,
        "step": standing.step,
        "act": standing.act,
        "level": standing.level,
        "due": standing.due,
        "late": standing.late,
        "obstacle": (!standing.obstacle.is_empty()).then_some(&standing.obstacle),
        "objection": (!objection.is_empty()).then(|| shown_id(objection)),
        "from": (standing.from > 0).then_some(standing.from),
    })
}
