//! `lika rollup show`.

use clap::Args;
use lika_proto::v1;
use serde_json::{Map, json};

use super::super::{Answer, Called, Output, block_on, client};

/// Which totals.
#[derive(Args, Debug)]
pub struct Show {
    /// The area; the nation when it is not given.
    #[arg(default_value = "", hide_default_value = true)]
    area: String,
    #[command(flatten)]
    called: Called,
}

/// Prints the totals, a line each.
pub fn run(show: &Show, output: &mut Output) -> anyhow::Result<Answer> {
    let response = block_on(async {
        let mut reports = client::reports(&show.called).await?;
        let request = v1::RollUpRequest {
            area: show.area.clone(),
            by_child: false,
        };
        Ok(reports
            .roll_up(request)
            .await
            .map_err(client::refused)?
            .into_inner())
    })?;
    let totals = response.area.unwrap_or_default();
    output.answer(
        || text(&totals),
        || {
            let figures = totals.totals.iter().map(|total| (key(total), json!(total.value)));
            json!({"area": totals.area, "name": totals.name, "totals": figures.collect::<Map<_, _>>()})
        },
    )?;
    Ok(Answer::Yes)
}

fn text(totals: &v1::AreaTotals) -> String {
    if totals.totals.is_empty() {
        return format!("area {} has no totals yet", totals.area);
    }
    let lines = totals.totals.iter();
    let lines =
        lines.map(|total| format!("{}\t{}\t{}", total.period, total.dimension, total.value));
    lines.collect::<Vec<_>>().join("\n")
}

fn key(total: &v1::Total) -> String {
    match total.period {
        0 => total.dimension.clone(),
        period => format!("{}@{period}", total.dimension),
    }
}
