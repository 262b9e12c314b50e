//! Projects that two people put under way, and that are taken back again.

use anyhow::Context as _;
use lika_core::{
    command::Change,
    log::{Action, Kind},
    record::{Body, End, Project, ReachedStage, Record, Stage},
    value::{AreaCode, Code, Fen, Label, RecordId, Year},
};

use super::{Scene, officers::Colleague};

/// A project that somebody is to propose.
pub struct Plan {
    /// Its record.
    pub id: RecordId,
    /// Where.
    pub area: AreaCode,
    /// What it is called.
    pub name: String,
    /// Code list project-type.
    pub project_type: &'static str,
    /// The year that it is planned for.
    pub year: Year,
    /// Code list fund-channel.
    pub channel: &'static str,
    /// What it is to cost.
    pub cost: Fen,
}

impl Plan {
    fn project(&self, step: ReachedStage) -> anyhow::Result<Project> {
        Ok(Project {
            name: Label::parse(&self.name)?,
            project_type: Code::parse(self.project_type)?,
            year: self.year,
            budget: vec![(Code::parse(self.channel)?, self.cost)],
            households: 0,
            steps: vec![step],
            actual: None,
            reimbursed: None,
            end: None,
        })
    }
}

impl Scene {
    /// One of two people proposes the projects, the other one approves them, today.
    pub fn put_under_way(&mut self, two: &[Colleague; 2], plans: &[Plan]) -> anyhow::Result<()> {
        let [first, second] = two;
        let on = self.today();
        let step = |stage, who: &Colleague| ReachedStage {
            stage,
            on,
            by: who.approval(),
            evidence: None,
        };
        let propose = |plan: &Plan| {
            let project = plan.project(step(Stage::Proposed, first))?;
            Ok(Change::create(plan.id, plan.area, project))
        };
        let proposed = plans
            .iter()
            .map(propose)
            .collect::<anyhow::Result<Vec<_>>>()?;
        self.apply_as(first, proposed)?;
        let mut approved = Vec::with_capacity(plans.len());
        for (record, mut project) in self.projects()? {
            if project.next() == Some(Stage::Approved) {
                project.steps.push(step(Stage::Approved, second));
                approved.push(Change::of(&record, Action::Change, project));
            }
        }
        self.apply_as(second, approved)
    }

    /// The projects of the node.
    pub fn projects(&self) -> anyhow::Result<Vec<(Record, Project)>> {
        let records = self.list(Kind::Project, &self.area())?;
        let project = |record: Record| match &record.body {
            Body::Project(project) => Some((record.clone(), project.clone())),
            _ => None,
        };
        Ok(records.into_iter().filter_map(project).collect())
    }

    /// A project of such a type that still runs is given up.
    pub fn cancel_a_project(&mut self, is_it: impl Fn(&str) -> bool) -> anyhow::Result<()> {
        let projects = self.projects()?;
        let mut running = projects
            .into_iter()
            .filter(|(_, project)| project.end.is_none() && is_it(project.project_type.as_str()));
        let (record, mut project) = running.next().context("no such project")?;
        project.end = Some(End {
            reason: Code::parse("cancelled")?,
            on: self.today(),
        });
        self.change(&record, project)
    }
}
