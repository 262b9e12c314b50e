//! What hostile policies do to everybody else: the time of ordinary questions at a moderate load, quiet and while one
//! policy after another is tried that loops, asks for all memory, or crashes its child.
//!
//! A policy that is tried is not suspended after its failures, so this is the worst that anybody can do who may try
//! policies. Its child takes one of the processors.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result};
use lika_guests::{LOOP, MEMORY_BOMB, guest_that_reads};
use lika_proto::{
    log::v1::Kind,
    v1::{
        self, find_request::By, policies_client::PoliciesClient, preview_response::Part,
        registry_client::RegistryClient,
    },
};
use rustix::process::{Pid, Signal, kill_process};
use tokio::time::sleep;
use tonic::transport::Channel;

use super::{
    county::County,
    node::Running,
    packages::{Signer, admit},
    table::{Row, milliseconds, percentile},
};

const CLIENTS: usize = 4;
/// Between two questions of one client.
const PAUSE: Duration = Duration::from_millis(10);
/// Of each measurement; there is one before each attack and one beside it.
const SPAN: Duration = Duration::from_secs(3);
/// Until an attack has begun.
const WARMING_UP: Duration = Duration::from_millis(500);
/// The engine looks at the first signal and lets go, so every second one ends a child.
const BETWEEN_SIGNALS: Duration = Duration::from_millis(20);

/// What a policy does to the child that it runs in.
#[derive(Clone)]
struct Attack {
    name: &'static str,
    /// The policy's record.
    policy: Vec<u8>,
    /// A guest has no way to crash the engine, so its child is helped from outside.
    crashes: bool,
}

/// Measures the questions to a node that runs nothing else.
pub async fn measure(
    county: &Arc<County>,
    node: &Arc<Running>,
    signer: &Signer,
    rows: &mut Vec<Row>,
) -> Result<()> {
    let mut policies = PoliciesClient::new(node.connect().await?);
    let (mut quiet, mut attacked) = (Vec::new(), Vec::new());
    for attack in attacks(&mut policies, signer).await? {
        quiet.extend(times(county, node).await?);
        let (times, name) = (beside(&attack, county, node).await?, attack.name);
        attacked.push((percentile(times, 99), name));
    }
    let quiet = percentile(quiet, 99);
    let each: Vec<String> = attacked
        .iter()
        .map(|(time, name)| format!("{name} {}", milliseconds(*time)))
        .collect();
    let (worst, _) = attacked.into_iter().max().context("no attacks")?;
    let ratio = worst.as_secs_f64() / quiet.as_secs_f64();
    rows.push(
        Row::new(
            format!("questions beside a hostile policy, {CLIENTS} clients, p99"),
            each.join(", "),
        )
        .against(format!("quiet {}", milliseconds(quiet)), ratio)
        .target("≤ 3 on 2 processors", ratio <= 3.0),
    );
    Ok(())
}

/// Admits hostile policies: what a policy gives no answer to goes to a person, so they are admitted.
async fn attacks(policies: &mut PoliciesClient<Channel>, signer: &Signer) -> Result<[Attack; 3]> {
    let mut admitted = Vec::new();
    for body in [LOOP, MEMORY_BOMB] {
        let guest = guest_that_reads("household.key", "code", body);
        admitted.push(admit(policies, &signer.package(guest)?).await?.0);
    }
    let attack = |name, policy: usize, crashes| Attack {
        name,
        policy: admitted[policy].clone(),
        crashes,
    };
    Ok([
        attack("endless loop", 0, false),
        attack("memory bomb", 1, false),
        attack("crash", 0, true),
    ])
}

/// How long questions take beside an attack.
async fn beside(
    attack: &Attack,
    county: &Arc<County>,
    node: &Arc<Running>,
) -> Result<Vec<Duration>> {
    let village = county.villages.first().context("no villages")?;
    let policies = PoliciesClient::new(node.connect().await?);
    let end = Instant::now() + WARMING_UP + SPAN;
    let trying = tokio::spawn(keep_trying(policies, attack.clone(), village.clone(), end));
    let crashing = attack
        .crashes
        .then(|| tokio::spawn(crash(Arc::clone(node))));
    sleep(WARMING_UP).await;
    let times = times(county, node).await?;
    trying.await??;
    if let Some(crashing) = crashing {
        anyhow::ensure!(
            !crashing.is_finished(),
            "no child could be crashed any more"
        );
        crashing.abort();
    }
    Ok(times)
}

/// Tries a policy again and again, and sees that it never answers.
async fn keep_trying(
    mut policies: PoliciesClient<Channel>,
    attack: Attack,
    area: String,
    end: Instant,
) -> Result<()> {
    let request = v1::PreviewRequest {
        policy: Some(v1::PreviewCandidate {
            policy: attack.policy,
            settings: String::new(),
        }),
        area,
        ..Default::default()
    };
    while Instant::now() < end {
        let mut parts = match policies.preview(request.clone()).await {
            Ok(parts) => parts.into_inner(),
            // A child may be crashed before it has been told what to run.
            Err(_) if attack.crashes => {
                sleep(PAUSE).await;
                continue;
            }
            Err(status) => return Err(status.into()),
        };
        while let Some(part) = parts.message().await? {
            if let Some(Part::Summary(summary)) = part.part {
                let total = summary.total.unwrap_or_default();
                anyhow::ensure!(
                    total.subjects > 0 && total.undetermined_after == total.subjects,
                    "a hostile policy has answered: {total:?}"
                );
            }
        }
    }
    Ok(())
}

/// Crashes whatever child the node has, until it is told to leave off.
async fn crash(node: Arc<Running>) -> Result<()> {
    loop {
        for child in node.children()?.into_iter().filter_map(Pid::from_raw) {
            // It may have ended already.
            let _ = kill_process(child, Signal::SEGV);
        }
        sleep(BETWEEN_SIGNALS).await;
    }
}

/// How long questions take: each client looks for a person and lists a village, with pauses.
async fn times(county: &Arc<County>, node: &Running) -> Result<Vec<Duration>> {
    let end = Instant::now() + SPAN;
    let mut clients = Vec::new();
    for client in 0..CLIENTS {
        let registry = RegistryClient::new(node.connect().await?);
        clients.push(tokio::spawn(ask(registry, Arc::clone(county), client, end)));
    }
    let mut times = Vec::new();
    for client in clients {
        times.extend(client.await??);
    }
    Ok(times)
}

async fn ask(
    registry: RegistryClient<Channel>,
    county: Arc<County>,
    client: usize,
    end: Instant,
) -> Result<Vec<Duration>> {
    let mut registry = registry.max_decoding_message_size(64 << 20);
    let (mut times, mut place) = (Vec::new(), client * 7_919);
    while Instant::now() < end {
        place += 31;
        let document = &county.documents[place % county.documents.len()];
        let find = v1::FindRequest {
            by: Some(By::Document(document.clone())),
        };
        let begun = Instant::now();
        registry.find(find).await?;
        times.push(begun.elapsed());
        sleep(PAUSE).await;
        let list = v1::ListRequest {
            kind: Kind::Household.into(),
            area: county.villages[place % county.villages.len()].clone(),
            page_size: 1000,
            ..Default::default()
        };
        let begun = Instant::now();
        registry.list(list).await?;
        times.push(begun.elapsed());
        sleep(PAUSE).await;
    }
    Ok(times)
}
