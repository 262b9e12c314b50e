//! Scale control of identification (Tuanfeng, S1.1): of the households of a village that apply, the poorest fill what is
//! left of the year's quota; the others wait.
//!
//! The group is one village. Start with [`facts`] for what it reads and [`order`] for who comes first.

pub mod facts;
pub mod order;
pub mod reason;
pub mod settings;

use lika_sdk::{
    About, Decision, GroupPolicy, Labels, LegalBasis, Shares, State, export_group_policy,
    label::Never,
};

pub use reason::Reason;
pub use settings::Settings;

use facts::{Applicants, Village};
use order::Order;

/// The policy.
pub struct Quota;

/// What *granted* says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Labels)]
pub enum Category {
    /// It may be identified.
    #[label("within-quota", zh = "在控制规模内", en = "within the quota")]
    WithinQuota,
    /// Nobody asks.
    #[label(
        "not-applying",
        zh = "未申请识别",
        en = "has not applied for identification"
    )]
    NotApplying,
}

/// The pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Labels)]
pub enum Scope {
    /// One village.
    #[label("village", zh = "村", en = "village")]
    Village,
}

impl GroupPolicy for Quota {
    type Settings = Settings;
    type Group<'a> = Applicants<'a>;
    type Category = Category;
    type Reason = Reason;
    type Role = Never;
    type Scope = Scope;

    const ABOUT: About = About {
        name: "quota",
        version: env!("CARGO_PKG_VERSION"),
        purpose: "quota",
        zh: "按年度控制规模，由贫到次排序确定可识别的申请户",
        en: "lets the poorest applicants of a village fill what is left of the year's quota",
        legal_basis: &[LegalBasis {
            number: Some("鄂发[2014]12号"),
            title: "湖北省关于创新机制扎实推进农村扶贫开发工作的实施意见（规模控制、分级负责、精准识别）",
        }],
    };

    fn share(
        settings: &Settings,
        _: Scope,
        group: &Applicants<'_>,
    ) -> Shares<Category, Reason, Never> {
        let mut shares = Shares::default();
        let order = Order::of(settings, group);
        for (row, household) in group.households.iter() {
            let decision = if household.applied_on.is_none() {
                Decision::granted(Category::NotApplying)
            } else {
                decide(settings, &group.village, &order, row)
            };
            shares.decide(row, decision);
        }
        shares
    }
}

fn decide(
    settings: &Settings,
    village: &Village,
    order: &Order,
    row: u32,
) -> Decision<Category, Reason> {
    let quota = match village.quota {
        State::Present(quota) => quota,
        _ => return Decision::undetermined(vec![Village::QUOTA.of(0)]),
    };
    let Some(rank) = order.rank(row) else {
        return Decision::undetermined(vec![facts::Household::INCOME.of(row)]);
    };
    let used = vec![Village::QUOTA.of(0), Village::IDENTIFIED.of(0)];
    let identified = village.identified;
    let left = quota
        .saturating_add(settings.tolerance)
        .saturating_sub(identified)
        .max(0);
    let decision = if rank <= left {
        let reason = Reason::WithinQuota { rank, left, quota };
        Decision::granted(Category::WithinQuota).because_of(reason, used)
    } else {
        let reason = Reason::BeyondQuota { rank, left, quota };
        Decision::refused().because_of(reason, used)
    };
    if identified > quota {
        let reason = Reason::Overshoot { identified, quota };
        return decision.because_of(reason, vec![Village::IDENTIFIED.of(0)]);
    }
    decision
}

export_group_policy!(Quota);

#[cfg(test)]
mod tests;
