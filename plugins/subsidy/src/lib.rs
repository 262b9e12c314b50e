//! Interest subsidies: how much of a loan's interest the fund takes over in all (S0.5).
//!
//! What is taken over is interest that the household has paid for days before the loan was overdue. The amount is what
//! the fund takes over in all, not what it still has to pay: the node adds up, so that asking twice pays once.

pub mod facts;
pub mod reason;
pub mod settings;

use lika_sdk::{
    About, Decision, Fen, Labels, LegalBasis, Rounding, SubjectPolicy, export_subject_policy,
};

pub use reason::Reason;
pub use settings::Settings;

use facts::{Case, Loan};

/// The policy.
pub struct Subsidy;

/// As what interest is taken over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Labels)]
pub enum Category {
    /// An interest subsidy.
    #[label("subsidy", zh = "贷款贴息", en = "interest subsidy")]
    Subsidy,
}

impl SubjectPolicy for Subsidy {
    type Settings = Settings;
    type Subject<'a> = Case;
    type Category = Category;
    type Reason = Reason;

    const ABOUT: About = About {
        name: "subsidy",
        version: env!("CARGO_PKG_VERSION"),
        purpose: "subsidy",
        zh: "核定担保基金对贷款利息的贴息总额",
        en: "says how much of a loan's interest the guarantee fund takes over in all",
        legal_basis: &[LegalBasis {
            number: None,
            title: "泰顺县低收入农户扶贫担保基金小额贷款做法",
        }],
    };

    fn judge(settings: &Settings, case: &Case) -> Decision<Category, Reason> {
        let loan = &case.loan;
        if loan.blacklisted {
            let cells = vec![Loan::BLACKLISTED.of(0)];
            return Decision::refused().because_of(Reason::Blacklisted, cells);
        }
        if settings.guaranteed_only && !loan.guaranteed {
            let cells = vec![Loan::GUARANTEED.of(0)];
            return Decision::refused().because_of(Reason::NotGuaranteed, cells);
        }
        let interest = in_time(settings, loan);
        let Some(subsidy) = taken_over(settings, loan, interest) else {
            return Decision::undetermined(vec![Loan::INTEREST_PAID.of(0)]);
        };
        let paid = Loan::INTEREST_PAID.of(0);
        if subsidy <= Fen::ZERO {
            return Decision::refused().because_of(Reason::NoInterestPaid, vec![paid]);
        }
        let mut decision = Decision::granted(Category::Subsidy)
            .because_of(Reason::InterestPaid { interest, subsidy }, vec![paid])
            .amount(subsidy);
        let late = loan.interest_paid.checked_sub(interest);
        if let Some(late) = late.filter(|late| *late > Fen::ZERO) {
            let cells = vec![paid, Loan::UNTIL_OVERDUE.of(0)];
            decision = decision.because_of(Reason::CutOff { interest: late }, cells);
        }
        let subsidised = loan.subsidised;
        if subsidised >= subsidy {
            let cells = vec![Loan::SUBSIDISED.of(0)];
            decision = decision.because_of(Reason::TakenOverAlready { subsidised }, cells);
        }
        decision
    }
}

/// The interest that was paid for days before the loan was overdue.
fn in_time(settings: &Settings, loan: &Loan) -> Fen {
    if settings.cut_off {
        loan.interest_paid.min(loan.until_overdue)
    } else {
        loan.interest_paid
    }
}

/// The county's part of it, each time rounded down to the fen; none where it is too large to count.
fn taken_over(settings: &Settings, loan: &Loan, interest: Fen) -> Option<Fen> {
    let most = settings.rate_most.get();
    let within = if most > 0 && loan.rate.get() > most {
        interest.fraction(most, loan.rate.get(), Rounding::Down)?
    } else {
        interest
    };
    within.share(settings.share, Rounding::Down)
}

export_subject_policy!(Subsidy);

#[cfg(test)]
mod tests;
