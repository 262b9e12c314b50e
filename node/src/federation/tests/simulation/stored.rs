//! Real stores on simulated disks.

use std::{mem, sync::Arc};

use lika_core::{
    command::{Change, Command},
    log::{Entry, Kind},
    record::{Area, Household, HouseholdIdentity, MemberIdentity, Node, area_id},
    rollup::Period,
    value::{
        ActorId, AreaCode, Code, Date, IdentityDocument, Label, Name, NodeId, RecordId, RequestId,
    },
};
use rand::RngExt as _;
use rand_chacha::ChaCha8Rng;
use tempfile::TempDir;

use super::world::{Job, Keeper, Totals};
use crate::{
    clock::{Clock, Scenario},
    federation::{Head, Known, LogHead, Member, NotReceived},
    store::{
        self, Lifecycle, Listing, Position, Reader, Settings, Store, Tail,
        disk::simulated::SimulatedDisk,
    },
};

/// The store of a node.
pub struct Stored {
    of: Member,
    settings: Settings,
    disk: SimulatedDisk,
    store: Option<Store>,
    written: u64,
    _temp: TempDir,
}

impl Stored {
    fn open(&mut self) {
        let clock: Arc<dyn Clock> = Arc::new(Scenario::at(1_480_000_000_000));
        let disk = Arc::new(self.disk.clone());
        let opened = Store::open_on(&self.settings, disk, clock, &mut |_| ());
        self.store = Some(opened.unwrap());
    }

    fn store(&self) -> &Store {
        self.store.as_ref().unwrap()
    }

    fn reader(&self) -> Reader {
        self.store().reader()
    }

    fn head(&self) -> Head {
        let own = self.reader().head(&self.of.node);
        own.map_or(Head::EMPTY, |tail| head(&tail))
    }

    /// Its own node and area to begin with, then households.
    fn write(&mut self, count: usize) -> Result<Head, store::Error> {
        let changes = match self.head().seq {
            0 => self.beginning(),
            _ => (0..count).flat_map(|_| self.household()).collect(),
        };
        if changes.is_empty() {
            return Ok(self.head());
        }
        self.written += 1;
        let name = [&self.of.node.0[..], &self.written.to_be_bytes()].concat();
        let command = Command {
            request: RequestId::derived("request", &name),
            actor: ActorId([9; 16]),
            changes,
        };
        self.store().submit_blocking(command)?;
        Ok(self.head())
    }

    fn beginning(&self) -> Vec<Change> {
        let Member { node, area } = self.of;
        let name = Label::parse("地方").unwrap();
        let registered = Node {
            name: name.clone(),
            public_key: Vec::new(),
            scenario: true,
        };
        let mut changes = vec![Change::create(RecordId(node.0), area, registered)];
        let around = village(area).ancestors_inclusive();
        let mut inside: Vec<AreaCode> = around.filter(|code| area.contains(code)).collect();
        inside.reverse();
        for code in inside {
            let body = Area {
                code,
                name: name.clone(),
                key_village: Vec::new(),
                from: None,
                until: None,
                successors: Vec::new(),
            };
            changes.push(Change::create(area_id(&code), code, body));
        }
        changes
    }

    /// A household and its head.
    fn household(&mut self) -> [Change; 2] {
        self.written += 1;
        let name = [&self.of.node.0[..], &self.written.to_be_bytes()].concat();
        let (household, head) = (
            RecordId::derived("household", &name),
            RecordId::derived("member", &name),
        );
        let since = Date::new(2016, 1, 1).unwrap();
        let code = |text: &str| Code::parse(text).unwrap();
        let member = lika_core::record::Member {
            sex: Some(code("1")),
            identity: Some(MemberIdentity {
                number: None,
                name: Name::parse("张建国").unwrap(),
                document: IdentityDocument::None {
                    reason: code("not-given"),
                },
                phone: None,
            }),
            ..lika_core::record::Member::new(household, since, code("02"))
        };
        let area = village(self.of.area);
        let body = Household {
            identity: Some(HouseholdIdentity::default()),
            ..Household::new(code("general"))
        };
        [
            Change::create(household, area, body),
            Change::create(head, area, member),
        ]
    }

    fn areas(&self) -> Vec<AreaCode> {
        let logs = self.heads();
        let areas = logs
            .iter()
            .flat_map(|log| village(log.of.area).ancestors_inclusive());
        let mut areas: Vec<AreaCode> = areas.collect();
        areas.sort_unstable();
        areas.dedup();
        areas
    }
}

impl Keeper for Stored {
    fn create(of: Member, _: u8) -> Self {
        let temp = tempfile::tempdir().unwrap();
        let data = temp.path().join("data");
        let key = temp.path().join("node.key");
        let mut settings = Settings::new(data, key, of.node, of.area);
        settings.cache_bytes = 2 << 20;
        settings.segment_bytes = 8_000;
        let mut stored = Self {
            of,
            settings,
            disk: SimulatedDisk::default(),
            store: None,
            written: 0,
            _temp: temp,
        };
        stored.open();
        stored
    }

    fn run(&mut self, job: &Job) -> Result<Head, NotReceived> {
        let done = match job {
            Job::Write(count) => self.write(*count),
            Job::Receive(from, entries) => {
                let received = self.store().receive_blocking(from.node, entries.clone());
                received.map(|tail| head(&tail))
            }
        };
        done.map_err(|error| match error {
            store::Error::Fork { at, entry, .. } => NotReceived::Forked { seq: at.seq, entry },
            error => NotReceived::Failed(error.into()),
        })
    }

    fn crash(&mut self, jobs: Vec<Job>, rng: &mut ChaCha8Rng) {
        self.disk.cut_after(rng.random_range(0..12));
        for job in jobs {
            if self.run(&job).is_err() {
                break;
            }
        }
        drop(mem::take(&mut self.store));
        self.disk = self.disk.after_power_cut(rng.random());
        self.open();
    }

    fn roll_back(&mut self, _: usize) {
        panic!("only logs in memory are rolled back");
    }

    fn heads(&self) -> Vec<LogHead> {
        let reader = self.reader();
        let logs = reader.heads().into_iter().filter_map(|tail| {
            let area = first_area(&reader, &tail.node)?;
            let node = tail.node;
            Some(LogHead::of(Member { node, area }, Some(head(&tail))))
        });
        logs.collect()
    }

    fn known(&self, log: &LogHead) -> Known {
        let reader = self.reader();
        let node = log.of.node;
        let tail = reader.head(&node);
        let before = log.head.seq.checked_sub(1);
        let there = before.and_then(|seq| {
            let before = Position { epoch: 1, seq };
            let entries = reader.entries_after(&node, before, 1).unwrap();
            entries.first().map(Head::of)
        });
        Known {
            head: tail.map_or(Head::EMPTY, |tail| head(&tail)),
            area: first_area(&reader, &node),
            there,
        }
    }

    fn entries_after(&self, log: &NodeId, seq: u64, max_bytes: usize) -> Vec<Entry> {
        let after = Position { epoch: 1, seq };
        // Small batches, so that a log takes several.
        let most = max_bytes.min(1_500) as u64;
        self.reader().entries_after(log, after, most).unwrap()
    }

    fn totals(&self) -> Totals {
        let reader = self.reader();
        let counted = self.areas().into_iter().filter_map(|area| {
            let totals = reader.totals(&area, Period::NOW).unwrap();
            Some((area, *totals.get("households")?))
        });
        counted.collect()
    }

    fn recount(&self) -> Totals {
        let reader = self.reader();
        let counted = self.areas().into_iter().filter_map(|area| {
            let listing = Listing {
                kind: Kind::Household,
                area,
                lifecycle: Lifecycle::Open,
                after: None,
                limit: usize::MAX - 1,
            };
            let records = reader.list_ids(&listing).unwrap().items;
            let count = i64::try_from(records.len()).unwrap();
            Some((area, count)).filter(|(_, count)| *count > 0)
        });
        counted.collect()
    }

    fn verify(&mut self) {
        let report = self.store().verify(&mut |_| ()).unwrap();
        assert!(report.is_sound(), "{report:?}");
    }
}

fn first_area(reader: &Reader, node: &NodeId) -> Option<AreaCode> {
    let first = reader.entries_after(node, Position { epoch: 1, seq: 0 }, 1);
    Some(first.unwrap().first()?.header().area)
}

fn head(tail: &Tail) -> Head {
    Head {
        epoch: tail.position.epoch,
        seq: tail.position.seq,
        hash: tail.hash,
    }
}

/// A village inside an area, where no other node is.
fn village(area: AreaCode) -> AreaCode {
    let below = match area.digits().len() {
        2 => "9001101201",
        4 => "01101201",
        _ => "101201",
    };
    AreaCode::parse(&format!("{}{below}", area.digits())).unwrap()
}
