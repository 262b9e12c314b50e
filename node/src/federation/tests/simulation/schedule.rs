//! What happens next.

use std::time::Duration;

use rand::RngExt as _;

use super::world::{Keeper, World};
use crate::federation::uplink;

/// So many things happen at most before all is quiet; more is a link that never comes to rest.
const LONGEST: usize = 400_000;

/// What a schedule is made of: in so many steps, each of these so often among a thousand.
#[derive(Clone, Copy, Debug)]
pub struct Storm {
    pub steps: usize,
    pub crashes: u32,
    pub cuts: u32,
    pub duplicates: u32,
    pub moves: u32,
    pub writes: u32,
}

/// What happened in all schedules of a test.
#[derive(Debug, Default)]
pub struct Seen {
    deliveries: usize,
    commits: usize,
    crashes: usize,
    cuts: usize,
    duplicates: usize,
    moves: usize,
    writes: usize,
    joins: usize,
}

impl Seen {
    /// Otherwise the test would not show what it says.
    pub fn must_be_worth_it(&self, storm: Storm) {
        let Self {
            deliveries,
            commits,
            crashes,
            cuts,
            duplicates,
            moves,
            writes,
            joins,
        } = *self;
        assert!(storm.steps > 0);
        let all = [
            deliveries, commits, crashes, cuts, duplicates, moves, writes, joins,
        ];
        assert!(all.iter().all(|count| *count > 0), "{self:?}");
        assert!(deliveries > 10 * crashes, "{self:?}");
    }
}

/// Something that waits to happen.
#[derive(Clone, Copy, Debug)]
enum Next {
    /// A message of this lower node arrives above.
    Ask(usize),
    /// An answer arrives at this lower node.
    Answer(usize),
    /// The node above has ended the link.
    End(usize),
    Commit(usize),
    Tell(usize),
    Retry(usize),
    /// This lower node shows checkpoints.
    Check(usize),
    Join(usize),
}

impl<K: Keeper> World<K> {
    /// Lets things happen in any order, and lets things go wrong.
    pub fn storm(&mut self, storm: Storm, seen: &mut Seen) {
        for _ in 0..storm.steps {
            self.time += self.rng.random_range(0..200);
            let Storm {
                steps: _,
                crashes,
                cuts,
                duplicates,
                moves,
                writes,
            } = storm;
            let mut roll = self.rng.random_range(0..1_000_u32);
            let mut is = |share: u32| {
                let is = roll < share;
                roll = if is { u32::MAX } else { roll - share };
                is
            };
            let site = (is(crashes), is(cuts), is(duplicates), is(moves), is(writes));
            let any = self.rng.random_range(0..self.nodes());
            match site {
                (true, ..) => {
                    self.crash(any);
                    seen.crashes += 1;
                }
                (_, true, ..) => {
                    seen.cuts += usize::from(self.line(any).is_some());
                    self.cut(any);
                }
                (_, _, true, ..) => seen.duplicates += usize::from(self.duplicate(any)),
                (_, _, _, true, _) => seen.moves += usize::from(self.move_somewhere(any)),
                (_, _, _, _, true) => {
                    let count = self.rng.random_range(1..5);
                    self.write(any, count);
                    seen.writes += 1;
                }
                _ => self.step(seen),
            }
        }
    }

    fn step(&mut self, seen: &mut Seen) {
        let waiting = self.waiting();
        let Some(last) = waiting.len().checked_sub(1) else {
            return;
        };
        let chosen = waiting[self.rng.random_range(0..=last)];
        match chosen {
            Next::Ask(_) | Next::Answer(_) => seen.deliveries += 1,
            Next::Commit(_) => seen.commits += 1,
            Next::Join(_) => seen.joins += 1,
            _ => {}
        }
        self.happen(chosen);
    }

    /// Lets everything happen that is left to happen, and nothing go wrong.
    pub fn settle(&mut self) {
        self.quiet(None);
    }

    /// The same, for so long: a log that is refused is tried again for ever.
    pub fn run_for(&mut self, time: Duration) {
        let until = self.time + u64::try_from(time.as_millis()).unwrap();
        self.quiet(Some(until));
    }

    fn quiet(&mut self, until: Option<u64>) {
        for _ in 0..LONGEST {
            let waiting = self.waiting();
            let is_over = |next: &Next| match (next, until) {
                (Next::Retry(site), Some(until)) => self.retry_at(*site) > Some(until),
                _ => false,
            };
            let waiting: Vec<Next> = waiting.into_iter().filter(|next| !is_over(next)).collect();
            let Some(last) = waiting.len().checked_sub(1) else {
                return;
            };
            let chosen = waiting[self.rng.random_range(0..=last)];
            self.happen(chosen);
        }
        panic!("it never comes to rest: {:?}", self.waiting());
    }

    /// Lines come and go, every few minutes one; how many were cut.
    pub fn flap_for(&mut self, time: Duration) -> usize {
        let until = self.time + u64::try_from(time.as_millis()).unwrap();
        let mut flaps = 0;
        while self.time < until {
            self.time += self.rng.random_range(0..300_000);
            let any = self.rng.random_range(0..self.nodes());
            match self.rng.random_range(0..100) {
                0..2 => self.crash(any),
                2..90 => {
                    flaps += usize::from(self.line(any).is_some());
                    self.cut(any);
                }
                _ => {}
            }
            let writes = self.rng.random_range(0..3);
            self.write(any, writes);
            // What is due until now, and no more: many a cut comes into the middle of something.
            for _ in 0..self.rng.random_range(0..60) {
                let now = self.time;
                let mut waiting = self.waiting();
                waiting.retain(|next| match next {
                    Next::Retry(site) => self.retry_at(*site) <= Some(now),
                    _ => true,
                });
                if let Some(last) = waiting.len().checked_sub(1) {
                    let chosen = waiting[self.rng.random_range(0..=last)];
                    self.happen(chosen);
                }
            }
        }
        flaps
    }

    fn retry_at(&self, site: usize) -> Option<u64> {
        self.sites[site].up.as_ref().and_then(|up| up.retry_at)
    }

    fn waiting(&self) -> Vec<Next> {
        let mut waiting = Vec::new();
        for (number, site) in self.sites.iter().enumerate() {
            if !site.jobs.is_empty() {
                waiting.push(Next::Commit(number));
            }
            if site.has_news {
                waiting.push(Next::Tell(number));
            }
            if !site.has_joined {
                waiting.push(Next::Join(number));
            }
            let Some(up) = &site.up else {
                continue;
            };
            if let Some(line) = &up.line {
                if up.may_check {
                    waiting.push(Next::Check(number));
                }
                let is_listening = line.upper.is_some() && !line.is_busy;
                if is_listening && !line.asks.is_empty() {
                    waiting.push(Next::Ask(number));
                }
                match line.answers.is_empty() {
                    false => waiting.push(Next::Answer(number)),
                    true if line.upper.is_none() => waiting.push(Next::End(number)),
                    true => {}
                }
            }
        }
        // Of the timers the first one, and only when it is due or nothing else is to be done: time does not run away.
        let timers = (0..self.sites.len()).filter_map(|site| Some((self.retry_at(site)?, site)));
        if let Some((at, site)) = timers.min()
            && (at <= self.time || waiting.is_empty())
        {
            waiting.push(Next::Retry(site));
        }
        waiting
    }

    fn happen(&mut self, next: Next) {
        match next {
            Next::Ask(lower) => {
                let message = self.line(lower).and_then(|line| line.asks.pop_front());
                if let Some(message) = message {
                    self.hear(lower, message);
                }
            }
            Next::Answer(lower) => {
                let answer = self.line(lower).and_then(|line| line.answers.pop_front());
                if let Some(answer) = answer {
                    self.learn(lower, answer);
                }
            }
            Next::End(lower) => self.cut(lower),
            Next::Commit(site) => self.commit(site),
            Next::Tell(site) => self.tell(site),
            Next::Retry(site) => {
                let at = self.sites[site]
                    .up
                    .as_mut()
                    .and_then(|up| up.retry_at.take());
                self.time = self.time.max(at.unwrap_or_default());
                self.below(site, uplink::Event::RetryDue);
            }
            Next::Check(site) => self.check(site),
            Next::Join(site) => self.sites[site].has_joined = true,
        }
    }

    /// The next message of a line arrives twice.
    fn duplicate(&mut self, lower: usize) -> bool {
        let Some(line) = self.line(lower) else {
            return false;
        };
        let ask = line.asks.front().cloned();
        let answer = line.answers.front().cloned();
        let is_any = ask.is_some() || answer.is_some();
        if let Some(ask) = ask {
            line.asks.push_front(ask);
        }
        if let Some(answer) = answer {
            line.answers.push_front(answer);
        }
        is_any
    }

    fn move_somewhere(&mut self, site: usize) -> bool {
        let parents = self.sites[site].up.as_ref().map(|up| up.parents.clone());
        let Some(parents) = parents.filter(|parents| parents.len() > 1) else {
            return false;
        };
        let to = parents[self.rng.random_range(0..parents.len())];
        self.move_to(site, to);
        true
    }
}
