//! Screening by lines of income: an absolute one (Taishun, S0.1), one relative to the published rural income
//! (Guangdong, S3.1), or both; urban hardship families by the same steps (Sanming, S2.9).
//!
//! Who is poor and cannot work goes to social relief, it is not dropped.
//! Start with [`lines`].

pub mod facts;
pub mod lines;
pub mod reason;
pub mod settings;

use lika_sdk::{
    About, Decision, Labels, LegalBasis, SubjectPolicy, decision::Cell, export_subject_policy,
};

pub use reason::Reason;
pub use settings::Settings;

use facts::{Case, Household};
use lines::Lines;

/// The policy.
pub struct Screening;

/// What a household is registered as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Labels)]
pub enum Category {
    /// Able and willing to work its way out.
    #[label("development", zh = "扶贫开发户", en = "development household")]
    Development,
    /// Poor, and nobody is able to work.
    #[label("social-relief", zh = "社会救助", en = "social relief")]
    SocialRelief,
}

impl SubjectPolicy for Screening {
    type Settings = Settings;
    type Subject<'a> = Case;
    type Category = Category;
    type Reason = Reason;

    const ABOUT: About = About {
        name: "screening",
        version: env!("CARGO_PKG_VERSION"),
        purpose: "screening",
        zh: "按人均纯收入的绝对线和相对线识别贫困户，无劳动能力的转社会救助",
        en: "finds the poor households by absolute and relative lines of income, and sends who cannot work to relief",
        legal_basis: &[
            LegalBasis {
                number: Some("中办发[2014]25号"),
                title: "关于创新机制扎实推进农村扶贫开发工作的意见",
            },
            LegalBasis {
                number: None,
                title: "泰顺县“一户一策一干部”模式",
            },
            LegalBasis {
                number: None,
                title: "广东省农村扶贫开发条例（2011年11月）",
            },
            LegalBasis {
                number: None,
                title: "三明市关于深入开展城市困难家庭精准帮扶工作的指导意见（2017年5月）",
            },
        ],
    };

    fn judge(settings: &Settings, case: &Case) -> Decision<Category, Reason> {
        let lines = Lines::of(settings, case);
        let decision = if lines.any() {
            decide(settings, case, &lines)
        } else {
            Decision::undetermined(Vec::new()).because(Reason::NoLine)
        };
        decision.compared_all(lines.comparisons)
    }
}

/// Under one line is poor, whatever the others say; not under any is not, if all could be drawn.
fn decide(settings: &Settings, case: &Case, lines: &Lines) -> Decision<Category, Reason> {
    let household = &case.household;
    if lines.under.is_empty() {
        if !lines.missing.is_empty() {
            return Decision::undetermined(lines.missing.clone());
        }
        let not_under = lines.not_under.iter().cloned();
        return Decision::refused().because_all(not_under.map(|reason| (reason, income())));
    }
    let under = |decision: Decision<Category, Reason>| {
        lines.under.iter().fold(decision, |decision, line| {
            let income_of = Reason::UnderLine {
                income: household.income,
                line: *line,
            };
            decision.because_of(income_of, income())
        })
    };
    if settings.labour {
        match household.able_to_work.present() {
            Some(true) => {}
            Some(false) => {
                let cells = vec![Household::ABLE_TO_WORK.of(0)];
                let decision = Decision::granted(Category::SocialRelief);
                return under(decision.because_of(Reason::NoLabour, cells));
            }
            None => return Decision::undetermined(vec![Household::ABLE_TO_WORK.of(0)]),
        }
    }
    if settings.willingness {
        let cells = vec![Household::WILLING.of(0)];
        match household.willing.present() {
            Some(true) => {}
            Some(false) => return Decision::refused().because_of(Reason::NotWilling, cells),
            None => return Decision::undetermined(cells),
        }
    }
    under(Decision::granted(Category::Development))
}

fn income() -> Vec<Cell> {
    vec![Household::INCOME.of(0)]
}

export_subject_policy!(Screening);

#[cfg(test)]
mod tests;
