//! The rules, by their numbers in DOMAIN.

use lika_sdk::decision::{Cell, Comparison};
use lika_sdk::{Comparator, Fact, Fen, State};

use crate::facts::{Case, Cause, Context, Household, Measure, Pairing};
use crate::{Reason, Settings};

/// Half a year, after which a helper has to have been there.
const HALF_A_YEAR: i64 = 6;

/// The measures by which a household works its way out (S4.10); the others protect or accompany it.
const DEVELOPMENT: [&str; 5] = ["industry", "relocation", "employment", "finance", "science"];

/// What the rules have found.
#[derive(Debug, Default)]
pub struct Findings {
    /// What does not fit.
    pub found: Vec<(Reason, Vec<Cell>)>,
    /// What a rule needs to know and does not.
    pub missing: Vec<Cell>,
    /// What was compared.
    pub comparisons: Vec<Comparison>,
}

impl Findings {
    /// Runs the rules over a household.
    pub fn of(settings: &Settings, case: &Case<'_>) -> Self {
        let mut findings = Self::default();
        // Who has exited and is not monitored; who is still registered as poor is helped.
        if case.household.registered_type.0 == "exited" {
            if settings.guarantees {
                findings.guarantees(&case.household);
            }
            if settings.income {
                findings.income(settings, case);
            }
        }
        if settings.removal && case.household.risk_removed == Some(true) {
            findings.removal(settings, case);
        }
        if settings.labour {
            findings.labour(case);
        }
        if settings.measures {
            findings.measures(case);
        }
        if settings.visits {
            findings.visits(settings, case);
        }
        if settings.totals {
            findings.totals(&case.household);
        }
        findings
    }

    fn guarantees(&mut self, household: &Household<'_>) {
        self.flag(
            household.dangerous_house,
            true,
            Household::DANGEROUS_HOUSE,
            Reason::DangerousHouse,
        );
        self.flag(
            household.safe_water,
            false,
            Household::SAFE_WATER,
            Reason::UnsafeWater,
        );
        self.people(household.uninsured, Household::UNINSURED, |people| {
            Reason::Uninsured { people }
        });
        self.people(
            household.out_of_school,
            Household::OUT_OF_SCHOOL,
            |people| Reason::OutOfSchool { people },
        );
    }

    fn income(&mut self, settings: &Settings, case: &Case<'_>) {
        let line = if settings.line > Fen::ZERO {
            Some(settings.line)
        } else {
            case.context.line.present()
        };
        let Some(line) = line else {
            return self.missing.push(Context::LINE.of(0));
        };
        let cell = Household::INCOME.of(0);
        let Some(income) = case.household.income.present() else {
            return self.missing.push(cell);
        };
        let is_under = self.compare(cell, Comparator::Less, income.get(), line.get());
        if is_under {
            let reason = Reason::IncomeUnderLine { income, line };
            self.found.push((reason, vec![cell]));
        }
    }

    fn removal(&mut self, settings: &Settings, case: &Case<'_>) {
        let household = &case.household;
        let removed = Household::RISK_REMOVED.of(0);
        let open = [
            (
                household.dangerous_house.present(),
                Household::DANGEROUS_HOUSE,
            ),
            (
                household.safe_water.present().map(|flag| !flag),
                Household::SAFE_WATER,
            ),
            (
                household.out_of_school.present().map(|people| people > 0),
                Household::OUT_OF_SCHOOL,
            ),
        ];
        let still: Vec<Cell> = open
            .iter()
            .filter(|(is_open, _)| *is_open == Some(true))
            .map(|(_, fact)| fact.of(0))
            .collect();
        if still.is_empty() {
            let unknown = open.iter().filter(|(is_open, _)| is_open.is_none());
            self.missing.extend(unknown.map(|(_, fact)| fact.of(0)));
        } else {
            let cells = [vec![removed], still].concat();
            self.found.push((Reason::RemovedWhileOpen, cells));
        }
        self.too_soon(settings, case);
        let has_development = case
            .measures
            .iter()
            .any(|measure| DEVELOPMENT.contains(&measure.code.0));
        if !has_development {
            self.found
                .push((Reason::RemovedWithoutMeasure, vec![removed]));
        }
    }

    /// The day of the removal is nobody's record: what is marked within the months was removed within them.
    fn too_soon(&mut self, settings: &Settings, case: &Case<'_>) {
        let months = settings.removal_months;
        if months == 0 {
            return;
        }
        let cell = Household::IDENTIFIED_ON.of(0);
        let Some(since) = case.household.identified_on.present() else {
            return self.missing.push(cell);
        };
        let earliest = case.context.as_of.plus_months(-months);
        let is_late_enough = self.compare(cell, Comparator::AtMost, since.days(), earliest.days());
        if !is_late_enough {
            let reason = Reason::RemovedTooSoon { since, months };
            self.found.push((reason, vec![cell]));
        }
    }

    fn labour(&mut self, case: &Case<'_>) {
        // Without any cause nothing is claimed.
        if case.causes.is_empty() {
            return;
        }
        let able = Household::ABLE_TO_WORK.of(0);
        let lacking = case
            .causes
            .iter()
            .position(|cause| cause.code.0 == "labour");
        match (case.household.able_to_work.present(), lacking) {
            (Some(true), Some(row)) => {
                let row = u32::try_from(row).unwrap_or(0);
                let cells = vec![Cause::CODE.of(row), able];
                self.found.push((Reason::LackingThoughAble, cells));
            }
            (Some(false), None) => self.found.push((Reason::NobodyAble, vec![able])),
            (Some(_), _) => {}
            (None, _) => self.missing.push(able),
        }
    }

    fn measures(&mut self, case: &Case<'_>) {
        let household = &case.household;
        let is_of_allowance = matches!(
            household.registered_type.0,
            "allowance" | "allowance-only" | "development-allowance"
        );
        if is_of_allowance {
            let cell = Household::ALLOWANCE_MEMBERS.of(0);
            match household.allowance_members.present() {
                Some(members) => {
                    if !self.compare(cell, Comparator::AtLeast, members, 1) {
                        let cells = vec![Household::REGISTERED_TYPE.of(0), cell];
                        self.found.push((Reason::NobodyDraws, cells));
                    }
                }
                None => self.missing.push(cell),
            }
        }
        let employment = case
            .measures
            .iter()
            .position(|measure| measure.code.0 == "employment");
        if let Some(row) = employment {
            let cell = Household::WAGES.of(0);
            match household.wages.present() {
                Some(wages) => {
                    if !self.compare(cell, Comparator::Greater, wages.get(), 0) {
                        let row = u32::try_from(row).unwrap_or(0);
                        let cells = vec![Measure::CODE.of(row), cell];
                        self.found.push((Reason::NoWages, cells));
                    }
                }
                None => self.missing.push(cell),
            }
        }
    }

    /// Whoever has not been paired for half a year cannot have stayed away for one.
    fn visits(&mut self, settings: &Settings, case: &Case<'_>) {
        let half_year_ago = case.context.as_of.plus_months(-HALF_A_YEAR);
        let need = settings.visits_in_half_year;
        for (row, pairing) in (0_u32..).zip(&case.pairings) {
            if pairing.since > half_year_ago {
                continue;
            }
            let (cell, visits) = (Pairing::VISITS.of(row), pairing.visits);
            if !self.compare(cell, Comparator::AtLeast, visits, need) {
                self.found
                    .push((Reason::NoVisit { visits, need }, vec![cell]));
            }
        }
    }

    fn totals(&mut self, household: &Household<'_>) {
        // Without a statement there is nothing to add up.
        let Some(counted) = household.income_persons.present() else {
            return;
        };
        let (cell, members) = (Household::INCOME_PERSONS.of(0), household.persons);
        if !self.compare(cell, Comparator::Equal, counted, members) {
            let cells = vec![cell, Household::PERSONS.of(0)];
            self.found
                .push((Reason::PeopleDiffer { counted, members }, cells));
        }
    }

    fn flag(&mut self, flag: State<bool>, fault: bool, fact: Fact, reason: Reason) {
        match flag.present() {
            Some(flag) if flag == fault => self.found.push((reason, vec![fact.of(0)])),
            Some(_) => {}
            None => self.missing.push(fact.of(0)),
        }
    }

    fn people(&mut self, people: State<i64>, fact: Fact, reason: fn(i64) -> Reason) {
        let Some(people) = people.present() else {
            return self.missing.push(fact.of(0));
        };
        if !self.compare(fact.of(0), Comparator::AtMost, people, 0) {
            self.found.push((reason(people), vec![fact.of(0)]));
        }
    }

    /// Compares, keeps what was compared, and says whether it holds.
    fn compare(&mut self, cell: Cell, comparator: Comparator, value: i64, threshold: i64) -> bool {
        let comparison = cell.compared(comparator, value, threshold);
        self.comparisons.push(comparison);
        comparison.holds()
    }
}
