//! S0.7: what is posted, what must not be, and who may object.

use anyhow::Context as _;
use lika_core::{
    command::Change,
    log::Action,
    record::{Objection, ObjectionFinding, ObjectionTexts},
    value::{AreaCode, Code, Date, RecordId, Text},
};

use super::{BEFORE, Scene, Taishun, county::WITHOUT_LABOUR};
use crate::scenario::{Figure, Row, people::id, scene::Levels};

const BOARD: &str = "村委会公示栏";
const NOTICE: &str = "notice";

/// Cases of households that have applied once more, each as far as its row needs it.
pub struct Notices {
    /// Where the list of the first is to hang.
    place: String,
    to_be_posted: RecordId,
    not_posted: RecordId,
    objected: RecordId,
    objection: RecordId,
    levels: Levels,
}

impl Notices {
    /// Three cases: one that can be posted, one that is not, and one that somebody objects to.
    pub fn prepare(scene: &mut Scene, village: AreaCode) -> anyhow::Result<Self> {
        scene.install("taishun", Date::new(BEFORE, 1, 1)?)?;
        let office = scene.office();
        let levels = Levels {
            village: office.clone(),
            township: office.clone(),
            county: office,
        };
        let households = (1..=3)
            .map(|number| scene.get(&id("household", WITHOUT_LABOUR + number)))
            .collect::<anyhow::Result<Vec<_>>>()?;
        let cases = scene.open_cases(&levels.village, "identification", &households)?;
        scene.pass(&levels, &cases, Some(NOTICE))?;
        let &[to_be_posted, not_posted, objected] = cases.as_slice() else {
            anyhow::bail!("not three cases")
        };
        let posted = hang(scene, objected, BOARD)?;
        let objection = scene.new_id("objection");
        let body = Objection {
            notice: posted,
            case: objected,
            received_on: scene.today(),
            answer_due: None,
            finding: None,
            texts: Some(ObjectionTexts {
                objection: Some(Text::parse("他家有小汽车")?),
                answer: None,
            }),
        };
        scene.apply(vec![Change::create(objection, village, body)])?;
        scene.go_to(days_later(scene.today(), 7)?);
        Ok(Self {
            place: "村委会，电话 13800138000".to_owned(),
            to_be_posted,
            not_posted,
            objected,
            objection,
            levels,
        })
    }
}

/// S0.7: rules, each by what becomes of breaking it.
pub fn rows() -> Vec<Row<Taishun>> {
    vec![
        Row::<Taishun>::new(
            ("S0.7", "a target list is posted with a phone number on it"),
            Figure::shown("forbidden-in-notice"),
            |taishun| {
                let Notices {
                    to_be_posted,
                    place,
                    ..
                } = &taishun.notices;
                let (case, place) = (*to_be_posted, place.clone());
                Figure::of_attempt(hang(&mut taishun.scene, case, &place).map(drop))
            },
            "the number is struck out",
            |taishun| {
                taishun.notices.place = BOARD.to_owned();
                Ok(())
            },
        ),
        Row::<Taishun>::new(
            (
                "S0.7",
                "a household is taken further without a public notice",
            ),
            Figure::shown("step-skipped"),
            |taishun| {
                let Notices {
                    not_posted, levels, ..
                } = &taishun.notices;
                let (case, officer) = (*not_posted, levels.township.clone());
                let review = taishun.scene.taken(&officer, "township-review")?;
                Figure::of_attempt(taishun.scene.take(&officer, &[case], &review))
            },
            "the list has hung for its seven days",
            |taishun| {
                let Notices {
                    not_posted, levels, ..
                } = &taishun.notices;
                let (case, levels) = (*not_posted, levels.clone());
                let scene = &mut taishun.scene;
                scene.pass(&levels, &[case], Some("township-review"))
            },
        ),
        Row::<Taishun>::new(
            (
                "S0.7",
                "a household is taken further over an open objection",
            ),
            Figure::shown("objection-open"),
            |taishun| {
                let Notices {
                    objected,
                    objection,
                    levels,
                    ..
                } = &taishun.notices;
                let (case, officer) = (*objected, levels.village.clone());
                let posted = taishun.objection(objection)?.1.notice;
                let mut taken = taishun.scene.taken(&officer, NOTICE)?;
                taken.notice = Some(posted);
                Figure::of_attempt(taishun.scene.take(&officer, &[case], &taken))
            },
            "the objection is answered",
            Taishun::answer,
        ),
    ]
}

impl Taishun {
    fn objection(&self, id: &RecordId) -> anyhow::Result<(lika_core::record::Record, Objection)> {
        let record = self.scene.get(id)?;
        match record.body.clone() {
            lika_core::record::Body::Objection(objection) => Ok((record, objection)),
            _ => anyhow::bail!("not an objection"),
        }
    }

    fn answer(&mut self) -> anyhow::Result<()> {
        let (record, mut objection) = self.objection(&self.notices.objection)?;
        objection.finding = Some(ObjectionFinding {
            answered_on: self.scene.today(),
            finding: Code::parse("dismissed")?,
            officer: self.scene.office().id,
        });
        if let Some(texts) = &mut objection.texts {
            texts.answer = Some(Text::parse("车是借的")?);
        }
        let answered = Change::of(&record, Action::Close, objection);
        self.scene.apply(vec![answered])
    }
}

/// Posts the list of one case from today on for the days of the procedure.
fn hang(scene: &mut Scene, case: RecordId, place: &str) -> anyhow::Result<RecordId> {
    let until = days_later(scene.today(), 7)?;
    let notice = scene.notice(&[case], place, until)?;
    scene.post_notice(notice)
}

fn days_later(day: Date, days: i32) -> anyhow::Result<Date> {
    day.plus_days(days).context("the days are over")
}
