//! The history of a record: who changed what, when.

use askama::Template;
use axum::{
    extract::{Extension, Path, State as Extract},
    response::Response,
};
use lika_core::{
    log::{Action, Kind},
    record::Body,
    value::RecordId,
};

use super::{
    State, alerts,
    areas::{self, Link},
    cases,
    door::{self, Frame, Visitor},
    doubts, enactments, notices,
    sheet::{self, Difference, Line},
    words::{Cell, Words},
};
use crate::gateway::{Error, pages::Revision};

#[derive(Template)]
#[template(path = "history.html")]
struct HistoryPage {
    page: Frame,
    crumbs: Vec<Link>,
    kind: &'static str,
    id: RecordId,
    /// The page of the record; empty for kinds without one.
    to: String,
    /// What the record alone does not say: what is on an account now.
    now: Vec<Line>,
    revisions: Vec<RevisionView>,
}

struct RevisionView {
    number: u32,
    when: String,
    who: Cell,
    what: &'static str,
    place: String,
    lines: Vec<Line>,
    differences: Vec<Difference>,
    /// Something changed that is not shown: a masked number, a hidden part.
    is_hidden: bool,
}

/// The revisions of a record.
pub async fn history(
    Extract(console): Extract<State>,
    Extension(visitor): Extension<Visitor>,
    Path(id): Path<String>,
) -> Response {
    door::page(console, visitor, move |console, visitor| {
        build(console, visitor, &parse_id(&id)?)
    })
    .await
}

/// Reads an id of an address.
pub fn parse_id(text: &str) -> Result<RecordId, Error> {
    RecordId::parse(text).map_err(|_| Error::Malformed("the address has no record's id".to_owned()))
}

/// The address of the page that shows a record; none for kinds without one.
pub fn page_of(id: &RecordId, body: &Body) -> Option<String> {
    match body {
        Body::Household(_) => Some(format!("/households/{id}")),
        Body::Decision(_) => Some(format!("/decisions/{id}")),
        Body::Alert(_) => Some(alerts::address(id)),
        Body::Doubt(_) => Some(doubts::address(id)),
        Body::Case(_) => Some(cases::address(id)),
        Body::Notice(_) => Some(notices::address(id)),
        Body::Area(area) => Some(areas::address(&area.code)),
        Body::Member(member) => Some(format!("/households/{}", member.household)),
        Body::Enactment(_) => Some(enactments::address(id)),
        _ => None,
    }
}

/// The address of the page of a record's history.
pub fn history_of(id: &RecordId) -> String {
    format!("/records/{id}/history")
}

fn build(console: &State, visitor: &Visitor, id: &RecordId) -> Result<HistoryPage, Error> {
    let (gateway, caller, words) = (
        console.gateway(),
        visitor.caller()?,
        Words(visitor.language),
    );
    let revisions = gateway.revisions(caller, id)?;
    let last = revisions.last().ok_or(Error::NotFound(*id))?;
    let (kind, area) = (last.seen.record.body.kind(), last.seen.record.area);
    let to = page_of(id, &last.seen.record.body).unwrap_or_default();
    let now = match &last.seen.record.body {
        Body::Account(_) => sheet::balance(words, gateway.balance(caller, id)?),
        _ => Vec::new(),
    };
    let place = gateway.place(caller, &area)?;
    Ok(HistoryPage {
        page: visitor.frame(title(words, kind)),
        crumbs: areas::crumbs(words, &place),
        kind: words.kind(kind),
        id: *id,
        to,
        now,
        revisions: views(words, &revisions),
    })
}

/// The latest first; the first revision shows everything, the others what they changed.
fn views(words: Words, revisions: &[Revision]) -> Vec<RevisionView> {
    let mut views = Vec::new();
    let mut before: Option<(&Revision, Vec<Line>)> = None;
    for revision in revisions {
        let seen = &revision.seen;
        let lines = sheet::lines(words, &seen.withheld, &seen.record.body);
        let differences = before
            .as_ref()
            .map(|(_, before)| sheet::differences(before, &lines));
        let is_changed = before
            .as_ref()
            .is_some_and(|(before, _)| before.seen.record.body != seen.record.body);
        let is_first = differences.is_none();
        let differences = differences.unwrap_or_default();
        views.push(RevisionView {
            number: seen.record.revision,
            when: words.recorded(seen.header.recorded_at),
            who: revision
                .actor
                .clone()
                .map_or_else(|| words.withheld(), Cell::of),
            what: match revision.action {
                Action::Create => words.t("登记", "registered"),
                Action::Change => words.t("修改", "changed"),
                Action::Close => words.t("注销", "closed"),
            },
            place: sheet::position(words, seen.header.epoch, seen.header.seq),
            lines: if is_first { lines.clone() } else { Vec::new() },
            is_hidden: is_changed && differences.is_empty(),
            differences,
        });
        before = Some((revision, lines));
    }
    views.reverse();
    views
}

fn title(words: Words, kind: Kind) -> String {
    format!("{} · {}", words.t("历史记录", "History"), words.kind(kind))
}
