//! Nodes, the lines between them, and what one of them does after the other.

use std::collections::{BTreeMap, VecDeque};

use lika_core::{
    log::Entry,
    value::{AreaCode, NodeId},
};
use lika_proto::v1::{
    Announce, FromAbove, FromBelow, LinkRefused, from_above::Message as Answer, from_below::Message,
};
use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;

use super::super::logs::{note, seq_of};

use crate::federation::{
    Head, Known, LogCheckpoint, LogHead, LogRefused, Member, NotReceived, NotWitnessed, Pace,
    batch, downlink, message::encode_logs, uplink,
};

pub type Totals = BTreeMap<AreaCode, i64>;

/// Something that a node was asked to make durable.
#[derive(Clone, Debug)]
pub enum Job {
    Write(usize),
    Receive(Member, Vec<Entry>),
}

/// The logs of a node on its disk.
pub trait Keeper: Sized {
    fn create(of: Member, number: u8) -> Self;

    /// Does it and makes it durable.
    fn run(&mut self, job: &Job) -> Result<Head, NotReceived>;

    /// The power goes while these are under way, and comes back.
    fn crash(&mut self, jobs: Vec<Job>, rng: &mut ChaCha8Rng);

    /// The own log loses its last entries, as when an old copy of a disk is put in place.
    fn roll_back(&mut self, count: usize);

    fn heads(&self) -> Vec<LogHead>;

    fn known(&self, log: &LogHead) -> Known;

    fn entries_after(&self, log: &NodeId, seq: u64, max_bytes: usize) -> Vec<Entry>;

    /// What it counts, kept as entries arrive.
    fn totals(&self) -> Totals;

    /// The same, counted anew.
    fn recount(&self) -> Totals;

    /// Walks all logs.
    fn verify(&mut self);
}

pub struct World<K> {
    pub(super) rng: ChaCha8Rng,
    /// Milliseconds since 1970-01-01T00:00:00Z.
    pub(super) time: u64,
    pub(super) sites: Vec<Site<K>>,
    lines: u64,
    dials: usize,
}

/// A node.
pub struct Site<K> {
    pub(super) of: Member,
    pub(super) keeper: K,
    pub(super) up: Option<Up>,
    pub(super) jobs: Vec<(Job, Option<From>)>,
    /// Until then nobody reaches it.
    pub(super) has_joined: bool,
    /// The logs may have grown.
    pub(super) has_news: bool,
    /// What it has acknowledged, to officers of its own log, to nodes below of theirs.
    promised: BTreeMap<NodeId, Head>,
    /// The checkpoints of the nodes below that it has found to be true.
    witnessed: BTreeMap<NodeId, Head>,
    /// How wrong its clock is.
    skew: u64,
}

/// The link to the node above.
pub struct Up {
    pub(super) to: usize,
    pub(super) parents: Vec<usize>,
    pub(super) state: uplink::State,
    seen: BTreeMap<NodeId, u64>,
    pub(super) retry_at: Option<u64>,
    /// There may be a checkpoint to show.
    pub(super) may_check: bool,
    /// The last one of a log of another node that was.
    shown: BTreeMap<NodeId, Head>,
    pub(super) line: Option<Line>,
}

/// Whose batch it was.
#[derive(Clone, Copy, Debug)]
pub struct From {
    lower: usize,
    line: u64,
}

/// A stream between two nodes, and what is on it.
pub struct Line {
    number: u64,
    pub(super) asks: VecDeque<FromBelow>,
    pub(super) answers: VecDeque<FromAbove>,
    /// The upper node's side, until it has ended the link.
    pub(super) upper: Option<downlink::State>,
    /// The upper node is storing.
    pub(super) is_busy: bool,
}

impl<K: Keeper> World<K> {
    pub fn new(seed: u64, prefectures: &[usize]) -> Self {
        let mut world = Self {
            rng: ChaCha8Rng::seed_from_u64(seed),
            time: 1_480_000_000_000,
            sites: Vec::new(),
            lines: 0,
            dials: 0,
        };
        let province = world.found("36", &[]);
        for (number, counties) in prefectures.iter().enumerate() {
            let digits = format!("36{:02}", number + 1);
            let prefecture = world.found(&digits, &[province]);
            for county in 0..*counties {
                let digits = format!("{digits}{:02}", county + 21);
                world.found(&digits, &[prefecture, province]);
            }
        }
        world
    }

    fn found(&mut self, digits: &str, parents: &[usize]) -> usize {
        let number = u8::try_from(self.sites.len()).unwrap();
        let of = Member {
            node: NodeId([number + 1; 16]),
            area: AreaCode::parse(digits).unwrap(),
        };
        let is_county = parents.len() > 1;
        let up = parents.first().map(|to| Up {
            to: *to,
            parents: parents.to_vec(),
            state: uplink::State::new(LogHead::of(of, None), Pace::default()),
            seen: BTreeMap::new(),
            retry_at: None,
            may_check: false,
            shown: BTreeMap::new(),
            line: None,
        });
        let mut site = Site {
            of,
            keeper: K::create(of, number),
            up,
            jobs: Vec::new(),
            // Some counties join while the others are at work.
            has_joined: !is_county || self.rng.random_bool(0.7),
            has_news: true,
            promised: BTreeMap::new(),
            witnessed: BTreeMap::new(),
            skew: self.rng.random_range(0..600_000),
        };
        // A log begins with its node's record.
        let head = site.keeper.run(&Job::Write(1)).ok().unwrap();
        site.promised.insert(of.node, head);
        self.sites.push(site);
        let founded = self.sites.len() - 1;
        self.begin_link(founded);
        founded
    }

    /// The node starts: its link knows what is durable and nothing else.
    fn begin_link(&mut self, site: usize) {
        let now = self.time;
        let site = &mut self.sites[site];
        let heads = site.keeper.heads();
        let Some(up) = &mut site.up else {
            return;
        };
        let own = heads.iter().find(|log| log.of.node == site.of.node);
        let own = LogHead::of(site.of, own.map(|log| log.head));
        up.state = uplink::State::new(own, Pace::default());
        up.seen = heads
            .iter()
            .map(|log| (log.of.node, log.head.seq))
            .collect();
        up.line = None;
        up.retry_at = Some(now);
        let others = heads.into_iter().filter(|log| log.of.node != site.of.node);
        up.state.apply(uplink::Event::Grown(others.collect()));
    }

    pub fn nodes(&self) -> usize {
        self.sites.len()
    }

    pub fn node(&self, site: usize) -> NodeId {
        self.sites[site].of.node
    }

    pub fn dials(&self) -> usize {
        self.dials
    }

    pub fn counties(&self) -> Vec<usize> {
        let is_county = |site: &usize| self.sites[*site].of.area.digits().len() == 6;
        (0..self.sites.len()).filter(is_county).collect()
    }

    pub fn write(&mut self, site: usize, count: usize) {
        self.sites[site].jobs.push((Job::Write(count), None));
    }

    /// A node makes durable what it was asked to, and answers.
    pub(super) fn commit(&mut self, site: usize) {
        for (job, from) in std::mem::take(&mut self.sites[site].jobs) {
            let done = self.sites[site].keeper.run(&job);
            self.sites[site].has_news = true;
            match (from, done) {
                (None, done) => {
                    let head = done.unwrap();
                    self.promise(site, self.sites[site].of.node, head);
                }
                (Some(from), done) => {
                    let event = match done {
                        Ok(head) => downlink::Event::Stored(head),
                        Err(error) => downlink::Event::NotStored(error),
                    };
                    let line = self
                        .line(from.lower)
                        .filter(|line| line.number == from.line);
                    if let Some(line) = line {
                        line.is_busy = false;
                        self.above(from.lower, event);
                    }
                }
            }
        }
    }

    fn promise(&mut self, site: usize, log: NodeId, head: Head) {
        let promised = self.sites[site].promised.entry(log).or_insert(head);
        if promised.seq < head.seq {
            *promised = head;
        }
    }

    pub(super) fn line(&mut self, lower: usize) -> Option<&mut Line> {
        self.sites[lower].up.as_mut()?.line.as_mut()
    }

    /// The logs of a node have grown: its link hears of it.
    pub(super) fn tell(&mut self, site: usize) {
        let site_ref = &mut self.sites[site];
        site_ref.has_news = false;
        let Some(up) = &mut site_ref.up else {
            return;
        };
        let mut news = site_ref.keeper.heads();
        news.retain(|log| up.seen.get(&log.of.node) < Some(&log.head.seq));
        up.seen
            .extend(news.iter().map(|log| (log.of.node, log.head.seq)));
        if !news.is_empty() {
            up.may_check = true;
            self.below(site, uplink::Event::Grown(news));
        }
    }

    /// A message reaches the upper node.
    pub(super) fn hear(&mut self, lower: usize, message: FromBelow) {
        let upper = self.sites[lower].up.as_ref().map_or(0, |up| up.to);
        let now = self.time + self.sites[upper].skew;
        self.above(lower, downlink::event(message.message, now));
    }

    /// An answer reaches the lower node.
    pub(super) fn learn(&mut self, lower: usize, answer: FromAbove) {
        let now = self.time + self.sites[lower].skew;
        let up = self.sites[lower].up.as_mut();
        if let Some(up) = up.filter(|_| !matches!(answer.message, Some(Answer::Checkpoint(_)))) {
            up.may_check = true;
        }
        self.below(lower, uplink::event(answer.message, now));
    }

    /// The loop of an upper node.
    fn above(&mut self, lower: usize, event: downlink::Event) {
        let Some(to) = self.sites[lower].up.as_ref().map(|up| up.to) else {
            return;
        };
        let Some(line) = self.line(lower) else {
            return;
        };
        let number = line.number;
        let Some(mut state) = line.upper.take() else {
            return;
        };
        let mut effects = VecDeque::from(state.apply(event));
        let (mut answers, mut is_busy, mut goes_on) = (Vec::new(), false, true);
        while let Some(effect) = effects.pop_front() {
            use downlink::Effect;
            match effect {
                Effect::Look(logs) => {
                    let keeper = &self.sites[to].keeper;
                    let known = logs.iter().map(|log| keeper.known(log)).collect();
                    effects.extend(state.apply(downlink::Event::Looked(known)));
                }
                Effect::Store(of, entries) => {
                    is_busy = true;
                    let from = Some(From {
                        lower,
                        line: number,
                    });
                    self.sites[to].jobs.push((Job::Receive(of, entries), from));
                }
                Effect::Witness(checkpoint) => {
                    effects.extend(state.apply(self.witness(to, checkpoint)));
                }
                Effect::Checkpoint(checkpoint) => {
                    answers.push(Answer::Checkpoint(checkpoint.into()));
                }
                // Whoever is refused has forked, and that is what is asked for.
                Effect::KeepFork(_) => {}
                Effect::Welcome(welcome) => answers.push(Answer::Welcome(welcome.into())),
                Effect::Stands(stands) => answers.push(Answer::Stands(stands.into())),
                Effect::Acknowledge(acknowledged) => {
                    let log = acknowledged.log.unwrap_or(self.sites[lower].of.node);
                    self.promise(to, log, acknowledged.head);
                    answers.push(Answer::Acknowledged(acknowledged.into()));
                }
                Effect::RefuseLog(log, refusal, head) => {
                    let failure = uplink::Failure::from(&refusal);
                    let refused = LogRefused { log, failure, head };
                    answers.push(Answer::LogRefused(refused.into()));
                }
                Effect::Refuse(refusal, head) => {
                    goes_on = false;
                    answers.push(Answer::Refused(LinkRefused {
                        code: refusal.code().to_owned(),
                        message: refusal.to_string(),
                        head: Some(head.into()),
                    }));
                }
            }
        }
        if let Some(line) = self.line(lower) {
            line.upper = goes_on.then_some(state);
            line.is_busy |= is_busy;
            let answers = answers.into_iter().map(|message| FromAbove {
                message: Some(message),
            });
            line.answers.extend(answers);
        }
    }

    /// A checkpoint is true when it names an entry that is here.
    fn witness(&mut self, site: usize, checkpoint: LogCheckpoint) -> downlink::Event {
        let log = checkpoint.log;
        let site = &mut self.sites[site];
        let of = Member {
            node: log,
            area: site.of.area,
        };
        let head = Head {
            seq: seq_of(&checkpoint.note),
            ..Head::EMPTY
        };
        let known = site.keeper.known(&LogHead { of, head });
        match known.there {
            Some(there) if note(there) == checkpoint.note => {
                let witnessed = site.witnessed.entry(log).or_insert(there);
                if witnessed.seq < there.seq {
                    *witnessed = there;
                }
                if let Some(up) = &mut site.up {
                    up.may_check = true;
                }
                downlink::Event::Witnessed(checkpoint)
            }
            Some(there) => downlink::Event::NotWitnessed(log, NotWitnessed::Forked(there.seq)),
            None => downlink::Event::NotWitnessed(log, NotWitnessed::Unknown),
        }
    }

    /// A lower node shows checkpoints.
    pub(super) fn check(&mut self, site: usize) {
        if let Some(up) = &mut self.sites[site].up {
            up.may_check = false;
            self.below(site, uplink::Event::ChecksDue);
        }
    }

    /// Its own as its log stands, another's as it has come from below.
    fn show(&mut self, site: usize, log: NodeId, head: Head) -> Option<uplink::Event> {
        let site_ref = &mut self.sites[site];
        let up = site_ref.up.as_mut()?;
        let known = match log == site_ref.of.node {
            true => Some(head),
            false => site_ref.witnessed.get(&log).copied(),
        };
        let shown =
            known.filter(|known| known.seq <= head.seq && up.shown.get(&log) != Some(known));
        let Some(shown) = shown else {
            return Some(uplink::Event::NoCheckpoint(log));
        };
        up.shown.insert(log, shown);
        let note = note(shown);
        self.send(
            site,
            Message::Checkpoint(LogCheckpoint { log, note }.into()),
        )
    }

    /// The loop of a lower node.
    pub(super) fn below(&mut self, site: usize, event: uplink::Event) {
        let mut effects = VecDeque::from(self.decide(site, event));
        while let Some(effect) = effects.pop_front() {
            use uplink::Effect;
            let outcome = match effect {
                Effect::Dial => Some(self.dial(site)),
                Effect::Greet(hello) => self.send(site, Message::Hello(hello.into())),
                Effect::Announce(logs) => {
                    let logs = encode_logs(logs);
                    self.send(site, Message::Announce(Announce { logs }))
                }
                Effect::ReadOne(log, seq) => Some(self.read(site, log, seq - 1, 1)),
                Effect::ReadAfter(log, seq) => Some(self.read(site, log, seq, batch::MAX_BYTES)),
                Effect::Send(log, entries) => {
                    let batch = batch::pack(log, entries).unwrap();
                    self.send(site, Message::Entries(batch))
                }
                Effect::Check(log, head) => self.show(site, log, head),
                Effect::Keep(_) => None,
                Effect::HangUp => {
                    self.let_go(site);
                    None
                }
                Effect::Wait(longest) => {
                    let longest = u64::try_from(longest.as_millis()).unwrap();
                    let wait = self.rng.random_range(longest / 2..=longest);
                    let now = self.time;
                    if let Some(up) = &mut self.sites[site].up {
                        up.retry_at = Some(now + wait);
                    }
                    None
                }
            };
            if let Some(outcome) = outcome {
                effects.extend(self.decide(site, outcome));
            }
        }
    }

    fn decide(&mut self, site: usize, event: uplink::Event) -> Vec<uplink::Effect> {
        let up = self.sites[site].up.as_mut();
        up.map(|up| up.state.apply(event)).unwrap_or_default()
    }

    fn dial(&mut self, site: usize) -> uplink::Event {
        self.dials += 1;
        let to = self.sites[site].up.as_ref().map_or(0, |up| up.to);
        if !self.sites[to].has_joined || !self.sites[site].has_joined {
            return uplink::Event::Cut("no route".to_owned());
        }
        self.lines += 1;
        let line = Line {
            number: self.lines,
            asks: VecDeque::new(),
            answers: VecDeque::new(),
            upper: Some(downlink::State::new(
                self.sites[to].of.node,
                self.sites[site].of,
            )),
            is_busy: false,
        };
        let now = self.time + self.sites[site].skew;
        if let Some(up) = &mut self.sites[site].up {
            up.line = Some(line);
        }
        uplink::Event::Dialled(now)
    }

    fn send(&mut self, site: usize, message: Message) -> Option<uplink::Event> {
        let message = FromBelow {
            message: Some(message),
        };
        self.line(site)?.asks.push_back(message);
        None
    }

    fn read(&self, site: usize, log: NodeId, after: u64, max_bytes: usize) -> uplink::Event {
        let entries = self.sites[site]
            .keeper
            .entries_after(&log, after, max_bytes);
        uplink::Event::Read(log, entries)
    }

    /// The line is gone. Some of what was on it still reaches the upper node, whose answers nobody reads.
    fn let_go(&mut self, site: usize) {
        let Some(line) = self.line(site) else {
            return;
        };
        let on_the_line = std::mem::take(&mut line.asks);
        let arrive = self.rng.random_range(0..=on_the_line.len());
        for message in on_the_line.into_iter().take(arrive) {
            if self.line(site).is_some_and(|line| !line.is_busy) {
                self.hear(site, message);
            }
        }
        if let Some(up) = &mut self.sites[site].up {
            up.line = None;
            // Whether the last one arrived, nobody knows.
            up.shown.clear();
        }
    }

    pub(super) fn cut(&mut self, lower: usize) {
        self.below(lower, uplink::Event::Cut("reset".to_owned()));
    }

    /// The power goes: what is not durable is lost, and every line ends.
    pub(super) fn crash(&mut self, site: usize) {
        let jobs = std::mem::take(&mut self.sites[site].jobs);
        let jobs = jobs.into_iter().map(|(job, _)| job).collect();
        for lower in self.linked_to(site) {
            self.cut(lower);
        }
        // What still came in on the lines was not even begun.
        self.sites[site].jobs.clear();
        self.sites[site].keeper.crash(jobs, &mut self.rng);
        self.let_go(site);
        self.begin_link(site);
        self.sites[site].has_news = true;
        self.must_have_kept(site);
    }

    fn linked_to(&self, upper: usize) -> Vec<usize> {
        let is_linked = |site: &Site<K>| {
            let up = site.up.as_ref();
            up.is_some_and(|up| up.to == upper && up.line.is_some())
        };
        let sites = self.sites.iter().enumerate();
        let linked = sites.filter(|(_, site)| is_linked(site));
        linked.map(|(number, _)| number).collect()
    }

    /// The county starts with another parent in its configuration.
    pub(super) fn move_to(&mut self, site: usize, parent: usize) {
        self.let_go(site);
        if let Some(up) = &mut self.sites[site].up {
            up.to = parent;
        }
        self.begin_link(site);
    }

    pub fn roll_back(&mut self, site: usize, count: usize) {
        self.sites[site].keeper.roll_back(count);
        let of = self.sites[site].of.node;
        self.sites[site].promised.remove(&of);
        self.let_go(site);
        self.begin_link(site);
    }

    /// The logs that some link shows as forked.
    pub fn forked(&self) -> Vec<NodeId> {
        let mut forked = Vec::new();
        for site in &self.sites {
            let Some(status) = site.up.as_ref().map(|up| up.state.status()) else {
                continue;
            };
            let is_fork = |failure: Option<&uplink::Failure>| {
                failure.is_some_and(|failure| failure.code == "forked")
            };
            if is_fork(status.failure.as_ref()) {
                forked.push(site.of.node);
            }
            let passed = status.passed.iter();
            forked.extend(
                passed
                    .filter(|(_, it)| is_fork(it.refused.as_ref()))
                    .map(|(it, _)| *it),
            );
        }
        forked.sort_unstable();
        forked.dedup();
        forked
    }

    fn must_have_kept(&self, site: usize) {
        let site = &self.sites[site];
        for (log, head) in &site.promised {
            let of = Member {
                node: *log,
                area: site.of.area,
            };
            let known = site.keeper.known(&LogHead { of, head: *head });
            let area = site.of.area;
            assert_eq!(
                known.there,
                Some(*head),
                "{area} lost what it acknowledged of {log}"
            );
        }
    }

    pub fn must_agree(&mut self) {
        assert_eq!(self.forked(), []);
        self.must_agree_but(&[]);
    }

    /// Every log is the same at every tier above its node, counted once there, and nothing that was promised is lost.
    pub fn must_agree_but(&mut self, stopped: &[usize]) {
        for site in 0..self.sites.len() {
            if !stopped.contains(&site) {
                self.must_have_kept(site);
            }
            let keeper = &mut self.sites[site].keeper;
            keeper.verify();
            assert_eq!(keeper.totals(), keeper.recount(), "the totals of {site}");
        }
        for (number, site) in self.sites.iter().enumerate() {
            if stopped.contains(&number) {
                continue;
            }
            let own = LogHead::of(site.of, None);
            let head = site.keeper.known(&own).head;
            let mut at = number;
            while let Some(up) = &self.sites[at].up {
                at = up.to;
                let found = self.sites[at].keeper.known(&own).head;
                let (area, tier) = (site.of.area, self.sites[at].of.area);
                assert_eq!(found, head, "the log of {area} at {tier}");
                let witnessed = self.sites[at].witnessed.get(&site.of.node);
                assert_eq!(witnessed, Some(&head), "the checkpoint of {area} at {tier}");
            }
        }
        if stopped.is_empty() {
            self.must_count_alike();
        }
    }

    /// The province counts in every county what the county counts itself.
    fn must_count_alike(&self) {
        let province = self.sites[0].keeper.totals();
        for county in self.counties() {
            let site = &self.sites[county];
            let own = site.keeper.totals().get(&site.of.area).copied();
            assert_eq!(
                province.get(&site.of.area).copied(),
                own,
                "{}",
                site.of.area
            );
        }
    }
}
