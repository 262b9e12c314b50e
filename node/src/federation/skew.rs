//! By how much two clocks differ.
//!
//! Nothing on the link depends on it: heads and hashes order a log. But what a node records carries its time, and who
//! compares nodes must know when one of them is wrong about the day.

/// A difference that somebody should look into, in milliseconds.
pub const NOTABLE_MS: u64 = 5_000;

/// By how much the other node's clock is ahead of this node's; negative when it is behind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Skew {
    /// In milliseconds.
    pub ahead_ms: i64,
}

impl Skew {
    /// Measured by a question and its answer, all in milliseconds: the other node is taken to have read its clock half
    /// way between. None when it did not say, as in version 1.
    pub fn of_answer(asked: u64, theirs: u64, answered: u64) -> Option<Self> {
        let middle = asked.midpoint(answered.max(asked));
        Self::of_message(theirs, middle)
    }

    /// Measured by a message alone, whose way takes some of it. None when it does not say.
    pub fn of_message(theirs: u64, received: u64) -> Option<Self> {
        let ahead_ms = i64::try_from(i128::from(theirs) - i128::from(received));
        let ahead_ms = ahead_ms.unwrap_or(i64::MAX);
        (theirs != 0).then_some(Self { ahead_ms })
    }

    /// Whether somebody should look into it.
    pub fn is_notable(self) -> bool {
        self.ahead_ms.unsigned_abs() >= NOTABLE_MS
    }
}
