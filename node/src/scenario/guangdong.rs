//! Guangdong province (S3): the villages and households of the first round, their incomes, and the units that stay.

use anyhow::Context as _;
use lika_core::{
    command::Change,
    log::{Action, Kind},
    record::{
        Area, Body, Household, IncomeStatement, Member, Record, Seat, Unit, VillageTeam, area_id,
    },
    value::{AreaCode, Code, Date, Fen, Label, RecordId, Span, Year},
};

use super::{Claim, Figure, Origin, Row, Scale, Scene, Settings, Story, Tell};

const PROVINCE: &str = "44";
/// The year of the figures (S3.3), and the three that each unit stays afterwards (S3.4).
const YEAR: u16 = 2012;
const FOLLOWED_UNTIL: u16 = 2015;

const VILLAGES: u32 = 3_407;
const HOUSEHOLDS: u32 = 367_000;
const PEOPLE: u32 = 1_586_000;
/// In fen a head.
const NET: i64 = 776_200;
const WAGES: i64 = 574_400;
/// The target of the round, in fen a head.
const TARGET: Fen = Fen(250_000);
/// Villages of a township, townships of a county, counties of a city: as many as codes allow are not needed.
const IN_TOWNSHIP: u32 = 20;
const IN_COUNTY: u32 = 10;
const IN_CITY: u32 = 5;

/// Guangdong, three years after the round.
pub struct Guangdong {
    scene: Scene,
    scale: Scale,
}

/// A village as it was made.
struct Village {
    code: AreaCode,
    households: std::ops::Range<u32>,
}

impl Scale {
    fn of(self, figure: u32) -> u32 {
        match self {
            Self::Hundredth => (figure + 50) / 100,
            Self::Whole => figure,
        }
    }

    fn count(self, figure: u32) -> Figure {
        Figure::Count(self.of(figure).into())
    }
}

impl Guangdong {
    /// Makes the province and lets the years pass.
    pub fn play(settings: &Settings, scale: Scale, tell: Tell<'_>) -> anyhow::Result<Self> {
        let begin = Date::new(YEAR, 1, 4)?;
        let mut scene = Scene::open(settings, PROVINCE, "广东省", begin)?;
        tell("registering villages and the units that are bound to them");
        let villages = villages(scale)?;
        scene.apply(areas(&villages, begin)?)?;
        for (number, village) in villages.iter().enumerate() {
            scene.apply(bound_unit(village.code, number, begin)?)?;
        }
        tell("registering households, people and their incomes of the year");
        scene.go_to(Date::new(YEAR, 12, 31)?);
        let mut told = 0;
        for village in &villages {
            // A household and its head come in one command.
            let mut changes = Vec::new();
            for number in village.households.clone() {
                changes.extend(household(village.code, number, scale, begin)?);
            }
            scene.apply(changes)?;
            told += village.households.len();
            if told / 50_000 > (told - village.households.len()) / 50_000 {
                tell(&format!("{told} households"));
            }
        }
        scene.go_to(Date::new(FOLLOWED_UNTIL, 12, 31)?);
        Ok(Self { scene, scale })
    }
}

impl Story for Guangdong {
    fn rows(&self) -> Vec<Row<Self>> {
        let mut rows = extent(self.scale);
        rows.extend(incomes(self.scale));
        rows.push(followed(self.scale));
        rows
    }

    fn scene(self) -> Scene {
        self.scene
    }
}

fn villages(scale: Scale) -> anyhow::Result<Vec<Village>> {
    let (villages, households) = (scale.of(VILLAGES), scale.of(HOUSEHOLDS));
    let village = |number: u32| {
        let township = number / IN_TOWNSHIP;
        let county = township / IN_COUNTY;
        let city = county / IN_CITY;
        let code = format!(
            "{PROVINCE}{:02}{:02}{:03}{:03}",
            city + 1,
            county % IN_CITY + 21,
            township % IN_COUNTY + 101,
            number % IN_TOWNSHIP + 201
        );
        // As even as whole households allow.
        let begin = |number: u32| {
            let begin = u64::from(number) * u64::from(households) / u64::from(villages);
            u32::try_from(begin)
        };
        Ok(Village {
            code: AreaCode::parse(&code)?,
            households: begin(number)?..begin(number + 1)?,
        })
    };
    (0..villages).map(village).collect()
}

/// The areas above the villages, each once and before what is in it, and the villages: key villages of the round.
fn areas(villages: &[Village], from: Date) -> anyhow::Result<Vec<Change>> {
    let mut codes = std::collections::BTreeSet::new();
    for village in villages {
        codes.extend(std::iter::successors(Some(village.code), AreaCode::parent));
    }
    let round = Span::new(from, Some(Date::new(FOLLOWED_UNTIL + 1, 1, 1)?))?;
    let area = |code: AreaCode| {
        let is_village = code.digits().len() == 12;
        let area = Area {
            code,
            name: Label::parse(&format!("{}号", code.digits()))?,
            key_village: if is_village { vec![round] } else { Vec::new() },
            from: None,
            until: None,
            successors: Vec::new(),
        };
        Ok(Change::create(area_id(&code), code, area))
    };
    let below = |code: &AreaCode| code.digits().len() > PROVINCE.len();
    // Shorter codes come first, since a prefix sorts before what begins with it.
    codes.into_iter().filter(below).map(area).collect()
}

/// A sponsoring unit and its seat in the team of the village (S3.4).
fn bound_unit(village: AreaCode, number: usize, from: Date) -> anyhow::Result<Vec<Change>> {
    let unit = id("unit", number);
    let body = Unit {
        name: Label::parse(&format!("第{}帮扶单位", number + 1))?,
        unit_type: Code::parse("government")?,
    };
    let seat = Seat {
        role: Code::parse("sponsor")?,
        holder: unit,
        from,
        until: None,
    };
    let team = VillageTeam {
        seats: vec![seat],
        from,
        until: None,
        decision: None,
    };
    Ok(vec![
        Change::create(unit, AreaCode::parse(PROVINCE)?, body),
        Change::create(id("team", number), village, team),
    ])
}

/// A household with its people and its income of the year. Of two neighbours of one size one has as much more as the
/// other has less, so that the mean is the document's and hardly any household has it.
fn household(
    village: AreaCode,
    number: u32,
    scale: Scale,
    from: Date,
) -> anyhow::Result<Vec<Change>> {
    let own = id("household", usize::try_from(number)?);
    let body = Household {
        household_type: Code::parse("general")?,
        standard: None,
        main_cause: None,
        other_causes: Vec::new(),
        identified_on: None,
        exit_year: None,
        risk_removed: None,
        dangerous_house: None,
        safe_water: None,
        willing: None,
        identity: None,
        note: None,
    };
    let mut changes = vec![Change::create(own, village, body)];
    // Four people, and five in as many households, the first ones, as it takes.
    let of_five = scale.of(PEOPLE) - 4 * scale.of(HOUSEHOLDS);
    let persons = if number < of_five { 5 } else { 4 };
    for place in 0..persons {
        let relation = if place == 0 { "02" } else { "99" };
        let person = id("member", usize::try_from(number * 10 + place)?);
        changes.push(Change::create(
            person,
            village,
            member(own, relation, from)?,
        ));
    }
    let apart = i64::from(number / 2 % 400) * 1_000;
    let apart = if number % 2 == 0 { apart } else { -apart };
    let heads = i64::from(persons);
    let year = Year::new(YEAR)?;
    let income = IncomeStatement {
        household: own,
        year,
        wages: Fen(WAGES * heads),
        business: Fen((NET - WAGES + 300_000 + apart) * heads),
        property: Fen(0),
        transfers: Fen(100_000 * heads),
        expenses: Fen(400_000 * heads),
        persons,
    };
    changes.push(Change::create(
        IncomeStatement::id_for(&own, year),
        village,
        income,
    ));
    Ok(changes)
}

fn member(household: RecordId, relation: &str, from: Date) -> anyhow::Result<Member> {
    Ok(Member {
        household,
        from,
        until: None,
        sex: None,
        birth_year: None,
        relation: Code::parse(relation)?,
        ethnic_group: None,
        political: None,
        education: None,
        schooling: None,
        labour: None,
        work_region: None,
        work_months: None,
        allowance: None,
        medical_insurance: None,
        illness_insurance: None,
        pension_insurance: None,
        identified_on: None,
        measures: Vec::new(),
        identity: None,
        health: None,
    })
}

/// S3.3: the extent of the round.
fn extent(scale: Scale) -> Vec<Row<Guangdong>> {
    let remark = match scale {
        Scale::Hundredth => "1:100",
        Scale::Whole => "",
    };
    let villages = |source, claim, remark| Row {
        id: "S3.3",
        what: "key villages of the first round",
        source: scale.count(source),
        claim,
        origin: Origin::Computed,
        remark,
        read: |guangdong: &mut Guangdong| guangdong.key_villages(),
        change: "a village is none any more",
        falsify: Guangdong::let_a_village_go,
    };
    vec![
        villages(VILLAGES, Claim::Stands, remark),
        villages(
            3_047,
            Claim::Misprint,
            "box 5 has 3,047 villages where all else says 3,407",
        ),
        Row {
            id: "S3.3",
            what: "households",
            source: scale.count(HOUSEHOLDS),
            claim: Claim::Stands,
            origin: Origin::Computed,
            remark,
            read: |guangdong| guangdong.count("households", 0),
            change: "a household moves away",
            falsify: Guangdong::let_a_household_go,
        },
        Row {
            id: "S3.3",
            what: "people",
            source: scale.count(PEOPLE),
            claim: Claim::Stands,
            origin: Origin::Computed,
            remark,
            read: |guangdong| guangdong.count("people", 0),
            change: "somebody dies",
            falsify: Guangdong::let_somebody_go,
        },
    ]
}

/// S3.3: what they had in 2012.
fn incomes(scale: Scale) -> Vec<Row<Guangdong>> {
    vec![
        Row {
            id: "S3.3",
            what: "net income a head, in yuan",
            source: Figure::Count(7_762),
            claim: Claim::Stands,
            origin: Origin::Computed,
            remark: "wages of 5,744 yuan are 74 % of it",
            read: |guangdong| guangdong.per_head("income/net"),
            change: "every household of a village has earned 10,000 yuan more a head",
            falsify: |guangdong| guangdong.earn_more(|income| &mut income.business),
        },
        Row {
            id: "S3.3",
            what: "wages a head, in yuan",
            source: Figure::Count(5_744),
            claim: Claim::Stands,
            origin: Origin::Computed,
            remark: "",
            read: |guangdong| guangdong.per_head("income/wages"),
            change: "every household of a village has earned 10,000 yuan more a head",
            falsify: |guangdong| guangdong.earn_more(|income| &mut income.wages),
        },
        Row {
            id: "S3.3",
            what: "the share of wages in it",
            source: Figure::Shown("74 %".to_owned()),
            claim: Claim::Stands,
            origin: Origin::Computed,
            remark: "",
            read: |guangdong| {
                let wages = guangdong.total("income/wages", YEAR.into())?;
                let net = guangdong.total("income/net", YEAR.into())?;
                let share = (wages * 100 + net / 2).checked_div(net);
                Ok(Figure::Shown(format!("{} %", share.unwrap_or_default())))
            },
            change: "every household of a village has earned 200,000 yuan more a head",
            falsify: |guangdong| {
                for _ in 0..20 {
                    guangdong.earn_more(|income| &mut income.transfers)?;
                }
                Ok(())
            },
        },
        Row {
            id: "S3.3",
            what: "households with 2,500 yuan a head or more",
            source: scale.count(HOUSEHOLDS),
            claim: Claim::Stands,
            origin: Origin::Computed,
            remark: "the target of the round",
            read: |guangdong| {
                let area = guangdong.scene.area();
                let incomes = guangdong.scene.list(Kind::IncomeStatement, &area)?;
                let reached = incomes.iter().filter(|record| {
                    matches!(&record.body, Body::IncomeStatement(income) if income.net_per_head() >= TARGET)
                });
                Ok(Figure::Count(i64::try_from(reached.count())?))
            },
            change: "a household turns out to have had nothing",
            falsify: |guangdong| {
                let record = guangdong.first(Kind::IncomeStatement)?;
                let Body::IncomeStatement(income) = &record.body else {
                    anyhow::bail!("not an income statement")
                };
                let nothing = IncomeStatement {
                    wages: Fen(0),
                    business: Fen(0),
                    transfers: Fen(0),
                    expenses: Fen(0),
                    ..income.clone()
                };
                guangdong.scene.change(&record, nothing)
            },
        },
    ]
}

/// S3.4: the unit that helped a village follows it for three more years.
fn followed(scale: Scale) -> Row<Guangdong> {
    Row {
        id: "S3.4",
        what: "villages still bound to the same unit three years later",
        source: scale.count(VILLAGES),
        claim: Claim::Stands,
        origin: Origin::Computed,
        remark: "",
        read: |guangdong| {
            let area = guangdong.scene.area();
            let teams = guangdong.scene.list(Kind::VillageTeam, &area)?;
            let first_day = Date::new(YEAR, 1, 4)?;
            let stayed = teams.iter().filter(|record| {
                matches!(&record.body, Body::VillageTeam(team) if team.seats.iter().any(|seat| {
                    seat.role.as_str() == "sponsor" && seat.from == first_day && seat.until.is_none()
                }))
            });
            Ok(Figure::Count(i64::try_from(stayed.count())?))
        },
        change: "a unit leaves its village",
        falsify: |guangdong| {
            let record = guangdong.first(Kind::VillageTeam)?;
            let Body::VillageTeam(team) = &record.body else {
                anyhow::bail!("not a team")
            };
            let mut team = team.clone();
            for seat in &mut team.seats {
                seat.until = Some(guangdong.scene.today());
            }
            guangdong.scene.change(&record, team)
        },
    }
}

impl Guangdong {
    fn total(&self, dimension: &str, period: u32) -> anyhow::Result<i64> {
        self.scene.total(&self.scene.area(), dimension, period)
    }

    fn count(&self, dimension: &str, period: u32) -> anyhow::Result<Figure> {
        Ok(Figure::Count(self.total(dimension, period)?))
    }

    /// Whole yuan a head in the year, rounded.
    fn per_head(&self, dimension: &str) -> anyhow::Result<Figure> {
        let fen = self.total(dimension, YEAR.into())?;
        let heads = self.total("income/persons", YEAR.into())? * 100;
        anyhow::ensure!(heads > 0, "nobody had an income");
        Ok(Figure::Count((fen + heads / 2).div_euclid(heads)))
    }

    fn key_villages(&self) -> anyhow::Result<Figure> {
        let today = self.scene.today();
        let areas = self.scene.list(Kind::Area, &self.scene.area())?;
        let key = areas.iter().filter(
            |record| matches!(&record.body, Body::Area(area) if area.is_key_village(today)),
        );
        Ok(Figure::Count(i64::try_from(key.count())?))
    }

    /// The first record of a kind in the first village that has any.
    fn first(&self, kind: Kind) -> anyhow::Result<Record> {
        let teams = self.scene.list(Kind::VillageTeam, &self.scene.area())?;
        for team in teams {
            let records = self.scene.list(kind, &team.area)?;
            if let Some(first) = records.into_iter().next() {
                return Ok(first);
            }
        }
        anyhow::bail!("there is no {}", kind.label())
    }

    fn let_a_village_go(&mut self) -> anyhow::Result<()> {
        let today = self.scene.today();
        let areas = self.scene.list(Kind::Area, &self.scene.area())?;
        let is_key = |record: &&Record| matches!(&record.body, Body::Area(area) if area.is_key_village(today));
        let record = areas.iter().find(is_key).context("no key village")?;
        let Body::Area(area) = &record.body else {
            anyhow::bail!("not an area")
        };
        let area = Area {
            key_village: Vec::new(),
            ..area.clone()
        };
        self.scene.change(record, area)
    }

    fn let_a_household_go(&mut self) -> anyhow::Result<()> {
        let household = self.first(Kind::Household)?;
        let mut changes = Vec::new();
        for record in self.scene.list(Kind::Member, &household.area)? {
            if let Body::Member(member) = &record.body
                && member.household == household.id
            {
                changes.push(self.left(&record, member)?);
            }
        }
        changes.push(Change::of(
            &household,
            Action::Close,
            household.body.clone(),
        ));
        self.scene.apply(changes)
    }

    fn let_somebody_go(&mut self) -> anyhow::Result<()> {
        let village = self.first(Kind::Member)?.area;
        for record in self.scene.list(Kind::Member, &village)? {
            if let Body::Member(member) = &record.body
                && !member.is_head()
            {
                let change = self.left(&record, member)?;
                return self.scene.apply(vec![change]);
            }
        }
        anyhow::bail!("nobody but heads")
    }

    fn left(&self, record: &Record, member: &Member) -> anyhow::Result<Change> {
        let member = Member {
            until: Some((self.scene.today(), Code::parse("moved-away")?)),
            ..member.clone()
        };
        Ok(Change::of(record, Action::Close, member))
    }

    /// Every household of a village has 10,000 yuan a head more of a source.
    fn earn_more(&mut self, source: fn(&mut IncomeStatement) -> &mut Fen) -> anyhow::Result<()> {
        let village = self.first(Kind::IncomeStatement)?.area;
        let mut changes = Vec::new();
        for record in self.scene.list(Kind::IncomeStatement, &village)? {
            if let Body::IncomeStatement(income) = &record.body {
                let mut more = income.clone();
                let heads = i64::from(more.persons);
                source(&mut more).0 += 1_000_000 * heads;
                changes.push(Change::of(&record, Action::Change, more));
            }
        }
        self.scene.apply(changes)
    }
}

fn id(what: &str, number: usize) -> RecordId {
    RecordId::derived(&format!("lika.scenario.{what}"), &number.to_be_bytes())
}
