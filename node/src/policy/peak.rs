//! Head-room: how near a policy came to its limits.

use super::answer::Answer;
use super::engine::Limits;
use super::evaluation::{Failure, Used};

/// A whole limit.
pub const WHOLE: u32 = 1_000_000;

/// The highest share of each limit that any of some calls took, in parts per million.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Peak {
    /// Of the fuel, which grows with the input.
    pub fuel: u32,
    /// Of the memory.
    pub memory: u32,
    /// Of what a call may hand back, which grows with the input; nothing where no answer came.
    pub output: u32,
}

impl Peak {
    /// Of one call over so many slots. A limit at which the call ended was used up, whatever was counted.
    pub(super) fn of(
        limits: &Limits,
        slots: usize,
        used: &Used,
        result: &Result<Answer, Failure>,
    ) -> Self {
        let bytes = |bytes: usize| u64::try_from(bytes).unwrap_or(u64::MAX);
        let handed_back = result.as_ref().map_or(0, Answer::bytes_handed_back);
        let mut peak = Self {
            fuel: share(used.fuel, limits.fuel_for(slots)),
            memory: share(bytes(used.memory_bytes), bytes(limits.memory_bytes)),
            output: share(bytes(handed_back), bytes(limits.output_for(slots))),
        };
        match result {
            Err(Failure::OutOfFuel) => peak.fuel = WHOLE,
            Err(Failure::OutOfMemory { .. }) => peak.memory = WHOLE,
            Err(Failure::OutputTooLarge) => peak.output = WHOLE,
            Ok(_) | Err(_) => {}
        }
        peak
    }

    /// Takes other calls in.
    pub fn raise(&mut self, other: Self) {
        let Self {
            fuel,
            memory,
            output,
        } = other;
        self.fuel = self.fuel.max(fuel);
        self.memory = self.memory.max(memory);
        self.output = self.output.max(output);
    }

    /// The shares of fuel, memory and output as `12.34 %`. Rounded up: what is not nothing is not shown as nothing.
    pub fn per_cent(self) -> [String; 3] {
        let Self {
            fuel,
            memory,
            output,
        } = self;
        [fuel, memory, output].map(|ppm| {
            let hundredths = ppm.div_ceil(100);
            format!("{}.{:02} %", hundredths / 100, hundredths % 100)
        })
    }
}

/// Rounded up: what is not nothing is not shown as nothing.
fn share(used: u64, limit: u64) -> u32 {
    let whole = u128::from(WHOLE);
    let share = (u128::from(used) * whole).div_ceil(u128::from(limit.max(1)));
    u32::try_from(share.min(whole)).unwrap_or(WHOLE)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn peak(fuel: u64, memory_bytes: usize, result: Result<(), Failure>) -> Peak {
        let limits = Limits {
            fuel: 1_000,
            fuel_per_slot: 10,
            memory_bytes: 4_000_000,
            ..Limits::default()
        };
        let used = Used { fuel, memory_bytes };
        Peak::of(&limits, 100, &used, &result.map(|()| Answer::default()))
    }

    #[test]
    fn a_share_is_of_the_limit_of_that_call() {
        let expected = Peak {
            fuel: 250_000,
            memory: 500_000,
            output: 0,
        };
        assert_eq!(peak(500, 2_000_000, Ok(())), expected);
        assert_eq!(peak(0, 0, Ok(())), Peak::default());
        assert_eq!(peak(0, 1, Ok(())).memory, 1);
        // Whatever a child tells.
        assert_eq!(peak(u64::MAX, usize::MAX, Ok(())).fuel, WHOLE);
    }

    #[test]
    fn the_limit_that_ended_a_call_was_used_up() {
        assert_eq!(peak(1, 1, Err(Failure::OutOfFuel)).fuel, WHOLE);
        let limit = 4_000_000;
        let memory = peak(1, 1, Err(Failure::OutOfMemory { limit }));
        assert_eq!((memory.fuel, memory.memory), (500, WHOLE));
        assert_eq!(peak(1, 1, Err(Failure::OutputTooLarge)).output, WHOLE);
        assert!(peak(1, 1, Err(Failure::TimedOut)).fuel < WHOLE);
    }

    #[test]
    fn the_least_share_is_shown_as_more_than_nothing() {
        let peak = Peak {
            fuel: 1,
            memory: 123_400,
            output: WHOLE,
        };
        assert_eq!(peak.per_cent(), ["0.01 %", "12.34 %", "100.00 %"]);
        assert_eq!(Peak::default().per_cent(), ["0.00 %"; 3]);
    }

    #[test]
    fn of_several_calls_the_highest_of_each_counts() {
        let mut all = peak(1_000, 0, Ok(()));
        all.raise(peak(1, 4_000_000, Ok(())));
        assert_eq!((all.fuel, all.memory, all.output), (500_000, WHOLE, 0));
    }
}
