//! Durable writes: 64 clients, each waiting for the answer to its visit record before it sends the next.

use std::{
    fs,
    path::Path,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result};
use lika_proto::{
    log::v1::{self as message, Kind},
    v1::{self, registry_client::RegistryClient},
};
use tokio::runtime::Runtime;
use tonic::transport::Channel;

use super::{
    county::{self, County},
    node::Running,
    peers::{disk, postgres, tree},
    table::{Row, number},
};

pub const CLIENTS: usize = 64;
pub const SPAN: Duration = Duration::from_secs(10);

/// What the visits are about.
#[derive(Clone)]
struct Visits {
    households: Vec<(Vec<u8>, String)>,
    cadres: Vec<(Vec<u8>, String)>,
}

/// What one run wrote.
struct Written {
    entries: u64,
    took: Duration,
    node: Duration,
    bytes: u64,
}

impl Written {
    fn per_second(&self) -> f64 {
        self.entries as f64 / self.took.as_secs_f64()
    }
}

/// Measures the node, and then its peers with records of the size that the node writes.
pub fn measure(
    county: &County,
    node: Running,
    folder: &Path,
    runtime: &Runtime,
    rows: &mut Vec<Row>,
) -> Result<()> {
    let log = county.office.data()?.join("log");
    let [each, few, many] = runtime.block_on(async {
        let visits = Visits {
            households: county::list(node.connect().await?, Kind::Household).await?,
            cadres: county::list(node.connect().await?, Kind::Cadre).await?,
        };
        let each = write(&node, &visits, &log, CLIENTS, CLIENTS).await?;
        let few = write(&node, &visits, &log, 4, CLIENTS).await?;
        let many = write(&node, &visits, &log, 16, 8 * CLIENTS).await?;
        anyhow::Ok([each, few, many])
    })?;
    // The peers have the machine to themselves.
    node.stop()?;

    let size = usize::try_from(each.bytes / each.entries)?;
    let disk = disk::measure(folder, size)?;
    let tree = tree::measure(folder, size)?;
    let certificates = county.office.certificates()?;
    let postgres = postgres::measure(&certificates)?;

    let ours = each.per_second();
    let row = || {
        Row::new(
            format!("durable writes, gRPC + mTLS, {CLIENTS} connections"),
            format!("{}/s", number(ours)),
        )
    };
    rows.push(
        row()
            .against(
                format!("disk, append + fdatasync {}/s", number(disk)),
                ours / disk,
            )
            .target("≥ 0.5", ours / disk >= 0.5),
    );
    let peer = format!("sled, grouped, 3 index keys {}/s", number(tree));
    rows.push(row().against(peer, ours / tree));
    rows.push(match postgres {
        Some((version, postgres)) => row()
            .against(
                format!("{version}, TLS {}/s", number(postgres)),
                ours / postgres,
            )
            .target("≥ 2", ours / postgres >= 2.0),
        None => row().without("PostgreSQL: not installed").open("≥ 2"),
    });
    for (clients, connections, run) in [(CLIENTS, 4, &few), (8 * CLIENTS, 16, &many)] {
        rows.push(
            Row::new(
                format!("the same, {clients} clients over {connections} connections"),
                format!("{}/s", number(run.per_second())),
            )
            .against("disk, as above", run.per_second() / disk),
        );
    }
    let microseconds = each.node.as_secs_f64() * 1e6 / each.entries as f64;
    rows.push(Row::new(
        format!("processor time of the node for a write of {size} bytes"),
        format!("{microseconds:.0} µs"),
    ));
    Ok(())
}

async fn write(
    node: &Running,
    visits: &Visits,
    log: &Path,
    connections: usize,
    clients: usize,
) -> Result<Written> {
    let mut channels = Vec::new();
    for _ in 0..connections {
        channels.push(node.connect().await?);
    }
    let bytes = size_of(log)?;
    let busy = node.processor_time()?;
    let begun = Instant::now();
    let clients: Vec<_> = (0..clients)
        .map(|client| {
            let channel = channels[client % connections].clone();
            tokio::spawn(write_until(channel, visits.clone(), client, begun + SPAN))
        })
        .collect();
    let mut entries = 0;
    for client in clients {
        entries += client.await??;
    }
    Ok(Written {
        entries,
        took: begun.elapsed(),
        node: node.processor_time()? - busy,
        bytes: size_of(log)? - bytes,
    })
}

async fn write_until(channel: Channel, visits: Visits, client: usize, end: Instant) -> Result<u64> {
    let mut registry = RegistryClient::new(channel);
    let mut written = 0;
    while Instant::now() < end {
        let place = client * 7_919 + usize::try_from(written)? * 31;
        let (household, village) = &visits.households[place % visits.households.len()];
        let (cadre, _) = &visits.cadres[place % visits.cadres.len()];
        registry.apply(visit(household, village, cadre)).await?;
        written += 1;
    }
    Ok(written)
}

/// A visit with what was seen and agreed: about 500 bytes, 300 of them sealed.
fn visit(household: &[u8], village: &str, cadre: &[u8]) -> v1::ApplyRequest {
    let body = message::Visit {
        open: Some(message::visit::Open {
            household: household.to_vec(),
            cadre: cadre.to_vec(),
            on: 20_161_015,
            purpose: "regular".to_owned(),
        }),
        free_text: Some(message::visit::FreeText { note: note() }),
    };
    v1::ApplyRequest {
        request: uuid::Uuid::new_v4().as_bytes().to_vec(),
        changes: vec![v1::Change {
            action: message::Action::Create.into(),
            expected_revision: 0,
            record: Some(v1::Record {
                area: village.to_owned(),
                body: Some(v1::record::Body::Visit(body)),
                ..Default::default()
            }),
        }],
    }
}

/// What a visit says, 300 bytes of Chinese.
pub fn note() -> String {
    let seen = "到户走访，了解生产生活情况。今年种水稻四亩，养猪两头，收成好于去年，销路尚有困难。";
    seen.repeat(3).chars().take(100).collect()
}

fn size_of(folder: &Path) -> Result<u64> {
    let mut size = 0;
    for entry in
        fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))?
    {
        let entry = entry?;
        let metadata = entry.metadata()?;
        size += if metadata.is_dir() {
            size_of(&entry.path())?
        } else {
            metadata.len()
        };
    }
    Ok(size)
}
