use lika_sdk::decision::Outcome;
use lika_sdk::{Fen, Ppm, SubjectPolicy as _};
use proptest::prelude::*;

use crate::facts::{Case, Loan};
use crate::{Category, Reason, Settings, Subsidy};

/// S0.5: all of the interest, until the loan is overdue.
fn taishun() -> Settings {
    Settings {
        share: Ppm::new(1_000_000),
        rate_most: Ppm::new(0),
        cut_off: true,
        guaranteed_only: true,
    }
}

/// 5,000 yuan for the year from 1 March 2005 at 6 % (S0.5): 304.17 yuan of interest, paid on the last day.
fn kept() -> Loan {
    Loan {
        rate: Ppm::new(60_000),
        guaranteed: true,
        interest_paid: Fen::new(30_417),
        until_overdue: Fen::new(30_417),
        subsidised: Fen::ZERO,
        blacklisted: false,
    }
}

/// The same, repaid a month late: 31 days more make it 330.00 yuan.
fn late() -> Loan {
    Loan {
        interest_paid: Fen::new(33_000),
        ..kept()
    }
}

/// The outcome, the amount and the reasons.
fn judge(settings: &Settings, loan: Loan) -> String {
    let decision = Subsidy::judge(settings, &Case { loan });
    let outcome = match decision.outcome {
        Outcome::Granted(Category::Subsidy) => "subsidy",
        Outcome::Refused => "refused",
        Outcome::Undetermined(_) => "undetermined",
    };
    let amount = decision
        .amount
        .map_or_else(String::new, |amount| format!(" {amount}"));
    let reasons = decision.reasons.iter().map(|(reason, _)| match reason {
        Reason::InterestPaid { .. } => "interest-paid",
        Reason::CutOff { .. } => "cut-off",
        Reason::TakenOverAlready { .. } => "taken-over-already",
        Reason::NoInterestPaid => "no-interest-paid",
        Reason::NotGuaranteed => "not-guaranteed",
        Reason::Blacklisted => "blacklisted",
    });
    let reasons: Vec<_> = reasons.collect();
    format!("{outcome}{amount}: {}", reasons.join(", "))
}

#[test]
fn s0_5_the_interest_that_was_paid_is_taken_over() {
    assert_eq!(judge(&taishun(), kept()), "subsidy 304.17: interest-paid");
    let half = Settings {
        share: Ppm::new(500_000),
        ..taishun()
    };
    assert_eq!(judge(&half, kept()), "subsidy 152.08: interest-paid");
    let unpaid = Loan {
        interest_paid: Fen::ZERO,
        ..kept()
    };
    assert_eq!(judge(&taishun(), unpaid), "refused: no-interest-paid");
}

#[test]
fn s0_5_nothing_is_taken_over_after_the_loan_became_overdue() {
    assert_eq!(
        judge(&taishun(), late()),
        "subsidy 304.17: interest-paid, cut-off"
    );
    let lenient = Settings {
        cut_off: false,
        ..taishun()
    };
    assert_eq!(judge(&lenient, late()), "subsidy 330.00: interest-paid");
}

#[test]
fn what_is_charged_above_the_rate_the_household_bears() {
    let capped = |rate| Settings {
        rate_most: Ppm::new(rate),
        ..taishun()
    };
    assert_eq!(
        judge(&capped(40_000), kept()),
        "subsidy 202.78: interest-paid"
    );
    assert_eq!(
        judge(&capped(60_000), kept()),
        "subsidy 304.17: interest-paid"
    );
}

#[test]
fn the_amount_is_what_is_taken_over_in_all() {
    let already = Loan {
        subsidised: Fen::new(30_417),
        ..kept()
    };
    assert_eq!(
        judge(&taishun(), already),
        "subsidy 304.17: interest-paid, taken-over-already"
    );
}

#[test]
fn s0_6_no_fund_and_no_help_is_no_subsidy() {
    let alone = Loan {
        guaranteed: false,
        ..kept()
    };
    assert_eq!(judge(&taishun(), alone), "refused: not-guaranteed");
    let blacklisted = Loan {
        blacklisted: true,
        ..kept()
    };
    assert_eq!(judge(&taishun(), blacklisted), "refused: blacklisted");
}

proptest! {
    #[test]
    fn a_subsidy_is_never_above_the_interest_and_never_falls_with_it(
        paid in 0..1_000_000_000_i64,
        more in 0..1_000_000_i64,
        until_overdue in 0..1_000_000_000_i64,
        (share, most, rate) in (0..=1_000_000_i64, 0..=1_000_000_i64, 1..=1_000_000_i64),
        cut_off in any::<bool>(),
    ) {
        let settings = Settings {
            share: Ppm::new(share),
            rate_most: Ppm::new(most),
            cut_off,
            guaranteed_only: true,
        };
        let amount = |paid: i64| {
            let loan = Loan {
                rate: Ppm::new(rate),
                interest_paid: Fen::new(paid),
                until_overdue: Fen::new(until_overdue),
                ..kept()
            };
            let decision = Subsidy::judge(&settings, &Case { loan });
            decision.amount.map_or(0, Fen::get)
        };
        let subsidy = amount(paid);
        prop_assert!(0 <= subsidy && subsidy <= paid);
        prop_assert!(!cut_off || subsidy <= until_overdue);
        prop_assert!(subsidy <= amount(paid + more));
    }
}
