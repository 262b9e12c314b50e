//! Previews of a whole county of 100,000 households: a line is moved, and everybody is judged with the old line and with
//! the new one.

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
use lika_proto::v1::{
    self, policies_client::PoliciesClient, preview_response::Part, registry_client::RegistryClient,
};
use lika_tests::built;
use tonic::transport::Channel;

use super::{
    county::{found, send},
    node::{Office, Running},
    packages::{Signer, admit},
    table::{Row, number},
};

const HOUSEHOLDS: usize = 100_000;
const AREA: &str = "360323";
const ROUNDS: u32 = 3;
const TARGET: Duration = Duration::from_secs(3);

/// The line as it is, and as it would be: 3,000 and 3,300 yuan. Willingness is not in the national spreadsheet.
const NOW: &str = r#"{"income-line": 300000, "willingness": false}"#;
const THEN: &str = r#"{"income-line": 330000, "willingness": false}"#;

/// The county, its spreadsheet, and whose policies it takes.
pub struct County {
    pub office: Office,
    /// Everybody's identity number and name.
    pub members: Vec<(String, String)>,
    signer: Signer,
    file: PathBuf,
}

impl County {
    /// Makes everything that needs no running node.
    pub fn create(folder: &Path) -> Result<Self> {
        let sample = sample::County::generate(&sample::Settings {
            seed: 2,
            households: HOUSEHOLDS,
            as_of: System.today(),
        });
        let file = folder.join("large.csv");
        sample.write(&file, Format::Csv)?;
        let office = Office::create(&folder.join("large"), "芦溪县", AREA, "127.0.0.1:0")?;
        let signer = Signer::trusted_by(&office)?;
        found(&office, &sample)?;
        let members = sample.households.into_iter().flat_map(|it| it.members);
        Ok(Self {
            office,
            members: members.map(|it| (it.document, it.name)).collect(),
            signer,
            file,
        })
    }

    /// Imports the county and tries the screening policy on it.
    pub async fn measure(&self, rows: &mut Vec<Row>) -> Result<()> {
        let what = format!(
            "preview of a moved line, {} households, {} people",
            number(HOUSEHOLDS as f64),
            number(self.members.len() as f64)
        );
        let Ok(component) = fs::read(built::target().join("policies/screening.wasm")) else {
            let row = Row::new(what, "not measured").without("no component: run `make policies`");
            rows.push(row.open("≤ 3 s"));
            return Ok(());
        };
        let (node, _) = self.office.start()?;
        self.import(&node).await?;
        let mut policies = PoliciesClient::new(node.connect().await?);
        let (policy, _) = admit(&mut policies, &self.signer.package(component)?).await?;
        let spent = || anyhow::Ok([node.processor_time()?, node.processor_time_of_children()?]);
        let before = spent()?;
        let (mut best, mut summary) = (Duration::MAX, v1::PreviewSummary::default());
        for _ in 0..ROUNDS {
            let begun = Instant::now();
            summary = preview(&mut policies, &policy).await?;
            best = best.min(begun.elapsed());
        }
        let after = spent()?;
        let [own, children] =
            [0, 1].map(|whose| (after[whose] - before[whose]).as_secs_f64() / f64::from(ROUNDS));
        let total = summary.total.unwrap_or_default();
        anyhow::ensure!(
            total.subjects == HOUSEHOLDS as u64 && total.gains > 0 && total.undetermined_after == 0,
            "not everybody was judged: {total:?}"
        );
        let per_second = HOUSEHOLDS as f64 / best.as_secs_f64();
        let figure = format!(
            "{:.2} s ({} households/s)",
            best.as_secs_f64(),
            number(per_second)
        );
        rows.push(
            Row::new(what, figure)
                .without(format!(
                    "of one processor: {own:.1} s in the node, {children:.1} s in the policy's child"
                ))
                .target("≤ 3 s", best <= TARGET),
        );
        let [now, highest] = node.memory()?;
        rows.push(
            Row::new(
                "memory of that node after import and previews (highest)",
                format!("{now:.0} ({highest:.0}) MiB"),
            )
            .target("≤ 640 MiB", highest <= 640.0),
        );
        node.stop()
    }

    async fn import(&self, node: &Running) -> Result<()> {
        let mut registry = RegistryClient::new(node.connect().await?);
        let summary = send(&mut registry, &self.file).await?;
        anyhow::ensure!(
            summary.applied && summary.rows == self.members.len() as u64,
            "the import did not go through: {summary:?}"
        );
        Ok(())
    }
}

/// Tries the line that would be against the one that is, and reads all of the answer.
async fn preview(
    policies: &mut PoliciesClient<Channel>,
    policy: &[u8],
) -> Result<v1::PreviewSummary> {
    let candidate = |settings: &str| v1::PreviewCandidate {
        policy: policy.to_vec(),
        settings: settings.to_owned(),
    };
    let request = v1::PreviewRequest {
        policy: Some(candidate(THEN)),
        against: Some(candidate(NOW)),
        area: AREA.to_owned(),
        on: 0,
        effects: false,
    };
    let mut parts = policies.preview(request).await?.into_inner();
    let mut summary = None;
    while let Some(part) = parts.message().await? {
        if let Some(Part::Summary(first)) = part.part {
            summary = Some(first);
        }
    }
    summary.context("a preview without a summary")
}
