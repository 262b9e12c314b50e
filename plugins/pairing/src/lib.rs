//! Household pairing "1+1+1" (Luxi, S4.4): a cadre of section level or above, a township
//! cadre and a village cadre for each development household; a responsible helper for every other.
//!
//! Judges how every household is paired and proposes whoever is missing, in two passes: the scarce
//! cadres of section level or above for the whole county, then township and village cadres for
//! each township.
//! Start with [`facts`] for what it reads, [`judgement`] for how it judges and [`choice`] for whom
//! it proposes.

pub mod choice;
pub mod facts;
pub mod judgement;
pub mod load;
pub mod reason;
pub mod settings;

use lika_sdk::{About, GroupPolicy, Labels, LegalBasis, Role, Shares, export_group_policy};

pub use facts::Area;
pub use reason::Reason;
pub use settings::Settings;

use judgement::Pairings;
use load::Loads;

/// The policy.
pub struct Pairing;

/// What *granted* says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Labels)]
pub enum Category {
    /// Section level or above, township and village: all three.
    #[label("fully-paired", zh = "“1+1+1”结对齐全", en = "fully paired, 1+1+1")]
    FullyPaired,
    /// A responsible helper, where no more is asked.
    #[label("paired", zh = "已结对", en = "paired")]
    Paired,
}

/// Roles of a pairing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Labels)]
pub enum PairingRole {
    /// For those able to work.
    #[label("focus", zh = "重点帮扶", en = "focus help")]
    Focus,
    /// For those without labour capacity.
    #[label("contact", zh = "联系帮扶", en = "contact help")]
    Contact,
}

impl Role for PairingRole {
    fn resource(self) -> &'static str {
        "helper"
    }

    fn capacity(self) -> Option<&'static str> {
        Some("helper.free")
    }
}

/// The passes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Labels)]
pub enum Scope {
    /// Cadres of section level or above, whose quotas cross townships.
    #[label("county", zh = "全县", en = "whole county")]
    County,
    /// Township and village cadres.
    #[label("township", zh = "乡镇", en = "township")]
    Township,
}

impl GroupPolicy for Pairing {
    type Settings = Settings;
    type Group<'a> = Area<'a>;
    type Category = Category;
    type Reason = Reason;
    type Role = PairingRole;
    type Scope = Scope;

    const ABOUT: About = About {
        name: "pairing",
        version: env!("CARGO_PKG_VERSION"),
        purpose: "pairing",
        zh: "检查每户的“1+1+1”结对帮扶，并为缺额提出帮扶人",
        en: "checks the 1+1+1 pairing of every household and proposes whoever is missing",
        legal_basis: &[LegalBasis {
            number: None,
            title: "芦溪县关于全面推进精准扶贫工作的实施意见",
        }],
    };

    fn share(
        settings: &Settings,
        scope: Scope,
        area: &Area<'_>,
    ) -> Shares<Category, Reason, PairingRole> {
        let mut shares = Shares::default();
        let mut loads = Loads::of(settings, area);
        let pairings = Pairings::of(area);
        for (household, facts) in area.households.iter() {
            if let Some(missing) = pairings.unreadable(household) {
                shares.decide(
                    household,
                    lika_sdk::Decision::undetermined(missing.to_vec()),
                );
            } else {
                shares.decide(
                    household,
                    judgement::judge(settings, area, &pairings, &loads, household, facts),
                );
            }
        }
        match scope {
            Scope::County => choice::propose_section(area, &pairings, &mut loads, &mut shares),
            Scope::Township => choice::propose_local(area, &pairings, &mut loads, &mut shares),
        }
        shares
    }
}

export_group_policy!(Pairing);

#[cfg(test)]
mod tests;
