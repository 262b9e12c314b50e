//! Catching up: a province that starts empty beside a county with more than 100,000 entries.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result};
use lika_proto::v1::{self, reports_client::ReportsClient};
use tokio::time::sleep;
use tonic::transport::Channel;

use super::{
    county::County,
    node::Running,
    peers::tree,
    table::{Row, number},
};

const POLL: Duration = Duration::from_millis(20);
const LONGEST: Duration = Duration::from_secs(120);

/// Starts the province, waits until it has everything, stops it, and loads its keys into sled alone.
pub async fn measure(
    county: &County,
    node: &Running,
    folder: &Path,
    rows: &mut Vec<Row>,
) -> Result<()> {
    let head = status(&mut ReportsClient::new(node.connect().await?))
        .await?
        .head;
    let head = head.context("the county has no entries")?.seq;
    let (province, _) = county.province.start()?;
    let mut reports = ReportsClient::new(province.connect().await?);
    let (first, begun) = wait(&mut reports, 1).await?;
    let (last, ended) = wait(&mut reports, head).await?;
    let busy = province.processor_time()?;
    let [now, highest] = province.memory()?;
    province.stop()?;

    let entries = last - first;
    let per_second = entries as f64 / (ended - begun).as_secs_f64();
    let pairs = tree::read(&county.province.data()?.join("registry"))?;
    let loaded = tree::load(&folder.join("sled-loaded"), &pairs)?;
    // The same keys in the same time are as many entries.
    let sled = last as f64 / loaded.as_secs_f64();
    let row = || {
        Row::new(
            format!("federation catch-up, {} entries, mTLS", number(last as f64)),
            format!("{} entries/s", number(per_second)),
        )
    };
    let keys = number(pairs.len() as f64);
    rows.push(
        row()
            .against(
                format!(
                    "sled loading its {keys} keys, sorted: {} entries/s",
                    number(sled)
                ),
                per_second / sled,
            )
            .target("≥ 0.7", per_second / sled >= 0.7),
    );
    rows.push(
        row()
            .without(format!(
                "{:.0} µs of one processor an entry at the province",
                busy.as_secs_f64() * 1e6 / last as f64
            ))
            .target("≥ 20,000/s on 2 processors", per_second >= 20_000.0),
    );
    rows.push(Row::new(
        "memory of the province after catching up (highest)",
        format!("{now:.0} ({highest:.0}) MiB"),
    ));
    Ok(())
}

/// Waits until the province has so many entries of the county; how many it had then, and when.
async fn wait(reports: &mut ReportsClient<Channel>, seq: u64) -> Result<(u64, Instant)> {
    let begun = Instant::now();
    loop {
        let status = status(reports).await?;
        let heads = status.below.into_iter().filter_map(|peer| peer.head);
        let reached = heads.map(|head| head.seq).max().unwrap_or_default();
        if reached >= seq {
            return Ok((reached, Instant::now()));
        }
        anyhow::ensure!(
            begun.elapsed() < LONGEST,
            "the province has {reached} of {seq} entries after {LONGEST:?}"
        );
        sleep(POLL).await;
    }
}

async fn status(reports: &mut ReportsClient<Channel>) -> Result<v1::StatusResponse> {
    Ok(reports.status(v1::StatusRequest {}).await?.into_inner())
}
