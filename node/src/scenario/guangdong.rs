//! Guangdong province (S3): the villages and households of the first round, their incomes, and the units that stay.

use lika_core::{
    command::Change,
    log::{Action, Kind},
    record::{Body, IncomeStatement, Record, Seat, Unit, VillageTeam},
    value::{AreaCode, AreaLevel, Code, Date, Fen, Label, Span, Year},
};

use super::{
    Figure, Row, Scale, Scene, Settings, Story, Tell,
    people::{self, id},
};

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
        let is_village = code.level() == AreaLevel::Village;
        let key_village = if is_village { vec![round] } else { Vec::new() };
        people::area(code, &format!("{}号", code.digits()), key_village)
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
    let mut changes = vec![Change::create(own, village, people::household("general")?)];
    // Four people, and five in as many households, the first ones, as it takes.
    let of_five = scale.of(PEOPLE) - 4 * scale.of(HOUSEHOLDS);
    let persons = if number < of_five { 5 } else { 4 };
    for place in 0..persons {
        let person = id("member", usize::try_from(number * 10 + place)?);
        changes.push(Change::create(
            person,
            village,
            people::member(own, place, from)?,
        ));
    }
    let apart = i64::from(number / 2 % 400) * 1_000;
    let apart = if number.is_multiple_of(2) {
        apart
    } else {
        -apart
    };
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

/// S3.3: the extent of the round.
fn extent(scale: Scale) -> Vec<Row<Guangdong>> {
    let remark = match scale {
        Scale::Hundredth => "1:100",
        Scale::Whole => "",
    };
    let villages = |source| {
        Row::<Guangdong>::new(
            ("S3.3", "key villages of the first round"),
            scale.count(source),
            |guangdong: &mut Guangdong| Ok(Figure::Count(guangdong.scene.key_villages()?)),
            "a village never was one",
            |guangdong| guangdong.scene.correct_a_key_village(),
        )
    };
    vec![
        villages(VILLAGES).remark(remark),
        villages(3_047).misprint("box 5 has 3,047 villages where all else says 3,407"),
        Row::<Guangdong>::new(
            ("S3.3", "households"),
            scale.count(HOUSEHOLDS),
            |guangdong| guangdong.count("households", 0),
            "a household moves away",
            |guangdong| {
                let village = guangdong.first(Kind::Household)?.area;
                guangdong.scene.let_a_household_go(&village)
            },
        )
        .remark(remark),
        Row::<Guangdong>::new(
            ("S3.3", "people"),
            scale.count(PEOPLE),
            |guangdong| guangdong.count("people", 0),
            "somebody dies",
            |guangdong| {
                let village = guangdong.first(Kind::Household)?.area;
                guangdong.scene.let_somebody_go(&village)
            },
        )
        .remark(remark),
    ]
}

/// S3.3: what they had in 2012.
fn incomes(scale: Scale) -> Vec<Row<Guangdong>> {
    let per_head = |what, source, read, falsify| {
        let change = "a village has earned 10,000 yuan a head more";
        Row::<Guangdong>::new(("S3.3", what), Figure::Count(source), read, change, falsify)
    };
    vec![
        per_head(
            "net income a head, in yuan",
            7_762,
            |guangdong| guangdong.per_head("income/net"),
            |guangdong| guangdong.earn_more(|income| &mut income.business),
        )
        .remark("wages of 5,744 yuan are 74 % of it"),
        per_head(
            "wages a head, in yuan",
            5_744,
            |guangdong| guangdong.per_head("income/wages"),
            |guangdong| guangdong.earn_more(|income| &mut income.wages),
        ),
        Row::<Guangdong>::new(
            ("S3.3", "the share of wages in it"),
            Figure::Shown("74 %".to_owned()),
            Guangdong::share_of_wages,
            "a village has earned 200,000 yuan a head more",
            |guangdong| (0..20).try_for_each(|_| guangdong.earn_more(|it| &mut it.transfers)),
        ),
        Row::<Guangdong>::new(
            ("S3.3", "households with 2,500 yuan a head or more"),
            scale.count(HOUSEHOLDS),
            Guangdong::reached_the_target,
            "a household turns out to have had nothing",
            Guangdong::let_one_have_nothing,
        )
        .remark("the target of the round"),
    ]
}

/// S3.4: the unit that helped a village follows it for three more years.
fn followed(scale: Scale) -> Row<Guangdong> {
    Row::<Guangdong>::new(
        (
            "S3.4",
            "villages still bound to the same unit three years later",
        ),
        scale.count(VILLAGES),
        |guangdong| {
            let area = guangdong.scene.area();
            let teams = guangdong.scene.list(Kind::VillageTeam, &area)?;
            let first_day = Date::new(YEAR, 1, 4)?;
            let stays = |seat: &Seat| {
                seat.role.as_str() == "sponsor" && seat.from == first_day && seat.until.is_none()
            };
            let stayed = teams.iter().filter(|record| match &record.body {
                Body::VillageTeam(team) => team.seats.iter().any(stays),
                _ => false,
            });
            Ok(Figure::Count(i64::try_from(stayed.count())?))
        },
        "a unit leaves its village",
        |guangdong| {
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
    )
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

    fn share_of_wages(&mut self) -> anyhow::Result<Figure> {
        let wages = self.total("income/wages", YEAR.into())?;
        let net = self.total("income/net", YEAR.into())?;
        anyhow::ensure!(net > 0, "nobody had an income");
        let percent = (wages * 100 + net / 2).div_euclid(net);
        Ok(Figure::Shown(format!("{percent} %")))
    }

    fn reached_the_target(&mut self) -> anyhow::Result<Figure> {
        let incomes = self.scene.list(Kind::IncomeStatement, &self.scene.area())?;
        let reached = incomes.iter().filter(|record| match &record.body {
            Body::IncomeStatement(income) => income.net_per_head() >= TARGET,
            _ => false,
        });
        Ok(Figure::Count(i64::try_from(reached.count())?))
    }

    fn let_one_have_nothing(&mut self) -> anyhow::Result<()> {
        let record = self.first(Kind::IncomeStatement)?;
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
        self.scene.change(&record, nothing)
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
