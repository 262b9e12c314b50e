//! A line that can be cut, swallow, delay and throttle: a TCP proxy on loopback.

use std::{
    io::{Read as _, Write as _},
    net::{Shutdown, SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc, Mutex,
        atomic::{AtomicI64, AtomicU64, AtomicUsize, Ordering},
    },
    thread,
    time::Duration,
};

/// What passes at once.
const PIECE: usize = 4096;

/// Forwards to a target that may change.
#[derive(Clone)]
pub struct Proxy {
    pub address: SocketAddr,
    shared: Arc<Shared>,
}

struct Shared {
    target: Mutex<SocketAddr>,
    /// After so many bytes upwards the line is cut.
    budget: AtomicI64,
    /// After so many bytes upwards nothing arrives any more, and nobody is told.
    swallow: AtomicI64,
    swallowed: AtomicUsize,
    /// How long each piece takes in either direction, in microseconds.
    delay: AtomicU64,
    cuts: AtomicUsize,
    open: Mutex<Vec<TcpStream>>,
}

impl Proxy {
    pub fn to(target: SocketAddr) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let shared = Arc::new(Shared {
            target: Mutex::new(target),
            budget: AtomicI64::new(i64::MAX),
            swallow: AtomicI64::new(i64::MAX),
            swallowed: AtomicUsize::new(0),
            delay: AtomicU64::new(0),
            open: Mutex::default(),
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

    /// Bytes upwards beyond these vanish, until the line is cut.
    pub fn swallow_after(&self, bytes: i64) {
        self.shared.swallow.store(bytes, Ordering::SeqCst);
    }

    /// How many bytes have vanished.
    pub fn swallowed(&self) -> usize {
        self.shared.swallowed.load(Ordering::SeqCst)
    }

    /// Lets each piece of 4 KiB take so long: a delay for what is small, a throttle for what is large.
    pub fn slow_down(&self, delay: Duration) {
        let micros = u64::try_from(delay.as_micros()).unwrap();
        self.shared.delay.store(micros, Ordering::SeqCst);
    }

    /// Cuts every line that is open; the next ones are whole again.
    pub fn cut(&self) {
        self.shared.swallow.store(i64::MAX, Ordering::SeqCst);
        for stream in self.shared.open.lock().unwrap().drain(..) {
            stream.shutdown(Shutdown::Both).ok();
        }
        self.shared.cuts.fetch_add(1, Ordering::SeqCst);
    }

    pub fn cuts(&self) -> usize {
        self.shared.cuts.load(Ordering::SeqCst)
    }
}

/// What becomes of a piece.
enum Fate {
    Passes,
    Vanishes,
    Cut,
}

fn forward(below: TcpStream, above: TcpStream, shared: Arc<Shared>) {
    let (mut answers, mut asks) = (above.try_clone().unwrap(), below.try_clone().unwrap());
    let clones = [above.try_clone().unwrap(), below.try_clone().unwrap()];
    shared.open.lock().unwrap().extend(clones);
    let (mut up, mut down) = (above, below);
    let downwards = shared.clone();
    thread::spawn(move || {
        copy(&mut asks, &mut up, |bytes| shared.upwards(bytes));
    });
    thread::spawn(move || {
        copy(&mut answers, &mut down, |_| {
            downwards.wait();
            Fate::Passes
        });
    });
}

impl Shared {
    fn upwards(&self, bytes: usize) -> Fate {
        self.wait();
        let signed = i64::try_from(bytes).unwrap();
        if self.swallow.fetch_sub(signed, Ordering::SeqCst) < signed {
            self.swallow.store(0, Ordering::SeqCst);
            self.swallowed.fetch_add(bytes, Ordering::SeqCst);
            return Fate::Vanishes;
        }
        if self.budget.fetch_sub(signed, Ordering::SeqCst) < signed {
            self.budget.store(i64::MAX, Ordering::SeqCst);
            self.cuts.fetch_add(1, Ordering::SeqCst);
            return Fate::Cut;
        }
        Fate::Passes
    }

    /// Not a wait for anything: the delay is what the line is for.
    fn wait(&self) {
        match self.delay.load(Ordering::SeqCst) {
            0 => {}
            micros => thread::sleep(Duration::from_micros(micros)),
        }
    }
}

fn copy(from: &mut TcpStream, to: &mut TcpStream, mut fate: impl FnMut(usize) -> Fate) {
    let mut buffer = [0; PIECE];
    while let Ok(length @ 1..) = from.read(&mut buffer) {
        // Half of it still gets through, so that the cut falls inside a message.
        let (passes, is_cut) = match fate(length) {
            Fate::Passes => (length, false),
            Fate::Vanishes => (0, false),
            Fate::Cut => (length / 2, true),
        };
        if to.write_all(&buffer[..passes]).is_err() || is_cut {
            break;
        }
    }
    from.shutdown(Shutdown::Both).ok();
    to.shutdown(Shutdown::Both).ok();
}
