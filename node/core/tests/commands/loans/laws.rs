//! Whatever is tried with a loan and its fund, no fen is made or lost.

use lika_core::{
    command::Registry as _,
    loan::Standing,
    record::{LoanStage, Recourse},
    value::Fen,
};
use proptest::{collection::vec, prelude::*, sample::select};

use super::*;

#[derive(Clone, Debug)]
enum Try {
    Stage(LoanStage, u32),
    Repay(u32, i64, i64),
    Subsidy(u32, i64),
    Pay(i64, &'static str),
    Recourse(u32, i64),
    Other,
}

fn day_number() -> BoxedStrategy<u32> {
    (0..640_i32)
        .prop_map(|days| day(20150101).plus_days(days).unwrap().number())
        .boxed()
}

fn any_try() -> BoxedStrategy<Try> {
    let stages = select(LoanStage::ALL.to_vec());
    let uses = select(vec!["interest-subsidy", "guarantee-payment"]);
    prop_oneof![
        3 => (stages, day_number()).prop_map(|(stage, on)| Try::Stage(stage, on)),
        3 => (day_number(), 0..600_000_i64, 0..40_000_i64)
            .prop_map(|(on, principal, interest)| Try::Repay(on, principal, interest)),
        2 => (day_number(), 1..20_000_i64).prop_map(|(on, fen)| Try::Subsidy(on, fen)),
        1 => (1..60_000_i64, uses).prop_map(|(fen, used_for)| Try::Pay(fen, used_for)),
        1 => (day_number(), 1..600_000_i64).prop_map(|(on, fen)| Try::Recourse(on, fen)),
        1 => Just(Try::Other),
    ]
    .boxed()
}

fn carry_out(county: &mut County, number: usize, tried: &Try) {
    // What is refused has written nothing, which `decide_as` sees.
    match tried {
        Try::Stage(stage, on) => {
            let officer = if number % 2 == 0 { FIRST } else { SECOND };
            advance(county, *stage, officer, *on);
        }
        Try::Repay(on, principal, interest) => {
            if principal + interest > 0 {
                repay(county, *on, *principal, *interest);
            }
        }
        Try::Subsidy(on, fen) => {
            subsidise(county, *on, *fen, None);
        }
        Try::Pay(fen, used_for) => {
            let is_paid = county.registry.current(&PAID).unwrap().is_some();
            let has = county.registry.balance(&DEPOSIT).unwrap();
            if !is_paid && has >= Fen(*fen) {
                let paid = transfer(DEPOSIT, OUTSIDE, *fen, Some(used_for));
                post(county, PAID, paid);
            }
        }
        Try::Recourse(on, fen) => {
            edit(county, FIRST, |loan| {
                loan.steps.push(step(LoanStage::Recourse, FIRST, *on));
                loan.recourse = Some(Recourse {
                    amount: Fen(*fen),
                    transfer: PAID,
                });
            });
        }
        Try::Other => {
            second_loan(county);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, ..ProptestConfig::default() })]

    #[test]
    fn a_loan_and_its_fund_stay_exact(tries in vec(any_try(), 0..30), is_lent in any::<bool>()) {
        let mut county = if is_lent { lent(150_000) } else { county(150_000) };
        for (number, tried) in tries.iter().enumerate() {
            carry_out(&mut county, number, tried);
            let own = loan(&county);
            let today = day(20161001);
            prop_assert!(own.principal_owed() >= Fen::ZERO && own.principal_owed() <= own.amount);
            if let Some(standing) = Standing::of(&own, today) {
                prop_assert!(standing.interest_owed >= Fen::ZERO);
                prop_assert!(own.subsidised() <= standing.interest_paid);
                prop_assert!(standing.overdue <= standing.owed());
                prop_assert!(standing.interest_until_overdue <= standing.interest_accrued);
                prop_assert_eq!(own.has_reached(LoanStage::Repaid) && standing.owed() > Fen::ZERO, false);
            }
            let (deposit, outside) = (
                county.registry.balance(&DEPOSIT).unwrap(),
                county.registry.balance(&OUTSIDE).unwrap(),
            );
            prop_assert_eq!(deposit.0 + outside.0, 0, "money goes from one account to another");
            if let Some(paid) = county.registry.current(&PAID).unwrap()
                && let Body::Transfer(paid) = paid.body
            {
                prop_assert!(own.counts_on(&PAID) <= paid.amount);
            }
        }
    }
}
