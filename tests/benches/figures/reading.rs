//! Questions to a node that holds a county, and how soon it answers again after an end of either kind.

use std::time::{Duration, Instant};

use anyhow::Result;
use lika_proto::{
    log::v1::Kind,
    v1::{self, find_request::By, registry_client::RegistryClient},
};

use super::{
    county::County,
    node::Running,
    table::{Row, milliseconds, number, percentile},
};

const QUESTIONS: usize = 2_000;

/// Asks for people by identity number and for the households of villages, one question after the other.
pub async fn measure(county: &County, node: &Running, rows: &mut Vec<Row>) -> Result<()> {
    let mut registry =
        RegistryClient::new(node.connect().await?).max_decoding_message_size(64 << 20);
    let mut found = Vec::new();
    for question in 0..QUESTIONS {
        let document = &county.documents[question * 7_919 % county.documents.len()];
        let request = v1::FindRequest {
            by: Some(By::Document(document.clone())),
        };
        let begun = Instant::now();
        let answer = registry.find(request).await?.into_inner();
        found.push(begun.elapsed());
        anyhow::ensure!(
            answer.records.len() == 1,
            "{} people have one document",
            answer.records.len()
        );
    }
    let mut listed = Vec::new();
    for question in 0..QUESTIONS / 10 {
        let village = &county.villages[question % county.villages.len()];
        let request = v1::ListRequest {
            kind: Kind::Household.into(),
            area: village.clone(),
            page_size: 1000,
            ..Default::default()
        };
        let begun = Instant::now();
        let answer = registry.list(request).await?.into_inner();
        listed.push(begun.elapsed());
        anyhow::ensure!(
            !answer.records.is_empty(),
            "village {village} has no households"
        );
    }
    let people = number(county.documents.len() as f64);
    let [found, listed] = [found, listed].map(|times| percentile(times, 95));
    rows.push(
        Row::new(
            format!("find by identity number, {people} members, p95"),
            milliseconds(found),
        )
        .target(
            "≤ 5 ms (1,000,000 members)",
            found <= Duration::from_millis(5),
        ),
    );
    rows.push(
        Row::new(
            format!("list a village's households, {people} members, p95"),
            milliseconds(listed),
        )
        .target(
            "≤ 20 ms (1,000,000 members)",
            listed <= Duration::from_millis(20),
        ),
    );
    Ok(())
}

/// Stops the node in order and kills it, and starts it again each time.
pub async fn reopen(county: &County, node: Running, rows: &mut Vec<Row>) -> Result<Running> {
    node.stop()?;
    let (node, clean) = county.office.start()?;
    answers(&node).await?;
    node.kill()?;
    let (node, killed) = county.office.start()?;
    answers(&node).await?;
    rows.push(
        Row::new("serving again after a stop", milliseconds(clean)).target(
            "≤ 1 s (100,000 households)",
            clean <= Duration::from_secs(1),
        ),
    );
    rows.push(
        Row::new("serving again after kill -9", milliseconds(killed)).target(
            "≤ 3 s (100,000 households)",
            killed <= Duration::from_secs(3),
        ),
    );
    Ok(node)
}

async fn answers(node: &Running) -> Result<()> {
    let request = v1::ListRequest {
        kind: Kind::Household.into(),
        ..Default::default()
    };
    let answer = RegistryClient::new(node.connect().await?)
        .list(request)
        .await?;
    anyhow::ensure!(
        !answer.into_inner().records.is_empty(),
        "nothing is registered any more"
    );
    Ok(())
}
