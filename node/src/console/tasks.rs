//! Tasks: what is due and late in an area and for whom, all of it counted, and the findings that wait.

use std::collections::BTreeMap;

use askama::Template;
use axum::{
    extract::{Extension, Query, State as Extract, rejection::QueryRejection},
    response::Response,
};
use lika_core::{
    duties::Owed,
    log::Kind,
    record::{Duty, Finding, Record},
    value::{Code, Date, RecordId},
};
use serde::Deserialize;

use super::{
    State,
    account::malformed,
    areas::{self, Link},
    door::{self, Frame, Visitor},
    listed::{DueLine, Listed, day},
    records,
    words::{Cell, Words},
};
use crate::gateway::{
    Error,
    supervision::{Count, TaskAccount},
};

/// How many days ahead the page looks for findings that are to be put right.
const AHEAD: i32 = 30;

#[derive(Template)]
#[template(path = "tasks.html")]
struct TasksPage {
    page: Frame,
    crumbs: Vec<Link>,
    others: Vec<Link>,
    on: String,
    counts: Vec<CountLine>,
    tasks: Vec<TaskLine>,
    findings: Vec<DueLine>,
    /// There are more than the page lists.
    has_more: bool,
}

struct CountLine {
    duty: String,
    owed: u32,
    done: u32,
    done_late: u32,
    excused: u32,
    late: u32,
}

struct TaskLine {
    duty: String,
    area: String,
    holder: Cell,
    /// The page of whoever owes it.
    to: String,
    period: String,
    due: String,
    is_late: bool,
}

/// Where and as of when.
#[derive(Deserialize)]
pub struct Asked {
    area: Option<String>,
    on: Option<String>,
}

/// What is due in an area as of a day, of the periods of its year.
pub async fn list(
    Extract(console): Extract<State>,
    Extension(visitor): Extension<Visitor>,
    query: Result<Query<Asked>, QueryRejection>,
) -> Response {
    door::page(console, visitor, move |console, visitor| {
        let Query(Asked { area, on }) = query.map_err(|_| malformed())?;
        let listed = Listed::of(console, visitor, "/tasks", area.as_deref())?;
        let on = day(on.as_deref(), console.gateway().clock().today())?;
        build(console, visitor, listed, on)
    })
    .await
}

fn build(console: &State, visitor: &Visitor, of: Listed, on: Date) -> Result<TasksPage, Error> {
    let Listed { area, others } = of;
    let (gateway, caller, words) = (
        console.gateway(),
        visitor.caller()?,
        Words(visitor.language),
    );
    let TaskAccount {
        open,
        has_more,
        counts,
        duties,
    } = gateway.tasks(caller, &area, on.year().first_day(), on)?;
    let until = on.plus_days(AHEAD).unwrap_or(on);
    let (findings, more_findings) = gateway.findings_due(caller, &area, until)?;
    Ok(TasksPage {
        page: visitor.frame(words.t("任务与督查", "Tasks and findings")),
        crumbs: areas::crumbs(words, &gateway.place(caller, &area)?),
        others,
        on: on.to_string(),
        counts: counts.iter().map(|it| count_line(&duties, it)).collect(),
        tasks: open
            .iter()
            .map(|owed| task_line(console, visitor, &duties, owed, on))
            .collect::<Result<_, _>>()?,
        findings: findings
            .iter()
            .map(|(record, finding)| finding_line(words, record, finding, on))
            .collect(),
        has_more: has_more || more_findings,
    })
}

/// Duties by their records.
type Duties = BTreeMap<RecordId, Duty>;

fn count_line(duties: &Duties, (code, count): (&Code, &Count)) -> CountLine {
    let Count {
        owed,
        done,
        done_late,
        excused,
        late,
    } = *count;
    // A duty that follows another one goes on under its code; people know the newer name.
    let known = duties.values().filter(|duty| duty.code == *code);
    let newest = known.max_by_key(|duty| duty.from);
    CountLine {
        duty: newest.map_or_else(|| code.to_string(), |duty| duty.name.to_string()),
        owed,
        done,
        done_late,
        excused,
        late,
    }
}

fn task_line(
    console: &State,
    visitor: &Visitor,
    duties: &Duties,
    owed: &Owed,
    on: Date,
) -> Result<TaskLine, Error> {
    let (gateway, words) = (console.gateway(), Words(visitor.language));
    let area = &owed.area;
    let who = owed.cadre.unwrap_or(owed.holder.id);
    let holder = match owed.holder.kind {
        Kind::Area => Cell::of(areas::named(words, area, gateway.area_name(area)?)),
        _ => {
            let holder = gateway.holder(visitor.caller()?, area, &who)?;
            let (name, _) = areas::holder(words, Some(&holder));
            name
        }
    };
    let duty = duties.get(&owed.duty);
    Ok(TaskLine {
        duty: duty.map_or_else(|| owed.code.to_string(), |duty| duty.name.to_string()),
        area: area.digits().to_owned(),
        holder,
        to: records::history_of(&who),
        period: owed.period.first.to_string(),
        due: owed.due.to_string(),
        is_late: owed.is_late_on(on),
    })
}

fn finding_line(words: Words, record: &Record, finding: &Finding, on: Date) -> DueLine {
    DueLine {
        link: Link {
            to: records::history_of(&record.id),
            text: words.code("finding-kind", finding.kind.as_str()),
        },
        area: record.area.digits().to_owned(),
        due: finding.deadline.to_string(),
        is_late: finding.deadline < on,
    }
}
