//! A household's card as facts: what it is, what it earns, how it lives, and who belongs to it.

use std::collections::{BTreeMap, BTreeSet};

use lika_core::{
    record::{Household, IncomeStatement, LivingConditions, Member, Taken},
    value::{AreaCode, AreaLevel, Code, Fen, RecordId},
};

use super::{
    Fact, Group, Row,
    records::{Able, Found, Records, able_of},
};

/// Who studies is at most so old where nothing else is recorded; nobody asks the old whether they go to school.
const PUPILS: std::ops::RangeInclusive<u16> = 3..=24;

/// Who must go to school.
const CHILDREN: std::ops::RangeInclusive<u16> = 6..=16;

/// The code of the list schooling for who does not.
const NOT_AT_SCHOOL: &str = "none";

/// The row of a household with these facts; none for a household that the policy does not get.
pub(super) fn household(
    keys: &[&'static str],
    records: &Records,
    group: &Group<'_>,
    key_villages: &BTreeSet<AreaCode>,
    household: &Found<Household>,
) -> Option<Row> {
    let card = Card {
        records,
        group,
        key_villages,
        household,
    };
    let kind = card.kind();
    if kind.is_none() && keys.contains(&"household.type") {
        return None;
    }
    let fact = |key: &&'static str| match *key {
        "household.type" => (*key, kind.clone().unwrap_or(Fact::Absent)),
        key => (key, card.fact(key)),
    };
    Some(Row {
        record: household.id,
        parent: None,
        facts: keys.iter().map(fact).collect(),
    })
}

/// The rows of a household's members.
pub(super) fn members(
    keys: &[&'static str],
    records: &Records,
    group: &Group<'_>,
    household: &RecordId,
    row: u32,
) -> Vec<Row> {
    let members = records.members.get(household).into_iter().flatten();
    let of = |member: &Found<Member>| Row {
        record: member.id,
        parent: Some(row),
        facts: keys
            .iter()
            .map(|key| (*key, member_fact(key, member, group)))
            .collect(),
    };
    members.map(of).collect()
}

/// The rows of a household's causes, the main one first.
pub(super) fn causes(household: &Found<Household>, row: u32) -> Vec<Row> {
    let main = household.body.main_cause.iter().map(|cause| (cause, true));
    let others = household
        .body
        .other_causes
        .iter()
        .map(|cause| (cause, false));
    let of = |(cause, is_main): (&Code, bool)| Row {
        record: household.id,
        parent: Some(row),
        facts: vec![
            ("cause.code", Fact::code(cause.as_str())),
            ("cause.main", Fact::Flag(is_main)),
        ],
    };
    main.chain(others).map(of).collect()
}

/// The rows of the measures that a household's members are planned for.
pub(super) fn measures(records: &Records, household: &RecordId, row: u32) -> Vec<Row> {
    let members = records.members.get(household).into_iter().flatten();
    let mut people: BTreeMap<&Code, i64> = BTreeMap::new();
    for measure in members.flat_map(|member| &member.body.measures) {
        *people.entry(measure).or_default() += 1;
    }
    let of = |(measure, people): (&Code, i64)| Row {
        record: *household,
        parent: Some(row),
        facts: vec![
            ("measure.code", Fact::code(measure.as_str())),
            ("measure.people", Fact::Integer(people)),
        ],
    };
    people.into_iter().map(of).collect()
}

/// What nobody looked at is unknown.
fn survey_fact(field: &str, survey: &Taken) -> Fact {
    if field == "on" {
        return Fact::date(survey.on);
    }
    let found = survey.conditions.iter();
    let mut found = found.filter(|found| found.condition == field);
    found
        .next()
        .map_or(Fact::Unknown, |found| Fact::Flag(found.met))
}

struct Card<'a> {
    records: &'a Records,
    group: &'a Group<'a>,
    key_villages: &'a BTreeSet<AreaCode>,
    household: &'a Found<Household>,
}

impl Card<'_> {
    fn fact(&self, key: &str) -> Fact {
        match key.split_once('.') {
            Some(("income", field)) => match self.records.incomes.get(&self.household.id) {
                Some(income) => income_fact(field, income),
                None => Fact::Unknown,
            },
            Some(("living", field)) => match self.records.living.get(&self.household.id) {
                Some(living) => living_fact(field, living),
                None => Fact::Unknown,
            },
            Some(("exit-survey", field)) => match self.records.exit_surveys.get(&self.household.id)
            {
                Some(survey) => survey_fact(field, survey),
                None => Fact::Unknown,
            },
            Some((_, field)) => self.own(field),
            None => Fact::Unknown,
        }
    }

    fn own(&self, field: &str) -> Fact {
        let Household {
            household_type,
            main_cause,
            identified_on,
            exit_year,
            risk_removed,
            dangerous_house,
            safe_water,
            willing,
            ..
        } = &self.household.body;
        let id = &self.household.id;
        match field {
            "key" => Fact::key(id),
            "registered-type" => Fact::code(household_type.as_str()),
            "able-to-work" => flag(self.able().known()),
            "township" => self.area(AreaLevel::Township),
            "village" => self.area(AreaLevel::Village),
            "in-key-village" => Fact::Flag(self.key_villages.contains(&self.household.area)),
            "village-income" => self.figure("rural-income-per-head"),
            "village-collective-income" => self.figure("village-collective-income"),
            "willing" => flag(*willing),
            "identified-on" => identified_on.map_or(Fact::Unknown, Fact::date),
            "applied-on" => {
                let applied = self.records.applications.get(id);
                applied.map_or(Fact::Absent, |day| Fact::date(*day))
            }
            "exit-year" => exit_year.map_or(Fact::Absent, |year| Fact::Integer(year.get().into())),
            "risk-removed" => risk_removed.map_or(Fact::Absent, Fact::Flag),
            "dangerous-house" => flag(*dangerous_house),
            "safe-water" => flag(*safe_water),
            "persons" => Fact::Integer(self.records.persons.get(id).copied().unwrap_or_default()),
            "pupils" => self.people(|member| self.is_pupil(member)),
            "allowance-members" => self.people(|member| member.allowance),
            "able-members" => self.people(|member| able_of(member, self.group.on).known()),
            "workers-away" => self.people(|member| Some(member.work_region.is_some())),
            "uninsured" => self.people(|member| Some(!member.medical_insurance?)),
            "children-out-of-school" => self.people(|member| self.is_out_of_school(member)),
            "main-cause" => main_cause
                .as_ref()
                .map_or(Fact::Unknown, |cause| Fact::code(cause.as_str())),
            _ => Fact::Unknown,
        }
    }

    fn able(&self) -> Able {
        self.records
            .able_to_work
            .get(&self.household.id)
            .copied()
            .unwrap_or(Able::Unknown)
    }

    /// The kind of household in Luxi's words; none for a household to which pairing does not apply.
    ///
    /// The national form does not tell Luxi's kinds apart: its general and allowance households are told apart by
    /// whether somebody is able to work. A general household in which nobody is able asks for a responsible helper and
    /// no more, as an allowance-only household does. Households that have exited and those that are only monitored
    /// have none.
    fn kind(&self) -> Option<Fact> {
        let told_apart = |with_labour| match self.able() {
            Able::Yes => Fact::code(with_labour),
            Able::No => Fact::code("allowance-only"),
            Able::Unknown => Fact::Unknown,
        };
        match self.household.body.household_type.as_str() {
            kind @ ("development"
            | "development-allowance"
            | "allowance-only"
            | "five-guarantee") => Some(Fact::code(kind)),
            "general" => Some(told_apart("development")),
            "allowance" => Some(told_apart("development-allowance")),
            _ => None,
        }
    }

    fn area(&self, level: AreaLevel) -> Fact {
        let area = self.household.area.at_level(level);
        area.map_or(Fact::Unknown, |area| Fact::code(area.digits()))
    }

    fn figure(&self, series: &'static str) -> Fact {
        let figure = self.records.figure(&self.household.area, series);
        figure.map_or(Fact::Unknown, |figure| Fact::Fen(figure.value))
    }

    /// How many members are counted; unknown while it is unknown of somebody.
    fn people(&self, counts: impl Fn(&Member) -> Option<bool>) -> Fact {
        let members = self.records.members.get(&self.household.id);
        let counted: Option<Vec<bool>> = members
            .into_iter()
            .flatten()
            .map(|member| counts(&member.body))
            .collect();
        counted.map_or(Fact::Unknown, |counted| {
            let people = counted.into_iter().filter(|counts| *counts).count();
            Fact::Integer(i64::try_from(people).unwrap_or(i64::MAX))
        })
    }

    fn age(&self, member: &Member) -> Option<u16> {
        let born = member.birth_year?.get();
        Some(self.group.on.year().get().saturating_sub(born))
    }

    fn is_out_of_school(&self, member: &Member) -> Option<bool> {
        if !CHILDREN.contains(&self.age(member)?) {
            return Some(false);
        }
        let schooling = member.schooling.as_ref()?;
        Some(schooling.as_str() == NOT_AT_SCHOOL)
    }

    fn is_pupil(&self, member: &Member) -> Option<bool> {
        match &member.schooling {
            Some(schooling) => Some(schooling.as_str() != NOT_AT_SCHOOL),
            None => (!PUPILS.contains(&self.age(member)?)).then_some(false),
        }
    }
}

fn income_fact(field: &str, income: &IncomeStatement) -> Fact {
    let fen = |amount: Fen| Fact::Fen(amount.get());
    match field {
        "year" => Fact::Integer(income.year.get().into()),
        "net-per-head" => fen(income.net_per_head()),
        "net" => fen(income.net()),
        "wages" => fen(income.wages),
        "business" => fen(income.business),
        "property" => fen(income.property),
        "transfers" => fen(income.transfers),
        "expenses" => fen(income.expenses),
        "persons" => Fact::Integer(income.persons.into()),
        _ => Fact::Unknown,
    }
}

fn living_fact(field: &str, living: &LivingConditions) -> Fact {
    let count =
        |count: Option<u32>| count.map_or(Fact::Unknown, |count| Fact::Integer(count.into()));
    match field {
        "surveyed-on" => Fact::date(living.surveyed_on),
        "house-area" => count(living.house_area),
        "electricity" => flag(living.electricity),
        "toilet" => flag(living.toilet),
        "road" => flag(living.road),
        "road-distance" => count(living.road_distance),
        "broadband" => flag(living.broadband),
        "arable-land" => count(living.land.map(|land| land.arable)),
        "allowance-entitled" => flag(living.allowance_entitled),
        "drop-outs" => count(living.dropouts),
        "admitted" => count(living.admitted),
        "admitted-supported" => count(living.admitted_supported),
        "trained" => count(living.trained),
        "skills" => count(living.skills),
        "hardship-expenses" => living
            .hardship_expenses
            .map_or(Fact::Unknown, |amount| Fact::Fen(amount.get())),
        _ => Fact::Unknown,
    }
}

fn member_fact(key: &str, member: &Found<Member>, group: &Group<'_>) -> Fact {
    let Member {
        birth_year,
        education,
        schooling,
        labour,
        work_region,
        work_months,
        allowance,
        medical_insurance,
        pension_insurance,
        ..
    } = &member.body;
    let code = |code: &Option<Code>| {
        code.as_ref()
            .map_or(Fact::Unknown, |code| Fact::code(code.as_str()))
    };
    match key {
        "member.key" => Fact::key(&member.id),
        "member.age" => birth_year.map_or(Fact::Unknown, |born| {
            Fact::Integer(i64::from(group.on.year().get()) - i64::from(born.get()))
        }),
        "member.labour-capacity" => code(labour),
        "member.able-to-work" => flag(able_of(&member.body, group.on).known()),
        "member.schooling" => code(schooling),
        "member.education" => code(education),
        "member.work-region" => work_region
            .as_ref()
            .map_or(Fact::Absent, |region| Fact::code(region.as_str())),
        "member.work-months" => {
            work_months.map_or(Fact::Unknown, |months| Fact::Integer(months.into()))
        }
        "member.allowance" => flag(*allowance),
        "member.medical-insurance" => flag(*medical_insurance),
        "member.pension-insurance" => flag(*pension_insurance),
        "member.health" => Fact::Withheld,
        _ => Fact::Unknown,
    }
}

fn flag(flag: Option<bool>) -> Fact {
    flag.map_or(Fact::Unknown, Fact::Flag)
}
