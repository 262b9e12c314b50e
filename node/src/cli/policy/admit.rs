//! `lika policy admit`.

use std::path::PathBuf;

use anyhow::Context as _;
use clap::Args;
use lika_proto::v1::{self, admit_request::Step};
use serde_json::json;

use super::{call, id};
use crate::cli::{Answer, Called, Output, client};

const PIECE: usize = 1 << 20;

/// Hold a package against every gate of the node and register its policy.
#[derive(Debug, Args)]
pub struct Admit {
    /// The package, `name-1.2.0.lika`.
    file: PathBuf,
    #[command(flatten)]
    called: Called,
}

pub fn run(command: &Admit, output: &mut Output) -> anyhow::Result<Answer> {
    let Admit { file, called } = command;
    let package = std::fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
    let message = |step| v1::AdmitRequest { step: Some(step) };
    let mut messages = vec![message(Step::Request(client::request_id()))];
    let pieces = package.chunks(PIECE);
    messages.extend(pieces.map(|piece| message(Step::Chunk(piece.to_vec()))));
    let admitted = call(called, async |mut policies| {
        policies.admit(tokio_stream::iter(messages)).await
    })?;
    let policy = id(&admitted.policy)?;
    let description = admitted.description.unwrap_or_default();
    output.answer(
        || {
            format!(
                "{} {} for {}: policy {policy}",
                description.name, description.version, description.purpose
            )
        },
        || {
            json!({
                "policy": policy.to_string(),
                "name": description.name,
                "version": description.version,
                "purpose": description.purpose,
            })
        },
    )?;
    Ok(Answer::Yes)
}
