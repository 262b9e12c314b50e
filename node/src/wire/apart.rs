//! Work that would hold up a thread of the runtime.

use std::thread;

use tokio::sync::oneshot;
use tonic::Status;

use super::status::status;
use crate::{
    gateway::{Error, Gateway},
    priority::step_back,
};

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

/// The same on a thread of its own, after everything else that the machine has to do.
pub async fn behind<T: Send + 'static>(
    gateway: &Gateway,
    work: impl FnOnce(&Gateway) -> Result<T, Error> + Send + 'static,
) -> Result<T, Status> {
    let (gateway, (tell, told)) = (gateway.clone(), oneshot::channel());
    let run = move || {
        step_back();
        // Whoever asked may have left.
        let _ = tell.send(work(&gateway));
    };
    let thread = thread::Builder::new().name("behind".to_owned()).spawn(run);
    thread.map_err(|_| status(&Error::TaskEnded))?;
    let done = told.await.map_err(|_| status(&Error::TaskEnded))?;
    done.map_err(|error| status(&error))
}
