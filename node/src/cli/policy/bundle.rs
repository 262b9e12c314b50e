//! `lika policy bundle`.

use std::{fs, io::Write as _, path::PathBuf};

use anyhow::Context as _;
use clap::Args;
use lika_core::value::RecordId;
use lika_proto::v1;
use serde_json::json;

use super::{
    super::{Answer, Called, Output, block_on, client},
    replay::Chosen,
};

/// Export evaluations with everything that it takes to replay them: by `lika policy replay --bundle`, without a node.
///
/// The file holds components, settings, facts and answers as they were recorded, keyed by record ids: no name, no
/// number, nothing sealed. Whoever has the registry can tell whose record a key is.
#[derive(Args, Debug)]
pub struct Bundle {
    /// Ids of records of evaluations, or of decisions, which name their evaluations.
    #[arg(required_unless_present = "sample")]
    records: Vec<String>,
    #[command(flatten)]
    sample: Chosen,
    /// The file, such as some.bundle; it must not be there yet.
    #[arg(long, value_name = "FILE")]
    output: PathBuf,
    #[command(flatten)]
    called: Called,
}

/// Runs `lika policy bundle`.
pub fn run(bundle: &Bundle, output: &mut Output) -> anyhow::Result<Answer> {
    let ids = bundle.records.iter().map(|record| {
        let id = RecordId::parse(record);
        Ok(id
            .with_context(|| format!("the record {record}"))?
            .0
            .to_vec())
    });
    let request = v1::BundleRequest {
        evaluations: ids.collect::<anyhow::Result<_>>()?,
        sample: bundle.sample.request(&bundle.called)?,
    };
    let seed = request.sample.as_ref().map(|sample| sample.seed);
    let path = bundle.output.display().to_string();
    let cannot = || format!("cannot write {path}");
    let mut file = fs::File::create_new(&bundle.output).with_context(cannot)?;
    let mut bytes = 0;
    let received = receive(request, &bundle.called, |piece| {
        bytes += piece.len();
        file.write_all(piece).with_context(cannot)
    });
    let written = received.and_then(|()| file.sync_all().with_context(cannot));
    if let Err(error) = written {
        // Half a bundle is no bundle; what cannot be removed says so itself when it is read.
        drop(fs::remove_file(&bundle.output));
        return Err(error);
    }
    let words = || match seed {
        Some(seed) => format!("{bytes} bytes in {path}, seed {seed}"),
        None => format!("{bytes} bytes in {path}"),
    };
    output.answer(
        words,
        || json!({"file": path, "bytes": bytes, "seed": seed}),
    )?;
    Ok(Answer::Yes)
}

/// Asks the node for a bundle and hands on its pieces as they come.
pub fn receive(
    request: v1::BundleRequest,
    called: &Called,
    mut take: impl FnMut(&[u8]) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    block_on(async {
        let mut policies = client::policies(called).await?;
        let chunks = policies.bundle(request).await.map_err(client::refused)?;
        let mut chunks = chunks.into_inner();
        while let Some(piece) = chunks.message().await.map_err(client::refused)? {
            take(&piece.chunk)?;
        }
        Ok(())
    })
}
