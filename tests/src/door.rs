//! A fixed address in front of a node whose own address changes with every start.

use std::{
    io,
    net::{Shutdown, SocketAddr, TcpListener, TcpStream},
    sync::{Arc, Mutex},
    thread,
};

/// Passes connections on to wherever it leads at the moment; refuses them while it leads nowhere.
pub struct Door {
    address: SocketAddr,
    behind: Arc<Mutex<Option<SocketAddr>>>,
}

impl Door {
    /// A door that leads nowhere yet.
    pub fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let behind: Arc<Mutex<Option<SocketAddr>>> = Arc::default();
        let asked = Arc::clone(&behind);
        // It ends with the process of the test: nobody connects after the nodes are gone.
        thread::spawn(move || {
            for caller in listener.incoming().flatten() {
                let behind = *asked.lock().unwrap();
                if let Some(node) = behind.and_then(|behind| TcpStream::connect(behind).ok()) {
                    pass_on(caller, node);
                }
            }
        });
        Self { address, behind }
    }

    /// Where to knock: `https://host:port`.
    pub fn address(&self) -> String {
        format!("https://{}", self.address)
    }

    /// Leads to a node's address from now on.
    pub fn lead_to(&self, address: &str) {
        let address = address.strip_prefix("https://").unwrap_or(address);
        *self.behind.lock().unwrap() = Some(address.parse().unwrap());
    }

    /// Leads nowhere from now on.
    pub fn close(&self) {
        *self.behind.lock().unwrap() = None;
    }
}

impl Default for Door {
    fn default() -> Self {
        Self::new()
    }
}

fn pass_on(caller: TcpStream, node: TcpStream) {
    for stream in [&caller, &node] {
        stream.set_nodelay(true).unwrap();
    }
    let pairs = [
        (caller.try_clone().unwrap(), node.try_clone().unwrap()),
        (node, caller),
    ];
    for (mut from, mut to) in pairs {
        thread::spawn(move || {
            // A cut connection is what the tests are about.
            let _ = io::copy(&mut from, &mut to);
            let _ = from.shutdown(Shutdown::Both);
            let _ = to.shutdown(Shutdown::Both);
        });
    }
}
