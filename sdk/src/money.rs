//! Money in fen and shares in parts per million. Nothing overflows silently, nothing rounds unasked.

use std::fmt;

/// An amount of money in fen (1/100 yuan).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fen(i64);

/// Parts per million.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Ppm(i64);

/// What happens to what is less than a fen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rounding {
    /// Towards the smaller amount.
    Down,
    /// Towards the larger amount.
    Up,
    /// To the nearest fen, half a fen away from zero.
    HalfUp,
}

impl Fen {
    /// No money.
    pub const ZERO: Self = Self(0);

    /// So many fen.
    pub const fn new(fen: i64) -> Self {
        Self(fen)
    }

    /// So many yuan; none where the amount is too large.
    pub const fn from_yuan(yuan: i64) -> Option<Self> {
        match yuan.checked_mul(100) {
            Some(fen) => Some(Self(fen)),
            None => None,
        }
    }

    /// The amount in fen.
    pub const fn get(self) -> i64 {
        self.0
    }

    /// The sum; none where it is too large.
    pub fn checked_add(self, other: Self) -> Option<Self> {
        self.0.checked_add(other.0).map(Self)
    }

    /// The difference; none where it is too large.
    pub fn checked_sub(self, other: Self) -> Option<Self> {
        self.0.checked_sub(other.0).map(Self)
    }

    /// So many times the amount; none where it is too large.
    pub fn checked_mul(self, count: i64) -> Option<Self> {
        self.0.checked_mul(count).map(Self)
    }

    /// `numerator / denominator` of the amount; none where the denominator is zero or the result
    /// is too large.
    ///
    /// ```
    /// use lika_sdk::{Fen, Rounding};
    ///
    /// // S2.4: the equity of 62 people; shown rounded, shared by largest remainder.
    /// let equity = Fen::from_yuan(480_000).unwrap();
    /// assert_eq!(equity.fraction(1, 62, Rounding::HalfUp), Some(Fen::new(774_194)));
    /// ```
    pub fn fraction(self, numerator: i64, denominator: i64, rounding: Rounding) -> Option<Self> {
        if denominator == 0 {
            return None;
        }
        let product = i128::from(self.0) * i128::from(numerator);
        let quotient = divide(product, i128::from(denominator), rounding);
        i64::try_from(quotient).ok().map(Self)
    }

    /// This share of the amount.
    pub fn share(self, share: Ppm, rounding: Rounding) -> Option<Self> {
        self.fraction(share.0, 1_000_000, rounding)
    }
}

impl fmt::Display for Fen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let fen = self.0.unsigned_abs();
        write!(f, "{sign}{}.{:02}", fen / 100, fen % 100)
    }
}

impl Ppm {
    /// So many parts per million.
    pub const fn new(ppm: i64) -> Self {
        Self(ppm)
    }

    /// The parts per million.
    pub const fn get(self) -> i64 {
        self.0
    }
}

/// Shares a pool out by weight so that the shares add up to the pool to the fen: everybody gets
/// the share rounded down, and the fen left over go to the largest remainders, the earlier first
/// where they are equal.
///
/// None where the pool is negative, nobody has a weight, or a weight is negative.
///
/// ```
/// use lika_sdk::{Fen, share_by_largest_remainder};
///
/// let shares = share_by_largest_remainder(Fen::new(100), &[1, 1, 1]).unwrap();
/// assert_eq!(shares, [Fen::new(34), Fen::new(33), Fen::new(33)]);
/// ```
pub fn share_by_largest_remainder(pool: Fen, weights: &[i64]) -> Option<Vec<Fen>> {
    let total: i128 = weights.iter().map(|weight| i128::from(*weight)).sum();
    if pool.0 < 0 || total <= 0 || weights.iter().any(|weight| *weight < 0) {
        return None;
    }
    let product = |weight: i64| i128::from(pool.0) * i128::from(weight);
    let mut shares: Vec<i64> = Vec::with_capacity(weights.len());
    for weight in weights {
        // Not above the pool, which fits.
        shares.push(i64::try_from(product(*weight) / total).ok()?);
    }
    let mut by_remainder: Vec<usize> = (0..weights.len()).collect();
    by_remainder.sort_by_key(|&index| (-(product(weights[index]) % total), index));
    let left = pool.0 - shares.iter().sum::<i64>();
    for &index in by_remainder.iter().take(usize::try_from(left).ok()?) {
        shares[index] += 1;
    }
    Some(shares.into_iter().map(Fen).collect())
}

fn divide(product: i128, denominator: i128, rounding: Rounding) -> i128 {
    let negative = (product < 0) != (denominator < 0) && product != 0;
    let (whole, rest) = (
        product / denominator,
        (product % denominator).unsigned_abs(),
    );
    match rounding {
        _ if rest == 0 => whole,
        Rounding::Down if negative => whole - 1,
        Rounding::Up if !negative => whole + 1,
        Rounding::HalfUp if rest * 2 >= denominator.unsigned_abs() => {
            whole + if negative { -1 } else { 1 }
        }
        _ => whole,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounding_is_what_it_says_on_both_sides_of_zero() {
        let third = |fen, rounding| Fen::new(fen).fraction(1, 3, rounding).unwrap().get();
        assert_eq!(
            [third(10, Rounding::Down), third(-10, Rounding::Down)],
            [3, -4]
        );
        assert_eq!([third(10, Rounding::Up), third(-10, Rounding::Up)], [4, -3]);
        assert_eq!(
            [third(10, Rounding::HalfUp), third(-11, Rounding::HalfUp)],
            [3, -4]
        );
        assert_eq!(
            Fen::new(1).fraction(1, 2, Rounding::HalfUp),
            Some(Fen::new(1))
        );
    }

    #[test]
    fn nothing_overflows_silently() {
        let most = Fen::new(i64::MAX);
        assert_eq!(most.checked_add(Fen::new(1)), None);
        assert_eq!(most.checked_mul(2), None);
        assert_eq!(most.fraction(2, 1, Rounding::Down), None);
        assert_eq!(most.fraction(1, 0, Rounding::Down), None);
    }

    #[test]
    fn shares_add_up_to_the_pool() {
        // S2.4: 62 heads in 16 households.
        let heads = [4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 3, 3];
        for pool in [0, 1, 61, 62, 48_000_000, i64::MAX] {
            let shares = share_by_largest_remainder(Fen::new(pool), &heads).unwrap();
            assert_eq!(
                shares
                    .iter()
                    .map(|share| i128::from(share.get()))
                    .sum::<i128>(),
                i128::from(pool)
            );
        }
        assert_eq!(share_by_largest_remainder(Fen::new(1), &[]), None);
        assert_eq!(share_by_largest_remainder(Fen::new(1), &[0, 0]), None);
        assert_eq!(share_by_largest_remainder(Fen::new(1), &[2, -1]), None);
    }
}
