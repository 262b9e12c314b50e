//! A county with one household, one cadre and one team, and the records that tests put beside them.

use lika_core::{
    command::{Change, Circumstances, Command, Error, Refused, decide},
    log::{Action, Draft},
    record::{
        Account, Alert, Area, Assessment, Award, Blacklisting, Body, Budget, Cadre, CadreIdentity,
        Case, Commitment, Contract, Cooperative, Cover, Dividend, Doubt, Duty, Enactment, Finding,
        GuaranteeFund, HelperLevel, Holder, Household, HouseholdIdentity, IncomeStatement,
        LivingConditions, Loan, Measure, Member, MemberIdentity, Notice, Objection, Officer,
        OfficerIdentity, OwnershipTransfer, Pairing, Payment, PaymentBatch, PaymentReturn, Post,
        Procedure, Project, Report, ReportingWindow, ResponsibilityLetter, RollupCommitment,
        Sanction, Seat, Shareholding, Task, Training, Transfer, Unit, VillageBatch, VillageTeam,
        Visit, area_id,
    },
    value::{
        ActorId, AreaCode, Code, Date, Fen, IdentityDocument, Label, Name, RecordId, RequestId,
        Text, Year,
    },
};

use crate::memory::Memory;

pub const COUNTY: &str = "360323";
pub const TOWNSHIP: &str = "360323101";
pub const VILLAGE: &str = "360323101201";
pub const OTHER_VILLAGE: &str = "360323101202";

pub const HOUSEHOLD: RecordId = id(1);
pub const HEAD: RecordId = id(2);
pub const WIFE: RecordId = id(3);
pub const CADRE: RecordId = id(4);
pub const TEAM: RecordId = id(5);
pub const PAIRING: RecordId = id(6);
pub const VISIT: RecordId = id(7);
pub const COOPERATIVE: RecordId = id(8);
pub const NEW: RecordId = id(100);

pub const fn id(number: u8) -> RecordId {
    RecordId([number; 16])
}

pub fn area(digits: &str) -> AreaCode {
    AreaCode::parse(digits).unwrap()
}

pub fn code(text: &str) -> Code {
    Code::parse(text).unwrap()
}

pub fn text(text: &str) -> Text {
    Text::parse(text).unwrap()
}

pub fn day(number: u32) -> Date {
    Date::from_number(number).unwrap()
}

pub fn year(number: u16) -> Year {
    Year::new(number).unwrap()
}

#[derive(Clone)]
pub struct County {
    pub registry: Memory,
}

impl County {
    /// The areas, then a household of two with a helper, a visit and a team.
    pub fn new() -> Self {
        let mut county = Self {
            registry: Memory::default(),
        };
        for digits in [COUNTY, TOWNSHIP, VILLAGE, OTHER_VILLAGE] {
            county.must(vec![register(digits)]);
        }
        county.must(vec![
            Change::create(HOUSEHOLD, area(VILLAGE), household("1")),
            Change::create(
                HEAD,
                area(VILLAGE),
                member(HOUSEHOLD, "02", "张三", "11010519491231002X"),
            ),
            Change::create(WIFE, area(VILLAGE), member(HOUSEHOLD, "10", "李四", "")),
        ]);
        county.must(vec![
            Change::create(CADRE, area(TOWNSHIP), cadre("township", "7")),
            Change::create(
                PAIRING,
                area(VILLAGE),
                pairing(HOUSEHOLD, CADRE, HelperLevel::Township),
            ),
            Change::create(VISIT, area(VILLAGE), visit(Some(HOUSEHOLD), 20160301)),
            Change::create(TEAM, area(VILLAGE), team(CADRE)),
        ]);
        county
    }

    /// Decides a command as the node would: what it staged is discarded when it is refused.
    pub fn decide(&mut self, changes: Vec<Change>) -> Result<Vec<Draft>, Refused> {
        self.decide_as(id(8), changes)
    }

    /// As [`decide`](Self::decide), by this actor.
    pub fn decide_as(
        &mut self,
        actor: RecordId,
        changes: Vec<Change>,
    ) -> Result<Vec<Draft>, Refused> {
        let command = Command {
            request: RequestId([9; 16]),
            actor: ActorId(actor.0),
            changes,
        };
        let circumstances = Circumstances {
            own_area: area(COUNTY),
            today: day(20161001),
        };
        let mut staged = self.registry.clone();
        match decide(&mut staged, &command, &circumstances) {
            Ok(drafts) => {
                self.registry = staged;
                Ok(drafts)
            }
            Err(Error::Refused(refused)) => Err(refused),
            Err(Error::Registry(never)) => match never {},
        }
    }

    pub fn must(&mut self, changes: Vec<Change>) -> Vec<Draft> {
        self.decide(changes).unwrap()
    }

    /// A change of a record as it stands, after `edit`.
    pub fn edit<B>(&self, id: RecordId, action: Action, edit: impl FnOnce(&mut B)) -> Change
    where
        B: Into<Body> + TryFromBody,
    {
        let record = self.registry.get(id);
        let mut body = B::of(&record.body);
        edit(&mut body);
        Change::of(record, action, body)
    }
}

/// Takes a body apart by kind.
pub trait TryFromBody {
    fn of(body: &Body) -> Self;
}

macro_rules! bodies {
    ($($kind:ident)*) => {$(
        impl TryFromBody for $kind {
            fn of(body: &Body) -> Self {
                match body {
                    Body::$kind(body) => body.clone(),
                    other => panic!("not a {}: {other:?}", stringify!($kind)),
                }
            }
        }
    )*};
}

bodies!(Account Alert Area Budget Case Commitment Transfer Household Member Cadre Notice Objection Pairing Procedure
    VillageTeam Visit Officer IncomeStatement Enactment Measure Project Contract Training Cover PaymentBatch PaymentReturn Doubt Report ReportingWindow Post Duty Task Finding Sanction ResponsibilityLetter Assessment Award GuaranteeFund Loan Blacklisting OwnershipTransfer RollupCommitment VillageBatch);

pub fn register(digits: &str) -> Change {
    let code = area(digits);
    let body = Area {
        code,
        name: Label::parse("某地").unwrap(),
        key_village: Vec::new(),
        from: None,
        until: None,
        successors: Vec::new(),
    };
    Change::create(area_id(&code), code, body)
}

pub fn household(number: &str) -> Household {
    Household {
        main_cause: Some(code("illness")),
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

pub fn member(household: RecordId, relation: &str, name: &str, number: &str) -> Member {
    Member {
        sex: Some(code("1")),
        birth_year: Some(year(1949)),
        labour: Some(code("ordinary")),
        identity: Some(MemberIdentity {
            number: None,
            name: Name::parse(name).unwrap(),
            document: document("id-card", number),
            phone: None,
        }),
        health: Some(vec![code("healthy")]),
        ..Member::new(household, day(20140101), code(relation))
    }
}

pub fn document(kind: &str, number: &str) -> IdentityDocument {
    IdentityDocument::parse(&code(kind), number)
}

pub fn cadre(rank: &str, number: &str) -> Cadre {
    Cadre {
        rank: code(rank),
        unit: None,
        from: day(20150101),
        until: None,
        identity: Some(CadreIdentity {
            number: Some(text(number)),
            name: Name::parse("王五").unwrap(),
            phone: None,
        }),
    }
}

pub fn unit() -> Unit {
    Unit {
        name: Label::parse("县农业局").unwrap(),
        unit_type: code(lika_core::codes::list("unit-type").unwrap().entries[0].code),
    }
}

pub fn pairing(household: RecordId, cadre: RecordId, level: HelperLevel) -> Pairing {
    Pairing {
        household,
        cadre,
        role: code("contact"),
        level,
        responsible: true,
        from: day(20160101),
        until: None,
        decision: None,
    }
}

pub fn team(leader: RecordId) -> VillageTeam {
    VillageTeam {
        seats: vec![Seat {
            role: code("leader"),
            holder: leader,
            from: day(20160101),
            until: None,
        }],
        from: day(20160101),
        until: None,
        decision: None,
    }
}

pub fn visit(household: Option<RecordId>, on: u32) -> Visit {
    Visit {
        household,
        cadre: CADRE,
        on: day(on),
        purpose: None,
        note: Some(Some(text("谈了养鸡"))),
    }
}

pub fn income(household: RecordId, of: u16) -> IncomeStatement {
    IncomeStatement {
        household,
        year: year(of),
        wages: Fen(1_000_000),
        business: Fen(0),
        property: Fen(0),
        transfers: Fen(0),
        expenses: Fen(0),
        persons: 2,
    }
}

pub fn officer(login: &str, cadre: Option<RecordId>) -> Officer {
    Officer {
        grants: Vec::new(),
        cadre,
        locked: false,
        identity: Some(OfficerIdentity {
            login: text(login),
            name: Name::parse("赵六").unwrap(),
        }),
        password_hash: Some(text("$argon2id$v=19$m=8,t=1,p=1$c2FsdA$aGFzaA")),
    }
}

/// The co-operative of S2.4, then these changes.
pub fn with_cooperative(changes: Vec<Change>) -> Vec<Change> {
    let cooperative = Change::create(COOPERATIVE, area(VILLAGE), cooperative());
    [vec![cooperative], changes].concat()
}

pub fn cooperative() -> Cooperative {
    Cooperative {
        name: Label::parse("村创业基金合作社").unwrap(),
        capital: Fen(130_000_000),
    }
}

/// A household's equity, or the village collective's.
pub fn share(household: Option<RecordId>, fen: i64) -> Shareholding {
    Shareholding {
        cooperative: COOPERATIVE,
        holder: household.map_or(Holder::Other(code("village-collective")), Holder::Household),
        equity: Fen(fen),
        poverty_fund: true,
        from: day(20160101),
        until: None,
    }
}

pub fn dividend(of: u16, fen: i64, paid: &[(RecordId, i64)]) -> Change {
    let payments = paid.iter().map(|(shareholding, fen)| Payment {
        shareholding: *shareholding,
        amount: Fen(*fen),
        decision: None,
    });
    let dividend = Dividend {
        cooperative: COOPERATIVE,
        year: year(of),
        amount: Fen(fen),
        payments: payments.collect(),
    };
    Change::create(
        Dividend::id_for(&COOPERATIVE, year(of)),
        area(VILLAGE),
        dividend,
    )
}

pub fn living(village: &str, surveyed_on: u32) -> Change {
    let living = LivingConditions {
        household: HOUSEHOLD,
        surveyed_on: day(surveyed_on),
        house_area: Some(80),
        house_structure: Some(code("brick-timber")),
        house_year: None,
        electricity: Some(true),
        fuel: None,
        toilet: None,
        road: Some(true),
        road_distance: None,
        broadband: None,
        land: None,
        allowance_entitled: Some(false),
        dropouts: Some(0),
        admitted: Some(0),
        admitted_supported: None,
        trained: Some(1),
        skills: None,
        hardship_expenses: None,
    };
    Change::create(LivingConditions::id_for(&HOUSEHOLD), area(village), living)
}
