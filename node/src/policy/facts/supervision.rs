//! What supervision knows of cadres (S4.8), and by what townships are assessed (S4.9).

use std::collections::{BTreeMap, BTreeSet};

use lika_core::{
    duties,
    log::Kind,
    record::{
        Body, Cadre, Duty, Finding, IncomeStatement, Post, Project, Record, ResponsibilityLetter,
        Sanction, SatisfactionSurvey, Stage, Task,
    },
    value::{AreaCode, AreaLevel, Date, RecordId, Year},
};

use super::{
    Fact, Group, Row, Tables,
    records::{Found, Records, sort},
    village::in_office,
};

/// The months that supervision looks back.
const MONTHS: i32 = 12;
/// The months in which the longest period and its grace may have begun before them.
const LONGEST: i32 = 12 + 36 + 12;
/// The years of a settlement (S3.2).
const SETTLEMENT: u16 = 3;
/// Types of projects that serve everybody in a village (S4.9 基础设施和公共服务).
const SERVICES: [&str; 4] = ["road", "water", "housing", "public-service"];
const WHOLE: i128 = 1_000_000;

/// The records behind these facts; of some only what counts is kept.
#[derive(Clone, Debug, Default)]
pub struct Supervised {
    /// Duties of the area, of the areas around it and of those in it.
    pub duties: Vec<Found<Duty>>,
    /// Posts, also those that have ended.
    pub posts: Vec<Found<Post>>,
    /// The records of tasks that were done or excused up to the day.
    pub done: BTreeSet<RecordId>,
    /// Findings up to the day.
    pub findings: Vec<Found<Finding>>,
    /// Sanctions up to the day.
    pub sanctions: Vec<Found<Sanction>>,
    /// By township and year: net income, and the people among whom it was divided.
    pub incomes: BTreeMap<(AreaCode, Year), (i64, i64)>,
    /// By township: services that were accepted in the day's year.
    pub services: BTreeMap<AreaCode, i64>,
    /// By township: people who shall exit in the day's year.
    pub goals: BTreeMap<AreaCode, i64>,
    /// By township: who answered in the day's year, and who of them is not dissatisfied.
    pub answers: BTreeMap<AreaCode, (i64, i64)>,
}

impl Supervised {
    /// Takes an income statement of the day's year or of the one before.
    pub fn add_income(&mut self, area: &AreaCode, income: &IncomeStatement, on: Date) {
        let this = on.year();
        let is_asked = income.year == this || Some(income.year) == this.plus(-1);
        if let Some(township) = area.at_level(AreaLevel::Township).filter(|_| is_asked) {
            let (net, persons) = self.incomes.entry((township, income.year)).or_default();
            *net = net.saturating_add(income.net().0);
            *persons += i64::from(income.persons);
        }
    }

    /// Counts a project that serves everybody and was accepted in the day's year, up to the day.
    pub fn add_project(&mut self, area: &AreaCode, project: &Project, on: Date) {
        let accepted = project.step(Stage::Accepted).map(|step| step.on);
        let is_of_year = accepted.is_some_and(|day| day.year() == on.year() && day <= on);
        let serves = SERVICES.contains(&project.project_type.as_str());
        if let Some(township) = area.at_level(AreaLevel::Township)
            && is_of_year
            && serves
        {
            *self.services.entry(township).or_default() += 1;
        }
    }

    /// Takes the goal of a township's letter of the day's year, if both sides have signed it up to the day.
    pub fn add_letter(&mut self, area: &AreaCode, letter: &ResponsibilityLetter, on: Date) {
        let is_signed =
            letter.is_signed() && letter.signatures.iter().all(|signature| signature.on <= on);
        let is_of_township = area.level() == AreaLevel::Township && letter.lower.kind == Kind::Area;
        let goal = letter.goals.iter();
        let mut goal = goal.filter(|(item, _)| *item == "people-exited");
        let goal = goal.next();
        if let Some((_, people)) = goal
            && is_signed
            && is_of_township
            && letter.year == on.year()
        {
            self.goals.insert(*area, *people);
        }
    }

    /// Counts the answers of a survey of the day's year, up to the day.
    pub fn add_survey(&mut self, area: &AreaCode, survey: &SatisfactionSurvey, on: Date) {
        let is_asked = survey.on.year() == on.year() && survey.on <= on;
        if let Some(township) = area.at_level(AreaLevel::Township).filter(|_| is_asked) {
            let count = |people: u64| i64::try_from(people).unwrap_or(i64::MAX);
            let (answered, satisfied) = self.answers.entry(township).or_default();
            *answered = answered.saturating_add(count(survey.answered()));
            *satisfied = satisfied.saturating_add(count(survey.satisfied()));
        }
    }

    /// Takes what somebody else has gathered of the same area.
    pub fn merge(&mut self, other: Self) {
        let Self {
            duties,
            posts,
            done,
            findings,
            sanctions,
            incomes,
            services,
            goals,
            answers,
        } = other;
        self.duties.extend(duties);
        self.posts.extend(posts);
        self.done.extend(done);
        self.findings.extend(findings);
        self.sanctions.extend(sanctions);
        for (key, (net, persons)) in incomes {
            let known = self.incomes.entry(key).or_default();
            *known = (known.0.saturating_add(net), known.1 + persons);
        }
        for (township, count) in services {
            *self.services.entry(township).or_default() += count;
        }
        self.goals.extend(goals);
        for (township, (answered, satisfied)) in answers {
            let known = self.answers.entry(township).or_default();
            *known = (
                known.0.saturating_add(answered),
                known.1.saturating_add(satisfied),
            );
        }
    }

    /// Puts them in the order of area and id.
    pub fn sort(&mut self) {
        sort(&mut self.duties);
        sort(&mut self.posts);
        sort(&mut self.findings);
        sort(&mut self.sanctions);
    }

    /// The tasks of a cadre whose last day was in the months before a day, and how many of them are late.
    fn tasks(&self, cadre: &Found<Cadre>, on: Date) -> (i64, i64) {
        let posts = self.posts.iter();
        let own = posts.filter(|post| post.body.cadre == cadre.id);
        let holders = own.map(|post| holder(post.id, post.area, post.body.clone()));
        let himself = holder(cadre.id, cadre.area, cadre.body.clone());
        let (since, begun) = (months_before(on, MONTHS), months_before(on, LONGEST));
        let (mut due, mut late) = (0, 0);
        for holder in holders.chain([himself]) {
            for duty in &self.duties {
                let Some(span) = duties::bound(&duty.body, &duty.area, &holder) else {
                    continue;
                };
                for period in duties::periods(&duty.body, &span, begun, on) {
                    let last = duty.body.due(&period);
                    if since <= last && last < on {
                        let task = Task::id_for(&duty.id, &holder.id, period.first);
                        due += 1;
                        late += i64::from(!self.done.contains(&task));
                    }
                }
            }
        }
        (due, late)
    }

    /// The last rung of a cadre that the ladder remembers on a day.
    fn rung(&self, cadre: &RecordId, on: Date) -> Option<&Sanction> {
        let own = self.sanctions.iter().map(|found| &found.body);
        let own = own.filter(|sanction| sanction.subject.id == *cadre && sanction.rung().is_some());
        let last = own.max_by_key(|sanction| (sanction.on, sanction.rung()));
        last.filter(|last| last.is_remembered_on(on))
    }

    /// By how much the income per head of a township grew in a year, in parts per million.
    fn growth(&self, township: &AreaCode, year: Year) -> Option<i64> {
        let per_head = |year: Year| {
            let (net, persons) = self.incomes.get(&(*township, year))?;
            Some((i128::from(*net), i128::from(*persons)))
        };
        let ((net, persons), (earlier, of)) = (per_head(year)?, per_head(year.plus(-1)?)?);
        if earlier <= 0 || persons <= 0 {
            return None;
        }
        // Growth of the quotients without rounding them first.
        let part = (net * of * WHOLE).div_euclid(persons * earlier) - WHOLE;
        i64::try_from(part).ok()
    }
}

fn months_before(on: Date, months: i32) -> Date {
    on.plus_months(-months).unwrap_or(on)
}

fn holder(id: RecordId, area: AreaCode, body: impl Into<Body>) -> Record {
    Record {
        id,
        area,
        revision: 1,
        closed: false,
        body: body.into(),
    }
}

/// Adds the cadres of the group who are in office on the day.
pub(super) fn add_cadres(tables: &mut Tables, records: &Records, group: &Group<'_>) {
    let cadres = records.cadres.iter();
    let rows = cadres
        .filter(|cadre| group.area.contains(&cadre.area) && in_office(&cadre.body, group.on))
        .map(|cadre| Row {
            record: cadre.id,
            parent: None,
            facts: of_cadre(records, cadre, group.on),
        });
    tables.insert("cadre", rows.collect());
}

fn of_cadre(records: &Records, cadre: &Found<Cadre>, on: Date) -> Vec<(&'static str, Fact)> {
    let supervised = &records.supervised;
    let (due, late) = supervised.tasks(cadre, on);
    let (households, unvisited) = visited(records, &cadre.id, on);
    let findings = supervised.findings.iter().map(|found| &found.body);
    let own = || {
        findings
            .clone()
            .filter(|finding| finding.subject.id == cadre.id && !finding.is_unfounded())
    };
    let since = months_before(on, MONTHS);
    let recent = own().filter(|finding| since < finding.found_on).count();
    let overdue = own().filter(|finding| {
        let settled = finding.settled.as_ref().is_some_and(|it| it.on <= on);
        !settled && finding.deadline < on
    });
    let rung = supervised.rung(&cadre.id, on);
    vec![
        ("cadre.key", Fact::key(&cadre.id)),
        ("cadre.tasks-due", Fact::Integer(due)),
        ("cadre.tasks-late", Fact::Integer(late)),
        ("cadre.households", Fact::Integer(households)),
        ("cadre.households-unvisited", Fact::Integer(unvisited)),
        ("cadre.findings", count(recent)),
        ("cadre.findings-overdue", count(overdue.count())),
        (
            "cadre.rung",
            rung.map_or(Fact::Absent, |rung| Fact::code(rung.kind.as_str())),
        ),
        (
            "cadre.rung-on",
            rung.map_or(Fact::Absent, |rung| Fact::date(rung.on)),
        ),
    ]
}

fn count(number: usize) -> Fact {
    Fact::Integer(i64::try_from(number).unwrap_or(i64::MAX))
}

/// With how many households a cadre is paired for a month at least, and how many of them the cadre has not visited in it.
fn visited(records: &Records, cadre: &RecordId, on: Date) -> (i64, i64) {
    let month_ago = months_before(on, 1);
    let (mut paired, mut unvisited) = (0, 0);
    for (household, pairings) in &records.pairings {
        let is_own = |pairing: &&Found<lika_core::record::Pairing>| {
            let pairing = &pairing.body;
            pairing.cadre == *cadre
                && pairing.from <= month_ago
                && pairing.until.is_none_or(|until| on < until)
        };
        if pairings.iter().any(|pairing| is_own(&pairing)) {
            let visits = records.household_visits.get(&(*household, *cadre));
            paired += 1;
            unvisited += i64::from(visits.is_none_or(|visits| *visits == 0));
        }
    }
    (paired, unvisited)
}

/// Adds the townships of the group.
pub(super) fn add_townships(tables: &mut Tables, records: &Records, group: &Group<'_>) {
    let areas = records.areas.iter();
    let rows = areas
        .filter(|area| area.area.level() == AreaLevel::Township && group.area.contains(&area.area))
        .map(|area| Row {
            record: area.id,
            parent: None,
            facts: of_township(records, &area.area, group.on),
        });
    tables.insert("township", rows.collect());
}

fn of_township(records: &Records, area: &AreaCode, on: Date) -> Vec<(&'static str, Fact)> {
    let supervised = &records.supervised;
    let this = on.year().get();
    let exited = |years: u16| {
        let households = records.households.iter();
        let exited = households.filter(|household| {
            let year = household.body.exit_year.map(Year::get);
            area.contains(&household.area)
                && year.is_some_and(|year| year <= this && this - year < years)
        });
        let people = exited.map(|household| records.persons.get(&household.id).copied());
        Fact::Integer(people.map(Option::unwrap_or_default).sum())
    };
    let goal = supervised.goals.get(area);
    let growth = supervised.growth(area, on.year());
    let services = supervised.services.get(area).copied();
    let answers = supervised.answers.get(area);
    let satisfied = answers.filter(|(answered, _)| *answered > 0);
    let satisfied = satisfied.map(|(answered, satisfied)| {
        let part = i128::from(*satisfied) * WHOLE / i128::from(*answered);
        i64::try_from(part).unwrap_or(i64::MAX)
    });
    vec![
        ("township.key", Fact::code(area.digits())),
        ("township.people-exited", exited(1)),
        ("township.people-exited-in-three-years", exited(SETTLEMENT)),
        (
            "township.exit-goal",
            goal.map_or(Fact::Absent, |people| Fact::Integer(*people)),
        ),
        (
            "township.income-growth",
            growth.map_or(Fact::Unknown, Fact::Ppm),
        ),
        (
            "township.services",
            Fact::Integer(services.unwrap_or_default()),
        ),
        (
            "township.satisfied",
            satisfied.map_or(Fact::Absent, Fact::Ppm),
        ),
    ]
}
