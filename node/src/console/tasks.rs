//! Tasks: what is due and late in an area and for whom, all of it counted, and the findings that wait.

use askama::Template;
use axum::{
    extract::{Extension, Query, State as Extract, rejection::QueryRejection},
    response::Response,
};
use lika_core::{
    duties::Owed,
    record::{Finding, Record},
    value::{Code, Date},
};
use serde::Deserialize;

use super::{
    State,
    account::malformed,
    areas::{self, Link},
    door::{self, Frame, Visitor},
    listed::Listed,
    records,
    words::Words,
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
    findings: Vec<FindingLine>,
    /// There are more than the page lists.
    has_more: bool,
}

struct CountLine {
    code: String,
    owed: u32,
    done: u32,
    done_late: u32,
    excused: u32,
    late: u32,
}

struct TaskLine {
    code: String,
    area: String,
    holder: Link,
    period: String,
    due: String,
    is_late: bool,
}

struct FindingLine {
    link: Link,
    area: String,
    deadline: String,
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
        let on = match on.as_deref().filter(|on| !on.is_empty()) {
            Some(on) => Date::parse(on).map_err(|error| Error::Malformed(error.to_string()))?,
            None => console.gateway().clock().today(),
        };
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
    } = gateway.tasks(caller, &area, on.year().first_day(), on)?;
    let until = on.plus_days(AHEAD).unwrap_or(on);
    let (findings, more_findings) = gateway.findings_due(caller, &area, until)?;
    Ok(TasksPage {
        page: visitor.frame(words.t("任务与督查", "Tasks and findings")),
        crumbs: areas::crumbs(words, &gateway.place(caller, &area)?),
        others,
        on: on.to_string(),
        counts: counts.iter().map(count_line).collect(),
        tasks: open.iter().map(|owed| task_line(owed, on)).collect(),
        findings: findings
            .iter()
            .map(|(record, finding)| finding_line(words, record, finding, on))
            .collect(),
        has_more: has_more || more_findings,
    })
}

fn count_line((code, count): (&Code, &Count)) -> CountLine {
    let Count {
        owed,
        done,
        done_late,
        excused,
        late,
    } = *count;
    CountLine {
        code: code.to_string(),
        owed,
        done,
        done_late,
        excused,
        late,
    }
}

fn task_line(owed: &Owed, on: Date) -> TaskLine {
    let who = owed.cadre.unwrap_or(owed.holder.id);
    TaskLine {
        code: owed.code.to_string(),
        area: owed.area.digits().to_owned(),
        holder: Link {
            to: records::history_of(&who),
            text: who.to_string(),
        },
        period: owed.period.first.to_string(),
        due: owed.due.to_string(),
        is_late: owed.is_late_on(on),
    }
}

fn finding_line(words: Words, record: &Record, finding: &Finding, on: Date) -> FindingLine {
    FindingLine {
        link: Link {
            to: records::history_of(&record.id),
            text: words.code("finding-kind", finding.kind.as_str()),
        },
        area: record.area.digits().to_owned(),
        deadline: finding.deadline.to_string(),
        is_late: finding.deadline < on,
    }
}
