//! Group commit as the node does it, around any engine: one writer takes what is waiting, makes it durable, answers all.

use std::{thread, time::Instant};

use anyhow::Result;
use tokio::sync::{mpsc, oneshot};

use crate::writes::{CLIENTS, SPAN};

const QUEUE: usize = 1024;

type Waiting = oneshot::Sender<()>;

/// Acknowledged records a second; `commit` makes so many records durable.
pub fn acknowledged(mut commit: impl FnMut(usize) -> Result<()> + Send + 'static) -> Result<f64> {
    let (submit, mut queue) = mpsc::channel::<Waiting>(QUEUE);
    let writer = thread::spawn(move || -> Result<()> {
        while let Some(first) = queue.blocking_recv() {
            let mut group = vec![first];
            group.extend(std::iter::from_fn(|| queue.try_recv().ok()));
            commit(group.len())?;
            for waiting in group {
                // A client that has ended waits no more.
                let _ = waiting.send(());
            }
        }
        Ok(())
    });
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    let begun = Instant::now();
    let written = runtime.block_on(async {
        let clients: Vec<_> = (0..CLIENTS)
            .map(|_| tokio::spawn(submit_until(submit.clone(), begun + SPAN)))
            .collect();
        drop(submit);
        let mut written = 0;
        for client in clients {
            written += client.await?;
        }
        anyhow::Ok(written)
    })?;
    let took = begun.elapsed();
    writer
        .join()
        .map_err(|_| anyhow::anyhow!("the writer panicked"))??;
    Ok(f64::from(written) / took.as_secs_f64())
}

async fn submit_until(submit: mpsc::Sender<Waiting>, end: Instant) -> u32 {
    let mut written = 0;
    while Instant::now() < end {
        let (waiting, answer) = oneshot::channel();
        if submit.send(waiting).await.is_err() || answer.await.is_err() {
            break;
        }
        written += 1;
    }
    written
}
