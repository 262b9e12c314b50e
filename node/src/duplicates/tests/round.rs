//! Two counties, a key-holder and a comparing node in one process, with nothing between them but calls.

use std::{
    collections::BTreeMap,
    path::Path,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use lika_core::{
    command::{Change, Command},
    log::Action,
    record::{
        Area, Body, Handle, Household, Member, MemberIdentity, Node, OwnershipSide as Side,
        OwnershipTransfer, area_id,
    },
    value::{
        ActorId, AreaCode, Code, Date, IdentityDocument, Label, Name, NodeId, RecordId, RequestId,
    },
};

use super::{node, number};
use crate::{
    clock::{Clock, Scenario},
    duplicates::{
        Comparing, County, KeyHolder, Refusal,
        alerts::Alert,
        comparing::{Known, Submission},
        county::{
            CallFailed, ComparingNode, Counterpart, Failed, Heard, HeardAlert, HeldKeys, Holder,
            SaidThere, Settings, SubmittedThere,
        },
        holder, key,
        table::Difference,
        token::{Element, Evaluation, PublicKey, SecretKey},
    },
    evidence::SigningKey,
    gateway::{Caller, Gateway, Policies},
    policy::{Engine, Host, Limits, Trust},
    store,
};

const VILLAGE: &str = "104201";

fn area(digits: &str) -> AreaCode {
    AreaCode::parse(digits).unwrap()
}

fn code(text: &str) -> Code {
    Code::parse(text).unwrap()
}

/// A county with people.
struct Office {
    county: Arc<County>,
    gateway: Gateway,
    digits: String,
    signing: Arc<SigningKey>,
    clock: Arc<Scenario>,
    requests: AtomicU64,
    temp: tempfile::TempDir,
}

impl Office {
    async fn new(number: u8, pins: &[(u32, String)]) -> Self {
        let temp = tempfile::tempdir().unwrap();
        let (own, digits) = (node(number), format!("36032{number}"));
        let clock = Arc::new(Scenario::on(Date::new(2026, 11, 24).unwrap()));
        let shared = || Arc::clone(&clock) as Arc<dyn Clock>;
        let data = temp.path().join("data");
        let node_key = temp.path().join("node.key");
        let mut settings = store::Settings::new(&data, node_key, own, area(&digits));
        settings.cache_bytes = 8 << 20;
        let store = store::Store::open(&settings, shared(), &mut |_| ()).unwrap();
        let host = Host::in_process(Engine::new(Limits::default()).unwrap());
        let policies = Policies::new(host, Trust::default(), &data);
        let gateway = Gateway::new(store, shared(), area(&digits), policies);
        let signing = SigningKey::create(&temp.path().join("signing.key"), own).unwrap();
        let signing = Arc::new(signing);
        let county = Self::open(temp.path(), &gateway, &signing, shared(), pins);
        let office = Self {
            county,
            gateway,
            digits,
            signing,
            clock: Arc::clone(&clock),
            requests: AtomicU64::new(0),
            temp,
        };
        office.found().await;
        office
    }

    fn open(
        folder: &Path,
        gateway: &Gateway,
        signing: &Arc<SigningKey>,
        clock: Arc<dyn Clock>,
        pins: &[(u32, String)],
    ) -> Arc<County> {
        let settings = Settings {
            pins: pins.iter().cloned().collect(),
            every: Duration::from_secs(60),
        };
        let (gateway, signing) = (gateway.clone(), Arc::clone(signing));
        let data = folder.join("data");
        Arc::new(County::open(settings, &data, gateway, signing, clock).unwrap())
    }

    /// As after a restart.
    fn reopen(&mut self) {
        let clock = Arc::clone(&self.clock) as Arc<dyn Clock>;
        self.county = Self::open(self.temp.path(), &self.gateway, &self.signing, clock, &[]);
    }

    async fn found(&self) {
        let place = |more: &str| area(&format!("{}{more}", self.digits));
        let record = |more: &str| {
            let code = place(more);
            let area = Area {
                code,
                name: Label::parse("某地").unwrap(),
                key_village: Vec::new(),
                from: None,
                until: None,
                successors: Vec::new(),
            };
            Change::create(area_id(&code), code, area)
        };
        let own = Node {
            name: Label::parse("某县").unwrap(),
            public_key: self.signing.public().bytes.to_vec(),
            scenario: false,
        };
        let node = self.county.node();
        let own = Change::create(RecordId(node.0), place(""), own);
        let areas = [record(""), record("104"), record(VILLAGE)];
        self.apply([vec![own], areas.to_vec()].concat()).await;
    }

    async fn apply(&self, changes: Vec<Change>) {
        let count = self.requests.fetch_add(1, Ordering::Relaxed);
        let command = Command {
            request: RequestId::derived("test", &count.to_be_bytes()),
            actor: ActorId(self.county.node().0),
            changes,
        };
        self.gateway.store().submit(command).await.unwrap();
    }

    fn member(&self, serial: u16) -> RecordId {
        RecordId::derived(
            "member",
            &[self.digits.as_bytes(), &serial.to_be_bytes()[..]].concat(),
        )
    }

    /// Registers somebody; the number as it was written.
    async fn register(&self, serial: u16, text: &str) {
        let village = area(&format!("{}{VILLAGE}", self.digits));
        let household = RecordId::derived("household", &self.member(serial).0);
        let mut member = Member::new(household, Date::new(2020, 1, 1).unwrap(), code("02"));
        member.identity = Some(identity(text));
        let changes = vec![
            Change::create(household, village, Household::new(code("general"))),
            Change::create(self.member(serial), village, member),
        ];
        self.apply(changes).await;
    }

    async fn change(&self, serial: u16, text: &str) {
        let stored = self
            .gateway
            .reader()
            .get(&self.member(serial))
            .unwrap()
            .unwrap();
        let record = stored.into_record().unwrap();
        let Body::Member(member) = record.body.clone() else {
            panic!()
        };
        let identity = Some(identity(text));
        let changed = Change::of(&record, Action::Change, Member { identity, ..member });
        self.apply(vec![changed]).await;
    }

    fn transfer(&self, alert: &RecordId) -> Option<OwnershipTransfer> {
        let id = OwnershipTransfer::id_for(&self.county.node(), alert);
        let stored = self.gateway.reader().get(&id).unwrap()?;
        match stored.body.unwrap() {
            Body::OwnershipTransfer(transfer) => Some(transfer),
            other => panic!("{other:?}"),
        }
    }

    async fn resolve(
        &self,
        alert: &RecordId,
        keep_here: bool,
    ) -> Result<(), crate::gateway::Error> {
        let caller = Caller::node(self.county.node(), area(&self.digits)).unwrap();
        let count = self.requests.fetch_add(1, Ordering::Relaxed);
        let request = RequestId::derived("resolve", &count.to_be_bytes());
        let resolved = self
            .county
            .resolve(&caller, request, alert, keep_here, None);
        resolved.await.map(drop)
    }
}

fn identity(text: &str) -> MemberIdentity {
    MemberIdentity {
        number: None,
        name: Name::parse("张三").unwrap(),
        document: IdentityDocument::parse(&code("id-card"), text),
        phone: None,
    }
}

/// What stands between a county and the others: it carries everything, or spoils it.
#[derive(Clone)]
struct Line {
    from: (NodeId, AreaCode),
    holder: Arc<KeyHolder>,
    comparing: Arc<Comparing>,
    spoil: Arc<Mutex<Option<Spoil>>>,
    /// What the comparing node makes up.
    adds: Arc<Mutex<Vec<HeardAlert>>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Spoil {
    /// The key-holder evaluates with another key.
    OtherKey,
    /// The key-holder shows another key.
    ShowsOther,
    /// The answer to a submission is lost.
    LosesAnswer,
}

fn failed(refusal: Refusal) -> CallFailed {
    CallFailed {
        message: refusal.to_string(),
        code: refusal.code().to_owned(),
        again_ms: match refusal {
            Refusal::Budget { again_ms, .. } => Some(again_ms),
            _ => None,
        },
    }
}

impl Line {
    fn is(&self, spoil: Spoil) -> bool {
        *self.spoil.lock().unwrap() == Some(spoil)
    }
}

impl Holder for Line {
    async fn keys(&self) -> Result<HeldKeys, CallFailed> {
        let (keys, left) = self.holder.keys_for(self.from).map_err(failed)?;
        let other = SecretKey::generate().unwrap().public();
        let keys = keys.iter().map(|(version, key)| {
            let key = if self.is(Spoil::ShowsOther) {
                &other
            } else {
                key
            };
            (*version, key.bytes().to_vec())
        });
        Ok(HeldKeys {
            keys: keys.collect(),
            left,
        })
    }

    async fn evaluate(&self, version: u32, blinded: &[Element]) -> Result<Evaluation, CallFailed> {
        let blinded: Vec<Vec<u8>> = blinded.iter().map(|it| it.to_vec()).collect();
        if self.is(Spoil::OtherKey) {
            return SecretKey::generate()
                .unwrap()
                .evaluate(&blinded)
                .map_err(failed);
        }
        self.holder
            .evaluate(self.from, version, &blinded)
            .map_err(failed)
    }
}

impl ComparingNode for Line {
    async fn alerts(&self) -> Result<Heard, CallFailed> {
        let concern = self.comparing.concerning(&self.from.0);
        let submitted = concern.submitted.iter().map(|slot| SubmittedThere {
            version: slot.version,
            number: slot.number,
        });
        Ok(Heard {
            submitted: submitted.collect(),
            alerts: {
                let alerts = concern.alerts.iter().map(heard);
                alerts.chain(self.adds.lock().unwrap().clone()).collect()
            },
            oldest_version: concern.oldest_version,
        })
    }

    async fn submit(
        &self,
        version: u32,
        key: &PublicKey,
        restart: bool,
        difference: &Difference,
    ) -> Result<(), CallFailed> {
        let submission = Submission {
            version,
            key: *key,
            restart,
            difference: difference.clone(),
        };
        self.comparing
            .submit(self.from, &submission)
            .map_err(failed)?;
        match self.is(Spoil::LosesAnswer) {
            false => Ok(()),
            true => Err(CallFailed {
                message: "no answer".to_owned(),
                code: "unavailable".to_owned(),
                again_ms: None,
            }),
        }
    }

    async fn agree(
        &self,
        alert: &RecordId,
        keeps: &NodeId,
        signature: &[u8; 64],
    ) -> Result<(), CallFailed> {
        let agreed = self.comparing.agree(self.from.0, alert, *keeps, *signature);
        agreed.map(drop).map_err(failed)
    }
}

fn heard(alert: &Alert) -> HeardAlert {
    HeardAlert {
        id: alert.id,
        sides: alert.sides.map(|side| Counterpart {
            side,
            area: String::new(),
            name: "某县".to_owned(),
            said: alert.said_by(&side.node).map(|said| SaidThere {
                keeps: said.keeps,
                signed: said.signed.clone(),
            }),
        }),
        found_at: alert.found_at,
        lapsed: alert.lapsed,
    }
}

struct Keys(BTreeMap<NodeId, [u8; 32]>);

impl Known for Keys {
    fn signing_key(&self, node: &NodeId) -> Option<[u8; 32]> {
        self.0.get(node).copied()
    }

    fn found(&self, _: &[Alert]) {}

    fn settled(&self, _: &Alert) {}
}

/// Two counties below a prefecture that holds the key and a province that compares.
struct World {
    offices: [Office; 2],
    lines: [Line; 2],
    clock: Arc<Scenario>,
    temp: tempfile::TempDir,
}

impl World {
    async fn new(per_day: Option<u64>) -> Self {
        let offices = [Office::new(1, &[]).await, Office::new(2, &[]).await];
        let temp = tempfile::tempdir().unwrap();
        let clock = Arc::new(Scenario::on(Date::new(2026, 11, 24).unwrap()));
        let shared = || Arc::clone(&clock) as Arc<dyn Clock>;
        let settings = holder::Settings {
            comparing: [node(36)].into(),
            per_day,
        };
        let people = Box::new(|_: &AreaCode| 0);
        let prefecture = temp.path().join("prefecture");
        std::fs::create_dir(&prefecture).unwrap();
        let holder = KeyHolder::open(settings, &prefecture, &prefecture, shared(), people);
        let holder = Arc::new(holder.unwrap());
        let keys = offices.iter().map(|office| {
            let public = office.signing.public();
            (public.node, public.bytes)
        });
        let keys = Box::new(Keys(keys.collect()));
        let comparing = Comparing::open(&temp.path().join("province"), shared(), keys);
        let comparing = Arc::new(comparing.unwrap());
        let lines = offices.each_ref().map(|office| Line {
            from: (office.county.node(), area(&office.digits)),
            holder: Arc::clone(&holder),
            comparing: Arc::clone(&comparing),
            spoil: Arc::default(),
            adds: Arc::default(),
        });
        Self {
            offices,
            lines,
            clock,
            temp,
        }
    }

    async fn round(&self, which: usize) -> Result<(), Failed> {
        let (office, line) = (&self.offices[which], &self.lines[which]);
        office.county.round(line, line).await
    }

    async fn rounds(&self) {
        for which in [0, 1, 0, 1] {
            self.round(which).await.unwrap();
        }
    }

    fn alerts(&self, which: usize) -> Vec<HeardAlert> {
        self.offices[which].county.standing().alerts
    }

    fn spoil(&self, which: usize, spoil: Option<Spoil>) {
        *self.lines[which].spoil.lock().unwrap() = spoil;
    }

    fn evaluated(&self) -> u64 {
        let evaluated = self.lines[0].holder.evaluated();
        evaluated.iter().map(|it| it.elements).sum()
    }

    fn tokens(&self, which: usize) -> BTreeMap<u32, u64> {
        let concern = self.lines[which]
            .comparing
            .concerning(&self.lines[which].from.0);
        let submitted = concern.submitted.iter();
        submitted.map(|slot| (slot.version, slot.tokens)).collect()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_in_two_counties_is_found_settled_and_forgotten() {
    let mut world = World::new(None).await;
    let [one, other] = &world.offices;
    for serial in 0..5 {
        one.register(serial, &number(serial)).await;
    }
    for serial in 4..8 {
        let number = number(serial);
        // An old card, of fifteen digits.
        other
            .register(serial, &format!("{}{}", &number[..6], &number[8..17]))
            .await;
    }
    other.register(9, "360323197001011230").await;
    world.rounds().await;
    let [alert] = &world.alerts(0)[..] else {
        panic!("{:?}", world.alerts(0))
    };
    assert_eq!(world.alerts(1), std::slice::from_ref(alert));
    let [one, other] = &world.offices;
    for (office, which) in [(one, 0), (other, 1)] {
        let (own, _) = alert.seen_by(&office.county.node()).unwrap();
        assert_eq!(
            office.county.member(&own.side),
            Some(office.member(4)),
            "{which}"
        );
    }
    let standing = other.county.standing();
    assert_eq!((standing.submitted, standing.comparable), (4, 4));
    assert_eq!(world.evaluated(), 9);

    one.resolve(&alert.id, true).await.unwrap();
    other.resolve(&alert.id, true).await.unwrap();
    world.rounds().await;
    assert!(!world.alerts(0)[0].is_settled());
    other.resolve(&alert.id, false).await.unwrap();
    world.rounds().await;
    for office in &world.offices {
        let transfer = office.transfer(&alert.id).unwrap();
        assert!(transfer.is_settled());
        assert_eq!(transfer.keeps.node, one.county.node());
        assert_eq!(transfer.member, Some(office.member(4)));
    }
    let late = one.resolve(&alert.id, false).await.unwrap_err();
    assert_eq!(late.code(), "ownership-settled");
    let stranger = one.resolve(&one.member(4), false).await.unwrap_err();
    assert_eq!(stranger.code(), "no-such-duplicate");

    // The losing county's member gets another document, as good as being closed: nothing is evaluated twice.
    other.change(4, "无").await;
    world.offices[1].reopen();
    world.rounds().await;
    assert!(world.alerts(0)[0].lapsed);
    assert_eq!(world.tokens(1), [(1, 3)].into());
    assert_eq!(world.evaluated(), 9);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_thinks_again_too_late_has_signed_what_was_settled() {
    let world = World::new(None).await;
    let [one, other] = &world.offices;
    one.register(1, &number(1)).await;
    other.register(1, &number(1)).await;
    world.rounds().await;
    let alert = world.alerts(0)[0].id;
    one.resolve(&alert, true).await.unwrap();
    world.rounds().await;
    other.resolve(&alert, false).await.unwrap();
    world.round(1).await.unwrap();
    // Settled above, and nobody has told this county yet.
    one.resolve(&alert, false).await.unwrap();
    world.rounds().await;
    for office in &world.offices {
        let transfer = office.transfer(&alert).unwrap();
        assert!(transfer.is_settled());
        assert_eq!(transfer.keeps.node, one.county.node());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_alert_that_the_comparing_node_made_up_is_passed_over() {
    let world = World::new(None).await;
    let [one, other] = &world.offices;
    one.register(1, &number(1)).await;
    other.register(2, &number(2)).await;
    world.rounds().await;
    let side = |office: &Office, handle| Side {
        node: office.county.node(),
        handle: Handle([handle; 16]),
    };
    let met = [side(one, 7), side(other, 8)].map(|side| (side, String::new()));
    let mut made_up = heard(&Alert::of(met, 1));
    world.lines[0].adds.lock().unwrap().push(made_up.clone());
    world.round(0).await.unwrap();
    // A handle that is nobody's here: it can be seen, and nothing can be said about it.
    assert_eq!(world.alerts(0), [made_up.clone()]);
    let refused = one.resolve(&made_up.id, true).await.unwrap_err();
    assert_eq!(refused.code(), "duplicate-lapsed");
    made_up.id = RecordId([9; 16]);
    *world.lines[0].adds.lock().unwrap() = vec![made_up];
    world.round(0).await.unwrap();
    assert!(world.alerts(0).is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_document_is_another_token_and_another_handle() {
    let world = World::new(None).await;
    let [one, other] = &world.offices;
    one.register(1, &number(1)).await;
    other.register(2, &number(2)).await;
    world.rounds().await;
    assert!(world.alerts(0).is_empty());
    one.change(1, &number(2)).await;
    world.rounds().await;
    let first = world.alerts(0);
    assert_eq!(first.len(), 1);
    assert_eq!(world.tokens(0), [(1, 1)].into());
    one.change(1, &number(3)).await;
    one.change(1, &number(2)).await;
    world.rounds().await;
    assert_eq!(
        world.alerts(0),
        first,
        "it was looked at when it was as before"
    );
    one.change(1, &number(3)).await;
    world.rounds().await;
    one.change(1, &number(2)).await;
    world.rounds().await;
    let again = world.alerts(0);
    assert_eq!(again.iter().filter(|alert| alert.lapsed).count(), 1);
    assert_eq!(again.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_holder_that_cheats_is_found_and_nothing_of_it_is_used() {
    let world = World::new(None).await;
    world.offices[0].register(1, &number(1)).await;
    world.spoil(0, Some(Spoil::OtherKey));
    assert!(matches!(world.round(0).await, Err(Failed::NotProven)));
    assert_eq!(world.tokens(0).get(&1).copied().unwrap_or(0), 0);
    let standing = world.offices[0].county.standing();
    assert!(standing.failure.unwrap().contains("proof-wrong"));
    world.spoil(0, Some(Spoil::ShowsOther));
    assert!(matches!(world.round(0).await, Err(Failed::OtherKey(1))));
    world.spoil(0, None);
    world.round(0).await.unwrap();
    assert_eq!(world.tokens(0), [(1, 1)].into());
    assert!(world.offices[0].county.standing().failure.is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_was_given_beforehand_is_the_only_one() {
    let world = World::new(None).await;
    let given = SecretKey::generate().unwrap().public().to_string();
    let office = Office::new(3, &[(1, given)]).await;
    let line = &world.lines[0];
    let refused = office.county.round(line, line).await;
    assert!(matches!(refused, Err(Failed::OtherKey(1))), "{refused:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_was_lost_and_a_table_that_was_lost_are_made_good() {
    let mut world = World::new(None).await;
    for serial in 0..3 {
        world.offices[0].register(serial, &number(serial)).await;
    }
    world.offices[1].register(2, &number(2)).await;
    world.spoil(0, Some(Spoil::LosesAnswer));
    assert!(world.round(0).await.is_err());
    world.spoil(0, None);
    world.rounds().await;
    assert_eq!(world.tokens(0), [(1, 3)].into());
    assert_eq!(world.alerts(0).len(), 1);

    let keys = world.offices.iter().map(|office| {
        let public = office.signing.public();
        (public.node, public.bytes)
    });
    let keys = Box::new(Keys(keys.collect()));
    let clock = Arc::clone(&world.clock) as Arc<dyn Clock>;
    let fresh = Comparing::open(&world.temp.path().join("another"), clock, keys);
    let fresh = Arc::new(fresh.unwrap());
    for line in &mut world.lines {
        line.comparing = Arc::clone(&fresh);
    }
    world.rounds().await;
    assert_eq!(world.tokens(0), [(1, 3)].into());
    let alerts = world.alerts(0);
    assert_eq!(alerts.len(), 1);
    assert!(!alerts[0].lapsed);
    assert_eq!(world.evaluated(), 4, "nothing is evaluated twice");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_budget_that_is_spent_stops_nothing_else() {
    let world = World::new(Some(3)).await;
    for serial in 0..5 {
        world.offices[0].register(serial, &number(serial)).await;
    }
    let refused = world.round(0).await.unwrap_err();
    let Failed::Call { source, .. } = &refused else {
        panic!("{refused:?}")
    };
    assert_eq!(source.code, "evaluation-budget");
    assert!(source.again_ms.is_some());
    assert_eq!(
        world.tokens(0),
        [(1, 3)].into(),
        "what is there is handed in"
    );
    world.clock.advance(24 * 3_600_000);
    world.round(0).await.unwrap();
    assert_eq!(world.tokens(0), [(1, 5)].into());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rotation_loses_no_match_while_the_counties_move() {
    let world = World::new(None).await;
    for office in &world.offices {
        office.register(1, &number(1)).await;
    }
    world.rounds().await;
    let before = world.alerts(0);
    assert_eq!(before.len(), 1);
    let file = key::file(&world.temp.path().join("prefecture"));
    key::Keys::open(&file)
        .unwrap()
        .unwrap()
        .rotate(&file)
        .unwrap();
    world.round(0).await.unwrap();
    assert_eq!(world.tokens(0), [(1, 1), (2, 1)].into());
    // The other has not moved, and a new person is found all the same.
    world.offices[0].register(2, &number(2)).await;
    world.round(0).await.unwrap();
    world.spoil(1, None);
    world.offices[1].register(2, &number(2)).await;
    world.rounds().await;
    assert_eq!(world.alerts(0).len(), 2);
    world.rounds().await;
    for which in [0, 1] {
        assert_eq!(world.tokens(which), [(2, 2)].into(), "{which}");
    }
    let mut after = world.alerts(0);
    assert!(after.iter().all(|alert| !alert.lapsed));
    after.retain(|alert| alert.id == before[0].id);
    assert_eq!(
        after, before,
        "the same two are the same alert under another version"
    );
    assert!(
        key::Keys::open(&file)
            .unwrap()
            .unwrap()
            .retire(1, &file)
            .unwrap()
    );
    world.rounds().await;
}
