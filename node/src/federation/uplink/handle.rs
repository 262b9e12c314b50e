//! What the rest of the node holds of a running link.

use std::sync::Arc;

use lika_core::value::NodeId;
use tokio::{sync::watch, task::JoinHandle};

use super::Status;

/// A running link, cheap to clone.
#[derive(Clone, Debug)]
pub struct Handle {
    pub(super) status: watch::Receiver<Status>,
    pub(super) stop: watch::Sender<bool>,
    pub(super) task: Arc<JoinHandle<()>>,
}

impl Handle {
    /// How the link is.
    pub fn status(&self) -> Status {
        self.status.borrow().clone()
    }

    /// Waits until the link is as asked; none if it was stopped before.
    pub async fn wait_for(&self, mut asked: impl FnMut(&Status) -> bool) -> Option<Status> {
        let mut status = self.status.clone();
        let found = status.wait_for(|status| asked(status)).await;
        found.ok().map(|status| status.clone())
    }

    /// Waits until the upper node has made everything of the own log up to a sequence number durable; whether it did
    /// before the link was stopped.
    pub async fn delivered(&self, seq: u64) -> bool {
        self.wait_for(|status| status.acknowledged.is_some_and(|head| head.seq >= seq))
            .await
            .is_some()
    }

    /// The same of a log that the link passes through.
    pub async fn passed(&self, log: NodeId, seq: u64) -> bool {
        let has = |status: &Status| {
            let passed = status.passed.get(&log);
            let acknowledged = passed.and_then(|passed| passed.acknowledged);
            acknowledged.is_some_and(|head| head.seq >= seq)
        };
        self.wait_for(has).await.is_some()
    }

    /// Ends the link and waits until it has let go of the log.
    pub async fn stop(&self) {
        self.stop.send_replace(true);
        // The loop owns the sender: it is closed when the loop is gone.
        let mut status = self.status.clone();
        while status.changed().await.is_ok() {}
    }

    /// Whether the loop still runs; it ends only when it is stopped.
    pub fn is_running(&self) -> bool {
        !self.task.is_finished()
    }
}
