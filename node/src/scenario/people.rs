//! Areas, households and people, as every story makes them and lets them go.

use anyhow::Context as _;
use lika_core::{
    command::Change,
    log::{Action, Kind},
    record::{Area, Body, Household, Member, Record, area_id},
    value::{AreaCode, Code, Date, Label, RecordId, Span},
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
    Ok(Household {
        household_type: Code::parse(household_type)?,
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
    })
}

/// A member of whom no more is known: the head in the first place, else somebody not related.
pub fn member(household: RecordId, place: u32, from: Date) -> anyhow::Result<Member> {
    Ok(Member {
        household,
        from,
        until: None,
        sex: None,
        birth_year: None,
        relation: Code::parse(if place == 0 { "02" } else { "99" })?,
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

/// The id of the record of a kind that has a number in a story.
pub fn id(what: &str, number: usize) -> RecordId {
    RecordId::derived(&format!("lika.scenario.{what}"), &number.to_be_bytes())
}

impl Scene {
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
        let households = self.list(Kind::Household, area)?;
        let household = households.first().context("no household")?;
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
        for record in self.list(Kind::Member, area)? {
            if let Body::Member(member) = &record.body
                && !member.is_head()
            {
                let change = left(&record, member, self.today(), "death")?;
                return self.apply(vec![change]);
            }
        }
        anyhow::bail!("nobody but heads")
    }
}

fn left(record: &Record, member: &Member, until: Date, reason: &str) -> anyhow::Result<Change> {
    let member = Member {
        until: Some((until, Code::parse(reason)?)),
        ..member.clone()
    };
    Ok(Change::of(record, Action::Close, member))
}
