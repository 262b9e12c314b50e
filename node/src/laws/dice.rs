//! Choices that a case makes, drawn from a row of bytes that shrinks: used up, they are all the first one.

use lika_core::{
    codes,
    value::{Code, Date, Fen},
};

/// Bytes per step: enough for every choice of the longest command.
pub const BYTES: usize = 24;

/// What is left of the bytes of a step.
pub struct Dice<'a>(&'a [u8]);

impl<'a> Dice<'a> {
    pub fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    /// A number from 0 to below `many`; two bytes each, so that it is even enough.
    pub fn below(&mut self, many: usize) -> usize {
        let (taken, rest) = self.0.split_at(self.0.len().min(2));
        self.0 = rest;
        let number = taken
            .iter()
            .fold(0, |sum, byte| sum * 256 + usize::from(*byte));
        number % many.max(1)
    }

    /// True once in so many times, and not at all when the bytes are used up.
    pub fn once_in(&mut self, times: usize) -> bool {
        self.below(times) == times - 1
    }

    pub fn of<'t, T>(&mut self, all: &'t [T]) -> Option<&'t T> {
        all.get(self.below(all.len()))
    }

    pub fn one<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.below(all.len())]
    }

    /// A code of a list.
    pub fn code(&mut self, list: &str) -> Code {
        let entries = codes::list(list).unwrap().entries;
        entries[self.below(entries.len())].to_code()
    }

    /// A day up to so many days before another.
    pub fn before(&mut self, day: Date, most: usize) -> Date {
        let days = i32::try_from(self.below(most + 1)).unwrap();
        day.plus_days(-days).unwrap()
    }

    /// Money from one fen up.
    pub fn fen(&mut self, most: usize) -> Fen {
        Fen(i64::try_from(self.below(most) + 1).unwrap())
    }
}
