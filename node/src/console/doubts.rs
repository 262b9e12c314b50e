//! Doubts: what lists of other bureaus say of people here and nobody has verified, and the form that verifies one.

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
    log::{Class, Kind},
    record::{Body, Doubt},
    value::{AreaCode, AreaLevel, RecordId},
};

use super::{
    State,
    areas::{self, Link},
    door::{self, Frame, Visitor},
    finding_form::{Filled, FindingForm, Found},
    listed::{Listed, Where},
    records,
    sheet::{self, Line},
    words::{Cell, Words},
};
use crate::gateway::{Error, Seen, comparisons::Waiting, pages::Item};

#[derive(Template)]
#[template(path = "doubts.html")]
struct DoubtsPage {
    page: Frame,
    crumbs: Vec<Link>,
    others: Vec<Link>,
    waiting: Vec<DoubtLine>,
    /// There are more than the page lists.
    has_more: bool,
}

/// A doubt in a list.
pub struct DoubtLine {
    /// Its page.
    pub link: Link,
    /// Where.
    pub area: String,
    /// The day on which it was raised.
    pub raised_on: String,
    /// What the list says.
    pub says: Cell,
    /// What somebody found.
    pub finding: Cell,
}

#[derive(Template)]
#[template(path = "doubt.html")]
struct DoubtPage {
    page: Frame,
    crumbs: Vec<Link>,
    /// The card of the member's household; empty where the visitor may not see it.
    card: String,
    lines: Vec<Line>,
    /// None where the visitor cannot verify it.
    form: Option<FindingForm>,
    history: String,
}

/// The doubts of an area that nobody has verified.
pub async fn list(
    Extract(console): Extract<State>,
    Extension(visitor): Extension<Visitor>,
    query: Result<Query<Where>, QueryRejection>,
) -> Response {
    door::page(console, visitor, move |console, visitor| {
        let listed = Listed::asked(console, visitor, "/doubts", query)?;
        build_list(console, visitor, listed)
    })
    .await
}

/// The page of a doubt.
pub async fn doubt(
    Extract(console): Extract<State>,
    Extension(visitor): Extension<Visitor>,
    Path(id): Path<String>,
) -> Response {
    door::page(console, visitor, move |console, visitor| {
        build(console, visitor, &records::parse_id(&id)?)
    })
    .await
}

/// Verifies a doubt.
pub async fn verify(
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
            .verify_doubt(caller, request, &id, &finding, note)
            .await?;
        Ok(id)
    };
    // Whoever loads the page again asks for it and sends nothing.
    match done.await {
        Ok(id) => Redirect::to(&address(&id)).into_response(),
        Err(error) => visitor.answer::<DoubtPage>(Err(error)),
    }
}

fn build_list(console: &State, visitor: &Visitor, of: Listed) -> Result<DoubtsPage, Error> {
    let Listed { area, others } = of;
    let (gateway, caller, words) = (
        console.gateway(),
        visitor.caller()?,
        Words(visitor.language),
    );
    let Waiting { doubts, has_more } = gateway.waiting_doubts(caller, &area)?;
    let waiting = doubts.iter().filter_map(|seen| {
        let Body::Doubt(doubt) = &seen.record.body else {
            return None;
        };
        let Seen {
            record, withheld, ..
        } = seen;
        Some(line(words, &record.id, &record.area, withheld, doubt))
    });
    Ok(DoubtsPage {
        page: visitor.frame(words.t("疑点核实", "Doubts")),
        crumbs: areas::crumbs(words, &gateway.place(caller, &area)?),
        others,
        waiting: waiting.collect(),
        has_more,
    })
}

/// A doubt as the card of the household lists it.
pub fn of_card(words: Words, doubt: &Item<Doubt>) -> DoubtLine {
    let Item {
        id,
        area,
        withheld,
        body,
        ..
    } = doubt;
    line(words, id, area, withheld, body)
}

fn line(
    words: Words,
    id: &RecordId,
    area: &AreaCode,
    withheld: &[Class],
    doubt: &Doubt,
) -> DoubtLine {
    let says = doubt.statements.as_ref();
    let says = says.map(|said| Cell::of(sheet::said_in(words, said)));
    let finding = doubt.verification.as_ref();
    DoubtLine {
        link: Link {
            to: address(id),
            text: words.code("comparison-source", doubt.source.as_str()),
        },
        area: area.digits().to_owned(),
        raised_on: doubt.raised_on.to_string(),
        says: words.sealed(withheld, Class::Sensitive, says),
        finding: match finding {
            Some(it) => Cell::of(words.code("doubt-finding", it.finding.as_str())),
            None => Cell::absent(words.t("待核实", "not verified")),
        },
    }
}

fn build(console: &State, visitor: &Visitor, id: &RecordId) -> Result<DoubtPage, Error> {
    let (gateway, caller, words) = (
        console.gateway(),
        visitor.caller()?,
        Words(visitor.language),
    );
    let seen = gateway.get(caller, id, None)?;
    let Body::Doubt(doubt) = &seen.record.body else {
        return Err(Error::NotFound(*id));
    };
    let area = seen.record.area;
    let is_ours = seen.header.node == gateway.reader().node();
    let waits = is_ours && doubt.verification.is_none();
    let may_verify = waits && caller.may(Permission::Write(Kind::Doubt), &area);
    let form = || FindingForm::of(words, "doubt-finding", address(id));
    let card = match gateway.get(caller, &doubt.member, None) {
        Ok(member) => records::page_of(&doubt.member, &member.record.body).unwrap_or_default(),
        Err(Error::NotFound(_)) => String::new(),
        Err(error) => return Err(error),
    };
    Ok(DoubtPage {
        page: visitor.frame(words.code("comparison-source", doubt.source.as_str())),
        crumbs: areas::crumbs(words, &gateway.place(caller, &area)?),
        card,
        lines: sheet::lines(words, &seen.withheld, &seen.record.body),
        form: may_verify.then(form),
        history: records::history_of(id),
    })
}

/// The doubts that wait in an area; nothing while none does. The nation has no list: no address names it.
pub fn waiting(words: Words, area: &AreaCode, waiting: i64) -> Option<Link> {
    let is_listed = waiting > 0 && area.level() != AreaLevel::Nation;
    is_listed.then(|| Link {
        to: format!("/doubts?area={}", area.digits()),
        text: format!(
            "{}{}",
            words.t("待核实的疑点：", "Doubts to verify: "),
            words.count(waiting)
        ),
    })
}

/// The address of a doubt's page.
pub fn address(id: &RecordId) -> String {
    format!("/doubts/{id}")
}
