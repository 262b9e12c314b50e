//! A county of 100,000 households with five years of history: what it takes to write, and how soon questions about it
//! are answered.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result};
use lika::{
    clock::{Clock as _, System},
    config::Config,
    setup,
    store::Store,
};
use lika_core::{
    command::{Change, Command},
    log::Action,
    record::{Body, IncomeStatement, LivingConditions, Record, Visit},
    value::{ActorId, AreaCode, Code, Date, Fen, RecordId, RequestId, Year},
};
use lika_proto::{
    log::v1::Kind,
    v1::{self, find_request::By, registry_client::RegistryClient},
};
use tokio::runtime::Runtime;
use tonic::transport::Channel;

use super::{
    county,
    node::{Office, Running},
    preview::County,
    table::{Row, milliseconds, number, percentile},
};

const YEARS: u16 = 5;
/// Changes of one command.
const CHANGES: usize = 4_000;
const QUESTIONS: usize = 2_000;

/// A household and who visits it.
struct Household {
    id: RecordId,
    area: AreaCode,
    cadre: RecordId,
}

/// Writes the history, starts the node on it, and asks.
pub fn measure(county: &County, runtime: &Runtime, rows: &mut Vec<Row>) -> Result<()> {
    let (node, _) = county.office.start()?;
    let households = runtime.block_on(households(&node))?;
    node.stop()?;
    let ends = write(&county.office, &households, rows)?;
    let (node, clean) = county.office.start()?;
    node.kill()?;
    let (node, killed) = county.office.start()?;
    for (end, took, seconds) in [("after a stop", clean, 1), ("after kill -9", killed, 3)] {
        let what = format!("serving again with five years of history, {end}");
        let is_met = took <= Duration::from_secs(seconds);
        rows.push(Row::new(what, milliseconds(took)).target(format!("≤ {seconds} s"), is_met));
    }
    runtime.block_on(ask(&node, county, &households, &ends, rows))?;
    node.stop()
}

async fn ask(
    node: &Running,
    county: &County,
    households: &[Household],
    ends: &[u64],
    rows: &mut Vec<Row>,
) -> Result<()> {
    let channel = node.connect().await?;
    let mut registry = RegistryClient::new(channel).max_decoding_message_size(64 << 20);
    list(&mut registry, households, rows).await?;
    find(&mut registry, county, rows).await?;
    as_of(&mut registry, households, ends, rows).await?;
    let [now, highest] = node.memory()?;
    rows.push(
        Row::new(
            "memory of that node after the questions (highest)",
            format!("{now:.0} ({highest:.0}) MiB"),
        )
        .target("≤ 640 MiB", highest <= 640.0),
    );
    export(&mut registry, rows).await
}

async fn households(node: &Running) -> Result<Vec<Household>> {
    let cadres = county::list(node.connect().await?, Kind::Cadre).await?;
    let households = county::list(node.connect().await?, Kind::Household).await?;
    let id = |bytes: &[u8]| anyhow::Ok(RecordId(bytes.try_into().context("an id of 16 bytes")?));
    let households = households.iter().zip(cadres.iter().cycle());
    let households = households.map(|((household, area), (cadre, _))| {
        Ok(Household {
            id: id(household)?,
            area: AreaCode::parse(area)?,
            cadre: id(cadre)?,
        })
    });
    households.collect()
}

/// A survey, an income statement and two visits of every household in each year; the positions at which the years end.
fn write(office: &Office, households: &[Household], rows: &mut Vec<Row>) -> Result<Vec<u64>> {
    let settings = setup::store_settings(&Config::read(&office.config)?);
    let store = Store::open(&settings, Arc::new(System), &mut |_| ())?;
    let this_year = System.today().year().get();
    let begun = Instant::now();
    let (mut written, mut ends) = (0_usize, Vec::new());
    for round in 0..YEARS {
        // The import has written last year's income.
        let year = Year::new(this_year - 1 - YEARS + round)?;
        for few in households.chunks(CHANGES / 4) {
            let changes: Result<Vec<_>> = few.iter().map(|it| it.of_year(year, round)).collect();
            let changes: Vec<Change> = changes?.into_iter().flatten().collect();
            written += changes.len();
            store.submit_blocking(Command {
                request: RequestId(*uuid::Uuid::new_v4().as_bytes()),
                actor: ActorId(office.node.0),
                changes,
            })?;
        }
        let head = store.reader().head(&office.node);
        ends.push(head.context("the node has a log")?.position.seq);
    }
    let took = begun.elapsed();
    store.close()?;
    let entries = number(written as f64);
    rows.push(Row::new(
        format!("five years of history, {entries} entries, applied in commands of {CHANGES}"),
        format!("{}/s", number(written as f64 / took.as_secs_f64())),
    ));
    Ok(ends)
}

impl Household {
    fn of_year(&self, year: Year, round: u16) -> Result<Vec<Change>> {
        let day = |month| Date::new(year.get(), month, 15);
        let income = IncomeStatement {
            household: self.id,
            year,
            wages: Fen(1_200_000),
            business: Fen(300_000),
            property: Fen(10_000),
            transfers: Fen(90_000),
            expenses: Fen(50_000),
            persons: 3,
        };
        let visit = |month| {
            let visit = Visit {
                household: Some(self.id),
                cadre: self.cadre,
                on: day(month)?,
                purpose: Some(Code::parse("regular")?),
                note: None,
            };
            let seed = [&self.id.0[..], &visit.on.number().to_be_bytes()].concat();
            let id = RecordId::derived("lika.bench.visit", &seed);
            anyhow::Ok(Change::create(id, self.area, visit))
        };
        Ok(vec![
            self.survey(day(3)?, round),
            Change::create(IncomeStatement::id_for(&self.id, year), self.area, income),
            visit(6)?,
            visit(11)?,
        ])
    }

    /// The first survey, or a later one in its place.
    fn survey(&self, surveyed_on: Date, round: u16) -> Change {
        let living: Body = LivingConditions {
            household: self.id,
            surveyed_on,
            house_area: Some(80 + u32::from(round)),
            house_structure: None,
            house_year: None,
            electricity: Some(true),
            fuel: None,
            toilet: Some(round > 2),
            road: Some(true),
            road_distance: Some(900),
            broadband: Some(round > 3),
            land: None,
            allowance_entitled: None,
            dropouts: Some(0),
            admitted: None,
            admitted_supported: None,
            trained: Some(u32::from(round)),
            skills: None,
            hardship_expenses: None,
        }
        .into();
        let id = LivingConditions::id_for(&self.id);
        if round == 0 {
            return Change::create(id, self.area, living);
        }
        let known = Record {
            id,
            area: self.area,
            revision: u32::from(round),
            closed: false,
            body: living.clone(),
        };
        Change::of(&known, Action::Change, living)
    }
}

async fn list(
    registry: &mut RegistryClient<Channel>,
    households: &[Household],
    rows: &mut Vec<Row>,
) -> Result<()> {
    let mut listed = Vec::new();
    for question in 0..QUESTIONS / 10 {
        let village = households[question * 7_919 % households.len()].area;
        let request = v1::ListRequest {
            kind: Kind::Household.into(),
            area: village.digits().to_owned(),
            page_size: 1000,
            ..Default::default()
        };
        let begun = Instant::now();
        let answer = registry.list(request).await?.into_inner();
        listed.push(begun.elapsed());
        anyhow::ensure!(!answer.records.is_empty(), "{village} has no households");
    }
    rows.push(within(
        "list a village's households, five years of history, p95",
        listed,
        20,
    ));
    Ok(())
}

async fn find(
    registry: &mut RegistryClient<Channel>,
    county: &County,
    rows: &mut Vec<Row>,
) -> Result<()> {
    let mut times = [Vec::new(), Vec::new()];
    for question in 0..QUESTIONS {
        let (document, name) = &county.members[question * 7_919 % county.members.len()];
        let asked = [By::Document(document.clone()), By::Name(name.clone())];
        for (by, times) in asked.into_iter().zip(&mut times) {
            let request = v1::FindRequest { by: Some(by) };
            let begun = Instant::now();
            let answer = registry.find(request).await?.into_inner();
            times.push(begun.elapsed());
            anyhow::ensure!(!answer.records.is_empty(), "somebody is not found");
        }
    }
    let [by_document, by_name] = times;
    rows.push(within(
        "find by identity number, five years of history, p95",
        by_document,
        5,
    ));
    let by_name = milliseconds(percentile(by_name, 95));
    rows.push(Row::new(
        "find by name, everybody of that name, p95",
        by_name,
    ));
    Ok(())
}

/// Reads surveys as they stood at the end of each year.
async fn as_of(
    registry: &mut RegistryClient<Channel>,
    households: &[Household],
    ends: &[u64],
    rows: &mut Vec<Row>,
) -> Result<()> {
    let mut times = Vec::new();
    for question in 0..QUESTIONS {
        let household = &households[question * 7_919 % households.len()];
        let round = question % ends.len();
        let request = v1::GetRequest {
            id: LivingConditions::id_for(&household.id).0.to_vec(),
            as_of_seq: ends[round],
        };
        let begun = Instant::now();
        let answer = registry.get(request).await?.into_inner();
        times.push(begun.elapsed());
        let then = u32::try_from(round)? + 1;
        anyhow::ensure!(answer.revision == then, "revision {}", answer.revision);
    }
    rows.push(within(
        "read a record as of a year's end, five years of history, p95",
        times,
        5,
    ));
    Ok(())
}

async fn export(registry: &mut RegistryClient<Channel>, rows: &mut Vec<Row>) -> Result<()> {
    let people = ["csv", "xlsx"].map(|format| (format, ""));
    for (format, view) in people.into_iter().chain([("xlsx", "archive")]) {
        let request = v1::ExportRequest {
            format: format.to_owned(),
            view: view.to_owned(),
            ..v1::ExportRequest::default()
        };
        let begun = Instant::now();
        let mut chunks = registry.export(request).await?.into_inner();
        let mut bytes = 0;
        while let Some(chunk) = chunks.message().await? {
            bytes += chunk.chunk.len();
        }
        anyhow::ensure!(bytes > 0, "an empty export");
        rows.push(Row::new(
            match view {
                "" => format!("export of the county's people as {format}"),
                view => format!("export of the county's {view}"),
            },
            format!(
                "{:.1} s ({} MiB)",
                begun.elapsed().as_secs_f64(),
                bytes >> 20
            ),
        ));
    }
    Ok(())
}

fn within(what: &str, times: Vec<Duration>, most: u64) -> Row {
    let time = percentile(times, 95);
    Row::new(what, milliseconds(time))
        .target(format!("≤ {most} ms"), time <= Duration::from_millis(most))
}
