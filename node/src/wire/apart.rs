//! Work that would hold up a thread of the runtime.

use tonic::Status;

use super::status::status;
use crate::gateway::{Error, Gateway};

/// Does what may read through a whole county, beside what else the node does.
pub async fn apart<T: Send + 'static>(
    gateway: &Gateway,
    work: impl FnOnce(&Gateway) -> Result<T, Error> + Send + 'static,
) -> Result<T, Status> {
    let gateway = gateway.clone();
    let done = tokio::task::spawn_blocking(move || work(&gateway)).await;
    let done = done.map_err(|_| status(&Error::TaskEnded))?;
    done.map_err(|error| status(&error))
}
