//! Exit review: whether a household may leave the register, or having left still meets the conditions. The seven
//! conditions of Luxi (S4.11), the targets of Guangdong (S3.3), and what a county adds, each a setting.
//!
//! A condition that is not met is a *no* whatever else is unknown; where none fails, an unknown one goes to a person.
//! Start with [`review`].

pub mod facts;
pub mod reason;
pub mod review;
pub mod settings;

use lika_sdk::{About, Decision, Labels, LegalBasis, SubjectPolicy, export_subject_policy};

pub use reason::Reason;
pub use settings::Settings;

use facts::Household;
use review::Review;

/// The policy.
pub struct ExitReview;

/// What *granted* says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Labels)]
pub enum Category {
    /// Still registered, and every condition is met.
    #[label("may-exit", zh = "可以退出", en = "may exit")]
    MayExit,
    /// Exited, and every condition is still met.
    #[label("stays-out", zh = "脱贫稳定", en = "has exited and stays out")]
    StaysOut,
}

impl SubjectPolicy for ExitReview {
    type Settings = Settings;
    type Subject<'a> = Household;
    type Category = Category;
    type Reason = Reason;

    const ABOUT: About = About {
        name: "exit-review",
        version: env!("CARGO_PKG_VERSION"),
        purpose: "exit-review",
        zh: "按“七个确保”、收入目标和本县附加条件评估贫困户能否退出",
        en: "reviews by the seven conditions, the income targets and a county's own whether a household may exit",
        legal_basis: &[
            LegalBasis {
                number: None,
                title: "芦溪县关于全面推进精准扶贫工作的实施意见",
            },
            LegalBasis {
                number: None,
                title: "广东省扶贫开发“规划到户、责任到人”工作考核评估办法（2011年，2013年修订）",
            },
        ],
    };

    fn judge(settings: &Settings, household: &Household) -> Decision<Category, Reason> {
        let Review {
            failed,
            missing,
            comparisons,
        } = Review::of(settings, household);
        let decision = if !failed.is_empty() {
            Decision::refused().because_all(failed)
        } else if !missing.is_empty() {
            Decision::undetermined(missing)
        } else if household.exit_year.is_some() {
            Decision::granted(Category::StaysOut).because(Reason::AllMet)
        } else {
            Decision::granted(Category::MayExit).because(Reason::AllMet)
        };
        decision.compared_all(comparisons)
    }
}

export_subject_policy!(ExitReview);

#[cfg(test)]
mod tests;
