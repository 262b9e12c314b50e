//! Assessment of townships: points for people exited, growth of income and services, and the grade that they make.
//!
//! Each item earns its weight in full when its goal is reached, nothing where nothing was done, and in between in
//! proportion. The score is what was earned of all weights, in hundredths of a point of 100.

pub mod facts;
pub mod reason;
pub mod settings;

use lika_sdk::decision::Cell;
use lika_sdk::{About, Decision, Labels, LegalBasis, State, SubjectPolicy, export_subject_policy};

pub use reason::Reason;
pub use settings::Settings;

use facts::{Case, Township};

/// Hundredths of a point in a point.
const HUNDREDTHS: i128 = 100;
/// Points of a full score.
const FULL: i128 = 100;
/// Years of a settlement.
const YEARS: i64 = 3;
const WHOLE: i64 = 1_000_000;

/// The policy.
pub struct Assessment;

/// How a township did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Labels)]
pub enum Grade {
    /// 优秀.
    #[label("excellent", zh = "优秀", en = "excellent")]
    Excellent,
    /// 良好.
    #[label("good", zh = "良好", en = "good")]
    Good,
    /// 合格.
    #[label("passing", zh = "合格", en = "passing")]
    Passing,
    /// 不合格.
    #[label("failing", zh = "不合格", en = "failing")]
    Failing,
}

/// What was earned so far.
#[derive(Default)]
struct Points {
    earned: i64,
    weights: i64,
    reasons: Vec<(Reason, Vec<Cell>)>,
    missing: Vec<Cell>,
}

impl SubjectPolicy for Assessment {
    type Settings = Settings;
    type Subject<'a> = Case;
    type Category = Grade;
    type Reason = Reason;

    const ABOUT: About = About {
        name: "assessment",
        version: env!("CARGO_PKG_VERSION"),
        purpose: "assessment",
        zh: "按减贫人数、收入增幅和公共服务考核乡镇",
        en: "assesses townships on people exited, growth of income and services",
        legal_basis: &[
            LegalBasis {
                number: None,
                title: "芦溪县关于全面推进精准扶贫工作的实施意见（一年一考核）",
            },
            LegalBasis {
                number: None,
                title: "广东省扶贫开发“规划到户、责任到人”工作考核评估办法（一年一考核、三年结硬账）",
            },
        ],
    };

    fn judge(settings: &Settings, case: &Case) -> Decision<Grade, Reason> {
        let Points {
            earned,
            weights,
            reasons,
            missing,
        } = Points::of(settings, &case.township);
        if !missing.is_empty() {
            return Decision::undetermined(missing);
        }
        if weights == 0 {
            return Decision::refused().because(Reason::NoWeights);
        }
        let score = i64::try_from(i128::from(earned) * FULL / i128::from(weights));
        let score = score.unwrap_or(i64::MAX);
        let mut decision = Decision::granted(grade(settings, score)).because_all(reasons);
        decision.score = Some(score);
        decision
    }
}

fn grade(settings: &Settings, score: i64) -> Grade {
    if score >= settings.excellent {
        Grade::Excellent
    } else if score >= settings.good {
        Grade::Good
    } else if score >= settings.passing {
        Grade::Passing
    } else {
        Grade::Failing
    }
}

impl Points {
    fn of(settings: &Settings, township: &Township) -> Self {
        let mut points = Self::default();
        points.exits(settings, township);
        let growth = (township.growth, Township::GROWTH.of(0));
        points.item(
            settings.growth_weight,
            settings.growth_goal.get(),
            (growth.0, growth.1),
            |growth| growth.get(),
            |growth, points| Reason::Growth { growth, points },
        );
        points.item(
            settings.services_weight,
            settings.services_goal,
            (township.services, Township::SERVICES.of(0)),
            |projects| projects,
            |projects, points| Reason::Services { projects, points },
        );
        points.item(
            settings.satisfaction_weight,
            WHOLE,
            (township.satisfied, Township::SATISFIED.of(0)),
            |satisfied| satisfied.get(),
            |satisfied, points| Reason::Satisfaction { satisfied, points },
        );
        points
    }

    fn exits(&mut self, settings: &Settings, township: &Township) {
        let (exited, fact) = if settings.settlement {
            (township.exited_in_three, Township::EXITED_IN_THREE)
        } else {
            (township.exited, Township::EXITED)
        };
        let goal = match (township.goal, settings.exits_goal) {
            (State::Present(goal), _) if goal > 0 => goal,
            (_, goal) if goal > 0 => goal,
            _ if settings.exits_weight == 0 => return,
            _ => return self.missing.push(Township::GOAL.of(0)),
        };
        let goal = goal.saturating_mul(if settings.settlement { YEARS } else { 1 });
        self.item(
            settings.exits_weight,
            goal,
            (exited, fact.of(0)),
            |people| people,
            |people, points| Reason::Exits {
                people,
                goal,
                points,
            },
        );
    }

    /// An item without a weight is not asked for.
    fn item<T: Copy>(
        &mut self,
        weight: i64,
        goal: i64,
        (value, cell): (State<T>, Cell),
        number: impl Fn(T) -> i64,
        reason: impl Fn(T, i64) -> Reason,
    ) {
        if weight == 0 {
            return;
        }
        let Some(value) = value.present() else {
            return self.missing.push(cell);
        };
        let reached = number(value).clamp(0, goal);
        let earned = i128::from(weight) * HUNDREDTHS * i128::from(reached) / i128::from(goal);
        let earned = i64::try_from(earned).unwrap_or(i64::MAX);
        self.weights = self.weights.saturating_add(weight);
        self.earned = self.earned.saturating_add(earned);
        self.reasons.push((reason(value, earned), vec![cell]));
    }
}

export_subject_policy!(Assessment);

#[cfg(test)]
mod tests;
