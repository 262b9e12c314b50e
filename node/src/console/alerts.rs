//! Alerts: what waits for a person, what each is about, and the form that closes one.

use askama::Template;
use axum::{
    extract::{
        Extension, Form, Path, Query, State as Extract,
        rejection::{FormRejection, QueryRejection},
    },
    response::{IntoResponse as _, Redirect, Response},
};
use lika_core::{
    authority::Permission,
    log::Kind,
    record::{Alert, Body},
    value::RecordId,
};

use super::{
    State,
    areas::{self, Link},
    door::{self, Frame, Visitor},
    finding_form::{Filled, FindingForm, Found},
    listed::{Listed, Where},
    records,
    sheet::{self, Line},
    words::Words,
};
use crate::{
    gateway::{Error, ListQuery, Seen},
    store::Lifecycle,
};

/// The most alerts that the page lists; the command line lists all.
const MOST: usize = 200;

#[derive(Template)]
#[template(path = "alerts.html")]
struct AlertsPage {
    page: Frame,
    crumbs: Vec<Link>,
    others: Vec<Link>,
    waiting: Vec<AlertLine>,
    closed: Vec<AlertLine>,
    /// There are more than the page lists.
    has_more: bool,
}

struct AlertLine {
    link: Link,
    area: String,
    raised_on: String,
    about: String,
    finding: String,
}

#[derive(Template)]
#[template(path = "alert.html")]
struct AlertPage {
    page: Frame,
    crumbs: Vec<Link>,
    /// The page of what it is about; empty where there is none.
    about: String,
    lines: Vec<Line>,
    /// None where the visitor cannot close it.
    form: Option<FindingForm>,
    /// It waits for somebody, at the node that raised it.
    is_elsewhere: bool,
    history: String,
}

/// The alerts of an area.
pub async fn list(
    Extract(console): Extract<State>,
    Extension(visitor): Extension<Visitor>,
    query: Result<Query<Where>, QueryRejection>,
) -> Response {
    door::page(console, visitor, move |console, visitor| {
        let listed = Listed::asked(console, visitor, "/alerts", query)?;
        build_list(console, visitor, listed)
    })
    .await
}

/// The page of an alert.
pub async fn alert(
    Extract(console): Extract<State>,
    Extension(visitor): Extension<Visitor>,
    Path(id): Path<String>,
) -> Response {
    door::page(console, visitor, move |console, visitor| {
        build(console, visitor, &records::parse_id(&id)?)
    })
    .await
}

/// Closes an alert.
pub async fn resolve(
    Extract(console): Extract<State>,
    Extension(visitor): Extension<Visitor>,
    Path(id): Path<String>,
    form: Result<Form<Filled>, FormRejection>,
) -> Response {
    let done = async {
        let Found {
            request,
            finding,
            note,
        } = Found::read(&visitor, form)?;
        let (id, caller) = (records::parse_id(&id)?, visitor.caller()?);
        let gateway = console.gateway();
        gateway
            .resolve_alert(caller, request, &id, &finding, Some(note))
            .await?;
        Ok(id)
    };
    // Whoever loads the page again asks for it and sends nothing.
    match done.await {
        Ok(id) => Redirect::to(&address(&id)).into_response(),
        Err(error) => visitor.answer::<AlertPage>(Err(error)),
    }
}

fn build_list(console: &State, visitor: &Visitor, of: Listed) -> Result<AlertsPage, Error> {
    let Listed { area, others } = of;
    let (gateway, caller, words) = (
        console.gateway(),
        visitor.caller()?,
        Words(visitor.language),
    );
    let listed = |lifecycle| {
        let query = ListQuery {
            kind: Kind::Alert,
            area,
            limit: MOST,
            after: None,
            lifecycle,
        };
        let page = gateway.list(caller, &query)?;
        let lines: Vec<AlertLine> = page
            .items
            .iter()
            .filter_map(|seen| line(words, seen))
            .collect();
        Ok::<_, Error>((lines, page.next.is_some()))
    };
    let (waiting, more_waiting) = listed(Lifecycle::Open)?;
    let (closed, more_closed) = listed(Lifecycle::Closed)?;
    Ok(AlertsPage {
        page: visitor.frame(words.t("预警", "Alerts")),
        crumbs: areas::crumbs(words, &gateway.place(caller, &area)?),
        others,
        waiting,
        closed,
        has_more: more_waiting || more_closed,
    })
}

fn line(words: Words, seen: &Seen) -> Option<AlertLine> {
    let Body::Alert(alert) = &seen.record.body else {
        return None;
    };
    let finding = alert.resolution.as_ref();
    let finding = finding.map(|it| words.code("alert-finding", it.finding.as_str()));
    Some(AlertLine {
        link: Link {
            to: address(&seen.record.id),
            text: words.code("alert", alert.code.as_str()),
        },
        area: seen.record.area.digits().to_owned(),
        raised_on: alert.raised_on.to_string(),
        about: alert.about.map(|id| id.to_string()).unwrap_or_default(),
        finding: finding.unwrap_or_default(),
    })
}

fn build(console: &State, visitor: &Visitor, id: &RecordId) -> Result<AlertPage, Error> {
    let (gateway, caller, words) = (
        console.gateway(),
        visitor.caller()?,
        Words(visitor.language),
    );
    let seen = gateway.get(caller, id, None)?;
    let Body::Alert(alert) = &seen.record.body else {
        return Err(Error::NotFound(*id));
    };
    let (area, is_open) = (seen.record.area, !seen.record.closed);
    let is_ours = alert.raised_by == gateway.reader().node();
    let may_close = caller.may(Permission::Write(Kind::Alert), &area) && is_ours;
    let form = || FindingForm::of(words, "alert-finding", address(id));
    Ok(AlertPage {
        page: visitor.frame(words.code("alert", alert.code.as_str())),
        crumbs: areas::crumbs(words, &gateway.place(caller, &area)?),
        about: about(console, visitor, alert)?,
        lines: sheet::lines(words, &seen.withheld, &seen.record.body),
        form: (may_close && is_open).then(form),
        is_elsewhere: is_open && !is_ours,
        history: records::history_of(id),
    })
}

fn about(console: &State, visitor: &Visitor, alert: &Alert) -> Result<String, Error> {
    let Some(id) = alert.about else {
        return Ok(String::new());
    };
    match console.gateway().get(visitor.caller()?, &id, None) {
        Ok(seen) => {
            let page = records::page_of(&id, &seen.record.body);
            Ok(page.unwrap_or_else(|| records::history_of(&id)))
        }
        Err(Error::NotFound(_)) => Ok(String::new()),
        Err(error) => Err(error),
    }
}

/// The address of an alert's page.
pub fn address(id: &RecordId) -> String {
    format!("/alerts/{id}")
}
