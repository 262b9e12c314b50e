//! The service `lika.v1.Evidence`.

use std::sync::Arc;

use lika_proto::v1::{self, evidence_server::Evidence};
use tonic::{Request, Response, Status};

use super::{caller, status::status};
use crate::{evidence::SigningKey, gateway::Gateway};

/// The service on a gateway, with the key of its node.
pub struct EvidenceService {
    gateway: Gateway,
    key: Arc<SigningKey>,
}

impl EvidenceService {
    /// Serves this gateway.
    pub fn new(gateway: Gateway, key: Arc<SigningKey>) -> Self {
        Self { gateway, key }
    }
}

#[tonic::async_trait]
impl Evidence for EvidenceService {
    async fn checkpoint(
        &self,
        request: Request<v1::CheckpointRequest>,
    ) -> Result<Response<v1::CheckpointResponse>, Status> {
        caller::caller(&self.gateway, &request)?;
        let (gateway, key) = (self.gateway.clone(), Arc::clone(&self.key));
        let note = tokio::task::spawn_blocking(move || gateway.checkpoint(&key)).await;
        let note = note.map_err(|_| Status::internal("checkpoint"))?;
        Ok(Response::new(v1::CheckpointResponse {
            note: note.map_err(|error| status(&error))?,
            key: self.key.public().to_string(),
        }))
    }

    async fn prove(
        &self,
        request: Request<v1::ProveRequest>,
    ) -> Result<Response<v1::ProveResponse>, Status> {
        let caller = caller::caller(&self.gateway, &request)?;
        let v1::ProveRequest { seq, earlier } = request.into_inner();
        let earlier = (!earlier.is_empty()).then_some(earlier);
        let (gateway, key) = (self.gateway.clone(), Arc::clone(&self.key));
        let proof =
            tokio::task::spawn_blocking(move || gateway.prove(&caller, &key, seq, earlier)).await;
        let proof = proof.map_err(|_| Status::internal("proof"))?;
        let proof = proof.map_err(|error| status(&error))?;
        Ok(Response::new(v1::ProveResponse {
            proof: proof.to_json(),
        }))
    }
}
