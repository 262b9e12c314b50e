//! The review of one household, condition by condition.

use lika_sdk::decision::{Cell, Comparison};
use lika_sdk::{Comparator, Fact, Fen, State};

use crate::facts::Household;
use crate::{Reason, Settings};

/// What there is, what is asked, where it is from, and what is said where it is too little.
type AtLeast = (State<i64>, i64, Fact, fn(i64, i64) -> Reason);

/// What the review has found.
#[derive(Debug, Default)]
pub struct Review {
    /// The conditions that are not met.
    pub failed: Vec<(Reason, Vec<Cell>)>,
    /// Facts without which a condition cannot be judged.
    pub missing: Vec<Cell>,
    /// What was compared.
    pub comparisons: Vec<Comparison>,
}

impl Review {
    /// Reviews a household.
    pub fn of(settings: &Settings, household: &Household) -> Self {
        let mut review = Self::default();
        review.survey(settings, household);
        review.guarantees(settings, household);
        review.labour(settings, household);
        review.targets(settings, household);
        review.additions(settings, household);
        review
    }

    /// What the survey of the exit found (S4.11): an open condition stays open, whatever the other records say. A
    /// household that has left is surveyed no more.
    fn survey(&mut self, settings: &Settings, household: &Household) {
        let found = [
            (household.found_housing, Household::FOUND_HOUSING),
            (household.found_allowance, Household::FOUND_ALLOWANCE),
            (household.found_medical, Household::FOUND_MEDICAL),
            (household.found_schooling, Household::FOUND_SCHOOLING),
            (household.found_admitted, Household::FOUND_ADMITTED),
            (household.found_work, Household::FOUND_WORK),
            (household.found_skill, Household::FOUND_SKILL),
        ];
        let is_required = settings.survey_required && household.exit_year.is_none();
        for ((met, fact), condition) in found.into_iter().zip(1_i64..) {
            match met {
                State::Present(true) => {}
                State::Present(false) => {
                    let reason = Reason::SurveyFoundOpen { condition };
                    self.failed.push((reason, vec![fact.of(0)]));
                }
                _ if is_required => self.missing.push(fact.of(0)),
                _ => {}
            }
        }
    }

    /// The first five conditions of S4.11.
    fn guarantees(&mut self, settings: &Settings, household: &Household) {
        if settings.safe_housing {
            let house = household.dangerous_house;
            self.flag(
                house,
                false,
                Household::DANGEROUS_HOUSE,
                Reason::DangerousHouse,
            );
        }
        if settings.allowance {
            self.allowance(household);
        }
        if settings.medical_insurance {
            self.at_most_none(household.uninsured, Household::UNINSURED, |people| {
                Reason::Uninsured { people }
            });
        }
        if settings.schooling {
            self.at_most_none(household.drop_outs, Household::DROP_OUTS, |people| {
                Reason::DropOut { people }
            });
        }
        if settings.admitted_students {
            self.admitted(household);
        }
    }

    /// The sixth and the seventh: who cannot work is not asked for work.
    fn labour(&mut self, settings: &Settings, household: &Household) {
        let asks = settings.trained > 0 || settings.workers_away > 0 || settings.skills > 0;
        if !asks {
            return;
        }
        if !settings.labour_conditions_for_all {
            match household.able_to_work {
                State::Present(true) => {}
                State::Present(false) => return,
                _ => return self.missing.push(Household::ABLE_TO_WORK.of(0)),
            }
        }
        let rows: [AtLeast; 3] = [
            (
                household.trained,
                settings.trained,
                Household::TRAINED,
                |have, need| Reason::TooFewTrained { have, need },
            ),
            (
                household.workers_away,
                settings.workers_away,
                Household::WORKERS_AWAY,
                |have, need| Reason::TooFewWorkersAway { have, need },
            ),
            (
                household.skills,
                settings.skills,
                Household::SKILLS,
                |have, need| Reason::TooFewSkills { have, need },
            ),
        ];
        for (have, need, fact, reason) in rows {
            self.at_least(have, need, fact, reason);
        }
    }

    /// The targets of S3.3.
    fn targets(&mut self, settings: &Settings, household: &Household) {
        let fen = |amount: State<Fen>| match amount {
            State::Present(amount) => State::Present(amount.get()),
            _ => State::Unknown,
        };
        self.at_least(
            fen(household.income),
            settings.income_per_head.get(),
            Household::INCOME,
            |income, need| Reason::IncomeTooLow {
                income: Fen::new(income),
                need: Fen::new(need),
            },
        );
        self.at_least(
            fen(household.village_income),
            settings.village_collective_income.get(),
            Household::VILLAGE_INCOME,
            |income, need| Reason::VillageIncomeTooLow {
                income: Fen::new(income),
                need: Fen::new(need),
            },
        );
    }

    /// What a county adds.
    fn additions(&mut self, settings: &Settings, household: &Household) {
        let rows = [
            (
                settings.safe_water,
                household.safe_water,
                Household::SAFE_WATER,
                Reason::UnsafeWater,
            ),
            (
                settings.electricity,
                household.electricity,
                Household::ELECTRICITY,
                Reason::NoElectricity,
            ),
            (
                settings.toilet,
                household.toilet,
                Household::TOILET,
                Reason::NoToilet,
            ),
            (
                settings.road,
                household.road,
                Household::ROAD,
                Reason::NoRoad,
            ),
            (
                settings.broadband,
                household.broadband,
                Household::BROADBAND,
                Reason::NoBroadband,
            ),
        ];
        for (is_asked, flag, fact, reason) in rows {
            if is_asked {
                self.flag(flag, true, fact, reason);
            }
        }
        let (area, need) = (household.house_area, settings.house_area);
        self.at_least(area, need, Household::HOUSE_AREA, |have, need| {
            Reason::HouseTooSmall { have, need }
        });
    }

    fn allowance(&mut self, household: &Household) {
        let entitled = Household::ALLOWANCE_ENTITLED.of(0);
        let drawing = Household::ALLOWANCE_MEMBERS.of(0);
        match (household.allowance_entitled, household.allowance_members) {
            (State::Present(false), _) => {}
            (_, State::Present(members)) if members > 0 => {}
            (State::Present(true), State::Present(_)) => {
                self.failed
                    .push((Reason::NoAllowance, vec![entitled, drawing]));
            }
            (State::Present(true), _) => self.missing.push(drawing),
            _ => self.missing.push(entitled),
        }
    }

    fn admitted(&mut self, household: &Household) {
        let (admitted, supported) = (household.admitted, household.admitted_supported);
        match (admitted, supported) {
            // Nobody was admitted, so nobody has to be supported.
            (State::Present(0), _) => {}
            (State::Present(admitted), supported) => {
                let fact = Household::ADMITTED_SUPPORTED;
                self.at_least(supported, admitted, fact, |supported, admitted| {
                    Reason::StudentUnsupported {
                        admitted,
                        supported,
                    }
                });
            }
            _ => self.missing.push(Household::ADMITTED.of(0)),
        }
    }

    fn flag(&mut self, flag: State<bool>, wanted: bool, fact: Fact, reason: Reason) {
        match flag {
            State::Present(flag) if flag == wanted => {}
            State::Present(_) => self.failed.push((reason, vec![fact.of(0)])),
            _ => self.missing.push(fact.of(0)),
        }
    }

    fn at_most_none(&mut self, people: State<i64>, fact: Fact, reason: fn(i64) -> Reason) {
        self.compare(people, Comparator::AtMost, 0, fact, |people, _| {
            reason(people)
        });
    }

    /// A need of nothing asks for nothing.
    fn at_least(
        &mut self,
        have: State<i64>,
        need: i64,
        fact: Fact,
        reason: impl Fn(i64, i64) -> Reason,
    ) {
        if need > 0 {
            self.compare(have, Comparator::AtLeast, need, fact, reason);
        }
    }

    fn compare(
        &mut self,
        have: State<i64>,
        comparator: Comparator,
        threshold: i64,
        fact: Fact,
        reason: impl Fn(i64, i64) -> Reason,
    ) {
        let State::Present(value) = have else {
            return self.missing.push(fact.of(0));
        };
        let comparison = fact.of(0).compared(comparator, value, threshold);
        if !comparison.holds() {
            self.failed
                .push((reason(value, threshold), vec![fact.of(0)]));
        }
        self.comparisons.push(comparison);
    }
}
