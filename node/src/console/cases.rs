//! Cases: what is due and late in an area and what blocks it, and the page of one case.

use askama::Template;
use axum::{
    extract::{Extension, Path, Query, State as Extract, rejection::QueryRejection},
    response::Response,
};
use lika_core::{
    cases::{Obstacle, Standing},
    record::{Objection, Record},
    value::{Date, RecordId},
};
use serde::Deserialize;

use super::{
    Language, State,
    account::malformed,
    areas::{self, Link},
    door::{self, Frame, Visitor},
    listed::{DueLine, Listed, day},
    records,
    sheet::{self, Line},
    words::Words,
};
use crate::gateway::{
    Error,
    cases::{CaseStanding, Due},
};

/// How many days ahead the page looks when nobody says.
const AHEAD: i32 = 7;

#[derive(Template)]
#[template(path = "cases.html")]
struct CasesPage {
    page: Frame,
    crumbs: Vec<Link>,
    others: Vec<Link>,
    by: String,
    cases: Vec<CaseLine>,
    objections: Vec<DueLine>,
    /// There are more than the page lists.
    has_more: bool,
}

struct CaseLine {
    link: Link,
    area: String,
    step: String,
    due: String,
    is_late: bool,
    obstacle: String,
}

#[derive(Template)]
#[template(path = "case.html")]
struct CasePage {
    page: Frame,
    crumbs: Vec<Link>,
    next: String,
    obstacle: String,
    lines: Vec<Line>,
    history: String,
}

/// Where and until when.
#[derive(Deserialize)]
pub struct Asked {
    area: Option<String>,
    by: Option<String>,
}

/// What is due in an area.
pub async fn list(
    Extract(console): Extract<State>,
    Extension(visitor): Extension<Visitor>,
    query: Result<Query<Asked>, QueryRejection>,
) -> Response {
    door::page(console, visitor, move |console, visitor| {
        let Query(Asked { area, by }) = query.map_err(|_| malformed())?;
        let listed = Listed::of(console, visitor, "/cases", area.as_deref())?;
        let today = console.gateway().clock().today();
        let by = day(by.as_deref(), today.plus_days(AHEAD).unwrap_or(today))?;
        build_list(console, visitor, listed, by)
    })
    .await
}

/// The page of a case.
pub async fn case(
    Extract(console): Extract<State>,
    Extension(visitor): Extension<Visitor>,
    Path(id): Path<String>,
) -> Response {
    door::page(console, visitor, move |console, visitor| {
        build(console, visitor, &records::parse_id(&id)?)
    })
    .await
}

fn build_list(
    console: &State,
    visitor: &Visitor,
    of: Listed,
    by: Date,
) -> Result<CasesPage, Error> {
    let Listed { area, others } = of;
    let (gateway, caller, words) = (
        console.gateway(),
        visitor.caller()?,
        Words(visitor.language),
    );
    let today = gateway.clock().today();
    let Due {
        cases,
        objections,
        has_more,
    } = gateway.due(caller, &area, by)?;
    Ok(CasesPage {
        page: visitor.frame(words.t("办理事项", "Cases")),
        crumbs: areas::crumbs(words, &gateway.place(caller, &area)?),
        others,
        by: by.to_string(),
        cases: cases.iter().map(|case| line(words, case, today)).collect(),
        objections: objections
            .iter()
            .map(|(record, objection)| objection_line(words, record, objection, today))
            .collect(),
        has_more,
    })
}

fn line(words: Words, found: &CaseStanding, today: Date) -> CaseLine {
    CaseLine {
        link: Link {
            to: address(&found.record.id),
            text: words.code("case-kind", found.case.kind.as_str()),
        },
        area: found.record.area.digits().to_owned(),
        step: next(words, found.standing.as_ref()),
        due: found
            .case
            .due
            .map(|due| due.to_string())
            .unwrap_or_default(),
        is_late: found.is_late(today),
        obstacle: obstacle(words, found.standing.as_ref()),
    }
}

fn objection_line(words: Words, record: &Record, objection: &Objection, today: Date) -> DueLine {
    let due = objection.answer_due;
    DueLine {
        link: Link {
            to: records::history_of(&record.id),
            text: words.t("异议", "Objection").to_owned(),
        },
        area: record.area.digits().to_owned(),
        due: due.map(|due| due.to_string()).unwrap_or_default(),
        is_late: due.is_some_and(|due| due < today),
    }
}

fn next(words: Words, standing: Option<&Standing>) -> String {
    let Some(standing) = standing else {
        return String::new();
    };
    match &standing.next {
        Some(step) => format!(
            "{}{}{}",
            words.code("step-level", step.level.as_str()),
            words.t("", " "),
            words.code("step-act", step.act.as_str())
        ),
        None => words.t("办结", "close the case").to_owned(),
    }
}

fn obstacle(words: Words, standing: Option<&Standing>) -> String {
    let Some(obstacle) = standing.and_then(|standing| standing.obstacle) else {
        return String::new();
    };
    match obstacle {
        Obstacle::Objection(_) => words
            .t("有异议待答复", "an objection waits for its answer")
            .to_owned(),
        Obstacle::Upheld(_) => words
            .t(
                "异议成立，只能不通过或撤回",
                "an objection was upheld; reject or withdraw it",
            )
            .to_owned(),
        Obstacle::NoNotice => words.t("尚未公示", "not on a notice yet").to_owned(),
        Obstacle::Clock(day) => match words.0 {
            Language::Chinese => format!("期限未满，{day} 起可办"),
            Language::English => format!("the clock runs until {day}"),
        },
    }
}

fn build(console: &State, visitor: &Visitor, id: &RecordId) -> Result<CasePage, Error> {
    let (gateway, caller, words) = (
        console.gateway(),
        visitor.caller()?,
        Words(visitor.language),
    );
    let found = gateway.standing(caller, id)?;
    let kind = words.code("case-kind", found.case.kind.as_str());
    Ok(CasePage {
        page: visitor.frame(kind),
        crumbs: areas::crumbs(words, &gateway.place(caller, &found.record.area)?),
        next: next(words, found.standing.as_ref()),
        obstacle: obstacle(words, found.standing.as_ref()),
        lines: sheet::lines(words, &found.withheld, &found.record.body),
        history: records::history_of(id),
    })
}

/// The address of a case's page.
pub fn address(id: &RecordId) -> String {
    format!("/cases/{id}")
}
