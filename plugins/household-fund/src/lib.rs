//! Household funds (Luxi, S4.5): 2,000 yuan a year for each development household that a cadre of section level or above
//! helps, half from the county's industry fund and half raised by the cadre, never for living expenses.
//!
//! The amount of a decision is what is due from the county's fund in the year, because a payment batch pays a decision's
//! amount from one fund, and whoever pays sees to it that it is paid once. What was paid by a list, without a decision, is
//! taken off. The cadre's part is told as a reason.
//! Start with [`split`] for the two parts and [`facts`] for what it reads.

pub mod facts;
pub mod reason;
pub mod settings;
pub mod split;

use lika_sdk::decision::Cell;
use lika_sdk::{About, Decision, Fen, Labels, LegalBasis, SubjectPolicy, export_subject_policy};

pub use reason::Reason;
pub use settings::Settings;

use facts::{Case, Household, HouseholdType, Pairing, Payment};
use split::Split;

/// The policy.
pub struct HouseholdFund;

/// What *granted* says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Labels)]
pub enum Category {
    /// The fund of the year is due; what was paid of it already is told.
    #[label("household-fund", zh = "到户帮扶资金", en = "household fund")]
    HouseholdFund,
}

impl SubjectPolicy for HouseholdFund {
    type Settings = Settings;
    type Subject<'a> = Case<'a>;
    type Category = Category;
    type Reason = Reason;

    const ABOUT: About = About {
        name: "household-fund",
        version: env!("CARGO_PKG_VERSION"),
        purpose: "household-fund",
        zh: "核定科级以上干部重点帮扶的扶贫开发户每年到户资金：决定金额为县产业扶贫资金当年应支付部分，干部自筹部分列入理由",
        en: "yearly fund of development households that a cadre of section level or above helps: the amount is what the \
             county's industry fund owes for the year, the part that the cadre raises is told as a reason",
        legal_basis: &[LegalBasis {
            number: None,
            title: "芦溪县关于全面推进精准扶贫工作的实施意见",
        }],
    };

    fn judge(settings: &Settings, case: &Case<'_>) -> Decision<Category, Reason> {
        let household = &case.household;
        let of_type = vec![Household::REGISTERED_TYPE.of(0)];
        let kind = match HouseholdType::of(household) {
            Some(kind) => kind,
            None => return Decision::undetermined(vec![Household::ABLE_TO_WORK.of(0)]),
        };
        match kind {
            HouseholdType::NotPoor => {
                return Decision::refused().because_of(Reason::NotRegisteredAsPoor, of_type);
            }
            kind if !settings.gives_to(kind) => {
                return Decision::refused().because_of(Reason::NotDevelopmentHousehold, of_type);
            }
            _ => {}
        }
        let Some(helper) = helper(settings, case) else {
            let helpers = (0..).zip(&case.pairings);
            let cells = helpers.map(|(row, _)| Pairing::LEVEL.of(row)).collect();
            return Decision::refused().because_of(Reason::NoSuchHelper, cells);
        };
        grant(settings, case, vec![of_type[0], helper])
    }
}

fn grant(settings: &Settings, case: &Case<'_>, why: Vec<Cell>) -> Decision<Category, Reason> {
    let Split { county, cadre } = Split::of(settings);
    let paid = paid(case, |_| true);
    let by_list = self::paid(case, |payment| !payment.decided);
    let less = |paid| county.checked_sub(paid).unwrap_or(Fen::ZERO).max(Fen::ZERO);
    let left = less(paid);
    let due = Reason::Due {
        amount: settings.amount,
        county,
        cadre,
    };
    let decision = Decision::granted(Category::HouseholdFund)
        .amount(less(by_list))
        .because_of(due, why);
    if paid == Fen::ZERO {
        return decision;
    }
    let payments = (0..).zip(&case.payments);
    let payments = payments.filter(|(_, payment)| payment.is_county());
    let cells = payments.map(|(row, _)| Payment::AMOUNT.of(row)).collect();
    decision.because_of(Reason::PaidAlready { paid, left }, cells)
}

/// What of the county's part was paid.
fn paid(case: &Case<'_>, counts: impl Fn(&Payment<'_>) -> bool) -> Fen {
    let paid = case.payments.iter();
    let paid = paid.filter(|payment| payment.is_county() && counts(payment));
    paid.fold(Fen::ZERO, |sum, payment| {
        sum.checked_add(payment.amount)
            .unwrap_or(Fen::new(i64::MAX))
    })
}

/// The level of a pairing by which the household is entitled.
fn helper(settings: &Settings, case: &Case<'_>) -> Option<Cell> {
    let mut pairings = (0..).zip(&case.pairings);
    let entitling = pairings.find(|(_, pairing)| settings.counts(pairing));
    entitling.map(|(row, _)| Pairing::LEVEL.of(row))
}

export_subject_policy!(HouseholdFund);

#[cfg(test)]
mod tests;
