//! Projects of a scene, stage by stage.

use lika_core::{
    command::Change,
    log::{Action, Kind},
    record::{Body, End, Project, ReachedStage, Stage},
    value::{AreaCode, Code, Fen, Label, RecordId, Year},
};

use lika_proto::v1::{self, works_client::WorksClient};

use super::{Caller, Scene};
use crate::wire::status::Refused;

/// A project for which nobody has asked yet.
pub fn project(
    name: &str,
    project_type: &str,
    year: Year,
    budget: &[(&str, Fen)],
) -> anyhow::Result<Project> {
    let source = |(channel, amount): &(&str, Fen)| Ok((Code::parse(channel)?, *amount));
    Ok(Project {
        name: Label::parse(name)?,
        project_type: Code::parse(project_type)?,
        year,
        budget: budget.iter().map(source).collect::<anyhow::Result<_>>()?,
        households: 0,
        steps: Vec::new(),
        actual: None,
        reimbursed: None,
        end: None,
        village_batch: None,
    })
}

impl Scene {
    /// An officer proposes a project today; its id.
    pub fn propose(
        &mut self,
        officer: &Caller,
        area: AreaCode,
        project: Project,
    ) -> anyhow::Result<RecordId> {
        let proposal = self.proposal(officer, area, project);
        let id = proposal.id;
        self.apply_as(officer, &[proposal])?;
        Ok(id)
    }

    /// One of two people proposes projects, the other one approves them, today.
    pub fn put_under_way(
        &mut self,
        [first, second]: &[Caller; 2],
        projects: Vec<(AreaCode, Project)>,
    ) -> anyhow::Result<()> {
        let mut proposals = Vec::with_capacity(projects.len());
        for (area, project) in projects {
            proposals.push(self.proposal(first, area, project));
        }
        self.apply_as(first, &proposals)?;
        for change in &mut proposals {
            change.action = Action::Change;
            change.expected_revision = 1;
            if let Body::Project(project) = &mut change.body {
                project.steps.push(self.reached(second, Stage::Approved));
            }
        }
        self.apply_as(second, &proposals)
    }

    /// A project of such a type that still runs is given up.
    pub fn cancel_a_project(&mut self, is_it: impl Fn(&str) -> bool) -> anyhow::Result<()> {
        let record = self.first(
            Kind::Project,
            &self.area(),
            |record| matches!(&record.body, Body::Project(it) if it.end.is_none() && is_it(it.project_type.as_str())),
        )?;
        let Body::Project(project) = &record.body else {
            anyhow::bail!("not a project")
        };
        let given_up = Project {
            end: Some(End {
                reason: Code::parse("cancelled")?,
                on: self.today(),
            }),
            ..project.clone()
        };
        self.change(&record, given_up)
    }

    /// An officer writes down that a project has reached a stage today, and of the acceptance and the reimbursement the
    /// amount.
    pub fn advance(
        &mut self,
        officer: &Caller,
        project: &RecordId,
        stage: Stage,
        amount: Option<Fen>,
    ) -> anyhow::Result<()> {
        let record = self.get(project)?;
        let Body::Project(known) = &record.body else {
            anyhow::bail!("not a project")
        };
        let mut project = known.clone();
        project.steps.push(self.reached(officer, stage));
        match stage {
            Stage::Reimbursed => project.reimbursed = amount,
            _ => project.actual = project.actual.or(amount),
        }
        self.apply_as(officer, &[Change::of(&record, Action::Change, project)])
    }

    /// The whole-village batches of the node's area, and how far each is.
    pub fn village_batches(&self) -> anyhow::Result<Vec<v1::BatchProgress>> {
        let mut works = WorksClient::new(self.office.channel.clone());
        let request = v1::VillageBatchesRequest {
            area: self.area().digits().to_owned(),
        };
        let found = self.runtime.block_on(works.village_batches(request));
        Ok(found.map_err(Refused::from)?.into_inner().batches)
    }

    fn proposal(&mut self, officer: &Caller, area: AreaCode, project: Project) -> Change {
        let proposed = Project {
            steps: vec![self.reached(officer, Stage::Proposed)],
            ..project
        };
        Change::create(self.new_id("project"), area, proposed)
    }

    fn reached(&self, officer: &Caller, stage: Stage) -> ReachedStage {
        ReachedStage {
            stage,
            on: self.today(),
            by: officer.approval(),
            evidence: None,
        }
    }
}
