//! The status of the node: its log, the logs below it, and the links.

use askama::Template;
use axum::{
    extract::{Extension, State as Extract},
    response::Response,
};
use lika_core::value::Digest;

use super::{
    State, areas,
    door::{self, Frame, Visitor},
    sheet,
    words::{Cell, Words},
};
use crate::{gateway::Error, store::Tail};

#[derive(Template)]
#[template(path = "status.html")]
struct StatusPage {
    page: Frame,
    node: String,
    name: Cell,
    area: String,
    version: &'static str,
    stopped: String,
    head: Option<HeadView>,
    below: Vec<LogLine>,
    above: Option<AboveView>,
}

struct HeadView {
    position: String,
    hash: Digest,
}

struct LogLine {
    node: String,
    name: Cell,
    area: Cell,
    head: HeadView,
    is_connected: bool,
}

struct AboveView {
    address: String,
    is_connected: bool,
    acknowledged: Cell,
    failure: Cell,
}

/// The page.
pub async fn status(
    Extract(console): Extract<State>,
    Extension(visitor): Extension<Visitor>,
) -> Response {
    door::page(console, visitor, build).await
}

fn build(console: &State, visitor: &Visitor) -> Result<StatusPage, Error> {
    visitor.caller()?;
    let (gateway, words) = (console.gateway(), Words(visitor.language));
    let reader = gateway.reader();
    let own = reader.node();
    let links = &console.inner.links;
    let below = reader
        .heads()
        .into_iter()
        .filter(|tail| tail.node != own)
        .map(|tail| {
            let area = links.connected_below(&tail.node);
            Ok(LogLine {
                node: tail.node.to_string(),
                name: words.text(gateway.node_name(&tail.node)?),
                area: area.map_or_else(
                    || Cell {
                        text: "–".to_owned(),
                        class: "none",
                    },
                    |area| Cell::of(area.digits()),
                ),
                head: head(words, &tail),
                is_connected: area.is_some(),
            })
        });
    let area = gateway.area();
    let nothing = || Cell {
        text: words.t("无", "none").to_owned(),
        class: "none",
    };
    Ok(StatusPage {
        page: visitor.frame(words.t("节点状态", "Status of the node")),
        node: own.to_string(),
        name: words.text(gateway.node_name(&own)?),
        area: format!(
            "{} {}",
            area.digits(),
            areas::named(words, &area, gateway.area_name(&area)?)
        ),
        version: env!("CARGO_PKG_VERSION"),
        stopped: gateway.store().stopped().unwrap_or_default().to_owned(),
        head: reader.head(&own).map(|tail| head(words, &tail)),
        below: below.collect::<Result<_, Error>>()?,
        above: links.above().map(|above| AboveView {
            address: above.address,
            is_connected: above.connected,
            acknowledged: above.acknowledged.map_or_else(nothing, |at| {
                Cell::of(sheet::position(words, at.epoch, at.seq))
            }),
            failure: if above.last_failure.is_empty() {
                nothing()
            } else {
                Cell::of(above.last_failure)
            },
        }),
    })
}

fn head(words: Words, tail: &Tail) -> HeadView {
    HeadView {
        position: sheet::position(words, tail.position.epoch, tail.position.seq),
        hash: tail.hash,
    }
}
