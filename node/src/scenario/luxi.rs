//! Luxi county (S4): the registered households, who helps them, and a year of visits.

use std::{collections::BTreeMap, fs};

use anyhow::Context as _;
use lika_core::{
    command::Change,
    log::{Action, Kind},
    record::{
        Area, Body, HelperLevel, Household, Member, Pairing, Record, VillageTeam, Visit, area_id,
    },
    value::{AreaCode, AreaLevel, Code, Date, RecordId},
};

use super::{Figure, Row, Scene, Settings, Story, Tell, people};
use crate::sample::{self, County, HOUSEHOLDS_OF_LUXI, Registered};

/// Luxi, at the end of the year.
pub struct Luxi {
    scene: Scene,
}

/// The year that passes: the first one of the second plan of key villages (S4.2).
const YEAR: u16 = 2016;
const MONTHS: std::ops::RangeInclusive<u8> = 1..=12;

impl Luxi {
    /// Makes the county and lets the year pass.
    pub fn play(settings: &Settings, tell: Tell<'_>) -> anyhow::Result<Self> {
        let begin = Date::new(YEAR, 1, 4)?;
        let mut scene = Scene::open(settings, County::area().digits(), "芦溪县", begin)?;
        tell("registering areas, units, cadres and households");
        register(&mut scene, settings)?;
        for policy in ["village-team", "pairing"] {
            tell(&format!(
                "putting {policy} in force, and accepting what it proposes"
            ));
            scene.enact(policy, begin)?;
            scene.evaluate(policy)?;
            scene.accept(policy)?;
        }
        tell("visiting every household and every key village each month");
        let rounds = rounds(&scene)?;
        for month in MONTHS {
            let day = Date::new(YEAR, month, 28)?;
            scene.go_to(day);
            scene.apply(visits(&rounds, day)?)?;
        }
        scene.go_to(Date::new(YEAR, 12, 31)?);
        Ok(Self { scene })
    }
}

impl Story for Luxi {
    fn rows(&self) -> Vec<Row<Self>> {
        let mut rows = scale();
        rows.extend(teams());
        rows.extend(pairings());
        rows.extend(measures());
        rows
    }

    fn scene(self) -> Scene {
        self.scene
    }
}

fn register(scene: &mut Scene, settings: &Settings) -> anyhow::Result<()> {
    let wanted = sample::Settings {
        seed: 1,
        households: HOUSEHOLDS_OF_LUXI,
        as_of: scene.today(),
    };
    let county = County::generate(&wanted);
    // The node registered its own area when it was made.
    let own = area_id(&scene.area());
    let areas = county.area_changes.iter().filter(|change| change.id != own);
    scene.apply(areas.cloned().collect())?;
    scene.apply(county.unit_changes.clone())?;
    scene.apply(county.cadre_changes.clone())?;
    let file = settings.folder.join("households.xlsx");
    county.write_xlsx(&file)?;
    scene.import("households", &fs::read(&file)?)?;
    let households = scene.list(Kind::Household, &scene.area())?;
    let registered: Vec<Registered> = households.iter().filter_map(registered).collect();
    scene.apply(sample::surveys(&wanted, &county.households, &registered))
}

fn registered(record: &Record) -> Option<Registered> {
    let number = household(record)?.identity.as_ref()?.number.as_ref()?;
    Some(Registered {
        id: record.id,
        village: record.area,
        number: number.to_string(),
    })
}

/// Who goes where: to a household whoever answers for it, to a key village the leader of its team.
fn rounds(scene: &Scene) -> anyhow::Result<Vec<(AreaCode, Option<RecordId>, RecordId)>> {
    let mut rounds = Vec::new();
    for record in scene.list(Kind::Pairing, &scene.area())? {
        if let Body::Pairing(pairing) = &record.body
            && pairing.responsible
        {
            rounds.push((record.area, Some(pairing.household), pairing.cadre));
        }
    }
    // Several may answer for one household; one visit a month is what is asked.
    rounds.sort_unstable();
    rounds.dedup_by_key(|(_, household, _)| *household);
    for record in scene.list(Kind::VillageTeam, &scene.area())? {
        if let Body::VillageTeam(team) = &record.body {
            let leader = team
                .seats
                .iter()
                .find(|seat| seat.role.as_str() == "leader");
            let leader = leader.context("a team without a leader")?;
            rounds.push((record.area, None, leader.holder));
        }
    }
    Ok(rounds)
}

fn visits(
    rounds: &[(AreaCode, Option<RecordId>, RecordId)],
    on: Date,
) -> anyhow::Result<Vec<Change>> {
    let purpose = Code::parse("regular")?;
    let visit = |(area, household, cadre): &(AreaCode, Option<RecordId>, RecordId)| {
        let whom = household.unwrap_or(*cadre);
        let seed = [
            &on.number().to_be_bytes()[..],
            &whom.0,
            area.digits().as_bytes(),
        ]
        .concat();
        let visit = Visit {
            household: *household,
            cadre: *cadre,
            on,
            purpose: Some(purpose.clone()),
            note: None,
        };
        Change::create(
            RecordId::derived("lika.scenario.visit", &seed),
            *area,
            visit,
        )
    };
    Ok(rounds.iter().map(visit).collect())
}

/// S4.1.
fn scale() -> Vec<Row<Luxi>> {
    vec![
        Row::<Luxi>::new(
            ("S4.1", "townships"),
            Figure::Count(9),
            |luxi| {
                let is_township = |area: &Area| area.code.level() == AreaLevel::Township;
                Ok(Figure::Count(luxi.scene.count_areas(is_township)?))
            },
            "a tenth township is registered",
            |luxi| {
                let code = AreaCode::parse("360323999")?;
                let township = people::area(code, "新镇", Vec::new())?;
                luxi.scene.apply(vec![township])
            },
        ),
        Row::<Luxi>::new(
            ("S4.1", "key villages"),
            Figure::Count(14),
            |luxi| Ok(Figure::Count(luxi.scene.key_villages()?)),
            "a village never was one",
            |luxi| luxi.scene.correct_a_key_village(),
        )
        .remark("of the plan that began in 2016"),
        Row::<Luxi>::new(
            ("S4.1", "households registered"),
            Figure::Count(3_906),
            |luxi| luxi.total("households", 0),
            "a household moves away",
            |luxi| luxi.scene.let_a_household_go(&County::area()),
        ),
        Row::<Luxi>::new(
            ("S4.1", "people registered"),
            Figure::Count(10_485),
            |luxi| luxi.total("people", 0),
            "somebody dies",
            |luxi| luxi.scene.let_somebody_go(&County::area()),
        ),
    ]
}

/// S4.2: "1+2+3", and a visit at least monthly.
fn teams() -> Vec<Row<Luxi>> {
    let seats = |what, source, read, falsify| {
        Row::<Luxi>::new(
            ("S4.2", what),
            Figure::Count(source),
            read,
            "somebody leaves a team",
            falsify,
        )
        .remark("14 key villages, \"1+2+3\"")
    };
    vec![
        seats(
            "county leaders in village teams",
            14,
            |luxi| luxi.total("team-seats/leader", 0),
            |luxi| luxi.vacate("leader"),
        ),
        seats(
            "stationed reserve cadres",
            28,
            |luxi| luxi.total("team-seats/stationed", 0),
            |luxi| luxi.vacate("stationed"),
        ),
        seats(
            "sponsoring units bound",
            42,
            |luxi| luxi.total("team-seats/sponsor", 0),
            |luxi| luxi.vacate("sponsor"),
        ),
        Row::<Luxi>::new(
            (
                "S4.2",
                "visits to key villages and households in the leanest month",
            ),
            Figure::Count(3_920),
            |luxi| {
                let area = luxi.scene.area();
                let month = |month| u32::from(YEAR) * 100 + u32::from(month);
                let visits = MONTHS.map(|it| luxi.scene.total(&area, "visits", month(it)));
                let visits = visits.collect::<anyhow::Result<Vec<_>>>()?;
                Ok(Figure::Count(visits.into_iter().min().unwrap_or(0)))
            },
            "one visit turns out never to have been made",
            |luxi| {
                let village = luxi.first(Kind::VillageTeam, |_| true)?.area;
                let visits = luxi.scene.list(Kind::Visit, &village)?;
                let visit = visits.first().context("no visit")?;
                luxi.scene
                    .apply(vec![Change::of(visit, Action::Close, visit.body.clone())])
            },
        )
        .remark("at least one a month to each of 14 villages (S4.2) and 3,906 households (S4.4)"),
    ]
}

/// S4.4: "1+1+1".
fn pairings() -> Vec<Row<Luxi>> {
    vec![
        Row::<Luxi>::new(
            ("S4.4", "households with a helper who answers for them"),
            Figure::Count(3_906),
            |luxi| luxi.total("households-paired", 0),
            "nobody answers for a household any more",
            |luxi| luxi.unpair(|pairing| pairing.responsible),
        ),
        Row::<Luxi>::new(
            (
                "S4.4",
                "development households without a cadre of section level or above",
            ),
            Figure::Count(0),
            Luxi::unhelped_development_households,
            "such a cadre leaves a development household",
            |luxi| {
                luxi.unpair(|pairing| {
                    pairing.role.as_str() == "focus" && pairing.level <= HelperLevel::Section
                })
            },
        )
        .remark("\"every development household has one\""),
        Row::<Luxi>::new(
            (
                "S4.4",
                "cadres of section level or above beyond their quota of focus households",
            ),
            Figure::Count(0),
            |luxi| Ok(Figure::Count(luxi.beyond_quota()?)),
            "a cadre is given one household more than the quota",
            Luxi::pair_beyond_quota,
        )
        .remark("2 for a county-level cadre, 1 for one of section level"),
    ]
}

/// S4.10: overlapping sets of people.
fn measures() -> Vec<Row<Luxi>> {
    let measure = |what, source, remark, read, falsify| {
        Row::<Luxi>::new(
            ("S4.10", what),
            Figure::Count(source),
            read,
            "one person is planned for it no longer",
            falsify,
        )
        .remark(remark)
    };
    vec![
        measure(
            "industry: labour that lacks skill, funds or a project",
            1_166,
            "",
            |luxi| luxi.total("measure/industry", 0),
            |luxi| luxi.replan("industry"),
        ),
        measure(
            "schooling: poor because of schooling",
            1_017,
            "",
            |luxi| luxi.total("measure/schooling", 0),
            |luxi| luxi.replan("schooling"),
        ),
        measure(
            "employment: labour without a job",
            3_044,
            "",
            |luxi| luxi.total("measure/employment", 0),
            |luxi| luxi.replan("employment"),
        ),
        measure(
            "protection floor",
            7_183,
            "",
            |luxi| luxi.total("measure/protection", 0),
            |luxi| luxi.replan("protection"),
        ),
        measure(
            "science and technology: labour that lacks skill",
            836,
            "may lie inside the 1,166 of industry",
            |luxi| luxi.total("measure/science", 0),
            |luxi| luxi.replan("science"),
        ),
        measure(
            "the four sets of people together",
            12_410,
            "more than the 10,485 people: the document counts overlapping sets",
            |luxi| {
                let sets = ["protection", "employment", "industry", "schooling"];
                let area = luxi.scene.area();
                let counts = sets
                    .map(|set| luxi.scene.total(&area, &format!("measure/{set}"), 0))
                    .into_iter()
                    .sum::<anyhow::Result<i64>>()?;
                Ok(Figure::Count(counts))
            },
            |luxi| luxi.replan("employment"),
        ),
        measure(
            "people whom the protection floor does not hold",
            3_302,
            "10,485 less 7,183; industry and employment, 4,210 together, must overlap by 908 or more",
            |luxi| {
                let area = luxi.scene.area();
                let held = luxi.scene.total(&area, "measure/protection", 0)?;
                Ok(Figure::Count(luxi.scene.total(&area, "people", 0)? - held))
            },
            |luxi| luxi.replan("protection"),
        ),
    ]
}

impl Luxi {
    fn total(&self, dimension: &str, period: u32) -> anyhow::Result<Figure> {
        let total = self.scene.total(&self.scene.area(), dimension, period)?;
        Ok(Figure::Count(total))
    }

    fn first(&self, kind: Kind, is_it: impl Fn(&Record) -> bool) -> anyhow::Result<Record> {
        let records = self.scene.list(kind, &self.scene.area())?;
        let first = records.into_iter().find(|record| is_it(record));
        first.with_context(|| format!("there is no such {}", kind.label()))
    }

    fn vacate(&mut self, role: &str) -> anyhow::Result<()> {
        let today = self.scene.today();
        let has_it = |team: &VillageTeam| {
            let mut seats = team.seats.iter();
            seats.position(|seat| seat.role.as_str() == role && seat.until.is_none())
        };
        let record = self.first(
            Kind::VillageTeam,
            |record| matches!(&record.body, Body::VillageTeam(team) if has_it(team).is_some()),
        )?;
        let Body::VillageTeam(team) = &record.body else {
            anyhow::bail!("not a team")
        };
        let mut team = team.clone();
        let seat = has_it(&team).and_then(|place| team.seats.get_mut(place));
        seat.context("no such seat")?.until = Some(today);
        self.scene.change(&record, team)
    }

    fn unpair(&mut self, is_it: impl Fn(&Pairing) -> bool) -> anyhow::Result<()> {
        let record = self.first(
            Kind::Pairing,
            |record| matches!(&record.body, Body::Pairing(pairing) if is_it(pairing)),
        )?;
        let Body::Pairing(pairing) = &record.body else {
            anyhow::bail!("not a pairing")
        };
        let today = self.scene.today();
        // Nobody is unpaired before exit.
        let household = self.first(Kind::Household, |it| it.id == pairing.household)?;
        let Body::Household(body) = &household.body else {
            anyhow::bail!("not a household")
        };
        let exited = Household {
            exit_year: Some(today.year()),
            ..body.clone()
        };
        let mut changes = vec![
            Change::of(&household, Action::Change, exited),
            ended(&record, pairing, today),
        ];
        // Others of the same household may answer for it, or be of that level, too.
        for other in self.scene.list(Kind::Pairing, &record.area)? {
            if let Body::Pairing(own) = &other.body
                && own.household == pairing.household
                && other.id != record.id
                && is_it(own)
            {
                changes.push(ended(&other, own, self.scene.today()));
            }
        }
        self.scene.apply(changes)
    }

    fn replan(&mut self, measure: &str) -> anyhow::Result<()> {
        let is_planned = |member: &Member| member.measures.iter().any(|it| it.as_str() == measure);
        let record = self.first(
            Kind::Member,
            |record| matches!(&record.body, Body::Member(member) if is_planned(member)),
        )?;
        let Body::Member(member) = &record.body else {
            anyhow::bail!("not a member")
        };
        let mut member = member.clone();
        member.measures.retain(|it| it.as_str() != measure);
        self.scene.change(&record, member)
    }

    fn unhelped_development_households(&mut self) -> anyhow::Result<Figure> {
        let area = self.scene.area();
        let helped: Vec<RecordId> = self
            .scene
            .list(Kind::Pairing, &area)?
            .iter()
            .filter_map(|record| match &record.body {
                Body::Pairing(pairing) if pairing.level <= HelperLevel::Section => {
                    Some(pairing.household)
                }
                _ => None,
            })
            .collect();
        let helped = std::collections::BTreeSet::from_iter(helped);
        let households = self.scene.list(Kind::Household, &area)?;
        let unhelped = households.iter().filter(|record| {
            let is_development = household(record).is_some_and(is_development);
            is_development && !helped.contains(&record.id)
        });
        Ok(count(unhelped.count()))
    }

    /// Focus households by cadre of section level or above.
    fn focus(&self) -> anyhow::Result<BTreeMap<RecordId, (HelperLevel, usize)>> {
        let mut focus = BTreeMap::new();
        for record in self.scene.list(Kind::Pairing, &self.scene.area())? {
            if let Body::Pairing(pairing) = &record.body
                && pairing.role.as_str() == "focus"
                && pairing.level <= HelperLevel::Section
            {
                focus.entry(pairing.cadre).or_insert((pairing.level, 0)).1 += 1;
            }
        }
        Ok(focus)
    }

    fn beyond_quota(&self) -> anyhow::Result<i64> {
        let focus = self.focus()?;
        let beyond = focus
            .values()
            .filter(|(level, households)| *households > quota(*level));
        Ok(i64::try_from(beyond.count())?)
    }

    fn pair_beyond_quota(&mut self) -> anyhow::Result<()> {
        let focus = self.focus()?;
        let full = focus
            .iter()
            .find(|(_, (level, households))| *households == quota(*level));
        let (cadre, (level, _)) = full.context("nobody has reached the quota")?;
        let own = self.first(
            Kind::Pairing,
            |record| matches!(&record.body, Body::Pairing(pairing) if pairing.cadre == *cadre),
        )?;
        let is_other = |record: &Record| {
            let is_development = household(record).is_some_and(is_development);
            is_development && record.area != own.area
        };
        let household = self.first(Kind::Household, is_other)?;
        let pairing = Pairing {
            household: household.id,
            cadre: *cadre,
            role: Code::parse("focus")?,
            level: *level,
            responsible: false,
            from: self.scene.today(),
            until: None,
            decision: None,
        };
        let id = RecordId::derived("lika.scenario.pairing", &household.id.0);
        self.scene
            .apply(vec![Change::create(id, household.area, pairing)])
    }
}

/// How many development households a cadre may have in focus (S4.4).
fn quota(level: HelperLevel) -> usize {
    match level {
        HelperLevel::County => 2,
        HelperLevel::Section | HelperLevel::Township | HelperLevel::Village => 1,
    }
}

fn household(record: &Record) -> Option<&Household> {
    match &record.body {
        Body::Household(household) => Some(household),
        _ => None,
    }
}

fn is_development(household: &Household) -> bool {
    household.household_type.as_str() == "development"
}

fn ended(record: &Record, pairing: &Pairing, until: Date) -> Change {
    let pairing = Pairing {
        until: Some(until),
        ..pairing.clone()
    };
    Change::of(record, Action::Close, pairing)
}

fn count(records: usize) -> Figure {
    Figure::Count(i64::try_from(records).unwrap_or(i64::MAX))
}
