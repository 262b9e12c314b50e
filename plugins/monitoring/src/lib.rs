//! Monitoring against relapse: who has exited and is unstable, who is at the margin, and whom something serious has
//! struck.
//!
//! A risk that is found counts whatever else is unknown; where none is found, an unknown one goes to a person.
//! Start with [`risks`].

pub mod facts;
pub mod reason;
pub mod risks;
pub mod settings;

use lika_sdk::{About, Decision, Labels, LegalBasis, SubjectPolicy, export_subject_policy};

pub use reason::Reason;
pub use settings::Settings;

use facts::{Case, Household};
use risks::Risks;

/// The policy.
pub struct Monitoring;

/// As what a household is monitored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Labels)]
pub enum Category {
    /// Exited, and at risk.
    #[label(
        "exited-unstable",
        zh = "脱贫不稳定户",
        en = "unstable exited household"
    )]
    ExitedUnstable,
    /// Never registered as poor, and at risk.
    #[label("marginal", zh = "边缘易致贫户", en = "marginal household at risk")]
    Marginal,
    /// Struck by what it could not help.
    #[label(
        "sudden-hardship",
        zh = "突发严重困难户",
        en = "sudden serious hardship"
    )]
    SuddenHardship,
}

impl SubjectPolicy for Monitoring {
    type Settings = Settings;
    type Subject<'a> = Case<'a>;
    type Category = Category;
    type Reason = Reason;

    const ABOUT: About = About {
        name: "monitoring",
        version: env!("CARGO_PKG_VERSION"),
        purpose: "monitoring",
        zh: "识别脱贫不稳定户、边缘易致贫户和突发严重困难户",
        en: "finds unstable exited households, marginal households at risk and those in sudden serious hardship",
        legal_basis: &[
            LegalBasis {
                number: None,
                title: "广东省“双到”扶贫模式（脱贫后跟踪三年）",
            },
            LegalBasis {
                number: None,
                title: "芦溪县关于全面推进精准扶贫工作的实施意见",
            },
        ],
    };

    fn judge(settings: &Settings, case: &Case<'_>) -> Decision<Category, Reason> {
        let household = &case.household;
        let Some(exited) = has_exited(household) else {
            return Decision::refused().because_of(
                Reason::StillRegistered,
                vec![Household::REGISTERED_TYPE.of(0)],
            );
        };
        let Risks {
            lasting,
            sudden,
            missing,
            comparisons,
        } = Risks::of(settings, case);
        let category = match (lasting.is_empty(), sudden.is_empty()) {
            (false, _) if exited => Some(Category::ExitedUnstable),
            (false, _) => Some(Category::Marginal),
            (true, false) => Some(Category::SuddenHardship),
            (true, true) => None,
        };
        let decision = match category {
            Some(category) => {
                let found = lasting.into_iter().chain(sudden);
                let decision = Decision::granted(category).because_all(found);
                if household.risk_removed == Some(true) {
                    let cells = vec![Household::RISK_REMOVED.of(0)];
                    decision.because_of(Reason::RiskMarkedRemoved, cells)
                } else {
                    decision
                }
            }
            None if missing.is_empty() => Decision::refused().because(Reason::NoRisk),
            None => Decision::undetermined(missing),
        };
        decision.compared_all(comparisons)
    }
}

/// Whether a household has exited, or was never registered as poor; none for one that still is.
fn has_exited(household: &Household<'_>) -> Option<bool> {
    match household.registered_type.0 {
        "exited" | "exited-unstable" => Some(true),
        "marginal" | "sudden-hardship" => Some(household.exit_year.is_some()),
        _ => household.exit_year.map(|_| true),
    }
}

export_subject_policy!(Monitoring);

#[cfg(test)]
mod tests;
