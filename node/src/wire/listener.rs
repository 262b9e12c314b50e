//! Connections whose handshake is done.

use std::{io, sync::Arc, time::Duration};

use rustls::ServerConfig;
use tokio::{
    net::TcpStream,
    sync::{Semaphore, mpsc},
    time::timeout,
};
use tokio_rustls::{TlsAcceptor, server::TlsStream};
use tokio_stream::{Stream, StreamExt as _, wrappers::ReceiverStream};

/// Whoever opens a connection and says nothing is not waited for.
const HANDSHAKE: Duration = Duration::from_secs(10);
/// Handshakes at a time: strangers may open connections, and each of them costs memory and arithmetic.
const HANDSHAKES: usize = 256;

/// A connection over which somebody calls.
pub type Connection = TlsStream<TcpStream>;

/// Takes connections and shakes hands, side by side, until nobody wants them any more.
pub fn accept(
    incoming: impl Stream<Item = io::Result<TcpStream>> + Send + 'static,
    tls: Arc<ServerConfig>,
) -> impl Stream<Item = io::Result<Connection>> + Send {
    let (connections, accepted) = mpsc::channel(1);
    tokio::spawn(keep_accepting(incoming, tls, connections));
    ReceiverStream::new(accepted)
}

async fn keep_accepting(
    incoming: impl Stream<Item = io::Result<TcpStream>> + Send + 'static,
    tls: Arc<ServerConfig>,
    connections: mpsc::Sender<io::Result<Connection>>,
) {
    let acceptor = TlsAcceptor::from(tls);
    let places = Arc::new(Semaphore::new(HANDSHAKES));
    let mut incoming = Box::pin(incoming);
    loop {
        let Ok(place) = Arc::clone(&places).acquire_owned().await else {
            return;
        };
        let next = tokio::select! {
            next = incoming.next() => next,
            () = connections.closed() => return,
        };
        let stream = match next {
            Some(Ok(stream)) => stream,
            Some(Err(error)) => {
                // One connection failed, or there are too many open files; tonic passes over it likewise.
                tracing::debug!(%error, "a connection was not accepted");
                tokio::task::yield_now().await;
                continue;
            }
            None => return,
        };
        let (acceptor, connections) = (acceptor.clone(), connections.clone());
        tokio::spawn(async move {
            let from = stream.peer_addr().ok();
            match timeout(HANDSHAKE, acceptor.accept(stream)).await {
                // Nobody wants it when the node is being stopped.
                Ok(Ok(connection)) => drop(connections.send(Ok(connection)).await),
                Ok(Err(error)) => tracing::info!(?from, %error, "handshake refused"),
                Err(_) => tracing::info!(?from, "handshake not finished in time"),
            }
            drop(place);
        });
    }
}
