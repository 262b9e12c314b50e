//! What the spreadsheet has no column for: how households live, what was published, and a co-operative as that of S2.4.
//!
//! None of it enters the counted figures of the county, and its dice are its own, so that those stay as they are.

use std::collections::BTreeMap;

use lika_core::{
    command::Change,
    record::{
        Cooperative, Dividend, Holder, Land, LivingConditions, OfficialStatistic, Shareholding,
    },
    value::{AreaCode, Code, Date, Fen, Label, RecordId, Year},
};

use super::{County, SampleHousehold, Settings, dice::Dice};

/// The households of the co-operative, and its equity in fen: S2.4.
const HOLDERS: usize = 16;
const CAPITAL: i64 = 130_000_000;
const EQUITY_OF_HOUSEHOLDS: i64 = 48_000_000;
const EQUITY_OF_VILLAGE: i64 = 32_000_000;
const EQUITY_OF_OTHERS: i64 = 50_000_000;
/// What it returned on the equity from poverty funds; made up.
const RETURN: i64 = 6_400_000;

/// Published figures in fen, made up: what lines are drawn from.
const FIGURES: [(&str, i64); 3] = [
    ("rural-income-per-head", 1_150_000),
    ("poverty-line", 300_000),
    ("monitoring-line", 600_000),
];

/// A household as it was registered.
#[derive(Clone, Debug)]
pub struct Registered {
    /// Its record.
    pub id: RecordId,
    /// Its village.
    pub village: AreaCode,
    /// 户编号.
    pub number: String,
}

/// The changes that register it all, once the households are registered.
pub fn surveys(
    settings: &Settings,
    households: &[SampleHousehold],
    registered: &[Registered],
) -> Vec<Change> {
    let Settings { seed, as_of, .. } = *settings;
    let mut dice = Dice::new(seed ^ 0x5u64);
    let mut changes = figures(as_of);
    changes.extend(
        registered
            .iter()
            .map(|household| survey(household, as_of, &mut dice)),
    );
    let heads: BTreeMap<&str, i64> = households
        .iter()
        .map(|household| (household.number.as_str(), head_count(household)))
        .collect();
    changes.extend(cooperative(as_of, &heads, registered));
    changes
}

fn head_count(household: &SampleHousehold) -> i64 {
    i64::try_from(household.members.len()).unwrap_or_default()
}

fn figures(as_of: Date) -> Vec<Change> {
    let Some(year) = as_of.year().plus(-1) else {
        return Vec::new();
    };
    let area = County::area();
    let figure = |(series, value): (&str, i64)| {
        let series = Code::parse(series).ok()?;
        let id = OfficialStatistic::id_for(&area, &series, year);
        let body = OfficialStatistic {
            series,
            year,
            value,
            source: Label::parse("示例数据").ok()?,
        };
        Some(Change::create(id, area, body))
    };
    FIGURES.into_iter().filter_map(figure).collect()
}

fn survey(household: &Registered, as_of: Date, dice: &mut Dice) -> Change {
    let mut some = |least, most| u32::try_from(dice.between(least, most)).ok();
    let house_area = some(30, 160);
    let arable = some(0, 800).unwrap_or_default();
    let land = Land {
        arable,
        irrigated: arable / 2,
        forest: some(0, 1500).unwrap_or_default(),
        ..Land::default()
    };
    let (road_distance, trained, skills) = (some(5, 3000), some(0, 2), some(0, 2));
    let admitted = u32::from(dice.chance(6));
    let expenses = dice.chance(8).then(|| i64::from(dice.between(5, 40)));
    let living = LivingConditions {
        household: household.id,
        surveyed_on: as_of,
        house_area,
        house_structure: Code::parse("brick-timber").ok(),
        house_year: Year::new(1995).ok(),
        electricity: Some(true),
        fuel: Code::parse(dice.pick(&["firewood", "gas", "electricity"])).ok(),
        toilet: Some(dice.chance(70)),
        road: Some(dice.chance(85)),
        road_distance,
        broadband: Some(dice.chance(60)),
        land: Some(land),
        allowance_entitled: Some(dice.chance(20)),
        dropouts: Some(u32::from(dice.chance(2))),
        admitted: Some(admitted),
        admitted_supported: Some(if dice.chance(90) { admitted } else { 0 }),
        trained,
        skills,
        // In thousands of yuan; most spend nothing that they cannot help.
        hardship_expenses: Some(Fen(expenses.unwrap_or_default() * 100_000)),
    };
    Change::create(
        LivingConditions::id_for(&household.id),
        household.village,
        living,
    )
}

/// In the first village that has so many households.
fn cooperative(as_of: Date, heads: &BTreeMap<&str, i64>, registered: &[Registered]) -> Vec<Change> {
    let mut by_village: BTreeMap<AreaCode, Vec<&Registered>> = BTreeMap::new();
    for household in registered {
        let village = by_village.entry(household.village).or_default();
        village.push(household);
    }
    let Some(holders) = by_village
        .into_values()
        .find(|households| households.len() >= HOLDERS)
    else {
        return Vec::new();
    };
    let holders = &holders[..HOLDERS];
    let village = holders[0].village;
    let id = |what: &str| RecordId::derived("lika.sample", what.as_bytes());
    let (itself, year) = (id("co-operative"), as_of.year());
    let Ok(name) = Label::parse("村创业基金合作社") else {
        return Vec::new();
    };
    let capital = Fen(CAPITAL);
    let mut changes = vec![Change::create(
        itself,
        village,
        Cooperative { name, capital },
    )];
    let share = |what: &str, holder, equity, poverty_fund| {
        let share = Shareholding {
            cooperative: itself,
            holder,
            equity: Fen(equity),
            poverty_fund,
            from: year.first_day(),
            until: None,
        };
        Change::create(id(what), village, share)
    };
    let people = holders
        .iter()
        .map(|household| heads.get(household.number.as_str()).copied().unwrap_or(1));
    for (household, equity) in holders.iter().zip(by_heads(people.collect())) {
        let holder = Holder::Household(household.id);
        changes.push(share(&household.number, holder, equity, true));
    }
    for (holder, equity, poverty_fund) in [
        ("village-collective", EQUITY_OF_VILLAGE, true),
        ("other", EQUITY_OF_OTHERS, false),
    ] {
        if let Ok(code) = Code::parse(holder) {
            changes.push(share(holder, Holder::Other(code), equity, poverty_fund));
        }
    }
    let dividend = Dividend {
        cooperative: itself,
        year,
        amount: Fen(RETURN),
        payments: Vec::new(),
    };
    changes.push(Change::create(
        Dividend::id_for(&itself, year),
        village,
        dividend,
    ));
    changes
}

/// The households' equity by heads; the fen left over go one each to the first.
fn by_heads(people: Vec<i64>) -> Vec<i64> {
    let all: i64 = people.iter().sum::<i64>().max(1);
    let mut equities: Vec<i64> = people
        .iter()
        .map(|heads| EQUITY_OF_HOUSEHOLDS * heads / all)
        .collect();
    let left = EQUITY_OF_HOUSEHOLDS - equities.iter().sum::<i64>();
    let left = usize::try_from(left).unwrap_or_default();
    equities
        .iter_mut()
        .take(left)
        .for_each(|equity| *equity += 1);
    equities
}
