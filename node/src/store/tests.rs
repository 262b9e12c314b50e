//! Tests of the store through its interface, on a disk whose power can be cut and on the real one.

mod basics;
mod crashes;
mod damage;
mod erasure;
mod groups;
mod households;
mod money;
mod power_cuts;
mod readers;
mod receiving;
mod recount;
mod survey;
mod tree;

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::Arc,
};

use lika_core::{
    command::{Change, Command},
    log::{Action, Kind},
    record::{
        Area, Body, Cadre, CadreIdentity, HelperLevel, Household, HouseholdIdentity, Member,
        MemberIdentity, Node, Pairing, Record, Visit, area_id,
    },
    rollup::Period,
    value::{
        ActorId, AreaCode, Code, Date, IdentityDocument, Label, Name, NodeId, RecordId, RequestId,
        Text,
    },
};
use tempfile::TempDir;

use super::{
    Error, Lifecycle, Listing, Position, Reader, Receipt, Report, Settings, Store,
    disk::{Disk, RealDisk, simulated::SimulatedDisk},
};
use crate::clock::{Clock, Scenario};

const COUNTY: &str = "360323";
const TOWNSHIP: &str = "360323104";
const VILLAGES: [&str; 2] = ["360323104201", "360323104202"];

/// A data folder, its disk and its clock.
struct World {
    temp: TempDir,
    disk: Arc<dyn Disk>,
    settings: Settings,
    clock: Arc<Scenario>,
}

impl World {
    fn on(disk: Arc<dyn Disk>) -> Self {
        let temp = tempfile::tempdir().unwrap();
        let settings = settings(temp.path());
        let clock = Arc::new(Scenario::on(date(2026, 11, 22)));
        Self {
            temp,
            disk,
            settings,
            clock,
        }
    }

    fn simulated() -> (Self, SimulatedDisk) {
        let disk = SimulatedDisk::default();
        (Self::on(Arc::new(disk.clone())), disk)
    }

    fn real() -> Self {
        Self::on(Arc::new(RealDisk))
    }

    fn open(&self) -> Result<Store, Error> {
        let clock: Arc<dyn Clock> = self.clock.clone();
        Store::open_on(&self.settings, Arc::clone(&self.disk), clock, &mut |_| ())
    }

    fn registry(&self) -> PathBuf {
        self.temp.path().join("data/registry")
    }

    fn segment(&self) -> PathBuf {
        let name = "0000000001-00000000000000000001.segment";
        self.temp
            .path()
            .join("data/log")
            .join(node_id().to_string())
            .join(name)
    }
}

fn settings(folder: &Path) -> Settings {
    let area = area(COUNTY);
    let mut settings = Settings::new(
        folder.join("data"),
        folder.join("node.key"),
        node_id(),
        area,
    );
    settings.cache_bytes = 8 << 20;
    settings
}

fn node_id() -> NodeId {
    NodeId([7; 16])
}

fn area(digits: &str) -> AreaCode {
    AreaCode::parse(digits).unwrap()
}

fn date(year: u16, month: u8, day: u8) -> Date {
    Date::new(year, month, day).unwrap()
}

fn code(text: &str) -> Code {
    Code::parse(text).unwrap()
}

fn id(kind: &str, number: u32) -> RecordId {
    RecordId::derived(kind, &number.to_be_bytes())
}

fn request(text: &str) -> RequestId {
    RequestId::derived("request", text.as_bytes())
}

fn command(name: &str, changes: Vec<Change>) -> Command {
    Command {
        request: request(name),
        actor: ActorId([9; 16]),
        changes,
    }
}

/// The first entry of the log, then the areas.
fn begin() -> Command {
    let node = Node {
        name: Label::parse("芦溪县").unwrap(),
        public_key: Vec::new(),
        scenario: true,
    };
    let mut changes = vec![Change::create(RecordId(node_id().0), area(COUNTY), node)];
    for (digits, name) in [
        (COUNTY, "芦溪县"),
        (TOWNSHIP, "宣风镇"),
        (VILLAGES[0], "京口村"),
        (VILLAGES[1], "盆田村"),
    ] {
        let code = area(digits);
        let body = Area {
            code,
            name: Label::parse(name).unwrap(),
            key_village: Vec::new(),
            from: None,
            until: None,
            successors: Vec::new(),
        };
        changes.push(Change::create(area_id(&code), code, body));
    }
    command("begin", changes)
}

fn village(number: u32) -> AreaCode {
    area(VILLAGES[number as usize % 2])
}

fn household(number: u32) -> Household {
    Household {
        safe_water: Some(number.is_multiple_of(2)),
        identity: Some(HouseholdIdentity {
            number: Some(Text::parse(&format!("H{number:06}")).unwrap()),
            hamlet: Some(Text::parse(&hamlet(number)).unwrap()),
            ..HouseholdIdentity::default()
        }),
        ..Household::new(code("general"))
    }
}

/// Text that must not be found in the clear anywhere.
fn hamlet(number: u32) -> String {
    format!("秘密组{number}")
}

fn member(number: u32, of: u32, relation: &str) -> Member {
    Member {
        sex: Some(code("1")),
        identity: Some(MemberIdentity {
            number: None,
            name: Name::parse(&format!("张{}", NAMES[number as usize % NAMES.len()])).unwrap(),
            document: IdentityDocument::None {
                reason: code("not-given"),
            },
            phone: None,
        }),
        ..Member::new(id("household", of), date(2020, 1, 1), code(relation))
    }
}

const NAMES: [&str; 5] = ["建国", "秀英", "志强", "桂兰", "小明"];

/// A household with its head.
fn register(number: u32) -> Vec<Change> {
    let village = village(number);
    vec![
        Change::create(id("household", number), village, household(number)),
        Change::create(
            id("member", number * 100),
            village,
            member(number * 100, number, "02"),
        ),
    ]
}

fn registered(number: u32) -> Command {
    command(&format!("register {number}"), register(number))
}

fn cadre(number: u32) -> Command {
    let body = Cadre {
        rank: code("village"),
        unit: None,
        from: date(2020, 1, 1),
        until: None,
        identity: Some(CadreIdentity {
            number: Some(Text::parse(&format!("C{number}")).unwrap()),
            name: Name::parse("李干部").unwrap(),
            phone: None,
        }),
    };
    command(
        &format!("cadre {number}"),
        vec![Change::create(id("cadre", number), village(number), body)],
    )
}

fn pairing_body(of: u32, with: u32, responsible: bool) -> Pairing {
    Pairing {
        household: id("household", of),
        cadre: id("cadre", with),
        role: code("contact"),
        level: HelperLevel::Village,
        responsible,
        from: date(2024, 1, 1),
        until: None,
        decision: None,
    }
}

fn pairing(number: u32, of: u32, with: u32, responsible: bool) -> Command {
    let body = pairing_body(of, with, responsible);
    let change = Change::create(id("pairing", number), village(of), body);
    command(
        &format!("pairing {number} {of} {with} {responsible}"),
        vec![change],
    )
}

fn visit(number: u32, of: u32, by: u32) -> Command {
    let body = Visit {
        household: Some(id("household", of)),
        cadre: id("cadre", by),
        on: date(2026, 3, 1 + (number % 28) as u8),
        purpose: None,
        note: Some(Some(Text::parse("谈了养牛").unwrap())),
    };
    command(
        &format!("visit {number} {of} {by}"),
        vec![Change::create(id("visit", number), village(of), body)],
    )
}

/// A change of a record as it stands.
fn change(
    name: &str,
    reader: &Reader,
    record: &RecordId,
    action: Action,
    edit: impl FnOnce(&mut Body),
) -> Command {
    let current: Record = reader.get(record).unwrap().unwrap().into_record().unwrap();
    let mut body = current.body.clone();
    edit(&mut body);
    command(name, vec![Change::of(&current, action, body)])
}

/// Everything of a store that does not depend on how its commands were grouped.
fn picture(reader: &Reader) -> String {
    let mut lines = Vec::new();
    for kind in Kind::ALL {
        for lifecycle in [Lifecycle::Open, Lifecycle::Closed] {
            let listing = Listing {
                kind: *kind,
                area: AreaCode::NATION,
                lifecycle,
                after: None,
                limit: 100_000,
            };
            for record in reader.list_ids(&listing).unwrap().items {
                lines.push(format!("{lifecycle:?} {} {record}", kind.label()));
                for revision in reader.history(&record).unwrap() {
                    let header = &revision.header;
                    let body = revision.body.as_ref().unwrap();
                    lines.push(format!(
                        "  {} {:?} {} {body:?}",
                        header.revision, header.action, header.seq
                    ));
                    for key in body.keys() {
                        lines.push(format!("    {key:?} {:?}", reader.find(&key).unwrap()));
                    }
                }
            }
        }
    }
    for account in [id("account", 1), id("account", 2), id("account", 3)] {
        lines.push(format!("{account} {}", reader.balance(&account).unwrap()));
    }
    let areas = [
        AreaCode::NATION,
        area("36"),
        area(COUNTY),
        area(TOWNSHIP),
        area(VILLAGES[0]),
        area(VILLAGES[1]),
    ];
    for area in areas {
        for period in reader.periods(&area).unwrap() {
            let totals = reader.totals(&area, Period::from_number(period)).unwrap();
            lines.push(format!("{area} {period} {totals:?}"));
        }
    }
    lines.join("\n")
}

fn stock(reader: &Reader, digits: &str) -> BTreeMap<String, i64> {
    reader.totals(&area(digits), Period::NOW).unwrap()
}

fn verified(store: &Store) -> Report {
    store.verify(&mut |_| ()).unwrap()
}

fn assert_sound(store: &Store) {
    let report = verified(store);
    assert!(report.is_sound(), "{report:?}");
}

fn is_refused(result: &Result<Receipt, Error>, code: &str) -> bool {
    matches!(result, Err(Error::Refused(refused)) if refused.refusal.code() == code)
}
