//! Village teams "1+2+3" (Luxi, S4.2): per key village one county leader, two reserve
//! cadres of section level (one full, one deputy) stationed for a year, three sponsoring units.
//!
//! Judges the team of every key village of a county and proposes whoever is missing.
//! Start with [`facts`] for what it reads and [`team`] for how it judges.

pub mod facts;
pub mod reason;
pub mod settings;
pub mod team;

mod choice;

use lika_sdk::{
    About, Decision, GroupPolicy, Labels, LegalBasis, Role, Shares, export_group_policy,
};

pub use facts::County;
pub use reason::Reason;
pub use settings::Settings;

use choice::Candidates;
use team::{Need, Team};

/// The policy.
pub struct VillageTeam;

/// What *granted* says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Labels)]
pub enum Category {
    /// Complete and without a violation.
    #[label("full-team", zh = "工作队齐备", en = "full team")]
    FullTeam,
}

/// Who can be proposed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Labels)]
pub enum TeamRole {
    /// County leader.
    #[label("leader", zh = "挂点县领导", en = "county leader")]
    Leader,
    /// Reserve cadre who lives in the village for a year.
    #[label("stationed", zh = "驻村后备干部", en = "stationed reserve cadre")]
    Stationed,
    /// Sponsoring unit.
    #[label("unit", zh = "帮扶单位", en = "sponsoring unit")]
    Unit,
}

impl Role for TeamRole {
    fn resource(self) -> &'static str {
        match self {
            Self::Leader => "leader",
            Self::Stationed => "reserve-cadre",
            Self::Unit => "unit",
        }
    }

    fn capacity(self) -> Option<&'static str> {
        Some(match self {
            Self::Leader => "leader.free",
            Self::Stationed => "reserve-cadre.free",
            Self::Unit => "unit.free",
        })
    }
}

/// The passes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Labels)]
pub enum Scope {
    /// Every key village of the county at once: leaders and units are shared between them.
    #[label("county", zh = "全县", en = "whole county")]
    County,
}

impl GroupPolicy for VillageTeam {
    type Settings = Settings;
    type Group<'a> = County<'a>;
    type Category = Category;
    type Reason = Reason;
    type Role = TeamRole;
    type Scope = Scope;

    const ABOUT: About = About {
        name: "village-team",
        version: env!("CARGO_PKG_VERSION"),
        purpose: "village-team",
        zh: "检查每个重点村的“1+2+3”工作队，并为缺额提出人选",
        en: "checks the 1+2+3 team of every key village and proposes whoever is missing",
        legal_basis: &[LegalBasis {
            number: None,
            title: "芦溪县关于全面推进精准扶贫工作的实施意见",
        }],
    };

    fn share(
        settings: &Settings,
        _: Scope,
        county: &County<'_>,
    ) -> Shares<Category, Reason, TeamRole> {
        let mut shares = Shares::default();
        let mut candidates = Candidates::of(county);
        for village in by_key(county) {
            let team = Team::of(county, settings, village);
            let decision = match team {
                None => Decision::refused().because(Reason::NotKeyVillage),
                Some(mut team) => {
                    for need in team.needs(settings) {
                        propose(need, village, &mut candidates, &mut team, &mut shares);
                    }
                    decide(team)
                }
            };
            shares.decide(village, decision);
        }
        shares
    }
}

fn propose(
    need: Need,
    village: u32,
    candidates: &mut Candidates<'_>,
    team: &mut Team,
    shares: &mut Shares<Category, Reason, TeamRole>,
) {
    for _ in 0..need.count {
        match candidates.take(need.role, need.rank, village) {
            Some(resource) => shares.propose(need.role, village, resource),
            None => {
                team.nobody_free(need);
                return;
            }
        }
    }
}

fn decide(team: Team) -> Decision<Category, Reason> {
    let decision = if team.violations.is_empty() {
        Decision::granted(Category::FullTeam)
    } else {
        Decision::refused()
    };
    decision.because_all(team.violations)
}

/// Villages in the order of their keys, so that the order of the rows decides nothing.
fn by_key(county: &County<'_>) -> Vec<u32> {
    let mut villages: Vec<_> = county
        .villages
        .iter()
        .map(|(row, village)| (village.key, row))
        .collect();
    villages.sort_unstable();
    villages.into_iter().map(|(_, row)| row).collect()
}

export_group_policy!(VillageTeam);

#[cfg(test)]
mod tests;
