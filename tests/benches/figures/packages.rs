//! Policies on their way into a node: packed, signed by somebody whose signature counts there, admitted.

use std::time::{Duration, Instant};

use anyhow::Result;
use lika::{
    policy::{
        Engine, Limits, Package,
        package::{KeyPair, Provenance},
    },
    setup,
};
use lika_proto::v1::{self, admit_request::Step, policies_client::PoliciesClient};
use tonic::transport::Channel;

use super::node::Office;

const PIECE: usize = 1 << 20;

/// Signs packages.
pub struct Signer(KeyPair);

impl Signer {
    /// Somebody whose signature counts at a node that does not run.
    pub fn trusted_by(office: &Office) -> Result<Self> {
        let key = KeyPair::generate()?;
        setup::trust(&office.config, "芦溪县扶贫和移民办公室", &key.public())?;
        Ok(Self(key))
    }

    /// A signed package.
    pub fn package(&self, component: Vec<u8>) -> Result<Vec<u8>> {
        let policy = Engine::new(Limits::default())?.admit(&component)?;
        let provenance = Provenance {
            author: "芦溪县扶贫和移民办公室".to_owned(),
            ..Provenance::default()
        };
        let mut package = Package::pack(component, policy.describe(), provenance, Vec::new())?;
        package.sign(&self.0)?;
        Ok(package.to_bytes()?)
    }
}

/// Has a package admitted; the policy's record, and how long that took.
pub async fn admit(
    policies: &mut PoliciesClient<Channel>,
    package: &[u8],
) -> Result<(Vec<u8>, Duration)> {
    let message = |step| v1::AdmitRequest { step: Some(step) };
    let request = uuid::Uuid::new_v4().as_bytes().to_vec();
    let mut messages = vec![message(Step::Request(request))];
    let pieces = package.chunks(PIECE);
    messages.extend(pieces.map(|piece| message(Step::Chunk(piece.to_vec()))));
    let begun = Instant::now();
    let admitted = policies.admit(tokio_stream::iter(messages)).await?;
    Ok((admitted.into_inner().policy, begun.elapsed()))
}
