//! The status of the node: its log, the logs below it, and the links.

use askama::Template;
use axum::{
    extract::{Extension, State as Extract},
    response::Response,
};
use lika_core::value::Digest;
use lika_proto::v1::UpperStatus;

use super::{
    Language, State, areas,
    door::{self, Frame, Visitor},
    sheet,
    words::{Cell, Words},
};
use crate::{
    gateway::{Error, replay::Received},
    store::Tail,
};

#[derive(Template)]
#[template(path = "status.html")]
struct StatusPage {
    page: Frame,
    node: String,
    name: Cell,
    area: String,
    version: &'static str,
    alerts: String,
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
    sampled: Cell,
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
            let area = links.below(&tail.node).area;
            Ok(LogLine {
                node: tail.node.to_string(),
                name: words.text(gateway.node_name(&tail.node)?),
                area: area.map_or_else(|| Cell::absent("–"), |area| Cell::of(area.digits())),
                head: head(words, &tail),
                is_connected: area.is_some(),
                sampled: sampled(words, gateway.looked_at(&tail.node)),
            })
        });
    let area = gateway.area();
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
        alerts: gateway.open_alerts(&area)?.to_string(),
        stopped: gateway.store().stopped().unwrap_or_default().to_owned(),
        head: reader.head(&own).map(|tail| head(words, &tail)),
        below: below.collect::<Result<_, Error>>()?,
        above: links.above().map(|above| above_view(words, above)),
    })
}

fn above_view(words: Words, above: UpperStatus) -> AboveView {
    let UpperStatus {
        address,
        connected,
        acknowledged,
        last_failure,
        clock_ahead_ms: _,
        passed: _,
    } = above;
    let acknowledged = acknowledged.map(|head| sheet::position(words, head.epoch, head.seq));
    let failure = Some(last_failure).filter(|failure| !failure.is_empty());
    AboveView {
        address,
        is_connected: connected,
        acknowledged: acknowledged.map_or_else(|| words.nothing(), Cell::of),
        failure: failure.map_or_else(|| words.nothing(), Cell::of),
    }
}

fn sampled(words: Words, received: Option<Received>) -> Cell {
    let Some(received) = received else {
        return words.nothing();
    };
    let Received {
        seq,
        chosen,
        mismatches,
        ..
    } = received;
    Cell::of(match words.0 {
        Language::Chinese => {
            format!("已查至第 {seq} 条：重新执行 {chosen} 次，不一致 {mismatches} 次")
        }
        Language::English => {
            format!("up to entry {seq}: {chosen} evaluations, {mismatches} mismatches")
        }
    })
}

fn head(words: Words, tail: &Tail) -> HeadView {
    HeadView {
        position: sheet::position(words, tail.position.epoch, tail.position.seq),
        hash: tail.hash,
    }
}
