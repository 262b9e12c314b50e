//! An enactment: how it stands, and what officers do about it.
//!
//! Whoever approves has looked at the preview: the form to approve stands below it and carries its digest. A preview is
//! posted, since it costs the node some seconds.

use askama::Template;
use axum::{
    extract::{Extension, Form, Path, State as Extract, rejection::FormRejection},
    response::{IntoResponse as _, Redirect, Response},
};
use lika_core::{
    authority::Permission,
    record::{Body, Enactment},
    value::{AreaCode, Date, Digest, RecordId},
};
use serde::Deserialize;

use super::{
    State,
    account::{Bare, malformed},
    areas::{self, Link},
    door::{self, Frame, Visitor, parse_request, request_id},
    previews::{self, Shown},
    records,
    sheet::{self, Line},
    words::Words,
};
use crate::gateway::{
    Error, Proposal,
    preview::Ask,
    standing::{Enacted, Standing},
};

#[derive(Template)]
#[template(path = "enactment.html")]
struct EnactmentPage {
    page: Frame,
    crumbs: Vec<Link>,
    address: String,
    policy: Link,
    state: String,
    approvers: Vec<String>,
    lines: Vec<Line>,
    history: String,
    /// For the next command of this page: sent twice it is one.
    request: String,
    may_approve: bool,
    may_suspend: bool,
    may_resume: bool,
    shown: Option<Shown>,
    /// What would change is what was proposed.
    is_fresh: bool,
}

/// The form that approves.
#[derive(Deserialize)]
pub struct Approval {
    form_token: String,
    request: String,
    preview: String,
}

/// The form that suspends or resumes.
#[derive(Deserialize)]
pub struct Act {
    form_token: String,
    request: String,
}

/// The form that proposes.
#[derive(Deserialize)]
pub struct Proposed {
    form_token: String,
    request: String,
    area: String,
    from: String,
    settings: String,
    preview: String,
    binding: Option<String>,
}

/// The page of an enactment.
pub async fn enactment(
    Extract(console): Extract<State>,
    Extension(visitor): Extension<Visitor>,
    Path(id): Path<String>,
) -> Response {
    door::page(console, visitor, move |console, visitor| {
        page(console, visitor, &records::parse_id(&id)?)
    })
    .await
}

/// The same with what would change, for whoever may approve it.
pub async fn preview(
    Extract(console): Extract<State>,
    Extension(visitor): Extension<Visitor>,
    Path(id): Path<String>,
    form: Result<Form<Bare>, FormRejection>,
) -> Response {
    door::page(console, visitor, move |console, visitor| {
        let Form(Bare { form_token }) = form.map_err(|_| malformed())?;
        visitor.check_form(&form_token)?;
        preview_of(console, visitor, &records::parse_id(&id)?)
    })
    .await
}

/// Approves as the visitor.
pub async fn approve(
    Extract(console): Extract<State>,
    Extension(visitor): Extension<Visitor>,
    Path(id): Path<String>,
    form: Result<Form<Approval>, FormRejection>,
) -> Response {
    let done = async {
        let Form(Approval {
            form_token,
            request,
            preview,
        }) = form.map_err(|_| malformed())?;
        visitor.check_form(&form_token)?;
        let (id, caller) = (records::parse_id(&id)?, visitor.caller()?);
        let (request, preview) = (parse_request(&request)?, parse_digest(&preview)?);
        let gateway = console.gateway();
        gateway.approve(caller, request, &id, preview).await?;
        Ok(id)
    };
    leave(&visitor, done.await)
}

/// Suspends it.
pub async fn suspend(
    console: Extract<State>,
    visitor: Extension<Visitor>,
    id: Path<String>,
    form: Result<Form<Act>, FormRejection>,
) -> Response {
    set_suspended(console, visitor, id, form, true).await
}

/// Resumes it.
pub async fn resume(
    console: Extract<State>,
    visitor: Extension<Visitor>,
    id: Path<String>,
    form: Result<Form<Act>, FormRejection>,
) -> Response {
    set_suspended(console, visitor, id, form, false).await
}

async fn set_suspended(
    Extract(console): Extract<State>,
    Extension(visitor): Extension<Visitor>,
    Path(id): Path<String>,
    form: Result<Form<Act>, FormRejection>,
    suspended: bool,
) -> Response {
    let done = async {
        let Form(Act {
            form_token,
            request,
        }) = form.map_err(|_| malformed())?;
        visitor.check_form(&form_token)?;
        let (id, caller) = (records::parse_id(&id)?, visitor.caller()?);
        let (gateway, request) = (console.gateway(), parse_request(&request)?);
        if suspended {
            gateway.suspend(caller, request, &id).await?;
        } else {
            gateway.resume(caller, request, &id).await?;
        }
        Ok(id)
    };
    leave(&visitor, done.await)
}

/// Proposes a policy on the strength of the preview that the form stands below.
pub async fn propose(
    Extract(console): Extract<State>,
    Extension(visitor): Extension<Visitor>,
    Path(policy): Path<String>,
    form: Result<Form<Proposed>, FormRejection>,
) -> Response {
    let done = async {
        let Form(Proposed {
            form_token,
            request,
            area,
            from,
            settings,
            preview,
            binding,
        }) = form.map_err(|_| malformed())?;
        visitor.check_form(&form_token)?;
        let wrong = |error: &dyn std::error::Error| Error::Malformed(error.to_string());
        let proposal = Proposal {
            policy: records::parse_id(&policy)?,
            area: AreaCode::parse(&area).map_err(|error| wrong(&error))?,
            settings: Some(settings).filter(|settings| !settings.is_empty()),
            from: Date::parse(&from).map_err(|error| wrong(&error))?,
            binding: binding.is_some(),
            preview: parse_digest(&preview)?,
        };
        let (caller, request) = (visitor.caller()?, parse_request(&request)?);
        console.gateway().propose(caller, request, proposal).await
    };
    leave(&visitor, done.await)
}

/// The address of the page of an enactment.
pub fn address(enactment: &RecordId) -> String {
    format!("/enactments/{enactment}")
}

/// How an enactment stands, in words.
pub fn state(words: Words, enacted: &Enacted, body: &Enactment) -> String {
    let state = match enacted.standing {
        Standing::Proposed => {
            let (have, need) = (body.approvals.len(), Enactment::APPROVERS);
            format!("{} {have}/{need}", words.t("待批准", "proposed, approvals"))
        }
        Standing::ToCome => words
            .t("已批准，待生效", "approved, its first day is to come")
            .to_owned(),
        Standing::InForce => words.t("生效中", "in force").to_owned(),
        Standing::Suspended => words
            .t("已暂停，没有生效的政策", "suspended: nothing is in force")
            .to_owned(),
        Standing::Superseded(by) => format!("{} {by}", words.t("已被取代：", "superseded by")),
        Standing::Over => words.t("已结束", "over").to_owned(),
    };
    let mut state = vec![state];
    if body.binding {
        state.push(words.t("对下级有约束力", "binding below").to_owned());
    }
    if body.suspended && enacted.standing != Standing::Suspended {
        state.push(words.t("已暂停", "suspended").to_owned());
    }
    state.join(words.t("，", ", "))
}

fn page(console: &State, visitor: &Visitor, id: &RecordId) -> Result<EnactmentPage, Error> {
    let (gateway, caller) = (console.gateway(), visitor.caller()?);
    let words = Words(visitor.language);
    let enacted = gateway.standing_of(caller, id, gateway.clock().today())?;
    let seen = &enacted.seen;
    let Body::Enactment(body) = &seen.record.body else {
        return Err(Error::NotFound(*id));
    };
    let area = seen.record.area;
    let named = enacted.policy.as_ref().map_or_else(
        || body.policy.to_string(),
        |(name, version)| format!("{name} {version}"),
    );
    let withheld = || words.withheld().text;
    let approvers = enacted.approvers.iter();
    let title = words.t("政策启用", "Enactment");
    let may_enact = caller.may(Permission::EnactPolicies, &area);
    Ok(EnactmentPage {
        page: visitor.frame(format!("{title} · {}", words.purpose(&body.purpose))),
        crumbs: areas::crumbs(words, &gateway.place(caller, &area)?),
        address: address(id),
        policy: Link {
            to: format!("{}?area={}", previews::address(&body.policy), area.digits()),
            text: named,
        },
        state: state(words, &enacted, body),
        approvers: approvers
            .map(|name| name.clone().unwrap_or_else(withheld))
            .collect(),
        lines: sheet::lines(words, &seen.withheld, &seen.record.body),
        history: records::history_of(id),
        request: request_id(),
        may_approve: enacted.standing == Standing::Proposed
            && caller.may(Permission::ApprovePolicies, &area),
        may_suspend: may_enact && !body.suspended,
        may_resume: may_enact && body.suspended,
        shown: None,
        is_fresh: false,
    })
}

fn preview_of(console: &State, visitor: &Visitor, id: &RecordId) -> Result<EnactmentPage, Error> {
    let (gateway, caller) = (console.gateway(), visitor.caller()?);
    let mut page = page(console, visitor, id)?;
    let seen = gateway.get(caller, id, None)?;
    let Body::Enactment(body) = seen.record.body else {
        return Err(Error::NotFound(*id));
    };
    caller.must(Permission::ApprovePolicies, &seen.record.area)?;
    let ask = Ask {
        policy: body.policy,
        settings: Some(body.settings),
        against: None,
        area: seen.record.area,
        on: Some(body.from),
        effects: false,
    };
    let report = gateway.preview_blocking(caller, &ask)?;
    page.is_fresh = report.difference.digest() == body.preview;
    page.shown = Some(Shown::new(console, visitor, caller, &report)?);
    Ok(page)
}

/// To the page of the enactment, or what went wrong.
fn leave(visitor: &Visitor, done: Result<RecordId, Error>) -> Response {
    match done {
        Ok(id) => Redirect::to(&address(&id)).into_response(),
        Err(error) => visitor.answer::<EnactmentPage>(Err(error)),
    }
}

fn parse_digest(text: &str) -> Result<Digest, Error> {
    Digest::parse(text).map_err(|_| malformed())
}
