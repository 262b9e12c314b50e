//! Work, causes and income: what makes the measures of S4.10 come out.

use super::{
    dice::Dice,
    households::{Kind, SampleHousehold},
    targets::Targets,
};

const REGIONS: [&str; 5] = ["乡(镇)内", "乡(镇)外县内", "县外省内", "省外", "省外"];

/// Causes that say nothing of skill, funds, labour or schooling, and so change no count.
const NEUTRAL_CAUSES: [&str; 5] = ["交通条件落后", "缺土地", "因灾", "自身发展动力不足", "缺水"];

/// Gives work, causes and income.
pub(super) fn label(households: &mut [SampleHousehold], targets: &Targets, dice: &mut Dice) {
    give_work(households, targets, dice);
    give_causes(households, targets, dice);
    for household in households {
        give_labour(household, dice);
        household.income = income(household, dice);
    }
}

/// All those able to work but the jobless have work.
fn give_work(households: &mut [SampleHousehold], targets: &Targets, dice: &mut Dice) {
    let mut able: Vec<(usize, usize)> = Vec::with_capacity(targets.able);
    for (at, household) in households.iter().enumerate() {
        able.extend(
            (0..household.members.len())
                .filter(|place| household.members[*place].is_able)
                .map(|p| (at, p)),
        );
    }
    dice.shuffle(&mut able);
    let workers = able.len().saturating_sub(targets.jobless);
    for (at, place) in able.into_iter().take(workers) {
        let months = u32::try_from(dice.between(3, 11)).unwrap_or(3);
        households[at].members[place].work = Some((dice.pick(&REGIONS), months));
    }
}

fn give_causes(households: &mut [SampleHousehold], targets: &Targets, dice: &mut Dice) {
    let mut order: Vec<usize> = (0..households.len()).collect();
    dice.shuffle(&mut order);
    give_cause(households, &order, "缺技术", targets.science, able);
    give_cause(
        households,
        &order,
        "缺资金",
        targets.industry - targets.science,
        |household| {
            if household.causes.is_empty() {
                able(household)
            } else {
                0
            }
        },
    );
    dice.shuffle(&mut order);
    give_cause(households, &order, "因学", targets.schooling, at_school);
    for household in households {
        give_other_causes(household, dice);
    }
}

/// Gives a cause to households until it holds for exactly so many people. Households with one such person are frequent,
/// so that the sum is met.
fn give_cause(
    households: &mut [SampleHousehold],
    order: &[usize],
    cause: &'static str,
    people: usize,
    concerned: impl Fn(&SampleHousehold) -> usize,
) {
    let mut left = people;
    for at in order {
        let concerned = concerned(&households[*at]);
        if concerned > 0 && concerned <= left {
            households[*at].causes.push(cause);
            left -= concerned;
        }
    }
}

fn give_other_causes(household: &mut SampleHousehold, dice: &mut Dice) {
    let has = |health: &str| {
        household
            .members
            .iter()
            .any(|member| member.health.contains(health))
    };
    let (has_disabled, has_ill) = (has("残疾"), has("大病") || has("慢性病"));
    if household.causes.is_empty() {
        let main = match household.kind {
            Kind::FiveGuarantee => "缺劳动力",
            _ if has_disabled => "因残",
            _ if has_ill => "因病",
            _ if able(household) == 0 => "缺劳动力",
            _ => dice.pick(&NEUTRAL_CAUSES),
        };
        household.causes.push(main);
    }
    if household.causes.len() < 3 && dice.chance(30) {
        let other = dice.pick(&NEUTRAL_CAUSES);
        if !household.causes.contains(&other) {
            household.causes.push(other);
        }
    }
}

/// Who lacks skill is ordinary labour; elsewhere some are skilled or weak.
fn give_labour(household: &mut SampleHousehold, dice: &mut Dice) {
    if household.causes.contains(&"缺技术") {
        return;
    }
    for member in household.members.iter_mut().filter(|member| member.is_able) {
        member.labour = match dice.below(100) {
            0..70 => "普通劳动力",
            70..86 => "技能劳动力",
            _ => "弱劳动力或半劳动力",
        };
    }
}

/// Wages, business, property, transfers and expenses in whole yuan; most households are under 2,736 a head.
fn income(household: &SampleHousehold, dice: &mut Dice) -> [i64; 5] {
    let per_head = if dice.chance(85) {
        dice.between(1_400, 2_700)
    } else {
        dice.between(2_900, 4_200)
    };
    let people = i64::try_from(household.members.len()).unwrap_or(1);
    let net = i64::from(per_head) * people;
    let months: u32 = household
        .members
        .iter()
        .filter_map(|member| member.work)
        .map(|(_, months)| months)
        .sum();
    let wages = (i64::from(months) * i64::from(dice.between(220, 420))).min(net / 2);
    let share = match household.kind {
        Kind::Development => dice.between(2, 10),
        Kind::DevelopmentAllowance => dice.between(20, 35),
        Kind::AllowanceOnly => dice.between(60, 80),
        Kind::FiveGuarantee => 95,
    };
    let transfers = (net * i64::from(share) / 100).min(net - wages);
    let property = (net - wages - transfers) * i64::from(dice.between(0, 5)) / 100;
    let of_business = net - wages - transfers - property;
    let expenses = of_business * i64::from(dice.between(20, 35)) / 100;
    [wages, of_business + expenses, property, transfers, expenses]
}

fn able(household: &SampleHousehold) -> usize {
    household
        .members
        .iter()
        .filter(|member| member.is_able)
        .count()
}

fn at_school(household: &SampleHousehold) -> usize {
    household
        .members
        .iter()
        .filter(|member| member.is_at_school())
        .count()
}
