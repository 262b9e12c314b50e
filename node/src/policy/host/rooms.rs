//! How many processes there are at a time.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use super::super::evaluation::Failure;
use super::place::Place;
use crate::clock::Stopwatch;

/// Processes at a time. Each takes some 40 MiB beside the memory of its policy; a county has a
/// handful of purposes.
const ROOMS: usize = 8;
/// How long a policy waits for a room where all processes are at work.
const WAIT: Duration = Duration::from_secs(30);
/// Ends of calls are not announced, so whoever waits looks again.
const LOOK_AGAIN: Duration = Duration::from_millis(20);

/// The rooms for processes. Where all are taken, the policy that was idle longest gives up its own.
#[derive(Default)]
pub struct Rooms {
    state: Mutex<State>,
    left: Condvar,
    uses: AtomicU64,
}

#[derive(Default)]
struct State {
    taken: usize,
    places: Vec<Weak<Place>>,
}

/// A room, free again when dropped.
pub struct Room(Arc<Rooms>);

impl Rooms {
    /// The number of a use of some place, later ones higher.
    pub fn next_use(&self) -> u64 {
        self.uses.fetch_add(1, Ordering::Relaxed)
    }

    /// From now on the place may be asked to give up its room.
    pub fn enter(&self, place: &Arc<Place>) {
        let mut state = self.lock();
        state.places.retain(|place| place.strong_count() > 0);
        state.places.push(Arc::downgrade(place));
    }

    /// All places that there are.
    pub fn places(&self) -> Vec<Arc<Place>> {
        self.lock()
            .places
            .iter()
            .filter_map(Weak::upgrade)
            .collect()
    }

    /// Takes a room.
    pub fn take(self: &Arc<Self>) -> Result<Room, Failure> {
        let watch = Stopwatch::start();
        loop {
            if let Some(room) = self.try_take() {
                return Ok(room);
            }
            let mut idle = self.places();
            idle.sort_by_key(|place| place.last_used());
            if idle.iter().any(|place| place.retire()) {
                continue;
            }
            if watch.elapsed() > WAIT {
                let cause = format!("all {ROOMS} processes are at work");
                return Err(Failure::Unavailable { cause });
            }
            // Either way it looks again.
            let _ = self.left.wait_timeout(self.lock(), LOOK_AGAIN);
        }
    }

    fn try_take(self: &Arc<Self>) -> Option<Room> {
        let mut state = self.lock();
        if state.taken == ROOMS {
            return None;
        }
        state.taken += 1;
        Some(Room(Arc::clone(self)))
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Room {
    fn drop(&mut self) {
        self.0.lock().taken -= 1;
        self.0.left.notify_one();
    }
}
