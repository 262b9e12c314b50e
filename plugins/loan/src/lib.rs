//! Loans to households: whether one is within what the county lends (S0.5, S2.5, S4.10).
//!
//! Everything that speaks against an application is said at once. What the fund can still guarantee is no question of the
//! policy: the node holds every disbursement against it.
//! Start with [`terms`].

pub mod facts;
pub mod reason;
pub mod settings;
pub mod terms;

use lika_sdk::{About, Decision, Labels, LegalBasis, SubjectPolicy, export_subject_policy};

pub use reason::Reason;
pub use settings::Settings;

use facts::{Application, Case};
use terms::Terms;

/// The policy.
pub struct Loan;

/// As what a loan is granted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Labels)]
pub enum Category {
    /// A loan within the terms.
    #[label("loan", zh = "小额贷款", en = "loan")]
    Loan,
}

impl SubjectPolicy for Loan {
    type Settings = Settings;
    type Subject<'a> = Case;
    type Category = Category;
    type Reason = Reason;

    const ABOUT: About = About {
        name: "loan",
        version: env!("CARGO_PKG_VERSION"),
        purpose: "loan",
        zh: "审核农户小额贷款申请是否符合本县规定",
        en: "says whether an application is within the terms on which the county lends",
        legal_basis: &[
            LegalBasis {
                number: None,
                title: "泰顺县低收入农户扶贫担保基金小额贷款做法",
            },
            LegalBasis {
                number: None,
                title: "三明市“348”精准扶贫（扶贫小额信贷担保基金）",
            },
        ],
    };

    fn judge(settings: &Settings, case: &Case) -> Decision<Category, Reason> {
        let application = &case.application;
        let Terms {
            against,
            missing,
            comparisons,
        } = Terms::of(settings, application);
        let decision = if !against.is_empty() {
            Decision::refused().because_all(against)
        } else if missing.is_empty() {
            let (amount, months) = (application.amount, application.months);
            let cells = vec![Application::AMOUNT.of(0), Application::MONTHS.of(0)];
            Decision::granted(Category::Loan)
                .because_of(Reason::WithinTerms { amount, months }, cells)
                .amount(amount)
        } else {
            Decision::undetermined(missing)
        };
        decision.compared_all(comparisons)
    }
}

export_subject_policy!(Loan);

#[cfg(test)]
mod tests;
