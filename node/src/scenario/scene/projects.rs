//! Projects of a scene, stage by stage.

use lika_core::{
    command::Change,
    log::Action,
    record::{Approval, Body, Project, ReachedStage, Stage},
    value::{AreaCode, Code, Fen, Label, RecordId, Year},
};

use super::{Caller, Scene};

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
        let id = self.new_id("project");
        let proposed = Project {
            steps: vec![self.reached(officer, Stage::Proposed)],
            ..project
        };
        self.apply_as(officer, &[Change::create(id, area, proposed)])?;
        Ok(id)
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

    fn reached(&self, officer: &Caller, stage: Stage) -> ReachedStage {
        ReachedStage {
            stage,
            on: self.today(),
            by: Approval {
                officer: officer.id,
                cadre: None,
            },
            evidence: None,
        }
    }
}
