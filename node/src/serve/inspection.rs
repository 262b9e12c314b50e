//! What a node does by itself about the decisions of policies: it looks at what arrives from below and at what an
//! earlier engine decided, and hears of policies that are suspended. What it finds becomes alerts.
//!
//! It steps back behind everything else, and a stop waits for it no longer than for pages that are under way.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::Duration,
};

use lika_core::value::Ppm;
use tokio::{
    sync::{mpsc::UnboundedReceiver, oneshot, watch},
    task::spawn_blocking,
    time::{sleep, timeout},
};

use super::{DRAIN, is_stopped};
use crate::{
    gateway::{self, Gateway},
    policy::host::Suspension,
    priority::step_back,
};

/// The pause between two rounds: what a round runs again needs processes, which are better started for many than for
/// one.
const PAUSE: Duration = Duration::from_secs(5);

/// Raises an alert for every policy that is suspended. Ends with the node.
pub async fn hear_of_suspensions(
    gateway: Gateway,
    mut suspensions: UnboundedReceiver<Suspension>,
    stopped: watch::Receiver<bool>,
) {
    let mut stopped = std::pin::pin!(is_stopped(stopped));
    let note = async |suspension: Suspension| {
        let gateway = gateway.clone();
        // A panic has been reported by the runtime.
        let _ = spawn_blocking(move || gateway.note_suspension(&suspension)).await;
    };
    loop {
        tokio::select! {
            suspension = suspensions.recv() => match suspension {
                Some(suspension) => note(suspension).await,
                None => return,
            },
            () = &mut stopped => break,
        }
    }
    while let Ok(suspension) = suspensions.try_recv() {
        note(suspension).await;
    }
}

/// Looks at what an earlier engine decided, then at what arrives from below, round after round. Ends with the node.
pub async fn inspect(gateway: Gateway, share: Ppm, stopped: watch::Receiver<bool>) {
    let is_stopping = Arc::new(AtomicBool::new(false));
    let mut stopped = std::pin::pin!(is_stopped(stopped));
    let mut standing = gateway.reader().subscribe();
    let mut engine_is_known = false;
    loop {
        standing.mark_unchanged();
        let round = Round {
            gateway: gateway.clone(),
            share,
            engine_is_known,
            is_stopping: Arc::clone(&is_stopping),
        };
        let mut done = round.start();
        let came = tokio::select! {
            came = &mut done => came,
            () = &mut stopped => {
                is_stopping.store(true, Ordering::Relaxed);
                if timeout(DRAIN, done).await.is_err() {
                    tracing::warn!("an evaluation is still being run again; it is left behind");
                }
                return;
            }
        };
        let has_more = match came {
            Ok(Ok(came)) => {
                engine_is_known = came.engine_is_known;
                came.has_more
            }
            Ok(Err(error)) => {
                tracing::error!(
                    error = &error as &dyn std::error::Error,
                    "what arrived cannot be looked at now"
                );
                true
            }
            // The thread could not be started, or has panicked, which was reported.
            Err(_) => true,
        };
        let next = async {
            sleep(PAUSE).await;
            if !has_more && standing.changed().await.is_err() {
                // The store is closed; whoever waits is about to be stopped.
                std::future::pending::<()>().await;
            }
        };
        tokio::select! {
            () = next => {}
            () = &mut stopped => return,
        }
    }
}

struct Round {
    gateway: Gateway,
    share: Ppm,
    engine_is_known: bool,
    is_stopping: Arc<AtomicBool>,
}

struct Came {
    engine_is_known: bool,
    has_more: bool,
}

impl Round {
    /// Runs it on a thread of its own: only that thread steps back, and the runtime waits for no such thread.
    fn start(self) -> oneshot::Receiver<Result<Came, gateway::Error>> {
        let (tell, told) = oneshot::channel();
        let run = move || {
            step_back();
            // Nobody waits any more once the node has stopped.
            let _ = tell.send(self.run());
        };
        let thread = thread::Builder::new().name("inspection".to_owned());
        if let Err(error) = thread.spawn(run) {
            tracing::error!(%error, "what arrived cannot be looked at now");
        }
        told
    }

    fn run(&self) -> Result<Came, gateway::Error> {
        let goes_on = || !self.is_stopping.load(Ordering::Relaxed);
        let engine_is_known = self.engine_is_known || self.gateway.inspect_engine(&goes_on)?;
        let samples = self.share > Ppm(0);
        let has_more = samples && self.gateway.inspect_received(self.share, &goes_on)?;
        Ok(Came {
            engine_is_known,
            has_more: has_more || !engine_is_known,
        })
    }
}
