//! S1.1: step by step, each level at its own, within the county's scale, and linked with the allowance list.

use anyhow::Context as _;
use lika_core::{
    log::Kind,
    record::{Body, Member, OfficialStatistic, Outcome, Record, Taken},
    value::{AreaCode, Code, Fen, RecordId, Year},
};

use super::{Levels, Scene, Tuanfeng, YEAR, rule, settle};
use crate::scenario::{
    Figure, Row,
    people::{self, id},
    scene::{Caller, carried},
};

const KIND: &str = "identification";
const BOARD: &str = "村委会公示栏";
const LINKED: &str = "data-quality";
/// Households of these rows are numbered from here on.
const FIRST: usize = 100;
/// Of the allowance by its type.
const OF_ALLOWANCE: usize = 120;
const COMPLETED: usize = 110;
/// Of the village whose quota is used up.
const BEYOND: usize = 130;
/// How many may be identified in a village in a year.
const SCALE: &str = "identification-quota";
const QUOTA: &str = "quota";
/// Days of the notice by the county's procedure.
const DAYS: i32 = 10;

/// Cases that stand before a step that somebody tries to take too early, too low, or alone.
pub struct Identification {
    to_be_appraised: RecordId,
    to_be_posted: RecordId,
    /// For so long the list of that one is to hang.
    days: i32,
    posted: RecordId,
    notice: RecordId,
    to_be_reviewed: RecordId,
    to_be_approved: RecordId,
    /// Who is to approve that one.
    approving: Caller,
    /// Its village may identify nobody.
    beyond: RecordId,
}

impl Identification {
    /// Registers the households and brings each case before its step; in the second village, whose quota is used up, only
    /// one.
    pub fn begin(
        scene: &mut Scene,
        levels: &Levels,
        [village, full]: [AreaCode; 2],
    ) -> anyhow::Result<Self> {
        let mut cases = Vec::new();
        for number in FIRST..FIRST + 5 {
            let household = settle(scene, village, number, people::household("general")?, 2)?;
            cases.extend(scene.open_cases(&levels.village, KIND, &[household])?);
        }
        let &[
            to_be_appraised,
            to_be_posted,
            posted,
            to_be_reviewed,
            to_be_approved,
        ] = cases.as_slice()
        else {
            anyhow::bail!("not five cases")
        };
        // The office can do what the township does: who is to approve has reviewed.
        let alone = Levels {
            township: levels.county.clone(),
            ..levels.clone()
        };
        scene.pass(levels, &[to_be_reviewed], Some("township-review"))?;
        scene.pass(&alone, &[to_be_approved], Some("county-approval"))?;
        complete(scene, levels, village)?;
        link(scene, village)?;
        let beyond = limit(scene, levels, full)?;
        scene.pass(levels, &[to_be_posted, posted], Some("notice"))?;
        let until = scene.today().plus_days(DAYS);
        let list = scene.notice(&[posted], BOARD, until.context("the days are over")?)?;
        Ok(Self {
            to_be_appraised,
            to_be_posted,
            days: DAYS - 1,
            posted,
            notice: scene.post_notice(list)?,
            to_be_reviewed,
            to_be_approved,
            approving: levels.county.clone(),
            beyond,
        })
    }
}

/// One goes all its way.
fn complete(scene: &mut Scene, levels: &Levels, village: AreaCode) -> anyhow::Result<()> {
    let household = settle(scene, village, COMPLETED, people::household("general")?, 3)?;
    let case = scene.open_cases(&levels.village, KIND, &[household])?;
    scene.pass(levels, &case, None)?;
    scene.end_cases(&levels.county, &case, "completed")
}

/// A household that says it is of the allowance, and nobody in it is on the list.
fn link(scene: &mut Scene, village: AreaCode) -> anyhow::Result<()> {
    settle(
        scene,
        village,
        OF_ALLOWANCE,
        people::household("allowance-only")?,
        1,
    )?;
    let person = scene.get(&id("member", OF_ALLOWANCE * 100))?;
    draw(scene, &person, false)?;
    scene.enact(LINKED, scene.today())?;
    scene.evaluate_in(LINKED, &village)
}

fn draw(scene: &mut Scene, person: &Record, draws: bool) -> anyhow::Result<()> {
    let Body::Member(member) = &person.body else {
        anyhow::bail!("not a member")
    };
    let member = Member {
        allowance: Some(draws),
        ..member.clone()
    };
    scene.change(person, member)
}

/// A village that may identify nobody this year, as the policy sees it.
fn limit(scene: &mut Scene, levels: &Levels, village: AreaCode) -> anyhow::Result<RecordId> {
    let household = settle(scene, village, BEYOND, people::household("general")?, 2)?;
    let last_year = Year::new(YEAR - 1)?;
    let income = people::income(village, BEYOND, (last_year, 2), Fen(200_000));
    scene.apply(vec![income])?;
    // The village has no officer of its own; the township takes its steps.
    let levels = Levels {
        village: levels.township.clone(),
        ..levels.clone()
    };
    let case = scene.open_cases(&levels.village, KIND, &[household])?;
    scene.pass(&levels, &case, Some("county-approval"))?;
    let [beyond] = case[..] else {
        anyhow::bail!("not one case")
    };
    let scale = (SCALE, Year::new(YEAR)?);
    scene.apply(vec![people::statistic(village, scale, 0, "湖北省扶贫办")?])?;
    scene.enact_in(&village, QUOTA, "", scene.today())?;
    scene.evaluate_in(QUOTA, &village)?;
    Ok(beyond)
}

/// S1.1.
pub fn rows() -> Vec<Row<Tuanfeng>> {
    let mut rows = in_order();
    rows.extend(levels());
    rows.extend(linked_and_limited());
    rows
}

/// Step after step, each in its time.
fn in_order() -> Vec<Row<Tuanfeng>> {
    vec![
        rule(
            (
                "S1.1",
                "a household is surveyed before the village has appraised it",
            ),
            "step-skipped",
            |it| {
                it.attempt(
                    it.identification.to_be_appraised,
                    "survey",
                    &it.levels.village.clone(),
                )
            },
            "the village appraises it",
            |it| {
                let case = it.identification.to_be_appraised;
                let levels = it.levels.clone();
                it.scene.pass(&levels, &[case], Some("survey"))
            },
        ),
        rule(
            ("S1.1", "a list is posted for nine days"),
            "notice-too-short",
            |it| Figure::of_attempt(it.post()),
            "it is posted for ten",
            |it| {
                it.identification.days = DAYS;
                Ok(())
            },
        ),
        rule(
            ("S1.1", "a household is taken further while its list hangs"),
            "clock-running",
            Tuanfeng::go_on_while_posted,
            "the days pass",
            |it| {
                let until = it.scene.today().plus_days(DAYS);
                it.scene.go_to(until.context("the days are over")?);
                Ok(())
            },
        ),
    ]
}

/// Each level takes its own steps, and nobody alone.
fn levels() -> Vec<Row<Tuanfeng>> {
    vec![
        rule(
            ("S1.1", "the village takes the step of the township"),
            "level-too-low",
            |it| {
                let village = it.levels.village.clone();
                it.attempt(
                    it.identification.to_be_reviewed,
                    "township-review",
                    &village,
                )
            },
            "its cadre is made an officer of the township there",
            |it| {
                let village = it.levels.village.clone();
                it.scene.give_role(&village, "township-officer", it.village)
            },
        ),
        rule(
            (
                "S1.1",
                "the county approves what the same officer has reviewed",
            ),
            "same-person",
            |it| {
                let officer = it.identification.approving.clone();
                it.attempt(
                    it.identification.to_be_approved,
                    "county-approval",
                    &officer,
                )
            },
            "somebody else approves",
            |it| {
                let area = it.scene.area();
                it.identification.approving = it.scene.appoint("qiu", "county-office", area)?;
                Ok(())
            },
        ),
    ]
}

/// What the procedure leads to, and what it is held against.
fn linked_and_limited() -> Vec<Row<Tuanfeng>> {
    vec![
        rule(
            (
                "S1.1",
                "how the identification of a household ended that took every step",
            ),
            "completed",
            Tuanfeng::last_identification,
            "it is identified once more, and the village rejects it",
            Tuanfeng::reject,
        ),
        rule(
            (
                "S1.1",
                "a household of the allowance in which nobody is on the allowance list",
            ),
            "allowance-household-without-allowance",
            Tuanfeng::linked,
            "somebody in it is put on the list",
            |it| {
                let person = it.scene.get(&id("member", OF_ALLOWANCE * 100))?;
                draw(&mut it.scene, &person, true)?;
                it.scene.evaluate_in(LINKED, &it.village)
            },
        )
        .remark("the reason that the data-quality policy gives"),
        rule(
            (
                "S1.1",
                "a household is approved beyond the quota of its village",
            ),
            "refused-by-policy",
            |it| {
                let county = it.levels.county.clone();
                it.attempt(it.identification.beyond, "county-approval", &county)
            },
            "the village is given a place",
            |it| {
                let village = it.full;
                let scale = Code::parse(SCALE)?;
                let own = OfficialStatistic::id_for(&village, &scale, Year::new(YEAR)?);
                let record = it.scene.get(&own)?;
                let Body::OfficialStatistic(quota) = record.body.clone() else {
                    anyhow::bail!("not a figure")
                };
                let one = OfficialStatistic { value: 1, ..quota };
                it.scene.change(&record, one)?;
                it.scene.evaluate_in(QUOTA, &village)
            },
        ),
    ]
}

impl Tuanfeng {
    /// What comes of a step that an officer takes of a case.
    fn attempt(&mut self, case: RecordId, step: &str, officer: &Caller) -> anyhow::Result<Figure> {
        let taken = self.scene.taken(officer, step)?;
        Figure::of_attempt(self.scene.take(officer, &[case], &taken))
    }

    fn post(&mut self) -> anyhow::Result<()> {
        let Identification {
            to_be_posted, days, ..
        } = self.identification;
        let until = self.scene.today().plus_days(days);
        let until = until.context("the days are over")?;
        let list = self.scene.notice(&[to_be_posted], BOARD, until)?;
        self.scene.post_notice(list).map(drop)
    }

    fn go_on_while_posted(&mut self) -> anyhow::Result<Figure> {
        let Identification { posted, notice, .. } = self.identification;
        let officer = self.levels.village.clone();
        let taken = Taken {
            notice: Some(notice),
            ..self.scene.taken(&officer, "notice")?
        };
        Figure::of_attempt(self.scene.take(&officer, &[posted], &taken))
    }

    fn last_identification(&mut self) -> anyhow::Result<Figure> {
        let cases = self.scene.list_closed(Kind::Case, &self.village)?;
        let household = id("household", COMPLETED);
        let last = cases
            .iter()
            .filter_map(|record| match &record.body {
                Body::Case(case) if case.subject.is_some_and(|it| it.id == household) => Some(case),
                _ => None,
            })
            .max_by_key(|case| case.opened_on);
        let end = last.and_then(|case| case.end.as_ref());
        Ok(Figure::Shown(end.context("it has not ended")?.to_string()))
    }

    fn reject(&mut self) -> anyhow::Result<()> {
        let (village, county) = (self.levels.village.clone(), self.levels.county.clone());
        let household = self.scene.get(&id("household", COMPLETED))?;
        let case = self.scene.open_cases(&village, KIND, &[household])?;
        let rejected = Taken {
            votes: Some(carried()),
            result: Code::parse("rejected")?,
            ..self.scene.taken(&village, "appraisal")?
        };
        self.scene.take(&village, &case, &rejected)?;
        self.scene.end_cases(&county, &case, "rejected")
    }

    /// The reason about the allowance, where there is one.
    fn linked(&mut self) -> anyhow::Result<Figure> {
        let decision = self
            .scene
            .decision(LINKED, &id("household", OF_ALLOWANCE))?;
        let mut reasons = decision.reasons.iter().map(|reason| reason.code.as_str());
        let found = reasons.find(|code| code.starts_with("allowance-"));
        anyhow::ensure!(
            found.is_none() || decision.outcome == Outcome::Refused,
            "a reason against it does not refuse it"
        );
        Ok(Figure::shown(found.unwrap_or("none")))
    }
}
