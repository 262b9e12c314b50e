//! The public page of a notice: what is posted, and the form by which anybody objects. Nobody signs in.
//!
//! The list is shown while the notice hangs and not longer: a page is easier to copy than a sheet on a wall.

use askama::Template;
use axum::{
    extract::{
        Extension, Form, Path, Query, State as Extract,
        rejection::{FormRejection, QueryRejection},
    },
    response::{IntoResponse as _, Redirect, Response},
};
use lika_core::{
    record::{Item, Notice},
    value::{Name, RecordId},
};
use serde::Deserialize;

use super::{
    State,
    account::malformed,
    door::{self, Frame, Visitor, parse_request, request_id},
    records,
    words::Words,
};
use crate::gateway::{Error, cases::Posted};

#[derive(Template)]
#[template(path = "notice.html")]
struct NoticePage {
    page: Frame,
    to: String,
    place: String,
    time: String,
    digest: String,
    /// Empty while it does not hang.
    items: Vec<ItemLine>,
    is_withdrawn: bool,
    /// An objection has just been received.
    is_received: bool,
    /// For objecting: sent twice it is one.
    request: String,
}

struct ItemLine {
    case: String,
    name: String,
    village: String,
    people: String,
    category: String,
}

/// What stands in the address after objecting.
#[derive(Deserialize)]
pub struct Received {
    received: Option<String>,
}

/// What somebody objects to.
#[derive(Deserialize)]
pub struct Objected {
    /// Chosen with the form, so that sending it twice is one request.
    request: String,
    case: String,
    objection: String,
}

/// The page of a notice.
pub async fn notice(
    Extract(console): Extract<State>,
    Extension(visitor): Extension<Visitor>,
    Path(id): Path<String>,
    query: Result<Query<Received>, QueryRejection>,
) -> Response {
    door::page(console, visitor, move |console, visitor| {
        let Query(Received { received }) = query.map_err(|_| malformed())?;
        let id = records::parse_id(&id)?;
        let posted = console.gateway().posted(&id)?;
        Ok(build(visitor, &id, &posted, received.is_some()))
    })
    .await
}

/// Takes down an objection.
pub async fn object(
    Extract(console): Extract<State>,
    Extension(visitor): Extension<Visitor>,
    Path(id): Path<String>,
    form: Result<Form<Objected>, FormRejection>,
) -> Response {
    let done = async {
        let Form(Objected {
            request,
            case,
            objection,
        }) = form.map_err(|_| malformed())?;
        let (id, case) = (records::parse_id(&id)?, records::parse_id(&case)?);
        let request = parse_request(&request)?;
        let gateway = console.gateway();
        gateway.object(request, &id, &case, &objection).await?;
        Ok(id)
    };
    // Whoever loads the page again asks for it and sends nothing.
    match done.await {
        Ok(id) => Redirect::to(&format!("{}?received=1", address(&id))).into_response(),
        Err(error) => visitor.answer::<NoticePage>(Err::<_, Error>(error)),
    }
}

fn build(visitor: &Visitor, id: &RecordId, posted: &Posted, is_received: bool) -> NoticePage {
    let words = Words(visitor.language);
    let Posted {
        notice,
        area: _,
        is_withdrawn,
        hangs,
    } = posted;
    let title = format!(
        "{}{}",
        words.code("case-kind", notice.kind.as_str()),
        words.t("公示", ": public notice")
    );
    NoticePage {
        page: visitor.frame(title),
        to: address(id),
        place: notice.place.to_string(),
        time: words.span(notice.from, Some(notice.until)),
        digest: notice
            .digest
            .map(|digest| digest.to_string())
            .unwrap_or_default(),
        items: if *hangs {
            items(words, notice)
        } else {
            Vec::new()
        },
        is_withdrawn: *is_withdrawn,
        is_received,
        request: request_id(),
    }
}

fn items(words: Words, notice: &Notice) -> Vec<ItemLine> {
    let names = notice.names.iter().flatten();
    let items = notice.items.iter().zip(names);
    items
        .map(|(item, name)| line(words, item, name.as_ref()))
        .collect()
}

fn line(words: Words, item: &Item, name: Option<&Name>) -> ItemLine {
    let Item {
        case,
        village,
        people,
        category,
    } = item;
    let category = category.as_ref();
    ItemLine {
        case: case.to_string(),
        name: name.map(ToString::to_string).unwrap_or_default(),
        village: village
            .as_ref()
            .map(ToString::to_string)
            .unwrap_or_default(),
        people: people.map(|people| people.to_string()).unwrap_or_default(),
        category: category
            .map(|code| words.code("household-type", code.as_str()))
            .unwrap_or_default(),
    }
}

/// The address of a notice's page.
pub fn address(id: &RecordId) -> String {
    format!("/notices/{id}")
}
