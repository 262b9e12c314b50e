//! S1.5: projects approved, contracted, posted, accepted and reimbursed in order, and money that keeps its purpose.

use lika_core::{
    record::{Body, Direction, Project, Stage},
    value::{AreaCode, Fen, RecordId, Year},
};

use super::{Scene, Tuanfeng, YEAR, rule};
use crate::scenario::{
    Figure, Row,
    scene::{
        Caller,
        money::{fund, outside},
        projects::project,
    },
};

/// In fen: what each of two channels gives, and what the project turns out to cost.
const OF_COUNTY: Fen = Fen(5_000_000);
const OF_TOWNSHIP: Fen = Fen(1_000_000);
const COST: Fen = Fen(5_800_000);

const COUNTY_BUDGET: &str = "county-budget";
const TOWNSHIP: &str = "township";

/// Projects that stand before a stage, and the funds of a township.
pub struct Projects {
    area: AreaCode,
    second: Caller,
    approved: RecordId,
    /// Proposed by the officer of the office, unless somebody else proposed another.
    proposed: RecordId,
    under_way: RecordId,
    accepted: RecordId,
    of_county: RecordId,
    of_township: RecordId,
}

impl Projects {
    /// Proposes and carries out, and opens an account for each channel.
    pub fn carry_out(scene: &mut Scene, area: AreaCode) -> anyhow::Result<Self> {
        let second = scene.appoint("xia", "county-office", scene.area())?;
        let treasury = scene.open_account(area, outside("财政所")?)?;
        let of_county = scene.open_account(area, fund(COUNTY_BUDGET, "infrastructure")?)?;
        let of_township = scene.open_account(area, fund(TOWNSHIP, "infrastructure")?)?;
        let mut given = Vec::new();
        for (fund, amount, channel) in [
            (of_county, OF_COUNTY, COUNTY_BUDGET),
            (of_township, OF_TOWNSHIP, TOWNSHIP),
        ] {
            let transfer = scene.transfer((treasury, fund), amount, Direction::In, channel)?;
            given.push((area, transfer));
        }
        scene.move_money(given)?;
        let office = scene.office();
        Ok(Self {
            approved: reach(scene, (&office, &second), area, Stage::Approved, COST)?,
            proposed: reach(scene, (&office, &second), area, Stage::Proposed, COST)?,
            under_way: reach(scene, (&office, &second), area, Stage::UnderWay, COST)?,
            accepted: reach(scene, (&office, &second), area, Stage::Accepted, COST)?,
            area,
            second,
            of_county,
            of_township,
        })
    }
}

impl Projects {
    /// Who approves and accepts beside the office.
    pub fn second(&self) -> &Caller {
        &self.second
    }
}

/// A project that one proposes and both bring to a stage.
fn reach(
    scene: &mut Scene,
    (first, second): (&Caller, &Caller),
    area: AreaCode,
    stage: Stage,
    cost: Fen,
) -> anyhow::Result<RecordId> {
    let budget = [(COUNTY_BUDGET, OF_COUNTY), (TOWNSHIP, OF_TOWNSHIP)];
    let proposal = project("村道硬化", "road", Year::new(YEAR)?, &budget)?;
    let proposed = scene.propose(first, area, proposal)?;
    for next in Stage::ALL {
        if next == Stage::Proposed || next > stage {
            continue;
        }
        let officer = match next {
            Stage::Approved | Stage::Accepted => second,
            _ => first,
        };
        let amount = (next == Stage::Accepted).then_some(cost);
        scene.advance(officer, &proposed, next, amount)?;
    }
    Ok(proposed)
}

/// S1.5.
pub fn rows() -> Vec<Row<Tuanfeng>> {
    let mut rows = stages();
    rows.extend(costs());
    rows.extend(purposes());
    rows
}

/// A project goes stage by stage, in two people's names.
fn stages() -> Vec<Row<Tuanfeng>> {
    vec![
        rule(
            ("S1.5", "a project is approved by who proposed it"),
            "same-person",
            |it| {
                it.advance(
                    it.projects.proposed,
                    &it.scene.office(),
                    Stage::Approved,
                    None,
                )
            },
            "somebody else proposed it",
            |it| {
                let (office, second) = (it.scene.office(), it.projects.second.clone());
                let between = (&second, &office);
                it.projects.proposed = reach(
                    &mut it.scene,
                    between,
                    it.projects.area,
                    Stage::Proposed,
                    COST,
                )?;
                Ok(())
            },
        ),
        rule(
            (
                "S1.5",
                "a project begins without a contract and a public notice",
            ),
            "stage-skipped",
            |it| {
                it.advance(
                    it.projects.approved,
                    &it.scene.office(),
                    Stage::UnderWay,
                    None,
                )
            },
            "it is contracted and posted",
            |it| {
                let (office, project) = (it.scene.office(), it.projects.approved);
                for stage in [Stage::Contracted, Stage::Noticed] {
                    it.scene.advance(&office, &project, stage, None)?;
                }
                Ok(())
            },
        ),
    ]
}

/// What it cost is accepted before it is paid.
fn costs() -> Vec<Row<Tuanfeng>> {
    vec![
        rule(
            (
                "S1.5",
                "what a project cost is written down before its acceptance",
            ),
            "not-accepted",
            Tuanfeng::write_cost,
            "it is accepted",
            |it| {
                let (second, project) = (it.projects.second.clone(), it.projects.under_way);
                it.scene
                    .advance(&second, &project, Stage::Accepted, Some(COST))
            },
        ),
        rule(
            ("S1.5", "one fen more is reimbursed than was accepted"),
            "invalid-field",
            |it| {
                let more = Some(Fen(COST.0 + 1));
                it.advance(
                    it.projects.accepted,
                    &it.scene.office(),
                    Stage::Reimbursed,
                    more,
                )
            },
            "the acceptance has found one fen more",
            |it| {
                let (office, second) = (it.scene.office(), it.projects.second.clone());
                let cost = Fen(COST.0 + 1);
                let between = (&office, &second);
                it.projects.accepted = reach(
                    &mut it.scene,
                    between,
                    it.projects.area,
                    Stage::Accepted,
                    cost,
                )?;
                Ok(())
            },
        ),
    ]
}

/// Money keeps its source.
fn purposes() -> Vec<Row<Tuanfeng>> {
    vec![
        rule(
            (
                "S1.5",
                "money of the township is booked to the fund of the county's",
            ),
            "other-channel",
            |it| {
                let Projects {
                    area,
                    of_county,
                    of_township,
                    ..
                } = it.projects;
                let between = (of_township, of_county);
                let transfer = it
                    .scene
                    .transfer(between, Fen(1), Direction::Internal, TOWNSHIP)?;
                Figure::of_attempt(it.scene.propose_transfer(area, transfer))
            },
            "it is booked to another fund of the township's",
            |it| {
                let account = fund(TOWNSHIP, "industry")?;
                it.projects.of_county = it.scene.open_account(it.projects.area, account)?;
                Ok(())
            },
        ),
        Row::<Tuanfeng>::new(
            ("S1.5", "what three projects plan of the township's money"),
            Figure::Money(Fen(3 * OF_TOWNSHIP.0)),
            |it| {
                let dimension = format!("project-budget/{TOWNSHIP}");
                let planned = it
                    .scene
                    .total(&it.projects.area, &dimension, u32::from(YEAR))?;
                Ok(Figure::Money(Fen(planned)))
            },
            "one more is approved",
            |it| {
                let (office, second) = (it.scene.office(), it.projects.second.clone());
                let (area, between) = (it.projects.area, (&office, &second));
                reach(&mut it.scene, between, area, Stage::Approved, COST).map(drop)
            },
        )
        .remark("planned together with the county's 150,000, separate in the books"),
    ]
}

impl Tuanfeng {
    fn advance(
        &mut self,
        project: RecordId,
        officer: &Caller,
        stage: Stage,
        amount: Option<Fen>,
    ) -> anyhow::Result<Figure> {
        Figure::of_attempt(self.scene.advance(officer, &project, stage, amount))
    }

    /// Writes the cost down without another stage.
    fn write_cost(&mut self) -> anyhow::Result<Figure> {
        let record = self.scene.get(&self.projects.under_way)?;
        let Body::Project(project) = &record.body else {
            anyhow::bail!("not a project")
        };
        let with_cost = Project {
            actual: Some(COST),
            ..project.clone()
        };
        Figure::of_attempt(self.scene.change(&record, with_cost))
    }
}
