//! S4.9: the rhythm of the year, letters level by level, how townships are assessed, and who is commended or not.

use std::collections::BTreeSet;

use anyhow::Context as _;
use lika_core::{
    command::Change,
    duties::Rhythm,
    log::{Action, Kind},
    record::{
        Assessment, Award, Basis, Body, IncomeStatement, Outcome, Record, ResponsibilityLetter,
        Sanction, SatisfactionSurvey, area_id, decision_id,
    },
    value::{AreaCode, AreaLevel, Code, Date, Fen, RecordId, Year},
};

use super::{
    Luxi, Scene, YEAR,
    organisation::{cadre_of, has_group},
};
use crate::scenario::{
    Figure, Row,
    scene::supervision::{area, award, finding, sanction, signed_letter},
};

const PURPOSE: &str = "assessment";
/// What the county holds, in the order of the document.
const RHYTHM: [&str; 4] = ["inspection", "dispatch", "summary", "assessment"];
/// At least so many people exit in a year (S4.12).
const EXITING: i64 = 5_000;
const TOWNSHIPS: i64 = 9;
const SURVEYS: u8 = 3;
/// Income growth makes most of the score, also where no letter stands.
const BY_GROWTH: &str = r#"{"exits-weight": 10, "growth-weight": 80, "exits-goal": 556}"#;

/// How the townships did.
pub struct Assessed {
    best: AreaCode,
    failing: AreaCode,
    /// About the township that fails.
    ground: RecordId,
    /// By when it is to put things right.
    deadline: Option<Date>,
}

/// From the county down to the villages everybody signs what they promise.
pub fn sign(scene: &mut Scene) -> anyhow::Result<()> {
    let (year, today) = (Year::new(YEAR)?, scene.today());
    let cadres = scene.survey(Kind::Cadre, &scene.area())?;
    let areas = scene.list(Kind::Area, &scene.area())?;
    let mut letters = Vec::new();
    let mut townships = 0;
    for code in areas.iter().filter(|it| has_group(it)).map(|it| it.area) {
        let Some(upper) = code.parent().filter(|upper| scene.area().contains(upper)) else {
            continue;
        };
        // What does not divide the first ones take on.
        let goal = match code.level() {
            AreaLevel::Township => {
                townships += 1;
                EXITING / TOWNSHIPS + i64::from(townships <= EXITING % TOWNSHIPS)
            }
            _ => 0,
        };
        let sides = [cadre_of(&cadres, &upper, 0)?, cadre_of(&cadres, &code, 0)?];
        let goals = [("people-exited", goal)];
        letters.push(signed_letter(&code, year, &goals, sides, today)?);
    }
    scene.apply(letters)
}

impl Assessed {
    /// Asks the people helped, assesses the townships, commends and takes to task.
    pub fn assess(scene: &mut Scene) -> anyhow::Result<Self> {
        let year = Year::new(YEAR)?;
        earn_less_before(scene)?;
        for number in 1..=SURVEYS {
            ask(scene, Date::new(YEAR, number * 3, 15)?)?;
        }
        scene.enact(PURPOSE, scene.today())?;
        scene.evaluate(PURPOSE)?;
        let areas = scene.list(Kind::Area, &scene.area())?;
        let townships = areas.iter().map(|record| record.area);
        let townships = townships.filter(|code| code.level() == AreaLevel::Township);
        let assessments = townships
            .map(|township| of_decision(scene, township, year))
            .collect::<anyhow::Result<Vec<_>>>()?;
        scene.apply(assessments)?;
        commend(scene, year)?;
        let ranked = scene.ranking("township")?;
        let (first, last) = ranked.first().zip(ranked.last()).context("no ranking")?;
        anyhow::ensure!(last.grade == "failing", "every township passes");
        let (best, failing) = (AreaCode::parse(&first.area)?, AreaCode::parse(&last.area)?);
        let today = scene.today();
        let fault = ("failed-assessment", "assessment");
        let ground = scene.find(failing, finding(area(&failing), fault, today)?)?;
        for kind in ["reprimand", "interview"] {
            scene.impose(failing, sanction(area(&failing), kind, ground, today)?)?;
        }
        let card = Sanction {
            deadline: today.plus_days(180),
            ..sanction(area(&failing), "yellow-card", ground, today)?
        };
        scene.impose(failing, card)?;
        Ok(Self {
            best,
            failing,
            ground,
            deadline: None,
        })
    }
}

/// What households had in the year that the file states, less a tenth: what they had the year before.
fn earn_less_before(scene: &mut Scene) -> anyhow::Result<()> {
    let mut others = Vec::new();
    for record in scene.survey(Kind::IncomeStatement, &scene.area())? {
        let Body::IncomeStatement(income) = &record.body else {
            continue;
        };
        let (year, tenth) = match income.year.get() {
            // The file states one year, and the other follows.
            YEAR => (YEAR - 1, -1),
            _ => (YEAR, 1),
        };
        let year = Year::new(year)?;
        let other = IncomeStatement {
            year,
            business: Fen(income.business.0 + tenth * income.net().0 / 10),
            ..income.clone()
        };
        let id = IncomeStatement::id_for(&income.household, year);
        others.push(Change::create(id, record.area, other));
    }
    scene.apply(others)
}

/// Of 900 people who are helped most are satisfied.
fn ask(scene: &mut Scene, on: Date) -> anyhow::Result<()> {
    let county = scene.area();
    let survey = SatisfactionSurvey {
        subject: area(&county),
        on,
        asked: 900,
        answers: vec![
            (Code::parse("very-satisfied")?, 700),
            (Code::parse("satisfied")?, 150),
            (Code::parse("dissatisfied")?, 20),
        ],
    };
    let id = scene.new_id("survey");
    scene.apply(vec![Change::create(id, county, survey)])
}

fn of_decision(scene: &Scene, township: AreaCode, year: Year) -> anyhow::Result<Change> {
    let subject = area(&township);
    let decision = scene.decision(PURPOSE, &subject.id)?;
    let Outcome::Granted(grade) = &decision.outcome else {
        anyhow::bail!("{township:?}: {:?}", decision.outcome)
    };
    let assessment = Assessment {
        subject,
        rhythm: Rhythm::Year,
        period: year.first_day(),
        score: decision.score.context("no score")?,
        grade: grade.clone(),
        basis: Basis::Decision(decision_id(&Code::parse(PURPOSE)?, &subject.id)),
    };
    let id = Assessment::id_for(&subject.id, Rhythm::Year, year.first_day());
    Ok(Change::create(id, township, assessment))
}

/// The best three townships, and ten units and ten people.
fn commend(scene: &mut Scene, year: Year) -> anyhow::Result<()> {
    let county = scene.area();
    let best = scene.ranking("township")?.into_iter().take(3);
    let best = best.map(|ranked| Ok(area_id(&AreaCode::parse(&ranked.area)?)));
    let first = |records: Vec<Record>| records.iter().take(10).map(|it| it.id).collect();
    let units = first(scene.list(Kind::Unit, &county)?);
    let people = first(scene.survey(Kind::Cadre, &county)?);
    let awards = vec![
        award(
            county,
            year,
            ("township", 3),
            best.collect::<anyhow::Result<_>>()?,
        )?,
        award(county, year, ("unit", 10), units)?,
        award(county, year, ("person", 10), people)?,
    ];
    scene.apply(awards)
}

/// S4.9.
pub fn rows() -> Vec<Row<Luxi>> {
    let mut rows = promised();
    rows.extend(assessed());
    rows.extend(commended());
    rows
}

/// The rhythm, and what is promised.
fn promised() -> Vec<Row<Luxi>> {
    vec![
        Row::<Luxi>::new(
            (
                "S4.9",
                "inspections, dispatches, summaries and assessments of the county in the year",
            ),
            Figure::shown("12 6 2 1"),
            |luxi| {
                let tasks = luxi.scene.list(Kind::Task, &luxi.scene.area())?;
                let county = luxi.scene.area();
                let held = RHYTHM.map(|duty| {
                    let is_it = |record: &&Record| {
                        let of_county = record.area == county;
                        of_county && matches!(&record.body, Body::Task(it) if it.code.as_ref().is_some_and(|own| own.as_str() == duty))
                    };
                    tasks.iter().filter(is_it).count().to_string()
                });
                Ok(Figure::Shown(held.join(" ")))
            },
            "a dispatch turns out not to have been held",
            |luxi| luxi.undo("dispatch"),
        )
        .remark("a month, two months, half a year, a year"),
        Row::<Luxi>::new(
            ("S4.9", "townships and villages without a letter signed by both sides"),
            Figure::Count(0),
            |luxi| Ok(Figure::count(luxi.without_letter()?)),
            "a letter turns out never to have been signed",
            |luxi| luxi.scene.take_back(Kind::ResponsibilityLetter, |_| true),
        )
        .remark("level by level"),
        Row::<Luxi>::new(
            ("S4.9", "people who exit by the letters of the townships"),
            Figure::Count(EXITING),
            |luxi| {
                let letters = luxi.scene.list(Kind::ResponsibilityLetter, &luxi.scene.area())?;
                let promised = letters.iter().filter_map(|record| match &record.body {
                    Body::ResponsibilityLetter(letter) if letter.is_signed() => {
                        Some(letter.goals.iter().map(|(_, people)| people).sum::<i64>())
                    }
                    _ => None,
                });
                Ok(Figure::Count(promised.sum()))
            },
            "a township turns out to have promised nothing",
            |luxi| {
                luxi.scene.take_back(Kind::ResponsibilityLetter, |record| {
                    record.area.level() == AreaLevel::Township
                })
            },
        )
        .remark("the goal of a year (S4.12), shared among nine townships"),
        Row::<Luxi>::new(
            ("S4.9", "satisfaction surveys of the people helped"),
            Figure::Count(SURVEYS.into()),
            |luxi| luxi.total("surveys", YEAR.into()),
            "one turns out not to have been made",
            |luxi| luxi.scene.take_back(Kind::SatisfactionSurvey, |_| true),
        )
        .remark("so far in the year of the document"),
    ]
}

/// How townships are assessed.
fn assessed() -> Vec<Row<Luxi>> {
    vec![
        Row::<Luxi>::new(
            ("S4.9", "townships assessed by the policy in the year"),
            Figure::Count(TOWNSHIPS),
            |luxi| luxi.total("assessments/year", YEAR.into()),
            "an assessment is taken back",
            |luxi| luxi.scene.take_back(Kind::Assessment, |_| true),
        ),
        Row::<Luxi>::new(
            (
                "S4.9",
                "what the score of the best township rests on, the heaviest first",
            ),
            Figure::shown("exits growth services"),
            |luxi| luxi.weighed(),
            "income is made to weigh most there",
            |luxi| {
                let (best, today) = (luxi.assessed.best, luxi.scene.today());
                luxi.scene.enact_in(&best, PURPOSE, BY_GROWTH, today)?;
                luxi.scene.evaluate_in(PURPOSE, &best)
            },
        )
        .remark("by the points that each has given; the document names no weights"),
        Row::<Luxi>::new(
            ("S4.9", "what a township is given that fails"),
            Figure::shown("interview reprimand yellow-card"),
            |luxi| {
                let failing = luxi.assessed.failing;
                let kinds = luxi.scene.sanctions(&failing, area(&failing))?;
                let kinds: BTreeSet<String> = kinds.into_iter().collect();
                Ok(Figure::Shown(Vec::from_iter(kinds).join(" ")))
            },
            "the yellow card is taken back",
            |luxi| {
                luxi.scene.take_back(
                    Kind::Sanction,
                    |record| matches!(&record.body, Body::Sanction(it) if it.kind.as_str() == "yellow-card"),
                )
            },
        ),
        Row::<Luxi>::new(
            ("S4.9", "a yellow card is given without a deadline"),
            Figure::shown("invalid-field"),
            |luxi| {
                let Assessed {
                    failing,
                    ground,
                    deadline,
                    ..
                } = luxi.assessed;
                let today = luxi.scene.today();
                let card = Sanction {
                    deadline,
                    ..sanction(area(&failing), "yellow-card", ground, today)?
                };
                Figure::of_attempt(luxi.scene.impose(failing, card))
            },
            "it has half a year",
            |luxi| {
                luxi.assessed.deadline = luxi.scene.today().plus_days(180);
                Ok(())
            },
        ),
    ]
}

/// Who is commended.
fn commended() -> Vec<Row<Luxi>> {
    let commended = |what, source, read, falsify| {
        let change = "one was named by mistake";
        Row::<Luxi>::new(("S4.9", what), Figure::Count(source), read, change, falsify)
    };
    vec![
        commended(
            "townships commended",
            3,
            |luxi| luxi.total("awards/township", YEAR.into()),
            |luxi| luxi.name_one_less("township"),
        )
        .remark("the first three of the ranking"),
        commended(
            "units commended",
            10,
            |luxi| luxi.total("awards/unit", YEAR.into()),
            |luxi| luxi.name_one_less("unit"),
        ),
        commended(
            "people commended",
            10,
            |luxi| luxi.total("awards/person", YEAR.into()),
            |luxi| luxi.name_one_less("person"),
        ),
    ]
}

impl Luxi {
    fn without_letter(&self) -> anyhow::Result<usize> {
        let county = self.scene.area();
        let letters = self.scene.list(Kind::ResponsibilityLetter, &county)?;
        let is_signed = |record: &&Record| matches!(&record.body, Body::ResponsibilityLetter(letter) if ResponsibilityLetter::is_signed(letter));
        let signed: BTreeSet<AreaCode> =
            letters.iter().filter(is_signed).map(|it| it.area).collect();
        let areas = self.scene.list(Kind::Area, &county)?;
        let without = areas.iter().filter(|record| {
            has_group(record) && record.area != county && !signed.contains(&record.area)
        });
        Ok(without.count())
    }

    /// The items of the best township's score, by the points that they gave.
    fn weighed(&self) -> anyhow::Result<Figure> {
        let decision = self
            .scene
            .decision(PURPOSE, &area(&self.assessed.best).id)?;
        let mut items = Vec::new();
        for reason in &decision.reasons {
            // The last argument is what the item earned.
            let points = reason.arguments.last().context("no points")?;
            items.push((points.parse::<i64>()?, reason.code.to_string()));
        }
        items.sort_by(|one, other| other.cmp(one));
        let items = items.into_iter().map(|(_, item)| item);
        Ok(Figure::Shown(items.collect::<Vec<_>>().join(" ")))
    }

    fn name_one_less(&mut self, category: &str) -> anyhow::Result<()> {
        let record = self.first(
            Kind::Award,
            |record| matches!(&record.body, Body::Award(it) if it.category.as_str() == category),
        )?;
        let Body::Award(award) = &record.body else {
            anyhow::bail!("not an award")
        };
        let mut less: Award = award.clone();
        less.recipients.pop();
        self.scene
            .apply(vec![Change::of(&record, Action::Change, less)])
    }
}
