//! Roll-ups of 4 million households: how soon a province answers what its areas add up to.
//!
//! The households are synthetic and stand in the totals alone: what is asked never touches a record.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use anyhow::Result;
use lika_core::value::{AreaCode, AreaLevel};
use lika_proto::v1::{self, reports_client::ReportsClient};
use tokio::runtime::Runtime;

use super::{
    node::Office,
    table::{Row, milliseconds, number, percentile},
};

const PREFECTURES: u32 = 10;
const COUNTIES: u32 = 10;
const TOWNSHIPS: u32 = 20;
const VILLAGES: u32 = 20;
const HOUSEHOLDS_OF_VILLAGE: i64 = 100;
const YEARS: std::ops::Range<u32> = 2015..2020;
/// Figures of what stands now, and of each year.
const NOW: usize = 40;
const OF_YEAR: usize = 12;
const QUESTIONS: usize = 2_000;
const LIMIT: Duration = Duration::from_millis(10);
/// The first byte of the keys of totals.
const TOTALS: u8 = 8;

/// Makes the province, fills its totals, and asks it over gRPC with mutual TLS.
pub fn measure(folder: &Path, runtime: &Runtime, rows: &mut Vec<Row>) -> Result<()> {
    let office = Office::create(&folder.join("rollup"), "江西省", "36", "127.0.0.1:0")?;
    let filled = fill(&office.data()?.join("registry"))?;
    let (node, _) = office.start()?;
    let areas = areas();
    let households = number(households() as f64);
    let of_level = |level| {
        let areas = areas.iter().filter(move |area| area.level() == level);
        areas.copied().collect::<Vec<_>>()
    };
    let asked = [
        ("the province", of_level(AreaLevel::Province), false),
        (
            "the province and its prefectures",
            of_level(AreaLevel::Province),
            true,
        ),
        (
            "a prefecture and its counties",
            of_level(AreaLevel::Prefecture),
            true,
        ),
        (
            "a county and its townships",
            of_level(AreaLevel::County),
            true,
        ),
        (
            "a township and its villages",
            of_level(AreaLevel::Township),
            true,
        ),
    ];
    for (what, areas, by_child) in asked {
        let times = runtime.block_on(ask(&node, &areas, by_child))?;
        let (half, most) = (percentile(times.clone(), 50), percentile(times, 95));
        rows.push(
            Row::new(
                format!("roll-up of {what}, {households} households, p95"),
                milliseconds(most),
            )
            .without(format!(
                "p50 {}, {} totals",
                milliseconds(half),
                number(filled as f64)
            ))
            .target("≤ 10 ms", most <= LIMIT),
        );
    }
    node.stop()
}

async fn ask(
    node: &super::node::Running,
    areas: &[AreaCode],
    by_child: bool,
) -> Result<Vec<Duration>> {
    let mut reports = ReportsClient::new(node.connect().await?).max_decoding_message_size(64 << 20);
    let mut times = Vec::with_capacity(QUESTIONS);
    for question in 0..QUESTIONS {
        let area = areas[question * 7_919 % areas.len()];
        let request = v1::RollUpRequest {
            area: area.digits().to_owned(),
            by_child,
        };
        let begun = Instant::now();
        let answer = reports.roll_up(request).await?.into_inner();
        times.push(begun.elapsed());
        let own = answer.area.unwrap_or_default();
        let expected = households_of(&area);
        let is_right =
            |total: &v1::Total| total.dimension == "households" && total.value == expected;
        anyhow::ensure!(
            own.totals.iter().any(is_right),
            "{} has other totals",
            area.digits()
        );
        anyhow::ensure!(
            by_child != answer.children.is_empty(),
            "the areas below are missing"
        );
    }
    Ok(times)
}

/// Writes the totals of every area into the registry of a node that does not run.
fn fill(registry: &Path) -> Result<usize> {
    let tree = sled::Config::new()
        .path(registry)
        .cache_capacity(512 << 20)
        .open()?;
    let mut filled = 0;
    for area in areas() {
        let households = households_of(&area);
        for (period, dimension) in figures() {
            let mut key = vec![TOTALS, area.level() as u8];
            key.extend_from_slice(&area.key());
            key.extend_from_slice(&period.to_be_bytes());
            key.extend_from_slice(dimension.as_bytes());
            tree.insert(key, &households.to_be_bytes())?;
            filled += 1;
        }
    }
    tree.flush()?;
    Ok(filled)
}

fn figures() -> impl Iterator<Item = (u32, String)> {
    let now = (1..NOW).map(|figure| (0, format!("household-type/kind-{figure:02}")));
    let years = YEARS.flat_map(|year| {
        (0..OF_YEAR).map(move |figure| (year, format!("income/source-{figure:02}")))
    });
    now.chain([(0, "households".to_owned())]).chain(years)
}

/// The province and every area in it, the order being that of their codes.
fn areas() -> Vec<AreaCode> {
    let mut codes = vec!["36".to_owned()];
    for prefecture in 1..=PREFECTURES {
        let prefecture = format!("36{prefecture:02}");
        codes.push(prefecture.clone());
        for county in 1..=COUNTIES {
            let county = format!("{prefecture}{county:02}");
            codes.push(county.clone());
            for township in 1..=TOWNSHIPS {
                let township = format!("{county}{township:03}");
                codes.push(township.clone());
                codes.extend((1..=VILLAGES).map(|village| format!("{township}{village:03}")));
            }
        }
    }
    codes
        .iter()
        .filter_map(|code| AreaCode::parse(code).ok())
        .collect()
}

fn households() -> i64 {
    let villages = PREFECTURES * COUNTIES * TOWNSHIPS * VILLAGES;
    i64::from(villages) * HOUSEHOLDS_OF_VILLAGE
}

fn households_of(area: &AreaCode) -> i64 {
    let parts = match area.level() {
        AreaLevel::Nation | AreaLevel::Province => 1,
        AreaLevel::Prefecture => PREFECTURES,
        AreaLevel::County => PREFECTURES * COUNTIES,
        AreaLevel::Township => PREFECTURES * COUNTIES * TOWNSHIPS,
        AreaLevel::Village => PREFECTURES * COUNTIES * TOWNSHIPS * VILLAGES,
    };
    households() / i64::from(parts)
}
