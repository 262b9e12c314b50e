//! The risks of one household.

use lika_sdk::decision::{Cell, Comparison};
use lika_sdk::{Comparator, Fact, Fen, Rounding, State};

use crate::facts::{Case, Context, Household};
use crate::{Reason, Settings};

/// What was found.
#[derive(Debug, Default)]
pub struct Risks {
    /// Income, housing, water, insurance, schooling.
    pub lasting: Vec<(Reason, Vec<Cell>)>,
    /// What came suddenly.
    pub sudden: Vec<(Reason, Vec<Cell>)>,
    /// Facts without which a risk cannot be ruled out.
    pub missing: Vec<Cell>,
    /// What was compared.
    pub comparisons: Vec<Comparison>,
}

impl Risks {
    /// Looks for the risks of a household.
    pub fn of(settings: &Settings, case: &Case<'_>) -> Self {
        let mut risks = Self::default();
        let household = &case.household;
        match risks.line(settings, case) {
            Some(line) => risks.income(settings, household, line),
            None => risks.missing.push(Context::LINE.of(0)),
        }
        if settings.housing {
            let house = household.dangerous_house;
            risks.flag(
                house,
                true,
                Household::DANGEROUS_HOUSE,
                Reason::DangerousHouse,
            );
        }
        if settings.water {
            let water = household.safe_water;
            risks.flag(water, false, Household::SAFE_WATER, Reason::UnsafeWater);
        }
        if settings.insurance {
            risks.people(household.uninsured, Household::UNINSURED, |people| {
                Reason::Uninsured { people }
            });
        }
        if settings.schooling {
            risks.people(
                household.out_of_school,
                Household::OUT_OF_SCHOOL,
                |people| Reason::OutOfSchool { people },
            );
        }
        risks
    }

    fn line(&self, settings: &Settings, case: &Case<'_>) -> Option<Fen> {
        if settings.line > Fen::ZERO {
            return Some(settings.line);
        }
        case.context.line.present()
    }

    fn income(&mut self, settings: &Settings, household: &Household<'_>, line: Fen) {
        let Some(income) = household.income.present() else {
            return self.missing.push(Household::INCOME.of(0));
        };
        let cell = Household::INCOME.of(0);
        let comparison = cell.compared(Comparator::Less, income.get(), line.get());
        self.comparisons.push(comparison);
        if comparison.holds() {
            let reason = Reason::IncomeUnderLine { income, line };
            return self.lasting.push((reason, vec![cell]));
        }
        if settings.hardship {
            self.hardship(household, line);
        }
    }

    /// Only an income that would do by itself can be brought under the line suddenly.
    fn hardship(&mut self, household: &Household<'_>, line: Fen) {
        let cell = Household::HARDSHIP.of(0);
        let (net, persons) = (household.net.present(), household.persons.present());
        let (Some(expenses), Some(net), Some(persons)) =
            (household.hardship.present(), net, persons)
        else {
            return self.missing.push(cell);
        };
        let left = net.checked_sub(expenses);
        let left = left.and_then(|left| left.fraction(1, persons, Rounding::Down));
        let Some(left) = left else {
            return self.missing.push(Household::PERSONS.of(0));
        };
        // In the fact's own terms: what is left a head is under the line when the expenses take more than stands over
        // the line of everybody together.
        let over = line.checked_mul(persons);
        let Some(over) = over.and_then(|all| net.checked_sub(all)) else {
            return self.missing.push(Household::PERSONS.of(0));
        };
        let comparison = cell.compared(Comparator::Greater, expenses.get(), over.get());
        self.comparisons.push(comparison);
        if comparison.holds() {
            let reason = Reason::Hardship {
                expenses,
                left,
                line,
            };
            self.sudden.push((reason, vec![cell, Household::NET.of(0)]));
        }
    }

    fn flag(&mut self, flag: State<bool>, risk: bool, fact: Fact, reason: Reason) {
        match flag {
            State::Present(flag) if flag == risk => self.lasting.push((reason, vec![fact.of(0)])),
            State::Present(_) => {}
            _ => self.missing.push(fact.of(0)),
        }
    }

    fn people(&mut self, people: State<i64>, fact: Fact, reason: fn(i64) -> Reason) {
        let Some(people) = people.present() else {
            return self.missing.push(fact.of(0));
        };
        let comparison = fact.of(0).compared(Comparator::Greater, people, 0);
        self.comparisons.push(comparison);
        if comparison.holds() {
            self.lasting.push((reason(people), vec![fact.of(0)]));
        }
    }
}
