//! What stands in a card, a book, a ledger and an archive.

use std::collections::BTreeSet;

use lika_core::{
    log::Class,
    record::{Household, IncomeStatement, Measure, Member, Pairing},
    value::{Code, Fen},
};

use super::{Book, Entry, Place};
use crate::{
    gateway::pages::{Holder, Item},
    views::{Card, Heading, Table, Text, Value},
};

/// The book of a village: who lives there, why they are poor, what they have, who helps them, and how.
pub fn book(book: &Book) -> Table {
    let rows = (1..).zip(&book.entries).map(|(number, entry)| {
        let household = &entry.household.body;
        let income = entry.income(book.of.year);
        vec![
            Value::Count(number),
            head(entry),
            number_of(entry),
            count(entry.members.len()),
            Value::code("household-type", Some(&household.household_type)),
            causes(household),
            income.map_or(Value::Unknown, |income| Value::Money(income.net_per_head())),
            helpers(entry),
            plan(entry),
            state(household),
        ]
    });
    let sums = &book.of.sums;
    let blank = || Value::Text(String::new());
    let total = vec![
        Value::Words(("合计", "Total")),
        Value::Count(sums.households),
        blank(),
        Value::Count(sums.people),
        blank(),
        blank(),
        sums.per_head(),
        Value::Count(sums.paired),
        Value::Count(sums.with_measure),
        blank(),
    ];
    Table {
        title: ("村册", "Village book"),
        of: of(&book.of),
        headings: words(&[
            ("序号", "No."),
            ("户主", "Head"),
            ("户编号", "Number"),
            ("人数", "People"),
            ("户类型", "Type"),
            ("致贫原因", "Causes"),
            ("人均纯收入（元）", "Net income per head, yuan"),
            ("帮扶责任人", "Helper who answers for it"),
            ("帮扶措施", "Measures"),
            ("状态", "State"),
        ]),
        rows: rows.collect(),
        total: Some(total),
    }
}

/// A ledger or an archive: places and what they amount to, by type and cause as far as any place has such households.
pub fn sums(title: Text, heading: Text, whole: &Place, parts: &[Place]) -> Table {
    let types: BTreeSet<&String> = whole.sums.by_type.keys().collect();
    let causes: BTreeSet<&String> = whole.sums.by_cause.keys().collect();
    let row = |first: Value, place: &Place| {
        let sums = &place.sums;
        let of_code = |counts: &std::collections::BTreeMap<String, i64>, code: &String| {
            Value::Count(counts.get(code).copied().unwrap_or_default())
        };
        let mut row = vec![
            first,
            Value::Count(sums.households),
            Value::Count(sums.people),
            Value::Count(sums.paired),
            Value::Count(sums.with_measure),
            sums.per_head(),
        ];
        row.extend(types.iter().map(|code| of_code(&sums.by_type, code)));
        row.extend(causes.iter().map(|code| of_code(&sums.by_cause, code)));
        row
    };
    let mut headings = words(&[
        heading,
        ("户数", "Households"),
        ("人数", "People"),
        ("已结对户", "Households paired"),
        ("有措施户", "Households with a measure"),
        ("人均纯收入（元）", "Net income per head, yuan"),
    ]);
    let code = |list, code: &&String| Heading::Code(list, (*code).clone());
    headings.extend(types.iter().map(|it| code("household-type", it)));
    headings.extend(causes.iter().map(|it| code("cause", it)));
    Table {
        title,
        of: of(whole),
        headings,
        rows: parts
            .iter()
            .map(|place| row(Value::Text(place.name.clone()), place))
            .collect(),
        total: Some(row(Value::Words(("合计", "Total")), whole)),
    }
}

/// The card of a household.
pub fn card(village: &Place, entry: &Entry) -> Card {
    let household = &entry.household.body;
    let lines = vec![
        (("户主", "Head"), head(entry)),
        (("户编号", "Number"), number_of(entry)),
        (("人数", "People"), count(entry.members.len())),
        (
            ("户类型", "Type"),
            Value::code("household-type", Some(&household.household_type)),
        ),
        (("致贫原因", "Causes"), causes(household)),
        (
            ("识别时间", "Identified on"),
            household.identified_on.map_or(Value::Unknown, Value::Day),
        ),
        (
            ("危房", "Dangerous house"),
            Value::yes_no(household.dangerous_house),
        ),
        (
            ("安全饮水", "Safe water"),
            Value::yes_no(household.safe_water),
        ),
        (("状态", "State"), state(household)),
    ];
    Card {
        village: village.name.clone(),
        lines,
        tables: card_tables(entry),
    }
}

/// Its people, its income, its helpers and its plan.
fn card_tables(entry: &Entry) -> Vec<Table> {
    vec![
        table(
            ("家庭成员", "Members"),
            &[
                ("姓名", "Name"),
                ("与户主关系", "Relation"),
                ("性别", "Sex"),
                ("出生年", "Born in"),
                ("文化程度", "Education"),
                ("健康状况", "Health"),
                ("劳动技能", "Labour"),
                ("帮扶措施", "Measures"),
            ],
            entry.members.iter().map(member).collect(),
        ),
        table(
            ("收入（元）", "Income, yuan"),
            &[
                ("年度", "Year"),
                ("工资性", "Wages"),
                ("生产经营性", "Business"),
                ("财产性", "Property"),
                ("转移性", "Transfers"),
                ("经营支出", "Expenses"),
                ("纯收入", "Net"),
                ("人数", "People"),
                ("人均纯收入", "Net per head"),
            ],
            entry.incomes.iter().map(|it| income(&it.body)).collect(),
        ),
        table(
            ("结对帮扶", "Helpers"),
            &[
                ("姓名", "Name"),
                ("职级", "Rank"),
                ("帮扶方式", "Role"),
                ("责任人", "Answers for it"),
                ("开始时间", "Since"),
            ],
            entry
                .pairings
                .iter()
                .map(|(pairing, holder)| helper(&pairing.body, holder))
                .collect(),
        ),
        table(
            ("帮扶计划", "Plan"),
            &[
                ("措施", "Measure"),
                ("开始时间", "Since"),
                ("金额（元）", "Amount, yuan"),
                ("项目", "Project"),
            ],
            entry.measures.iter().map(|it| measure(&it.body)).collect(),
        ),
    ]
}

fn table(title: Text, headings: &[Text], rows: Vec<Vec<Value>>) -> Table {
    Table {
        title,
        of: String::new(),
        headings: words(headings),
        rows,
        total: None,
    }
}

fn words(headings: &[Text]) -> Vec<Heading> {
    headings.iter().copied().map(Heading::Words).collect()
}

/// Place, code and the year of the incomes.
fn of(place: &Place) -> String {
    format!("{} {} {}", place.name, place.area.digits(), place.year)
}

fn count(count: usize) -> Value {
    Value::Count(i64::try_from(count).unwrap_or(i64::MAX))
}

fn name(member: &Item<Member>) -> Value {
    let identity = member.body.identity.as_ref();
    let name = identity.map(|identity| Value::Text(identity.name.to_string()));
    Value::sealed(&member.withheld, Class::Identity, name)
}

fn head(entry: &Entry) -> Value {
    entry.head().map_or(Value::Unknown, name)
}

fn number_of(entry: &Entry) -> Value {
    let identity = entry.household.body.identity.as_ref();
    let number = identity.map(|identity| Value::text(identity.number.as_ref()));
    Value::sealed(&entry.household.withheld, Class::Identity, number)
}

fn causes(household: &Household) -> Value {
    let causes: Vec<Code> = household
        .main_cause
        .iter()
        .chain(&household.other_causes)
        .cloned()
        .collect();
    match causes.is_empty() {
        true => Value::Unknown,
        false => Value::Codes("cause", causes),
    }
}

/// A household that nobody answers for says so: it is not merely unknown.
fn helpers(entry: &Entry) -> Value {
    let helpers: Vec<Value> = entry.responsible().map(named).collect();
    match helpers.is_empty() {
        true => Value::Words(("未结对", "not paired")),
        false => Value::Several(helpers),
    }
}

/// The helper's name goes with the card (see [`crate::gateway::pages`]); where it does not it is withheld.
fn named(holder: &Holder) -> Value {
    holder
        .name
        .as_ref()
        .map_or(Value::Withheld, |name| Value::Text(name.clone()))
}

/// A household without a running measure is *pending*, which is legal (S0.3).
fn plan(entry: &Entry) -> Value {
    let mut kinds: Vec<Code> = entry
        .measures
        .iter()
        .map(|it| it.body.kind.clone())
        .collect();
    kinds.sort();
    kinds.dedup();
    match kinds.is_empty() {
        true => Value::Words(("待定", "pending")),
        false => Value::Codes("measure-kind", kinds),
    }
}

/// Whether the household has exited, and when.
fn state(household: &Household) -> Value {
    match household.exit_year {
        Some(year) => Value::Several(vec![
            Value::Words(("已脱贫", "exited")),
            Value::Text(year.to_string()),
        ]),
        None => Value::Words(("帮扶中", "being helped")),
    }
}

fn member(member: &Item<Member>) -> Vec<Value> {
    let body = &member.body;
    let health = body.health.clone();
    vec![
        name(member),
        Value::code("relation", Some(&body.relation)),
        Value::code("sex", body.sex.as_ref()),
        Value::text(body.birth_year),
        Value::code("education", body.education.as_ref()),
        Value::sealed(
            &member.withheld,
            Class::Sensitive,
            health.map(|health| Value::Codes("health", health)),
        ),
        Value::code("labour", body.labour.as_ref()),
        Value::Codes("measure", body.measures.clone()),
    ]
}

fn income(income: &IncomeStatement) -> Vec<Value> {
    let money = |amount: Fen| Value::Money(amount);
    vec![
        Value::Text(income.year.to_string()),
        money(income.wages),
        money(income.business),
        money(income.property),
        money(income.transfers),
        money(income.expenses),
        money(income.net()),
        Value::Count(i64::from(income.persons)),
        money(income.net_per_head()),
    ]
}

fn helper(pairing: &Pairing, holder: &Holder) -> Vec<Value> {
    vec![
        named(holder),
        Value::code("rank", holder.rank.as_ref()),
        Value::code("pairing-role", Some(&pairing.role)),
        Value::yes_no(Some(pairing.responsible)),
        Value::Day(pairing.from),
    ]
}

fn measure(measure: &Measure) -> Vec<Value> {
    vec![
        Value::code("measure-kind", Some(&measure.kind)),
        Value::Day(measure.from),
        measure.amount.map_or(Value::Unknown, Value::Money),
        match measure.project {
            Some(_) => Value::Words(("已落实", "fixed")),
            None => Value::Words(("待定", "pending")),
        },
    ]
}
