//! What speaks against an application.

use lika_sdk::decision::{Cell, Comparison};
use lika_sdk::{Comparator, Fact, Ppm, State};

use crate::facts::Application;
use crate::{Reason, Settings};

/// What was found.
#[derive(Debug, Default)]
pub struct Terms {
    /// What speaks against it.
    pub against: Vec<(Reason, Vec<Cell>)>,
    /// Facts without which nothing can be said for it.
    pub missing: Vec<Cell>,
    /// What was compared.
    pub comparisons: Vec<Comparison>,
}

impl Terms {
    /// Holds an application against the settings.
    pub fn of(settings: &Settings, application: &Application) -> Self {
        let mut terms = Self::default();
        terms.amount(settings, application);
        terms.term_and_rate(settings, application);
        terms.guarantor(settings, application);
        terms.fund(settings, application);
        terms.past(settings, application);
        terms
    }

    fn amount(&mut self, settings: &Settings, application: &Application) {
        let (amount, owed) = (application.amount, application.owed);
        let (least, most) = (settings.amount_least, settings.amount_most);
        let cell = Application::AMOUNT;
        if least.get() > 0 && self.is(cell, Comparator::Less, amount.get(), least.get()) {
            self.because(Reason::AmountBelowLeast { amount, least }, &[cell]);
        }
        if most.get() == 0 {
            return;
        }
        if self.is(cell, Comparator::Greater, amount.get(), most.get()) {
            self.because(Reason::AmountAboveCeiling { amount, most }, &[cell]);
        } else if settings.together {
            let free = most.get().saturating_sub(amount.get());
            if self.is(Application::OWED, Comparator::Greater, owed.get(), free) {
                let cells = [Application::OWED, cell];
                self.because(Reason::TogetherAboveCeiling { owed, most }, &cells);
            }
        }
    }

    fn term_and_rate(&mut self, settings: &Settings, application: &Application) {
        let (months, most) = (application.months, settings.months_most);
        let cell = Application::MONTHS;
        if most > 0 && self.is(cell, Comparator::Greater, months, most) {
            self.because(Reason::TermTooLong { months, most }, &[cell]);
        }
        let (rate, most) = (application.rate, settings.rate_most);
        let cell = Application::RATE;
        if most.get() > 0 && self.is(cell, Comparator::Greater, rate.get(), most.get()) {
            self.because(Reason::RateTooHigh { rate, most }, &[cell]);
        }
    }

    fn guarantor(&mut self, settings: &Settings, application: &Application) {
        if !settings.guarantor && !settings.guarantor_helps {
            return;
        }
        if !application.guarantor {
            return self.because(Reason::NoGuarantor, &[Application::GUARANTOR]);
        }
        if !settings.guarantor_helps {
            return;
        }
        let cell = Application::GUARANTOR_HELPS;
        match application.guarantor_helps {
            State::Present(true) => {}
            State::Present(false) => self.because(Reason::GuarantorDoesNotHelp, &[cell]),
            _ => self.missing.push(cell.of(0)),
        }
    }

    fn fund(&mut self, settings: &Settings, application: &Application) {
        let cell = Application::LEVERAGE;
        match application.leverage {
            State::Present(leverage) => {
                let (least, most) = (settings.leverage_least, settings.leverage_most);
                if self.is_outside(leverage, least, most) {
                    self.because(Reason::LeverageOutside { leverage }, &[cell]);
                }
            }
            State::Absent if settings.fund => self.because(Reason::NoFund, &[cell]),
            State::Absent => {}
            _ => self.missing.push(cell.of(0)),
        }
    }

    fn is_outside(&mut self, leverage: Ppm, least: Ppm, most: Ppm) -> bool {
        let cell = Application::LEVERAGE;
        let leverage = leverage.get();
        let is_less = least.get() > 0 && self.is(cell, Comparator::Less, leverage, least.get());
        let is_more = most.get() > 0 && self.is(cell, Comparator::Greater, leverage, most.get());
        is_less || is_more
    }

    fn past(&mut self, settings: &Settings, application: &Application) {
        if application.blacklisted {
            self.because(Reason::Blacklisted, &[Application::BLACKLISTED]);
        }
        if application.overdue {
            self.because(Reason::Overdue, &[Application::OVERDUE]);
        }
        let cell = Application::DEFAULTS;
        let loans = application.defaults;
        if settings.no_defaults && self.is(cell, Comparator::Greater, loans, 0) {
            self.because(Reason::InDefault { loans }, &[cell]);
        }
    }

    fn is(&mut self, fact: Fact, comparator: Comparator, value: i64, threshold: i64) -> bool {
        let comparison = fact.of(0).compared(comparator, value, threshold);
        self.comparisons.push(comparison);
        comparison.holds()
    }

    fn because(&mut self, reason: Reason, facts: &[Fact]) {
        let cells = facts.iter().map(|fact| fact.of(0)).collect();
        self.against.push((reason, cells));
    }
}
