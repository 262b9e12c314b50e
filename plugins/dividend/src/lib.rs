//! Dividend of a village co-operative (Sanming, S2.4): the return on the equity from poverty funds goes to
//! the poor households among the holders, as hardship aid by need and not per share, and to the village.
//!
//! The group is one co-operative. Who holds what decides who takes part; how much a household gets follows from its
//! need alone.
//! Start with [`facts`] for what it reads, [`need`] for how need is counted and [`split`] for the rules about fen that do
//! not divide.

pub mod facts;
pub mod need;
pub mod reason;
pub mod settings;
pub mod show;
pub mod split;

use lika_sdk::{
    About, Decision, Fen, GroupPolicy, Labels, LegalBasis, Shares, export_group_policy,
    label::Never,
};

pub use facts::Cooperative;
pub use reason::Reason;
pub use settings::Settings;

use facts::{Holder, Holders, Shareholding};
use split::{Parts, Split};

/// The policy.
pub struct Dividend;

/// What *granted* says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Labels)]
pub enum Category {
    /// For a household.
    #[label(
        "hardship-aid",
        zh = "困难补助、慰问",
        en = "hardship aid and consolation"
    )]
    HardshipAid,
    /// For the village.
    #[label(
        "village-income",
        zh = "村集体增收",
        en = "income of the village collective"
    )]
    VillageIncome,
}

/// The pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Labels)]
pub enum Scope {
    /// One co-operative with its holders.
    #[label("co-operative", zh = "合作社", en = "co-operative")]
    Cooperative,
}

impl GroupPolicy for Dividend {
    type Settings = Settings;
    type Group<'a> = Holders<'a>;
    type Category = Category;
    type Reason = Reason;
    type Role = Never;
    type Scope = Scope;

    const ABOUT: About = About {
        name: "dividend",
        version: env!("CARGO_PKG_VERSION"),
        purpose: "dividend",
        zh: "扶贫资金入股合作社的收益：按困难程度分给贫困户，其余归村集体",
        en: "shares the return on poverty funds in a co-operative out to poor households by need and to the village",
        legal_basis: &[LegalBasis {
            number: None,
            title: "三明市“348”精准扶贫（清流县嵩溪镇元山村创业基金合作社做法）",
        }],
    };
    const POOL: Option<&'static str> = Some("dividend.return");

    fn share(
        settings: &Settings,
        _: Scope,
        group: &Holders<'_>,
    ) -> Shares<Category, Reason, Never> {
        let mut shares = Shares::default();
        match Split::of(settings, group) {
            Ok(split) => {
                for (row, share) in group.shareholdings.iter() {
                    shares.decide(row, decide(group, &split, row, share));
                }
            }
            Err(obstacle) => {
                for (row, _) in group.shareholdings.iter() {
                    shares.decide(row, obstacle.decision());
                }
            }
        }
        shares
    }
}

fn decide(
    group: &Holders<'_>,
    split: &Split,
    row: u32,
    share: &Shareholding<'_>,
) -> Decision<Category, Reason> {
    let capital = group.cooperative.capital;
    let percent = show::percent(share.equity, capital);
    let equity = share.equity;
    if !share.poverty_fund || share.holder == Holder::Other {
        let reason = Reason::NotPovertyFund { equity, percent };
        return Decision::refused().because_of(reason, vec![Shareholding::EQUITY.of(row)]);
    }
    let Parts {
        amount,
        part,
        points,
        all_points,
        people,
        due_equity,
        per_head,
    } = split.of_row(row);
    let gain = group.cooperative.gain;
    if share.holder == Holder::VillageCollective {
        return Decision::granted(Category::VillageIncome)
            .amount(amount)
            .because_of(
                Reason::VillageEquity { equity, percent },
                vec![Shareholding::EQUITY.of(row), Cooperative::CAPITAL.of(0)],
            )
            .because_of(
                Reason::VillageIncome { gain, part, amount },
                vec![Cooperative::GAIN.of(0)],
            );
    }
    let decision = if amount == Fen::ZERO {
        Decision::refused().because(Reason::NoNeed { all_points })
    } else {
        let reason = Reason::HardshipAid {
            gain,
            part,
            points,
            all_points,
            amount,
        };
        Decision::granted(Category::HardshipAid)
            .amount(amount)
            .because_of(reason, vec![Cooperative::GAIN.of(0)])
    };
    let compared = split.comparisons(row).iter().copied();
    let decision = decision.compared_all(compared);
    let decision = decision.because_of(
        Reason::HouseholdEquity {
            people,
            equity: due_equity,
            per_head,
        },
        vec![Shareholding::EQUITY.of(row)],
    );
    if due_equity == equity {
        return decision;
    }
    let reason = Reason::EquityDiffers {
        registered: equity,
        equity: due_equity,
    };
    decision.because_of(reason, vec![Shareholding::EQUITY.of(row)])
}

export_group_policy!(Dividend);

#[cfg(test)]
mod tests;
