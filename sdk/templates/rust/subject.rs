//! Whether a household is visited as often as it should be: at least monthly (S4.4), and more often where somebody is
//! able to work.

use lika_sdk::decision::Comparison;
use lika_sdk::{
    About, Comparator, Decision, Facts, Labels, LegalBasis, Reasons, Settings, Subject,
    SubjectPolicy, export_subject_policy,
};

/// The policy.
pub struct Policy;

/// What a county may vary.
#[derive(Debug, Settings)]
pub struct PolicySettings {
    #[setting(
        "visits-able",
        default = 2,
        min = 0,
        max = 31,
        zh = "有劳动能力户每月走访次数",
        en = "visits a month to a household that is able to work"
    )]
    able: i64,
    #[setting(
        "visits-others",
        default = 1,
        min = 0,
        max = 31,
        zh = "其他户每月走访次数",
        en = "visits a month to any other household"
    )]
    others: i64,
}

/// A household with its pairings.
#[derive(Debug, Subject)]
pub struct Case {
    household: Household,
    pairings: Vec<Pairing>,
}

/// A household.
#[derive(Debug, Facts)]
#[table("household")]
pub struct Household {
    /// Whether a member is able to work.
    #[fact("household.able-to-work")]
    able: bool,
}

/// A pairing of the household with a helper.
#[derive(Debug, Facts)]
#[table("pairing", parent = "household")]
pub struct Pairing {
    /// Visits of the helper in the month that ends with the day of judging.
    #[fact("pairing.visits-in-month", monotone = "increasing")]
    visits: i64,
}

/// What *granted* says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Labels)]
pub enum Category {
    #[label("focus-help", zh = "重点帮扶到位", en = "focus help is given")]
    Focus,
    #[label("contact-help", zh = "联系帮扶到位", en = "contact help is given")]
    Contact,
}

/// Why.
#[derive(Clone, Debug, PartialEq, Reasons)]
pub enum Reason {
    #[reason(
        "visited",
        zh = "本月走访 {visits} 次，应走访 {needed} 次",
        en = "{visits} visits this month, {needed} are needed"
    )]
    Visited { visits: i64, needed: i64 },
    #[reason(
        "visited-too-rarely",
        zh = "本月只走访 {visits} 次，应走访 {needed} 次",
        en = "only {visits} visits this month, {needed} are needed"
    )]
    TooRarely { visits: i64, needed: i64 },
    #[reason(
        "no-helper",
        zh = "没有帮扶人",
        en = "nobody is paired with the household"
    )]
    NoHelper,
}

impl SubjectPolicy for Policy {
    type Settings = PolicySettings;
    type Subject<'a> = Case;
    type Category = Category;
    type Reason = Reason;

    const ABOUT: About = About {
        name: "{{name}}",
        version: env!("CARGO_PKG_VERSION"),
        purpose: "supervision",
        zh: "检查每户每月走访次数",
        en: "checks how often each household is visited",
        // The documents that it carries out, by number and title.
        legal_basis: &[LegalBasis {
            number: None,
            title: "关于全面推进精准扶贫工作的实施意见",
        }],
    };

    fn judge(settings: &PolicySettings, case: &Case) -> Decision<Category, Reason> {
        if case.pairings.is_empty() {
            return Decision::refused().because(Reason::NoHelper);
        }
        let visits = case.pairings.iter().map(|pairing| pairing.visits).sum();
        let (needed, category) = match case.household.able {
            true => (settings.able, Category::Focus),
            false => (settings.others, Category::Contact),
        };
        let comparison = Comparison {
            cell: Pairing::VISITS.of(0),
            comparator: Comparator::AtLeast,
            value: visits,
            threshold: needed,
        };
        let mut facts = vec![Household::ABLE.of(0)];
        facts.extend(
            (0..)
                .zip(&case.pairings)
                .map(|(row, _)| Pairing::VISITS.of(row)),
        );
        let decision = if comparison.holds() {
            Decision::granted(category).because_of(Reason::Visited { visits, needed }, facts)
        } else {
            Decision::refused().because_of(Reason::TooRarely { visits, needed }, facts)
        };
        decision.compared(comparison)
    }
}

export_subject_policy!(Policy);

#[cfg(test)]
mod tests {
    use lika_sdk::example::{Example, recorded};

    use super::Policy;

    /// `lika policy test` runs the component; this runs the same code without one.
    #[test]
    fn the_examples_are_decided_as_the_component_decides_them() {
        assert_eq!(
            recorded::subject_differences::<Policy>("examples"),
            Vec::<String>::new()
        );
    }

    #[test]
    fn a_household_that_is_able_to_work_is_visited_twice() {
        let mut example = Example::of_subjects::<Policy>();
        for visits in [2_i64, 1] {
            let able = ("household.able-to-work", true.into());
            let household = example.row("household", None, &[able]);
            let visits = ("pairing.visits-in-month", visits.into());
            example.row("pairing", Some(household), &[visits]);
        }
        let expected = "0 focus-help: visited\n1 refused: visited-too-rarely\n";
        assert_eq!(example.judge::<Policy>("{}"), expected);
    }
}
