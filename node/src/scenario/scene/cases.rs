//! Cases that go through a procedure that ships, each step by an officer of its level and not before its clock.

use anyhow::Context as _;
use lika_core::{
    command::Change,
    log::{Action, Kind},
    record::{Body, Case, CaseSubject, Item, Notice, Procedure, Record, Step, Taken},
    value::{AreaCode, Code, Date, Label, RecordId},
};

use super::{Scene, officers::Colleague};
use crate::procedures;

/// Who takes the steps of each level.
pub struct Levels {
    /// Of the village.
    pub village: Colleague,
    /// Of the township.
    pub township: Colleague,
    /// Of the office above them.
    pub county: Colleague,
}

impl Levels {
    fn of(&self, step: &Step) -> &Colleague {
        match step.level.as_str() {
            "village" => &self.village,
            "township" => &self.township,
            _ => &self.county,
        }
    }
}

/// A procedure that is in force.
pub struct InForce {
    id: RecordId,
    procedure: Procedure,
}

impl Scene {
    /// Puts the procedure that ships under a name in force for an area.
    pub fn install(&mut self, name: &str, area: AreaCode, from: Date) -> anyhow::Result<InForce> {
        let shipped = procedures::shipped(name, from)?;
        let message = shipped.into_iter().next().context("it has no procedure")?;
        let Body::Procedure(procedure) = Body::parse(message.into())? else {
            anyhow::bail!("not a procedure")
        };
        let id = procedure.id_in(&area);
        self.apply(vec![Change::create(id, area, procedure.clone())])?;
        Ok(InForce { id, procedure })
    }

    /// Opens a case about a household today.
    pub fn open_case(
        &mut self,
        own: RecordId,
        in_force: &InForce,
        household: (RecordId, AreaCode),
        levels: &Levels,
    ) -> anyhow::Result<()> {
        let (household, area) = household;
        let case = Case {
            procedure: in_force.id,
            kind: in_force.procedure.kind.clone(),
            subject: Some(CaseSubject {
                kind: Kind::Household,
                id: household,
            }),
            opened_on: self.today(),
            steps: Vec::new(),
            end: None,
            due: None,
            note: None,
        };
        self.apply_as(&levels.village, vec![Change::create(own, area, case)])
    }

    /// Takes the next steps of a case up to the last one of an act, or all of them where none is named. Time passes.
    pub fn take_steps(
        &mut self,
        own: &RecordId,
        in_force: &InForce,
        levels: &Levels,
        until: Option<&str>,
    ) -> anyhow::Result<()> {
        loop {
            let (record, case) = self.case(own)?;
            let Some(step) = in_force.procedure.steps.get(case.steps.len()) else {
                return Ok(());
            };
            self.take(&record, case, step, levels)?;
            if until.is_some_and(|act| step.act == act) {
                return Ok(());
            }
        }
    }

    /// Ends a case through which every step was taken.
    pub fn complete(&mut self, own: &RecordId, levels: &Levels) -> anyhow::Result<()> {
        let (record, case) = self.case(own)?;
        let case = Case {
            end: Some(Code::parse("completed")?),
            ..case
        };
        let close = Change::of(&record, Action::Close, case);
        self.apply_as(&levels.county, vec![close])
    }

    /// The cases of an area, those that are over too.
    pub fn cases(&self, area: &AreaCode) -> anyhow::Result<Vec<Case>> {
        let mut records = self.list(Kind::Case, area)?;
        records.extend(self.list_closed(Kind::Case, area)?);
        let case = |record: Record| match record.body {
            Body::Case(case) => Some(case),
            _ => None,
        };
        Ok(records.into_iter().filter_map(case).collect())
    }

    fn case(&self, own: &RecordId) -> anyhow::Result<(Record, Case)> {
        let records = self.list(Kind::Case, &self.area())?;
        let record = records.into_iter().find(|record| record.id == *own);
        let record = record.context("no such case")?;
        match &record.body {
            Body::Case(case) => Ok((record.clone(), case.clone())),
            _ => anyhow::bail!("not a case"),
        }
    }

    fn take(
        &mut self,
        record: &Record,
        mut case: Case,
        step: &Step,
        levels: &Levels,
    ) -> anyhow::Result<()> {
        let who = levels.of(step);
        let least = i32::from(step.least);
        let notice = match step.act.as_str() {
            "notice" => Some(self.post(record, &case, least, &levels.township)?),
            _ => None,
        };
        self.go_to(self.day_after(least)?);
        case.steps.push(Taken {
            step: step.code.clone(),
            on: self.today(),
            officer: who.id,
            result: Code::parse("passed")?,
            votes: None,
            notice,
            conditions: Vec::new(),
        });
        let taken = Change::of(record, Action::Change, case);
        self.apply_as(who, vec![taken])
    }

    /// Posts a case for so many days.
    fn post(
        &mut self,
        record: &Record,
        case: &Case,
        days: i32,
        who: &Colleague,
    ) -> anyhow::Result<RecordId> {
        let seed = [&record.id.0[..], &[u8::try_from(case.steps.len())?]].concat();
        let own = RecordId::derived("lika.scenario.notice", &seed);
        let notice = Notice {
            kind: case.kind.clone(),
            place: Label::parse("公示栏")?,
            from: self.today(),
            until: self.day_after(days)?,
            items: vec![Item {
                case: record.id,
                village: None,
                people: None,
                category: None,
            }],
            digest: None,
            names: Some(vec![None]),
        };
        let posted = Change::create(own, record.area, notice);
        self.apply_as(who, vec![posted])?;
        Ok(own)
    }
}

impl InForce {
    /// How many steps of an act a case has gone through.
    pub fn taken(&self, case: &Case, act: &str) -> usize {
        let steps = self.procedure.steps.iter();
        let of_act = |step: &&Step| {
            step.act == act && case.steps.iter().any(|taken| taken.step == step.code)
        };
        steps.filter(of_act).count()
    }
}
