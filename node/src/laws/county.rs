//! A small county whose every change goes through its store, and what a reader who trusts nobody has kept of it.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use lika_core::{
    cases::Records,
    command::{Change, Command},
    log::{Action, Kind},
    record::{self, Approval, Body, Key, Record},
    value::{ActorId, AreaCode, Code, Date, Label, Name, NodeId, RecordId, RequestId, Text},
};
use tempfile::TempDir;

use super::dice::Dice;
use crate::{
    clock::{Clock as _, Scenario},
    store::{Error, Reader, Receipt, Settings, Store, disk::simulated::SimulatedDisk},
};

pub const COUNTY: &str = "360323";
pub const TOWNSHIPS: [&str; 2] = ["360323101", "360323102"];
pub const VILLAGES: [&str; 4] = [
    "360323101201",
    "360323101202",
    "360323102201",
    "360323102202",
];
pub const NODE: NodeId = NodeId([7; 16]);

/// A county, its store and its records as they were accepted.
pub struct County {
    pub store: Option<Store>,
    pub clock: Arc<Scenario>,
    pub disk: SimulatedDisk,
    pub settings: Settings,
    pub temp: TempDir,
    /// The records as they stand, kept beside the store from what it acknowledged.
    pub records: BTreeMap<RecordId, Record>,
    /// Kinds of which something was accepted.
    pub accepted: BTreeSet<Kind>,
    /// Codes of what was refused.
    pub refused: BTreeSet<&'static str>,
    serial: u32,
}

/// A command that somebody tries.
pub struct Try {
    pub actor: RecordId,
    pub changes: Vec<Change>,
}

impl Try {
    pub fn by(actor: RecordId, changes: Vec<Change>) -> Self {
        Self { actor, changes }
    }

    pub fn one(actor: RecordId, change: Change) -> Self {
        Self::by(actor, vec![change])
    }
}

impl County {
    /// A store with nothing in it.
    pub fn empty() -> Self {
        let temp = tempfile::tempdir().unwrap();
        let (data, key) = (temp.path().join("data"), temp.path().join("node.key"));
        let mut settings = Settings::new(data, key, NODE, area(COUNTY));
        settings.cache_bytes = 8 << 20;
        let mut county = Self {
            store: None,
            clock: Arc::new(Scenario::on(day(2016, 3, 1))),
            disk: SimulatedDisk::default(),
            settings,
            temp,
            records: BTreeMap::new(),
            accepted: BTreeSet::new(),
            refused: BTreeSet::new(),
            serial: 0,
        };
        county.open();
        county
    }

    pub fn open(&mut self) {
        let disk = Arc::new(self.disk.clone());
        let store = Store::open_on(&self.settings, disk, self.clock.clone(), &mut |_| ());
        self.store = Some(store.unwrap());
    }

    /// Opens the store again with nothing of its registry left but the log that it is built from.
    pub fn rebuild(&mut self) {
        self.store.take().unwrap().close().unwrap();
        std::fs::remove_dir_all(self.temp.path().join("data/registry")).unwrap();
        self.open();
    }

    pub fn store(&self) -> &Store {
        self.store.as_ref().unwrap()
    }

    pub fn reader(&self) -> Reader {
        self.store().reader()
    }

    pub fn today(&self) -> Date {
        self.clock.today()
    }

    pub fn pass(&self, days: usize) {
        let days = u64::try_from(days).unwrap();
        self.clock.advance(days * 24 * 60 * 60 * 1000);
    }

    /// An id that nothing has yet.
    pub fn fresh(&self, place: u32) -> RecordId {
        let parts = [self.serial.to_be_bytes(), place.to_be_bytes()];
        RecordId::derived("laws", &parts.concat())
    }

    /// Sends a command under a request of its own.
    pub fn submit(&mut self, attempt: Try) -> (Command, Result<Receipt, Error>) {
        self.serial += 1;
        let command = Command {
            request: RequestId::derived("laws", &self.serial.to_be_bytes()),
            actor: ActorId(attempt.actor.0),
            changes: attempt.changes,
        };
        let answer = self.store().submit_blocking(command.clone());
        (command, answer)
    }

    /// Takes note of what was acknowledged.
    pub fn note(&mut self, receipt: &Receipt) {
        let reader = self.reader();
        for applied in &receipt.applied {
            let stored = reader.get(&applied.record).unwrap().unwrap();
            let record = stored.into_record().unwrap();
            self.accepted.insert(record.body.kind());
            self.records.insert(record.id, record);
        }
    }

    /// Carries out what cannot fail: the beginnings of a county.
    #[track_caller]
    pub fn must(&mut self, attempt: Try) {
        let (command, answer) = self.submit(attempt);
        match answer {
            Ok(receipt) => self.note(&receipt),
            Err(error) => panic!("{error:?}: {command:?}"),
        }
    }

    /// The records of a kind that are open.
    pub fn all<B: Of>(&self) -> Vec<(&Record, &B)> {
        let open = self.records.values().filter(|record| !record.closed);
        open.filter_map(|record| Some((record, B::of(&record.body)?)))
            .collect()
    }

    /// One of them where this holds.
    pub fn any_where<B: Of>(
        &self,
        dice: &mut Dice<'_>,
        holds: impl Fn(&Record, &B) -> bool,
    ) -> Option<(&Record, &B)> {
        let mut all = self.all::<B>();
        all.retain(|(record, body)| holds(record, body));
        dice.of(&all).copied()
    }

    /// One of them; now and then one that is closed.
    pub fn any<B: Of>(&self, dice: &mut Dice<'_>) -> Option<(&Record, &B)> {
        if dice.once_in(40) {
            let closed = self.records.values().filter(|record| record.closed);
            let closed: Vec<_> = closed
                .filter_map(|record| Some((record, B::of(&record.body)?)))
                .collect();
            if let Some(found) = dice.of(&closed) {
                return Some(*found);
            }
        }
        self.any_where(dice, |_, _: &B| true)
    }

    /// An officer, and how the officer signs.
    pub fn officer(&self, dice: &mut Dice<'_>) -> Approval {
        match self.any::<record::Officer>(dice) {
            Some((record, officer)) => Approval {
                officer: record.id,
                cadre: officer.cadre,
            },
            None => Approval {
                officer: RecordId(NODE.0),
                cadre: None,
            },
        }
    }

    /// An officer who is none of these people.
    pub fn another(&self, dice: &mut Dice<'_>, than: &[Approval]) -> Approval {
        let others = self.any_where(dice, |record, officer: &record::Officer| {
            let own = Approval {
                officer: record.id,
                cadre: officer.cadre,
            };
            !than.iter().any(|other| own.is_of_same_person(other))
        });
        match others {
            Some((record, officer)) => Approval {
                officer: record.id,
                cadre: officer.cadre,
            },
            None => self.officer(dice),
        }
    }

    /// Creates a record whose id follows from what it is about, or changes it where it stands.
    pub fn put(&self, id: RecordId, area: AreaCode, body: impl Into<Body>) -> Change {
        match self.records.get(&id) {
            Some(current) => Change::of(current, Action::Change, body),
            None => Change::create(id, area, body),
        }
    }

    pub fn village(&self, dice: &mut Dice<'_>) -> AreaCode {
        let villages = self.any_where(dice, |record, _: &record::Area| {
            record.area.digits().len() == 12
        });
        villages.map_or_else(|| area(VILLAGES[0]), |(record, _)| record.area)
    }

    /// An area of any level.
    pub fn place(&self, dice: &mut Dice<'_>) -> AreaCode {
        let found = self.any::<record::Area>(dice);
        found.map_or_else(|| area(COUNTY), |(record, _)| record.area)
    }

    /// The members of a household.
    pub fn members(&self, household: &RecordId) -> Vec<(&Record, &record::Member)> {
        let mut members = self.all::<record::Member>();
        members.retain(|(_, member)| member.household == *household);
        members
    }
}

/// The records as the store has them, for what is planned from them.
pub struct Read(pub Reader);

impl Records for Read {
    type Error = Error;

    fn record(&self, id: &RecordId) -> Result<Option<Record>, Error> {
        Ok(self.0.get(id)?.and_then(crate::store::Stored::into_record))
    }

    fn under(&self, key: &Key) -> Result<Vec<RecordId>, Error> {
        self.0.find(key)
    }
}

/// Takes a body apart by kind.
pub trait Of: Sized {
    fn of(body: &Body) -> Option<&Self>;
}

macro_rules! of {
    ($($kind:ident)*) => {$(
        impl Of for record::$kind {
            fn of(body: &Body) -> Option<&Self> {
                match body {
                    Body::$kind(body) => Some(body),
                    _ => None,
                }
            }
        }
    )*};
}

of!(Account Alert Area Assessment Award Blacklisting BookClosing Budget Cadre Case Commitment Comparison Contract
    Cooperative Cover Decision Dividend Doubt Duty Enactment Enterprise Evaluation Finding GuaranteeFund Household
    IncomeStatement LivingConditions Loan Measure Member Node Notice Objection Officer OwnershipTransfer Pairing PaymentBatch
    PaymentReturn Policy Post Procedure Project Report ReportingWindow ResponsibilityLetter RollupCommitment Sanction
    SatisfactionSurvey Shareholding Task Training Transfer Unit VillageBatch VillageTeam Visit);

/// A change of a record after an edit.
pub fn edit<B: Of + Clone + Into<Body>>(record: &Record, change: impl FnOnce(&mut B)) -> Change {
    with(Action::Change, record, change)
}

/// The close of a record after an edit.
pub fn end<B: Of + Clone + Into<Body>>(record: &Record, change: impl FnOnce(&mut B)) -> Change {
    with(Action::Close, record, change)
}

fn with<B: Of + Clone + Into<Body>>(
    action: Action,
    record: &Record,
    change: impl FnOnce(&mut B),
) -> Change {
    let mut body = B::of(&record.body).unwrap().clone();
    change(&mut body);
    Change::of(record, action, body)
}

pub fn area(digits: &str) -> AreaCode {
    AreaCode::parse(digits).unwrap()
}

pub fn day(year: u16, month: u8, day: u8) -> Date {
    Date::new(year, month, day).unwrap()
}

pub fn code(text: &str) -> Code {
    Code::parse(text).unwrap()
}

pub fn label(text: &str) -> Label {
    Label::parse(text).unwrap()
}

pub fn text(words: &str) -> Text {
    Text::parse(words).unwrap()
}

pub fn name(text: &str) -> Name {
    Name::parse(text).unwrap()
}
