//! The service `lika.v1.Works`.

use lika_core::whole_village::Progress;
use lika_proto::v1::{self, works_server::Works};
use tonic::{Request, Response, Status};

use super::{caller, status::status};
use crate::gateway::{Gateway, works::BatchProgress};

/// The service on a gateway.
pub struct WorksService {
    gateway: Gateway,
}

impl WorksService {
    /// Serves this gateway.
    pub fn new(gateway: Gateway) -> Self {
        Self { gateway }
    }
}

#[tonic::async_trait]
impl Works for WorksService {
    async fn village_batches(
        &self,
        request: Request<v1::VillageBatchesRequest>,
    ) -> Result<Response<v1::VillageBatchesResponse>, Status> {
        let caller = caller::caller(&self.gateway, &request)?;
        let area = request.into_inner().area;
        let area = caller::area(&self.gateway, &caller, &area)?;
        let gateway = self.gateway.clone();
        let found = tokio::task::spawn_blocking(move || gateway.village_batches(&caller, &area));
        let found = found.await.map_err(|_| Status::internal("batches"))?;
        let found = found.map_err(|error| status(&error))?;
        Ok(Response::new(v1::VillageBatchesResponse {
            batches: found.iter().map(batch_progress).collect(),
        }))
    }
}

fn batch_progress(found: &BatchProgress) -> v1::BatchProgress {
    let BatchProgress {
        record,
        batch,
        progress,
    } = found;
    let Progress {
        villages,
        projects,
        accepted,
        budget,
        actual,
        reimbursed,
    } = *progress;
    let count = |many: usize| u32::try_from(many).unwrap_or(u32::MAX);
    v1::BatchProgress {
        batch: record.id.0.to_vec(),
        area: record.area.digits().to_owned(),
        name: batch.name.to_string(),
        from: batch.span.from().number(),
        until: batch.span.until().map_or(0, |until| until.number()),
        villages: count(villages),
        projects: count(projects),
        accepted: count(accepted),
        budget: budget.0,
        actual: actual.0,
        reimbursed: reimbursed.0,
    }
}
