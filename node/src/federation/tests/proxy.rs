//! A line that can be cut: a TCP proxy on loopback.

use std::{
    io::{Read as _, Write as _},
    net::{Shutdown, SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc, Mutex,
        atomic::{AtomicI64, AtomicUsize, Ordering},
    },
    thread,
};

/// Forwards to a target that may change, and cuts the line after a number of bytes upwards.
#[derive(Clone)]
pub struct Proxy {
    pub address: SocketAddr,
    shared: Arc<Shared>,
}

struct Shared {
    target: Mutex<SocketAddr>,
    budget: AtomicI64,
    cuts: AtomicUsize,
}

impl Proxy {
    pub fn to(target: SocketAddr) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let shared = Arc::new(Shared {
            target: Mutex::new(target),
            budget: AtomicI64::new(i64::MAX),
            cuts: AtomicUsize::new(0),
        });
        let proxy = Self {
            address: listener.local_addr().unwrap(),
            shared: shared.clone(),
        };
        thread::spawn(move || {
            for below in listener.incoming().flatten() {
                let target = *shared.target.lock().unwrap();
                if let Ok(above) = TcpStream::connect(target) {
                    forward(below, above, shared.clone());
                }
            }
        });
        proxy
    }

    pub fn retarget(&self, target: SocketAddr) {
        *self.shared.target.lock().unwrap() = target;
    }

    pub fn cut_after(&self, bytes: i64) {
        self.shared.budget.store(bytes, Ordering::SeqCst);
    }

    pub fn cuts(&self) -> usize {
        self.shared.cuts.load(Ordering::SeqCst)
    }
}

fn forward(below: TcpStream, above: TcpStream, shared: Arc<Shared>) {
    let (mut answers, mut asks) = (above.try_clone().unwrap(), below.try_clone().unwrap());
    let (mut up, mut down) = (above, below);
    thread::spawn(move || {
        copy(&mut asks, &mut up, |bytes| {
            let left = shared.budget.fetch_sub(bytes, Ordering::SeqCst) - bytes;
            if left < 0 {
                shared.budget.store(i64::MAX, Ordering::SeqCst);
                shared.cuts.fetch_add(1, Ordering::SeqCst);
            }
            left >= 0
        });
    });
    thread::spawn(move || copy(&mut answers, &mut down, |_| true));
}

fn copy(from: &mut TcpStream, to: &mut TcpStream, mut may_pass: impl FnMut(i64) -> bool) {
    let mut buffer = [0; 4096];
    while let Ok(length @ 1..) = from.read(&mut buffer) {
        let passes = may_pass(i64::try_from(length).unwrap());
        // Half of it still gets through, so that the cut falls inside a message.
        let length = if passes { length } else { length / 2 };
        if to.write_all(&buffer[..length]).is_err() || !passes {
            break;
        }
    }
    from.shutdown(Shutdown::Both).ok();
    to.shutdown(Shutdown::Both).ok();
}
