//! Cases of a scene: procedures that ship, put in force and gone through step by step.

use anyhow::Context as _;
use lika_core::{
    codes,
    command::Change,
    log::{Action, Kind},
    record::{
        Body, Case, CaseSubject, ConditionFound, Item, Notice, Procedure, Record, Step, Taken,
        Votes,
    },
    value::{AreaCode, Code, Date, Label, RecordId},
    working_days::WorkingDays,
};
use lika_proto::v1::{
    self, cases_client::CasesClient, happen_request::What, households_client::HouseholdsClient,
};

use super::{Caller, Scene};
use crate::{
    procedures,
    wire::{record, status::Refused},
};

/// Where notices hang.
const BOARD: &str = "村委会公示栏";

/// Who takes the steps of each level.
#[derive(Clone, Debug)]
pub struct Levels {
    /// Of the village.
    pub village: Caller,
    /// Of the township.
    pub township: Caller,
    /// Of the county.
    pub county: Caller,
}

impl Levels {
    fn of(&self, step: &Step) -> &Caller {
        match step.level.as_str() {
            "village" => &self.village,
            "township" => &self.township,
            _ => &self.county,
        }
    }
}

impl Scene {
    /// Puts shipped procedures in force for the node's area from a day on.
    pub fn install(&mut self, name: &str, from: Date) -> anyhow::Result<()> {
        self.install_in(self.area(), name, from)
    }

    /// Puts shipped procedures in force for an area from a day on.
    pub fn install_in(&mut self, area: AreaCode, name: &str, from: Date) -> anyhow::Result<()> {
        let mut changes = Vec::new();
        for message in procedures::shipped(name, from)? {
            if let Body::Procedure(procedure) = Body::parse(message.into())? {
                changes.push(Change::create(procedure.id_in(&area), area, procedure));
            }
        }
        self.apply(changes)
    }

    /// Opens a case of a kind for each of some households, today.
    pub fn open_cases(
        &mut self,
        officer: &Caller,
        kind: &str,
        households: &[Record],
    ) -> anyhow::Result<Vec<RecordId>> {
        let mut opened = Vec::new();
        for household in households {
            let case = Case {
                procedure: self.procedure_in_force(household, kind)?,
                kind: Code::parse(kind)?,
                subject: Some(CaseSubject {
                    kind: Kind::Household,
                    id: household.id,
                }),
                opened_on: self.today(),
                steps: Vec::new(),
                end: None,
                due: None,
                note: None,
            };
            opened.push(Change::create(self.new_id("case"), household.area, case));
        }
        self.apply_as(officer, &opened)?;
        Ok(opened.iter().map(|change| change.id).collect())
    }

    /// Takes the steps of cases that stand at the same place, each at its level, and lets the days pass that it takes:
    /// until the step that is named, which is left, or to the end.
    pub fn pass(
        &mut self,
        levels: &Levels,
        cases: &[RecordId],
        until: Option<&str>,
    ) -> anyhow::Result<()> {
        let first = cases.first().context("no case")?;
        let case = self.case(first)?.1;
        for step in self
            .procedure_of(&case)?
            .steps
            .iter()
            .skip(case.steps.len())
        {
            if until == Some(step.code.as_str()) {
                return Ok(());
            }
            let officer = levels.of(step);
            let mut taken = self.taken(officer, step.code.as_str())?;
            match step.act.as_str() {
                "appraisal" => taken.votes = Some(carried()),
                "notice" => {
                    let posted = self.post(cases, step)?;
                    taken.notice = Some(posted);
                    taken.on = self.today();
                }
                "survey" if case.kind.as_str() == "exit" => taken.conditions = all_met()?,
                _ => {}
            }
            self.take(officer, cases, &taken)?;
        }
        Ok(())
    }

    /// A step as an officer takes it today, passed and with nothing else to it.
    pub fn taken(&self, officer: &Caller, step: &str) -> anyhow::Result<Taken> {
        Ok(Taken {
            step: Code::parse(step)?,
            on: self.today(),
            officer: officer.id,
            result: Code::parse("passed")?,
            votes: None,
            notice: None,
            conditions: Vec::new(),
        })
    }

    /// Takes the same step of cases.
    pub fn take(
        &mut self,
        officer: &Caller,
        cases: &[RecordId],
        taken: &Taken,
    ) -> anyhow::Result<()> {
        let mut changes = Vec::new();
        for id in cases {
            let (record, mut case) = self.case(id)?;
            case.steps.push(taken.clone());
            changes.push(Change::of(&record, Action::Change, case));
        }
        self.apply_as(officer, &changes)
    }

    /// Ends cases as code list case-end says.
    pub fn end_cases(
        &mut self,
        officer: &Caller,
        cases: &[RecordId],
        end: &str,
    ) -> anyhow::Result<()> {
        let mut changes = Vec::new();
        for id in cases {
            let (record, mut case) = self.case(id)?;
            case.end = Some(Code::parse(end)?);
            changes.push(Change::of(&record, Action::Close, case));
        }
        self.apply_as(officer, &changes)
    }

    /// A household exits today by a case whose steps are all taken, which ends with that.
    pub fn exit(
        &mut self,
        officer: &Caller,
        household: &RecordId,
        case: &RecordId,
    ) -> anyhow::Result<()> {
        let request = v1::HappenRequest {
            request: self.request(),
            household: household.0.to_vec(),
            reason: "conditions-met".to_owned(),
            what: Some(What::Exit(case.0.to_vec())),
            ..v1::HappenRequest::default()
        };
        let mut households = HouseholdsClient::new(officer.channel.clone());
        let exited = self.runtime.block_on(households.happen(request));
        Ok(exited.map(drop).map_err(Refused::from)?)
    }

    /// A case as it stands.
    pub fn case(&self, id: &RecordId) -> anyhow::Result<(Record, Case)> {
        let record = self.get(id)?;
        match &record.body {
            Body::Case(case) => Ok((record.clone(), case.clone())),
            _ => anyhow::bail!("not a case"),
        }
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

    /// How many steps of an act a case has gone through.
    pub fn gone_through(&self, case: &Case, act: &str) -> anyhow::Result<usize> {
        let procedure = self.procedure_of(case)?;
        let of_act = |step: &&Step| {
            step.act == act && case.steps.iter().any(|taken| taken.step == step.code)
        };
        Ok(procedure.steps.iter().filter(of_act).count())
    }

    /// A notice of cases from today on, for so many days, at a place.
    pub fn notice(&self, cases: &[RecordId], place: &str, until: Date) -> anyhow::Result<Notice> {
        let first = cases.first().context("no case")?;
        let item = |case: &RecordId| Item {
            case: *case,
            village: None,
            people: None,
            category: None,
        };
        Ok(Notice {
            kind: self.case(first)?.1.kind,
            place: Label::parse(place)?,
            from: self.today(),
            until,
            items: cases.iter().map(item).collect(),
            digest: None,
            names: Some(vec![None; cases.len()]),
        })
    }

    /// Posts a notice in the area of its first case; its id.
    pub fn post_notice(&mut self, notice: Notice) -> anyhow::Result<RecordId> {
        let first = notice.items.first().context("no case")?.case;
        let area = self.get(&first)?.area;
        let id = self.new_id("notice");
        self.apply(vec![Change::create(id, area, notice)])?;
        Ok(id)
    }

    /// Posts a notice for the days of its step, and lets them pass.
    fn post(&mut self, cases: &[RecordId], step: &Step) -> anyhow::Result<RecordId> {
        let until = WorkingDays::default().after(self.today(), step.least, step.counted);
        let until = until.context("the days are over")?;
        let notice = self.notice(cases, BOARD, until)?;
        let posted = self.post_notice(notice)?;
        self.go_to(until);
        Ok(posted)
    }

    fn procedure_in_force(&self, subject: &Record, kind: &str) -> anyhow::Result<RecordId> {
        let mut cases = CasesClient::new(self.office.channel.clone());
        let request = v1::InForceRequest {
            area: subject.area.digits().to_owned(),
            kind: kind.to_owned(),
            on: 0,
        };
        let found = self.runtime.block_on(cases.in_force(request));
        let found = found.map_err(Refused::from)?.into_inner().procedure;
        let found = found.with_context(|| format!("no procedure of {kind} is in force"))?;
        Ok(record::received(found).map_err(Refused::from)?.id)
    }

    fn procedure_of(&self, case: &Case) -> anyhow::Result<Procedure> {
        match self.get(&case.procedure)?.body {
            Body::Procedure(procedure) => Ok(procedure),
            _ => anyhow::bail!("not a procedure"),
        }
    }
}

/// An appraisal that carries.
pub fn carried() -> Votes {
    Votes {
        present: 41,
        in_favour: 38,
        against: 1,
    }
}

/// Every condition of an exit, seen to be met.
pub fn all_met() -> anyhow::Result<Vec<ConditionFound>> {
    let list = codes::list("exit-condition").context("there are no exit conditions")?;
    let found = |entry: &codes::CodeEntry| {
        Ok(ConditionFound {
            condition: Code::parse(entry.code)?,
            met: true,
            evidence: Code::parse("seen")?,
        })
    };
    list.entries.iter().map(found).collect()
}
