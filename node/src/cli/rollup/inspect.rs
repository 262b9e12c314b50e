//! `lika rollup inspect`.

use std::collections::BTreeSet;

use anyhow::Context as _;
use clap::Args;
use lika_core::{
    record::{Body, RollupCommitment},
    rollup::{
        committed::Dimension,
        inspection::{draw, probability},
        sum_tree::{Commitment, Inspector, Opening, Refusal},
    },
    value::{Digest, Ppm, hex},
};
use lika_proto::{log::v1::Kind, v1};
use ring::rand::{SecureRandom as _, SystemRandom};
use serde_json::{Map, json};

use super::super::{Answer, Called, Output, block_on, client, output::shown_id};
use crate::wire::{record, rollups};

/// Leaves that are asked for at a time.
const AT_A_TIME: usize = 200;

/// What to inspect.
#[derive(Args, Debug)]
pub struct Inspect {
    /// The latest commitment to the totals of this area, by its code; your own area when it is not given.
    #[arg(long, default_value = "", hide_default_value = true)]
    area: String,
    /// Of this year, such as 2016; of what stood then when it is not given.
    #[arg(
        long,
        value_name = "YEAR",
        default_value_t = 0,
        hide_default_value = true
    )]
    period: u32,
    /// This commitment, by its record.
    #[arg(long, value_name = "UUID", conflicts_with_all = ["area", "period"])]
    commitment: Option<String>,
    /// How many leaves to open.
    #[arg(long, value_name = "N", default_value_t = 60)]
    leaves: u64,
    /// Draw the same leaves as a command that printed this seed: 64 hexadecimal digits.
    #[arg(long, value_name = "HEX")]
    seed: Option<String>,
    /// The root that the commitment must have, as the upper node's copy of the log says.
    #[arg(long, value_name = "HEX")]
    root: Option<String>,
    #[command(flatten)]
    called: Called,
}

/// What an inspection found.
struct Inspected {
    id: String,
    commitment: Commitment,
    seed: Digest,
    /// What each leaf that was drawn shows.
    leaves: Vec<(Opening, Result<(), Refusal>)>,
    /// What is wrong before any leaf.
    refused: Option<String>,
}

impl Inspected {
    fn holds(&self) -> bool {
        self.refused.is_none() && self.leaves.iter().all(|(_, checked)| checked.is_ok())
    }
}

/// Draws, has the leaves opened and checks each; a leaf that is not what was committed is a truthful no.
pub fn run(inspect: &Inspect, output: &mut Output) -> anyhow::Result<Answer> {
    let seed = match &inspect.seed {
        Some(text) => Digest::parse(text).context("--seed")?,
        None => random()?,
    };
    let root = inspect.root.as_deref().map(Digest::parse).transpose();
    let root = root.context("--root")?;
    let inspected = block_on(inspected(inspect, seed, root))?;
    output.answer(|| text(&inspected), || value(&inspected))?;
    Ok(match inspected.holds() {
        true => Answer::Yes,
        false => Answer::No,
    })
}

async fn inspected(
    inspect: &Inspect,
    seed: Digest,
    root: Option<Digest>,
) -> anyhow::Result<Inspected> {
    let found = found(inspect).await?;
    let id = found.id.clone();
    let said = record::received(found).map_err(client::refused)?;
    let Body::RollupCommitment(RollupCommitment { commitment }) = said.body else {
        anyhow::bail!("record {} is no commitment to totals", shown_id(&id));
    };
    let mut inspected = Inspected {
        id: shown_id(&id),
        seed,
        leaves: Vec::new(),
        refused: None,
        commitment,
    };
    let commitment = &inspected.commitment;
    if let Some(root) = root.filter(|root| *root != commitment.root) {
        inspected.refused = Some(format!(
            "the node shows another commitment than the one of root {root}"
        ));
        return Ok(inspected);
    }
    let drawn = draw(&seed.0, &commitment.root, commitment.leaves, inspect.leaves);
    let drawn: Vec<u64> = drawn.into_iter().collect();
    let mut reports = client::reports(&inspect.called).await?;
    for asked in drawn.chunks(AT_A_TIME) {
        let request = v1::OpenLeavesRequest {
            commitment: id.clone(),
            leaves: asked.to_vec(),
        };
        let response = reports.open_leaves(request).await;
        let response = response.map_err(client::refused)?.into_inner();
        let opened = rollups::opened(response).context("the node's answer cannot be read")?;
        let inspector = match Inspector::begin(&inspected.commitment, opened.order) {
            Ok(inspector) => inspector,
            Err(refusal) => {
                inspected.refused = Some(refusal.to_string());
                return Ok(inspected);
            }
        };
        let answered: BTreeSet<u64> = opened.leaves.iter().map(|leaf| leaf.position).collect();
        let missing = asked.iter().find(|place| !answered.contains(place));
        if let Some(place) = missing {
            inspected.refused = Some(Refusal::Asked(*place).to_string());
        }
        for opening in opened.leaves {
            let checked = match asked.binary_search(&opening.position) {
                Ok(_) => inspector.check(&opening),
                Err(_) => Err(Refusal::Asked(opening.position)),
            };
            inspected.leaves.push((opening, checked));
        }
    }
    Ok(inspected)
}

/// The commitment that is asked for.
async fn found(inspect: &Inspect) -> anyhow::Result<v1::Record> {
    if let Some(text) = &inspect.commitment {
        let mut registry = client::registry(&inspect.called).await?;
        return client::read(&mut registry, &client::id("--commitment", text)?).await;
    }
    let listed = client::list_of(&inspect.called, Kind::RollupCommitment, &inspect.area).await?;
    let said = |record: &v1::Record| match &record.body {
        Some(v1::record::Body::RollupCommitment(said)) => said.open.clone(),
        _ => None,
    };
    // Your own area contains those of other commitments.
    let areas = listed.iter().map(|record| record.area.len());
    let widest = areas.min().unwrap_or_default();
    let wanted = |record: &&v1::Record| {
        let is_of_area = match inspect.area.as_str() {
            "" => record.area.len() == widest,
            area => record.area == area,
        };
        is_of_area && said(record).is_some_and(|said| said.period == inspect.period)
    };
    let latest = listed.iter().filter(wanted).max_by_key(|record| {
        let position = record.position.as_ref();
        (record.recorded_at, position.map(|it| (it.epoch, it.seq)))
    });
    let found = latest.cloned();
    found.context("there is no such commitment; lika rollup commit makes one")
}

fn random() -> anyhow::Result<Digest> {
    let mut seed = [0; 32];
    let filled = SystemRandom::new().fill(&mut seed);
    filled.map_err(|_| anyhow::anyhow!("the machine gives no random bytes"))?;
    Ok(Digest(seed))
}

/// Numbers of phantoms, as they are named: 1, 5, 10, and 1 % of all.
fn phantoms(leaves: u64) -> [(String, u64); 4] {
    let share = leaves.div_ceil(100);
    [
        ("1".to_owned(), 1),
        ("5".to_owned(), 5),
        ("10".to_owned(), 10),
        ("1%".to_owned(), share),
    ]
}

fn text(inspected: &Inspected) -> String {
    let Inspected {
        id,
        commitment,
        seed,
        leaves,
        refused,
    } = inspected;
    let mut lines: Vec<String> = leaves
        .iter()
        .map(|(opening, checked)| match checked {
            Ok(()) => {
                let adds = adds(commitment, opening).into_iter();
                let adds: Vec<String> = adds
                    .map(|(name, value)| format!("{name} {value}"))
                    .collect();
                format!(
                    "leaf {}\t{}\t{}",
                    opening.position,
                    opening.subject,
                    adds.join(", ")
                )
            }
            Err(why) => format!("leaf {}\tnot what was committed: {why}", opening.position),
        })
        .collect();
    let (opened, all) = (leaves.len(), commitment.leaves);
    lines.push(format!("commitment {id}, root {}", commitment.root));
    lines.push(format!(
        "opened {opened} of {all} leaves, drawn with seed {seed}"
    ));
    lines.extend(refused.iter().map(|why| format!("refused: {why}")));
    if inspected.holds() {
        lines.push("each is what was committed; to look for a phantom, go and see them".to_owned());
    }
    let opened = opened as u64;
    for (name, phantoms) in phantoms(all) {
        let found = percent(probability(all, phantoms, opened));
        let of_all = match name.as_str() {
            "1%" => " (1 % of all)",
            _ => "",
        };
        lines.push(format!(
            "finds one of {phantoms} phantoms{of_all} with {found}"
        ));
    }
    lines.join("\n")
}

/// What a leaf adds, where it adds something.
fn adds<'a>(commitment: &'a Commitment, opening: &Opening) -> Vec<(&'a str, u64)> {
    let dimensions = commitment.subject.dimensions.as_slice().iter();
    let adds = dimensions.zip(opening.values.iter().copied());
    let adds = adds.filter(|(_, value)| *value > 0);
    adds.map(|(Dimension { name, .. }, value)| (&**name, value))
        .collect()
}

/// As 12.3456 %.
fn percent(Ppm(share): Ppm) -> String {
    format!("{}.{:04} %", share / 10_000, share % 10_000)
}

fn value(inspected: &Inspected) -> serde_json::Value {
    let Inspected {
        id,
        commitment,
        seed,
        leaves,
        refused,
    } = inspected;
    let (mut opened, mut wrong) = (Vec::new(), Vec::new());
    for (opening, checked) in leaves {
        match checked {
            Ok(()) => {
                let adds = adds(commitment, opening).into_iter();
                let adds = adds.map(|(name, value)| (name.to_owned(), json!(value)));
                opened.push(json!({
                    "leaf": opening.position,
                    "household": opening.subject.to_string(),
                    "adds": adds.collect::<Map<_, _>>(),
                }));
            }
            Err(why) => wrong.push(json!({"leaf": opening.position, "why": why.to_string()})),
        }
    }
    let all = commitment.leaves;
    let finds = phantoms(all).into_iter().map(|(name, phantoms)| {
        let Ppm(found) = probability(all, phantoms, leaves.len() as u64);
        json!({"phantoms": phantoms, "named": name, "ppm": found})
    });
    json!({
        "holds": inspected.holds(),
        "commitment": id,
        "root": hex(&commitment.root.0),
        "leaves": all,
        "seed": seed.to_string(),
        "opened": opened,
        "wrong": wrong,
        "refused": refused,
        "finds": finds.collect::<Vec<_>>(),
    })
}
