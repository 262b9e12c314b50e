//! Inspections: which leaves are opened, and what that finds.
//!
//! The inspector draws the leaves, after the commitment is in the log: whoever knew beforehand which are drawn would put
//! phantoms elsewhere. The same seed draws the same leaves, so that others can draw them again.

use std::collections::BTreeSet;

use sha2::{Digest as _, Sha256};

use crate::value::{Digest, Ppm};

/// What a seed is hashed with.
const DRAW_DOMAIN: &[u8] = b"lika.rollup.v1/draw\0";
/// One, with as many binary places as leave room for a factor of 64 bits.
const ONE: u128 = 1 << 63;

/// Draws leaves of a commitment, each as likely as any other: all where as many are asked for.
///
/// By Floyd's way of drawing without putting back, from `SHA-256( "lika.rollup.v1/draw" 00 ‖ seed(32) ‖ root(32) ‖
/// u64be(number of the draw) )`, its first 8 bytes; what would make a leaf likelier than others is drawn again.
pub fn draw(seed: &[u8; 32], root: &Digest, leaves: u64, many: u64) -> BTreeSet<u64> {
    let mut draws = Draws {
        seed,
        root,
        number: 0,
    };
    let mut drawn = BTreeSet::new();
    for last in leaves.saturating_sub(many)..leaves {
        let position = draws.up_to(last);
        if !drawn.insert(position) {
            drawn.insert(last);
        }
    }
    drawn
}

/// How likely it is to meet at least one of so many phantoms among the leaves when so many are opened.
///
/// That of the hypergeometric distribution, `1 - C(leaves - phantoms, opened) / C(leaves, opened)`, not that of drawing
/// with putting back. Rounded down to a millionth. More phantoms or openings than leaves count as all of them.
pub fn probability(leaves: u64, phantoms: u64, opened: u64) -> Ppm {
    let (phantoms, opened) = (phantoms.min(leaves), opened.min(leaves));
    // Either way round it is the same number; the shorter product is less work, and less is rounded.
    let (few, many) = (phantoms.min(opened), phantoms.max(opened));
    let mut missed = ONE;
    for drawn in 0..few {
        let (all, others) = (leaves - drawn, leaves.saturating_sub(many + drawn));
        missed = (missed * u128::from(others)).div_ceil(u128::from(all));
        if missed == 0 {
            break;
        }
    }
    // Each step has rounded up by less than one: a whole number of millionths is not to fall short of itself.
    let found = (ONE - missed + u128::from(few)).min(ONE) * 1_000_000 / ONE;
    Ppm(i64::try_from(found).expect("it is at most a million"))
}

struct Draws<'a> {
    seed: &'a [u8; 32],
    root: &'a Digest,
    number: u64,
}

impl Draws<'_> {
    /// A number from 0 to the last one.
    fn up_to(&mut self, last: u64) -> u64 {
        let Some(many) = last.checked_add(1) else {
            return self.next();
        };
        // The numbers above the last whole multiple would favour small remainders.
        let fair = u64::MAX - (u64::MAX % many + 1) % many;
        loop {
            let drawn = self.next();
            if drawn <= fair {
                return drawn % many;
            }
        }
    }

    fn next(&mut self) -> u64 {
        let mut hasher = Sha256::new();
        hasher.update(DRAW_DOMAIN);
        hasher.update(self.seed);
        hasher.update(self.root.0);
        hasher.update(self.number.to_be_bytes());
        self.number += 1;
        let hash: [u8; 32] = hasher.finalize().into();
        let mut first = [0; 8];
        first.copy_from_slice(&hash[..8]);
        u64::from_be_bytes(first)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn known_probabilities() {
        let check = |leaves, phantoms, opened, ppm| {
            let found = probability(leaves, phantoms, opened);
            assert_eq!(found, Ppm(ppm), "{opened} of {leaves}, {phantoms} phantoms");
        };
        // 1 - C(8,3)/C(10,3) = 1 - 56/120, 1 - C(48,5)/C(52,5) (an ace in five cards) = 1 - 1712304/2598960.
        check(10, 2, 3, 533_333);
        check(52, 4, 5, 341_158);
        // 1 - C(43,6)/C(49,6) = 1 - 6096454/13983816: a number of the lottery.
        check(49, 6, 6, 564_035);
        check(100_000, 1, 60, 600);
        check(1, 1, 1, 1_000_000);
        check(10, 3, 8, 1_000_000);
        check(10, 0, 5, 0);
        check(10, 5, 0, 0);
        check(0, 1, 1, 0);
        check(10, 11, 1, 1_000_000);
        // Rounding down: 1/3.
        check(3, 1, 1, 333_333);
    }

    /// C(n, k), exact.
    fn choose(n: u128, k: u128) -> u128 {
        (0..k).fold(1, |product, at| product * (n - at) / (at + 1))
    }

    proptest! {
        #[test]
        fn the_probability_is_that_of_the_hypergeometric_distribution(
            leaves in 1u64..60,
            phantoms in 0u64..60,
            opened in 0u64..60,
        ) {
            let (phantoms, opened) = (phantoms.min(leaves), opened.min(leaves));
            let (n, k, drawn) = (u128::from(leaves), u128::from(phantoms), u128::from(opened));
            let all = choose(n, drawn);
            let missed = if drawn > n - k { 0 } else { choose(n - k, drawn) };
            let exact = i64::try_from((all - missed) * 1_000_000 / all).unwrap();
            let found = probability(leaves, phantoms, opened).0;
            prop_assert_eq!(found, exact);
        }

        #[test]
        fn more_openings_and_more_phantoms_never_find_less(
            leaves in 1u64..5000,
            phantoms in 0u64..5000,
            opened in 0u64..5000,
        ) {
            let own = probability(leaves, phantoms, opened);
            prop_assert!(own <= probability(leaves, phantoms + 1, opened));
            prop_assert!(own <= probability(leaves, phantoms, opened + 1));
        }

        #[test]
        fn so_many_different_leaves_are_drawn(seed: [u8; 32], leaves in 0u64..300, many in 0u64..400) {
            let drawn = draw(&seed, &Digest::ZERO, leaves, many);
            prop_assert_eq!(drawn.len() as u64, many.min(leaves));
            prop_assert!(drawn.iter().all(|position| *position < leaves));
            prop_assert_eq!(&drawn, &draw(&seed, &Digest::ZERO, leaves, many));
        }
    }

    #[test]
    fn every_leaf_is_drawn_about_as_often_as_any_other() {
        let mut times = [0u32; 10];
        for number in 0..4000u32 {
            let mut seed = [0; 32];
            seed[..4].copy_from_slice(&number.to_be_bytes());
            for position in draw(&seed, &Digest::ZERO, 10, 3) {
                times[usize::try_from(position).unwrap()] += 1;
            }
        }
        // 1200 each; 29 is the standard deviation.
        assert!(
            times.iter().all(|times| (1050..1350).contains(times)),
            "{times:?}"
        );
    }

    #[test]
    fn another_commitment_draws_other_leaves() {
        let other = Digest::of(b"another");
        assert_ne!(
            draw(&[7; 32], &Digest::ZERO, 100_000, 20),
            draw(&[7; 32], &other, 100_000, 20)
        );
    }
}
