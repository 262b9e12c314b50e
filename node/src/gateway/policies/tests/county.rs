//! A county with one township, two villages of which one is a key village, five households and everybody who helps.

use std::{path::PathBuf, sync::Arc};

use lika_core::{
    record::{
        Area, Cadre, Grant, Household, Member, Node, Officer, Policy, Unit, Visit, decision_id,
    },
    value::{AreaCode, Code, Date, Digest, Label, NodeId, Span, Year},
};
use tempfile::TempDir;

use super::{
    ActorId, Body, Caller, Change, Command, Decision, Error, Index, Key, Kind, Pairing, RecordId,
    VillageTeam, area_id, request,
};
use crate::{
    clock::{Clock, Scenario},
    gateway::{Accepted, Admitted, Evaluated, Gateway, Policies, Proposal, difference::Candidate},
    policy::{Engine, Host, Limits, Package, Trust},
    store::{Settings, Store},
};

pub const COUNTY: &str = "360323";
pub const TOWNSHIP: &str = "360323104";
pub const KEY_VILLAGE: &str = "360323104201";
const OTHER_VILLAGE: &str = "360323104202";

pub struct World {
    pub gateway: Gateway,
    pub clock: Arc<Scenario>,
    folder: TempDir,
}

impl World {
    /// On 1 March 2016.
    pub async fn new() -> Self {
        let changes = [
            ("areas", areas()),
            ("people", people()),
            ("households", households()),
            ("officers", officers()),
        ];
        Self::open(node(), COUNTY, engine(), changes).await
    }

    /// Another county of the same province, which has nobody.
    pub async fn neighbour() -> Self {
        let (neighbour, digits) = (NodeId([9; 16]), "360321");
        let own = vec![
            node_record(neighbour, "莲花县", digits),
            register(digits, "莲花县"),
        ];
        Self::open(neighbour, digits, engine(), [("areas", own)]).await
    }

    /// The node above it, which has nobody.
    pub async fn province() -> Self {
        Self::province_on(engine()).await
    }

    /// The same, whose policies run there.
    pub async fn province_on(host: Host) -> Self {
        let province = NodeId([8; 16]);
        let own = vec![
            node_record(province, "江西省", "36"),
            register("36", "江西省"),
        ];
        Self::open(province, "36", host, [("areas", own)]).await
    }

    async fn open<const N: usize>(
        node: NodeId,
        digits: &str,
        host: Host,
        changes: [(&str, Vec<Change>); N],
    ) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = Arc::new(Scenario::on(date(2016, 3, 1)));
        let data = folder.path().join("data");
        let mut settings = Settings::new(&data, folder.path().join("node.key"), node, area(digits));
        settings.cache_bytes = 8 << 20;
        let store =
            Store::open(&settings, Arc::clone(&clock) as Arc<dyn Clock>, &mut |_| ()).unwrap();
        for (name, changes) in changes {
            let command = Command {
                request: request(name),
                actor: ActorId(node.0),
                changes,
            };
            store.submit(command).await.unwrap();
        }
        let policies = Policies::new(host, Trust::default(), &data);
        let gateway = Gateway::new(
            store,
            Arc::clone(&clock) as Arc<dyn Clock>,
            area(digits),
            policies,
        );
        Self {
            gateway,
            clock,
            folder,
        }
    }

    pub fn office(&self) -> Caller {
        Caller::node(node(), area(COUNTY)).unwrap()
    }

    /// Admits a shipped policy and enacts it for the county from 2016 on.
    pub async fn enact(&self, name: &str) -> RecordId {
        let admitted = self.admit(&format!("admit {name}"), component(name)).await;
        let policy = admitted.unwrap().policy;
        let (day, purpose) = (date(2016, 1, 1), code(name));
        let in_force = self.gateway.policy_in_force(&purpose, &area(COUNTY), day);
        if in_force.is_ok() {
            return policy;
        }
        let enacted = self
            .put_in_force(
                &format!("enact {name}"),
                &policy,
                COUNTY,
                None,
                date(2016, 1, 1),
            )
            .await;
        enacted.unwrap();
        policy
    }

    /// Admits a component in a package that nobody has signed.
    pub async fn admit(&self, name: &str, component: Vec<u8>) -> Result<Admitted, Error> {
        let package = Package::unsigned(component).to_bytes().unwrap();
        self.gateway
            .admit(&self.office(), request(name), package)
            .await
    }

    /// Previews, proposes, and approves as two officers.
    pub async fn put_in_force(
        &self,
        name: &str,
        policy: &RecordId,
        digits: &str,
        settings: Option<&str>,
        from: Date,
    ) -> Result<RecordId, Error> {
        let preview = self.preview_of(policy, digits, settings, from)?;
        let proposal = Proposal {
            policy: *policy,
            area: area(digits),
            settings: settings.map(str::to_owned),
            from,
            binding: false,
            preview,
        };
        let gateway = &self.gateway;
        let enactment = gateway
            .propose(&self.office(), request(name), proposal)
            .await?;
        for number in 0..2 {
            let request = request(&format!("{name} {number}"));
            gateway
                .approve(&self.approver(number), request, &enactment, preview)
                .await?;
        }
        Ok(enactment)
    }

    pub fn preview_of(
        &self,
        policy: &RecordId,
        digits: &str,
        settings: Option<&str>,
        from: Date,
    ) -> Result<Digest, Error> {
        let stored = self.gateway.reader().get(policy).unwrap().unwrap();
        let Body::Policy(body) = stored.body.unwrap() else {
            panic!("not a policy")
        };
        let candidate = Candidate {
            component: body.component,
            settings: settings.unwrap_or("{}").to_owned(),
        };
        let difference = self
            .gateway
            .difference(&body.purpose, &area(digits), from, &candidate);
        Ok(difference?.digest())
    }

    /// Officers who may approve: 0, and 1, who is somebody else.
    pub fn approver(&self, number: u32) -> Caller {
        self.gateway.caller(id("officer", number)).unwrap()
    }

    pub async fn component(&self, name: &str) -> Digest {
        let stored = self
            .gateway
            .reader()
            .get(&self.enact(name).await)
            .unwrap()
            .unwrap();
        match stored.body.unwrap() {
            Body::Policy(Policy { component, .. }) => component,
            other => panic!("{other:?}"),
        }
    }

    /// Where the node keeps the components that it has admitted.
    pub fn components(&self) -> PathBuf {
        self.folder.path().join("data/components")
    }

    /// The file of a component.
    pub fn file_of(&self, component: &Digest) -> PathBuf {
        self.components().join(format!("{component}.wasm"))
    }

    /// Removes the file of a component.
    pub fn lose(&self, component: &Digest) {
        std::fs::remove_file(self.file_of(component)).unwrap();
    }

    pub async fn evaluate(
        &self,
        name: &str,
        purpose: &str,
        digits: &str,
    ) -> Result<Evaluated, Error> {
        self.gateway
            .evaluate(
                &self.office(),
                request(name),
                &code(purpose),
                &area(digits),
                None,
            )
            .await
    }

    pub async fn accept(&self, name: &str, purpose: &str) -> Result<Accepted, Error> {
        self.gateway
            .accept(
                &self.office(),
                request(name),
                &code(purpose),
                &area(COUNTY),
                None,
            )
            .await
    }

    pub async fn write(&self, name: &str, changes: Vec<Change>) {
        self.gateway
            .apply(&self.office(), request(name), changes)
            .await
            .unwrap();
    }

    pub async fn replay_all(&self, evaluations: &[RecordId]) {
        for evaluation in evaluations {
            let replayed = self
                .gateway
                .replay(&self.office(), evaluation)
                .await
                .unwrap();
            assert!(replayed.is_same(), "{replayed:?}");
            assert_eq!(replayed.recorded, replayed.replayed);
        }
    }

    pub fn decision(&self, purpose: &str, subject: RecordId) -> Decision {
        let stored = self
            .gateway
            .reader()
            .get(&decision_id(&code(purpose), &subject))
            .unwrap()
            .unwrap();
        match stored.body.unwrap() {
            Body::Decision(decision) => decision,
            other => panic!("{other:?}"),
        }
    }

    pub fn pairings(&self, household: u32) -> Vec<Pairing> {
        let key = Key::record(Index::PairingsOfHousehold, &id("household", household));
        let found = self.gateway.reader().find(&key).unwrap();
        let body = |found: &RecordId| {
            self.gateway
                .reader()
                .get(found)
                .unwrap()
                .unwrap()
                .body
                .unwrap()
        };
        let pairings = found.iter().map(|found| match body(found) {
            Body::Pairing(pairing) => pairing,
            other => panic!("{other:?}"),
        });
        pairings.collect()
    }

    /// The team of the key village.
    pub fn team(&self) -> VillageTeam {
        let mut teams = Vec::new();
        let take = |_, _, body| {
            if let Body::VillageTeam(team) = body {
                teams.push(team);
            }
        };
        self.gateway
            .each(Kind::VillageTeam, &area(KEY_VILLAGE), take)
            .unwrap();
        assert_eq!(teams.len(), 1);
        teams.remove(0)
    }
}

/// Where `make policies` leaves the components.
#[expect(
    clippy::disallowed_methods,
    reason = "a test has no configuration; the Makefile names the folder"
)]
pub fn component(name: &str) -> Vec<u8> {
    let folder = std::env::var_os("LIKA_POLICIES").map_or_else(
        || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../target/policies")),
        PathBuf::from,
    );
    let path = folder.join(name).with_extension("wasm");
    std::fs::read(&path)
        .unwrap_or_else(|error| panic!("{}: {error}; run `make policies`", path.display()))
}

pub fn area(digits: &str) -> AreaCode {
    AreaCode::parse(digits).unwrap()
}

pub fn code(text: &str) -> Code {
    Code::parse(text).unwrap()
}

pub fn date(year: u16, month: u8, day: u8) -> Date {
    Date::new(year, month, day).unwrap()
}

pub fn id(kind: &str, number: u32) -> RecordId {
    RecordId::derived(kind, &number.to_be_bytes())
}

pub fn visit(number: u32, cadre: RecordId, household: Option<RecordId>, on: Date) -> Change {
    let visit = Visit {
        household,
        cadre,
        on,
        purpose: None,
        note: None,
    };
    Change::create(id("visit", number), area(KEY_VILLAGE), visit)
}

fn engine() -> Host {
    let limits = Limits {
        fuel: 100_000_000,
        instances: 4,
        ..Limits::default()
    };
    Host::in_process(Engine::new(limits).unwrap())
}

fn node() -> NodeId {
    NodeId([7; 16])
}

fn node_record(node: NodeId, name: &str, digits: &str) -> Change {
    let body = Node {
        name: Label::parse(name).unwrap(),
        public_key: Vec::new(),
        scenario: true,
    };
    Change::create(RecordId(node.0), area(digits), body)
}

fn register(digits: &str, name: &str) -> Change {
    let key = (digits == KEY_VILLAGE).then(|| Span::new(date(2015, 1, 1), None).unwrap());
    let body = Area {
        code: area(digits),
        name: Label::parse(name).unwrap(),
        key_village: key.into_iter().collect(),
        from: None,
        until: None,
        successors: Vec::new(),
    };
    Change::create(area_id(&area(digits)), area(digits), body)
}

fn areas() -> Vec<Change> {
    let mut changes = vec![node_record(node(), "芦溪县", COUNTY)];
    for (digits, name) in [
        (COUNTY, "芦溪县"),
        (TOWNSHIP, "宣风镇"),
        (KEY_VILLAGE, "京口村"),
        (OTHER_VILLAGE, "盆田村"),
    ] {
        changes.push(register(digits, name));
    }
    changes
}

/// One county leader, two pairs of reserve cadres, a township cadre, a cadre of each village, and three units.
fn people() -> Vec<Change> {
    let posts = [
        ("county", COUNTY),
        ("reserve-full", COUNTY),
        ("reserve-deputy", COUNTY),
        ("reserve-full", COUNTY),
        ("reserve-deputy", COUNTY),
        ("township", TOWNSHIP),
        ("village", KEY_VILLAGE),
        ("village", OTHER_VILLAGE),
    ];
    let cadres = (0..).zip(posts).map(|(number, (rank, digits))| {
        let cadre = Cadre {
            rank: code(rank),
            unit: None,
            from: date(2014, 1, 1),
            until: None,
            identity: None,
        };
        Change::create(id("cadre", number), area(digits), cadre)
    });
    let units = (0..3).map(|number| {
        let name = Label::parse(&format!("单位{number}")).unwrap();
        Change::create(
            id("unit", number),
            area(COUNTY),
            Unit {
                name,
                unit_type: code("government"),
            },
        )
    });
    cadres.chain(units).collect()
}

fn officers() -> Vec<Change> {
    let officer = |number| {
        let officer = Officer {
            grants: vec![Grant {
                role: code("approver"),
                area: area(COUNTY),
            }],
            cadre: Some(id("cadre", number)),
            locked: false,
            identity: None,
            password_hash: None,
        };
        Change::create(id("officer", number), area(COUNTY), officer)
    };
    // The third is another account of the second one.
    let mut officers: Vec<Change> = (0..3).map(officer).collect();
    if let Body::Officer(third) = &mut officers[2].body {
        third.cadre = Some(id("cadre", 1));
    }
    officers
}

/// Able to work; unable; able by the national form; unknown; exited.
fn households() -> Vec<Change> {
    let rows = [
        ("development", KEY_VILLAGE, Some("ordinary")),
        ("allowance-only", KEY_VILLAGE, Some("lost")),
        ("general", OTHER_VILLAGE, Some("skilled")),
        ("allowance", OTHER_VILLAGE, None),
        ("exited", OTHER_VILLAGE, Some("ordinary")),
    ];
    let changes = (0..)
        .zip(rows)
        .flat_map(|(number, (kind, digits, labour))| {
            let household = Household::new(code(kind));
            // A child without a labour code leaves nothing open.
            let members = [
                member(number, "02", 1970, labour),
                member(number, "20", 2010, None),
            ];
            let members = (number * 10..).zip(members);
            let members = members.map(move |(number, member)| {
                Change::create(id("member", number), area(digits), member)
            });
            std::iter::once(Change::create(
                id("household", number),
                area(digits),
                household,
            ))
            .chain(members)
        });
    changes.collect()
}

pub fn member(household: u32, relation: &str, born: u16, labour: Option<&str>) -> Member {
    Member {
        birth_year: Some(Year::new(born).unwrap()),
        labour: labour.map(code),
        ..Member::new(id("household", household), date(2014, 1, 1), code(relation))
    }
}
