//! The catalogue is what the documentation says and what rows hold.

mod money;
mod supervision;

use std::{collections::BTreeSet, fmt::Write as _};

use expect_test::expect_file;
use lika_core::{
    record::{
        ConditionFound, Cooperative, Dividend, Holder, Household, IncomeStatement, Land,
        LivingConditions, Member, Shareholding, Taken,
    },
    value::{AreaCode, AreaLevel, Code, Date, Fen, Label, RecordId, Year},
};

use super::{
    Declared, Fact, Family, Group, Kind, Manifest,
    catalogue::{self, Entry, Holds, Table},
    manifest,
    records::{Figure, Found, Records},
};

/// What a reader needs to know before the tables.
const PREFACE: &str = "\
# Facts

What a node can tell a policy.
This page is made from the one table in code (`node/src/policy/facts/catalogue.rs`); a test keeps them alike and rewrites
the page when it runs with `UPDATE_EXPECT=1`.

A policy declares the tables and facts that it reads, and gets no others.
Facts come from the open parts of records only: no person's name, number, address, telephone, account, health or remark
can become one. Keys are ids of records, or area codes, by which rows can be told apart and put in order.
Withheld for that reason: what a household's identity and free text hold, what a member's identity holds, and health,
which is offered as `member.health` and always *withheld*. A policy that would do better with health takes it as a fact
with a state and does without.

A slot is *present*, *absent* (known to be without), *unknown* (nobody has recorded it) or *withheld* (known, and not for
a policy). A fact that a policy needs and that is not present makes its subject *undetermined*.

Groups are made by county, township, village or co-operative.
A policy can decide on the rows of the tables that say so.
";

fn page() -> String {
    let mut page = String::from(PREFACE);
    for table in catalogue::TABLES {
        let Table {
            name,
            parent,
            record,
            decidable,
            rows,
            facts,
        } = table;
        write!(page, "\n## {name}\n\nA row is {rows}").unwrap();
        if let Some(parent) = parent {
            write!(page, "; it belongs to a row of `{parent}`").unwrap();
        }
        write!(page, ". It stands for the record `{}`", record.label()).unwrap();
        page += if *decidable {
            ", on which a policy can decide.\n\n"
        } else {
            ".\n\n"
        };
        page += "| key | type | unit, list or table | from | meaning | version |\n|---|---|---|---|---|---|\n";
        for entry in *facts {
            let Entry {
                key,
                holds,
                source,
                meaning,
                version,
            } = entry;
            let (word, unit) = (holds.word(), holds.unit());
            writeln!(
                page,
                "| `{key}` | {word} | {unit} | {source} | {meaning} | {version} |"
            )
            .unwrap();
        }
    }
    page
}

#[test]
fn the_documentation_is_made_from_the_catalogue() {
    expect_file!["../../../../docs/facts.md"].assert_eq(&page());
}

#[test]
fn keys_are_unique_and_owners_come_first() {
    let mut keys = BTreeSet::new();
    let mut tables = BTreeSet::new();
    for table in catalogue::TABLES {
        assert!(table.parent.is_none_or(|parent| tables.contains(parent)));
        assert!(tables.insert(table.name), "{}", table.name);
        for fact in table.facts {
            assert!(keys.insert(fact.key), "{}", fact.key);
            assert!(fact.meaning.ends_with('.'), "{}", fact.key);
        }
    }
}

/// A policy that asks for every fact of every table.
fn curious() -> Manifest {
    let names: Vec<&str> = catalogue::TABLES.iter().map(|table| table.name).collect();
    let place = |name: &str| names.iter().position(|own| *own == name).unwrap();
    let kind = |holds: Holds| match holds {
        Holds::Flag => Kind::Flag,
        Holds::Integer(_) => Kind::Integer,
        Holds::Fen => Kind::Fen,
        Holds::Ppm => Kind::Ppm,
        Holds::Date => Kind::Date,
        Holds::Code(_) => Kind::Code,
        Holds::Text => Kind::Text,
        Holds::Row(table) => Kind::Row(place(table)),
    };
    let fact = |entry: &Entry| manifest::Fact {
        key: entry.key.to_owned(),
        kind: kind(entry.holds),
        version: entry.version,
        optional: true,
        meaning: String::new(),
        monotone: None,
    };
    let tables = catalogue::TABLES.iter().map(|table| Declared {
        name: table.name.to_owned(),
        parent: table.parent.map(place),
        facts: table.facts.iter().map(fact).collect(),
    });
    Manifest {
        name: "curious".to_owned(),
        version: "0.1.0".to_owned(),
        purpose: "screening".to_owned(),
        family: Family::Group,
        summary_zh: String::new(),
        summary_en: String::new(),
        subjects: place("household"),
        tables: tables.collect(),
        categories: Vec::new(),
        reasons: Vec::new(),
        roles: Vec::new(),
        scopes: vec![manifest::Label {
            code: "co-operative".to_owned(),
            zh: String::new(),
            en: String::new(),
        }],
        pool: None,
        settings_schema: "{}".to_owned(),
        legal_basis: Vec::new(),
    }
}

const HOUSEHOLD: RecordId = RecordId([1; 16]);
const COOPERATIVE: RecordId = RecordId([2; 16]);

fn code(text: &str) -> Code {
    Code::parse(text).unwrap()
}

fn year() -> Year {
    Year::new(2020).unwrap()
}

fn day() -> Date {
    Date::from_number(20_200_630).unwrap()
}

fn member() -> Member {
    Member {
        household: HOUSEHOLD,
        from: year().first_day(),
        until: None,
        sex: None,
        birth_year: Year::new(2008).ok(),
        relation: code("02"),
        ethnic_group: None,
        political: None,
        education: Some(code("primary")),
        schooling: Some(code("none")),
        labour: Some(code("ordinary")),
        work_region: Some(code("country")),
        work_months: Some(9),
        allowance: Some(true),
        medical_insurance: Some(false),
        illness_insurance: None,
        pension_insurance: Some(true),
        identified_on: None,
        measures: vec![code("employment")],
        identity: None,
        health: Some(vec![code("healthy")]),
    }
}

fn household() -> Household {
    Household {
        household_type: code("general"),
        standard: None,
        main_cause: Some(code("skill")),
        other_causes: Vec::new(),
        identified_on: Some(day()),
        exit_year: Some(year()),
        risk_removed: Some(false),
        dangerous_house: Some(true),
        safe_water: Some(false),
        willing: Some(true),
        identity: None,
        note: None,
    }
}

fn living() -> LivingConditions {
    LivingConditions {
        household: HOUSEHOLD,
        surveyed_on: day(),
        house_area: Some(80),
        house_structure: None,
        house_year: None,
        electricity: Some(true),
        fuel: None,
        toilet: Some(true),
        road: Some(true),
        road_distance: Some(5),
        broadband: Some(true),
        land: Some(Land::default()),
        allowance_entitled: Some(true),
        dropouts: Some(1),
        admitted: Some(1),
        admitted_supported: Some(1),
        trained: Some(1),
        skills: Some(1),
        hardship_expenses: Some(Fen(1)),
    }
}

/// The survey of an exit, of all seven conditions.
fn exit_survey() -> Taken {
    let all = lika_core::codes::list("exit-condition").unwrap().entries;
    let found = |condition: &lika_core::codes::CodeEntry| ConditionFound {
        condition: condition.to_code(),
        met: condition.code != "housing",
        evidence: code("seen"),
    };
    Taken {
        step: code("house-check"),
        on: day(),
        officer: RecordId([9; 16]),
        result: code("passed"),
        votes: None,
        notice: None,
        conditions: all.iter().map(found).collect(),
    }
}

/// A household of which everything is recorded, and a co-operative of which it holds a part.
fn records(village: AreaCode) -> Records {
    let mut records = Records::default();
    fn found<T>(id: RecordId, area: AreaCode, body: T) -> Found<T> {
        Found { id, area, body }
    }
    records
        .households
        .push(found(HOUSEHOLD, village, household()));
    records.add_member(&member(), day());
    records.keep_member(found(RecordId([3; 16]), village, member()), day());
    let income = IncomeStatement {
        household: HOUSEHOLD,
        year: year(),
        wages: Fen(7),
        business: Fen(1),
        property: Fen(1),
        transfers: Fen(1),
        expenses: Fen(1),
        persons: 2,
    };
    records.incomes.insert(HOUSEHOLD, income);
    records.living.insert(HOUSEHOLD, living());
    let county = village.at_level(AreaLevel::County).unwrap();
    for series in ["rural-income-per-head", "poverty-line", "monitoring-line"] {
        let figure = |value| Figure {
            year: year(),
            value,
        };
        records.add_figure(county, series, figure(2));
        records.add_figure(village, series, figure(1));
    }
    let figure = Figure {
        year: year(),
        value: 1,
    };
    records.add_figure(village, "village-collective-income", figure);
    let quota = Figure {
        year: day().year(),
        value: 3,
    };
    records.add_figure(village, "identification-quota", quota);
    records.applications.insert(HOUSEHOLD, day());
    records.exit_surveys.insert(HOUSEHOLD, exit_survey());
    let cooperative = Cooperative {
        name: Label::parse("合作社").unwrap(),
        capital: Fen(130),
    };
    records
        .cooperatives
        .push(found(COOPERATIVE, village, cooperative));
    let share = Shareholding {
        cooperative: COOPERATIVE,
        holder: Holder::Household(HOUSEHOLD),
        equity: Fen(32),
        poverty_fund: true,
        from: year().first_day(),
        until: None,
    };
    records
        .shareholdings
        .push(found(RecordId([4; 16]), village, share));
    let dividend = Dividend {
        cooperative: COOPERATIVE,
        year: year(),
        amount: Fen(10),
        payments: Vec::new(),
    };
    records.dividends.insert(COOPERATIVE, dividend);
    records
}

#[test]
fn what_is_recorded_is_told_and_health_is_withheld() {
    let village = AreaCode::parse("360323101201").unwrap();
    let manifest = curious();
    super::check(&manifest).unwrap();
    let records = records(village).of_cooperative(&COOPERATIVE);
    let group = Group {
        area: village,
        on: day(),
        proposed: &[],
    };
    let tables = super::tables(&manifest, &records, &group);
    for name in [
        "group",
        "household",
        "member",
        "cause",
        "measure",
        "co-operative",
        "shareholding",
    ] {
        let [row] = &tables[name][..] else {
            panic!("one row of {name}: {:?}", tables[name]);
        };
        for entry in catalogue::table(name).unwrap().facts {
            let told = row.facts.iter().find(|(key, _)| *key == entry.key);
            let Some((_, told)) = told else {
                panic!("{} is not told", entry.key);
            };
            assert_eq!(
                *told == Fact::Withheld,
                entry.key == "member.health",
                "{}: {told:?}",
                entry.key
            );
            assert_ne!(*told, Fact::Unknown, "{}", entry.key);
        }
    }
    // The kinds of the facts are those of the catalogue: the input would refuse another.
    super::input(&manifest, 0, &tables).unwrap();
    let told = |table: &str, key: &str| {
        let found = tables[table][0].facts.iter().find(|(own, _)| *own == key);
        found.unwrap().1.clone()
    };
    // 32 of 130 are 246,153.8 parts per million.
    assert_eq!(
        told("shareholding", "shareholding.share"),
        Fact::Ppm(246_154)
    );
    assert_eq!(told("household", "income.net-per-head"), Fact::Fen(4));
    // What the survey of an exit found, condition by condition (S4.11).
    assert_eq!(told("household", "exit-survey.housing"), Fact::Flag(false));
    assert_eq!(told("household", "exit-survey.skill"), Fact::Flag(true));
    // Who has applied is not identified yet, whatever the card says.
    assert_eq!(told("group", "group.identified-in-year"), Fact::Integer(0));
    assert_eq!(
        told("group", "group.identification-quota"),
        Fact::Integer(3)
    );
    // A line is drawn from the widest area's figure, a village's from its own.
    assert_eq!(told("group", "group.rural-mean-income"), Fact::Fen(2));
    assert_eq!(told("household", "household.village-income"), Fact::Fen(1));
}

#[test]
fn what_nobody_has_recorded_is_unknown_and_what_there_is_not_is_absent() {
    let village = AreaCode::parse("360323101201").unwrap();
    let mut records = records(village);
    records.incomes.clear();
    records.living.clear();
    records.exit_surveys.clear();
    records.applications.clear();
    records.figures.clear();
    records.dividends.clear();
    let own = &mut records.households[0].body;
    (own.exit_year, own.safe_water, own.main_cause) = (None, None, None);
    for member in records.members.values_mut().flatten() {
        (member.body.allowance, member.body.work_region) = (None, None);
    }
    let group = Group {
        area: village,
        on: day(),
        proposed: &[],
    };
    let tables = super::tables(&curious(), &records, &group);
    let told = |table: &str, key: &str| {
        let found = tables[table][0].facts.iter().find(|(own, _)| *own == key);
        found.unwrap().1.clone()
    };
    for (table, key, expected) in [
        ("household", "income.net-per-head", Fact::Unknown),
        ("household", "living.toilet", Fact::Unknown),
        ("household", "household.safe-water", Fact::Unknown),
        ("household", "household.main-cause", Fact::Unknown),
        ("household", "household.allowance-members", Fact::Unknown),
        ("household", "household.exit-year", Fact::Absent),
        ("household", "household.workers-away", Fact::Integer(0)),
        ("member", "member.work-region", Fact::Absent),
        ("household", "exit-survey.work", Fact::Unknown),
        ("household", "household.applied-on", Fact::Absent),
        ("group", "group.monitoring-line", Fact::Unknown),
        ("group", "group.identification-quota", Fact::Unknown),
        ("co-operative", "dividend.return", Fact::Absent),
    ] {
        assert_eq!(told(table, key), expected, "{key}");
    }
}
