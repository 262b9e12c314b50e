//! Areas, households and people, as every story makes them and lets them go.

use std::collections::BTreeSet;

use lika_core::{
    command::Change,
    log::{Action, Kind},
    record::{
        Area, Body, Cadre, HelperLevel, Household, IncomeStatement, Measure, Member,
        OfficialStatistic, Pairing, Record, area_id,
    },
    value::{AreaCode, Code, Date, Fen, Label, RecordId, Span, Year},
};

use super::Scene;

/// An area that is registered.
pub fn area(code: AreaCode, name: &str, key_village: Vec<Span>) -> anyhow::Result<Change> {
    let area = Area {
        code,
        name: Label::parse(name)?,
        key_village,
        from: None,
        until: None,
        successors: Vec::new(),
    };
    Ok(Change::create(area_id(&code), code, area))
}

/// A household of a type of which no more is known.
pub fn household(household_type: &str) -> anyhow::Result<Household> {
    Ok(Household::new(Code::parse(household_type)?))
}

/// A member of whom no more is known: the head in the first place, else somebody not related.
pub fn member(household: RecordId, place: u32, from: Date) -> anyhow::Result<Member> {
    Ok(Member::new(
        household,
        from,
        Code::parse(if place == 0 { "02" } else { "99" })?,
    ))
}

/// A household with its people, as `shape` makes each of them from somebody of whom no more is known.
pub fn family(
    village: AreaCode,
    number: usize,
    household: Household,
    people: u32,
    shape: impl Fn(u32, Member) -> anyhow::Result<Member>,
    from: Date,
) -> anyhow::Result<Vec<Change>> {
    let own = id("household", number);
    let mut changes = vec![Change::create(own, village, household)];
    for place in 0..people {
        let person = id("member", number * 100 + usize::try_from(place)?);
        let member = shape(place, member(own, place, from)?)?;
        changes.push(Change::create(person, village, member));
    }
    Ok(changes)
}

/// What a household earned in a year, so much a head, by its own business alone.
pub fn income(
    village: AreaCode,
    number: usize,
    (year, persons): (Year, u32),
    per_head: Fen,
) -> Change {
    let household = id("household", number);
    let income = IncomeStatement {
        household,
        year,
        wages: Fen::ZERO,
        business: Fen(per_head.0 * i64::from(persons)),
        property: Fen::ZERO,
        transfers: Fen::ZERO,
        expenses: Fen::ZERO,
        persons,
    };
    Change::create(IncomeStatement::id_for(&household, year), village, income)
}

/// A figure that somebody has published of an area and a year.
pub fn statistic(
    area: AreaCode,
    (series, year): (&str, Year),
    value: i64,
    source: &str,
) -> anyhow::Result<Change> {
    let series = Code::parse(series)?;
    let own = OfficialStatistic::id_for(&area, &series, year);
    let body = OfficialStatistic {
        series,
        year,
        value,
        source: Label::parse(source)?,
    };
    Ok(Change::create(own, area, body))
}

/// A measure for a household, from a day on.
pub fn measure(household: RecordId, kind: &str, from: Date) -> anyhow::Result<Measure> {
    Ok(Measure {
        household: Some(household),
        member: None,
        kind: Code::parse(kind)?,
        project: None,
        from,
        until: None,
        amount: None,
        results: Vec::new(),
    })
}

/// A pairing of a household with somebody of the township who answers for it.
pub fn pairing(household: RecordId, cadre: RecordId, from: Date) -> anyhow::Result<Pairing> {
    Ok(Pairing {
        household,
        cadre,
        role: Code::parse("focus")?,
        level: HelperLevel::Township,
        responsible: true,
        from,
        until: None,
        decision: None,
    })
}

/// A cadre of the township.
pub fn cadre(from: Date) -> anyhow::Result<Cadre> {
    Ok(Cadre {
        rank: Code::parse("township")?,
        unit: None,
        from,
        until: None,
        identity: None,
    })
}

/// The id of the record of a kind that has a number in a story.
pub fn id(what: &str, number: usize) -> RecordId {
    RecordId::derived(&format!("lika.scenario.{what}"), &number.to_be_bytes())
}

impl Scene {
    /// How many households have been found to be out of poverty in a year, and how many people are in them.
    pub fn exited(&self, year: Year) -> anyhow::Result<(usize, usize)> {
        let area = self.area();
        let left = |record: &Record| match &record.body {
            Body::Household(household) => household.exit_year == Some(year),
            _ => false,
        };
        let households = self.survey(Kind::Household, &area)?;
        let households: BTreeSet<RecordId> = households
            .iter()
            .filter(|record| left(record))
            .map(|record| record.id)
            .collect();
        let people = self.survey(Kind::Member, &area)?;
        let people = people.iter().filter(|record| match &record.body {
            Body::Member(member) => households.contains(&member.household),
            _ => false,
        });
        Ok((households.len(), people.count()))
    }

    /// The year in which a household exited is written into its card, or taken out of it.
    pub fn set_exit_year(
        &mut self,
        households: &[Record],
        year: Option<Year>,
    ) -> anyhow::Result<()> {
        let changes = households
            .iter()
            .filter_map(|record| exited(record, year))
            .collect();
        self.apply(changes)
    }

    /// Helpers leave a household, which exits with that: nobody is left without help before.
    pub fn unpair(&mut self, pairings: &[Record]) -> anyhow::Result<()> {
        let today = self.today();
        let mut helped = BTreeSet::new();
        let mut left = Vec::new();
        for record in pairings {
            if let Body::Pairing(pairing) = &record.body {
                helped.insert(pairing.household);
                let ended = Pairing {
                    until: Some(today),
                    ..pairing.clone()
                };
                left.push(Change::of(record, Action::Close, ended));
            }
        }
        let mut changes = Vec::new();
        for household in helped {
            changes.extend(exited(&self.get(&household)?, Some(today.year())));
        }
        changes.extend(left);
        self.apply(changes)
    }

    /// How many areas of the node are such.
    pub fn count_areas(&self, counts: impl Fn(&Area) -> bool) -> anyhow::Result<i64> {
        let areas = self.list(Kind::Area, &self.area())?;
        let counted = areas
            .iter()
            .filter(|record| matches!(&record.body, Body::Area(area) if counts(area)));
        Ok(i64::try_from(counted.count())?)
    }

    /// Villages that are key villages today.
    pub fn key_villages(&self) -> anyhow::Result<i64> {
        let today = self.today();
        self.count_areas(|area| area.is_key_village(today))
    }

    /// A village never was a key village.
    pub fn correct_a_key_village(&mut self) -> anyhow::Result<()> {
        let today = self.today();
        for record in self.list(Kind::Area, &self.area())? {
            if let Body::Area(area) = &record.body
                && area.is_key_village(today)
            {
                let area = Area {
                    key_village: Vec::new(),
                    ..area.clone()
                };
                return self.change(&record, area);
            }
        }
        anyhow::bail!("no key village")
    }

    /// The first household of some villages moves away with everybody who belongs to it.
    pub fn let_a_household_go(&mut self, area: &AreaCode) -> anyhow::Result<()> {
        let household = &self.first(Kind::Household, area, |_| true)?;
        let today = self.today();
        let mut changes = Vec::new();
        for record in self.list(Kind::Pairing, &household.area)? {
            if let Body::Pairing(pairing) = &record.body
                && pairing.household == household.id
            {
                let mut pairing = pairing.clone();
                pairing.until = Some(today);
                changes.push(Change::of(&record, Action::Close, pairing));
            }
        }
        for record in self.list(Kind::Member, &household.area)? {
            if let Body::Member(member) = &record.body
                && member.household == household.id
            {
                changes.push(left(&record, member, today, "moved-away")?);
            }
        }
        changes.push(Change::of(household, Action::Close, household.body.clone()));
        self.apply(changes)
    }

    /// Somebody who is no head dies.
    pub fn let_somebody_go(&mut self, area: &AreaCode) -> anyhow::Result<()> {
        let is_it = |record: &Record| matches!(&record.body, Body::Member(it) if !it.is_head());
        let record = self.first(Kind::Member, area, is_it)?;
        let Body::Member(member) = &record.body else {
            anyhow::bail!("not a member")
        };
        let change = left(&record, member, self.today(), "death")?;
        self.apply(vec![change])
    }
}

fn exited(record: &Record, year: Option<Year>) -> Option<Change> {
    let Body::Household(household) = &record.body else {
        return None;
    };
    let household = Household {
        exit_year: year,
        ..household.clone()
    };
    Some(Change::of(record, Action::Change, household))
}

fn left(record: &Record, member: &Member, until: Date, reason: &str) -> anyhow::Result<Change> {
    let member = Member {
        until: Some((until, Code::parse(reason)?)),
        ..member.clone()
    };
    Ok(Change::of(record, Action::Close, member))
}
