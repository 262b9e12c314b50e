//! The county that is measured: a made-up one, in two folders (one for each format of its spreadsheet), and a province.

use std::{
    fs,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result};
use lika::{
    clock::{Clock as _, System},
    files::Format,
    sample,
};
use lika_core::record::area_id;
use lika_proto::{
    log::v1::Kind,
    v1::{self, import_event::Event, import_request::Step, registry_client::RegistryClient},
};
use tonic::transport::Channel;

use super::{
    node::{Office, Running, free_address},
    table::{Row, number},
};

/// So many households have about 60,000 people, a row each.
const HOUSEHOLDS: usize = 22_353;
const PIECE: usize = 1 << 20;
const TARGET: Duration = Duration::from_secs(10);

/// The sample and the nodes.
pub struct County {
    pub documents: Vec<String>,
    pub villages: Vec<String>,
    pub office: Office,
    pub province: Office,
    other: Office,
    files: [PathBuf; 2],
    rows: usize,
}

impl County {
    /// Makes everything that needs no running node.
    pub fn create(folder: &Path) -> Result<Self> {
        let sample = sample::County::generate(&sample::Settings {
            seed: 1,
            households: HOUSEHOLDS,
            as_of: System.today(),
        });
        let files = ["county.xlsx", "county.csv"].map(|name| folder.join(name));
        sample.write(&files[0], Format::Xlsx)?;
        sample.write(&files[1], Format::Csv)?;
        let upper = free_address()?;
        let province = Office::create(&folder.join("province"), "江西省", "36", &upper)?;
        let office = Office::create(&folder.join("county"), "芦溪县", "360323", "127.0.0.1:0")?;
        office.join(&province, &format!("https://{upper}"))?;
        let other = Office::create(&folder.join("other"), "芦溪县", "360323", "127.0.0.1:0")?;
        for office in [&office, &other] {
            found(office, &sample)?;
        }
        let mut villages: Vec<String> = sample
            .households
            .iter()
            .map(|household| household.village.digits().to_owned())
            .collect();
        villages.dedup();
        let members = sample
            .households
            .iter()
            .flat_map(|household| &household.members);
        Ok(Self {
            documents: members.map(|member| member.document.clone()).collect(),
            villages,
            office,
            province,
            other,
            files,
            rows: sample.people(),
        })
    }

    /// Imports the workbook at the one node and the text at the other.
    pub async fn import(&self, rows: &mut Vec<Row>) -> Result<Running> {
        let (node, _) = self.office.start()?;
        self.import_one(&node, "XLSX", &self.files[0], rows).await?;
        let [now, highest] = node.memory()?;
        rows.push(Row::new(
            "memory of the node after the import (highest while it ran)",
            format!("{now:.0} ({highest:.0}) MiB"),
        ));
        let (other, _) = self.other.start()?;
        self.import_one(&other, "CSV", &self.files[1], rows).await?;
        other.stop()?;
        Ok(node)
    }

    async fn import_one(
        &self,
        node: &Running,
        format: &str,
        file: &Path,
        rows: &mut Vec<Row>,
    ) -> Result<()> {
        let mut registry = RegistryClient::new(node.connect().await?);
        let before = node.processor_time()?;
        let begun = Instant::now();
        let summary = send(&mut registry, file).await?;
        let took = begun.elapsed();
        let busy = node.processor_time()? - before;
        anyhow::ensure!(
            summary.applied && summary.rows == self.rows as u64 && summary.faulty_rows == 0,
            "the import of {} did not go through: {summary:?}",
            file.display()
        );
        let per_second = self.rows as f64 / took.as_secs_f64();
        rows.push(
            Row::new(
                format!(
                    "import {format}, {} rows, every check",
                    number(self.rows as f64)
                ),
                format!(
                    "{:.1} s ({} rows/s)",
                    took.as_secs_f64(),
                    number(per_second)
                ),
            )
            .without(format!("{:.1} s of one processor", busy.as_secs_f64()))
            .target("≤ 10 s", took <= TARGET),
        );
        Ok(())
    }
}

/// Registers what has to be there before households are imported.
pub fn found(office: &Office, sample: &sample::County) -> Result<()> {
    let areas = sample.area_changes.iter();
    let known = area_id(&sample::County::area());
    office.found(areas.filter(|change| change.id != known).cloned().collect())?;
    office.found(sample.unit_changes.clone())?;
    office.found(sample.cadre_changes.clone())
}

/// The records of a kind: id and area.
pub async fn list(channel: Channel, kind: Kind) -> Result<Vec<(Vec<u8>, String)>> {
    let mut registry = RegistryClient::new(channel).max_decoding_message_size(64 << 20);
    let (mut found, mut page_token) = (Vec::new(), Vec::new());
    loop {
        let request = v1::ListRequest {
            kind: kind.into(),
            area: String::new(),
            page_size: 1000,
            page_token,
            closed: false,
        };
        let page = registry.list(request).await?.into_inner();
        found.extend(
            page.records
                .into_iter()
                .map(|record| (record.id, record.area)),
        );
        page_token = page.next_page_token;
        if page_token.is_empty() {
            return Ok(found);
        }
    }
}

/// Imports a file.
pub async fn send(
    registry: &mut RegistryClient<Channel>,
    file: &Path,
) -> Result<v1::ImportSummary> {
    let options = v1::ImportOptions {
        request: uuid::Uuid::new_v4().as_bytes().to_vec(),
        file_name: "county".to_owned(),
        ..Default::default()
    };
    let bytes = fs::read(file)?;
    let pieces: Vec<Step> = bytes
        .chunks(PIECE)
        .map(|piece| Step::Chunk(piece.to_vec()))
        .collect();
    let steps = std::iter::once(Step::Options(options)).chain(pieces);
    let requests = steps.map(|step| v1::ImportRequest { step: Some(step) });
    let requests: Vec<_> = requests.collect();
    let mut events = registry
        .import(tokio_stream::iter(requests))
        .await?
        .into_inner();
    let mut faults = Vec::new();
    while let Some(message) = events.message().await? {
        match message.event {
            Some(Event::Summary(summary)) => return Ok(summary),
            Some(Event::Fault(fault)) if !fault.warning => faults.push(fault),
            _ => {}
        }
    }
    Err(anyhow::anyhow!("{faults:?}")).context("the import ended without a summary")
}
