//! A helper for every household that has none: the first of its village who can still take one (S4.4).

use std::collections::{BTreeMap, BTreeSet};

use lika_sdk::{
    About, Code, Decision, Facts, Group, GroupPolicy, Labels, LegalBasis, Reasons, Role, Rows,
    Settings, Shares, export_group_policy,
};

/// The policy.
pub struct Policy;

/// What a county may vary.
#[derive(Debug, Settings)]
pub struct PolicySettings {
    #[setting(
        "households-each",
        default = 5,
        min = 0,
        max = 100,
        zh = "每名帮扶人最多新增户数",
        en = "new households for each helper at most"
    )]
    each: i64,
}

/// A township with its households and helpers.
#[derive(Debug, Group)]
pub struct Area<'a> {
    #[subjects]
    households: Rows<Household<'a>>,
    helpers: Rows<Helper<'a>>,
    pairings: Rows<Pairing>,
}

/// A household.
#[derive(Debug, Facts)]
#[table("household")]
pub struct Household<'a> {
    /// Whether a member is able to work.
    #[fact("household.able-to-work")]
    able: bool,
    /// Area code of the village.
    #[fact("household.village")]
    village: Code<'a>,
}

/// A cadre who can help households.
#[derive(Debug, Facts)]
#[table("helper")]
pub struct Helper<'a> {
    /// Area code of the village; absent where the cadre belongs to none.
    #[fact("helper.village")]
    village: Option<Code<'a>>,
    /// How many more households the cadre can take; absent where only the settings limit it.
    #[fact("helper.free")]
    free: Option<i64>,
}

/// A pairing of a household with a helper.
#[derive(Debug, Facts)]
#[table("pairing", parent = "household")]
pub struct Pairing {
    /// Whether the helper is the one who answers for the household.
    #[fact("pairing.responsible")]
    responsible: bool,
}

/// What *granted* says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Labels)]
pub enum Category {
    #[label("paired", zh = "已结对", en = "paired")]
    Paired,
}

/// Why.
#[derive(Clone, Debug, PartialEq, Reasons)]
pub enum Reason {
    #[reason("has-helper", zh = "已有帮扶责任人", en = "has a responsible helper")]
    HasHelper,
    #[reason(
        "helper-proposed",
        zh = "本村有帮扶人可用",
        en = "a helper of the village is free"
    )]
    Proposed,
    #[reason(
        "nobody-free",
        zh = "本村没有可用的帮扶人",
        en = "no helper of the village is free"
    )]
    NobodyFree,
}

/// What can be proposed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Labels)]
pub enum PairingRole {
    #[label("focus", zh = "重点帮扶", en = "focus help")]
    Focus,
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

/// The passes: one, over townships.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Labels)]
pub enum Scope {
    #[label("township", zh = "乡镇", en = "township")]
    Township,
}

impl GroupPolicy for Policy {
    type Settings = PolicySettings;
    type Group<'a> = Area<'a>;
    type Category = Category;
    type Reason = Reason;
    type Role = PairingRole;
    type Scope = Scope;

    const ABOUT: About = About {
        name: "{{name}}",
        version: env!("CARGO_PKG_VERSION"),
        purpose: "pairing",
        zh: "为没有帮扶责任人的户在本村提出帮扶人",
        en: "proposes a helper of the village for every household that has none",
        // The documents that it carries out, by number and title.
        legal_basis: &[LegalBasis {
            number: None,
            title: "关于全面推进精准扶贫工作的实施意见",
        }],
    };

    fn share(
        settings: &PolicySettings,
        _: Scope,
        area: &Area<'_>,
    ) -> Shares<Category, Reason, PairingRole> {
        let mut shares = Shares::default();
        let paired: BTreeSet<u32> = area
            .pairings
            .iter()
            .filter(|(_, pairing)| pairing.responsible)
            .filter_map(|(row, _)| area.pairings.parent(row))
            .collect();
        let free = |helper: &Helper<'_>| {
            helper
                .free
                .map_or(settings.each, |free| free.min(settings.each))
        };
        let mut left: BTreeMap<u32, i64> = area
            .helpers
            .iter()
            .map(|(row, helper)| (row, free(helper)))
            .collect();
        for (household, facts) in area.households.iter() {
            if paired.contains(&household) {
                let decision = Decision::granted(Category::Paired).because(Reason::HasHelper);
                shares.decide(household, decision);
                continue;
            }
            let suits = |(row, helper): &(u32, &Helper<'_>)| {
                helper.village == Some(facts.village) && left[row] > 0
            };
            let Some((helper, _)) = area.helpers.iter().find(suits) else {
                shares.decide(household, Decision::refused().because(Reason::NobodyFree));
                continue;
            };
            left.entry(helper).and_modify(|left| *left -= 1);
            let role = if facts.able {
                PairingRole::Focus
            } else {
                PairingRole::Contact
            };
            shares.decide(household, Decision::refused().because(Reason::Proposed));
            shares.propose(role, household, helper);
        }
        shares
    }
}

export_group_policy!(Policy);

#[cfg(test)]
mod tests {
    use lika_sdk::example::{Example, recorded};

    use super::{Policy, Scope};

    /// `lika policy test` runs the component; this runs the same code without one.
    #[test]
    fn the_examples_are_decided_as_the_component_decides_them() {
        assert_eq!(
            recorded::group_differences::<Policy>("examples"),
            Vec::<String>::new()
        );
    }

    #[test]
    fn a_helper_takes_no_more_than_there_is_room_for() {
        let mut example = Example::of_group::<Policy>(Scope::Township);
        for _ in 0..2 {
            let facts = [
                ("household.able-to-work", true.into()),
                ("household.village", "360323100201".into()),
            ];
            example.row("household", None, &facts);
        }
        let helper = [
            ("helper.village", "360323100201".into()),
            ("helper.free", 1_i64.into()),
        ];
        example.row("helper", None, &helper);
        let expected = "0 refused: helper-proposed\n  focus -> helper 0\n1 refused: nobody-free\n";
        assert_eq!(example.share::<Policy>("{}"), expected);
    }
}
