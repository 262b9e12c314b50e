//! `lika rollup verify`.

use std::{path::Path, sync::Arc};

use anyhow::Context as _;
use clap::Args;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use lika_core::value::AreaCode;
use lika_proto::v1::{self, verify_roll_up_event::Event};
use serde_json::json;

use super::super::{Answer, Called, Output, block_on, client, node, output::shown_id};
use crate::{
    clock::System,
    config::Config,
    setup,
    store::{self, Difference, Recounted, Store, Witness},
};

/// Which totals to add up once more.
#[derive(Args, Debug)]
pub struct Verify {
    /// Those of this area and the areas inside it, by its code; your own area when it is not given.
    #[arg(long, default_value = "", hide_default_value = true)]
    area: String,
    /// The node does not run: open its data folder instead of calling it.
    #[arg(long)]
    stopped: bool,
    #[command(flatten)]
    called: Called,
}

/// What came of it.
struct Verified {
    summary: v1::VerifyRollUpSummary,
    differences: Vec<v1::TotalDifference>,
}

/// Adds up, compares, and names what differs: a truthful no.
pub fn run(verify: &Verify, output: &mut Output) -> anyhow::Result<Answer> {
    let verified = match verify.stopped {
        true => in_folder(&verify.called.config, &verify.area)?,
        false => on_node(verify)?,
    };
    output.answer(|| text(&verified), || value(&verified))?;
    Ok(match verified.summary.differences {
        0 => Answer::Yes,
        _ => Answer::No,
    })
}

fn on_node(verify: &Verify) -> anyhow::Result<Verified> {
    block_on(async {
        let mut reports = client::reports(&verify.called).await?;
        let request = v1::VerifyRollUpRequest {
            area: verify.area.clone(),
        };
        let events = reports.verify_roll_up(request).await;
        let mut events = events.map_err(client::refused)?.into_inner();
        let (bar, mut differences) = (bar(), Vec::new());
        while let Some(message) = events.message().await.map_err(client::refused)? {
            match message.event {
                Some(Event::Progress(v1::VerifyRollUpProgress { done, of })) => {
                    bar.set_length(of);
                    bar.set_position(done);
                }
                Some(Event::Difference(difference)) => differences.push(difference),
                Some(Event::Summary(summary)) => {
                    bar.finish_and_clear();
                    return Ok(Verified {
                        summary,
                        differences,
                    });
                }
                None => {}
            }
        }
        anyhow::bail!("the node ended without saying what came of it; ask again")
    })
}

fn in_folder(config: &Path, area: &str) -> anyhow::Result<Verified> {
    let config = Config::read(config)?;
    let area = match area {
        "" => config.area,
        area => AreaCode::parse(area).context("--area")?,
    };
    let mut progress = node::print_progress();
    let settings = setup::store_settings(&config);
    let store = Store::open(&settings, Arc::new(System), &mut progress)?;
    let mut heard = Heard {
        bar: bar(),
        differences: Vec::new(),
    };
    let recounted = store.reader().recount(&area, &mut heard);
    heard.bar.finish_and_clear();
    let Recounted {
        at,
        records,
        totals,
        differences,
    } = recounted?;
    match store.close() {
        // What is named below the store has found too, and makes the totals again when the node is started.
        Err(store::Error::Stopped(_)) if !heard.differences.is_empty() => {}
        closed => closed?,
    }
    let at = at.into_iter().map(|(node, position)| v1::LogPosition {
        node: node.0.to_vec(),
        epoch: position.epoch,
        seq: position.seq,
    });
    Ok(Verified {
        summary: v1::VerifyRollUpSummary {
            area: area.digits().to_owned(),
            at: at.collect(),
            records,
            totals,
            differences,
        },
        differences: heard.differences,
    })
}

struct Heard {
    bar: ProgressBar,
    differences: Vec<v1::TotalDifference>,
}

impl Witness for Heard {
    fn goes_on(&mut self, done: u64, of: u64) {
        self.bar.set_length(of);
        self.bar.set_position(done);
    }

    fn differs(&mut self, difference: Difference) {
        let Difference {
            area,
            period,
            dimension,
            maintained,
            recounted,
        } = difference;
        self.differences.push(v1::TotalDifference {
            area: area.digits().to_owned(),
            period: period.number(),
            dimension,
            maintained,
            recounted,
        });
    }
}

fn bar() -> ProgressBar {
    let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
    if let Ok(style) = ProgressStyle::with_template("townships {pos}/{len} {wide_bar} {elapsed}") {
        bar.set_style(style);
    }
    bar
}

fn text(verified: &Verified) -> String {
    let Verified {
        summary,
        differences,
    } = verified;
    let mut lines: Vec<String> = differences
        .iter()
        .map(|it| {
            let (area, period, dimension) = (&it.area, it.period, &it.dimension);
            let (maintained, recounted) = (it.maintained, it.recounted);
            format!("{area}\t{period}\t{dimension}\tmaintained {maintained}\trecounted {recounted}")
        })
        .collect();
    let (records, totals) = (summary.records, summary.totals);
    lines.push(match summary.differences {
        0 => format!("{totals} totals of area {} are what its {records} records add up to", summary.area),
        differences => format!(
            "{differences} of {totals} totals of area {} are not what its {records} records add up to; \
             lika log verify says whether the registry is what the logs give",
            summary.area
        ),
    });
    lines.join("\n")
}

fn value(verified: &Verified) -> serde_json::Value {
    let Verified {
        summary,
        differences,
    } = verified;
    let differing = differences.iter().map(|it| {
        json!({
            "area": it.area,
            "period": it.period,
            "dimension": it.dimension,
            "maintained": it.maintained,
            "recounted": it.recounted,
        })
    });
    let at = summary
        .at
        .iter()
        .map(|it| json!({"node": shown_id(&it.node), "epoch": it.epoch, "seq": it.seq}));
    json!({
        "area": summary.area,
        "agrees": summary.differences == 0,
        "records": summary.records,
        "totals": summary.totals,
        "differences": differing.collect::<Vec<_>>(),
        "at": at.collect::<Vec<_>>(),
    })
}
