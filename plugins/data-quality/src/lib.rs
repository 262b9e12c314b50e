//! Data quality: what does not fit together on a household's card, by the rules that counties really run.
//!
//! A finding counts whatever else is unknown; a card without one is clean only where everything that a rule needs is
//! known.
//! Start with [`rules`]. Which rules a policy cannot run, and who runs them, is in the README.

pub mod facts;
pub mod reason;
pub mod rules;
pub mod settings;

use lika_sdk::{About, Decision, Labels, LegalBasis, SubjectPolicy, export_subject_policy};

pub use reason::Reason;
pub use settings::Settings;

use facts::Case;
use rules::Findings;

/// The policy.
pub struct DataQuality;

/// What *granted* says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Labels)]
pub enum Category {
    /// Nothing was found.
    #[label("clean", zh = "未发现疑点", en = "nothing was found")]
    Clean,
}

impl SubjectPolicy for DataQuality {
    type Settings = Settings;
    type Subject<'a> = Case<'a>;
    type Category = Category;
    type Reason = Reason;

    const ABOUT: About = About {
        name: "data-quality",
        version: env!("CARGO_PKG_VERSION"),
        purpose: "data-quality",
        zh: "检查户卡数据之间的矛盾和疑点",
        en: "finds what does not fit together on a household's card",
        legal_basis: &[
            LegalBasis {
                number: Some("中办发[2014]25号"),
                title: "关于创新机制扎实推进农村扶贫开发工作的意见",
            },
            LegalBasis {
                number: Some("鄂发[2014]12号"),
                title: "关于创新机制扎实推进全省农村扶贫开发工作的实施意见",
            },
        ],
    };

    fn judge(settings: &Settings, case: &Case<'_>) -> Decision<Category, Reason> {
        let Findings {
            found,
            missing,
            comparisons,
        } = Findings::of(settings, case);
        let decision = if !found.is_empty() {
            Decision::refused().because_all(found)
        } else if missing.is_empty() {
            Decision::granted(Category::Clean)
        } else {
            Decision::undetermined(missing)
        };
        decision.compared_all(comparisons)
    }
}

export_subject_policy!(DataQuality);

#[cfg(test)]
mod tests;
