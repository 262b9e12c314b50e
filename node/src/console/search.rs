//! Finding people and households. The form is posted, so that numbers and names reach neither addresses nor logs.

use askama::Template;
use axum::{
    extract::{Extension, Form, State as Extract, rejection::FormRejection},
    response::Response,
};
use lika_core::{
    authority::Permission,
    log::{Class, Kind},
    record::Body,
};
use serde::Deserialize;

use super::{
    State,
    account::malformed,
    areas,
    door::{self, Frame, Visitor},
    words::{Cell, Words},
};
use crate::gateway::{Error, Find, Seen};

/// The most that one page lists; a common name has more, and needs a narrower question.
const MOST: usize = 100;

#[derive(Template)]
#[template(path = "search.html")]
struct SearchPage {
    page: Frame,
    by: String,
    text: String,
    found: Option<Vec<FoundLine>>,
    more: usize,
    fault: String,
}

struct FoundLine {
    to: String,
    kind: &'static str,
    name: Cell,
    document: Cell,
    area: String,
    area_to: String,
}

/// What the form says.
#[derive(Deserialize)]
pub struct Search {
    form_token: String,
    by: String,
    text: String,
}

/// The form.
pub async fn form(
    Extract(console): Extract<State>,
    Extension(visitor): Extension<Visitor>,
) -> Response {
    door::page(console, visitor, |_, visitor| {
        visitor.caller()?;
        Ok(page(visitor, "document", ""))
    })
    .await
}

/// What was found.
pub async fn search(
    Extract(console): Extract<State>,
    Extension(visitor): Extension<Visitor>,
    form: Result<Form<Search>, FormRejection>,
) -> Response {
    door::page(console, visitor, move |console, visitor| {
        let Form(search) = form.map_err(|_| malformed())?;
        build(console, visitor, &search)
    })
    .await
}

fn build(console: &State, visitor: &Visitor, search: &Search) -> Result<SearchPage, Error> {
    let Search {
        form_token,
        by,
        text,
    } = search;
    visitor.check_form(form_token)?;
    let (gateway, caller, words) = (
        console.gateway(),
        visitor.caller()?,
        Words(visitor.language),
    );
    let what = match by.as_str() {
        "document" => Find::Document(text.clone()),
        "member-number" => Find::MemberNumber(text.clone()),
        "household-number" => Find::HouseholdNumber(text.clone()),
        "name" => Find::Name(text.clone()),
        _ => return Err(malformed()),
    };
    let mut page = page(visitor, by, text);
    let found = match gateway.find(caller, &what) {
        Ok(found) => found,
        Err(Error::Malformed(_)) => {
            page.fault = fault(words, &what).to_owned();
            return Ok(page);
        }
        Err(error) => return Err(error),
    };
    page.more = found.len().saturating_sub(MOST);
    let lines = found.into_iter().take(MOST).map(|seen| {
        let area = seen.record.area;
        let name = gateway.area_name(&area)?;
        let may_look = caller.may(Permission::ReadTotals, &area);
        let area_to = if may_look {
            areas::address(&area)
        } else {
            String::new()
        };
        Ok(found_line(
            words,
            &seen,
            areas::named(words, &area, name),
            area_to,
        ))
    });
    page.found = Some(lines.collect::<Result<_, Error>>()?);
    Ok(page)
}

fn page(visitor: &Visitor, by: &str, text: &str) -> SearchPage {
    SearchPage {
        page: visitor.frame(visitor.t("查找", "Search")),
        by: by.to_owned(),
        text: text.to_owned(),
        found: None,
        more: 0,
        fault: String::new(),
    }
}

fn fault(words: Words, what: &Find) -> &'static str {
    match what {
        Find::Document(_) => words.t(
            "证件号码无效：请核对十五位、十八位身份证号或二十位残疾人证号",
            "this is no valid identity number of 15 or 18 characters, nor a disability card of 20",
        ),
        Find::MemberNumber(_) | Find::HouseholdNumber(_) | Find::Name(_) => {
            words.t("请输入要查找的内容", "say what to look for")
        }
    }
}

fn found_line(words: Words, seen: &Seen, area: String, area_to: String) -> FoundLine {
    let sealed = |value| words.sealed(&seen.withheld, Class::Identity, value);
    let (to, name, document) = match &seen.record.body {
        Body::Member(member) => {
            let identity = member.identity.as_ref();
            let name = sealed(identity.map(|identity| Cell::of(identity.name.to_string())));
            let document = sealed(identity.map(|identity| words.document(&identity.document)));
            (format!("/households/{}", member.household), name, document)
        }
        Body::Household(household) => {
            let number = household
                .identity
                .as_ref()
                .map(|identity| words.text(identity.number.as_ref()));
            (
                format!("/households/{}", seen.record.id),
                sealed(number),
                Cell::of(""),
            )
        }
        _ => (
            format!("/records/{}/history", seen.record.id),
            Cell::of(""),
            Cell::of(""),
        ),
    };
    let kind: Kind = seen.record.body.kind();
    FoundLine {
        to,
        kind: words.kind(kind),
        name,
        document,
        area,
        area_to,
    }
}
