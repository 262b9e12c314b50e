//! Card, village book, township ledger and county archive as pages that print: the same rows as in the workbooks.

use askama::Template;
use axum::{
    extract::{Extension, Path, State as Extract},
    response::Response,
};
use lika_core::{
    authority::Permission,
    value::{AreaCode, AreaLevel},
};

use super::{
    Language, State,
    areas::{self, Link},
    door::{self, Frame, Visitor},
    sheet::Line,
    words::{Cell, Words},
};
use crate::{
    gateway::{Caller, Error},
    views::{Card, Table, Text, Value},
};

/// A view of a village names everybody in it on a page that prints: it takes what a file of it takes.
const NAMING: Permission = Permission::Export;

#[derive(Template)]
#[template(path = "views.html")]
struct ViewPage {
    page: Frame,
    crumbs: Vec<Link>,
    tables: Vec<TableView>,
    cards: Vec<CardView>,
    is_empty: bool,
}

struct TableView {
    title: String,
    of: String,
    headings: Vec<String>,
    rows: Vec<Vec<Part>>,
    total: Vec<Part>,
}

struct CardView {
    village: String,
    lines: Vec<Line>,
    tables: Vec<TableView>,
}

struct Part {
    value: Cell,
    is_number: bool,
}

/// The book of a village, the ledger of a township or the archive of a county.
pub async fn book(
    Extract(console): Extract<State>,
    Extension(visitor): Extension<Visitor>,
    Path(code): Path<String>,
) -> Response {
    door::page(console, visitor, move |console, visitor| {
        let (gateway, caller) = (console.gateway(), visitor.caller()?);
        let (area, year) = (parse(&code)?, gateway.year_of_views()?);
        let table = match area.level() {
            AreaLevel::Village => {
                caller.must(NAMING, &area)?;
                gateway.book(caller, &area, year)?.table()
            }
            AreaLevel::Township => gateway
                .ledger::<Error>(caller, &area, year, &mut ())?
                .table(),
            _ => gateway
                .archive::<Error>(caller, &area, year, &mut ())?
                .table(),
        };
        let is_empty = table.rows.is_empty();
        let page = page(console, visitor, &area, table.title)?;
        Ok::<_, Error>(ViewPage {
            tables: vec![table_view(visitor.language, &table)],
            is_empty,
            ..page
        })
    })
    .await
}

/// The cards of a village, one a page.
pub async fn cards(
    Extract(console): Extract<State>,
    Extension(visitor): Extension<Visitor>,
    Path(code): Path<String>,
) -> Response {
    door::page(console, visitor, move |console, visitor| {
        let (gateway, caller) = (console.gateway(), visitor.caller()?);
        let (area, year) = (parse(&code)?, gateway.year_of_views()?);
        caller.must(NAMING, &area)?;
        let cards = gateway.book(caller, &area, year)?.cards();
        let page = page(console, visitor, &area, ("农户卡", "Household cards"))?;
        let view = |card: &Card| card_view(visitor.language, card);
        Ok::<_, Error>(ViewPage {
            is_empty: cards.is_empty(),
            cards: cards.iter().map(view).collect(),
            ..page
        })
    })
    .await
}

/// The views of an area that a caller may see.
pub fn links(words: Words, caller: &Caller, area: &AreaCode) -> Vec<Link> {
    let link = |page, zh, en| Link {
        to: format!("/areas/{}/{page}", area.digits()),
        text: words.t(zh, en).to_owned(),
    };
    if !caller.may(Permission::ReadOpen, area) {
        return Vec::new();
    }
    match area.level() {
        AreaLevel::Village if !caller.may(NAMING, area) => Vec::new(),
        AreaLevel::Village => vec![
            link("book", "村册", "Village book"),
            link("cards", "打印农户卡", "Print the household cards"),
        ],
        AreaLevel::Township => vec![link("book", "乡簿", "Township ledger")],
        AreaLevel::County => vec![link("book", "县库", "County archive")],
        AreaLevel::Nation | AreaLevel::Province | AreaLevel::Prefecture => Vec::new(),
    }
}

fn parse(code: &str) -> Result<AreaCode, Error> {
    AreaCode::parse(code).map_err(|error| Error::Malformed(error.to_string()))
}

fn page(
    console: &State,
    visitor: &Visitor,
    area: &AreaCode,
    title: Text,
) -> Result<ViewPage, Error> {
    let place = console.gateway().place(visitor.caller()?, area)?;
    Ok(ViewPage {
        page: visitor.frame(visitor.t(title.0, title.1)),
        crumbs: areas::crumbs(Words(visitor.language), &place),
        tables: Vec::new(),
        cards: Vec::new(),
        is_empty: false,
    })
}

fn card_view(language: Language, card: &Card) -> CardView {
    let line = |(label, value): &(Text, Value)| Line {
        label: pick(language)(*label),
        value: cell(language, value),
    };
    CardView {
        village: card.village.clone(),
        lines: card.lines.iter().map(line).collect(),
        tables: card
            .tables
            .iter()
            .map(|table| table_view(language, table))
            .collect(),
    }
}

fn table_view(language: Language, table: &Table) -> TableView {
    let part = |value: &Value| Part {
        value: cell(language, value),
        is_number: value.is_number(),
    };
    let row = |values: &Vec<Value>| values.iter().map(part).collect();
    TableView {
        title: pick(language)(table.title).to_owned(),
        of: table.of.clone(),
        headings: table
            .headings
            .iter()
            .map(|heading| heading.shown(pick(language)))
            .collect(),
        rows: table.rows.iter().map(row).collect(),
        total: table.total.as_ref().map(row).unwrap_or_default(),
    }
}

/// What is withheld never looks like what there is not; money and counts are separated as on every page.
fn cell(language: Language, value: &Value) -> Cell {
    let words = Words(language);
    match value {
        Value::Unknown => words.none(),
        Value::Withheld => words.withheld(),
        Value::Money(amount) => Cell::of(words.money(*amount)),
        Value::Count(count) => Cell::of(words.count(*count)),
        value => Cell::of(value.shown(pick(language))),
    }
}

fn pick(language: Language) -> fn(Text) -> &'static str {
    match language {
        Language::Chinese => |text| text.0,
        Language::English => |text| text.1,
    }
}
