//! The figures of the county.

use super::HOUSEHOLDS_OF_LUXI;

/// Figures of Luxi (S4.1, S4.10), scaled to another number of households.
#[derive(Clone, Copy, Debug)]
pub(super) struct Targets {
    pub(super) households: usize,
    pub(super) people: usize,
    /// People with labour capacity: those that the protection floor does not hold.
    pub(super) able: usize,
    /// Of those, the ones without work.
    pub(super) jobless: usize,
    /// Able people in households that lack skill or funds.
    pub(super) industry: usize,
    /// Able people in households that lack skill.
    pub(super) science: usize,
    /// People at school in households that are poor because of schooling.
    pub(super) schooling: usize,
    pub(super) development: usize,
    pub(super) allowance_only: usize,
    pub(super) five_guarantee: usize,
}

impl Targets {
    pub(super) fn of(households: usize) -> Self {
        let scaled =
            |figure: usize| (figure * households + HOUSEHOLDS_OF_LUXI / 2) / HOUSEHOLDS_OF_LUXI;
        let people = scaled(10_485).max(households);
        let able = people.saturating_sub(scaled(7_183)).min(people);
        let share = |percent: usize| (households * percent).div_ceil(100);
        let five_guarantee = share(8).min(households);
        let allowance_only = share(25).min(households - five_guarantee);
        Self {
            households,
            people,
            able,
            jobless: scaled(3_044).min(able),
            industry: scaled(1_166).min(able),
            science: scaled(836).min(able),
            schooling: scaled(1_017),
            // The document gives no shares. Cadres of section level or above must suffice for these (S4.4).
            development: share(22)
                .min(able)
                .min(households - five_guarantee - allowance_only),
            allowance_only,
            five_guarantee,
        }
    }
}
