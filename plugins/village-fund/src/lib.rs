//! Village funds (Luxi, S4.3): each of the three sponsoring units of a key village raises at least 50,000 yuan a year,
//! the county adds 50,000 from its industry fund, and both are planned together with the 200,000 of the village works
//! fund: 400,000 a village.
//!
//! Judges each village by itself: what is due to one is due whatever another has got, and nothing scarce is shared out.
//! Start with [`plan`] for what is due and [`facts`] for what it reads.

pub mod facts;
pub mod plan;
pub mod reason;
pub mod settings;

use lika_sdk::decision::{Cell, Comparison};
use lika_sdk::{
    About, Comparator, Decision, Fact, Fen, Labels, LegalBasis, SubjectPolicy,
    export_subject_policy,
};

pub use reason::Reason;
pub use settings::Settings;

use facts::{Case, Channel, Fund, TeamMember, Village};
use plan::{Plan, sum};

/// The policy.
pub struct VillageFund;

/// What *granted* says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Labels)]
pub enum Category {
    /// Nobody is behind.
    #[label("complete-fund", zh = "资金到位", en = "complete fund")]
    CompleteFund,
}

impl SubjectPolicy for VillageFund {
    type Settings = Settings;
    type Subject<'a> = Case<'a>;
    type Category = Category;
    type Reason = Reason;

    const ABOUT: About = About {
        name: "village-fund",
        version: env!("CARGO_PKG_VERSION"),
        purpose: "village-fund",
        zh: "核定每个重点村当年帮扶资金（帮扶单位筹集、县产业扶贫资金、村庄整治资金），并指出未到位的单位和渠道；决定金额为当年应到位总额",
        en: "yearly fund of every key village from its sponsoring units, the county's industry fund and the village works \
             fund, and who is behind with it; the amount is all that is due in the year",
        legal_basis: &[LegalBasis {
            number: None,
            title: "芦溪县关于全面推进精准扶贫工作的实施意见",
        }],
    };

    fn judge(settings: &Settings, case: &Case<'_>) -> Decision<Category, Reason> {
        if !case.village.is_key(case.context.as_of) {
            let cells = vec![Village::KEY_FROM.of(0)];
            return Decision::refused().because_of(Reason::NotKeyVillage, cells);
        }
        let plan = Plan::of(settings, case);
        let found = Found::of(settings, case, &plan);
        let decision = if found.behind.is_empty() {
            Decision::granted(Category::CompleteFund)
        } else {
            Decision::refused()
        };
        decision
            .amount(plan.total)
            .because(plan.reason(settings))
            .because_all(found.behind)
            .because_all(found.besides)
            .compared_all(found.comparisons)
    }
}

/// Who is behind, and with what.
#[derive(Default)]
struct Found {
    behind: Vec<(Reason, Vec<Cell>)>,
    besides: Vec<(Reason, Vec<Cell>)>,
    comparisons: Vec<Comparison>,
}

impl Found {
    fn of(settings: &Settings, case: &Case<'_>, plan: &Plan) -> Self {
        let mut found = Self::default();
        found.units(settings, case, plan);
        let of_county = |come, due, short| Reason::CountyBehind { come, due, short };
        found.channel(case, Channel::IndustryFund, settings.of_county, of_county);
        let of_works = |come, due, short| Reason::WorksBehind { come, due, short };
        found.channel(case, Channel::VillageWorks, settings.of_works, of_works);
        found.unattributed(case);
        found
    }

    /// Each unit answers for its own part: what one raises beyond it makes no other's good.
    fn units(&mut self, settings: &Settings, case: &Case<'_>, plan: &Plan) {
        let due = settings.per_unit;
        for (row, member) in case.sponsors() {
            let raised = member.raised.unwrap_or(Fen::ZERO);
            let Some(short) = self.compare(TeamMember::RAISED.of(row), raised, due) else {
                continue;
            };
            let reason = Reason::UnitBehind {
                unit: member.unit_name.unwrap_or_default().to_owned(),
                raised,
                due,
                short,
            };
            let cells = vec![TeamMember::UNIT_NAME.of(row), TeamMember::RAISED.of(row)];
            self.behind.push((reason, cells));
        }
        let (have, need) = (plan.sponsors, settings.units);
        let short = Fen::new(due.get().saturating_mul(need.saturating_sub(have)));
        if have < need && short > Fen::ZERO {
            let reason = Reason::MissingUnit { have, need, short };
            self.behind.push((reason, Vec::new()));
        }
    }

    fn channel(
        &mut self,
        case: &Case<'_>,
        channel: Channel,
        due: Fen,
        behind: fn(Fen, Fen, Fen) -> Reason,
    ) {
        let funds: Vec<_> = case.funds_of(channel).collect();
        let come = sum(funds.iter().map(|(_, fund)| fund.came_in));
        let cells = cells_of(&funds, Fund::CAME_IN);
        let short = match cells.first() {
            Some(cell) => self.compare(*cell, come, due),
            None => shortfall(come, due),
        };
        if let Some(short) = short {
            self.behind.push((behind(come, due, short), cells));
        }
    }

    /// Money of units that none of the sponsors has given: a person sees from whom it came.
    fn unattributed(&mut self, case: &Case<'_>) {
        let funds: Vec<_> = case.funds_of(Channel::SponsoringUnit).collect();
        let come = sum(funds.iter().map(|(_, fund)| fund.came_in));
        let raised = case.sponsors().filter_map(|(_, member)| member.raised);
        if let Some(amount) = shortfall(sum(raised), come) {
            let cells = cells_of(&funds, Fund::CAME_IN);
            let reason = Reason::FromNoSponsor { amount };
            self.besides.push((reason, cells));
        }
    }

    fn compare(&mut self, cell: Cell, come: Fen, due: Fen) -> Option<Fen> {
        let comparison = cell.compared(Comparator::AtLeast, come.get(), due.get());
        self.comparisons.push(comparison);
        shortfall(come, due)
    }
}

/// What is missing; none where nothing is.
fn shortfall(come: Fen, due: Fen) -> Option<Fen> {
    (come < due).then(|| Fen::new(due.get().saturating_sub(come.get())))
}

fn cells_of(funds: &[(u32, &Fund<'_>)], fact: Fact) -> Vec<Cell> {
    funds.iter().map(|(row, _)| fact.of(*row)).collect()
}

export_subject_policy!(VillageFund);

#[cfg(test)]
mod tests;
