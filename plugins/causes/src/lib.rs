//! Causes and measures (Sanming, S2.2): each cause of a household's poverty points to measures, and something of them
//! has to be planned for its members.
//!
//! Start with [`map`]. Health is no fact of a policy and is not needed: that illness is a cause is what the card says.

pub mod facts;
pub mod map;
pub mod reason;
pub mod settings;

use lika_sdk::{About, Decision, Labels, LegalBasis, SubjectPolicy, export_subject_policy};

pub use reason::Reason;
pub use settings::Settings;

use facts::{Case, Cause, Household};
use map::MeasureCode;

/// The policy.
pub struct Causes;

/// What *granted* says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Labels)]
pub enum Category {
    /// Every cause has its measures.
    #[label("planned", zh = "措施对应到位", en = "every cause has its measures")]
    Planned,
}

impl SubjectPolicy for Causes {
    type Settings = Settings;
    type Subject<'a> = Case<'a>;
    type Category = Category;
    type Reason = Reason;

    const ABOUT: About = About {
        name: "causes",
        version: env!("CARGO_PKG_VERSION"),
        purpose: "causes",
        zh: "按“四因四缺”检查每个致贫原因是否有对应的帮扶措施",
        en: "checks that every cause of a household's poverty has a measure that it points to",
        legal_basis: &[
            LegalBasis {
                number: None,
                title: "三明市“348”精准扶贫（四因四缺）",
            },
            LegalBasis {
                number: None,
                title: "芦溪县关于全面推进精准扶贫工作的实施意见（十大扶贫措施）",
            },
        ],
    };

    fn judge(settings: &Settings, case: &Case<'_>) -> Decision<Category, Reason> {
        if case.household.main_cause.present().is_none() || case.causes.is_empty() {
            return Decision::undetermined(vec![Household::MAIN_CAUSE.of(0)]);
        }
        let mut planned = Vec::new();
        let mut missing = Vec::new();
        for (row, cause) in (0_u32..).zip(&case.causes) {
            if !cause.main && !settings.other_causes {
                continue;
            }
            let (has_enough, reason) = plan(settings, case, cause);
            let reasons = if has_enough {
                &mut planned
            } else {
                &mut missing
            };
            reasons.push((reason, vec![Cause::CODE.of(row)]));
        }
        let decision = if missing.is_empty() {
            Decision::granted(Category::Planned)
        } else {
            Decision::refused()
        };
        let reasons = missing.into_iter().chain(planned);
        decision.because_all(reasons)
    }
}

/// Whether enough is planned against one cause, and what. A measure for which nobody is planned is none.
fn plan(settings: &Settings, case: &Case<'_>, cause: &Cause) -> (bool, Reason) {
    let pointed = map::measures(cause.code);
    let is_planned = |measure: &MeasureCode| {
        let mut planned = case.measures.iter();
        planned.any(|own| own.code == *measure && own.people > 0)
    };
    let found: Vec<MeasureCode> = pointed.iter().copied().filter(is_planned).collect();
    let have = i64::try_from(found.len()).unwrap_or(i64::MAX);
    let most = i64::try_from(pointed.len()).unwrap_or(i64::MAX);
    // No cause asks for more measures than it points to.
    let need = settings.measures_per_cause.min(most);
    let label = cause.code.label();
    let (cause_zh, cause_en) = (label.zh.to_owned(), label.en.to_owned());
    let reason = if have >= need {
        let (measures_zh, measures_en) = map::names(&found);
        Reason::Planned {
            cause_zh,
            measures_zh,
            cause_en,
            measures_en,
        }
    } else {
        let (measures_zh, measures_en) = map::names(pointed);
        Reason::Missing {
            cause_zh,
            measures_zh,
            have,
            need,
            cause_en,
            measures_en,
        }
    };
    (have >= need, reason)
}

export_subject_policy!(Causes);

#[cfg(test)]
mod tests;
