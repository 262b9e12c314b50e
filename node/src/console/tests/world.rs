//! A county with two villages, and the province that receives its log without what is sealed.

use std::sync::{Arc, OnceLock};

use axum::Router;
use bytes::Bytes;
use lika_core::{
    command::{Change, Command},
    log::{Action, Entry, Kind},
    record::{
        Area, Body, Cadre, CadreIdentity, Compared, Decision, Enactment, Evaluation, Grant,
        HelperLevel, Household, HouseholdIdentity, IncomeStatement, Measure, Member,
        MemberIdentity, Node, Officer, OfficerIdentity, Outcome, Pairing, Policy, Proposal, Reason,
        Seat, Unit, VillageTeam, Visit, area_id, decision_id,
    },
    value::{
        ActorId, AreaCode, Code, Date, Digest, Fen, IdentityDocument, Label, Name, NodeId,
        RecordId, RequestId, Span, Text, Year,
    },
};
use lika_proto::v1::UpperStatus;
use tempfile::TempDir;

use crate::{
    clock::{Clock, Scenario},
    console::{Options, Sentence, Sentences, State, router},
    gateway::{Caller, Counting, Gateway, Policies, hash_password},
    policy::{Engine, Host, Limits, Trust},
    store::{Position, Settings, Store},
    wire::{LinkBelow, LinkStatus},
};

pub const PASSWORD: &str = "芦溪-2016-十月";
pub const COUNTY: &str = "360323";
pub const TOWNSHIP: &str = "360323104";
pub const VILLAGE: &str = "360323104201";
pub const OTHER_VILLAGE: &str = "360323104202";
pub const NUMBER: &str = "11010519491231002X";
/// A name that would be a script if it were not text.
pub const HOSTILE: &str = "<script>alert(1)</script>";

pub const HOUSEHOLD: RecordId = RecordId([1; 16]);
pub const HEAD: RecordId = RecordId([2; 16]);
pub const SON: RecordId = RecordId([3; 16]);
const HELPER: RecordId = RecordId([4; 16]);
const LEADER: RecordId = RecordId([5; 16]);
const UNIT: RecordId = RecordId([6; 16]);
const EVALUATION: RecordId = RecordId([10; 16]);
const ENACTMENT: RecordId = RecordId([12; 16]);
const COUNTY_NODE: NodeId = NodeId([7; 16]);
const PROVINCE_NODE: NodeId = NodeId([8; 16]);

static HASH: OnceLock<String> = OnceLock::new();

/// A node with its console.
pub struct World {
    pub router: Router,
    pub gateway: Gateway,
    pub clock: Arc<Scenario>,
    _temp: TempDir,
}

impl World {
    pub fn county() -> Self {
        apart(Self::new_county)
    }

    pub fn province() -> Self {
        apart(|| Self::new_province(&Self::new_county()))
    }

    /// The province above this county, with what the county has written until now.
    pub fn province_above(county: &Self) -> Self {
        apart(|| Self::new_province(county))
    }

    /// A county that counts in its own way.
    pub fn counting(counting: Counting) -> Self {
        apart(move || {
            let (temp, clock, store) = open(COUNTY_NODE, COUNTY);
            submit(&store, 0, begin());
            Self::serve(temp, clock, store, COUNTY, counting)
        })
    }

    fn new_county() -> Self {
        let (temp, clock, store) = open(COUNTY_NODE, COUNTY);
        let batches = [
            begin(),
            officers(),
            people(),
            help(),
            judged(),
            changed(),
            vec![officer(34, "approver", "吴批", "approver", COUNTY)],
        ];
        for (number, changes) in (0u8..).zip(batches) {
            submit(&store, number, changes);
        }
        Self::serve(temp, clock, store, COUNTY, Counting::default())
    }

    fn new_province(county: &Self) -> Self {
        let log = county
            .gateway
            .reader()
            .entries_after(&COUNTY_NODE, Position::default(), u64::MAX)
            .unwrap();
        let (temp, clock, store) = open(PROVINCE_NODE, "36");
        submit(
            &store,
            0,
            vec![
                node(PROVINCE_NODE, "江西省", "36"),
                register("36", "江西省", false),
            ],
        );
        let viewer = officer(40, "province", "周省", "province-viewer", "36");
        submit(
            &store,
            1,
            vec![Change {
                area: area("36"),
                ..viewer
            }],
        );
        store
            .receive_blocking(COUNTY_NODE, log.into_iter().map(Entry::withhold).collect())
            .unwrap();
        Self::serve(temp, clock, store, "36", Counting::default())
    }

    /// Lets somebody work in both villages, and not in the township around them.
    pub async fn serve_two_villages(&self) {
        let mut officer = officer(35, "two", "郑两", "village-cadre", VILLAGE);
        if let Body::Officer(body) = &mut officer.body {
            let grant = body.grants[0].clone();
            let area = area(OTHER_VILLAGE);
            body.grants.push(Grant { area, ..grant });
        }
        let office = Caller::node(COUNTY_NODE, area(COUNTY)).unwrap();
        let request = RequestId::derived("request", b"two");
        let done = self.gateway.apply(&office, request, vec![officer]).await;
        done.unwrap();
    }

    pub fn decision() -> RecordId {
        decision_id(&code("pairing"), &HOUSEHOLD)
    }

    fn serve(
        temp: TempDir,
        clock: Arc<Scenario>,
        store: Store,
        area: &str,
        counting: Counting,
    ) -> Self {
        let shared: Arc<dyn Clock> = clock.clone();
        let host = Host::in_process(Engine::new(Limits::default()).unwrap());
        let policies = Policies::new(host, Trust::default(), temp.path());
        let gateway = Gateway::counting(store, shared, self::area(area), policies, counting);
        let state = State::new(
            gateway.clone(),
            Arc::new(Links),
            Arc::new(Manifest),
            Options {
                secure_cookies: true,
            },
        );
        Self {
            router: router(state),
            gateway,
            clock,
            _temp: temp,
        }
    }
}

struct Links;

impl LinkStatus for Links {
    fn above(&self) -> Option<UpperStatus> {
        Some(UpperStatus {
            address: "https://127.0.0.1:9".to_owned(),
            ..UpperStatus::default()
        })
    }

    fn below(&self, node: &NodeId) -> LinkBelow {
        let linked = (*node == COUNTY_NODE).then(|| area(COUNTY));
        LinkBelow {
            carried_by: linked.map(|_| COUNTY_NODE),
            area: linked,
            ..LinkBelow::default()
        }
    }
}

struct Manifest;

impl Sentences for Manifest {
    fn reason(&self, component: &Digest, code: &str, arguments: &[String]) -> Option<Sentence> {
        let known = *component == Digest([1; 32]) && code == "over-quota";
        known.then(|| Sentence {
            zh: format!("帮扶人结对 {} 户，超过限额", arguments.join("/")),
            en: format!(
                "the helper has {} households, more than the quota",
                arguments.join("/")
            ),
        })
    }

    fn category(&self, _: &Digest, _: &str) -> Option<Sentence> {
        None
    }

    fn role(&self, _: &Digest, role: &str) -> Option<Sentence> {
        (role == "focus").then(|| Sentence {
            zh: "重点帮扶".to_owned(),
            en: "focus help".to_owned(),
        })
    }
}

/// The store's blocking calls are for threads outside of the runtime.
fn apart<T: Send>(make: impl FnOnce() -> T + Send) -> T {
    std::thread::scope(|scope| scope.spawn(make).join().unwrap())
}

fn open(node: NodeId, area: &str) -> (TempDir, Arc<Scenario>, Store) {
    let temp = tempfile::tempdir().unwrap();
    let clock = Arc::new(Scenario::on(day(20161015)));
    let mut settings = Settings::new(
        temp.path().join("data"),
        temp.path().join("node.key"),
        node,
        self::area(area),
    );
    settings.cache_bytes = 8 << 20;
    let shared: Arc<dyn Clock> = clock.clone();
    let store = Store::open(&settings, shared, &mut |_| ()).unwrap();
    (temp, clock, store)
}

fn submit(store: &Store, number: u8, changes: Vec<Change>) {
    let command = Command {
        request: RequestId([number; 16]),
        actor: ActorId([30; 16]),
        changes,
    };
    store.submit_blocking(command).unwrap();
}

fn begin() -> Vec<Change> {
    vec![
        node(COUNTY_NODE, "芦溪县扶贫办", COUNTY),
        register(COUNTY, "芦溪县", false),
        register(TOWNSHIP, "宣风镇", false),
        register(VILLAGE, "京口村", true),
        register(OTHER_VILLAGE, "盆田村", false),
    ]
}

fn officers() -> Vec<Change> {
    vec![
        officer(30, "county", "赵县", "county-office", COUNTY),
        officer(31, "village", "钱村", "village-cadre", VILLAGE),
        officer(32, "other", "孙村", "village-cadre", OTHER_VILLAGE),
        officer(33, "developer", "李开", "policy-developer", COUNTY),
    ]
}

fn people() -> Vec<Change> {
    let income = IncomeStatement {
        household: HOUSEHOLD,
        year: year(2015),
        wages: Fen(1_234_567),
        business: Fen(300_000),
        property: Fen(0),
        transfers: Fen(60_000),
        expenses: Fen(100_001),
        persons: 2,
    };
    let income_id = IncomeStatement::id_for(&HOUSEHOLD, year(2015));
    vec![
        Change::create(HOUSEHOLD, area(VILLAGE), household("H0001")),
        Change::create(HEAD, area(VILLAGE), member("02", "张三", NUMBER, 1949)),
        Change::create(SON, area(VILLAGE), member("20", HOSTILE, "", 1975)),
        Change::create(income_id, area(VILLAGE), income),
    ]
}

fn help() -> Vec<Change> {
    let unit = Unit {
        name: label("县农业局"),
        unit_type: code("government"),
    };
    let pairing = Pairing {
        household: HOUSEHOLD,
        cadre: HELPER,
        role: code("contact"),
        level: HelperLevel::Township,
        responsible: true,
        from: day(20160101),
        until: None,
        decision: None,
    };
    let seat = |role: &str, holder| Seat {
        role: code(role),
        holder,
        from: day(20160101),
        until: None,
    };
    let team = VillageTeam {
        seats: vec![seat("leader", LEADER), seat("sponsor", UNIT)],
        from: day(20160101),
        until: None,
        decision: None,
    };
    let visit = Visit {
        household: Some(HOUSEHOLD),
        cadre: HELPER,
        on: day(20161003),
        purpose: Some(code("regular")),
        note: Some(Some(text("谈了养鸡"))),
    };
    let measure = Measure {
        household: Some(HOUSEHOLD),
        member: None,
        kind: code("start-up"),
        project: None,
        from: day(20160301),
        until: None,
        amount: Some(Fen(200_000)),
        results: Vec::new(),
    };
    vec![
        Change::create(UNIT, area(COUNTY), unit),
        Change::create(HELPER, area(TOWNSHIP), cadre("township", "王镇")),
        Change::create(LEADER, area(COUNTY), cadre("county", "陈县")),
        Change::create(RecordId([20; 16]), area(VILLAGE), pairing),
        Change::create(RecordId([21; 16]), area(VILLAGE), team),
        Change::create(RecordId([22; 16]), area(VILLAGE), visit),
        Change::create(RecordId([44; 16]), area(VILLAGE), measure),
    ]
}

fn judged() -> Vec<Change> {
    let component = Digest([1; 32]);
    let policy = Policy {
        name: label("pairing"),
        version: label("0.1.0"),
        purpose: code("pairing"),
        component,
        size: 1,
        package: Digest([3; 32]),
        signed_with: vec![label("RWQ")],
    };
    let enactment = Enactment {
        policy: Policy::id_for(&component),
        purpose: code("pairing"),
        settings: "{}".to_owned(),
        from: day(20160101),
        until: None,
        preview: Digest([4; 32]),
        approvals: Vec::new(),
        binding: false,
        suspended: false,
        brings_back: None,
    };
    let evaluation = Evaluation {
        enactment: ENACTMENT,
        component,
        settings: Digest([2; 32]),
        engine: "wasmtime 48".to_owned(),
        as_of: (1, 15),
        scope: "county".to_owned(),
        input: Bytes::from_static(b"in"),
        output: Bytes::from_static(b"out"),
        failure: None,
        tables: Vec::new(),
    };
    let decision = Decision {
        evaluation: EVALUATION,
        purpose: code("pairing"),
        subject_kind: Kind::Household,
        subject: HOUSEHOLD,
        outcome: Outcome::Refused,
        amount: None,
        reasons: vec![
            Reason {
                code: code("over-quota"),
                facts: vec!["pairings.count".to_owned()],
                arguments: vec!["21".to_owned()],
            },
            Reason {
                code: code("unknown-reason"),
                facts: Vec::new(),
                arguments: vec!["7".to_owned()],
            },
        ],
        comparisons: vec![Compared {
            fact: "pairings.count".to_owned(),
            value: 21,
            threshold: 20,
            met: false,
        }],
        proposals: vec![Proposal {
            role: code("focus"),
            resource_kind: Kind::Cadre,
            resource: LEADER,
        }],
        score: None,
    };
    vec![
        Change::create(Policy::id_for(&component), area(COUNTY), policy),
        Change::create(ENACTMENT, area(COUNTY), enactment),
        Change::create(EVALUATION, area(COUNTY), evaluation),
        Change::create(World::decision(), area(VILLAGE), decision),
    ]
}

/// A second revision, for the history.
fn changed() -> Vec<Change> {
    let body = Household {
        household_type: code("development"),
        ..household("H0001")
    };
    vec![Change {
        action: Action::Change,
        expected_revision: 1,
        id: HOUSEHOLD,
        area: area(VILLAGE),
        body: Body::Household(body),
    }]
}

fn node(node: NodeId, name: &str, digits: &str) -> Change {
    let body = Node {
        name: label(name),
        public_key: Vec::new(),
        scenario: true,
    };
    Change::create(RecordId(node.0), area(digits), body)
}

fn register(digits: &str, name: &str, is_key_village: bool) -> Change {
    let code = area(digits);
    let span = Span::new(day(20130101), None).unwrap();
    let body = Area {
        code,
        name: label(name),
        key_village: is_key_village.then_some(span).into_iter().collect(),
        from: None,
        until: None,
        successors: Vec::new(),
    };
    Change::create(area_id(&code), code, body)
}

fn officer(number: u8, login: &str, name: &str, role: &str, digits: &str) -> Change {
    let body = Officer {
        grants: vec![Grant {
            role: code(role),
            area: area(digits),
        }],
        cadre: None,
        locked: false,
        identity: Some(OfficerIdentity {
            login: text(login),
            name: Name::parse(name).unwrap(),
        }),
        password_hash: Some(text(HASH.get_or_init(|| hash_password(PASSWORD).unwrap()))),
    };
    Change::create(RecordId([number; 16]), area(COUNTY), body)
}

fn household(number: &str) -> Household {
    Household {
        standard: Some(code("national")),
        main_cause: Some(code("illness")),
        other_causes: vec![code("labour")],
        identified_on: Some(day(20140101)),
        dangerous_house: Some(false),
        willing: Some(true),
        identity: Some(HouseholdIdentity {
            number: Some(text(number)),
            address: Some(text("东街1号")),
            ..HouseholdIdentity::default()
        }),
        note: Some(Some(text("有两头牛"))),
        ..Household::new(code("general"))
    }
}

fn member(relation: &str, name: &str, number: &str, born: u16) -> Member {
    let document = if number.is_empty() {
        IdentityDocument::None {
            reason: code(
                lika_core::codes::list("no-document-reason")
                    .unwrap()
                    .entries[0]
                    .code,
            ),
        }
    } else {
        IdentityDocument::parse(&code("id-card"), number)
    };
    Member {
        sex: Some(code("1")),
        birth_year: Some(year(born)),
        labour: Some(code("ordinary")),
        medical_insurance: Some(true),
        measures: vec![code("industry"), code("science")],
        identity: Some(MemberIdentity {
            number: None,
            name: Name::parse(name).unwrap(),
            document,
            phone: None,
        }),
        health: Some(vec![code("disability")]),
        ..Member::new(HOUSEHOLD, day(20140101), code(relation))
    }
}

fn cadre(rank: &str, name: &str) -> Cadre {
    Cadre {
        rank: code(rank),
        unit: None,
        from: day(20150101),
        until: None,
        identity: Some(CadreIdentity {
            number: None,
            name: Name::parse(name).unwrap(),
            phone: None,
        }),
    }
}

pub fn area(digits: &str) -> AreaCode {
    AreaCode::parse(digits).unwrap()
}

fn code(text: &str) -> Code {
    Code::parse(text).unwrap()
}

fn text(text: &str) -> Text {
    Text::parse(text).unwrap()
}

fn label(text: &str) -> Label {
    Label::parse(text).unwrap()
}

fn day(number: u32) -> Date {
    Date::from_number(number).unwrap()
}

fn year(number: u16) -> Year {
    Year::new(number).unwrap()
}
