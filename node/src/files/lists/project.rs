//! Projects, as they are proposed.

use lika_core::{
    log::Kind,
    record::{Body, Project, ReachedStage, Stage},
    value::{AreaCode, Date, Label, Year},
};

use super::{
    Rows,
    cell::{Coded, FundChannel, ProjectType, Sums},
    column::row,
    taking::{Halt, Taking},
};
use crate::files::{Known, fault::Named};

row! {
    /// A project: the same name, year and area are the same project. Somebody else approves it.
    ProjectRow {
        name: Label = "项目名称" ["名称", "项目"]
            "项目名称；同一区划同一年度内不重名" ["泉江村道硬化", "泉江村养蜂"],
        project_type: Coded<ProjectType> = "项目类型" ["类型", "项目类别"]
            "项目的类型" ["道路", "养殖业"],
        area: AreaCode = "实施地点" ["区划", "建设地点", "项目地点", "所在地", "区划代码", "行政区划代码"]
            "实施项目的县、乡镇或村" ["银河镇泉江村", "360323104201"],
        year: Year = "计划年度" ["年度", "年份", "项目年度"]
            "列入计划的年份" ["2016", "2016"],
        budget: Sums<FundChannel> = "计划投资" ["投资", "资金来源", "计划资金", "预算"]
            "按资金渠道的计划投资" ["县级财政 50,000；上级资金 20,000", "社会捐赠 8,000"],
        households: Option<u32> = "受益户数" ["受益农户", "覆盖户数"]
            "预计受益的户数" ["40", ""],
        on: Option<Date> = "申报日期" ["申报时间", "申报日"]
            "申报的日期；新登记而未填的为导入当日" ["2016-02-01", ""],
    }
}

/// Projects.
#[derive(Default)]
pub(super) struct Projects;

impl Rows for Projects {
    type Row = ProjectRow;

    fn take<K: Known>(
        &mut self,
        at: u32,
        row: ProjectRow,
        to: &mut Taking<'_, K>,
    ) -> Result<(), Halt> {
        to.may_write(Kind::Project, &row.area)?;
        to.once(at, &[&*row.area, &*row.name, &*row.year])?;
        let mut registered = to.directory.named(Kind::Project, row.name.as_str())?;
        registered.retain(|record| {
            let is_of_year = matches!(&record.body, Body::Project(it) if it.year == *row.year);
            record.area == *row.area && is_of_year
        });
        let registered = to.one(at, &row.name, Named::Project, registered)?;
        let known = match registered.as_ref().map(|record| &record.body) {
            Some(Body::Project(project)) => Some(project.clone()),
            _ => None,
        };
        let mut project = known.unwrap_or_else(|| Project {
            name: row.name.clone(),
            project_type: (**row.project_type).clone(),
            year: *row.year,
            budget: Vec::new(),
            households: 0,
            village_batch: None,
            steps: vec![ReachedStage {
                stage: Stage::Proposed,
                on: row.on.unwrap_or(to.settings.as_of),
                by: to.settings.by,
                evidence: None,
            }],
            actual: None,
            reimbursed: None,
            end: None,
        });
        project.project_type = (**row.project_type).clone();
        project.budget.clone_from(&row.budget.0);
        project.households = row.households.unwrap_or(project.households);
        to.propose(at, *row.area, registered.as_ref(), Body::Project(project))?;
        Ok(())
    }
}
